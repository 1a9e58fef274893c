import type { Coverage } from '../platform/coverage.ts';

/** Looks up how well a scope was read. A scope that coverage does not name was not looked at. */
export class Scopes {
  readonly #byName = new Map<string, Coverage>();

  constructor(coverage: readonly Coverage[]) {
    const rank = { complete: 0, partial: 1, failed: 2, 'not-covered': 3 } as const;
    for (const entry of coverage) {
      const former = this.#byName.get(entry.scope);
      // Where two entries speak of one scope, the worse one counts.
      if (former === undefined || rank[entry.status] > rank[former.status])
        this.#byName.set(entry.scope, entry);
    }
  }

  has(scope: string): boolean {
    return this.#byName.has(scope);
  }

  complete(scope: string): boolean {
    return this.#byName.get(scope)?.status === 'complete';
  }

  /** Up to when the scope's data speaks, in milliseconds; null where coverage does not say. */
  asOf(scope: string): number | null {
    const text = this.#byName.get(scope)?.asOf;
    const time = text === undefined || text === null ? Number.NaN : Date.parse(text);
    return Number.isNaN(time) ? null : time;
  }
}
