/** SQL literals and names for text of our own making: file names in the scratch folder, column names. */

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function list(items: readonly string[]): string {
  return `[${items.join(', ')}]`;
}
