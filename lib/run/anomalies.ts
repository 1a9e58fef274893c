import { detect } from '../analysis/anomalies/detect.ts';
import { type Merged, mergeLevels, type Placed } from '../analysis/anomalies/merge.ts';
import type { AnomalyKind } from '../analysis/anomalies/model.ts';
import { AI_SPEND } from '../focus/ai/model.ts';
import { Decimal } from '../focus/decimal.ts';
import { type Money, money } from '../focus/money.ts';
import { MONTH_DAYS } from '../focus/month.ts';
import { UNALLOCATED } from '../lake/dimensions.ts';
import { type Explained, explained } from './anomaly-causes.ts';
import {
  COARSER,
  changedCurrency,
  coarser,
  dearestAxes,
  dearestOf,
  idOf,
  LEAF,
  named,
  OF_MODEL,
} from './anomaly-levels.ts';
import type { Auditor } from './auditor.ts';
import type { AlertStanding } from './budget-model.ts';
import { type DailySeries, manySeries } from './daily-series.ts';
import { type Freshness, freshness } from './freshness.ts';

const DAY = 86_400_000;
/** Causes looked for where the question names no number. */
const CAUSES = 50;

export interface AnomalyRow extends Explained {
  /** Values by axis: service, account, team, transfer, model. */
  readonly key: Readonly<Record<string, string>>;
  readonly source: string;
  readonly kind: AnomalyKind;
  /** UTC days (`YYYY-MM-DD`): the first that was off, the last so far, and the one that gave it away. */
  readonly first: string;
  readonly last: string;
  readonly caught: string;
  /** From the first to the last day: charged (exact), expected, and the difference. */
  readonly actual: Money;
  readonly expected: Money;
  readonly effect: Money;
  /** What it comes to a month where it stays; the effect where it is over. Anomalies are ranked by it. */
  readonly impact: Money;
  /** What gave it away: the sum of the days from `start` to `caught`, and the range that would have been nothing. */
  readonly judged: {
    readonly start: string;
    readonly value: Money;
    readonly low: Money;
    readonly high: Money;
  };
  /** Times its usual deviation; null where it was never charged before. */
  readonly deviations: number | null;
  /** Is it still off on the last settled day? */
  readonly open: boolean;
  /** Other series that show the same. */
  readonly alsoSeen: readonly Readonly<Record<string, string>>[];
  /** What the ledger keeps of it; null until an audit has kept it. */
  readonly alert: AlertStanding | null;
}

/** `bursar anomalies --format json` */
export interface AnomalyReport {
  readonly schemaVersion: 1;
  readonly now: string;
  /** Caught on or after this day. */
  readonly since: string;
  /** Least effect that is told, in the currency of each. */
  readonly minimum: string;
  /** The dearest first, by currency. */
  readonly rows: readonly AnomalyRow[];
  /** Series that were judged, and that have too short or too gappy a history. */
  readonly judged: number;
  readonly notEnough: readonly { readonly key: Readonly<Record<string, string>>; readonly reason: string }[];
  readonly notes: readonly string[];
  readonly freshness: readonly Freshness[];
}

export interface AnomalyQuestion {
  /** Days up to now in which they were caught. */
  readonly days: number;
  /** Least effect, in the currency of each. */
  readonly minimum: number;
  /** Series of each level that are judged, the dearest of its last four weeks; left out: all. */
  readonly most?: number;
  /** Services and accounts that are looked at, the dearest of the last eight weeks; left out: all. */
  readonly widest?: number;
  /** Anomalies whose cause is looked for, the dearest first. */
  readonly causes?: number;
  readonly sources: readonly string[] | null;
  readonly holidays?: ReadonlySet<string>;
}

/**
 * What cost other than its own past led to expect, on settled days: per service, account, team and class of data
 * transfer, per AI model, and in sums of these that no part explains; each once, with cause and owner.
 */
export async function anomalyReport(
  { lake, ownerOf }: Pick<Auditor, 'lake' | 'ownerOf'>,
  question: AnomalyQuestion,
  now: Date,
): Promise<AnomalyReport> {
  const { sources, minimum, days } = question;
  const { where, note } = await dearestAxes(lake, question, now);
  const leaves = await manySeries(lake, LEAF, where, sources, now);
  const models = (await manySeries(lake, OF_MODEL, { ai_class: AI_SPEND }, sources, now)).filter(
    ({ key }) => key[0] !== UNALLOCATED && key[0] !== '',
  );
  const whole = [
    named(leaves, LEAF),
    named(models, OF_MODEL),
    // Sums over a part of the services would be of no account or team as a whole.
    ...(note === null ? COARSER.map((axes) => coarser(leaves, axes)) : []),
  ];
  const levels = whole.map((level) => dearestOf(level, question.most ?? level.length));
  const left = whole.reduce((sum, level, at) => sum + level.length - (levels[at]?.length ?? 0), 0);
  const notes: string[] = [
    ...(note === null ? [] : [note]),
    ...(left === 0 ? [] : [`${left} of the smallest series were not judged one by one here.`]),
  ];
  const notEnough: { key: Readonly<Record<string, string>>; reason: string }[] = [];
  const placed = levels.map((level, index) => {
    const all = level.map((each) => each.daily);
    return level.flatMap(({ key, daily }): Placed[] => {
      const { source, currency } = daily;
      const found = detect(daily.series, {
        minimum,
        ...(question.holidays && { holidays: question.holidays }),
      });
      if ('notEnough' in found) {
        if (index === 0) notEnough.push({ key, reason: found.reason });
        return [];
      }
      return found.flatMap((anomaly) => {
        const other = changedCurrency(anomaly, daily, all);
        if (other === null) return [{ key, source, currency, anomaly }];
        if (index === 0)
          notes.push(
            `${Object.values(key).join(', ')}: billed in ${currency} and ${other} by turns from ${anomaly.first.slice(0, 10)} on; no anomaly.`,
          );
        return [];
      });
    });
  });
  const since = new Date(now.getTime() - days * DAY).toISOString().slice(0, 10);
  const exact = new Map(
    levels
      .flat()
      .map(({ key, daily }) => [idOf({ key, source: daily.source, currency: daily.currency }), daily]),
  );
  const merged = mergeLevels(placed)
    .filter(({ anomaly }) => anomaly.caught.slice(0, 10) >= since)
    .map((each) => {
      const daily = exact.get(idOf(each));
      const known = Date.parse(daily?.series.start ?? each.anomaly.first);
      return { ...each, known, row: rowOf(each, daily) };
    })
    .toSorted((a, b) => dearest(a.row, b.row));
  const why = await explained(merged.slice(0, question.causes ?? CAUSES), { lake, ownerOf }, sources);
  const rows = merged.map(({ row }, at): AnomalyRow => ({ ...row, ...why[at] }));
  return {
    schemaVersion: 1,
    now: now.toISOString(),
    since,
    minimum: String(minimum),
    rows,
    judged: levels.reduce((sum, level) => sum + level.length, 0) - notEnough.length,
    notEnough,
    notes,
    freshness: await freshness(lake, sources),
  };
}

function rowOf(
  { key, source, currency, anomaly, alsoSeen }: Merged,
  daily: DailySeries | undefined,
): AnomalyRow {
  const { kind, first, last, caught, expected, judged, deviations, open } = anomaly;
  const cents = (amount: number | Decimal) => money(new Decimal(amount).toDecimalPlaces(2), currency);
  const [from, to] = [first.slice(0, 10), last.slice(0, 10)];
  let actual = new Decimal(0);
  for (const [day, amount] of daily?.exact ?? []) if (day >= from && day <= to) actual = actual.plus(amount);
  const effect = actual.minus(new Decimal(expected));
  const days = knownDays(daily, first, last);
  const stays = kind !== 'spike' && kind !== 'dip';
  return {
    key,
    source,
    kind,
    first: from,
    last: to,
    caught: caught.slice(0, 10),
    actual: money(actual, currency),
    expected: cents(expected),
    effect: cents(effect),
    impact: cents(stays ? effect.div(days).times(MONTH_DAYS) : effect),
    judged: {
      start: judged.start.slice(0, 10),
      value: cents(judged.value),
      low: cents(judged.low),
      high: cents(judged.high),
    },
    deviations: Number.isFinite(deviations) ? Math.round(deviations * 10) / 10 : null,
    open,
    causes: [],
    against: null,
    owner: null,
    alsoSeen,
    alert: null,
  };
}

/** Days of an anomaly on which anything is known: what is missing is in neither sum, and makes no month cheaper. */
function knownDays(daily: DailySeries | undefined, first: string, last: string): number {
  const at = (day: string) => Math.round((Date.parse(day) - Date.parse(daily?.series.start ?? first)) / DAY);
  const values = daily?.series.values.slice(at(first), at(last) + 1) ?? [];
  return Math.max(values.filter((value) => value !== null).length, 1);
}

function dearest(a: AnomalyRow, b: AnomalyRow): number {
  if (a.impact.currency !== b.impact.currency) return a.impact.currency < b.impact.currency ? -1 : 1;
  const size = (row: AnomalyRow) => new Decimal(row.impact.amount).abs();
  return size(b).comparedTo(size(a)) || (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1);
}
