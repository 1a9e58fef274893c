import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';

/** A charge of an export; what is left out is that of an instance-day of account 111122223333. */
export type Charge = Readonly<Record<string, string>>;

/** Columns of AWS's FOCUS 1.2 table that the tests need (AWS Data Exports User Guide, "FOCUS 1.2 with AWS columns"). */
const COLUMNS = [
  'BilledCost',
  'BillingAccountId',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'ResourceId',
  'ServiceCategory',
  'ServiceName',
  'SubAccountId',
  'Tags',
  'x_Operation',
  'x_ServiceCode',
] as const;

/** A row of the FOCUS table in a period (`2026-10`). */
export function charge(period: string, billed: string, more: Charge = {}): Charge {
  const [year = '', month = ''] = period.split('-');
  const next = new Date(Date.UTC(Number(year), Number(month), 1)).toISOString();
  return {
    BilledCost: billed,
    EffectiveCost: billed,
    ListCost: billed,
    BillingAccountId: '999900001111',
    SubAccountId: '111122223333',
    BillingCurrency: 'USD',
    BillingPeriodStart: `${period}-01T00:00:00.000Z`,
    BillingPeriodEnd: next,
    ChargeCategory: 'Usage',
    ChargePeriodStart: `${period}-05T00:00:00.000Z`,
    ChargePeriodEnd: `${period}-06T00:00:00.000Z`,
    InvoiceIssuerName: 'Amazon Web Services, Inc.',
    ProviderName: 'AWS',
    PublisherName: 'AWS',
    RegionId: 'us-east-1',
    ResourceId: 'arn:aws:ec2:us-east-1:111122223333:instance/i-0abc',
    ServiceCategory: 'Compute',
    ServiceName: 'Amazon Elastic Compute Cloud',
    Tags: '{"team":"research"}',
    x_Operation: 'RunInstances',
    x_ServiceCode: 'AmazonEC2',
    ...more,
  };
}

export function focusCsv(charges: readonly Charge[]): string {
  return csv(COLUMNS, charges);
}

export function csv(columns: readonly string[], rows: readonly Charge[]): string {
  const lines = rows.map((row) => csvLine(columns.map((name) => row[name] ?? '')));
  return `${[columns.join(), ...lines].join('\n')}\n`;
}

function csvLine(values: readonly string[]): string {
  return values.map((value) => `"${value.replaceAll('"', '""')}"`).join();
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/**
 * The same rows as AWS writes Parquet: money as DOUBLE, times as TIMESTAMP, tags as a map.
 * @param columns what is selected of them, in SQL
 */
export async function focusParquet(charges: readonly Charge[], columns = '*'): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-parquet-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const typed = (name: string, value: string | undefined): string => {
      const text = value === undefined || value === '' ? 'NULL' : literal(value);
      if (name.endsWith('Cost')) return `CAST(${text} AS DOUBLE)`;
      if (/(Start|End)$/.test(name)) return `CAST(${text} AS TIMESTAMP)`;
      if (name === 'Tags') return `CAST(CAST(${text} AS JSON) AS MAP(VARCHAR, VARCHAR))`;
      return `CAST(${text} AS VARCHAR)`;
    };
    const rows = charges.map(
      (row) => `SELECT ${COLUMNS.map((name) => `${typed(name, row[name])} AS "${name}"`).join()}`,
    );
    const path = join(folder, 'x.parquet');
    await connection.run(
      `COPY (SELECT ${columns} FROM (${rows.join(' UNION ALL ')})) TO '${path}' (FORMAT parquet, COMPRESSION snappy)`,
    );
    return await readFile(path);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}

export interface DeliveryOptions {
  /** `create new`: the folder of this execution; left out: overwriting. */
  readonly execution?: string;
  /** Where create-new writes its manifest: AWS writes it into the execution's folder; some also beside it. */
  readonly alsoAbove?: boolean;
  /** Keys of the manifest that are written instead of those of the files. */
  readonly named?: readonly string[];
}

/** A payer's bucket in moto, into which the tests deliver exports as AWS does. */
export class Payer {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly name: string;
  #deliveries = 0;

  constructor(s3: S3Client, bucket: string, where: { prefix?: string; name?: string } = {}) {
    this.s3 = s3;
    this.bucket = bucket;
    this.prefix = where.prefix ?? 'focus';
    this.name = where.name ?? 'daily';
  }

  get folder(): string {
    return this.prefix === '' ? `${this.name}/` : `${this.prefix}/${this.name}/`;
  }

  async put(key: string, body: string | Uint8Array): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: Buffer.from(body) }));
  }

  /** Lays into the bucket what was delivered into another. */
  async copy(other: Payer): Promise<void> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: other.bucket }));
    // By key: data before the manifests.
    for (const { Key = '' } of Contents)
      await this.s3.send(
        new CopyObjectCommand({ Bucket: this.bucket, Key, CopySource: `${other.bucket}/${Key}` }),
      );
    this.#deliveries = other.#deliveries;
  }

  async remove(key: string): Promise<void> {
    await this.s3.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
  }

  /** Keys that a delivery of AWS Data Exports has, in its layout. */
  keys(period: string, files: number, { execution }: DeliveryOptions = {}, extension = 'csv.gz') {
    const version = execution === undefined ? '' : `${execution}/`;
    const data = Array.from(
      { length: files },
      (_, at) =>
        `${this.folder}data/BILLING_PERIOD=${period}/${version}${this.name}-${String(at + 1).padStart(5, '0')}.${extension}`,
    );
    const manifest = `${this.folder}metadata/BILLING_PERIOD=${period}/${version}${this.name}-Manifest.json`;
    return { data, manifest };
  }

  /** Delivers a period: first all files, then the manifest. Files are CSV texts, or Parquet. */
  async deliver(
    period: string,
    files: readonly (string | Uint8Array)[],
    options: DeliveryOptions = {},
  ): Promise<void> {
    const parquet = files.some((file) => typeof file !== 'string');
    const { data, manifest } = this.keys(
      period,
      files.length,
      options,
      parquet ? 'snappy.parquet' : 'csv.gz',
    );
    for (const [at, key] of data.entries()) {
      const file = files[at] ?? '';
      await this.put(key, typeof file === 'string' ? gzipSync(file) : file);
    }
    const body = this.manifest(options.named ?? data, options.execution);
    await this.put(manifest, body);
    if (options.alsoAbove) await this.put(this.keys(period, 0).manifest, body);
  }

  manifest(files: readonly string[], execution?: string): string {
    this.#deliveries += 1;
    return JSON.stringify({
      account: '999900001111',
      executionId: execution ?? `00000000-0000-4000-8000-${String(this.#deliveries).padStart(12, '0')}`,
      columns: COLUMNS.map((name) => ({ name })),
      dataFiles: files.map((key) => `s3://${this.bucket}/${key}`),
    });
  }
}

export async function bucketIn(s3: S3Client, name: string): Promise<string> {
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  return name;
}

export function s3At(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 3,
  });
}
