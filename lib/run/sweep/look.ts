import pLimit from 'p-limit';
import { judgeAll, checks as listed, type OwnerOf, ownerAgain } from '../../checks/index.ts';
import type { Facts, Judgement, SeenIndex } from '../../checks/model.ts';
import { HOLDS_THE_SAME } from '../../checks/stale/copies.ts';
import { type Scope, type Snapshot, scopeName } from '../../estate/model.ts';
import type { Lake } from '../../lake/model.ts';
import { findingId } from '../../ledger/finding.ts';
import type { FindingRecord } from '../../ledger/model.ts';
import { gapOf, partsOf } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import type { Auditor } from '../auditor.ts';
import { historyOf, indexesOf } from '../facts.ts';
import { mayBeActedOn } from '../terms.ts';
import type { Look, Looked } from './model.ts';

/** Scopes read at once. */
const CONCURRENCY = 4;

/** What a second look works with: of the lake, the kept snapshots of stores whose counters are differenced. */
export type LookParts = Pick<Auditor, 'estates' | 'checks' | 'ownerOf'> & {
  readonly lake: Pick<Lake, 'snapshots'>;
};

/**
 * Reads the scopes of findings again and runs their checks: what the checks rest on, each list of it whole, and the
 * telemetry of the findings' resources alone. Bills are not read again: amounts stay those of the last audit. What
 * was not read completely says nothing of any finding that rests on it. A vector index is judged by what was counted
 * between the kept snapshots and now.
 */
export function lookAgain({ estates, checks, ownerOf, lake }: LookParts): Look {
  return async (records, now) => {
    const groups = new Map<string, FindingRecord[]>();
    for (const record of records) {
      const name = scopeName(scopeOf(record));
      groups.set(name, [...(groups.get(name) ?? []), record]);
    }
    const limit = pLimit(CONCURRENCY);
    const found = await Promise.all(
      [...groups.values()].map((group) =>
        limit(async () => {
          const [first] = group;
          if (first === undefined) return [];
          const taken = await snapshotOf(estates, scopeOf(first), group, now);
          if ('reason' in taken)
            return group.map(({ finding }) => [finding.id, { ok: false, reason: taken.reason }] as const);
          const history = await keptOf(lake, taken);
          if ('reason' in history)
            return group.map(({ finding }) => [finding.id, { ok: false, reason: history.reason }] as const);
          return judge(taken, history, group, checks, ownerOf, now);
        }),
      ),
    );
    return new Map<string, Looked>(found.flat());
  };
}

/** Of what rests on a store alone, its scope `store:ID`: the account of the finding is the server's address. */
function scopeOf({ finding: { provider, accountId, region }, scopes }: FindingRecord): Scope {
  const rests = scopes.filter((name) => !name.startsWith('bill:')).map((name) => partsOf(name)[0]);
  const [first, ...others] = new Set(rests);
  if (first?.startsWith(STORE) === true && others.length === 0)
    return {
      provider: provider === 'postgres' ? provider : 'other',
      accountId: first.slice(STORE.length),
      region: 'global',
    };
  return { provider, accountId, region: provider === 'aws' ? region : 'global' };
}

const STORE = 'store:';

async function snapshotOf(
  estates: Auditor['estates'],
  scope: Scope,
  group: readonly FindingRecord[],
  now: Date,
): Promise<Snapshot | { reason: string }> {
  const estate = estates.find((each) => each.covers(scope));
  if (estate === undefined) return { reason: `${scopeName(scope)} is not in the config any more` };
  try {
    const only = new Set(group.map(({ finding }) => finding.resourceId));
    return await estate.collect(scope, now, new Meter(), only, undefined, datasetsOf(group));
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    return { reason: error.message };
  }
}

/** What the kept snapshots of its scope tell; a snapshot that cannot be read leads to no stop. */
async function keptOf(
  lake: Pick<Lake, 'snapshots'>,
  snapshot: Snapshot,
): Promise<readonly SeenIndex[] | { reason: string }> {
  try {
    return await historyOf(lake, snapshot);
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    return { reason: `its kept snapshots cannot be read: ${error.message}` };
  }
}

/**
 * What must be read for these findings: what their checks rest on, and what each finding itself names. Undefined, for
 * everything, where one of them does not say.
 */
function datasetsOf(group: readonly FindingRecord[]): ReadonlySet<string> | undefined {
  const ids = new Set<string>();
  for (const { finding, scopes } of group) {
    const check = listed.find(({ id }) => id === finding.check);
    const rests = scopes.filter((name) => !name.startsWith('bill:')).map((name) => partsOf(name)[1]);
    if (check === undefined || check.datasets === 'all' || rests.length === 0) return undefined;
    for (const id of [...check.datasets, ...rests]) {
      if (id === undefined) return undefined;
      ids.add(id);
    }
  }
  return ids;
}

function judge(
  snapshot: Snapshot,
  history: readonly SeenIndex[],
  group: readonly FindingRecord[],
  settings: Auditor['checks'],
  ownerOf: OwnerOf,
  now: Date,
): (readonly [string, Looked])[] {
  const facts: Facts = {
    resources: snapshot.resources,
    telemetry: snapshot.telemetry,
    vectorIndexes: {
      current: indexesOf(snapshot),
      history,
    },
    costs: [],
    tagSpend: [],
    billWindow: null,
    coverage: snapshot.coverage,
    ownerOf,
  };
  const wanted = new Set(group.map(({ finding }) => finding.check));
  const on = Object.fromEntries(Object.entries(settings).filter(([id]) => wanted.has(id)));
  const { judgements } = judgeAll(facts, on, now);
  const byId = new Map(
    judgements.map((each) => [findingId(each.check, each.provider, each.resourceId), each]),
  );
  const resources = new Map(snapshot.resources.map((resource) => [resource.id, resource]));
  return group.map((record) => {
    const { finding } = record;
    const reason = unread(record, snapshot) ?? elsewhere(record, snapshot);
    if (reason !== null) return [finding.id, { ok: false, reason }] as const;
    const judgement = byId.get(finding.id) ?? null;
    return [
      finding.id,
      {
        ok: true,
        resource: resources.get(finding.resourceId) ?? null,
        judgement: judgement === null ? null : withAmounts(judgement, record),
        actionable: judgement !== null && mayBeActedOn(judgement),
      },
    ] as const;
  });
}

/** Why the look says nothing of this finding: something that it rests on was not read whole. Bills are not read here. */
function unread({ finding, scopes }: FindingRecord, { scope, coverage }: Snapshot): string | null {
  const rests = scopes.filter((name) => !name.startsWith('bill:'));
  for (const name of rests.length === 0 ? [scopeName(scope)] : rests) {
    const gap = gapOf(coverage, name);
    if (gap !== null) return `${finding.resourceId} could not be looked at: ${gap}`;
  }
  return null;
}

/** An index that holds the same as one of another scope, which is not read along, is not judged by itself. */
function elsewhere({ finding: { evidence, resourceId } }: FindingRecord, { vectorIndexes }: Snapshot) {
  const other = evidence.find(({ name }) => name === HOLDS_THE_SAME)?.value;
  if (other === undefined || vectorIndexes.some(({ id }) => id === other)) return null;
  return `${resourceId} could not be looked at: ${other}, which holds the same, was not read along`;
}

/** A judgement without a bill, with the amounts that the last audit read from it, and the owner that is read there. */
function withAmounts(judgement: Judgement, { finding }: FindingRecord): Judgement {
  const { costBasis, monthlyCost, monthlySaving } = finding;
  const owner = ownerAgain(judgement.owner, finding.owner);
  const named = new Set(judgement.evidence.map(({ name }) => name));
  const kept = finding.evidence.filter(({ name }) => !named.has(name));
  return {
    ...judgement,
    owner,
    costBasis,
    monthlyCost,
    monthlySaving,
    evidence: [...judgement.evidence, ...kept],
  };
}
