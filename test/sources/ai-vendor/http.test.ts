import { expect, test } from 'vitest';
import { Meter } from '../../../lib/platform/meter.ts';
import { vendorSession } from '../../../lib/sources/ai-vendor/http.ts';
import { type Answer, vendorServer } from './server.ts';

const REQUEST = {
  call: 'acme.costs',
  path: '/costs',
  query: [
    ['a', '1'],
    ['a', '2&3'],
  ],
} as const;

/** Asks a server that gives these answers one after the other, the last for ever. */
async function ask(answers: readonly Answer[], more: { key?: string; timeout?: number } = {}) {
  await using server = await vendorServer(
    (_asked, index) => answers[Math.min(index, answers.length - 1)] ?? {},
  );
  const waited: number[] = [];
  const meter = new Meter();
  const session = vendorSession({
    where: 'bill:acme',
    vendor: 'Acme',
    address: `${server.url}/v1/`,
    keyHint: 'Make an admin key.',
    headers: async () => ({ 'x-api-key': more.key ?? 'k' }),
    wait: async (ms) => waited.push(ms),
    ...(more.timeout === undefined ? {} : { timeout: more.timeout }),
  });
  const outcome = await session.get(REQUEST, meter).then(
    ({ body }) => ({ body }),
    (error: unknown) => ({ error }),
  );
  return { outcome, waited, calls: meter.total().calls[0]?.count, asked: server.asked };
}

test('asks with the key, repeats lists, and gives numbers as text', async () => {
  const { outcome, asked, calls } = await ask([{ body: '{"n":1.50}' }]);
  expect(outcome).toEqual({ body: { n: '1.50' } });
  expect(asked[0]).toMatchObject({ path: '/v1/costs', headers: { 'x-api-key': 'k' } });
  expect(asked[0]?.query.getAll('a')).toEqual(['1', '2&3']);
  expect(calls).toBe(1);
});

const PASSING: readonly [string, Answer][] = [
  ['429', { status: 429, body: { error: { message: 'slow down' } } }],
  ['500', { status: 500 }],
  ['503 of a proxy', { status: 503, body: '<html>', headers: { 'content-type': 'text/html' } }],
  ['a connection that ends at once', { broken: 'break' }],
  ['a connection that ends in the middle', { body: { data: [1, 2, 3] }, broken: 'half' }],
  ['half a page of JSON', { body: '{"data":[1,' }],
];

test.each(PASSING)('%s is asked again, and each attempt is counted', async (_what, fault) => {
  const { outcome, waited, calls } = await ask([fault, fault, { body: { ok: true } }]);
  expect(outcome).toEqual({ body: { ok: true } });
  expect(calls).toBe(3);
  expect(waited).toHaveLength(2);
  for (const ms of waited) expect(ms).toBeLessThanOrEqual(2_000);
});

test('Retry-After is waited for, as seconds and as a date', async () => {
  const seconds = await ask([{ status: 429, headers: { 'retry-after': '7' } }, { body: 1 }]);
  expect(seconds.waited).toEqual([7_000]);
  const date = new Date(Date.now() + 60_000).toUTCString();
  const { waited } = await ask([{ status: 429, headers: { 'retry-after': date } }, { body: 1 }]);
  expect(waited[0]).toBeGreaterThan(50_000);
  expect(waited[0]).toBeLessThanOrEqual(60_000);
});

test('who asks for an hour is not waited for but told', async () => {
  const { outcome, waited, calls } = await ask([{ status: 429, headers: { 'retry-after': '3600' } }]);
  expect(outcome).toMatchObject({
    error: { code: 'throttled', message: expect.stringContaining('wait 3600 s'), where: 'bill:acme' },
  });
  expect(waited).toEqual([]);
  expect(calls).toBe(1);
});

const TOLD: readonly [Answer, string, RegExp, number][] = [
  [{ status: 401, body: { error: { message: 'invalid x-api-key' } } }, 'credentials', /invalid x-api-key/, 1],
  [{ status: 403, body: { error: { message: 'missing scopes' } } }, 'denied', /missing scopes/, 1],
  [{ status: 404, body: 'not here' }, 'input', /not here/, 1],
  [{ status: 400, body: { error: { message: 'limit' } } }, 'unavailable', /HTTP 400: limit/, 1],
  [{ status: 302, headers: { location: 'https://elsewhere.example/' } }, 'unavailable', /HTTP 302/, 1],
  [{ status: 429 }, 'throttled', /stayed so after every retry/, 5],
  [{ status: 502, body: '<html><h1>Bad gateway</h1>' }, 'unavailable', /HTTP 502: a web page/, 5],
  [{ broken: 'break' }, 'unavailable', /no answer/, 5],
  [{ body: '{"data":[1,' }, 'unavailable', /something else than JSON: half an answer/, 5],
  [{ body: '<!doctype html><p>Log in</p>' }, 'unavailable', /something else than JSON: a web page/, 1],
];

test.each(TOLD)('%j is told as %s', async (answer, code, words, attempts) => {
  const { outcome, calls } = await ask([answer]);
  expect(outcome).toMatchObject({
    error: { name: 'BursarError', code, message: expect.stringMatching(words), where: 'bill:acme' },
  });
  expect(outcome).toHaveProperty('error.hint', expect.stringMatching(/\w{3}/));
  expect(calls).toBe(attempts);
});

test('the hint of a refused key says which key is needed', async () => {
  for (const status of [401, 403])
    expect((await ask([{ status }])).outcome).toMatchObject({ error: { hint: 'Make an admin key.' } });
});

test('a vendor that repeats the key in its message does not bring it into the log', async () => {
  const key = 'sk-admin-abcdefghijklmnop1234';
  const { outcome } = await ask([{ status: 401, body: { error: { message: `wrong key ${key}` } } }], { key });
  expect(outcome).toMatchObject({ error: { message: expect.not.stringContaining('abcdefgh') } });
});

test('a server that stays silent is given up and asked again', async () => {
  const { outcome, calls } = await ask([{ body: {}, broken: 'hang' }], { timeout: 60 });
  expect(outcome).toMatchObject({
    error: { code: 'unavailable', message: expect.stringContaining('no answer') },
  });
  expect(calls).toBe(5);
});

test.each([
  // Port 9 is one that fetch refuses itself; the other was free a moment ago.
  ['http://127.0.0.1:9', /no answer: bad port/],
  [
    await vendorServer(() => ({})).then(async (gone) => (await gone[Symbol.asyncDispose](), gone.url)),
    /no answer/,
  ],
])('nobody at %s', async (address, words) => {
  const session = vendorSession({
    where: 'bill:acme',
    vendor: 'Acme',
    address,
    keyHint: '',
    headers: async () => ({}),
    attempts: 1,
  });
  await expect(session.get(REQUEST, new Meter())).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(words),
  });
});
