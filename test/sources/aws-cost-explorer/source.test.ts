import type { GetCostAndUsageResponse } from '@aws-sdk/client-cost-explorer';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal, decimal, decimalText } from '../../../lib/focus/decimal.ts';
import { deliver } from './deliver.ts';
import { costExplorerFake, day, group, page } from './fake.ts';

test('one request gives both costs of whole billing periods up to yesterday', async () => {
  await using fake = await costExplorerFake(() =>
    page([
      day('2026-10-01', [
        group('111122223333', 'Amazon Elastic Compute Cloud - Compute', '12.3456789012', '10.0000000001'),
        group('111122223333', 'Tax', '1.90'),
        group('444455556666', 'Amazon Simple Storage Service', '-0.0000000007'),
      ]),
      day('2026-11-21', [group('111122223333', 'Amazon SageMaker', '5', '4')], true),
    ]),
  );
  const { delivery, rows, own } = await deliver(fake.client);

  expect(fake.requests).toEqual([
    {
      TimePeriod: { Start: '2026-10-01', End: '2026-11-22' },
      Granularity: 'DAILY',
      Metrics: ['UnblendedCost', 'AmortizedCost'],
      GroupBy: [
        { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
        { Type: 'DIMENSION', Key: 'SERVICE' },
      ],
    },
  ]);
  expect(own).toEqual({ amount: '0.01', currency: 'USD', calls: [{ api: 'ce:GetCostAndUsage', count: 1 }] });
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
    SubAccountId: '111122223333',
    SubAccountName: 'Platform, "prod"',
    x_Estimated: 'false',
    x_InferredColumns:
      'ChargeCategory,ContractedCost,InvoiceIssuerName,ListCost,PublisherName,ServiceCategory',
  });
  expect(
    rows.map((row) => [row['ChargeCategory'], row['BilledCost'], row['x_Estimated'], row['SubAccountName']]),
  ).toEqual([
    ['Usage', '12.3456789012', 'false', 'Platform, "prod"'],
    ['Tax', '1.90', 'false', 'Platform, "prod"'],
    ['Usage', '-0.0000000007', 'false', ''],
    ['Usage', '5', 'true', 'Platform, "prod"'],
  ]);
});

test('every page is read once, in order, and paid for; a day may go on over two pages', async () => {
  const pages: Record<string, GetCostAndUsageResponse> = {
    first: page([day('2026-11-01', [group('111122223333', 'A', '1')])], 'second'),
    second: page([day('2026-11-01', [group('111122223333', 'B', '2')])], 'third'),
    third: page([day('2026-11-02', [group('111122223333', 'A', '4')])]),
  };
  await using fake = await costExplorerFake(
    ({ NextPageToken: token }) => pages[typeof token === 'string' ? token : 'first'] ?? page([]),
  );
  const { rows, own } = await deliver(fake.client);
  expect(fake.requests.map((request) => request['NextPageToken'])).toEqual([undefined, 'second', 'third']);
  expect(own).toMatchObject({ amount: '0.03', calls: [{ count: 3 }] });
  expect(rows.map((row) => row['BilledCost'])).toEqual(['1', '2', '4']);
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
    billed: amount,
    effective: amount,
  });
  const lines = fc.uniqueArray(line, {
    selector: (one) => JSON.stringify([one.day, one.account, one.service]),
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 7 }), async (all, size) => {
      const parts = Array.from({ length: Math.max(1, Math.ceil(all.length / size)) }, (_, index) =>
        all.slice(index * size, (index + 1) * size),
      );
      await using fake = await costExplorerFake((_request, index) =>
        page(
          (parts[index] ?? []).map((one) =>
            day(one.day, [group(one.account, one.service, one.billed, one.effective)]),
          ),
          index + 1 < parts.length ? `page-${index + 1}` : undefined,
        ),
      );
      const { rows, delivery } = await deliver(fake.client);
      expect(sum(rows.map((row) => row['BilledCost'] ?? ''))).toBe(sum(all.map((one) => one.billed)));
      expect(sum(rows.map((row) => row['EffectiveCost'] ?? ''))).toBe(sum(all.map((one) => one.effective)));
      expect(rows.map((row) => [row['SubAccountId'], row['ServiceName']])).toEqual(
        all.map((one) => [one.account, one.service]),
      );
      expect(delivery.files).toHaveLength(all.length === 0 ? 0 : 1);
    }),
    { numRuns: 30 },
  );
});

test('an empty account is complete, without rows, and its periods are replaced', async () => {
  await using fake = await costExplorerFake(() =>
    page([{ ...day('2026-11-01', []), Total: { UnblendedCost: { Amount: '0', Unit: 'USD' } } }]),
  );
  const { delivery } = await deliver(fake.client);
  expect(delivery).toMatchObject({
    files: [],
    periods: ['2026-10', '2026-11'],
    asOf: null,
    coverage: [{ status: 'complete', asOf: null }],
  });
});

test('days that have not arrived yet do not count as seen', async () => {
  await using fake = await costExplorerFake(() =>
    page([
      day('2026-11-19', [group('111122223333', 'A', '1')], true),
      day('2026-11-20', [], true),
      day('2026-11-21', [], true),
    ]),
  );
  expect((await deliver(fake.client)).delivery.asOf).toBe('2026-11-20T00:00:00.000Z');
});

test('a group that holds nothing, not even a currency, is left out', async () => {
  await using fake = await costExplorerFake(() =>
    page([day('2026-11-01', [group('111122223333', 'A', '0', '0', 'N/A'), group('111122223333', 'B', '0')])]),
  );
  expect((await deliver(fake.client)).rows.map((row) => row['ServiceName'])).toEqual(['B']);
});

function sum(values: string[]): string {
  return decimalText(values.reduce((total, value) => total.plus(decimal(value)), new Decimal(0)));
}
