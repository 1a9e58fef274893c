import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readable } from '../../../lib/estate/opensearch/readable.ts';

const keyword = { type: 'keyword' };
const of = (properties: unknown, field: string, more: object = {}, time = false) =>
  readable({ properties, ...more }, field, { time });
const column = (field: string, unless: string | null = null) => ({
  from: 'doc-values',
  ask: { field },
  unless,
});
const document = (path: string) => ({ from: 'source', path });

describe('how a field is read', () => {
  test.each([
    ['a keyword', { a: keyword }, 'a', column('a')],
    ['a keyword in an object', { m: { properties: { a: keyword } } }, 'm.a', column('m.a')],
    ['a name with dots of its own', { 'm.a': keyword }, 'm.a', column('m.a')],
    ['a whole number', { a: { type: 'long' } }, 'a', column('a')],
    ['a rounded number', { a: { type: 'float' } }, 'a', document('a')],
    ['a time that is read as written', { a: { type: 'date' } }, 'a', document('a')],
    ['a text alone', { a: { type: 'text' } }, 'a', document('a')],
    ['a text with a keyword', { a: { type: 'text', fields: { raw: keyword } } }, 'a', column('a.raw')],
    [
      'a text with a keyword up to a length',
      { a: { type: 'text', fields: { keyword: { ...keyword, ignore_above: 256 } } } },
      'a',
      column('a.keyword', 'a'),
    ],
    [
      'what lies beside a text, by its own name',
      { a: { type: 'text', fields: { keyword: { ...keyword, ignore_above: 256 } } } },
      'a.keyword',
      column('a.keyword', 'a'),
    ],
    ['a keyword up to a length', { a: { ...keyword, ignore_above: 9 } }, 'a', document('a')],
    ['a keyword that is changed', { a: { ...keyword, normalizer: 'lower' } }, 'a', document('a')],
    ['a keyword with a value for none', { a: { ...keyword, null_value: '-' } }, 'a', document('a')],
    ['a keyword without a column', { a: { ...keyword, doc_values: false } }, 'a', document('a')],
    [
      'another name of it',
      { b: { type: 'alias', path: 'm.a' }, m: { properties: { a: keyword } } },
      'b',
      column('m.a'),
    ],
    ['what is not indexed', { m: { type: 'object', enabled: false } }, 'm.a', document('m.a')],
    ['what is not mapped', { m: { dynamic: 'false', properties: {} } }, 'm.a', document('m.a')],
    ['a field of a flat object', { m: { type: 'flat_object' } }, 'm.a', document('m.a')],
  ])('%s', (_what, properties, field, expected) => expect(of(properties, field)).toEqual(expected));

  test('a time by its moment, where that is what counts', () => {
    expect(of({ a: { type: 'date' } }, 'a', {}, true)).toEqual({
      from: 'doc-values',
      ask: { field: 'a', format: 'epoch_millis' },
      unless: null,
    });
  });

  test.each([
    [{ excludes: ['a'] }, 'a', 'nowhere'],
    [{ excludes: ['m'] }, 'm.a', 'nowhere'],
    [{ excludes: ['m.*'] }, 'm.a', 'nowhere'],
    [{ excludes: ['embedding', 'm.ab', 'a'] }, 'm.a', 'source'],
    [{ excludes: ['m+a'] }, 'm.a', 'source'],
    [{ includes: ['m.*'] }, 'm.a', 'source'],
    [{ includes: ['n'] }, 'm.a', 'nowhere'],
    [{ enabled: false }, 'm.a', 'nowhere'],
    [{ enabled: 'false' }, 'm.a', 'nowhere'],
  ])('documents that are kept so: %j, hold %s: %s', (_source, field, from) => {
    const text = { type: 'text' };
    expect(of({ a: text, m: { properties: { a: text } } }, field, { _source }).from).toBe(from);
  });

  test('no mapping makes it throw, and no alias of itself goes on for ever', () => {
    expect(of({ a: { type: 'alias', path: 'a' } }, 'a').from).toBe('nowhere');
    const round = { a: { type: 'alias', path: 'b' }, b: { type: 'alias', path: 'a' } };
    expect(of(round, 'a').from).toBe('nowhere');
    fc.assert(
      fc.property(fc.anything(), fc.string(), fc.boolean(), (mapping, field, time) => {
        expect(['doc-values', 'source', 'nowhere']).toContain(readable(mapping, field, { time }).from);
        expect(of(mapping, field, {}, time).from).toBeTypeOf('string');
      }),
    );
  });
});
