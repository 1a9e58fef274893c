import type { Judgement } from '../checks/model.ts';
import type { Json } from '../estate/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { Permission } from '../platform/permissions.ts';
import type { FindingState, Hold, Life, PolicyNow, Recipient } from './life.ts';

export type { FindingState } from './life.ts';
export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** A judgement with its life: what the ledger keeps and `bursar audit --format json` prints. */
export interface Finding extends Omit<Judgement, 'scopes'> {
  readonly schemaVersion: 1;
  /** `f-` and 26 characters of lower-case base32 of SHA-256 over check, provider and resourceId. */
  readonly id: string;
  readonly severity: Severity;
  readonly state: FindingState;
  readonly dueAt: string | null;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** A finding as stored: with what decides when its absence counts, and a version for conditional writes. */
export interface FindingRecord {
  readonly finding: Finding;
  readonly scopes: readonly string[];
  /** The newest observation that was applied: an older one that arrives late changes nothing. */
  readonly observed: { readonly at: string; readonly runId: string };
  /** 1 for the first write, one more for each that follows. */
  readonly version: number;
  /** What it has been through; null for a finding that was never more than flagged (and in rows of version 1). */
  readonly life: Life | null;
  /** When a sweep must look at it next (ISO-8601 UTC): the key of the sparse index; null: never by time alone. */
  readonly wakeAt: string | null;
}

/** One entry of the append-only trail of a finding. */
export interface AuditRecord {
  readonly schemaVersion: 1;
  readonly findingId: string;
  /** ISO-8601 UTC */
  readonly at: string;
  /** `audit`, `sweep`, `slack:<team>:<user>` (verified), `cli:<name>`. */
  readonly actor: string;
  readonly from: FindingState | null;
  readonly to: FindingState;
  readonly reason: string;
  readonly runId: string;
  readonly resourceId: string;
  /** Before and after where more than the state changed: due date, hold, intent with its undo plan, approval. */
  readonly details: Json;
}

/**
 * The right to act on one resource, held by one process until it says so or `until` has passed: one action in
 * flight whatever checks hit it.
 */
export interface Claim {
  readonly resourceId: string;
  readonly holder: string;
  readonly until: string;
}

export type WriteOutcome = 'written' | 'conflict';

/** One conditional write: record and audit entry together, or neither. */
export interface Write {
  readonly record: FindingRecord;
  /** The version that must be stored now; 0: none yet. `record.version` is one more. */
  readonly expected: number;
  readonly audit: AuditRecord | null;
}

/**
 * Where findings live. The DynamoDB and the local twin keep one contract, tested by one suite.
 * A row of a newer schemaVersion than this code knows is never changed: `put` answers `conflict`, and reads
 * report it in `newer`.
 */
export interface LedgerStore {
  readonly permissions: readonly Permission[];
  get(id: string): Promise<FindingRecord | null>;
  /** Every record, in order of id; in pages within the store, whole for the caller. */
  all(): AsyncIterable<FindingRecord>;
  /** Ids of rows that a newer version wrote, which this one leaves alone. */
  newer(): Promise<string[]>;
  /** Writes record and audit entry together, only if the stored version is still `expected` (0: none yet). */
  put(record: FindingRecord, expected: number, audit: AuditRecord | null): Promise<WriteOutcome>;
  /** Many such writes, each whole on its own; the outcomes are in the order of `writes`. */
  putMany(writes: readonly Write[]): Promise<WriteOutcome[]>;
  /** Audit entries of one finding, oldest first; those of a newer schemaVersion are left out. */
  history(findingId: string): Promise<AuditRecord[]>;
  /** Ids of findings whose `wakeAt` is at or before `until`, earliest first, at most `most`; may lag by a second. */
  due(until: string, most: number): Promise<string[]>;
  /** Many records by id; those that are not there are left out. */
  getMany(ids: readonly string[]): Promise<FindingRecord[]>;
  /** Every finding of a resource, whatever the check, in order of id: what holds one may hold the others. */
  ofResource(resourceId: string): Promise<FindingRecord[]>;
  /** Audit entries of every finding of a resource, oldest first. */
  historyOf(resourceId: string): Promise<AuditRecord[]>;
  /** Takes the claim unless another holder has it and `now` is before its end. The same holder may take it again. */
  claim(claim: Claim, now: string): Promise<'claimed' | 'held'>;
  /** Gives it back; nothing happens where the holder no longer has it. */
  release(resourceId: string, holder: string): Promise<void>;
  /** Many documents by key, in the order of `keys`; null where there is none. */
  getDocs(keys: readonly string[]): Promise<({ value: unknown; version: number } | null)[]>;
  /** A small document by key (last run, posted digests), with the same conditional write. */
  getDoc(key: string): Promise<{ value: unknown; version: number } | null>;
  putDoc(key: string, value: unknown, expected: number): Promise<WriteOutcome>;
  close(): Promise<void>;
}

/** What an audit learned, for the ledger to keep. */
export interface Observation {
  readonly runId: string;
  readonly now: string;
  readonly judgements: readonly Judgement[];
  readonly coverage: readonly Coverage[];
  /** Checks that ran on complete input: only their findings can be resolved by absence. */
  readonly checksRun: readonly string[];
  /** Resources that were seen deleted, or running, whoever did it: it ends a stop of ours. */
  readonly outside?: readonly {
    readonly resourceId: string;
    readonly what: 'deleted' | 'started' | 'made again';
    /** Whose stop it ended; left out: that of every finding of the resource. */
    readonly findingId?: string;
  }[];
}

/** What applies to a judgement beside itself: the policy, who is to be told, what holds its resource. */
export interface Terms {
  readonly policy: PolicyNow;
  /** Does the check allow to act on this verdict? */
  readonly actionable: boolean;
  readonly recipient: Recipient | null;
  /** A hold that the ledger does not know (an exemption by tag); holds of other findings are found by the ledger. */
  readonly hold: Hold | null;
}
