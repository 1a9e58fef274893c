/** A text as a literal of standard SQL (DuckDB, Trino). */
export function sqlText(text: string): string {
  if (text.includes('\0')) throw new RangeError('a text with a NUL character cannot be a value');
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an identifier of standard SQL (DuckDB, Trino). */
export function sqlName(name: string): string {
  if (name.includes('\0')) throw new RangeError('a text with a NUL character cannot be a name');
  return `"${name.replaceAll('"', '""')}"`;
}
