import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery, FocusFile } from '../../lib/sources/model.ts';

const HEADER = [
  'BillingAccountId',
  'SubAccountId',
  'ProviderName',
  'ServiceName',
  'ServiceCategory',
  'ChargeCategory',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'RegionId',
  'Tags',
  'BillingCurrency',
  'BilledCost',
  'EffectiveCost',
  'BillingPeriodStart',
  'BillingPeriodEnd',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'CommitmentDiscountId',
  'CommitmentDiscountStatus',
  'PricingCategory',
  'PricingUnit',
] as const;

const BEYOND = [
  'ChargeClass',
  'ChargeFrequency',
  'ContractedCost',
  'ConsumedQuantity',
  'ConsumedUnit',
  'CommitmentDiscountCategory',
  'ListUnitPrice',
  'PricingQuantity',
  'SkuId',
  'ChargeDescription',
  'SkuPriceDetails',
  'SubAccountName',
  'SkuMeter',
] as const;

/** Columns beyond the header are written where a row has them. */
export type BillRow = Partial<
  Record<(typeof HEADER)[number] | (typeof BEYOND)[number] | `x_${string}`, string>
>;

/** A day of one instance in November 2026, with what the test says of it. */
export function row(more: BillRow = {}): BillRow {
  return {
    BillingAccountId: '999900001111',
    SubAccountId: '111122223333',
    ProviderName: 'AWS',
    ServiceName: 'Amazon Elastic Compute Cloud',
    ServiceCategory: 'Compute',
    ChargeCategory: 'Usage',
    ResourceId: 'i-0abc',
    RegionId: 'us-east-1',
    BillingCurrency: 'USD',
    BilledCost: '1.5',
    EffectiveCost: '1.25',
    BillingPeriodStart: '2026-11-01T00:00:00Z',
    BillingPeriodEnd: '2026-12-01T00:00:00Z',
    ChargePeriodStart: '2026-11-05T00:00:00Z',
    ChargePeriodEnd: '2026-11-06T00:00:00Z',
    PricingCategory: 'Standard',
    ...more,
  };
}

/** The row in another billing period: `2026-10`, on its fifth day. */
export function inMonth(month: string, more: BillRow = {}): BillRow {
  const [year, number] = month.split('-').map(Number);
  const end = new Date(Date.UTC(year ?? 0, number ?? 1, 1)).toISOString();
  return row({
    BillingPeriodStart: `${month}-01T00:00:00Z`,
    BillingPeriodEnd: end,
    ChargePeriodStart: `${month}-05T00:00:00Z`,
    ChargePeriodEnd: `${month}-06T00:00:00Z`,
    ...more,
  });
}

export interface Bench extends AsyncDisposable {
  readonly folder: string;
  file(rows: readonly BillRow[]): Promise<FocusFile>;
}

/** A temporary folder in which bills are written. */
export async function bench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-lake-'));
  let count = 0;
  return {
    folder,
    async file(rows) {
      const path = join(folder, `bill-${count++}.csv`);
      const columns = [...new Set([...HEADER, ...rows.flatMap((each) => Object.keys(each))])];
      const lines = rows.map((each) =>
        columns.map((column) => quoted(new Map(Object.entries(each)).get(column) ?? '')),
      );
      await writeFile(path, [columns, ...lines].map((cells) => `${cells.join(',')}\n`).join(''));
      return { path, shownAs: path, format: 'csv' };
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function delivery(
  sourceId: string,
  files: readonly FocusFile[],
  more: Partial<Delivery> = {},
): Delivery {
  return {
    sourceId,
    sourceType: 'focus-file',
    grain: 'resource',
    files,
    periods: [],
    skipped: [],
    asOf: null,
    coverage: [],
    ...more,
  };
}
