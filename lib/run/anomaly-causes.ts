import { type Cause, splitOf } from '../analysis/anomalies/cause.ts';
import type { Placed } from '../analysis/anomalies/merge.ts';
import type { Owner } from '../checks/model.ts';
import { type Money, money } from '../focus/money.ts';
import {
  type ExcessPart,
  type ExcessQuestion,
  excessesAsked,
  MOST_EXCESSES,
} from '../lake/queries/excess.ts';
import type { Auditor } from './auditor.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;

/** Why, as far as the bills tell. */
export interface Explained {
  /** What of it moved most against as many days before it, weekday by weekday; empty where nothing makes up half. */
  readonly causes: readonly Cause[];
  /**
   * The days before that causes are told against, and how much more as many days from its first on cost: all of its
   * days, where the bill reaches as far back; null where none were looked for.
   */
  readonly against: { readonly start: string; readonly end: string; readonly difference: Money } | null;
  readonly owner: Owner | null;
}

/** An anomaly, and the first day that the bill tells of, milliseconds: what was before it is not known to be nothing. */
export type Known = Placed & { readonly known: number };

/** Looks for what moved most in each, and who answers for it; the bills are read once for as many as can be asked. */
export async function explained(
  anomalies: readonly Known[],
  { lake, ownerOf }: Pick<Auditor, 'lake' | 'ownerOf'>,
  sources: readonly string[] | null,
): Promise<Explained[]> {
  const found: Explained[] = [];
  for (let from = 0; from < anomalies.length; from += MOST_EXCESSES) {
    const asked = anomalies
      .slice(from, from + MOST_EXCESSES)
      .map((each) => [each, questionOf(each)] as const);
    const { query, params } = excessesAsked(asked.map(([, question]) => question));
    const parts = Map.groupBy(await lake.ask<ExcessPart>(query, params, sources), ({ question }) => question);
    for (const [at, [anomaly, question]] of asked.entries())
      found.push(causesOf(anomaly, question, parts.get(at) ?? [], ownerOf));
  }
  return found;
}

function questionOf({ key, source, currency, anomaly, known }: Known): ExcessQuestion {
  const start = Date.parse(anomaly.first);
  // Whole weeks before, so that each weekday stands beside its like.
  const whole = Math.ceil((Date.parse(anomaly.last) - start + DAY) / WEEK) * WEEK;
  // Nothing is told of the first two weeks of a bill: one is always left.
  const shift = Math.min(whole, Math.floor((start - known) / WEEK) * WEEK);
  const length = Math.min(Date.parse(anomaly.last) - start + DAY, shift);
  return {
    start: iso(start),
    end: iso(start + length),
    beforeStart: iso(start - shift),
    beforeEnd: iso(start - shift + length),
    source,
    currency,
    where: key,
  };
}

function causesOf(
  { key, currency }: Known,
  { beforeStart, beforeEnd }: ExcessQuestion,
  parts: readonly ExcessPart[],
  ownerOf: Auditor['ownerOf'],
): Explained {
  const read = parts.map((part) => ({ ...part, tags: tagsOf(part.tags) }));
  const { difference, causes } = splitOf(read);
  const resource = causes.find(({ kind }) => kind === 'resource')?.value;
  const tags = read.find(({ resourceId }) => resourceId === resource)?.tags ?? null;
  const accountId = key['account'];
  return {
    causes,
    against: {
      start: beforeStart.slice(0, 10),
      end: beforeEnd.slice(0, 10),
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

function iso(at: number): string {
  return new Date(at).toISOString();
}
