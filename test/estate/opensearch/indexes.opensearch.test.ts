import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../../lib/config/schema.ts';
import type { Snapshot, VectorIndex } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { storesEstate } from '../../../lib/run/assemble/stores.ts';
import { type Front, openFront, send as to } from './front.ts';

const server = inject('opensearchUrl');
const DOMAIN = 'arn:aws:es:eu-central-1:111122223333:domain/docs';

const send = async (method: string, path: string, body?: unknown) => await to(server, method, path, body);

const Stored = z.object({
  _all: z.object({ total: z.object({ store: z.object({ size_in_bytes: z.number() }) }) }),
});
let front: Front;

beforeEach(async () => {
  for (const index of ['manuals', 'notes', 'logs']) await fetch(new URL(index, server), { method: 'DELETE' });
  front = await openFront(server);
});
afterEach(() => front.close());

const vectors = {
  settings: { number_of_shards: 2, number_of_replicas: 0 },
  mappings: { properties: { title: { type: 'text' }, embedding: { type: 'float' } } },
};

async function look(): Promise<Snapshot> {
  const { estate } = configSchema.parse({
    schemaVersion: 1,
    estate: {
      stores: {
        docs: {
          type: 'opensearch',
          url: front.url,
          auth: 'none',
          domain: DOMAIN,
          models: { manuals: 'Titan-V2' },
        },
      },
    },
  });
  const stores = storesEstate(estate.stores);
  const { scopes } = await stores.plan(new Date(), new Meter());
  const [scope] = scopes;
  if (scope === undefined || !stores.covers(scope)) throw new Error('no scope');
  return await stores.collect(scope, new Date('2026-11-20T10:30:00Z'), new Meter());
}

async function one(index: string): Promise<VectorIndex> {
  const snapshot = await look();
  expect(snapshot.coverage).toMatchObject([
    { scope: 'store:docs', status: 'complete', reason: null, asOf: '2026-11-20T10:30:00.000Z' },
  ]);
  const found = snapshot.vectorIndexes.find((of) => of.index === index);
  if (found === undefined) throw new Error(`${index} was not found`);
  return found;
}

test('indexes with vectors, what the cluster counts of them, and what it cannot tell', async () => {
  await send('PUT', '/manuals', vectors);
  await send('PUT', '/logs', { mappings: { properties: { line: { type: 'text' } } } });
  for (const title of ['a', 'b', 'c'])
    await send('POST', '/manuals/_doc?refresh=true', { title, embedding: [0.1, 0.2] });
  await send('POST', '/logs/_doc?refresh=true', { line: 'secret-of-a-document' });
  await send('GET', '/manuals/_search?q=title:a');
  const snapshot = await look();
  expect(snapshot.vectorIndexes.map(({ index }) => index)).toEqual(['manuals']);
  const [found] = snapshot.vectorIndexes;
  expect(found).toMatchObject({
    store: 'docs',
    storeType: 'opensearch',
    provider: 'aws',
    accountId: '111122223333',
    region: 'eu-central-1',
    dataset: 'opensearch.indexes',
    id: `opensearch://${new URL(front.url).host}/manuals`,
    dimension: 1536,
    metric: 'cosinesimil',
    method: 'hnsw',
    model: 'titan-v2',
    vectors: 3,
    // Both shards were searched.
    queries: 2,
    writes: 3,
    tableScans: 0,
    replicas: 0,
    replica: false,
  });
  expect(found?.gaps.map(({ of }) => of)).toEqual(['vectors', 'documents']);
  const { _all: all } = Stored.parse(await send('GET', '/_stats/store'));
  expect(found?.capacity).toEqual({
    kind: 'shared-cluster',
    billed: [DOMAIN],
    bytes: all.total.store.size_in_bytes,
    sharedBy: [found?.id],
  });
  expect(found?.bytes).toBeGreaterThan(0);
  expect(found?.bytes).toBeLessThan(all.total.store.size_in_bytes);
  expect(Date.now() - Date.parse(found?.created ?? '')).toBeLessThan(600_000);
  expect(JSON.stringify(snapshot)).not.toContain('secret-of-a-document');
});

test('looking is counted as no query, and takes four requests, all of them reads', async () => {
  await send('PUT', '/manuals', vectors);
  const before = await one('manuals');
  expect(front.asked.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`)).toEqual([
    'GET /_mapping',
    'GET /_settings/index.creation_date,index.uuid',
    'GET /_cat/recovery',
    'GET /_stats/docs,store,search,indexing',
  ]);
  const after = await one('manuals');
  expect([before.queries, after.queries]).toEqual([0, 0]);
  expect(after.statsSince).toBe(before.statsSince);
  expect(after.incarnation).toBe(before.incarnation);
});

test('a search moves the counter; counters that begin anew are told by their beginning', async () => {
  await send('PUT', '/manuals', vectors);
  const before = await one('manuals');
  await send('GET', '/manuals/_search?q=title:a');
  const searched = await one('manuals');
  expect(searched.queries).toBe((before.queries ?? Number.NaN) + 2);
  expect(searched.statsSince).toBe(before.statsSince);
  await send('POST', '/manuals/_close');
  const closed = await one('manuals');
  expect(closed.queries).toBeNull();
  expect(closed.gaps).toContainEqual(expect.objectContaining({ of: 'queries', untold: true }));
  await send('POST', '/manuals/_open');
  await send('GET', '/_cluster/health?wait_for_status=green&index=manuals');
  await send('GET', '/manuals/_search?q=title:a');
  // As many searches as before, by counters that were zero in between: only their beginning tells.
  const reopened = await one('manuals');
  expect(reopened.queries).toBe(searched.queries);
  expect(Date.parse(reopened.statsSince ?? '')).toBeGreaterThan(Date.parse(searched.statsSince ?? ''));
});

test('a count moves the counter as a search does, and a read by id does not', async () => {
  await send('PUT', '/manuals', vectors);
  await send('PUT', '/manuals/_doc/1?refresh=true', { title: 'a' });
  const before = await one('manuals');
  await send('GET', '/manuals/_doc/1');
  await send('POST', '/manuals/_mget', { ids: ['1', '2'] });
  await send('GET', '/manuals/_termvectors/1?fields=title');
  expect((await one('manuals')).queries).toBe(before.queries);
  await send('GET', '/manuals/_count?q=title:a');
  expect((await one('manuals')).queries).toBeGreaterThan(before.queries ?? Number.NaN);
});

test('an index that is deleted and made again under its name is another one', async () => {
  await send('PUT', '/manuals', vectors);
  const before = await one('manuals');
  await send('DELETE', '/manuals');
  await send('PUT', '/manuals', vectors);
  const after = await one('manuals');
  expect(after.id).toBe(before.id);
  expect(after.incarnation).not.toBe(before.incarnation);
  expect(after.incarnation).toMatch(/^[\w-]{22}\/2$/);
});

test('a hidden index is seen as well', async () => {
  await send('PUT', '/notes', { ...vectors, settings: { ...vectors.settings, 'index.hidden': true } });
  expect((await one('notes')).queries).toBe(0);
});

test('a cluster without vectors is asked for its mapping alone', async () => {
  await send('PUT', '/logs', { mappings: { properties: { line: { type: 'text' } } } });
  const snapshot = await look();
  expect(snapshot.coverage[0]?.status).toBe('complete');
  expect(snapshot.vectorIndexes).toEqual([]);
  expect(front.asked).toHaveLength(1);
});
