import { isOfOrganisation, knownOf, type OwnerOf } from '../checks/index.ts';
import type {
  AiCalls,
  AiService,
  BillDetail,
  Facts,
  ResourceCost,
  SeenIndex,
  TagSpend,
} from '../checks/model.ts';
import { type Snapshot, scopeName, type VectorIndex } from '../estate/model.ts';
import { AI_SPEND } from '../focus/ai/model.ts';
import type { Lake } from '../lake/model.ts';
import type { DataEnd } from '../lake/queries/data-end.ts';
import type { Coverage } from '../platform/coverage.ts';
import { recentCosts } from './recent-costs.ts';

/** Days that a "month" of cost means everywhere: the last 30 full days of the bills. */
export const WINDOW_DAYS = 30;
/** Kept snapshots of a vector store that are read back: enough for a month of daily looks. */
const HISTORY = 62;
const DAY_MS = 86_400_000;

/** Which sources and scopes an audit speaks of; null: all that the state holds. */
export interface Selection {
  readonly sources: readonly string[] | null;
  readonly scopes: readonly string[] | null;
}

/**
 * Reads from the lake what the checks may look at.
 * @param aiCalls are calls of models asked for? @param aiServices is AI work asked for, in all that is held? That
 *   looks at every row of every bill.
 */
export async function gatherFacts(
  lake: Lake,
  selection: Selection,
  coverage: readonly Coverage[],
  ownerOf: OwnerOf,
  now: Date,
  { aiCalls = false, aiServices = false }: { aiCalls?: boolean; aiServices?: boolean } = {},
): Promise<Facts> {
  const ends = await lake.ask<DataEnd>('data-end', {}, selection.sources);
  const billWindow = windowOf(ends, now);
  const seen = billWindow === null ? coverage : withStaleBills(coverage, ends, billWindow.end);
  const params = billWindow === null ? null : { start: billWindow.start, end: billWindow.end };
  const snapshots = await latest(lake, selection.scopes, seen);
  const histories = await Promise.all(snapshots.map((snapshot) => historyOf(lake, snapshot)));
  const seenThere = snapshots.flatMap(({ resources }) => resources);
  const known = knownOf(snapshots);
  const tagSpend =
    params === null
      ? []
      : await lake.ask<TagSpend & Record<string, unknown>>('tag-spend', params, selection.sources);
  return {
    resources: seenThere.filter((resource) => !isOfOrganisation(resource)),
    telemetry: snapshots.flatMap(({ telemetry }) => telemetry),
    vectorIndexes: {
      current: snapshots.flatMap(indexesOf),
      history: histories.flat(),
    },
    costs:
      params === null
        ? []
        : await lake.ask<ResourceCost & Record<string, unknown>>('resource-costs', params, selection.sources),
    ...(params !== null && snapshots.some(isPaidByByte)
      ? {
          storageCosts: await lake.ask<ResourceCost & Record<string, unknown>>(
            'storage-costs',
            params,
            selection.sources,
          ),
        }
      : {}),
    tagSpend,
    billDetail:
      params === null
        ? []
        : await lake.ask<BillDetail & Record<string, unknown>>('bill-detail', params, selection.sources),
    recentCosts: await recentCosts(lake, selection.sources, now),
    listPrices: snapshots.flatMap(({ listPrices }) => listPrices ?? []),
    billWindow,
    coverage: seen,
    ownerOf: (owned) => ownerOf(owned, known),
    known,
    ...(aiCalls && params !== null
      ? { aiCalls: await aiCallsOf(lake, params, tagSpend, selection.sources) }
      : {}),
    ...(aiServices && params !== null
      ? {
          aiServices: {
            rows: await lake.ask<AiService & Record<string, unknown>>(
              'ai-services',
              { ...params, classes: JSON.stringify(AI_SPEND) },
              selection.sources,
            ),
            heldSince: new Map(ends.map(({ source, start }) => [source, start])),
          },
        }
      : {}),
  };
}

/** What tag coverage is told from: spend by tags, and the resources whose tags are known. */
export async function taggingFacts(
  lake: Lake,
  { sources, scopes }: Selection,
  coverage: readonly Coverage[],
  { start, end }: { readonly start: string; readonly end: string },
): Promise<Pick<Facts, 'resources' | 'tagSpend' | 'known'>> {
  const snapshots = await latest(lake, scopes, coverage);
  return {
    resources: snapshots
      .flatMap(({ resources }) => resources)
      .filter((resource) => !isOfOrganisation(resource)),
    known: knownOf(snapshots),
    tagSpend: await lake.ask<TagSpend & Record<string, unknown>>('tag-spend', { start, end }, sources),
  };
}

/** Calls of models by whose they are; a bill without AI vendors and Amazon Bedrock is not asked. */
async function aiCallsOf(
  lake: Lake,
  params: { start: string; end: string },
  tagSpend: readonly TagSpend[],
  sources: readonly string[] | null,
): Promise<readonly AiCalls[]> {
  const services = tagSpend.flatMap(({ provider, service }) =>
    provider === 'openai' || provider === 'anthropic' || /\bbedrock\b/i.test(service) ? [service] : [],
  );
  if (services.length === 0) return [];
  const asked = { ...params, services: JSON.stringify([...new Set(services)].toSorted()) };
  return await lake.ask<AiCalls & Record<string, unknown>>('ai-calls', asked, sources);
}

/**
 * The 30 days that end where the bills end, or at `now`'s UTC midnight where they reach further. Bills are
 * asked where they are, so that one of last year is still read; how old they are is told by `asOf`.
 */
export function windowOf(ends: readonly DataEnd[], now: Date): Facts['billWindow'] {
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const daily = ends.filter((each) => each.daily);
  const latestEnd = Math.max(...(daily.length === 0 ? ends : daily).map(({ end }) => Date.parse(end)));
  if (!Number.isFinite(latestEnd)) return null;
  const end = Math.min(midnight, Math.ceil(latestEnd / DAY_MS) * DAY_MS);
  return {
    start: new Date(end - WINDOW_DAYS * DAY_MS).toISOString(),
    end: new Date(end).toISOString(),
    days: WINDOW_DAYS,
  };
}

/** Bills of different billers are hours to two days apart; more than this, and one of them has stopped coming. */
const LATE_DAYS = 3;

/**
 * A bill that ends days before the window does is partial, whatever reading it said: costs and tags of its last
 * days are missing, so that nothing of it may be taken for gone.
 */
function withStaleBills(
  coverage: readonly Coverage[],
  ends: readonly DataEnd[],
  windowEnd: string,
): Coverage[] {
  const late = new Map(
    ends.flatMap(({ source, end }): [string, string][] => {
      const days = Math.floor((Date.parse(windowEnd) - Date.parse(end)) / DAY_MS);
      return days <= LATE_DAYS
        ? []
        : [
            [
              `bill:${source}`,
              `its newest charge is of ${end.slice(0, 10)}, ${days} days before the newest of all bills: what it cost since then is missing. Bring it up to date, or audit it by itself.`,
            ],
          ];
    }),
  );
  return coverage.map((entry) => {
    const reason = late.get(entry.scope);
    return reason === undefined || entry.status !== 'complete'
      ? entry
      : { ...entry, status: 'partial', reason };
  });
}

/**
 * The newest snapshot of each scope. One whose last look failed is left out: what it held before says nothing of
 * now, and its findings stay as they were.
 */
async function latest(
  lake: Lake,
  scopes: readonly string[] | null,
  coverage: readonly Coverage[],
): Promise<(Snapshot & { name: string })[]> {
  const unseen = new Set(
    coverage.flatMap(({ scope, status }) => (status === 'failed' || status === 'not-covered' ? [scope] : [])),
  );
  const names = (scopes ?? (await lake.scopes())).filter((name) => !unseen.has(name));
  const found = await Promise.all(
    names.map(async (name) => (await lake.snapshots(name, 1)).map((snapshot) => ({ ...snapshot, name }))),
  );
  return found.flat();
}

/** The vector indexes of the kept snapshots of this one's scope, the oldest first; none where no count is differenced. */
export async function historyOf(
  lake: Pick<Lake, 'snapshots'>,
  { scope, vectorIndexes }: Snapshot,
): Promise<SeenIndex[]> {
  if (!vectorIndexes.some(isWatched)) return [];
  return (await lake.snapshots(scopeName(scope), HISTORY)).toReversed().flatMap(indexesOf);
}

/** Does it hold vectors in storage that the bill charges by the byte? */
function isPaidByByte({ vectorIndexes }: Snapshot): boolean {
  return vectorIndexes.some(({ capacity }) => capacity?.kind === 'by-bytes' && capacity.billed.length > 0);
}

/** Does an earlier look tell anything of it? Of what is neither counted nor compared, none does. */
function isWatched({ queries, sample }: VectorIndex): boolean {
  return queries !== null || sample !== null;
}

/** The vector indexes of a snapshot, with when and where it was taken. */
export function indexesOf({ vectorIndexes, takenAt, scope }: Snapshot): SeenIndex[] {
  return vectorIndexes.map((index) => ({ ...index, at: takenAt, scope: scopeName(scope) }));
}
