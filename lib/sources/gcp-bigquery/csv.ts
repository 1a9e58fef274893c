import type { FileHandle } from 'node:fs/promises';
import type { Value } from '../../platform/bigquery/model.ts';

/** A CSV line (RFC 4180): every text quoted, null as an empty unquoted field. */
export function csvLine(values: readonly (string | null)[]): string {
  return `${values.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;
}

/** The rows of a page as lines; a value that is not a text is a defect of the query, which casts every one. */
export async function writeRows(file: FileHandle, rows: readonly (readonly Value[])[]): Promise<void> {
  let lines = '';
  for (const row of rows) lines += csvLine(row.map(textOrNull));
  if (lines !== '') await file.write(lines);
}

function textOrNull(value: Value): string | null {
  if (value === null || typeof value === 'string') return value;
  throw new TypeError(`a value that is no text: ${JSON.stringify(value)}`);
}
