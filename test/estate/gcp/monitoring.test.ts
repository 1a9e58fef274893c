import { expect, test } from 'vitest';
import { AT_ONCE, type SeriesQuery, timeSeries } from '../../../lib/estate/gcp/monitoring.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { type LoopbackAnswer, loopback, refusal, signedIn } from './loopback.ts';

const WINDOW = {
  start: new Date('2026-11-22T08:00:00Z'),
  end: new Date('2026-11-22T12:00:00Z'),
  period: 3600,
};
const QUERY: SeriesQuery = {
  metric: 'agent.googleapis.com/gpu/utilization',
  resource: 'gce_instance',
  label: 'instance_id',
  names: ['1', '2'],
  where: { memory_state: 'used' },
  aligner: 'ALIGN_MAX',
};

function part(instance: string, points: readonly [endTime: string, value: object][], gpu = '0') {
  return {
    metric: { type: QUERY.metric, labels: { gpu_number: gpu } },
    resource: { type: 'gce_instance', labels: { instance_id: instance } },
    points: points.map(([endTime, value]) => ({ interval: { endTime, startTime: endTime }, value })),
  };
}

async function read(pages: readonly LoopbackAnswer[]) {
  await using server = await loopback(
    (_path, { pageToken }) => pages[Number(pageToken ?? '0')] ?? { status: 404 },
  );
  const meter = new Meter();
  const session = gcpSession({
    projectId: 'acme-prod',
    auth: signedIn(),
    endpoint: server.url,
    attempts: 1,
    wait: () => Promise.resolve(),
  });
  const outcome = await timeSeries(session, meter, QUERY, WINDOW).then(
    (series) => ({ series, error: null }),
    (error: unknown) => ({ series: null, error }),
  );
  return { ...outcome, requests: server.requests, own: meter.total() };
}

const told = (series: Awaited<ReturnType<typeof read>>['series']) =>
  (series ?? []).map(({ resource, points }) => [
    resource['instance_id'],
    [...points].map(([at, value]) => [new Date(at).toISOString().slice(11, 16), value]),
  ]);

test('one question names metric, things and period, and every value stands at the start of its period', async () => {
  const { series, requests, own } = await read([
    { body: { timeSeries: [part('1', [['2026-11-22T12:00:00Z', { doubleValue: 7.5 }]])] } },
  ]);
  expect(requests[0]?.params).toEqual({
    filter:
      'metric.type = "agent.googleapis.com/gpu/utilization" AND resource.type = "gce_instance" AND resource.labels.instance_id = one_of("1","2") AND metric.labels.memory_state = "used"',
    'interval.startTime': '2026-11-22T08:00:00.000Z',
    'interval.endTime': '2026-11-22T12:00:00.000Z',
    'aggregation.alignmentPeriod': '3600s',
    'aggregation.perSeriesAligner': 'ALIGN_MAX',
    view: 'FULL',
  });
  expect(told(series)).toEqual([['1', [['11:00', 7.5]]]]);
  expect(own).toMatchObject({
    amount: '0.0000005',
    calls: [{ api: 'monitoring.projects.timeSeries.list', count: 1 }],
  });
});

test('a series that a page cuts goes on in the next; whole numbers travel as text', async () => {
  const { series, own } = await read([
    {
      body: {
        timeSeries: [
          part('1', [['2026-11-22T12:00:00Z', { int64Value: '60' }]]),
          part('1', [['2026-11-22T12:00:00Z', { int64Value: '59' }]], '1'),
        ],
        nextPageToken: '1',
      },
    },
    { body: { timeSeries: [part('1', [['2026-11-22T11:00:00Z', { int64Value: '58' }]], '1')] } },
  ]);
  expect(told(series)).toEqual([
    ['1', [['11:00', 60]]],
    [
      '1',
      [
        ['11:00', 59],
        ['10:00', 58],
      ],
    ],
  ]);
  expect(own.amount).toBe('0.0000015');
});

test('points outside of the window are left out, and so is a value that is none', async () => {
  const { series } = await read([
    {
      body: {
        timeSeries: [
          part('1', [
            ['2026-11-22T13:00:00Z', { doubleValue: 99 }],
            ['2026-11-22T09:00:00Z', {}],
            ['2026-11-22T08:00:00Z', { doubleValue: 98 }],
          ]),
        ],
      },
    },
  ]);
  expect(told(series)).toEqual([['1', []]]);
});

test.each<[string, LoopbackAnswer, RegExp]>([
  [
    'a region that is unreachable',
    { body: { timeSeries: [], unreachable: ['us-east1'] } },
    /us-east1 is unreachable/,
  ],
  [
    'an error of a part',
    { body: { timeSeries: [part('1', [])], executionErrors: [{ code: 4, message: 'too slow' }] } },
    /too slow/,
  ],
  ['a refusal', refusal(403, 'forbidden'), /denied/],
  ['something else', { body: { timeSeries: {} } }, /something else than documented/],
  ['a page token that comes back', { body: { nextPageToken: '0' } }, /same page token/],
])('%s is no data', async (_what, answer, reason) => {
  const { series, error } = await read([answer]);
  expect(series).toBeNull();
  expect(error).toMatchObject({ name: 'BursarError', message: expect.stringMatching(reason) });
});

test('the longest question stays a URL that servers take', () => {
  const ids = Array.from({ length: AT_ONCE }, (_, at) => String(9_999_999_999_999_999_000n + BigInt(at)));
  const filter = encodeURIComponent(`one_of(${ids.map((id) => JSON.stringify(id)).join(',')})`);
  expect(filter.length).toBeLessThan(4096);
});

test('a metric that nothing in the project ever wrote has no series; any other 404 is a fault', async () => {
  const never = refusal(
    404,
    'notFound',
    'Cannot find metric(s) that match type = "agent.googleapis.com/gpu/utilization". If a metric was created recently, it could take up to 10 minutes to become available.',
  );
  expect(await read([never])).toMatchObject({ series: [], error: null });
  expect(await read([refusal(404, 'notFound', 'Project not found')])).toMatchObject({
    series: null,
    error: { code: 'input' },
  });
});
