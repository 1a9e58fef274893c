import { expect, test } from 'vitest';
import { seeded } from '../../lib/analysis/seeded.ts';
import { money } from '../../lib/focus/money.ts';
import { toldOf } from '../../lib/run/forecast.ts';
import { knownStops } from '../../lib/run/known-events.ts';
import { judgement, recordOf } from '../ledger/fixtures.ts';
import { memoryLedger } from '../ledger/memory.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const SAVING = money('300', 'USD');

async function stops(states: readonly ('DETECTED' | 'STOPPING')[], saving: typeof SAVING | null = SAVING) {
  const ledger = memoryLedger();
  for (const [at, state] of states.entries()) {
    const record = recordOf(judgement({ resourceId: `i-${at}`, monthlySaving: saving }));
    await ledger.put({ ...record, finding: { ...record.finding, state } }, 0, null);
  }
  return knownStops(ledger, NOW);
}

test('a stop on its way takes off a thirtieth of its saving a day; nothing else is known to come', async () => {
  expect(await stops(['DETECTED', 'STOPPING'])).toEqual([
    { at: NOW.toISOString(), perStep: -10, what: 'the stop of i-1', currency: 'USD' },
  ]);
  expect(await stops(['STOPPING'], null)).toEqual([]);
});

test('of other currencies, or before the bills end, it takes nothing off', () => {
  const values = Array.from({ length: 100 }, () => 50);
  const whole = {
    key: [],
    source: '',
    currency: 'USD',
    series: { start: '2026-08-12T00:00:00.000Z', step: 86_400_000, values },
    exact: new Map(),
    end: '2026-11-20',
  };
  const december = (event: { at: string; currency: string }) => {
    const told = toldOf(whole, { events: [{ ...event, perStep: -10, what: 'the stop of i-1' }] }, NOW);
    if ('notEnough' in told) throw new Error(told.reason);
    return told.steps.find(({ at }) => at.startsWith('2026-12-15'))?.mean;
  };
  expect(december({ at: '2026-11-22T12:00:00.000Z', currency: 'USD' })).toBeCloseTo(40, 6);
  expect(december({ at: '2026-11-22T12:00:00.000Z', currency: 'EUR' })).toBeCloseTo(50, 6);
  expect(december({ at: '2026-11-10T00:00:00.000Z', currency: 'USD' })).toBeCloseTo(50, 6);
});

test('what is left of a month never costs less than nothing, however little is known of the one before', () => {
  const random = seeded(3);
  // Some days cost much and most next to nothing; the bills have settled up to the month before alone.
  const values = Array.from({ length: 80 }, () => 10 * random() ** 12);
  const whole = {
    key: [],
    source: '',
    currency: 'USD',
    series: { start: '2026-08-13T00:00:00.000Z', step: 86_400_000, values },
    exact: new Map(),
    end: '2026-11-01',
  };
  const told = toldOf(whole, {}, new Date('2026-12-05T00:00:00Z'));
  if ('notEnough' in told) throw new Error(told.reason);
  const lows = told.sums.flatMap(({ mean, bands }) => [mean, ...bands.map(({ low }) => low)]);
  expect(lows.length).toBe(9);
  expect(Math.min(...lows)).toBe(0);
});
