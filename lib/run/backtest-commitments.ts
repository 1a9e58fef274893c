import {
  type BacktestSeries,
  backtestCommitments,
  type CommitmentBacktest,
} from '../analysis/commitments/backtest.ts';
import type { Pool, Rate } from '../analysis/commitments/model.ts';
import { Decimal, decimalText, parseDecimal } from '../focus/decimal.ts';
import { csvLines } from '../platform/csv-lines.ts';
import { BursarError } from '../platform/errors.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Most bad lines that an error names. */
const NAMED = 5;

/** `bursar backtest commitments --format json` */
export interface CommitmentBacktestReport {
  readonly schemaVersion: 1;
  /** One a series: of a file one, of a state one a kind of spend and currency whose discount is known. */
  readonly series: readonly {
    readonly name: string;
    readonly currency: string | null;
    /** What was made of odd lines of a file. */
    readonly notes: readonly string[];
    readonly result: CommitmentBacktest | { readonly notEnough: true; readonly reason: string };
  }[];
}

/** How a back-test is run. */
export interface BacktestTerms {
  readonly discount: string;
  readonly term: '1y' | '3y';
  readonly windowDays?: number;
}

/**
 * Back-test over a file.
 * @param shownAs how errors call it
 * @throws BursarError `input` naming the lines that are bad
 */
export function backtestFile(text: string, shownAs: string, terms: BacktestTerms): CommitmentBacktestReport {
  const series = readHours(text, shownAs);
  const result = backtestCommitments(series, terms.discount, terms.term, terms.windowDays);
  return { schemaVersion: 1, series: [{ name: shownAs, currency: null, notes: series.notes, result }] };
}

/**
 * Back-test over what the lake holds: all that each pool could be covered by, at the rate of its shared programme (of
 * a pool without one, of its first own programme) for the asked term.
 */
export function backtestPools(
  pools: readonly Pool[],
  { discount, term = '1y', windowDays }: Partial<BacktestTerms>,
): CommitmentBacktestReport {
  const series = pools.flatMap((pool): CommitmentBacktestReport['series'] => {
    const offer = pool.shared ?? pool.slices.flatMap(({ own }) => own)[0];
    if (discount === undefined && (offer === undefined || offer.rates.length === 0)) return [];
    const rate = discount === undefined ? rateOf(offer?.rates ?? [], term) : null;
    const named = {
      name: pool.shared?.programme ?? pool.slices.map(({ name }) => name).join(', '),
      currency: pool.currency,
    };
    const share = discount ?? rate?.discount;
    if (share === undefined) {
      const reason = `No rate of it for ${YEARS[term]} is known, only for ${YEARS[term === '1y' ? '3y' : '1y']}: give one with --discount.`;
      return [{ ...named, notes: [], result: { notEnough: true, reason } }];
    }
    return [
      {
        ...named,
        notes: rate === null ? [] : [`Rate: ${YEARS[term]}, paid upfront: ${rate.payment} (${rate.source}).`],
        result: backtestCommitments(totalOf(pool), share, term, windowDays),
      },
    ];
  });
  return { schemaVersion: 1, series };
}

const YEARS = { '1y': 'one year', '3y': 'three years' } as const;

/** The rate of a term; of several the one that is paid latest, which binds least. */
function rateOf(rates: readonly Rate[], term: Rate['term']): Rate | null {
  const [found] = rates
    .filter((rate) => rate.term === term)
    .toSorted((a, b) => PAYMENTS.indexOf(a.payment) - PAYMENTS.indexOf(b.payment));
  return found ?? null;
}

const PAYMENTS: readonly Rate['payment'][] = ['none', 'partial', 'all'];

/** The spend of all slices; a step that one does not know is not known. */
function totalOf({ start, stepHours, slices }: Pool): BacktestSeries {
  const steps = slices[0]?.amounts.length ?? 0;
  const sums = Array.from({ length: steps }, (_, at) =>
    slices.reduce<Decimal | null>((sum, { amounts }) => {
      const more = amounts[at] ?? null;
      return sum === null || more === null ? null : sum.plus(more);
    }, new Decimal(0)),
  );
  return { start, stepHours, amounts: sums.map((each) => each && decimalText(each)) };
}

/** A series of a file, and what was made of odd lines: one sentence each. */
export interface HoursFile extends BacktestSeries {
  readonly notes: readonly string[];
}

/** Steps between the first line and the last; more is a slip in a date. */
const MOST_STEPS = 1_000_000;

/**
 * Reads `timestamp,value`, whose values stay exact: series-file.ts reads the same files in binary. Steps of an hour or
 * a whole part of a day; finer ones are added up to hours, since a commitment is charged by the hour. The step is the
 * most frequent distance of two lines. A missing step, an empty value, NaN and null are not known; lines of one time
 * (an hour that a clock repeats) become their mean.
 */
export function readHours(text: string, shownAs: string): HoursFile {
  const rows = readRows(text, shownAs);
  const step = stepOf(rows, shownAs);
  const grid = Math.max(step, HOUR_MS);
  const start = Math.floor((rows[0]?.at ?? 0) / DAY_MS) * DAY_MS;
  const steps = Math.floor(((rows.at(-1)?.at ?? start) - start) / grid) + 1;
  if (steps > MOST_STEPS)
    throw new BursarError('input', `${steps} steps from the first line to the last`, {
      where: shownAs,
      hint: 'Look for a wrong date.',
    });
  const times = Map.groupBy(rows, ({ at }) => at);
  const slots = Map.groupBy(times, ([at]) => Math.floor((at - start) / grid));
  const full = grid / step;
  const amounts = Array.from({ length: steps }, (_, slot) => {
    const means = (slots.get(slot) ?? []).map(([, same]) => meanOf(same));
    const known = means.filter((each) => each !== null);
    // An hour of which a part is not known is not known; several lines of a coarser step are its mean.
    if (known.length < Math.max(means.length, full)) return null;
    const sum = known.reduce((total, each) => total.plus(each), new Decimal(0));
    return decimalText(step < HOUR_MS ? sum : sum.div(known.length));
  });
  const doubled = [...times.values()].filter((same) => same.length > 1).length;
  return {
    start: new Date(start).toISOString(),
    stepHours: grid / HOUR_MS,
    amounts,
    notes: [
      ...(doubled > 0 ? [`${doubled} times have several lines; each is taken as their mean.`] : []),
      ...(step < HOUR_MS ? [`Steps of ${step / 60_000} minutes are added up to hours.`] : []),
    ],
  };
}

function meanOf(rows: readonly Row[]): Decimal | null {
  const known = rows.flatMap(({ value }) => (value === null ? [] : [new Decimal(value)]));
  return known.length === 0
    ? null
    : known.reduce((sum, each) => sum.plus(each), new Decimal(0)).div(known.length);
}

interface Row {
  readonly line: number;
  readonly at: number;
  readonly value: string | null;
}

function readRows(text: string, shownAs: string): Row[] {
  const [head, ...body] = csvLines(text, shownAs);
  const names = (head?.cells ?? []).map((name) => name.trim().toLowerCase());
  const [time, value] = [names.indexOf('timestamp'), names.indexOf('value')];
  if (time < 0 || value < 0)
    throw new BursarError('input', 'the file lacks a column timestamp or value', {
      where: shownAs,
      hint: 'Its first line names the columns: timestamp,value.',
    });
  // `1,234.5` without quotes is two fields: its first is no amount.
  refuse(
    body.flatMap(({ cells, line }) => (cells.length === names.length ? [] : [line])),
    shownAs,
    `have not the ${names.length} fields that the first line names`,
  );
  const badTimes: number[] = [];
  const badValues: number[] = [];
  const rows: Row[] = [];
  for (const { cells, line } of body) {
    const at = timeOf(cells[time] ?? '');
    const amount = valueOf(cells[value] ?? '');
    if (at === null) badTimes.push(line);
    else if (amount === undefined) badValues.push(line);
    else rows.push({ line, at, value: amount });
  }
  refuse(badTimes, shownAs, 'have no time (ISO 8601; without a zone it is UTC)');
  refuse(badValues, shownAs, 'have no decimal number (18 places at most)');
  if (rows.length < 2)
    throw new BursarError('input', 'the file has fewer than two lines of data', { where: shownAs });
  return rows.toSorted((a, b) => a.at - b.at);
}

function refuse(lines: readonly number[], shownAs: string, what: string): void {
  if (lines.length === 0) return;
  const more = lines.length > NAMED ? ` and ${lines.length - NAMED} more` : '';
  throw new BursarError(
    'input',
    `${lines.length === 1 ? 'a line' : `${lines.length} lines`} of the series ${what}: line ${lines
      .toSorted((a, b) => a - b)
      .slice(0, NAMED)
      .join(', ')}${more}`,
    { where: shownAs },
  );
}

/** Milliseconds since 1970; a time without a zone is UTC, `2026-03-01 04:00:00` and a bare day are times. */
function timeOf(given: string): number | null {
  const found =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(
      given.trim(),
    );
  if (found === null) return null;
  const [, day = '', minute = '00:00', second = ':00', zone = 'Z'] = found;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // `Date` takes 30 February for 2 March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return null;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2');
  const at = Date.parse(`${day}T${minute}${second}${offset}`);
  return Number.isNaN(at) ? null : at;
}

/** Null: not known; undefined: no number. */
function valueOf(given: string): string | null | undefined {
  const trimmed = given.trim();
  if (trimmed === '' || /^(nan|null|na)$/i.test(trimmed)) return null;
  const parsed = parseDecimal(trimmed);
  if (parsed.ok) return decimalText(parsed.value);
  // A number that a program wrote from binary has more places than money: those beyond 18 are rounded.
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/.test(trimmed) &&
    new Decimal(trimmed).abs().lt('1e15')
    ? decimalText(new Decimal(trimmed))
    : undefined;
}

/** The most frequent distance of two lines that follow each other, where it divides an hour or a day. */
function stepOf(rows: readonly Row[], shownAs: string): number {
  const counts = new Map<number, number>();
  for (const [index, { at }] of rows.entries()) {
    const before = rows[index - 1];
    if (before !== undefined && at > before.at)
      counts.set(at - before.at, (counts.get(at - before.at) ?? 0) + 1);
  }
  const [step = 0] = [...counts].toSorted((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [];
  if (
    (step < HOUR_MS && HOUR_MS % step === 0) ||
    (step >= HOUR_MS && step % HOUR_MS === 0 && DAY_MS % step === 0)
  )
    return step;
  throw new BursarError('input', `the lines are mostly ${step / 60_000} minutes apart`, {
    where: shownAs,
    hint: 'A step divides an hour, or is a whole number of hours that divides a day.',
  });
}
