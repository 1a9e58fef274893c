import { Decimal, decimalText } from '../focus/decimal.ts';
import type { Money } from '../focus/money.ts';

/** How often an API was called: `ce:GetCostAndUsage`, `compute.instances.aggregatedList`. */
export interface ApiCalls {
  readonly api: string;
  readonly count: number;
}

/** Counts the calls of a run and what the provider charges for them, for the audit's own cost. */
export class Meter {
  readonly #calls = new Map<string, number>();
  #usd = new Decimal(0);

  /** Counts one call (each page is one); `usd` is what the provider charges for it, as decimal text. */
  count(api: string, usd = '0'): void {
    this.#calls.set(api, (this.#calls.get(api) ?? 0) + 1);
    this.#usd = this.#usd.plus(usd);
  }

  /** Adds what another process counted (a collect function's report). */
  absorb(other: { amount: string; calls: readonly ApiCalls[] }): void {
    this.#usd = this.#usd.plus(other.amount);
    for (const { api, count } of other.calls) this.#calls.set(api, (this.#calls.get(api) ?? 0) + count);
  }

  /** What was counted since this was asked last, which is counted nowhere else. */
  drain(): ReturnType<Meter['total']> {
    const drained = this.total();
    this.#calls.clear();
    this.#usd = new Decimal(0);
    return drained;
  }

  total(): Money & { calls: ApiCalls[] } {
    const calls = [...this.#calls]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([api, count]) => ({ api, count }));
    return { amount: decimalText(this.#usd), currency: 'USD', calls };
  }
}
