import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silent } from '../../lib/platform/progress.ts';
import type { Auditor } from '../../lib/run/auditor.ts';
import { backtestPools } from '../../lib/run/backtest-commitments.ts';
import { commitmentSchema } from '../../lib/run/commitment-schema.ts';
import { commitmentOutlook, commitmentPools, commitmentReport } from '../../lib/run/commitments.ts';
import { finding } from '../digest/inputs.ts';
import { type Bench, type BillRow, bench, delivery, row } from '../lake/bills.ts';
import { auditorOf, opened } from './auditor.ts';

const HOUR_MS = 3_600_000;
const FIRST = Date.parse('2026-09-01T00:00:00Z');
const HOURS = 24 * 60;
const END = new Date(FIRST + HOURS * HOUR_MS).toISOString();
const NOW = new Date(FIRST + (HOURS + 72) * HOUR_MS);
const PLAN = 'arn:aws:savingsplans::111122223333:savingsplan/1';

let bills: Bench;
beforeAll(async () => {
  bills = await bench();
});
afterAll(() => bills[Symbol.asyncDispose]());

/** The same charges each hour of 60 days. */
function hourly(of: readonly BillRow[]): BillRow[] {
  return Array.from({ length: HOURS }, (_, hour) => {
    const [start, end] = [hour, hour + 1].map((each) => new Date(FIRST + each * HOUR_MS).toISOString());
    const month = `${start?.slice(0, 7)}-01T00:00:00Z`;
    const next = start?.startsWith('2026-09') === true ? '2026-10-01T00:00:00Z' : '2026-11-01T00:00:00Z';
    return of.map((each) =>
      row({
        ...each,
        ChargePeriodStart: start ?? '',
        ChargePeriodEnd: end ?? '',
        BillingPeriodStart: month,
        BillingPeriodEnd: next,
      }),
    );
  }).flat();
}

const MACHINE = {
  ChargeDescription: '$0.096 per On Demand Linux m5.large Instance Hour',
  PricingUnit: 'Hrs',
};
const COVERED = {
  ...MACHINE,
  CommitmentDiscountId: PLAN,
  CommitmentDiscountCategory: 'Spend',
  PricingCategory: 'Committed',
};

async function auditorWith(rows: readonly BillRow[], more: Partial<Auditor> = {}): Promise<Auditor> {
  const { lake, ledger } = await opened();
  await lake.ingest(delivery('acme', [await bills.file(rows)]), NOW, silent);
  return { ...auditorOf({ lake, ledger }, []), ...more };
}

const USAGE = hourly([
  { ...MACHINE, ResourceId: 'i-0aaa', EffectiveCost: '10', ContractedCost: '10' },
  { ...MACHINE, ResourceId: 'i-0bbb', EffectiveCost: '5', ContractedCost: '5' },
  {
    ...COVERED,
    ResourceId: 'i-0ccc',
    EffectiveCost: '0.7',
    ContractedCost: '1',
    CommitmentDiscountStatus: 'Used',
  },
  { ...COVERED, ResourceId: PLAN, EffectiveCost: '0.3', CommitmentDiscountStatus: 'Unused' },
]);
/** Bought at once: the charge period of its purchase is its term (FOCUS 1.2, commitment discount purchase, scenario 1). */
const PURCHASE = row({
  ...COVERED,
  ResourceId: PLAN,
  ChargeCategory: 'Purchase',
  ChargeFrequency: 'One-Time',
  BilledCost: '8760',
  EffectiveCost: '0',
  BillingPeriodStart: '2026-09-01T00:00:00Z',
  BillingPeriodEnd: '2026-10-01T00:00:00Z',
  ChargePeriodStart: '2026-09-01T00:00:00Z',
  ChargePeriodEnd: '2027-01-01T00:00:00Z',
});

/** What a report tells of the plan where Cost Explorer tells its end: end, and days of later purchases. */
const endAndDays = async (ends: string | null, name = 'savings plans') => {
  const auditor = await auditorWith(USAGE);
  const [source] = await auditor.lake.sources();
  await auditor.lake.putBeside(source?.sourceId ?? '', {
    name,
    takenAt: NOW.toISOString(),
    rows: [{ id: PLAN, ends, hourly: '1' }],
  });
  const { held, advice } = await commitmentReport(auditor, NOW);
  // What Cost Explorer tells of the amount has the bill's currency.
  expect(held[0]?.hourly).toEqual({ amount: '1', currency: 'USD' });
  return [held[0]?.ends, advice[0]?.schedule.map(({ at }) => at).slice(1)];
};

describe('from an hourly bill', () => {
  test('what is held, how much is covered, what to buy now and when the plan ends', async () => {
    const auditor = await auditorWith([...USAGE, PURCHASE]);
    const report = await commitmentReport(auditor, NOW);
    expect(commitmentSchema.parse(report)).toEqual(report);
    expect(report.held).toEqual([
      {
        id: PLAN,
        name: null,
        programme: 'aws-compute-savings-plan',
        provider: 'aws',
        // 1,440 hours.
        used: { amount: '1008', currency: 'USD' },
        unused: { amount: '432', currency: 'USD' },
        utilisation: '0.7',
        hourly: null,
        ends: '2027-01-01T00:00:00.000Z',
      },
    ]);
    expect(report.coverage).toEqual([
      { kind: 'aws-compute', currency: 'USD', covered: '1440', onDemand: '21600', share: '0.0625' },
    ]);
    // 15 an hour on demand at the observed 30%: 10.5; what the plan covers comes back when it ends: 0.7.
    expect(report.advice).toMatchObject([
      {
        programme: 'aws-compute-savings-plan',
        rate: { discount: '0.3', source: 'observed on covered usage of the bill' },
        schedule: [
          { hourly: { amount: '10.5' }, condition: null },
          { at: '2027-01-01', hourly: { amount: '0.7' }, condition: `if usage holds when ${PLAN} ends` },
        ],
        monthlySaving: { amount: '3240' },
        window: { start: '2026-09-01T00:00:00.000Z', end: END },
      },
    ]);
    expect(report.untold).toEqual([]);
  });

  test('a plan that is paid by the month ends when Cost Explorer says so, and one that has ended frees nothing', async () => {
    expect(await endAndDays('2027-01-01T00:00:00.000Z')).toEqual([
      '2027-01-01T00:00:00.000Z',
      ['2027-01-01'],
    ]);
    expect(await endAndDays('2027-02-01T09:00:00.000Z', 'reservations')).toEqual([
      '2027-02-01T09:00:00.000Z',
      ['2027-02-01'],
    ]);
    expect(await endAndDays(null)).toEqual([null, []]);
    expect(await endAndDays('2026-10-01T00:00:00.000Z')).toEqual(['2026-10-01T00:00:00.000Z', []]);
  });

  test('waste is no reason to commit, and what a plan spends on waste is free for other use', async () => {
    const auditor = await auditorWith(USAGE);
    const ask = async (...wasted: string[]) => {
      const waste = wasted.map((resourceId) => finding({ check: 'idle-gpu', verdict: 'IDLE', resourceId }));
      const window = { start: '2026-10-01T00:00:00.000Z', end: END, days: 30 };
      const { opportunities } = await commitmentOutlook(auditor, null, window, waste, NOW);
      const [found] = opportunities;
      return found?.monthlySaving.amount;
    };
    // (15 - 10.5) x 720; (10 - 7) x 720; (14 - 9.8) x 720.
    expect(await ask()).toBe('3240');
    expect(await ask('i-0bbb')).toBe('2160');
    expect(await ask('arn:aws:ec2:us-east-1:111122223333:instance/i-0ccc')).toBe('3024');
  });

  test('every rate of the config is tried, for the family and for all of it', async () => {
    const auditor = await auditorWith(USAGE, {
      rates: {
        'aws-ec2-instance-savings-plan': [{ term: '1y', payment: 'none', discount: '0.36' }],
        'aws-compute-savings-plan': [{ term: '1y', payment: 'none', discount: '0.28' }],
      },
    });
    const { advice, untold } = await commitmentReport(auditor, NOW);
    expect(advice.map(({ programme, schedule }) => [programme, schedule[0]?.hourly.amount])).toEqual([
      ['aws-ec2-instance-savings-plan us-east-1 m5', '9.6'],
    ]);
    expect(untold).toMatchObject([{ programme: 'aws-compute-savings-plan', notEnough: false }]);
  });

  test('a back-test over the bills held', async () => {
    const pools = await commitmentPools(await auditorWith(USAGE), NOW);
    expect(backtestPools(pools, {})).toMatchObject({
      series: [{ name: 'aws-compute-savings-plan', currency: 'USD', result: { notEnough: true } }],
    });
    expect(backtestPools(pools, { windowDays: 30 }).series[0]?.result).toMatchObject({
      discount: '0.3',
      windows: [{ onDemand: '10800', advice: { saving: '3240' }, clairvoyant: { saving: '3240' } }],
    });
  });

  test('without a bill nothing is said', async () => {
    const { lake, ledger } = await opened();
    const report = await commitmentReport(auditorOf({ lake, ledger }, []), NOW);
    expect(report).toMatchObject({ window: null, held: [], advice: [], untold: [] });
  });
});

test('a daily bill is taken as such, and says so', async () => {
  const days = Array.from({ length: 60 }, (_, day) => {
    const [start, end] = [day, day + 1].map((each) => new Date(FIRST + each * 24 * HOUR_MS).toISOString());
    return row({
      ...MACHINE,
      EffectiveCost: '240',
      ChargePeriodStart: start ?? '',
      ChargePeriodEnd: end ?? '',
    });
  });
  const auditor = await auditorWith(days, { discounts: { 'aws-compute-savings-plan': '0.3' } });
  const { advice } = await commitmentReport(auditor, NOW);
  expect(advice).toMatchObject([
    { schedule: [{ hourly: { amount: '7' } }], monthlySaving: { amount: '2160' } },
  ]);
  expect(advice[0]?.assumptions.join()).toContain('24 hours is taken as even');
});
