import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Comparison, type VectorKey } from '../../../lib/estate/vectors/compare.ts';
import { Draw } from '../../../lib/estate/vectors/draw.ts';

function vector(source: string | null, part: string | null = null): VectorKey {
  return { source, part, content: null, embedded: null, model: null, tokens: null };
}

function drawn(vectors: readonly VectorKey[], most: number): VectorKey[] {
  const draw = new Draw(most);
  for (const each of vectors) draw.add(each);
  expect(draw.given).toBe(vectors.length);
  return draw.result();
}

const names = (of: readonly VectorKey[]) => of.map(({ source }) => source ?? '').toSorted(byText);
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

test('the same keys are drawn whatever their order and however often one looks', () => {
  const all = Array.from({ length: 5_000 }, (_, at) => vector(`doc-${at}`));
  const once = drawn(all, 200);
  expect(once).toHaveLength(200);
  expect(names(drawn(all.toReversed(), 200))).toEqual(names(once));
  // What is drawn of fewer is the beginning of what is drawn of more.
  expect(names(drawn(all, 400))).toEqual(expect.arrayContaining(names(once)));
});

test('copies are drawn together or not at all, and never more than asked for', () => {
  const made = fc.record({
    keys: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 300 }),
    most: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(made, ({ keys, most }) => {
      const found = drawn(
        keys.map((key) => vector(`doc-${key}`, 'p')),
        most,
      );
      expect(found.length).toBeLessThanOrEqual(most);
      expect(keys.length > most || found.length === keys.length).toBe(true);
      const given = Map.groupBy(keys, (key) => `doc-${key}`);
      for (const [key, of] of Map.groupBy(found, ({ source }) => source ?? ''))
        expect(of).toHaveLength(given.get(key)?.length ?? 0);
    }),
  );
});

test('vectors without a key keep their part', () => {
  const all = Array.from({ length: 10_000 }, (_, at) => vector(at % 4 === 0 ? null : `doc-${at}`));
  const unkeyed = drawn(all, 1_000).filter(({ source }) => source === null).length;
  // A quarter of 1,000, with more than five standard deviations to each side.
  expect(unkeyed).toBeGreaterThan(175);
  expect(unkeyed).toBeLessThan(325);
});

test('what is drawn holds the smallest of the sketch of all', () => {
  const all = Array.from({ length: 8_000 }, (_, at) => vector(`doc-${at}`, String(at % 3)));
  const sketch = (of: readonly VectorKey[]) => {
    const comparison = new Comparison(null);
    for (const each of of) comparison.add(each);
    return comparison.result(all.length, 'by-key-hash').sketch;
  };
  expect(sketch(drawn(all, 2_000))).toEqual(sketch(all));
});
