import { dayPlus, daysBetween } from '../../analysis/units/days.ts';
import { Decimal, decimalText } from '../../focus/decimal.ts';
import { alertId } from '../../ledger/alerts/decide.ts';
import { matching, partsOf } from '../../ledger/alerts/match.ts';
import type { Alert, AlertFacts } from '../../ledger/alerts/model.ts';
import type { Auditor } from '../auditor.ts';
import { dayOf } from '../daily-series.ts';
import { readUnits, type UnitAnomaly, type UnitRow, unitRows } from '../units.ts';
import { NOTHING, QUIET_DAYS, routeOf } from './facts.ts';
import { keepSeen } from './keep.ts';
import { type AlertSettings, NEWS_DAYS } from './model.ts';

const DAY = 86_400_000;
/** Digits that are kept of a number that was worked out by a robust mean: more would tell nothing. */
const DIGITS = 6;

/**
 * Keeps ups and downs of the numbers of units as alerts of the ledger: cost per unit, success, quality, latency,
 * revenue. What is for the better is kept, and nobody is told. A number that cannot be read neither begins nor ends one.
 */
export async function unitAlerts(
  auditor: Pick<Auditor, 'lake' | 'ledger' | 'progress' | 'units' | 'asking'>,
  settings: AlertSettings,
  kept: readonly Alert[],
  runId: string,
  now: Date,
): Promise<void> {
  const units = auditor.units?.(null) ?? [];
  const known = kept.filter(({ kind }) => kind === 'unit');
  if (units.length === 0 && known.length === 0) return;
  auditor.progress.step('looking at units');
  const question = { units, dimensions: settings.dimensions, sources: null };
  const read = await readUnits(auditor.lake, question, now, auditor.asking);
  const today = dayOf(now.getTime());
  const rows = unitRows(read, { start: dayPlus(today, -NEWS_DAYS), end: today }, 'day', settings);
  const seen = new Set<string>();
  const judged = new Set<string>();
  for (const row of rows) {
    for (const problem of new Set(row.problems)) auditor.progress.warn(`unit ${row.name}: ${problem}`);
    for (const subject of judgedIn(row)) judged.add(keyOf(subject));
    for (const anomaly of row.anomalies) {
      const facts = unitFacts(row, anomaly, settings);
      const same = matching(
        facts,
        known.filter(({ id }) => !seen.has(id)),
      );
      // What is over before anyone was told of it is no news.
      if (same === null && !facts.ongoing) continue;
      const id = same?.id ?? alertId(...partsOf(facts));
      seen.add(id);
      await keepSeen(auditor, id, { type: 'seen', id, facts }, runId, now);
      if (!facts.ongoing) {
        const reason = 'nothing was off for three known days';
        await keepSeen(auditor, id, { type: 'over', reason }, runId, now);
      }
    }
  }
  for (const alert of known) {
    if (seen.has(alert.id) || alert.state === 'closed') continue;
    const named = units.find(({ name }) => name === alert.subject['unit']);
    const isMeant = named !== undefined && (alert.subject['of'] === 'cost' || isSide(named, alert));
    if (isMeant && !judged.has(keyOf(alert.subject))) continue;
    const isOld = now.getTime() - Date.parse(alert.seen.first) >= NEWS_DAYS * DAY;
    const reason = !isMeant
      ? 'the config has no such number any more'
      : isOld
        ? 'its level is the usual one by now'
        : 'its numbers show it no more';
    await keepSeen(auditor, alert.id, { type: 'over', reason }, runId, now);
  }
}

type Unit = Pick<UnitRow, 'name' | 'per' | 'currency'>;

/** What tells an up or down of a unit from others: see `matching`. */
export function unitThing({ name, per, currency }: Unit, anomaly: UnitAnomaly) {
  const { of, first, last, actual, expected, low, high, worse } = anomaly;
  return {
    kind: 'unit',
    subject: subjectOf(name, of, currency),
    alsoSeen: [],
    source: null,
    firstDay: first,
    lastDay: last,
    money: null,
    measured: {
      of: of === 'cost' ? `cost per ${per}` : of,
      unit: of === 'cost' ? (currency ?? '') : '',
      actual: rounded(actual),
      expected: rounded(expected),
      low: rounded(low),
      high: rounded(high),
      worse,
    },
  } as const;
}

/** An up or down of a number of a unit as an alert. */
function unitFacts(unit: Unit, anomaly: UnitAnomaly, settings: AlertSettings): AlertFacts {
  const { kind, last, worse, owner, open, until } = anomaly;
  return {
    ...NOTHING,
    ...unitThing(unit, anomaly),
    what: kind,
    blindSpots: [`Days from ${until} on are not known and not judged.`],
    owner: owner === null || owner.source === 'fallback' ? null : { ...owner, confidence: 'high' },
    route: routeOf(worse ? (owner?.id ?? null) : null, worse ? settings.escalate : null, settings),
    expectedDays: settings.expectedDays,
    ongoing: open || daysBetween(last, until) - 1 < QUIET_DAYS,
  };
}

/** What names the number of a unit; cost by its currency. */
function subjectOf(unit: string, of: UnitAnomaly['of'], currency: string | null) {
  return of === 'cost' ? { unit, of, currency: currency ?? '' } : { unit, of };
}

/** The numbers of a unit that could be judged. */
function judgedIn({ name, currency, total, notEnough, sides }: UnitRow): Record<string, string>[] {
  return [
    ...(total !== null && notEnough === null ? [subjectOf(name, 'cost', currency)] : []),
    ...sides.filter((side) => side.notEnough === null).map(({ of }) => subjectOf(name, of, null)),
  ];
}

function isSide({ sides }: { readonly sides: object }, { subject }: Alert): boolean {
  return Object.hasOwn(sides, subject['of'] ?? '');
}

function keyOf(subject: Readonly<Record<string, string>>): string {
  return JSON.stringify([subject['unit'], subject['of'], subject['currency'] ?? '']);
}

function rounded(value: number): string {
  return decimalText(new Decimal(value).toSignificantDigits(DIGITS));
}
