import { Decimal } from '../focus/decimal.ts';
import { exceeds, type Forecast, forecast, type KnownEvent } from './forecast/forecast.ts';
import type { Band, NotEnough, Series } from './series.ts';

const DAY = 86_400_000;
/** Days after its end in which a period is still judged: its last days settle only then. */
const LATE_DAYS = 14;
/** Days that the recent pace of spending is taken of. */
const RECENT = 7;

/** A limit over a stretch of time. */
export interface BudgetRule {
  readonly name: string;
  readonly period: 'month' | 'quarter' | 'year' | 'window';
  /** Of period window: UTC days (`YYYY-MM-DD`), half-open. */
  readonly window?: { readonly start: string; readonly end: string } | undefined;
  /** Percent of the limit. */
  readonly tiers: readonly number[];
  readonly forecast: boolean;
}

/** A period of a budget, ISO-8601 UTC, half-open: bills count UTC days, whatever the zone of the organisation. */
export interface BudgetWindow {
  readonly start: string;
  readonly end: string;
}

/** What was charged to a budget in the currency of its limit. */
export interface BudgetDays {
  /** Charges of settled days by UTC day, exact. */
  readonly charged: ReadonlyMap<string, Decimal>;
  /** First day (`YYYY-MM-DD`) that has not settled in every bill that goes on. */
  readonly until: string;
  /** The same charges up to `until` for a forecast; null where there is no bill that goes on. */
  readonly series: Series | null;
  /** What is known to come to the series; none where they are left out. */
  readonly events?: readonly KnownEvent[];
}

/** How a budget stands in one period. */
export interface BudgetStanding {
  readonly window: BudgetWindow;
  readonly limit: Decimal;
  readonly spent: Decimal;
  /** Percent of the limit that is spent. */
  readonly percent: Decimal;
  /** Tiers that are reached, ascending. */
  readonly reached: readonly number[];
  /** First day that has not settled: what was charged from then on is not counted yet. */
  readonly until: string;
  /** First day on which the limit was reached; null where it was not. */
  readonly exceededOn: string | null;
  /** What the period will have cost; null where it is over or there is too little to tell. */
  readonly outlook: BudgetOutlook | null;
  readonly notEnough: string | null;
  /** What would keep the limit for the rest of the period, a day; null where it is over or nothing need fall. */
  readonly throttle: {
    readonly allowed: Decimal;
    readonly recent: Decimal;
    readonly percent: Decimal;
  } | null;
}

export interface BudgetOutlook {
  readonly total: Decimal;
  readonly bands: readonly Band[];
  /** That the limit will be exceeded, 0 to 1. */
  readonly probability: number;
  /** Does it reach further ahead than errors could be measured? */
  readonly extended: boolean;
}

/**
 * The periods of a budget that are judged at a moment, oldest first: the running one, and the one before as long as
 * its last days may still settle.
 */
export function windowsOf({ period, window }: BudgetRule, now: Date): BudgetWindow[] {
  const at = now.toISOString();
  const late = new Date(now.getTime() - LATE_DAYS * DAY).toISOString();
  if (period === 'window') {
    if (window === undefined) return [];
    const only = { start: midnight(window.start), end: midnight(window.end) };
    return only.start <= at && late < only.end ? [only] : [];
  }
  const months = period === 'month' ? 1 : period === 'quarter' ? 3 : 12;
  const month = now.getUTCMonth() - (now.getUTCMonth() % months);
  const iso = (more: number) => new Date(Date.UTC(now.getUTCFullYear(), month + more, 1)).toISOString();
  return [
    ...(late < iso(0) ? [{ start: iso(-months), end: iso(0) }] : []),
    { start: iso(0), end: iso(months) },
  ];
}

/** How a budget stands: what was spent on settled days, which tiers that reaches, and what is to come. */
export function standingOf(
  rule: Pick<BudgetRule, 'tiers' | 'forecast'>,
  window: BudgetWindow,
  limit: Decimal,
  { charged, until, series, events = [] }: BudgetDays,
): BudgetStanding {
  const [first, end] = [window.start.slice(0, 10), window.end.slice(0, 10)];
  const days = [...charged].filter(([day]) => day >= first && day < end).toSorted(byDay);
  let spent = new Decimal(0);
  // What all bills that go on have told of; the rest of the period is foreseen from there.
  let settled = new Decimal(0);
  let exceededOn: string | null = null;
  for (const [day, amount] of days) {
    spent = spent.plus(amount);
    if (day < until) settled = settled.plus(amount);
    if (exceededOn === null && spent.gte(limit)) exceededOn = day;
  }
  const percent = limit.isZero() ? new Decimal(spent.isZero() ? 0 : 100) : spent.div(limit).times(100);
  const left = daysBetween(until > first ? until : first, end);
  const ahead =
    left > 0 && rule.forecast && series !== null
      ? outlook(series, events, window, settled, limit, left)
      : null;
  return {
    window,
    limit,
    spent,
    percent,
    reached: rule.tiers.filter((tier) => percent.gte(tier)).toSorted((a, b) => a - b),
    until,
    exceededOn: spent.gte(limit) ? exceededOn : null,
    outlook: ahead !== null && !('notEnough' in ahead) ? ahead : null,
    notEnough: ahead !== null && 'notEnough' in ahead ? ahead.reason : null,
    throttle: left > 0 ? throttleOf(charged, until, limit.minus(spent), left) : null,
  };
}

function outlook(
  series: Series,
  events: readonly KnownEvent[],
  window: BudgetWindow,
  settled: Decimal,
  limit: Decimal,
  left: number,
): BudgetOutlook | NotEnough {
  const end = Date.parse(series.start) + series.values.length * series.step;
  // A period that begins only after the last settled day: the days before it are foreseen, too, and left out.
  const skipped = Math.max(0, Math.round((Date.parse(window.start) - end) / DAY));
  const told: Forecast | NotEnough = forecast(series, {
    horizon: skipped + left,
    sums: [skipped, skipped + left],
    events,
  });
  if ('notEnough' in told) return told;
  const [before, whole] = told.sums;
  if (whole === undefined) return { notEnough: true, reason: 'No day is left.' };
  const off = skipped === 0 ? 0 : (before?.mean ?? 0);
  const base = settled.toNumber() - off;
  return {
    total: settled.plus(new Decimal(whole.mean - off)),
    bands: whole.bands.map(({ level, low, high }) => ({ level, low: base + low, high: base + high })),
    probability: exceeds(whole, limit.toNumber() - base),
    extended: skipped + left > told.measured,
  };
}

/** By how much use would have to fall from now on; null where it need not, or nothing was spent lately. */
function throttleOf(
  charged: ReadonlyMap<string, Decimal>,
  until: string,
  left: Decimal,
  days: number,
): BudgetStanding['throttle'] {
  const from = dayOf(Date.parse(midnight(until)) - RECENT * DAY);
  let sum = new Decimal(0);
  for (const [day, amount] of charged) if (day >= from && day < until) sum = sum.plus(amount);
  const recent = sum.div(RECENT);
  const allowed = Decimal.max(0, left).div(days);
  if (recent.lte(allowed) || recent.lte(0)) return null;
  return { allowed, recent, percent: new Decimal(100).minus(allowed.div(recent).times(100)) };
}

function byDay([a]: readonly [string, Decimal], [b]: readonly [string, Decimal]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function midnight(day: string): string {
  return `${day}T00:00:00.000Z`;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function daysBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(midnight(to)) - Date.parse(midnight(from))) / DAY));
}
