/** Which series anomalies are looked for in: of the bills' axes, and sums of them. */
import type { Placed } from '../analysis/anomalies/merge.ts';
import type { Anomaly } from '../analysis/anomalies/model.ts';
import { decimal } from '../focus/decimal.ts';
import { type SpendPart, spendByName } from '../lake/queries/spend-by.ts';
import type { Auditor } from './auditor.ts';
import { added, type BilledSeries, type DailySeries } from './daily-series.ts';

const DAY = 86_400_000;
/** Days by which the dearest services and accounts are told. */
const WIDE = 56;
/** Days by which the dearest series are told. */
const RECENT = 28;
/** Days that a series in one currency may end before it goes on in another. */
const CHANGED = 4;

/** Series that are looked at, the finest first. Data transfer is a class of its own. */
export const LEAF = ['service', 'account', 'team', 'transfer'] as const;
export const COARSER = [['service', 'account'], ['account'], ['service'], ['team']] as const;
export const OF_MODEL = ['model', 'account'] as const;

/** A series and its values by axis. */
export interface Level {
  readonly key: Readonly<Record<string, string>>;
  readonly daily: DailySeries;
}

/** Where there are more services or accounts than asked for: the dearest of each, and what to say of it. */
export async function dearestAxes(
  lake: Auditor['lake'],
  { widest, sources }: { readonly widest?: number; readonly sources: readonly string[] | null },
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
export function dearestOf(level: readonly Level[], most: number): readonly Level[] {
  if (level.length <= most) return level;
  return level
    .map((each) => ({
      each,
      recent: each.daily.series.values
        .slice(-RECENT)
        .reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0),
    }))
    .toSorted((a, b) => b.recent - a.recent)
    .slice(0, most)
    .map(({ each }) => each);
}

export function named(all: readonly DailySeries[], axes: readonly string[]): Level[] {
  return all.map((daily) => ({
    daily,
    key: Object.fromEntries(axes.map((axis, at) => [axis, daily.key[at] ?? ''])),
  }));
}

/** Leaves added up over some of their axes; a sum of one leaf is that leaf and looked at once. */
export function coarser(leaves: readonly BilledSeries[], axes: readonly string[]): Level[] {
  const places = axes.map((axis) => LEAF.findIndex((each) => each === axis));
  const groups = new Map<string, [BilledSeries, ...BilledSeries[]]>();
  for (const leaf of leaves) {
    const id = JSON.stringify([leaf.source, leaf.currency, ...places.map((at) => leaf.key[at] ?? '')]);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [leaf]);
    else group.push(leaf);
  }
  const sums = [...groups.values()].filter(({ length }) => length > 1);
  return named(
    sums.map((parts) =>
      added(
        places.map((at) => parts[0].key[at] ?? ''),
        parts,
      ),
    ),
    axes,
  );
}

export function idOf({ key, source, currency }: Pick<Placed, 'key' | 'source' | 'currency'>): string {
  return JSON.stringify([source, currency, key]);
}

/** The other currency in which the same began when this stopped, or stopped when this began; null: none. */
export function changedCurrency(
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
