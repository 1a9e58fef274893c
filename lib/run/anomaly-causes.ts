import { type Cause, splitOf } from '../analysis/anomalies/cause.ts';
import type { Placed } from '../analysis/anomalies/merge.ts';
import type { Owner } from '../checks/model.ts';
import { type Money, money } from '../focus/money.ts';
import { type ExcessPart, excessName } from '../lake/queries/excess.ts';
import { whereParam } from '../lake/queries/spend-by.ts';
import type { Auditor } from './auditor.ts';

const DAY = 86_400_000;

/** Why, as far as the bills tell. */
export interface Explained {
  /** What of it moved most against as many days before it, weekday by weekday; empty where nothing makes up half. */
  readonly causes: readonly Cause[];
  /** The days before that causes are told against; null where none were looked for. */
  readonly against: { readonly start: string; readonly end: string; readonly difference: Money } | null;
  readonly owner: Owner | null;
}

/** Looks for what moved most, and who answers for it. */
export async function explained(
  { key, source, currency, anomaly }: Placed,
  { lake, ownerOf }: Pick<Auditor, 'lake' | 'ownerOf'>,
  sources: readonly string[] | null,
): Promise<Explained> {
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

function iso(at: number): string {
  return new Date(at).toISOString();
}
