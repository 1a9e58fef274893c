import type { VectorSample } from '../../estate/model.ts';
import { SKETCH_SIZE } from '../../estate/model-vectors.ts';
import type { Verdict } from '../model.ts';
import { leastShare } from './confidence.ts';
import { type Context, fact, restsOf, scopeOf, type Told } from './context.ts';
import { distanceOf } from './distance.ts';
import { modelOf } from './models.ts';
import { type Share, wholeCost } from './share.ts';
import { queriesOf, type Seen, type Watch } from './watch.ts';

/** Evidence that names the other index, by its id. */
export const HOLDS_THE_SAME = 'holds the same as';

/** From which overlap of keys two indexes hold the same. */
const SAME = 0.95;

/** How much the keys of two indexes have in common: the likeliest Jaccard index and the least that agrees. */
export interface Overlap {
  readonly likeliest: number;
  readonly least: number;
  /** Keys of the union that were looked at, and whether they are all. */
  readonly looked: number;
  readonly exact: boolean;
}

/**
 * Jaccard index of the keys of two indexes. The smallest hashes of the union are an even sample of it (Beyer et al.,
 * "On synopses for distinct-value estimation under multiset operations", SIGMOD 2007); they are known as far as both
 * sketches reach. Null where one was not drawn by its keys' hashes.
 */
export function overlapOf(a: VectorSample, b: VectorSample): Overlap | null {
  const [ofA, ofB] = [keysOf(a), keysOf(b)];
  if (ofA === null || ofB === null || ofA.keys.size === 0 || ofB.keys.size === 0) return null;
  const exact = ofA.all && ofB.all;
  const reach = [ofA, ofB].flatMap(({ keys, all }) => (all ? [] : ([...keys].at(-1) ?? []))).toSorted()[0];
  const union = [...new Set([...ofA.keys, ...ofB.keys])].filter((key) => reach === undefined || key <= reach);
  const common = union.filter((key) => ofA.keys.has(key) && ofB.keys.has(key)).length;
  const likeliest = union.length === 0 ? 0 : common / union.length;
  return {
    likeliest,
    least: exact ? likeliest : leastShare(union.length, common),
    looked: union.length,
    exact,
  };
}

/** Keys in their order, and whether they are all of the index. */
function keysOf({
  sketch,
  drawn,
  size,
  population,
}: VectorSample): { keys: Set<string>; all: boolean } | null {
  if (drawn === 'at-random') return null;
  const all = size >= population && sketch.length < SKETCH_SIZE;
  return { keys: new Set(sketch.map(({ key }) => key)), all };
}

/**
 * Indexes that hold what another one holds, by the same model: of each pair the one that is asked less. Compared are
 * indexes of one dimension alone, and by the same distance: who searches by another one has other neighbours, and no
 * index by this one answers in its place.
 * @param unused ids of indexes that nobody asks: they are told already
 */
export function copies(
  context: Context,
  unused: ReadonlySet<string>,
  shareOf: (index: Seen) => Share,
): Map<string, Told> {
  const told = new Map<string, Told>();
  for (const [one, other] of candidates(context.watches.filter(({ index }) => !unused.has(index.id)))) {
    const found = pair(context, one, other, shareOf);
    if (found !== null && !told.has(found.copy.id) && !told.has(found.original.id))
      told.set(found.copy.id, found.told);
  }
  return told;
}

/** Of two indexes with 95% of their keys in common, none of the eight smallest is shared in 4 of 10^11 cases. */
const FIRST = 8;

/** Pairs of indexes of one dimension that share one of their smallest keys: of many indexes, few are compared. */
function* candidates(watches: readonly Watch[]): Generator<readonly [Watch, Watch]> {
  const byKey = new Map<string, Watch[]>();
  for (const watch of watches) {
    const { sample, dimension } = watch.index;
    if (sample === null || dimension === null) continue;
    const met = new Set<Watch>();
    for (const { key } of sample.sketch.slice(0, FIRST)) {
      const name = `${dimension} ${key}`;
      const before = byKey.get(name);
      if (before === undefined) byKey.set(name, [watch]);
      else {
        for (const each of before) met.add(each);
        before.push(watch);
      }
    }
    for (const each of met) yield [each, watch];
  }
}

interface Found {
  readonly copy: Seen;
  readonly original: Seen;
  readonly told: Told;
}

function pair(context: Context, one: Watch, other: Watch, shareOf: (index: Seen) => Share): Found | null {
  const [a, b] = [one.index.sample, other.index.sample];
  if (a === null || b === null || isOne(one.index, other.index)) return null;
  if (differ(modelOf(one.index), modelOf(other.index))) return null;
  const [distance, otherDistance] = [distanceOf(one.index.metric), distanceOf(other.index.metric)];
  if (differ(distance, otherDistance)) return null;
  // Keys tell nothing of vectors without one, nor of documents that are cut into fewer or more of them.
  if (a.counts.unkeyed > 0 || b.counts.unkeyed > 0 || !alike(sizeOf(a), sizeOf(b))) return null;
  const overlap = overlapOf(a, b);
  if (overlap === null || overlap.likeliest < SAME) return null;
  const [asked, askedOther] = [queriesOf(one), queriesOf(other)];
  const known = asked !== null && askedOther !== null;
  const fewer = (known ? asked - askedOther : 0) || younger(one.index, other.index);
  const [copy, original] = fewer <= 0 ? [one, other] : [other, one];
  const model = modelOf(one.index);
  const doubts = [
    ...(overlap.least < SAME ? ['the sample is too small to be sure'] : []),
    ...(known ? [] : ['how often each of them is asked is not known']),
    ...(model === null || modelOf(other.index) === null
      ? ['which model made them is not known of both']
      : []),
    ...([copy.index, original.index].every((index) => context.scopes.complete(scopeOf(index)))
      ? []
      : ['one of their stores was not read whole']),
    ...(distance === null || otherDistance === null
      ? ['by which distance they are searched is not known of both']
      : []),
    ...(hasOneId(one.index, other.index)
      ? ['they have one id within their servers, as one index has that is reached by two addresses']
      : []),
    ...(known && [one, other].some(hidesQueries) ? ['others may answer queries that are not counted'] : []),
  ];
  const verdict: Verdict = doubts.length === 0 ? 'UNUSED' : 'SUSPECTED';
  return {
    copy: copy.index,
    original: original.index,
    told: {
      kind: 'duplicate',
      of: 'index',
      verdict,
      confidence: verdict === 'SUSPECTED' ? 'low' : overlap.exact ? 'high' : 'medium',
      cost: wholeCost(shareOf(copy.index)),
      evidence: [
        ...fact(HOLDS_THE_SAME, original.index.id, 'index', 'hashes of their keys'),
        {
          name: 'keys in common',
          value: (overlap.likeliest * 100).toFixed(1),
          unit: overlap.exact
            ? `% of ${overlap.looked} keys, counted`
            : `% of ${overlap.looked} keys of both; at least ${(overlap.least * 100).toFixed(1)}% at 95%`,
          window: '',
          source: 'hashes of their keys',
        },
        ...fact('its queries', queriesOf(copy), 'queries', `counter, within ${context.settings.window}`),
        ...fact(
          'queries of the other',
          queriesOf(original),
          'queries',
          `counter, within ${context.settings.window}`,
        ),
      ],
      blindSpots: [
        'Who asks it must ask the other first: a copy that goes takes its answers with it.',
        'Keys are compared, not the vectors: one may be newer than the other.',
      ],
      reason: `It holds the same as ${original.index.index}${
        known ? `, which is asked ${asked === askedOther ? 'no less' : 'more'}` : ''
      }${doubts.length === 0 ? '' : `, as far as is known, but ${doubts.join('; ')}`}.`,
      rests: restsOf(original.index, 'documents'),
    },
  };
}

function sizeOf({ population, size }: VectorSample): number {
  return Math.max(population, size);
}

function alike(a: number, b: number): boolean {
  return Math.min(a, b) >= SAME * Math.max(a, b);
}

/**
 * One index that is seen twice, by two addresses: its id in OpenSearch is random (`index.uuid`), and a replica of
 * Postgres has the ids of its primary.
 */
function isOne(a: Seen, b: Seen): boolean {
  return hasOneId(a, b) && (a.storeType === 'opensearch' || a.replica || b.replica);
}

/** What other stores keep of the making of an index (numbers, times) two of them may have in common by chance or copy. */
function hasOneId(a: Seen, b: Seen): boolean {
  return a.storeType === b.storeType && a.incarnation !== null && a.incarnation === b.incarnation;
}

/** Do its counters leave out queries, or may they? */
function hidesQueries({ index, counted }: Watch): boolean {
  return (
    index.gaps.some(({ of }) => of === 'queries') ||
    (index.queries !== null && counted.some(({ replica, replicas }) => replica || replicas !== 0))
  );
}

function differ(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

/** Below 0 where `a` is the copy of two that are asked alike: the younger, else the later id. */
function younger(a: Seen, b: Seen): number {
  if (a.created !== null && b.created !== null && a.created !== b.created)
    return Date.parse(b.created) - Date.parse(a.created);
  return a.id > b.id ? -1 : 1;
}
