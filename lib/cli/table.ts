import { withoutParted } from '../digest/csv.ts';
import { plain, visible } from '../digest/names.ts';
import { columns, fit, width } from '../digest/terminal.ts';
import { tableWidth } from './manners.ts';

/** A column of text is not clipped below this; a table that needs it is written as records. */
const NARROWEST = 12;
const BETWEEN = 2;
/** Of a cell that is never clipped: beyond it nothing is a name. */
const LONGEST = 4096;

/**
 * Rows for a person: `table`, or `csv` (RFC 4180) in which nothing hides and no cell is a formula. `most` is the
 * width of a table in columns of a terminal; columns of `spare` are left out, the first first, where it is too narrow
 * for all, and the last line says so; cells of `whole` are never clipped.
 */
export function table(
  names: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
  format: string,
  most = tableWidth(),
  spare: readonly string[] = [],
  whole: readonly string[] = [],
): string {
  if (format === 'csv')
    return [names, ...rows.map((row) => names.map((name) => text(row[name])))].map(csvLine).join('\n');
  const shown = (kept: readonly string[]) => ({
    kept,
    cells: [
      kept.map((name) => plain(name, most)),
      ...rows.map((row) => kept.map((name) => plain(text(row[name]), whole.includes(name) ? LONGEST : most))),
    ],
    align: kept.map((name): 'left' | 'right' => (isNumeric(rows, name) ? 'right' : 'left')),
  });
  const all = shown(names);
  const fits = ({ cells, align }: typeof all) => leveled(cells, align, most, whole) !== null;
  const fewer = spare.map((_, at) => shown(names.filter((name) => !spare.slice(0, at + 1).includes(name))));
  // Where no table fits, records have room for all.
  const { kept, cells, align } = [all, ...fewer].find(fits) ?? all;
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
  const left = names.filter((name) => !kept.includes(name));
  return [
    ...fitted(cells, align, most, whole),
    left.length === 0 ? `(${count})` : `(${count}; a wider terminal also shows ${left.join(', ')})`,
  ].join('\n');
}

/**
 * Rows (the first of them heads) as aligned columns within `most`: the widest columns of text are clipped. Figures
 * and ids never are, since half a number is another number; where that leaves too little, each row is written
 * below the other as names and values, as psql does with `\x auto`.
 */
export function fitted(
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[],
  most = tableWidth(),
  whole: readonly string[] = [],
): string[] {
  const clipped = leveled(rows, align, most, whole);
  const [head = [], ...body] = rows;
  if (clipped === null) return records(head, body, most, whole);
  const cells = rows.map((row) => row.map((cell, at) => fit(cell, clipped[at] ?? width(cell))));
  return columns(cells, align, Number.MAX_SAFE_INTEGER);
}

/** Widths of columns with which a table is at most `most` wide; null where there are none. */
function leveled(
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[],
  most: number,
  whole: readonly string[],
): number[] | null {
  const widths = align.map((_, at) => Math.max(0, ...rows.map((row) => width(row[at] ?? ''))));
  const room = most - BETWEEN * (align.length - 1);
  if (sum(widths) <= room) return widths;
  const [head = [], ...body] = rows;
  const mayClip = align.map(
    (side, at) =>
      side === 'left' &&
      head[at] !== 'id' &&
      !whole.includes(head[at] ?? '') &&
      !body.every((row) => isFigure(row[at] ?? '')),
  );
  return level(widths, mayClip, room);
}

/** Widths that fit in `room`, the widest of what may be clipped lowered first; null where that is not enough. */
function level(widths: readonly number[], mayClip: readonly boolean[], room: number): number[] | null {
  for (let most = Math.max(NARROWEST, ...widths); most >= NARROWEST; most -= 1) {
    const lowered = widths.map((each, at) => (mayClip[at] ? Math.min(each, most) : each));
    if (sum(lowered) <= room) return lowered;
  }
  return null;
}

function records(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  most: number,
  whole: readonly string[],
): string[] {
  const wide = Math.max(0, ...head.map(width));
  return rows.flatMap((row, at) => [
    fit(`-- ${at + 1} `.padEnd(Math.min(most, 40), '-'), most),
    ...head.flatMap((name, column) => {
      const cell = row[column] ?? '';
      if (cell === '') return [];
      const label = `${name}${' '.repeat(wide - width(name))}  `;
      const isWhole = isFigure(cell) || name === 'id' || whole.includes(name);
      // What is longer than the line the terminal breaks: so it is copied as one.
      return [`${label}${isWhole ? cell : fit(cell, most - width(label))}`];
    }),
  ]);
}

/** Amounts, shares, counts, days: digits, and no words but a currency's code and the few between amounts. */
function isFigure(cell: string): boolean {
  return cell === '' || !/\p{L}/u.test(cell.replaceAll(/\b(?:about|to|[A-Z]{1,3})\b/gu, ''));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((whole, each) => whole + each, 0);
}

/** A column of numbers, amounts of money or shares, with gaps perhaps. */
function isNumeric(rows: readonly Readonly<Record<string, unknown>>[], name: string): boolean {
  return (
    rows.some((row) => isAmount(row[name])) && rows.every((row) => isGap(row[name]) || isAmount(row[name]))
  );
}

/** `-12.5`, `about $1,200.50`, `~CHF 5`, `80%`. */
const AMOUNT = String.raw`(?:about |~)?[-+]?(?:[A-Z]{0,3}\p{Sc}|[A-Z]{3}\s)?\d+(?:,\d{3})*(?:\.\d+)?(?:\s?%|\s[A-Z]{3})?`;
/** Also two of them, `$1 to $2` and `$1 + $2`, and one with its share, `$1 (80%)`. */
const AMOUNTS = new RegExp(`^${AMOUNT}(?: (?:to|\\+) ${AMOUNT})*(?: \\(${AMOUNT}\\))?$`, 'u');

function isAmount(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && AMOUNTS.test(value));
}

function isGap(value: unknown): boolean {
  return value === null || value === '' || value === '-';
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a spreadsheet takes for the beginning of a formula (OWASP ASVS 5.0, 1.2.10; CWE-1236), wide forms too. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/u;
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A cell that is text to every spreadsheet where it is not a plain number, and holds nothing hidden. */
function csvCell(raw: string): string {
  const shown = withoutParted(visible(raw));
  return FORMULA.test(shown) && !NUMBER.test(shown) ? `'${shown}` : shown;
}

function csvLine(fields: readonly string[]): string {
  return fields
    .map(csvCell)
    .map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}
