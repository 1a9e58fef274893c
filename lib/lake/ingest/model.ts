import type { Progress } from '../../platform/progress.ts';
import type { SourceGrain } from '../../sources/model.ts';
import type { PeriodTotal } from '../model.ts';

/** One Parquet file (zstd) of rows of one billing period. */
export interface Part {
  /** Absolute path under `outDir`: `<outDir>/<YYYY-MM>/<name>.parquet`. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface ConvertedPeriod {
  /** Billing period `YYYY-MM`: the month of BillingPeriodStart, UTC. */
  readonly period: string;
  readonly rows: number;
  readonly bytes: number;
  readonly parts: readonly Part[];
  /** Exact sums by ProviderName (empty text where null) and BillingCurrency, in the order of both. */
  readonly totals: readonly PeriodTotal[];
}

/** A column of the parts and its DuckDB type: `DECIMAL(38,18)`, `TIMESTAMP`, `VARCHAR`, `BOOLEAN`. */
export interface PartColumn {
  readonly name: string;
  readonly type: string;
}

/** What the files of one delivery became. rowsIn = rowsKept + rowsRejected, rowsIn counted without DuckDB. */
export interface Converted {
  /** In order of period. */
  readonly periods: readonly ConvertedPeriod[];
  /** Every part has exactly these columns, in this order. */
  readonly columns: readonly PartColumn[];
  readonly rowsIn: number;
  readonly rowsKept: number;
  readonly rowsRejected: number;
  /** BilledCost of rejected rows by currency, where both could be read. */
  readonly rejectedMoney: readonly { readonly currency: string; readonly billed: string }[];
  /** Rejected rows whose amount or currency could not be read. */
  readonly rejectedMoneyUnread: number;
  /** NDJSON under `outDir`, one {file, line, reason, text} a rejected row; null where there are none. */
  readonly rejectsFile: string | null;
  /** Repairs by kind: `literal NULL`, `datetime with a space`, `enum casing`, `rounded to 18 places`. */
  readonly repairs: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** First ChargePeriodStart and last ChargePeriodEnd, ISO-8601 UTC; null with no rows. */
  readonly start: string | null;
  readonly asOf: string | null;
}

/** How files become parts. */
export interface ConvertOptions {
  readonly sourceId: string;
  readonly sourceType: string;
  readonly grain: SourceGrain;
  /** For scratch: spill files of DuckDB. The caller removes it. */
  readonly workDir: string;
  /** Made by `convert`, which removes it where it fails: nothing half-written stays. */
  readonly outDir: string;
  readonly now: Date;
  readonly progress: Progress;
  /** Memory that DuckDB may use, MiB; the process needs about 150 more. */
  readonly memoryMiB: number;
}
