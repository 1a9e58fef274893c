import { hash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../../lib/config/schema.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Snapshot, VectorIndex } from '../../../lib/estate/model.ts';
import { opensearchIndexes } from '../../../lib/estate/opensearch/indexes.ts';
import { rest } from '../../../lib/estate/rest.ts';
import type { Documents } from '../../../lib/estate/vectors/documents.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { storesEstate } from '../../../lib/run/assemble/stores.ts';
import { documents } from '../documents.ts';
import { type Asked, type Front, fill, openFront, send } from './front.ts';

const server = inject('opensearchUrl');
const INDEX = 'keyed';
const STEADY = 'steady';
const SECRET = 'sk-live-not-to-be-seen';
let front: Front;

beforeEach(async () => {
  await fetch(new URL(INDEX, server), { method: 'DELETE' });
  front = await openFront(server);
});
afterEach(async () => {
  front.close();
  await fetch(new URL(INDEX, server), { method: 'DELETE' });
});

const keyword = { type: 'keyword' };
const embedding = { type: 'float' };
const PLAIN = { source: keyword, model: keyword, secret: keyword, embedding };

async function made(
  properties: unknown,
  given: Iterable<readonly [string, unknown]>,
  more: { shards?: number; mapping?: object } = {},
): Promise<void> {
  await create(INDEX, properties, given, more);
}

async function create(
  index: string,
  properties: unknown,
  given: Iterable<readonly [string, unknown]>,
  { shards = 3, mapping = {} }: { shards?: number; mapping?: object } = {},
): Promise<void> {
  await send(server, 'PUT', `/${index}`, {
    settings: { number_of_shards: shards, number_of_replicas: 0 },
    mappings: { properties, ...mapping },
  });
  await fill(server, index, given);
}

/** So many documents, each with a key of its own and a vector. */
function* many(count: number, more: (at: number) => object = () => ({})): Generator<[string, object]> {
  for (let at = 0; at < count; at += 1)
    yield [String(at), { source: `doc-${at}`, model: 'm', secret: SECRET, embedding: [0.5, 1], ...more(at) }];
}

const of = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ key: `doc-${at}`, modified: null, content: null }));

async function look(
  given: Documents | null,
  { index: wanted = INDEX }: { index?: string } = {},
): Promise<Snapshot & { one: VectorIndex; meter: Meter }> {
  const meter = new Meter();
  const snapshot = await collectScope(
    { provider: 'other', accountId: 'docs', region: 'global' },
    {
      store: 'docs',
      host: 'docs:9200',
      domain: null,
      collection: null,
      models: {},
      documents: (index) => (index === wanted ? given : null),
      http: rest({
        where: 'store:docs',
        address: front.url,
        headers: async () => ({}),
        hint: '',
        wideIntegers: true,
        wait: async () => {},
      }),
    },
    [opensearchIndexes],
    new Date('2026-11-20T10:30:00Z'),
    meter,
  );
  const one = snapshot.vectorIndexes.find(({ index }) => index === wanted);
  if (one === undefined) throw new Error(JSON.stringify(snapshot.coverage));
  return { ...snapshot, one, meter };
}

const Told = z.looseObject({
  _all: z.looseObject({ total: z.looseObject({ search: z.looseObject({ query_total: z.number() }) }) }),
});
const searches = ({ asked }: Front) => asked.filter(({ path }) => path.startsWith('/_search?'));
const bodies = (asked: readonly Asked[]) =>
  asked.map(({ body }) => z.looseObject({}).parse(JSON.parse(body)));
const fieldsOf = (more: object) => ({
  fields: { key: 'source', part: null, content: null, embedded: null, model: null, tokens: null, ...more },
});
const callsOf = (meter: Meter) => meter.total().calls.find(({ api }) => api === 'opensearch.search')?.count;
const failedWhy = ({ gaps }: VectorIndex) =>
  gaps.flatMap(({ of: part, failed, why }) => (part === 'documents' && failed === true ? [why] : []));

describe('what is read of an index', () => {
  it('are the configured columns of documents that hold a vector, at one point in time, which is given back', async () => {
    await made(
      PLAIN,
      many(30, (at) => (at < 6 ? { embedding: null } : {})),
    );
    const { one, meter } = await look(documents(of(20)));
    expect(one).toMatchObject({ vectors: 24, sample: { population: 24, size: 24, drawn: 'all' } });
    expect(one.sample?.counts).toMatchObject({ gone: 10, duplicate: 0, unkeyed: 0 });
    expect(one.sample?.models).toEqual({ m: 24 });
    // How many hold a vector was counted.
    expect(one.gaps.map(({ of: part }) => part)).toEqual(['model']);
    expect(front.asked.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`)).toEqual([
      'GET /_mapping',
      'GET /_settings/index.creation_date,index.uuid',
      'GET /_cat/recovery',
      'GET /_stats/docs,store,search,indexing',
      `POST /${INDEX}/_search/point_in_time`,
      'POST /_search',
      'POST /_search',
      'DELETE /_search/point_in_time',
    ]);
    expect(callsOf(meter)).toBe(2);
    expect(bodies(searches(front)).at(-1)).toMatchObject({
      _source: false,
      stored_fields: '_none_',
      docvalue_fields: [{ field: 'source' }, { field: 'model' }],
    });
    const shown = front.asked.map(({ answer }) => answer).join();
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain('0.5');
    const open = await send(server, 'GET', '/_search/point_in_time/_all');
    expect(z.looseObject({ pits: z.array(z.unknown()) }).parse(open).pits).toEqual([]);
  });

  it('is counted apart, so that looking is no query, and a query of others is one', async () => {
    await made(PLAIN, many(200));
    await send(server, 'GET', `/${INDEX}/_search?q=source:doc-1`);
    const looks = [];
    for (let time = 0; time < 3; time += 1) looks.push((await look(documents(of(10)))).one);
    expect(looks.map(({ queries }) => queries)).toEqual([3, 3, 3]);
    expect(new Set(looks.map(({ statsSince }) => statsSince)).size).toBe(1);
    await send(server, 'GET', `/${INDEX}/_search?q=source:doc-1`);
    expect((await look(null)).one.queries).toBe(6);
    const { _all: all } = Told.parse(await send(server, 'GET', `/${INDEX}/_stats/search`));
    // The cluster's own counter holds both.
    expect(all.total.search.query_total).toBe(6 + 3 * 2 * 3);
  });

  it('is every document once, though those of several shards lie at the same places', async () => {
    // Two pages and a little more, over seven shards.
    await made(PLAIN, many(11_000), { shards: 7 });
    const { one } = await look(documents(of(11_000)));
    expect(one.sample).toMatchObject({ population: 11_000, size: 11_000, counts: { gone: 0, duplicate: 0 } });
    expect(searches(front)).toHaveLength(1 + 3);
  });

  it('is drawn by the hashes of all keys where they are many, and copies show', async () => {
    await made(
      PLAIN,
      many(6_000, (at) => ({ source: `doc-${at % 3_000}`, model: String(at % 2), part: 'a' })),
    );
    const fields = {
      key: 'source',
      part: 'part.keyword',
      content: null,
      embedded: null,
      model: null,
      tokens: null,
    };
    const { one } = await look(documents(of(1_500), { most: 400, fields }));
    expect(one.sample).toMatchObject({ population: 6_000, drawn: 'by-key-hash' });
    const { size = 0, counts } = one.sample ?? {};
    expect(size).toBeGreaterThan(380);
    expect(size).toBeLessThanOrEqual(400);
    // Each key twice: of those whose document is there, one of two is a copy.
    expect(counts?.duplicate).toBe((size - (counts?.gone ?? 0)) / 2);
    expect(Math.abs((counts?.gone ?? 0) / size - 0.5)).toBeLessThan(0.15);
  });

  it('is drawn at random where documents must be opened, evenly whatever the shard', async () => {
    await made({ ...PLAIN, source: { type: 'text' } }, many(8_000), { shards: 4 });
    const { one } = await look(documents(of(6_000), { most: 1_000 }));
    const { size = 0, counts, drawn, population } = one.sample ?? {};
    expect([drawn, population]).toEqual(['at-random', 8_000]);
    // 874 are expected, 28 the standard deviation.
    expect(Math.abs(size - 874)).toBeLessThan(6 * 28);
    // A quarter is gone; six deviations of the hypergeometric distribution.
    expect(Math.abs((counts?.gone ?? 0) / size - 0.25)).toBeLessThan(6 * Math.sqrt((0.25 * 0.75) / size));
    expect(bodies(searches(front)).at(-1)).toMatchObject({ _source: ['source'] });
    expect(front.asked.map(({ answer }) => answer).join()).not.toContain(SECRET);
    expect(searches(front).length).toBeLessThanOrEqual(1 + 3);
  });
});

describe('vectors that are drawn', () => {
  it('one by one where nothing tells those of a document apart: together they would stand for fewer', async () => {
    // Two documents of two thousand vectors each, one of which is gone.
    await made(
      PLAIN,
      many(4_000, (at) => ({ source: `doc-${at % 2}` })),
    );
    const { one } = await look(documents(of(1), { most: 900, ...fieldsOf({}) }));
    const { size = 0, counts, drawn } = one.sample ?? {};
    expect(drawn).toBe('at-random');
    expect(Math.abs((counts?.gone ?? 0) / size - 0.5)).toBeLessThan(6 * Math.sqrt(0.25 / size));
  });

  it('and fewer than could be are no draw', async () => {
    await made(PLAIN, many(4_000));
    front.between = async ({ path, body }) =>
      path.startsWith('/_search?') && body.includes('random_score')
        ? {
            status: 200,
            body: '{"timed_out":false,"_shards":{"total":3,"failed":0},"hits":{"hits":[{"sort":[0],"fields":{"source":["doc-0"]}}]}}',
          }
        : null;
    const { one } = await look(documents(of(1), { most: 900, ...fieldsOf({}) }));
    expect(failedWhy(one)).toEqual([expect.stringContaining('1 documents were told where about 780')]);
  });
});

describe('how fields lie in an index', () => {
  it('a text with a keyword beside it is read by that, unless a text is too long for it', async () => {
    const dynamic = { embedding };
    await made(
      dynamic,
      many(10, (at) => ({ metadata: { source: `doc-${at}` } })),
    );
    const nested = documents(of(4), fieldsOf({ key: 'metadata.source' }));
    expect((await look(nested)).one.sample?.counts.gone).toBe(6);
    expect(bodies(searches(front)).at(-1)).toMatchObject({
      docvalue_fields: [{ field: 'metadata.source.keyword' }],
    });
    // One key of more than 256 letters: the column knows nothing of it, and the documents are opened.
    const long = `${'x'.repeat(300)}.md`;
    await fill(server, INDEX, [['10', { metadata: { source: long }, embedding: [1, 2] }]]);
    const { one } = await look(
      documents(
        [...of(4), { key: long, modified: null, content: null }],
        fieldsOf({ key: 'metadata.source' }),
      ),
    );
    expect(one.sample).toMatchObject({ size: 11, counts: { gone: 6, unkeyed: 0 } });
    expect(bodies(searches(front)).at(-1)).toMatchObject({ _source: ['metadata.source'] });
  });

  it('keys of 64 bits, times and numbers are told as they were written', async () => {
    const big = 9_007_199_254_740_993n;
    await made(
      { id: { type: 'long' }, at: { type: 'date' }, size: { type: 'integer' }, embedding },
      [['1', {}]],
      { shards: 1 },
    );
    await send(
      server,
      'PUT',
      `/${INDEX}/_doc/1?refresh=true`,
      `{"id":${big},"at":"2026-03-01T08:00:00+02:00","size":120,"embedding":[1,2]}`,
    );
    const { one } = await look(
      documents(
        [{ key: String(big), modified: Date.parse('2026-03-01T06:10:00Z'), content: null }],
        fieldsOf({ key: 'id', embedded: 'at', tokens: 'size' }),
      ),
    );
    expect(one.sample).toMatchObject({
      counts: { gone: 0, newer: 1 },
      tokens: { sum: 120, vectors: 1 },
      sketch: [{ embedded: Date.parse('2026-03-01T06:00:00Z') }],
    });
  });

  it.each([
    ['is not there', { embedding }, {}, 'has no field source'],
    ['lies in nested objects', { source: { type: 'nested' }, embedding }, {}, 'nested'],
    ['is an object', { source: { properties: { a: keyword } }, embedding }, {}, 'no single value'],
    [
      'is left out of the documents',
      { source: { type: 'text' }, embedding },
      { _source: { excludes: ['sou*'] } },
      'neither in its documents nor in a column',
    ],
    [
      'is not kept',
      { source: { type: 'keyword', doc_values: false }, embedding },
      { _source: { enabled: false } },
      'neither in its documents nor in a column',
    ],
  ])('a field that %s is a gap, and nothing is asked', async (_what, properties, mapping, why) => {
    await made(properties, [], { mapping });
    const { one, coverage } = await look(documents(of(1), fieldsOf({})));
    expect(one.sample).toBeNull();
    expect(failedWhy(one)).toEqual([expect.stringContaining(why)]);
    expect(coverage).toMatchObject([{ status: 'partial', reason: expect.stringContaining(why) }]);
    expect(searches(front)).toEqual([]);
  });

  it('a column that changes what was written is not read', async () => {
    await send(server, 'PUT', `/${INDEX}`, {
      settings: { analysis: { normalizer: { lower: { type: 'custom', filter: ['lowercase'] } } } },
      mappings: {
        properties: {
          source: { type: 'keyword', normalizer: 'lower' },
          hash: { type: 'keyword', ignore_above: 4 },
          embedding,
        },
      },
    });
    await fill(server, INDEX, [['1', { source: 'Doc-1', hash: 'abcdefgh', embedding: [1, 2] }]]);
    const { one } = await look(
      documents([{ key: 'Doc-1', modified: null, content: 'abcdefgh' }], fieldsOf({ content: 'hash' })),
    );
    expect(one.sample?.counts).toMatchObject({ gone: 0, respelled: 0, differs: 0 });
    expect(bodies(searches(front)).at(-1)).toMatchObject({ _source: ['source', 'hash'] });
  });
});

describe('what goes wrong meanwhile', () => {
  it('twenty changes at once change nothing of what is compared', async () => {
    await made(PLAIN, many(9_000));
    let changed = 0;
    front.between = async ({ path }) => {
      if (!path.startsWith('/_search?') || changed > 0) return null;
      changed = 20;
      await Promise.all(
        Array.from({ length: changed }, async (_, at) => {
          const document = `/${INDEX}/_doc/${at % 2 === 0 ? `new-${at}` : at}`;
          await send(
            server,
            at % 4 === 1 ? 'DELETE' : 'PUT',
            `${document}?refresh=true`,
            at % 4 === 1
              ? undefined
              : {
                  source: `changed-${at}`,
                  embedding: [2, 3],
                },
          );
        }),
      );
      return null;
    };
    const { one } = await look(documents(of(9_000)));
    expect(changed).toBe(20);
    expect(one.sample).toMatchObject({ population: 9_000, size: 9_000, counts: { gone: 0, duplicate: 0 } });
    front.between = async () => null;
    const after = (await look(documents(of(9_000)))).one;
    // Ten are new, five were deleted, five written anew.
    expect(after.sample).toMatchObject({ size: 9_005, counts: { gone: 15 } });
  });

  it('an index that is deleted meanwhile is a gap', async () => {
    await made(PLAIN, many(9_000));
    let pages = 0;
    front.between = async ({ path }) => {
      if (path.startsWith('/_search?') && (pages += 1) === 3) await send(server, 'DELETE', `/${INDEX}`);
      return null;
    };
    const { one, coverage } = await look(documents(of(9_000)));
    expect(one.sample).toBeNull();
    expect(failedWhy(one)).toHaveLength(1);
    expect(coverage[0]?.status).toBe('partial');
  });

  it('what is throttled for a moment is asked again', async () => {
    await made(PLAIN, many(20));
    let first = true;
    front.between = async ({ path }) => {
      const busy = first && path.startsWith('/_search?');
      if (busy) first = false;
      return busy ? { status: 429, body: '{}' } : null;
    };
    const { one, meter } = await look(documents(of(20)));
    expect(one.sample).toMatchObject({ size: 20, counts: { gone: 0 } });
    expect(callsOf(meter)).toBe(3);
  });

  it('a point in time that may not be given back ends by itself', async () => {
    await made(PLAIN, many(20));
    front.between = async ({ method }) => (method === 'DELETE' ? { status: 403, body: '{}' } : null);
    expect((await look(documents(of(20)))).one.sample?.size).toBe(20);
    await send(server, 'DELETE', '/_search/point_in_time/_all');
  });

  it('a closed index is not read, and vectors without metadata are told as such', async () => {
    await made(
      PLAIN,
      many(10, (at) => (at < 4 ? { source: null } : {})),
    );
    expect((await look(documents(of(10)))).one.sample?.counts).toMatchObject({ unkeyed: 4, gone: 0 });
    await send(server, 'POST', `/${INDEX}/_close`);
    const { one } = await look(documents(of(10)));
    expect(failedWhy(one)).toEqual([expect.stringContaining('closed')]);
  });
});

describe('keys and clocks that are not quite the same', () => {
  it('another case, Unicode form or encoding is no document that is gone', async () => {
    const keys = ['docs/Über uns.md', 'docs/READ ME.md', 'docs/gone.md', 'docs/Übër.md'.normalize('NFD')];
    await made(PLAIN, [
      ...keys.map((source, at): [string, object] => [String(at), { source, embedding: [1, 2] }]),
      ['4', { source: 'docs/same.md', embedding: [1, 2] }],
    ]);
    const listed = ['docs/Über uns.md'.normalize('NFD'), 'docs/read%20me.md', 'docs/Übër.md', 'docs/same.md'];
    const { one } = await look(documents(listed.map((key) => ({ key, modified: null, content: null }))));
    expect(one.sample?.counts).toMatchObject({ gone: 1, respelled: 3, unkeyed: 0 });
  });

  it('a clock that goes before by less than the skew makes nothing out of date', async () => {
    const at = Date.parse('2026-11-20T08:00:00Z');
    const minute = 60_000;
    await made(
      { ...PLAIN, at: { type: 'date' } },
      many(3, () => ({ at: new Date(at).toISOString() })),
    );
    const given = [4, 5, 6].map((late, n) => ({
      key: `doc-${n}`,
      modified: at + late * minute,
      content: null,
    }));
    const { one } = await look(documents(given, fieldsOf({ embedded: 'at' })));
    expect(one.sample?.counts).toMatchObject({ newer: 1, outOfDate: 1, gone: 0 });
  });

  it('an index that is made again under its name is another one, whose own searches begin anew as well', async () => {
    await made(PLAIN, many(20));
    const before = (await look(documents(of(20)))).one;
    await send(server, 'DELETE', `/${INDEX}`);
    await made(PLAIN, many(30), { shards: 1 });
    const after = (await look(documents(of(20)))).one;
    expect(after.incarnation).not.toBe(before.incarnation);
    expect([before.queries, after.queries]).toEqual([0, 0]);
    expect(after.sample?.counts.gone).toBe(10);
    expect((await look(null)).one.queries).toBe(0);
  });

  it('looks at once do not count one another', async () => {
    await made(PLAIN, many(50));
    await Promise.all(Array.from({ length: 4 }, async () => await look(documents(of(50)))));
    expect((await look(null)).one.queries).toBe(0);
  });
});

describe('a page that is no page', () => {
  beforeAll(async () => {
    await create(STEADY, PLAIN, many(9_000));
  });
  afterAll(async () => {
    await send(server, 'DELETE', `/${STEADY}`);
  });

  it.each([
    ['throttled', { status: 429, body: '{"error":"too many"}' }, 'throttled'],
    ['cut in half', { status: 200, body: '{"timed_out":false,"_shards":{"total":3,"fai' }, 'no JSON'],
    [
      'of some shards',
      { status: 200, body: '{"timed_out":false,"_shards":{"total":3,"failed":1},"hits":{}}' },
      'some of the shards',
    ],
    [
      'late',
      { status: 200, body: '{"timed_out":true,"_shards":{"total":3,"failed":0},"hits":{}}' },
      'some of the shards',
    ],
    ['of something else', { status: 200, body: '{"hits":[]}' }, 'none of OpenSearch'],
    ['denied', { status: 403, body: '{"error":"no permissions for [indices:data/read/search]"}' }, 'denied'],
    [
      'short of documents',
      {
        status: 200,
        body: '{"timed_out":false,"_shards":{"total":3,"failed":0},"hits":{"hits":[{"sort":[0]}]}}',
      },
      'of 9000 documents were told',
    ],
  ])('a page that is %s makes no sample', async (_what, answer, why) => {
    let pages = 0;
    front.between = async ({ path }) => (path.startsWith('/_search?') && (pages += 1) >= 3 ? answer : null);
    const { one } = await look(documents(of(9_000)), { index: STEADY });
    expect(one.sample).toBeNull();
    expect(failedWhy(one)).toEqual([expect.stringContaining(why)]);
    // Its counters are told all the same, and what was kept is given back.
    expect(one.queries).toBe(0);
    expect(front.asked.at(-1)).toMatchObject({ method: 'DELETE' });
  });
});

describe('a collection of OpenSearch Serverless', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is asked for what it has alone, signed for it, and tells its documents', async () => {
    await made(PLAIN, many(30));
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'of-nobody');
    vi.stubEnv('AWS_SESSION_TOKEN', '');
    const { estate } = configSchema.parse({
      schemaVersion: 1,
      estate: {
        stores: {
          docs: {
            type: 'opensearch',
            url: front.url,
            auth: 'sigv4',
            collection: 'arn:aws:aoss:eu-central-1:111122223333:collection/07tjusf2h91cunochc',
            documents: [{ index: INDEX, key: 'source' }],
          },
        },
      },
    });
    const stores = storesEstate(estate.stores);
    const { scopes } = await stores.plan(new Date(), new Meter());
    const [scope] = scopes;
    if (scope === undefined) throw new Error('no scope');
    const { vectorIndexes, coverage } = await stores.collect(scope, new Date(), new Meter());
    expect(coverage).toMatchObject([{ status: 'complete' }]);
    const one = vectorIndexes.find(({ index }) => index === INDEX);
    expect(one).toMatchObject({
      storeType: 'opensearch-serverless',
      provider: 'aws',
      accountId: '111122223333',
      region: 'eu-central-1',
      vectors: 30,
      queries: null,
      sample: { size: 30, drawn: 'all' },
      capacity: { kind: 'minimum', billed: [] },
    });
    expect(one?.gaps.map(({ of: part }) => part)).toEqual(['model', 'queries', 'bytes']);
    expect(front.asked.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`)).toEqual([
      'GET /_mapping',
      `POST /${INDEX}/_search/point_in_time`,
      'POST /_search',
      'POST /_search',
      'DELETE /_search/point_in_time',
    ]);
    for (const { headers, body } of front.asked) {
      expect(headers['authorization']).toContain('/eu-central-1/aoss/aws4_request');
      expect(headers['x-amz-content-sha256']).toBe(hash('sha256', body, 'hex'));
    }
  });
});
