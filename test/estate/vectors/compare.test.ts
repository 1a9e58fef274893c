import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Comparison, Sources, type VectorKey } from '../../../lib/estate/vectors/compare.ts';
import { HashTable } from '../../../lib/estate/vectors/hash-table.ts';
import { hashOf } from '../../../lib/estate/vectors/keys.ts';

const LISTED = '2026-11-20T10:00:00.000Z';
const CHANGED = Date.parse('2026-10-01T00:00:00Z');
const MINUTE = 60_000;

function vector(given: Partial<VectorKey>): VectorKey {
  return { source: 'a.md', part: '0', content: null, embedded: null, model: 'm', tokens: null, ...given };
}

function compared(
  vectors: readonly Partial<VectorKey>[],
  { complete = true, hash = null as string | null, keys = ['a.md', 'b.md'] } = {},
) {
  const sources = new Sources('s3', 's3://docs/');
  for (const key of keys) sources.add({ key, modified: CHANGED, content: hash });
  const comparison = new Comparison({ sources, told: sources.summary(LISTED, complete) });
  for (const each of vectors) comparison.add(vector(each));
  return comparison.result(vectors.length, 'all');
}

const embeddedAt = (embedded: number | null) => compared([{ embedded }]).counts;

const NONE = { gone: 0, newer: 0, differs: 0, outOfDate: 0, duplicate: 0, unkeyed: 0, respelled: 0 };

describe('vectors and their documents', () => {
  it('tells what is gone, of a source that was listed to its end alone', () => {
    const vectors = [{}, { source: 'gone.md' }, { source: 'gone.md', part: '1' }];
    expect(compared(vectors).counts).toEqual({ ...NONE, gone: 2 });
    expect(compared(vectors, { complete: false }).counts).toEqual(NONE);
  });

  it.each([
    ['case', 'A.MD'],
    ['percent-encoding', 'a%2Emd'],
  ])('never calls gone what is spelled otherwise: %s', (_what, source) => {
    expect(compared([{ source }]).counts).toEqual({ ...NONE, respelled: 1 });
    expect(compared([{ source: 'a.md' }], { keys: [source] }).counts).toEqual({ ...NONE, respelled: 1 });
  });

  it('knows Unicode forms as spellings, and what is no percent-encoding as it stands', () => {
    expect(compared([{ source: 'cafe\u0301.md' }], { keys: ['caf\u00e9.md'] }).counts.respelled).toBe(1);
    expect(compared([{ source: '100%.md' }], { keys: ['100%.md'] }).counts).toEqual(NONE);
    expect(compared([{ source: '100%.md' }]).counts.gone).toBe(1);
  });

  it('calls newer what was changed later, by more than clocks may differ', () => {
    expect(embeddedAt(CHANGED - 6 * MINUTE)).toEqual({ ...NONE, newer: 1, outOfDate: 1 });
    expect(embeddedAt(CHANGED - 5 * MINUTE)).toEqual(NONE);
    expect(embeddedAt(null)).toEqual(NONE);
  });

  it('tells changed content by its hash, and that it was only touched', () => {
    const old = CHANGED - 86_400_000;
    const of = (content: string) => compared([{ content, embedded: old }], { hash: 'etag-2' }).counts;
    expect(of('etag-1')).toEqual({ ...NONE, newer: 1, differs: 1, outOfDate: 1 });
    expect(of('etag-2')).toEqual(NONE);
  });

  it('counts copies but one: of the same part, or without parts of the same content', () => {
    expect(compared([{}, {}, {}, { part: '1' }]).counts).toEqual({ ...NONE, duplicate: 2 });
    const whole = { part: null, content: 'x' };
    expect(compared([whole, whole, { part: null, content: 'y' }]).counts.duplicate).toBe(1);
    // Vectors of one document of which nothing tells which part they are.
    expect(compared([{ part: null }, { part: null }]).counts).toEqual(NONE);
    expect(compared([{ source: 'gone.md' }, { source: 'gone.md' }]).counts).toEqual({ ...NONE, gone: 2 });
  });

  it('counts vectors without a key, their models and tokens', () => {
    const sample = compared([
      { source: null },
      { source: '', model: null, tokens: 7 },
      { tokens: 5, model: 'n' },
    ]);
    expect(sample).toMatchObject({
      population: 3,
      size: 3,
      counts: { ...NONE, unkeyed: 2 },
      models: { '': 1, m: 1, n: 1 },
      tokens: { sum: 12, vectors: 2, source: 'metadata of the vectors' },
      sources: {
        kind: 's3',
        keys: 2,
        complete: true,
        hashed: false,
        newest: new Date(CHANGED).toISOString(),
      },
    });
  });

  it('keeps nothing that metadata hold but hashes', () => {
    const secret = 'sk-live-51Habcdefghijklmnop';
    const told = JSON.stringify(
      compared([{ source: secret, content: secret, part: secret }], { keys: [secret], hash: secret }),
    );
    expect(told).not.toContain(secret);
    expect(told).toContain(hashOf(secret));
  });
});

it('draws the smallest hashes, each key once, whatever the order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer(), (size, seed) => {
      const keys = Array.from({ length: size }, (_, at) => `doc-${(at * 7919 + seed) % 5000}`);
      const comparison = new Comparison(null);
      for (const source of keys) comparison.add(vector({ source }));
      const all = [...new Set(keys)].map((source) => hashOf(JSON.stringify([source, '0']))).toSorted();
      expect(comparison.result(size, 'all').sketch.map(({ key }) => key)).toEqual(all.slice(0, 1024));
    }),
    { numRuns: 30 },
  );
});

it('a table of hashes holds what a map holds', () => {
  const hash = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, '0'));
  const few = fc.constantFrom('0000000000000000', 'ffffffffffffffff', '0000000100000000', '0000000000000001');
  const held = fc.record({ time: fc.option(fc.nat()), content: fc.option(hash) });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(few, hash), held), { maxLength: 3000 }), (entries) => {
      const table = new HashTable();
      for (const [key, value] of entries) table.set(key, value);
      const map = new Map(entries);
      expect(table.size).toBe(map.size);
      for (const [key, value] of map) expect(table.get(key)).toEqual(value);
      expect(table.get('00000000000000aa')).toEqual(map.get('00000000000000aa') ?? null);
    }),
    { numRuns: 40 },
  );
});
