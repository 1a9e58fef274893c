import type {
  AuditRecord,
  Claim,
  FindingRecord,
  LedgerStore,
  Write,
  WriteOutcome,
} from '../../lib/ledger/model.ts';
import { assertNextVersion, assertTime, inOrder } from '../../lib/ledger/rows.ts';
import { BursarError } from '../../lib/platform/errors.ts';

type Operation = Exclude<keyof LedgerStore, 'permissions' | 'close'>;

/** A call on the store, told before it has an effect and after it. What the hook throws is what the caller gets. */
export interface Call {
  readonly operation: Operation;
  /** An error `before` means that nothing happened; `after`, that it happened and the answer is lost. */
  readonly phase: 'before' | 'after';
  /** Ids, keys or resource that it is about. */
  readonly about: readonly string[];
}

export interface MemoryOptions {
  /** Faults, pauses and crashes. */
  readonly onCall?: ((call: Call) => void | Promise<void>) | undefined;
  /** How many later calls on the store pass before the index of what is due shows a write; 0: at once. */
  readonly lag?: (() => number) | undefined;
}

/** What only tests may ask. */
export interface MemoryLedger extends LedgerStore {
  /** Every audit entry of every finding, in the order of the writes. */
  trail(): readonly AuditRecord[];
  records(): readonly FindingRecord[];
  /** Claims as they stand, ended ones included: they vanish some time after their end, as rows with a TTL do. */
  claims(): readonly Claim[];
  docs(): ReadonlyMap<string, { readonly value: unknown; readonly version: number }>;
  makeNewer(id: string): void;
  makeNewerDoc(key: string): void;
}

/**
 * A ledger in memory that behaves as the one in DynamoDB: conditional writes on the version, record and audit
 * entry together, consistent reads, an index of what is due that lags behind, claims that are judged by their
 * time and not by whether their row is still there.
 */
export function memoryLedger({ onCall, lag }: MemoryOptions = {}): MemoryLedger {
  const records = new Map<string, FindingRecord>();
  const trails = new Map<string, AuditRecord[]>();
  const all: AuditRecord[] = [];
  const claims = new Map<string, Claim>();
  const docs = new Map<string, { value: unknown; version: number }>();
  const newer = new Set<string>();
  const newerDocs = new Set<string>();
  /** The index: what it shows, and what it will show after so many calls. */
  const due = new Map<string, string>();
  let waiting: { id: string; wakeAt: string | null; at: number }[] = [];
  let calls = 0;

  const settle = () => {
    if (waiting.length === 0) return;
    const ripe = waiting.filter(({ at }) => at <= calls);
    if (ripe.length === 0) return;
    waiting = waiting.filter(({ at }) => at > calls);
    for (const { id, wakeAt } of ripe) {
      if (wakeAt === null) due.delete(id);
      else due.set(id, wakeAt);
    }
  };
  const call = async <T>(operation: Operation, about: readonly string[], work: () => T): Promise<T> => {
    calls += 1;
    settle();
    await onCall?.({ operation, phase: 'before', about });
    const answer = work();
    await onCall?.({ operation, phase: 'after', about });
    return answer;
  };
  const write = ({ record, expected, audit }: Write): WriteOutcome => {
    assertNextVersion(record, expected);
    const { id } = record.finding;
    if (record.wakeAt !== null) assertTime(record.wakeAt);
    if (newer.has(id) || (records.get(id)?.version ?? 0) !== expected) return 'conflict';
    records.set(id, record);
    const behind = lag?.() ?? 0;
    // Changes of one key reach an index in their order.
    const last = waiting.findLast((change) => change.id === id)?.at ?? 0;
    waiting.push({ id, wakeAt: record.wakeAt, at: Math.max(calls + behind, last) });
    if (audit !== null) {
      all.push(audit);
      const trail = trails.get(id);
      if (trail === undefined) trails.set(id, [audit]);
      else trail.push(audit);
    }
    return 'written';
  };
  const read = (id: string): FindingRecord | null => (newer.has(id) ? null : (records.get(id) ?? null));
  const ordered = () =>
    [...records.keys()].toSorted().flatMap((id) => {
      const record = read(id);
      return record === null ? [] : [record];
    });
  const doc = (key: string) => {
    if (newerDocs.has(key))
      throw new BursarError('conflict', `document ${key} is newer`, { where: 'memory' });
    return docs.get(key) ?? null;
  };

  return {
    permissions: [],
    get: (id) => call('get', [id], () => read(id)),
    async *all() {
      yield* await call('all', [], ordered);
    },
    newer: () => call('newer', [], () => [...newer].toSorted()),
    put: (record, expected, audit) =>
      call('put', [record.finding.id], () => write({ record, expected, audit })),
    putMany: (writes) =>
      call(
        'putMany',
        writes.map(({ record }) => record.finding.id),
        () => {
          for (const each of writes) assertNextVersion(each.record, each.expected);
          return writes.map(write);
        },
      ),
    history: (id) => call('history', [id], () => [...(trails.get(id) ?? [])]),
    due: (until, most) =>
      call('due', [until], () => {
        settle();
        assertTime(until);
        return [...due]
          .filter(([, wakeAt]) => wakeAt <= until)
          .toSorted(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x < y ? -1 : 1))
          .slice(0, most)
          .map(([id]) => id);
      }),
    getMany: (ids) =>
      call('getMany', ids, () =>
        [...new Set(ids)].flatMap((id) => {
          const record = read(id);
          return record === null ? [] : [record];
        }),
      ),
    ofResource: (resourceId) =>
      call('ofResource', [resourceId], () =>
        ordered().filter(({ finding }) => finding.resourceId === resourceId),
      ),
    historyOf: (resourceId) =>
      call('historyOf', [resourceId], () =>
        inOrder(
          [...records.values()]
            .filter(({ finding }) => finding.resourceId === resourceId)
            .toSorted((a, b) => (a.finding.id < b.finding.id ? -1 : 1))
            .map(({ finding }) => trails.get(finding.id) ?? []),
          resourceId,
        ),
      ),
    claim: (claim, now) =>
      call('claim', [claim.resourceId], () => {
        const held = claims.get(claim.resourceId);
        const free = held === undefined || held.holder === claim.holder || held.until <= now;
        for (const time of [now, claim.until]) assertTime(time);
        if (!free) return 'held';
        claims.set(claim.resourceId, claim);
        return 'claimed';
      }),
    release: (resourceId, holder) =>
      call('release', [resourceId], () => {
        if (claims.get(resourceId)?.holder === holder) claims.delete(resourceId);
      }),
    getDocs: (keys) => call('getDocs', keys, () => keys.map(doc)),
    getDoc: (key) => call('getDoc', [key], () => doc(key)),
    putDoc: (key, value, expected) =>
      call('putDoc', [key], () => {
        const json: unknown = JSON.parse(JSON.stringify(value ?? null));
        if (newerDocs.has(key) || (docs.get(key)?.version ?? 0) !== expected) return 'conflict';
        docs.set(key, { value: json, version: expected + 1 });
        return 'written';
      }),
    async close() {
      // Nothing is held open.
    },
    trail: () => all,
    records: () => [...records.values()],
    claims: () => [...claims.values()],
    docs: () => docs,
    makeNewer: (id) => void newer.add(id),
    makeNewerDoc: (key) => void newerDocs.add(key),
  };
}
