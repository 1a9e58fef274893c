import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Coverage } from '../../../lib/platform/coverage.ts';
import { type Front, openFront } from '../../counterparts/bigquery.front.ts';
import { expected } from '../../run/exceptions.ts';
import { judgedExport } from '../../run/exported.ts';
import { collect, costs, type FolderLake, lakeIn, sourceOf } from './deliver.ts';
import { DETAILED, type Row, usage } from './export.ts';
import { renewBigQuery, tableOf } from './tables.ts';

/** One row a case, told apart by its SKU. */
const CASES: readonly Row[] = [
  usage({ sku: { id: 'plain', description: 'N2 Instance Core' }, cost: 1.25, cost_at_list: 2 }),
  usage({
    sku: { id: 'spot', description: 'Spot Preemptible N2 Instance Core' },
    cost: 1e-7,
    cost_at_list: null,
  }),
  usage({ sku: { id: 'zero', description: 'Free' }, cost: '-0.0', cost_at_list: 0 }),
  // More credit than cost: a negative row is real.
  usage({
    sku: { id: 'overpaid', description: 'Queries' },
    service: { id: '24E6-581D-38E5', description: 'BigQuery' },
    cost: 0.3,
    credits: [
      { name: 'Promotion', amount: -0.5, full_name: 'Start-up programme', id: '12-b34', type: 'PROMOTION' },
      { name: 'Sustained', amount: -0.1, id: 'Sustained Usage Discount', type: 'SUSTAINED_USAGE_DISCOUNT' },
      { name: 'Free', amount: -0.2, id: 'Free Tier', type: 'FREE_TIER' },
    ],
  }),
  // A resource-based commitment: covered whole, covered in part, and its fee.
  usage({
    sku: { id: 'cud-whole', description: 'N2 Instance Core' },
    cost: 0.7,
    credits: [
      { name: 'CUD', amount: -0.4, id: 'Committed Usage Discount: CPU', type: 'COMMITTED_USAGE_DISCOUNT' },
      { name: 'CUD', amount: -0.3, id: 'Committed Usage Discount: CPU', type: 'COMMITTED_USAGE_DISCOUNT' },
    ],
  }),
  usage({
    sku: { id: 'cud-part', description: 'N2 Instance Core' },
    cost: 0.7,
    credits: [
      { name: 'CUD', amount: -0.4, id: 'Committed Usage Discount: CPU', type: 'COMMITTED_USAGE_DISCOUNT' },
    ],
  }),
  usage({
    sku: { id: 'cud-fee', description: 'Commitment v1: N2 Cpu in Americas for 1 Year' },
    cost: 0.5,
    resource: null,
    subscription: { instance_id: 'sub-1' },
  }),
  // A spend-based commitment since 2025: usage at the lower price, and what is left of the fee.
  usage({
    sku: { id: 'flex-used', description: 'N2 Instance Core' },
    cost: 0.72,
    cost_at_list: 1.1,
    cost_at_effective_price_default: 1,
    consumption_model: { id: '8F9C-0000', description: 'Compute Flexible CUD 1 year' },
  }),
  usage({
    sku: { id: 'flex-fee', description: 'Commitment - dollar based v1: GCE for 1 year' },
    cost: 2,
    credits: [{ name: 'Offset', amount: -1.9, id: 'offset', type: 'FEE_UTILIZATION_OFFSET' }],
    subscription: { instance_id: 'sub-2' },
    resource: null,
  }),
  // The same as Google's own example has it ("Spend-based CUDs data model updates", underutilized): a fee that nothing
  // used, one that was used, and what it covers; and a fee of the standard export, which names no commitment.
  usage({
    sku: { id: '5515-81A8-03A2', description: 'Compute Flexible Committed Use Discounts - 1 Year' },
    cost: 0.022994,
    subscription: { instance_id: 'subscriptions/1fd3b130' },
    consumption_model: { id: '7754-699E-0EBF', description: 'Default' },
    resource: null,
  }),
  usage({
    sku: { id: 'flex-fee-used', description: 'Compute Flexible Committed Use Discounts - 3 Year' },
    cost: 0.125637,
    credits: [{ name: 'Offset', amount: -0.125637, id: 'offset', type: 'FEE_UTILIZATION_OFFSET' }],
    subscription: { instance_id: 'subscriptions/2fd3b130' },
    resource: null,
  }),
  usage({
    sku: { id: 'flex-used-named', description: 'E2 Instance Ram' },
    cost: 0.125637,
    cost_at_effective_price_default: 0.174496,
    consumption_model: { id: 'D97B-0795-975B', description: 'Compute Flexible CUDs 1 Year' },
    subscription: { instance_id: 'subscriptions/1fd3b130' },
  }),
  usage({
    sku: { id: 'B22F-51BE-D599', description: 'Compute Flexible Committed Use Discounts - 3 Years' },
    cost: 0.5,
    resource: null,
  }),
  // The older spend-based model: a fee and a credit on the usage, which is not marked.
  usage({
    sku: { id: 'legacy', description: 'N2 Instance Core' },
    cost: 1,
    credits: [{ name: 'CUD', amount: -1, id: 'x-1', type: 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE' }],
  }),
  usage({
    sku: { id: 'tax', description: 'VAT' },
    cost_type: 'tax',
    cost: 0.19,
    project: null,
    resource: null,
  }),
  usage({ sku: { id: 'rounding', description: 'Rounding' }, cost_type: 'rounding_error', cost: -0.004 }),
  usage({
    sku: { id: 'goodwill', description: 'Credit' },
    cost_type: 'adjustment',
    cost: -3,
    adjustment_info: { id: 'a-1', description: 'sorry', mode: 'MANUAL_ADJUSTMENT', type: 'GOODWILL' },
  }),
  usage({
    sku: { id: 'adjusted', description: 'Adjustment' },
    cost_type: 'adjustment',
    cost: 4,
    adjustment_info: { id: 'a-2', description: 'moved', mode: 'MANUAL_ADJUSTMENT', type: 'BALANCE_TRANSFER' },
  }),
  // A correction of May on the invoice of July, and one of July itself.
  usage({
    sku: { id: 'correction', description: 'N2 Instance Core' },
    cost: -10,
    usage_start_time: '2026-05-01T10:00:00Z',
    usage_end_time: '2026-05-01T11:00:00Z',
    adjustment_info: { id: 'a-3', description: 'price', mode: 'COMPLETE_NEGATION', type: 'PRICE_CORRECTION' },
  }),
  usage({
    sku: { id: 'correction-now', description: 'N2 Instance Core' },
    cost: -1,
    adjustment_info: {
      id: 'a-4',
      description: 'usage',
      mode: 'PARTIAL_CORRECTION',
      type: 'USAGE_CORRECTION',
    },
  }),
  usage({
    sku: { id: 'market', description: 'Vendor licence' },
    transaction_type: 'THIRD_PARTY_RESELLER',
    seller_name: 'Vendor Inc.',
    service: { id: 'V', description: 'Vendor Database' },
    cost: 9.99,
  }),
  usage({
    sku: { id: 'reserved', description: 'A2 Instance GPU' },
    cost: 3,
    system_labels: [
      { key: 'compute.googleapis.com/reservation_name', value: 'gpu-pool' },
      { key: 'compute.googleapis.com/is_unused_reservation', value: 'true' },
      { key: 'compute.googleapis.com/machine_spec', value: 'a2-highgpu-1g' },
    ],
  }),
  usage({
    sku: { id: 'labels', description: 'Storage' },
    cost: 0.1,
    labels: [
      { key: '__proto__', value: 'polluted' },
      { key: 'constructor', value: 'x' },
      { key: 'team', value: 'data "quoted" \\ ☃' },
      { key: 'empty', value: '' },
    ],
    tags: [
      { key: 'team', value: 'tag-loses', inherited: false, namespace: '821092389413' },
      { key: 'env', value: 'prod', inherited: false, namespace: '821092389413' },
      { key: 'env', value: 'inherited-loses', inherited: true, namespace: '821092389413' },
      { key: 'cost-center', value: 'inherited-wins', inherited: true, namespace: '821092389413' },
    ],
  }),
  usage({
    sku: { id: 'bucket', description: 'Standard Storage' },
    service: { id: '95FF-2EF5-5EA1', description: 'Cloud Storage' },
    resource: { name: 'acme-models', global_name: '//storage.googleapis.com/projects/_/buckets/acme-models' },
    location: { location: 'eu', country: null, region: null, zone: null },
    price: {
      effective_price: '0.02',
      tier_start_amount: '5',
      unit: 'gibibyte month',
      pricing_unit_quantity: '1',
      list_price: '0.023',
    },
    cost: 0.02,
    cost_at_list: 0.023,
  }),
];

let front: Front;
let coverage: readonly Coverage[];
let lake: FolderLake;
let folder: string;

beforeAll(async () => {
  await renewBigQuery();
  front = await openFront(inject('bigqueryUrl'));
  folder = await mkdtemp(join(tmpdir(), 'bursar-gcp-'));
  lake = await lakeIn(folder);
  const table = await tableOf(inject('bigqueryUrl'), 'mapping', DETAILED, CASES);
  ({ coverage } = await collect(sourceOf(front.url, table), lake));
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
  await front.close();
  await rm(folder, { recursive: true, force: true });
});

async function row(sku: string, columns: string) {
  const meter = CASES.find((each) => Reflect.get(Object(each['sku']), 'id') === sku);
  const description = String(Reflect.get(Object(meter?.['sku']), 'description'));
  // Charges that are no usage have no SKU in FOCUS: they are found by what they say.
  const rows = await costs(
    lake,
    columns,
    `WHERE SkuId = '${sku}' OR (SkuId IS NULL AND ChargeDescription = '${description}')`,
  );
  expect(rows).toHaveLength(1);
  return rows[0];
}

test('every row is there, and they add up to the cost net of credits', async () => {
  expect(coverage.map(({ status, reason }) => [status, reason])).toEqual([['complete', null]]);
  // By hand: 1.25 + 0.0000001 + 0 - 0.5 + 0 + 0.3 + 0.5 + 0.72 + 0.1 + 0 + 0.19 - 0.004 - 3 + 4 - 10 - 1 + 9.99 + 3
  // + 0.1 + 0.02; and of flexible commitments 0.022994 + 0 + 0.125637 + 0.5.
  expect(
    await costs(lake, 'COUNT(*) AS n, SUM(BilledCost) AS billed, SUM(EffectiveCost) AS effective'),
  ).toEqual([{ n: 24, billed: '6.3146311', effective: '6.3146311' }]);
  const [sums] = await costs(
    lake,
    `SUM(CAST(x_CostBeforeCredits AS DECIMAL(38,18)) + CAST(x_Credits AS DECIMAL(38,18))) AS net,
     SUM(CAST(x_Credits AS DECIMAL(38,18)) - CAST(x_CreditsCommitment AS DECIMAL(38,18)) - CAST(x_CreditsSustainedUse AS DECIMAL(38,18))
       - CAST(x_CreditsPromotion AS DECIMAL(38,18)) - CAST(x_CreditsOther AS DECIMAL(38,18))) AS unexplained`,
  );
  expect(sums).toEqual({ net: '6.3146311', unexplained: '0' });
});

describe('amounts', () => {
  const AMOUNTS = 'BilledCost, EffectiveCost, ListCost, ContractedCost, PricingCategory, x_InferredColumns';

  test('list cost is that of the export, or the cost where it has none', async () => {
    expect(await row('plain', AMOUNTS)).toEqual({
      BilledCost: '1.25',
      EffectiveCost: '1.25',
      ListCost: '2',
      ContractedCost: '1.25',
      PricingCategory: 'Standard',
      x_InferredColumns: 'ContractedCost,InvoiceIssuerName,ServiceCategory,ServiceSubcategory',
    });
    expect(await row('spot', AMOUNTS)).toEqual({
      BilledCost: '0.0000001',
      EffectiveCost: '0.0000001',
      ListCost: '0.0000001',
      ContractedCost: '0.0000001',
      PricingCategory: 'Dynamic',
      x_InferredColumns: 'ContractedCost,InvoiceIssuerName,ListCost,ServiceCategory,ServiceSubcategory',
    });
    expect(await row('zero', 'BilledCost')).toEqual({ BilledCost: '0' });
  });

  test('credits beyond the cost make a negative row, and each kind is told', async () => {
    expect(
      await row(
        'overpaid',
        'BilledCost, x_CostBeforeCredits, x_Credits, x_CreditsPromotion, x_CreditsSustainedUse, x_CreditsOther, x_CreditsCommitment, ServiceCategory',
      ),
    ).toEqual({
      BilledCost: '-0.5',
      x_CostBeforeCredits: '0.3',
      x_Credits: '-0.8',
      x_CreditsPromotion: '-0.5',
      x_CreditsSustainedUse: '-0.1',
      x_CreditsOther: '-0.2',
      x_CreditsCommitment: '0',
      ServiceCategory: 'Databases',
    });
  });
});

describe('commitments', () => {
  const COMMITMENT =
    'ChargeCategory, BilledCost, EffectiveCost, CommitmentDiscountId, CommitmentDiscountStatus, CommitmentDiscountCategory, PricingCategory';
  const NONE = {
    CommitmentDiscountId: null,
    CommitmentDiscountStatus: null,
    CommitmentDiscountCategory: null,
  };

  test('usage that resource-based credits pay for whole is Used and costs nothing', async () => {
    expect(await row('cud-whole', COMMITMENT)).toEqual({
      ChargeCategory: 'Usage',
      BilledCost: '0',
      EffectiveCost: '0',
      CommitmentDiscountId: 'Committed Usage Discount: CPU',
      CommitmentDiscountStatus: 'Used',
      CommitmentDiscountCategory: 'Usage',
      PricingCategory: 'Committed',
    });
  });

  test('usage that is covered in part, and that of the older spend-based model, is not marked', async () => {
    const unmarked = { ChargeCategory: 'Usage', PricingCategory: 'Standard', ...NONE };
    expect(await row('cud-part', COMMITMENT)).toEqual({
      ...unmarked,
      BilledCost: '0.3',
      EffectiveCost: '0.3',
    });
    expect(await row('legacy', COMMITMENT)).toEqual({ ...unmarked, BilledCost: '0', EffectiveCost: '0' });
  });

  test('the fee of a resource-based commitment is a recurring purchase', async () => {
    expect(await row('cud-fee', `${COMMITMENT}, ChargeFrequency`)).toEqual({
      ChargeCategory: 'Purchase',
      BilledCost: '0.5',
      EffectiveCost: '0.5',
      CommitmentDiscountId: 'sub-1',
      CommitmentDiscountStatus: null,
      CommitmentDiscountCategory: 'Usage',
      PricingCategory: 'Standard',
      ChargeFrequency: 'Recurring',
    });
  });

  test('spend-based since 2025: usage at its lower price is Used, the rest of the fee Unused', async () => {
    expect(await row('flex-used', `${COMMITMENT}, ContractedCost, ListCost`)).toEqual({
      ChargeCategory: 'Usage',
      BilledCost: '0.72',
      EffectiveCost: '0.72',
      CommitmentDiscountId: '8F9C-0000',
      CommitmentDiscountStatus: 'Used',
      CommitmentDiscountCategory: 'Spend',
      PricingCategory: 'Committed',
      ContractedCost: '1',
      ListCost: '1.1',
    });
    expect(await row('flex-fee', COMMITMENT)).toEqual({
      ChargeCategory: 'Usage',
      BilledCost: '0.1',
      EffectiveCost: '0.1',
      CommitmentDiscountId: 'sub-2',
      CommitmentDiscountStatus: 'Unused',
      CommitmentDiscountCategory: 'Spend',
      PricingCategory: 'Committed',
    });
  });

  test('a fee that nothing offsets was not used at all, and is no use of Compute Engine', async () => {
    const unused = {
      ChargeCategory: 'Usage',
      CommitmentDiscountStatus: 'Unused',
      CommitmentDiscountCategory: 'Spend',
      PricingCategory: 'Committed',
    };
    expect(await row('5515-81A8-03A2', COMMITMENT)).toEqual({
      ...unused,
      BilledCost: '0.022994',
      EffectiveCost: '0.022994',
      CommitmentDiscountId: 'subscriptions/1fd3b130',
    });
    expect(await row('flex-fee-used', COMMITMENT)).toEqual({
      ...unused,
      BilledCost: '0',
      EffectiveCost: '0',
      CommitmentDiscountId: 'subscriptions/2fd3b130',
    });
    expect(await row('flex-used-named', 'CommitmentDiscountId, CommitmentDiscountStatus')).toEqual({
      CommitmentDiscountId: 'subscriptions/1fd3b130',
      CommitmentDiscountStatus: 'Used',
    });
    // Without a name, fee and what it covers meet in the consumption model.
    expect(await row('B22F-51BE-D599', 'CommitmentDiscountId, CommitmentDiscountStatus')).toEqual({
      CommitmentDiscountId: '70D7-D1AB-12A4',
      CommitmentDiscountStatus: 'Unused',
    });
  });
});

describe('kinds of charges', () => {
  test.each([
    ['tax', 'Tax', null],
    ['rounding', 'Adjustment', null],
    ['goodwill', 'Credit', null],
    ['adjusted', 'Adjustment', null],
    ['correction', 'Usage', 'Correction'],
    ['correction-now', 'Usage', null],
  ])('%s is %s', async (sku, category, chargeClass) => {
    expect(await row(sku, 'ChargeCategory, ChargeClass')).toEqual({
      ChargeCategory: category,
      ChargeClass: chargeClass,
    });
  });

  test('a correction keeps its own charge period and is billed in the month of its invoice', async () => {
    expect(
      await row('correction', 'ChargePeriodStart, BillingPeriodStart, BillingPeriodEnd, x_AdjustmentType'),
    ).toEqual({
      ChargePeriodStart: '2026-05-01T00:00:00.000Z',
      BillingPeriodStart: '2026-07-01T07:00:00.000Z',
      BillingPeriodEnd: '2026-08-01T07:00:00.000Z',
      x_AdjustmentType: 'PRICE_CORRECTION',
    });
  });

  test('a tax without a project has no sub-account', async () => {
    expect(
      await row('tax', 'SubAccountId, SubAccountType, ResourceId, PricingQuantity, SkuId, Tags'),
    ).toEqual({
      SubAccountId: null,
      SubAccountType: null,
      ResourceId: null,
      PricingQuantity: null,
      SkuId: null,
      Tags: '{"team":"vision"}',
    });
  });

  test('what a partner sells is published by the partner', async () => {
    expect(await row('market', 'ProviderName, PublisherName, ServiceCategory')).toEqual({
      ProviderName: 'Google Cloud',
      PublisherName: 'Vendor Inc.',
      ServiceCategory: 'Other',
    });
  });

  test('a reservation that nobody uses is told', async () => {
    expect(await row('reserved', 'CapacityReservationId, CapacityReservationStatus')).toEqual({
      CapacityReservationId: 'gpu-pool',
      CapacityReservationStatus: 'Unused',
    });
  });
});

describe('who and what', () => {
  test('labels win over tags, tags over what is inherited, and any key is a key', async () => {
    const found = await row('labels', 'Tags, x_SystemLabels, x_ProjectLabels, x_ResourceTags');
    expect(found?.['Tags']).toBe(
      '{"__proto__":"polluted","constructor":"x","cost-center":"inherited-wins","empty":"","env":"prod","team":"data \\"quoted\\" \\\\ ☃"}',
    );
    expect(found?.['x_ProjectLabels']).toBe('[{"key":"cost-center","value":"cc-7"}]');
    expect(found?.['x_SystemLabels']).toBeNull();
  });

  test('a machine is named as what exists names it, anything else as the export does', async () => {
    expect(await row('plain', 'ResourceId, ResourceName, ResourceType, x_ResourceGlobalName')).toEqual({
      ResourceId: '//compute.googleapis.com/projects/acme-vision/zones/us-central1-a/instances/annotate-1',
      ResourceName: 'annotate-1',
      ResourceType: 'instance',
      x_ResourceGlobalName:
        '//compute.googleapis.com/projects/123456789012/zones/us-central1-a/instance/4411',
    });
    expect(
      await row(
        'bucket',
        'ResourceId, ResourceType, RegionId, AvailabilityZone, ServiceCategory, ListUnitPrice, ContractedUnitPrice, SkuPriceId',
      ),
    ).toEqual({
      ResourceId: '//storage.googleapis.com/projects/_/buckets/acme-models',
      ResourceType: 'buckets',
      RegionId: 'eu',
      AvailabilityZone: null,
      ServiceCategory: 'Storage',
      ListUnitPrice: '0.023',
      ContractedUnitPrice: '0.02',
      SkuPriceId: 'bucket/default/5',
    });
  });

  test('project and ancestry are kept', async () => {
    expect(
      await row(
        'plain',
        'SubAccountId, SubAccountName, SubAccountType, x_ProjectNumber, x_ProjectAncestry, x_ProjectAncestors',
      ),
    ).toEqual({
      SubAccountId: 'acme-vision',
      SubAccountName: 'Acme Vision',
      SubAccountType: 'Project',
      x_ProjectNumber: '123456789012',
      x_ProjectAncestry: '/111111111111/222222222222/',
      x_ProjectAncestors:
        '[{"resource_name":"projects/123456789012","display_name":"Acme Vision"},{"resource_name":"organizations/111111111111","display_name":"acme.com"}]',
    });
  });
});

test('what is exported of them breaks no rule of FOCUS 1.2 but those that are documented', async () => {
  const { passed, broken, own } = await judgedExport(inject('focusValidator'), lake);
  expect(passed).toBeGreaterThan(100);
  expect({ broken, own }).toEqual(expected('gcp-detailed'));
});
