import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Connection, connect, makeArrowTable } from '@lancedb/lancedb';
import { Field, FixedSizeList, Float32, Int32, Schema, Utf8 } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Decimal } from '../../lib/focus/decimal.ts';
import type { AuditResult } from '../../lib/run/model.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { type CorpusDocument, type CorpusVector, corpus, DAYS, DIMENSION } from '../generate/corpus.ts';
import { bursarOk } from './bursar.ts';
import { BILLED, billOf, byIndex, DAY, manifest, told } from './corpus.ts';

const BUCKET = 'acme-vectors';
const ARN = `arn:aws:s3:::${BUCKET}`;
const KEYS = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', AWS_REGION: 'us-east-1' };

const CONFIG = `schemaVersion: 1
organisation: { name: Acme, currency: USD, timezone: UTC }
sources: { bills: { type: focus-file, path: bill.csv } }
estate:
  stores:
    docs:
      type: lancedb
      path: s3://${BUCKET}/search
      region: us-east-1
      documents:
        - key: source
          part: part
          content: hash
          embedded: embedded_at
          model: model
          tokens: tokens
          source: { type: manifest, path: documents.csv }
`;

const text = (name: string) => new Field(name, new Utf8(), true);
const SCHEMA = new Schema([
  new Field('id', new Int32(), false),
  ...['source', 'part', 'hash', 'embedded_at', 'model', 'secret'].map(text),
  new Field('tokens', new Int32(), true),
  new Field('vector', new FixedSizeList(DIMENSION, new Field('item', new Float32(), true)), false),
]);

function rowsOf(vectors: readonly CorpusVector[]) {
  return makeArrowTable(
    vectors.map(({ content, embedded, ...one }) => ({
      ...one,
      vector: [...one.vector],
      hash: content,
      embedded_at: embedded,
      secret: 'sk-live-not-to-be-seen',
    })),
    { schema: SCHEMA },
  );
}

describe('the corpus in a bucket, as tables of LanceDB', () => {
  const { documents, indexes } = corpus();
  let s3: S3Client;
  let database: Connection;
  let here: string;
  let first: AuditResult;
  let second: AuditResult;
  const bytes = new Map<string, number>();

  beforeAll(async () => {
    const endpoint = inject('motoUrl');
    await resetMoto(endpoint);
    s3 = new S3Client({
      endpoint,
      region: KEYS.AWS_REGION,
      forcePathStyle: true,
      credentials: { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY },
    });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    // The bucket is billed with what lies in it beside the database.
    await s3.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'other/report.bin', Body: 'x'.repeat(50_000) }),
    );
    database = await connect(`s3://${BUCKET}/search`, {
      storageOptions: {
        endpoint,
        allow_http: 'true',
        region: KEYS.AWS_REGION,
        aws_access_key_id: KEYS.AWS_ACCESS_KEY_ID,
        aws_secret_access_key: KEYS.AWS_SECRET_ACCESS_KEY,
      },
    });
    here = await mkdtemp(join(tmpdir(), 'bursar-corpus-'));
    for (const { name, looks } of indexes) await database.createTable({ name, data: rowsOf(looks[0]) });
    const start = Math.floor(Date.now() / DAY) * DAY;
    await writeFile(join(here, 'bursar.yaml'), CONFIG);
    await writeFile(
      join(here, 'bill.csv'),
      billOf(
        start,
        // As much again for requests: of that no vector has a part.
        ...['TimedStorage-ByteHrs', 'Requests-Tier1'].map((meter) => ({
          ServiceName: 'Amazon Simple Storage Service',
          ServiceCategory: 'Storage',
          ResourceId: ARN,
          ResourceType: 'Bucket',
          SkuId: `S3-${meter}`,
          SkuMeter: meter,
        })),
      ),
    );
    const look = async (at: number, manifested: readonly CorpusDocument[]): Promise<AuditResult> => {
      await writeFile(join(here, 'documents.csv'), manifest(manifested));
      const given = ['audit', '--format', 'json', '--now', new Date(at).toISOString()];
      const result: AuditResult = JSON.parse(
        await bursarOk(given, here, { ...KEYS, AWS_ENDPOINT_URL: endpoint }),
      );
      return { ...result, findings: result.findings.filter(({ check }) => check === 'stale-embeddings') };
    };
    first = await look(start, documents[0]);
    for (const { name, looks } of indexes) {
      const changed = looks[1].filter((one, at) => one !== looks[0][at]);
      if (changed.length === 0) continue;
      const table = await database.openTable(name);
      await table.delete(`id IN (${changed.map(({ id }) => id).join(', ')})`);
      await table.add(rowsOf(changed));
    }
    second = await look(start + DAYS * DAY, documents[1]);
    const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    for (const { Key: key = '', Size: size = 0 } of objects) {
      const [, table = ''] = /^search\/([^/]+)\.lance\//.exec(key) ?? [];
      for (const of of new Set(['', table])) bytes.set(of, (bytes.get(of) ?? 0) + size);
    }
  });

  afterAll(async () => {
    database.close();
    s3.destroy();
    await rm(here, { recursive: true, force: true });
  });

  it('is told exactly, and nothing else: of what hangs on queries, nothing is certain', () => {
    expect(second.coverage).toMatchObject([
      expect.objectContaining({ scope: 'bill:bills', status: 'complete' }),
      expect.objectContaining({ scope: 'store:docs', status: 'complete' }),
    ]);
    const expected = indexes.flatMap(({ name, truth }) =>
      truth.flatMap((one) =>
        one.kind === 'unqueried'
          ? []
          : [
              {
                index: name,
                ...one,
                verdict:
                  one.kind === 'duplicate' && one.of === 'index' ? ('SUSPECTED' as const) : one.verdict,
              },
            ],
      ),
    );
    expect(second.findings.map(told).toSorted(byIndex)).toEqual(expected.toSorted(byIndex));
    expect(second.findings.map(({ resourceType }) => resourceType.split(':')[0])).toEqual(
      second.findings.map(() => 'lancedb'),
    );
  });

  it('costs its part of the bucket to the cent, which is saved with the vectors that are certain', () => {
    const costing = second.findings.filter((one) => ['orphaned', 'duplicate'].includes(told(one).kind));
    expect(costing).toHaveLength(3);
    for (const finding of costing) {
      const { index, kind, vectors, verdict } = told(finding);
      const all = indexes.find(({ name }) => name === index)?.looks[1].length ?? 0;
      const cost = new Decimal(BILLED)
        .times(bytes.get(index) ?? 0)
        .div(bytes.get('') ?? 0)
        .times(vectors)
        .div(all)
        .toFixed(2);
      expect(Number(cost), `${index} ${kind}`).toBeGreaterThan(0.01);
      expect(finding.costBasis).toBe('billed');
      // What keeps the bill from falling at once, and what the store cannot tell, is said by name.
      expect(finding.blindSpots).toContainEqual(expect.stringContaining('until the table is compacted'));
      expect(finding.blindSpots).toContainEqual(expect.stringContaining('nothing counts their queries'));
      expect(new Decimal(finding.monthlyCost?.amount ?? '0').toFixed(2)).toBe(cost);
      const saved = finding.monthlySaving;
      expect(saved === null ? null : new Decimal(saved.amount).toFixed(2)).toBe(
        verdict === 'UNUSED' ? cost : null,
      );
    }
  });

  it('shows at the first look what no time is needed for', () => {
    expect(
      first.findings
        .map(told)
        .map(({ index, kind, verdict }) => `${index} ${kind} ${verdict}`)
        .toSorted(),
    ).toEqual([
      'archive orphaned UNUSED',
      'faq superseded-model INEFFICIENT',
      'handbook_copy duplicate SUSPECTED',
      'legacy superseded-model INEFFICIENT',
      'prices out-of-date INEFFICIENT',
      'tickets duplicate UNUSED',
    ]);
  });

  it('asks each table once for its keys', () => {
    const calls = new Map(second.ownCost.calls.map(({ api, count }) => [api, count]));
    expect(calls.get('lancedb.openTable')).toBe(indexes.length);
    expect(calls.get('lancedb.query')).toBe(indexes.length);
    expect(calls.get('s3:ListBucket')).toBe(1);
  });

  it('never shows a text, a key or what else the rows hold', () => {
    const shown = JSON.stringify([first, second]);
    for (const secret of ['sk-live-not-to-be-seen', 'docs/archive/']) expect(shown).not.toContain(secret);
  });
});
