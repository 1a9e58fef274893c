import { type Decimal, decimal } from '../focus/decimal.ts';
import { type Amounts, addAmount } from './cost.ts';
import type { Identities } from './identity.ts';
import type { Facts, TagSpend } from './model.ts';
import { isUntaggable, keysInBill, type RequiredKeys, taggedRows } from './tagging.ts';
import { ANY_TAG, missingKeys } from './tags.ts';

/** A resource as the lines of the bill show it. */
export interface BilledResource {
  readonly row: TagSpend;
  readonly id: string;
  readonly inInventory: boolean;
  /** Keys that every line of it lacks. */
  missing: readonly string[];
  /** The lines that lack a key. */
  readonly lacking: TagSpend[];
  /** Scopes of the bills that name it, each once. */
  readonly sources: string[];
}

/** Lines of the bill that lack one key. */
export interface Group {
  readonly row: TagSpend;
  readonly key: string;
  readonly sources: Set<string>;
  readonly ids: Set<string>;
}

/** What the bill shows of missing keys. */
export interface Billed {
  readonly resources: Map<string, BilledResource>;
  /** Lines without a resource, by account, service and key; and keys that are not activated, by account. */
  readonly lines: Map<string, Group>;
  readonly unactivated: Map<string, Group>;
  /** Sums of both by their id and currency. */
  readonly sums: Map<string, Map<string, Amounts>>;
}

/** Reads every line of the bill once. */
export function untaggedInBill(facts: Facts, given: RequiredKeys, identities: Identities): Billed {
  const billed: Billed = { resources: new Map(), lines: new Map(), unactivated: new Map(), sums: new Map() };
  const activated = keysInBill(facts.tagSpend);
  for (const { row, kind, missing, resource } of taggedRows(facts, given, identities)) {
    if (row.resourceId === null) {
      if (kind === 'untagged')
        for (const key of missing)
          group(billed, billed.lines, row, key, `account/${row.accountId}/service/${row.service}/tag/${key}`);
      continue;
    }
    if (row.tags === null || isUntaggable(row)) continue;
    const id = identities.canonical({ ...row, resourceId: row.resourceId }, resource);
    note(billed.resources, id, row, missing, resource !== null, kind === 'untagged');
    if (resource !== null && row.provider === 'aws')
      for (const key of missing)
        if (
          key !== ANY_TAG &&
          activated.get(row.source)?.has(key) !== true &&
          missingKeys(resource.provider, resource.tags, [key]).length === 0
        )
          group(billed, billed.unactivated, row, key, `account/${row.accountId}/tag/${key}`, id);
  }
  return billed;
}

function group(
  billed: Billed,
  groups: Map<string, Group>,
  row: TagSpend,
  key: string,
  groupId: string,
  resourceId?: string,
): void {
  const id = `${row.provider}\n${groupId}`;
  let found = groups.get(id);
  if (found === undefined) groups.set(id, (found = { row, key, sources: new Set(), ids: new Set() }));
  found.sources.add(`bill:${row.source}`);
  if (resourceId !== undefined) found.ids.add(resourceId);
  addAmount(billed.sums, id, row.currency, decimal(row.effective));
}

function note(
  resources: Map<string, BilledResource>,
  id: string,
  row: TagSpend,
  missing: readonly string[],
  inInventory: boolean,
  lacks: boolean,
): void {
  let found = resources.get(id);
  if (found === undefined) {
    found = { row, id, inInventory, missing, lacking: [], sources: [] };
    resources.set(id, found);
  } else if (found.missing.length > 0) found.missing = found.missing.filter((key) => missing.includes(key));
  const scope = `bill:${row.source}`;
  if (!found.sources.includes(scope)) found.sources.push(scope);
  if (lacks) found.lacking.push(row);
}

/** EffectiveCost of the lines that lack a key, by currency. */
export function lackingSums({ lacking }: BilledResource): ReadonlyMap<string, Decimal> {
  return effectiveSums(lacking);
}

/** EffectiveCost of lines, by currency. */
export function effectiveSums(lines: readonly TagSpend[]): ReadonlyMap<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const { currency, effective } of lines) {
    const former = sums.get(currency);
    sums.set(currency, former === undefined ? decimal(effective) : former.plus(decimal(effective)));
  }
  return sums;
}
