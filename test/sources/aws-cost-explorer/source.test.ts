import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Decimal, decimal, decimalText } from '../../../lib/focus/decimal.ts';
import { groupOf } from '../../../lib/sources/aws-cost-explorer/record-types.ts';
import { answersOf } from './bill.ts';
import { deliver } from './deliver.ts';
import { costExplorerFake } from './fake.ts';

const KEYS = [
  { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
  { Type: 'DIMENSION', Key: 'SERVICE' },
];

const typesOf = (...Values: string[]) => ({ Dimensions: { Key: 'RECORD_TYPE', Values } });
const nameOf = (parts: readonly (string | undefined)[]) => JSON.stringify(parts);

test('the total, the record types and one query a group of them give both costs of whole periods up to yesterday', async () => {
  await using fake = await costExplorerFake(
    answersOf([
      {
        day: '2026-10-01',
        service: 'Amazon Elastic Compute Cloud - Compute',
        billed: '12.3456789012',
        effective: '10.0000000001',
      },
      { day: '2026-10-01', service: 'Tax', type: 'Tax', billed: '1.90' },
      {
        day: '2026-10-01',
        account: '444455556666',
        service: 'Amazon Simple Storage Service',
        billed: '-0.0000000007',
      },
      { day: '2026-11-21', service: 'Amazon SageMaker', billed: '5', effective: '4', estimated: true },
    ]),
  );
  const { delivery, rows, own } = await deliver(fake.client);

  const asked = {
    TimePeriod: { Start: '2026-10-01', End: '2026-11-22' },
    Granularity: 'DAILY',
    Metrics: ['UnblendedCost', 'AmortizedCost'],
  };
  expect(fake.requests).toEqual([
    asked,
    { ...asked, GroupBy: [{ Type: 'DIMENSION', Key: 'RECORD_TYPE' }] },
    { ...asked, GroupBy: KEYS, Filter: typesOf('Usage') },
    { ...asked, GroupBy: KEYS, Filter: typesOf('Tax') },
  ]);
  expect(own).toEqual({ amount: '0.04', currency: 'USD', calls: [{ api: 'ce:GetCostAndUsage', count: 4 }] });
  expect(delivery).toMatchObject({
    sourceId: 'aws-api',
    sourceType: 'aws-cost-explorer',
    grain: 'account-service',
    periods: ['2026-10', '2026-11'],
    asOf: '2026-11-22T00:00:00.000Z',
    coverage: [{ scope: 'bill:aws-api', status: 'complete', reason: null, asOf: '2026-11-22T00:00:00.000Z' }],
  });
  expect(rows).toHaveLength(4);
  expect(rows[0]).toEqual({
    BilledCost: '12.3456789012',
    BillingAccountId: '999900001111',
    BillingCurrency: 'USD',
    BillingPeriodEnd: '2026-11-01T00:00:00Z',
    BillingPeriodStart: '2026-10-01T00:00:00Z',
    ChargeCategory: 'Usage',
    ChargeClass: '',
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: '2026-10-02T00:00:00Z',
    ChargePeriodStart: '2026-10-01T00:00:00Z',
    ContractedCost: '12.3456789012',
    EffectiveCost: '10.0000000001',
    InvoiceIssuerName: 'AWS',
    ListCost: '12.3456789012',
    ProviderName: 'AWS',
    PublisherName: 'AWS',
    ServiceCategory: 'Other',
    ServiceName: 'Amazon Elastic Compute Cloud - Compute',
    ServiceSubcategory: 'Other (Other)',
    SubAccountId: '111122223333',
    SubAccountName: 'Platform, "prod"',
    x_Estimated: 'false',
    x_InferredColumns:
      'ChargeFrequency,ContractedCost,InvoiceIssuerName,ListCost,PublisherName,ServiceCategory,ServiceSubcategory',
  });
  expect(
    rows.map((row) => [row['ChargeCategory'], row['BilledCost'], row['x_Estimated'], row['SubAccountName']]),
  ).toEqual([
    ['Usage', '12.3456789012', 'false', 'Platform, "prod"'],
    ['Usage', '-0.0000000007', 'false', ''],
    ['Usage', '5', 'true', 'Platform, "prod"'],
    ['Tax', '1.9', 'false', 'Platform, "prod"'],
  ]);
});

test('every record type is one kind of charge, and what nobody knows is an adjustment', async () => {
  const types = [
    'Usage',
    'DiscountedUsage',
    'SavingsPlanCoveredUsage',
    'SavingsPlanNegation',
    'Fee',
    'RIFee',
    'SavingsPlanRecurringFee',
    'SavingsPlanUpfrontFee',
    'Tax',
    'Credit',
    'Refund',
    'Enterprise Discount Program Discount',
    'Something new',
  ];
  await using fake = await costExplorerFake(
    answersOf(
      types.map((type, at) => ({ day: '2026-11-02', service: `S${at}`, type, billed: String(at + 1) })),
    ),
  );
  const { rows } = await deliver(fake.client);
  expect(rows.map((row) => [row['ServiceName'], row['ChargeCategory'], row['ChargeClass']])).toEqual([
    ...[0, 1, 2, 3].map((at) => [`S${at}`, 'Usage', '']),
    ...[4, 5, 6, 7].map((at) => [`S${at}`, 'Purchase', '']),
    ['S8', 'Tax', ''],
    ['S9', 'Credit', ''],
    ['S10', 'Adjustment', 'Correction'],
    ['S11', 'Adjustment', ''],
    ['S12', 'Adjustment', ''],
  ]);
  // No type was asked for twice, and none was left out.
  const filters = fake.requests.flatMap(
    (request) => filterSchema.parse(request).Filter?.Dimensions.Values ?? [],
  );
  expect(filters.toSorted()).toEqual(types.toSorted());
});

const filterSchema = z.object({
  Filter: z.object({ Dimensions: z.object({ Values: z.array(z.string()) }) }).optional(),
});

test('every page is read once, in order, and paid for; a day may go on over two pages', async () => {
  const entries = ['A', 'B', 'C', 'D', 'E'].map((service, at) => ({
    day: at < 3 ? '2026-11-01' : '2026-11-02',
    service,
    billed: String(2 ** at),
  }));
  await using fake = await costExplorerFake(answersOf(entries, 2));
  const { rows, own } = await deliver(fake.client);
  expect(fake.requests.slice(2).map((request) => request['NextPageToken'])).toEqual([
    undefined,
    'from 2',
    'from 4',
  ]);
  expect(own).toMatchObject({ amount: '0.05', calls: [{ count: 5 }] });
  expect(rows.map((row) => row['BilledCost'])).toEqual(['1', '2', '4', '8', '16']);
});

test('what any answer holds is what the rows add up to, whatever its names and signs', async () => {
  const amount = fc
    .tuple(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), fc.integer({ min: 0, max: 18 }))
    .map(([digits, places]) => decimalText(new Decimal(digits.toString()).div(new Decimal(10).pow(places))));
  const line = fc.record({
    day: fc.integer({ min: 1, max: 21 }).map((n) => `2026-11-${String(n).padStart(2, '0')}`),
    account: fc.constantFrom('000000000001', '111122223333', '444455556666'),
    service: fc.oneof(
      fc.constantFrom('Tax', 'a,b', 'say "hi"', 'two\nlines', "=cmd|' /C calc'!A0"),
      fc.string({ minLength: 1 }),
    ),
    type: fc.constantFrom('Usage', 'SavingsPlanNegation', 'RIFee', 'Tax', 'Credit', 'Refund', 'Odd Discount'),
    billed: amount,
    effective: amount,
  });
  const lines = fc.uniqueArray(line, {
    selector: (one) => JSON.stringify([one.day, one.account, one.service, groupOf(one.type).name]),
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 7 }), async (all, size) => {
      await using fake = await costExplorerFake(answersOf(all, size));
      const { rows, delivery } = await deliver(fake.client);
      expect(sum(rows.map((row) => row['BilledCost'] ?? ''))).toBe(sum(all.map((one) => one.billed)));
      expect(sum(rows.map((row) => row['EffectiveCost'] ?? ''))).toBe(sum(all.map((one) => one.effective)));
      expect(
        rows
          .map((row) =>
            nameOf([row['SubAccountId'], row['ServiceName'], row['ChargeCategory'], row['BilledCost']]),
          )
          .toSorted(),
      ).toEqual(
        all
          .map((one) => nameOf([one.account, one.service, groupOf(one.type).chargeCategory, one.billed]))
          .toSorted(),
      );
      expect(delivery.files).toHaveLength(all.length === 0 ? 0 : 1);
    }),
    { numRuns: 30 },
  );
});

test('an empty account is complete, without rows, and its periods are replaced', async () => {
  await using fake = await costExplorerFake(answersOf([]));
  const { delivery, own } = await deliver(fake.client);
  expect(delivery).toMatchObject({
    files: [],
    periods: ['2026-10', '2026-11'],
    asOf: null,
    coverage: [{ status: 'complete', asOf: null }],
  });
  expect(own.amount).toBe('0.02');
});

test('days that have not arrived yet do not count as seen', async () => {
  await using fake = await costExplorerFake(answersOf([{ day: '2026-11-19', billed: '1', estimated: true }]));
  expect((await deliver(fake.client)).delivery.asOf).toBe('2026-11-20T00:00:00.000Z');
});

test('a group that holds nothing, not even a currency, is left out', async () => {
  await using fake = await costExplorerFake(
    answersOf([
      { day: '2026-11-01', service: 'A', billed: '0', unit: 'N/A' },
      { day: '2026-11-01', service: 'B', billed: '0' },
    ]),
  );
  expect((await deliver(fake.client)).rows.map((row) => row['ServiceName'])).toEqual(['B']);
});

const HELD = { asOf: null, ingestedAt: '2026-11-21T00:00:00Z' };

test('a settled period is asked once more after it settled, and then never again', async () => {
  await using fake = await costExplorerFake(
    answersOf([
      { day: '2026-10-02', billed: '1' },
      { day: '2026-11-02', billed: '2' },
    ]),
  );
  const first = await deliver(fake.client, { months: 3 });
  expect(fake.requests.map(({ TimePeriod }) => TimePeriod)).toEqual([
    ...Array.from({ length: 3 }, () => ({ Start: '2026-10-01', End: '2026-11-22' })),
    ...Array.from({ length: 2 }, () => ({ Start: '2026-09-01', End: '2026-10-01' })),
  ]);
  expect(first.delivery.periods).toEqual(['2026-09', '2026-10', '2026-11']);
  const held = { ...HELD, fingerprints: first.delivery.fingerprints ?? {} };

  const before = fake.requests.length;
  const second = await deliver(fake.client, { months: 3, held });
  expect(new Set(fake.requests.slice(before).map(({ TimePeriod }) => JSON.stringify(TimePeriod)))).toEqual(
    new Set([JSON.stringify({ Start: '2026-11-01', End: '2026-11-22' })]),
  );
  expect(second.delivery.periods).toEqual(['2026-11']);
  expect(second.rows.map((row) => row['BilledCost'])).toEqual(['2']);
  expect(second.own.amount).toBe('0.03');
});

test('a closed period is asked again on the days when it may have changed, and not between them', async () => {
  await using fake = await costExplorerFake(answersOf([{ day: '2026-10-30', billed: '1' }]));
  const fingerprints: Record<string, string> = {};
  const asked: number[] = [];
  for (let day = 1; day <= 20; day += 1) {
    const now = `2026-11-${String(day).padStart(2, '0')}T06:00:00Z`;
    const { delivery } = await deliver(fake.client, { now, held: { ...HELD, fingerprints } });
    Object.assign(fingerprints, delivery.fingerprints);
    if (delivery.periods.includes('2026-10')) asked.push(day);
    expect(delivery.periods.includes('2026-11')).toBe(day > 1);
  }
  expect(asked).toEqual([1, 2, 3, 4, 6, 10, 15]);
});

test('the ceiling ends the run before the page that would break it; the newest periods are kept', async () => {
  const entries = ['2026-08-02', '2026-09-02', '2026-10-02', '2026-11-02'].map((day) => ({
    day,
    billed: '1',
  }));
  await using fake = await costExplorerFake(answersOf(entries));
  // Three pages for the newest two periods, three for September; two more are not enough for August.
  const { delivery, rows, own } = await deliver(fake.client, { months: 4, ceiling: '0.08' });
  expect(own.amount).toBe('0.08');
  expect(delivery.periods).toEqual(['2026-09', '2026-10', '2026-11']);
  expect(Object.keys(delivery.fingerprints ?? {}).toSorted()).toEqual(delivery.periods);
  expect(rows).toHaveLength(3);
  expect(delivery.coverage).toMatchObject([
    { status: 'partial', reason: expect.stringMatching(/^2026-08 not read: .*ceiling of 0\.08 USD/) },
  ]);
  await expect(deliver(fake.client, { months: 4, ceiling: '0.02' })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('ceiling of 0.02 USD'),
  });
});

function sum(values: string[]): string {
  return decimalText(values.reduce((total, value) => total.plus(decimal(value)), new Decimal(0)));
}
