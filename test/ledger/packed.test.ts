import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { packed, unpacked } from '../../lib/ledger/packed.ts';

/** JSON of so many bytes in all: a text of ASCII between two quotation marks. */
const ofBytes = (bytes: number) => 'x'.repeat(bytes - 2);

test('a document is kept as text up to 64,000 bytes of JSON, from there on compressed', () => {
  expect(packed(ofBytes(63_999), 'k', 'w')).toEqual({ value: JSON.stringify(ofBytes(63_999)) });
  const large = packed(ofBytes(64_000), 'k', 'w');
  expect(Object.keys(large)).toEqual(['packed']);
  expect(JSON.stringify(large).length).toBeLessThan(10_000);
  // 32,000 characters of two bytes each.
  expect(packed('ü'.repeat(31_999), 'k', 'w')).toHaveProperty('packed');
});

test.each([null, 0, '', 'ü', [1, { a: null }], ofBytes(64_000), { many: ofBytes(70_000), ü: 'ü' }])(
  'it comes back as it was',
  (value) => {
    expect(unpacked(packed(value, 'k', 'w'))).toEqual(value);
  },
);

test('nothing is kept as null; an item that holds neither form has none', () => {
  expect(packed(undefined, 'k', 'w')).toEqual({ value: 'null' });
  expect(unpacked({})).toBeUndefined();
  expect(unpacked({ value: 7, packed: 'text' })).toBeUndefined();
});

test('what does not fit into an item even compressed is refused by name', () => {
  // Base64 of random bytes compresses to about three quarters of it: 390,000 bytes from about 519,000 characters.
  const fits = randomBytes(380_000).toString('base64');
  expect(packed(fits, 'k', 'w')).toHaveProperty('packed');
  expect(() => packed(randomBytes(400_000).toString('base64'), 'plan/1', 'table bursar')).toThrow(
    expect.objectContaining({
      code: 'internal',
      message: expect.stringMatching(/^document plan\/1 has \d{6} bytes, more than an item holds$/),
      where: 'table bursar',
      hint: 'Look at fewer scopes with one deployment.',
    }),
  );
});
