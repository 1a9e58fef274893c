import { MONTH_DAYS } from '../../focus/month.ts';
import type { NotEnough, Series } from '../series.ts';
import { detect } from './detect.ts';
import type { Anomaly } from './model.ts';
import { type NabScore, nabScore, type RowWindow } from './nab.ts';

const DAY = 86_400_000;
const MONTH = MONTH_DAYS * DAY;

/** Where something is known to have been wrong, ISO-8601 UTC, both ends included. */
export interface LabelWindow {
  readonly start: string;
  readonly end: string;
}

export interface AnomalyScores {
  readonly windows: number;
  readonly caught: number;
  readonly alarms: number;
  readonly falseAlarms: number;
  /** Alarms that lie in a window, of all; null without an alarm. */
  readonly precision: number | null;
  /** Windows with an alarm in them, of all; null without a window. */
  readonly recall: number | null;
  /** Mean days from the beginning of a window to its first alarm. */
  readonly daysUntilCaught: number | null;
  readonly falseAlarmsAMonth: number;
  /** Null where times are no rows of a file. */
  readonly nab: NabScore | null;
}

export interface AnomalyBacktest {
  /** Null where nothing says what was wrong: then there is no score, but every alarm is told. */
  readonly scores: AnomalyScores | null;
  readonly alarmsAMonth: number;
  readonly flagged: readonly Anomaly[];
}

/**
 * Alarms of a series as they would have been given, step by step, beside what is known to have been wrong.
 * @param times start of each row of the file, ISO-8601 UTC, ascending: the rows of NAB's score
 */
export function backtestAnomalies(
  series: Series,
  labels: readonly LabelWindow[] | null,
  times: readonly string[],
  minimum = 0,
): AnomalyBacktest | NotEnough {
  const flagged = detect(series, { minimum });
  if ('notEnough' in flagged) return flagged;
  const months = (series.values.length * series.step) / MONTH;
  return {
    scores: labels === null ? null : scoresOf(flagged, labels, times, months),
    alarmsAMonth: flagged.length / months,
    flagged,
  };
}

function scoresOf(
  flagged: readonly Anomaly[],
  labels: readonly LabelWindow[],
  times: readonly string[],
  months: number,
): AnomalyScores {
  const inside = ({ start, end }: LabelWindow, { caught }: Anomaly) => caught >= start && caught <= end;
  const right = flagged.filter((alarm) => labels.some((window) => inside(window, alarm)));
  const firsts = labels.flatMap((window) => {
    const first = flagged
      .map((each) => (inside(window, each) ? each.caught : null))
      .filter((at) => at !== null)
      .toSorted()[0];
    return first === undefined ? [] : [(Date.parse(first) - Date.parse(window.start)) / DAY];
  });
  const falseAlarms = flagged.length - right.length;
  return {
    windows: labels.length,
    caught: firsts.length,
    alarms: flagged.length,
    falseAlarms,
    precision: flagged.length === 0 ? null : right.length / flagged.length,
    recall: labels.length === 0 ? null : firsts.length / labels.length,
    daysUntilCaught: firsts.length === 0 ? null : firsts.reduce((sum, days) => sum + days, 0) / firsts.length,
    falseAlarmsAMonth: falseAlarms / months,
    nab: nabOf(flagged, labels, times),
  };
}

function nabOf(
  flagged: readonly Anomaly[],
  labels: readonly LabelWindow[],
  times: readonly string[],
): NabScore {
  const windows = labels
    .flatMap(({ start, end }): RowWindow[] => {
      const first = times.findIndex((at) => at >= start);
      const last = times.findLastIndex((at) => at <= end);
      return first === -1 || last < first ? [] : [{ first, last }];
    })
    .toSorted((a, b) => a.first - b.first);
  const rows = flagged.map(({ caught }) =>
    Math.max(
      times.findLastIndex((at) => at <= caught),
      0,
    ),
  );
  return nabScore(
    times.length,
    [...new Set(rows)].toSorted((a, b) => a - b),
    windows,
  );
}
