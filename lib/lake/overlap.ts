import { providerOf } from '../focus/provider.ts';
import type { Extent, Manifest } from './manifest.ts';
import { isCostExplorer, isExport } from './precedence.ts';

interface Held {
  readonly sourceId: string;
  readonly source: Manifest;
  readonly period: string;
  readonly extent: Extent;
}

/**
 * Sentences about charges that lie in this source and in another: the same provider, account and billing period
 * with charge periods that overlap. Two exports of one account double its cost, and nothing in the rows tells
 * which is the spare one, so it is said and left to a person. Either of the two says it in the same words.
 */
export function overlaps(source: Manifest, others: readonly Manifest[]): string[] {
  const mine = new Map<string, Held[]>();
  for (const held of extentsOf(source)) {
    const key = keyOf(held);
    mine.set(key, [...(mine.get(key) ?? []), held]);
  }
  const found = new Map<
    string,
    { other: string; provider: string; periods: Set<string>; accounts: Set<string> }
  >();
  for (const manifest of others)
    for (const held of extentsOf(manifest)) {
      const twins = mine.get(keyOf(held)) ?? [];
      const twin = twins.find(
        (each) =>
          each.extent.start < held.extent.end &&
          held.extent.start < each.extent.end &&
          !areSettled(each, held) &&
          !areOfTwoPayers(each, held),
      );
      if (twin === undefined) continue;
      // Bills spell a provider in their own way: the same one is told, whichever of the two speaks.
      const provider = [twin.extent.provider, held.extent.provider].toSorted()[0] ?? '';
      const key = JSON.stringify([held.sourceId, provider]);
      const entry = found.get(key) ?? {
        other: held.sourceId,
        provider,
        periods: new Set<string>(),
        accounts: new Set<string>(),
      };
      entry.periods.add(held.period);
      entry.accounts.add(accountOf(held.extent));
      found.set(key, entry);
    }
  return [...found.values()].map(
    ({ other, provider, periods, accounts }) =>
      `${[source.sourceId, other].toSorted().join(' and ')} both hold ${provider} charges of ${some(accounts, 'account')} in ` +
      `${some(periods, 'period')}: their cost is counted twice unless one of them is removed`,
  );
}

/** Cost Explorer and an export of one payer: one of them is left out (precedence.ts). */
function areSettled(a: Held, b: Held): boolean {
  const samePayer = a.extent.billingAccount === b.extent.billingAccount;
  return (
    samePayer &&
    ((isCostExplorer(a.source) && isExport(b.source)) || (isExport(a.source) && isCostExplorer(b.source)))
  );
}

/**
 * Charges of an AWS account on the bills of two payers are two charges: it moved from one to the other. Only
 * Cost Explorer asked by a linked account names that account for the payer, whoever pays.
 */
function areOfTwoPayers(a: Held, b: Held): boolean {
  const payers = [a, b].map(({ extent }) => extent.billingAccount);
  if (payers.includes('') || payers[0] === payers[1]) return false;
  if (![a, b].every(({ source }) => isExport(source) || isCostExplorer(source))) return false;
  return ![a, b].some(
    ({ source, extent }) => isCostExplorer(source) && extent.billingAccount === extent.subAccount,
  );
}

function extentsOf(manifest: Manifest): Held[] {
  return manifest.periods.flatMap(({ period, current }) =>
    (current?.extents ?? []).map((extent) => ({
      sourceId: manifest.sourceId,
      source: manifest,
      period,
      extent,
    })),
  );
}

function accountOf(extent: Extent): string {
  return extent.subAccount === '' ? extent.billingAccount : extent.subAccount;
}

function keyOf({ period, extent }: Held): string {
  const provider = providerOf(extent.provider);
  const name = provider === 'other' ? extent.provider.toLowerCase() : provider;
  return JSON.stringify([name, accountOf(extent), period]);
}

function some(names: ReadonlySet<string>, what: string): string {
  const sorted = [...names].toSorted();
  return sorted.length > 3
    ? `${sorted.length} ${what}s (${sorted.slice(0, 3).join(', ')}, ...)`
    : `${what}${sorted.length === 1 ? '' : 's'} ${sorted.join(', ')}`;
}
