import { AI_COLUMNS, FOCUS_COLUMNS, OWN_COLUMNS, type StoredType, storedType } from '../focus/columns.ts';
import { BursarError } from '../platform/errors.ts';
import { allDimensions, type Dimensions, dimensionColumn } from './dimensions.ts';
import type { Engine } from './engine/duckdb.ts';
import type { ExportColumn, Exported, ExportFormat, ExportOrder } from './model.ts';
import { numberIn } from './queries/query.ts';
import { sqlName, sqlText } from './sql.ts';

/**
 * Columns that a FOCUS 1.2 file of the rows of `view` needs: every mandatory and recommended one, and each other that
 * has a value, FOCUS first. What is derived (AI columns that no source stores, dimensions) is one of them only where it
 * is asked for.
 * @param held columns that the source itself delivered beyond FOCUS
 */
export async function filledColumns(
  engine: Engine,
  view: string,
  held: readonly ExportColumn[],
  attributed: Dimensions | null,
): Promise<ExportColumn[]> {
  const all = columnsOf(held, attributed);
  const counts = await engine.ask(
    view,
    `SELECT ${all.map(({ name }, at) => `COUNT(${sqlName(name)}) AS c${at}`).join(', ')} FROM costs`,
    {},
  );
  const [count = {}] = counts;
  return all.filter(({ name }, at) => ALWAYS.has(name) || numberIn(count, `c${at}`) > 0);
}

/**
 * Writes the rows of `view` as a FOCUS 1.2 file of these columns; one that the source did not deliver is empty.
 * @param path a local file that does not exist yet
 * @param held columns that the source itself delivered beyond FOCUS
 */
export async function writeFocus(
  engine: Engine,
  view: string,
  { path, format, columns }: Pick<ExportOrder, 'path' | 'format' | 'columns'>,
  held: readonly ExportColumn[],
  attributed: Dimensions | null,
): Promise<Exported> {
  const own = new Map(columnsOf(held, attributed).map((column) => [fold(column.name), column]));
  const select = columns
    .map((column) => `${valueSql(own.get(fold(column.name)), column, format)} AS ${sqlName(column.name)}`)
    .join(', ');
  const how =
    format === 'csv'
      ? "FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"', ESCAPE '\"'"
      : 'FORMAT parquet, COMPRESSION zstd';
  const [count = {}] = await engine.ask(view, 'SELECT COUNT(*) AS charges FROM costs', {});
  const [written = {}] = await engine.ask(
    view,
    `COPY (SELECT ${select} FROM costs) TO ${sqlText(path)} (${how})`,
    {},
  );
  const rows = numberIn(count, 'charges');
  if (numberIn(written, 'Count') !== rows)
    throw new BursarError('internal', `${numberIn(written, 'Count')} of ${rows} rows were written`, {
      where: path,
    });
  return { rows, columns: columns.map(({ name }) => name) };
}

/**
 * The columns of several files as one list, so that all have the same: FOCUS first, then the others in the order in
 * which they come. What is of two types is text.
 */
export function sameColumns(lists: readonly (readonly ExportColumn[])[]): ExportColumn[] {
  const found = new Map<string, ExportColumn>();
  for (const column of lists.flat()) {
    const known = found.get(fold(column.name));
    if (known === undefined) found.set(fold(column.name), column);
    else if (known.type !== column.type) found.set(fold(column.name), { ...known, type: 'VARCHAR' });
  }
  const standard = STANDARD.flatMap(({ name }) => found.get(fold(name)) ?? []);
  return [...standard, ...[...found.values()].filter((column) => !standard.includes(column))];
}

const ALWAYS = new Set([
  ...FOCUS_COLUMNS.filter(({ level }) => level !== 'conditional').map(({ name }) => name),
  'x_Source',
]);

const typed = ({ name, kind }: (typeof FOCUS_COLUMNS)[number]): ExportColumn => ({
  name,
  type: storedType(kind),
});

/** FOCUS columns and our provenance, in the order of files. */
const STANDARD = [...FOCUS_COLUMNS, ...OWN_COLUMNS].map(typed);

const fold = (name: string) => name.toLowerCase();

/** FOCUS columns, our provenance, what the source brought, and what is derived, each once. */
function columnsOf(held: readonly ExportColumn[], attributed: Dimensions | null): ExportColumn[] {
  const names = new Set(STANDARD.map(({ name }) => fold(name)));
  const brought = held.filter(({ name }) => !names.has(fold(name)));
  return [...STANDARD, ...brought, ...(attributed === null ? [] : derived(attributed, held))];
}

function derived(dimensions: Dimensions, held: readonly ExportColumn[]): ExportColumn[] {
  const own = new Set(held.map(({ name }) => fold(name)));
  const names = Object.keys(allDimensions(dimensions)).map(dimensionColumn);
  return [...AI_COLUMNS.map(typed), ...names.map((name) => ({ name, type: 'VARCHAR' }))].filter(
    ({ name }) => !own.has(fold(name)),
  );
}

const TYPES: ReadonlySet<string> = new Set<StoredType>(['DECIMAL(38,18)', 'TIMESTAMP', 'BOOLEAN', 'VARCHAR']);

/** CSV holds plain decimals without trailing zeros and times as FOCUS writes them (ISO 8601, UTC, a Z). */
function valueSql(own: ExportColumn | undefined, { type }: ExportColumn, format: ExportFormat): string {
  const wanted = TYPES.has(type) ? type : 'VARCHAR';
  if (own === undefined) return `CAST(NULL AS ${wanted})`;
  const column = sqlName(own.name);
  if (format === 'parquet') return own.type === wanted ? column : `CAST(${column} AS ${wanted})`;
  if (own.type === 'DECIMAL(38,18)') return `regexp_replace(CAST(${column} AS VARCHAR), '[.]?0+$', '')`;
  if (own.type === 'TIMESTAMP')
    return `regexp_replace(strftime(${column}, '%Y-%m-%dT%H:%M:%S.%fZ'), '[.]0+Z$', 'Z')`;
  return column;
}
