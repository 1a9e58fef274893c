import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { LabelWindow } from '../analysis/anomalies/backtest.ts';
import { MONTH } from '../analysis/forecast/seasons.ts';
import type { Series } from '../analysis/series.ts';
import { csvLines } from '../platform/csv-lines.ts';
import { BursarError } from '../platform/errors.ts';

/** A series of a file, with what the file says besides. */
export interface SeriesFile {
  readonly series: Series;
  /** Start of each row, ISO-8601 UTC, ascending. */
  readonly times: readonly string[];
  /** By the file's own `label` column; null where it has none. */
  readonly labels: readonly LabelWindow[] | null;
  /** What was made of odd rows: one sentence each. */
  readonly notes: readonly string[];
}

interface Point {
  readonly at: number;
  readonly value: number | null;
  /** Null where the file has no such column. */
  readonly label: boolean | null;
}

const DAY = 86_400_000;
/** Steps between first and last row; more is no series but a slip in a date. */
const MOST_STEPS = 5_000_000;
/** What files write where a value is not known. */
const UNKNOWN = new Set(['', 'null', 'nan', 'na', 'n/a', 'none']);

/**
 * Reads a series from a CSV file with the columns `timestamp` and `value`, case ignored, and perhaps `label` (1 where
 * something was wrong). Times are ISO-8601, `2026-01-31` or `2026-01-31 23:00:00`, without a zone UTC. The step is
 * the commonest distance of rows; steps without a row are gaps, never zero; rows of one step (an hour that a clock
 * repeats) become their mean, in money too, since an hour stays an hour.
 * @throws BursarError with the line of what cannot be read
 */
export async function readSeries(path: string): Promise<SeriesFile> {
  const points = pointsOf(path, await textOf(path));
  const ordered = points.toSorted((a, b) => a.at - b.at);
  const step = stepOf(ordered, path);
  const start = ordered[0]?.at ?? 0;
  const slotOf = (at: number) =>
    step === MONTH ? monthsBetween(start, at) : Math.round((at - start) / step);
  const length = slotOf(ordered.at(-1)?.at ?? start) + 1;
  if (length > MOST_STEPS)
    throw new BursarError('input', `${length} steps from first to last row`, {
      where: path,
      hint: 'Look for a wrong date.',
    });
  const sums = new Map<number, { sum: number; count: number }>();
  for (const { at, value } of ordered) {
    if (value === null) continue;
    const slot = slotOf(at);
    const cell = sums.get(slot) ?? { sum: 0, count: 0 };
    sums.set(slot, { sum: cell.sum + value, count: cell.count + 1 });
  }
  const values = Array.from({ length }, (_, slot) => {
    const cell = sums.get(slot);
    return cell === undefined ? null : cell.sum / cell.count;
  });
  const doubled = [...sums.values()].filter(({ count }) => count > 1).length;
  const gaps = values.filter((value) => value === null).length;
  return {
    series: { start: new Date(start).toISOString(), step, values },
    times: ordered.map(({ at }) => new Date(at).toISOString()),
    labels: points.some(({ label }) => label !== null) ? windowsOf(ordered) : null,
    notes: [
      ...(points.some(({ at }, index) => at < (points[index - 1]?.at ?? at))
        ? ['Rows were not in the order of time; they were sorted.']
        : []),
      ...(doubled > 0 ? [`${doubled} steps have several rows; each is taken as their mean.`] : []),
      ...(gaps > 0 ? [`${gaps} of ${length} steps have no value; a gap is no zero.`] : []),
    ],
  };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new BursarError(
      'input',
      `cannot read it: ${error instanceof Error ? error.message : String(error)}`,
      {
        where: path,
      },
    );
  }
}

function pointsOf(path: string, text: string): Point[] {
  const rows = csvLines(text, path);
  const [head, ...body] = rows;
  const names = (head?.cells ?? []).map((name) => name.trim().toLowerCase());
  const column = (name: string) => {
    const at = names.indexOf(name);
    if (at === -1)
      throw new BursarError('input', `there is no column ${name}`, {
        where: `${path} line ${head?.line ?? 1}`,
        hint: 'The first line names the columns: timestamp,value and perhaps label.',
      });
    return at;
  };
  const [time, value] = [column('timestamp'), column('value')];
  const label = names.indexOf('label');
  if (body.length < 2) throw new BursarError('input', 'there are fewer than two rows', { where: path });
  return body.map(({ cells, line }) => {
    const where = `${path} line ${line}`;
    if (cells.length !== names.length)
      throw new BursarError('input', `${cells.length} fields where the first line names ${names.length}`, {
        where,
      });
    return {
      at: timeOf(cells[time] ?? '', where),
      value: valueOf(cells[value] ?? '', where),
      label: label === -1 ? null : labelOf(cells[label] ?? '', where),
    };
  });
}

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** A moment, in milliseconds; without a zone it is UTC. */
function timeOf(text: string, where: string): number {
  const [, day = '', time = '00:00', seconds = ':00', zone = 'Z'] = TIME.exec(text.trim()) ?? [];
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const at = Date.parse(`${day}T${time}${seconds.slice(0, 7)}${offset}`);
  // `Date` takes 30 February for 2 March.
  if (Number.isNaN(at) || !new Date(midnight).toISOString().startsWith(day))
    throw new BursarError('input', `${JSON.stringify(text)} is no time`, {
      where,
      hint: 'Write ISO 8601: 2026-01-31 or 2026-01-31T23:00:00Z.',
    });
  return at;
}

function valueOf(text: string, where: string): number | null {
  const value = text.trim();
  if (UNKNOWN.has(value.toLowerCase())) return null;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) || !Number.isFinite(Number(value)))
    throw new BursarError('input', `${JSON.stringify(text)} is no number`, { where });
  return Number(value);
}

function labelOf(text: string, where: string): boolean {
  const value = text.trim().toLowerCase();
  if (value === '1' || value === 'true') return true;
  if (value === '0' || value === 'false' || value === '') return false;
  throw new BursarError('input', `${JSON.stringify(text)} is no label`, { where, hint: 'Write 0 or 1.' });
}

/** The commonest distance of rows; months of the calendar are of one length. */
function stepOf(points: readonly Point[], path: string): number {
  const counts = new Map<number, number>();
  points.slice(1).forEach(({ at }, index) => {
    const distance = at - (points[index]?.at ?? at);
    if (distance > 0) counts.set(distance, (counts.get(distance) ?? 0) + 1);
  });
  const [commonest] = [...counts].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]);
  if (commonest === undefined) throw new BursarError('input', 'all rows are of one time', { where: path });
  const [step] = commonest;
  return step >= 28 * DAY && step <= 31 * DAY ? MONTH : step;
}

function monthsBetween(from: number, to: number): number {
  const [a, b] = [new Date(from), new Date(to)];
  return (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth();
}

/** Labelled rows that follow each other are one window. */
function windowsOf(points: readonly Point[]): LabelWindow[] {
  const windows: { start: string; end: string }[] = [];
  points.forEach(({ at, label }, index) => {
    if (label !== true) return;
    const time = new Date(at).toISOString();
    const last = windows.at(-1);
    if (last !== undefined && points[index - 1]?.label === true) last.end = time;
    else windows.push({ start: time, end: time });
  });
  return windows;
}

/**
 * Windows of a labels file: NAB's `combined_windows.json` (an object of lists by the name of the data file) or one
 * such list: `[["2014-02-26 13:45:00", "2014-02-27 06:25:00"]]`.
 * @param data the data file that they are of
 */
export async function readLabels(path: string, data: string): Promise<LabelWindow[]> {
  let json: unknown;
  try {
    json = JSON.parse(await textOf(path));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BursarError('input', `it is no JSON: ${error.message}`, { where: path });
  }
  const list = Array.isArray(json) ? json : ofFile(json, data, path);
  return list.map((each: unknown, index) => {
    const where = `${path} window ${index + 1}`;
    if (!Array.isArray(each) || each.length !== 2 || !each.every((end) => typeof end === 'string'))
      throw new BursarError('input', 'a window is a list of two times', { where });
    const [start, end] = each.map((text: string) => new Date(timeOf(text, where)).toISOString());
    if (start === undefined || end === undefined || start > end)
      throw new BursarError('input', 'a window ends before it starts', { where });
    return { start, end };
  });
}

function ofFile(json: unknown, data: string, path: string): unknown[] {
  const name = basename(data);
  const files = Object.entries(typeof json === 'object' && json !== null ? json : {});
  const own = files.filter(([key]) => basename(key) === name);
  // Files of one name in several folders are told apart by the folder.
  const [found] = own.length > 1 ? own.filter(([key]) => resolve(data).endsWith(key)) : own;
  if (found === undefined || !Array.isArray(found[1]))
    throw new BursarError('input', `it has no list of windows for ${name}`, {
      where: path,
      hint: 'Write a list of [start, end], or an object of such lists by file, as in combined_windows.json of NAB.',
    });
  return found[1];
}
