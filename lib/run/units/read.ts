import type { ByDay } from '../../analysis/units/model.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { DailyMetric, DaySpan, MetricSource } from '../../sources/metrics/model.ts';
import type { SpendWhere } from '../spend-where.ts';
import type { UnitSpend } from './spend.ts';

/** What is watched beside the cost of a unit. */
export const SIDES = ['success', 'quality', 'latency', 'revenue'] as const;
export type Side = (typeof SIDES)[number];

/** One unit of the config, with where its numbers come from. */
export interface UnitSettings {
  readonly name: string;
  readonly per: string;
  readonly spend?: SpendWhere | undefined;
  readonly owner?: string | undefined;
  readonly metric: MetricSource;
  readonly sides: Readonly<Partial<Record<Side, MetricSource>>>;
}

/** A unit as far as its numbers could be read. */
export interface ReadUnit {
  readonly settings: UnitSettings;
  readonly spends: readonly UnitSpend[];
  readonly metric: DailyMetric | null;
  readonly sides: ReadonlyMap<Side, DailyMetric>;
  readonly problems: readonly string[];
}

/** Reads every number of a unit; what cannot be read is told, and keeps nothing else back. */
export async function readUnit(
  settings: UnitSettings,
  spends: readonly UnitSpend[],
  span: DaySpan,
  meter: Meter,
): Promise<ReadUnit> {
  const problems: string[] = [];
  const attempt = async (what: string, source: MetricSource): Promise<DailyMetric | null> => {
    try {
      const found = await source.read(span, meter);
      return { ...found, values: within(found.values, span) };
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      problems.push(
        `${what} (${source.shownAs}) cannot be read: ${error.told.replaceAll(/\s*\n\s*/g, '. ')}`,
      );
      return null;
    }
  };
  const metric = await attempt('metric', settings.metric);
  if (metric?.values.size === 0)
    problems.push(`metric (${settings.metric.shownAs}) has no day from ${span.start} to ${span.end}.`);
  const sides = new Map<Side, DailyMetric>();
  for (const of of SIDES) {
    const source = settings.sides[of];
    const found = source === undefined ? null : await attempt(of, source);
    if (found !== null) sides.set(of, found);
  }
  if (spends.length === 0) problems.push('No settled charge of the bills is meant by it.');
  return { settings, spends, metric, sides, problems };
}

/** Days of a series within a half-open span. */
function within(values: ByDay, { start, end }: DaySpan): ByDay {
  return new Map([...values].filter(([day]) => day >= start && day < end));
}
