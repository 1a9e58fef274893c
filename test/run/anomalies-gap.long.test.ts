import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Decimal } from '../../lib/focus/decimal.ts';
import { openLake } from '../../lib/lake/lake.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { anomalyReport } from '../../lib/run/anomalies.ts';
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
