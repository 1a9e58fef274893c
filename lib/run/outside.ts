import { DELETING } from '../actions/deleting.ts';
import type { SeenIndex } from '../checks/model.ts';
import { type Resource, scopeName } from '../estate/model.ts';
import type { FindingRecord, LedgerStore } from '../ledger/model.ts';
import { type Coverage, isWhole } from '../platform/coverage.ts';
import { noteEnded, savingKey, savingOf } from './sweep/savings.ts';

/**
 * Types that a whole look of their dataset always names, and that dataset: only of these does absence mean deleted,
 * and what else of their scope was not read is no doubt of it.
 */
const LISTED: ReadonlyMap<string, string> = new Map([
  ['aws:ec2:instance', 'aws.ec2.instances'],
  ['aws:ec2:volume', 'aws.ec2.volumes'],
  ['gcp:compute:instance', 'gcp.compute.instances'],
  ['gcp:notebooks:instance', 'gcp.notebooks.instances'],
  ['aws:rds:db', 'aws.rds.instances'],
  ['aws:rds:cluster', 'aws.rds.clusters'],
  ['gcp:tpu:node', 'gcp.tpu.nodes'],
  ['gcp:aiplatform:endpoint', 'gcp.aiplatform.endpoints'],
]);
/**
 * Types of which no launch is told, or one that a stop changes, too: that they work after it says that others started
 * them, and nothing else does. RDS does so by itself after seven days (RDS User Guide, "Automatic restart of a stopped
 * DB instance", read November 2026).
 */
const WORKING: ReadonlyMap<string, string> = new Map([
  ['aws:rds:db', 'available'],
  ['aws:rds:cluster', 'available'],
  ['aws:sagemaker:notebook-instance', 'InService'],
  ['gcp:tpu:node', 'READY'],
  ['gcp:aiplatform:endpoint', 'DEPLOYED'],
]);
/**
 * What a provider calls a machine that works (EC2 API Reference, InstanceState; Compute Engine, instance life cycle;
 * Workbench, Instance.state).
 */
const RUNNING: ReadonlySet<string> = new Set(['running', 'RUNNING', 'ACTIVE']);

/** What others did to something that we stopped. */
export interface Ended {
  readonly findingId: string;
  readonly resourceId: string;
  readonly what: 'deleted' | 'started' | 'made again';
  /** When it was started, as its provider says; where it does not, or it was deleted, when that was first seen. */
  readonly at: string;
}

/**
 * What of our own stops others have ended, as a look after the stop shows it: deleted, or started again. A look
 * before the stop proves nothing, nor does a scope that was not read completely, nor the absence of what the stop
 * itself deletes.
 * @param deleting ids of actions that delete what they act on
 */
export async function endedOutside(
  ledger: Pick<LedgerStore, 'all'>,
  resources: readonly Resource[],
  coverage: readonly Coverage[],
  deleting: ReadonlySet<string> = DELETING,
): Promise<Ended[]> {
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const looks = Map.groupBy(coverage, ({ scope }) => scope);
  const ended: Ended[] = [];
  for await (const record of ledger.all()) {
    const { finding } = record;
    const since = stopOf(record);
    if (since === null) continue;
    const { at: stoppedAt, action, launch } = since;
    const { id: findingId, resourceId, provider, accountId, region, resourceType } = finding;
    const asOf = wholeAsOf(looks.get(scopeName({ provider, accountId, region })), LISTED.get(resourceType));
    if (asOf === null || asOf <= stoppedAt) continue;
    const resource = byId.get(resourceId);
    if (resource === undefined) {
      if (LISTED.has(resourceType) && !deleting.has(action))
        ended.push({ findingId, resourceId, what: 'deleted', at: asOf });
    } else if (WORKING.has(resourceType)) {
      if (since.ours && resource.state === WORKING.get(resourceType))
        ended.push({
          findingId,
          resourceId,
          what: 'started',
          at: later(resource.created, stoppedAt) ?? asOf,
        });
    } else if (seenBy(finding.state, resource.state) && startedSince(resource.created, stoppedAt, launch)) {
      // By another clock than ours, perhaps: never before the stop.
      const at = later(resource.created, stoppedAt) ?? stoppedAt;
      ended.push({ findingId, resourceId, what: 'started', at });
    }
  }
  return ended;
}

/**
 * What our own stops took from a vector store and others have made again since: an index that is there, vectors that
 * are told anew. A look before the stop proves nothing.
 * @param judged ids of the findings that were judged now
 */
export async function madeAgain(
  ledger: Pick<LedgerStore, 'all'>,
  indexes: readonly Pick<SeenIndex, 'id' | 'at'>[],
  judged: ReadonlySet<string>,
): Promise<Ended[]> {
  if (indexes.length === 0) return [];
  const byId = new Map(indexes.map((index) => [index.id, index]));
  const ended: Ended[] = [];
  for await (const { finding, life } of ledger.all()) {
    const { id: findingId, resourceId, state } = finding;
    const stop = state === 'STOPPED' ? (life?.stopped ?? null) : null;
    if (stop === null) continue;
    const index = byId.get(resourceId.split('#')[0] ?? '');
    if (index === undefined || index.at <= stop.at) continue;
    if (stop.action === DROPS || (stop.action === DELETES && judged.has(findingId)))
      ended.push({ findingId, resourceId, what: 'made again', at: index.at });
  }
  return ended;
}

const DROPS = 'postgres.pgvector.drop-index';
const DELETES = 'postgres.pgvector.delete-vectors';

/** Up to when the look at a scope, or at one dataset of it, speaks; null where it was not read whole. */
function wholeAsOf(entries: readonly Coverage[] | undefined, dataset: string | undefined): string | null {
  const times = (entries ?? []).flatMap((entry) => (isWhole(entry, dataset) ? (entry.asOf ?? []) : []));
  return entries === undefined || times.length < entries.length ? null : (times.toSorted()[0] ?? null);
}

/** The stop that others may have ended since; null where there was none. One that was given up may have come. */
function stopOf({ finding, life }: FindingRecord): StopSeen | null {
  const tried = finding.state === 'ESCALATED' ? (life?.intent ?? null) : null;
  const { at, action } = tried ?? life?.stopped ?? {};
  if (at === undefined || action === undefined) return null;
  // What was restored, and is waste again, has another warning.
  const same = finding.state === 'STOPPED' || finding.state === 'RESTORE_FAILED' || tried !== null;
  return {
    at,
    action,
    launch: same ? (life?.fingerprint?.launch ?? null) : null,
    ours: same && tried === null,
  };
}

interface StopSeen {
  readonly at: string;
  readonly action: string;
  /** Launch of what was stopped; null where it is not known. */
  readonly launch: string | null;
  /** It came, and was not brought back by us. */
  readonly ours: boolean;
}

function later(created: string | null, than: string): string | null {
  return created !== null && created > than ? created : null;
}

/**
 * Whether a new launch says that others started it: where it works, or where we asked for no start ourselves. It may
 * have been stopped again since, but not by us.
 */
function seenBy(state: FindingRecord['finding']['state'], now: string): boolean {
  return RUNNING.has(now) || state === 'STOPPED';
}

/** Another launch than that which was stopped, whatever the clocks say; where it is not known, one after the stop. */
function startedSince(created: string | null, stoppedAt: string, launch: string | null): boolean {
  if (created === null) return false;
  return launch === null ? created > stoppedAt : Date.parse(created) !== Date.parse(launch);
}

/**
 * Ends the savings of stops that others have ended, from when they did: what runs again saves nothing. Done before
 * the ledger is told, so that a run that ends in between leaves it to the next, which sees the same.
 */
export async function endSavings(
  ledger: Pick<LedgerStore, 'getDoc' | 'getDocs' | 'putDoc'>,
  ended: readonly Ended[],
): Promise<void> {
  const docs = await ledger.getDocs(ended.map(({ findingId }) => savingKey(findingId)));
  for (const [index, { findingId, at }] of ended.entries()) {
    const stops = savingOf(docs[index]?.value)?.stops ?? [];
    if (stops.some(({ from, until }) => until === null && from <= at)) await noteEnded(ledger, findingId, at);
  }
}
