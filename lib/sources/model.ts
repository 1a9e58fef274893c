import type { Coverage } from '../platform/coverage.ts';
import type { BursarError } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import type { Permission } from '../platform/permissions.ts';
import type { Progress } from '../platform/progress.ts';

/** How finely a source tells cost: a Cost Explorer row has no resource and no tags. */
export type SourceGrain = 'resource' | 'account-service';

/** A local file that holds FOCUS rows, in whatever version and spelling its maker chose. */
export interface FocusFile {
  readonly path: string;
  /** How to name it to a person: the path or s3:// address as the user gave it. */
  readonly shownAs: string;
  readonly format: 'csv' | 'parquet';
  /**
   * What its columns are. `focus` where it is left out; CUR columns are turned into FOCUS by the lake before
   * anything else (AWS CUR 2.0 of Data Exports, and the legacy Cost and Usage Report).
   */
  readonly layout?: 'focus' | 'cur-2.0' | 'cur-legacy';
}

/** What a source hands to the lake: FOCUS files on local disk, and what they are. */
export interface Delivery {
  readonly sourceId: string;
  readonly sourceType: string;
  readonly grain: SourceGrain;
  readonly files: readonly FocusFile[];
  /** Billing periods (`YYYY-MM`) that are replaced even where no row came; empty: those found in the rows. */
  readonly periods: readonly string[];
  /**
   * What each billing period was made of, as the biller names it (a digest of its manifest): the lake keeps it
   * with the period and gives it back in `held`, so that what has not changed is not read again.
   */
  readonly fingerprints?: Readonly<Record<string, string>>;
  /** What the biller tells beside its bill: kept apart, and never added to a total. */
  readonly beside?: readonly BesideTable[];
  /** Files that were looked at and are not FOCUS, with the reason. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** ISO-8601 UTC up to when the data speaks; null: take it from the rows. */
  readonly asOf: string | null;
  readonly coverage: readonly Coverage[];
  /** true: a row of a billing period that is not in `periods` is an error, and nothing of this delivery is taken. */
  readonly exact?: boolean;
  /**
   * Gives what follows, once this delivery was taken (null) or why it was not; its files are gone then. A source
   * whose periods stand for themselves delivers them one after the other, so that what is wrong with one keeps
   * no other back and the disk holds one at a time. The last one has no `next` and speaks in `coverage` for all.
   */
  readonly next?: (refused: BursarError | null) => Promise<Delivery>;
  /** A billing period that is told instead of its rows: the lake has it asked where it lies, or refuses it. */
  readonly inPlace?: PeriodInPlace;
  /** Of a last delivery whose coverage is `failed`: the error to answer with, so that it is tried again or not. */
  readonly failed?: BursarError;
}

/** A billing period that is too large to be read here. */
export interface PeriodInPlace {
  /** `YYYY-MM`. */
  readonly period: string;
  /** Keys of the files that it is made of, as the biller's manifest names them; null: it is rows of one table. */
  readonly files: readonly string[] | null;
  /** Rows that there are at least, where the biller tells them. */
  readonly rows?: number;
  /** Bytes of these files, or that its rows would take as files. */
  readonly bytes: number;
  /** Changes whenever what the period is made of changes. */
  readonly fingerprint: string;
  /** Why it is not read here, as a clause: `it is 12 GiB ...`. */
  readonly reason: string;
  /** Address of its manifest, for a person. */
  readonly where: string;
}

/** A table beside a bill: coverage of commitments, cost by tag. Amounts are decimal text. */
export interface BesideTable {
  readonly name: string;
  /** ISO-8601 UTC. */
  readonly takenAt: string;
  readonly rows: readonly Readonly<Record<string, string | null>>[];
}

/** One biller. `deliver` writes what it downloads or makes under `workDir`, which the caller removes. */
export interface Source {
  readonly id: string;
  readonly type: string;
  readonly permissions: readonly Permission[];
  /** The calls that it makes, where no permission names them: vendors that know keys and no rights. */
  readonly calls?: readonly string[];
  deliver(context: DeliverContext): Promise<Delivery>;
  /** Tries the calls that a delivery makes, reading next to nothing; says what it found, throws what is wrong. */
  examine?(context: Pick<DeliverContext, 'meter' | 'now'>): Promise<string>;
}

export interface DeliverContext {
  readonly workDir: string;
  readonly now: Date;
  readonly meter: Meter;
  readonly progress: Progress;
  /** What the lake holds of this source by now; null or left out: nothing. */
  readonly held?: HeldBill | null;
}

/** What the lake holds of one source. */
export interface HeldBill {
  readonly asOf: string | null;
  readonly ingestedAt: string;
  /** Fingerprint of each billing period (`YYYY-MM`) that was kept with one. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** What each billing period that is asked where it lies was, when it was left there. */
  readonly inPlace?: Readonly<Record<string, Pick<PeriodInPlace, 'fingerprint' | 'bytes'>>>;
  /** When each table beside the bill was last taken, ISO-8601 UTC, by its name. */
  readonly beside?: Readonly<Record<string, string>>;
}
