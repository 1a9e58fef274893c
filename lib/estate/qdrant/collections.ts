import pLimit from 'p-limit';
import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Dataset, VectorGap, VectorIndex } from '../model.ts';
import { pathPart } from '../rest.ts';
import { entriesOf, modelNamed, wideCount } from '../store-answer.ts';
import { unknownModel, vectorIndex } from '../vector-index.ts';
import { notSampled, type Sampled, scanned, unsampled } from '../vectors/sampling.ts';
import { type Counters, countersOf } from './counters.ts';
import { MOST_POINTS, pointKeys } from './points.ts';
import { askQdrant, type QdrantSession } from './session.ts';

const ID = 'qdrant.collections';
const AT_ONCE = 4;

const Collections = z.object({ result: z.object({ collections: z.array(z.object({ name: z.string() })) }) });
const dense = z.object({ size: wideCount, distance: z.string() });
const Info = z.object({
  result: z.object({
    points_count: wideCount.nullish(),
    config: z.object({
      params: z.object({
        // One vector without a name, or several by their names.
        vectors: z.union([dense, entriesOf(dense)]).nullish(),
        sparse_vectors: entriesOf(z.unknown()).nullish(),
      }),
      hnsw_config: z.object({ m: z.number().optional() }),
    }),
  }),
});
type Info = z.output<typeof Info>['result'];
/** Collections with their UUIDs, where the server tells them (`details_level` of 3 and more). */
const Telemetry = z.object({
  result: z.object({
    collections: z.object({
      collections: z
        .array(
          z.object({ id: z.string().optional(), config: z.object({ uuid: z.string().nullish() }).nullish() }),
        )
        .nullish(),
    }),
  }),
});

/** Also where reading the keys failed: the scrolls before that were counted. */
const OWN_SCROLLS: VectorGap = {
  of: 'queries',
  why: 'Keys are read by scrolls, which Qdrant counts like those of others: whether points are only ever scrolled is not known.',
};

/**
 * Collections of a Qdrant server or cluster: their vectors as they are configured, points as Qdrant estimates them,
 * and what each node counts of searches, reads and writes since it started. No vector is read and no search is made.
 *
 * It does not see: when a collection was made, last written or last asked; bytes, which Qdrant estimates and warns
 * not to rely on; single points by id over REST, which it does not count; collections that the key may not read.
 */
export const qdrantCollections: Dataset<QdrantSession> = {
  id: ID,
  // The API key is what allows it: Qdrant knows no named rights.
  permissions: [],
  async collect(_scope, session, _now, _earlier, meter) {
    const names = await namesOf(session, meter);
    if (names.length === 0) return { vectorIndexes: [] };
    // Before any sample, whose scrolls would be counted too.
    const counters = await countersOf(session, meter);
    const uuids = await uuidsOf(session, meter);
    const infos = await pLimit(AT_ONCE).map(names, async (name) => ({
      name,
      info: await infoOf(session, name, meter),
    }));
    const kept = infos.flatMap(({ name, info }) =>
      info === null || !hasVectors(info) ? [] : [{ name, info }],
    );
    const sharedBy = kept.map(({ name }) => idOf(session, name));
    const vectorIndexes: VectorIndex[] = [];
    for (const { name, info } of kept) {
      const sampled = await sampleOf(session, name, meter);
      vectorIndexes.push(
        describe(session, { name, info, uuid: uuids.get(name) ?? null, counters, sampled, sharedBy }),
      );
    }
    return { vectorIndexes };
  },
};

async function namesOf(session: QdrantSession, meter: Meter): Promise<string[]> {
  const { result } = await askQdrant(
    session,
    session.peers[0],
    Collections,
    { call: 'collections', path: '/collections' },
    meter,
  );
  return result.collections.map(({ name }) => name);
}

/** Null where it was deleted since it was listed. */
async function infoOf(session: QdrantSession, name: string, meter: Meter): Promise<Info | null> {
  try {
    const path = `/collections/${pathPart(name)}`;
    return (await askQdrant(session, session.peers[0], Info, { call: 'collection', path }, meter)).result;
  } catch (error) {
    if (error instanceof BursarError && error.code === 'input') return null;
    throw error;
  }
}

function hasVectors({ config: { params } }: Info): boolean {
  return densesOf(params).length > 0 || (params.sparse_vectors ?? []).length > 0;
}

function densesOf({ vectors }: Info['config']['params']): z.output<typeof dense>[] {
  if (vectors === null || vectors === undefined) return [];
  return Array.isArray(vectors) ? vectors.map(([, vector]) => vector) : [vectors];
}

/** None where the key may not read them. */
async function uuidsOf(session: QdrantSession, meter: Meter): Promise<ReadonlyMap<string, string>> {
  try {
    const { result } = await askQdrant(
      session,
      session.peers[0],
      Telemetry,
      { call: 'telemetry', path: '/telemetry', query: { details_level: '3' } },
      meter,
    );
    return new Map(
      (result.collections.collections ?? []).flatMap(({ id, config }) =>
        id === undefined || typeof config?.uuid !== 'string' ? [] : [[id, config.uuid] as const],
      ),
    );
  } catch (error) {
    if (error instanceof BursarError && error.code === 'denied') return new Map();
    throw error;
  }
}

/** What cannot be read of the points is a gap of the collection, and no fault of the others. */
async function sampleOf(session: QdrantSession, name: string, meter: Meter): Promise<Sampled> {
  const documents = session.documents(name);
  if (documents === null) return notSampled('No point was read: the config names no documents.');
  try {
    return await scanned(documents, pointKeys(session, name, documents, meter), MOST_POINTS);
  } catch (error) {
    if (!(error instanceof BursarError) || error.code === 'credentials') throw error;
    return unsampled(`Its points could not be read: ${error.message}.`);
  }
}

interface Told {
  readonly name: string;
  readonly info: Info;
  readonly uuid: string | null;
  readonly counters: Counters | { readonly why: string };
  readonly sampled: Sampled;
  readonly sharedBy: readonly string[];
}

function describe(session: QdrantSession, told: Told): VectorIndex {
  const { name, info, uuid, counters, sampled, sharedBy } = told;
  const { config, points_count: points = null } = info;
  const denses = densesOf(config.params);
  const documents = session.documents(name);
  const model = modelNamed(session.models, name);
  const known = 'of' in counters ? counters : null;
  const counted = known?.of(name) ?? null;
  return vectorIndex({
    store: session.store,
    storeType: 'qdrant',
    provider: 'other',
    accountId: session.peers[0].host,
    region: 'global',
    dataset: ID,
    id: idOf(session, name),
    // Counters go on under the name of a collection that was made again, and begin anew with other nodes or names.
    incarnation:
      uuid === null && known === null
        ? null
        : [`${uuid ?? ''}@${known?.nodes ?? ''}`, ...(known?.aliasesOf(name) ?? [])].join('/'),
    index: name,
    method: denses.length > 0 && config.hnsw_config.m !== 0 ? 'hnsw' : null,
    dimension: same(denses.map(({ size }) => size)),
    metric: same(denses.map(({ distance }) => distance.toLowerCase())),
    model,
    vectors: points,
    queries: counted?.searches ?? null,
    writes: counted?.writes ?? null,
    // Keys are read by scrolls, which would be taken for reads of others.
    tableScans:
      counted === null ? null : documents === null ? added(counted.reads, counted.scrolls) : counted.reads,
    statsSince: known?.since ?? null,
    replicas: known?.silent ?? null,
    source: documents?.source ?? null,
    capacity: { kind: 'shared-cluster', billed: session.billed, bytes: null, sharedBy },
    sample: sampled.sample,
    gaps: [
      ...gapsOf(told, model, denses.length),
      ...(documents === null || known === null ? [] : [OWN_SCROLLS]),
      ...sampled.gaps,
    ],
  });
}

function gapsOf({ info, counters }: Told, model: string | null, named: number): VectorGap[] {
  const sparse = info.config.params.sparse_vectors?.length ?? 0;
  return [
    { of: 'bytes', why: 'Qdrant tells an estimate of bytes alone, and warns not to rely on it.' },
    ...(named + sparse > 1
      ? [
          {
            of: 'vectors',
            why: `Qdrant counts points; how many of them have each of ${named + sparse} vectors it does not tell.`,
          } as const,
        ]
      : []),
    ...(model === null ? [unknownModel('Qdrant')] : []),
    ...('why' in counters ? [{ of: 'queries', why: counters.why, untold: true } as const] : []),
  ];
}

function added(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** What all have in common; null where they differ or there is none. */
function same<T>(values: readonly (T | null)[]): T | null {
  const [first = null] = values;
  return values.every((value) => value === first) ? first : null;
}

function idOf({ peers: [{ host }] }: QdrantSession, name: string): string {
  return `qdrant://${host}/${encodeURIComponent(name)}`;
}
