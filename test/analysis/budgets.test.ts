import { describe, expect, test } from 'vitest';
import { type BudgetDays, standingOf, windowsOf } from '../../lib/analysis/budgets.ts';
import { Decimal } from '../../lib/focus/decimal.ts';

const DAY = 86_400_000;
const RULE = { name: 'research', period: 'month', tiers: [100, 50, 80], forecast: true } as const;
const NOVEMBER = { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' };

/** The same amount each day, from a day up to another (half-open). */
function days(from: string, until: string, amount: number): BudgetDays {
  const start = Date.parse(`${from}T00:00:00Z`);
  const length = Math.round((Date.parse(`${until}T00:00:00Z`) - start) / DAY);
  const names = Array.from({ length }, (_, at) => new Date(start + at * DAY).toISOString().slice(0, 10));
  return {
    charged: new Map(names.map((day) => [day, new Decimal(amount)])),
    until,
    series: { start: new Date(start).toISOString(), step: DAY, values: names.map(() => amount) },
  };
}

const at = (text: string) => new Date(text);

describe('periods of a budget', () => {
  test('are calendar months, quarters and years of UTC, and the one before for a fortnight', () => {
    expect(windowsOf(RULE, at('2026-11-20T00:00:00Z'))).toEqual([NOVEMBER]);
    expect(windowsOf(RULE, at('2026-12-14T23:59:59Z'))[0]).toEqual(NOVEMBER);
    expect(windowsOf(RULE, at('2026-12-15T00:00:00Z'))).toHaveLength(1);
    expect(windowsOf({ ...RULE, period: 'quarter' }, at('2026-11-20T00:00:00Z'))).toEqual([
      { start: '2026-10-01T00:00:00.000Z', end: '2027-01-01T00:00:00.000Z' },
    ]);
    expect(windowsOf({ ...RULE, period: 'year' }, at('2026-01-05T00:00:00Z'))).toEqual([
      { start: '2025-01-01T00:00:00.000Z', end: '2026-01-01T00:00:00.000Z' },
      { start: '2026-01-01T00:00:00.000Z', end: '2027-01-01T00:00:00.000Z' },
    ]);
    // December's predecessor and January's successor lie in other years.
    expect(windowsOf(RULE, at('2027-01-02T00:00:00Z'))).toEqual([
      { start: '2026-12-01T00:00:00.000Z', end: '2027-01-01T00:00:00.000Z' },
      { start: '2027-01-01T00:00:00.000Z', end: '2027-02-01T00:00:00.000Z' },
    ]);
  });

  test('a window is judged from its start to a fortnight after its end', () => {
    const rule = { ...RULE, period: 'window', window: { start: '2026-10-10', end: '2026-11-10' } } as const;
    const only = { start: '2026-10-10T00:00:00.000Z', end: '2026-11-10T00:00:00.000Z' };
    expect(windowsOf(rule, at('2026-10-09T23:59:59Z'))).toEqual([]);
    expect(windowsOf(rule, at('2026-10-10T00:00:00Z'))).toEqual([only]);
    expect(windowsOf(rule, at('2026-11-23T00:00:00Z'))).toEqual([only]);
    expect(windowsOf(rule, at('2026-11-24T00:00:00Z'))).toEqual([]);
  });
});

describe('how a budget stands', () => {
  test('spent, percent and tiers are exact, of the days of its period alone', () => {
    const standing = standingOf(RULE, NOVEMBER, new Decimal(1000), days('2026-09-01', '2026-11-09', 100));
    expect(standing).toMatchObject({ spent: new Decimal(800), percent: new Decimal(80), reached: [50, 80] });
    const below = standingOf(RULE, NOVEMBER, new Decimal('1000.01'), days('2026-09-01', '2026-11-09', 100));
    expect(below.reached).toEqual([50]);
  });

  test('says on which day the limit was reached', () => {
    const standing = standingOf(RULE, NOVEMBER, new Decimal(500), days('2026-09-01', '2026-11-09', 100));
    expect(standing).toMatchObject({ reached: [50, 80, 100], exceededOn: '2026-11-05' });
  });

  test('foresees the whole period, and how likely it is exceeded', () => {
    const known = days('2026-07-01', '2026-11-11', 100);
    const tight = standingOf(RULE, NOVEMBER, new Decimal(2500), known);
    expect(tight.outlook?.total.toNumber()).toBeCloseTo(3000, 0);
    expect(tight.outlook?.probability).toBeGreaterThan(0.9);
    expect(standingOf(RULE, NOVEMBER, new Decimal(4000), known).outlook?.probability).toBeLessThan(0.1);
  });

  test('foresees a period that begins after the last settled day, without the days before it', () => {
    const december = { start: '2026-12-01T00:00:00.000Z', end: '2027-01-01T00:00:00.000Z' };
    const standing = standingOf(RULE, december, new Decimal(9000), days('2026-07-01', '2026-11-29', 100));
    expect(standing.spent.toNumber()).toBe(0);
    expect(standing.outlook?.total.toNumber()).toBeCloseTo(3100, 0);
  });

  test('counts what one bill tells beyond the others once: in spent, not on top of the forecast', () => {
    const known = days('2026-07-01', '2026-11-11', 100);
    const ahead = new Map([...known.charged, ['2026-11-11', new Decimal(40)]]);
    const standing = standingOf(RULE, NOVEMBER, new Decimal(5000), { ...known, charged: ahead });
    expect(standing.spent.toNumber()).toBe(1040);
    expect(standing.outlook?.total.toNumber()).toBeCloseTo(3000, 0);
  });

  test('says why it cannot foresee, and foresees nothing of what is over or not asked for', () => {
    const short = standingOf(RULE, NOVEMBER, new Decimal(1000), days('2026-11-01', '2026-11-11', 10));
    expect(short).toMatchObject({ outlook: null, notEnough: '10 known days; 28 are needed.' });
    const over = standingOf(RULE, NOVEMBER, new Decimal(1000), days('2026-09-01', '2026-12-05', 10));
    expect(over).toMatchObject({ outlook: null, notEnough: null, throttle: null });
    const unasked = { ...RULE, forecast: false };
    expect(
      standingOf(unasked, NOVEMBER, new Decimal(1000), days('2026-07-01', '2026-11-11', 10)).outlook,
    ).toBeNull();
  });

  test('a throttle is what would keep the limit: the rest of it over the days that are left', () => {
    const known = days('2026-09-01', '2026-11-11', 100);
    expect(standingOf(RULE, NOVEMBER, new Decimal(2000), known).throttle).toEqual({
      allowed: new Decimal(50),
      recent: new Decimal(100),
      percent: new Decimal(50),
    });
    expect(standingOf(RULE, NOVEMBER, new Decimal(500), known).throttle?.percent.toNumber()).toBe(100);
    expect(standingOf(RULE, NOVEMBER, new Decimal(3000), known).throttle).toBeNull();
  });

  test('a limit of nothing is reached by the first charge and by no charge at all is not', () => {
    expect(standingOf(RULE, NOVEMBER, new Decimal(0), days('2026-11-01', '2026-11-03', 1)).reached).toEqual([
      50, 80, 100,
    ]);
    expect(standingOf(RULE, NOVEMBER, new Decimal(0), days('2026-11-01', '2026-11-03', 0)).reached).toEqual(
      [],
    );
  });
});
