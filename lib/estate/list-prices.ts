import type { ListPrice } from '../focus/prices/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { Meter } from '../platform/meter.ts';
import type { Resource, Snapshot } from './model.ts';

/** A provider's price list, as far as resources need it. */
export interface PriceList {
  /** Prices of what these resources are charged by; what is refused is told in coverage and never thrown. */
  of(resources: readonly Resource[], now: Date, meter: Meter): Promise<AskedPrices>;
}

/** What one look at the prices of some resources gave. */
export interface AskedPrices {
  readonly prices: readonly ListPrice[];
  readonly coverage: Coverage;
}

/** A snapshot with the list prices of what it holds. What of them could not be read is a scope of its own. */
export async function withListPrices(
  snapshot: Snapshot,
  list: PriceList,
  now: Date,
  meter: Meter,
): Promise<Snapshot> {
  // An empty snapshot of a scope that failed stays one that nothing was read for.
  if (snapshot.resources.length === 0) return snapshot;
  const { prices, coverage } = await list.of(snapshot.resources, now, meter);
  return {
    ...snapshot,
    listPrices: prices,
    coverage: coverage.status === 'complete' ? snapshot.coverage : [...snapshot.coverage, coverage],
  };
}
