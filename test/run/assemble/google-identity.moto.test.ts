import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { GoogleAuth, Impersonated } from 'google-auth-library';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../../lib/config/load.ts';
import { actingSource } from '../../../lib/run/assemble/google-auth.ts';
import { audienceOf, federate, federationFile } from '../../../lib/run/assemble/google-identity.ts';
import { ACTS, googleSetup } from '../../../lib/run/roles/google.ts';

/*
 * The way of a function into Google Cloud without any key. Google's side is told here as it documents it: the
 * subject token is a signed call of AWS, which it makes and whose answer says who the caller is; the provider takes
 * the role's name of it, and its condition lets only these roles in. Whose credentials
 * signed that call is what the stand-in of AWS says.
 */

const config = parseConfig(
  `schemaVersion: 1
policies: [{ check: "*", mode: stop }]
estate: { gcp: { projects: [acme-prod], actAs: bursar-act@acme-ops.iam.gserviceaccount.com } }
deploy:
  google:
    provider: projects/123456789012/locations/global/workloadIdentityPools/bursar/providers/bursar-aws
    serviceAccount: bursar-read@acme-ops.iam.gserviceaccount.com
`,
  'bursar.yaml',
);
const { google } = config.deploy;

const Exchange = z.object({
  audience: z.string(),
  grant_type: z.literal('urn:ietf:params:oauth:grant-type:token-exchange'),
  requested_token_type: z.literal('urn:ietf:params:oauth:token-type:access_token'),
  subject_token_type: z.literal('urn:ietf:params:aws:token-type:aws4_request'),
  subject_token: z.string(),
  scope: z.string(),
});
const Call = z.object({
  url: z.string(),
  method: z.literal('POST'),
  headers: z.array(z.object({ key: z.string(), value: z.string() })),
});

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  return body;
}

interface Google extends AsyncDisposable {
  readonly url: string;
  /** `Sweep becomes bursar-act@...`: who got a token as whom. */
  readonly told: string[];
}

/** Security Token Service and IAM Credentials, which let in who the set-up names. */
async function startGoogle(roles: Readonly<Record<string, readonly string[]>>): Promise<Google> {
  const told: string[] = [];
  const answer = async (incoming: IncomingMessage): Promise<[number, unknown]> => {
    const body = await bodyOf(incoming);
    if (incoming.url === '/v1/token') {
      const asked = Exchange.parse(Object.fromEntries(new URLSearchParams(body)));
      const call = Call.parse(JSON.parse(decodeURIComponent(asked.subject_token)));
      const headers = Object.fromEntries(call.headers.map(({ key, value }) => [key.toLowerCase(), value]));
      const wanted = google === undefined ? '' : audienceOf(google);
      if (asked.audience !== wanted || headers['x-goog-cloud-target-resource'] !== wanted)
        return [400, { error: 'invalid_target', error_description: `it is not asked of ${wanted}` }];
      const { search } = new URL(call.url);
      const seen = await fetch(`${inject('motoUrl')}/${search}`, { method: 'POST', headers });
      const [, role = ''] = /assumed-role\/([^/]+)\//.exec(await seen.text()) ?? [];
      if (!Object.values(roles).flat().includes(role))
        return [
          403,
          { error: 'unauthorized_client', error_description: 'rejected by the attribute condition' },
        ];
      return [
        200,
        {
          access_token: `federated ${role}`,
          issued_token_type: asked.requested_token_type,
          token_type: 'Bearer',
          expires_in: 3600,
        },
      ];
    }
    const [, account = ''] = /serviceAccounts\/([^:]+):generateAccessToken$/.exec(incoming.url ?? '') ?? [];
    const role = (incoming.headers.authorization ?? '').replace('Bearer federated ', '');
    if (roles[account]?.includes(role) !== true)
      return [
        403,
        { error: { code: 403, status: 'PERMISSION_DENIED', message: `${role} may not become ${account}` } },
      ];
    told.push(`${role} becomes ${account}`);
    return [200, { accessToken: `token of ${account}`, expireTime: '2100-01-01T00:00:00Z' }];
  };
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const [status, body] = await answer(incoming);
      outgoing.writeHead(status, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify(body));
    })().catch(() => outgoing.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    told,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function roleOf(output: string): string {
  return output.replace('RoleArn', '');
}

/** What the printed set-up binds: service account by address, to names of roles. */
function bound(): Record<string, string[]> {
  const setup = googleSetup(config);
  if (setup === null) throw new Error('the config asks Google nothing');
  return {
    'bursar-read@acme-ops.iam.gserviceaccount.com': setup.readers.map(roleOf),
    'bursar-act@acme-ops.iam.gserviceaccount.com': [roleOf(ACTS)],
  };
}

/** The environment that Lambda gives to a function whose role has this name. */
async function asFunction(role: string): Promise<void> {
  const sts = new STSClient({
    region: 'eu-central-1',
    endpoint: inject('motoUrl'),
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { Credentials: keys } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::111122223333:role/${role}`,
      // A function's session is named as the function: long enough that a whole ARN would be no subject.
      RoleSessionName: 'Bursar-SweepFunction0123456789ABCDEF-0123456789abcdefghijkl',
    }),
  );
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', keys?.AccessKeyId ?? '');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', keys?.SecretAccessKey ?? '');
  vi.stubEnv('AWS_SESSION_TOKEN', keys?.SessionToken ?? '');
}

beforeEach(() => {
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined);
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(federationFile(), { force: true });
});

const READ = ['https://www.googleapis.com/auth/cloud-platform'];

test('a function reads as the service account of the config, with its own credentials and no key', async () => {
  await using cloud = await startGoogle(bound());
  await asFunction('Collect');
  await federate(config.deploy, { sts: cloud.url, iam: cloud.url });
  const token = await new GoogleAuth({ scopes: READ }).getAccessToken();
  expect(token).toBe('token of bursar-read@acme-ops.iam.gserviceaccount.com');
  expect(cloud.told).toEqual(['Collect becomes bursar-read@acme-ops.iam.gserviceaccount.com']);
});

async function acts(url: string): Promise<string> {
  const acting = new Impersonated({
    sourceClient: await actingSource(READ),
    targetPrincipal: 'bursar-act@acme-ops.iam.gserviceaccount.com',
    targetScopes: READ,
    lifetime: 900,
    endpoint: url,
  });
  return (await acting.getAccessToken()).token ?? '';
}

test('the sweep alone becomes the account that acts, by itself and not as the one that reads', async () => {
  await using cloud = await startGoogle(bound());
  await asFunction('Sweep');
  await federate(config.deploy, { sts: cloud.url, iam: cloud.url });
  expect(await acts(cloud.url)).toBe('token of bursar-act@acme-ops.iam.gserviceaccount.com');
  expect(cloud.told).toEqual(['Sweep becomes bursar-act@acme-ops.iam.gserviceaccount.com']);
});

test('the function that collects may not act', async () => {
  await using cloud = await startGoogle(bound());
  await asFunction('Collect');
  await federate(config.deploy, { sts: cloud.url, iam: cloud.url });
  await expect(acts(cloud.url)).rejects.toThrow('Collect may not become bursar-act');
  expect(cloud.told).toEqual([]);
});

test('another role of the account gets in nowhere', async () => {
  await using cloud = await startGoogle(bound());
  await asFunction('Admin');
  await federate(config.deploy, { sts: cloud.url, iam: cloud.url });
  await expect(new GoogleAuth({ scopes: READ }).getAccessToken()).rejects.toThrow(
    'rejected by the attribute condition',
  );
});

test('credentials that are named already are left alone', async () => {
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/elsewhere.json');
  await federate(config.deploy);
  expect(process.env['GOOGLE_APPLICATION_CREDENTIALS']).toBe('/elsewhere.json');
});
