import { visible } from './names.ts';
import type { DataTable } from './table.ts';

/**
 * What a spreadsheet may take for a formula at the beginning of a cell (OWASP, "CSV Injection": equals, plus, minus,
 * at, tab, carriage return), and the forms of the first four in full width, which some programs read alike.
 */
const FORMULA = /^[=+\-@\t\r\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}]/u;

/** Where amounts are written with a comma, spreadsheets part a line at semicolons, and each part begins a cell. */
const PARTED = /;(?=[\s"']*[=+\-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}])/gu;

/** The text, no part of it behind a semicolon the beginning of a formula. */
export function withoutParted(text: string): string {
  return text.replace(PARTED, ";'");
}

/** What each file of tables for people says of itself. */
export const CSV_NOTE =
  'In CSV files, a text that a spreadsheet could take for a formula begins with an apostrophe, and hidden characters are left out. Parquet files hold every text as it is; bursar export writes the bills themselves, unchanged.';

/**
 * A table as CSV for people (RFC 4180, a header line, CRLF): amounts are plain decimals, what is not known is empty,
 * and no text is a formula. What must be faithful is in the Parquet file of the same table.
 */
export function csvForPeople({ columns, rows }: DataTable): string {
  const lines = [
    columns.map(({ id }) => id),
    ...rows.map((row) =>
      columns.map(({ kind }, at) => {
        const value = row[at] ?? null;
        if (value === null) return '';
        return kind === 'text' ? harmless(value) : value;
      }),
    ),
  ];
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

/** The text on one line with nothing hidden, an apostrophe before what could be a formula. */
function harmless(text: string): string {
  const shown = withoutParted(visible(text));
  return FORMULA.test(text) || FORMULA.test(shown.trimStart()) ? `'${shown}` : shown;
}

function quoted(text: string): string {
  return /[",\r\n']/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
