import { CreateIndexCommand, CreateVectorBucketCommand, PutVectorsCommand } from '@aws-sdk/client-s3vectors';
import { beforeEach, expect, inject, test } from 'vitest';
import { awsS3Vectors } from '../../../lib/estate/aws/s3-vectors.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { OWN, proxy, session } from './emulated.ts';

const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
const NOW = new Date('2026-11-20T10:30:00Z');

beforeEach(() => resetMoto(moto));

const buckets = (endpoint = moto) => collectScope(scope, session(endpoint), [awsS3Vectors], NOW, new Meter());

async function index(bucket: string, name: string, dimension: number): Promise<void> {
  await session(moto).s3vectors.send(
    new CreateIndexCommand({
      vectorBucketName: bucket,
      indexName: name,
      dataType: 'float32',
      dimension,
      distanceMetric: 'cosine',
    }),
  );
}

test('indexes of S3 Vectors, with what nobody can tell of them', async () => {
  const { s3vectors } = session(moto);
  for (const vectorBucketName of ['manuals', 'empty'])
    await s3vectors.send(new CreateVectorBucketCommand({ vectorBucketName }));
  await index('manuals', 'de', 1024);
  await index('manuals', 'en', 256);
  await s3vectors.send(
    new PutVectorsCommand({
      vectorBucketName: 'manuals',
      indexName: 'en',
      vectors: [{ key: 'a', data: { float32: Array(256).fill(0.5) }, metadata: { password: 'hunter2' } }],
    }),
  );
  // moto answers GetIndex without the time of making that the service gives.
  const timed = await proxy(moto, async ({ path }, pass) => {
    if (path !== 'POST /GetIndex') return null;
    const answer = await pass();
    return { ...answer, body: answer.body.replace('"index": {', '"index": {"creationTime": 1790841600, ') };
  });
  const snapshot = await buckets(timed.url).finally(() => timed.close());
  expect(snapshot.coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(
    snapshot.vectorIndexes
      .map(({ id, store, index: name, dimension, metric }) => [id, store, name, dimension, metric])
      .toSorted(),
  ).toEqual([
    [`arn:aws:s3vectors:us-east-1:${OWN}:bucket/manuals/index/de`, 'manuals', 'de', 1024, 'cosine'],
    [`arn:aws:s3vectors:us-east-1:${OWN}:bucket/manuals/index/en`, 'manuals', 'en', 256, 'cosine'],
  ]);
  for (const one of snapshot.vectorIndexes) {
    expect(one).toMatchObject({ vectors: null, bytes: null, queries: null, measured: null, lastQuery: null });
    expect(one.gaps.map(({ of }) => of)).toEqual(['queries', 'writes', 'vectors', 'bytes', 'model']);
    expect(one.created).toBe('2026-10-01T08:00:00.000Z');
  }
  expect(JSON.stringify(snapshot)).not.toContain('hunter2');
});

test('an index that is deleted on the way is left out; one that may not be described is a gap, not an absence', async () => {
  await session(moto).s3vectors.send(new CreateVectorBucketCommand({ vectorBucketName: 'manuals' }));
  await index('manuals', 'gone', 8);
  await index('manuals', 'kept', 8);
  const answered = async (name: string, status: number) => {
    const before = await proxy(moto, async ({ path, body }) =>
      path === 'POST /GetIndex' && body.includes('/gone')
        ? { status, type: 'application/json', body: JSON.stringify({ __type: name, message: 'no' }) }
        : null,
    );
    try {
      return await buckets(before.url);
    } finally {
      await before.close();
    }
  };
  const gone = await answered('NotFoundException', 404);
  expect(gone.coverage[0]?.status).toBe('complete');
  expect(gone.vectorIndexes.map(({ index: name }) => name)).toEqual(['kept']);
  const denied = await answered('AccessDeniedException', 403);
  expect(denied.coverage[0]).toMatchObject({ status: 'failed' });
  expect(denied.coverage[0]?.reason).toContain('s3vectors:GetIndex was denied');
  expect(denied.vectorIndexes).toEqual([]);
});
