import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Comparison, Sources } from '../../../lib/estate/vectors/compare.ts';
import { areComparable, contentTag } from '../../../lib/estate/vectors/contents.ts';
import { hashOf } from '../../../lib/estate/vectors/keys.ts';

const md5 = (text: string, as: 'hex' | 'base64' = 'hex') => createHash('md5').update(text).digest(as);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What comes of a vector that was made of `made`, of a document whose source tells `told` and a time before it. */
function differs(made: string, told: string): boolean {
  const sources = new Sources('s3', 's3://docs/');
  sources.add({ key: 'a', modified: 1_000_000, content: told });
  const comparison = new Comparison({ sources, told: sources.summary('2026-11-20T10:00:00.000Z', true) });
  comparison.add({ source: 'a', part: null, content: made, embedded: 2_000_000, model: null, tokens: null });
  return comparison.result(1, 'all').counts.differs === 1;
}

describe('contents by what is told of them', () => {
  it.each([
    ['quotes', `"${md5('x')}"`],
    ['the mark of a weak ETag', `W/"${md5('x')}"`],
    ['case', md5('x').toUpperCase()],
    ['base64', md5('x', 'base64')],
  ])('are the same whatever their %s', (_what, spelled) => {
    expect(contentTag(spelled)).toBe(contentTag(md5('x')));
    expect(differs(spelled, md5('x'))).toBe(false);
    expect(differs(spelled, md5('y'))).toBe(true);
  });

  it.each([
    ['a SHA-256 and an MD5', sha256('x'), md5('x')],
    ['an upload in parts and one in a single piece', `${md5('x')}-3`, md5('x')],
    ['uploads in another number of parts', `${md5('x')}-3`, `${md5('y')}-4`],
  ])('%s tell of no difference', (_what, made, told) => {
    expect(differs(made, told)).toBe(false);
    expect(differs(told, made)).toBe(false);
  });

  it('tells uploads in as many parts apart, and versions of any kind', () => {
    expect(differs(`${md5('x')}-3`, `${md5('y')}-3`)).toBe(true);
    expect(differs('9', '10')).toBe(true);
    expect(differs('9', '9')).toBe(false);
  });

  it('calls two different MD5 of any documents different, and one the same as itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(differs(md5(one), `"${md5(other)}"`)).toBe(one !== other);
        expect(areComparable(contentTag(md5(one)), contentTag(md5(other)))).toBe(true);
      }),
    );
  });

  it('gives a checksum of any length the same tag in quotes as without, and with its hash at hand', () => {
    const digits = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdefABCDEFg-')) });
    const length = fc.constantFrom(31, 32, 33, 40, 63, 64, 65, 128);
    const checksum = fc.tuple(digits, length).map(([of, size]) => of.padEnd(size, 'a').slice(0, size));
    fc.assert(
      fc.property(checksum, (told) => {
        expect(contentTag(told)).toBe(contentTag(`"${told}"`));
        expect(contentTag(told, hashOf(told))).toBe(contentTag(told));
        expect(contentTag(`"${told}"`, hashOf(`"${told}"`))).toBe(contentTag(told));
      }),
    );
  });
});
