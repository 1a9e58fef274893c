import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Decimal } from '../../lib/focus/decimal.ts';
import { openLake } from '../../lib/lake/lake.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { anomalyReport } from '../../lib/run/anomalies.ts';
import { explained } from '../../lib/run/anomaly-causes.ts';
import { type BillRow, bench, delivery, row } from '../lake/bills.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const DAY = 86_400_000;
const START = Date.parse('2026-06-01T00:00:00Z');
/** 2026-11-11, and a day later on which the bill charges nothing at all: nobody knows what it cost. */
const SERVICE_BEGINS = 163;
const MISSING = 166;

function charges(): BillRow[] {
  return Array.from({ length: 171 }, (_, at): BillRow[] => {
    const start = new Date(START + at * DAY).toISOString();
    const charge = (ServiceName: string, amount: string) =>
      row({
        BilledCost: amount,
        EffectiveCost: amount,
        BillingPeriodStart: `${start.slice(0, 7)}-01T00:00:00Z`,
        BillingPeriodEnd: new Date(
          Date.UTC(Number(start.slice(0, 4)), Number(start.slice(5, 7)), 1),
        ).toISOString(),
        ChargePeriodStart: start,
        ChargePeriodEnd: new Date(START + (at + 1) * DAY).toISOString(),
        SubAccountId: '1',
        ServiceName,
      });
    if (at === MISSING) return [];
    return [charge('Search', '100'), ...(at >= SERVICE_BEGINS ? [charge('Vectors', '40')] : [])];
  }).flat();
}

test('a day that the bill leaves out makes the month of an anomaly no cheaper', async () => {
  await using bills = await bench();
  await using lake = await openLake({
    store: folderStore(join(bills.folder, 'lake')),
    workDir: join(bills.folder, 'work'),
    memoryMiB: 256,
    dimensions: {},
  });
  await lake.ingest(delivery('acme', [await bills.file(charges())]), NOW, silent);
  const asked = { days: 30, minimum: 10, sources: null };
  const { rows } = await anomalyReport({ lake, ownerOf: () => null }, asked, NOW);
  const begun = rows.find(({ key }) => key['service'] === 'Vectors');
  // A week of which six days are known: 240, which is 40 a day, in a month of 30 days.
  expect(begun).toMatchObject({
    kind: 'new',
    first: '2026-11-11',
    last: '2026-11-17',
    actual: { amount: '240' },
    impact: { amount: '1200' },
  });
  expect(new Decimal(begun?.effect.amount ?? 0).toNumber()).toBe(240);
});

/** A bill that begins on 1 October: 24 days of 100, then 150 on each. */
function risen(days: number): BillRow[] {
  const first = Date.parse('2026-10-01T00:00:00Z');
  return Array.from({ length: days }, (_, at) => {
    const amount = at < 24 ? '100' : '150';
    const start = new Date(first + at * DAY).toISOString();
    const month = start.slice(0, 7);
    return row({
      BilledCost: amount,
      EffectiveCost: amount,
      BillingPeriodStart: `${month}-01T00:00:00Z`,
      BillingPeriodEnd: month === '2026-10' ? '2026-11-01T00:00:00Z' : '2026-12-01T00:00:00Z',
      ChargePeriodStart: start,
      ChargePeriodEnd: new Date(first + (at + 1) * DAY).toISOString(),
      SubAccountId: '1',
    });
  });
}

test('what an anomaly is set against begins no earlier than the bill does', async () => {
  await using bills = await bench();
  await using lake = await openLake({
    store: folderStore(join(bills.folder, 'lake')),
    workDir: join(bills.folder, 'work'),
    memoryMiB: 256,
    dimensions: {},
  });
  await lake.ingest(delivery('acme', [await bills.file(risen(51))]), NOW, silent);
  const anomaly = {
    kind: 'step up',
    first: '2026-10-25T00:00:00.000Z',
    last: '2026-11-19T00:00:00.000Z',
    caught: '2026-11-19T00:00:00.000Z',
    actual: 3900,
    expected: 2600,
    judged: { start: '2026-10-25T00:00:00.000Z', value: 3900, low: 2500, mean: 2600, high: 2700 },
    deviations: 9,
    open: true,
  } as const;
  const why = async (first: string) => {
    const known = Date.parse('2026-10-01T00:00:00Z');
    const placed = { key: { account: '1' }, source: 'acme', currency: 'USD', anomaly: { ...anomaly, first } };
    const [told] = await explained([{ ...placed, known }], { lake, ownerOf: () => null }, null);
    return [told?.against?.start, told?.against?.end, Number(told?.against?.difference.amount)];
  };
  // Three whole weeks of the bill lie before it, and it goes on for 26 days: of 21 each costs 50 more.
  expect(await why(anomaly.first)).toEqual(['2026-10-04', '2026-10-25', 1050]);
  // All of its days, where as many lie before it.
  expect(await why('2026-11-12T00:00:00.000Z')).toEqual(['2026-10-29', '2026-11-06', 0]);
});
