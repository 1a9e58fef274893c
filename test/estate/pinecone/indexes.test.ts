import { afterEach, expect, test } from 'vitest';
import { watchOf } from '../../../lib/checks/stale/watch.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Snapshot, VectorIndex } from '../../../lib/estate/model.ts';
import { pineconeIndexes } from '../../../lib/estate/pinecone/indexes.ts';
import { pineconePlanes } from '../../../lib/estate/pinecone/session.ts';
import type { Documents } from '../../../lib/estate/vectors/documents.ts';
import { gapOf } from '../../../lib/platform/coverage.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import type { SpecServer } from '../../counterparts/spec-server.ts';
import { describeWithShared } from '../../shared.ts';
import { documents } from '../documents.ts';
import { FakePinecone, hostOf, KEY } from './fake.ts';

const SCOPE = { provider: 'other', accountId: 'docs', region: 'global' } as const;
const NOW = new Date('2026-11-20T10:00:00.000Z');
const PROJECT = '0ce9acea-7e07-4eb3-aa61-3a24f11e29aa';

const part = (index: string) => `store:docs#queries of pinecone://${PROJECT}/${index}`;

const servers: SpecServer[] = [];
// Every request and answer is one of the interfaces that Pinecone publishes, else closing throws.
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function look(
  fake: FakePinecone,
  {
    of = {},
    key = KEY,
    project = PROJECT,
  }: { of?: Readonly<Record<string, Documents>>; key?: string; project?: string | null } = {},
): Promise<Snapshot & { asked: readonly string[] }> {
  const server = await fake.start();
  servers.push(server);
  const session = {
    store: 'docs',
    project,
    models: { manuals: 'Titan-V2' },
    billed: [],
    documents: (index: string) => (Object.hasOwn(of, index) ? (of[index] ?? null) : null),
    ...pineconePlanes({
      store: 'docs',
      key,
      // A host of Pinecone is a part of the path here.
      addressOf: (host) =>
        host === 'api.pinecone.io' || host.includes('aws-adkl') ? server.url : `${server.url}/${host}`,
      wait: async () => undefined,
    }),
  };
  const snapshot = await collectScope(SCOPE, session, [pineconeIndexes], NOW, new Meter());
  return { ...snapshot, asked: server.asked };
}

const only = ({ vectorIndexes, coverage }: Snapshot): VectorIndex => {
  const [index, ...more] = vectorIndexes ?? [];
  if (index === undefined || more.length > 0)
    throw new Error(`${vectorIndexes?.length ?? 0} indexes: ${coverage[0]?.reason ?? ''}`);
  return index;
};
const metrics = (...lines: readonly string[]) =>
  lines
    .map((line) =>
      line.replace('{', '{cloud="aws",region="us-east-1",capacity_mode="serverless",index_name="manuals"'),
    )
    .join('\n');

const records = (count: number, prefix: string) =>
  new Map(
    Array.from({ length: count }, (_, at) => [
      `${prefix}#${at}`,
      { source: at === 7 ? 's3://docs/gone' : `s3://docs/${at}`, model: 'm', secret: 'hunter2' },
    ]),
  );

describeWithShared('Pinecone by its published interfaces', () => {
  test('an index with its records, and what the metrics of the project tell of it', async () => {
    const fake = new FakePinecone([{ name: 'manuals', records: { '': { a: {}, b: {} }, other: { c: {} } } }]);
    fake.metrics = metrics(
      'pinecone_db_record_total{} 3',
      'pinecone_db_storage_size_bytes{} 4096',
      'pinecone_db_op_query_count{,instance="i-1"} 40',
      'pinecone_db_op_query_count{,instance="i-2"} 2',
      'pinecone_db_op_query_duration_sum{,instance="i-1"} 420',
      'pinecone_db_op_fetch_count{,instance="i-1"} 5',
      'pinecone_db_op_upsert_count{,instance="i-1"} 7',
    );
    expect(only(await look(fake))).toMatchObject({
      id: `pinecone://${PROJECT}/manuals`,
      accountId: PROJECT,
      region: 'us-east-1',
      incarnation: `${hostOf({ name: 'manuals' })}@i-1+i-2`,
      dimension: 2,
      metric: 'cosine',
      model: 'titan-v2',
      vectors: 3,
      bytes: 4096,
      queries: 42,
      tableScans: 5,
      writes: 7,
      statsSince: null,
      replicas: 0,
      latency: { milliseconds: 10 },
      capacity: { kind: 'minimum', sharedBy: [`pinecone://${PROJECT}/manuals`] },
      sample: null,
    });
  });

  test('servers that come and go begin their counters anew', async () => {
    const fake = new FakePinecone([{ name: 'manuals' }]);
    const seen = async (at: string, instance: string, queries: number) => {
      fake.metrics = metrics(`pinecone_db_op_query_count{,instance="${instance}"} ${queries}`);
      return { ...only(await look(fake)), at, scope: 'store:docs' };
    };
    const before = await seen('2026-09-01T00:00:00.000Z', 'i-1', 100);
    const same = watchOf(await seen('2026-10-20T00:00:00.000Z', 'i-1', 100), [before], 30 * 86_400_000);
    expect(same).toMatchObject({ queries: 0, reset: false, used: false });
    // Another server that was asked as often would look like silence by its count alone.
    const other = watchOf(await seen('2026-10-20T00:00:00.000Z', 'i-2', 100), [before], 30 * 86_400_000);
    expect(other).toMatchObject({ queries: 100, reset: true, used: true });
  });

  test("pods, dedicated nodes, a cloud of one's own, integrated models, sparse vectors", async () => {
    const dedicated = {
      mode: 'Dedicated',
      dedicated: { node_type: 't1', scaling: 'Manual' },
      status: { state: 'Ready' },
    };
    const fake = new FakePinecone([
      {
        name: 'pods',
        spec: { pod: { environment: 'us-east1-gcp', pod_type: 'p1.x1', pods: 2, replicas: 2, shards: 1 } },
      },
      {
        name: 'nodes',
        spec: { serverless: { cloud: 'gcp', region: 'europe-west4', read_capacity: dedicated } },
      },
      {
        name: 'own',
        spec: {
          byoc: {
            environment: 'aws-us-east-1-b921',
            read_capacity: { mode: 'OnDemand', status: { state: 'Ready' } },
          },
        },
      },
      { name: 'made', more: { embed: { model: 'Multilingual-E5-Large' }, tags: { team: 'search' } } },
      {
        name: 'sparse',
        more: { dimension: undefined, metric: 'dotproduct', vector_type: 'sparse' },
        told: 2 ** 60,
      },
    ]);
    const { vectorIndexes } = await look(fake);
    expect(
      vectorIndexes?.map(({ index, capacity, region, model, vectors, dimension }) => [
        index,
        capacity?.kind,
        capacity?.sharedBy?.length,
        region,
        model,
        vectors,
        dimension,
      ]),
    ).toEqual([
      ['pods', 'by-index', 1, 'us-east1-gcp', null, 0, 2],
      ['nodes', 'by-index', 1, 'europe-west4', null, 0, 2],
      ['own', 'shared-cluster', undefined, 'aws-us-east-1-b921', null, 0, 2],
      ['made', 'minimum', 2, 'us-east-1', 'multilingual-e5-large', 0, 2],
      ['sparse', 'minimum', 2, 'us-east-1', null, null, 2],
    ]);
  });

  test('without a project, without a plan for metrics, or without this index in them: queries are not known', async () => {
    const fake = new FakePinecone([{ name: 'manuals' }]);
    const why = async (project: string | null) =>
      only(await look(fake, { project })).gaps.find(({ of }) => of === 'queries')?.why;
    expect(await why(null)).toContain('names no project');
    expect(await why(PROJECT)).toContain('did not give its metrics');
    fake.metrics = 'pinecone_db_record_total{index_name="other"} 3';
    expect(await why(PROJECT)).toContain('name no queries of this index');
    fake.metrics = metrics('pinecone_db_storage_size_bytes{} 1');
    expect(await why(PROJECT)).toContain('name no queries of this index');
  });

  test('metrics that come and go end nothing: what was told of its queries cannot be known', async () => {
    const fake = new FakePinecone([{ name: 'manuals' }, { name: 'other' }]);
    fake.metrics = metrics('pinecone_db_op_query_count{} 7');
    const { vectorIndexes, coverage } = await look(fake);
    expect(vectorIndexes.map(({ queries }) => queries)).toEqual([7, null]);
    expect([gapOf(coverage, part('manuals')), coverage[0]?.status]).toEqual([null, 'complete']);
    expect(gapOf(coverage, part('other'))).toContain('not there to be asked');
    fake.metrics = null;
    const { coverage: without } = await look(fake);
    expect(gapOf(without, part('manuals'))).toContain('not there to be asked');
    expect(gapOf(without, 'store:docs#pinecone.indexes')).toBeNull();
  });

  test.each(['', '# nothing here', 'up 1'])(
    'metrics without a metric of Pinecone fail the look: %s',
    async (text) => {
      const fake = new FakePinecone([{ name: 'manuals' }]);
      fake.metrics = text;
      expect((await look(fake)).coverage).toMatchObject([
        { status: 'failed', reason: expect.stringContaining('none of Pinecone') },
      ]);
    },
  );

  test('statistics and pages of another shape: no number, no sample, and the look says so', async () => {
    const fake = new FakePinecone([{ name: 'manuals', records: { '': { a: { source: 'x' } } } }]);
    const of = { manuals: documents([], { list: null }) };
    for (const [operation, body] of [
      ['POST /describe_index_stats', '{}'],
      ['POST /describe_index_stats', '{"totalVectorCount":null}'],
      ['GET /vectors/list', '{}'],
      ['GET /vectors/fetch', '{}'],
    ] as const) {
      fake.before = (request) =>
        request.operation === operation
          ? { text: body, headers: { 'content-type': 'application/json' } }
          : null;
      const snapshot = await look(fake, { of });
      expect(only(snapshot).sample).toBeNull();
      expect(snapshot.coverage).toMatchObject([
        { status: 'partial', reason: expect.stringContaining('none of Pinecone') },
      ]);
    }
  });

  test('the metrics are found as the documentation writes their address, too', async () => {
    const fake = new FakePinecone([{ name: 'manuals' }]);
    fake.discovery = 'discovery';
    fake.targets = [
      { targets: ['x.aws-adkl.svc.pinecone.io'], labels: { __metrics_path__: '/projects/p/metrics/export' } },
    ];
    fake.metrics = metrics('pinecone_db_op_query_count{,instance="i"} 3');
    expect(only(await look(fake)).queries).toBe(3);
  });

  test.each([
    'https://evil.example/metrics/export',
    'https://pinecone.io.evil.example/m',
    'http://a.svc.pinecone.io/m',
    'https://a.svc.pinecone.io:8443/m',
  ])('metrics at %s get no key', async (target) => {
    const fake = new FakePinecone([{ name: 'manuals' }]);
    fake.targets = [{ targets: [target] }];
    fake.metrics = 'x 1';
    const { asked, ...snapshot } = await look(fake);
    expect(only(snapshot).gaps).toContainEqual({
      of: 'queries',
      untold: true,
      why: expect.stringContaining('none of its own'),
    });
    expect(asked.filter((line) => !/^GET \/(indexes|prometheus)|^POST /.test(line))).toEqual([]);
  });

  test.each([
    'evil.example',
    'pinecone.io.evil.example',
    'evilpinecone.io',
    'a.pinecone.io@evil.example',
    'a.pinecone.io:8443',
    'a.pinecone.io/x',
    '',
  ])('an index at the host %o gets no key, and is told as not read', async (host) => {
    const fake = new FakePinecone([
      { name: 'manuals', host },
      { name: 'good', records: { '': { a: {} } } },
    ]);
    const { asked, ...snapshot } = await look(fake);
    expect(snapshot.coverage[0]).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining('got no key'),
    });
    expect(snapshot.vectorIndexes?.map(({ index, vectors }) => [index, vectors])).toEqual([
      ['manuals', null],
      ['good', 1],
    ]);
    expect(asked.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });

  test('documents: every namespace, in pages, a part of the ids drawn by their hashes', async () => {
    const namespaces = new Map<string, Map<string, unknown>>([
      ['', records(250, 'a/ü')],
      ['__proto__', records(130, 'b')],
    ]);
    const keys = Array.from({ length: 250 }, (_, at) => ({
      key: `s3://docs/${at}`,
      modified: null,
      content: null,
    }));
    const fake = new FakePinecone([{ name: 'manuals', records: namespaces }]);
    const snapshot = await look(fake, { of: { manuals: documents(keys) } });
    expect(only(snapshot).sample).toMatchObject({
      population: 380,
      size: 380,
      drawn: 'all',
      counts: { gone: 2, unkeyed: 0 },
      models: { m: 380 },
    });
    expect(JSON.stringify(snapshot)).not.toContain('hunter2');
    expect(snapshot.asked.filter((line) => line.includes('/vectors/list'))).toHaveLength(3 + 2);
    expect(fake.fetched.every((ids) => ids.length <= 100)).toBe(true);
    expect(Math.max(...snapshot.asked.map((line) => line.length))).toBeLessThan(8000);
    const drawn = only(await look(fake, { of: { manuals: documents(keys, { most: 100 }) } })).sample;
    expect(drawn).toMatchObject({ population: 380, size: 100, drawn: 'at-random' });
  });

  test('looking at documents is not taken for silence of others', async () => {
    const fake = new FakePinecone([{ name: 'manuals', records: { '': { a: { source: 'x' } } } }]);
    fake.metrics = metrics(
      'pinecone_db_op_query_count{,instance="i"} 0',
      'pinecone_db_op_fetch_count{,instance="i"} 9',
    );
    const index = only(await look(fake, { of: { manuals: documents([]) } }));
    expect(index).toMatchObject({ queries: 0, tableScans: null });
    expect(index.gaps).toContainEqual({ of: 'queries', why: expect.stringContaining('fetched') });
  });

  test('pods list no ids; records that vanish while they are read make no sample', async () => {
    const pod = { pod: { environment: 'us-east1-gcp', pod_type: 'p1.x1' } };
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`id${at}`, { source: 'x' }]));
    const fake = new FakePinecone([
      { name: 'pods', spec: pod, records: { '': many } },
      { name: 'manuals', records: { '': many } },
    ]);
    fake.before = ({ operation }) =>
      operation === 'GET /vectors/fetch' ? { json: { vectors: {}, namespace: '' } } : null;
    const of = documents([], { list: null });
    const { vectorIndexes } = await look(fake, { of: { pods: of, manuals: of } });
    expect(vectorIndexes?.map(({ sample }) => sample)).toEqual([null, null]);
    expect(vectorIndexes?.map(({ gaps }) => gaps.find((gap) => gap.of === 'documents')?.why)).toEqual([
      expect.stringContaining('indexes of pods'),
      expect.stringContaining('50 of 50'),
    ]);
  });

  test('half a listing is no sample, and the index stays', async () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`id${at}`, { source: 'x' }]));
    const fake = new FakePinecone([{ name: 'manuals', records: { '': many } }]);
    fake.before = ({ operation, query }) =>
      operation === 'GET /vectors/list' && query.get('paginationToken') === '200'
        ? { status: 500, json: {} }
        : null;
    const snapshot = await look(fake, { of: { manuals: documents([], { list: null }) } });
    expect(snapshot.coverage[0]?.status).toBe('partial');
    expect(only(snapshot)).toMatchObject({ sample: null, vectors: 250 });
  });

  test('a wrong key, a throttled project, an empty one', async () => {
    const wrong = await look(new FakePinecone([{ name: 'manuals' }]), { key: 'pcsk_other' });
    expect(wrong.coverage[0]).toMatchObject({ status: 'failed', reason: expect.stringContaining('login') });
    expect(JSON.stringify(wrong.coverage)).not.toContain('pcsk_other');
    const throttled = new FakePinecone([]);
    throttled.before = () => ({ status: 429, json: {} });
    const late = await look(throttled);
    expect(late.coverage[0]?.reason).toContain('throttled');
    expect(late.asked).toHaveLength(4);
    expect(await look(new FakePinecone([]))).toMatchObject({ coverage: [{ status: 'complete' }] });
  });

  test('one index that does not answer leaves the others, and is told', async () => {
    const fake = new FakePinecone([{ name: 'manuals' }, { name: 'good', records: { '': { a: {} } } }]);
    fake.before = ({ operation, prefix }) =>
      operation === 'POST /describe_index_stats' && prefix.includes('manuals')
        ? { status: 503, json: {} }
        : null;
    const { vectorIndexes, coverage } = await look(fake);
    expect(coverage[0]).toMatchObject({ status: 'partial', reason: expect.stringContaining('manuals') });
    expect(vectorIndexes?.map(({ vectors }) => vectors)).toEqual([null, 1]);
  });
});
