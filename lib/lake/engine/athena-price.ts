import type { QueryExecution } from '@aws-sdk/client-athena';
import { Decimal, decimalText } from '../../focus/decimal.ts';

/**
 * What Athena charges for SQL over data in S3: $5 per TB scanned, rounded up to the megabyte and at least 10 MB a
 * query; a cancelled query is charged for what it scanned, a failed one and DDL or EXPLAIN are not (Amazon Athena
 * pricing, "SQL queries with per-query billing", US regions, as read in November 2026; some regions cost more). A TB
 * is taken as 2^40 bytes, as AWS bills its own storage.
 */
const USD_PER_TB = new Decimal(5);
const MB = 2n ** 20n;
const MB_PER_TB = 2n ** 20n;
const LEAST_MB = 10n;

/** Dollars for an ended query, decimal text. */
export function scanUsd({ Statistics, Status, StatementType }: QueryExecution): string {
  if (Status?.State === 'FAILED' || StatementType !== 'DML') return '0';
  return usdOf(BigInt(Math.trunc(Statistics?.DataScannedInBytes ?? 0)));
}

/** Dollars for a query that scans so many bytes, decimal text. */
export function usdOf(bytes: bigint): string {
  const megabytes = (bytes + MB - 1n) / MB;
  const billed = megabytes < LEAST_MB ? LEAST_MB : megabytes;
  return decimalText(USD_PER_TB.times(billed.toString()).div(MB_PER_TB.toString()));
}
