import type { Field } from '../../../lib/platform/bigquery/model.ts';

/** A field of a schema, short: `f('cost', 'FLOAT')`, `f('labels', 'RECORD*', [...])`. */
export function f(name: string, type: string, fields: readonly Field[] = []): Field {
  const repeated = type.endsWith('*');
  return { name, type: type.replace('*', ''), mode: repeated ? 'REPEATED' : 'NULLABLE', fields };
}

const text = (name: string): Field => f(name, 'STRING');
const pair = (name: string): Field => f(name, 'RECORD*', [text('key'), text('value')]);

const COMMON: readonly Field[] = [
  text('billing_account_id'),
  f('service', 'RECORD', [text('id'), text('description')]),
  f('sku', 'RECORD', [text('id'), text('description')]),
  f('usage_start_time', 'TIMESTAMP'),
  f('usage_end_time', 'TIMESTAMP'),
  f('project', 'RECORD', [
    text('id'),
    text('number'),
    text('name'),
    pair('labels'),
    text('ancestry_numbers'),
    f('ancestors', 'RECORD*', [text('resource_name'), text('display_name')]),
  ]),
  pair('labels'),
  pair('system_labels'),
  f('location', 'RECORD', [text('location'), text('country'), text('region'), text('zone')]),
  f('tags', 'RECORD*', [text('key'), text('value'), f('inherited', 'BOOLEAN'), text('namespace')]),
  text('transaction_type'),
  text('seller_name'),
  f('export_time', 'TIMESTAMP'),
  f('cost', 'FLOAT'),
  text('currency'),
  f('currency_conversion_rate', 'FLOAT'),
  f('usage', 'RECORD', [
    f('amount', 'FLOAT'),
    text('unit'),
    f('amount_in_pricing_units', 'FLOAT'),
    text('pricing_unit'),
  ]),
  f('credits', 'RECORD*', [text('name'), f('amount', 'FLOAT'), text('full_name'), text('id'), text('type')]),
  f('invoice', 'RECORD', [text('month'), text('publisher_type')]),
  text('cost_type'),
  f('adjustment_info', 'RECORD', [text('id'), text('description'), text('mode'), text('type')]),
  f('cost_at_list', 'FLOAT'),
];

const SINCE_2025: readonly Field[] = [
  f('price', 'RECORD', [
    f('effective_price', 'NUMERIC'),
    f('tier_start_amount', 'NUMERIC'),
    text('unit'),
    f('pricing_unit_quantity', 'NUMERIC'),
    f('list_price', 'NUMERIC'),
    f('effective_price_default', 'NUMERIC'),
    f('list_price_consumption_model', 'NUMERIC'),
  ]),
  f('cost_at_effective_price_default', 'FLOAT'),
  f('cost_at_list_consumption_model', 'FLOAT'),
  f('consumption_model', 'RECORD', [text('id'), text('description')]),
];

/**
 * The columns of the exports, by Google's documents "Structure of Standard data export" and "Structure of Detailed
 * data export" (November 2026).
 */
export const STANDARD: readonly Field[] = [...COMMON, ...SINCE_2025];
export const DETAILED: readonly Field[] = [
  ...STANDARD,
  f('resource', 'RECORD', [text('name'), text('global_name')]),
  f('subscription', 'RECORD', [text('instance_id')]),
];
/** A table of 2019: no export of resources, no types of credits, no tags, no list cost. */
export const OLD: readonly Field[] = COMMON.filter(
  ({ name }) =>
    !['tags', 'transaction_type', 'seller_name', 'cost_at_list', 'adjustment_info'].includes(name),
).map((field) =>
  field.name === 'credits' ? f('credits', 'RECORD*', [text('name'), f('amount', 'FLOAT')]) : field,
);

/** Columns of Google's FOCUS export, as INFORMATION_SCHEMA of a real one tells them (2026). */
export const FOCUS: readonly Field[] = [
  ...[
    'AvailabilityZone',
    'BillingAccountId',
    'BillingAccountType',
    'BillingCurrency',
    'ChargeCategory',
    'ChargeClass',
    'ChargeDescription',
    'ConsumedUnit',
    'PricingCategory',
    'PricingCurrency',
    'PricingUnit',
    'ProviderName',
    'PublisherName',
    'RegionId',
    'RegionName',
    'ResourceId',
    'ResourceName',
    'ServiceName',
    'SkuId',
    'SkuPriceId',
    'SubAccountId',
    'SubAccountName',
    'x_CostType',
    'x_Location',
    'x_ServiceId',
    'x_SubscriptionInstanceId',
    'x_ConsumptionModelId',
    'x_ConsumptionModelDescription',
  ].map(text),
  ...['BillingPeriodStart', 'BillingPeriodEnd', 'ChargePeriodStart', 'ChargePeriodEnd', 'x_ExportTime'].map(
    (name) => f(name, 'TIMESTAMP'),
  ),
  ...[
    'BilledCost',
    'ConsumedQuantity',
    'ContractedCost',
    'ContractedUnitPrice',
    'EffectiveCost',
    'ListCost',
    'ListUnitPrice',
    'PricingCurrencyContractedUnitPrice',
    'PricingCurrencyEffectiveCost',
    'PricingCurrencyListUnitPrice',
    'PricingQuantity',
    'x_CostAtEffectivePriceDefault',
    'x_CostAtListConsumptionModel',
    'x_PriceEffectivePriceDefault',
    'x_PriceListPriceConsumptionModel',
  ].map((name) => f(name, 'NUMERIC')),
  f('x_CurrencyConversionRate', 'FLOAT'),
  f('x_Credits', 'RECORD*', [
    text('Name'),
    f('Amount', 'NUMERIC'),
    text('FullName'),
    text('Id'),
    text('Type'),
  ]),
  f('x_Project', 'RECORD', [
    text('Id'),
    text('Number'),
    text('Name'),
    text('AncestryNumbers'),
    f('Ancestors', 'RECORD*', [text('ResourceName'), text('DisplayName')]),
  ]),
  ...['x_SystemLabels', 'x_Labels', 'x_ProjectLabels'].map((name) =>
    f(name, 'RECORD*', [text('Key'), text('Value')]),
  ),
  f('x_Tags', 'RECORD*', [text('Key'), text('Value'), f('x_Inherited', 'BOOLEAN'), text('x_Namespace')]),
];

/** What a row says where a test does not: an hour of a machine on 2 July 2026, invoiced in July. */
const ROW = {
  billing_account_id: '010101-F0FFF0-61C528',
  service: { id: '6F81-5844-456A', description: 'Compute Engine' },
  sku: { id: '2E27-4F75-95CD', description: 'N1 Predefined Instance Core running in Americas' },
  usage_start_time: '2026-07-02T10:00:00Z',
  usage_end_time: '2026-07-02T11:00:00Z',
  project: {
    id: 'acme-vision',
    number: '123456789012',
    name: 'Acme Vision',
    labels: [{ key: 'cost-center', value: 'cc-7' }],
    ancestry_numbers: '/111111111111/222222222222/',
    ancestors: [
      { resource_name: 'projects/123456789012', display_name: 'Acme Vision' },
      { resource_name: 'organizations/111111111111', display_name: 'acme.com' },
    ],
  },
  labels: [{ key: 'team', value: 'vision' }],
  system_labels: [],
  location: { location: 'us-central1-a', country: 'US', region: 'us-central1', zone: 'us-central1-a' },
  tags: [],
  transaction_type: 'GOOGLE',
  seller_name: null,
  export_time: '2026-07-03T01:00:00Z',
  cost: 1.5,
  currency: 'USD',
  currency_conversion_rate: 1,
  usage: { amount: 3600, unit: 'seconds', amount_in_pricing_units: 1, pricing_unit: 'hour' },
  credits: [],
  invoice: { month: '202607', publisher_type: 'GOOGLE' },
  cost_type: 'regular',
  adjustment_info: null,
  cost_at_list: 2,
  resource: {
    name: 'annotate-1',
    global_name: '//compute.googleapis.com/projects/123456789012/zones/us-central1-a/instance/4411',
  },
  subscription: null,
} as const;

export type Row = Readonly<Record<string, unknown>>;

/** A row of the export that differs from the plain one in what is given. */
export function usage(differs: Row = {}): Row {
  return { ...ROW, ...differs };
}

/** The type of a field in SQL. */
export function sqlType({ type, mode, fields }: Field): string {
  const one =
    type === 'RECORD'
      ? `STRUCT<${fields.map((field) => `${field.name} ${sqlType(field)}`).join(', ')}>`
      : (TYPES[type] ?? type);
  return mode === 'REPEATED' ? `ARRAY<${one}>` : one;
}
const TYPES: Readonly<Record<string, string>> = { FLOAT: 'FLOAT64', BOOLEAN: 'BOOL', INTEGER: 'INT64' };

/** A value of a row as a literal in SQL. */
export function sqlValue(value: unknown, field: Field): string {
  if (field.mode === 'REPEATED') {
    const items = Array.isArray(value) ? value : [];
    const one: Field = { ...field, mode: 'NULLABLE' };
    return `CAST([${items.map((item) => sqlValue(item, one)).join(', ')}] AS ${sqlType(field)})`;
  }
  if (value === null || value === undefined) return `CAST(NULL AS ${sqlType(field)})`;
  if (field.type === 'RECORD')
    return `STRUCT(${field.fields
      .map(
        (inner) =>
          `${sqlValue(typeof value === 'object' ? Reflect.get(value, inner.name) : null, inner)} AS ${inner.name}`,
      )
      .join(', ')})`;
  const literal = typeof value === 'string' ? value : JSON.stringify(value);
  return `CAST(${JSON.stringify(literal)} AS ${sqlType(field)})`;
}

/** INSERT of rows into a table. */
export function insertSql(table: string, fields: readonly Field[], rows: readonly Row[]): string {
  const values = rows.map(
    (row) => `SELECT ${fields.map((field) => sqlValue(row[field.name], field)).join(', ')}`,
  );
  return `INSERT INTO ${table} (${fields.map(({ name }) => name).join(', ')}) ${values.join(' UNION ALL ')}`;
}

/** A row of Google's FOCUS export, that differs in what is given. */
export const focusRow = (more: Row = {}): Row => ({
  BillingAccountId: '010101-F0FFF0-61C528',
  BillingCurrency: 'EUR',
  BillingPeriodStart: '2026-07-01T07:00:00Z',
  BillingPeriodEnd: '2026-08-01T07:00:00Z',
  ChargePeriodStart: '2026-07-02T10:00:00Z',
  ChargePeriodEnd: '2026-07-02T11:00:00Z',
  ChargeCategory: 'usage',
  ChargeDescription: 'Gemini input tokens',
  BilledCost: '0.123456789',
  EffectiveCost: '0.123456789',
  ListCost: '0.2',
  ContractedCost: null,
  ProviderName: 'Google Cloud',
  PublisherName: 'Google Cloud',
  ServiceName: 'Vertex AI',
  SkuId: 'AAAA',
  SubAccountId: '010101-F0FFF0-61C528',
  x_ExportTime: '2026-07-03T01:00:00Z',
  x_Project: {
    Id: 'acme-vision',
    Number: '123',
    Name: 'Acme Vision',
    AncestryNumbers: '/1/2/',
    Ancestors: [],
  },
  x_Labels: [{ Key: '__proto__', Value: 'p' }],
  x_ProjectLabels: [{ Key: 'team', Value: 'vision' }],
  x_Tags: [{ Key: 'team', Value: 'tag', x_Inherited: false, x_Namespace: 'n' }],
  x_SystemLabels: [],
  x_Credits: [{ Name: 'Promo', Amount: '-0.1', FullName: 'Promo', Id: 'p', Type: 'PROMOTION' }],
  ...more,
});
