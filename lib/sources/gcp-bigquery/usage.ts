/**
 * Google's own billing export (detailed and standard) as FOCUS 1.2, in SQL. Where a choice had to be made:
 *
 * - BilledCost and EffectiveCost are net: cost + sum of credits, as on the invoice and as Google's FOCUS view has it.
 *   A credit does not become a row of its own: it belongs to the usage that it was given for, and a resource that
 *   free tier or commitment pays for costs nothing. `x_CostBeforeCredits` and `x_Credits*` keep the parts.
 * - BillingPeriod is invoice.month, which begins at midnight in Los Angeles; ChargePeriod is usage time. Usage at the
 *   turn of a month, corrections and late usage are on another invoice than their usage date says.
 * - ListCost is cost_at_list, ContractedCost the cost under the default consumption model at contract prices
 *   (cost_at_effective_price_default), else cost; `x_InferredColumns` names what is only supposed.
 * - Commitments. Spend-based ones since July 2025: covered usage is charged at a lower price (Used), and what is left
 *   of the fee after FEE_UTILIZATION_OFFSET is what was not used (Unused); a fee without any offset was not used at all
 *   ("Spend-based CUDs data model updates", underutilized scenario). Resource-based ones: usage whose
 *   COMMITTED_USAGE_DISCOUNT credits pay for all of it is Used and costs nothing; the fee is a Purchase that keeps its
 *   EffectiveCost, since the export does not tell which usage it pays for. Usage that is covered in part, and that of
 *   the older spend-based model, is not marked: the rest of it is bought on demand.
 *
 * Fields: Google Cloud documentation, "Structure of Detailed data export", "Structure of Standard data export" and
 * "Query examples" (read in November 2026).
 */
import type { Field, Table } from '../../platform/bigquery/model.ts';
import { quotedTable } from '../../platform/bigquery/name.ts';
import {
  type CreditList,
  creditGroups,
  creditSum,
  creditsOf,
  FEE_OFFSET,
  firstCredit,
  hasCredit,
  RESOURCE_CUD,
} from './credits.ts';
import { fieldsIn, isNumber, type MappedColumn, type Mapping, sumColumn, textColumn } from './mapping.ts';
import {
  exact,
  invoiceMonth,
  listJson,
  noText,
  otherOf,
  type Pairs,
  path,
  serviceCategory,
  tagsJson,
  textOf,
} from './sql.ts';

/** Types of adjustment that put right what was billed before; the others are credits or transfers. */
const CORRECTIONS = "('USAGE_CORRECTION', 'PRICE_CORRECTION', 'METADATA_CORRECTION')";
const GIFTS = "('GOODWILL', 'SALES_BASED_GOODWILL', 'SLA_VIOLATION')";

/**
 * SKUs of the fees of Compute flexible commitments since July 2025, and the consumption models of what they cover, of
 * one year and of three ("Migrated CUD SKUs, offers, and new consumption models", Google Cloud documentation).
 */
const FLEXIBLE: Readonly<Record<string, string>> = {
  '5515-81A8-03A2': 'D97B-0795-975B',
  'B22F-51BE-D599': '70D7-D1AB-12A4',
};

type Has = (path: string) => Field | undefined;

export function usageMapping(table: Table, layout: 'detailed' | 'standard'): Mapping {
  const has = fieldsIn(table.fields);
  const cost = exact('`cost`', fieldOf(has, 'cost'));
  const credits = creditList(has);
  const sum = credits === null ? `BIGNUMERIC '0'` : creditSum(credits);
  const month = path('invoice.month');
  return {
    layout,
    month,
    exportTime: has('export_time') === undefined ? null : '`export_time`',
    billed: `(${cost} + ${sum})`,
    from: (where) =>
      `(SELECT t.*, ${prepared(has, cost, credits)
        .map(([name, sql]) => `${sql} AS ${name}`)
        .join(', ')} FROM ${quotedTable(table.name)} AS t WHERE ${where})`,
    columns: columns(has, credits, month),
  };
}

function fieldOf(has: Has, name: string): Field {
  return has(name) ?? { name, type: 'FLOAT', mode: 'NULLABLE', fields: [] };
}

function creditList(has: Has): CreditList | null {
  const field = has('credits.amount');
  if (field === undefined) return null;
  const name = has('credits.full_name') === undefined ? 'name' : 'full_name';
  // Before September 2020 a credit had a name and an amount alone.
  if (has('credits.type') === undefined || has('credits.id') === undefined)
    return { list: '`credits`', amount: 'amount', type: 'name', id: 'name', name: 'name', field };
  return { list: '`credits`', amount: 'amount', type: 'type', id: 'id', name, field };
}

/** What is made once for each row, by its alias. */
function prepared(has: Has, cost: string, credits: CreditList | null): [string, string][] {
  const zero = `BIGNUMERIC '0'`;
  const number = (name: string): string => {
    const field = has(name);
    return field === undefined || !isNumber(field) ? 'CAST(NULL AS BIGNUMERIC)' : exact(path(name), field);
  };
  const label = (name: string): string =>
    has('system_labels.key') === undefined
      ? noText()
      : `(SELECT l.value FROM UNNEST(system_labels) AS l WHERE l.key = 'compute.googleapis.com/${name}' LIMIT 1)`;
  const offset = credits === null ? 'FALSE' : hasCredit(credits, FEE_OFFSET);
  const sku = `LOWER(IFNULL(${textOf(has, 'sku.description')}, ''))`;
  // `Commitment v1: N2 Cpu in Americas for 1 Year`, `Commitment - dollar based v1: GCE for 1 year`; since July 2025, of
  // spend-based ones, `Compute Flexible Committed Use Discounts - 1 Year`.
  const isNewFee = `(${offset} OR STRPOS(${sku}, 'committed use discount') > 0 OR IFNULL(${textOf(has, 'sku.id')}, '') IN (${Object.keys(
    FLEXIBLE,
  )
    .map((id) => `'${id}'`)
    .join(', ')}))`;
  return [
    ['b_start', 'usage_start_time'],
    ['b_end', 'usage_end_time'],
    ['b_category', serviceCategory(`IFNULL(${textOf(has, 'service.description')}, '')`)],
    ['b_cost', cost],
    ['b_credits', credits === null ? zero : creditSum(credits)],
    ['b_cud', credits === null ? zero : creditsOf(credits, RESOURCE_CUD)],
    ['b_list', number('cost_at_list')],
    ['b_default', number('cost_at_effective_price_default')],
    ['b_reservation', label('reservation_name')],
    ['b_unused', label('is_unused_reservation')],
    ['b_regular', `(LOWER(IFNULL(cost_type, 'regular')) = 'regular')`],
    ['b_fee', `(STARTS_WITH(${sku}, 'commitment') OR ${isNewFee})`],
    ['b_new_fee', isNewFee],
  ];
}

function columns(has: Has, credits: CreditList | null, month: string): MappedColumn[] {
  const field = (name: string): string => textOf(has, name);
  const net = '(b_cost + b_credits)';
  const isFee = '(b_regular AND b_fee)';
  const isUsage = '(b_regular AND NOT b_fee)';
  const instance = field('subscription.instance_id');
  const model = field('consumption_model.id');
  const coveredBySpend = `(${isUsage} AND b_default > b_cost AND b_cost >= 0 AND COALESCE(${instance}, ${model}) IS NOT NULL)`;
  // Several credits may leave a rest of less than a billionth, which is that of their doubles.
  const coveredByResource = `(${isUsage} AND b_cud < 0 AND (b_cost + b_cud) * BIGNUMERIC '1000000000' <= b_cost)`;
  const resourceCud =
    credits === null ? noText() : `COALESCE(${instance}, ${firstCredit(credits, RESOURCE_CUD, 'id')})`;
  const resourceCudName = credits === null ? noText() : firstCredit(credits, RESOURCE_CUD, 'name');
  const isSpendFee = `(LOWER(${field('sku.description')}) LIKE '%dollar based%' OR b_new_fee)`;
  const unusedFee = `(${isFee} AND b_new_fee)`;
  // The standard export names no commitment: its fee is told by the model of what it covers.
  const feeModel = `CASE ${field('sku.id')} ${Object.entries(FLEXIBLE)
    .map(([fee, covers]) => `WHEN '${fee}' THEN '${covers}'`)
    .join(' ')} ELSE ${field('sku.id')} END`;
  const adjustment = `UPPER(${field('adjustment_info.type')})`;
  const period = invoiceMonth(month);
  const costType = `LOWER(IFNULL(cost_type, 'regular'))`;
  const category = `CASE WHEN ${unusedFee} THEN 'Usage' WHEN ${isFee} THEN 'Purchase' WHEN b_regular THEN 'Usage'
    WHEN ${costType} = 'tax' THEN 'Tax' WHEN ${adjustment} IN ${GIFTS} THEN 'Credit' ELSE 'Adjustment' END`;
  const unit = (name: string): string => {
    const known = has(name);
    if (known === undefined || !isNumber(known)) return 'CAST(NULL AS BIGNUMERIC)';
    const price = `IF(${isUsage}, ${exact(path(name), known)}, NULL)`;
    // Prices may be for a thousand units: kept only where they are for one.
    return has('price.pricing_unit_quantity') === undefined
      ? price
      : `IF(IFNULL(${path('price.pricing_unit_quantity')}, 1) = 1, ${price}, NULL)`;
  };
  const quantity = (name: string): string => {
    const known = has(name);
    return known === undefined || !isNumber(known)
      ? 'CAST(NULL AS BIGNUMERIC)'
      : `IF(${isUsage}, ${exact(path(name), known)}, NULL)`;
  };
  const inferred = `ARRAY_TO_STRING([IF(b_default IS NULL, 'ContractedCost', NULL), 'InvoiceIssuerName', IF(b_list IS NULL, 'ListCost', NULL), 'ServiceCategory', 'ServiceSubcategory'], ',')`;
  const priceSku =
    has('price.tier_start_amount') === undefined
      ? noText()
      : `IF(${isUsage} AND ${path('price.tier_start_amount')} IS NOT NULL, CONCAT(${field('sku.id')}, '/', IFNULL(${model}, 'default'), '/', CAST(${path('price.tier_start_amount')} AS STRING)), NULL)`;

  return [
    textColumn('AvailabilityZone', field('location.zone')),
    sumColumn('BilledCost', net),
    textColumn('BillingAccountId', field('billing_account_id')),
    textColumn('BillingAccountType', `'Billing Account'`),
    textColumn('BillingCurrency', field('currency')),
    { name: 'BillingPeriodEnd', kind: 'time', sql: period.end },
    { name: 'BillingPeriodStart', kind: 'time', sql: period.start },
    textColumn('CapacityReservationId', `IF(${isUsage}, b_reservation, NULL)`),
    textColumn(
      'CapacityReservationStatus',
      `IF(${isUsage} AND b_reservation IS NOT NULL, IF(LOWER(b_unused) = 'true', 'Unused', 'Used'), NULL)`,
    ),
    textColumn('ChargeCategory', category),
    // FOCUS: a correction of an invoice that is closed; within the same month it is a charge like any other.
    textColumn(
      'ChargeClass',
      `IF(${adjustment} IN ${CORRECTIONS} AND usage_start_time < ${period.start}, 'Correction', NULL)`,
    ),
    textColumn('ChargeDescription', field('sku.description')),
    textColumn(
      'ChargeFrequency',
      `CASE WHEN ${isFee} THEN 'Recurring' WHEN b_regular THEN 'Usage-Based' ELSE 'One-Time' END`,
    ),
    { name: 'ChargePeriodEnd', kind: 'time', sql: 'usage_end_time' },
    { name: 'ChargePeriodStart', kind: 'time', sql: 'usage_start_time' },
    textColumn(
      'CommitmentDiscountCategory',
      `CASE WHEN ${isFee} THEN IF(${isSpendFee}, 'Spend', 'Usage') WHEN ${coveredBySpend} THEN 'Spend' WHEN ${coveredByResource} THEN 'Usage' END`,
    ),
    textColumn(
      'CommitmentDiscountId',
      `CASE WHEN ${isFee} THEN COALESCE(${instance}, ${feeModel}) WHEN ${coveredBySpend} THEN COALESCE(${instance}, ${model}) WHEN ${coveredByResource} THEN ${resourceCud} END`,
    ),
    textColumn(
      'CommitmentDiscountName',
      `CASE WHEN ${isFee} THEN ${field('sku.description')} WHEN ${coveredBySpend} THEN ${field('consumption_model.description')} WHEN ${coveredByResource} THEN ${resourceCudName} END`,
    ),
    textColumn(
      'CommitmentDiscountStatus',
      `CASE WHEN ${unusedFee} THEN 'Unused' WHEN ${coveredBySpend} OR ${coveredByResource} THEN 'Used' END`,
    ),
    textColumn(
      'CommitmentDiscountType',
      `CASE WHEN ${isFee} OR ${coveredBySpend} OR ${coveredByResource} THEN 'Committed Use Discount' END`,
    ),
    sumColumn('ConsumedQuantity', quantity('usage.amount')),
    textColumn('ConsumedUnit', `IF(${isUsage}, ${field('usage.unit')}, NULL)`),
    sumColumn('ContractedCost', `IF(b_regular, COALESCE(b_default, b_cost), ${net})`),
    { name: 'ContractedUnitPrice', kind: 'decimal', sql: unit('price.effective_price') },
    sumColumn('EffectiveCost', net),
    textColumn('InvoiceIssuerName', `'Google Cloud'`),
    sumColumn('ListCost', `IF(b_regular, COALESCE(b_list, b_cost), ${net})`),
    { name: 'ListUnitPrice', kind: 'decimal', sql: unit('price.list_price') },
    textColumn(
      'PricingCategory',
      `CASE WHEN ${coveredBySpend} OR ${coveredByResource} OR ${unusedFee} THEN 'Committed' WHEN NOT b_regular THEN NULL
        WHEN REGEXP_CONTAINS(LOWER(${field('sku.description')}), r'\\b(spot|preemptible)\\b') THEN 'Dynamic' ELSE 'Standard' END`,
    ),
    sumColumn('PricingQuantity', quantity('usage.amount_in_pricing_units')),
    textColumn('PricingUnit', `IF(${isUsage}, ${field('usage.pricing_unit')}, NULL)`),
    textColumn('ProviderName', `'Google Cloud'`),
    textColumn(
      'PublisherName',
      `IF(${field('transaction_type')} IN ('THIRD_PARTY_RESELLER', 'THIRD_PARTY_AGENCY'), COALESCE(${field('seller_name')}, 'Google Cloud Marketplace'), 'Google Cloud')`,
    ),
    textColumn('RegionId', `COALESCE(${field('location.region')}, ${field('location.location')})`),
    textColumn('RegionName', `COALESCE(${field('location.region')}, ${field('location.location')})`),
    ...resource(has, field),
    textColumn('ServiceCategory', 'b_category'),
    textColumn('ServiceSubcategory', otherOf('b_category')),
    textColumn('ServiceName', field('service.description')),
    textColumn('SkuId', `IF(b_regular, ${field('sku.id')}, NULL)`),
    textColumn('SkuMeter', `IF(b_regular, ${field('sku.description')}, NULL)`),
    textColumn('SkuPriceId', priceSku),
    textColumn('SubAccountId', field('project.id')),
    textColumn('SubAccountName', field('project.name')),
    textColumn('SubAccountType', `IF(${field('project.id')} IS NULL, NULL, 'Project')`),
    textColumn('Tags', tagsJson(tagLists(has))),
    textColumn('x_AdjustmentId', field('adjustment_info.id')),
    textColumn('x_AdjustmentMode', field('adjustment_info.mode')),
    textColumn('x_AdjustmentType', field('adjustment_info.type')),
    textColumn('x_ConsumptionModel', model),
    sumColumn('x_CostBeforeCredits', 'b_cost'),
    textColumn('x_CostType', 'cost_type'),
    sumColumn('x_Credits', 'b_credits'),
    ...(credits === null ? [] : creditGroups(credits).map(({ name, sql }) => sumColumn(name, sql))),
    textColumn('x_CurrencyConversionRate', field('currency_conversion_rate')),
    textColumn('x_InferredColumns', inferred),
    textColumn('x_InvoiceMonth', month),
    textColumn('x_Location', field('location.location')),
    textColumn(
      'x_ProjectAncestors',
      has('project.ancestors') === undefined ? noText() : listJson(path('project.ancestors')),
    ),
    textColumn('x_ProjectAncestry', field('project.ancestry_numbers')),
    textColumn(
      'x_ProjectLabels',
      has('project.labels') === undefined ? noText() : listJson(path('project.labels')),
    ),
    textColumn('x_ProjectNumber', field('project.number')),
    textColumn('x_ResourceLabels', has('labels') === undefined ? noText() : listJson('labels')),
    textColumn('x_ResourceTags', has('tags') === undefined ? noText() : listJson('tags')),
    textColumn('x_ServiceId', field('service.id')),
    textColumn('x_SubscriptionId', instance),
    textColumn('x_SystemLabels', has('system_labels') === undefined ? noText() : listJson('system_labels')),
  ];
}

/**
 * The export names a machine by its number (`.../instance/123`, with its name beside it); the canonical id, by which
 * it is found among what exists, has the name. Everything else keeps the name that the export gives.
 */
function resource(has: Has, field: (name: string) => string): MappedColumn[] {
  if (has('resource.name') === undefined) return [];
  const global = field('resource.global_name');
  const name = field('resource.name');
  const isInstance = `REGEXP_CONTAINS(${global}, r'^//compute\\.googleapis\\.com/projects/[^/]+/zones/[^/]+/instances?/[^/]+$')`;
  return [
    {
      name: 'ResourceId',
      kind: 'text',
      sql: `IF(${isInstance} AND ${name} IS NOT NULL AND ${field('project.id')} IS NOT NULL AND ${field('location.zone')} IS NOT NULL,
        CONCAT('//compute.googleapis.com/projects/', ${field('project.id')}, '/zones/', ${field('location.zone')}, '/instances/', REGEXP_EXTRACT(${name}, r'[^/]+$')),
        COALESCE(${global}, ${name}))`,
    },
    { name: 'ResourceName', kind: 'text', sql: name },
    {
      name: 'ResourceType',
      kind: 'text',
      sql: `REGEXP_EXTRACT(${global}, r'^//[^/]+/(?:.*/)?([A-Za-z][A-Za-z_-]*)/[^/]+$')`,
    },
    { name: 'x_ResourceGlobalName', kind: 'text', sql: global },
  ];
}

/** Labels of the resource, then its tags, then what it inherits: tags of its parents and labels of its project. */
function tagLists(has: Has): Pairs[] {
  const pairs = (list: string, rank: number, where?: string): Pairs[] =>
    has(`${list}.key`) === undefined
      ? []
      : [{ path: path(list), key: 'key', value: 'value', rank, ...(where === undefined ? {} : { where }) }];
  const inherits = has('tags.inherited') !== undefined;
  return [
    ...pairs('labels', 1),
    ...pairs('tags', 2, inherits ? 'NOT IFNULL(p.inherited, FALSE)' : undefined),
    ...(inherits ? pairs('tags', 3, 'IFNULL(p.inherited, FALSE)') : []),
    ...pairs('project.labels', 4),
  ];
}
