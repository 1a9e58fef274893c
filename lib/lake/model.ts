import type { Snapshot } from '../estate/model.ts';
import type { Permission } from '../platform/permissions.ts';
import type { Progress } from '../platform/progress.ts';
import type { BesideTable, Delivery, SourceGrain } from '../sources/model.ts';

/** What one ingest did, counted so that nothing is lost unsaid: rowsIn = rowsKept + rowsRejected. */
export interface IngestReport {
  readonly sourceId: string;
  readonly rowsIn: number;
  readonly rowsKept: number;
  readonly rowsRejected: number;
  /** BilledCost of rejected rows by currency, where it could be read; null amounts are counted in `unread`. */
  readonly rejectedMoney: readonly { readonly currency: string; readonly billed: string }[];
  readonly rejectedMoneyUnread: number;
  /** Where the rejected rows lie with their reasons; null where there are none. */
  readonly rejectsFile: string | null;
  /** Repairs by kind: `literal NULL`, `datetime with a space`, `enum casing`, `rounded to 18 places`. */
  readonly repairs: Readonly<Record<string, number>>;
  readonly skipped: Delivery['skipped'];
  readonly periods: readonly PeriodReport[];
  /** Sentences to tell: overlaps with another source, unknown columns, mixed versions. */
  readonly warnings: readonly string[];
}

export interface PeriodReport {
  /** Billing period `YYYY-MM` (its start month, UTC). */
  readonly period: string;
  readonly rows: number;
  readonly bytes: number;
  /** Exact sums by provider and currency. */
  readonly totals: readonly PeriodTotal[];
  /** What the former snapshot of this period summed to; null where it is new. */
  readonly former: readonly PeriodTotal[] | null;
  /** Left out: its rows lie in the lake. */
  readonly inPlace?: AskedInPlace;
}

/** A period whose rows are asked where the biller wrote them, and not kept here. */
export interface AskedInPlace {
  readonly engine: RemoteEngineId;
  readonly table: string;
  /** Where that engine is, for a person. */
  readonly shownAs: string;
  /** Bytes of the biller's files. */
  readonly bytes: number;
  /** What it was made of when it was left there. */
  readonly fingerprint: string;
  /** Why, as a clause. */
  readonly reason: string;
  /** Costs (billed, effective, list, contracted) that have more than 18 places and count rounded; null: not counted. */
  readonly rounded: number | null;
}

export interface PeriodTotal {
  readonly provider: string;
  readonly currency: string;
  readonly billed: string;
  readonly effective: string;
}

/** Rows of named queries, by the query's name: see lib/lake/queries. Decimals are text. */
export type Row = Readonly<Record<string, unknown>>;

export interface QueryLimits {
  readonly memoryMiB: number;
  readonly seconds: number;
  readonly rows: number;
}

export interface UserQueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Decimals, big integers, dates as text; nested values as JSON. */
  readonly rows: readonly Row[];
  /** True where the row limit cut the answer. */
  readonly truncated: boolean;
}

/** What of a source is not counted, since another one tells the same charges: see precedence.ts. */
export interface LeftOut {
  /** Whose rows are not counted. */
  readonly sourceId: string;
  readonly period: string;
  /** Whose rows are counted instead. */
  readonly by: readonly string[];
  readonly why: 'export' | 'export-stopped';
  readonly accounts: readonly Account[];
  /** false: the source holds accounts in this period that are counted. */
  readonly whole: boolean;
}

/** An account on the bill of a payer: an account that moves between payers in mid-month is on both bills. */
export interface Account {
  readonly billingAccount: string;
  readonly subAccount: string;
}

/** One delivery of a billing period. */
export interface PeriodState {
  readonly ingestedAt: string;
  readonly rows: number;
}

/** What a billing period holds and what it held before it was last replaced; null: nothing. */
export interface PeriodHistory {
  readonly period: string;
  readonly current: PeriodState | null;
  readonly former: PeriodState | null;
}

export type ExportFormat = 'csv' | 'parquet';

/** One file of FOCUS 1.2 rows, as it was written. */
export interface Exported {
  readonly rows: number;
  /** Columns in the file's order. */
  readonly columns: readonly string[];
}

/** A column of an exported file: its name and its type in DuckDB. */
export interface ExportColumn {
  readonly name: string;
  readonly type: string;
}

/** What of a source is exported. */
export interface ExportedPeriod {
  readonly sourceId: string;
  readonly period: string;
  /** With AI classes and dimensions as columns. */
  readonly attributed: boolean;
}

/** What `exportPeriod` writes, and where. */
export interface ExportOrder extends ExportedPeriod {
  readonly path: string;
  readonly format: ExportFormat;
  readonly columns: readonly ExportColumn[];
}

/** Names a snapshot of a period. */
export interface SnapshotName {
  readonly sourceId: string;
  readonly period: string;
  readonly which: 'current' | 'former';
}

/** A source that the lake holds. */
export interface HeldSource {
  readonly sourceId: string;
  readonly sourceType: string;
  readonly grain: SourceGrain;
  readonly asOf: string | null;
  readonly ingestedAt: string;
  readonly periods: readonly PeriodReport[];
  /** By billing period, of those that the source named so: see `Delivery.fingerprints`. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** What of it is not counted, since another source tells the same charges. */
  readonly leftOut: readonly LeftOut[];
}

/** Engines that ask bills where they lie. */
export type RemoteEngineId = 'athena' | 'trino' | 'bigquery';

/** `auto` chooses for each source by bytes. */
export type EngineSetting = 'auto' | 'duckdb' | RemoteEngineId;

/** Where one source is asked, and why, in words for a person. */
export interface Choice {
  readonly sourceId: string;
  /** Billing periods (`YYYY-MM`) that this speaks of; null: all that no other choice names. */
  readonly periods: readonly string[] | null;
  /** null: nowhere. */
  readonly engine: 'duckdb' | RemoteEngineId | null;
  readonly reason: string;
}

/** Where rows and snapshots live and how they are asked. */
export interface Lake extends AsyncDisposable {
  readonly permissions: readonly Permission[];
  ingest(delivery: Delivery, now: Date, progress: Progress): Promise<IngestReport>;
  sources(): Promise<HeldSource[]>;
  /** Keeps a table that a source told beside its bill; it is no part of `costs`. */
  putBeside(sourceId: string, table: BesideTable): Promise<void>;
  /** When each such table of a source was last taken, ISO-8601 UTC, by its name. */
  besideHeld(sourceId: string): Promise<Readonly<Record<string, string>>>;
  /** The newest of that name; null where there is none. */
  beside(sourceId: string, name: string): Promise<BesideTable | null>;
  /** Sentences about charges that lie in two of these sources (null: of all that the lake holds), and count twice. */
  overlaps(sources: readonly string[] | null): Promise<string[]>;
  /** Where each source is asked, and why. */
  engines(): Promise<Choice[]>;
  /** Ask a named query of lib/lake/queries over the sources given (all where null), with its parameters bound. */
  ask<T extends object>(
    query: string,
    params: Readonly<Record<string, string | number | null>>,
    sources: readonly string[] | null,
  ): Promise<T[]>;
  /** The billing periods of a source with what they hold and what they held before; an input error for another id. */
  history(sourceId: string): Promise<PeriodHistory[]>;
  /** The columns that a FOCUS 1.2 file of what is counted of one period of a source needs. */
  exportColumns(what: ExportedPeriod): Promise<ExportColumn[]>;
  /** Writes what is counted of one period of a source into a FOCUS 1.2 file that does not exist yet. */
  exportPeriod(order: ExportOrder): Promise<Exported>;
  /** Asks a named query of one snapshot of one period alone, also of the one that was replaced. */
  askSnapshot<T extends object>(
    query: string,
    params: Readonly<Record<string, string | number | null>>,
    snapshot: SnapshotName,
  ): Promise<T[]>;
  /** A user's own SELECT over `costs`, on a locked connection. */
  query(
    sql: string,
    sources: readonly string[] | null,
    limits?: Partial<QueryLimits>,
  ): Promise<UserQueryResult>;
  /** A user's own SELECT over the bills that this engine can ask in place; an input error where there are none. */
  queryElsewhere(
    engine: RemoteEngineId,
    sql: string,
    limits?: Partial<QueryLimits>,
  ): Promise<UserQueryResult>;
  putSnapshot(snapshot: Snapshot): Promise<void>;
  /** Snapshots of a scope by its name, newest first, at most `most`, after the newest `skip` (left out: none). */
  snapshots(scope: string, most: number, skip?: number): Promise<Snapshot[]>;
  /** Names of all scopes that have a snapshot. */
  scopes(): Promise<string[]>;
}
