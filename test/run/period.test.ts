import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeriodKind } from '../../lib/digest/model.ts';
import { lastWholePeriod } from '../../lib/run/period.ts';

const DAY = 86_400_000;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Auckland',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'America/St_Johns',
  'Australia/Lord_Howe',
];
const kind = fc.constantFrom<PeriodKind>('day', 'week', 'month');
const instant = fc.date({
  min: new Date('2020-01-01T00:00:00Z'),
  max: new Date('2039-12-31T00:00:00Z'),
  noInvalidDate: true,
});

/** The date in a zone by the platform's own calendar, as midnight UTC. */
function localDate(moment: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(moment);
  return Date.parse(`${parts}T00:00:00Z`);
}

/** The end of the period that holds the day, by plain UTC arithmetic. */
function nextEnd(day: number, of: PeriodKind): number {
  const date = new Date(day);
  if (of === 'day') return day + DAY;
  if (of === 'week') return day + (7 - ((date.getUTCDay() + 6) % 7)) * DAY;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

function at(of: PeriodKind, now: string, zone: string, dataEnd: string | null = null): string {
  const { period } = lastWholePeriod(of, new Date(now), dataEnd === null ? null : new Date(dataEnd), zone);
  return `${period.start.slice(0, 10)}/${period.end.slice(0, 10)}`;
}

describe('the last whole period', () => {
  it('is over, is covered, is the last such, and follows the former without a gap', () => {
    fc.assert(
      fc.property(
        kind,
        instant,
        fc.option(fc.integer({ min: -800, max: 30 * 48 })),
        fc.constantFrom(...ZONES),
        (of, now, hours, zone) => {
          const dataEnd = hours === null ? null : new Date(now.getTime() + hours * 3_600_000);
          const { period, former } = lastWholePeriod(of, now, dataEnd, zone);
          const [start, end] = [Date.parse(period.start), Date.parse(period.end)];
          const known = Math.min(
            localDate(now, zone),
            dataEnd === null ? Number.POSITIVE_INFINITY : localDate(dataEnd, 'UTC'),
          );
          expect(end).toBeLessThanOrEqual(known);
          expect(nextEnd(end, of)).toBeGreaterThan(known);
          expect(nextEnd(start, of)).toBe(end);
          expect(former.end).toBe(period.start);
          expect(nextEnd(Date.parse(former.start), of)).toBe(start);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a Monday has begun in Auckland while it is Sunday in Berlin', () => {
    expect(at('week', '2026-11-15T12:00:00Z', 'Pacific/Auckland')).toBe('2026-11-09/2026-11-16');
    expect(at('week', '2026-11-15T12:00:00Z', 'Europe/Berlin')).toBe('2026-11-02/2026-11-09');
  });

  it('the year ends by the clock of the organisation', () => {
    expect(at('month', '2026-12-31T23:30:00Z', 'Europe/Berlin')).toBe('2026-12-01/2027-01-01');
    expect(at('month', '2026-12-31T23:30:00Z', 'UTC')).toBe('2026-11-01/2026-12-01');
    expect(at('month', '2027-01-01T04:30:00Z', 'America/New_York')).toBe('2026-11-01/2026-12-01');
  });

  it('the hour that summer time skips or repeats moves no day', () => {
    expect(at('day', '2026-03-29T00:59:59Z', 'Europe/Berlin')).toBe('2026-03-28/2026-03-29');
    expect(at('day', '2026-03-29T01:00:00Z', 'Europe/Berlin')).toBe('2026-03-28/2026-03-29');
    expect(at('day', '2026-10-24T22:00:00Z', 'Europe/Berlin')).toBe('2026-10-24/2026-10-25');
    expect(at('day', '2026-10-25T22:59:59Z', 'Europe/Berlin')).toBe('2026-10-24/2026-10-25');
    expect(at('day', '2026-10-25T23:00:00Z', 'Europe/Berlin')).toBe('2026-10-25/2026-10-26');
  });

  it('a leap day is a day', () => {
    expect(at('day', '2028-03-01T09:00:00Z', 'UTC')).toBe('2028-02-29/2028-03-01');
    expect(at('month', '2028-03-01T09:00:00Z', 'UTC')).toBe('2028-02-01/2028-03-01');
  });

  it('bills that end earlier hold it back; a day that is not whole does not count', () => {
    expect(at('week', '2026-11-16T08:00:00Z', 'UTC', '2026-11-15T23:00:00Z')).toBe('2026-11-02/2026-11-09');
    expect(at('week', '2026-11-16T08:00:00Z', 'UTC', '2026-11-16T00:00:00Z')).toBe('2026-11-09/2026-11-16');
    expect(at('month', '2026-11-16T08:00:00Z', 'UTC', '2024-10-01T00:00:00Z')).toBe('2024-09-01/2024-10-01');
  });
});
