import { GoogleAuth } from 'google-auth-library';
import { expect, test } from 'vitest';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import type { ErrorCode } from '../../../lib/platform/errors.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { type LoopbackAnswer, loopback, refusal, signedIn } from './loopback.ts';

const REQUEST = {
  call: 'compute.instances.aggregatedList',
  service: 'https://compute.googleapis.com',
  path: '/compute/v1/projects/acme-prod/aggregated/instances',
  permission: 'compute.instances.list',
};

async function ask(
  answers: readonly (LoopbackAnswer | 'break')[],
  settings: { attempts?: number; signal?: AbortSignal } = {},
) {
  await using server = await loopback((_path, _params, index) => answers[index] ?? answers.at(-1) ?? {});
  const waits: number[] = [];
  const meter = new Meter();
  const session = gcpSession({
    projectId: 'acme-prod',
    auth: signedIn(),
    endpoint: server.url,
    wait: async (ms) => waits.push(ms),
    ...settings,
  });
  const outcome = await session.get({ ...REQUEST, params: { pageToken: 'a b&c' } }, meter).then(
    (data) => ({ data, error: null }),
    (error: unknown) => ({ data: null, error }),
  );
  return { ...outcome, waits, requests: server.requests, calls: meter.total().calls };
}

test('the endpoint takes the place of the service, with path, parameters and token as given', async () => {
  const { data, requests, calls } = await ask([{ body: { items: {} } }]);
  expect(data).toEqual({ items: {} });
  expect(requests).toMatchObject([
    { path: REQUEST.path, params: { pageToken: 'a b&c' }, headers: { authorization: 'Bearer test-token' } },
  ]);
  expect(calls).toEqual([{ api: REQUEST.call, count: 1 }]);
});

const REFUSALS: readonly [string, LoopbackAnswer, ErrorCode, RegExp][] = [
  ['a missing right', refusal(403, 'forbidden'), 'denied', /compute\.instances\.list/],
  ['an API that is off', refusal(403, 'accessNotConfigured'), 'denied', /Enable the API/],
  ['a project that is not there', refusal(404, 'notFound'), 'input', /id/],
  ['a token that is no good', refusal(401, 'authError'), 'credentials', /gcloud auth/],
  ['a malformed call', refusal(400, 'invalid'), 'unavailable', /did not accept/],
];

test.each(REFUSALS)('%s is told at once, with what to do', async (_what, answer, code, hint) => {
  const { error, requests } = await ask([answer]);
  expect(error).toMatchObject({
    name: 'BursarError',
    code,
    where: 'gcp:acme-prod',
    message: expect.stringContaining('as Google says it'),
    hint: expect.stringMatching(hint),
  });
  // google-auth-library itself asks once more after 401 and 403, for a fresh token.
  expect(requests.length).toBeLessThanOrEqual(2);
});

function slow(seconds: string): LoopbackAnswer {
  return { ...refusal(503, 'backendError'), headers: { 'retry-after': seconds } };
}

const PASSING: readonly [string, LoopbackAnswer | 'break', ErrorCode][] = [
  ['429', refusal(429, 'rateLimitExceeded'), 'throttled'],
  ['the rate limit of Compute Engine', refusal(403, 'rateLimitExceeded'), 'throttled'],
  ['503', refusal(503, 'backendError'), 'unavailable'],
  ['a page of HTML from a gateway', { status: 502, body: '<html>' }, 'unavailable'],
  ['a broken connection', 'break', 'unavailable'],
];

test.each(PASSING)('%s is tried again until it passes', async (_what, answer) => {
  const { data, waits, calls } = await ask([answer, answer, answer, { body: { kind: 'at last' } }]);
  expect(data).toEqual({ kind: 'at last' });
  expect(calls).toEqual([{ api: REQUEST.call, count: waits.length + 1 }]);
  // Waits grow, and each stays below its bound.
  waits.forEach((ms, index) => expect(ms).toBeLessThan(500 * 2 ** index));
});

test.each(PASSING)('%s that stays is told, after every attempt', async (_what, answer, code) => {
  const { error, waits, calls } = await ask([answer], { attempts: 3 });
  expect(error).toMatchObject({ name: 'BursarError', code, where: 'gcp:acme-prod' });
  expect(calls[0]?.count).toBe(3);
  expect(waits).toHaveLength(2);
});

test('a wait that Google asks for is kept, up to half a minute', async () => {
  const { waits } = await ask([slow('2'), slow('900'), { body: {} }]);
  expect(waits).toEqual([2_000, 30_000]);
});

test('an aborted session does not try again', async () => {
  const { error, calls } = await ask([refusal(503, 'backendError')], { signal: AbortSignal.abort() });
  expect(error).toMatchObject({ name: 'BursarError', code: 'unavailable' });
  expect(calls[0]?.count).toBe(1);
});

test('without credentials the way to sign in is told', async () => {
  const auth = new GoogleAuth({ keyFilename: '/nonexistent/key.json' });
  const session = gcpSession({ projectId: 'acme-prod', auth, endpoint: 'http://127.0.0.1:9', attempts: 1 });
  await expect(session.get(REQUEST, new Meter())).rejects.toMatchObject({
    code: 'credentials',
    hint: expect.stringContaining('gcloud auth application-default login'),
  });
});

test.each(['', 'Acme Production', '../../v1', '123456789012', 'acme/prod'])(
  '%j is no project id',
  (projectId) => {
    expect(() => gcpSession({ projectId, auth: signedIn() })).toThrow(/project id/);
  },
);
