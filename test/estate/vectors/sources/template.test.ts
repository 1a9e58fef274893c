import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../../lib/config/schema.ts';
import { Sources } from '../../../../lib/estate/vectors/compare.ts';
import { listingName } from '../../../../lib/estate/vectors/sources/name.ts';
import { keyNamer } from '../../../../lib/estate/vectors/sources/template.ts';

const S3 = { bucket: 'docs', prefix: 'manuals/' };

const isTaken = (as: string) =>
  configSchema.safeParse({
    schemaVersion: 1,
    estate: {
      stores: {
        docs: {
          type: 'pgvector',
          url: { env: 'X' },
          documents: [{ key: 'source', source: { type: 's3', bucket: 'docs', as } }],
        },
      },
    },
  }).success;

describe('how vectors name a document', () => {
  it.each([
    ['s3://{bucket}/{key}', 'manuals/a b+ü.md', 's3://docs/manuals/a b+ü.md'],
    ['{key}', 'manuals/a.md', 'manuals/a.md'],
    ['{path}', 'manuals/2026/a.md', '2026/a.md'],
    [
      'https://{bucket}.s3.amazonaws.com/{encodedKey}',
      'manuals/a b+ü.md',
      'https://docs.s3.amazonaws.com/manuals/a%20b%2B%C3%BC.md',
    ],
    ['/docs/{encodedPath}', "manuals/it's (1)!*.md", '/docs/it%27s%20%281%29%21%2A.md'],
    ['{key}', 'manuals/{bucket}$&.md', 'manuals/{bucket}$&.md'],
  ])('%s of %s', (template, key, named) => expect(keyNamer(template, S3)(key)).toBe(named));

  it('keeps any key as it is, and encodes it so that decoding gives it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        expect(keyNamer('{key}')(key)).toBe(key);
        fc.pre(key.isWellFormed());
        expect(decodeURIComponent(keyNamer('{encodedKey}')(key))).toBe(key);
        expect(keyNamer('{path}', { prefix: 'p/' })(`p/${key}`)).toBe(key);
      }),
    );
  });

  it('never calls gone what vectors name by another case, Unicode form or encoding', () => {
    const spellings: readonly ((key: string) => string)[] = [
      (key) => key.toUpperCase(),
      (key) => key.normalize('NFD'),
      (key) => encodeURIComponent(key),
      (key) => new URLSearchParams([['', key]]).toString().slice(1),
    ];
    // What has no other case than itself: the sharp s becomes two letters, a final sigma another one.
    const letters = fc.string({ unit: fc.constantFrom(...Array.from('abzéüñ /+%&=(1).-_~Жд中')) });
    fc.assert(
      fc.property(letters, fc.constantFrom(...spellings), (key, spell) => {
        fc.pre(key !== '' && !/%[0-9a-f]{2}/i.test(key));
        const sources = new Sources('s3', 's3://docs/');
        sources.add({ key, modified: 1, content: null });
        expect(sources.find(spell(key))).not.toBeNull();
      }),
      // Decomposed, it begins like the encoding of a control character.
      { examples: [['%1é', (key) => key.normalize('NFD')]] },
    );
  });

  it('is told by config with what it may hold alone', () => {
    expect(['{key}', 's3://{bucket}/{encodedPath}'].map(isTaken)).toEqual([true, true]);
    expect(['{bucket}', '{key', '{key}}', '{name}', ''].map(isTaken)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

it('tells the address of every kind of source', () => {
  expect(listingName({ type: 's3', bucket: 'docs', prefix: 'a/' })).toBe('s3://docs/a/');
  expect(listingName({ type: 'gcs', bucket: 'docs', prefix: '' })).toBe('gs://docs/');
  expect(listingName({ type: 'postgres', table: 'cms.pages' })).toBe('postgres:cms.pages');
  expect(listingName({ type: 'manifest', path: 'lists/a.csv' })).toBe('lists/a.csv');
});
