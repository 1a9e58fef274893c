import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advise, boughtNow } from '../../../lib/analysis/commitments/advise.ts';
import type { Advice, Pool } from '../../../lib/analysis/commitments/model.ts';
import { Decimal } from '../../../lib/focus/decimal.ts';
import { cases } from '../../deep.ts';
import { endOf, pool, rate, START, steps, usage } from './series.ts';

const DAY = 24;

function one(given: Pool, now = endOf(given.slices[0]?.amounts.length ?? 0, given.stepHours)): Advice {
  const [advice] = advise(given, now);
  if (advice === undefined || !('schedule' in advice)) throw new Error(advice?.reason ?? 'none');
  return advice;
}

function reasonOf(given: Pool, now = endOf(given.slices[0]?.amounts.length ?? 0, given.stepHours)): string {
  const [advice] = advise(given, now);
  if (advice === undefined || 'schedule' in advice) throw new Error(`advice: ${JSON.stringify(advice)}`);
  return advice.reason;
}

function boughtAt({ at, hourly: { amount } }: Advice['schedule'][number]): string {
  return `${at} ${amount}`;
}

describe('worked cases, their optimum known by hand', () => {
  it('covers all of a flat spend', () => {
    // c* = (1 - 0.3) x 10 = 7; saves 3 an hour.
    const advice = one(
      pool(
        steps(90 * DAY, () => '10'),
        [rate('0.3')],
      ),
    );
    expect(advice).toMatchObject({
      programme: 'aws-compute-savings-plan',
      schedule: [{ at: '2026-04-01', hourly: { amount: '7', currency: 'USD' }, condition: null }],
      monthlySaving: { amount: '2160', currency: 'USD' },
      utilisation: '1',
      optimum: { amount: '7' },
      upfront: { amount: '0' },
      // 7 USD an hour for 8,760 hours; at 10 USD an hour of use it is paid after 6,132 hours: 255.5 days.
      obligation: { amount: '61320' },
      breakEven: '2026-12-12',
      window: { start: START, end: '2026-04-01T00:00:00.000Z' },
    });
  });

  it('covers the quantile of a day and a night', () => {
    // 12 hours at 10, 12 at 4. Discount 0.25: Q(0.25) = 4; commit 3, save 1 an hour.
    const days = steps(90 * DAY, (hour) => (hour % 24 < 12 ? '10' : '4'));
    expect(one(pool(days, [rate('0.25')]))).toMatchObject({
      schedule: [{ hourly: { amount: '3' } }],
      monthlySaving: { amount: '720' },
      utilisation: '1',
    });
    // Discount 0.6: Q(0.6) = 10, commit 4: used 10 and 4, 7 - 4 = 3 an hour; 0.7 of it.
    expect(one(pool(days, [rate('0.6')]))).toMatchObject({
      schedule: [{ hourly: { amount: '4' } }],
      monthlySaving: { amount: '2160' },
      utilisation: '0.7',
    });
  });

  it('takes a day as 24 even hours, and says so', () => {
    const advice = one(
      pool(
        steps(30, () => '100'),
        [rate('0.28')],
        { stepHours: 24 },
      ),
    );
    expect(advice).toMatchObject({
      schedule: [{ hourly: { amount: '3' } }],
      monthlySaving: { amount: '840' },
    });
    expect(advice.assumptions.join()).toContain('24 hours');
  });

  it('pays upfront what the payment asks, and the same in all', () => {
    const flat = steps(90 * DAY, () => '10');
    const all = one(pool(flat, [rate('0.4', { payment: 'all', term: '3y' })]));
    // 6 USD an hour for 26,280 hours.
    expect(all).toMatchObject({ upfront: { amount: '157680' }, obligation: { amount: '157680' } });
    const half = one(pool(flat, [rate('0.4', { payment: 'partial' })]));
    expect(half).toMatchObject({ upfront: { amount: '26280' }, obligation: { amount: '52560' } });
  });

  it('takes the rate that saves most, and tells the others', () => {
    const flat = steps(90 * DAY, () => '10');
    const advice = one(pool(flat, [rate('0.25'), rate('0.35', { term: '3y', payment: 'all' }), rate('0.3')]));
    expect(advice.rate).toMatchObject({ discount: '0.35', term: '3y' });
    expect(
      advice.alternatives.map(({ rate: { discount }, monthlySaving }) => [discount, monthlySaving.amount]),
    ).toEqual([
      ['0.25', '1800'],
      ['0.3', '2160'],
    ]);
  });

  it('buys the programme of a slice first, and of what it leaves the shared one', () => {
    // m5 flat at 10 (d 0.4), Lambda 5 but for an hour: D 0.3 covers it, and nothing of what m5 took.
    const given = pool([], [rate('0.3')], {
      slices: [
        {
          name: 'us-east-1 m5',
          own: [{ programme: 'aws-ec2-instance-savings-plan us-east-1 m5', rates: [rate('0.4')] }],
          amounts: steps(90 * DAY, () => '10'),
        },
        { name: '', own: [], amounts: steps(90 * DAY, (hour) => (hour % 24 < 23 ? '5' : '0')) },
      ],
    });
    const advice = advise(given, endOf(90 * DAY)).filter((each) => 'schedule' in each);
    expect(advice.map(({ programme, schedule }) => [programme, schedule[0]?.hourly.amount])).toEqual([
      ['aws-ec2-instance-savings-plan us-east-1 m5', '6'],
      ['aws-compute-savings-plan', '3.5'],
    ]);
    // 10 - 6 = 4 an hour; (5 x 23/24 - 3.5) x 720 = 930.
    expect(advice.map(({ monthlySaving }) => monthlySaving.amount)).toEqual(['2880', '930']);
  });

  it('buys again what ends, when it ends', () => {
    const covered = steps(90 * DAY, () => '2');
    const given = pool(
      steps(90 * DAY, () => '10'),
      [rate('0.3')],
      {
        expiring: [
          { id: 'sp-1', programme: 'aws-compute-savings-plan', at: '2026-06-15T00:00:00Z', covered },
          { id: 'sp-2', programme: 'aws-compute-savings-plan', at: '2029-06-15T00:00:00Z', covered },
          { id: 'other', programme: 'aws-sagemaker-savings-plan', at: '2026-06-15T00:00:00Z', covered },
        ],
      },
    );
    expect(one(given).schedule).toEqual([
      { at: '2026-04-01', hourly: { amount: '7', currency: 'USD' }, condition: null },
      {
        at: '2026-06-15',
        hourly: { amount: '1.4', currency: 'USD' },
        condition: 'if usage holds when sp-1 ends',
      },
    ]);
  });

  it('waits a month before it follows a rise, and buys the level before', () => {
    const rise = steps(90 * DAY, (hour) => (hour < 75 * DAY ? '10' : '20'));
    const advice = one(pool(rise, [rate('0.3')]));
    expect(advice.schedule).toEqual([
      { at: '2026-04-01', hourly: { amount: '7', currency: 'USD' }, condition: null },
      {
        at: '2026-04-16',
        hourly: { amount: '7', currency: 'USD' },
        condition: 'if usage holds the level that it rose to on 2026-03-17',
      },
    ]);
  });

  it('ladders where usage grows, and where what is committed ends meanwhile', () => {
    // Each day 0.04 an hour more: each 30 days bear 1.2 more, of which 0.7 is paid.
    const growing = steps(90 * DAY, (hour) => (10 + 0.04 * Math.floor(hour / 24)).toFixed(2));
    const expiring = [
      {
        id: 'sp-1',
        programme: 'aws-compute-savings-plan',
        at: '2026-06-15T00:00:00Z',
        covered: steps(90 * DAY, () => '2'),
      },
    ];
    const grown = 'if usage has grown on: by 1.20 an hour on demand every 30 days';
    const { schedule } = one(pool(growing, [rate('0.3')], { expiring }));
    expect(schedule.slice(1).map(({ at, hourly, condition }) => [at, hourly.amount, condition])).toEqual([
      ['2026-05-31', '0.84', grown],
      ['2026-06-15', '1.4', 'if usage holds when sp-1 ends'],
      ['2026-06-30', '0.84', grown],
      ['2026-07-30', '0.84', grown],
    ]);
    // One step up is no growth, neither a level that has grown but for the newest month.
    const stepped = steps(90 * DAY, (hour) => (hour < 55 * DAY ? '10' : '14'));
    expect(one(pool(stepped, [rate('0.3')])).schedule).toHaveLength(1);
    const levelled = steps(90 * DAY, (hour) => (10 + 0.04 * Math.min(Math.floor(hour / 24), 55)).toFixed(2));
    expect(one(pool(levelled, [rate('0.3')])).schedule.every(({ condition }) => condition !== grown)).toBe(
      true,
    );
    // Of growth by less than a twentieth of what is bought a month nothing is made.
    const slow = steps(90 * DAY, (hour) => (10 + 0.01 * Math.floor(hour / 24)).toFixed(2));
    expect(one(pool(slow, [rate('0.3')])).schedule).toHaveLength(1);
  });

  it('lets one programme alone buy what a rise bears', () => {
    // 10 for 70 days, 16 since: the instance's plan takes 10 now and 6 once it has held, so that nothing is left.
    const risen = steps(90 * DAY, (hour) => (hour < 70 * DAY ? '10' : '16'));
    const own = [{ programme: 'aws-ec2-instance-savings-plan us-east-1 m5', rates: [rate('0.5')] }];
    const given = pool([], [rate('0.4')], { slices: [{ name: 'us-east-1 m5', own, amounts: risen }] });
    const told = advise(given, endOf(90 * DAY));
    expect(told.map((each) => ('schedule' in each ? each.schedule.map(boughtAt) : each.notEnough))).toEqual([
      ['2026-04-01 5', '2026-04-11 3'],
      false,
    ]);
  });

  it('buys nothing again that the newest month would not bear', () => {
    // 10 for 60 days, 9.5 since: a fall too small to be told; when the plan ends, 2 more of it.
    const fallen = steps(90 * DAY, (hour) => (hour < 60 * DAY ? '10' : '9.5'));
    const expiring = [
      {
        id: 'sp-1',
        programme: 'aws-compute-savings-plan',
        at: '2026-06-15T00:00:00Z',
        covered: steps(90 * DAY, () => '2'),
      },
    ];
    const { schedule } = one(pool(fallen, [rate('0.5')], { expiring }));
    expect(schedule.map(({ hourly }) => hourly.amount)).toEqual(['4.75', '1']);
  });

  it('does not look behind a change that has held for a month', () => {
    const fall = steps(90 * DAY, (hour) => (hour < 45 * DAY ? '20' : '10'));
    expect(one(pool(fall, [rate('0.3')]))).toMatchObject({
      schedule: [{ hourly: { amount: '7' } }],
      window: { start: '2026-02-15T00:00:00.000Z' },
    });
  });
});

describe('not enough to tell, and why', () => {
  const told = [rate('0.3')];
  it.each([
    ['nothing', steps(0, () => '1'), '0 whole days'],
    ['ten days', steps(10 * DAY, () => '1'), '10 whole days'],
    ['29 days and a half', steps(29 * DAY + 12, () => '1'), '29 whole days'],
    ['all zeros', steps(60 * DAY, () => '0'), 'Nothing that could be covered'],
    ['credits alone', steps(60 * DAY, () => '-1'), 'Nothing that could be covered'],
    ['all unknown', steps(60 * DAY, () => null), '0 whole days'],
    ['gaps', steps(60 * DAY, (hour) => (hour % 5 === 0 ? null : '1')), '80% of the last 60 days are known'],
    [
      'new use',
      steps(90 * DAY, (hour) => (hour < 70 * DAY ? '0' : '5')),
      'Use is new: it began on 2026-03-12',
    ],
    [
      'use that stopped yesterday',
      steps(90 * DAY, (hour) => (hour < 89 * DAY ? '5' : '0')),
      'Use has stopped: next to nothing was spent on 2026-03-31',
    ],
    [
      'use that fell',
      steps(90 * DAY, (hour) => (hour < 80 * DAY ? '5' : '3')),
      'Use fell on 2026-03-22, from 120.00 to 72.00 a day; what holds is known 30 days later, on 2026-04-21',
    ],
  ])('%s', (_, amounts, reason) => {
    expect(reasonOf(pool(amounts, told))).toContain(reason);
  });

  it('without a rate', () => {
    expect(
      reasonOf(
        pool(
          steps(60 * DAY, () => '1'),
          [],
        ),
      ),
    ).toContain('No discount of it is known');
  });

  it('that nothing pays is told as such', () => {
    const rare = steps(90 * DAY, (hour) => (hour % 2 === 0 ? '50' : '0'));
    expect(advise(pool(rare, [rate('0.49')]), endOf(90 * DAY))).toMatchObject([{ notEnough: false }]);
  });

  it('does not look at steps that have not ended', () => {
    const flat = pool(
      steps(60 * DAY, () => '1'),
      told,
    );
    expect(reasonOf(flat, endOf(30 * DAY - 1))).toContain('29 whole days');
    expect(one(flat, endOf(30 * DAY)).window.end).toBe('2026-01-31T00:00:00.000Z');
  });

  it('refuses a step that is no whole part of a day', () => {
    expect(() => advise(pool([], told, { stepHours: 5 }), endOf(1))).toThrow('whole part of a day');
  });
});

describe('input that lies', () => {
  it('a huge credit, a few gaps and a leap day change nothing', () => {
    const bent = steps(90 * DAY, (hour) => (hour === 700 ? '-50000' : hour % 500 === 3 ? null : '10'));
    const advice = one(
      pool(bent, [rate('0.3')], { start: '2028-02-01T00:00:00.000Z' }),
      new Date('2028-05-01T00:00:00Z'),
    );
    expect(advice.schedule).toMatchObject([{ hourly: { amount: '7' } }]);
    expect(advice.assumptions.join()).toContain('credits');
    expect(advice.assumptions.join()).toContain('not known');
  });
});

describe('risk', () => {
  it('buys less where more than one in twenty of the scenarios lose', () => {
    // At a discount of a hundredth any decline loses: nothing is safe but what a decline leaves.
    const advice = advise(
      pool(
        steps(90 * DAY, () => '10'),
        [rate('0.01')],
      ),
      endOf(90 * DAY),
    );
    expect(advice).toMatchObject([{ notEnough: false }]);
    // 10% a year for three years takes 14% of the mean: 0.2 survives that, not the quarter a year.
    const three = one(
      pool(
        steps(90 * DAY, () => '10'),
        [rate('0.2', { term: '3y' })],
      ),
    );
    expect(new Decimal(three.lossProbability).lte('0.05')).toBe(true);
    expect(new Decimal(boughtNow(three).amount).lt(8)).toBe(true);
    expect(three.reason).toContain('of the scenarios lose');
  });

  it('the worst is a loss of nearly all fees, when all use stops at once', () => {
    const advice = one(
      pool(
        steps(90 * DAY, () => '10'),
        [rate('0.3')],
      ),
    );
    expect(advice.worst.scenario).toBe('usage stops at some moment');
    expect(new Decimal(advice.worst.saving.amount).lt(-50_000)).toBe(true);
    expect(new Decimal(advice.worst.saving.amount).gt(-61_320)).toBe(true);
  });
});

const hourly = (amounts: readonly string[], discount: string) => {
  const [advice] = advise(pool(amounts, [rate(discount)]), endOf(amounts.length));
  return advice !== undefined && 'schedule' in advice
    ? { advice, bought: new Decimal(boughtNow(advice).amount) }
    : { advice: null, bought: new Decimal(0) };
};

const reach = (bought: Decimal, d: string) => bought.div(new Decimal(1).minus(d));
const saved = (each: ReturnType<typeof hourly>) => new Decimal(each.advice?.monthlySaving.amount ?? 0);

function boughtOf(slices: Pool['slices'], discount: string): string[] {
  return advise(pool([], [rate(discount)], { slices }), endOf(40 * DAY))
    .map((each) => `${each.programme} ${'schedule' in each ? Number(boughtNow(each).amount).toFixed(3) : ''}`)
    .toSorted();
}

const level = (day: number, rise: number, more: number) => (day < rise ? 1 : 1 + more / 10);

describe('identities (properties)', () => {
  const seed = fc.integer({ min: 1, max: 1_000_000 });
  const percent = fc.integer({ min: 5, max: 90 }).map((each) => new Decimal(each).div(100).toString());

  it('never covers beyond the peak, is used above its break-even, and saves', () => {
    fc.assert(
      fc.property(seed, percent, (from, discount) => {
        const amounts = usage(from, 60 * DAY);
        const { advice, bought } = hourly(amounts, discount);
        if (advice === null || bought.isZero()) return;
        const paid = new Decimal(1).minus(discount);
        expect(bought.div(paid).lte(Decimal.max(...amounts))).toBe(true);
        expect(new Decimal(advice.utilisation).gte(paid.minus('1e-4'))).toBe(true);
        expect(new Decimal(advice.monthlySaving.amount).gte(0)).toBe(true);
        expect(new Decimal(advice.lossProbability).lte('0.05')).toBe(true);
      }),
      { numRuns: cases(30, 60) },
    );
  });

  it('never covers beyond the peak with all that it tells to buy while usage holds', () => {
    const two = fc.tuple(fc.integer({ min: 10, max: 80 }), fc.integer({ min: 0, max: 20 }));
    fc.assert(
      fc.property(
        seed,
        percent,
        two,
        fc.array(two, { minLength: 1, maxLength: 3 }),
        (from, shared, end, all) => {
          const days = 60;
          const slices = all.map(([rise, more], at) => ({
            name: `us-east-1 m${at}`,
            own: [
              {
                programme: `aws-ec2-instance-savings-plan us-east-1 m${at}`,
                rates: [rate(new Decimal(shared).times('1.05').toString())],
              },
            ],
            amounts: usage(from + at, days * DAY, (hour) => level(hour / DAY, rise, more)),
          }));
          const covered = usage(from + 9, days * DAY, () => end[1] / 10);
          const at = '2026-05-01T00:00:00Z';
          const expiring = [{ id: 'sp-1', programme: 'aws-compute-savings-plan', at, covered }];
          const told = advise(pool([], [rate(shared)], { slices, expiring }), endOf(days * DAY));
          const covers = told
            .flatMap((each) =>
              'schedule' in each ? each.schedule.map((tranche) => ({ each, tranche })) : [],
            )
            .filter(({ tranche }) => tranche.condition?.includes('grown on') !== true)
            .reduce(
              (sum, { each, tranche }) =>
                sum.plus(reach(new Decimal(tranche.hourly.amount), each.rate.discount)),
              new Decimal(0),
            );
          const peak = Decimal.max(
            ...covered.map((each, step) =>
              slices.reduce((sum, { amounts }) => sum.plus(amounts[step] ?? 0), new Decimal(each)),
            ),
          );
          expect(covers.lte(peak.plus('0.001'))).toBe(true);
        },
      ),
      { numRuns: cases(12, 25) },
    );
  });

  it('saves no less and covers no less with a higher discount', () => {
    fc.assert(
      fc.property(seed, percent, percent, (from, a, b) => {
        const [low, high] = new Decimal(a).lt(b) ? [a, b] : [b, a];
        const amounts = usage(from, 45 * DAY);
        const less = hourly(amounts, low);
        const more = hourly(amounts, high);
        expect(reach(more.bought, high).plus('0.001').gte(reach(less.bought, low))).toBe(true);
        expect(saved(more).plus('0.1').gte(saved(less))).toBe(true);
      }),
      { numRuns: cases(20, 40) },
    );
  });

  it('is never raised by waste that is left out', () => {
    fc.assert(
      fc.property(seed, percent, fc.integer({ min: 0, max: 100 }), (from, discount, share) => {
        const amounts = usage(from, 45 * DAY);
        const without = amounts.map((each) =>
          new Decimal(each)
            .times(100 - share)
            .div(100)
            .toString(),
        );
        expect(hourly(without, discount).bought.lte(hourly(amounts, discount).bought.plus('0.001'))).toBe(
          true,
        );
      }),
      { numRuns: cases(20, 40) },
    );
  });

  it('is the same in another currency unit, and whatever the order of slices', () => {
    fc.assert(
      fc.property(seed, percent, fc.constantFrom('100', '1000'), (from, discount, factor) => {
        const amounts = usage(from, 40 * DAY);
        const scaled = amounts.map((each) => new Decimal(each).times(factor).toString());
        const difference = hourly(scaled, discount)
          .bought.div(factor)
          .minus(hourly(amounts, discount).bought);
        // Rounded down at the fifth place in either.
        expect(difference.abs().lte('0.0001')).toBe(true);
        const slice = (name: string, by: number) => ({
          name,
          own: [{ programme: `own ${name}`, rates: [rate('0.5')] }],
          amounts: usage(from + by, 40 * DAY),
        });
        const slices = [slice('a', 1), slice('b', 2), slice('c', 3)];
        expect(boughtOf(slices.toReversed(), discount)).toEqual(boughtOf(slices, discount));
      }),
      { numRuns: cases(12, 25) },
    );
  });
});
