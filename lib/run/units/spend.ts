import { dayPlus, daysBetween } from '../../analysis/units/days.ts';
import type { ByDay } from '../../analysis/units/model.ts';
import { Decimal } from '../../focus/decimal.ts';
import { allDimensions, type Dimensions } from '../../lake/dimensions.ts';
import type { Lake } from '../../lake/model.ts';
import { AXIS_NAMES } from '../../lake/queries/spend-by.ts';
import { type DailySeries, dailySeries, dayOf } from '../daily-series.ts';
import { isWanted, type SpendWhere, wantedOf } from '../spend-where.ts';

/** A bill that ends so many days ago goes on no more, and holds back no day of the others. */
const STALE = 45;

/** Cost a day of what a unit is narrowed to, in one currency. */
export interface UnitSpend {
  readonly currency: string;
  /** On settled days alone; a day that a bill does not tell is missing. */
  readonly cost: ByDay;
  /** First day that is not told. */
  readonly end: string;
}

/** Cost a day by currency. @throws BursarError for a name that is no axis */
export async function unitSpend(
  lake: Lake,
  where: SpendWhere | undefined,
  configured: Dimensions,
  sources: readonly string[] | null,
  now: Date,
): Promise<UnitSpend[]> {
  const dimensions = Object.keys(allDimensions(configured));
  const known = [...dimensions, ...AXIS_NAMES.filter((name) => !dimensions.includes(name))];
  const wanted = wantedOf(where, known);
  const axes = [...wanted.keys()].toSorted();
  const all = (await dailySeries(lake, axes, {}, sources, now)).filter(({ key }) =>
    isWanted(wanted, axes, key),
  );
  const byCurrency = Map.groupBy(all, ({ currency }) => currency);
  return [...byCurrency].map(([currency, own]) => ({ currency, ...together(own, now) }));
}

/** Charges of several bills a day; a day counts as known where every bill that goes on knows it. */
function together(all: readonly DailySeries[], now: Date): Pick<UnitSpend, 'cost' | 'end'> {
  const today = dayOf(now.getTime());
  const live = all.filter(({ end }) => daysBetween(end, today) <= STALE);
  const counted = live.length === 0 ? all : live;
  const end = counted.map((each) => each.end).toSorted()[0] ?? today;
  const cost = new Map<string, Decimal>();
  const unknown = new Set<string>();
  for (const { series, exact } of all) {
    const start = series.start.slice(0, 10);
    for (const [at, value] of series.values.entries()) {
      const day = dayPlus(start, at);
      if (day >= end) break;
      if (value === null) unknown.add(day);
      else cost.set(day, (cost.get(day) ?? new Decimal(0)).plus(exact.get(day) ?? 0));
    }
  }
  for (const day of unknown) cost.delete(day);
  return { cost, end };
}
