/**
 * What may become of usage over a term. Each path is made of whole weeks of the history, drawn with replacement (a
 * bootstrap by blocks of a week keeps day, night and weekend together), times the level of its scenario. The mix of
 * scenarios is a choice and no measurement: it says how much decline a commitment must survive before it is advised.
 */
import { seeded } from '../seeded.ts';

export interface Scenario {
  readonly name: string;
  /** Paths of 200. */
  readonly paths: number;
  /**
   * Level in a week of the term, 1 is that of today.
   * @param moment 0 to 1: the share of the term at which a sudden change happens on this path
   */
  readonly level: (week: number, weeks: number, moment: number) => number;
}

const WEEKS_A_YEAR = 52;
const yearly = (share: number) => (week: number) => share ** (week / WEEKS_A_YEAR);
const sudden = (to: number) => (week: number, weeks: number, moment: number) =>
  week < moment * weeks ? 1 : to;

/** 200 paths: one in two holds its level, one in twenty stops altogether. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'usage holds', paths: 100, level: () => 1 },
  { name: 'usage shrinks by 10% a year', paths: 40, level: yearly(0.9) },
  { name: 'usage shrinks by 25% a year', paths: 30, level: yearly(0.75) },
  { name: 'usage drops by 30% at some moment', paths: 20, level: sudden(0.7) },
  { name: 'usage stops at some moment', paths: 10, level: sudden(0) },
];

/** Drawn by this seed, so that the same history gives the same advice. */
const SEED = 20261122;

/** Paths over a term: for every path and week, which level and which of the drawn numbers. */
interface Plan {
  readonly weeks: number;
  readonly paths: readonly string[];
  readonly levels: readonly number[];
  /** Index into `levels`, path by path. */
  readonly levelOf: Uint16Array;
  /** 0 to 1, path by path. */
  readonly drawn: Float32Array;
}

const plans = new Map<number, Plan>();

function planOf(weeks: number): Plan {
  const known = plans.get(weeks);
  if (known !== undefined) return known;
  const random = seeded(SEED);
  const levels = new Map<number, number>();
  const names: string[] = [];
  const count = SCENARIOS.reduce((sum, { paths }) => sum + paths, 0);
  const levelOf = new Uint16Array(count * weeks);
  const drawn = new Float32Array(count * weeks);
  for (const { name, paths, level } of SCENARIOS)
    for (let path = 0; path < paths; path++) {
      const offset = names.length * weeks;
      for (let week = 0; week < weeks; week++) {
        // Moments lie even over the term, so that a share of paths is a probability and not luck.
        const value = level(week, weeks, (path + 0.5) / paths);
        const index = levels.get(value) ?? levels.size;
        levels.set(value, index);
        levelOf[offset + week] = index;
        drawn[offset + week] = random();
      }
      names.push(name);
    }
  const plan = { weeks, paths: names, levels: [...levels.keys()], levelOf, drawn };
  plans.set(weeks, plan);
  return plan;
}

/** A week of history: its known steps in rising order, and their sums from the first on. */
interface Week {
  readonly sorted: Float64Array;
  readonly sums: Float64Array;
}

/** Whole weeks at the end of a history, those with half of their steps known; NaN: not known. */
export function weeksOf(spend: Float64Array, stepHours: number): Week[] {
  const size = (7 * 24) / stepHours;
  const weeks: Week[] = [];
  for (let end = spend.length; end >= size; end -= size) {
    const sorted = spend
      .slice(end - size, end)
      .filter((each) => !Number.isNaN(each))
      .toSorted();
    if (sorted.length < size / 2) continue;
    const sums = new Float64Array(sorted.length + 1);
    for (const [at, each] of sorted.entries()) sums[at + 1] = (sums[at] ?? 0) + each;
    weeks.push({ sorted, sums });
  }
  return weeks;
}

/** Mean a step of what a cover takes of a week. */
function taken({ sorted, sums }: Week, cover: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= cover) low = middle + 1;
    else high = middle;
  }
  return ((sums[low] ?? 0) + cover * (sorted.length - low)) / sorted.length;
}

/** How a commitment does over the paths. */
export interface Outcome {
  /** Share of paths on which it costs more than on-demand would. */
  readonly lossProbability: number;
  /** Mean saving a step over all paths. */
  readonly mean: number;
  /** The least saving a step, and the scenario of its path. */
  readonly worst: { readonly saving: number; readonly scenario: string };
}

/**
 * @param cover on-demand spend a step that it covers
 * @param discount its discount, 0 < d < 1
 * @param weeks whole weeks of the term
 */
export function outcome(history: readonly Week[], cover: number, discount: number, weeks: number): Outcome {
  const plan = planOf(weeks);
  const { levels, paths, levelOf, drawn } = plan;
  const blocks = history.length;
  const table = new Float64Array(levels.length * blocks);
  for (const [at, level] of levels.entries())
    for (const [block, week] of history.entries())
      table[at * blocks + block] = level === 0 ? 0 : level * taken(week, cover / level);
  const fee = cover * (1 - discount);
  let losses = 0;
  let sum = 0;
  let worst = { saving: Number.POSITIVE_INFINITY, scenario: '' };
  for (const [path, scenario] of paths.entries()) {
    let used = 0;
    for (let at = path * weeks; at < (path + 1) * weeks; at++)
      used += table[(levelOf[at] ?? 0) * blocks + Math.floor((drawn[at] ?? 0) * blocks)] ?? 0;
    const saving = used / weeks - fee;
    if (saving < -1e-9 * fee) losses++;
    sum += saving;
    if (saving < worst.saving) worst = { saving, scenario };
  }
  return { lossProbability: losses / paths.length, mean: sum / paths.length, worst };
}

/**
 * The largest cover, at most `cover`, that loses on at most the share `most` of paths and saves on the mean of all: a
 * small discount is not worth a small chance of losing all. Both hold below a cover that they hold at: what a cover
 * takes of a path falls as a share of it, and the mean is concave.
 */
export function limited(
  history: readonly Week[],
  cover: number,
  discount: number,
  weeks: number,
  most: number,
): number {
  const isGood = (each: number) => {
    const { lossProbability, mean } = outcome(history, each, discount, weeks);
    return lossProbability <= most && mean > 0;
  };
  if (cover <= 0 || isGood(cover)) return cover;
  let [low, high] = [0, cover];
  for (let round = 0; round < 12; round++) {
    const middle = (low + high) / 2;
    if (isGood(middle)) low = middle;
    else high = middle;
  }
  return low;
}
