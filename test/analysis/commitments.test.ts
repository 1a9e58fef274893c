import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommitmentTerms, commitmentAdvice, observedDiscount } from '../../lib/analysis/commitments.ts';
import type { CommitmentAdvice, EligibleSeries } from '../../lib/analysis/model.ts';
import { Decimal } from '../../lib/focus/decimal.ts';

const START = Date.parse('2026-10-01T00:00:00Z');
const HOUR = 3_600_000;
const NOW = new Date('2027-01-01T00:00:00Z');

function hourly(amounts: readonly string[], stepHours = 1): EligibleSeries {
  return {
    programme: 'aws-compute-savings-plan',
    provider: 'aws',
    currency: 'USD',
    stepHours,
    points: amounts.map((amount, index) => ({
      at: new Date(START + index * stepHours * HOUR).toISOString(),
      amount,
    })),
  };
}

const terms = (discount: string): CommitmentTerms => ({ discount, discountSource: 'given', wasteLeftOut: 0 });

function advise(series: EligibleSeries, discount: string, now = NOW): CommitmentAdvice {
  const advice = commitmentAdvice(series, terms(discount), now);
  if ('tooShort' in advice) throw new Error(advice.reason);
  return advice;
}

/** What 30 days cost on demand and under a commitment of `c` an hour: the definition, without the rule. */
function cost(amounts: readonly string[], discount: string, c: Decimal): Decimal {
  const reach = c.div(new Decimal(1).minus(discount));
  return amounts.reduce(
    (sum, amount) => sum.plus(c).plus(Decimal.max(new Decimal(amount).minus(reach), 0)),
    new Decimal(0),
  );
}

describe('commitmentAdvice', () => {
  it('covers all of a flat spend', () => {
    const advice = advise(hourly(Array<string>(720).fill('10')), '0.3');
    expect(advice).toMatchObject({
      hourlyCommitment: { amount: '7', currency: 'USD' },
      monthlySaving: { amount: '2160', currency: 'USD' },
      utilisation: '1',
      discount: '0.3',
      window: { start: '2026-10-01T00:00:00.000Z', end: '2026-10-31T00:00:00.000Z' },
    });
  });

  it('covers the quantile of a day and a night', () => {
    // 12 hours at 10, 12 at 4. Discount 0.25: the quarter quantile is 4; commit 3, save 1 an hour.
    const days = Array.from({ length: 720 }, (_, hour) => (hour % 24 < 12 ? '10' : '4'));
    expect(advise(hourly(days), '0.25')).toMatchObject({
      hourlyCommitment: { amount: '3' },
      monthlySaving: { amount: '720' },
      utilisation: '1',
    });
    // Discount 0.6: the 0.6 quantile is 10; commit 4; used 10 and 4: (10 + 4) / 2 - 4 = 3 an hour.
    expect(advise(hourly(days), '0.6')).toMatchObject({
      hourlyCommitment: { amount: '4' },
      monthlySaving: { amount: '2160' },
      utilisation: '0.7',
    });
  });

  it('takes a day as 24 even hours, and says so', () => {
    const advice = advise(hourly(Array<string>(30).fill('100'), 24), '0.28');
    expect(advice.hourlyCommitment.amount).toBe('3');
    expect(advice.monthlySaving.amount).toBe('840');
    expect(advice.assumptions.join()).toContain('24 hours');
  });

  it('commits nothing where nothing runs for a share of the hours above the break-even', () => {
    const rare = Array.from({ length: 720 }, (_, hour) => (hour % 2 === 0 ? '50' : '0'));
    expect(advise(hourly(rare), '0.5')).toMatchObject({
      hourlyCommitment: { amount: '0' },
      monthlySaving: { amount: '0' },
      utilisation: '0',
    });
    expect(advise(hourly(Array<string>(720).fill('0')), '0.9').hourlyCommitment.amount).toBe('0');
  });

  it('takes credits as no eligible spend, and says so', () => {
    const series = hourly(Array.from({ length: 720 }, (_, hour) => (hour < 3 ? '-5' : '10')));
    const advice = advise(series, '0.3');
    expect(advice.hourlyCommitment.amount).toBe('7');
    expect(advice.monthlySaving.amount).toBe('2130');
    expect(advice.assumptions.join()).toContain('credits');
  });

  it('looks at the last 30 whole days that ended by now', () => {
    const amounts = Array.from({ length: 60 }, (_, day) => (day < 30 ? '1' : '240'));
    expect(advise(hourly(amounts, 24), '0.3').hourlyCommitment.amount).toBe('7');
    const noon = new Date(START + 30 * 24 * HOUR - HOUR);
    expect(commitmentAdvice(hourly(amounts, 24), terms('0.3'), noon)).toMatchObject({
      tooShort: true,
      days: 29,
    });
  });

  it('advises nothing on a short history, or one with a gap', () => {
    expect(commitmentAdvice(hourly([]), terms('0.3'), NOW)).toMatchObject({
      tooShort: true,
      days: 0,
      minDays: 30,
    });
    expect(commitmentAdvice(hourly(Array<string>(719).fill('1')), terms('0.3'), NOW)).toMatchObject({
      days: 29,
    });
    const whole = hourly(Array<string>(40).fill('24'), 24);
    const gap = { ...whole, points: whole.points.filter((_, day) => day !== 20) };
    expect(commitmentAdvice(gap, terms('0.3'), NOW)).toMatchObject({ tooShort: true, days: 19 });
  });

  it('refuses a discount that is none', () => {
    for (const discount of ['0', '1', '-0.2', '28'])
      expect(() => commitmentAdvice(hourly([]), terms(discount), NOW)).toThrow('between 0 and 1');
  });

  const amount = fc.integer({ min: 0, max: 500_000 }).map((cents) => new Decimal(cents).div(100).toFixed(2));
  const month = fc.array(amount, { minLength: 30, maxLength: 30 });
  const discount = fc.integer({ min: 1, max: 99 }).map((percent) => `0.${String(percent).padStart(2, '0')}`);

  it('is the cheapest of all commitments (property)', () => {
    fc.assert(
      fc.property(month, discount, (amounts, d) => {
        const { hourlyCommitment, monthlySaving } = advise(hourly(amounts, 24), d);
        const c = new Decimal(hourlyCommitment.amount).times(24);
        const best = cost(amounts, d, c);
        // Cost is piecewise linear: its minimum lies at a breakpoint.
        const cheapest = amounts
          .map((one) => cost(amounts, d, new Decimal(one).times(new Decimal(1).minus(d))))
          .reduce((a, b) => Decimal.min(a, b), cost(amounts, d, new Decimal(0)));
        expect(best.minus(cheapest).abs().lt('1e-12')).toBe(true);
        const onDemand = cost(amounts, d, new Decimal(0));
        expect(onDemand.minus(best).minus(monthlySaving.amount).abs().lt('1e-12')).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('is used above its break-even, below the peak, and saves more with more discount (property)', () => {
    fc.assert(
      fc.property(month, discount, discount, (amounts, a, b) => {
        const [low, high] = new Decimal(a).lt(b) ? [a, b] : [b, a];
        const less = advise(hourly(amounts, 24), low);
        const more = advise(hourly(amounts, 24), high);
        const peak = amounts.reduce((most, one) => Decimal.max(most, one), new Decimal(0));
        expect(
          new Decimal(less.hourlyCommitment.amount).times(24).lte(peak.times(new Decimal(1).minus(low))),
        ).toBe(true);
        expect(new Decimal(less.monthlySaving.amount).gte(0)).toBe(true);
        const used = less.hourlyCommitment.amount === '0' ? new Decimal(1) : new Decimal(less.utilisation);
        expect(used.plus('1e-15').gte(new Decimal(1).minus(low))).toBe(true);
        expect(new Decimal(more.monthlySaving.amount).plus('1e-12').gte(less.monthlySaving.amount)).toBe(
          true,
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('observedDiscount', () => {
  it('is what covered usage saved', () => {
    expect(
      observedDiscount([
        { effective: '70', onDemand: '100' },
        { effective: '0.5', onDemand: '0' },
        { effective: '1.5', onDemand: '0' },
      ]),
    ).toBe('0.28');
  });

  it('is unknown without covered usage or where nothing was saved', () => {
    expect(observedDiscount([])).toBeNull();
    expect(observedDiscount([{ effective: '1', onDemand: '1' }])).toBeNull();
    expect(observedDiscount([{ effective: '0', onDemand: '1' }])).toBeNull();
    expect(observedDiscount([{ effective: '-1', onDemand: '-2' }])).toBeNull();
  });
});
