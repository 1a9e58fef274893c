import { expect, test } from 'vitest';
import { scanned } from '../../../lib/estate/vectors/sampling.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { documents } from '../documents.ts';

async function* vectors(count: number, source: (at: number) => string | null = (at) => `k${at}`) {
  for (let at = 0; at < count; at += 1)
    yield { source: source(at), part: null, content: null, embedded: null, model: null, tokens: null };
}
const some = (more: object) => ({ ...documents([{ key: 'k0', modified: null, content: null }]), ...more });
const denied = async () => {
  throw new BursarError('denied', 's3:ListBucket was denied', { where: 's3://docs' });
};
const broken = async () => {
  throw new TypeError('a defect');
};

test('all of few, some of many, none of too many', async () => {
  expect((await scanned(some({ most: 10 }), vectors(10), 100)).sample).toMatchObject({
    size: 10,
    population: 10,
    drawn: 'all',
    counts: { gone: 9 },
  });
  expect((await scanned(some({ most: 10 }), vectors(100), 100)).sample).toMatchObject({
    size: 10,
    population: 100,
    drawn: 'by-key-hash',
  });
  const { sample, gaps } = await scanned(some({ most: 10 }), vectors(101), 100);
  expect(sample).toBeNull();
  expect(gaps).toEqual([
    { of: 'documents', why: expect.stringContaining('more than the 100 vectors'), failed: true },
  ]);
});

test('a source that cannot be read is a gap, and nothing is called gone for it', async () => {
  const { sample, gaps } = await scanned(some({ list: denied }), vectors(5), 100);
  expect(sample).toMatchObject({ size: 5, sources: null, counts: { gone: 0 } });
  expect(gaps).toEqual([{ of: 'documents', why: expect.stringContaining('s3:ListBucket'), failed: true }]);
});

test('a defect of a source is no gap', async () => {
  await expect(scanned(some({ list: broken }), vectors(5), 100)).rejects.toThrow('a defect');
});
