import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { connectPostgres } from '../../../lib/run/assemble/postgres-client.ts';
import { rdsLogin, rdsPermissions } from '../../../lib/run/assemble/rds-login.ts';
import { storesEstate } from '../../../lib/run/assemble/stores.ts';
import { postgresStandIn } from './postgres-stand-in.ts';

const AUTH = {
  type: 'rds-iam' as const,
  host: 'localhost',
  port: 5432,
  database: 'vectors',
  user: 'bursar',
  region: 'eu-central-1',
};
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

beforeEach(() => {
  for (const [name, value] of Object.entries(KEYS)) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

async function standIn(settings = {}) {
  const started = await postgresStandIn(settings);
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

/** Connects in a process that trusts the certificate. */
async function trusting({ port, cert }: { port: number; cert: string }) {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'ca.pem'), cert);
  const script = join(import.meta.dirname, 'connect-to-rds.ts');
  return await promisify(execFile)(process.execPath, [script, String(port)], {
    env: { ...process.env, ...KEYS, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
  });
}

describe('a login by a token of IAM', () => {
  test('is signed for host, port, user and region, and good for 15 minutes', async () => {
    const login = await rdsLogin({ ...AUTH, host: 'docs.abc.eu-central-1.rds.amazonaws.com' }, 'docs');
    if (!('password' in login)) throw new Error('no password');
    const url = new URL(`https://${login.password}`);
    expect(url.host).toBe('docs.abc.eu-central-1.rds.amazonaws.com:5432');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'bursar',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringMatching(/^AKIDEXAMPLE\/\d{8}\/eu-central-1\/rds-db\/aws4_request$/),
    });
    expect(login).toMatchObject({ database: 'vectors', user: 'bursar' });
  });

  test('reaches a server whose certificate is trusted, over TLS', async () => {
    const server = await standIn();
    await trusting(server);
    expect(server.logins).toEqual([
      {
        user: 'bursar',
        database: 'vectors',
        password: expect.stringContaining(`localhost:${server.port}/?`),
      },
    ]);
  });

  test('is not sent to a server whose certificate is not trusted', async () => {
    const server = await standIn();
    const connecting = connectPostgres(await rdsLogin({ ...AUTH, port: server.port }, 'docs'), 'store:docs');
    await expect(connecting).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('not trusted'),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
    expect(server.logins).toEqual([]);
  });

  test.each(['prefer', 'require', 'verify-ca', 'verify-full'])(
    'nor is a password, whatever TLS the address asks for: sslmode=%s',
    async (mode) => {
      const server = await standIn();
      const url = new URL(`postgres://reader:hunter2@127.0.0.1:${server.port}/docs?sslmode=${mode}`);
      const failed: unknown = await connectPostgres({ url }, 'store:docs').catch((error: unknown) => error);
      expect(failed).toMatchObject({ message: expect.stringContaining('not trusted') });
      expect(String(failed)).not.toContain('hunter2');
      expect(server.logins).toEqual([]);
    },
  );

  test('an address that wants no verification is taken as it is', async () => {
    const server = await standIn();
    const url = new URL(`postgres://reader:hunter2@127.0.0.1:${server.port}/docs?sslmode=no-verify`);
    await (await connectPostgres({ url }, 'store:docs')).end();
    expect(server.logins).toEqual([{ user: 'reader', database: 'docs', password: 'hunter2' }]);
  });

  test('that the database refuses is told with what it takes', async () => {
    const server = await standIn({ refuse: true });
    await expect(trusting(server)).rejects.toThrow(/refuses the login: PAM authentication failed/);
  });

  test('of no credentials is told, and the store is a scope that failed', async () => {
    vi.unstubAllEnvs();
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, '');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
    const { stores } = configSchema.parse({
      schemaVersion: 1,
      estate: { stores: { docs: { type: 'pgvector', auth: AUTH } } },
    }).estate;
    const scope = { provider: 'postgres' as const, accountId: 'docs', region: 'global' };
    const { coverage } = await storesEstate(stores).collect(
      scope,
      new Date('2026-11-20T10:00:00Z'),
      new Meter(),
    );
    expect(coverage).toMatchObject([
      { scope: 'store:docs', status: 'failed', reason: expect.stringContaining('credentials') },
    ]);
  });
});

const resources = (given: object) =>
  rdsPermissions({ ...AUTH, ...given }).map(({ action, resources: [arn] = [] }) => [action, arn]);

test('the right names the user, and the resource where it is known', () => {
  expect(resources({})).toEqual([['rds-db:connect', 'arn:*:rds-db:eu-central-1:*:dbuser:*/bursar']]);
  expect(resources({ resourceId: 'cluster-ABC123' })).toEqual([
    ['rds-db:connect', 'arn:*:rds-db:eu-central-1:*:dbuser:cluster-ABC123/bursar'],
  ]);
  const roleArn = 'arn:aws:iam::111122223333:role/Docs';
  expect(resources({ roleArn })).toEqual([['sts:AssumeRole', roleArn]]);
});

test.each([
  ['neither url nor auth', {}],
  ['both', { url: { env: 'X' }, auth: AUTH }],
  ['a host with a scheme', { auth: { ...AUTH, host: 'https://x.example' } }],
  ['a name for a resource id', { auth: { ...AUTH, resourceId: 'my-database' } }],
  ['a password', { auth: { ...AUTH, password: 'p' } }],
])('a store of %s is refused', (_what, given) => {
  const parsed = configSchema.safeParse({
    schemaVersion: 1,
    estate: { stores: { docs: { type: 'pgvector', ...given } } },
  });
  expect(parsed.success).toBe(false);
});
