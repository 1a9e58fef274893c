import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Front, openFront } from '../../counterparts/bigquery.front.ts';
import { collect, costs, lakeOf, sourceOf } from './deliver.ts';
import { DETAILED, usage } from './export.ts';
import { tableOf } from './tables.ts';

let front: Front;
beforeEach(async () => {
  front = await openFront(inject('bigqueryUrl'));
});
afterEach(() => front.close());

const emulator = () => inject('bigqueryUrl');

describe('the detailed export', () => {
  test('becomes rows by invoice month, net of credits, to the last decimal', async () => {
    const table = await tableOf(emulator(), 'net', DETAILED, [
      usage({ cost: 0.1 }),
      usage({ cost: 0.2, credits: [{ name: 'Free', amount: -0.05, type: 'FREE_TIER', id: 'free' }] }),
      usage({ cost: 1e-7, sku: { id: 'AAAA', description: 'Storage' } }),
      // Usage of 1 August (UTC) that Google invoices in July, and a day that is August's.
      usage({
        cost: 7,
        usage_start_time: '2026-08-01T05:00:00Z',
        usage_end_time: '2026-08-01T06:00:00Z',
        export_time: '2026-08-01T09:00:00Z',
      }),
      usage({
        cost: 3.25,
        invoice: { month: '202608' },
        usage_start_time: '2026-08-02T05:00:00Z',
        usage_end_time: '2026-08-02T06:00:00Z',
        export_time: '2026-08-02T09:00:00Z',
      }),
    ]);
    const lake = await lakeOf();
    const run = await collect(sourceOf(front.url, table), lake);
    expect(run.coverage).toEqual([
      { scope: 'bill:gcp', status: 'complete', reason: null, asOf: '2026-08-02T09:00:00.000000Z' },
    ]);
    expect(
      run.reports.flatMap(({ periods }) => periods.map(({ period, totals }) => [period, totals])),
    ).toEqual([
      ['2026-08', [{ provider: 'Google Cloud', currency: 'USD', billed: '3.25', effective: '3.25' }]],
      [
        '2026-07',
        [{ provider: 'Google Cloud', currency: 'USD', billed: '7.2500001', effective: '7.2500001' }],
      ],
    ]);
    // The two hours of the machine are one row of their day; the credit belongs to it.
    expect(
      await costs(
        lake,
        'BilledCost, x_CostBeforeCredits, x_Credits, ChargePeriodStart, ChargePeriodEnd',
        "WHERE SkuId = '2E27-4F75-95CD' AND BilledCost < 1",
      ),
    ).toEqual([
      {
        BilledCost: '0.25',
        x_CostBeforeCredits: '0.3',
        x_Credits: '-0.05',
        ChargePeriodStart: '2026-07-02T00:00:00.000Z',
        ChargePeriodEnd: '2026-07-03T00:00:00.000Z',
      },
    ]);
  });
});
