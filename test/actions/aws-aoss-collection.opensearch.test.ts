import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateCollectionCommand,
  CreateSecurityPolicyCommand,
  DeleteCollectionCommand,
} from '@aws-sdk/client-opensearchserverless';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { collectionDown } from '../../lib/actions/aws-aoss-collection.ts';
import type { AwsActSession } from '../../lib/actions/aws-session.ts';
import { collectionData } from '../../lib/actions/collection-http.ts';
import { isReversible, type Verified } from '../../lib/actions/model.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { BursarError } from '../../lib/platform/errors.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { type Moto, resetMoto, startMoto } from '../counterparts/moto.ts';
import type { Answer, Request } from '../estate/aws/emulated.ts';
import { actSession, awsTarget, meddling, planned, readLive, refusal } from './aws.ts';
import { gate, notMissed, wholeJob } from './rights.ts';

/** The control plane is moto's, with the calls that it lacks; the data plane a real OpenSearch server. */
const server = inject('opensearchUrl');
let moto: Moto;
let folder: string;
let front: { url: string; server: Server };
/** What the service does to answers and requests of the data plane in one test. */
let meddle: {
  request?: (path: string, body: string) => number | null;
  answer?: (path: string, text: string) => string;
};
/** The collection group, as the control plane tells it. */
let limits: Record<string, number> | null;
let control: ReturnType<typeof meddling>;

/** The server lacks the type of the k-NN plugin: fields of floats are told, and taken, as `knn_vector`. */
const KNN = '"embedding":{"type":"knn_vector","dimension":3}';
const FLOAT = '"embedding":{"type":"float"}';

beforeAll(async () => {
  moto = await startMoto();
  control = meddling(moto.url);
});
afterAll(() => moto.stop());

beforeEach(async () => {
  await resetMoto(moto.url);
  await wipe();
  meddle = {};
  limits = null;
  folder = await mkdtemp(join(tmpdir(), 'bursar-exports-'));
  const proxy = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void (async () => {
        const path = request.url ?? '/';
        const body = Buffer.concat(chunks).toString();
        const status = meddle.request?.(path, body) ?? null;
        if (status !== null) return response.writeHead(status).end('{"error":"as the test has it"}');
        const answer = await fetch(new URL(path, server), {
          method: request.method ?? 'GET',
          headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
          ...(body === '' ? {} : { body: body.replaceAll(KNN, FLOAT) }),
        });
        const text = (await answer.text()).replaceAll(FLOAT, KNN);
        return response
          .writeHead(answer.status, { 'content-type': 'application/json' })
          .end(meddle.answer?.(path, text) ?? text);
      })();
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  front = { url: `http://127.0.0.1:${address.port}`, server: proxy };
});
afterEach(async () => {
  // Other files look at the same server.
  await wipe();
  front.server.closeAllConnections();
  front.server.close();
  await control.closeAll();
  await rm(folder, { recursive: true, force: true });
});

async function wipe(): Promise<void> {
  const found: unknown = await (
    await fetch(new URL('/_cat/indices?format=json&expand_wildcards=all', server))
  ).json();
  if (!Array.isArray(found)) throw new Error('no indexes were told');
  for (const { index } of found) {
    const { status } = await fetch(new URL(`/${encodeURIComponent(String(index))}`, server), {
      method: 'DELETE',
    });
    // Two may wipe at once.
    if (status !== 200 && status !== 404) throw new Error(`${String(index)} was not deleted: ${status}`);
  }
}

async function send(method: string, path: string, body?: string): Promise<string> {
  const headers = { 'content-type': path.includes('_bulk') ? 'application/x-ndjson' : 'application/json' };
  const answer = await fetch(new URL(path, server), {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

const json = (value: unknown): Answer => ({
  status: 200,
  type: 'application/x-amz-json-1.0',
  body: JSON.stringify(value),
});

/** The answers of the control plane that moto has not. */
async function plane({ action, body }: Request): Promise<Answer | null> {
  if (action === 'ListAccessPolicies')
    return json({ accessPolicySummaries: [{ name: 'docs-readers', type: 'data' }] });
  const group = { id: 'group1', name: 'team', numberOfCollections: 1, capacityLimits: limits };
  if (action === 'BatchGetCollectionGroup') return json({ collectionGroupDetails: [group] });
  if (action === 'UpdateCollectionGroup') {
    limits = JSON.parse(body).capacityLimits;
    return json({ updateCollectionGroupDetail: { ...group, capacityLimits: limits } });
  }
  // What a collection holds goes with it.
  if (action === 'DeleteCollection') await wipe();
  return null;
}

async function session(
  more: (request: Request, pass: () => Promise<Answer>) => Promise<Answer | null> = async () => null,
) {
  const { url } = await control.behind(
    async (request, pass) => (await more(request, pass)) ?? (await plane(request)),
  );
  return {
    ...actSession(url, 1),
    collection: () => collectionData(front.url, async () => ({}), new Meter()),
    exports: folderStore(folder),
  } satisfies AwsActSession;
}

/** A collection of 450 documents in three shards, 400 of them with a vector, and a small one beside. */
async function made(as: AwsActSession) {
  await as.openSearchServerless.send(
    new CreateSecurityPolicyCommand({
      name: 'docs-key',
      type: 'encryption',
      policy: JSON.stringify({
        Rules: [{ ResourceType: 'collection', Resource: ['collection/docs'] }],
        KmsARN: 'auto',
      }),
    }),
  );
  const { createCollectionDetail: found } = await as.openSearchServerless.send(
    new CreateCollectionCommand({
      name: 'docs',
      type: 'VECTORSEARCH',
      standbyReplicas: 'DISABLED',
      description: 'manuals',
      tags: [{ key: 'owner', value: 'ana' }],
    }),
  );
  const mappings =
    '"mappings":{"properties":{"title":{"type":"keyword"},"embedding":{"type":"float"},"n":{"type":"unsigned_long"}}}';
  await send(
    'PUT',
    '/manuals',
    `{"settings":{"number_of_shards":3,"number_of_replicas":0},${mappings},"aliases":{"books":{}}}`,
  );
  await send('PUT', '/notes', `{"settings":{"number_of_replicas":0},${mappings}}`);
  await send('PUT', '/.kibana_1', '{"settings":{"number_of_replicas":0}}');
  const lines = Array.from({ length: 450 }, (_, at) => {
    const vector = at < 400 ? `,"embedding":[${at}.1,1e-7,-0.30000001192092896]` : '';
    // No number of JavaScript.
    return `{"index":{}}\n{"title":"t${at}","n":1844674407370955${String(1000 + at)}${vector}}\n`;
  });
  await send('POST', '/manuals/_bulk?refresh=true', lines.join(''));
  await send(
    'POST',
    '/notes/_bulk?refresh=true',
    '{"index":{}}\n{"title":"a"}\n{"index":{}}\n{"title":"a"}\n',
  );
  return awsTarget('opensearch-serverless:index', found?.arn ?? '');
}

/** Every document of an index, as text, in order. */
async function documents(index: string): Promise<string[]> {
  const text = await send('POST', `/${index}/_search?size=1000`, '{}');
  return [...text.matchAll(/"_source":(\{.*?\})\}/gs)].map(([, source]) => source ?? '').toSorted();
}

const refreshed = () => send('POST', '/_refresh').then(() => undefined);

/** Steps that each wait for the one before, as a sweep takes them. */
async function until(step: () => Promise<void>, look: () => Promise<Verified>): Promise<Verified> {
  for (let turn = 0; turn < 8; turn += 1) {
    await step();
    await send('POST', '/_refresh');
    const found = await look();
    if (found.state !== 'pending') return found;
  }
  return await look();
}

test('a collection is exported, compared, deleted, and loaded into another', async () => {
  const as = await session();
  const target = await made(as);
  const asked: string[] = [];
  meddle.request = (path) => {
    asked.push(path);
    return null;
  };
  const live = await readLive(collectionDown, target, as);
  // A search would make a query of what nobody asks.
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((path) => path.includes('_search'))).toEqual([]);
  meddle = {};
  expect(isReversible(collectionDown, live)).toBe(false);
  expect(live).toMatchObject({
    resource: { name: 'docs', state: 'ACTIVE', tags: { owner: 'ana' }, attributes: { documents: 452 } },
    protection: null,
    staysBilled: ['The export, at the price of its bucket'],
  });
  expect(live.lost).toContain('These indexes: .kibana_1.');
  const before = { manuals: await documents('manuals'), notes: await documents('notes') };
  expect(before.manuals).toHaveLength(450);

  const { plan, undoPlan, summary } = await planned(collectionDown, target, as);
  expect(summary).toBe(
    `Delete collection docs once its 452 documents are exported to ${folder} and read back. It comes back only as another collection, loaded from that.`,
  );
  await collectionDown.apply(plan, as);
  expect(await collectionDown.verify(plan, as)).toMatchObject({ state: 'pending' });
  expect(await documents('manuals')).toEqual(before.manuals);
  const gone = await until(
    () => collectionDown.apply(plan, as),
    () => collectionDown.verify(plan, as),
  );
  expect(gone).toMatchObject({ state: 'done', note: expect.stringContaining(`kept in ${folder}/`) });
  expect(await collectionDown.read(target, as)).toBeNull();
  await collectionDown.apply(plan, as);

  const back = await until(
    () => collectionDown.undo(undoPlan, as),
    () => collectionDown.verifyUndo(undoPlan, as),
  );
  expect(back).toMatchObject({
    state: 'done',
    note: expect.stringContaining('2 indexes and 452 documents, as another collection'),
  });
  expect({ manuals: await documents('manuals'), notes: await documents('notes') }).toEqual(before);
  expect(await send('GET', '/_cat/aliases/books?h=index')).toBe('manuals\n');
  // Once more is the same.
  await collectionDown.undo(undoPlan, as);
  await send('POST', '/_refresh');
  expect(await documents('notes')).toEqual(before.notes);
});

test.each([
  ['was added', () => send('POST', '/notes/_doc?refresh=true', '{"title":"new"}')],
  [
    'was changed',
    async () => {
      const id = /"_id":"([^"]+)"/.exec(await send('POST', '/manuals/_search?size=1', '{}'))?.[1] ?? '';
      await send('PUT', `/manuals/_doc/${id}?refresh=true`, '{"title":"other"}');
    },
  ],
  ['came with an index', () => send('PUT', '/more', '{}')],
])('a collection is not deleted where a document %s since its export', async (_what, happen) => {
  const as = await session();
  const target = await made(as);
  const { plan } = await planned(collectionDown, target, as);
  await collectionDown.apply(plan, as);
  await happen();
  await expect(collectionDown.apply(plan, as)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('not what was exported any more'),
  });
  expect(await collectionDown.read(target, as)).not.toBeNull();
});

test('what a process left half-done is never taken for whole', async () => {
  const as = await session();
  const target = await made(as);
  const { plan, undoPlan } = await planned(collectionDown, target, as);
  const before = await documents('manuals');
  for (const most of [1, 3, 5, 6]) {
    let left = most;
    const breaking: AwsActSession = {
      ...as,
      exports: {
        ...as.exports,
        put: async (key, body) => {
          left -= 1;
          if (left < 0) throw new Error('the process ended');
          await as.exports.put(key, body);
        },
      },
    };
    await expect(collectionDown.apply(plan, breaking)).rejects.toThrow('the process ended');
    expect(await collectionDown.verify(plan, as)).toEqual({
      state: 'pending',
      reason: 'docs is not exported whole yet.',
    });
  }
  expect(await documents('manuals')).toEqual(before);
  expect(
    await until(
      () => collectionDown.apply(plan, as),
      () => collectionDown.verify(plan, as),
    ),
  ).toMatchObject({
    state: 'done',
  });
  // Loading breaks off after some of the documents, which are not there twice afterwards.
  let bulks = 0;
  meddle.request = (path) => (path.endsWith('/_bulk') && (bulks += 1) === 2 ? 503 : null);
  await collectionDown.undo(undoPlan, as);
  await expect(collectionDown.undo(undoPlan, as)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await collectionDown.verifyUndo(undoPlan, as)).toMatchObject({ state: 'pending' });
  expect(
    await until(
      () => collectionDown.undo(undoPlan, as),
      () => collectionDown.verifyUndo(undoPlan, as),
    ),
  ).toMatchObject({ state: 'done' });
  expect(await documents('manuals')).toEqual(before);
});

test('an export that was spoilt brings nothing back, and what was lost is said', async () => {
  const as = await session();
  const target = await made(as);
  const { plan, undoPlan } = await planned(collectionDown, target, as);
  await until(
    () => collectionDown.apply(plan, as),
    () => collectionDown.verify(plan, as),
  );
  const names = await readdir(folder, { recursive: true });
  const part = names.find((name) => name.includes('rows-'));
  await rm(join(folder, part ?? 'none'));
  await collectionDown.undo(undoPlan, as);
  await expect(collectionDown.undo(undoPlan, as)).rejects.toMatchObject({ code: 'conflict' });
});

test('vectors that an index does not give are never lost', async () => {
  const as = await session();
  const target = await made(as);
  const { plan } = await planned(collectionDown, target, as);
  meddle.answer = (path, text) =>
    path === '/_search' ? text.replaceAll(/,"embedding":\[[^\]]*\]/g, '') : text;
  await expect(collectionDown.apply(plan, as)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('0 of 400 vectors in embedding were given'),
  });
  meddle = {};
  await send(
    'PUT',
    '/partial',
    `{"mappings":{"_source":{"excludes":["embedding"]},"properties":{${FLOAT}}}}`,
  );
  expect(await refusal(collectionDown, target, as)).toContain(
    'partial: its mapping keeps documents in part or not at all (_source)',
  );
});

test.each([
  [403, 'It cannot be exported whole'],
  [404, 'It cannot be exported whole'],
])('where the data plane answers %s nothing is planned', async (status, reason) => {
  const as = await session();
  const target = await made(as);
  meddle.request = () => status;
  expect(await refusal(collectionDown, target, as)).toContain(reason);
  meddle.request = () => 503;
  await expect(collectionDown.read(target, as)).rejects.toMatchObject({ code: 'unavailable' });
});

test('nothing is removed without a place for it, or against its protection', async () => {
  const as = await session();
  const target = await made(as);
  expect(await refusal(collectionDown, target, { ...as, exports: null })).toContain('estate.aws.exports');
  const guarded = await session(async ({ action }, pass) => {
    if (action !== 'BatchGetCollection') return null;
    const answer = await pass();
    return { ...answer, body: answer.body.replace('"name"', '"deletionProtection": "ENABLED", "name"') };
  });
  expect(await refusal(collectionDown, target, guarded)).toBe(
    'It is not removed: its deletion protection is on.',
  );
  const { plan } = await planned(collectionDown, target, as);
  await expect(collectionDown.apply(plan, guarded)).rejects.toMatchObject({ code: 'conflict' });
});

test('what others do meanwhile is told, and left alone', async () => {
  const as = await session();
  const target = await made(as);
  const { plan, undoPlan } = await planned(collectionDown, target, as);
  const id = target.resourceId.split('/').at(-1);
  await as.openSearchServerless.send(new DeleteCollectionCommand({ id }));
  expect(await collectionDown.verify(plan, as)).toEqual({
    state: 'failed',
    reason: 'docs was deleted by someone else before it was exported.',
  });
  await expect(collectionDown.undo(undoPlan, as)).rejects.toMatchObject({ code: 'conflict' });
});

test('another collection of the name is never loaded into', async () => {
  const as = await session();
  const target = await made(as);
  const { plan, undoPlan } = await planned(collectionDown, target, as);
  await until(
    () => collectionDown.apply(plan, as),
    () => collectionDown.verify(plan, as),
  );
  await as.openSearchServerless.send(
    new CreateCollectionCommand({ name: 'docs', type: 'VECTORSEARCH', tags: [] }),
  );
  await expect(collectionDown.undo(undoPlan, as)).rejects.toMatchObject({
    code: 'conflict',
    message: 'someone made another collection of the name docs',
  });
});

test('alone in a group that keeps more than the least, the group is scaled down, and back', async () => {
  const as = await session(async ({ action }, pass) => {
    if (action !== 'BatchGetCollection') return null;
    const answer = await pass();
    return { ...answer, body: answer.body.replace('"name"', '"collectionGroupName": "team", "name"') };
  });
  const target = await made(as);
  limits = { minIndexingCapacityInOCU: 1, minSearchCapacityInOCU: 8, maxSearchCapacityInOCU: 16 };
  const live = await readLive(collectionDown, target, as);
  expect(isReversible(collectionDown, live)).toBe(true);
  const { plan, undoPlan, summary } = await planned(collectionDown, target, as);
  expect(summary).toBe(
    'Lower the minimum capacity of the collection group team from 1 OCUs for indexing and 8 for search to 1 OCUs for indexing and 1 for search; its only collection stays as it is.',
  );
  await collectionDown.apply(plan, as);
  await collectionDown.apply(plan, as);
  expect(limits).toEqual({
    minIndexingCapacityInOCU: 1,
    minSearchCapacityInOCU: 1,
    maxSearchCapacityInOCU: 16,
  });
  expect(await collectionDown.verify(plan, as)).toEqual({ state: 'done' });
  expect(await documents('notes')).toHaveLength(2);
  await collectionDown.undo(undoPlan, as);
  expect(limits).toMatchObject({ minSearchCapacityInOCU: 8 });
  expect(await collectionDown.verifyUndo(undoPlan, as)).toEqual({ state: 'done' });
  limits = { minIndexingCapacityInOCU: 1, minSearchCapacityInOCU: 4, maxSearchCapacityInOCU: 16 };
  await expect(collectionDown.apply(plan, as)).rejects.toMatchObject({ code: 'conflict' });
  // At the least already: what is left is to remove it.
  limits = { minSearchCapacityInOCU: 1 };
  expect(isReversible(collectionDown, await readLive(collectionDown, target, as))).toBe(false);
});

test.each([
  ['is gone', async (path: string) => rm(path)],
  ['is another', async (path: string) => writeFile(path, '{"title":"b"}\n')],
])('nothing is deleted where a part of the export %s by then', async (_what, spoil) => {
  const as = await session();
  const target = await made(as);
  const { plan } = await planned(collectionDown, target, as);
  const before = await documents('manuals');
  await collectionDown.apply(plan, as);
  const names = await readdir(folder, { recursive: true });
  expect(names.filter((name) => name.endsWith('manifest.json'))).toHaveLength(1);
  await spoil(join(folder, names.find((name) => name.includes('rows-')) ?? 'none'));
  await expect(collectionDown.apply(plan, as)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('the export cannot be relied on'),
  });
  expect(await collectionDown.read(target, as)).not.toBeNull();
  expect(await documents('manuals')).toEqual(before);
});

test.each([
  ['an alias', () => send('PUT', '/notes/_alias/latest')],
  ['a field', () => send('PUT', '/notes/_mapping', '{"properties":{"later":{"type":"keyword"}}}')],
  ['how often it is refreshed', () => send('PUT', '/notes/_settings', '{"index":{"refresh_interval":"7s"}}')],
])('a collection is not deleted where %s came since its export', async (_what, happen) => {
  const as = await session();
  const target = await made(as);
  const { plan } = await planned(collectionDown, target, as);
  await collectionDown.apply(plan, as);
  await happen();
  await expect(collectionDown.apply(plan, as)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('settings of notes were changed'),
  });
  expect(await collectionDown.read(target, as)).not.toBeNull();
});

test('a document that is given twice hides none that is not given', async () => {
  const as = await session();
  const target = await made(as);
  const { plan } = await planned(collectionDown, target, as);
  meddle.answer = (path, text) => {
    const [one, other] = [...text.matchAll(/"_index":"notes","_id":"([^"]+)"/g)].map(([, id]) => id ?? '');
    return path === '/_search' && other !== undefined ? text.replace(other, one ?? '') : text;
  };
  await expect(collectionDown.apply(plan, as)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('notes cannot be exported whole: 1 of 2 documents were given'),
  });
  expect(await collectionDown.verify(plan, as)).toMatchObject({ state: 'pending' });
});

const refused = async () => {
  throw new BursarError('denied', 's3:PutObject was denied', { where: 's3://exports' });
};
test('a bucket that refuses keeps a collection from being deleted', async () => {
  const as = await session();
  const target = await made(as);
  const { plan } = await planned(collectionDown, target, as);
  const closed: AwsActSession = { ...as, exports: { ...as.exports, put: refused } };
  await expect(collectionDown.apply(plan, closed)).rejects.toMatchObject({ code: 'denied' });
  // Kept whole by then, and not to be read back.
  await collectionDown.apply(plan, as);
  const silent: AwsActSession = { ...as, exports: { ...as.exports, get: refused } };
  await expect(collectionDown.apply(plan, silent)).rejects.toMatchObject({ code: 'denied' });
  expect(await documents('manuals')).toHaveLength(450);
});

test('two sweeps at once keep and delete it once, and the slower one loses nothing of what was kept', async () => {
  const as = await session();
  const target = await made(as);
  const { plan, undoPlan } = await planned(collectionDown, target, as);
  const before = { manuals: await documents('manuals'), notes: await documents('notes') };
  let asked = 0;
  let ended: Verified | null = null;
  const slow: AwsActSession = {
    ...as,
    exports: {
      ...as.exports,
      get: async (key) => {
        const found = await as.exports.get(key);
        if (key.endsWith('manifest.json') && (asked += 1) === 1)
          ended = await until(
            async () => {
              await Promise.all([collectionDown.apply(plan, as), collectionDown.apply(plan, as)]);
            },
            () => collectionDown.verify(plan, as),
          );
        return found;
      },
    },
  };
  // It saw no export, and goes on after the others have deleted the collection.
  await collectionDown.apply(plan, slow);
  expect(ended).toMatchObject({ state: 'done' });
  expect(asked).toBeGreaterThan(1);
  const back = await until(
    () => collectionDown.undo(undoPlan, as),
    () => collectionDown.verifyUndo(undoPlan, as),
  );
  expect(back).toMatchObject({ state: 'done', note: expect.stringContaining('452 documents') });
  expect({ manuals: await documents('manuals'), notes: await documents('notes') }).toEqual(before);
});

test('what came back is not deleted again by an undo whose export is gone, and what was added is told', async () => {
  const as = await session();
  const target = await made(as);
  const { plan, undoPlan } = await planned(collectionDown, target, as);
  await until(
    () => collectionDown.apply(plan, as),
    () => collectionDown.verify(plan, as),
  );
  const back = () =>
    until(
      () => collectionDown.undo(undoPlan, as),
      () => collectionDown.verifyUndo(undoPlan, as),
    );
  expect(await back()).toMatchObject({ note: expect.not.stringContaining('more than were kept') });
  await send('POST', '/notes/_doc?refresh=true', '{"title":"since"}');
  expect(await back()).toMatchObject({
    state: 'done',
    note: expect.stringContaining('notes holds 3 documents, 1 more than were kept.'),
  });
  for (const name of await readdir(folder, { recursive: true }))
    if (name.includes('loaded-') || name.includes('rows-')) await rm(join(folder, name));
  await expect(collectionDown.undo(undoPlan, as)).rejects.toMatchObject({ code: 'conflict' });
  expect(await documents('notes')).toHaveLength(3);
  expect(await documents('manuals')).toHaveLength(450);
});

test('names, keys, settings and sizes of every kind come back as they were', async () => {
  const as = await session();
  const target = await made(as);
  const index = '/z%2Ba~b%25c%C3%A9';
  await send(
    'PUT',
    index,
    JSON.stringify({
      settings: {
        number_of_replicas: 0,
        max_ngram_diff: 4,
        analysis: { tokenizer: { grams: { type: 'ngram', min_gram: 2, max_gram: 6 } } },
      },
      mappings: { dynamic: false },
      aliases: { latest: { filter: { term: { title: 'a' } }, is_write_index: true } },
    }),
  );
  const odd = [
    '{"__proto__":{"a":1},"constructor":"x"}',
    '{"line\\nbreak":"\u2028\\u0000\\ud83d","quote\\"":[1.0,1e2,-0,12345678901234567890]}',
    ...[1, 2, 3].map((at) => `{"title":"${at}${'漢'.repeat(1_200_000)}"}`),
  ];
  const ids = ['a/b c', '%2F"\\u0027', '漢\\n', 'plain', '__proto__'];
  for (const [at, source] of odd.entries())
    expect(
      await send(
        'POST',
        `${index}/_bulk?refresh=true`,
        `{"index":{"_id":"${(ids[at] ?? '').replace('"', '\\"')}"}}\n${source}\n`,
      ),
    ).toContain('"errors":false');
  const before = await documents(index.slice(1));
  expect(before).toHaveLength(5);
  const { plan, undoPlan } = await planned(collectionDown, target, as);
  await until(
    () => collectionDown.apply(plan, as),
    () => collectionDown.verify(plan, as),
  );
  let largest = 0;
  meddle.request = (path, body) => {
    if (path.endsWith('/_bulk')) largest = Math.max(largest, Buffer.byteLength(body));
    return null;
  };
  const back = await until(
    () => collectionDown.undo(undoPlan, as),
    () => collectionDown.verifyUndo(undoPlan, as),
  );
  expect(back).toMatchObject({ state: 'done', note: expect.stringContaining('3 indexes and 457 documents') });
  expect(await documents(index.slice(1))).toEqual(before);
  expect(await send('GET', '/_alias/latest')).toContain('"is_write_index":true');
  expect(largest).toBeGreaterThan(3_600_000);
  expect(largest).toBeLessThan(10 * 2 ** 20);
});

/** The collection is alone in a group of its own. */
async function grouped({ action }: Request, pass: () => Promise<Answer>): Promise<Answer | null> {
  if (action !== 'BatchGetCollection') return null;
  const answer = await pass();
  return { ...answer, body: answer.body.replace('"name"', '"collectionGroupName": "team", "name"') };
}

test.each([
  [
    'exported, removed and loaded again',
    false,
    // AWS asks for the right to tag where a collection is made with its tags; the emulator does not.
    ['aoss:BatchGetCollectionGroup', 'aoss:TagResource', 'aoss:UpdateCollectionGroup'],
  ],
  [
    'scaled down and up with its group',
    true,
    [
      'aoss:APIAccessAll',
      'aoss:CreateCollection',
      'aoss:DeleteCollection',
      'aoss:ListAccessPolicies',
      'aoss:ListCollections',
      'aoss:ListSecurityPolicies',
      'aoss:TagResource',
    ],
  ],
])(
  'a collection is %s with the rights that are declared, and each that is taken away is missed',
  async (_, alone, elsewhere) => {
    const spare = await notMissed(collectionDown, async (rights) => {
      await resetMoto(moto.url);
      await wipe();
      limits = { minIndexingCapacityInOCU: 1, minSearchCapacityInOCU: 8, maxSearchCapacityInOCU: 16 };
      meddle = {};
      const target = await made(await session());
      const as = await session(
        async (request, pass) =>
          (await gate(rights)(request)) ?? (alone ? await grouped(request, pass) : null),
      );
      meddle.request = () => (rights.has('aoss:APIAccessAll') ? null : 403);
      // What is loaded again is found once it is refreshed, by itself within a second: these sweeps do not wait.
      const loaded: typeof collectionDown = {
        ...collectionDown,
        undo: (...given) => collectionDown.undo(...given).then(refreshed),
      };
      await wholeJob(loaded, target, as, refreshed);
    });
    expect(spare).toEqual(elsewhere);
  },
);
