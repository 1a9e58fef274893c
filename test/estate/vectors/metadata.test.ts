import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOfMetadata } from '../../../lib/estate/vectors/metadata.ts';

const fields = (key: string) => ({
  key,
  part: null,
  content: null,
  embedded: null,
  model: null,
  tokens: null,
});
const source = (metadata: unknown, key: string) => keyOfMetadata(metadata, fields(key)).source;

test('a key as it is written comes before a path', () => {
  expect(source({ a: { b: 'path' } }, 'a.b')).toBe('path');
  expect(source({ a: { b: 'path' }, 'a.b': 'key' }, 'a.b')).toBe('key');
  expect(source({ a: { 'b.c': 'x' } }, 'a.b.c')).toBe('x');
  expect(source({ a: { b: 'path' }, 'a.b': { d: 'x' } }, 'a.b.c')).toBeNull();
});

test('nothing that every object has is a key of the metadata', () => {
  for (const key of ['constructor', '__proto__', 'toString', 'a.constructor', 'a.__proto__.b'])
    expect(source({ a: {} }, key)).toBeNull();
  expect(source(JSON.parse('{"__proto__":{"constructor":"own"}}'), '__proto__.constructor')).toBe('own');
});

test('what is no object tells nothing, and a list or an object names nothing', () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
  );
  fc.assert(
    fc.property(value, fc.string(), (metadata, key) => {
      expect(source(metadata, key)).toBeNull();
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.object(), fc.array(fc.anything())), (inner) => {
      expect(source({ key: inner }, 'key')).toBeNull();
    }),
  );
});
