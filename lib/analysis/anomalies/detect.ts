import { pathsOf } from '../forecast/paths.ts';
import { seasonsOf, timeAt } from '../forecast/seasons.ts';
import type { NotEnough, Series } from '../series.ts';
import { fresh } from './fresh.ts';
import { kindOf, type Shape } from './kind.ts';
import type { Anomaly } from './model.ts';
import { Watch } from './watch.ts';

const DAY = 86_400_000;

export interface DetectAsk {
  /** Least that it must have been off in sum to be told, in the unit of the series; 0 where none is named. */
  readonly minimum?: number;
  /** Days (`YYYY-MM-DD`) that are like a Sunday. */
  readonly holidays?: ReadonlySet<string>;
}

/**
 * Deviations that a sum has to be off by, from the length on: long sums are looked at seldom for how long they are,
 * and what leaks slowly shows in nothing else.
 */
const LIMITS = [
  { from: 28, limit: 3.5 },
  { from: 3, limit: 4.25 },
  { from: 1, limit: 4.5 },
] as const;
/** Share of what was expected that a sum over several steps has to be off by. */
const SHARE = 0.05;
/** Shorter steps are looked at more often in a month, so that each must stand out more: by this for each power of ten. */
const FINER = 0.2;
/** A deviation is never taken to be below this share of what is expected: less is no news to anyone. */
const LEAST = 0.02;
/** What is off for so many steps of days is a new level; of shorter steps, for half a day. */
const ACCEPTED = 7;
/**
 * Of what stood out in so many days, one of the largest, and a margin above it: no larger is this series' way. Where
 * charges come seldom, or vary by powers of ten, a rank of 2 in 150 days leaves less than one alarm in two months.
 */
const USUAL = {
  daily: { days: 150, rank: 2, margin: 1.25 },
  shorter: { days: 30, rank: 3, margin: 1.1 },
} as const;
/** Days over which the size of a series is taken. */
const SIZE = 30;
/** Days of nothing before a first charge, after which it is new. */
const NEW = 14;
/** Deviations that a step stands out by, so that it is looked for a month before. */
const STANDS_OUT = 3;
/** What comes again after a month is at most so many times as large. */
const AGAIN = 1.3;

/** Something that is off, while it is looked at. */
interface Event extends Shape {
  readonly deviations: number;
  /** What the sum over its window was, and was expected to be, and how far off it could have been. */
  readonly sum: number;
  readonly mean: number;
  readonly limit: number;
  /** Could the sum have been below zero, by what had come? */
  readonly isNegative: boolean;
  last: number;
  isShift: boolean;
}

/**
 * What of a series nothing before it leads to expect. Each step is judged by forecasts made before it: of that step
 * alone, and of sums over some steps, which find small steps and slow growth that no single step shows. What was off
 * moves the expectation no further than a usual error does, and what stays off becomes the new level and is told
 * once. Pure, and causal: what is said of a step rests on that step and earlier ones, only kind and end of what is
 * open may change later.
 * @returns oldest first; or why nothing can be told: fewer than 14 known steps (two of its season)
 */
export function detect(series: Series, ask: DetectAsk = {}): Anomaly[] | NotEnough {
  const { start, step, values } = series;
  const from = values.findIndex((value) => value !== null && value !== 0);
  const known = values.slice(Math.max(from, 0)).filter((value) => value !== null).length;
  const season = seasonsOf(start, step)[0]?.period ?? 7;
  // Days that nobody knows of are no days of nothing.
  const free = values.slice(0, Math.max(from, 0)).filter((value) => value === 0).length;
  const begun = free >= NEW && step === DAY ? from : null;
  const needed = 2 * season;
  const minimum = ask.minimum ?? 0;
  const own: Series =
    begun === null
      ? series
      : {
          start: new Date(Date.parse(start) + begun * step).toISOString(),
          step,
          values: values.slice(begun),
        };
  const first = begun === null ? [] : fresh(series, begun, minimum);
  if (from === -1) return values.length >= needed ? [] : short(values.length, needed);
  if (known < needed) return first.length > 0 ? first : short(known, needed);
  return [
    ...first,
    ...new Detection(own, ask).found().filter((each) => Math.abs(each.actual - each.expected) >= minimum),
  ];
}

function short(known: number, needed: number): NotEnough {
  return { notEnough: true, reason: `${known} known steps; ${needed} are needed.` };
}

/** One look over one series. */
class Detection {
  readonly #series: Series;
  readonly #windows: readonly number[];
  readonly #horizon: number;
  readonly #holidays: ReadonlySet<string> | undefined;
  #paths: readonly Float64Array[];
  /** The values, those of what was off and is over as they were expected: what forecasts are made from. */
  readonly #usualValues: (number | null)[];
  /** What was last looked at so. */
  #forgotten: Event | null = null;
  readonly #watches: readonly Watch[];
  readonly #accepted: number;
  readonly #usual: (typeof USUAL)[keyof typeof USUAL];
  readonly #finer: number;
  readonly #perDay: number;
  readonly #events: Event[] = [];
  /** By step, how far off it alone was. */
  readonly #off: number[] = [];
  /** By step: was it as far off a month before? */
  readonly #again: boolean[] = [];
  /** Was anything below zero, up to the step that is looked at? */
  #isNegative = false;
  #size = 0;

  constructor(series: Series, { holidays }: DetectAsk) {
    this.#series = series;
    const perDay = Math.max(1, Math.round(DAY / series.step));
    this.#perDay = perDay;
    this.#windows = windowsOf(perDay);
    this.#accepted = perDay === 1 ? ACCEPTED : Math.max(3, perDay / 2);
    this.#usual = perDay === 1 ? USUAL.daily : USUAL.shorter;
    this.#finer = 1 + FINER * Math.log10(perDay);
    this.#watches = this.#windows.map(() => new Watch(perDay === 1 ? 0 : 2 * perDay));
    this.#horizon = Math.max(...this.#windows, this.#accepted);
    this.#holidays = holidays;
    this.#usualValues = [...series.values];
    this.#paths = this.#expect(this.#usualValues);
  }

  found(): Anomaly[] {
    const { values } = this.#series;
    values.forEach((value, at) => {
      if (value === null) return;
      this.#isNegative ||= value < 0;
      this.#size += (Math.abs(value) - this.#size) / Math.min(at + 1, SIZE * this.#perDay);
      const open = this.#open(at);
      if (open === null) this.#forget(at);
      const off = this.#offAt(at);
      this.#off[at] = off;
      const standsOut = Math.abs(off) > STANDS_OUT * (this.#deviation(0, at) ?? Number.POSITIVE_INFINITY);
      this.#again[at] = standsOut && this.#cameBefore(at, off);
      if (open !== null) this.#follow(open, value, at);
      else this.#look(at);
      this.#learn(at, this.#open(at) !== null);
    });
    return this.#events.map((event) => this.#told(event));
  }

  /** How far off this step alone is; nothing where it is not known, or nothing was expected yet. */
  #offAt(at: number): number {
    const value = this.#series.values[at] ?? null;
    return value === null ? 0 : value - (this.#paths[at - 1]?.[0] ?? value);
  }

  /** The event that is not over before this step. */
  #open(at: number): Event | null {
    const last = this.#events.at(-1);
    return last !== undefined && !last.isShift && last.last >= at - 1 ? last : null;
  }

  /**
   * What was off for some days and is over leads to expect nothing: from here on forecasts are made as if those days
   * had been as expected. To a forecast they are a new level, or part of a new week, so that the return would seem to be
   * a dip and what follows that a rise. Of shorter steps nothing is forgotten: to forecast thousands anew takes too long.
   */
  #forget(at: number): void {
    const event = this.#events.at(-1);
    if (event === undefined || event === this.#forgotten || this.#series.step !== DAY) return;
    this.#forgotten = event;
    // One day alone a forecast cuts off by itself.
    if (event.isShift || event.last === event.from) return;
    for (let step = event.from; step <= event.last; step++)
      if (this.#usualValues[step] !== null) this.#usualValues[step] = event.before(step);
    this.#paths = this.#expect(this.#usualValues);
    for (let step = event.last + 1; step < at; step++) this.#off[step] = this.#offAt(step);
  }

  #expect(values: readonly (number | null)[]): readonly Float64Array[] {
    return pathsOf(
      { ...this.#series, values },
      { horizon: this.#horizon, last: 1, stride: 1, ...(this.#holidays && { holidays: this.#holidays }) },
    ).paths;
  }

  /** Is it still off, back, or by now the new level? */
  #follow(event: Event, value: number, at: number): void {
    const off = value - event.before(at);
    if (Math.sign(off) !== event.side || Math.abs(off) < event.limit / event.window / 2) return;
    event.last = at;
    if (at - event.from + 1 >= this.#accepted) event.isShift = true;
  }

  /** Is this step, or a sum that ends with it, off? */
  #look(at: number): void {
    const event = this.#events.at(-1);
    const floor = event?.last ?? -1;
    // After a new level, seasons and slope are learned anew before long sums are believed.
    const settled = floor + (event?.isShift === true ? 2 * this.#accepted : 0);
    for (const [index, window] of this.#windows.entries()) {
      const origin = at - window;
      const sum = this.#sum(at, window);
      const deviation = this.#deviation(index, at);
      // What an event has moved is not news: sums begin after it.
      if (sum === null || deviation === null || origin < (window === 1 ? floor : settled)) continue;
      const limit = Math.max(deviation * this.#limit(window), this.#usualOf(window, at));
      if (Math.abs(sum) <= limit || this.#cameBefore(at, sum)) continue;
      if (window > 1 && Math.abs(sum) <= SHARE * this.#expected(at, window)) continue;
      this.#begin(at, window, sum, deviation, limit);
      return;
    }
  }

  #begin(at: number, window: number, sum: number, deviation: number, limit: number): void {
    const side = sum > 0 ? 1 : -1;
    const origin = at - window;
    const path = this.#paths[origin];
    const before = (step: number) => path?.[Math.min(step - origin, path.length) - 1] ?? 0;
    const from = this.#firstOff(at, window, side, before);
    this.#events.push({
      from,
      caught: at,
      side,
      window,
      deviations: Math.abs(sum) / deviation,
      sum: this.#actual(at, window),
      mean: this.#actual(at, window) - sum,
      limit,
      before,
      isNegative: this.#isNegative,
      last: at,
      isShift: window > 1 && at - from + 1 >= this.#accepted,
    });
  }

  /** The step from which on a sum is the most off for its length. */
  #firstOff(at: number, window: number, side: number, before: (step: number) => number): number {
    let [sum, best, first] = [0, 0, at];
    for (let step = at; step > at - window; step--) {
      const value = this.#series.values[step] ?? null;
      if (value !== null) sum += (value - before(step)) * side;
      const weight = sum / Math.sqrt(at - step + 1);
      if (weight > best) [best, first] = [weight, step];
    }
    return first;
  }

  /** What sums that end with this step are off by; null where too little of it is known. */
  #sum(at: number, window: number): number | null {
    const path = this.#paths[at - window];
    if (path === undefined || path.length < window) return null;
    let [sum, count] = [0, 0];
    for (let h = 1; h <= window; h++) {
      const value = this.#series.values[at - window + h] ?? null;
      if (value === null) continue;
      count++;
      // A charge that came a month before says nothing of the days around it.
      if (window > 1 && this.#again[at - window + h] === true) continue;
      sum += value - (path[h - 1] ?? 0);
    }
    return count * 5 < window * 4 ? null : sum;
  }

  /** What the steps that end with this one were, added up. */
  #actual(at: number, window: number): number {
    let sum = 0;
    for (let step = at - window + 1; step <= at; step++) sum += this.#series.values[step] ?? 0;
    return sum;
  }

  /** How much sums that end with this step were expected to be, without sign. */
  #expected(at: number, window: number): number {
    const path = this.#paths[at - window];
    let sum = 0;
    for (let h = 0; h < window; h++) sum += path?.[h] ?? 0;
    return Math.abs(sum);
  }

  /** How far off a sum usually is, never less than errors of single steps that know nothing of each other give. */
  #deviation(index: number, at: number): number | null {
    const window = this.#windows[index] ?? 1;
    const single = this.#watches[0]?.deviation ?? null;
    const own = this.#watches[index]?.deviation ?? null;
    if (single === null || own === null) return null;
    const expected = Math.abs(this.#paths[at - window]?.[0] ?? 0);
    const least = LEAST * Math.max(expected, this.#size / 2);
    return Math.max(own, Math.sqrt(window) * Math.max(single, least), Number.MIN_VALUE);
  }

  /** Deviations that a sum has to be off by, whatever the series. */
  #limit(window: number): number {
    return this.#finer * (LIMITS.find(({ from }) => window >= from)?.limit ?? 0);
  }

  /** What this series has been off by more than once of late: as far off is its way. */
  #usualOf(window: number, at: number): number {
    const isDaily = this.#series.step === DAY;
    const { days, rank, margin } = this.#usual;
    const seen = this.#events
      .filter(
        (event) =>
          event.from > at - days * this.#perDay && (!isDaily || (event.window === 1 && !event.isShift)),
      )
      // A sum of days that holds one of them is off by as much as that day; shorter steps come in bursts.
      .map((event) => Math.abs(event.sum - event.mean) * (isDaily ? 1 : Math.sqrt(window / event.window)))
      .toSorted((a, b) => b - a);
    return margin * (seen[rank - 1] ?? 0);
  }

  /** Was it off as far on the same day of the month before? */
  #cameBefore(at: number, sum: number): boolean {
    if (this.#series.step !== DAY) return false;
    const date = new Date(Date.parse(this.#series.start) + at * DAY);
    const before = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1, date.getUTCDate());
    const then = Math.round((before - Date.parse(this.#series.start)) / DAY);
    return [then - 1, then, then + 1].some((day) => {
      const off = this.#off[day] ?? 0;
      return Math.sign(off) === Math.sign(sum) && Math.abs(sum) <= AGAIN * Math.abs(off);
    });
  }

  #learn(at: number, isOff: boolean): void {
    this.#windows.forEach((window, index) => {
      const sum = this.#sum(at, window);
      // Sums over an event say nothing of what is usual.
      const event = this.#events.at(-1);
      if (sum === null || isOff || (event !== undefined && at - window < event.last && at >= event.from))
        return;
      this.#watches[index]?.learn(sum);
    });
  }

  #told(event: Event): Anomaly {
    const { values } = this.#series;
    const iso = (at: number) => timeAt(this.#series, at);
    let [actual, expected] = [0, 0];
    for (let at = event.from; at <= event.last; at++) {
      const value = values[at] ?? null;
      if (value === null) continue;
      actual += value;
      expected += event.before(at);
    }
    const { sum, mean, limit, window, caught, isNegative } = event;
    return {
      kind: kindOf(event, values, this.#accepted),
      first: iso(event.from),
      last: iso(event.last),
      caught: iso(caught),
      actual,
      expected,
      judged: {
        start: iso(caught - window + 1),
        value: sum,
        low: isNegative ? mean - limit : Math.max(mean - limit, 0),
        mean,
        high: mean + limit,
      },
      deviations: event.deviations,
      open: event.isShift ? event === this.#events.at(-1) : event.last === values.length - 1,
    };
  }
}

/** Lengths of sums that are looked at: of days up to four weeks; of shorter steps up to a quarter of a day. */
function windowsOf(perDay: number): number[] {
  if (perDay === 1) return [1, 3, 7, 14, 28, 56];
  return [...new Set([1, Math.max(3, Math.round(perDay / 24)), Math.max(6, Math.round(perDay / 4))])];
}
