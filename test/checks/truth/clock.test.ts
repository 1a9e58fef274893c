import { afterEach, expect, it } from 'vitest';
import { judgeAll } from '../../../lib/checks/index.ts';
import type { Facts } from '../../../lib/checks/model.ts';
import { facts, NOW } from '../facts.ts';
import { CASES, SETTINGS } from './cases.ts';
import { estateOf } from './model.ts';

const DAY = 86_400_000;
const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

/** The whole estate, so many days later or earlier: every instant and every date that it names. */
function moved(all: Facts, days: number): Facts {
  const text = JSON.stringify({ ...all, aiServices: all.aiServices?.rows });
  const there = text
    .replaceAll(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})/g, (at) =>
      new Date(Date.parse(at) + days * DAY).toISOString(),
    )
    .replaceAll(/"(\d{4}-\d{2}-\d{2})"/g, (whole, date: string) => {
      const at = Date.parse(`${date}T00:00:00Z`);
      // What is no day of the calendar stays none.
      const real = !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
      return real ? `"${new Date(at + days * DAY).toISOString().slice(0, 10)}"` : whole;
    });
  const { aiServices, ...rest } = JSON.parse(there);
  const heldSince = new Map(
    [...(all.aiServices?.heldSince ?? [])].map(([source, at]) => [
      source,
      new Date(Date.parse(at) + days * DAY).toISOString(),
    ]),
  );
  return { ...rest, aiServices: { rows: aiServices, heldSince }, ownerOf: (owned) => all.ownerOf(owned) };
}

const named = (all: Facts, now: Date) =>
  judgeAll(all, SETTINGS, now)
    .judgements.map(
      ({ check, verdict, resourceId, monthlyCost, monthlySaving }) =>
        `${check} ${verdict} ${resourceId} ${monthlyCost?.amount ?? '?'} ${monthlySaving?.amount ?? '?'}`,
    )
    .toSorted();

it.each([
  ['the last day of a month', '2026-11-30', 'UTC'],
  ['the first of a year', '2027-01-01', 'UTC'],
  ['the last of February', '2027-02-28', 'Asia/Tokyo'],
  ['a leap day', '2028-02-29', 'Pacific/Kiritimati'],
  ['the day on which summer time begins in Europe', '2026-03-29', 'Europe/Berlin'],
  ['the day on which it ends in Europe', '2026-10-25', 'Europe/Berlin'],
  ['the day on which it ends in America', '2026-11-01', 'America/New_York'],
  ['the day after it began in America', '2026-03-09', 'America/New_York'],
])('the truth is the same on %s', (_, date, place) => {
  const all = estateOf(CASES, facts());
  const days = Math.round(
    (Date.parse(`${date}T00:00:00Z`) - Date.parse(`${NOW.toISOString().slice(0, 10)}T00:00:00Z`)) / DAY,
  );
  expect(days).not.toBe(0);
  process.env['TZ'] = place;
  expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(place);
  const there = named(moved(all, days), new Date(NOW.getTime() + days * DAY));
  expect(there.length).toBeGreaterThan(80);
  expect(there).toEqual(named(all, NOW));
});
