import type { Facts } from '../checks/model.ts';
import type { DataEnd } from '../lake/queries/data-end.ts';
import type { Auditor } from './auditor.ts';
import { windowOf } from './facts.ts';
import { freshness } from './freshness.ts';

const DAY_MS = 86_400_000;
/** A bill that ended so long before the others says nothing of their last days. */
const BEHIND_MS = 4 * DAY_MS;

/** The window of the bills held; null where there are none. */
export async function billWindowOf({ lake }: Pick<Auditor, 'lake'>, now: Date): Promise<Facts['billWindow']> {
  return windowOf(await lake.ask<DataEnd & Record<string, unknown>>('data-end', {}, null), now);
}

/** Where the bills end, without days that may still grow: what is not there yet is no stop. */
export async function settledEnd(
  { lake }: Pick<Auditor, 'lake'>,
  sources: readonly string[] | null,
  end: number,
): Promise<number> {
  const open = (await freshness(lake, sources))
    .flatMap(({ unsettledFrom }) => (unsettledFrom === null ? [] : [Date.parse(unsettledFrom)]))
    .filter((from) => from > end - BEHIND_MS);
  return Math.min(end, ...open);
}
