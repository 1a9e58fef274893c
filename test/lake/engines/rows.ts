import { DuckDBInstance } from '@duckdb/node-api';
import { FOCUS_COLUMNS, type FocusColumnName } from '../../../lib/focus/columns.ts';
import { Decimal, decimalText } from '../../../lib/focus/decimal.ts';
import { sqlName, sqlText } from '../../../lib/lake/sql.ts';

/** A charge: decimals as text that is the shortest decimal of some double, times as ISO-8601 UTC. */
export type Charge = Readonly<Partial<Record<FocusColumnName, string | null>>> & {
  readonly tags?: Readonly<Record<string, string>> | null;
};

/** An hour of an instance on 5 November 2026, with what a test says of it. */
export function charge(more: Charge = {}): Charge {
  return {
    AvailabilityZone: 'use1-az1',
    BillingAccountId: '999900001111',
    SubAccountId: '111122223333',
    ProviderName: 'AWS',
    PublisherName: 'AWS',
    InvoiceIssuerName: 'Amazon Web Services, Inc.',
    ServiceName: 'Amazon Elastic Compute Cloud',
    ServiceCategory: 'Compute',
    ChargeCategory: 'Usage',
    ChargeFrequency: 'Usage-Based',
    ResourceId: 'i-0abc',
    RegionId: 'us-east-1',
    BillingCurrency: 'USD',
    BilledCost: '0',
    EffectiveCost: '0',
    ListCost: '0',
    ContractedCost: '0',
    BillingPeriodStart: '2026-11-01T00:00:00.000Z',
    BillingPeriodEnd: '2026-12-01T00:00:00.000Z',
    ChargePeriodStart: '2026-11-05T00:00:00.000Z',
    ChargePeriodEnd: '2026-11-05T01:00:00.000Z',
    PricingCategory: 'Standard',
    PricingUnit: 'Hrs',
    ...more,
  };
}

/** An hour that begins at this time. */
const at = (start: string) => ({
  ChargePeriodStart: start,
  ChargePeriodEnd: new Date(Date.parse(start) + 3_600_000).toISOString(),
});

/** Amounts that floats, casts and half-up rounding get wrong: a resource each, all of one currency. */
const AMOUNTS = ['1e-7', '-0', '0.1', '0.2', '0.30000000000000004', '5.684341886080802e-14', '2e19'];
/** Beyond 18 places: what half-even makes of them is 2, 4, -2, -4, 0, 2, 12 and 13 of the last place. */
const TIES = ['2.5e-18', '3.5e-18', '-2.5e-18', '-3.5e-18', '5e-19', '1.5e-18', '1.25e-17', '1.251e-17'];

/** A key that an object literal would take for its prototype. */
const OWN_PROTO: Readonly<Record<string, string>> = Object.fromEntries([['__proto__', 'z']]);

/** The same bill for every engine; what it adds up to is in questions.ts. */
export const ROWS: readonly Charge[] = [
  charge({
    BilledCost: '0.1',
    EffectiveCost: '0.1',
    tags: { team: 'a', __proto__x: 'y', '': 'nameless', "it's": 'a "quote" \\ and ☃' },
  }),
  charge({ BilledCost: '0.2', EffectiveCost: '0.2', ResourceName: "box 'one'", tags: { team: 'a' } }),
  // Of months to come it tells nothing.
  charge({
    ChargeCategory: 'Credit',
    ChargePeriodEnd: '2027-01-01T00:00:00.000Z',
    BilledCost: '-0.3',
    EffectiveCost: '-0.3',
    tags: OWN_PROTO,
  }),
  charge({
    ChargeCategory: 'usage',
    EffectiveCost: '1e-7',
    BilledCost: '-0',
    ...at('2026-11-06T12:00:00.000Z'),
  }),
  ...AMOUNTS.map((amount, index) =>
    charge({
      ResourceId: `r-${index}`,
      BillingCurrency: 'JPY',
      BilledCost: amount,
      EffectiveCost: amount,
      ServiceName: 'Amazon Simple Storage Service',
      ServiceCategory: 'Storage',
    }),
  ),
  ...TIES.map((amount, index) =>
    charge({
      ResourceId: `t-${index}`,
      BillingCurrency: 'CHF',
      BilledCost: amount,
      EffectiveCost: amount,
      ServiceName: 'Amazon Simple Storage Service',
      ServiceCategory: 'Storage',
    }),
  ),
  // The window of November is half-open, whatever clocks do elsewhere.
  charge({ EffectiveCost: '1', BilledCost: '1', ResourceId: 'edge', ...at('2026-11-01T00:00:00.000Z') }),
  charge({ EffectiveCost: '2', BilledCost: '2', ResourceId: 'edge', ...at('2026-11-30T23:59:59.999Z') }),
  charge({ EffectiveCost: '4', BilledCost: '4', ResourceId: 'edge', ...at('2026-12-01T00:00:00.000Z') }),
  charge({
    EffectiveCost: '8',
    BilledCost: '8',
    ResourceId: 'edge',
    BillingPeriodStart: '2026-10-01T00:00:00.000Z',
    BillingPeriodEnd: '2026-11-01T00:00:00.000Z',
    ...at('2026-10-31T23:59:59.999Z'),
  }),
  // 25 October 2026, 01:00 UTC: the hour that Europe has twice.
  charge({
    EffectiveCost: '16',
    BilledCost: '16',
    ResourceId: 'edge',
    BillingPeriodStart: '2026-10-01T00:00:00.000Z',
    BillingPeriodEnd: '2026-11-01T00:00:00.000Z',
    ...at('2026-10-25T01:00:00.000Z'),
  }),
  // A correction is billed later than it was charged.
  charge({
    ChargeClass: 'Correction',
    EffectiveCost: '-0.5',
    BilledCost: '-0.5',
    ResourceId: 'late',
    BillingPeriodStart: '2026-12-01T00:00:00.000Z',
    BillingPeriodEnd: '2027-01-01T00:00:00.000Z',
  }),
  // Nothing where something may be missing; empty and NULL texts are nothing, too.
  charge({
    SubAccountId: null,
    ResourceId: null,
    RegionId: null,
    ResourceName: '',
    ResourceType: 'NULL',
    ServiceName: 'Amazon Textract',
    ServiceCategory: 'AI and Machine Learning',
    BilledCost: '3',
    EffectiveCost: '3',
    ChargePeriodEnd: null,
  }),
  charge({ SubAccountId: '444455556666', ResourceId: 'short-name', BilledCost: '5', EffectiveCost: '5' }),
  charge({ SubAccountId: '777788889999', ResourceId: 'short-name', BilledCost: '6', EffectiveCost: '6' }),
  // A savings plan: what it covers, what nobody used, and its fee.
  charge({
    ResourceId: 'i-covered',
    EffectiveCost: '0.07',
    ContractedCost: '0.1',
    CommitmentDiscountId: 'arn:aws:savingsplans::999900001111:savingsplan/1',
    CommitmentDiscountStatus: 'Used',
    CommitmentDiscountCategory: 'Spend',
    CommitmentDiscountType: 'Compute Savings Plan',
    PricingCategory: 'Committed',
  }),
  charge({
    ResourceId: 'arn:aws:savingsplans::999900001111:savingsplan/1',
    EffectiveCost: '0.03',
    CommitmentDiscountId: 'arn:aws:savingsplans::999900001111:savingsplan/1',
    CommitmentDiscountStatus: 'Unused',
    CommitmentDiscountCategory: 'Spend',
    PricingCategory: 'Committed',
    ChargeFrequency: 'Recurring',
  }),
  charge({
    ResourceId: 'arn:aws:savingsplans::999900001111:savingsplan/1',
    ChargeCategory: 'Purchase',
    BilledCost: '0.1',
    CommitmentDiscountId: 'arn:aws:savingsplans::999900001111:savingsplan/1',
    CommitmentDiscountCategory: 'Spend',
    PricingCategory: 'Committed',
    ChargeFrequency: 'Recurring',
  }),
  // What a commitment could cover, what it never covers, and what is about to go.
  charge({
    ResourceId: 'fn',
    ServiceName: 'AWS Lambda',
    ServiceCategory: 'Compute',
    PricingUnit: 'Lambda-Seconds',
    BilledCost: '0.25',
    EffectiveCost: '0.25',
    ...at('2026-11-07T00:00:00.000Z'),
  }),
  charge({
    ResourceId: 'i-0abc',
    ChargeDescription: '$0.09 per GB - first 10 TB / month data transfer out (100% of "it")',
    PricingUnit: 'GB',
    BilledCost: '9',
    EffectiveCost: '9',
    ...at('2026-11-07T00:00:00.000Z'),
  }),
  charge({
    ResourceId: `i-'wasted"`,
    BilledCost: '11',
    EffectiveCost: '11',
    ...at('2026-11-07T00:00:00.000Z'),
  }),
  charge({
    ProviderName: ' Google Cloud ',
    ServiceName: 'Compute Engine',
    SkuMeter: 'N2 Instance Core running in Frankfurt',
    SubAccountId: 'my-project',
    RegionId: 'europe-west3',
    ResourceId: '//compute.googleapis.com/projects/my-project/zones/europe-west3-a/instances/ünï',
    PricingUnit: 'hour',
    BilledCost: '0.125',
    EffectiveCost: '0.125',
    ...at('2026-11-07T05:00:00.000Z'),
  }),
];

/** Columns that FOCUS 1.2 has over 1.0 (FOCUS 1.1 and 1.2 change logs), which an export of 1.0 lacks. */
const SINCE_1_1: readonly string[] = [
  'BillingAccountType',
  'CapacityReservationId',
  'CapacityReservationStatus',
  'CommitmentDiscountQuantity',
  'CommitmentDiscountUnit',
  'InvoiceId',
  'PricingCurrency',
  'PricingCurrencyContractedUnitPrice',
  'PricingCurrencyEffectiveCost',
  'PricingCurrencyListUnitPrice',
  'ServiceSubcategory',
  'SkuMeter',
  'SkuPriceDetails',
  'SubAccountType',
];

export interface Layout {
  /** AWS writes double; a table of one's own has decimals. */
  readonly money: 'double' | 'decimal';
  readonly version: '1.0' | '1.2';
}

/** Columns of the export and their types in Trino and Athena (AWS Data Exports User Guide, FOCUS column dictionary). */
export function exportColumns({ money, version }: Layout): { name: string; type: string }[] {
  const types = {
    money: money === 'double' ? 'double' : 'decimal(38,18)',
    decimal: money === 'double' ? 'double' : 'decimal(38,18)',
    datetime: 'timestamp(3)',
    boolean: 'boolean',
    text: 'varchar',
    json: 'map(varchar, varchar)',
  } as const;
  const columns = FOCUS_COLUMNS.filter(({ name }) => version === '1.2' || !SINCE_1_1.includes(name)).map(
    ({ name, kind }) => ({ name, type: types[kind] }),
  );
  return [...columns, { name: 'x_ServiceCode', type: 'varchar' }];
}

/** Writes charges as the Parquet of an AWS export. */
export async function writeParquet(path: string, rows: readonly Charge[], layout: Layout): Promise<void> {
  const columns = exportColumns(layout);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const defined = columns.map(({ name, type }) => `${sqlName(name)} ${DUCKDB[type] ?? type}`);
    await connection.run(`CREATE TABLE bill (${defined.join(', ')})`);
    for (let from = 0; from < rows.length; from += 200) {
      const values = rows
        .slice(from, from + 200)
        .map((row) => `(${columns.map(({ name, type }) => valueSql(row, name, type)).join(', ')})`);
      await connection.run(`INSERT INTO bill VALUES ${values.join(', ')}`);
    }
    await connection.run(`COPY bill TO ${sqlText(path)} (FORMAT parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const DUCKDB: Readonly<Record<string, string>> = {
  'timestamp(3)': 'TIMESTAMP_MS',
  'map(varchar, varchar)': 'MAP(VARCHAR, VARCHAR)',
};

function valueSql(row: Charge, name: string, type: string): string {
  if (name === 'Tags') {
    const entries = Object.entries(row.tags ?? {});
    if (row.tags === undefined || row.tags === null) return 'NULL';
    return `map_from_entries([${entries.map(([key, value]) => `{k: ${sqlText(key)}, v: ${sqlText(value)}}`).join(', ')}]::STRUCT(k VARCHAR, v VARCHAR)[])`;
  }
  const value = new Map(Object.entries(row)).get(name);
  if (typeof value !== 'string') return 'NULL';
  if (type === 'double') return `CAST(${sqlText(value)} AS DOUBLE)`;
  // An amount of too many places was rounded by whoever wrote a decimal: half-even, by arithmetic of its own.
  if (type.startsWith('decimal'))
    return `CAST(${sqlText(decimalText(new Decimal(value)))} AS DECIMAL(38,18))`;
  if (type.startsWith('timestamp')) return `CAST(${sqlText(value.replace('Z', ''))} AS TIMESTAMP_MS)`;
  return sqlText(value);
}
