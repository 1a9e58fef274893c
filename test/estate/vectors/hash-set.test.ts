import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { HashSet } from '../../../lib/estate/vectors/hash-set.ts';
import { hashOf } from '../../../lib/estate/vectors/keys.ts';

const ZERO = '0'.repeat(16);

it('holds what a set holds, through every growth', () => {
  const set = new HashSet();
  for (let key = 0; key < 10_000; key += 1) set.add(hashOf(String(key)));
  const wrong = Array.from({ length: 20_000 }, (_, key) => key).filter(
    (key) => set.has(hashOf(String(key))) !== key < 10_000,
  );
  expect(wrong).toEqual([]);
});

it('tells hashes apart that begin in one slot, and that of zeros', () => {
  const hash = fc
    .tuple(fc.constantFrom('0', '1'), fc.constantFrom('0', '1'))
    .map(([high, low]) => high.padStart(8, '0') + low.padStart(8, '0'));
  fc.assert(
    fc.property(fc.array(hash), hash, (hashes, asked) => {
      const set = new HashSet();
      for (const each of hashes) set.add(each);
      expect(set.has(asked)).toBe(hashes.includes(asked));
    }),
  );
  expect(new HashSet().has(ZERO)).toBe(false);
});
