import { expect, test } from 'vitest';
import { settings as databaseSettings, idleDatabase } from '../../lib/checks/idle-database.ts';
import { idleNatGateway, settings } from '../../lib/checks/idle-nat-gateway.ts';
import {
  settings as logSettings,
  logsKeptForEver,
  RETENTION_EVIDENCE,
} from '../../lib/checks/logs-kept-for-ever.ts';
import { stoppedButBilled, settings as stoppedSettings } from '../../lib/checks/stopped-but-billed.ts';
import type { Telemetry } from '../../lib/estate/model.ts';
import { ACCOUNT, arn, cost, facts, machine, NOW, REGION, SCOPE } from './facts.ts';

const ID = arn('nat-0000000000000001', 'natgateway');
const gateway = machine({
  type: 'aws:ec2:natgateway',
  id: ID,
  state: 'available',
  created: '2026-01-01T00:00:00Z',
  accelerators: [],
  dataset: 'aws.ec2.natgateways',
});
const STEP = 21_600_000;

/** Two weeks before the end of the last quarter of a day, at rest, each period with so many samples. */
function rest(end: string, samples = (_at: number) => 360): Telemetry[] {
  return ['connections', 'bytes', 'bytes'].flatMap((metric, at): Telemetry[] => {
    const points = Array.from({ length: 56 }, (_, period) => ({
      at: new Date(Date.parse(end) - (56 - period) * STEP).toISOString(),
      value: 0,
    }));
    const common = {
      resourceId: ID,
      metric: metric === 'bytes' ? ('bytes' as const) : ('connections' as const),
      device: null,
      period: 21_600,
      expectedPoints: 56,
      source: `AWS/NATGateway ${metric} ${at}`,
    };
    return [
      { ...common, statistic: metric === 'bytes' ? 'sum' : 'maximum', unit: 'count', points },
      {
        ...common,
        statistic: 'sample-count',
        unit: 'count',
        points: points.map((point, period) => ({ ...point, value: samples(period) })),
      },
    ];
  });
}

const END = '2026-11-20T06:00:00Z';
const judge = (
  telemetry: readonly Telemetry[],
  given: Partial<Parameters<typeof facts>[0]> = {},
  limits = {},
) => idleNatGateway.judge(facts({ resources: [gateway], telemetry, ...given }), settings.parse(limits), NOW);

test('at rest for the window, with every sample there, is IDLE and says over which time', () => {
  const [found] = judge(rest(END));
  expect(found).toMatchObject({ verdict: 'IDLE', resourceId: ID, monthlySaving: null, costBasis: 'unknown' });
  expect(found?.scopes).toEqual([`${SCOPE}#aws.ec2.natgateways`, `${SCOPE}#aws.ec2.natgateway-telemetry`]);
  expect(new Set(found?.evidence.map(({ window }) => window))).toEqual(
    new Set(['2026-11-06T06:00:00.000Z/2026-11-20T06:00:00.000Z', '']),
  );
});

test('periods in which only some samples came are not whole', () => {
  expect(judge(rest(END, (at) => (at < 6 ? 36 : 360)))).toEqual([]);
  expect(judge(rest(END, (at) => (at < 2 ? 180 : 360)))).toHaveLength(1);
});

/** A scope that was read at some time. */
const readAt = (asOf: string, more = {}) => [
  { scope: SCOPE, status: 'complete' as const, reason: null, asOf, ...more },
];

test('a look of days ago, an older window and an unread telemetry say nothing of now', () => {
  expect(judge(rest(END), { coverage: readAt('2026-11-18T09:00:00Z') })).toEqual([]);
  // Of yesterday: the window ends where the look did.
  expect(judge(rest('2026-11-19T12:00:00Z'), { coverage: readAt('2026-11-19T12:30:00Z') })).toHaveLength(1);
  expect(judge(rest('2026-11-13T06:00:00Z'))).toEqual([]);
  for (const incomplete of [['aws.ec2.natgateways'], ['aws.ec2.natgateway-telemetry']])
    expect(
      judge(rest(END), {
        coverage: readAt(NOW.toISOString(), { status: 'partial', reason: 'denied', incomplete }),
      }),
    ).toEqual([]);
});

test('a shorter window is enough where it is asked for; a longer one than is read is refused', () => {
  const busyBefore = rest(END).map((series) => ({
    ...series,
    points: series.points.map((point, at) => (at < 20 ? { ...point, value: 9 } : point)),
  }));
  expect(judge(busyBefore)).toEqual([]);
  expect(judge(busyBefore, {}, { window: '7d' })).toHaveLength(1);
  for (const schema of [settings, databaseSettings])
    expect(() => schema.parse({ window: '15d' })).toThrow('at most 14d');
});

test('a database names its members in the evidence, and all of them in what must be read', () => {
  const cluster = machine({
    type: 'aws:rds:cluster',
    id: `arn:aws:rds:${REGION}:${ACCOUNT}:cluster:c`,
    state: 'available',
    created: '2026-01-01T00:00:00Z',
    accelerators: [],
    dataset: 'aws.rds.clusters',
    attributes: { members: ['c-1'], engine: 'aurora-mysql', engineVersion: '3' },
  });
  const member = machine({
    type: 'aws:rds:db',
    id: `arn:aws:rds:${REGION}:${ACCOUNT}:db:c-1`,
    name: 'c-1',
    state: 'available',
    created: '2026-01-01T00:00:00Z',
    accelerators: [],
    dataset: 'aws.rds.instances',
    parent: { type: 'aws:rds:cluster', id: cluster.id },
  });
  const telemetry = rest(END)
    .slice(0, 2)
    .map((series) => ({ ...series, resourceId: member.id }));
  const found = idleDatabase.judge(
    facts({ resources: [cluster, member], telemetry }),
    databaseSettings.parse({}),
    NOW,
  );
  expect(found).toMatchObject([{ resourceId: cluster.id, verdict: 'IDLE', monthlySaving: null }]);
  expect(found[0]?.evidence.map(({ name }) => name)).toContain('highest connections of a period, c-1');
  expect(found[0]?.scopes).toEqual([
    `${SCOPE}#aws.rds.clusters`,
    `${SCOPE}#aws.rds.telemetry`,
    `${SCOPE}#aws.rds.instances`,
  ]);
});

test('days to keep are those that CloudWatch Logs takes, and stand in the evidence only where they are set', () => {
  const group = machine({
    type: 'aws:logs:log-group',
    id: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app`,
    sku: 'STANDARD',
    accelerators: [],
    attributes: { retentionDays: null, storedBytes: 3_000_000_000 },
  });
  const said = (limits: object) =>
    logsKeptForEver
      .judge(facts({ resources: [group] }), logSettings.parse(limits), NOW)[0]
      ?.evidence.find(({ name }) => name === RETENTION_EVIDENCE)?.value;
  expect(said({})).toBeUndefined();
  expect(said({ keepDays: 90 })).toBe('90');
  expect(() => logSettings.parse({ keepDays: 91 })).toThrow('which CloudWatch Logs takes');
  expect(
    logsKeptForEver.judge(facts({ resources: [group] }), logSettings.parse({ minStoredGiB: 3 }), NOW),
  ).toEqual([]);
});

/** What the bill says of a volume or an address. */
const billed = (id: string, effective: string, currency = 'USD') =>
  cost({ resourceId: id, effective, currency });

test('what a stopped machine costs is what its volumes and addresses do, and what is not known of it is told', () => {
  const [one, two] = ['vol-0000000000000001', 'vol-0000000000000002'];
  const stopped = machine({
    state: 'stopped',
    accelerators: [],
    attributes: {
      stoppedAt: '2026-09-01T00:00:00.000Z',
      volumeIds: [one, two],
      instanceId: 'i-0000000000000001',
    },
  });
  const address = machine({
    type: 'aws:ec2:elastic-ip',
    id: arn('eipalloc-0000000000000001', 'elastic-ip'),
    state: 'associated',
    attributes: { instanceId: 'i-0000000000000001' },
  });
  const judged = (costs: readonly ReturnType<typeof cost>[]) =>
    stoppedButBilled.judge(facts({ resources: [stopped, address], costs }), stoppedSettings.parse({}), NOW);
  expect(judged([billed(one, '40.10'), billed(two, '2'), billed(address.id, '3.60')])).toMatchObject([
    {
      verdict: 'UNUSED',
      costBasis: 'billed',
      monthlyCost: { amount: '45.7', currency: 'USD' },
      monthlySaving: null,
    },
  ]);
  const [partly] = judged([billed(one, '40')]);
  expect(partly?.monthlyCost).toEqual({ amount: '40', currency: 'USD' });
  expect(partly?.blindSpots).toContain('What 2 of 3 of these cost is not known.');
  expect(judged([billed(one, '40'), billed(two, '2', 'EUR')])[0]?.monthlyCost).toBeNull();
  expect(judged([])[0]).toMatchObject({ costBasis: 'unknown', monthlyCost: null });
  expect(judged([billed(one, '0'), billed(two, '0'), billed(address.id, '0')])).toEqual([]);
});
