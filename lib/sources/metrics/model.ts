import type { Decimal } from '../../focus/decimal.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';

/** Half-open span of UTC days, `YYYY-MM-DD`. */
export interface DaySpan {
  readonly start: string;
  readonly end: string;
}

/** A number a day that no bill tells: orders, requests, answers that helped. */
export interface DailyMetric {
  /** By day (`YYYY-MM-DD`), exact; a day without an entry is not known, which is no zero. */
  readonly values: ReadonlyMap<string, Decimal>;
  /** Whose days they are, one sentence: bills count days of UTC. */
  readonly zone: string;
  /** What was made of odd rows: one sentence each. */
  readonly notes: readonly string[];
}

/** Where such a number comes from. */
export interface MetricSource {
  /** For a person: `./orders.csv`, `AWS/ApplicationELB RequestCount`. */
  readonly shownAs: string;
  readonly permissions: readonly Permission[];
  /** @throws BursarError where it cannot be read, or is no number a day */
  read(span: DaySpan, meter: Meter): Promise<DailyMetric>;
}
