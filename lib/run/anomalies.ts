import { type Cause, splitOf } from '../analysis/anomalies/cause.ts';
import { detect } from '../analysis/anomalies/detect.ts';
import { type Merged, mergeLevels, type Placed } from '../analysis/anomalies/merge.ts';
import type { Anomaly, AnomalyKind } from '../analysis/anomalies/model.ts';
import type { Owner } from '../checks/model.ts';
import { AI_SPEND } from '../focus/ai/model.ts';
import { Decimal, decimal } from '../focus/decimal.ts';
import { type Money, money } from '../focus/money.ts';
import { UNALLOCATED } from '../lake/dimensions.ts';
import { type ExcessPart, excessName } from '../lake/queries/excess.ts';
import { type SpendPart, spendByName, whereParam } from '../lake/queries/spend-by.ts';
import type { Auditor } from './auditor.ts';
import type { AlertStanding } from './budget-model.ts';
import { type DailySeries, dailySeries, summed } from './daily-series.ts';
import { type Freshness, freshness } from './freshness.ts';

const DAY = 86_400_000;
const MONTH_DAYS = 30.4375;
/** Causes looked for where the question names no number. */
const CAUSES = 50;
/** Days by which the dearest services and accounts are told. */
const WIDE = 56;
/** Days by which the dearest series are told. */
const RECENT = 28;
/** Days that a series in one currency may end before it goes on in another. */
const CHANGED = 4;

/** Series that are looked at, the finest first. Data transfer is a class of its own. */
const LEAF = ['service', 'account', 'team', 'transfer'] as const;
const COARSER = [['service', 'account'], ['account'], ['service'], ['team']] as const;
const OF_MODEL = ['model', 'account'] as const;

export interface AnomalyRow {
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
  /** What of it moved most against as many days before it, weekday by weekday; empty where nothing makes up half. */
  readonly causes: readonly Cause[];
  /** The days before that causes are told against; null where none were looked for. */
  readonly against: { readonly start: string; readonly end: string; readonly difference: Money } | null;
  readonly owner: Owner | null;
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
  /** Anomalies whose cause is looked for, the dearest first: each is a question to the lake. */
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
  const leaves = await dailySeries(lake, LEAF, where, sources, now);
  const models = (await dailySeries(lake, OF_MODEL, { ai_class: AI_SPEND }, sources, now)).filter(
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
  const placed = levels.map((level, index) =>
    level.flatMap(({ key, daily }): Placed[] => {
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
        const other = changedCurrency(
          anomaly,
          daily,
          level.map((each) => each.daily),
        );
        if (other === null) return [{ key, source, currency, anomaly }];
        if (index === 0)
          notes.push(
            `${Object.values(key).join(', ')}: billed in ${currency} and ${other} by turns from ${anomaly.first.slice(0, 10)} on; no anomaly.`,
          );
        return [];
      });
    }),
  );
  const since = new Date(now.getTime() - days * DAY).toISOString().slice(0, 10);
  const exact = new Map(
    levels
      .flat()
      .map(({ key, daily }) => [idOf({ key, source: daily.source, currency: daily.currency }), daily]),
  );
  const merged = mergeLevels(placed)
    .filter(({ anomaly }) => anomaly.caught.slice(0, 10) >= since)
    .map((each) => ({ ...each, row: rowOf(each, exact.get(idOf(each))) }))
    .toSorted((a, b) => dearest(a.row, b.row));
  const rows: AnomalyRow[] = [];
  for (const [index, each] of merged.entries())
    rows.push(
      index < (question.causes ?? CAUSES)
        ? await explained(each, each.row, { lake, ownerOf }, sources)
        : each.row,
    );
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

interface Level {
  readonly key: Readonly<Record<string, string>>;
  readonly daily: DailySeries;
}

/** Where there are more services or accounts than asked for: the dearest of each, and what to say of it. */
async function dearestAxes(
  lake: Auditor['lake'],
  { widest, sources }: AnomalyQuestion,
  now: Date,
): Promise<{ where: Readonly<Record<string, readonly string[]>>; note: string | null }> {
  if (widest === undefined) return { where: {}, note: null };
  const window = { start: new Date(now.getTime() - WIDE * DAY).toISOString(), end: now.toISOString() };
  const where: Record<string, readonly string[]> = {};
  const told: string[] = [];
  for (const axis of ['service', 'account']) {
    const parts = await lake.ask<SpendPart & Record<string, unknown>>(
      spendByName({ by: [axis], where: [] }),
      window,
      sources,
    );
    // Amounts of several currencies are not added: each value stands by its largest.
    const values = new Set(
      parts
        .toSorted((a, b) => decimal(b.effective).abs().comparedTo(decimal(a.effective).abs()))
        .map(({ key }) => key[0] ?? ''),
    );
    if (values.size <= widest) continue;
    where[axis] = [...values].slice(0, widest);
    told.push(`the ${widest} dearest of ${values.size} ${axis}s`);
  }
  return {
    where,
    note:
      told.length === 0
        ? null
        : `Looked at here: ${told.join(' and ')}; bursar anomalies looks at all, and at sums of them.`,
  };
}

/** The series that cost most in their last four weeks. */
function dearestOf(level: readonly Level[], most: number): readonly Level[] {
  if (level.length <= most) return level;
  const recent = ({ daily }: Level) =>
    daily.series.values.slice(-RECENT).reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0);
  return level.toSorted((a, b) => recent(b) - recent(a)).slice(0, most);
}

function named(all: readonly DailySeries[], axes: readonly string[]): Level[] {
  return all.map((daily) => ({
    daily,
    key: Object.fromEntries(axes.map((axis, at) => [axis, daily.key[at] ?? ''])),
  }));
}

/** Leaves added up over some of their axes; a sum of one leaf is that leaf and looked at once. */
function coarser(leaves: readonly DailySeries[], axes: readonly string[]): Level[] {
  const groups = new Map<string, { key: Readonly<Record<string, string>>; parts: DailySeries[] }>();
  for (const { key: all, daily } of named(leaves, LEAF)) {
    const key = Object.fromEntries(axes.map((axis) => [axis, all[axis] ?? '']));
    const id = idOf({ key, source: daily.source, currency: daily.currency });
    const group = groups.get(id) ?? { key, parts: [] };
    group.parts.push(daily);
    groups.set(id, group);
  }
  return [...groups.values()].flatMap(({ key, parts }) => {
    const [any] = parts;
    const sum = parts.length < 2 ? null : summed(parts);
    return any === undefined || sum === null ? [] : [{ key, daily: { ...sum, source: any.source } }];
  });
}

function idOf({ key, source, currency }: Pick<Placed, 'key' | 'source' | 'currency'>): string {
  return JSON.stringify([source, currency, key]);
}

/** The other currency in which the same began when this stopped, or stopped when this began; null: none. */
function changedCurrency(
  { kind, first }: Anomaly,
  daily: DailySeries,
  level: readonly DailySeries[],
): string | null {
  if (kind !== 'new' && kind !== 'stopped') return null;
  const same = JSON.stringify(daily.key);
  const at = Date.parse(first);
  const other = level.find(
    (each) =>
      each.currency !== daily.currency &&
      each.source === daily.source &&
      JSON.stringify(each.key) === same &&
      [...each.exact.keys()].toSorted().some((day, index, days) => {
        const edge = kind === 'new' ? index === days.length - 1 : index === 0;
        return edge && Math.abs(Date.parse(day) - at) <= CHANGED * DAY;
      }),
  );
  return other?.currency ?? null;
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
  const days = Math.round((Date.parse(last) - Date.parse(first)) / DAY) + 1;
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

/** Adds what moved most, and who answers for it. */
async function explained(
  { key, source, currency, anomaly }: Merged,
  row: AnomalyRow,
  { lake, ownerOf }: Pick<Auditor, 'lake' | 'ownerOf'>,
  sources: readonly string[] | null,
): Promise<AnomalyRow> {
  const start = Date.parse(anomaly.first);
  const length = Date.parse(anomaly.last) - start + DAY;
  // Whole weeks before, so that each weekday stands beside its like.
  const shift = Math.ceil(length / (7 * DAY)) * 7 * DAY;
  const narrowed = Object.entries(key);
  const parts = await lake.ask<ExcessPart>(
    excessName(narrowed.map(([axis]) => axis)),
    {
      start: iso(start),
      end: iso(start + length),
      beforeStart: iso(start - shift),
      beforeEnd: iso(start - shift + length),
      source,
      currency,
      ...Object.fromEntries(narrowed.map(([axis, value]) => [whereParam(axis), JSON.stringify([value])])),
    },
    sources,
  );
  const read = parts.map((part) => ({ ...part, tags: tagsOf(part.tags) }));
  const { difference, causes } = splitOf(read);
  const resource = causes.find(({ kind }) => kind === 'resource')?.value;
  const tags = read.find(({ resourceId }) => resourceId === resource)?.tags ?? null;
  const accountId = key['account'];
  return {
    ...row,
    causes,
    against: {
      start: iso(start - shift).slice(0, 10),
      end: iso(start - shift + length).slice(0, 10),
      difference: money(difference, currency),
    },
    owner: accountId === undefined ? null : ownerOf({ accountId, tags, id: resource }),
  };
}

/** Tags of a bill; a text that is no object of texts has none that anyone could name. */
function tagsOf(text: string | null): Record<string, string> {
  if (text === null || !text.startsWith('{')) return {};
  const parsed: unknown = JSON.parse(text);
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function dearest(a: AnomalyRow, b: AnomalyRow): number {
  if (a.impact.currency !== b.impact.currency) return a.impact.currency < b.impact.currency ? -1 : 1;
  const size = (row: AnomalyRow) => new Decimal(row.impact.amount).abs();
  return size(b).comparedTo(size(a)) || (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
