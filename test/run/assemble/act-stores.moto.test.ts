import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { keepManifest, keepPart, readManifest, readPart } from '../../../lib/actions/exports.ts';
import { parseConfig } from '../../../lib/config/load.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { storeActSessions } from '../../../lib/run/assemble/act-stores.ts';

test('rows are kept in a bucket, read back, and told apart from what was not kept whole', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', inject('motoUrl'));
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('DOCS_ACT', 'postgres://acts@db.acme.example/docs');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const s3 = new S3Client({ endpoint: inject('motoUrl'), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-exports' }));
  s3.destroy();
  const { stores } = parseConfig(
    'schemaVersion: 1\nestate: { stores: { docs: { type: pgvector, url: { env: DOCS_READ }, act: { url: { env: DOCS_ACT }, exports: "s3://acme-exports/docs" } } } }\n',
    'bursar.yaml',
  ).estate;
  const { exports } = await storeActSessions(stores, new Meter())('postgres.pgvector.delete-vectors', {
    resourceId: 'postgres://db.acme.example:5432/docs/public.x#orphaned',
    accountId: 'db.acme.example:5432',
  });
  if (exports === null) throw new Error('no exports');
  expect(exports.shownAs).toContain('s3://acme-exports/docs');
  const folder = '6f1c';
  expect(await readManifest(exports, folder)).toBeNull();
  const lines = { rows: ['{"id":1,"text":"ü"}', '{"id":2,"text":null}'], keys: ['{"id":1}', '{"id":2}'] };
  const part = await keepPart(exports, folder, 1, lines);
  expect(await readManifest(exports, folder)).toBeNull();
  expect(await readPart(exports, part)).toEqual(lines);
  const manifest = {
    schemaVersion: 1 as const,
    table: 'public.chunks',
    key: ['id'],
    source: 's3://acme-docs',
    listedAt: '2026-11-20T10:00:00.000Z',
    rows: 2,
    parts: [part],
  };
  await keepManifest(exports, folder, manifest);
  expect(await readManifest(exports, folder)).toEqual(manifest);
  await exports.put(part.keys, Buffer.from('{"id":1}\n'));
  await expect(readPart(exports, part)).rejects.toMatchObject({ code: 'conflict' });
});
