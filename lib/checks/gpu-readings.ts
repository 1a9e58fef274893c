import type { Resource, Telemetry } from '../estate/model.ts';

/** Half-open stretch of time in milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What one source says of one device over a span. */
export interface Reading {
  /** Null where the series speaks for the whole machine. */
  readonly device: string | null;
  readonly source: string;
  readonly unit: string;
  /** Highest valid value; null where no value was valid. */
  readonly maximum: number | null;
  /** Share of the expected samples that came, 0 to 1. */
  readonly share: number;
  /** Points with a valid value, and how many a source without gaps would have given. */
  readonly received: number;
  readonly expected: number;
  /** No single device exceeds its values. */
  readonly bounds: boolean;
  /** Values that were not data: negative, over 100 percent, not a number. */
  readonly invalid: number;
}

interface Buckets {
  readonly first: Telemetry;
  /** Unit of the values: a `sample-count` series beside them counts in its own. */
  unit: string;
  readonly values: Map<number, number>;
  readonly counts: Map<number, number>;
  invalid: number;
}

const indexed = new WeakMap<readonly Telemetry[], ReadonlyMap<string, Telemetry[]>>();

/** Telemetry by resource id, so that all checks of N resources look at every series once. */
export function byResource(telemetry: readonly Telemetry[]): ReadonlyMap<string, Telemetry[]> {
  const known = indexed.get(telemetry);
  if (known !== undefined) return known;
  const index = new Map<string, Telemetry[]>();
  indexed.set(telemetry, index);
  for (const series of telemetry) {
    const list = index.get(series.resourceId);
    if (list === undefined) index.set(series.resourceId, [series]);
    else list.push(series);
  }
  return index;
}

/**
 * Readings of one metric, one for each device and source. The expected number of points follows from the
 * span, not from what the source says of itself. A point of few samples counts for a part: where the source
 * gives `sample-count`, a full point is taken to hold their median. A series that knows only averages can
 * show that a device is busy (its maximum is at least that), never that it is not: its share is 0.
 */
export function readings(series: readonly Telemetry[], metric: Telemetry['metric'], span: Span): Reading[] {
  const groups = new Map<string, Buckets>();
  for (const one of series) {
    if (one.metric !== metric || !(one.period > 0)) continue;
    const key = `${one.device === null ? '-' : `=${one.device}`}\n${one.source}\n${one.period}`;
    let group = groups.get(key);
    if (group === undefined)
      groups.set(
        key,
        (group = { first: one, unit: one.unit, values: new Map(), counts: new Map(), invalid: 0 }),
      );
    if (one.statistic !== 'sample-count') group.unit = one.unit;
    fill(group, one, span);
  }
  return [...groups.values()].map((group) => read(group, span));
}

/** What is counted over a period: the highest sum of a period tells whether there was any. */
const SUMMED: ReadonlySet<Telemetry['metric']> = new Set(['requests', 'bytes']);
const AVERAGE_ONLY = 'average only';

function fill(group: Buckets, series: Telemetry, span: Span): void {
  const step = series.period * 1000;
  for (const { at, value } of series.points) {
    const time = Date.parse(at);
    if (!(time >= span.start && time < span.end)) continue;
    const bucket = Math.floor((time - span.start) / step);
    if (series.statistic === 'sample-count') {
      if (Number.isFinite(value) && value >= 0)
        group.counts.set(bucket, (group.counts.get(bucket) ?? 0) + value);
    } else if (!isData(value, series.unit)) group.invalid++;
    else {
      // An average or a sum proves that the maximum is no less, but fills no hour: it is kept apart below 0.
      const proves =
        series.statistic === 'maximum' || (SUMMED.has(series.metric) && series.statistic === 'sum');
      const slot = proves ? bucket : -1 - bucket;
      group.values.set(slot, Math.max(group.values.get(slot) ?? 0, value));
    }
  }
}

function isData(value: number, unit: string): boolean {
  return Number.isFinite(value) && value >= 0 && (!unit.startsWith('percent') || value <= 100);
}

function read({ first, unit, values, counts, invalid }: Buckets, span: Span): Reading {
  const expected = Math.floor((span.end - span.start) / (first.period * 1000));
  const hours = [...values.keys()].filter((bucket) => bucket >= 0);
  let received = hours.length;
  if (counts.size > 0) {
    const full = median([...counts.values()].filter((count) => count > 0));
    received = hours.reduce((sum, bucket) => sum + Math.min((counts.get(bucket) ?? 0) / full, 1), 0);
  }
  return {
    device: first.device,
    source: hours.length === 0 && values.size > 0 ? `${first.source} (${AVERAGE_ONLY})` : first.source,
    unit,
    maximum: values.size === 0 ? null : Math.max(...values.values()),
    share: expected <= 0 ? 0 : Math.min(received / expected, 1),
    received: Math.round(received * 100) / 100,
    expected,
    bounds: first.bounds === 'every-device',
    invalid,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.POSITIVE_INFINITY;
}

/**
 * Devices that the operating system of a machine sees: as the provider describes the type, else its
 * accelerators rounded up (an eighth of a card is one device).
 */
export function devicesOf(resource: Resource): number {
  const told = resource.attributes['acceleratorDevices'];
  if (typeof told === 'number' && told > 0) return Math.ceil(told);
  return resource.accelerators.reduce((sum, { count }) => sum + Math.max(1, Math.ceil(count)), 0);
}

/**
 * Memory of one device in MiB: of the smallest kind where a machine has several, so that a share is never
 * told too low; null where the provider does not say.
 */
export function memoryPerDevice(resource: Resource): number | null {
  const whole = devicesOf(resource);
  const each = resource.accelerators.map(({ count, memoryMiB }) =>
    memoryMiB === null
      ? null
      : memoryMiB / (resource.accelerators.length === 1 ? whole : Math.max(1, Math.ceil(count))),
  );
  let least: number | null = null;
  for (const memory of each) {
    if (memory === null || !(memory > 0)) return null;
    least = least === null ? memory : Math.min(least, memory);
  }
  return least;
}
