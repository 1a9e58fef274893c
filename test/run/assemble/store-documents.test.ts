import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../../lib/config/schema.ts';
import { Sources } from '../../../lib/estate/vectors/compare.ts';
import { listingOf } from '../../../lib/estate/vectors/listing.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { documentsOf, fits, type ListSource } from '../../../lib/run/assemble/store-documents.ts';
import { storePermissions, storeSecrets } from '../../../lib/run/assemble/store-permissions.ts';

const S3 = { type: 's3', bucket: 'docs', prefix: 'manuals/' };
const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:docs';

function storeOf(documents: readonly object[]) {
  const store = configSchema.parse({
    schemaVersion: 1,
    estate: { stores: { docs: { type: 'pgvector', url: { env: 'DOCS_URL' }, documents } } },
  }).estate.stores['docs'];
  if (store === undefined) throw new Error('no store');
  return store;
}

function lister(outcome: () => Promise<void> = () => Promise.resolve()) {
  const asked: string[] = [];
  const list: ListSource = async (source) => {
    asked.push(source.type);
    await outcome();
    const sources = new Sources('s3', 's3://docs/manuals/');
    return { sources, told: sources.summary('2026-11-22T10:00:00.000Z', true) };
  };
  return { asked, list };
}

describe('which documents an index is of', () => {
  test.each([
    ['public.docs', 'public.docs', true],
    ['public.docs', 'public.docs_2', false],
    ['public.docs', 'Public.Docs', false],
    ['public.*', 'public.docs', true],
    ['*', '', true],
    ['*_idx', 'docs_idx', true],
    ['docs*idx', 'docsidx', true],
    ['docsx*xidx', 'docsxidx', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a.*', 'abc', false],
  ])('%s fits %s: %s', (wanted, index, expected) => expect(fits(wanted, index)).toBe(expected));

  test('is told by the first entry that fits', () => {
    const of = documentsOf(
      storeOf([
        { index: 'public.old', key: 'path', most: 500, skew: '1h' },
        { index: 'public.*', key: 'source', part: 'chunk', source: S3 },
      ]),
      lister().list,
    );
    expect(of('public.old')).toMatchObject({
      fields: { key: 'path', part: null },
      most: 500,
      skew: 3_600_000,
      list: null,
      source: null,
    });
    expect(of('public.new')).toMatchObject({
      fields: { key: 'source', part: 'chunk' },
      most: 20_000,
      skew: 300_000,
      source: 's3://docs/manuals/',
    });
    expect(of('private.new')).toBeNull();
  });

  test("is nobody's matter where the config says nothing", () =>
    expect(documentsOf(storeOf([]), lister().list)('x')).toBeNull());
});

describe('a source', () => {
  const two = [
    { index: 'a', key: 'source', source: S3 },
    { index: 'b', key: 'path', source: S3 },
    { index: 'c', key: 'path', source: { ...S3, prefix: 'other/' } },
  ];

  test('is listed once however many indexes share it, and not before one asks', async () => {
    const { asked, list } = lister();
    const of = documentsOf(storeOf(two), list);
    const found = ['a', 'b', 'a', 'c'].map((index) => of(index));
    expect(asked).toEqual([]);
    const listed = await Promise.all(found.map(async (documents) => await documents?.list?.()));
    expect(asked).toHaveLength(2);
    expect(listed[0]).toBe(listed[1]);
    expect(listed[0]).not.toBe(listed[3]);
  });

  test('that cannot be read is a gap of every index that shares it, and is not tried again', async () => {
    const { asked, list } = lister(() =>
      Promise.reject(new BursarError('denied', 's3:ListBucket was denied.')),
    );
    const of = documentsOf(storeOf(two), list);
    for (const index of ['a', 'b']) {
      const documents = of(index);
      if (documents === null) throw new Error('no documents');
      expect(await listingOf(documents)).toEqual({
        listed: null,
        gaps: [
          {
            of: 'documents',
            why: 'Its source s3://docs/manuals/ could not be read: s3:ListBucket was denied.',
            failed: true,
          },
        ],
      });
    }
    expect(asked).toHaveLength(1);
  });

  test('that fails by a defect is thrown', async () => {
    const documents = documentsOf(
      storeOf(two),
      lister(() => Promise.reject(new TypeError('defect'))).list,
    )('a');
    if (documents === null) throw new Error('no documents');
    await expect(listingOf(documents)).rejects.toThrow(TypeError);
  });
});

const rights = (source: object) =>
  storePermissions(storeOf([{ key: 'source', source }])).map(({ action, resources }) => [
    action,
    resources?.[0],
  ]);

describe('rights of sources', () => {
  const roleArn = 'arn:aws:iam::111122223333:role/Docs';

  test.each([
    [S3, [['s3:ListBucket', 'arn:aws:s3:::docs']]],
    [{ ...S3, region: 'us-gov-west-1' }, [['s3:ListBucket', 'arn:aws-us-gov:s3:::docs']]],
    [{ ...S3, roleArn }, [['sts:AssumeRole', roleArn]]],
    [{ type: 'gcs', bucket: 'docs' }, [['storage.objects.list', undefined]]],
    [
      { type: 'postgres', url: { secret: SECRET }, table: 't', key: 'k' },
      [['secretsmanager:GetSecretValue', SECRET]],
    ],
    [{ type: 'manifest', path: 'lists/docs.csv' }, []],
    [
      { type: 'manifest', path: 's3://docs/lists/what*.csv' },
      [['s3:GetObject', 'arn:aws:s3:::docs/lists/what${*}.csv']],
    ],
  ])('%o', (source, expected) => expect(rights(source)).toEqual(expected));

  test('a secret is named by where it stands', () => {
    const source = { type: 'postgres', url: { env: 'CMS' }, table: 't', key: 'k' };
    expect(
      storeSecrets(
        storeOf([
          { index: 'a', key: 'x' },
          { key: 'x', source },
        ]),
      ).map(({ key }) => key),
    ).toEqual(['url', 'documents[1].source.url']);
  });
});

test.each([
  ['no key', {}],
  ['a source of no known type', { key: 'k', source: { type: 'ftp', bucket: 'docs' } }],
  ['a skew in business days', { key: 'k', skew: '2 business days' }],
  [
    'a connection string in clear',
    { key: 'k', source: { type: 'postgres', url: 'postgres://a:b@c/d', table: 't', key: 'k' } },
  ],
  [
    'a table with a quote in it',
    { key: 'k', source: { type: 'postgres', url: { env: 'X' }, table: 'a"b', key: 'k' } },
  ],
  ['a manifest of no known format', { key: 'k', source: { type: 'manifest', path: 'docs.xlsx' } }],
  ['a manifest that is a bucket', { key: 'k', source: { type: 'manifest', path: 's3://docs.csv' } }],
  ['more vectors than are compared', { key: 'k', most: 3_000_000 }],
])('documents with %s are refused', (_what, given) => expect(() => storeOf([given])).toThrow(z.ZodError));
