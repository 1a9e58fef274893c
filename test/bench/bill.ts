import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { SERVICES, TAG_KEYS } from './services.ts';

/** Changes with what is generated, so that what an older bench left is made anew. */
const VERSION = 1;
const ACCOUNTS = 200;
const RESOURCES = 50_000;
/** August to October: three billing periods. */
const START = '2026-08-01';
const DAYS = 92;
/** The bench takes this time for now: the window of 30 days ends with the bill. */
export const BENCH_NOW = new Date('2026-11-02T06:00:00Z');

export interface BenchBill {
  /** One CSV as a person downloads it: ISO times, money with up to ten places, Tags as JSON. */
  readonly csv: string;
  /** A folder of Parquet files as AWS Data Exports write them: money as DOUBLE, Tags as a map. */
  readonly parquet: string;
}

/** Makes the bill of `rows` rows under `folder` where it is not there yet. The same rows for the same number. */
export async function benchBill(folder: string, rows: number): Promise<BenchBill> {
  const whole = join(folder, `bill-v${VERSION}-${rows}`);
  const bill = { csv: join(whole, 'bill.csv'), parquet: join(whole, 'parquet') };
  if ((await stat(whole).catch(() => null)) !== null) return bill;
  const part = `${whole}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(join(part, 'parquet'), { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '1GiB',
    temp_directory: join(part, 'spill'),
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(servicesSql());
    await connection.run(resourcesSql());
    await connection.run(
      `COPY (${rowsSql(rows)}) TO '${join(part, 'parquet')}' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES '64MB', OVERWRITE)`,
    );
    const scan = `read_parquet('${join(part, 'parquet', '*.parquet')}')`;
    await connection.run(
      `COPY (SELECT * REPLACE (CAST(to_json("Tags") AS VARCHAR) AS "Tags", ${TIMES.map(isoTime).join(', ')})
        FROM ${scan}) TO '${join(part, 'bill.csv')}' (FORMAT csv, HEADER true)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  await rm(join(part, 'spill'), { recursive: true, force: true });
  await rename(part, whole);
  return bill;
}

/** Bytes of a file, or of all files of a folder. */
export async function bytesOf(path: string): Promise<number> {
  const facts = await stat(path);
  if (facts.isFile()) return facts.size;
  const sizes = await Promise.all(
    (await readdir(path)).map(async (name) => (await stat(join(path, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const TIMES = ['BillingPeriodStart', 'BillingPeriodEnd', 'ChargePeriodStart', 'ChargePeriodEnd'];
const isoTime = (name: string) => `strftime("${name}", '%Y-%m-%dT%H:%M:%SZ') AS "${name}"`;

/** A number from 0 to below `of` that depends on the row `i` alone. */
const salted = (salt: string, of: number) => `CAST(hash(i, '${salt}') % ${of} AS INTEGER)`;

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;

function servicesSql(): string {
  const rows = SERVICES.map(
    ({ provider, name, category, subcategory, type, unit }, id) =>
      `(${[String(id), ...[provider, name, category, subcategory, type, unit].map(text)].join(', ')})`,
  );
  return `CREATE TABLE services AS SELECT * FROM (VALUES ${rows.join(', ')})
    AS t(service_id, provider, service, category, subcategory, kind, unit)`;
}

/** Fifty thousand resources over the accounts, two services in three on AWS, each with its own set of tags. */
function resourcesSql(): string {
  const aws = SERVICES.filter(({ provider }) => provider === 'AWS').length;
  const tags = TAG_KEYS.map(
    ([key, percent], at) =>
      `CASE WHEN hash(r, 'has', ${at}) % 100 < ${percent} THEN {k: ${text(key)}, v: ${tagValue(key)}} END`,
  );
  return `CREATE TABLE resources AS
    WITH placed AS (
      SELECT range AS r, CAST(${ACCOUNTS} * pow(CAST(hash(range, 'account') % 1000000 AS DOUBLE) / 1000000, 1.7) AS INTEGER) AS account,
             ['us-east-1', 'us-east-1', 'us-east-1', 'us-west-2', 'us-west-2', 'eu-central-1', 'eu-central-1', 'eu-west-1',
              'ap-southeast-1', 'ap-northeast-1', 'sa-east-1', 'ca-central-1'][1 + CAST(hash(range, 'region') % 12 AS INTEGER)] AS region
      FROM range(${RESOURCES})
    ), served AS (
      SELECT *, CASE WHEN account % 5 < 4 THEN CAST(hash(r, 'service') % ${aws} AS INTEGER)
                     ELSE ${aws} + CAST(hash(r, 'service') % ${SERVICES.length - aws} AS INTEGER) END AS service_id
      FROM placed
    )
    SELECT r, account, region, service_id,
      CASE WHEN account % 5 = 4
        THEN '//' || kind || '.googleapis.com/projects/project-' || account || '/zones/' || region || '/' || kind || '/' || format('{:012x}', r * 7919)
        WHEN kind = 'instance' THEN 'i-0' || format('{:016x}', r * 104729)
        ELSE 'arn:aws:' || replace(kind, '-', '') || ':' || region || ':' || lpad(CAST(100000000000 + account * 7919 AS VARCHAR), 12, '0')
             || ':' || kind || '/' || format('{:017x}', r * 104729) END AS resource_id,
      kind || '-' || format('{:05d}', r) AS resource_name,
      map_from_entries(list_filter([${tags.join(', ')}], lambda e: e IS NOT NULL)) AS tags
    FROM served JOIN services USING (service_id)`;
}

function tagValue(key: string): string {
  const pick = (values: string) =>
    `(${values})[1 + CAST(hash(r, 'value', ${text(key)}) % len(${values}) AS INTEGER)]`;
  switch (key) {
    case 'env':
    case 'stage':
      return pick(`['prod', 'prod', 'staging', 'dev', 'Prod', 'test']`);
    case 'owner':
    case 'contact':
    case 'created-by':
      return `'person-' || CAST(hash(r, 'person') % 400 AS VARCHAR) || '@bench.example'`;
    case 'team':
      return `'team-' || CAST(hash(r, 'team') % 40 AS VARCHAR)`;
    default:
      return `${text(`${key}-`)} || CAST(hash(r, ${text(key)}) % 120 AS VARCHAR)`;
  }
}

/**
 * Rows in order of the day. Nineteen of twenty name a resource, the busiest far more often than the rest; the
 * others are data transfer, support and tax of an account. A quarter of compute is covered by a savings plan,
 * one row in a hundred is a credit.
 */
function rowsSql(rows: number): string {
  const aws = `provider = 'AWS'`;
  return `
    WITH drawn AS (
      SELECT range AS i, CAST(range * ${DAYS} // ${rows} AS INTEGER) AS day,
             CASE WHEN hash(range, 'none') % 20 = 0 THEN NULL
                  ELSE CAST(${RESOURCES - 1} * pow(CAST(hash(range, 'resource') % 100000000 AS DOUBLE) / 100000000, 1.5) AS INTEGER) END AS r
      FROM range(${rows})
    ), met AS (
      SELECT i, day, resources.r, resource_id, resource_name, tags, region,
             coalesce(resources.account, ${salted('account', ACCOUNTS)}) AS account,
             coalesce(resources.service_id, CASE WHEN coalesce(resources.account, ${salted('account', ACCOUNTS)}) % 5 = 4 THEN 56 ELSE 25 + 2 * ${salted('spare', 3)} END) AS service_id
      FROM drawn LEFT JOIN resources ON resources.r = drawn.r
    ), priced AS (
      SELECT met.*, services.* EXCLUDE (service_id), CAST(${text(START)} AS TIMESTAMP) + to_days(day) + to_hours(${salted('hour', 24)}) AS start,
             round(CAST(1 + hash(i, 'quantity') % 100000 AS DOUBLE) / 1000, 6) AS quantity,
             round(0.0000213 * CAST(1 + hash(met.service_id, coalesce(region, ''), 'price') % 9000 AS DOUBLE), 10) AS price,
             hash(i, 'credit') % 100 = 0 AS credit,
             category = 'Compute' AND hash(i, 'covered') % 4 = 0 AS covered
      FROM met JOIN services USING (service_id)
    ), costed AS (
      SELECT *, round(CASE WHEN credit THEN -1 ELSE 1 END * quantity * price, 10) AS list,
             lpad(CAST(100000000000 + account * 7919 AS VARCHAR), 12, '0') AS account_id
      FROM priced
    )
    SELECT CASE WHEN ${aws} AND r IS NOT NULL THEN region || 'a' END AS "AvailabilityZone",
      CASE WHEN covered AND NOT credit THEN 0 ELSE list END AS "BilledCost",
      CASE WHEN ${aws} THEN '90000000000' || CAST(account % 3 AS VARCHAR) ELSE '01A2B3-C4D5E6-F7081' || CAST(account % 3 AS VARCHAR) END AS "BillingAccountId",
      'Payer ' || CAST(account % 3 AS VARCHAR) AS "BillingAccountName", 'Billing Account' AS "BillingAccountType", 'USD' AS "BillingCurrency",
      date_trunc('month', start) + INTERVAL 1 MONTH AS "BillingPeriodEnd", CAST(date_trunc('month', start) AS TIMESTAMP) AS "BillingPeriodStart",
      CAST(NULL AS VARCHAR) AS "CapacityReservationId", CAST(NULL AS VARCHAR) AS "CapacityReservationStatus",
      CASE WHEN credit THEN 'Credit' WHEN r IS NULL AND ${salted('tax', 8)} = 0 THEN 'Tax' ELSE 'Usage' END AS "ChargeCategory",
      CAST(NULL AS VARCHAR) AS "ChargeClass",
      '$' || CAST(price AS VARCHAR) || ' per ' || unit || ' of ' || service || coalesce(' in ' || region, '') AS "ChargeDescription",
      'Usage-Based' AS "ChargeFrequency", start + INTERVAL 1 HOUR AS "ChargePeriodEnd", start AS "ChargePeriodStart",
      CASE WHEN covered THEN 'Spend' END AS "CommitmentDiscountCategory",
      CASE WHEN covered THEN 'arn:aws:savingsplans::900000000000:savingsplan/' || CAST(account % 12 AS VARCHAR) END AS "CommitmentDiscountId",
      CASE WHEN covered THEN 'Compute plan ' || CAST(account % 12 AS VARCHAR) END AS "CommitmentDiscountName",
      CASE WHEN covered THEN quantity END AS "CommitmentDiscountQuantity",
      CASE WHEN covered THEN 'Used' END AS "CommitmentDiscountStatus", CASE WHEN covered THEN 'Savings Plan' END AS "CommitmentDiscountType",
      CASE WHEN covered THEN unit END AS "CommitmentDiscountUnit",
      quantity AS "ConsumedQuantity", unit AS "ConsumedUnit", list AS "ContractedCost", price AS "ContractedUnitPrice",
      CASE WHEN covered THEN round(list * 0.72, 10) ELSE list END AS "EffectiveCost",
      'INV-' || strftime(start, '%Y%m') || '-' || CAST(account % 3 AS VARCHAR) AS "InvoiceId",
      CASE WHEN ${aws} THEN 'Amazon Web Services, Inc.' ELSE 'Google Cloud EMEA Limited' END AS "InvoiceIssuerName",
      list AS "ListCost", price AS "ListUnitPrice",
      CASE WHEN covered THEN 'Committed' ELSE 'Standard' END AS "PricingCategory", 'USD' AS "PricingCurrency",
      price AS "PricingCurrencyContractedUnitPrice", CASE WHEN covered THEN round(list * 0.72, 10) ELSE list END AS "PricingCurrencyEffectiveCost",
      price AS "PricingCurrencyListUnitPrice", quantity AS "PricingQuantity", unit AS "PricingUnit",
      provider AS "ProviderName", provider AS "PublisherName", region AS "RegionId", region AS "RegionName",
      resource_id AS "ResourceId", resource_name AS "ResourceName", CASE WHEN r IS NOT NULL THEN kind END AS "ResourceType",
      category AS "ServiceCategory", service AS "ServiceName", subcategory AS "ServiceSubcategory",
      format('SKU{:08X}', service_id * 7919 + ${salted('sku', 40)}) AS "SkuId", unit AS "SkuMeter",
      '{"x_Operation":"Run","x_Term":"' || CASE WHEN covered THEN 'Committed' ELSE 'OnDemand' END || '"}' AS "SkuPriceDetails",
      format('SKU{:08X}.PRICE', service_id * 7919 + ${salted('sku', 40)}) AS "SkuPriceId",
      CASE WHEN ${aws} THEN account_id ELSE 'project-' || CAST(account AS VARCHAR) END AS "SubAccountId",
      'account-' || CAST(account AS VARCHAR) AS "SubAccountName", CASE WHEN ${aws} THEN 'Account' ELSE 'Project' END AS "SubAccountType",
      tags AS "Tags"
    FROM costed`;
}
