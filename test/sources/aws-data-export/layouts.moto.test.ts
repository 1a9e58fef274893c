import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { dataExportSource } from '../../../lib/sources/aws-data-export/source.ts';
import type { Delivery } from '../../../lib/sources/model.ts';
import { S3_PAGE } from '../../counterparts/moto.ts';
import { collecting, NOW } from './collect.ts';
import { bucketIn, charge, csv, focusCsv, focusParquet, Payer, s3At } from './payer.ts';

let s3: S3Client;
let counter = 0;
beforeAll(() => {
  s3 = s3At(inject('motoUrl'));
});
afterAll(() => s3.destroy());

async function payer(where: { prefix?: string; name?: string } = {}): Promise<Payer> {
  return new Payer(s3, await bucketIn(s3, `acme-layouts-${counter++}`), where);
}

/** What the source delivers, one a period, each taken; the last one speaks for all. */
async function delivered(from: Payer): Promise<{ deliveries: Delivery[]; last: Delivery }> {
  const workDir = await mkdtemp(join(tmpdir(), 'bursar-layouts-'));
  onTestFinished(() => rm(workDir, { recursive: true }));
  const source = dataExportSource({
    id: 'aws-main',
    type: 'aws-cur',
    client: s3,
    bucket: from.bucket,
    prefix: from.prefix,
  });
  const deliveries: Delivery[] = [];
  let last = await source.deliver({ workDir, now: NOW, meter: new Meter(), progress: silent });
  while (last.next !== undefined) {
    deliveries.push(last);
    last = await last.next(null);
  }
  return { deliveries, last };
}

/** Period, layouts and names of the files of each delivery. */
function shown(deliveries: readonly Delivery[]): unknown[] {
  return deliveries.map(({ periods, files }) => [
    periods.join(),
    ...files.map(
      ({ layout, format, shownAs }) => `${layout} ${format} ${shownAs.split('/').slice(4).join('/')}`,
    ),
  ]);
}

const CUR_2 = csv(
  ['bill_payer_account_id', 'line_item_usage_start_date', 'line_item_unblended_cost', 'resource_tags'],
  [{ bill_payer_account_id: '999900001111', line_item_usage_start_date: '2026-10-05 00:00:00' }],
);
const LEGACY = csv(
  ['identity/LineItemId', 'bill/PayerAccountId', 'lineItem/UsageStartDate', 'lineItem/UnblendedCost'],
  [{ 'lineItem/UsageStartDate': '2026-10-05T00:00:00Z' }],
);

/** A line of usage of October as both reports have it, by its name in CUR 2.0. */
const LINE = {
  bill_payer_account_id: '999900001111',
  bill_billing_period_start_date: '2026-10-01T00:00:00.000Z',
  bill_billing_period_end_date: '2026-11-01T00:00:00.000Z',
  line_item_usage_account_id: '111122223333',
  line_item_line_item_type: 'Usage',
  line_item_usage_start_date: '2026-10-05T00:00:00.000Z',
  line_item_usage_end_date: '2026-10-05T01:00:00.000Z',
  line_item_product_code: 'AmazonEC2',
  line_item_currency_code: 'USD',
  line_item_unblended_cost: '0.1',
} as const;

/** `line_item_usage_start_date` as the CSV of the legacy report writes it: `lineItem/UsageStartDate`. */
function legacyName(name: string): string {
  const [, section = '', rest = ''] = /^(bill|line_item)_(.+)$/.exec(name) ?? [];
  const pascal = rest.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `${section === 'bill' ? 'bill' : 'lineItem'}/${pascal}`;
}

/** A delivery of a legacy report in AWS's layout: versions kept, or overwritten where none is named. */
async function legacy(
  acme: Payer,
  { from, to, version, files = [LEGACY] }: { from: string; to: string; version?: string; files?: string[] },
  manifest: object = {},
): Promise<void> {
  const folder = `${acme.folder}${from}-${to}/`;
  const keys = files.map(
    (_, at) => `${folder}${version === undefined ? '' : `${version}/`}${acme.name}-${at + 1}.csv.gz`,
  );
  for (const [at, key] of keys.entries()) await acme.put(key, gzipSync(files[at] ?? ''));
  const body = JSON.stringify({
    assemblyId: version ?? `assembly-${counter++}`,
    account: '999900001111',
    columns: [{ category: 'lineItem', name: 'UnblendedCost', type: 'OptionalBigDecimal' }],
    contentType: 'text/csv',
    compression: 'GZIP',
    bucket: acme.bucket,
    reportName: acme.name,
    billingPeriod: { start: `${from}T000000.000Z`, end: `${to}T000000.000Z` },
    reportKeys: keys,
    ...manifest,
  });
  if (version !== undefined) await acme.put(`${folder}${version}/${acme.name}-Manifest.json`, body);
  await acme.put(`${folder}${acme.name}-Manifest.json`, body);
}

describe('AWS Data Exports', () => {
  test('FOCUS is told by its header, CUR 2.0 by the column that every report has', async () => {
    const acme = await payer();
    await acme.deliver('2026-08', [focusCsv([charge('2026-08', '1')])]);
    await acme.deliver('2026-09', [await focusParquet([charge('2026-09', '1')])]);
    await acme.deliver('2026-10', [CUR_2, CUR_2]);
    const { deliveries, last } = await delivered(acme);
    expect(shown(deliveries)).toEqual([
      [
        '2026-10',
        'cur-2.0 csv daily/data/BILLING_PERIOD=2026-10/daily-00001.csv.gz',
        'cur-2.0 csv daily/data/BILLING_PERIOD=2026-10/daily-00002.csv.gz',
      ],
      ['2026-09', 'focus parquet daily/data/BILLING_PERIOD=2026-09/daily-00001.snappy.parquet'],
      ['2026-08', 'focus csv daily/data/BILLING_PERIOD=2026-08/daily-00001.csv.gz'],
    ]);
    expect(last.coverage).toEqual([{ scope: 'bill:aws-main', status: 'complete', reason: null, asOf: null }]);
  });

  test('partitions in small letters', async () => {
    const acme = await payer();
    const key = `${acme.folder}data/billing_period=2026-10/daily-00001.csv.gz`;
    await acme.put(key, gzipSync(focusCsv([charge('2026-10', '1')])));
    await acme.put(`${acme.folder}metadata/billing_period=2026-10/daily-Manifest.json`, acme.manifest([key]));
    expect((await delivered(acme)).deliveries.map(({ periods }) => periods)).toEqual([['2026-10']]);
  });

  test('more executions than a page of a listing holds: the newest counts', async () => {
    const acme = await payer();
    const folder = `${acme.folder}metadata/BILLING_PERIOD=2026-10/`;
    await Promise.all(
      Array.from({ length: S3_PAGE + 2 }, (_, at) =>
        acme.put(`${folder}2026-10-01T${String(at).padStart(6, '0')}Z-x/daily-Manifest.json`, '{}'),
      ),
    );
    await acme.deliver('2026-10', [CUR_2], { execution: '2026-11-01T000000Z-x' });
    expect(shown((await delivered(acme)).deliveries)).toEqual([
      ['2026-10', 'cur-2.0 csv daily/data/BILLING_PERIOD=2026-10/2026-11-01T000000Z-x/daily-00001.csv.gz'],
    ]);
  });
});

describe('the legacy Cost and Usage Report', () => {
  test('overwritten', async () => {
    const acme = await payer({ prefix: 'cur', name: 'report' });
    await legacy(acme, { from: '20260901', to: '20261001' });
    await legacy(acme, { from: '20261001', to: '20261101', files: [LEGACY, LEGACY] });
    const { deliveries } = await delivered(acme);
    expect(shown(deliveries)).toEqual([
      [
        '2026-10',
        'cur-legacy csv report/20261001-20261101/report-1.csv.gz',
        'cur-legacy csv report/20261001-20261101/report-2.csv.gz',
      ],
      ['2026-09', 'cur-legacy csv report/20260901-20261001/report-1.csv.gz'],
    ]);
  });

  test('with its versions kept: the one that the manifest above names', async () => {
    const acme = await payer({ prefix: 'cur', name: 'report' });
    for (const version of ['20261002T040211Z', '20261003T040211Z'])
      await legacy(acme, { from: '20261001', to: '20261101', version });
    expect(shown((await delivered(acme)).deliveries)).toEqual([
      ['2026-10', 'cur-legacy csv report/20261001-20261101/20261003T040211Z/report-1.csv.gz'],
    ]);
  });

  test('for Athena: Parquet in folders of year and month, its manifest there or in the range', async () => {
    const acme = await payer({ prefix: 'cur', name: 'report' });
    const month = (n: number) => `${acme.folder}report/year=2026/month=${n}/`;
    const parquet = await focusParquet([charge('2026-10', '1')]);
    for (const n of [9, 10]) await acme.put(`${month(n)}report-00001.snappy.parquet`, parquet);
    await acme.put(
      `${month(9)}report-Manifest.json`,
      JSON.stringify({ assemblyId: 'a', reportKeys: [`${month(9)}report-00001.snappy.parquet`] }),
    );
    await legacy(
      acme,
      { from: '20261001', to: '20261101', files: [] },
      { reportKeys: [`${month(10)}report-00001.snappy.parquet`] },
    );
    const { deliveries, last } = await delivered(acme);
    expect(deliveries.map(({ periods, files }) => [periods.join(), files.length])).toEqual([
      ['2026-10', 1],
      ['2026-09', 1],
    ]);
    expect(last.coverage[0]?.status).toBe('complete');
  });

  test.each([
    { what: 'ZIP', manifest: { compression: 'ZIP' }, told: /compressed as ZIP, which is not read/ },
    {
      what: 'a manifest of another month',
      manifest: { billingPeriod: { start: '20260901T000000.000Z' } },
      told: /speaks of 2026-09 and lies in the folder of 2026-10/,
    },
  ])('$what is told', async ({ manifest, told }) => {
    const acme = await payer({ prefix: 'cur', name: 'report' });
    await legacy(acme, { from: '20261001', to: '20261101' }, manifest);
    const { deliveries, last } = await delivered(acme);
    expect(deliveries).toEqual([]);
    expect(last.coverage[0]?.reason).toMatch(told);
    expect(last.failed).toMatchObject({ code: 'input' });
  });

  test('a month without its manifest is told', async () => {
    const acme = await payer({ prefix: 'cur', name: 'report' });
    await legacy(acme, { from: '20260901', to: '20261001' });
    await acme.put(`${acme.folder}20261001-20261101/report-1.csv.gz`, gzipSync(LEGACY));
    expect((await delivered(acme)).last.coverage[0]).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/^2026-10: there is data without a manifest/),
    });
  });
});

describe('into the lake', () => {
  const lines = ['0.1', '0.2', '1e-7', '-0.05'].map((cost) => ({ ...LINE, line_item_unblended_cost: cost }));

  test.each(['CUR 2.0', 'the legacy report'])('%s, to the last decimal', async (what) => {
    const acme = await payer({ prefix: 'cur', name: 'report' });
    const columns = Object.keys(LINE);
    if (what === 'CUR 2.0') await acme.deliver('2026-10', [csv(columns, lines)]);
    else {
      const rows = lines.map((line) =>
        Object.fromEntries(Object.entries(line).map(([name, value]) => [legacyName(name), value])),
      );
      await legacy(acme, { from: '20261001', to: '20261101', files: [csv(columns.map(legacyName), rows)] });
    }
    const acmes = await collecting(acme, { type: 'aws-cur' });
    expect((await acmes.run()).coverage).toMatchObject([{ status: 'complete', reason: null }]);
    expect(await acmes.totals()).toEqual({ '2026-10': '0.2500001' });
    expect((await acmes.lake.sources()).map(({ sourceType }) => sourceType)).toEqual(['aws-cur']);
    expect((await acmes.run()).ingest).toBeNull();
  });

  test('a report that lacks a column that is needed leaves the former rows', async () => {
    const acme = await payer({ prefix: 'cur', name: 'report' });
    await acme.deliver('2026-10', [csv(Object.keys(LINE), lines)]);
    const acmes = await collecting(acme, { type: 'aws-cur' });
    await acmes.run();
    await acme.deliver('2026-10', [csv(['line_item_usage_start_date', 'bill_payer_account_id'], [LINE])]);
    const report = await acmes.run();
    expect(report.coverage[0]?.reason).toMatch(
      /^2026-10: .*not a Cost and Usage Report: it lacks .*line_item_unblended_cost/,
    );
    expect(await acmes.totals()).toEqual({ '2026-10': '0.2500001' });
  });
});
