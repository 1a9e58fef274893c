import { AI_COLUMNS, FOCUS_COLUMNS, OWN_COLUMNS, type StoredType, storedType } from '../focus/columns.ts';
import { BursarError } from '../platform/errors.ts';
import { allDimensions, type Dimensions, dimensionColumn } from './dimensions.ts';
import type { Engine } from './engine/duckdb.ts';
import type { Exported, ExportFormat } from './model.ts';
import { numberIn } from './queries/query.ts';
import { sqlName, sqlText } from './sql.ts';

interface Column {
  readonly name: string;
  readonly type: string;
}

/**
 * Writes the rows of `view` as a FOCUS 1.2 file: every mandatory and recommended column, and each other that has a value,
 * FOCUS first. What is derived (AI columns that no source stores, dimensions) is written only where it is asked for.
 * @param path a local file that does not exist yet
 * @param held columns that the source itself delivered beyond FOCUS
 */
export async function writeFocus(
  engine: Engine,
  view: string,
  path: string,
  format: ExportFormat,
  held: readonly Column[],
  attributed: Dimensions | null,
): Promise<Exported> {
  const all = [...known(held), ...(attributed === null ? [] : derived(attributed, held))];
  const counts = await engine.ask(
    view,
    `SELECT COUNT(*) AS charges, ${all.map(({ name }, at) => `COUNT(${sqlName(name)}) AS c${at}`).join(', ')} FROM costs`,
    {},
  );
  const [count = {}] = counts;
  const columns = all.filter(({ name }, at) => ALWAYS.has(name) || numberIn(count, `c${at}`) > 0);
  const select = columns.map((column) => `${valueSql(column, format)} AS ${sqlName(column.name)}`).join(', ');
  const how =
    format === 'csv'
      ? "FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"', ESCAPE '\"'"
      : 'FORMAT parquet, COMPRESSION zstd';
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

const ALWAYS = new Set([
  ...FOCUS_COLUMNS.filter(({ level }) => level !== 'conditional').map(({ name }) => name),
  'x_Source',
]);

const typed = ({ name, kind }: (typeof FOCUS_COLUMNS)[number]): Column => ({ name, type: storedType(kind) });

const fold = (name: string) => name.toLowerCase();

/** FOCUS columns, our provenance, then what the source brought, each once. */
function known(held: readonly Column[]): Column[] {
  const standard = [...FOCUS_COLUMNS, ...OWN_COLUMNS].map(typed);
  const names = new Set(standard.map(({ name }) => fold(name)));
  return [...standard, ...held.filter(({ name }) => !names.has(fold(name)))];
}

function derived(dimensions: Dimensions, held: readonly Column[]): Column[] {
  const own = new Set(held.map(({ name }) => fold(name)));
  const names = Object.keys(allDimensions(dimensions)).map(dimensionColumn);
  return [...AI_COLUMNS.map(typed), ...names.map((name) => ({ name, type: 'VARCHAR' }))].filter(
    ({ name }) => !own.has(fold(name)),
  );
}

const TYPES: ReadonlySet<string> = new Set<StoredType>(['DECIMAL(38,18)', 'TIMESTAMP', 'BOOLEAN', 'VARCHAR']);

/** CSV holds plain decimals without trailing zeros and times as FOCUS writes them (ISO 8601, UTC, a Z). */
function valueSql({ name, type }: Column, format: ExportFormat): string {
  const column = sqlName(name);
  if (format === 'parquet') return TYPES.has(type) ? column : `CAST(${column} AS VARCHAR)`;
  if (type === 'DECIMAL(38,18)') return `regexp_replace(CAST(${column} AS VARCHAR), '[.]?0+$', '')`;
  if (type === 'TIMESTAMP')
    return `regexp_replace(strftime(${column}, '%Y-%m-%dT%H:%M:%S.%fZ'), '[.]0+Z$', 'Z')`;
  return column;
}
