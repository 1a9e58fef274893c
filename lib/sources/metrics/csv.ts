import { Decimal, parseDecimal } from '../../focus/decimal.ts';
import { csvLines } from '../../platform/csv-lines.ts';
import { BursarError } from '../../platform/errors.ts';
import type { DailyMetric } from './model.ts';

/** Which file, and which of its columns; case and blanks around a name make no difference. */
export interface CsvColumns {
  /** For errors: the path as the config has it. */
  readonly shownAs: string;
  readonly date: string;
  readonly column: string;
}

/** What files write where a value is not known. */
const UNKNOWN = new Set(['', 'null', 'nan', 'na', 'n/a', 'none', '-']);
const DAY = /^(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?$/i;

/**
 * A number a day from a CSV file (RFC 4180, with or without a byte order mark). A day that comes twice is refused:
 * nobody can tell whether its rows add up or say the same. Unknown values stay gaps; a negative one is taken as it
 * is, for what is returned counts down.
 * @throws BursarError `input` with the line of what cannot be read
 */
export function dailyCsv(text: string, { shownAs, date, column }: CsvColumns): DailyMetric {
  const [head, ...body] = csvLines(text, shownAs);
  if (head === undefined) throw refused('the file is empty', shownAs);
  const names = head.cells.map(fold);
  const [dateAt, valueAt] = [date, column].map((name) =>
    columnOf(names, name, `${shownAs} line ${head.line}`),
  );
  const values = new Map<string, Decimal>();
  const lines = new Map<string, number>();
  let gaps = 0;
  let negative = 0;
  for (const { cells, line } of body) {
    const where = `${shownAs} line ${line}`;
    if (cells.length !== names.length)
      throw refused(`${cells.length} fields where the first line names ${names.length}`, where);
    const day = dayOf(cells[dateAt ?? 0] ?? '', where);
    const former = lines.get(day);
    if (former !== undefined)
      throw refused(`${day} a second time, after line ${former}`, where, 'Write one row a day.');
    lines.set(day, line);
    const value = valueOf(cells[valueAt ?? 0] ?? '', where);
    if (value === null) gaps += 1;
    else values.set(day, value);
    if (value?.isNegative() === true && !value.isZero()) negative += 1;
  }
  if (values.size === 0) throw refused('no day has a value', shownAs);
  return {
    values,
    zone: 'Days are as the file writes them; those of the bill are of UTC.',
    notes: [
      ...(gaps > 0
        ? [
            `${gaps === 1 ? '1 row' : `${gaps} rows`} of ${shownAs} ${gaps === 1 ? 'has' : 'have'} no value; a gap is no zero.`,
          ]
        : []),
      ...(negative > 0
        ? [
            `${negative === 1 ? '1 day' : `${negative} days`} of ${shownAs} ${negative === 1 ? 'is' : 'are'} negative and ${negative === 1 ? 'counts' : 'count'} so.`,
          ]
        : []),
    ],
  };
}

function columnOf(names: readonly string[], wanted: string, where: string): number {
  const [at, ...more] = names.flatMap((name, index) => (name === fold(wanted) ? [index] : []));
  if (at === undefined || more.length > 0)
    throw refused(
      `${at === undefined ? 'there is no column' : 'there are several columns'} ${wanted}`,
      where,
      `It has ${names.join(', ')}; name two of them with date and column.`,
    );
  return at;
}

function dayOf(text: string, where: string): string {
  const day = DAY.exec(text)?.[1];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`);
  // `Date` takes 30 February for 2 March.
  if (day === undefined || Number.isNaN(at) || !new Date(at).toISOString().startsWith(day))
    throw refused(
      `${JSON.stringify(text)} is no day`,
      where,
      'Write one row a day: 2026-01-31. Times within a day are not taken.',
    );
  return day;
}

function valueOf(text: string, where: string): Decimal | null {
  if (UNKNOWN.has(text.toLowerCase())) return null;
  const parsed = parseDecimal(text);
  if (!parsed.ok) throw refused(parsed.reason, where, 'Write 1234.5, without separators of thousands.');
  return new Decimal(parsed.value);
}

const fold = (name: string) => name.trim().toLowerCase();

function refused(what: string, where: string, hint?: string): BursarError {
  return new BursarError('input', what, { where, ...(hint === undefined ? {} : { hint }) });
}
