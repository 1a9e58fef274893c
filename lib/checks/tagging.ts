import { z } from 'zod';
import type { Resource } from '../estate/model.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { identitiesOf } from './identity.ts';
import { hasEnded } from './jobs.ts';
import type { Facts, TagSpend } from './model.ts';
import { accountTags } from './ownership.ts';
import { ANY_TAG, bareKey, missingKeys } from './tags.ts';

/** Where a line of the bill belongs in the tag coverage; the five parts add up to the bill. */
export type Tagging = 'tagged' | 'untagged' | 'notActivated' | 'untaggable' | 'unknown';

/** Which keys every resource must carry. */
export interface RequiredKeys {
  readonly required?: readonly string[] | undefined;
  /** What counts where `required` is not set: the keys that dimensions and owners name. Not a config key. */
  readonly defaultRequired?: readonly string[] | undefined;
  /** Do tags of the account or project count for what lies in it? Left out: they do. */
  readonly inherit?: boolean | undefined;
}

/** The keys to look for; empty: at least one tag of the user's own. */
export function requiredKeys(settings: RequiredKeys): readonly string[] {
  return [...new Set(settings.required ?? settings.defaultRequired ?? [])];
}

const asked = new WeakMap<RequiredKeys, readonly string[]>();

/** The same, worked out once for all lines of a bill. */
function keysOf(settings: RequiredKeys): readonly string[] {
  let found = asked.get(settings);
  if (found === undefined) asked.set(settings, (found = requiredKeys(settings)));
  return found;
}

const given = z.object({
  required: z.array(z.string()).optional(),
  defaultRequired: z.array(z.string()).optional(),
  inherit: z.boolean().optional(),
});

/** The required keys among the settings of `untagged`; none where the check is off. */
export function requiredOf(settings: unknown): RequiredKeys {
  return settings === undefined ? {} : given.parse(settings);
}

/**
 * Can a user still tag it, in the clouds that we know? A run of a job that has ended is history: a tag helps the next
 * one. Rows of other providers are judged by their columns alone.
 */
export function isTaggable(resource: Resource): boolean {
  // Where a collector reads no tags, nobody knows whether there are any.
  if (resource.attributes['tagsUnknown'] === true) return false;
  const cloud = resource.provider === 'aws' || resource.provider === 'gcp' || resource.provider === 'azure';
  return cloud && !hasEnded(resource);
}

/**
 * Can nothing carry a tag for this charge? Taxes; credits, adjustments and purchases that belong to no
 * resource; and, without a resource, support plans and data transfer, which providers bill to the account.
 */
export function isUntaggable(row: TagSpend): boolean {
  if (row.chargeCategory === 'Tax') return true;
  if (row.resourceId !== null) return false;
  return (
    /^(Credit|Adjustment|Purchase)$/.test(row.chargeCategory) ||
    /\bsupport\b|data ?transfer|^bandwidth$/i.test(row.service)
  );
}

/** A line of the bill with what tag checks need to know of it. */
export interface TaggedRow {
  readonly row: TagSpend;
  readonly kind: Tagging;
  /** Required keys that the bill does not show; empty where it cannot tell. */
  readonly missing: readonly string[];
  /** The inventory's resource behind it. */
  readonly resource: Resource | null;
}

/**
 * Required keys that neither a thing nor its account or project carries. "At least one tag of the user's own" is
 * asked of the thing itself.
 */
export function missingHere(
  known: Facts['known'],
  { provider, accountId, tags }: Pick<Resource, 'provider' | 'accountId' | 'tags'>,
  wanted: RequiredKeys,
): string[] {
  const missing = missingKeys(provider, tags, keysOf(wanted));
  const inherited = wanted.inherit === false || missing.length === 0 ? null : accountTags(known, accountId);
  return inherited === null
    ? missing
    : missing.filter((key) => key === ANY_TAG || missingKeys(provider, inherited, [key]).length > 0);
}

/** Classifies every line of the bill, in one pass. */
export function* taggedRows(
  facts: Pick<Facts, 'resources' | 'tagSpend' | 'known'>,
  settings: RequiredKeys,
  identities = identitiesOf(facts.resources),
): Generator<TaggedRow> {
  const behind = identities.behind(facts.tagSpend);
  for (const [at, row] of facts.tagSpend.entries()) {
    const resource = behind[at] ?? null;
    const missing = row.tags === null ? [] : missingHere(facts.known, { ...row, tags: row.tags }, settings);
    yield { row, resource, missing, kind: kindOf(row, missing, resource) };
  }
}

function kindOf(row: TagSpend, missing: readonly string[], resource: Resource | null): Tagging {
  if (row.tags === null) return row.chargeCategory === 'Tax' ? 'untaggable' : 'unknown';
  if (missing.length === 0) return 'tagged';
  if (isUntaggable(row)) return 'untaggable';
  if (resource === null || missing.includes(ANY_TAG))
    return resource !== null && missingKeys(resource.provider, resource.tags, []).length === 0
      ? 'notActivated'
      : 'untagged';
  return missingKeys(resource.provider, resource.tags, missing).length === 0 ? 'notActivated' : 'untagged';
}

/** Keys that each source shows on at least one line: a key among these is activated there. */
export function keysInBill(tagSpend: readonly TagSpend[]): Map<string, Set<string>> {
  const bySource = new Map<string, Set<string>>();
  for (const { source, provider, tags } of tagSpend) {
    let keys = bySource.get(source);
    if (keys === undefined) bySource.set(source, (keys = new Set()));
    for (const key in tags) keys.add(bareKey(provider, key));
  }
  return bySource;
}

/** One currency of the tag coverage, EffectiveCost as decimal text. */
export type TaggingSummary = { readonly currency: string } & Readonly<Record<Tagging, string>>;

/**
 * Tag coverage of the bill by currency. The five parts add up exactly to the EffectiveCost of the window:
 * credits and refunds are part of it with their sign, currencies are never added. `tagged` carries every
 * required key, or lies in an account or project that does; `notActivated` carries them in the inventory, but the bill does not show them (not activated
 * as cost allocation tags, or tagged after the usage); `unknown` comes from a source that tells no tags.
 */
export function taggingSummary(
  facts: Pick<Facts, 'resources' | 'tagSpend' | 'known'>,
  settings: RequiredKeys,
): TaggingSummary[] {
  const totals = new Map<string, Record<Tagging, Decimal>>();
  for (const { row, kind } of taggedRows(facts, settings)) {
    let sums = totals.get(row.currency);
    if (sums === undefined) {
      const zero = new Decimal(0);
      sums = { tagged: zero, untagged: zero, notActivated: zero, untaggable: zero, unknown: zero };
      totals.set(row.currency, sums);
    }
    sums[kind] = sums[kind].plus(decimal(row.effective));
  }
  return [...totals]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, sums]) => ({
      currency,
      tagged: decimalText(sums.tagged),
      untagged: decimalText(sums.untagged),
      notActivated: decimalText(sums.notActivated),
      untaggable: decimalText(sums.untaggable),
      unknown: decimalText(sums.unknown),
    }));
}
