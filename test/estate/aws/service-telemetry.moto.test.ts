import { beforeEach, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { serviceTelemetry } from '../../../lib/estate/aws/service-telemetry.ts';
import type { AwsSession } from '../../../lib/estate/aws/session.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Dataset, Resource, Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { OWN, proxy, session } from './emulated.ts';
import { publish } from './fleet.ts';

const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
const now = new Date('2026-11-20T10:30:00Z');
/** The last end of a quarter of a day before `now`. */
const end = Date.parse('2026-11-20T06:00:00Z');
const STEP = 21_600_000;

beforeEach(() => resetMoto(moto));

function gateway(id: string, given: Partial<Resource> = {}): Resource {
  return {
    provider: 'aws',
    accountId: OWN,
    region: 'us-east-1',
    type: 'aws:ec2:natgateway',
    id,
    name: null,
    state: 'available',
    created: '2026-01-01T00:00:00Z',
    tags: {},
    sku: null,
    accelerators: [],
    parent: null,
    attributes: {},
    ...given,
  };
}

const listing = (resources: readonly Resource[]): Dataset<AwsSession> => ({
  id: 'list',
  permissions: [],
  collect: async () => ({ resources }),
});

const connections = serviceTelemetry({
  id: 'test.telemetry',
  needs: ['list'],
  metrics: [
    {
      resourceType: 'aws:ec2:natgateway',
      states: ['available'],
      namespace: 'AWS/NATGateway',
      metricName: 'ActiveConnectionCount',
      metric: 'connections',
      unit: 'count',
      statistics: ['maximum', 'sample-count'],
      dimensions: ({ id }) => (id === 'unnamed' ? null : [{ Name: 'NatGatewayId', Value: id }]),
    },
  ],
});

async function look(
  resources: readonly Resource[],
  { endpoint = moto, meter = new Meter(), only = null as ReadonlySet<string> | null } = {},
) {
  return await collectScope(scope, session(endpoint), [listing(resources), connections.of(only)], now, meter);
}

const publishFor = async (id: string, periods: readonly number[], value: number) =>
  publish(
    session(moto).cloudwatch,
    'AWS/NATGateway',
    'ActiveConnectionCount',
    { NatGatewayId: id },
    // Two samples a period.
    periods.flatMap((back) =>
      [60_000, 7_200_000].map((late) => ({ at: new Date(end - back * STEP + late), value })),
    ),
  );

test('a point a quarter of a day for two weeks, with its samples; zero is told as zero', async () => {
  await publishFor(
    'nat-1',
    Array.from({ length: 60 }, (_, back) => back),
    0,
  );
  const meter = new Meter();
  const { telemetry, coverage } = await look([gateway('nat-1')], { meter });
  expect(coverage[0]?.status).toBe('complete');
  expect(telemetry).toMatchObject([
    {
      metric: 'connections',
      statistic: 'maximum',
      counted: true,
      unit: 'count',
      period: 21_600,
      expectedPoints: 56,
    },
    { metric: 'connections', statistic: 'sample-count', unit: 'count', expectedPoints: 56 },
  ]);
  for (const { points } of telemetry) {
    expect(points).toHaveLength(56);
    expect(points[0]?.at).toBe('2026-11-06T06:00:00.000Z');
    expect(points.at(-1)?.at).toBe('2026-11-20T00:00:00.000Z');
  }
  expect(telemetry.map(({ points }) => [...new Set(points.map(({ value }) => value))])).toEqual([[0], [2]]);
  expect(meter.total()).toMatchObject({ amount: '0.00002' });
});

test('silence is a series without points, never zeros; gaps stay gaps', async () => {
  await publishFor('nat-2', [1, 3], 7);
  const { telemetry } = await look([gateway('nat-1'), gateway('nat-2')]);
  expect(
    telemetry.map(({ resourceId, points, expectedPoints }) => [resourceId, points.length, expectedPoints]),
  ).toEqual([
    ['nat-1', 0, 56],
    ['nat-1', 0, 56],
    ['nat-2', 2, 56],
    ['nat-2', 2, 56],
  ]);
});

test('what was made within the window is expected from its first full period on', async () => {
  await publishFor('nat-1', [1, 2, 3, 4, 5], 1);
  const [series] = (await look([gateway('nat-1', { created: '2026-11-19T07:00:00Z' })])).telemetry;
  expect(series?.expectedPoints).toBe(3);
  expect(series?.points.map(({ at }) => at)).toEqual([
    '2026-11-19T12:00:00.000Z',
    '2026-11-19T18:00:00.000Z',
    '2026-11-20T00:00:00.000Z',
  ]);
});

test('what has no such metric, is not at work or is not asked for costs nothing', async () => {
  const meter = new Meter();
  const things = [
    gateway('nat-1', { state: 'deleting' }),
    gateway('unnamed'),
    gateway('other', { type: 'aws:ec2:volume' }),
    gateway('nat-2'),
  ];
  const { telemetry } = await look(things, { meter, only: new Set(['nat-1', 'unnamed', 'other']) });
  expect(telemetry).toEqual([]);
  expect(meter.total().calls).toEqual([]);
});

test('of what is asked about as a whole, every part is', async () => {
  const part = gateway('nat-1', { parent: { type: 'cluster', id: 'whole' } });
  const { telemetry } = await look([part, gateway('nat-2')], { only: new Set(['whole']) });
  expect(new Set(telemetry.map(({ resourceId }) => resourceId))).toEqual(new Set(['nat-1']));
});

const Asked = z.object({ MetricDataQueries: z.array(z.unknown()) });

test('a metric that was not completed leaves its thing out whole, and coverage says which', async () => {
  await publishFor('nat-1', [1], 0);
  await publishFor('nat-2', [1], 0);
  const broken = await proxy(moto, async ({ action, body }, pass) => {
    if (action !== 'GetMetricData') return null;
    expect(Asked.parse(JSON.parse(body)).MetricDataQueries).toHaveLength(4);
    const answer = await pass();
    const Results = z.object({ MetricDataResults: z.array(z.looseObject({ Id: z.string() })) });
    const { MetricDataResults } = Results.parse(JSON.parse(answer.body));
    const results = MetricDataResults.map((result) =>
      result.Id === 'q1' ? { ...result, Values: [], Timestamps: [], StatusCode: 'InternalError' } : result,
    );
    return { ...answer, body: JSON.stringify({ MetricDataResults: results, Messages: [] }) };
  });
  try {
    const { telemetry, coverage } = await look([gateway('nat-1'), gateway('nat-2')], {
      endpoint: broken.url,
    });
    expect(coverage[0]).toMatchObject({ status: 'partial', incomplete: ['test.telemetry'] });
    expect(coverage[0]?.reason).toContain(
      'could not answer for 1 of 2 (nat-1 AWS/NATGateway ActiveConnectionCount: InternalError)',
    );
    expect(telemetry.map(({ resourceId }) => resourceId)).toEqual(['nat-2', 'nat-2']);
  } finally {
    await broken.close();
  }
});
