import { gzipSync } from 'node:zlib';
import type { ConvertOptions } from '../../../../lib/lake/ingest/model.ts';
import type { FocusFile } from '../../../../lib/sources/model.ts';
import { file, folder, type Ingested, ingestFiles, type Row, sql } from '../fixtures.ts';

/** A line of a report by CUR 2.0 names; what is left out is blank. */
export type Line = Readonly<Record<string, string>>;

/** A line of on-demand usage that nothing is wrong with. */
export const USAGE: Line = {
  bill_billing_entity: 'AWS',
  bill_billing_period_end_date: '2026-06-01T00:00:00Z',
  bill_billing_period_start_date: '2026-05-01T00:00:00Z',
  bill_invoice_id: '1234567890',
  bill_invoicing_entity: 'Amazon Web Services EMEA SARL',
  bill_payer_account_id: '012345678901',
  line_item_currency_code: 'USD',
  line_item_legal_entity: 'Amazon Web Services, Inc.',
  line_item_line_item_description: '$0.10 per On Demand Linux m5.large Instance Hour',
  line_item_line_item_type: 'Usage',
  line_item_operation: 'RunInstances',
  line_item_product_code: 'AmazonEC2',
  line_item_resource_id: 'i-0123456789abcdef0',
  line_item_unblended_cost: '0.10',
  line_item_unblended_rate: '0.1000000000',
  line_item_usage_account_id: '111122223333',
  line_item_usage_amount: '1',
  line_item_usage_end_date: '2026-05-03T05:00:00Z',
  line_item_usage_start_date: '2026-05-03T04:00:00Z',
  line_item_usage_type: 'EUC1-BoxUsage:m5.large',
  pricing_public_on_demand_cost: '0.12',
  pricing_public_on_demand_rate: '0.1200000000',
  pricing_rate_code: 'ABC.JRTCKXETXF.6YS6EN2CT7',
  pricing_unit: 'Hrs',
  product_location: 'EU (Frankfurt)',
  product_location_type: 'AWS Region',
  product_region_code: 'eu-central-1',
  product_sku: 'ABC',
};

/** Each line over `USAGE`; a key with an empty value is blank. */
export function lines(...given: readonly Line[]): Line[] {
  return given.map((line) => ({ ...USAGE, ...line }));
}

/** Legacy CSV spelling of a CUR 2.0 name: `line_item_usage_start_date` is `lineItem/UsageStartDate`. */
const SECTIONS: Readonly<Record<string, string>> = {
  bill: 'bill',
  line_item: 'lineItem',
  pricing: 'pricing',
  product: 'product',
  reservation: 'reservation',
  savings_plan: 'savingsPlan',
  split_line_item: 'splitLineItem',
};

export function legacyName(name: string): string {
  for (const [section, legacy] of Object.entries(SECTIONS)) {
    if (!name.startsWith(`${section}_`)) continue;
    const rest = name
      .slice(section.length + 1)
      .replace('_a_r_n', '_ARN')
      .split('_')
      .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
      .join('');
    return `${legacy}/${rest}`;
  }
  return name;
}

export function csv(rows: readonly Line[], rename: (name: string) => string = (name) => name): string {
  const names = [...new Set(rows.flatMap(Object.keys))];
  return [
    names.map((name) => quote(rename(name))),
    ...rows.map((row) => names.map((name) => quote(row[name] ?? ''))),
  ]
    .map((values) => `${values.join(',')}\n`)
    .join('');
}

function quote(value: string): string {
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export type Spelling = 'cur-2.0 csv' | 'cur-2.0 parquet' | 'legacy csv' | 'legacy parquet';
export const SPELLINGS: readonly Spelling[] = [
  'cur-2.0 csv',
  'cur-2.0 parquet',
  'legacy csv',
  'legacy parquet',
];

/** The same lines as AWS would write them in a spelling: gzipped CSV, or Parquet with money as DOUBLE. */
export async function report(rows: readonly Line[], spelling: Spelling): Promise<FocusFile> {
  const layout = spelling.startsWith('legacy') ? 'cur-legacy' : 'cur-2.0';
  if (spelling.endsWith('csv')) {
    const text = csv(rows, spelling === 'legacy csv' ? legacyName : undefined);
    const path = await file('report.csv.gz', gzipSync(text));
    return { path, shownAs: 's3://bill/report.csv.gz', format: 'csv', layout };
  }
  const plain = await file('report.csv', csv(rows));
  const names = [...new Set(rows.flatMap(Object.keys))];
  const columns = names.map((name) =>
    /_(start|end)_date$/.test(name)
      ? `CAST("${name}" AS TIMESTAMP) AS "${name}"`
      : /(_cost|_fee|_fee_for_billing_period|_to_date|used_commitment|commitment_for_billing_period|usage_amount)$/.test(
            name,
          )
        ? `CAST("${name}" AS DOUBLE) AS "${name}"`
        : `"${name}"`,
  );
  const path = `${await folder()}/report.parquet`;
  await sql(`COPY (SELECT ${columns.join(', ')} FROM read_csv('${plain}', all_varchar = true, header = true, quote = '"', escape = '"', nullstr = ''))
    TO '${path}' (FORMAT parquet)`);
  return { path, shownAs: 's3://bill/report.parquet', format: 'parquet', layout };
}

export async function focusOf(
  rows: readonly Line[],
  spelling: Spelling = 'cur-2.0 csv',
  more: Partial<ConvertOptions> & { where?: string } = {},
): Promise<Ingested> {
  return ingestFiles([await report(rows, spelling)], more);
}

/** Some columns of each row. */
export function pick(rows: readonly Row[], ...names: string[]): unknown[][] {
  return rows.map((row) => names.map((name) => row[name]));
}

/** 18 places as the lake keeps them. */
export function amount(text: string): string {
  const [whole = '0', places = ''] = text.split('.');
  return `${whole}.${places.padEnd(18, '0')}`;
}
