import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastHours } from '../../../lib/estate/aws/gpu-telemetry.ts';
import { type RawSeries, toTelemetry } from '../../../lib/estate/aws/series.ts';

const HOUR = 3_600_000;
const now = new Date('2026-11-20T10:30:00Z');
const window = lastHours(now, 168);
const start = window.start.getTime();

function raw(more: Partial<RawSeries> = {}): RawSeries {
  return {
    resourceId: 'm',
    metric: 'gpu-utilization',
    statistic: 'maximum',
    unit: 'percent',
    device: '0',
    source: 'CWAgent nvidia_smi_utilization_gpu',
    points: [],
    ...more,
  };
}

const old = new Map([['m', '2026-01-01T00:00:00.000Z']]);

test('the window is the last full hours, half-open', () => {
  expect(window).toEqual({
    start: new Date('2026-11-13T10:00:00Z'),
    end: new Date('2026-11-20T10:00:00Z'),
    period: 3600,
  });
  const even = new Date('2026-11-20T10:00:00Z');
  expect(lastHours(even, 1)).toEqual({ start: new Date('2026-11-20T09:00:00Z'), end: even, period: 3600 });
});

test('dimension sets of one device become one series: the larger maximum, the sum of counts', () => {
  const before = [{ at: start, value: 4 }];
  const after = [
    { at: start, value: 7 },
    { at: start + HOUR, value: 1 },
  ];
  const counts = { statistic: 'sample-count', unit: 'count' } as const;
  const series = toTelemetry(
    [
      raw({ points: before }),
      raw({ points: after }),
      raw({ ...counts, points: before }),
      raw({ ...counts, points: after }),
    ],
    window,
    old,
  );
  expect(series.map(({ statistic, points }) => [statistic, points.map(({ value }) => value)])).toEqual([
    ['maximum', [7, 1]],
    ['sample-count', [11, 1]],
  ]);
  // Values of which samples are counted say so: without the counts they prove no rest.
  expect(series.map(({ counted }) => counted)).toEqual([true, undefined]);
  const another = toTelemetry(
    [raw({ points: before }), raw({ ...counts, device: '1', points: after })],
    window,
    old,
  );
  expect(another.map(({ counted }) => counted)).toEqual([undefined, undefined]);
});

test('a roll-up gives way to the devices of the same source, and stays where there are none', () => {
  const points = [{ at: start, value: 1 }];
  const devices = toTelemetry([raw({ points }), raw({ device: null, points })], window, old);
  expect(devices.map(({ device }) => device)).toEqual(['0']);
  const alone = toTelemetry([raw({ device: null, points })], window, old);
  expect(alone.map(({ device }) => device)).toEqual([null]);
});

test('a roll-up that goes on where the devices fall silent stays: it alone tells that one works', () => {
  const [first, second, third] = [start, start + HOUR, start + 2 * HOUR];
  const rest = [first, second].map((at) => ({ at, value: 1 }));
  const devices = ['0', '1'].map((device) => raw({ device, points: rest }));
  const rollup = raw({
    device: null,
    points: [
      { at: second, value: 1 },
      { at: third, value: 90 },
    ],
  });
  const counts = raw({ ...rollup, statistic: 'sample-count', unit: 'count' });
  const told = toTelemetry([...devices, rollup, counts], window, old);
  expect(told.map(({ device, statistic }) => [device, statistic])).toEqual([
    ['0', 'maximum'],
    ['1', 'maximum'],
    [null, 'maximum'],
    [null, 'sample-count'],
  ]);
});

test('a silent source gives way to one that speaks, and stays where none does', () => {
  const speaks = raw({ source: 'ContainerInsights node_gpu_utilization', points: [{ at: start, value: 1 }] });
  expect(toTelemetry([raw(), speaks], window, old).map(({ source }) => source)).toEqual([speaks.source]);
  expect(toTelemetry([raw()], window, old)).toMatchObject([{ points: [], expectedPoints: 168 }]);
  // Of a source that speaks, a silent device stays: it is what the machine lacks.
  const half = toTelemetry([raw({ points: [{ at: start, value: 1 }] }), raw({ device: '1' })], window, old);
  expect(half.map(({ device, points }) => [device, points.length])).toEqual([
    ['0', 1],
    ['1', 0],
  ]);
});

test('points from before the last launch are another life', () => {
  const launched = new Map([['m', '2026-11-20T07:20:00.000Z']]);
  const points = Array.from({ length: 168 }, (_, hour) => ({ at: start + hour * HOUR, value: 90 }));
  expect(toTelemetry([raw({ points })], window, launched)).toMatchObject([
    { expectedPoints: 2, points: [{ at: '2026-11-20T08:00:00.000Z' }, { at: '2026-11-20T09:00:00.000Z' }] },
  ]);
  const fresh = new Map([['m', '2026-11-20T10:20:00.000Z']]);
  expect(toTelemetry([raw({ points })], window, fresh)).toMatchObject([{ expectedPoints: 0, points: [] }]);
});

test('every series keeps its points in order, inside the window, never more than are expected', () => {
  const point = fc.record({
    at: fc.integer({ min: -200, max: 200 }).map((hour) => start + hour * HOUR),
    value: fc.nat(100),
  });
  const launch = fc.integer({ min: -500, max: 300 }).map((hours) => start + hours * HOUR + 60_000);
  fc.assert(
    fc.property(fc.array(fc.array(point), { maxLength: 4 }), launch, (lists, launchedAt) => {
      const launched = new Map([['m', new Date(launchedAt).toISOString()]]);
      const series = toTelemetry(
        lists.map((points, index) => raw({ points, device: String(index % 2) })),
        window,
        launched,
      );
      for (const { points, expectedPoints } of series) {
        const times = points.map(({ at }) => Date.parse(at));
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(new Set(times).size).toBe(times.length);
        expect(times.every((at) => at >= start && at < window.end.getTime() && at >= launchedAt)).toBe(true);
        expect(points.length).toBeLessThanOrEqual(expectedPoints);
        expect(expectedPoints).toBeLessThanOrEqual(168);
      }
      const all = lists
        .flat()
        .filter(({ at }) => at >= Math.max(start, launchedAt) && at < window.end.getTime());
      const highest = Math.max(-1, ...all.map(({ value }) => value));
      expect(Math.max(-1, ...series.flatMap(({ points }) => points.map(({ value }) => value)))).toBe(highest);
    }),
  );
});
