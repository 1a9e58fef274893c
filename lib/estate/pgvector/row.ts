/** A text that the catalogue always has. */
export function text(row: Record<string, unknown>, key: string): string {
  const value = row[key];
  if (typeof value !== 'string') throw new TypeError(`the catalogue gave no ${key}`);
  return value;
}

export function nullable(row: Record<string, unknown>, key: string): string | null {
  return typeof row[key] === 'string' ? row[key] : null;
}

/** A count, exact up to 2^53; null where it is missing. */
export function count(row: Record<string, unknown>, key: string): number | null {
  const value = row[key];
  return value === null || value === undefined ? null : Number(value);
}
