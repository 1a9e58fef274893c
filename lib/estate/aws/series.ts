import type { Telemetry } from '../model.ts';
import type { MetricPoint, MetricWindow } from './metric-data.ts';

/** A series as one dimension set of one metric gave it. */
export interface RawSeries extends Omit<Telemetry, 'points' | 'expectedPoints' | 'period'> {
  readonly points: readonly MetricPoint[];
}

/**
 * Makes telemetry of raw series.
 * - Several dimension sets of one device (an agent that was configured anew) become one series: the larger
 *   maximum, the sum of counts.
 * - A roll-up over the machine is dropped where the same source speaks for its devices at each of its times: where it
 *   does not, as when an agent stopped to tell of devices, the roll-up alone may show that one works.
 * - A source that has no point in the window is dropped where another source of the same metric has some; else
 *   it stays, empty, to say that a source exists and is silent.
 * - Points from before the instance's last launch are another life's; the first full hour after it is the first
 *   that is expected. `expectedPoints` is 0 for a machine that has no full hour yet.
 * @param launchedAt last launch by resource id, ISO-8601 UTC; null: unknown, the whole window is expected.
 */
export function toTelemetry(
  raw: readonly RawSeries[],
  window: MetricWindow,
  launchedAt: ReadonlyMap<string, string | null>,
): Telemetry[] {
  const same = Map.groupBy(raw, (one) =>
    [one.resourceId, one.metric, one.statistic, one.source, one.device ?? ''].join('\n'),
  );
  const textOf = isoTexts();
  const telemetry = [...same.values()].flatMap((sets): Telemetry[] => {
    const [first] = sets;
    if (first === undefined) return [];
    const { start, expected } = expectedFrom(window, launchedAt.get(first.resourceId) ?? null);
    const points = merged(sets).filter(({ at }) => at >= start && at < window.end.getTime());
    return [
      {
        ...first,
        period: window.period,
        points: points.toSorted((a, b) => a.at - b.at).map(({ at, value }) => ({ at: textOf(at), value })),
        expectedPoints: expected,
      },
    ];
  });
  return withoutRollups(withoutSilent(marked(telemetry)));
}

/** Says of each series whether its source counts the samples of it. */
function marked(series: readonly Telemetry[]): Telemetry[] {
  const counted = new Set(series.filter(({ statistic }) => statistic === 'sample-count').map(ofDevice));
  return series.map((one) =>
    one.statistic !== 'sample-count' && counted.has(ofDevice(one)) ? { ...one, counted: true } : one,
  );
}

/** One point a time of dimension sets of one device. */
function merged(sets: readonly RawSeries[]): readonly MetricPoint[] {
  const points = new Map<number, number>();
  for (const one of sets)
    for (const { at, value } of one.points) {
      const before = points.get(at);
      points.set(at, before === undefined ? value : join(one.statistic, before, value));
    }
  return [...points].map(([at, value]) => ({ at, value }));
}

/**
 * ISO-8601 texts of times in milliseconds, each kept once: thousands of series have points at the same times, and a
 * text of its own for each takes more memory than the values.
 */
export function isoTexts(): (at: number) => string {
  const texts = new Map<number, string>();
  return (at) => {
    let text = texts.get(at);
    if (text === undefined) texts.set(at, (text = new Date(at).toISOString()));
    return text;
  };
}

/**
 * From when on something may have points in the window, milliseconds since 1970, and how many points a source
 * without gaps gives from then: the first full period of its life is the first that is expected.
 * @param launchedAt ISO-8601 UTC; null: unknown, the whole window is expected
 */
export function expectedFrom(
  window: MetricWindow,
  launchedAt: string | null,
): { readonly start: number; readonly expected: number } {
  const periodMs = window.period * 1000;
  const launch = Date.parse(launchedAt ?? '');
  const start = Math.max(
    window.start.getTime(),
    Number.isNaN(launch) ? 0 : Math.ceil(launch / periodMs) * periodMs,
  );
  return { start, expected: Math.max(0, Math.floor((window.end.getTime() - start) / periodMs)) };
}

function withoutRollups(series: readonly Telemetry[]): Telemetry[] {
  const rollups = series.filter(({ device }) => device === null);
  const told = new Map(rollups.map((one) => [ofSource(one), new Set<string>()]));
  const detailed = new Set<string>();
  for (const one of series) {
    const times = one.device === null ? undefined : told.get(ofSource(one));
    if (times === undefined) continue;
    detailed.add(ofSource(one));
    for (const { at } of one.points) times.add(at);
  }
  const goesOn = new Set(
    rollups
      .filter((one) => one.points.some(({ at }) => told.get(ofSource(one))?.has(at) !== true))
      .map(ofSource),
  );
  return series.filter(
    (one) => one.device !== null || !detailed.has(ofSource(one)) || goesOn.has(ofSource(one)),
  );
}

function withoutSilent(series: readonly Telemetry[]): Telemetry[] {
  const speaking = series.filter(({ points }) => points.length > 0);
  const heard = new Set(speaking.map(ofMetric));
  const heardFrom = new Set(speaking.map(ofSource));
  return series.filter((one) => !heard.has(ofMetric(one)) || heardFrom.has(ofSource(one)));
}

function join(statistic: Telemetry['statistic'], a: number, b: number): number {
  return statistic === 'sum' || statistic === 'sample-count' ? a + b : Math.max(a, b);
}

function ofMetric({ resourceId, metric }: Telemetry): string {
  return [resourceId, metric].join('\n');
}

function ofSource({ resourceId, metric, source }: Telemetry): string {
  return [resourceId, metric, source].join('\n');
}

function ofDevice(one: Telemetry): string {
  return [ofSource(one), one.device ?? ''].join('\n');
}
