import { createServer } from 'node:http';
import { beforeEach, expect, inject, test } from 'vitest';
import { gcpComputeStop } from '../../../lib/actions/gcp-compute-stop.ts';
import type { Action } from '../../../lib/actions/model.ts';
import { parseConfig } from '../../../lib/config/load.ts';
import { actSessions } from '../../../lib/run/assemble/act.ts';
import { resetGcp } from '../../counterparts/gcp.control.ts';
import { judgement, recordOf } from '../../ledger/fixtures.ts';

const endpoint = inject('gcpUrl');
const ACCOUNT = 'bursar-act@acme-ops.iam.gserviceaccount.com';
const TOKENS = `/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`;
const stop: Action = gcpComputeStop;
const { finding } = recordOf(judgement({ provider: 'gcp', accountId: 'ml-prod', region: 'us-central1-a' }));

beforeEach(() => resetGcp(endpoint));

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** The IAM Credentials API before the checking server, which knows its methods; what it answers is ours to give. */
async function iam(status = 200): Promise<{ url: string; asked: Asked[] } & AsyncDisposable> {
  const asked: Asked[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      let body = '';
      for await (const chunk of incoming) body += String(chunk);
      const path = incoming.url ?? '/';
      const method = incoming.method ?? 'GET';
      asked.push({ path, authorization: incoming.headers.authorization, body });
      const answer = await fetch(new URL(path, endpoint), { method });
      let text = await answer.text();
      let code = answer.status;
      if (path === TOKENS && code === 404 && / was not found/.test(text)) {
        code = status;
        text =
          status === 200
            ? JSON.stringify({ accessToken: 'acting', expireTime: '2100-01-01T00:00:00Z' })
            : JSON.stringify({ error: { code: status, message: 'Permission denied', status: 'DENIED' } });
      }
      outgoing.writeHead(code, { 'content-type': 'application/json' });
      outgoing.end(text);
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function enter(url: string, actAs = `, actAs: ${ACCOUNT}`) {
  const yaml = `schemaVersion: 1\nestate: { gcp: { projects: [ml-prod]${actAs}, endpoint: "${url}" } }`;
  return actSessions(parseConfig(yaml, 'bursar.yaml'));
}

test('Google Cloud is acted in as the service account that the config names, for 900 seconds', async () => {
  await using api = await iam();
  const into = enter(api.url);
  await into(stop, finding);
  const target = {
    provider: 'gcp',
    accountId: 'ml-prod',
    region: 'us-central1-a',
    resourceType: 'gcp:compute:instance',
    resourceId: '//compute.googleapis.com/projects/ml-prod/zones/us-central1-a/instances/none-such',
    evidence: {},
  };
  expect(await stop.read(target, await into(stop, finding))).toBeNull();
  const [token, read, ...rest] = api.asked;
  expect(rest).toEqual([]);
  expect(token).toMatchObject({ path: TOKENS, authorization: 'Bearer loopback' });
  expect(JSON.parse(token?.body ?? '')).toMatchObject({
    scope: ['https://www.googleapis.com/auth/cloud-platform'],
    lifetime: '900s',
  });
  expect(read?.authorization).toBe('Bearer acting');
});

test('without such an account nothing is entered', async () => {
  await using api = await iam();
  await expect(enter(api.url, '')(stop, finding)).rejects.toMatchObject({ code: 'config' });
  expect(api.asked).toEqual([]);
});

test('a project that the config does not name is not entered', async () => {
  await using api = await iam();
  await expect(enter(api.url)(stop, { ...finding, accountId: 'other-prod' })).rejects.toMatchObject({
    code: 'config',
    where: 'gcp:other-prod',
  });
  expect(api.asked).toEqual([]);
});

test('an account that may not be impersonated is told with the permission that lacks, and asked again', async () => {
  await using api = await iam(403);
  const into = enter(api.url);
  const refused = { code: 'denied', hint: expect.stringContaining('iam.serviceAccounts.getAccessToken') };
  await expect(into(stop, finding)).rejects.toMatchObject(refused);
  const before = api.asked.length;
  await expect(into(stop, finding)).rejects.toMatchObject(refused);
  expect(api.asked.length).toBeGreaterThan(before);
});
