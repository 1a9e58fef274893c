import { expect, test } from 'vitest';
import { amount, focusOf, type Line, lines, pick, SPELLINGS } from './reports.ts';

const ORDER = { where: 'ORDER BY "x_LineItemType", CommitmentDiscountStatus NULLS FIRST, BilledCost' };
const PLAN = 'arn:aws:savingsplans::111122223333:savingsplan/7a9bd4b7-9b8e-4d0f-8d9b-0f3a2c6e7a11';
const RESERVATION = 'arn:aws:ec2:eu-central-1:111122223333:reserved-instances/0a1b2c3d';

const COSTS = [
  'x_LineItemType',
  'ChargeCategory',
  'CommitmentDiscountStatus',
  'BilledCost',
  'EffectiveCost',
  'ListCost',
  'ContractedCost',
] as const;

/**
 * An hour of a No Upfront plan of 1.00 an hour: 0.60 of it covers usage worth 0.90 on demand, 0.40 is lost.
 * Invoice: the fee alone, 1.00. By hand: 0.90 - 0.90 + 1.00.
 */
const HOUR_OF_A_PLAN: Line[] = lines(
  {
    line_item_line_item_type: 'SavingsPlanCoveredUsage',
    line_item_unblended_cost: '0.90',
    pricing_public_on_demand_cost: '0.90',
    savings_plan_savings_plan_a_r_n: PLAN,
    savings_plan_savings_plan_effective_cost: '0.60',
  },
  {
    line_item_line_item_type: 'SavingsPlanNegation',
    line_item_unblended_cost: '-0.90',
    pricing_public_on_demand_cost: '0',
    line_item_resource_id: '',
    savings_plan_savings_plan_a_r_n: PLAN,
  },
  {
    line_item_line_item_type: 'SavingsPlanRecurringFee',
    line_item_product_code: 'ComputeSavingsPlans',
    line_item_unblended_cost: '1.00',
    pricing_public_on_demand_cost: '',
    line_item_resource_id: PLAN,
    savings_plan_savings_plan_a_r_n: PLAN,
    savings_plan_total_commitment_to_date: '1.00',
    savings_plan_used_commitment: '0.60',
  },
);

test.each(SPELLINGS)('an hour of a savings plan, used and unused: %s', async (spelling) => {
  const { rows, rowsIn, rowsKept } = await focusOf(HOUR_OF_A_PLAN, spelling, ORDER);
  expect(pick(rows, ...COSTS)).toEqual([
    ['SavingsPlanCoveredUsage', 'Usage', 'Used', amount('0.9'), amount('0.6'), amount('0.9'), amount('0.9')],
    ['SavingsPlanNegation', 'Usage', 'Used', amount('-0.9'), amount('0'), amount('0'), amount('0')],
    ['SavingsPlanRecurringFee', 'Purchase', null, amount('1'), amount('0'), amount('1'), amount('1')],
    ['SavingsPlanRecurringFee', 'Usage', 'Unused', amount('0'), amount('0.4'), amount('0'), amount('0')],
  ]);
  expect(
    pick(rows, 'PricingCategory', 'ChargeFrequency', 'CommitmentDiscountQuantity', 'CommitmentDiscountUnit'),
  ).toEqual([
    ['Committed', 'Usage-Based', amount('0.6'), 'USD'],
    ['Committed', 'Usage-Based', amount('0'), 'USD'],
    ['Standard', 'Recurring', amount('1'), 'USD'],
    ['Committed', 'Usage-Based', amount('0.4'), 'USD'],
  ]);
  for (const row of rows)
    expect(row).toMatchObject({
      CommitmentDiscountId: PLAN,
      CommitmentDiscountCategory: 'Spend',
      CommitmentDiscountType: 'Savings Plan',
    });
  // Three lines, and the unused part of one.
  expect([rowsIn, rowsKept]).toEqual([4, 4]);
});

test('what net amounts there are take the place of gross ones, and the unused part follows the discount', async () => {
  // 7 % off everything: 1.00 becomes 0.93, of which 0.558 is used and 0.40 x 0.93 = 0.372 is not.
  const [covered, negation, fee] = HOUR_OF_A_PLAN;
  const { rows } = await focusOf(
    [
      {
        ...covered,
        line_item_net_unblended_cost: '0.837',
        savings_plan_net_savings_plan_effective_cost: '0.558',
      },
      { ...negation, line_item_net_unblended_cost: '-0.837' },
      { ...fee, line_item_net_unblended_cost: '0.93' },
    ],
    'cur-2.0 parquet',
    ORDER,
  );
  expect(pick(rows, 'BilledCost', 'EffectiveCost')).toEqual([
    [amount('0.837'), amount('0.558')],
    [amount('-0.837'), amount('0')],
    [amount('0.93'), amount('0')],
    [amount('0'), amount('0.372')],
  ]);
});

test('an all upfront plan is paid once and costs by the hour: its fee line of 0 still tells what was lost', async () => {
  const fee = {
    ...HOUR_OF_A_PLAN[2],
    line_item_unblended_cost: '0',
    savings_plan_amortized_upfront_commitment_for_billing_period: '744',
  };
  const upfront = {
    ...fee,
    line_item_line_item_type: 'SavingsPlanUpfrontFee',
    line_item_unblended_cost: '8760',
  };
  const gross = await focusOf([fee, upfront], 'legacy parquet', ORDER);
  expect(
    pick(gross.rows, 'x_LineItemType', 'ChargeCategory', 'ChargeFrequency', 'BilledCost', 'EffectiveCost'),
  ).toEqual([
    ['SavingsPlanRecurringFee', 'Purchase', 'Recurring', amount('0'), amount('0')],
    ['SavingsPlanRecurringFee', 'Usage', 'Usage-Based', amount('0'), amount('0.4')],
    ['SavingsPlanUpfrontFee', 'Purchase', 'One-Time', amount('8760'), amount('0')],
  ]);
  // Net: the discount of the upfront fee, 3 % here, is the only one that tells; 0.4 x 721.68 / 744 = 0.388.
  const net = await focusOf(
    [
      {
        ...fee,
        line_item_net_unblended_cost: '0',
        savings_plan_net_amortized_upfront_commitment_for_billing_period: '721.68',
      },
    ],
    'cur-2.0 csv',
    ORDER,
  );
  expect(pick(net.rows, 'EffectiveCost')).toEqual([[amount('0')], [amount('0.388')]]);
});

const RESERVED: Line = {
  line_item_line_item_type: 'DiscountedUsage',
  line_item_unblended_cost: '0',
  line_item_unblended_rate: '0',
  reservation_reservation_a_r_n: RESERVATION,
};
const RI_FEE: Line = {
  line_item_line_item_type: 'RIFee',
  line_item_resource_id: '',
  line_item_usage_start_date: '2026-05-01T00:00:00Z',
  line_item_usage_end_date: '2026-05-31T23:59:59Z',
  line_item_usage_amount: '744',
  pricing_public_on_demand_cost: '',
  reservation_reservation_a_r_n: RESERVATION,
  reservation_total_reserved_units: '744',
};

/**
 * A month (744 hours) of one reservation, 500 hours used, by payment: [recurring fee a month, upfront fee, effective
 * cost of the used hours, unused upfront, unused recurring].
 */
const PAYMENTS = [
  ['no upfront', '74.40', null, '50.00', '0', '24.40'],
  ['partial upfront', '37.20', '446.40', '50.00', '12.20', '12.20'],
  ['all upfront', '0', '892.80', '50.00', '24.40', '0'],
] as const;

test.each(PAYMENTS)(
  'a month of a reservation, %s',
  async (_name, recurring, upfront, used, lostUpfront, lostRecurring) => {
    const month = [
      {
        ...RESERVED,
        line_item_usage_amount: '500',
        pricing_public_on_demand_cost: '60',
        reservation_effective_cost: used,
      },
      {
        ...RI_FEE,
        line_item_unblended_cost: recurring,
        reservation_unused_amortized_upfront_fee_for_billing_period: lostUpfront,
        reservation_unused_recurring_fee: lostRecurring,
        reservation_unused_quantity: '244',
      },
      ...(upfront === null
        ? []
        : [
            {
              ...RI_FEE,
              line_item_line_item_type: 'Fee',
              line_item_unblended_cost: upfront,
              line_item_usage_amount: '1',
              reservation_total_reserved_units: '',
            },
          ]),
    ];
    const { rows } = await focusOf(lines(...month), 'legacy csv', ORDER);
    const fee = [['Fee', 'Purchase', null, amount(upfront ?? '0'), amount('0'), 'One-Time']];
    expect(
      pick(
        rows,
        'x_LineItemType',
        'ChargeCategory',
        'CommitmentDiscountStatus',
        'BilledCost',
        'EffectiveCost',
        'ChargeFrequency',
      ),
    ).toEqual([
      ['DiscountedUsage', 'Usage', 'Used', amount('0'), amount('50'), 'Usage-Based'],
      ...(upfront === null ? [] : fee),
      ['RIFee', 'Purchase', null, amount(recurring), amount('0'), 'Recurring'],
      ['RIFee', 'Usage', 'Unused', amount('0'), amount('24.4'), 'Usage-Based'],
    ]);
    const unused = rows.at(-1);
    expect(unused).toMatchObject({
      CommitmentDiscountId: RESERVATION,
      CommitmentDiscountCategory: 'Usage',
      CommitmentDiscountType: 'Reserved Instance',
      CommitmentDiscountQuantity: amount('244'),
      CommitmentDiscountUnit: 'Hours',
      ConsumedQuantity: null,
      ChargePeriodStart: '2026-05-01 00:00:00',
      // The report writes the last second; ends are exclusive.
      ChargePeriodEnd: '2026-06-01 00:00:00',
    });
    expect(rows[0]).toMatchObject({
      ListCost: amount('60'),
      ConsumedQuantity: amount('500'),
      CommitmentDiscountQuantity: amount('500'),
    });
  },
);

test('a reservation that is used up leaves no unused row', async () => {
  const { rows, rowsIn } = await focusOf(
    lines({
      ...RI_FEE,
      line_item_unblended_cost: '74.4',
      reservation_unused_amortized_upfront_fee_for_billing_period: '',
      reservation_unused_recurring_fee: '0.0',
    }),
  );
  expect(pick(rows, 'ChargeCategory', 'BilledCost', 'EffectiveCost')).toEqual([
    ['Purchase', amount('74.4'), amount('0')],
  ]);
  expect(rowsIn).toBe(1);
});

test('fees, taxes, credits, refunds and discounts keep their sign and cost what they are billed', async () => {
  const { rows, periods } = await focusOf(
    lines(
      { line_item_unblended_cost: '100' },
      {
        line_item_line_item_type: 'Fee',
        line_item_product_code: 'AWSSupportBusiness',
        line_item_unblended_cost: '29',
      },
      { line_item_line_item_type: 'Tax', line_item_unblended_cost: '19.01' },
      { line_item_line_item_type: 'Credit', line_item_unblended_cost: '-5.5' },
      { line_item_line_item_type: 'Refund', line_item_unblended_cost: '-0.25' },
      { line_item_line_item_type: 'EdpDiscount', line_item_unblended_cost: '-7' },
      { line_item_line_item_type: 'BundledDiscount', line_item_unblended_cost: '-1' },
      { line_item_line_item_type: 'PrivateRateDiscount', line_item_unblended_cost: '-2' },
    ),
    'cur-2.0 csv',
    ORDER,
  );
  expect(
    pick(
      rows,
      'x_LineItemType',
      'ChargeCategory',
      'ChargeClass',
      'ChargeFrequency',
      'PricingCategory',
      'BilledCost',
      'EffectiveCost',
    ),
  ).toEqual([
    ['BundledDiscount', 'Adjustment', null, 'One-Time', 'Other', amount('-1'), amount('-1')],
    ['Credit', 'Credit', null, 'One-Time', 'Other', amount('-5.5'), amount('-5.5')],
    ['EdpDiscount', 'Adjustment', null, 'One-Time', 'Other', amount('-7'), amount('-7')],
    ['Fee', 'Purchase', null, 'One-Time', 'Standard', amount('29'), amount('29')],
    ['PrivateRateDiscount', 'Adjustment', null, 'One-Time', 'Other', amount('-2'), amount('-2')],
    ['Refund', 'Adjustment', 'Correction', 'One-Time', 'Other', amount('-0.25'), amount('-0.25')],
    ['Tax', 'Tax', null, 'One-Time', null, amount('19.01'), amount('19.01')],
    ['Usage', 'Usage', null, 'Usage-Based', 'Standard', amount('100'), amount('100')],
  ]);
  // 100 + 29 + 19.01 - 5.5 - 0.25 - 7 - 1 - 2
  expect(periods[0]?.totals).toEqual([
    { provider: 'AWS', currency: 'USD', billed: '132.26', effective: '132.26' },
  ]);
});

test('a discount that net amounts already carry is not taken off twice', async () => {
  const usage = { line_item_unblended_cost: '100', line_item_net_unblended_cost: '93' };
  const discount = {
    line_item_line_item_type: 'EdpDiscount',
    line_item_unblended_cost: '-7',
    line_item_net_unblended_cost: '',
  };
  const spread = await focusOf(lines(usage, discount), 'legacy csv', ORDER);
  expect(pick(spread.rows, 'BilledCost', 'EffectiveCost')).toEqual([
    [amount('0'), amount('0')],
    [amount('93'), amount('93')],
  ]);
  expect(spread.repairs).toEqual({ 'discount without a net amount of its own (inside the net amounts)': 1 });
  // Without any net amount the discount is its own line.
  const plain = await focusOf(
    lines({ ...usage, line_item_net_unblended_cost: '' }, discount),
    'legacy csv',
    ORDER,
  );
  expect(pick(plain.rows, 'BilledCost')).toEqual([[amount('-7')], [amount('100')]]);
});

test('marketplace: the seller publishes, an AWS company invoices, AWS provides', async () => {
  const { rows } = await focusOf(
    lines(
      {
        bill_billing_entity: 'AWS Marketplace',
        line_item_legal_entity: 'Anthropic, PBC',
        line_item_product_code: '7g37zmf3s8qn',
        product_product_name: 'Claude (Amazon Bedrock Edition)',
      },
      { bill_billing_entity: 'AWS Marketplace', line_item_legal_entity: '', line_item_product_code: 'x1' },
    ),
    'legacy csv',
    { where: 'ORDER BY ServiceName' },
  );
  expect(
    pick(rows, 'ProviderName', 'PublisherName', 'InvoiceIssuerName', 'ServiceName', 'ServiceCategory'),
  ).toEqual([
    [
      'AWS',
      'Anthropic, PBC',
      'Amazon Web Services EMEA SARL',
      'Claude (Amazon Bedrock Edition)',
      'AI and Machine Learning',
    ],
    ['AWS', 'AWS Marketplace', 'Amazon Web Services EMEA SARL', 'x1', 'Other'],
  ]);
});

test('the parts of a split are told beside the cost of their instance, and never added to it', async () => {
  const part = {
    line_item_operation: 'EKSPod-EC2',
    line_item_unblended_cost: '0',
    pricing_public_on_demand_cost: '0',
    split_line_item_parent_resource_id: 'i-0123456789abcdef0',
  };
  const { rows, periods } = await focusOf(
    lines(
      { line_item_unblended_cost: '1' },
      {
        ...part,
        line_item_resource_id: 'arn:aws:eks:r:1:pod/c/ns/a/1',
        split_line_item_split_cost: '0.3',
        split_line_item_unused_cost: '0.1',
      },
      {
        ...part,
        line_item_resource_id: 'arn:aws:eks:r:1:pod/c/ns/b/2',
        split_line_item_split_cost: '0.45',
        split_line_item_unused_cost: '0.15',
      },
    ),
    'cur-2.0 parquet',
    { where: 'ORDER BY ResourceId' },
  );
  expect(periods[0]?.totals).toMatchObject([{ billed: '1', effective: '1' }]);
  // 0.3 + 0.1 + 0.45 + 0.15 is the instance's 1.00.
  expect(
    pick(rows, 'ResourceId', 'EffectiveCost', 'x_SplitCost', 'x_SplitUnusedCost', 'x_SplitParentResourceId'),
  ).toEqual([
    ['arn:aws:eks:r:1:pod/c/ns/a/1', amount('0'), '0.3', '0.1', 'i-0123456789abcdef0'],
    ['arn:aws:eks:r:1:pod/c/ns/b/2', amount('0'), '0.45', '0.15', 'i-0123456789abcdef0'],
    ['i-0123456789abcdef0', amount('1'), null, null, null],
  ]);
});

test('spot, storage, estimates and what is only supposed', async () => {
  const { rows } = await focusOf(
    lines(
      { line_item_usage_type: 'EUC1-SpotUsage:m5.large', bill_invoice_id: '' },
      {
        line_item_usage_type: 'EUC1-EBS:VolumeUsage.gp3',
        line_item_resource_id: 'vol-0123456789abcdef0',
        pricing_unit: 'GB-Mo',
        pricing_public_on_demand_cost: '',
      },
    ),
    'legacy csv',
    { where: 'ORDER BY x_UsageType DESC' },
  );
  expect(
    pick(
      rows,
      'PricingCategory',
      'ServiceCategory',
      'ResourceType',
      'PricingUnit',
      'x_Estimated',
      'x_InferredColumns',
    ),
  ).toEqual([
    ['Dynamic', 'Compute', 'instance', 'Hours', true, null],
    ['Standard', 'Storage', 'volume', 'GB-Months', false, 'ContractedCost,ListCost'],
  ]);
});
