import { array, assert, asyncProperty, constantFrom, integer, oneof, record, uuid } from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal, decimalText } from '../../../../lib/focus/decimal.ts';
import { cases } from '../../../deep.ts';
import type { Row } from '../fixtures.ts';
import { focusOf, type Line, lines, SPELLINGS } from './reports.ts';

const CURRENCIES = ['USD', 'EUR'] as const;

/** An amount of up to ten places, as reports have them. */
const amount = (most: number) =>
  integer({ min: 0, max: most }).chain((whole) =>
    integer({ min: 0, max: 10 ** 9 }).map(
      (places) => new Decimal(`${whole}.${String(places).padStart(10, '0')}`),
    ),
  );

const other = record({
  type: constantFrom(
    'Usage',
    'Tax',
    'Credit',
    'Refund',
    'Fee',
    'EdpDiscount',
    'BundledDiscount',
    'SomethingNew',
  ),
  cost: amount(1000),
  sign: constantFrom(1, -1),
  currency: constantFrom(...CURRENCIES),
}).map(({ type, cost, sign, currency }) => [
  {
    line_item_line_item_type: type,
    line_item_unblended_cost: cost.times(sign).toFixed(),
    line_item_currency_code: currency,
  },
]);

/** One whole term of a savings plan: an upfront part, hours that each use some of the commitment. */
const plan = record({
  id: uuid(),
  hours: array(record({ used: integer({ min: 0, max: 1000 }), onDemand: amount(5) }), {
    minLength: 1,
    maxLength: 6,
  }),
  hourly: integer({ min: 1, max: 10 ** 9 }).map((units) => new Decimal(units).div(10 ** 7)),
  upfrontShare: constantFrom(0, 500, 1000),
}).map(({ id, hours, hourly, upfrontShare }): Line[] => {
  const arn = `arn:aws:savingsplans::111122223333:savingsplan/${id}`;
  const recurring = hourly.times(1000 - upfrontShare).div(1000);
  const upfront = hourly.minus(recurring).times(hours.length);
  const base = { savings_plan_savings_plan_a_r_n: arn, line_item_resource_id: '' };
  return [
    ...(upfrontShare === 0
      ? []
      : [
          {
            ...base,
            line_item_line_item_type: 'SavingsPlanUpfrontFee',
            line_item_unblended_cost: upfront.toFixed(),
          },
        ]),
    ...hours.flatMap(({ used: share, onDemand }) => {
      const used = hourly.times(share).div(1000);
      return [
        {
          ...base,
          line_item_line_item_type: 'SavingsPlanRecurringFee',
          line_item_unblended_cost: recurring.toFixed(),
          savings_plan_total_commitment_to_date: hourly.toFixed(),
          savings_plan_used_commitment: used.toFixed(),
        },
        {
          ...base,
          line_item_line_item_type: 'SavingsPlanCoveredUsage',
          line_item_unblended_cost: onDemand.toFixed(),
          savings_plan_savings_plan_effective_cost: used.toFixed(),
        },
        {
          ...base,
          line_item_line_item_type: 'SavingsPlanNegation',
          line_item_unblended_cost: onDemand.negated().toFixed(),
        },
      ];
    }),
  ];
});

/** One whole term of a reservation in a few months. */
const reservation = record({
  id: uuid(),
  months: array(integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 }),
  monthly: integer({ min: 1, max: 10 ** 8 }).map((units) => new Decimal(units).div(10 ** 4)),
  upfrontShare: constantFrom(0, 50, 100),
}).map(({ id, months, monthly, upfrontShare }): Line[] => {
  const base = { reservation_reservation_a_r_n: `arn:aws:ec2:eu-central-1:1:reserved-instances/${id}` };
  const upfront = monthly.times(upfrontShare).div(100);
  const recurring = monthly.minus(upfront);
  return [
    ...(upfrontShare === 0
      ? []
      : [
          {
            ...base,
            line_item_line_item_type: 'Fee',
            line_item_unblended_cost: upfront.times(months.length).toFixed(),
          },
        ]),
    ...months.flatMap((used) => [
      {
        ...base,
        line_item_line_item_type: 'RIFee',
        line_item_unblended_cost: recurring.toFixed(),
        reservation_unused_amortized_upfront_fee_for_billing_period: upfront
          .times(100 - used)
          .div(100)
          .toFixed(),
        reservation_unused_recurring_fee: recurring
          .times(100 - used)
          .div(100)
          .toFixed(),
      },
      {
        ...base,
        line_item_line_item_type: 'DiscountedUsage',
        line_item_unblended_cost: '0',
        reservation_effective_cost: monthly.times(used).div(100).toFixed(),
      },
    ]),
  ];
});

const sum = (values: readonly Decimal[]): string =>
  decimalText(values.reduce((total, value) => total.plus(value), new Decimal(0)));
const of = (rows: readonly Row[], column: string): string =>
  sum(rows.map((row) => new Decimal(String(row[column]))));

test('random reports: what is billed stays, and over whole terms what is effective equals it', async () => {
  await assert(
    asyncProperty(
      array(oneof(other, plan, reservation), { minLength: 1, maxLength: 40, size: 'max' }),
      constantFrom(...SPELLINGS),
      async (groups, spelling) => {
        const report = lines(...groups.flat());
        const { rows, rejects, rowsIn, rowsKept } = await focusOf(report, spelling);
        expect(rejects).toEqual([]);
        expect(rowsIn).toBe(rowsKept);
        for (const currency of CURRENCIES) {
          const inIt = rows.filter((row) => row['BillingCurrency'] === currency);
          const billed = report.filter((line) => line['line_item_currency_code'] === currency);
          expect(of(inIt, 'BilledCost')).toBe(
            sum(billed.map((line) => new Decimal(line['line_item_unblended_cost'] ?? ''))),
          );
          expect(of(inIt, 'EffectiveCost')).toBe(of(inIt, 'BilledCost'));
        }
        const commitments = Map.groupBy(
          rows.filter((row) => row['CommitmentDiscountId'] !== null),
          (row) => row['CommitmentDiscountId'],
        );
        for (const own of commitments.values()) {
          const usage = own.filter((row) => row['ChargeCategory'] === 'Usage');
          const purchases = own.filter((row) => row['ChargeCategory'] === 'Purchase');
          expect(of(usage, 'EffectiveCost')).toBe(of(purchases, 'BilledCost'));
          expect(usage.map((row) => row['CommitmentDiscountStatus'])).not.toContain(null);
          expect(purchases.every((row) => row['CommitmentDiscountStatus'] === null)).toBe(true);
          expect(of(purchases, 'EffectiveCost')).toBe('0');
        }
      },
    ),
    { numRuns: cases(5, 8) },
  );
});
