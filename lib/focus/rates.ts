import { parse } from 'csv-parse/sync';
import { Temporal } from 'temporal-polyfill';
import { BursarError } from '../platform/errors.ts';
import { CURRENCY_CODES } from './data/rules-1.2.ts';
import { type Decimal, parseDecimal } from './decimal.ts';

/** One line of a rate table: 1 unit of `from` is worth `rate` of `to`, from its first day on. */
export interface Rate {
  readonly from: string;
  readonly to: string;
  /** As the table writes it: a day `2026-10-05`, or a month `2026-10` for all its days. */
  readonly date: string;
  /** First and last UTC day (`YYYY-MM-DD`) that the line itself speaks of. */
  readonly first: string;
  readonly last: string;
  readonly rate: Decimal;
  /** Line of the file, from 1 with the header. */
  readonly line: number;
}

/** A rate table as a user gave it. */
export interface RateTable {
  readonly shownAs: string;
  /** The rate of a UTC day (`YYYY-MM-DD`): see `ratesOf`. */
  rateOn(from: string, to: string, day: string, mostDays: number): RateOn;
}

/** The rate that holds on a day, or in words why there is none. */
export type RateOn =
  | { readonly ok: true; readonly rate: Rate }
  | { readonly ok: false; readonly why: string };

const COLUMNS = ['date', 'from', 'to', 'rate'] as const;
const MOST_PROBLEMS = 20;
/** Rates beyond these are slips of the pen; below it every product of an amount and a rate is exact. */
const MOST_DIGITS = 12;
const CODES: ReadonlySet<string> = new Set(CURRENCY_CODES);

/**
 * Reads a table of exchange rates: CSV with the columns date (`YYYY-MM-DD`, or `YYYY-MM` for a whole month), from, to
 * (ISO 4217 codes) and rate (a plain decimal: what one unit of `from` is worth in `to`); other columns are the user's.
 * @throws BursarError `input` that names every line that is wrong, the first 20 of them
 */
export function ratesOf(text: string, shownAs: string): RateTable {
  const lines = linesOf(text, shownAs);
  const problems: string[] = [];
  const pairs = new Map<string, Rate[]>();
  for (const { record, line } of lines) {
    const read = rateOf(record, line);
    const known = typeof read === 'string' ? [] : (pairs.get(pairOf(read)) ?? []);
    const twin = typeof read === 'string' ? undefined : known.find(({ first }) => first === read.first);
    if (typeof read === 'string') problems.push(`${shownAs}:${line}: ${read}`);
    else if (twin !== undefined)
      problems.push(
        `${shownAs}:${line}: ${read.from} to ${read.to} from ${read.first} on is told in line ${twin.line} already`,
      );
    else pairs.set(pairOf(read), [...known, read]);
  }
  if (problems.length > 0) throw wrong(problems);
  const sorted = new Map(
    [...pairs].map(([pair, rates]) => [pair, rates.toSorted((a, b) => (a.first < b.first ? -1 : 1))]),
  );
  return {
    shownAs,
    rateOn(from, to, day, mostDays) {
      const rates = sorted.get(pairOf({ from, to })) ?? [];
      const rate = rates.findLast(({ first }) => first <= day);
      if (rate === undefined) {
        const [earliest] = rates;
        const other = sorted.has(pairOf({ from: to, to: from })) ? `, only of ${to} to ${from}` : '';
        return {
          ok: false,
          why:
            earliest === undefined
              ? `no rate of ${from} to ${to}${other}`
              : `no rate before ${earliest.first}`,
        };
      }
      if (daysBetween(rate.last, day) > mostDays)
        return {
          ok: false,
          why: `the last rate before is of ${rate.date}, more than ${mostDays} days older`,
        };
      return { ok: true, rate };
    },
  };
}

interface Line {
  readonly record: Readonly<Record<string, string>>;
  readonly line: number;
}

function linesOf(text: string, shownAs: string): Line[] {
  let header: readonly string[] = [];
  const lines: Line[] = [];
  try {
    parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      on_record: (record: string[], { lines: line }) => {
        if (header.length === 0) header = headerOf(record, shownAs);
        else
          lines.push({
            line,
            record: Object.fromEntries(header.map((name, at) => [name, record[at] ?? ''])),
          });
      },
    });
  } catch (error) {
    if (error instanceof BursarError || !(error instanceof Error)) throw error;
    throw wrong([`${shownAs}: it is no CSV: ${error.message}`], error);
  }
  if (lines.length === 0) throw wrong([`${shownAs}: it holds no rate`]);
  return lines;
}

function headerOf(record: readonly string[], shownAs: string): string[] {
  const names = record.map((name) => name.toLowerCase());
  const missing = COLUMNS.filter((name) => names.filter((each) => each === name).length !== 1);
  if (missing.length > 0)
    throw wrong([
      `${shownAs}:1: the header must name ${COLUMNS.join(', ')}, each once: ${missing.join(', ')}`,
    ]);
  return names;
}

/** The rate of a line, or what is wrong with it. */
function rateOf(record: Line['record'], line: number): Rate | string {
  const { date = '', from = '', to = '', rate = '' } = record;
  const days = daysOf(date);
  if (days === null) return `date ${JSON.stringify(date)} is no day (2026-10-05) and no month (2026-10)`;
  for (const code of [from, to])
    if (!CODES.has(code)) return `${JSON.stringify(code)} is no currency by its ISO 4217 code, like USD`;
  if (from === to) return `${from} to ${to} needs no rate`;
  const parsed = parseDecimal(rate);
  if (!/^[0-9.]+$/.test(rate) || !parsed.ok)
    return `rate ${JSON.stringify(rate)} is no plain decimal number with a point, like 0.9234, of at most 18 places`;
  if (parsed.value.isZero()) return 'a rate of 0 makes every amount nothing';
  if (parsed.value.e >= MOST_DIGITS)
    return `rate ${rate} has more than ${MOST_DIGITS} digits before the point`;
  return { from, to, date, ...days, rate: parsed.value, line };
}

function daysOf(date: string): { first: string; last: string } | null {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(date)) {
      const day = Temporal.PlainDate.from(date).toString();
      return { first: day, last: day };
    }
    if (!/^\d{4}-\d{2}$/.test(date)) return null;
    const month = Temporal.PlainYearMonth.from(date);
    const day = (number: number) => month.toPlainDate({ day: number }).toString();
    return { first: day(1), last: day(month.daysInMonth) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const pairOf = ({ from, to }: Pick<Rate, 'from' | 'to'>) => `${from} ${to}`;

function daysBetween(first: string, last: string): number {
  return Temporal.PlainDate.from(first).until(last, { largestUnit: 'days' }).days;
}

function wrong(problems: readonly string[], cause?: unknown): BursarError {
  const shown = problems.slice(0, MOST_PROBLEMS);
  const rest = problems.length - shown.length;
  const more = rest > 0 ? [`and ${rest} more`] : [];
  const [only = ''] = shown;
  const text =
    problems.length === 1 ? only : `${problems.length} things are wrong:\n${[...shown, ...more].join('\n')}`;
  return new BursarError('input', text, {
    hint: 'A rate table is CSV: date,from,to,rate, and below it 2026-10-31,USD,EUR,0.9234.',
    ...(cause === undefined ? {} : { cause }),
  });
}
