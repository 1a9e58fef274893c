import { extendedNote } from '../analysis/forecast/forecast.ts';
import type { DigestInsight, InsightForecast } from '../digest/insight-model.ts';
import type { Interval } from '../digest/model.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { money } from '../focus/money.ts';
import { providerOf } from '../focus/provider.ts';
import { anomalyStates, statesOf } from './alerts/states.ts';
import { anomalyReport } from './anomalies.ts';
import type { Auditor } from './auditor.ts';
import type { BudgetSettings } from './budget-model.ts';
import { budgetReport } from './budgets.ts';
import type { CommitmentReport } from './commitments.ts';
import { type DailySeries, dailySeries, dayOf, summed } from './daily-series.ts';
import { digestAiUse, digestUnits } from './digest-units.ts';
import { periodOf, periodsOf, toldOf } from './forecast.ts';
import { basisOf, type KeptAnomalies, keptAnomalies } from './kept.ts';
import { type ChargeEvent, knownEvents } from './known-events.ts';
import { DRIVER_AXES, type Moved, movers } from './movers.ts';

const DAY = 86_400_000;
/** Settled days that the page shows before what is expected. */
const DAYS_SHOWN = 90;
/**
 * Of anomalies that no audit kept: days up to now, least effect, how many services and accounts are looked at, how many series of each
 * level are judged, and causes looked for. The digest of a large bill must not take as long as its audit.
 */
const ANOMALIES = { days: 30, minimum: 10, widest: 20, most: 100, causes: 5 };

/** What analysis says of the bills, for the digest: each part as its own command says it. */
export async function digestInsight(
  auditor: Auditor,
  { period, former }: { readonly period: Interval; readonly former: Interval },
  commitments: Omit<CommitmentReport, 'schemaVersion' | 'now' | 'provider'>,
  sources: readonly string[] | null,
  now: Date,
  team: string | null = null,
): Promise<DigestInsight> {
  const { lake, alerts } = auditor;
  const where = team === null ? [] : [{ name: 'team', value: team }];
  const question = { where, former, current: period, sources };
  const budgets = (alerts?.budgets ?? []).filter(({ where: of }) => team === null || isOfTeam(of, team));
  // Names of the axes are those that every company has: the config's own dimensions are not asked for.
  const services = await movers(lake, { ...question, by: ['provider', 'service'], ai: false }, {});
  const { drivers } = await movers(lake, { ...question, by: DRIVER_AXES, ai: true }, {});
  return {
    forecasts: forecastsOf(
      await dailySeries(lake, [], team === null ? {} : { team: [team] }, sources, now),
      // What is known to come is of everything: which part of it is a team's, nobody tells.
      team === null ? await knownEvents(auditor, sources, now) : [],
      (currency) => budgetOf(budgets, currency, team, now),
      now,
    ),
    budgets:
      alerts === undefined || budgets.length === 0
        ? []
        : (await statesOf(auditor.ledger, await budgetReport(auditor, { ...alerts, budgets }, sources, now)))
            .rows,
    anomalies: await anomalyStates(auditor.ledger, await anomalies(auditor, sources, now)),
    commitments,
    movers: {
      former: services.former,
      current: services.current,
      rows: services.rows.map(byProvider),
      drivers,
      notes: services.notes,
    },
    units: await digestUnits(auditor, period, sources, now, team),
    // Whose a project or key is, no vendor tells: of a team nothing is told.
    aiUse: team === null ? await digestAiUse(auditor, sources, now) : [],
  };
}

/** As the last audit of these bills kept them, which judged every series; else looked for now, among the dearest. */
async function anomalies(
  auditor: Auditor,
  sources: readonly string[] | null,
  now: Date,
): Promise<KeptAnomalies> {
  const { ledger, lake } = auditor;
  const kept = await keptAnomalies(ledger, await basisOf(lake, sources));
  if (kept !== null) return kept;
  const { notEnough, ...report } = await anomalyReport(auditor, { ...ANOMALIES, sources }, now);
  return { ...report, untold: notEnough.length };
}

/** Does a budget look at this team alone, at the whole of it or at a part? */
function isOfTeam(where: BudgetSettings['where'], team: string): boolean {
  const teams = [where?.['team'] ?? []].flat();
  return teams.length > 0 && teams.every((each) => each === team);
}

/** The bill's name of a provider as the id that the digest calls it by. */
function byProvider(row: Moved): Moved {
  const [provider = '', ...rest] = row.key;
  return { ...row, key: [providerOf(provider), ...rest] };
}

/** Of each currency: its settled days, and what its days to the end of the month will cost. */
function forecastsOf(
  series: readonly DailySeries[],
  events: readonly ChargeEvent[],
  budget: (currency: string) => InsightForecast['budget'],
  now: Date,
): InsightForecast[] {
  return [...Map.groupBy(series, ({ currency }) => currency).values()].flatMap((parts) => {
    const whole = summed(parts);
    return whole === null ? [] : [forecastOf(whole, events, budget, now)];
  });
}

function forecastOf(
  whole: DailySeries,
  events: readonly ChargeEvent[],
  budget: (currency: string) => InsightForecast['budget'],
  now: Date,
): InsightForecast {
  const { currency, end } = whole;
  const [month] = periodsOf(now);
  // The digest tells of the month alone.
  const near = events.filter(({ at }) => month !== undefined && at < month.end);
  const told = toldOf(whole, { events: near }, now);
  const base = {
    currency,
    until: end,
    settled: settledDays(whole),
    budget: budget(currency),
  };
  if ('notEnough' in told) return { ...base, expected: [], month: null, notes: [], notEnough: told.reason };
  const [sum] = told.sums;
  return {
    ...base,
    expected: told.steps
      .filter(({ at }) => month !== undefined && at < month.end)
      .map(({ at, mean, bands }) => ({
        day: at.slice(0, 10),
        amount: cents(mean),
        ranges: bands.map(({ level, low, high }) => ({ level, low: cents(low), high: cents(high) })),
      })),
    month: month === undefined || sum === undefined ? null : periodOf(month, sum, whole, told.measured),
    // Of the year: the month says itself whether its ranges are.
    notes: told.notes.filter((note) => note !== extendedNote(told.measured)),
    notEnough: null,
  };
}

/** The first budget of a month that looks at all that the digest does, in this currency. */
function budgetOf(
  budgets: readonly BudgetSettings[],
  currency: string,
  team: string | null,
  now: Date,
): InsightForecast['budget'] {
  const whole = budgets.find(
    ({ period, where, amount }) =>
      period === 'month' &&
      Object.keys(where ?? {}).length === (team === null ? 0 : 1) &&
      Object.hasOwn(amount, currency),
  );
  const [month] = periodsOf(now);
  const limit = whole?.amount[currency];
  if (whole === undefined || limit === undefined || month === undefined) return null;
  const days = (Date.parse(month.end) - Date.parse(month.start)) / DAY;
  return {
    name: whole.name,
    limit: money(decimal(limit), currency),
    // Some currencies have three places (ISO 4217: KWD, BHD, TND).
    aDay: money(decimal(limit).div(days).toDecimalPlaces(3), currency),
  };
}

function settledDays({ series, exact }: DailySeries): InsightForecast['settled'] {
  const from = Math.max(0, series.values.length - DAYS_SHOWN);
  return series.values.slice(from).map((value, at) => {
    const day = dayOf(Date.parse(series.start) + (from + at) * DAY);
    return { day, amount: value === null ? null : decimalText(exact.get(day) ?? new Decimal(0)) };
  });
}

function cents(amount: number): string {
  return decimalText(new Decimal(amount).toDecimalPlaces(2));
}
