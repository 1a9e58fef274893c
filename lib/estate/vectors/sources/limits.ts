import type { VectorSources } from '../../model-vectors.ts';
import { Sources } from '../compare.ts';
import type { Listed } from '../documents.ts';

/** How much of a source is listed. */
export interface ListingLimits {
  /** Keys at most. */
  readonly keys: number;
  /** Milliseconds at most. */
  readonly milliseconds: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
}

/**
 * Ten million keys are held in 42 bytes each, in 55 where all of them have capitals or encoded characters, and in
 * 0.9 GB at the most while the tables grow (measured with Node 24; a function that collects has 2 GiB). A page of
 * 1,000 keys takes S3 some 0.1 s, so that in a function, which lives for 15 minutes (AWS Lambda Developer Guide,
 * "Lambda quotas"), the time ends a listing first.
 */
export const LISTING_LIMITS: ListingLimits = {
  keys: 10_000_000,
  milliseconds: 8 * 60_000,
  clock: () => performance.now(),
};

/** Fills a listing key by key, as far as the limits let it. */
export class Listing {
  readonly #sources: Sources;
  readonly #limits: ListingLimits;
  readonly #began: number;
  #given = 0;
  #why: string | null = null;

  constructor(kind: VectorSources['kind'], name: string, limits: ListingLimits) {
    this.#sources = new Sources(kind, name);
    this.#limits = limits;
    this.#began = limits.clock();
  }

  /** @returns false where it was the last that is taken, and there is more of it */
  add(key: string, modified: number | null, content: string | null): boolean {
    if (this.#why !== null) return false;
    if (this.#given >= this.#limits.keys) {
      this.#why = `it holds more than ${this.#limits.keys} keys`;
      return false;
    }
    this.#sources.add({ key, modified, content });
    this.#given += 1;
    return true;
  }

  /** Asked between two pages: is there time for another one? */
  hasTime(): boolean {
    if (this.#limits.clock() - this.#began >= this.#limits.milliseconds)
      this.#why ??= `${Math.round(this.#limits.milliseconds / 60_000)} minutes were not enough`;
    return this.#why === null;
  }

  /** @param listedAt when the listing began: what changed since may not be in it */
  result(listedAt: Date): Listed {
    const told = this.#sources.summary(listedAt.toISOString(), this.#why === null);
    return { sources: this.#sources, told, ...(this.#why === null ? {} : { why: this.#why }) };
  }
}
