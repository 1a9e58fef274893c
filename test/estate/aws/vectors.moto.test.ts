import { GetFoundationModelResponse$ } from '@aws-sdk/client-bedrock';
import {
  GetDataSourceResponse$,
  GetKnowledgeBaseResponse$,
  ListDataSourcesResponse$,
  ListIngestionJobsResponse$,
  ListKnowledgeBaseDocumentsResponse$,
  ListKnowledgeBasesResponse$,
} from '@aws-sdk/client-bedrock-agent';
import { CreateIndexCommand, CreateVectorBucketCommand, PutVectorsCommand } from '@aws-sdk/client-s3vectors';
import { beforeEach, expect, inject, test } from 'vitest';
import { awsBedrockKnowledgeBases } from '../../../lib/estate/aws/bedrock-knowledge-bases.ts';
import { awsBedrockKnowledgeVectors } from '../../../lib/estate/aws/bedrock-knowledge-vectors.ts';
import { awsOpensearchVectors } from '../../../lib/estate/aws/opensearch-vectors.ts';
import { awsS3Vectors } from '../../../lib/estate/aws/s3-vectors.ts';
import type { AwsSession } from '../../../lib/estate/aws/session.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Dataset, Resource, Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { schemaFaults } from '../../sdk-schema.ts';
import { type Answer, jsonRefusal, OWN, proxy, session } from './emulated.ts';
import { publish } from './fleet.ts';

const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
const NOW = new Date('2026-11-20T10:30:00Z');

beforeEach(() => resetMoto(moto));

const buckets = (endpoint = moto) => collectScope(scope, session(endpoint), [awsS3Vectors], NOW, new Meter());

async function makeIndex(bucket: string, name: string, dimension: number): Promise<void> {
  await session(moto).s3vectors.send(
    new CreateIndexCommand({
      vectorBucketName: bucket,
      indexName: name,
      dataType: 'float32',
      dimension,
      distanceMetric: 'cosine',
    }),
  );
}

test('indexes of S3 Vectors, with what nobody can tell of them', async () => {
  const { s3vectors } = session(moto);
  for (const vectorBucketName of ['manuals', 'empty'])
    await s3vectors.send(new CreateVectorBucketCommand({ vectorBucketName }));
  await makeIndex('manuals', 'de', 1024);
  await makeIndex('manuals', 'en', 256);
  await s3vectors.send(
    new PutVectorsCommand({
      vectorBucketName: 'manuals',
      indexName: 'en',
      vectors: [{ key: 'a', data: { float32: Array(256).fill(0.5) }, metadata: { password: 'hunter2' } }],
    }),
  );
  // moto answers GetIndex without the time of making that the service gives.
  const timed = await proxy(moto, async ({ path }, pass) => {
    if (path !== 'POST /GetIndex') return null;
    const answer = await pass();
    return { ...answer, body: answer.body.replace('"index": {', '"index": {"creationTime": 1790841600, ') };
  });
  const snapshot = await buckets(timed.url);
  await timed.close();
  expect(snapshot.coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(
    snapshot.vectorIndexes
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, store, index: name, dimension, metric }) => [id, store, name, dimension, metric]),
  ).toEqual([
    [`arn:aws:s3vectors:us-east-1:${OWN}:bucket/manuals/index/de`, 'manuals', 'de', 1024, 'cosine'],
    [`arn:aws:s3vectors:us-east-1:${OWN}:bucket/manuals/index/en`, 'manuals', 'en', 256, 'cosine'],
  ]);
  for (const one of snapshot.vectorIndexes) {
    expect(one).toMatchObject({ vectors: null, bytes: null, queries: null, measured: null, lastQuery: null });
    expect(one.gaps.map(({ of }) => of)).toEqual(['queries', 'writes', 'vectors', 'bytes', 'model']);
    expect(one.created).toBe('2026-10-01T08:00:00.000Z');
  }
  expect(JSON.stringify(snapshot)).not.toContain('hunter2');
});

test('an index that is deleted on the way is left out; one that may not be described is a gap, not an absence', async () => {
  await session(moto).s3vectors.send(new CreateVectorBucketCommand({ vectorBucketName: 'manuals' }));
  await makeIndex('manuals', 'gone', 8);
  await makeIndex('manuals', 'kept', 8);
  const answered = async (name: string, status: number) => {
    const before = await proxy(moto, async ({ path, body }) =>
      path === 'POST /GetIndex' && body.includes('/gone')
        ? { status, type: 'application/json', body: JSON.stringify({ __type: name, message: 'no' }) }
        : null,
    );
    try {
      return await buckets(before.url);
    } finally {
      await before.close();
    }
  };
  const gone = await answered('NotFoundException', 404);
  expect(gone.coverage[0]?.status).toBe('complete');
  expect(gone.vectorIndexes.map(({ index: name }) => name)).toEqual(['kept']);
  const denied = await answered('AccessDeniedException', 403);
  expect(denied.coverage[0]).toMatchObject({ status: 'failed' });
  expect(denied.coverage[0]?.reason).toContain('s3vectors:GetIndex was denied');
  expect(denied.vectorIndexes).toEqual([]);
});

function collection(id: string, name: string, attributes: Resource['attributes'] = {}): Resource {
  return {
    provider: 'aws',
    accountId: OWN,
    region: 'us-east-1',
    type: 'aws:opensearchserverless:collection',
    id: `arn:aws:aoss:us-east-1:${OWN}:collection/${id}`,
    name,
    state: 'ACTIVE',
    created: '2026-01-01T00:00:00.000Z',
    tags: {},
    sku: 'VECTORSEARCH',
    accelerators: [],
    parent: null,
    attributes: { collectionId: id, kmsKeyArn: 'auto', collectionGroup: null, ...attributes },
  };
}

async function serverless(resources: readonly Resource[], endpoint = moto, meter = new Meter()) {
  const listed: Dataset<AwsSession> = {
    id: 'aws.opensearchserverless.collections',
    permissions: [],
    collect: async () => ({ resources }),
  };
  return await collectScope(scope, session(endpoint), [listed, awsOpensearchVectors], NOW, meter);
}

const HOUR = 3_600_000;
const END = Date.parse('2026-11-20T10:00:00Z');

/** Points of one metric of a collection, by hours before the last full hour. */
async function published(
  metric: string,
  id: string,
  name: string,
  hours: readonly number[],
  value: number,
  index?: string,
) {
  await publish(
    session(moto).cloudwatch,
    'AWS/AOSS',
    metric,
    {
      ClientId: OWN,
      CollectionId: id,
      CollectionName: name,
      ...(index === undefined ? {} : { IndexId: `${index}-id`, IndexName: index }),
    },
    hours.map((ago) => ({ at: new Date(END - ago * HOUR), value })),
  );
}

const hours = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('vector collections: searches by the hour, and what all their indexes hold', async () => {
  // The month before and the current hour lie outside.
  await published('SearchRequestRate', 'c1', 'manuals', [...hours(720), 0, 721], 2);
  await published('StorageUsedInS3', 'c1', 'manuals', hours(3), 1000, 'de');
  await published('StorageUsedInS3', 'c1', 'manuals', hours(3), 500, 'en');
  // A total beside its parts is not added to them.
  await published('StorageUsedInS3', 'c1', 'manuals', hours(3), 1500);
  await published('SearchableDocuments', 'c1', 'manuals', hours(3), 7, 'de');
  await published('StorageUsedInS3', 'c2', 'notes', hours(1), 50);
  await published('StorageUsedInS3', 'zz', 'not-of-ours', hours(1), 9);
  const meter = new Meter();
  const snapshot = await serverless(
    [
      collection('c1', 'manuals'),
      collection('c2', 'notes'),
      collection('c3', 'apart', { kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/k' }),
      { ...collection('c4', 'logs'), sku: 'TIMESERIES' },
    ],
    moto,
    meter,
  );
  expect(snapshot.coverage[0]).toMatchObject({ status: 'complete', reason: null });
  const [manuals, notes, apart, ...more] = snapshot.vectorIndexes;
  expect(more).toEqual([]);
  expect(manuals).toMatchObject({
    index: 'manuals',
    storeType: 'opensearch-serverless',
    incarnation: 'c1',
    bytes: 1500,
    vectors: 7,
    queries: null,
    measured: {
      start: '2026-10-21T10:00:00.000Z',
      end: '2026-11-20T10:00:00.000Z',
      queries: 1440,
      received: 720,
      expected: 720,
      source: 'AWS/AOSS SearchRequestRate',
    },
    capacity: { kind: 'minimum', billed: [], bytes: 1550 },
  });
  expect(manuals?.capacity?.sharedBy).toEqual([manuals?.id, notes?.id]);
  // Of these nothing was published: not a single search is known to be missing, and none is taken for zero.
  expect(notes).toMatchObject({
    vectors: null,
    bytes: 50,
    measured: { queries: 0, received: 0, expected: 720 },
  });
  expect(apart).toMatchObject({ bytes: null, capacity: { bytes: null, sharedBy: [apart?.id] } });
  expect(apart?.gaps.map(({ of }) => of)).toContain('bytes');
  // Three searches, three series of storage and one of the collection's own, one of documents; two lists.
  expect(meter.total().calls).toEqual([
    { api: 'cloudwatch:GetMetricData', count: 2 },
    { api: 'cloudwatch:ListMetrics', count: 2 },
  ]);
});

test('a collection that was made on the way is expected to tell of its own hours alone', async () => {
  await published('SearchRequestRate', 'c1', 'manuals', hours(5), 0);
  const snapshot = await serverless([
    { ...collection('c1', 'manuals'), created: '2026-11-20T04:30:00.000Z' },
  ]);
  expect(snapshot.vectorIndexes[0]?.measured).toMatchObject({
    start: '2026-11-20T05:00:00.000Z',
    queries: 0,
    received: 5,
    expected: 5,
  });
});

test('collections of one group share their capacity whatever their keys', async () => {
  const snapshot = await serverless([
    collection('c1', 'a', { collectionGroup: 'llm', kmsKeyArn: 'k1' }),
    collection('c2', 'b', { collectionGroup: 'llm', kmsKeyArn: 'k2' }),
    collection('c3', 'c', { kmsKeyArn: 'k1' }),
  ]);
  expect(snapshot.vectorIndexes.map(({ capacity }) => capacity?.sharedBy?.length)).toEqual([2, 2, 1]);
});

test('a collection whose searches could not be read is left out and told', async () => {
  const before = await proxy(moto, async ({ action, body }, pass) => {
    if (action !== 'GetMetricData' || !body.includes('SearchRequestRate')) return null;
    const answer = await pass();
    return {
      ...answer,
      body: answer.body.replace('"StatusCode": "Complete"', '"StatusCode": "InternalError"'),
    };
  });
  try {
    const snapshot = await serverless([collection('c1', 'a'), collection('c2', 'b')], before.url);
    expect(snapshot.coverage[0]).toMatchObject({ status: 'partial', incomplete: [awsOpensearchVectors.id] });
    expect(snapshot.coverage[0]?.reason).toContain('1 of 2 collections');
    expect(snapshot.vectorIndexes).toHaveLength(1);
  } finally {
    await before.close();
  }
});

/** An answer that AWS could give: its members are those of the SDK's own schema. */
function told(schema: unknown, value: unknown): Answer {
  expect(schemaFaults(schema, value)).toEqual([]);
  return { status: 200, type: 'application/json', body: JSON.stringify(value) };
}

const TITAN = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v1';
const INDEX = `arn:aws:s3vectors:us-east-1:${OWN}:bucket/kb/index/manuals`;
const KB = `arn:aws:bedrock:us-east-1:${OWN}:knowledge-base/KB1`;
const source = { knowledgeBaseId: 'KB1', dataSourceId: 'DS1', name: 'manuals', status: 'AVAILABLE' };
const job = (id: string, status: string, at: string, statistics = {}) => ({
  knowledgeBaseId: 'KB1',
  dataSourceId: 'DS1',
  ingestionJobId: id,
  status,
  startedAt: at,
  updatedAt: at,
  statistics,
});
const document = (status: string, at: string, uri: string) => ({
  knowledgeBaseId: 'KB1',
  dataSourceId: 'DS1',
  status,
  identifier: { dataSourceType: 'S3', s3: { uri } },
  updatedAt: at,
});

/** Bedrock with one knowledge base over S3 Vectors, fed from a bucket. */
const BEDROCK: Readonly<Record<string, (body: string) => Answer>> = {
  'POST /knowledgebases/': () =>
    told(ListKnowledgeBasesResponse$, {
      knowledgeBaseSummaries: [
        { knowledgeBaseId: 'KB1', name: 'manuals', status: 'ACTIVE', updatedAt: '2026-02-01T00:00:00Z' },
      ],
    }),
  'GET /knowledgebases/KB1': () =>
    told(GetKnowledgeBaseResponse$, {
      knowledgeBase: {
        knowledgeBaseId: 'KB1',
        name: 'manuals',
        knowledgeBaseArn: KB,
        roleArn: `arn:aws:iam::${OWN}:role/kb`,
        knowledgeBaseConfiguration: {
          type: 'VECTOR',
          vectorKnowledgeBaseConfiguration: { embeddingModelArn: TITAN },
        },
        storageConfiguration: { type: 'S3_VECTORS', s3VectorsConfiguration: { indexArn: INDEX } },
        status: 'ACTIVE',
        createdAt: '2026-01-05T00:00:00Z',
        updatedAt: '2026-02-01T00:00:00Z',
      },
    }),
  [`GET /tags/${encodeURIComponent(KB)}`]: () => ({
    status: 200,
    type: 'application/json',
    body: '{"tags":{}}',
  }),
  'POST /knowledgebases/KB1/datasources/': () =>
    told(ListDataSourcesResponse$, {
      dataSourceSummaries: [{ ...source, updatedAt: '2026-02-01T00:00:00Z' }],
    }),
  'GET /knowledgebases/KB1/datasources/DS1': () =>
    told(GetDataSourceResponse$, {
      dataSource: {
        ...source,
        dataSourceConfiguration: {
          type: 'S3',
          s3Configuration: { bucketArn: 'arn:aws:s3:::acme-manuals', inclusionPrefixes: ['de/'] },
        },
        createdAt: '2026-01-05T00:00:00Z',
        updatedAt: '2026-02-01T00:00:00Z',
      },
    }),
  'POST /knowledgebases/KB1/datasources/DS1/ingestionjobs/': (body) => {
    expect(JSON.parse(body)).toMatchObject({ sortBy: { attribute: 'STARTED_AT', order: 'DESCENDING' } });
    return told(ListIngestionJobsResponse$, {
      ingestionJobSummaries: [
        job('J3', 'FAILED', '2026-09-01T00:00:00Z'),
        job('J2', 'COMPLETE', '2026-08-20T00:00:00Z', {
          numberOfDocumentsScanned: 3,
          numberOfNewDocumentsIndexed: 0,
          numberOfModifiedDocumentsIndexed: 0,
          numberOfDocumentsDeleted: 0,
        }),
        job('J1', 'COMPLETE', '2026-08-03T00:00:00Z', { numberOfNewDocumentsIndexed: 3 }),
      ],
    });
  },
  'POST /knowledgebases/KB1/datasources/DS1/documents': (body) =>
    body.includes('more')
      ? told(ListKnowledgeBaseDocumentsResponse$, {
          documentDetails: [
            document('FAILED', '2026-09-09T00:00:00Z', 's3://acme-manuals/de/c-private-name'),
          ],
        })
      : told(ListKnowledgeBaseDocumentsResponse$, {
          documentDetails: [
            document('INDEXED', '2026-08-02T00:00:00Z', 's3://acme-manuals/de/a'),
            document('INDEXED', '2026-07-01T00:00:00Z', 's3://acme-manuals/de/b'),
          ],
          nextToken: 'more',
        }),
  'GET /foundation-models/amazon.titan-embed-text-v1': () =>
    told(GetFoundationModelResponse$, {
      modelDetails: {
        modelArn: TITAN,
        modelId: 'amazon.titan-embed-text-v1',
        modelLifecycle: {
          status: 'LEGACY',
          legacyTime: '2026-03-01T00:00:00Z',
          endOfLifeTime: '2027-03-01T00:00:00Z',
        },
      },
    }),
};

async function knowledge(answers: typeof BEDROCK) {
  const before = await proxy(moto, async ({ path, body }) => answers[path]?.(body) ?? null);
  try {
    const datasets = [awsBedrockKnowledgeBases, awsBedrockKnowledgeVectors];
    return await collectScope(scope, session(before.url), datasets, NOW, new Meter());
  } finally {
    await before.close();
  }
}

test('a knowledge base: its model and what becomes of it, where its documents come from, when it was filled', async () => {
  const snapshot = await knowledge(BEDROCK);
  expect(snapshot.coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(snapshot.vectorIndexes).toMatchObject([
    {
      storeType: 'bedrock-knowledge-base',
      id: KB,
      store: 'manuals',
      index: 'manuals',
      table: 'S3_VECTORS',
      model: 'amazon.titan-embed-text-v1',
      modelLifecycle: {
        status: 'LEGACY',
        legacySince: '2026-03-01T00:00:00.000Z',
        endOfLife: '2027-03-01T00:00:00.000Z',
        source: 'bedrock:GetFoundationModel',
      },
      // The job that failed wrote nothing, nor did the one that found nothing new and the document that failed.
      lastWrite: '2026-08-03T00:00:00.000Z',
      source: 's3://acme-manuals/de/',
      capacity: { kind: 'by-bytes', billed: [INDEX] },
      queries: null,
      vectors: null,
      sample: null,
    },
  ]);
  expect(snapshot.vectorIndexes[0]?.gaps.find(({ of }) => of === 'documents')?.why).toBe(
    'Of 3 documents that Bedrock lists 2 are indexed (1 FAILED); they were not compared with their sources.',
  );
  expect(JSON.stringify(snapshot)).not.toContain('private-name');
});

test('documents of a source that has no end are read up to a bound, and that is told', async () => {
  let pages = 0;
  const snapshot = await knowledge({
    ...BEDROCK,
    'POST /knowledgebases/KB1/datasources/DS1/documents': () => {
      pages += 1;
      return told(ListKnowledgeBaseDocumentsResponse$, {
        documentDetails: [document('INDEXED', '2026-08-02T00:00:00Z', `s3://acme-manuals/de/${pages}`)],
        nextToken: `page ${pages}`,
      });
    },
  });
  expect(pages).toBe(20);
  expect(snapshot.coverage[0]?.status).toBe('complete');
  expect(snapshot.vectorIndexes[0]?.gaps.find(({ of }) => of === 'documents')?.why).toContain(
    'Of some data sources the first documents alone were read.',
  );
});

test('a refusal of any one call is a gap of the dataset, and no half-known knowledge base comes out of it', async () => {
  const calls = Object.keys(BEDROCK).filter((path) => /datasources|foundation-models/.test(path));
  expect(calls).toHaveLength(5);
  for (const call of calls) {
    const snapshot = await knowledge({
      ...BEDROCK,
      [call]: () => jsonRefusal('AccessDeniedException', 'not authorized', 403),
    });
    expect({ call, coverage: snapshot.coverage, found: snapshot.vectorIndexes }).toMatchObject({
      call,
      coverage: [
        {
          status: 'partial',
          incomplete: [awsBedrockKnowledgeVectors.id],
          reason: expect.stringContaining('denied'),
        },
      ],
      found: [],
    });
  }
});
