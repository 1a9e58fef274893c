import { describe, expect, test } from 'vitest';
import { dayPlus } from '../../../lib/analysis/units/days.ts';
import { type AskedDay, type Counting, efficiency } from '../../../lib/analysis/units/efficiency.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';

const END = '2026-11-20';
const PLAIN: Counting = { inputHoldsCache: false, requestsHoldErrors: false };

type Counts = Readonly<Partial<Record<Exclude<keyof AskedDay, 'day' | 'batch'>, number | null>>>;

function asked(daysBefore: number, counts: Counts, batch: boolean | null = false): AskedDay {
  const number = (key: keyof Counts, usual: number | null) => {
    const value = counts[key] === undefined ? usual : counts[key];
    return value === null ? null : new Decimal(value);
  };
  return {
    day: dayPlus(END, -daysBefore),
    batch,
    requests: number('requests', 100),
    input: number('input', 0),
    cachedInput: number('cachedInput', 0),
    cacheWrite: number('cacheWrite', 0),
    output: number('output', 0),
    errors: number('errors', null),
    throttles: number('throttles', null),
  };
}

const costs = (days: Readonly<Record<number, string>>) =>
  new Map(Object.entries(days).map(([before, cost]) => [dayPlus(END, -Number(before)), new Decimal(cost)]));

describe('a model in a week, against its own four weeks', () => {
  test('of weeks that are not known from their first day on nothing is told', () => {
    const rows = [asked(1, {}), asked(30, {})];
    const of = (from: string) => {
      const { current, former, change } = efficiency(rows, costs({ 1: '2', 30: '9' }), END, PLAIN, from);
      return [current.requests, former.requests, former.cost, change.requestsPerDay];
    };
    expect(of('2026-10-16')).toEqual(['100', '100', '9', '300.0']);
    expect(of('2026-10-17')).toEqual(['100', null, null, null]);
    expect(of('2026-11-14')).toEqual([null, null, null, null]);
  });

  test('by hand, to the cent', () => {
    const rows = [
      asked(1, { requests: 200, input: 60_000, cachedInput: 30_000, cacheWrite: 10_000, output: 20_000 }),
      asked(7, { requests: 50, input: 5_000, output: 5_000 }, true),
      // The day before the week is of the four weeks; the 36th is of neither.
      asked(8, { requests: 800, input: 160_000, output: 80_000 }),
      asked(35, { requests: 200, input: 40_000, output: 20_000 }),
      asked(36, { requests: 999, input: 999, output: 999 }),
    ];
    const told = efficiency(rows, costs({ 1: '2', 7: '0.5', 8: '8', 35: '2', 36: '99' }), END, PLAIN);
    expect(told.current).toEqual({
      start: '2026-11-13',
      end: '2026-11-20',
      days: 2,
      requests: '250',
      inputPerRequest: '420',
      outputPerRequest: '100',
      cachedShare: { low: '28.6', high: '28.6' },
      batchShare: { low: '20.0', high: '20.0' },
      errorShare: null,
      throttleShare: null,
      cost: '2.5',
      costPerRequest: '0.01',
    });
    expect(told.former).toMatchObject({
      start: '2026-10-16',
      end: '2026-11-13',
      requests: '1000',
      inputPerRequest: '200',
      costPerRequest: '0.01',
    });
    expect(told.change).toEqual({
      requestsPerDay: '0.0',
      inputPerRequest: '110.0',
      outputPerRequest: '0.0',
      costPerRequest: '0.0',
    });
  });

  test('what is not told is null and no zero: requests of Anthropic, tokens of one row', () => {
    const { current, change } = efficiency(
      [
        asked(1, { requests: null, input: 100, cachedInput: 100 }),
        asked(2, { requests: null, input: 200 }, true),
      ],
      costs({ 1: '1' }),
      END,
      PLAIN,
    );
    expect(current).toMatchObject({
      requests: null,
      inputPerRequest: null,
      costPerRequest: null,
      cachedShare: { low: '25.0', high: '25.0' },
      // By tokens, where nobody counts requests.
      batchShare: { low: '50.0', high: '50.0' },
    });
    expect(change.costPerRequest).toBeNull();
    const some = efficiency([asked(1, { input: 100 }), asked(2, { input: null })], null, END, PLAIN).current;
    expect(some).toMatchObject({ requests: '200', inputPerRequest: null, cachedShare: null, cost: null });
    expect(efficiency([asked(1, {}, null), asked(2, {})], null, END, PLAIN).current.batchShare).toBeNull();
  });

  test('embeddings have no cache: their input is all of it, and no share of a cache is told', () => {
    const rows = [asked(1, { input: 500, cachedInput: null, cacheWrite: null, output: null })];
    expect(efficiency(rows, null, END, PLAIN).current).toMatchObject({
      inputPerRequest: '5',
      outputPerRequest: null,
      cachedShare: null,
    });
    const mixed = [...rows, asked(2, { input: 500 })];
    expect(efficiency(mixed, null, END, PLAIN).current.inputPerRequest).toBeNull();
  });

  test('no requests divide nothing, and nothing asked at all says nothing', () => {
    expect(efficiency([asked(1, { requests: 0 })], costs({ 1: '3' }), END, PLAIN).current).toMatchObject({
      requests: '0',
      costPerRequest: null,
      cost: '3',
    });
    expect(efficiency([], null, END, PLAIN)).toMatchObject({
      current: { requests: null, days: 0 },
      former: { requests: null },
    });
  });

  test('shares whose definition is open are told as both', () => {
    const rows = [
      asked(1, { requests: 80, errors: 20, throttles: 20, input: 100, cachedInput: 50, cacheWrite: 0 }, null),
    ];
    const open: Counting = { inputHoldsCache: null, requestsHoldErrors: null };
    expect(efficiency(rows, null, END, open).current).toMatchObject({
      errorShare: { low: '20.0', high: '25.0' },
      throttleShare: { low: '16.7', high: '20.0' },
      cachedShare: { low: '33.3', high: '50.0' },
    });
    expect(
      efficiency(rows, null, END, { inputHoldsCache: true, requestsHoldErrors: true }).current,
    ).toMatchObject({
      errorShare: { low: '25.0', high: '25.0' },
      cachedShare: { low: '50.0', high: '50.0' },
    });
  });

  test('a share is never above all of it', () => {
    const rows = [asked(1, { requests: 1, input: 10, cachedInput: 50 })];
    expect(
      efficiency(rows, null, END, { inputHoldsCache: true, requestsHoldErrors: false }).current.cachedShare,
    ).toEqual({ low: '100.0', high: '100.0' });
  });
});
