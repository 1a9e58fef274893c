import { literal } from '../sql-text.ts';
import type { CurColumn } from './columns.ts';
import { serviceSql } from './services.ts';

/**
 * What a line of a Cost and Usage Report is in FOCUS 1.2, as SQL over the relation of relation.ts. Sources, read in
 * November 2026: AWS Data Exports user guide ("Line item details", "Savings Plans details", "Reservation details",
 * "Understanding Savings Plans", "Split line item columns"), FOCUS 1.2, and the FinOps Foundation's converter for the
 * legacy report, which the specification overrules.
 *
 * - BilledCost is the net unblended cost, else the unblended cost, of every line: it adds up to the invoice.
 * - A fee that AWS amortizes (RIFee, SavingsPlanRecurringFee, the upfront ones) has EffectiveCost 0, for the usage it
 *   covers carries it. What of it nobody used AWS tells on the fee's own line; FOCUS wants it as usage with the status
 *   Unused, so such a line becomes two rows: the purchase, and the unused part.
 * - SavingsPlanNegation takes the on-demand price of covered usage back: its money counts, its quantities would count
 *   the same usage twice and are 0.
 * - A part of a split (ECS, EKS on EC2) costs nothing here: its instance's own line holds the money. What AWS allots
 *   to it is kept beside, in `x_SplitCost`, and never added to a cost.
 */
export const SP_TYPES = [
  'SavingsPlanCoveredUsage',
  'SavingsPlanNegation',
  'SavingsPlanRecurringFee',
  'SavingsPlanUpfrontFee',
];
const USAGE = ['Usage', 'SavingsPlanCoveredUsage', 'DiscountedUsage', 'SavingsPlanNegation'];
const PURCHASES = ['Fee', 'RIFee', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee'];
const OTHERS = ['Tax', 'Credit', 'Refund'];

/** Line item types that AWS documents; any other is kept as an adjustment, and told. */
export function isKnownType(type: string): boolean {
  return [...USAGE, ...PURCHASES, ...OTHERS].includes(type) || type.endsWith('Discount');
}

/** Columns that lines of a type cannot do without; one of each list. */
export const NEEDED_BY_TYPE: Readonly<Record<string, readonly (readonly CurColumn[])[]>> = {
  SavingsPlanCoveredUsage: [
    ['savings_plan_savings_plan_effective_cost', 'savings_plan_net_savings_plan_effective_cost'],
    ['savings_plan_savings_plan_a_r_n'],
  ],
  SavingsPlanRecurringFee: [
    ['savings_plan_total_commitment_to_date'],
    ['savings_plan_used_commitment'],
    ['savings_plan_savings_plan_a_r_n'],
  ],
  DiscountedUsage: [
    ['reservation_effective_cost', 'reservation_net_effective_cost'],
    ['reservation_reservation_a_r_n'],
  ],
  RIFee: [
    [
      'reservation_unused_amortized_upfront_fee_for_billing_period',
      'reservation_net_unused_amortized_upfront_fee_for_billing_period',
    ],
    ['reservation_unused_recurring_fee', 'reservation_net_unused_recurring_fee'],
    ['reservation_reservation_a_r_n'],
  ],
};

/** Macros of this mapping's own arithmetic, in DECIMAL and whole numbers alone. */
export const RULE_MACROS = [
  // Two amounts of up to 20 digits could add up to more than DECIMAL(38,18) holds.
  `CREATE OR REPLACE TEMP MACRO cur_sum(a, b) AS CASE
    WHEN a IS NULL AND b IS NULL THEN NULL
    WHEN abs(coalesce(a, 0)) < 10000000000000000000 AND abs(coalesce(b, 0)) < 10000000000000000000
      THEN CAST(coalesce(a, 0) + coalesce(b, 0) AS DECIMAL(38,18)) END`,
  // part x over / of in whole units of 10^-p, rounded half away from zero: DuckDB divides decimals as DOUBLE.
  `CREATE OR REPLACE TEMP MACRO cur_ratio(a, b, c) AS
    (2 * abs(a) * abs(b) + abs(c)) // (2 * abs(c)) * (CASE WHEN (a < 0) <> ((b < 0) <> (c < 0)) THEN -1 ELSE 1 END)`,
  `CREATE OR REPLACE TEMP MACRO cur_units12(d) AS CAST(CAST(d AS DECIMAL(31,12)) * 1000000000000 AS HUGEINT)`,
  `CREATE OR REPLACE TEMP MACRO cur_units9(d) AS CAST(CAST(d AS DECIMAL(28,9)) * 1000000000 AS HUGEINT)`,
  `CREATE OR REPLACE TEMP MACRO cur_share(part, net, gross) AS CASE
    WHEN part = 0 THEN CAST(0 AS DECIMAL(38,18))
    WHEN net = gross THEN part
    WHEN greatest(abs(part), abs(net), abs(gross)) < 5000000
      THEN CAST(CAST(cur_ratio(cur_units12(part), cur_units12(net), cur_units12(gross)) AS DECIMAL(38,0))
        * CAST('0.000000000001' AS DECIMAL(13,12)) AS DECIMAL(38,18))
    WHEN greatest(abs(part), abs(net), abs(gross)) < 5000000000
      THEN CAST(CAST(cur_ratio(cur_units9(part), cur_units9(net), cur_units9(gross)) AS DECIMAL(38,0))
        * CAST('0.000000001' AS DECIMAL(10,9)) AS DECIMAL(38,18)) END`,
  // The units of FOCUS 1.2, as AWS's own FOCUS export spells them.
  String.raw`CREATE OR REPLACE TEMP MACRO cur_unit(u) AS
    regexp_replace(regexp_replace(u, '\bHrs?$', 'Hours'), '\bMo$', 'Months')`,
  `CREATE OR REPLACE TEMP MACRO cur_plain(d) AS
    CASE WHEN d IS NOT NULL THEN rtrim(rtrim(CAST(d AS VARCHAR), '0'), '.') END`,
];

const type = 'line_item_line_item_type';
const is = (...types: string[]): string => `${type} IN (${types.map(literal).join(', ')})`;
const none = (sqlType: string): string => `CAST(NULL AS ${sqlType})`;
const money = 'DECIMAL(38,18)';
const zero = `CAST(0 AS ${money})`;

/** Names that rules share, computed once a line. */
export function lineSql(netAmountsAreSpread: boolean): Readonly<Record<string, string>> {
  const savingsPlanRatio = `CASE
    WHEN line_item_net_unblended_cost IS NOT NULL AND line_item_unblended_cost <> 0
      THEN cur_share(gross_unused, line_item_net_unblended_cost, line_item_unblended_cost)
    WHEN savings_plan_net_amortized_upfront_commitment_for_billing_period IS NOT NULL
      AND savings_plan_amortized_upfront_commitment_for_billing_period <> 0
      THEN cur_share(gross_unused, savings_plan_net_amortized_upfront_commitment_for_billing_period,
        savings_plan_amortized_upfront_commitment_for_billing_period)
    ELSE gross_unused END`;
  // With net amounts a discount is inside the lines that it lowers; its own line then has no net amount of its own.
  const billed = netAmountsAreSpread
    ? `CASE WHEN ends_with(${type}, 'Discount') THEN coalesce(line_item_net_unblended_cost, ${zero})
        ELSE coalesce(line_item_net_unblended_cost, line_item_unblended_cost) END`
    : 'coalesce(line_item_net_unblended_cost, line_item_unblended_cost)';
  return {
    billed,
    gross_unused: `CASE WHEN ${is('SavingsPlanRecurringFee')} AND savings_plan_total_commitment_to_date IS NOT NULL
      THEN cur_sum(savings_plan_total_commitment_to_date, -savings_plan_used_commitment) END`,
    unused: `CASE
      WHEN ${is('SavingsPlanRecurringFee')} THEN ${savingsPlanRatio}
      WHEN ${is('RIFee')} THEN cur_sum(
        coalesce(reservation_net_unused_amortized_upfront_fee_for_billing_period,
          reservation_unused_amortized_upfront_fee_for_billing_period),
        coalesce(reservation_net_unused_recurring_fee, reservation_unused_recurring_fee)) END`,
    commitment: `CASE
      WHEN ${is(...SP_TYPES)} THEN coalesce(savings_plan_savings_plan_a_r_n,
        CASE WHEN contains(line_item_resource_id, ':savingsplans:') THEN line_item_resource_id END)
      ELSE coalesce(savings_plan_savings_plan_a_r_n, reservation_reservation_a_r_n) END`,
    spend_based: `(${is(...SP_TYPES)} OR savings_plan_savings_plan_a_r_n IS NOT NULL)`,
    service: `coalesce(product_product_name, product_name, line_item_product_code, 'Other')`,
    region: String.raw`coalesce(product_region_code, CASE WHEN regexp_matches(product_region, '^[a-z]{2}(-[a-z]+)+-\d$')
      THEN product_region END, nullif(regexp_extract(line_item_availability_zone, '^([a-z]{2}(-[a-z]+)+-\d)', 1), ''))`,
    end: `CASE WHEN extract('minute' FROM line_item_usage_end_date) = 59 AND extract('second' FROM line_item_usage_end_date) = 59
      THEN line_item_usage_end_date + INTERVAL 1 SECOND ELSE line_item_usage_end_date END`,
  };
}

/** Value of each column of the FOCUS row of a line, and of the row of what a fee left unused. */
export type FocusRule = readonly [name: string, charge: string, unused: string];

const same = (name: string, sql: string): FocusRule => [name, sql, sql];
const effective = `CASE
    WHEN ${is('SavingsPlanCoveredUsage')}
      THEN coalesce(savings_plan_net_savings_plan_effective_cost, savings_plan_savings_plan_effective_cost)
    WHEN ${is('DiscountedUsage')} THEN coalesce(reservation_net_effective_cost, reservation_effective_cost)
    WHEN ${is('SavingsPlanNegation', 'SavingsPlanUpfrontFee', 'SavingsPlanRecurringFee', 'RIFee')} THEN ${zero}
    WHEN ${is('Fee')} AND reservation_reservation_a_r_n IS NOT NULL THEN ${zero}
    ELSE billed END`;
const category = `CASE WHEN ${is(...USAGE)} THEN 'Usage' WHEN ${is(...PURCHASES)} THEN 'Purchase'
    WHEN ${is('Tax')} THEN 'Tax' WHEN ${is('Credit')} THEN 'Credit' ELSE 'Adjustment' END`;
const listed = is('Usage', 'SavingsPlanCoveredUsage', 'DiscountedUsage');
const list = `CASE WHEN ${is('SavingsPlanNegation')} THEN ${zero}
    WHEN ${listed} THEN coalesce(pricing_public_on_demand_cost, CASE WHEN ${is('DiscountedUsage')} THEN ${effective} ELSE billed END)
    ELSE billed END`;
const contracted = `CASE WHEN ${is('SavingsPlanNegation')} THEN ${zero} WHEN ${is('DiscountedUsage')} THEN ${list} ELSE billed END`;
const unit = 'cur_unit(pricing_unit)';
const ofReservation = `CASE WHEN ${is('DiscountedUsage')} THEN line_item_usage_amount
    WHEN ${is('Fee', 'RIFee')} THEN coalesce(reservation_total_reserved_units, line_item_usage_amount) END`;
const ofPlan = `CASE WHEN ${is('SavingsPlanCoveredUsage')} THEN ${effective} WHEN ${is('SavingsPlanNegation')} THEN ${zero}
    WHEN ${is('SavingsPlanRecurringFee')} THEN savings_plan_total_commitment_to_date WHEN ${is('SavingsPlanUpfrontFee')} THEN billed END`;

export const FOCUS_RULES: readonly FocusRule[] = [
  same('AvailabilityZone', 'line_item_availability_zone'),
  ['BilledCost', 'billed', zero],
  same('BillingAccountId', 'bill_payer_account_id'),
  same('BillingAccountName', 'bill_payer_account_name'),
  same('BillingCurrency', 'line_item_currency_code'),
  same('BillingPeriodEnd', 'bill_billing_period_end_date'),
  same('BillingPeriodStart', 'bill_billing_period_start_date'),
  ['CapacityReservationId', 'capacity_reservation_capacity_reservation_arn', none('VARCHAR')],
  [
    'CapacityReservationStatus',
    `CASE WHEN capacity_reservation_capacity_reservation_status IN ('Used', 'Unused') THEN capacity_reservation_capacity_reservation_status END`,
    none('VARCHAR'),
  ],
  ['ChargeCategory', category, `'Usage'`],
  ['ChargeClass', `CASE WHEN ${is('Refund')} THEN 'Correction' END`, none('VARCHAR')],
  same('ChargeDescription', 'line_item_line_item_description'),
  [
    'ChargeFrequency',
    `CASE WHEN ${is(...USAGE)} THEN 'Usage-Based' WHEN ${is('RIFee', 'SavingsPlanRecurringFee')} THEN 'Recurring' ELSE 'One-Time' END`,
    `'Usage-Based'`,
  ],
  same('ChargePeriodEnd', '"end"'),
  same('ChargePeriodStart', 'line_item_usage_start_date'),
  same(
    'CommitmentDiscountCategory',
    `CASE WHEN commitment IS NOT NULL THEN CASE WHEN spend_based THEN 'Spend' ELSE 'Usage' END END`,
  ),
  same('CommitmentDiscountId', 'commitment'),
  [
    'CommitmentDiscountQuantity',
    `CASE WHEN commitment IS NOT NULL THEN CASE WHEN spend_based THEN ${ofPlan} ELSE ${ofReservation} END END`,
    'CASE WHEN spend_based THEN unused ELSE coalesce(reservation_unused_quantity, 0) END',
  ],
  [
    'CommitmentDiscountStatus',
    `CASE WHEN commitment IS NOT NULL AND ${is(...USAGE)} THEN 'Used' END`,
    `CASE WHEN commitment IS NOT NULL THEN 'Unused' END`,
  ],
  same(
    'CommitmentDiscountType',
    `CASE WHEN commitment IS NOT NULL THEN CASE WHEN spend_based THEN 'Savings Plan' ELSE 'Reserved Instance' END END`,
  ),
  [
    'CommitmentDiscountUnit',
    `CASE WHEN commitment IS NOT NULL AND ${is(...USAGE, ...PURCHASES)}
      THEN CASE WHEN spend_based THEN line_item_currency_code ELSE coalesce(${unit}, 'Hours') END END`,
    `CASE WHEN spend_based THEN line_item_currency_code ELSE coalesce(${unit}, 'Hours') END`,
  ],
  [
    'ConsumedQuantity',
    `CASE WHEN ${is('SavingsPlanNegation')} THEN 0 WHEN ${is(...USAGE)} THEN line_item_usage_amount END`,
    none(money),
  ],
  ['ConsumedUnit', `CASE WHEN ${is(...USAGE)} THEN ${unit} END`, none('VARCHAR')],
  ['ContractedCost', contracted, zero],
  [
    'ContractedUnitPrice',
    `CASE WHEN ${is('Usage', 'SavingsPlanCoveredUsage')} THEN CASE WHEN line_item_net_unblended_cost IS NULL
      THEN line_item_unblended_rate ELSE line_item_net_unblended_rate END
      WHEN ${is('DiscountedUsage')} THEN pricing_public_on_demand_rate END`,
    none(money),
  ],
  ['EffectiveCost', effective, 'unused'],
  same('InvoiceId', 'invoice'),
  same('InvoiceIssuerName', `coalesce(bill_invoicing_entity, line_item_legal_entity, 'AWS')`),
  ['ListCost', list, zero],
  ['ListUnitPrice', `CASE WHEN ${listed} THEN pricing_public_on_demand_rate END`, none(money)],
  [
    'PricingCategory',
    `CASE WHEN ${is('SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'DiscountedUsage')} THEN 'Committed'
      WHEN ${is('Usage')} AND contains(line_item_usage_type, 'SpotUsage') THEN 'Dynamic'
      WHEN ${is('Usage', ...PURCHASES)} THEN 'Standard' WHEN ${is('Tax')} THEN NULL ELSE 'Other' END`,
    `'Committed'`,
  ],
  [
    'PricingQuantity',
    `CASE WHEN ${is('SavingsPlanNegation')} THEN 0 WHEN ${is(...USAGE, ...PURCHASES)} THEN line_item_usage_amount END`,
    `CAST(0 AS ${money})`,
  ],
  ['PricingUnit', `CASE WHEN ${is(...USAGE, ...PURCHASES)} THEN ${unit} END`, unit],
  same('ProviderName', `'AWS'`),
  same('PublisherName', `coalesce(line_item_legal_entity, bill_billing_entity, 'AWS')`),
  same('RegionId', 'region'),
  same(
    'RegionName',
    `CASE WHEN region IS NOT NULL AND coalesce(product_location_type, 'AWS Region') = 'AWS Region' THEN product_location END`,
  ),
  ['ResourceId', 'line_item_resource_id', none('VARCHAR')],
  [
    'ResourceType',
    String.raw`CASE WHEN starts_with(line_item_resource_id, 'arn:')
        THEN nullif(regexp_extract(line_item_resource_id, '^arn:[^:]*:[^:]*:[^:]*:[^:]*:([A-Za-z][A-Za-z0-9-]*)[/:]', 1), '')
      ELSE CASE regexp_extract(line_item_resource_id, '^([a-z]+)-[0-9a-f]{8,17}$', 1)
        WHEN 'i' THEN 'instance' WHEN 'vol' THEN 'volume' WHEN 'snap' THEN 'snapshot' WHEN 'nat' THEN 'natgateway' END END`,
    none('VARCHAR'),
  ],
  same('ServiceCategory', serviceSql(0, 'line_item_product_code', 'service', 'line_item_usage_type')),
  same('ServiceName', 'service'),
  same('ServiceSubcategory', serviceSql(1, 'line_item_product_code', 'service', 'line_item_usage_type')),
  same('SkuId', 'product_sku'),
  same('SkuMeter', 'CASE WHEN product_sku IS NOT NULL THEN line_item_usage_type END'),
  same('SkuPriceId', 'coalesce(pricing_rate_code, pricing_rate_id)'),
  same('SubAccountId', 'line_item_usage_account_id'),
  same('SubAccountName', 'line_item_usage_account_name'),
  same('Tags', 'tags'),
  same('x_CostCategories', 'cost_categories'),
  ['x_Discounts', 'discounts', none('VARCHAR')],
  // Until the bill is final, its lines have no invoice ("Billing details", bill/InvoiceId).
  same('x_Estimated', `CASE WHEN invoice IS NULL THEN 'true' ELSE 'false' END`),
  [
    'x_InferredColumns',
    `nullif(concat_ws(',', CASE WHEN ${is('DiscountedUsage')} OR (${listed} AND pricing_public_on_demand_cost IS NULL) THEN 'ContractedCost' END,
      CASE WHEN ${listed} AND pricing_public_on_demand_cost IS NULL THEN 'ListCost' END), '')`,
    none('VARCHAR'),
  ],
  same('x_LineItemType', type),
  same('x_Operation', 'line_item_operation'),
  same('x_ServiceCode', 'line_item_product_code'),
  [
    'x_SplitCost',
    'cur_plain(coalesce(split_line_item_net_split_cost, split_line_item_split_cost))',
    none('VARCHAR'),
  ],
  ['x_SplitParentResourceId', 'split_line_item_parent_resource_id', none('VARCHAR')],
  [
    'x_SplitUnusedCost',
    'cur_plain(coalesce(split_line_item_net_unused_cost, split_line_item_unused_cost))',
    none('VARCHAR'),
  ],
  same('x_UsageType', 'line_item_usage_type'),
];
