import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { dayPlus } from '../../../lib/analysis/units/days.ts';
import { effectLines } from '../../../lib/cli/saving-effects.ts';
import { configSchema } from '../../../lib/config/schema.ts';
import { digestFormat } from '../../../lib/digest/format.ts';
import type { Resource, Scope, Telemetry } from '../../../lib/estate/model.ts';
import { openLake } from '../../../lib/lake/lake.ts';
import type { Lake } from '../../../lib/lake/model.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { configured } from '../../../lib/run/assemble/config.ts';
import { unitsOf } from '../../../lib/run/assemble/units.ts';
import { noteStopped } from '../../../lib/run/sweep/savings.ts';
import { unitJsonSchema } from '../../../lib/run/unit-schema.ts';
import { realisedOf } from '../../../lib/run/units/realised.ts';
import { unitReport } from '../../../lib/run/units.ts';
import { type Bench, type BillRow, bench, delivery, row } from '../../lake/bills.ts';
import { judgement, recordOf } from '../../ledger/fixtures.ts';
import { WHOLE_LIFE } from '../../ledger/lives.ts';
import { memoryLedger } from '../../ledger/memory.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
/** 112 days; the last two have not settled. */
const [FIRST, DAYS] = ['2026-08-01', 112];
let bills: Bench;
beforeAll(async () => {
  bills = await bench();
});
afterAll(() => bills[Symbol.asyncDispose]());

const charge = (at: number, more: BillRow): BillRow => {
  const day = dayPlus(FIRST, at);
  const month = `${day.slice(0, 7)}-01`;
  return row({
    BillingPeriodStart: `${month}T00:00:00Z`,
    BillingPeriodEnd: `${dayPlus(month, 32).slice(0, 7)}-01T00:00:00Z`,
    ChargePeriodStart: `${day}T00:00:00Z`,
    ChargePeriodEnd: `${dayPlus(day, 1)}T00:00:00Z`,
    ...more,
  });
};
const every = (make: (at: number) => BillRow[]) => Array.from({ length: DAYS }, (_, at) => make(at)).flat();

async function lakeOf(name: string, rows: readonly BillRow[]): Promise<Lake> {
  const folder = join(bills.folder, name);
  const lake = await openLake({
    store: folderStore(join(folder, 'lake')),
    workDir: join(folder, 'work'),
    memoryMiB: 256,
    dimensions: { team: [{ tag: 'team' }] },
  });
  await lake.ingest(delivery('acme', [await bills.file(rows)]), NOW, silent);
  return lake;
}

async function report(
  lake: Lake,
  config: Record<string, unknown>,
  {
    ledger = memoryLedger(),
    savings = false,
    by = 'week' as const,
    window = { start: '2026-11-02', end: '2026-11-16' },
  } = {},
) {
  const parsed = configSchema.parse({
    schemaVersion: 1,
    dimensions: { team: [{ tag: 'team' }] },
    ...config,
  });
  const told = await unitReport(
    { ...configured(parsed, silent), lake, ledger },
    {
      units: unitsOf(parsed, lake, null, bills.folder),
      dimensions: parsed.dimensions,
      grain: by,
      window,
      savings,
      sources: null,
    },
    NOW,
    new Meter(),
  );
  expect(
    z.fromJSONSchema(unitJsonSchema()).safeParse(JSON.parse(JSON.stringify(told))).error,
  ).toBeUndefined();
  return told;
}

const csv = async (name: string, value: (at: number) => string | null, days = DAYS) => {
  const lines = Array.from({ length: days }, (_, at) => [dayPlus(FIRST, at), value(at)]).filter(
    ([, each]) => each !== null,
  );
  await writeFile(
    join(bills.folder, name),
    `date,value\n${lines.map((cells) => cells.join(',')).join('\n')}\n`,
  );
  return { type: 'csv', path: `./${name}` };
};

const SHOP = { Tags: '{"team":"shop"}', ResourceId: 'i-shop' };

const tokens = (at: number, kind: string, count: string, cost: string, more: BillRow = {}) =>
  charge(at, {
    ProviderName: 'OpenAI',
    ServiceName: 'OpenAI API',
    ResourceId: '',
    x_AiModel: 'gpt-5',
    x_TokenKind: kind,
    x_TokenQuantity: count,
    EffectiveCost: cost,
    ...more,
  });

describe('units of the config', () => {
  test('to the cent: own charges alone, without credits, taxes of others and unsettled days', async () => {
    const lake = await lakeOf(
      'shop',
      every((at) => [
        charge(at, { ...SHOP, EffectiveCost: at === 100 ? '40.07' : '20.01' }),
        charge(at, { Tags: '{"team":"search"}', EffectiveCost: '500' }),
        charge(at, { ...SHOP, ChargeCategory: 'Credit', EffectiveCost: '-3' }),
        ...(at % 2 === 0 ? [charge(at, { ...SHOP, BillingCurrency: 'EUR', EffectiveCost: '7' })] : []),
      ]),
    );
    try {
      const { units, builtIn } = await report(lake, {
        owners: { teams: { shop: '#shop' }, fallback: '#finops' },
        units: [
          {
            name: 'shop',
            per: 'order',
            // 5 November (at 96) has no number, 6 November none sold.
            metric: await csv('orders.csv', (at) => (at === 96 ? null : at === 97 ? '0' : '200')),
            spend: { team: 'shop' },
            success: await csv('answered.csv', () => '0.8'),
            latency: await csv('latency.csv', (at) => (at === 101 ? '900' : String(200 + (at % 7)))),
            revenue: { type: 'csv', path: './nowhere.csv' },
          },
        ],
      });
      const [eur, usd] = units;
      expect(usd).toMatchObject({ name: 'shop', currency: 'USD', metric: './orders.csv' });
      expect(usd?.periods).toMatchObject([
        // Six days of 20.01, one of them without an order.
        { start: '2026-11-02', cost: '120.06', units: '1000', perUnit: '0.12006', costWithoutUnits: '20.01' },
        { start: '2026-11-09', cost: '160.13', units: '1400', perUnit: '0.114378571428571429', days: 7 },
      ]);
      expect(eur).toMatchObject({ currency: 'EUR', total: { daysWithoutCost: 0 } });
      // What did not succeed cost as much: 280.19 of 1,920 that did.
      expect(usd).toMatchObject({ total: { cost: '280.19' }, perSuccess: '0.145932291666666667' });
      const told = [...(usd?.anomalies ?? []), ...(eur?.anomalies ?? [])].filter(
        ({ kind }) => kind === 'spike',
      );
      const owner = { id: '#shop', source: 'team' };
      // What is beside the cost is told once, whatever the currencies.
      expect(told).toMatchObject([
        { of: 'cost', first: '2026-11-09', worse: true, owner },
        { of: 'latency', first: '2026-11-10', worse: true, owner },
      ]);
      expect(usd?.problems).toEqual([expect.stringContaining('revenue (./nowhere.csv) cannot be read')]);
      expect(builtIn.gpu.why).toContain('No account was looked at');
      expect(usd?.trend).toMatchObject({ current: { end: '2026-11-20' } });
    } finally {
      await lake[Symbol.asyncDispose]();
    }
  });

  test('no charge that is meant, and a metric that cannot be read, are said; nothing is made of them', async () => {
    const lake = await lakeOf(
      'none',
      every((at) => [charge(at, { EffectiveCost: '1' })]),
    );
    try {
      const metric = await csv('some.csv', () => '5');
      const { units } = await report(lake, {
        units: [
          { name: 'nobody', metric, spend: { team: 'nobody' } },
          { name: 'wrong', metric: { type: 'query', sql: 'SELECT 1 AS n' } },
          {
            name: 'bad',
            metric: { type: 'query', sql: "SELECT '2026-11-03' AS day, 1.5 AS value FROM costs" },
          },
        ],
      });
      expect(
        units.map(({ name, currency, total, problems }) => ({ name, currency, total, problems })),
      ).toEqual([
        {
          name: 'nobody',
          currency: null,
          total: null,
          problems: ['No settled charge of the bills is meant by it.'],
        },
        {
          name: 'wrong',
          currency: 'USD',
          total: null,
          problems: [expect.stringContaining('there is no column day, only n')],
        },
        {
          name: 'bad',
          currency: 'USD',
          total: null,
          problems: [expect.stringContaining('2026-11-03 a second time')],
        },
      ]);
    } finally {
      await lake[Symbol.asyncDispose]();
    }
  });

  test('units from a query of the lake, by day; tokens have a price by model and kind', async () => {
    const lake = await lakeOf(
      'tokens',
      every((at) => [
        tokens(at, 'input', '2000000', '2.5'),
        tokens(at, 'cached-input', '1000000', '0.125'),
        tokens(at, 'output', '500000', '5'),
        tokens(at, 'output', '', '0.5'),
        tokens(at, 'input', '700000', '0', { x_ListEstimate: '0.9' }),
      ]),
    );
    try {
      const { units, builtIn } = await report(lake, {
        units: [
          {
            name: 'tokens',
            per: 'million tokens',
            metric: {
              type: 'query',
              sql: "SELECT CAST(ChargePeriodStart AS DATE) AS day, SUM(x_TokenQuantity) / 1000000 AS value FROM costs WHERE x_TokenKind = 'output' GROUP BY 1",
            },
            spend: { provider: 'openai', model: 'gpt-5' },
          },
        ],
      });
      // All 8.125 a day by half a million of output.
      expect(units[0]?.total).toMatchObject({ cost: '113.75', units: '7', perUnit: '16.25', days: 14 });
      expect(
        builtIn.tokens.map(
          ({ kind, cost, tokens: count, perMillion, costWithoutTokens, tokensWithoutCost, trend }) => ({
            kind,
            cost,
            count,
            perMillion,
            costWithoutTokens,
            tokensWithoutCost,
            trend: trend?.percent,
          }),
        ),
      ).toEqual([
        {
          kind: 'output',
          cost: '70',
          count: '7000000',
          perMillion: '10',
          costWithoutTokens: '7',
          tokensWithoutCost: '0',
          trend: '0.0',
        },
        {
          kind: 'input',
          cost: '35',
          count: '28000000',
          perMillion: '1.25',
          costWithoutTokens: '0',
          tokensWithoutCost: '9800000',
          trend: '0.0',
        },
        {
          kind: 'cached-input',
          cost: '1.75',
          count: '14000000',
          perMillion: '0.125',
          costWithoutTokens: '0',
          tokensWithoutCost: '0',
          trend: '0.0',
        },
      ]);
    } finally {
      await lake[Symbol.asyncDispose]();
    }
  });
});

describe('effective savings rate', () => {
  test('purchases, credits and corrections are in neither figure; commitments that nobody used are paid', async () => {
    const at = 95;
    const lake = await lakeOf('rate', [
      charge(at, { EffectiveCost: '60', ContractedCost: '100', x_ListCost: 'x' }),
      charge(at, {
        EffectiveCost: '10',
        ContractedCost: '',
        CommitmentDiscountId: 'sp',
        CommitmentDiscountStatus: 'Unused',
      }),
      charge(at, {
        EffectiveCost: '0',
        ContractedCost: '900',
        ChargeCategory: 'Purchase',
        CommitmentDiscountId: 'sp',
      }),
      charge(at, { EffectiveCost: '-5', ContractedCost: '-5', ChargeCategory: 'Credit' }),
      charge(at, { EffectiveCost: '50', ContractedCost: '70', ChargeClass: 'Correction' }),
      charge(at, { EffectiveCost: '4', ContractedCost: '0' }),
    ]);
    try {
      const [rate] = (await report(lake, {})).builtIn.savingsRates;
      expect(rate).toMatchObject({
        overContracted: { price: '100', effective: '70', percent: '30.0', withoutPrice: '4' },
        overList: { percent: null, withoutPrice: '64' },
        why: null,
      });
    } finally {
      await lake[Symbol.asyncDispose]();
    }
  });
});

const SCOPE: Scope = { provider: 'aws', accountId: '111122223333', region: 'us-east-1' };
const arn = (id: string) => `arn:aws:ec2:us-east-1:111122223333:instance/${id}`;
const gpu = (id: string, devices: number): Resource => ({
  ...SCOPE,
  type: 'aws:ec2:instance',
  id: arn(id),
  name: id,
  state: 'running',
  created: '2026-01-01T00:00:00.000Z',
  tags: {},
  sku: 'p5.48xlarge',
  accelerators: [{ kind: 'NVIDIA H100', count: devices, memoryMiB: null }],
  parent: null,
  attributes: {},
});
const busy = (id: string, hours: number): Telemetry => ({
  resourceId: arn(id),
  metric: 'gpu-utilization',
  statistic: 'maximum',
  unit: 'percent',
  device: '0',
  period: 3600,
  points: Array.from({ length: hours }, (_, hour) => ({
    at: `2026-11-17T${String(hour).padStart(2, '0')}:00:00.000Z`,
    value: hour < 6 ? 90 : 0,
  })),
  expectedPoints: 168,
  source: 'CWAgent nvidia_smi_utilization_gpu',
});
const hour = (at: number, id: string, cost: string) =>
  charge(at, {
    ResourceId: id,
    x_AiClass: 'GPU compute',
    ConsumedQuantity: '24',
    ConsumedUnit: 'Hrs',
    EffectiveCost: cost,
  });

describe('hours of GPUs', () => {
  test('paid hours of the bill, by what telemetry tells of them; who is not seen costs, and is not idle', async () => {
    const lake = await lakeOf(
      'gpu',
      every((at) => [hour(at, 'i-1', '48'), hour(at, arn('i-2'), '24'), hour(at, 'i-gone', '12')]),
    );
    try {
      await lake.putSnapshot({
        schemaVersion: 2,
        scope: SCOPE,
        takenAt: '2026-11-22T06:30:00.000Z',
        resources: [gpu('i-1', 1), gpu('i-2', 8), gpu('i-free', 1)],
        telemetry: [busy('i-1', 24)],
        vectorIndexes: [],
        coverage: [{ scope: 'aws:111122223333:us-east-1', status: 'complete', reason: null, asOf: null }],
      });
      const { gpu: told } = (await report(lake, {})).builtIn;
      // Telemetry of a week, of which 20 November on has not settled.
      expect(told.window).toEqual({ start: '2026-11-16', end: '2026-11-20' });
      expect(told.machines).toMatchObject([
        // One busy day of four: 6 hours used and 18 idle of 96 paid.
        {
          resourceId: arn('i-1'),
          paid: '96',
          used: '6',
          idle: '18',
          unobserved: '72',
          unobservedCost: '144',
          perPaidHour: '2',
          perUsedHour: '8',
        },
        {
          resourceId: arn('i-2'),
          paid: '768',
          used: '0',
          unobserved: '768',
          unobservedCost: '96',
          perUsedHour: null,
        },
      ]);
      expect(told.totals).toMatchObject([
        { currency: 'USD', machines: 2, paid: '864', cost: '288', unobservedCost: '240' },
      ]);
      expect(told.leftOut).toEqual([
        { resourceId: arn('i-free'), why: 'No bill charges hours of it in these days.', cost: null },
        {
          resourceId: 'i-gone',
          why: expect.stringContaining('in no inventory'),
          cost: { amount: '48', currency: 'USD' },
        },
      ]);
    } finally {
      await lake[Symbol.asyncDispose]();
    }
  });
});

const GCE = '//compute.googleapis.com/projects/ml-prod/zones/us-central1-a/instances/';

const gce = (at: number, name: string, meter: string, hours: string, cost: string) =>
  charge(at, {
    ProviderName: 'Google Cloud',
    ServiceName: 'Compute Engine',
    SubAccountId: 'ml-prod',
    ResourceId: `${GCE}${name}`,
    SkuMeter: meter,
    ConsumedQuantity: String(Number(hours) * 3600),
    ConsumedUnit: 'seconds',
    PricingQuantity: hours,
    PricingUnit: 'hour',
    EffectiveCost: cost,
  });
const seen = (device: string): Telemetry => ({
  ...busy('x', 24),
  resourceId: `${GCE}trainer`,
  device,
  source: 'agent.googleapis.com/gpu/utilization',
});

test('GPU-hours of Compute Engine: each device of its own hours, the machine of its whole cost', async () => {
  const lake = await lakeOf(
    'gce',
    every((at) => [
      // Two devices a day and a night: 48 device-hours; cores and memory are of its cost, and of no hour.
      gce(at, 'trainer', 'Nvidia L4 GPU running in Americas', '48', '24'),
      gce(at, 'trainer', 'G2 Instance Core running in Americas', '576', '14'),
      gce(at, 'trainer', 'G2 Instance Ram running in Americas', '2304', '10'),
      gce(at, 'web', 'N2 Instance Core running in Americas', '96', '5'),
      gce(at, 'gone', 'Nvidia L4 GPU running in Americas', '24', '3'),
    ]),
  );
  const scope = { provider: 'gcp', accountId: 'ml-prod', region: 'global' } as const;
  const machine = (name: string): Resource => ({
    ...gpu(name, 2),
    ...scope,
    region: 'us-central1-a',
    type: 'gcp:compute:instance',
    id: `${GCE}${name}`,
    sku: 'g2-standard-24',
  });
  try {
    await lake.putSnapshot({
      schemaVersion: 2,
      scope,
      takenAt: '2026-11-22T06:30:00.000Z',
      resources: [machine('trainer')],
      telemetry: [seen('0'), seen('1')],
      vectorIndexes: [],
      coverage: [{ scope: 'gcp:ml-prod:global', status: 'complete', reason: null, asOf: null }],
    });
    const { gpu: told } = (await report(lake, {})).builtIn;
    // Four days of 48; one of them told: 6 hours of either device at work, 18 idle.
    expect(told.machines).toMatchObject([
      {
        resourceId: `${GCE}trainer`,
        devices: 2,
        paid: '192',
        used: '12',
        idle: '36',
        unobserved: '144',
        cost: '192',
        unobservedCost: '144',
        perPaidHour: '1',
        perUsedHour: '4',
      },
    ]);
    expect(told.leftOut).toEqual([
      {
        resourceId: `${GCE}gone`,
        why: expect.stringContaining('in no inventory'),
        cost: { amount: '12', currency: 'USD' },
      },
    ]);
  } finally {
    await lake[Symbol.asyncDispose]();
  }
});

const sagemaker = (id: string) => `arn:aws:sagemaker:us-east-1:111122223333:${id}`;

const endpoint = (name: string, variants: readonly [instances: number, devices: number][]): Resource => ({
  ...gpu(
    name,
    variants.reduce((sum, [instances, devices]) => sum + instances * devices, 0),
  ),
  type: 'aws:sagemaker:endpoint',
  id: sagemaker(`endpoint/${name}`),
  attributes: {
    acceleratorDevices: variants.reduce((sum, [instances, devices]) => sum + instances * devices, 0),
    variants: variants.map(([instances, devices]) => ({ instances, devices, instanceType: 'ml.g5' })),
  },
});
const hosted = (at: number, id: string, hours: string, cost: string) =>
  charge(at, {
    ServiceName: 'Amazon SageMaker',
    ResourceId: sagemaker(id),
    x_AiClass: id.startsWith('endpoint') ? 'inference' : 'notebook',
    ConsumedQuantity: hours,
    ConsumedUnit: 'Hrs',
    EffectiveCost: cost,
  });

describe('hours of GPUs of SageMaker', () => {
  test('an hour is of one instance; a notebook of the same name is another machine; mixed instances are left out', async () => {
    const lake = await lakeOf(
      'sagemaker',
      every((at) => [
        hosted(at, 'endpoint/Chat', '48', '96'),
        hosted(at, 'notebook-instance/chat', '24', '24'),
        hosted(at, 'endpoint/mixed', '72', '10'),
        hosted(at, 'endpoint/cpu', '24', '5'),
      ]),
    );
    try {
      await lake.putSnapshot({
        schemaVersion: 2,
        scope: SCOPE,
        takenAt: '2026-11-22T06:30:00.000Z',
        resources: [
          endpoint('chat', [
            [2, 4],
            [0, 1],
          ]),
          endpoint('mixed', [
            [1, 4],
            [2, 1],
          ]),
          {
            ...gpu('chat', 1),
            type: 'aws:sagemaker:notebook-instance',
            id: sagemaker('notebook-instance/chat'),
          },
        ],
        telemetry: [
          {
            ...busy('chat', 24),
            resourceId: sagemaker('endpoint/chat'),
            device: null,
            bounds: 'every-device',
          },
        ],
        vectorIndexes: [],
        coverage: [{ scope: 'aws:111122223333:us-east-1', status: 'complete', reason: null, asOf: null }],
      });
      const { gpu: told } = (await report(lake, {})).builtIn;
      expect(told.window).toEqual({ start: '2026-11-16', end: '2026-11-20' });
      expect(told.machines).toMatchObject([
        // Four days of 2 x 24 hours with 4 devices each; on one of them 6 hours are busy and 18 idle, of 8 devices.
        {
          resourceId: sagemaker('endpoint/chat'),
          devices: 8,
          paid: '768',
          used: '48',
          idle: '144',
          unobserved: '576',
          cost: '384',
        },
        {
          resourceId: sagemaker('notebook-instance/chat'),
          paid: '96',
          used: '0',
          unobserved: '96',
          cost: '96',
        },
      ]);
      expect(told.leftOut).toEqual([
        {
          resourceId: sagemaker('endpoint/mixed'),
          why: expect.stringContaining('different numbers of devices'),
          cost: { amount: '40', currency: 'USD' },
        },
      ]);
    } finally {
      await lake[Symbol.asyncDispose]();
    }
  });
});

describe('what was stopped', () => {
  test('each realised saving with the numbers of the unit that paid for it, before and after', async () => {
    // Stopped on 30 October (at 90).
    const lake = await lakeOf(
      'stopped',
      every((at) => [
        charge(at, { ...SHOP, ResourceId: 'i-kept', EffectiveCost: '30' }),
        ...(at < 90 ? [charge(at, { ...SHOP, ResourceId: 'i-0abc', EffectiveCost: '24' })] : []),
      ]),
    );
    try {
      const ledger = memoryLedger();
      const at = '2026-10-30T00:00:00.000Z';
      const plain = recordOf(judgement({ resourceId: 'arn:aws:ec2:us-east-1:111122223333:instance/i-0abc' }));
      const life = {
        ...WHOLE_LIFE,
        restoredAt: null,
        stopped: { at, action: 'aws.ec2.stop', undoPlan: null, estimated: null },
      };
      const record = { ...plain, life, finding: { ...plain.finding, state: 'STOPPED' as const } };
      await ledger.put(record, 0, null);
      await noteStopped(ledger, record.finding, at, 'aws.ec2.stop');
      const config = {
        units: [
          {
            name: 'shop',
            metric: await csv('stopped.csv', () => '100'),
            spend: { team: 'shop' },
            success: await csv('success.csv', (day) => (day < 90 ? '0.99' : '0.99')),
            latency: await csv('slow.csv', (day) => (day < 90 ? '200' : '250')),
          },
          { name: 'search', metric: await csv('other.csv', () => '1'), spend: { team: 'search' } },
        ],
      };
      const { savings } = await report(lake, config, { ledger, savings: true });
      expect(savings).toHaveLength(1);
      // 24 a day, 23 days to 21 November.
      expect(savings?.[0]).toMatchObject({
        from: at,
        until: null,
        saved: { currency: 'USD', amount: '528' },
      });
      expect(savings?.[0]?.units).toEqual([
        {
          name: 'shop',
          numbers: [
            {
              of: 'cost',
              currency: 'USD',
              change: { before: '0.54', after: '0.3', beforeDays: 14, afterDays: 14, percent: '-44.4' },
            },
            {
              of: 'success',
              currency: null,
              change: { before: '0.99', after: '0.99', beforeDays: 14, afterDays: 14, percent: '0.0' },
            },
            {
              of: 'latency',
              currency: null,
              change: { before: '200', after: '250', beforeDays: 14, afterDays: 14, percent: '25.0' },
            },
          ],
        },
      ]);
      // `bursar explain` of a finding shows the same of its resource; of what was never stopped it asks nothing.
      const parsed = configSchema.parse({
        ...config,
        schemaVersion: 1,
        dimensions: { team: [{ tag: 'team' }] },
      });
      const told: string[] = [];
      const auditor = {
        ...configured(parsed, { ...silent, warn: (text: string) => told.push(text) }),
        lake,
        ledger,
        units: () => unitsOf(parsed, lake, null, bills.folder),
      };
      const realised = await realisedOf(auditor, [record], parsed.dimensions, NOW);
      expect(realised.get(record.finding.resourceId)).toEqual(savings);
      expect(savings?.flatMap((each) => effectLines(each, digestFormat('UTC')))).toEqual([
        'stopped 2026-10-30: saved $528.00',
        'shop, cost USD: 0.54 before, 0.3 after (-44.4 %)',
        'shop, success: 0.99 before, 0.99 after (+0.0 %)',
        'shop, latency: 200 before, 250 after (+25.0 %)',
      ]);
      expect(told).toEqual(['unit search: No settled charge of the bills is meant by it.']);
      const never = { ...record, life: { ...life, stopped: null } };
      expect([...(await realisedOf(auditor, [never], parsed.dimensions, NOW))]).toEqual([]);
      expect(told).toHaveLength(1);
    } finally {
      await lake[Symbol.asyncDispose]();
    }
  });
});
