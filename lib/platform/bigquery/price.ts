/**
 * BigQuery on demand, list price in the US and EU multi-regions: $6.25 a TiB, of which the first each month is free
 * (cloud.google.com/bigquery/pricing, read in October 2026). In millionths of a dollar.
 */
const MICROS_A_TIB = 6_250_000n;
const TIB = 2n ** 40n;

/** What so many bytes cost at most, rounded up to a millionth: decimal text in US dollars. */
export function dollars(bytes: bigint): string {
  const micros = (bytes * MICROS_A_TIB + TIB - 1n) / TIB;
  const digits = micros.toString().padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
