import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressPart } from '../../lib/digest/address.ts';
import { name } from './attacks.ts';

describe('a name as a part of an address', () => {
  test.each([
    ['search-2', 'search-2'],
    ['..x', '%2E%2Ex'],
    ['../x', '%2E%2E%2Fx'],
    ['a b', 'a%20b'],
    ['~', '%7E'],
    ['ünï', '%C3%BCn%C3%AF'],
  ])('%j is %s', (given, part) => expect(addressPart(given)).toBe(part));

  test('none, half a pair and the longest are told apart by what they are', () => {
    const parts = [
      '',
      '.',
      '..',
      '\ud83d',
      '\ud83e',
      '\ufffd',
      'x'.repeat(120),
      'x'.repeat(121),
      'x'.repeat(122),
    ].map(addressPart);
    expect(new Set(parts).size).toBe(9);
    expect(parts.filter((part) => /^hash\.[0-9a-f]{32}$/.test(part))).toHaveLength(7);
  });

  test('two names never share one, and none has more than its part', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(addressPart(one)).toMatch(/^(?:(?:[\w-]|%[0-9A-F]{2}){1,120}|hash\.[0-9a-f]{32})$/);
        expect(addressPart(one) === addressPart(other)).toBe(one === other);
        expect(new URL(`/a/${addressPart(one)}/b`, 'https://example.com').pathname).toBe(
          `/a/${addressPart(one)}/b`,
        );
      }),
    );
  });
});
