import type { Facts } from '../../../lib/checks/model.ts';
import { NOW } from '../facts.ts';
import type { Case, Expected } from './model.ts';
import { STALE } from './stale.ts';

type Seen = Facts['vectorIndexes']['current'][number];

const DAY = 86_400_000;
const ago = (days: number) => new Date(NOW.getTime() - days * DAY).toISOString();

/** An index whose counters stood still for forty days, looked at on both ends. */
function index(
  name: string,
  verdict: 'UNUSED' | 'SUSPECTED' | null,
  {
    current = {},
    earlier = {},
    looks = 1,
  }: { current?: Partial<Seen>; earlier?: Partial<Seen>; looks?: number } = {},
): Case {
  const store = `docs-${name.replaceAll(/[^a-z]+/g, '-')}`;
  const id = `postgres://${store}.acme.example:5432/product/public.docs`;
  const seen = (days: number, given: Partial<Seen>): Seen => ({
    store,
    storeType: 'pgvector',
    provider: 'postgres',
    accountId: `${store}.acme.example:5432`,
    region: 'global',
    dataset: 'pgvector.indexes',
    incarnation: null,
    metric: 'cosine',
    model: null,
    created: null,
    lastWrite: null,
    measured: null,
    writes: null,
    modelLifecycle: null,
    latency: null,
    source: null,
    capacity: { kind: 'shared-cluster', billed: [], bytes: null, sharedBy: null },
    sample: null,
    gaps: [],
    id,
    table: 'public.docs',
    index: 'docs_embedding',
    method: 'hnsw',
    dimension: 1536,
    vectors: 10_000,
    bytes: 80_000_000,
    queries: 500,
    tableScans: 3,
    lastQuery: ago(60),
    statsSince: ago(200),
    replica: false,
    replicas: 0,
    at: ago(days),
    scope: `store:${store}`,
    ...given,
  });
  const expect: Expected[] =
    verdict === null ? [] : [{ check: 'stale-embeddings', verdict, resourceId: id, saving: null }];
  return {
    name: `index: ${name}`,
    coverage: [{ scope: `store:${store}`, status: 'complete', reason: null, asOf: NOW.toISOString() }],
    vectorIndexes: { current: [seen(0, current)], history: looks === 0 ? [] : [seen(40, earlier)] },
    expect,
  };
}

export const VECTORS: readonly Case[] = [
  ...STALE,
  index('nobody asked for forty days', 'UNUSED'),
  index('asked once', null, { current: { queries: 501, lastQuery: ago(3) } }),
  index('searched without the index', 'SUSPECTED', { current: { tableScans: 9 } }),
  index('counters that began anew', null, { current: { statsSince: ago(5), queries: 2 } }),
  index('a replica that may answer', 'SUSPECTED', { current: { replicas: 1 } }),
  index('replicas that nobody may ask for', 'SUSPECTED', { current: { replicas: null } }),
  index('looked at for the first time, its counters older and at zero', 'SUSPECTED', {
    looks: 0,
    current: { queries: 0, lastQuery: null },
  }),
  index('looked at for the first time, and asked before', null, { looks: 0 }),
  index('no word of when its counters began', 'SUSPECTED', {
    current: { statsSince: null },
    earlier: { statsSince: null },
  }),
];
