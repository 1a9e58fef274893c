import type { Facts } from '../../../lib/checks/model.ts';
import type { SketchEntry, VectorSample } from '../../../lib/estate/model.ts';
import { vectorIndex } from '../../../lib/estate/vector-index.ts';
import { hashOf } from '../../../lib/estate/vectors/keys.ts';
import { NOW } from '../facts.ts';
import { ACCOUNT, type Case, cost, type Expected, REGION, SCOPE } from './model.ts';

type Seen = Facts['vectorIndexes']['current'][number];

const DAY = 86_400_000;
const ago = (days: number) => new Date(NOW.getTime() - days * DAY).toISOString();

const slug = (name: string) => name.replaceAll(/[^a-z0-9]+/g, '-');
const idOf = (name: string) => `arn:aws:s3vectors:${REGION}:${ACCOUNT}:bucket/docs/index/${slug(name)}`;
const storeOf = (name: string) => `arn:aws:s3vectors:${REGION}:${ACCOUNT}:bucket/${slug(name)}`;

/** An index that is asked ten times a day, of 3 GB in a store of 10 GB that is paid by the byte. */
function seen(name: string, given: Partial<Seen> = {}): Seen {
  return {
    ...vectorIndex({
      store: slug(name),
      storeType: 'opensearch',
      provider: 'aws',
      accountId: ACCOUNT,
      region: REGION,
      dataset: 'aws.opensearch.indexes',
      id: idOf(name),
      index: slug(name),
      dimension: 1024,
      metric: 'cosinesimil',
      model: 'text-embedding-3-small',
      vectors: 1000,
      bytes: 3_000_000_000,
      queries: 900,
      statsSince: ago(200),
      replicas: 0,
      capacity: {
        kind: 'by-bytes',
        billed: [storeOf(name)],
        bytes: 10_000_000_000,
        sharedBy: [idOf(name), idOf('some other')],
      },
      gaps: [],
    }),
    at: ago(0),
    scope: SCOPE,
    ...given,
  };
}

interface Given {
  readonly current?: Partial<Seen>;
  /** 40 days ago. */
  readonly earlier?: Partial<Seen>;
  /** Further looks, by days ago. */
  readonly looks?: readonly (readonly [days: number, given: Partial<Seen>])[];
  readonly committed?: string;
  readonly byUse?: string;
}

/** What a store costs a month: 100 USD, and 40 for requests where it is paid by the byte. */
function costsOf(
  name: string,
  byBytes: boolean,
  committed = '0',
  byUse = '0',
): Pick<Case, 'costs' | 'storageCosts'> {
  const row = (effective: string) =>
    cost({ resourceId: storeOf(name), service: 'Amazon S3', effective, committed, byUse });
  return byBytes ? { costs: [row('140')], storageCosts: [row('100')] } : { costs: [row('100')] };
}

/** An index whose store costs 100 USD a month, so that the index costs 30. */
function index(
  name: string,
  expected: readonly (Omit<Expected, 'check' | 'resourceId'> & { readonly kind?: string })[],
  { current = {}, earlier = {}, looks = [], committed = '0', byUse }: Given = {},
): Case {
  return {
    name: `embeddings: ${name}`,
    ...costsOf(
      name,
      current.capacity === undefined || current.capacity?.kind === 'by-bytes',
      committed,
      byUse,
    ),
    vectorIndexes: {
      current: [seen(name, current)],
      history: [
        seen(name, { at: ago(40), queries: 500, ...earlier }),
        ...looks.map(([days, given]) => seen(name, { at: ago(days), queries: 600, ...given })),
      ],
    },
    expect: expected.map(({ kind, ...rest }) => ({
      check: 'stale-embeddings',
      resourceId: kind === undefined ? idOf(name) : `${idOf(name)}#${kind}`,
      ...rest,
    })),
  };
}

const NONE = { gone: 0, newer: 0, differs: 0, outOfDate: 0, duplicate: 0, unkeyed: 0, respelled: 0 };

function sample(
  counts: Partial<VectorSample['counts']> = {},
  given: Partial<VectorSample> = {},
  complete = true,
): VectorSample {
  return {
    population: 1000,
    size: 1000,
    drawn: 'all',
    counts: { ...NONE, ...counts },
    models: { 'text-embedding-3-small': given.size ?? 1000 },
    tokens: { sum: 412_500, vectors: 1000, source: 'metadata field tokens' },
    sources: {
      kind: 's3',
      name: 's3://docs/',
      listedAt: ago(0),
      keys: 880,
      complete,
      hashed: true,
      newest: ago(1),
    },
    sketch: [],
    ...given,
  };
}

/** The vectors of documents `from` to `to` of a corpus, made at one time of contents of one version. */
function sketch(of: string, from: number, to: number, embedded: number, version = 'v1'): SketchEntry[] {
  return Array.from({ length: to - from }, (_, at) => ({
    key: hashOf(`${of} ${from + at}`),
    content: hashOf(`${version} ${from + at}`),
    embedded,
  })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

const measured = (received: number, queries: number) => ({
  start: ago(31),
  end: ago(0),
  queries,
  received,
  expected: 744,
  source: 'AWS/AOSS SearchRequestRate',
});

const UNASKED = { queries: 500 };
const OWN = { kind: 'by-index', bytes: 10_000_000_000, sharedBy: null } as const;

function copyOf(name: string, corpus: string, given: Partial<Seen>): Seen {
  return seen(name, { sample: sample({}, { sketch: sketch(corpus, 0, 1000, 1) }), ...given });
}

/** Two indexes of the same thousand documents; the second is asked less. */
function twins(name: string, second: Partial<Seen>, expected: Expected[]): Case {
  const [one, two] = [`${name}, asked`, `${name}, copied`];
  return {
    name: `embeddings: ${name}`,
    costs: [one, two].flatMap((each) => costsOf(each, true).costs ?? []),
    storageCosts: [one, two].flatMap((each) => costsOf(each, true).storageCosts ?? []),
    vectorIndexes: {
      current: [copyOf(one, name, { queries: 5000 }), copyOf(two, name, { queries: 510, ...second })],
      history: [one, two].map((each) => seen(each, { at: ago(40), queries: 500 })),
    },
    expect: expected,
  };
}

export const STALE: readonly Case[] = [
  index('nobody asks what is paid by the byte', [{ verdict: 'UNUSED', saving: '30', cost: '30' }], {
    current: UNASKED,
  }),
  index('nobody asks what has machines of its own', [{ verdict: 'UNUSED', saving: '30', cost: '30' }], {
    current: {
      ...UNASKED,
      capacity: { ...OWN, billed: [storeOf('nobody asks what has machines of its own')] },
    },
  }),
  index('a cluster that costs the same without it', [{ verdict: 'UNUSED', saving: null, cost: '30' }], {
    current: {
      ...UNASKED,
      capacity: {
        kind: 'shared-cluster',
        billed: [storeOf('a cluster that costs the same without it')],
        bytes: 10_000_000_000,
        sharedBy: null,
      },
    },
  }),
  index('a minimum that is paid without it', [{ verdict: 'UNUSED', saving: null, cost: '100' }], {
    current: {
      ...UNASKED,
      capacity: {
        kind: 'minimum',
        billed: [storeOf('a minimum that is paid without it')],
        bytes: null,
        sharedBy: [idOf('a minimum that is paid without it')],
      },
    },
  }),
  index('a store whose bill nobody found', [{ verdict: 'UNUSED', saving: null, cost: null }], {
    current: { ...UNASKED, capacity: { ...OWN, billed: ['arn:aws:es:us-east-1:111122223333:domain/none'] } },
  }),
  index('nobody asks what a commitment covers in part', [{ verdict: 'UNUSED', saving: '18', cost: '30' }], {
    current: UNASKED,
    committed: '40',
  }),
  index('nobody asks machines that took data before', [{ verdict: 'UNUSED', saving: '18', cost: '30' }], {
    current: {
      ...UNASKED,
      capacity: { ...OWN, billed: [storeOf('nobody asks machines that took data before')] },
    },
    byUse: '40',
  }),
  index('a store that counts no queries', [], { current: { queries: null }, earlier: { queries: null } }),
  index('a gap that may hide queries', [{ verdict: 'SUSPECTED', saving: null, cost: '30' }], {
    current: { ...UNASKED, gaps: [{ of: 'queries', why: 'Another node counts for itself.' }] },
  }),
  index('asked before its counters began anew', [], {
    current: { queries: 0, statsSince: ago(3) },
    looks: [[10, { queries: 700 }]],
  }),
  index('made again under its name', [{ verdict: 'SUSPECTED', saving: null, cost: '30' }], {
    current: { queries: 0, incarnation: 'b' },
    earlier: { incarnation: 'a' },
  }),
  index('a replica that came in between', [{ verdict: 'SUSPECTED', saving: null, cost: '30' }], {
    current: UNASKED,
    looks: [[20, { queries: 500, replicas: 2 }]],
  }),
  index('every hour measured, and zero', [{ verdict: 'UNUSED', saving: '30', cost: '30' }], {
    current: { queries: null, measured: measured(744, 0) },
  }),
  index('an hour that nobody measured', [{ verdict: 'SUSPECTED', saving: null, cost: '30' }], {
    current: { queries: null, measured: measured(743, 0) },
  }),
  index('a query in a measured hour', [], { current: { queries: null, measured: measured(700, 1) } }),
  index('measured for a week', [], {
    current: { queries: null, measured: { ...measured(168, 0), start: ago(7), expected: 168 } },
  }),
  index('younger than the window, as far as is measured', [], {
    current: { queries: null, measured: measured(744, 0), created: ago(10) },
  }),

  index(
    '120 of 1000 point to nothing',
    [{ kind: 'orphaned', verdict: 'UNUSED', saving: '3.6', cost: '3.6' }],
    { current: { sample: sample({ gone: 120 }) } },
  ),
  index(
    '120 of 1000, of what a commitment covers in part',
    [{ kind: 'orphaned', verdict: 'UNUSED', saving: '2.16', cost: '3.6' }],
    { current: { sample: sample({ gone: 120 }) }, committed: '40' },
  ),
  // The exact interval of 12 of 100 drawn from 1000 is 67 to 196.
  index(
    '12 of 100 drawn from 1000 point to nothing',
    [{ kind: 'orphaned', verdict: 'UNUSED', saving: '2.01', cost: '3.6' }],
    { current: { sample: sample({ gone: 12 }, { size: 100, drawn: 'at-random' }) } },
  ),
  index(
    'orphans of an index with machines of its own',
    [{ kind: 'orphaned', verdict: 'UNUSED', saving: null, cost: '3.6' }],
    {
      current: {
        sample: sample({ gone: 120 }),
        capacity: { ...OWN, billed: [storeOf('orphans of an index with machines of its own')] },
      },
    },
  ),
  index('a listing that was cut short', [], { current: { sample: sample({ gone: 120 }, {}, false) } }),
  index('no source to compare with', [], { current: { sample: sample({ gone: 120 }, { sources: null }) } }),
  index(
    'the wrong bucket: no key is there',
    [{ kind: 'orphaned', verdict: 'SUSPECTED', saving: null, cost: '30' }],
    { current: { sample: sample({ gone: 1000 }) } },
  ),
  index('nine orphans of a thousand', [], { current: { sample: sample({ gone: 9 }) } }),
  index('keys that are spelled otherwise', [], { current: { sample: sample({ respelled: 400 }) } }),
  index('nobody asks what points to nothing: told once', [{ verdict: 'UNUSED', saving: '30', cost: '30' }], {
    current: { ...UNASKED, sample: sample({ gone: 120, duplicate: 50 }) },
  }),

  index(
    '200 of 1000 older than their documents',
    [{ kind: 'out-of-date', verdict: 'INEFFICIENT', saving: null, cost: null }],
    { current: { sample: sample({ newer: 150, differs: 100, outOfDate: 200 }) } },
  ),
  index(
    '50 copies within the index',
    [{ kind: 'duplicate', verdict: 'UNUSED', saving: '1.5', cost: '1.5' }],
    { current: { sample: sample({ duplicate: 50 }) } },
  ),
  index('copies that were drawn by chance', [], {
    current: { sample: sample({ duplicate: 5 }, { size: 100, drawn: 'at-random' }) },
  }),
  twins('two indexes of the same', {}, [
    {
      check: 'stale-embeddings',
      verdict: 'UNUSED',
      resourceId: `${idOf('two indexes of the same, copied')}#duplicate`,
      saving: '30',
      cost: '30',
    },
  ]),
  twins('the same, of which one counts no queries', { queries: null }, [
    {
      check: 'stale-embeddings',
      verdict: 'SUSPECTED',
      resourceId: `${idOf('the same, of which one counts no queries, copied')}#duplicate`,
      saving: null,
      cost: '30',
    },
  ]),
  // A search by another distance has other neighbours: neither index answers for the other.
  twins('the same by another distance', { metric: 'innerproduct' }, []),
  twins('the same by the same distance of another name', { metric: 'COSINE' }, [
    {
      check: 'stale-embeddings',
      verdict: 'UNUSED',
      resourceId: `${idOf('the same by the same distance of another name, copied')}#duplicate`,
      saving: '30',
      cost: '30',
    },
  ]),
  twins('the same by a distance that is not told', { metric: null }, [
    {
      check: 'stale-embeddings',
      verdict: 'SUSPECTED',
      resourceId: `${idOf('the same by a distance that is not told, copied')}#duplicate`,
      saving: null,
      cost: '30',
    },
  ]),
  twins(
    'the same by another model',
    {
      model: 'text-embedding-3-large',
      sample: sample({}, { models: {}, sketch: sketch('the same by another model', 0, 1000, 1) }),
    },
    [],
  ),
  twins(
    'a tenth of them others',
    { sample: sample({}, { sketch: sketch('a tenth of them others', 100, 1100, 1) }) },
    [],
  ),

  index(
    'a model that ended',
    [{ kind: 'superseded-model', verdict: 'INEFFICIENT', saving: null, cost: null }],
    { current: { model: 'models/embedding-001' } },
  ),
  index(
    'a model that Bedrock calls legacy',
    [{ kind: 'superseded-model', verdict: 'INEFFICIENT', saving: null, cost: null }],
    {
      current: {
        model: 'amazon.titan-embed-text-v1',
        modelLifecycle: {
          status: 'LEGACY',
          legacySince: ago(30),
          endOfLife: ago(-300),
          source: 'bedrock:GetFoundationModel',
        },
      },
    },
  ),
  index('a model that is active', [], {
    current: {
      model: 'amazon.titan-embed-text-v2:0',
      modelLifecycle: {
        status: 'ACTIVE',
        legacySince: null,
        endOfLife: ago(-300),
        source: 'bedrock:GetFoundationModel',
      },
    },
  }),
  index(
    'two models in one index',
    [{ kind: 'superseded-model', verdict: 'INEFFICIENT', saving: null, cost: null }],
    {
      current: {
        sample: sample({}, { models: { 'text-embedding-3-small': 900, 'text-embedding-3-large': 100 } }),
      },
    },
  ),

  // 400 vectors of 412.5 tokens at 0.02 USD a million, between looks 20 days apart: 0.0033 USD, and 0.00495 a month.
  index(
    'unchanged content embedded again',
    [{ kind: 'churn', verdict: 'INEFFICIENT', saving: null, cost: '0.00495' }],
    {
      current: {
        sample: sample(
          {},
          { sketch: [...sketch('again', 0, 400, 2), ...sketch('again', 400, 1000, 1)].toSorted(byKey) },
        ),
      },
      looks: [[20, { sample: sample({}, { sketch: sketch('again', 0, 1000, 1) }) }]],
    },
  ),
  index('changed content embedded again', [], {
    current: { sample: sample({}, { sketch: sketch('changed', 0, 1000, 2, 'v2') }) },
    looks: [[20, { sample: sample({}, { sketch: sketch('changed', 0, 1000, 1) }) }]],
  }),
  index('everything made again by another model', [], {
    current: { sample: sample({}, { sketch: sketch('migrated', 0, 1000, 2) }) },
    looks: [
      [
        20,
        {
          model: 'text-embedding-3-large',
          sample: sample(
            {},
            { models: { 'text-embedding-3-large': 1000 }, sketch: sketch('migrated', 0, 1000, 1) },
          ),
        },
      ],
    ],
  }),
];

function byKey(a: SketchEntry, b: SketchEntry): number {
  return a.key < b.key ? -1 : 1;
}
