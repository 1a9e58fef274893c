/**
 * The score of the Numenta Anomaly Benchmark, standard profile (Lavin and Ahmad 2015, "Evaluating Real-time Anomaly
 * Detection Algorithms", arXiv:1510.03336; `nab/sweeper.py` of github.com/numenta/NAB).
 */

/** Weights of the standard profile: a true positive, a false positive, a window that was missed. */
const TRUE = 1;
const FALSE = 0.11;
const MISSED = 1;
/** The first rows, in which a detector learns and nothing counts: 15 %, of at most 5,000 rows. */
const PROBATION = 0.15;
const PROBATION_ROWS = 5000;

/** Rows of a window, both included. */
export interface RowWindow {
  readonly first: number;
  readonly last: number;
}

export interface NabScore {
  /** Sum of weights. */
  readonly raw: number;
  /** What a detector scores that says nothing, and one that is right at the first row of each window. */
  readonly none: number;
  readonly perfect: number;
  /** 100 x (raw - none) / (perfect - none): 0 for saying nothing, 100 for perfection; null without a window. */
  readonly normalised: number | null;
  readonly windows: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

/** Position in a window: -1 its left edge, 0 its right; beyond it, how many times its width behind. */
function scaledSigmoid(position: number): number {
  return position >= 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/**
 * Scores what was flagged of a file's rows. In a window the best flagged row counts, the earlier the more; every
 * other flagged row costs, the less the nearer behind a window it lies.
 * @param flagged rows, ascending
 * @param windows ascending, apart from each other
 */
export function nabScore(rows: number, flagged: readonly number[], windows: readonly RowWindow[]): NabScore {
  const probation = Math.min(Math.floor(PROBATION * rows), PROBATION * PROBATION_ROWS);
  const counted = windows.filter(({ last }) => last >= probation);
  const best = new Map<RowWindow, number>();
  let [falsePositives, cost] = [0, 0];
  for (const row of flagged) {
    if (row < probation) continue;
    const window = windows.find(({ first, last }) => row >= first && row <= last);
    if (window === undefined) {
      falsePositives++;
      cost += FALSE * scaledSigmoid(behind(row, windows));
      continue;
    }
    const width = window.last - window.first + 1;
    const score = (TRUE * scaledSigmoid(-(window.last - row + 1) / width)) / scaledSigmoid(-1);
    best.set(window, Math.max(best.get(window) ?? -MISSED, score));
  }
  const raw = counted.reduce((sum, window) => sum + (best.get(window) ?? -MISSED), 0) + cost;
  return totalOf(raw, counted.length, best.size, falsePositives);
}

/** One score over many files, as the benchmark sums them. */
export function nabTotal(scores: readonly NabScore[]): NabScore {
  const sum = (key: 'raw' | 'windows' | 'truePositives' | 'falsePositives') =>
    scores.reduce((all, each) => all + each[key], 0);
  return totalOf(sum('raw'), sum('windows'), sum('truePositives'), sum('falsePositives'));
}

function totalOf(raw: number, windows: number, truePositives: number, falsePositives: number): NabScore {
  const none = -MISSED * windows;
  const perfect = TRUE * windows;
  const normalised = windows === 0 ? null : (100 * (raw - none)) / (perfect - none);
  return { raw, none, perfect, normalised, windows, truePositives, falsePositives };
}

/** How many widths of the last window before it a row lies behind that window; 3 where there is none. */
function behind(row: number, windows: readonly RowWindow[]): number {
  const before = windows.findLast(({ last }) => last < row);
  return before === undefined ? 3 : (row - before.last) / (before.last - before.first);
}
