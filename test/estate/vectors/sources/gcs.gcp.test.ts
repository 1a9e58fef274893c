import { createHash } from 'node:crypto';
import { beforeEach, expect, inject, test } from 'vitest';
import { gcpSession } from '../../../../lib/estate/gcp/session.ts';
import { contentTag } from '../../../../lib/estate/vectors/contents.ts';
import { listGcs } from '../../../../lib/estate/vectors/sources/gcs.ts';
import { LISTING_LIMITS } from '../../../../lib/estate/vectors/sources/limits.ts';
import { Meter } from '../../../../lib/platform/meter.ts';
import { answerGcp, disturbGcp, gcpCalls, resetGcp } from '../../../counterparts/gcp.control.ts';
import { signedIn } from '../../gcp/loopback.ts';

const endpoint = inject('gcpUrl');
const NOW = new Date('2026-11-22T10:00:00Z');
const OBJECTS = '/storage/v1/b/acme_docs/o';
const WRITTEN = '2026-10-01T08:00:00.123Z';
const md5 = (text: string) => createHash('md5').update(text);

beforeEach(() => resetGcp(endpoint));

/** As the JSON API writes an object: 64-bit numbers as text. */
function object(name: string, { content = name, updated = WRITTEN, size = '5' } = {}) {
  return {
    kind: 'storage#object',
    name,
    bucket: 'acme_docs',
    generation: '1760000000000000',
    timeCreated: WRITTEN,
    updated,
    size,
    md5Hash: md5(content).digest('base64'),
    crc32c: 'yZRlqg==',
    etag: 'CAE=',
  };
}

async function list({
  prefix = '',
  as = 'gs://{bucket}/{key}',
  content = 'md5Hash' as const,
  limits = LISTING_LIMITS,
  bucket = 'acme_docs',
  meter = new Meter(),
} = {}) {
  const session = gcpSession({
    projectId: 'documents',
    auth: signedIn(),
    endpoint,
    attempts: 3,
    wait: () => Promise.resolve(),
  });
  return await listGcs(session, { bucket, prefix, as, content }, { now: NOW, meter, limits });
}

test('every page, with the time at which the content was written and its MD5', async () => {
  const names = Array.from({ length: 1200 }, (_, at) => `manuals/${at}.md`);
  await answerGcp(endpoint, OBJECTS, {
    kind: 'storage#objects',
    items: [
      ...names.map((name) => object(name)),
      object('touched ü.md', { updated: '2026-11-20T00:00:00Z' }),
    ],
  });
  const meter = new Meter();
  const { sources, told } = await list({ meter });
  expect(told).toMatchObject({
    kind: 'gcs',
    name: 'gs://acme_docs/',
    keys: 1201,
    complete: true,
    hashed: true,
  });
  expect(meter.total().calls).toEqual([{ api: 'storage.objects.list', count: 3 }]);
  expect(sources.find('gs://acme_docs/touched ü.md')).toEqual({
    time: Date.parse(WRITTEN),
    content: contentTag(md5('touched ü.md').digest('hex')),
  });
  expect(sources.find('gs://acme_docs/gone.md')).toBeNull();
  const [first] = await gcpCalls(endpoint);
  expect(first?.query).toEqual({
    maxResults: '1000',
    fields: 'nextPageToken,items(name,timeCreated,size,md5Hash)',
  });
});

test('asks for what begins so alone, and names it as the vectors do', async () => {
  await answerGcp(endpoint, OBJECTS, { items: [object('a+b/x y.md'), object('a+b/', { size: '0' })] });
  const { sources, told } = await list({ prefix: 'a+b/', as: '/{encodedPath}' });
  expect(told).toMatchObject({ name: 'gs://acme_docs/a+b/', keys: 1 });
  expect(sources.find('/x%20y.md')).toMatchObject({ time: Date.parse(WRITTEN) });
  expect((await gcpCalls(endpoint))[0]?.query['prefix']).toBe('a+b/');
});

test('an object that was composed has no MD5, and nothing to compare', async () => {
  const { md5Hash: _none, ...composed } = object('composed.md');
  await answerGcp(endpoint, OBJECTS, { items: [composed] });
  const { sources, told } = await list({ as: '{key}' });
  expect(sources.find('composed.md')).toMatchObject({ content: null });
  expect(told.hashed).toBe(false);
});

test('an empty bucket is a whole listing of nothing', async () => {
  await answerGcp(endpoint, OBJECTS, { kind: 'storage#objects' });
  expect((await list()).told).toMatchObject({ keys: 0, complete: true });
});

test('more than is taken is told', async () => {
  await answerGcp(endpoint, OBJECTS, { items: ['a', 'b', 'c'].map((name) => object(name)) });
  expect(await list({ limits: { ...LISTING_LIMITS, keys: 2 } })).toMatchObject({
    told: { keys: 2, complete: false },
    why: 'it holds more than 2 keys',
  });
});

test('what passes is asked again; what does not names the bucket and the right', async () => {
  await answerGcp(endpoint, OBJECTS, { items: [object('a.md')] });
  await disturbGcp(endpoint, { path: '/storage/', status: 503 }, 2);
  expect((await list()).told.keys).toBe(1);
  await disturbGcp(endpoint, { path: '/storage/', status: 403 });
  await expect(list()).rejects.toMatchObject({
    code: 'denied',
    where: 'gs://acme_docs',
    message: expect.stringContaining('storage.objects.list'),
  });
  await expect(list({ bucket: 'nothing_here' })).rejects.toMatchObject({ where: 'gs://nothing_here' });
});
