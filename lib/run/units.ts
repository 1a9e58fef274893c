import { dayPlus } from '../analysis/units/days.ts';
import type { ByDay, Grain, Outlier, UnitPeriod, UnitTrend } from '../analysis/units/model.ts';
import { caughtIn, outliers } from '../analysis/units/outliers.ts';
import { perUnitByDay, succeeded, unitPeriods, unitTotal, unitTrend } from '../analysis/units/per-unit.ts';
import type { Dimensions } from '../lake/dimensions.ts';
import type { Lake } from '../lake/model.ts';
import { BursarError } from '../platform/errors.ts';
import type { Meter } from '../platform/meter.ts';
import type { DailyMetric, DaySpan } from '../sources/metrics/model.ts';
import type { Auditor } from './auditor.ts';
import type { AlertStanding } from './budget-model.ts';
import { dayOf } from './daily-series.ts';
import { type Freshness, freshness } from './freshness.ts';
import { type BuiltIn, builtIn } from './units/built-in.ts';
import { type ReadUnit, readUnit, SIDES, type Side, type UnitSettings } from './units/read.ts';
import { type SavingEffect, savingEffects } from './units/savings.ts';
import { unitSpend } from './units/spend.ts';
import type { Window } from './window.ts';

export type { Grain };

const DAY = 86_400_000;
/** Days of a metric that are looked at: a year, and what it takes to judge its first days. CloudWatch keeps 455. */
const HISTORY = 430;

/** Which way is worse: what takes longer; of the others, what falls. */
const WORSE: Readonly<Record<Side | 'cost', 1 | -1>> = {
  cost: 1,
  latency: 1,
  success: -1,
  quality: -1,
  revenue: -1,
};

/** An outlier of one of the numbers of a unit, and who answers for it. */
export interface UnitAnomaly extends Outlier {
  readonly of: Side | 'cost';
  readonly worse: boolean;
  readonly owner: { readonly id: string; readonly source: string } | null;
  /** First UTC day of which the number is not told. */
  readonly until: string;
  /** What the ledger keeps of it; null until an audit has kept it. */
  readonly alert: AlertStanding | null;
}

/** A number beside the cost of a unit. */
export interface SideReport {
  readonly of: Side;
  readonly shownAs: string;
  readonly days: number;
  /** Mean of the last seven days on which it is known; null where there is none. */
  readonly recent: number | null;
  /** Why its band cannot be told; null where it is. */
  readonly notEnough: string | null;
}

/** A unit in one currency. */
export interface UnitRow {
  readonly name: string;
  readonly per: string;
  /** Null where the bills have no charge that is meant. */
  readonly currency: string | null;
  readonly metric: string;
  /** Whose days the metric counts. */
  readonly zone: string | null;
  readonly periods: readonly UnitPeriod[];
  readonly total: UnitPeriod | null;
  /** Cost of one that succeeded, of days that tell it; null where success is not told as a share of 0 to 1. */
  readonly perSuccess: string | null;
  readonly trend: UnitTrend | null;
  /** Why nothing is said of ups and downs of cost per unit. */
  readonly notEnough: string | null;
  readonly sides: readonly SideReport[];
  /** Caught in the window, the newest last. */
  readonly anomalies: readonly UnitAnomaly[];
  /** What is missing, one sentence each: with any, figures may be missing, never wrong. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** `bursar units --format json` */
export interface UnitReport {
  readonly schemaVersion: 1;
  readonly now: string;
  readonly grain: Grain;
  /** UTC days, half-open. */
  readonly window: DaySpan;
  readonly units: readonly UnitRow[];
  readonly builtIn: BuiltIn;
  /** Null where it was not asked for. */
  readonly savings: readonly SavingEffect[] | null;
  readonly freshness: readonly Freshness[];
}

export interface UnitQuestion {
  readonly units: readonly UnitSettings[];
  readonly dimensions: Dimensions;
  readonly grain: Grain;
  readonly window: Window;
  /** Are realised savings set beside what happened to each unit? */
  readonly savings: boolean;
  readonly sources: readonly string[] | null;
}

/** What units cost, and what happened to them. @throws BursarError for an axis that there is not */
export async function unitReport(
  auditor: Pick<Auditor, 'lake' | 'ledger' | 'terms' | 'checks'>,
  question: UnitQuestion,
  now: Date,
  meter: Meter,
): Promise<UnitReport> {
  const { lake } = auditor;
  const { sources, grain } = question;
  const span = historyTo(now);
  const window: DaySpan = {
    start: later(question.window.start.slice(0, 10), span.start),
    end: earlier(question.window.end.slice(0, 10), span.end),
  };
  if (window.start >= window.end)
    throw new BursarError('input', `no day from ${question.window.start.slice(0, 10)} on can be told`, {
      hint: `Name days that are over, and not more than ${HISTORY} days ago.`,
    });
  const read = await readUnits(lake, question, now, meter);
  return {
    schemaVersion: 1,
    now: now.toISOString(),
    grain,
    window,
    units: unitRows(read, window, grain, auditor.terms),
    builtIn: await builtIn(auditor, window, sources, now),
    savings: question.savings ? await savingEffects(auditor, read, question.dimensions, sources) : null,
    freshness: await freshness(lake, sources),
  };
}

/** Reads every number of units, as far back as they are looked at. @throws BursarError for an axis that there is not */
export async function readUnits(
  lake: Lake,
  { units, dimensions, sources }: Pick<UnitQuestion, 'units' | 'dimensions' | 'sources'>,
  now: Date,
  meter: Meter,
): Promise<ReadUnit[]> {
  const read: ReadUnit[] = [];
  for (const unit of units)
    read.push(
      await readUnit(
        unit,
        await unitSpend(lake, unit.spend, dimensions, sources, now),
        historyTo(now),
        meter,
      ),
    );
  return read;
}

/** What was read, by period, with the ups and downs that were caught in the window. */
export function unitRows(
  read: readonly ReadUnit[],
  window: DaySpan,
  grain: Grain,
  terms: Pick<Auditor['terms'], 'teams' | 'fallback'>,
): UnitRow[] {
  return read.flatMap((unit) => rowsOf(unit, window, grain, ownerOf(unit.settings, terms)));
}

function historyTo(now: Date): DaySpan {
  return { start: dayOf(now.getTime() - HISTORY * DAY), end: dayOf(now.getTime()) };
}

function rowsOf(unit: ReadUnit, window: DaySpan, grain: Grain, owner: UnitAnomaly['owner']): UnitRow[] {
  const { settings, metric, spends, problems } = unit;
  const sides = SIDES.flatMap((of) => {
    const side = unit.sides.get(of);
    return side === undefined ? [] : [sideOf(of, side, settings, window, owner)];
  });
  const notes = [metric, ...unit.sides.values()].flatMap((each) => each?.notes ?? []);
  const shared = {
    name: settings.name,
    per: settings.per,
    metric: settings.metric.shownAs,
    zone: metric?.zone ?? null,
    sides: sides.map(({ report }) => report),
    problems,
    notes,
  };
  const ofSides = sides.flatMap(({ anomalies }) => anomalies);
  if (spends.length === 0 || metric === null)
    return [
      {
        ...shared,
        currency: spends.length === 1 ? (spends[0]?.currency ?? null) : null,
        periods: [],
        total: null,
        perSuccess: null,
        trend: null,
        notEnough: null,
        anomalies: ofSides,
      },
    ];
  const success = unit.sides.get('success');
  const good = success === undefined ? null : succeeded(metric.values, success.values);
  return spends.map(({ currency, cost, end }, index) => {
    const each = outliers(perUnitByDay(cost, metric.values));
    const known = metric.values.size === 0 ? end : earlier(end, afterLast(metric.values));
    return {
      ...shared,
      currency,
      periods: unitPeriods(cost, metric.values, window, grain),
      total: unitTotal(cost, metric.values, window),
      perSuccess: good === null ? null : (unitTotal(cost, good, window)?.perUnit ?? null),
      trend: unitTrend(cost, metric.values, known),
      notEnough: 'notEnough' in each ? each.reason : null,
      // What is beside the cost is told once, whatever the currencies.
      anomalies: [
        ...('notEnough' in each ? [] : told('cost', each, window, owner, known)),
        ...(index === 0 ? ofSides : []),
      ],
    };
  });
}

function sideOf(
  of: Side,
  { values }: DailyMetric,
  { sides }: UnitSettings,
  window: DaySpan,
  owner: UnitAnomaly['owner'],
): { report: SideReport; anomalies: UnitAnomaly[] } {
  const found = outliers(values);
  const recent = [...values].toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(-7);
  return {
    report: {
      of,
      shownAs: sides[of]?.shownAs ?? '',
      days: values.size,
      recent:
        recent.length === 0
          ? null
          : recent.reduce((sum, [, value]) => sum + value.toNumber(), 0) / recent.length,
      notEnough: 'notEnough' in found ? found.reason : null,
    },
    anomalies: 'notEnough' in found ? [] : told(of, found, window, owner, afterLast(values)),
  };
}

/** Those that were caught in the window. */
function told(
  of: Side | 'cost',
  all: readonly Outlier[],
  window: DaySpan,
  owner: UnitAnomaly['owner'],
  until: string,
): UnitAnomaly[] {
  return caughtIn(all, window).map((each) => ({
    ...each,
    of,
    worse: Math.sign(each.actual - each.expected) === WORSE[of],
    owner,
    until,
    alert: null,
  }));
}

/** The day after the last that is known. */
function afterLast(values: ByDay): string {
  const last = [...values.keys()].toSorted().at(-1);
  return last === undefined ? '' : dayPlus(last, 1);
}

/** Whom the unit names, else the channel of its team, else whoever hears of what nobody owns. */
function ownerOf(
  { owner, spend }: UnitSettings,
  { teams, fallback }: Pick<Auditor['terms'], 'teams' | 'fallback'>,
): UnitAnomaly['owner'] {
  if (owner !== undefined) return { id: owner, source: 'unit' };
  const team = spend?.['team'];
  const channel =
    typeof team === 'string' && teams !== undefined && Object.hasOwn(teams, team) ? teams[team] : undefined;
  if (channel !== undefined) return { id: channel, source: 'team' };
  return fallback === null ? null : { id: fallback, source: 'fallback' };
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}
