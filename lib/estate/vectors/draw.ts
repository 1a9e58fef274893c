import type { VectorKey } from './compare.ts';
import { identityOf } from './compare.ts';
import { hashOf } from './keys.ts';

interface Drawn {
  readonly hash: string;
  readonly vector: VectorKey;
}

/**
 * Draws those vectors that have the smallest hashes of their keys from all that are given, so that the same ones are
 * drawn in every look and in every index. Vectors of one key are drawn together or not at all: copies show. Those
 * without a key are drawn by where they stand, so that their part stays what it is.
 */
export class Draw {
  readonly #most: number;
  readonly #by: 'key' | 'place';
  #drawn: Drawn[] = [];
  /** Hashes from here on were left out once, and stay out. */
  #bound: string | null = null;
  #given = 0;

  /**
   * @param most how many are drawn at most
   * @param by `place` draws each vector by where it stands, whatever key it has: one by one
   */
  constructor(most: number, by: 'key' | 'place' = 'key') {
    this.#most = most;
    this.#by = by;
  }

  add(vector: VectorKey): void {
    const known = this.#by === 'key' ? identityOf(vector) : null;
    const hash = known ?? hashOf(`vector ${this.#given} of ${vector.source ?? ''}`);
    this.#given += 1;
    if (this.#bound !== null && hash >= this.#bound) return;
    this.#drawn.push({ hash, vector });
    if (this.#drawn.length >= this.#most * 2) this.#cut();
  }

  /** All vectors that were given so far. */
  get given(): number {
    return this.#given;
  }

  /**
   * What was drawn, vectors of one key one after the other; fewer than `most` where those of one key do not fit wholly,
   * none where none do.
   */
  result(): VectorKey[] {
    this.#cut();
    return this.#drawn.toSorted(byHash).map(({ vector }) => vector);
  }

  #cut(): void {
    if (this.#drawn.length <= this.#most) return;
    const sorted = this.#drawn.toSorted(byHash);
    const bound = sorted[this.#most]?.hash ?? null;
    this.#bound = bound;
    this.#drawn = sorted.filter(({ hash }) => bound === null || hash < bound);
  }
}

function byHash(a: Drawn, b: Drawn): number {
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0;
}
