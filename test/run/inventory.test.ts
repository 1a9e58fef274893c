import { expect, test } from 'vitest';
import type { Owned } from '../../lib/checks/model.ts';
import type { Snapshot } from '../../lib/estate/model.ts';
import { vectorIndex } from '../../lib/estate/vector-index.ts';
import { inventory } from '../../lib/run/inventory.ts';
import { bench, delivery, inMonth, row } from '../lake/bills.ts';
import { auditorOf, EAST, machine, opened, QUIET } from './auditor.ts';

const now = new Date('2026-11-20T10:00:00Z');

/** A snapshot of one GPU machine and a plain one, and one vector index in a store. */
const snapshot: Snapshot = {
  schemaVersion: 2,
  scope: EAST,
  takenAt: '2026-11-20T09:00:00.000Z',
  resources: [
    {
      ...machine(EAST, 'i-0000000a'),
      name: 'trainer',
      accelerators: [{ kind: 'NVIDIA T4', count: 2, memoryMiB: null }],
    },
    machine(EAST, 'i-0000000b'),
  ],
  telemetry: [],
  vectorIndexes: [],
  coverage: [],
};

const model = {
  ProviderName: 'OpenAI',
  ServiceName: 'OpenAI API',
  ServiceCategory: 'AI and Machine Learning',
  SubAccountId: 'proj_a',
  ResourceId: '',
  x_AiModel: 'large',
  x_AiClass: 'model API',
};

test('what exists and what only the bill knows is told once, the dearest first', async () => {
  await using bills = await bench();
  const { lake, ledger } = await opened();
  const rows = [
    row({ ResourceId: 'i-0000000a', EffectiveCost: '30' }),
    row({ ResourceId: 'i-0000000b', EffectiveCost: '5' }),
    row({ ...model, EffectiveCost: '0.1' }),
    row({ ...model, EffectiveCost: '0.2' }),
    row({ ...model, EffectiveCost: '9', BillingCurrency: 'EUR' }),
    row({ ...model, SubAccountId: 'proj_b', EffectiveCost: '-1' }),
  ];
  await lake.ingest(delivery('main', [await bills.file(rows)]), now, QUIET);
  await lake.putSnapshot(snapshot);
  const auditor = auditorOf({ lake, ledger }, []);
  const { items, window } = await inventory(auditor, false, now);
  expect(window).toEqual({ start: '2026-10-07T00:00:00.000Z', end: '2026-11-06T00:00:00.000Z' });
  const told = items.map(({ kind, name, accountId, aiClass, cost }) =>
    [kind, name ?? '', accountId, aiClass ?? '', `${cost?.amount ?? ''} ${cost?.currency ?? ''}`].join('|'),
  );
  expect(told).toEqual([
    'bill|large|proj_a|model API|9 EUR',
    'resource|trainer|111122223333|GPU compute|30 USD',
    'resource||111122223333||5 USD',
    'bill|large|proj_a|model API|0.3 USD',
    'bill|large|proj_b|model API|-1 USD',
  ]);
  expect(items[1]).toMatchObject({ accelerators: '2 x NVIDIA T4', type: 'aws:ec2:instance' });
  const { items: ai } = await inventory(auditor, true, now);
  expect(ai.map(({ name }) => name)).toEqual(['large', 'trainer', 'large', 'large']);
});

test('a Workbench instance and the machine under it are one row, and their cost is counted once', async () => {
  await using bills = await bench();
  const { lake, ledger } = await opened();
  const PROJECT = { provider: 'gcp', accountId: 'ml-research', region: 'global' } as const;
  const under = '//compute.googleapis.com/projects/ml-research/zones/us-central1-a/instances/lab-vm';
  const lab = '//notebooks.googleapis.com/projects/ml-research/locations/us-central1-a/instances/lab';
  const gpu = [{ kind: 'NVIDIA T4', count: 1, memoryMiB: null }];
  const of = (id: string, name: string, type: string) => ({ ...machine(PROJECT, name), id, name, type });
  const billed = {
    ProviderName: 'Google Cloud',
    ServiceName: 'Compute Engine',
    SubAccountId: 'ml-research',
    BillingAccountId: '012345-6789AB-CDEF01',
  };
  const rows = [
    row({ ...billed, ResourceId: under, EffectiveCost: '40' }),
    row({ ...billed, ServiceName: 'Notebooks', ResourceId: lab, EffectiveCost: '2.5' }),
  ];
  await lake.ingest(delivery('main', [await bills.file(rows)]), now, QUIET);
  const vm = { ...of(under, 'lab-vm', 'gcp:compute:instance'), accelerators: gpu };
  const workbench = { ...of(lab, 'lab', 'gcp:notebooks:instance'), attributes: { machine: under } };
  const other = of(under.replace('lab-vm', 'plain'), 'plain', 'gcp:compute:instance');
  await lake.putSnapshot({ ...snapshot, scope: PROJECT, resources: [vm, workbench, other] });
  const { items } = await inventory(auditorOf({ lake, ledger }, []), false, now);
  expect(items).toMatchObject([
    {
      name: 'lab',
      type: 'gcp:notebooks:instance',
      machine: under,
      accelerators: '1 x NVIDIA T4',
      aiClass: 'notebook',
      cost: { amount: '42.5', currency: 'USD' },
    },
    { name: 'plain', machine: null, cost: null },
  ]);
});

test('charges of no model say whether the bill names resources for them', async () => {
  await using bills = await bench();
  const { lake, ledger } = await opened();
  const gpu = { ServiceName: 'Amazon Elastic Compute Cloud', x_AiClass: 'GPU compute' };
  const rows = [
    row({ ...gpu, SubAccountId: 'none', ResourceId: '', EffectiveCost: '9' }),
    row({ ...gpu, SubAccountId: 'one', ResourceId: 'i-0000000c', EffectiveCost: '3' }),
    row({ ...gpu, SubAccountId: 'one', ResourceId: 'i-0000000c', EffectiveCost: '4' }),
    row({ ...gpu, SubAccountId: 'two', ResourceId: 'i-0000000d', EffectiveCost: '2' }),
    row({ ...gpu, SubAccountId: 'two', ResourceId: 'i-0000000e', EffectiveCost: '3' }),
    row({ ...gpu, SubAccountId: 'both', ResourceId: 'i-0000000f', EffectiveCost: '1' }),
    row({ ...gpu, SubAccountId: 'both', ResourceId: '', EffectiveCost: '2.5' }),
    // Another currency is another line, with resources of its own.
    row({ ...gpu, SubAccountId: 'both', ResourceId: '', EffectiveCost: '1', BillingCurrency: 'ZAR' }),
    row({ ...model, ResourceId: 'proj_a/large', EffectiveCost: '0.5' }),
  ];
  await lake.ingest(delivery('main', [await bills.file(rows)]), now, QUIET);
  const { items } = await inventory(auditorOf({ lake, ledger }, []), true, now);
  expect(items.map(({ accountId, type, name, cost }) => [accountId, type, name, cost?.amount])).toEqual([
    ['none', gpu.ServiceName, 'charges without a resource', '9'],
    ['one', gpu.ServiceName, '1 resource that only the bill names', '7'],
    ['two', gpu.ServiceName, '2 resources that only the bill names', '5'],
    ['both', gpu.ServiceName, '1 resource that only the bill names, and charges without a resource', '3.5'],
    ['proj_a', 'OpenAI API', 'large', '0.5'],
    ['both', gpu.ServiceName, 'charges without a resource', '1'],
  ]);
});

test('without a bill nothing has a cost, and without a look there is nothing', async () => {
  const { lake, ledger } = await opened();
  const auditor = auditorOf({ lake, ledger }, []);
  expect(await inventory(auditor, false, now)).toMatchObject({ window: null, items: [] });
  await lake.putSnapshot(snapshot);
  const { items } = await inventory(auditor, false, now);
  expect(items.map(({ cost }) => cost)).toEqual([null, null]);
});

test('a month that no longer counts is in no cost', async () => {
  await using bills = await bench();
  const { lake, ledger } = await opened();
  const rows = [
    row({ ResourceId: 'i-0000000a', EffectiveCost: '30' }),
    inMonth('2026-08', { ResourceId: 'i-0000000a', EffectiveCost: '1000' }),
  ];
  await lake.ingest(delivery('main', [await bills.file(rows)]), now, QUIET);
  await lake.putSnapshot(snapshot);
  const { items } = await inventory(auditorOf({ lake, ledger }, []), true, now);
  expect(items).toMatchObject([{ name: 'trainer', cost: { amount: '30', currency: 'USD' } }]);
});

test('a database that holds a vector index is a vector store with its cost, and whoever owns it owns the index', async () => {
  await using bills = await bench();
  const { lake, ledger } = await opened();
  const arn = 'arn:aws:rds:us-east-1:111122223333:db:docs';
  const database = {
    ...machine(EAST, 'docs'),
    type: 'aws:rds:db',
    id: arn,
    name: 'docs',
    tags: { owner: 'ana@acme.example' },
  };
  const bare = vectorIndex({
    id: 'postgres://docs/public.chunks/embedding',
    provider: 'postgres',
    accountId: 'docs.internal:5432',
    region: 'global',
    dataset: 'pgvector.indexes',
    store: 'docs',
    storeType: 'pgvector',
    table: 'chunks',
    index: 'chunks_embedding',
    gaps: [],
  });
  const index = {
    ...bare,
    model: 'amazon.titan-embed-text-v2:0',
    capacity: { kind: 'shared-cluster' as const, billed: [arn], bytes: null, sharedBy: null },
  };
  // One table of LanceDB lies in a bucket of many other things.
  const shared = 'arn:aws:s3:::everything';
  const bucket = { ...database, type: 'aws:s3:bucket', id: shared, name: 'everything' };
  const inBucket = {
    ...index,
    id: 's3://everything/docs/chunks',
    capacity: { kind: 'by-bytes' as const, billed: [shared], bytes: null, sharedBy: null },
  };
  const charged = [
    row({ ResourceId: arn, EffectiveCost: '70' }),
    row({ ResourceId: shared, EffectiveCost: '50000' }),
  ];
  await lake.ingest(delivery('main', [await bills.file(charged)]), now, QUIET);
  await lake.putSnapshot({ ...snapshot, resources: [database, bucket, machine(EAST, 'plain')] });
  await lake.putSnapshot({
    ...snapshot,
    scope: { provider: 'postgres', accountId: 'docs', region: 'global' },
    resources: [],
    vectorIndexes: [index, inBucket, { ...index, id: 'elsewhere', capacity: null }],
  });
  const auditor = {
    ...auditorOf({ lake, ledger }, []),
    ownerOf: ({ tags }: Owned) =>
      tags?.['owner'] === undefined
        ? null
        : { id: tags['owner'], source: 'tag owner', confidence: 'high' as const },
  };
  const { items } = await inventory(auditor, true, now);
  expect(
    items.map((item) => [item.kind, item.id, item.aiClass, item.model, item.owner?.id, item.cost?.amount]),
  ).toEqual([
    ['resource', arn, 'vector store', null, 'ana@acme.example', '70'],
    ['vector-index', 'elsewhere', 'vector store', 'amazon.titan-embed-text-v2:0', undefined, undefined],
    ['vector-index', index.id, 'vector store', 'amazon.titan-embed-text-v2:0', 'ana@acme.example', undefined],
    ['vector-index', inBucket.id, 'vector store', inBucket.model, 'ana@acme.example', undefined],
  ]);
});

test('every kind of AI work is of a class, an ended run only where it was billed', async () => {
  await using bills = await bench();
  const { lake, ledger } = await opened();
  const ended = { state: 'Completed', type: 'aws:sagemaker:training-job' };
  const kinds: readonly (readonly [string, Partial<Snapshot['resources'][number]>, string | null])[] = [
    ['app', { type: 'aws:sagemaker:app' }, 'notebook'],
    ['domain', { type: 'aws:sagemaker:domain' }, 'notebook'],
    ['space', { type: 'aws:sagemaker:space' }, 'notebook'],
    ['running', { type: 'aws:sagemaker:training-job', state: 'InProgress' }, 'training'],
    ['billed', ended, 'training'],
    ['processing', { type: 'aws:sagemaker:processing-job', state: 'InProgress' }, 'data pipeline'],
    ['units', { type: 'aws:bedrock:provisioned-model-throughput' }, 'model API'],
    ['model', { type: 'aws:bedrock:custom-model' }, 'model API'],
    ['profile', { type: 'aws:bedrock:inference-profile' }, 'model API'],
    ['base', { type: 'aws:bedrock:knowledge-base' }, 'vector store'],
    ['batch', { type: 'aws:batch:job', state: 'RUNNING' }, 'GPU compute'],
    ['vectors', { type: 'aws:opensearchserverless:collection', sku: 'VECTORSEARCH' }, 'vector store'],
    // A domain of OpenSearch may hold vectors or logs: it is listed, and nobody says which.
    ['search', { type: 'aws:opensearch:domain' }, 'unknown'],
    ['logs', { type: 'aws:opensearchserverless:collection', sku: 'TIMESERIES' }, null],
    ['unbilled', ended, null],
  ];
  const resources = kinds.map(([name, given]) => ({ ...machine(EAST, name), name, ...given }));
  const costly = resources.find(({ name }) => name === 'billed');
  await lake.ingest(
    delivery('main', [await bills.file([row({ ResourceId: costly?.id ?? '', EffectiveCost: '4' })])]),
    now,
    QUIET,
  );
  await lake.putSnapshot({ ...snapshot, resources });
  const auditor = auditorOf({ lake, ledger }, []);
  const { items } = await inventory(auditor, true, now);
  const told = items.flatMap(({ kind, name, aiClass }) =>
    kind === 'resource' ? [`${name} ${aiClass}`] : [],
  );
  expect(told.toSorted()).toEqual(
    kinds.flatMap(([name, , aiClass]) => (aiClass === null ? [] : [`${name} ${aiClass}`])).toSorted(),
  );
  const names = (await inventory(auditor, false, now)).items.map(({ name }) => name);
  expect(names).toContain('logs');
  expect(names).not.toContain('unbilled');
});
