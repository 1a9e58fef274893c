import { expect, test } from 'vitest';
import { countRange } from '../../../lib/checks/stale/confidence.ts';
import type { SourceKey, VectorKey } from '../../../lib/estate/vectors/compare.ts';
import { scanned } from '../../../lib/estate/vectors/sampling.ts';
import { cases } from '../../deep.ts';
import { documents } from '../documents.ts';

/** Numbers in [0, 1) that a seed fixes (Steele et al., "Fast splittable pseudorandom number generators", 2014). */
function random(seed: number): () => number {
  let state = BigInt(seed);
  const mask = 2n ** 64n - 1n;
  return () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    let mixed = ((state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask;
    return Number((mixed ^ (mixed >> 31n)) >> 11n) / 2 ** 53;
  };
}

interface Made {
  readonly vectors: VectorKey[];
  readonly kept: SourceKey[];
  readonly gone: number;
}

/** Documents one after the other, of which some are gone, until there are about 1,500 vectors. */
function corpus(seed: number, sizeOf: (chance: () => number) => number): Made {
  const chance = random(seed);
  const vectors: VectorKey[] = [];
  const kept: SourceKey[] = [];
  let gone = 0;
  for (let document = 0; vectors.length < 1_500; document += 1) {
    const source = `doc-${seed}-${document}`;
    const size = sizeOf(chance);
    if (chance() < 0.2) gone += size;
    else kept.push({ key: source, modified: null, content: null });
    for (let part = 0; part < size; part += 1)
      vectors.push({ source, part: null, content: null, embedded: null, model: null, tokens: null });
  }
  return { vectors, kept, gone };
}

async function* streamed(vectors: readonly VectorKey[]) {
  yield* vectors;
}

const SEEDS = cases(100, 300);

test.each([
  ['one', () => 1],
  ['ten', () => 10],
  ['from 1 to 40', (chance: () => number) => 1 + Math.floor(chance() * 40)],
  ['mostly 1, seldom 300', (chance: () => number) => (chance() < 0.02 ? 300 : 1)],
  ['few, by a power law', (chance: () => number) => Math.min(Math.ceil(chance() ** -1.2), 800)],
])('where documents have vectors by the number %s, a range at 95% holds the truth', async (_what, sizeOf) => {
  let held = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { vectors, kept, gone } = corpus(seed, sizeOf);
    const { sample } = await scanned(documents(kept, { most: 150 }), streamed(vectors), 10_000);
    if (sample === null) throw new Error('nothing was drawn');
    expect(sample).toMatchObject({ size: 150, population: vectors.length });
    const { least, most } = countRange(sample.population, sample.size, sample.counts.gone);
    if (least <= gone && gone <= most) held += 1;
  }
  expect(held / SEEDS).toBeGreaterThanOrEqual(0.93);
});

test('vectors of documents that cannot be told apart are drawn one by one, others by their keys', async () => {
  const { vectors, kept } = corpus(1, () => 3);
  const alone = vectors.map((vector, at) => ({ ...vector, source: `${vector.source}-${at}` }));
  const drawnOf = async (of: VectorKey[], part: string | null) => {
    const { fields } = documents(kept);
    const some = documents(kept, { most: 150, fields: { ...fields, part } });
    return (await scanned(some, streamed(of), 10_000)).sample;
  };
  expect(await drawnOf(vectors, null)).toMatchObject({ drawn: 'at-random', size: 150 });
  expect(await drawnOf(alone, null)).toMatchObject({ drawn: 'by-key-hash', size: 150 });
  const parts = vectors.map((vector, at) => ({ ...vector, part: String(at) }));
  expect(await drawnOf(parts, 'part')).toMatchObject({ drawn: 'by-key-hash', size: 150 });
  // More vectors of one key than may be looked at: some of them instead of none.
  const one = vectors.map((vector) => ({ ...vector, source: 'doc', part: 'p' }));
  expect(await drawnOf(one, 'part')).toMatchObject({ drawn: 'at-random', size: 150 });
});

test.each([
  ['seldom two', (chance: () => number) => (chance() < 0.15 ? 2 : 1)],
  ['from 1 to 8', (chance: () => number) => 1 + Math.floor(chance() * 8)],
  ['a twentieth 10', (chance: () => number) => (chance() < 0.05 ? 10 : 1)],
])('where keys have copies, %s, their ranges at 95% hold the truth', async (_what, sizeOf) => {
  const held = { gone: 0, duplicate: 0 };
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { vectors, kept, gone } = corpus(seed, sizeOf);
    const parts = vectors.map((vector) => ({ ...vector, part: 'p' }));
    const there = new Set(kept.map(({ key }) => key));
    const left = vectors.flatMap(({ source }) => (source !== null && there.has(source) ? [source] : []));
    const truth = { gone, duplicate: left.length - new Set(left).size };
    const { fields } = documents(kept);
    const some = documents(kept, { most: 300, fields: { ...fields, part: 'part' } });
    const { sample } = await scanned(some, streamed(parts), 10_000);
    if (sample === null) throw new Error('nothing was drawn');
    expect(sample.drawn).toBe('by-key-hash');
    for (const of of ['gone', 'duplicate'] as const) {
      const { least, most } = countRange(
        sample.population,
        sample.size,
        sample.counts[of],
        sample.effects?.[of],
      );
      if (least <= truth[of] && truth[of] <= most) held[of] += 1;
    }
  }
  expect(held.gone / SEEDS).toBeGreaterThanOrEqual(0.93);
  expect(held.duplicate / SEEDS).toBeGreaterThanOrEqual(0.93);
});
