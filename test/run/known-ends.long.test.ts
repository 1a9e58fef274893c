import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../../lib/estate/model.ts';
import { silent } from '../../lib/platform/progress.ts';
import type { Auditor } from '../../lib/run/auditor.ts';
import type { BudgetSettings } from '../../lib/run/budget-model.ts';
import { budgetReport } from '../../lib/run/budgets.ts';
import { endsOfCommitments } from '../../lib/run/commitment-ends.ts';
import { digestInsight } from '../../lib/run/digest-insight.ts';
import { forecastReport } from '../../lib/run/forecast.ts';
import { knownEnds, knownEvents } from '../../lib/run/known-events.ts';
import { type Bench, type BillRow, bench, delivery, row } from '../lake/bills.ts';
import { auditorOf, machine, opened } from './auditor.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.parse('2026-07-01T00:00:00Z');
/** Bills end with October. */
const DAYS = 123;
const NOW = new Date('2026-11-04T00:00:00Z');
const PLAN = 'arn:aws:savingsplans::111122223333:savingsplan/1';

let bills: Bench;
beforeAll(async () => {
  bills = await bench();
});
afterAll(() => bills[Symbol.asyncDispose]());

const month = (at: number, more: number) => {
  const day = new Date(at);
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + more, 1)).toISOString();
};

/** The same charges each day: 360 on demand, and a plan that covers 24 for 16.8 and leaves 2.4 unused. */
async function auditorWith(contracted: string): Promise<Auditor> {
  const plan = {
    CommitmentDiscountId: PLAN,
    CommitmentDiscountCategory: 'Spend',
    PricingCategory: 'Committed',
  };
  const charges: BillRow[] = [
    { ResourceId: 'i-0aaa', EffectiveCost: '360', ContractedCost: '360' },
    {
      ...plan,
      ResourceId: 'i-0bbb',
      EffectiveCost: '16.8',
      ContractedCost: contracted,
      CommitmentDiscountStatus: 'Used',
    },
    { ...plan, ResourceId: PLAN, EffectiveCost: '2.4', CommitmentDiscountStatus: 'Unused' },
  ];
  const rows = Array.from({ length: DAYS }, (_, day) => FIRST + day * DAY_MS).flatMap((at) =>
    charges.map((each) =>
      row({
        ...each,
        ChargePeriodStart: new Date(at).toISOString(),
        ChargePeriodEnd: new Date(at + DAY_MS).toISOString(),
        BillingPeriodStart: month(at, 0),
        BillingPeriodEnd: month(at, 1),
      }),
    ),
  );
  const { lake, ledger } = await opened();
  await lake.ingest(delivery('acme', [await bills.file(rows)]), NOW, silent);
  return auditorOf({ lake, ledger }, []);
}

const ending = async (auditor: Auditor, ends: string | null) => {
  const [source] = await auditor.lake.sources();
  await auditor.lake.putBeside(source?.sourceId ?? '', {
    name: 'savings plans',
    takenAt: NOW.toISOString(),
    rows: [{ id: PLAN, ends, hourly: '0.8' }],
  });
};

const BUDGET: BudgetSettings = {
  name: 'all',
  period: 'month',
  amount: { USD: '11450' },
  tiers: [],
  forecast: true,
  throttle: 'advice',
};

test('when a plan ends, the forecast, the budget and the digest all know it', async () => {
  const auditor = await auditorWith('24');
  await ending(auditor, '2026-11-11T00:00:00.000Z');
  const events = await knownEvents(auditor, null, NOW);
  // 24 instead of 16.8 and 2.4.
  expect(events).toEqual([
    { at: '2026-11-11T00:00:00.000Z', perStep: 4.8, what: `the end of ${PLAN}`, currency: 'USD' },
  ]);
  const { totals } = await forecastReport(auditor, { by: [], sources: null, events }, {}, NOW);
  // November alone, though its bills reach to October: 30 days of 379.2, and 20 of 4.8.
  const total = { amount: '11472', currency: 'USD' };
  expect(totals[0]?.periods[0]).toMatchObject({ period: 'month', actual: { amount: '0' }, total });
  expect(totals[0]?.notes.join()).toContain(`From 2026-11-11 on: the end of ${PLAN}.`);
  const settings = { budgets: [BUDGET], rates: null, dimensions: {} };
  const { rows } = await budgetReport(auditor, settings, null, NOW);
  const november = rows.find(({ start }) => start.startsWith('2026-11'));
  expect(november?.outlook?.total).toEqual(total);
  expect(november?.outlook?.probability).toBeGreaterThan(0.9);
  const narrow = { ...BUDGET, where: { account: ['111122223333'] } };
  const part = await budgetReport(auditor, { ...settings, budgets: [narrow] }, null, NOW);
  const narrowed = part.rows.find(({ start }) => start.startsWith('2026-11'));
  // Which part of the end is its own nobody tells: 30 days of 379.2.
  expect(narrowed?.outlook?.total).toEqual({ amount: '11376', currency: 'USD' });
  const period = { start: '2026-10-01T00:00:00.000Z', end: '2026-11-01T00:00:00.000Z' };
  const former = { start: '2026-09-01T00:00:00.000Z', end: '2026-10-01T00:00:00.000Z' };
  const nothing = { window: null, held: [], coverage: [], advice: [], untold: [] };
  const { forecasts } = await digestInsight(auditor, { period, former }, nothing, null, NOW);
  expect(forecasts[0]?.month?.total).toEqual(total);
});

const committed = (name: string, numericId: string, more: Record<string, Json> = {}, state = 'ACTIVE') => ({
  ...machine({ provider: 'gcp', accountId: 'p', region: 'us-central1' }, name),
  provider: 'gcp' as const,
  type: 'gcp:compute:commitment',
  id: `//compute.googleapis.com/projects/p/regions/us-central1/commitments/${name}`,
  name,
  state,
  attributes: { numericId, ends: '2027-02-01T08:00:00.000Z', autoRenew: false, ...more },
});

test('a commitment of Google ends when Compute Engine says so, and one that renews itself does not', async () => {
  const { lake } = await opened();
  await lake.putSnapshot({
    schemaVersion: 2,
    scope: { provider: 'gcp', accountId: 'p', region: 'global' },
    takenAt: NOW.toISOString(),
    resources: [
      committed('n2', '71'),
      committed('renewed', '72', { autoRenew: true }),
      committed('over', '73', {}, 'EXPIRED'),
      // Of one name with another of another region: by its number alone.
      { ...committed('twice', '74'), id: 'a' },
      { ...committed('twice', '75'), id: 'b' },
    ],
    telemetry: [],
    vectorIndexes: [],
    coverage: [],
  });
  const ends = await endsOfCommitments({ lake }, null, NOW.toISOString());
  expect([...ends.keys()].toSorted()).toEqual(
    [
      '//compute.googleapis.com/projects/p/regions/us-central1/commitments/n2',
      '71',
      '74',
      '75',
      'a',
      'b',
      'n2',
    ].toSorted(),
  );
  expect(new Set(ends.values())).toEqual(new Set(['2027-02-01T08:00:00.000Z']));
});

test('what has ended, tells no end, or has no price is no event', async () => {
  const auditor = await auditorWith('24');
  expect(await knownEnds(auditor, null, NOW)).toEqual([]);
  await ending(auditor, null);
  expect(await knownEnds(auditor, null, NOW)).toEqual([]);
  await ending(auditor, '2026-10-20T00:00:00.000Z');
  expect(await knownEnds(auditor, null, NOW)).toEqual([]);
  const unpriced = await auditorWith('0');
  await ending(unpriced, '2026-11-11T00:00:00.000Z');
  expect(await knownEnds(unpriced, null, NOW)).toEqual([]);
});
