/**
 * Has the level of daily spend changed? The largest two-sample statistic over all days that could part the series
 * (Hawkins, "Testing a sequence of observations for a shift in location", Journal of the American Statistical
 * Association 72, 1977), on days freed from their weekday and from outliers. The noise is the larger of the median
 * absolute differences of one day and of seven: neither grows with a single step, and the longer one holds the slow
 * waves that would pass for steps.
 */

export interface ChangePoint {
  /** Index of the first day of the new level. */
  readonly at: number;
  /** Mean a day on either side, weekday and outliers freed. */
  readonly before: number;
  readonly after: number;
}

/** A part shorter than this is no level yet. */
const SHORTEST = 3;
/**
 * Above the 99.9% point of the statistic on 90 independent normal days (the tests simulate it): a slow wave that the
 * noise does not hold shall not stop all advice.
 */
const THRESHOLD = 4.5;
/** A smaller change does not matter to what is bought. */
const LEAST_CHANGE = 0.1;

/** The most probable change of level; null where none is beyond chance and above a tenth. */
export function changePoint(days: readonly number[]): ChangePoint | null {
  const n = days.length;
  if (n < 2 * SHORTEST) return null;
  const freed = clipped(withoutWeekday(days));
  const noise = Math.max(noiseOf(freed, 1), noiseOf(freed, 7));
  const total = freed.reduce((sum, each) => sum + each, 0);
  let head = 0;
  let best: (ChangePoint & { readonly statistic: number }) | null = null;
  for (let at = 1; at <= n - SHORTEST; at++) {
    head += freed[at - 1] ?? 0;
    if (at < SHORTEST) continue;
    const before = head / at;
    const after = (total - head) / (n - at);
    const spread = noise * Math.sqrt(1 / at + 1 / (n - at));
    const difference = Math.abs(after - before);
    // Without any noise every difference is beyond chance: the largest by its parts.
    const statistic =
      spread > 0
        ? difference / spread
        : difference > 0
          ? THRESHOLD + difference * Math.sqrt((at * (n - at)) / n)
          : 0;
    if (statistic > (best?.statistic ?? THRESHOLD)) best = { at, before, after, statistic };
  }
  if (best === null) return null;
  const { at, before, after } = best;
  return Math.abs(after - before) > LEAST_CHANGE * Math.max(before, after) ? { at, before, after } : null;
}

/** Every day divided by what its weekday is of its week, where two weeks or more are there to tell. */
function withoutWeekday(days: readonly number[]): number[] {
  if (days.length < 14) return [...days];
  const shares: number[][] = Array.from({ length: 7 }, () => []);
  for (let day = 3; day < days.length - 3; day++) {
    const week = days.slice(day - 3, day + 4).reduce((sum, each) => sum + each, 0) / 7;
    if (week > 0) shares[day % 7]?.push((days[day] ?? 0) / week);
  }
  const factors = shares.map((share) => (share.length === 0 ? 1 : median(share)));
  const mean = factors.reduce((sum, each) => sum + each, 0) / 7;
  return days.map((each, day) => {
    const factor = (factors[day % 7] ?? 1) / (mean || 1);
    // A weekday on which next to nothing runs tells nothing of the level: the days around it speak for it.
    return factor > 0.05 ? each / factor : median(days.slice(Math.max(day - 3, 0), day + 4));
  });
}

/** Days further than four deviations from those around them are taken as their median: a credit is no level. */
function clipped(days: readonly number[]): number[] {
  const noise = noiseOf(days, 1);
  return days.map((each, day) => {
    const around = median(days.slice(Math.max(day - 3, 0), day + 4));
    return Math.abs(each - around) > 4 * Math.max(noise, Math.abs(around) * 0.01) ? around : each;
  });
}

function noiseOf(days: readonly number[], lag: number): number {
  if (days.length <= lag) return 0;
  const differences = days.slice(lag).map((each, day) => Math.abs(each - (days[day] ?? 0)));
  return (1.4826 * median(differences)) / Math.SQRT2;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
