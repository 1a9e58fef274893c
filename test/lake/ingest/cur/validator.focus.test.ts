import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { validateFocus } from '../../../counterparts/focus.validate.ts';
import { sql } from '../fixtures.ts';
import { focusOf, lines } from './reports.ts';

const validator = inject('focusValidator');
const folder = inject('focusFolder');
const PLAN = 'arn:aws:savingsplans::111122223333:savingsplan/7a9bd4b7';

/** Rules that the rows break, and why that is right. */
const EXPECTED: Readonly<Record<string, string>> = {
  'InvoiceId-C-004-C': 'the validator fails every InvoiceId: it leaves out the condition of the rule',
  'BilledCost-C-005-C':
    'takes the AWS company that invoices (Amazon Web Services EMEA SARL) for a third party',
  'BilledCost-C-000-M': 'sums up the rule above',
  'EffectiveCost-C-005-C':
    'takes every purchase for one that covers later charges; a support fee covers none',
};

test('FOCUS rows of a report break no rule but those that are documented', async () => {
  const { periods } = await focusOf(
    lines(
      {},
      {
        line_item_line_item_type: 'Tax',
        line_item_resource_id: '',
        pricing_unit: '',
        line_item_usage_amount: '',
      },
      { line_item_line_item_type: 'Credit', line_item_unblended_cost: '-5' },
      { line_item_line_item_type: 'Refund', line_item_unblended_cost: '-5' },
      { line_item_line_item_type: 'EdpDiscount', line_item_unblended_cost: '-5' },
      { line_item_line_item_type: 'Fee', line_item_unblended_cost: '29' },
      {
        line_item_line_item_type: 'SavingsPlanCoveredUsage',
        savings_plan_savings_plan_a_r_n: PLAN,
        savings_plan_savings_plan_effective_cost: '0.06',
      },
      {
        line_item_line_item_type: 'SavingsPlanNegation',
        savings_plan_savings_plan_a_r_n: PLAN,
        line_item_unblended_cost: '-0.1',
      },
      {
        line_item_line_item_type: 'SavingsPlanRecurringFee',
        savings_plan_savings_plan_a_r_n: PLAN,
        savings_plan_total_commitment_to_date: '0.1',
        savings_plan_used_commitment: '0.06',
      },
      {
        line_item_line_item_type: 'DiscountedUsage',
        line_item_unblended_cost: '0',
        reservation_reservation_a_r_n: 'arn:aws:ec2:eu-central-1:1:reserved-instances/a',
        reservation_effective_cost: '0.05',
      },
      {
        line_item_line_item_type: 'RIFee',
        reservation_reservation_a_r_n: 'arn:aws:ec2:eu-central-1:1:reserved-instances/a',
        reservation_unused_amortized_upfront_fee_for_billing_period: '0',
        reservation_unused_recurring_fee: '0.05',
      },
    ).map((line) => ({
      bill_payer_account_name: 'Payer',
      line_item_usage_account_name: 'Team',
      product_product_name: 'Amazon Elastic Compute Cloud',
      resource_tags_user_team: 'red',
      ...line,
    })),
    'legacy parquet',
  );
  const paths = periods.flatMap(({ parts }) => parts.map(({ path }) => `'${path}'`));
  const bill = join(folder, 'cur.parquet');
  await sql(`COPY (SELECT * FROM read_parquet([${paths.join(', ')}])) TO '${bill}' (FORMAT parquet)`);
  const { passed, broken } = await validateFocus(validator, bill);
  expect(passed).toBeGreaterThan(100);
  expect(broken.map(({ rule }) => rule).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  // The support fee alone.
  expect(broken.find(({ rule }) => rule === 'EffectiveCost-C-005-C')).toMatchObject({ violations: 1 });
});
