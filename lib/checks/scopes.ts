import { type Coverage, isWhole, partsOf } from '../platform/coverage.ts';

/** Facts older than this cannot speak of now: two daily collections may fail, not more. */
const FRESH = 48 * 3_600_000;

/** Looks up how well a scope was read. A scope that coverage does not name was not looked at. */
export class Scopes {
  readonly #byName = new Map<string, Coverage[]>();

  constructor(coverage: readonly Coverage[]) {
    for (const entry of coverage) {
      const former = this.#byName.get(entry.scope);
      if (former === undefined) this.#byName.set(entry.scope, [entry]);
      else former.push(entry);
    }
  }

  has(scope: string): boolean {
    return this.#byName.has(scope);
  }

  /**
   * Was it read whole? Where two entries speak of one scope, both must say so.
   * @param name a scope, or `scope#dataset`.
   */
  complete(name: string): boolean {
    const [scope, dataset] = partsOf(name);
    return this.#byName.get(scope)?.every((entry) => isWhole(entry, dataset)) ?? false;
  }

  /** Up to when the scope's data speaks, in milliseconds: the earliest of its entries; null where one does not say. */
  asOf(scope: string): number | null {
    const times = (this.#byName.get(scope) ?? []).map(({ asOf }) => Date.parse(asOf ?? ''));
    return times.length === 0 || times.some(Number.isNaN) ? null : Math.min(...times);
  }

  /** Up to when the scope's data speaks, where that is late enough to speak of `now`; null where it is not. */
  lately(scope: string, now: Date): number | null {
    const asOf = this.asOf(scope);
    return asOf !== null && now.getTime() - asOf <= FRESH ? asOf : null;
  }
}
