import { plain } from '../digest/names.ts';
import { columns } from '../digest/terminal.ts';

const WIDEST = 60;

/** Rows for a person (`table`) or a program (`csv`, RFC 4180, values as they are). */
export function table(
  names: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
  format: string,
): string {
  if (format === 'csv')
    return [names, ...rows.map((row) => names.map((name) => text(row[name])))].map(csvLine).join('\n');
  const cells = rows.map((row) => names.map((name) => plain(text(row[name]), WIDEST)));
  const align = names.map((name): 'left' | 'right' => (isNumeric(rows, name) ? 'right' : 'left'));
  return [
    ...columns([names, ...cells], align, Number.MAX_SAFE_INTEGER),
    `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`,
  ].join('\n');
}

/** A column of numbers, with gaps perhaps. */
function isNumeric(rows: readonly Readonly<Record<string, unknown>>[], name: string): boolean {
  return (
    rows.some((row) => isNumber(row[name])) && rows.every((row) => row[name] === null || isNumber(row[name]))
  );
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function csvLine(fields: readonly string[]): string {
  return fields
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}
