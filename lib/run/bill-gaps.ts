import { missingDays } from '../analysis/missing-days.ts';
import type { Interval } from '../digest/model.ts';
import type { Lake } from '../lake/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import { chargesByDay } from './daily-series.ts';

/** Days that one of the bills does not tell, though the others go on. */
export interface BillGap {
  readonly source: string;
  /** Those in which it charges. */
  readonly currencies: ReadonlySet<string>;
  /** `YYYY-MM-DD`, UTC, ascending. */
  readonly days: readonly string[];
}

/** Which bill lacks which days of a span. Of a bill without any gap nothing is told. */
export async function billGaps(
  lake: Lake,
  { start, end }: Interval,
  sources: readonly string[] | null,
  now: Date,
): Promise<BillGap[]> {
  const charges = Map.groupBy(await chargesByDay(lake, sources, now), ({ source }) => source);
  return [...charges]
    .map(([source, own]) => ({
      source,
      currencies: new Set(own.map(({ currency }) => currency)),
      days: missingDays(new Set(own.map(({ day }) => day)), start.slice(0, 10), end.slice(0, 10)),
    }))
    .filter(({ days }) => days.length > 0)
    .toSorted((a, b) => (a.source < b.source ? -1 : 1));
}

/** The coverage with what bills lack: a bill that was read and lacks days is partial. */
export function withGaps(coverage: readonly Coverage[], gaps: readonly BillGap[]): Coverage[] {
  const open = new Map(gaps.map((gap) => [`bill:${gap.source}`, gap]));
  const known = coverage.map((entry): Coverage => {
    const gap = open.get(entry.scope);
    open.delete(entry.scope);
    if (gap === undefined) return entry;
    const reason = reasonOf(gap);
    return entry.status === 'complete'
      ? { ...entry, status: 'partial', reason }
      : { ...entry, reason: entry.reason === null ? reason : `${entry.reason}; ${reason}` };
  });
  const further = [...open].map(
    ([scope, gap]): Coverage => ({ scope, status: 'partial', reason: reasonOf(gap), asOf: null }),
  );
  return [...known, ...further];
}

function reasonOf({ days }: BillGap): string {
  return `no charge of ${spans(days)}: what ${days.length === 1 ? 'this day' : 'these days'} cost is in no total`;
}

/** `2026-11-03, 2026-11-05 to 2026-11-07` */
export function spans(days: readonly string[]): string {
  const runs: { first: string; last: string }[] = [];
  for (const day of days) {
    const run = runs.at(-1);
    if (run !== undefined && Date.parse(day) - Date.parse(run.last) === 86_400_000) run.last = day;
    else runs.push({ first: day, last: day });
  }
  return runs.map(({ first, last }) => (first === last ? first : `${first} to ${last}`)).join(', ');
}
