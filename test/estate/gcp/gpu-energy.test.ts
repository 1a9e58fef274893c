import { expect, test } from 'vitest';
import { powerOf } from '../../../lib/estate/gcp/gpu-energy.ts';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { type LoopbackAnswer, loopback, refusal, signedIn } from './loopback.ts';

const START = Date.parse('2026-11-22T09:00:00Z');
const MINUTE = 60_000;
const WINDOW = { start: new Date(START), end: new Date(START + 180 * MINUTE), period: 3600 };
const ID = '//compute.googleapis.com/projects/acme-prod/zones/z/instances/i';

interface Counter {
  /** By minute, 0 to 180; null: nothing was written. */
  readonly watts: (minute: number) => number | null;
  readonly resets?: (minute: number) => boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly instance?: string;
}

/** What the receiver writes of one device, a sample a minute, the last one first. */
function counter({ watts, resets = () => false, labels = {}, instance = '7' }: Counter) {
  let joules = 0;
  let since = START - 3_600_000;
  const points = Array.from({ length: 181 }, (_, minute) => minute).flatMap((minute) => {
    const at = START + minute * MINUTE;
    if (resets(minute)) {
      joules = 0;
      since = at - 1;
    }
    const told = watts(minute);
    joules += (told ?? 0) * 60;
    const interval = { startTime: new Date(since).toISOString(), endTime: new Date(at).toISOString() };
    return told === null ? [] : [{ interval, value: { doubleValue: joules } }];
  });
  return {
    metric: { labels: { gpu_number: '0', uuid: 'GPU-1', ...labels } },
    resource: { type: 'gce_instance', labels: { instance_id: instance } },
    points: points.toReversed(),
  };
}

async function read(answers: readonly LoopbackAnswer[]) {
  await using server = await loopback(
    (_path, { pageToken }) => answers[Number(pageToken ?? '0')] ?? { status: 404 },
  );
  const session = gcpSession({
    projectId: 'acme-prod',
    auth: signedIn(),
    endpoint: server.url,
    attempts: 1,
    wait: () => Promise.resolve(),
  });
  const series = await powerOf(session, new Meter(), new Map([['7', ID]]), WINDOW);
  return { series, requests: server.requests };
}

/** Statistic, device, hour and watts of each point. */
const told = ({ series }: Awaited<ReturnType<typeof read>>) =>
  series.flatMap(({ statistic, device, points }) =>
    points.map(({ at, value }) => [
      statistic,
      device,
      (at - START) / 3_600_000,
      Math.round(value * 1000) / 1000,
    ]),
  );
const of = async (...counters: readonly Counter[]) =>
  told(await read([{ body: { timeSeries: counters.map(counter) } }]));

test('the highest mean of a minute stands at its hour, in watts; what ends on the hour is of the one before', async () => {
  expect(await of({ watts: (minute) => (minute === 60 ? 55 : minute === 61 ? 44.5 : 10) })).toEqual([
    ['maximum', '0', 0, 55],
    ['maximum', '0', 1, 44.5],
    ['maximum', '0', 2, 10],
  ]);
});

test('samples are asked for as they were written, in pages that one machine may share', async () => {
  const whole = counter({ watts: () => 10 });
  const { points } = whole;
  const answers = [0, 50, 100].map((from, page) => ({
    body: {
      timeSeries: [{ ...whole, points: points.slice(from, page === 2 ? undefined : from + 50) }],
      ...(page === 2 ? {} : { nextPageToken: String(page + 1) }),
    },
  }));
  const found = await read(answers);
  expect(told(found)).toEqual([0, 1, 2].map((hour) => ['maximum', '0', hour, 10]));
  expect(found.series[0]).toMatchObject({
    resourceId: ID,
    metric: 'gpu-power',
    unit: 'watt',
    source: 'Ops Agent gpu.dcgm.energy_consumption',
  });
  expect(
    found.requests.map(({ params }) => Object.keys(params).filter((key) => key.includes('ggreg'))),
  ).toEqual([[], [], []]);
  expect(found.requests[0]?.params).toMatchObject({
    filter:
      'metric.type = "workload.googleapis.com/gpu.dcgm.energy_consumption" AND resource.type = "gce_instance" AND resource.labels.instance_id = one_of("7")',
    pageSize: '20000',
  });
});

test.each<[string, Counter]>([
  [
    'every third minute is written, so that work between may hide',
    { watts: (minute) => (minute % 3 === 0 ? 10 : null) },
  ],
  ['a counter that stands still', { watts: () => 0 }],
  ['a counter that falls without a reset', { watts: () => -10 }],
  ['a counter that is reset each minute', { watts: () => 10, resets: () => true }],
  ['another machine', { watts: () => 10, instance: '8' }],
])('tells no power: %s', async (_name, given) => {
  expect(await of(given)).toEqual([]);
});

test('an hour with holes shows work, and never that there was none', async () => {
  expect(
    await of({ watts: (minute) => (minute > 70 && minute < 80 ? null : minute === 100 ? 200 : 10) }),
  ).toEqual([
    ['maximum', '0', 0, 10],
    ['maximum', '0', 2, 10],
    ['average', '0', 1, 200],
  ]);
});

test('a sample that is lost now and then, and one reset, leave an hour whole', async () => {
  expect(
    await of({ watts: (minute) => (minute % 20 === 7 ? null : 10), resets: (minute) => minute === 90 }),
  ).toHaveLength(3);
  // The minute that was lost is in the mean of the two around it.
  expect(await of({ watts: (minute) => (minute === 7 ? null : 10) })).toContainEqual(['maximum', '0', 0, 10]);
});

test('each device has its own counter, and a card that was changed another', async () => {
  const found = await of(
    { watts: (minute) => (minute <= 90 ? 10 : null) },
    { watts: (minute) => (minute > 90 ? 70 : null), labels: { uuid: 'GPU-2' } },
    { watts: () => 12, labels: { gpu_number: '1', uuid: 'GPU-3' } },
  );
  expect(found.filter(([statistic, device]) => statistic === 'maximum' && device === '0')).toEqual([
    ['maximum', '0', 0, 10],
    ['maximum', '0', 2, 70],
  ]);
  expect(found).toContainEqual(['average', '0', 1, 70]);
  expect(found.filter(([, device]) => device === '1')).toEqual(
    [0, 1, 2].map((hour) => ['maximum', '1', hour, 12]),
  );
});

test('a project in which the receiver never ran has no power, and what fails is no power of zero', async () => {
  const never = refusal(
    404,
    'notFound',
    'Cannot find metric(s) that match type = "workload.googleapis.com/gpu.dcgm.energy_consumption".',
  );
  expect(told(await read([never]))).toEqual([]);
  await expect(
    read([{ body: { timeSeries: [counter({ watts: () => 10 })], nextPageToken: '1' } }, never]),
  ).rejects.toThrow('Cannot find metric');
  await expect(read([{ body: { unreachable: ['us-east1'] } }])).rejects.toThrow('us-east1 is unreachable');
});
