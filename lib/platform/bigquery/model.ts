import type { BursarError } from '../errors.ts';
import type { Meter } from '../meter.ts';

/** A table by the three parts of its name. */
export interface TableName {
  readonly project: string;
  readonly dataset: string;
  readonly table: string;
}

/** A column of a table or an answer, in BigQuery's own words (REST reference, TableFieldSchema). */
export interface Field {
  readonly name: string;
  /** `STRING`, `FLOAT`, `NUMERIC`, `BIGNUMERIC`, `TIMESTAMP`, `RECORD` ... */
  readonly type: string;
  readonly mode: 'NULLABLE' | 'REQUIRED' | 'REPEATED';
  /** Of a RECORD. */
  readonly fields: readonly Field[];
}

export interface Table {
  readonly name: TableName;
  /** `US`, `EU`, `europe-west3`: jobs that read it must run there. */
  readonly location: string;
  /** `TABLE`, `VIEW`, `MATERIALIZED_VIEW`, `EXTERNAL` ... */
  readonly type: string;
  readonly fields: readonly Field[];
  /** How it is partitioned by time; `field` null: by the time of ingestion (`_PARTITIONTIME`). */
  readonly partition: { readonly field: string | null; readonly filterRequired: boolean } | null;
  /** Bytes that it holds; null where BigQuery does not tell (views). */
  readonly bytes: bigint | null;
}

/** One SELECT in GoogleSQL. Parameters are named (`@name`) and texts. */
export interface Statement {
  readonly sql: string;
  readonly params?: Readonly<Record<string, string | null>>;
  /** Where it runs: the location of what it reads. */
  readonly location: string;
}

/** A value as the REST API writes it: text for every scalar, so no number passes through a double. */
export type Value = string | null | readonly Value[] | { readonly [field: string]: Value };

export interface Page {
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly Value[])[];
  /** Rows of the whole answer. */
  readonly totalRows: number;
}

export interface RunOptions {
  readonly meter: Meter;
  /** The query fails before it costs anything where it would bill more than this; decimal text in BigQuery. */
  readonly maximumBytesBilled: bigint;
  readonly signal?: AbortSignal;
  /** Rows of one page; BigQuery gives fewer where a page would exceed 10 MB. */
  readonly pageRows?: number;
  /** Told once the query is done: the bytes that Google bills. */
  readonly billed?: (bytes: bigint) => void;
}

/** What of BigQuery's REST API v2 is used. Every method throws BursarError for what a person can act on. */
export interface BigQuery {
  /** Project that runs and pays for the jobs. */
  readonly project: string;
  table(name: TableName, meter: Meter, signal?: AbortSignal): Promise<Table>;
  /** Bytes that the query would read, and the columns of its answer; reads and costs nothing. */
  dryRun(
    statement: Statement,
    meter: Meter,
    signal?: AbortSignal,
  ): Promise<{ readonly bytes: bigint; readonly fields: readonly Field[] }>;
  /** The answer, a page at a time. Ending the iteration early or aborting cancels a job that still runs. */
  run(statement: Statement, options: RunOptions): AsyncGenerator<Page, void, void>;
}

/** A failure of a call, with BigQuery's own words of the reason: `bytesBilledLimitExceeded`, `notFound`. */
export interface BigQueryFailure {
  readonly error: BursarError;
  readonly reasons: readonly string[];
}
