import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { bedrockHours } from '../../../lib/estate/aws/bedrock-hourly.ts';
import { bedrockUsage } from '../../../lib/estate/aws/bedrock-usage.ts';
import { listAlerts } from '../../../lib/ledger/alerts/store.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { watchAi } from '../../../lib/run/alerts/runaway.ts';
import { bedrockFeeds } from '../../../lib/run/assemble/bedrock-usage.ts';
import { alertSettings } from '../../../lib/run/assemble/config.ts';
import { cloudWatchMetric } from '../../../lib/sources/metrics/cloudwatch.ts';
import { csvObject } from '../../../lib/sources/metrics/csv-file.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { AMBIENT, base, OWN } from '../../estate/aws/emulated.ts';
import { publish } from '../../estate/aws/fleet.ts';
import { memoryLedger } from '../../ledger/memory.ts';

const moto = inject('motoUrl');
const cloudwatch = new CloudWatchClient({ ...base(moto), region: 'eu-central-1' });
/** CloudWatch takes points of the last two weeks. */
const TODAY = Math.floor(Date.now() / 86_400_000) * 86_400_000;
const day = (before: number) => new Date(TODAY - before * 86_400_000).toISOString().slice(0, 10);
const at = (before: number, hour: number) => new Date(TODAY - before * 86_400_000 + hour * 3_600_000);
const span = { start: day(5), end: day(0) };

beforeEach(() => resetMoto(moto));

const requests = (stat: 'Sum' | 'Maximum' = 'Sum') =>
  cloudWatchMetric(cloudwatch, {
    namespace: 'AWS/ApplicationELB',
    metric: 'RequestCount',
    dimensions: { LoadBalancer: 'app/shop/1' },
    stat,
  });

describe('a metric of CloudWatch a day', () => {
  test('points of a UTC day are one; days without a point are gaps; the span is half-open', async () => {
    await publish(cloudwatch, 'AWS/ApplicationELB', 'RequestCount', { LoadBalancer: 'app/shop/1' }, [
      { at: at(6, 23), value: 999 },
      { at: at(5, 0), value: 100 },
      { at: at(5, 23), value: 0.5 },
      { at: at(2, 12), value: 7 },
      { at: at(0, 0), value: 999 },
    ]);
    await publish(cloudwatch, 'AWS/ApplicationELB', 'RequestCount', { LoadBalancer: 'app/other/2' }, [
      { at: at(4, 1), value: 5 },
    ]);
    const meter = new Meter();
    const plain = async (stat: 'Sum' | 'Maximum') =>
      [...(await requests(stat).read(span, meter)).values].map(([each, value]) => [each, value.toFixed()]);
    expect(await plain('Sum')).toEqual([
      [day(5), '100.5'],
      [day(2), '7'],
    ]);
    expect(await plain('Maximum')).toEqual([
      [day(5), '100'],
      [day(2), '7'],
    ]);
    expect(meter.total().calls).toEqual([{ api: 'cloudwatch:GetMetricData', count: 2 }]);
  });

  test('a metric without a point is told, and is no zero', async () => {
    await expect(requests().read(span, new Meter())).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('no point'),
    });
  });
});

describe('calls of models of Bedrock', () => {
  const MODEL = 'anthropic.claude-sonnet-4-v1:0';
  const session = { cloudwatch, accountId: OWN, region: 'eu-central-1' };
  const put = (metric: string, days: readonly (readonly [number, number])[], model = MODEL) =>
    publish(
      cloudwatch,
      'AWS/Bedrock',
      metric,
      { ModelId: model },
      days.map(([before, value]) => ({ at: at(before, 3), value })),
    );

  test('by model and day: what never had a point is not told, what had one is zero on other days of calls', async () => {
    await put('Invocations', [
      [4, 100],
      [2, 50],
    ]);
    await put('InputTokenCount', [
      [4, 10_000],
      [2, 4_000],
    ]);
    await put('OutputTokenCount', [[4, 700]]);
    await put('InvocationThrottles', [[2, 3]]);
    await put('CacheReadInputTokenCount', [[4, 2_500]]);
    await put('InvocationThrottles', [[3, 1]], 'amazon.nova-pro-v1:0');
    const meter = new Meter();
    const read = await bedrockUsage(session, span, meter);
    // All models and metrics are found by one listing.
    expect(meter.total().calls).toEqual([
      { api: 'cloudwatch:GetMetricData', count: 1 },
      { api: 'cloudwatch:ListMetrics', count: 1 },
    ]);
    expect(read).toEqual([
      {
        day: day(3),
        model: 'amazon.nova-pro-v1:0',
        requests: null,
        input: null,
        output: null,
        clientErrors: null,
        serverErrors: null,
        throttles: 1,
        cachedInput: null,
        cacheWrite: null,
      },
      {
        day: day(4),
        model: MODEL,
        requests: 100,
        input: 10_000,
        output: 700,
        clientErrors: null,
        serverErrors: null,
        throttles: 0,
        cachedInput: 2_500,
        cacheWrite: null,
      },
      {
        day: day(2),
        model: MODEL,
        requests: 50,
        input: 4_000,
        output: 0,
        clientErrors: null,
        serverErrors: null,
        throttles: 3,
        cachedInput: 0,
        cacheWrite: null,
      },
    ]);
  });

  test('series with further dimensions are parts of another, and not counted twice; no calls are no rows', async () => {
    expect(await bedrockUsage(session, span, new Meter())).toEqual([]);
    await publish(cloudwatch, 'AWS/Bedrock', 'Invocations', { ModelId: MODEL, ImageSize: '512' }, [
      { at: at(2, 1), value: 9 },
    ]);
    expect(await bedrockUsage(session, span, new Meter())).toEqual([]);
  });
});

const RUNNING = Math.floor(Date.now() / 3_600_000) * 3_600_000;
const hourBefore = (before: number) => new Date(RUNNING - before * 3_600_000);
const putTokens = (
  metric: string,
  points: readonly { at: Date; value: number }[],
  model = 'amazon.nova-pro-v1:0',
) => publish(cloudwatch, 'AWS/Bedrock', metric, { ModelId: model }, points);

describe('tokens of Bedrock by the hour', () => {
  test('hours of UTC, by model and count; a loop is told once, in tokens, of its account and region', async () => {
    const ledger = memoryLedger();
    vi.stubEnv('AWS_ACCESS_KEY_ID', AMBIENT.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', AMBIENT.secretAccessKey);
    // CloudWatch takes points of the last two weeks.
    const hours = Array.from({ length: 335 }, (_, before) => ({ at: hourBefore(before + 1), value: 2_000 }));
    await putTokens('InputTokenCount', hours);
    await putTokens('OutputTokenCount', [
      { at: hourBefore(0), value: 20_000_000 },
      { at: new Date(hourBefore(0).getTime() + 60_000), value: 5_000_000 },
    ]);
    const session = { cloudwatch, accountId: OWN, region: 'eu-central-1' };
    const meter = new Meter();
    const read = await bedrockHours(session, { start: hourBefore(2), end: hourBefore(-1) }, meter);
    expect(read.map(({ tokens, ...rest }) => ({ ...rest, tokens: tokens.toFixed() }))).toEqual([
      { at: hourBefore(2).toISOString(), model: 'amazon.nova-pro-v1:0', count: 'input', tokens: '2000' },
      { at: hourBefore(1).toISOString(), model: 'amazon.nova-pro-v1:0', count: 'input', tokens: '2000' },
      { at: hourBefore(0).toISOString(), model: 'amazon.nova-pro-v1:0', count: 'output', tokens: '25000000' },
    ]);
    const settings = configSchema.parse({ schemaVersion: 1 });
    const find = bedrockFeeds({ accounts: 'own', regions: ['eu-central-1'], assume: null, endpoint: moto });
    const parts = {
      ledger,
      feeds: [],
      further: { name: 'bedrock', find },
      settings: alertSettings(settings),
      ownerOf: () => null,
    };
    expect(await watchAi(parts, 'run-1', new Date(RUNNING + 120_000))).toEqual([]);
    expect(await listAlerts(ledger)).toMatchObject([
      {
        kind: 'runaway',
        source: `bedrock:aws:${OWN}:eu-central-1`,
        subject: { vendor: 'bedrock', account: OWN, region: 'eu-central-1' },
        measured: { of: 'tokens', actual: '25000000' },
        causes: ['model amazon.nova-pro-v1:0, 100% of the tokens'],
      },
    ]);
  });

  afterEach(() => vi.unstubAllEnvs());

  test('nobody called a model: nothing is asked for, and nothing is off', async () => {
    const meter = new Meter();
    const session = { cloudwatch, accountId: OWN, region: 'eu-central-1' };
    expect(await bedrockHours(session, { start: hourBefore(2), end: hourBefore(0) }, meter)).toEqual([]);
    expect(meter.total().calls.map(({ api }) => api)).toEqual(['cloudwatch:ListMetrics']);
  });
});

describe('a CSV file in S3', () => {
  const columns = { shownAs: 's3://acme-metrics/orders.csv', date: 'date', column: 'value' };
  const s3 = new S3Client({
    endpoint: moto,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: AMBIENT,
  });

  test('is read; one that is not there says which', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-metrics' }));
    await s3.send(
      new PutObjectCommand({
        Bucket: 'acme-metrics',
        Key: 'orders.csv',
        Body: '\ufeffdate,value\n2026-11-01,3.5\n',
      }),
    );
    const source = csvObject(s3, { bucket: 'acme-metrics', key: 'orders.csv' }, columns);
    const { values } = await source.read(span, new Meter());
    expect([...values].map(([each, value]) => [each, value.toFixed()])).toEqual([['2026-11-01', '3.5']]);
    expect(source.permissions[0]?.resources).toEqual(['arn:aws:s3:::acme-metrics/orders.csv']);
    const missing = csvObject(s3, { bucket: 'acme-metrics', key: 'nothing.csv' }, columns);
    await expect(missing.read(span, new Meter())).rejects.toMatchObject({
      where: 's3://acme-metrics/orders.csv',
    });
  });
});
