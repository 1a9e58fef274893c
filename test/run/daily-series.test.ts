import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimal } from '../../lib/focus/decimal.ts';
import { coarser } from '../../lib/run/anomaly-levels.ts';
import { added, type BilledSeries, dayOf, summed } from '../../lib/run/daily-series.ts';

const DAY = 86_400_000;
const START = '2026-02-20T00:00:00.000Z';
const day = (at: number) => dayOf(Date.parse(START) + at * DAY);

/** Series of one source; `known` are the days on which it charged anything. */
function billed(key: readonly string[], known: readonly boolean[], amounts: readonly (string | null)[]) {
  const all = known.map((isKnown, at) => (isKnown ? (amounts[at] ?? null) : null));
  return {
    key,
    source: 'acme',
    currency: 'USD',
    amounts: all,
    exact: new Map(all.flatMap((amount, at) => (amount === null ? [] : [[day(at), decimal(amount)]]))),
    end: day(known.length),
    series: {
      start: START,
      step: DAY,
      values: all.map((amount, at) => (amount === null ? (known[at] === true ? 0 : null) : Number(amount))),
    },
  } satisfies BilledSeries;
}

const amount = fc
  .tuple(fc.integer({ min: -9_999, max: 9_999 }), fc.nat({ max: 999_999_999 }))
  .map(([whole, part]) => `${whole}.${String(part).padStart(9, '0')}`.replace(/\.?0+$/, ''));
const days = 12;
const parts = fc
  .tuple(
    fc.array(fc.boolean(), { minLength: days, maxLength: days }),
    fc.array(fc.array(fc.option(amount), { minLength: days, maxLength: days }), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([known, all]) => all.map((each, at) => billed([`service-${at}`], known, each)));

describe('series of one source added up', () => {
  test('as sums of decimals have it: values, exact amounts, gaps', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const [first, ...rest] = all;
        if (first === undefined) throw new RangeError('no part');
        const sum = added(['all'], [first, ...rest]);
        const slow = summed(all);
        expect(sum.series).toEqual(slow?.series);
        expect(new Map([...sum.exact].map(([at, each]) => [at, each.toFixed()]))).toEqual(
          new Map([...(slow?.exact ?? [])].map(([at, each]) => [at, each.toFixed()])),
        );
        expect(sum).toMatchObject({ key: ['all'], source: 'acme', currency: 'USD', end: day(days) });
      }),
    );
  });

  test('leaves by some of their axes: a leaf that is alone is no sum, and keys are those of the axes', () => {
    const known = [true, true];
    const leaf = (service: string, account: string, ...amounts: (string | null)[]) =>
      billed([service, account, 'core', 'none'], known, amounts);
    const levels = coarser(
      [leaf('EC2', '1', '0.1', null), leaf('EC2', '2', '0.2', '5'), leaf('S3', '1', '7', '8')],
      ['service'],
    );
    expect(levels.map(({ key, daily }) => [key, daily.key, daily.series.values])).toEqual([
      [{ service: 'EC2' }, ['EC2'], [0.3, 5]],
    ]);
    expect([...(levels[0]?.daily.exact ?? [])].map(([at, each]) => `${at} ${each.toFixed()}`)).toEqual([
      '2026-02-20 0.3',
      '2026-02-21 5',
    ]);
  });
});
