import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { enteringToAct } from '../../../lib/run/assemble/act-permissions.ts';
import { storeActSessions } from '../../../lib/run/assemble/act-stores.ts';
import { deployedPermissions } from '../../../lib/run/assemble/permissions.ts';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:';
const POLICY = 'policies: [{ check: stale-embeddings, mode: stop }]\n';

function config(act: string, policies = POLICY) {
  return parseConfig(
    `schemaVersion: 1\nestate: { stores: { docs: { type: pgvector, url: { secret: "${SECRET}read" }${act} } } }\n${policies}`,
    'bursar.yaml',
  );
}

const rights = (act: string, policies?: string) =>
  enteringToAct(config(act, policies)).flatMap(({ action, resources }) =>
    (resources ?? []).map((resource) => `${action} ${resource}`),
  );

describe('what acting in a vector store needs', () => {
  const act = `, act: { url: { secret: "${SECRET}act" }, exports: s3://acme-exports/docs/ }`;

  test('is its own login and the place of exports, where a policy says stop', () => {
    expect(rights(act)).toEqual([
      `secretsmanager:GetSecretValue ${SECRET}act`,
      `secretsmanager:GetSecretValue ${SECRET}act-??????`,
      's3:PutObject arn:aws:s3:::acme-exports/docs/*',
      's3:GetObject arn:aws:s3:::acme-exports/docs/*',
      's3:ListBucket arn:aws:s3:::acme-exports',
    ]);
    expect(rights(act, 'policies: [{ check: stale-embeddings, mode: warn }]\n')).toEqual([]);
    expect(rights(act, 'policies: [{ check: idle-gpu, mode: stop }]\n')).toEqual([]);
    expect(rights('')).toEqual([]);
  });

  test('is a token of IAM for another user, where the config says so', () => {
    const iam =
      ', act: { auth: { type: rds-iam, host: h.example, database: docs, user: acts, region: eu-central-1, resourceId: db-ABC } }';
    expect(rights(iam)).toEqual(['rds-db:connect arn:*:rds-db:eu-central-1:*:dbuser:db-ABC/acts']);
  });

  test('is granted to the sweep alone, which also reads the kept snapshots', () => {
    const granted = deployedPermissions(config(act), {
      bucket: 'state',
      lakePrefix: 'lake/',
      reportsPrefix: 'reports/',
      table: 'ledger',
      queueArn: 'arn:aws:sqs:eu-central-1:111122223333:q',
      deadLettersArn: 'arn:aws:sqs:eu-central-1:111122223333:d',
    });
    const may = (resource: string) =>
      Object.entries(granted).flatMap(([entry, of]) =>
        of.some(({ resources }) => resources?.includes(resource)) ? [entry] : [],
      );
    expect(may(`${SECRET}act`)).toEqual(['sweep']);
    expect(may('arn:aws:s3:::state/lake/*')).toContain('sweep');
    const bare = deployedPermissions(parseConfig('schemaVersion: 1\n', 'bursar.yaml'), {
      bucket: 'state',
      lakePrefix: 'lake/',
      reportsPrefix: 'reports/',
      table: 'ledger',
      queueArn: 'arn:aws:sqs:eu-central-1:111122223333:q',
      deadLettersArn: 'arn:aws:sqs:eu-central-1:111122223333:d',
    });
    expect(bare.sweep.some(({ action }) => action.startsWith('s3:'))).toBe(false);
  });
});

const keeping = (exports: string, policies = POLICY) =>
  enteringToAct(
    parseConfig(`schemaVersion: 1\nestate: { aws: { accounts: own${exports} } }\n${policies}`, 'bursar.yaml'),
  ).flatMap(({ action, resources }) => (resources ?? []).map((resource) => `${action} ${resource}`));

test('a collection of OpenSearch Serverless is kept in the bucket of estate.aws.exports, which the sweep alone writes', () => {
  const kept = [
    's3:PutObject arn:aws:s3:::acme-exports/aoss/*',
    's3:GetObject arn:aws:s3:::acme-exports/aoss/*',
    's3:ListBucket arn:aws:s3:::acme-exports',
  ];
  expect(keeping(', exports: s3://acme-exports/aoss')).toEqual(expect.arrayContaining(kept));
  expect(keeping('').some((right) => right.startsWith('s3:'))).toBe(false);
  const other = 'policies: [{ check: idle-gpu, mode: stop }]\n';
  expect(keeping(', exports: s3://acme-exports/aoss', other).some((right) => right.startsWith('s3:'))).toBe(
    false,
  );
});

const entered = (resourceId: string, url = 'postgres://acts:hunter2@DB.acme.example/docs%20one') => {
  vi.stubEnv('DOCS_ACT', url);
  const stores = parseConfig(
    'schemaVersion: 1\nestate: { stores: { other: { type: weaviate, url: "https://w.example", auth: none }, docs: { type: pgvector, url: { env: DOCS_READ }, act: { url: { env: DOCS_ACT } } } } }\n',
    'bursar.yaml',
  ).estate.stores;
  return storeActSessions(stores, new Meter())('postgres.pgvector.drop-index', {
    resourceId,
    accountId: 'db.acme.example:5432',
  });
};

describe('a session that acts in a vector store', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('is of the store whose login leads to server and database of the finding', async () => {
    expect(await entered('postgres://db.acme.example:5432/docs%20one/public.x')).toMatchObject({
      store: 'docs',
      server: 'db.acme.example:5432',
      database: 'docs one',
      exports: null,
    });
    expect(
      await entered(
        'postgres://db.acme.example:5432/acts/public.x',
        'postgres://acts:hunter2@db.acme.example',
      ),
    ).toMatchObject({ database: 'acts' });
  });

  test.each([
    'postgres://db.acme.example:5433/docs%20one/public.x',
    'postgres://db.acme.example:5432/docs/public.x',
    'postgres://elsewhere.example:5432/docs%20one/public.x',
    'arn:aws:ec2:us-east-1:111122223333:instance/i-0abc',
  ])('is none for %s, and no password is told', async (resourceId) => {
    const refused = await entered(resourceId).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'config',
      message: expect.stringContaining('no store has a login'),
    });
    expect(JSON.stringify([String(refused), refused])).not.toContain('hunter2');
  });

  test.each([
    ['', 'unavailable', 'cannot connect'],
    [
      ', network: { vpcId: vpc-0123456789abcdef0, subnets: [subnet-0123456789abcdef0], securityGroups: [sg-0123456789abcdef0] }',
      'config',
      'it lies in a VPC (network) that cannot be reached from here: cannot connect',
    ],
  ])(
    'that cannot be reached: with a network of its own (%s) it is not waited for',
    async (network, code, message) => {
      // Nothing listens on the port of a server that was closed.
      const closed = createServer();
      await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
      const address = closed.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      await new Promise((resolve) => closed.close(resolve));
      vi.stubEnv('DOCS_ACT', `postgres://acts:hunter2@127.0.0.1:${port}/docs`);
      const { stores } = parseConfig(
        `schemaVersion: 1\nestate: { stores: { docs: { type: pgvector, url: { env: DOCS_READ }, act: { url: { env: DOCS_ACT } }${network} } } }\n`,
        'bursar.yaml',
      ).estate;
      const session = await storeActSessions(stores, new Meter())('postgres.pgvector.drop-index', {
        resourceId: `postgres://127.0.0.1:${port}/docs/public.x`,
        accountId: `127.0.0.1:${port}`,
      });
      const refused = await session.connected(async () => 'never').catch((error: unknown) => error);
      expect(refused).toMatchObject({ code, message: expect.stringContaining(message) });
      expect(JSON.stringify([String(refused), refused])).not.toContain('hunter2');
    },
  );
});
