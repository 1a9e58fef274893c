import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExactJson } from '../../../lib/sources/ai-vendor/json.ts';

test('numbers keep every digit, whatever a JavaScript number would make of them', () => {
  const text =
    '{"a":0.1000,"b":[1e-7,-0.00,123456789012345678901234567890.12345678901234567890],"c":"1.0","d":null}';
  expect(parseExactJson(text)).toEqual({
    a: '0.1000',
    b: ['1e-7', '-0.00', '123456789012345678901234567890.12345678901234567890'],
    c: '1.0',
    d: null,
  });
});

test('a key named __proto__ is a key like any other', () => {
  const parsed = parseExactJson('{"__proto__":{"amount":1},"b":2}');
  expect(Object.entries(parsed ?? {})).toEqual([
    ['__proto__', { amount: '1' }],
    ['b', '2'],
  ]);
  expect(Reflect.get({}, 'amount')).toBeUndefined();
});

test('is JSON.parse for everything that is no number', () => {
  const noNumbers = fc
    .jsonValue()
    .map((value) =>
      JSON.stringify(value, (_key, each: unknown) => (typeof each === 'number' ? String(each) : each)),
    );
  fc.assert(
    fc.property(noNumbers, (text) => {
      expect(parseExactJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test.each(['', '{"a":1', '<html>', '{"a":01}', 'NaN'])('%j is no JSON', (text) => {
  expect(() => parseExactJson(text)).toThrow(SyntaxError);
});
