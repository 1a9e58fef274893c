import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldNames, timeOf, vectorKey } from '../../../lib/estate/vectors/fields.ts';

const FIELDS = {
  key: 'source',
  part: 'part',
  content: 'hash',
  embedded: 'made',
  model: null,
  tokens: 'n',
} as const;

test('each configured field is asked for once', () => {
  expect(fieldNames({ ...FIELDS, model: 'source' })).toEqual(['source', 'part', 'hash', 'made', 'n']);
});

test('reads what a store keeps in whatever type, and nothing that was not configured', () => {
  const asked: string[] = [];
  const row = new Map<string, unknown>([
    ['source', 's3://b/k'],
    ['part', 7n],
    ['hash', 12],
    ['made', '2026-03-01 10:00:00+00'],
    ['n', '300'],
    ['secret', 'hunter2'],
  ]);
  const key = vectorKey(FIELDS, (field) => {
    asked.push(field);
    return row.get(field);
  });
  expect(key).toEqual({
    source: 's3://b/k',
    part: '7',
    content: '12',
    embedded: Date.UTC(2026, 2, 1, 10),
    model: null,
    tokens: 300,
  });
  expect(asked).not.toContain('secret');
});

test('what names nothing is null: lists, objects, half a token, nothing at all', () => {
  const row: Record<string, unknown> = {
    source: ['a'],
    part: { a: 1 },
    hash: Number.NaN,
    made: 'soon',
    n: 1.5,
  };
  expect(vectorKey(FIELDS, (field) => row[field])).toEqual({
    source: null,
    part: null,
    content: null,
    embedded: null,
    model: null,
    tokens: null,
  });
  expect(vectorKey(FIELDS, () => undefined).tokens).toBeNull();
});

describe('a time', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  test.for<[unknown, number | null]>([
    [at, at],
    [at / 1000, at],
    [BigInt(at), at],
    [String(at / 1000), at],
    [new Date(at), at],
    ['2026-01-02T03:04:05Z', at],
    ['2026-01-02T03:04:05', at],
    ['2026-01-02 05:04:05+02', at],
    ['2026-01-02T05:04:05+0200', at],
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    ['2026-13-02', null],
    ['02/01/2026', null],
    ['', null],
    [0, null],
    [at * 1000, null],
    [new Date(Number.NaN), null],
    [true, null],
  ])('%s', ([given, expected]) => {
    expect(timeOf(given)).toBe(expected);
  });

  test('of any ISO-8601 text is that of JavaScript, whatever the zone of the machine', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1973-04-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (date) => {
          expect(timeOf(date.toISOString())).toBe(date.getTime());
          expect(timeOf(date.toISOString().replace('T', ' ').replace('Z', ''))).toBe(date.getTime());
          expect(timeOf(date.getTime())).toBe(date.getTime());
        },
      ),
    );
  });
});
