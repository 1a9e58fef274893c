import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect } from '@lancedb/lancedb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { loadLanceDb } from '../../../lib/run/assemble/store-lancedb.ts';
import { storePermissions } from '../../../lib/run/assemble/store-permissions.ts';
import { storesEstate } from '../../../lib/run/assemble/stores.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-lance-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const parse = (store: Record<string, unknown>) =>
  configSchema.safeParse({
    schemaVersion: 1,
    estate: { stores: { docs: { type: 'lancedb', ...store } } },
  });

function storeOf(store: Record<string, unknown>) {
  const { docs } = parse(store).data?.estate.stores ?? {};
  if (docs === undefined) throw new Error('no store');
  return docs;
}

async function look(store: Record<string, unknown>) {
  return await storesEstate({ docs: storeOf(store) }).collect(
    { provider: 'other', accountId: 'docs', region: 'global' },
    new Date('2026-11-20T10:00:00Z'),
    new Meter(),
  );
}

describe('what the config takes', () => {
  test.for<[string, Record<string, unknown>, string]>([
    ['a cloud of its own', { path: 'db://docs' }, 's3://bucket/folder'],
    ['an address of HTTP', { path: 'https://docs.example' }, 's3://bucket/folder'],
    ['no bucket', { path: 's3:///docs' }, 's3://bucket/folder'],
    [
      'a role for a folder',
      { path: './docs', roleArn: 'arn:aws:iam::111122223333:role/Docs' },
      'those of a bucket',
    ],
    ['a secret in clear', { path: 's3://docs', secrets: { aws_access_key_id: 'AKIA' } }, 'env'],
  ])('not %s', ([_what, store, said]) => {
    expect(parse(store).error?.message).toContain(said);
  });

  test.for([
    { path: './docs' },
    { path: '/srv/docs' },
    { path: 's3://docs' },
    { path: 'gs://docs/a' },
    { path: 'az://c/a' },
  ])('%o', (store) => expect(parse(store).error).toBeUndefined());
});

const rights = (store: Record<string, unknown>) =>
  storePermissions(storeOf(store)).map(({ action, resources }) => [action, resources?.[0]]);

test('rights are those of the folder in the bucket, unless keys or a role are given', () => {
  expect(rights({ path: 's3://docs/team/search/' })).toEqual([
    ['s3:ListBucket', 'arn:aws:s3:::docs'],
    ['s3:GetObject', 'arn:aws:s3:::docs/team/search/*'],
  ]);
  expect(rights({ path: 's3://docs' })).toContainEqual(['s3:GetObject', 'arn:aws:s3:::docs/*']);
  const roleArn = 'arn:aws:iam::111122223333:role/Docs';
  expect(rights({ path: 's3://docs', roleArn })).toEqual([['sts:AssumeRole', roleArn]]);
  const secret = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:docs';
  expect(rights({ path: 's3://docs', secrets: { aws_secret_access_key: { secret } } })).toEqual([
    ['secretsmanager:GetSecretValue', secret],
  ]);
  expect(rights({ path: './docs' })).toEqual([]);
});

describe('a folder of this machine', () => {
  test('is read where it is a database', async () => {
    const connection = await connect(folder);
    await connection.createTable('manuals', [{ id: 1, vector: [1, 2, 3] }]);
    connection.close();
    const { coverage, vectorIndexes } = await look({ path: folder, billed: ['disk-1'] });
    expect(coverage).toMatchObject([{ scope: 'store:docs', status: 'complete' }]);
    expect(vectorIndexes).toMatchObject([
      {
        id: `${pathToFileURL(folder).href}/manuals.lance#vector`,
        index: 'manuals',
        capacity: { kind: 'shared-cluster', billed: ['disk-1'] },
      },
    ]);
  });

  test('that is not there is refused, and not made', async () => {
    const path = join(folder, 'nothing');
    const { coverage } = await look({ path });
    expect(coverage).toMatchObject([{ status: 'failed', reason: expect.stringContaining('ENOENT') }]);
    expect(existsSync(path)).toBe(false);
  });

  test('that is a file is none', async () => {
    const path = join(folder, 'docs.csv');
    await writeFile(path, 'a');
    const { coverage } = await look({ path });
    expect(coverage).toMatchObject([{ status: 'failed', reason: expect.stringContaining('is no folder') }]);
  });
});

test('without its library it is said what to install', async () => {
  const missing = 'bursar-has-no-such-package';
  await expect(loadLanceDb(async () => await import(missing))).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining(missing),
    hint: expect.stringContaining('npm install @lancedb/lancedb@'),
  });
});

test('a bucket that nobody can reach is told in time, without a secret', async () => {
  vi.stubEnv('LANCE_SECRET', 'hunter2hunter2');
  const { coverage } = await look({
    path: 's3://docs/search',
    region: 'us-east-1',
    options: {
      aws_access_key_id: 'AKIDEXAMPLE',
      endpoint: 'http://127.0.0.1:9',
      client_retry_timeout: '1',
      client_max_retries: '1',
    },
    secrets: { aws_secret_access_key: { env: 'LANCE_SECRET' } },
  });
  expect(coverage).toMatchObject([
    {
      scope: 'store:docs',
      status: 'failed',
      reason: expect.stringMatching(/^s3:\/\/docs\/search: http:\/\/127\.0\.0\.1:9\/docs gives no answer\./),
    },
  ]);
  expect(JSON.stringify(coverage)).not.toContain('hunter2');
  expect(JSON.stringify(coverage)).not.toContain('.rs:');
});

test.for([
  ['AccessDenied', 's3:GetObject'],
  ['InvalidAccessKeyId', 'credentials of the storage'],
])('a bucket that answers %s is told with what to do', async ([code, hint]) => {
  const server = createServer((_request, response) => {
    response.statusCode = 403;
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  vi.stubEnv('LANCE_SECRET', 'hunter2hunter2');
  try {
    const { coverage } = await look({
      path: 's3://docs/search',
      region: 'us-east-1',
      options: { aws_access_key_id: 'AKIDEXAMPLE', endpoint: `http://127.0.0.1:${address.port}` },
      secrets: { aws_secret_access_key: { env: 'LANCE_SECRET' } },
    });
    expect(coverage).toMatchObject([
      { status: 'failed', reason: expect.stringMatching(new RegExp(`answers 403 ${code}\\..*${hint}`)) },
    ]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
