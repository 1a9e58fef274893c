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
  /** Periods of the span of which nothing came: what the thing did in them is not known. */
  readonly gaps: number;
  /** No single device exceeds its values. */
  readonly bounds: boolean;
  /** Values that were not data: negative, over 100 percent, not a number. */
  readonly invalid: number;
}

interface Buckets {
  readonly first: Telemetry;
  /** Unit of the values: a `sample-count` series beside them counts in its own. */
  unit: string;
  /** By the number of the period within the span, with holes where nothing came. */
  readonly values: number[];
  readonly counts: number[];
  /** The highest of what only proves that the maximum is no less, as an average does: it fills no period. */
  atLeast: number | null;
  invalid: number;
  /** Does the source count samples? Then values without counts beside them came of nobody knows how many. */
  counted: boolean;
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

const known = new WeakMap<readonly Telemetry[], Map<string, readonly Reading[]>>();

/**
 * Readings of one metric, one for each device and source. The expected number of points follows from the
 * span, not from what the source says of itself. A point of few samples counts for a part: where the source
 * gives `sample-count`, a full point is taken to hold their median; where it should and did not, its share is 0. A
 * series that knows only averages can show that a device is busy (its maximum is at least that), never that it is
 * not: its share is 0.
 * Several checks ask the same of one machine: it is worked out once.
 */
export function readings(
  series: readonly Telemetry[],
  metric: Telemetry['metric'],
  span: Span,
): readonly Reading[] {
  if (series.length === 0) return [];
  let asked = known.get(series);
  if (asked === undefined) known.set(series, (asked = new Map()));
  const question = `${metric} ${span.start} ${span.end}`;
  let found = asked.get(question);
  if (found === undefined) asked.set(question, (found = readNow(series, metric, span)));
  return found;
}

function readNow(series: readonly Telemetry[], metric: Telemetry['metric'], span: Span): Reading[] {
  const groups = new Map<string, Buckets>();
  for (const one of series) {
    if (one.metric !== metric || !(one.period > 0)) continue;
    const key = `${one.device === null ? '-' : `=${one.device}`}\n${one.source}\n${one.period}`;
    let group = groups.get(key);
    if (group === undefined)
      groups.set(
        key,
        (group = {
          first: one,
          unit: one.unit,
          values: [],
          counts: [],
          atLeast: null,
          invalid: 0,
          counted: false,
        }),
      );
    if (one.counted === true) group.counted = true;
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
  const counted = series.statistic === 'sample-count';
  const proves = series.statistic === 'maximum' || (SUMMED.has(series.metric) && series.statistic === 'sum');
  for (const [index, { at, value }] of series.points.entries()) {
    const time = timeOf(at, index);
    if (!(time >= span.start && time < span.end)) continue;
    const bucket = Math.floor((time - span.start) / step);
    if (counted) {
      if (Number.isFinite(value) && value >= 0) group.counts[bucket] = (group.counts[bucket] ?? 0) + value;
    } else if (!isData(value, series.unit)) group.invalid++;
    else if (proves) group.values[bucket] = Math.max(group.values[bucket] ?? 0, value);
    else group.atLeast = Math.max(group.atLeast ?? 0, value);
  }
}

const texts: string[] = [];
const times: number[] = [];

/** Most series have a point at the same times: what the last one had at its `index` need not be read again. */
function timeOf(at: string, index: number): number {
  if (texts[index] === at) return times[index] ?? Number.NaN;
  const time = Date.parse(at);
  texts[index] = at;
  times[index] = time;
  return time;
}

function isData(value: number, unit: string): boolean {
  return Number.isFinite(value) && value >= 0 && (!unit.startsWith('percent') || value <= 100);
}

function read({ first, unit, values, counts, atLeast, invalid, counted }: Buckets, span: Span): Reading {
  const expected = Math.floor((span.end - span.start) / (first.period * 1000));
  // Both pass over holes.
  const full = counts.length === 0 && !counted ? null : median(counts.filter((count) => count > 0));
  let received = 0;
  let told = 0;
  let maximum = atLeast;
  values.forEach((value, bucket) => {
    told += 1;
    received += full === null ? 1 : Math.min((counts[bucket] ?? 0) / full, 1);
    if (maximum === null || value > maximum) maximum = value;
  });
  return {
    device: first.device,
    source: values.length === 0 && atLeast !== null ? `${first.source} (${AVERAGE_ONLY})` : first.source,
    unit,
    maximum,
    share: expected <= 0 ? 0 : Math.min(received / expected, 1),
    received: Math.round(received * 100) / 100,
    expected,
    gaps: Math.max(0, expected - told),
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
