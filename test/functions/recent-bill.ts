import { readFile } from 'node:fs/promises';
import { type BillRow, bench, row } from '../lake/bills.ts';

const DAY_MS = 86_400_000;

/** A FOCUS file with a resource's cost of the days before today, 2.40 USD each. */
export async function recentBill(resource: BillRow, now: Date, count = 3): Promise<Buffer> {
  await using bills = await bench();
  const midnight = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const days = Array.from({ length: count }, (_, at) => new Date(midnight - (count - at) * DAY_MS));
  const { path } = await bills.file(days.map((day) => ({ ...costOf(day), ...resource })));
  return await readFile(path);
}

function costOf(day: Date): BillRow {
  const month = (more: number) =>
    new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + more)).toISOString();
  return row({
    BilledCost: '2.4',
    EffectiveCost: '2.4',
    BillingPeriodStart: month(0),
    BillingPeriodEnd: month(1),
    ChargePeriodStart: day.toISOString(),
    ChargePeriodEnd: new Date(day.getTime() + DAY_MS).toISOString(),
  });
}
