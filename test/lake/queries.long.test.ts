import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Decimal, decimal, decimalText } from '../../lib/focus/decimal.ts';
import { duckdb } from '../../lib/lake/dialect/duckdb.ts';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import type { CommitmentUsage } from '../../lib/lake/queries/commitment-usage.ts';
import type { EligibleUsage } from '../../lib/lake/queries/eligible-usage.ts';
import { QUERIES } from '../../lib/lake/queries/index.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { describeWithShared, sharedData } from '../shared.ts';
import { type Bench, type BillRow, bench, delivery, inMonth, row } from './bills.ts';

const NOW = new Date('2026-11-22T00:00:00Z');
const secondAfter = (start: string) => new Date(Date.parse(start) + 1000).toISOString();
const WINDOW = { start: '2026-11-01T00:00:00Z', end: '2026-11-08T00:00:00Z' };
let bills: Bench;
let count = 0;
beforeAll(async () => {
  bills = await bench();
});
afterAll(async () => {
  await bills[Symbol.asyncDispose]();
});

const on = (day: string, more: BillRow = {}) =>
  row({
    ChargePeriodStart: `2026-11-${day}T00:00:00Z`,
    ChargePeriodEnd: `2026-11-${day}T01:00:00Z`,
    ...more,
  });

async function lakeOf(
  rows: readonly BillRow[],
  grain: 'resource' | 'account-service' = 'resource',
): Promise<Lake> {
  const state = join(bills.folder, String(count++));
  const lake = await openLake({
    store: folderStore(join(state, 'lake')),
    workDir: join(state, 'work'),
    memoryMiB: 128,
  });
  await lake.ingest(delivery('acme', [await bills.file(rows)], { grain }), NOW, silent);
  return lake;
}

/** Each charge is of an hour of its own, by which its usage is told from that of the others. */
const startOf = (at: number) => new Date(Date.UTC(2026, 10, 5, at)).toISOString();

describe('asking', () => {
  test('a query that does not exist, and parameters that do not fit, are defects', async () => {
    await using lake = await lakeOf([row()]);
    await expect(lake.ask('spend-totals', {}, null)).rejects.toThrow('no query is named');
    await expect(lake.ask('spend-by-day', { start: '2026-01-01' }, null)).rejects.toThrow(
      'takes (end, start)',
    );
    await expect(lake.ask('spend-total', { start: 'x' }, null)).rejects.toThrow('takes ()');
  });

  test('parameters are bound, never part of the SQL', async () => {
    await using lake = await lakeOf([row()]);
    const start = `2026-01-01' OR '1'='1`;
    await expect(lake.ask('spend-by-day', { start, end: '2027-01-01' }, null)).rejects.toThrow(
      /Conversion Error/,
    );
  });

  test('each is known by its own name, and its parameters are those of its SQL', () => {
    for (const [name, query] of QUERIES) {
      expect(query.name).toBe(name);
      const sql = query.sql(duckdb);
      const named = new Set([...sql.matchAll(/\$(\w+)/g)].map(([, param]) => param));
      expect(named).toEqual(new Set(query.params));
      expect(sql).not.toMatch(/\bAVG\b|DOUBLE|FLOAT|\s\/\s/i);
    }
  });
});

describe('windows and sums', () => {
  test('spend-by-day: half-open, negative rows count, currencies apart', async () => {
    await using lake = await lakeOf([
      inMonth('2026-10', {
        ChargePeriodStart: '2026-10-31T23:59:59Z',
        ChargePeriodEnd: '2026-11-01T00:00:00Z',
      }),
      on('01', { EffectiveCost: '0.1' }),
      on('01', { EffectiveCost: '0.2' }),
      on('01', { EffectiveCost: '-0.3', ChargeCategory: 'Credit' }),
      on('07', { EffectiveCost: '5', BillingCurrency: 'EUR' }),
      on('07', { EffectiveCost: '-7' }),
      on('08', { EffectiveCost: '100' }),
    ]);
    expect(await lake.ask('spend-by-day', WINDOW, null)).toEqual([
      { day: '2026-11-01', currency: 'USD', effective: '0', estimated: false },
      { day: '2026-11-07', currency: 'EUR', effective: '5', estimated: false },
      { day: '2026-11-07', currency: 'USD', effective: '-7', estimated: false },
    ]);
    expect(await lake.ask('spend-by-service', WINDOW, null)).toEqual([
      {
        provider: 'aws',
        providerName: 'AWS',
        service: 'Amazon Elastic Compute Cloud',
        currency: 'EUR',
        effective: '5',
      },
      {
        provider: 'aws',
        providerName: 'AWS',
        service: 'Amazon Elastic Compute Cloud',
        currency: 'USD',
        effective: '-7',
      },
    ]);
  });

  test('resource-costs: what a commitment covers is told apart, its own fees are not the resource', async () => {
    const covered = { CommitmentDiscountId: 'arn:sp/1', PricingCategory: 'Committed' };
    await using lake = await lakeOf([
      row({ EffectiveCost: '4', ResourceName: 'box' }),
      row({ EffectiveCost: '3', ...covered, CommitmentDiscountStatus: 'Used' }),
      row({
        EffectiveCost: '2',
        ChargePeriodStart: '2026-11-06T00:00:00Z',
        ChargePeriodEnd: '2026-11-07T00:00:00Z',
      }),
      row({ EffectiveCost: '9', ...covered, CommitmentDiscountStatus: 'Unused', ResourceId: 'arn:sp/1' }),
      row({ EffectiveCost: '0', ...covered, ChargeCategory: 'Purchase', ResourceId: 'arn:sp/1' }),
      row({ EffectiveCost: '1', ResourceId: '' }),
    ]);
    expect(await lake.ask('resource-costs', WINDOW, null)).toEqual([
      {
        provider: 'aws',
        accountId: '111122223333',
        region: 'us-east-1',
        resourceId: 'i-0abc',
        resourceName: 'box',
        service: 'Amazon Elastic Compute Cloud',
        currency: 'USD',
        effective: '9',
        committed: '3',
        days: 2,
      },
    ]);
  });

  test('resource-costs: what was charged for data and requests is told apart, unless a commitment covers it', async () => {
    const nat = { ResourceId: 'arn:aws:ec2:us-east-1:111122223333:natgateway/nat-1' };
    await using lake = await lakeOf([
      row({ ...nat, EffectiveCost: '32.4', PricingUnit: 'Hours', ConsumedUnit: 'Hours' }),
      row({ ...nat, EffectiveCost: '450', PricingUnit: 'GB', ConsumedUnit: 'GB' }),
      // AWS's own spelling, and an export that names only what was consumed.
      row({ ...nat, EffectiveCost: '5', PricingUnit: 'LCU-Hrs' }),
      row({ ...nat, EffectiveCost: '0.5', ConsumedUnit: 'Requests' }),
      // What is kept is priced by GB and month.
      row({ ...nat, EffectiveCost: '8', PricingUnit: 'GB-Months', ConsumedUnit: 'GB-Months' }),
      row({
        ...nat,
        EffectiveCost: '2',
        PricingUnit: 'GB',
        CommitmentDiscountId: 'arn:sp/1',
        CommitmentDiscountStatus: 'Used',
        PricingCategory: 'Committed',
      }),
    ]);
    expect(await lake.ask('resource-costs', WINDOW, null)).toMatchObject([
      { effective: '497.9', committed: '2', byUse: '455.5' },
    ]);
  });

  test('resource-days: data and requests are left out, which no stop saves', async () => {
    await using lake = await lakeOf([
      row({ EffectiveCost: '24', PricingUnit: 'Hours' }),
      row({ EffectiveCost: '90', PricingUnit: 'GB' }),
      row({ EffectiveCost: '3' }),
    ]);
    const params = { ...WINDOW, id: 'arn:none', short: 'i-0abc', account: '111122223333' };
    expect(await lake.ask('resource-days', params, null)).toMatchObject([
      { effective: '27', committed: '0' },
    ]);
  });

  test('storage-costs: what a bucket keeps is told apart from its requests', async () => {
    const bucket = {
      ResourceId: 'arn:aws:s3:::docs',
      ServiceName: 'Amazon Simple Storage Service',
      SkuId: 's',
    };
    await using lake = await lakeOf([
      row({ ...bucket, EffectiveCost: '4', SkuMeter: 'TimedStorage-ByteHrs' }),
      row({ ...bucket, EffectiveCost: '2', SkuMeter: 'EUC1-TimedStorage-SIA-ByteHrs' }),
      row({ ...bucket, EffectiveCost: '9', SkuMeter: 'EUC1-Requests-Tier1' }),
      row({ ...bucket, EffectiveCost: '9', SkuMeter: 'EarlyDelete-SIA-ByteHrs' }),
      row({ ...bucket, EffectiveCost: '9' }),
      row({ ...bucket, ResourceId: '', EffectiveCost: '9', SkuMeter: 'TimedStorage-ByteHrs' }),
      row({ EffectiveCost: '3' }),
    ]);
    expect(await lake.ask('storage-costs', WINDOW, null)).toMatchObject([
      { resourceId: 'arn:aws:s3:::docs', currency: 'USD', effective: '6', committed: '0', days: 1 },
    ]);
  });

  test('resource-costs: days are counted once each, over months and years, the last of a month too', async () => {
    const starts = [
      '2025-11-05T00:00:00Z',
      '2026-10-05T00:00:00Z',
      '2026-10-31T23:59:59Z',
      '2026-11-01T00:00:00Z',
      '2026-11-05T00:00:00Z',
      '2026-11-05T13:00:00Z',
    ];
    await using lake = await lakeOf(
      starts.map((start) =>
        row({ EffectiveCost: '1', ChargePeriodStart: start, ChargePeriodEnd: secondAfter(start) }),
      ),
    );
    const window = { start: '2025-01-01T00:00:00Z', end: '2027-01-01T00:00:00Z' };
    expect(await lake.ask('resource-costs', window, null)).toMatchObject([{ effective: '6', days: 5 }]);
  });

  test('tag-spend: one row a distinct tag set, whatever the keys are called', async () => {
    await using lake = await lakeOf([
      row({ EffectiveCost: '1', Tags: '{"team":"a","__proto__":"b","":"c"}' }),
      row({ EffectiveCost: '2', Tags: '{"team":"a","__proto__":"b","":"c"}' }),
      row({ EffectiveCost: '4', Tags: '' }),
      row({ EffectiveCost: '8', Tags: '{"flag":true}', ResourceId: '' }),
    ]);
    const found = await lake.ask<{
      tags: Record<string, string>;
      effective: string;
      resourceId: string | null;
    }>('tag-spend', WINDOW, null);
    const simple = found.map(({ tags, effective, resourceId }) => [
      Object.entries(tags),
      effective,
      resourceId,
    ]);
    expect(simple).toHaveLength(3);
    expect(simple).toContainEqual([
      expect.arrayContaining([
        ['__proto__', 'b'],
        ['', 'c'],
        ['team', 'a'],
      ]),
      '3',
      'i-0abc',
    ]);
    expect(simple).toContainEqual([[], '4', 'i-0abc']);
    expect(simple).toContainEqual([[['flag', 'true']], '8', null]);
  });

  test('tag-spend: a source that cannot tell tags says null, not none', async () => {
    await using lake = await lakeOf([row({ ResourceId: '' })], 'account-service');
    expect(await lake.ask('tag-spend', WINDOW, null)).toMatchObject([
      { source: 'acme', tags: null, resourceId: null },
    ]);
  });

  test('eligible usage: what a commitment could cover, by slice and charge period', async () => {
    const covered = { CommitmentDiscountId: 'arn:sp/1', CommitmentDiscountStatus: 'Used' };
    const machine = { ChargeDescription: '$0.096 per On Demand Linux m5.large Instance Hour' };
    await using lake = await lakeOf([
      row({ EffectiveCost: '10', PricingUnit: 'Hours', ResourceType: 'instance', ...machine }),
      row({ EffectiveCost: '0.5', SkuPriceDetails: '{"InstanceType":"u-6tb1.56xlarge"}' }),
      row({ EffectiveCost: '1', PricingCategory: 'Committed', ...covered }),
      row({ EffectiveCost: '2', PricingCategory: 'Dynamic' }),
      row({ EffectiveCost: '3', ServiceCategory: 'Storage', ServiceName: 'Amazon S3' }),
      row({ EffectiveCost: '4', PricingUnit: 'GB-Mo' }),
      row({ EffectiveCost: '5', ChargeCategory: 'Tax' }),
      row({ EffectiveCost: '6', ServiceName: 'AWS Lambda', PricingUnit: 'Lambda-GB-Second' }),
      row({ EffectiveCost: '7', ServiceName: 'AWS Lambda', PricingUnit: 'Requests' }),
      row({
        EffectiveCost: '8',
        ServiceName: 'Amazon Relational Database Service',
        ServiceCategory: 'Databases',
        PricingUnit: 'Hrs',
        ChargeDescription: '$0.26 per RDS db.r6g.large instance hour running PostgreSQL',
      }),
      row({ EffectiveCost: '9', ServiceName: 'Amazon SageMaker', PricingUnit: 'Hrs' }),
      row({
        EffectiveCost: '20',
        ProviderName: 'Google Cloud',
        ServiceName: 'Compute Engine',
        RegionId: 'us-central1',
        ChargeDescription: 'N2 Instance Core running in Americas',
      }),
      row({ EffectiveCost: '21', ProviderName: 'Google Cloud', ServiceName: 'BigQuery' }),
      ...[
        ['Nvidia L4 GPU running in Americas', '22'],
        ['Nvidia Tesla T4 GPU running in Americas', '1000'],
        ['Hyperdisk Balanced Capacity', '1000'],
        ['External IP Charge on a Standard VM', '1000'],
        ['Licensing Fee for Windows Server 2022 (CPU cost)', '1000'],
        ['Compute Flexible Committed Use Discounts - 1 Year', '1000'],
      ].map(([ChargeDescription = '', EffectiveCost = '']) =>
        row({
          EffectiveCost,
          ProviderName: 'Google Cloud',
          ServiceName: 'Compute Engine',
          RegionId: 'us-central1',
          ChargeDescription,
        }),
      ),
    ]);
    const rows = await lake.ask<EligibleUsage & Record<string, unknown>>(
      'eligible-usage',
      { ...WINDOW, wasted: '[]' },
      null,
    );
    expect(rows.map(({ kind, slice, amount }) => [kind, slice, amount])).toEqual([
      ['aws-compute', '', '6'],
      ['aws-compute', 'us-east-1 m5', '10'],
      ['aws-compute', 'us-east-1 u-6tb1', '0.5'],
      ['aws-database', 'rds us-east-1 r6g', '8'],
      ['aws-sagemaker', '', '9'],
      ['gcp-compute', '', '22'],
      ['gcp-compute', 'us-central1 n2', '20'],
    ]);
    expect(rows[0]).toMatchObject({
      currency: 'USD',
      start: '2026-11-05T00:00:00.000Z',
      end: '2026-11-06T00:00:00.000Z',
    });
  });

  describe('what a commitment covers', () => {
    const NEVER: readonly (readonly [service: string, unit: string, told: string])[] = [
      // What AWS bills by the hour beside what its commitments cover.
      ['Amazon Elastic Kubernetes Service', 'Hrs', '$0.10 per cluster hour AmazonEKS-Hours:perCluster'],
      ['Amazon Elastic Container Service for Kubernetes', 'Hrs', 'EUS2-AmazonEKS-Hours:perCluster'],
      ['Amazon Elastic Container Service', 'Hrs', 'USE1-ECS-Anywhere-Instance-hours'],
      ['Amazon Lightsail', 'Hrs', 'USE1-BundleUsage:2GB'],
      ['Amazon WorkSpaces', 'Hrs', 'USE1-AutoStop-Usage'],
      ['AWS App Runner', 'vCPU-Hours', 'USE1-AppRunner-vCPU-hours'],
      ['Amazon Elastic Compute Cloud', 'Hrs', '$0.005 per idle Elastic IP address ElasticIP:IdleAddress'],
      ['Amazon Elastic Compute Cloud', 'Hrs', 'EBSOptimized:m1.large'],
      ['Amazon Elastic Compute Cloud', 'vCPU-Hours', 'USE1-CPUCredits:t3'],
      ['Amazon Elastic Compute Cloud', 'Hrs', '$0.045 per NAT Gateway Hour'],
      ['AWS Lambda', 'Lambda-GB-Second', 'USE1-Lambda-Edge-GB-Second'],
      ['AWS Lambda', 'GB-Seconds', 'USE1-Lambda-Storage-GB-Second'],
      ['Amazon Elastic Container Service', 'GB-Hours', 'USE1-Fargate-EphemeralStorage-GB-Hours'],
      ['Amazon SageMaker', 'Hrs', 'USE1-Canvas:Session-Hrs'],
      [
        'Amazon Relational Database Service',
        'vCPU-hour',
        'USE1-ExtendedSupport:Yr1-Yr2:MySQL5.7 db.r7g.large',
      ],
      ['Amazon Relational Database Service', 'vCPU-Hours', 'RDS:ProxyUsage'],
      ['Amazon Relational Database Service', 'vCPU-Hours', 'CPUCredits:db.t4g.large'],
      ['Amazon Relational Database Service', 'IOs', 'Aurora:IOUsage db.r7g.large'],
      ['Amazon ElastiCache', 'ElastiCacheProcessingUnits', 'USE1-ElastiCache:ServerlessECPUs'],
      ['Amazon OpenSearch Service', 'OCU-hours', 'USE1-SearchOCU'],
      ['Amazon DynamoDB', 'Hrs', 'NodeUsage:dax.r5.large'],
      ['Kubernetes Engine', 'hour', 'Zonal Kubernetes Clusters'],
      ['Kubernetes Engine', 'hour', 'Autopilot Scale-Out Pod mCPU Requests'],
    ];
    const COVERED: readonly (readonly [
      service: string,
      unit: string,
      told: string,
      kind: string,
      slice: string,
    ])[] = [
      ['Amazon Elastic Compute Cloud', 'Hrs', 'BoxUsage:m5.large', 'aws-compute', 'us-east-1 m5'],
      ['AmazonEC2', 'Hrs', 'HostUsage:m5', 'aws-compute', ''],
      ['Amazon Elastic Kubernetes Service', 'hours', 'USE1-Fargate-vCPU-Hours:perCPU', 'aws-compute', ''],
      ['Amazon Elastic Container Service', 'GB-Hours', 'USE1-Fargate-GB-Hours', 'aws-compute', ''],
      ['AWS Lambda', 'Lambda-GB-Second', 'Lambda-Provisioned-Concurrency', 'aws-compute', ''],
      ['Amazon SageMaker', 'Hrs', 'USE1-Host:ml.g5.xlarge', 'aws-sagemaker', ''],
      ['Amazon Relational Database Service', 'ACU-Hr', 'Aurora:ServerlessV2Usage', 'aws-database', ''],
      ['Amazon DynamoDB', 'WriteRequestUnits', 'WriteRequestUnits', 'aws-database', ''],
      ['Amazon ElastiCache', 'Hrs', 'NodeUsage:cache.r7g.large', 'aws-database', 'elasticache us-east-1 r7g'],
      ['Kubernetes Engine', 'hour', 'Autopilot Pod mCPU Requests (us-central1)', 'gcp-compute', ''],
      ['Compute Engine', 'hour', 'M3 Memory-optimized Instance Core', 'gcp-compute', 'us-east-1 m3'],
      ['Compute Engine', 'hour', 'Memory-optimized Instance Ram', 'gcp-compute', 'us-east-1 m1'],
    ];
    const usage = new Map<string, { kind: string; slice: string }[]>();
    beforeAll(async () => {
      const all = [...NEVER, ...COVERED].map(([ServiceName, PricingUnit, ChargeDescription], at) =>
        row({
          ChargePeriodStart: startOf(at),
          ChargePeriodEnd: startOf(at + 1),
          ProviderName: ServiceName.endsWith(' Engine') ? 'Google Cloud' : 'AWS',
          ServiceName,
          PricingUnit,
          ChargeDescription,
          ...(at < NEVER.length ? {} : { ServiceCategory: 'Other' }),
        }),
      );
      await using lake = await lakeOf(all);
      const asked = { ...WINDOW, wasted: '[]' };
      for (const { start, kind, slice } of await lake.ask<EligibleUsage>('eligible-usage', asked, null))
        usage.set(start, [...(usage.get(start) ?? []), { kind, slice }]);
    });

    test.each(NEVER.map((charge, at) => ({ told: charge.join(', '), start: startOf(at) })))(
      'none is advised for $told',
      ({ start }) => {
        expect(usage.get(start)).toBeUndefined();
      },
    );

    test.each(
      COVERED.map(([service, unit, told, kind, slice], at) => ({
        told: [service, unit, told].join(', '),
        start: startOf(NEVER.length + at),
        kind,
        slice,
      })),
    )('one covers $told', ({ start, kind, slice }) => {
      expect(usage.get(start)).toEqual([{ kind, slice }]);
    });
  });

  test('hours of a GPU are those of the device, not those of a licence for it', async () => {
    const machine = {
      ProviderName: 'Google Cloud',
      ServiceName: 'Compute Engine',
      ResourceId: 'vm-1',
      PricingUnit: 'hour',
      PricingQuantity: '24',
    };
    await using lake = await lakeOf([
      row({ ...machine, ChargeDescription: 'Nvidia L4 GPU running in Americas', EffectiveCost: '13' }),
      row({ ...machine, ChargeDescription: 'G2 Instance Core running in Americas', EffectiveCost: '5' }),
      row({
        ...machine,
        ChargeDescription: 'Licensing Fee for a workstation (GPU cost)',
        EffectiveCost: '1',
      }),
    ]);
    const rows = await lake.ask<{ hours: string; effective: string }>('gce-gpu-hours', WINDOW, null);
    expect(rows.map(({ hours, effective }) => [hours, effective])).toEqual([['24', '19']]);
  });

  test('eligible usage: what is about to go is left out, a line without a resource is not', async () => {
    await using lake = await lakeOf([
      row({ EffectiveCost: '10', ResourceId: 'i-0aaa' }),
      row({ EffectiveCost: '20', ResourceId: 'i-0bbb' }),
      row({ EffectiveCost: '5', ResourceId: '' }),
    ]);
    const ask = (wasted: string[]) =>
      lake.ask<EligibleUsage & Record<string, unknown>>(
        'eligible-usage',
        { ...WINDOW, wasted: JSON.stringify(wasted) },
        null,
      );
    expect((await ask([])).map(({ amount }) => amount)).toEqual(['35']);
    expect((await ask(['i-0bbb', 'i-0ccc'])).map(({ amount }) => amount)).toEqual(['15']);
  });

  test('commitments: what each covered, what of it was used, and when its term ends', async () => {
    const plan = {
      CommitmentDiscountId: 'arn:sp/1',
      CommitmentDiscountCategory: 'Spend',
      PricingCategory: 'Committed',
    };
    await using lake = await lakeOf([
      row({ EffectiveCost: '7', ContractedCost: '10', CommitmentDiscountStatus: 'Used', ...plan }),
      row({
        EffectiveCost: '0.7',
        ContractedCost: '1',
        CommitmentDiscountStatus: 'Used',
        ...plan,
        ResourceId: 'i-0waste',
      }),
      row({ EffectiveCost: '3', ContractedCost: '0', CommitmentDiscountStatus: 'Unused', ...plan }),
      row({
        ...plan,
        EffectiveCost: '0',
        ChargeCategory: 'Purchase',
        ChargeFrequency: 'One-Time',
        ChargePeriodStart: '2026-11-01T00:00:00Z',
        ChargePeriodEnd: '2027-11-01T00:00:00Z',
      }),
    ]);
    const usage = await lake.ask<CommitmentUsage & Record<string, unknown>>(
      'commitment-usage',
      { ...WINDOW, wasted: '["i-0waste"]' },
      null,
    );
    expect(
      usage.map(({ id, kind, wasted, effective, onDemand }) => [id, kind, wasted, effective, onDemand]),
    ).toEqual([
      ['arn:sp/1', 'aws-compute', false, '7', '10'],
      ['arn:sp/1', 'aws-compute', true, '0.7', '1'],
    ]);
    expect(await lake.ask('commitments-held', WINDOW, null)).toEqual([
      {
        id: 'arn:sp/1',
        currency: 'USD',
        name: null,
        type: null,
        category: 'Spend',
        provider: 'AWS',
        service: 'Amazon Elastic Compute Cloud',
        used: '7.7',
        unused: '3',
        onDemand: '11',
        unpriced: '0',
      },
    ]);
    expect(await lake.ask('commitment-ends', { now: '2026-11-22T00:00:00Z' }, null)).toEqual([
      { id: 'arn:sp/1', end: '2027-11-01T00:00:00.000Z' },
    ]);
    expect(await lake.ask('provider-ends', WINDOW, null)).toEqual([
      { provider: 'AWS', last: '2026-11-05T00:00:00.000Z' },
    ]);
  });

  test('eligible usage: a coarser source mixes covered and uncovered, and tells none', async () => {
    await using lake = await lakeOf([row()], 'account-service');
    expect(await lake.ask('eligible-usage', { ...WINDOW, wasted: '[]' }, null)).toEqual([]);
  });
});

describeWithShared('the real bills, compared with arithmetic without a database', () => {
  const FILES = [
    'focus_sample_1.0_1000.csv',
    'generated/focus_1_2_cost_and_usage_aws.csv.gz',
    'generated/focus_1_2_cost_and_usage_azure.csv.gz',
    'generated/focus_1_2_cost_and_usage_gcp.csv.gz',
  ];
  let lake: Lake;
  const rows: Record<string, string>[] = [];

  beforeAll(async () => {
    const state = join(bills.folder, 'real');
    lake = await openLake({ store: folderStore(join(state, 'lake')), workDir: join(state, 'work') });
    const files = FILES.map((name) => ({
      path: sharedData('focus', ...name.split('/')),
      shownAs: name,
      format: 'csv' as const,
    }));
    await lake.ingest(delivery('real', files), NOW, silent);
    for (const { path } of files) {
      const body = await readFile(path);
      const text = path.endsWith('.gz') ? gunzipSync(body) : body;
      const parsed: Record<string, string>[] = parse(text, { columns: true, bom: true });
      for (const each of parsed) rows.push(each);
    }
  }, 60_000);
  afterAll(async () => {
    await lake[Symbol.asyncDispose]();
  });

  /** Sums of two columns by a key, with Decimal. */
  function sums(key: (row: Record<string, string>) => string[] | null) {
    const found = new Map<string, { billed: Decimal; effective: Decimal; rows: number }>();
    for (const each of rows) {
      const parts = key(each);
      if (parts === null) continue;
      const at = JSON.stringify(parts);
      const sum = found.get(at) ?? { billed: decimal('0'), effective: decimal('0'), rows: 0 };
      found.set(at, {
        billed: sum.billed.plus(decimal(each['BilledCost'] ?? '')),
        effective: sum.effective.plus(decimal(each['EffectiveCost'] ?? '')),
        rows: sum.rows + 1,
      });
    }
    return new Map(
      [...found].map(([at, sum]) => [at, [decimalText(sum.billed), decimalText(sum.effective), sum.rows]]),
    );
  }

  test('spend by provider, currency and month', async () => {
    const asked = await lake.ask<Record<string, string>>('spend-by-provider-month', {}, null);
    const expected = sums((each) => [
      each['ProviderName'] ?? '',
      each['BillingCurrency'] ?? '',
      (each['BillingPeriodStart'] ?? '').slice(0, 7),
    ]);
    expect(expected.size).toBeGreaterThan(5);
    const got = asked.map((each): [string, unknown[]] => [
      JSON.stringify([each['providerName'], each['currency'], each['month']]),
      [each['billed'], each['effective'], each['rows']],
    ]);
    expect(new Map(got)).toEqual(expected);
  });

  test('a user gets the same sums', async () => {
    const { rows: asked } = await lake.query(
      'SELECT ServiceName AS s, SUM(BilledCost) AS b, SUM(EffectiveCost) AS e, COUNT(*) AS n FROM costs GROUP BY ALL',
      null,
    );
    const expected = sums((each) => [each['ServiceName'] ?? '']);
    expect(
      new Map(asked.map((each) => [JSON.stringify([each['s']]), [each['b'], each['e'], each['n']]])),
    ).toEqual(expected);
  });

  test('tag-spend adds up to the total, to the last place', async () => {
    const all = { start: '2000-01-01', end: '2100-01-01' };
    const asked = await lake.ask<{ effective: string }>('tag-spend', all, null);
    const total = asked.reduce((sum, { effective }) => sum.plus(decimal(effective)), decimal('0'));
    expect([...sums(() => []).values()][0]?.[1]).toBe(decimalText(total));
  });
});
