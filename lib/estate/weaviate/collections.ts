import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Dataset, VectorIndex } from '../model.ts';
import { entriesOf, modelNamed } from '../store-answer.ts';
import { vectorIndex } from '../vector-index.ts';
import { notSampled, type Sampled, unsampled } from '../vectors/sampling.ts';
import { sampleObjects } from './objects.ts';
import { askWeaviate, type WeaviateSession } from './session.ts';

const ID = 'weaviate.collections';

const vectorConfig = z.object({
  // The module that makes the vectors, by its name: { "text2vec-openai": { "model": ... } }.
  vectorizer: z.unknown().optional(),
  vectorIndexType: z.string().optional(),
  vectorIndexConfig: z.unknown().optional(),
});
const collection = z.object({
  class: z.string(),
  vectorizer: z.string().optional(),
  moduleConfig: z.unknown().optional(),
  vectorIndexType: z.string().optional(),
  vectorIndexConfig: z.unknown().optional(),
  vectorConfig: entriesOf(vectorConfig).nullish(),
  multiTenancyConfig: z.object({ enabled: z.boolean().optional() }).nullish(),
});
type Collection = z.output<typeof collection>;
/**
 * An answer without the list is one of another service, and no empty Weaviate, which writes it always
 * (weaviate/weaviate, entities/models/schema.go).
 */
const Schema = z.object({ classes: z.array(collection).nullable() });
const Nodes = z.object({
  nodes: z
    .array(
      z.object({
        name: z.string(),
        status: z.string().default('HEALTHY'),
        shards: z
          .array(
            z.object({
              name: z.string(),
              class: z.string(),
              objectCount: z
                .number()
                .transform((count) => (Number.isSafeInteger(count) && count >= 0 ? count : null)),
              loaded: z.boolean().optional(),
            }),
          )
          .nullish(),
      }),
    )
    .nullish(),
});
type Node = NonNullable<z.output<typeof Nodes>['nodes']>[number];

/**
 * Collections of a Weaviate server or cluster: how their vectors are configured, which model makes them where a module
 * of Weaviate does, and how many objects the nodes tell. No vector is read and no search is made.
 *
 * It does not see: queries, which Weaviate counts for Prometheus alone, at another port; dimensions, which no
 * definition names; bytes; when a collection was made, written or asked; collections that the key may not read.
 */
export const weaviateCollections: Dataset<WeaviateSession> = {
  id: ID,
  // Roles of Weaviate are what allows it: read_collections, read_nodes (verbose), read_data, read_tenants.
  permissions: [],
  async collect(_scope, session, _now, _earlier, meter) {
    const { classes } = await askWeaviate(session, Schema, { call: 'schema.dump', path: '/schema' }, meter);
    if (classes === null || classes.length === 0) return { vectorIndexes: [] };
    const nodes = await nodesOf(session, meter);
    const sharedBy = classes.map((one) => idOf(session, one.class));
    const vectorIndexes: VectorIndex[] = [];
    for (const one of classes) {
      const sampled = await sampleOf(session, one, meter);
      vectorIndexes.push(describe(session, { one, counted: countOf(one, nodes), sampled, sharedBy }));
    }
    return { vectorIndexes };
  },
};

/** The nodes with their shards, or why they did not tell. */
async function nodesOf(session: WeaviateSession, meter: Meter): Promise<readonly Node[] | string> {
  try {
    const request = { call: 'nodes.get', path: '/nodes', query: { output: 'verbose' } };
    return (await askWeaviate(session, Nodes, request, meter)).nodes ?? [];
  } catch (error) {
    if (error instanceof BursarError && error.code === 'denied') return 'The API key may not read the nodes.';
    throw error;
  }
}

interface Counted {
  readonly objects: number | null;
  /** Why they are not known; null where they are. */
  readonly why: string | null;
}

/** Objects of a collection: of each shard once, as the copy that has most of them tells. */
function countOf(one: Collection, nodes: readonly Node[] | string): Counted {
  if (typeof nodes === 'string') return { objects: null, why: nodes };
  const sick = nodes.filter(({ status }) => status !== 'HEALTHY');
  if (nodes.length === 0 || sick.length > 0)
    return {
      objects: null,
      why: `${sick.length} of ${nodes.length} nodes are not healthy, and do not tell their objects.`,
    };
  const shards = nodes.flatMap((node) => node.shards ?? []).filter((shard) => shard.class === one.class);
  // A tenant that is not active has no shard, and one that is not loaded has no count.
  if (one.multiTenancyConfig?.enabled === true)
    return {
      objects: null,
      why: 'It has tenants, and Weaviate counts objects of those alone that are active.',
    };
  if (shards.length === 0 || shards.some(({ loaded }) => loaded === false))
    return { objects: null, why: 'Not all of its shards are loaded.' };
  let objects = 0;
  for (const copies of Map.groupBy(shards, ({ name }) => name).values()) {
    const most = copies.reduce<number | null>(
      (known, { objectCount }) =>
        known === null || objectCount === null ? null : Math.max(known, objectCount),
      0,
    );
    if (most === null) return { objects: null, why: 'A shard does not tell its objects exactly.' };
    objects += most;
  }
  return { objects, why: null };
}

/** What cannot be read of the objects is a gap of the collection, and no fault of the others. */
async function sampleOf(session: WeaviateSession, one: Collection, meter: Meter): Promise<Sampled> {
  const documents = session.documents(one.class);
  if (documents === null) return notSampled('No object was read: the config names no documents.');
  try {
    return await sampleObjects(
      session,
      one.class,
      one.multiTenancyConfig?.enabled === true,
      documents,
      meter,
    );
  } catch (error) {
    if (!(error instanceof BursarError) || error.code === 'credentials') throw error;
    return unsampled(`Its objects could not be read: ${error.message}.`);
  }
}

interface Told {
  readonly one: Collection;
  readonly counted: Counted;
  readonly sampled: Sampled;
  readonly sharedBy: readonly string[];
}

function describe(session: WeaviateSession, { one, counted, sampled, sharedBy }: Told): VectorIndex {
  const { store, host, models, billed } = session;
  const vectors = vectorsOf(one);
  const model = same(vectors.map((each) => each.model))?.toLowerCase() ?? modelNamed(models, one.class);
  return vectorIndex({
    store,
    storeType: 'weaviate',
    provider: 'other',
    accountId: host,
    region: 'global',
    dataset: ID,
    id: idOf(session, one.class),
    index: one.class,
    method: same(vectors.map(({ method }) => method)),
    metric: same(vectors.map(({ metric }) => metric)),
    model,
    vectors: counted.objects,
    source: session.documents(one.class)?.source ?? null,
    capacity: { kind: 'shared-cluster', billed, bytes: null, sharedBy },
    sample: sampled.sample,
    gaps: [
      {
        of: 'queries',
        why: 'Weaviate counts queries for Prometheus alone, at another port that was not asked.',
      },
      { of: 'bytes', why: 'Weaviate tells no bytes of a collection.' },
      ...(counted.why === null ? [] : [{ of: 'vectors', why: counted.why } as const]),
      ...(vectors.length > 1
        ? [
            {
              of: 'vectors',
              why: `Weaviate counts objects; how many of them have each of ${vectors.length} vectors it does not tell.`,
            } as const,
          ]
        : []),
      ...(model === null
        ? [
            {
              of: 'model',
              why: 'No module of Weaviate names the model of the vectors; the config may name it.',
            } as const,
          ]
        : []),
      ...sampled.gaps,
    ],
  });
}

interface Vector {
  readonly method: string | null;
  readonly metric: string | null;
  readonly model: string | null;
}

/** The named vectors, or the one that has no name. */
function vectorsOf(one: Collection): Vector[] {
  const named = one.vectorConfig ?? [];
  if (named.length > 0)
    return named.map(([, { vectorizer, vectorIndexType, vectorIndexConfig }]) => ({
      method: vectorIndexType ?? null,
      metric: textAt(vectorIndexConfig, 'distance'),
      model: same(Object.values(object(vectorizer)).map((config) => textAt(config, 'model'))),
    }));
  const { vectorizer = 'none' } = one;
  const modules = object(one.moduleConfig);
  return [
    {
      method: one.vectorIndexType ?? null,
      metric: textAt(one.vectorIndexConfig, 'distance'),
      model: Object.hasOwn(modules, vectorizer) ? textAt(modules[vectorizer], 'model') : null,
    },
  ];
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textAt(value: unknown, key: string): string | null {
  const own = object(value);
  const found = Object.hasOwn(own, key) ? own[key] : null;
  return typeof found === 'string' && found !== '' ? found : null;
}

/** What all have in common; null where they differ or there is none. */
function same(values: readonly (string | null)[]): string | null {
  const [first = null] = values;
  return values.every((value) => value === first) ? first : null;
}

function idOf({ host }: WeaviateSession, name: string): string {
  return `weaviate://${host}/${encodeURIComponent(name)}`;
}
