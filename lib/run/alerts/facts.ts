import { isReachable } from '../../checks/owner.ts';
import type { AlertFacts, Route } from '../../ledger/alerts/model.ts';
import type { AnomalyRow } from '../anomalies.ts';
import type { BudgetRow, BudgetSettings } from '../budget-model.ts';
import type { AlertSettings } from './model.ts';

const DAY = 86_400_000;
/** Settled days without anything off after which an anomaly is over. */
export const QUIET_DAYS = 3;
/** Probability from which a budget is said to break. */
const LIKELY = 0.5;

/**
 * An anomaly as an alert. Less cost than expected is kept and listed, and nobody is told: a stop of Bursar's own, or
 * one that somebody meant, looks like that.
 * @param settled first day that has not settled in its bill
 */
export function anomalyFacts(row: AnomalyRow, settled: string, settings: AlertSettings): AlertFacts {
  const quiet = Math.round((Date.parse(settled) - Date.parse(row.last)) / DAY) - 1;
  const stays = row.kind !== 'spike' && row.kind !== 'dip';
  const isMore = !row.effect.amount.startsWith('-');
  return {
    ...NOTHING,
    kind: 'anomaly',
    what: row.kind,
    subject: row.key,
    alsoSeen: row.alsoSeen,
    source: row.source,
    firstDay: row.first,
    lastDay: row.last,
    money: row.effect,
    monthly: stays ? row.impact : null,
    expected: {
      value: row.judged.value,
      low: row.judged.low,
      high: row.judged.high,
      of: row.judged.start === row.caught ? `on ${row.caught}` : `from ${row.judged.start} to ${row.caught}`,
    },
    causes: row.causes.map(
      ({ kind, value, share }) => `${kind} ${value}, ${Math.round(share * 100)}% of the change`,
    ),
    blindSpots: [`Days from ${settled} on have not settled and are not judged.`],
    owner: row.owner,
    route: routeOf(isMore ? ownerFirst(row, settings) : null, isMore ? settings.escalate : null, settings),
    expectedDays: settings.expectedDays,
    ongoing: row.open || quiet < QUIET_DAYS,
  };
}

/** What a budget has to tell: its highest tier that is reached, that it will break, that an experiment goes on. */
export function budgetFacts(row: BudgetRow, budget: BudgetSettings, settings: AlertSettings): AlertFacts[] {
  const team = [budget.where?.['team']].flat();
  const [only] = team;
  const channel =
    team.length === 1 && typeof only === 'string' && Object.hasOwn(settings.teams, only)
      ? (settings.teams[only] ?? null)
      : null;
  const first = budget.owner ?? channel ?? settings.fallback;
  const window = { start: row.start, end: row.end };
  const common = {
    ...NOTHING,
    subject: { budget: row.name },
    window,
    limit: row.limit,
    lastDay: dayBefore(row.until),
    throttle: row.throttle,
    blindSpots: [
      `Days from ${row.until} on have not settled and are not counted; credits and corrections are left out.`,
      ...row.notComparable.map(
        ({ amount, why }) => `${amount.amount} ${amount.currency} are in no figure: ${why}.`,
      ),
      ...row.notes,
    ],
    route: routeOf(first, budget.escalate ?? settings.escalate, settings),
    expectedDays: settings.expectedDays,
    ongoing: true,
  };
  const { outlook, experiment } = row;
  const isBreaking = outlook !== null && outlook.probability >= LIKELY && Number(row.percent) < 100;
  const range = outlook?.ranges.find(({ level }) => level === 0.9) ?? null;
  return [
    ...row.reached.map(
      (tier): AlertFacts => ({
        ...common,
        kind: 'budget',
        what: `reached ${tier}%`,
        firstDay: row.exceededOn !== null && tier === 100 ? row.exceededOn : common.lastDay,
        money: row.spent,
        tier,
        probability: outlook?.probability ?? null,
      }),
    ),
    ...(isBreaking
      ? [
          {
            ...common,
            kind: 'forecast' as const,
            what: 'will be exceeded',
            firstDay: common.lastDay,
            money: outlook.total,
            expected:
              range === null
                ? null
                : { value: outlook.total, low: range.low, high: range.high, of: 'with 90% probability' },
            probability: outlook.probability,
          },
        ]
      : []),
    ...(experiment !== null && row.until > experiment.until && isAbove(experiment.since.amount)
      ? [
          {
            ...common,
            kind: 'expired' as const,
            what: `should have ended on ${experiment.until}`,
            firstDay: experiment.until,
            money: experiment.since,
            window: null,
          },
        ]
      : []),
  ];
}

/** Parts of the id of what a budget tells: once a period, tier and limit. */
export function budgetParts({ kind, subject, window, tier, limit, firstDay }: AlertFacts): string[] {
  const of = window?.start ?? firstDay;
  return [kind, subject['budget'] ?? '', of, String(tier ?? ''), limit?.amount ?? '', limit?.currency ?? ''];
}

/** What an alert does not tell unless it says so. */
export const NOTHING = {
  alsoSeen: [],
  source: null,
  window: null,
  monthly: null,
  expected: null,
  limit: null,
  tier: null,
  probability: null,
  causes: [],
  throttle: null,
  owner: null,
} as const;

/** An owner who can be written to, else the channel of the team, else whoever hears of what nobody owns. */
function ownerFirst({ owner, key }: AnomalyRow, { teams, fallback }: AlertSettings): string | null {
  if (owner !== null && (isReachable(owner.id) || owner.id.startsWith('#'))) return owner.id;
  const team = key['team'] ?? '';
  return (Object.hasOwn(teams, team) ? teams[team] : null) ?? fallback;
}

/** Who is told first, and who when nobody answers; nobody twice. */
export function routeOf(first: string | null, escalation: string | null, settings: AlertSettings): Route {
  return {
    first,
    also: null,
    escalation: escalation === first ? null : escalation,
    escalateAfter: settings.escalateAfter,
  };
}

function isAbove(amount: string): boolean {
  return !amount.startsWith('-') && !/^0(\.0*)?$/.test(amount);
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - DAY).toISOString().slice(0, 10);
}
