import type { SeenIndex } from '../model.ts';

export type Seen = SeenIndex;

/** What the kept snapshots of an index tell of its queries up to its newest one. */
export interface Watch {
  readonly index: Seen;
  /** From the last snapshot that is as old as the window, else the oldest; the newest is last. */
  readonly kept: readonly Seen[];
  /**
   * Those that say whether queries are counted as the newest does: a look that its counters did not answer tells
   * nothing, and a counter that only grows is differenced over it.
   */
  readonly counted: readonly Seen[];
  /** Is the first of `counted` as old as the window? */
  readonly covered: boolean;
  /** Queries that were counted between them, over every reset; null where the newest counts none. */
  readonly queries: number | null;
  /** Likewise scans of the table without the index. */
  readonly scans: number | null;
  /** Did the counters begin anew in between, or was the index made again? */
  readonly reset: boolean;
  /** Was it asked within the window, as far as anything tells? */
  readonly used: boolean;
}

/** @param window milliseconds */
export function watchOf(index: Seen, history: readonly Seen[], window: number): Watch {
  const now = Date.parse(index.at);
  const since = now - window;
  const earlier = history
    .filter(({ at }) => Date.parse(at) < now)
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const from = (looks: readonly Seen[]) => {
    const start = looks.findLastIndex(({ at }) => Date.parse(at) <= since);
    return { covered: start >= 0, looks: [...looks.slice(Math.max(start, 0)), index] };
  };
  const { looks: kept } = from(earlier);
  const { looks: counted, covered } = from(
    earlier.filter(({ queries }) => index.queries === null || queries !== null),
  );
  const pairs = counted.slice(1).map((after, at): Pair => [counted[at] ?? after, after]);
  const queries = growth(counted, pairs, ({ queries: count }) => count);
  const measured = index.measured;
  return {
    index,
    kept,
    counted,
    covered,
    queries,
    scans: growth(counted, pairs, ({ tableScans }) => tableScans),
    reset: pairs.some(isReset),
    used:
      (queries !== null && queries > 0) ||
      (index.lastQuery !== null && Date.parse(index.lastQuery) > since) ||
      (measured !== null && measured.queries > 0 && Date.parse(measured.end) > since),
  };
}

/** Queries of the window, where they are known for all of it. */
export function queriesOf(watch: Watch): number | null {
  const { covered, queries, index, reset } = watch;
  if (covered && !reset && queries !== null) return queries;
  return index.measured !== null && index.measured.received >= index.measured.expected
    ? index.measured.queries
    : null;
}

type Pair = readonly [before: Seen, after: Seen];

/** What a counter grew by; after a reset it grew by what it shows. */
function growth(
  counted: readonly Seen[],
  pairs: readonly Pair[],
  of: (seen: Seen) => number | null,
): number | null {
  if (counted.some((seen) => of(seen) === null)) return null;
  return pairs.reduce((sum, pair) => {
    const [before, after] = pair;
    return sum + (isReset(pair) ? (of(after) ?? 0) : (of(after) ?? 0) - (of(before) ?? 0));
  }, 0);
}

/** A count that fell, another beginning of the counters, or another index under the same name. */
function isReset([before, after]: Pair): boolean {
  return (
    fell(before.queries, after.queries) ||
    fell(before.tableScans, after.tableScans) ||
    before.statsSince !== after.statsSince ||
    (before.incarnation !== null && after.incarnation !== null && before.incarnation !== after.incarnation)
  );
}

function fell(before: number | null, after: number | null): boolean {
  return before !== null && after !== null && after < before;
}
