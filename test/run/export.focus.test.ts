import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, inject, test } from 'vitest';
import { Meter } from '../../lib/platform/meter.ts';
import { silent } from '../../lib/platform/progress.ts';
import { costExplorerSource } from '../../lib/sources/aws-cost-explorer/source.ts';
import type { Delivery, FocusFile } from '../../lib/sources/model.ts';
import { anthropicFake } from '../counterparts/anthropic.ts';
import { delivery } from '../lake/bills.ts';
import { type Charge, charge, writeParquet } from '../lake/engines/rows.ts';
import { lines, report } from '../lake/ingest/cur/reports.ts';
import { describeWithShared, sharedData } from '../shared.ts';
import { anthropic, openAi, NOW as VENDOR_NOW } from '../sources/ai-vendor/deliver.ts';
import { WORLD as ANTHROPIC } from '../sources/anthropic/world.ts';
import { answersOf } from '../sources/aws-cost-explorer/bill.ts';
import { costExplorerFake } from '../sources/aws-cost-explorer/fake.ts';
import { openAiFake } from '../sources/openai/fake.ts';
import { WORLD as OPENAI } from '../sources/openai/world.ts';
import { expected, type Kind } from './exceptions.ts';
import { deliveredBy, judgedExport, withLake } from './exported.ts';

const validator = inject('focusValidator');
const NOW = new Date('2026-11-22T11:30:00Z');

async function mustBreakOnly(kind: Kind, deliver: (workDir: string) => Promise<Delivery>, now = NOW) {
  await withLake(deliver, now, async (lake) => {
    const { passed, broken, own } = await judgedExport(validator, lake);
    expect(passed).toBeGreaterThan(100);
    expect({ broken, own }).toEqual(expected(kind));
  });
}

const file = (path: string, format: FocusFile['format']) => async () =>
  delivery('aws', [{ path, shownAs: path, format }]);

const PLAN = 'arn:aws:savingsplans::999900001111:savingsplan/7a9bd4b7';

/** A row as AWS writes it: every column that it fills. */
const awsCharge = (more: Charge = {}): Charge =>
  charge({
    BilledCost: '0.1',
    EffectiveCost: '0.1',
    ListCost: '0.12',
    ContractedCost: '0.1',
    BillingAccountName: 'Payer',
    BillingAccountType: 'Management account',
    SubAccountName: 'Team',
    SubAccountType: 'Member account',
    ChargeDescription: '$0.10 per On Demand Linux m5.large Instance Hour',
    ChargeFrequency: 'Usage-Based',
    ConsumedQuantity: '1',
    ConsumedUnit: 'Hours',
    ContractedUnitPrice: '0.1',
    ListUnitPrice: '0.12',
    PricingQuantity: '1',
    PricingUnit: 'Hours',
    RegionName: 'US East (N. Virginia)',
    ServiceSubcategory: 'Virtual Machines',
    SkuId: 'ABC',
    SkuMeter: 'BoxUsage:m5.large',
    SkuPriceId: 'ABC.JRTCKXETXF.6YS6EN2CT7',
    SkuPriceDetails: null,
    ResourceType: 'instance',
    PublisherName: 'AWS',
    InvoiceIssuerName: 'Amazon Web Services, Inc.',
    InvoiceId: '1234567890',
    tags: { team: 'red' },
    ...more,
  });

const FEE: Charge = {
  ChargeCategory: 'Purchase',
  ChargeFrequency: 'Recurring',
  EffectiveCost: '0',
  ConsumedQuantity: null,
  ConsumedUnit: null,
  CommitmentDiscountId: PLAN,
  CommitmentDiscountCategory: 'Spend',
  CommitmentDiscountName: 'plan',
  CommitmentDiscountType: 'Compute Savings Plan',
  CommitmentDiscountQuantity: '0.1',
  CommitmentDiscountUnit: 'USD',
  ResourceId: PLAN,
  ResourceType: 'savingsplan',
};

const AWS_CHARGES: readonly Charge[] = [
  awsCharge(),
  awsCharge({
    ChargeCategory: 'Tax',
    ChargeDescription: 'Tax for product code AmazonEC2',
    BilledCost: '0.02',
    EffectiveCost: '0.02',
    ListCost: '0.02',
    ContractedCost: '0.02',
    ConsumedQuantity: null,
    ConsumedUnit: null,
    ContractedUnitPrice: null,
    ListUnitPrice: null,
    PricingQuantity: null,
    PricingUnit: null,
    PricingCategory: null,
    ResourceId: null,
    ResourceType: null,
    SkuId: null,
    SkuMeter: null,
    SkuPriceId: null,
    tags: null,
  }),
  awsCharge({
    BilledCost: '0',
    EffectiveCost: '0.06',
    PricingCategory: 'Committed',
    CommitmentDiscountStatus: 'Used',
    CommitmentDiscountId: PLAN,
    CommitmentDiscountCategory: 'Spend',
    CommitmentDiscountName: 'plan',
    CommitmentDiscountType: 'Compute Savings Plan',
    CommitmentDiscountQuantity: '0.06',
    CommitmentDiscountUnit: 'USD',
  }),
  awsCharge({ ...FEE, PricingCategory: 'Committed' }),
  awsCharge({
    ...FEE,
    ChargeCategory: 'Usage',
    BilledCost: '0',
    EffectiveCost: '0.04',
    PricingCategory: 'Committed',
    CommitmentDiscountStatus: 'Unused',
    CommitmentDiscountQuantity: '0.04',
  }),
];

const quoted = (row: readonly string[]) =>
  `${row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')}\n`;

describeWithShared('what bursar export writes of each source, before focus-validator', () => {
  test('AWS Data Exports, FOCUS 1.0: the rows of AWS in the real sample', async () => {
    const text = await readFile(sharedData('focus', 'focus_sample_1.0_1000.csv'));
    const records: string[][] = parse(text, { bom: true });
    const [header = [], ...rows] = records;
    const at = header.indexOf('ProviderName');
    const own = rows.filter((row) => row[at] === 'AWS');
    expect(own).toHaveLength(942);
    await mustBreakOnly('aws-focus-1.0', async (workDir) => {
      const path = join(workDir, 'aws.csv');
      await writeFile(path, [header, ...own].map(quoted).join(''));
      return file(path, 'csv')();
    });
  });

  test('AWS Data Exports, FOCUS 1.2 in Parquet with money as DOUBLE', async () => {
    await mustBreakOnly('aws-focus-1.2', async (workDir) => {
      const path = join(workDir, 'aws.parquet');
      await writeParquet(path, AWS_CHARGES, { money: 'double', version: '1.2' });
      return file(path, 'parquet')();
    });
  });

  test('OpenAI', async () => {
    await using fake = await openAiFake(OPENAI);
    const now = new Date(VENDOR_NOW);
    await mustBreakOnly('openai', deliveredBy(openAi(fake.url), now), now);
  });

  test('Anthropic', async () => {
    await using fake = await anthropicFake(ANTHROPIC);
    const now = new Date(VENDOR_NOW);
    await mustBreakOnly('anthropic', deliveredBy(anthropic(fake.url), now), now);
  });
});

/** A line of each type that a report has. */
const CUR_LINES = lines(
  {},
  {
    line_item_line_item_type: 'Tax',
    line_item_resource_id: '',
    line_item_unblended_rate: '',
    line_item_usage_amount: '',
    pricing_public_on_demand_cost: '',
    pricing_public_on_demand_rate: '',
    pricing_rate_code: '',
    pricing_unit: '',
    product_sku: '',
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
}));

test.each([
  ['CUR 2.0 in Parquet', 'cur-2.0 parquet'],
  ['the legacy report in CSV', 'legacy csv'],
] as const)('Cost and Usage Report: %s', async (_, spelling) => {
  await mustBreakOnly('aws-cur', async () => delivery('aws', [await report(CUR_LINES, spelling)]));
});

test('AWS Cost Explorer', async () => {
  await using fake = await costExplorerFake(
    answersOf(
      ['Usage', 'Tax', 'Credit', 'Refund', 'RIFee', 'Some Discount'].map((type) => ({
        day: '2026-11-02',
        type,
        service: 'Amazon SageMaker',
        billed: '1.5',
        effective: type === 'RIFee' ? '0' : '1.5',
      })),
    ),
  );
  const source = costExplorerSource({ id: 'ce', client: fake.client, accountId: '999900001111', months: 1 });
  await mustBreakOnly('aws-cost-explorer', (workDir) =>
    source.deliver({ workDir, now: NOW, meter: new Meter(), progress: silent }),
  );
});
