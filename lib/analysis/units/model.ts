import type { Decimal } from '../../focus/decimal.ts';
import type { Anomaly } from '../anomalies/model.ts';

/** How long the periods are that cost per unit is told by: days of UTC, weeks from Monday on, months. */
export type Grain = 'day' | 'week' | 'month';

/** By day (`YYYY-MM-DD`), exact; a day without an entry is not known, which is no zero. */
export type ByDay = ReadonlyMap<string, Decimal>;

/** What the units of one period cost. Amounts and counts are decimal text. */
export interface UnitPeriod {
  /** UTC days, half-open. */
  readonly start: string;
  readonly end: string;
  /** Of the days on which both cost and units are known. */
  readonly cost: string;
  readonly units: string;
  /** Null where the units of these days are not above zero, or no day is known. */
  readonly perUnit: string | null;
  /** Days on which both are known. */
  readonly days: number;
  /** Cost of days whose units are not known: it is in no figure per unit. */
  readonly costWithoutUnits: string;
  readonly daysWithoutUnits: number;
  readonly daysWithoutCost: number;
}

/** Four weeks against the four before them. */
export interface UnitTrend {
  readonly former: Stretch;
  readonly current: Stretch;
  /** Cost per unit, in percent of the former four weeks; one decimal. */
  readonly percent: string;
}

export interface Stretch {
  readonly start: string;
  readonly end: string;
  readonly perUnit: string;
  readonly days: number;
}

/** A time in which a number a day was off its band. Numbers are those of a day. */
export interface Outlier extends Pick<Anomaly, 'kind' | 'open'> {
  /** Times its usual deviation; null where it was never there before. */
  readonly deviations: number | null;
  /** UTC days: the first that was off, the last so far, and the one that gave it away. */
  readonly first: string;
  readonly last: string;
  readonly caught: string;
  /** A day on average from `first` to `last`: what it was, and what was expected. */
  readonly actual: number;
  readonly expected: number;
  /** The range that would have been nothing, a day on average over what gave it away. */
  readonly low: number;
  readonly high: number;
}
