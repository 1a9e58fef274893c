import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts, Judgement } from '../../lib/checks/model.ts';
import { overlapOf } from '../../lib/checks/stale/copies.ts';
import { settings, staleEmbeddings } from '../../lib/checks/stale-embeddings.ts';
import type { VectorSample } from '../../lib/estate/model.ts';
import { vectorIndex } from '../../lib/estate/vector-index.ts';
import { Comparison } from '../../lib/estate/vectors/compare.ts';
import { facts, NOW } from './facts.ts';

type Seen = Facts['vectorIndexes']['current'][number];

const DAY = 86_400_000;
const WINDOW = 30;
const ago = (days: number) => new Date(NOW.getTime() - days * DAY).toISOString();

/** What happened on a day: queries, a reset of the counters, a replica that was there, another making of the index. */
const day = fc.record({
  queries: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 40),
  reset: fc.nat({ max: 60 }).map((n) => n === 0),
  replica: fc.nat({ max: 120 }).map((n) => n === 0),
  again: fc.nat({ max: 120 }).map((n) => n === 0),
  looked: fc.nat({ max: 3 }).map((n) => n > 0),
});
/** Sixty days of which the second month is quiet more often than not, so that verdicts of all sorts come out. */
const life = fc
  .tuple(fc.array(day, { minLength: 61, maxLength: 61 }), fc.boolean())
  .map(([days, quiet]) =>
    days.map((each, at) =>
      quiet && at >= 20 ? { ...each, queries: 0, reset: false, replica: false, again: false } : each,
    ),
  );
type Day = typeof life extends fc.Arbitrary<(infer T)[]> ? T : never;

/** What a store that counts like pg_stat shows on each day; days are told oldest first. */
function looks(days: readonly Day[]): Seen[] {
  let queries = 100;
  let since = 300;
  let making = 0;
  return days.map((each, at) => {
    if (each.again) making += 1;
    if (each.reset || each.again) {
      queries = 0;
      since = days.length - at;
    }
    queries += each.queries;
    return {
      ...vectorIndex({
        store: 'docs',
        storeType: 'opensearch',
        provider: 'other',
        accountId: 'docs',
        region: 'global',
        dataset: 'opensearch.indexes',
        id: 'https://search.acme.example/docs',
        index: 'docs',
        gaps: [],
      }),
      incarnation: String(making),
      queries,
      statsSince: ago(since),
      replicas: each.replica ? 1 : 0,
      at: ago(days.length - 1 - at),
      scope: 'store:docs',
    };
  });
}

function judge(history: readonly Seen[], current: Seen): Judgement | undefined {
  const [found, ...rest] = staleEmbeddings.judge(
    facts({
      vectorIndexes: { current: [current], history },
      coverage: [{ scope: 'store:docs', status: 'complete', reason: null, asOf: NOW.toISOString() }],
    }),
    settings.parse({}),
    NOW,
  );
  expect(rest).toEqual([]);
  return found;
}

/** The verdict of the newest look, without those of some days before it. */
function without(all: readonly Seen[], gone: readonly number[]): Judgement | undefined {
  const current = all.at(-1);
  if (current === undefined) throw new Error('no day');
  // A replica that came and went between two looks is the one thing that a missing look hides: a blind spot.
  return judge(
    all.slice(0, -1).filter(({ replicas }, at) => replicas !== 0 || !gone.includes(at)),
    current,
  );
}

/** Days of the window: those after the look that is as old as it. */
const inWindow = (days: readonly Day[]) => days.slice(days.length - WINDOW);

describe('counters that only grow', () => {
  it('are called unused where nobody asked, and nothing could have hidden it', () => {
    let unused = 0;
    fc.assert(
      fc.property(life, (days) => {
        const all = looks(days);
        const current = all.at(-1);
        if (current === undefined) throw new Error('no day');
        const found = judge(
          all.slice(0, -1).filter((_, at) => days[at]?.looked === true),
          current,
        );
        if (found?.verdict !== 'UNUSED') return;
        unused += 1;
        const told = inWindow(days);
        expect(told.reduce((sum, { queries }) => sum + queries, 0)).toBe(0);
        expect(told.some(({ reset }) => reset)).toBe(false);
        // Seen or not, another making begins another count.
        expect(told.some(({ again }) => again)).toBe(false);
        expect(told.some(({ replica, looked }, at) => replica && (looked || at === told.length - 1))).toBe(
          false,
        );
      }),
      { numRuns: 400 },
    );
    expect(unused).toBeGreaterThan(40);
  });

  it('never become unused by a look that is missing, a reset, a replica or another making', () => {
    let fell = 0;
    const harm = fc.record({
      missing: fc.array(fc.nat({ max: 60 }), { maxLength: 20 }),
      day: fc.integer({ min: 31, max: 60 }),
      what: fc.constantFrom('none', 'reset', 'replica', 'again'),
    });
    fc.assert(
      fc.property(life, harm, (days, { missing, day: when, what }) => {
        const whole = looks(days);
        const harmed = looks(
          days.map((each, at) => (at === when && what !== 'none' ? { ...each, [what]: true } : each)),
        );
        const before = without(whole, []);
        const after = without(harmed, missing);
        expect(after?.verdict === 'UNUSED' && before?.verdict !== 'UNUSED').toBe(false);
        if (before?.verdict === 'UNUSED' && after?.verdict !== 'UNUSED') fell += 1;
        // Asked in the window is asked, whatever the counters lost since: a reset does not move it back.
        const asked = inWindow(days)
          .slice(0, -1)
          .some(({ queries }) => queries > 0);
        const lossless = missing.length === 0 && !days.some(({ reset, again }) => reset || again);
        expect(asked && lossless && after !== undefined).toBe(false);
      }),
      { numRuns: 500 },
    );
    expect(fell).toBeGreaterThan(10);
  });

  it('of a store that counts no queries say nothing, however long it is watched', () => {
    fc.assert(
      fc.property(life, (days) => {
        const all = looks(days).map((each) => ({ ...each, queries: null }));
        const current = all.at(-1);
        if (current === undefined) throw new Error('no day');
        expect(judge(all.slice(0, -1), current)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});

function sampleOf(keys: readonly number[]): VectorSample {
  const comparison = new Comparison(null);
  for (const key of keys)
    comparison.add({
      source: `doc ${key}`,
      part: '0',
      content: null,
      embedded: null,
      model: null,
      tokens: null,
    });
  return comparison.result(keys.length, 'all');
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

describe('the overlap of two indexes', () => {
  it('is counted where both are small', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 60 })), fc.uniqueArray(fc.nat({ max: 60 })), (a, b) => {
        const union = new Set([...a, ...b]).size;
        const common = a.filter((key) => b.includes(key)).length;
        const expected =
          a.length === 0 || b.length === 0
            ? null
            : { likeliest: common / union, least: common / union, looked: union, exact: true };
        expect(overlapOf(sampleOf(a), sampleOf(b))).toEqual(expected);
      }),
    );
  });

  it('is estimated where they are large: never surer than it is', () => {
    for (const shared of [19_000, 19_600, 20_000]) {
      const found = overlapOf(sampleOf(range(0, 20_000)), sampleOf(range(20_000 - shared, 40_000 - shared)));
      const truth = shared / (40_000 - shared);
      expect(found?.exact).toBe(false);
      expect(found?.least).toBeLessThanOrEqual(truth);
      expect(Math.abs((found?.likeliest ?? 0) - truth)).toBeLessThan(0.03);
    }
  });
});
