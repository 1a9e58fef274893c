import type { SampleCounts } from '../model-vectors.ts';

/** Counts for which a range is told. */
const COUNTED = ['gone', 'outOfDate', 'duplicate'] as const;
export type Counted = (typeof COUNTED)[number];

/**
 * How much wider the ranges of counts are where vectors of one key were drawn together than if each had been drawn by
 * itself: the variance of the ratio of hits to vectors over the keys, divided by that of single draws ("design effect";
 * Kish, "Survey Sampling", 1965, 5.4 and 8.2). Vectors of one key have to come one after the other.
 */
export class Together {
  #before: Pick<SampleCounts, Counted> = { gone: 0, outOfDate: 0, duplicate: 0 };
  #key: string | null = null;
  #vectors = 0;
  #keys = 0;
  /** Sums over keys: vectors squared; and of each count, hits squared, and hits by vectors. */
  #squares = 0;
  readonly #hits = { gone: [0, 0], outOfDate: [0, 0], duplicate: [0, 0] } satisfies Record<
    Counted,
    [number, number]
  >;

  /** @param key null for a vector without one @param counts of all vectors before this one */
  add(key: string | null, counts: Pick<SampleCounts, Counted>): void {
    if (key === null || key !== this.#key) this.#end(counts);
    this.#key = key;
    this.#vectors += 1;
  }

  /** 1 and more of each count. @param size vectors that were drawn @param counts of all of them */
  effects(size: number, counts: Pick<SampleCounts, Counted>): Readonly<Record<Counted, number>> {
    this.#end(counts);
    const of = (name: Counted): number => {
      const share = counts[name] / size;
      const [squares, products] = this.#hits[name];
      const alone = size * share * (1 - share);
      // Where all are so or none is, nothing tells how they lie: as if those of a key were always alike.
      if (alone <= 0 || this.#keys < 2) return Math.max(this.#squares / size, 1);
      const spread = squares - 2 * share * products + share * share * this.#squares;
      return Math.max(((this.#keys / (this.#keys - 1)) * spread) / alone, 1);
    };
    return { gone: of('gone'), outOfDate: of('outOfDate'), duplicate: of('duplicate') };
  }

  #end(counts: Pick<SampleCounts, Counted>): void {
    if (this.#vectors > 0) {
      this.#keys += 1;
      this.#squares += this.#vectors ** 2;
      for (const name of COUNTED) {
        const hits = counts[name] - this.#before[name];
        this.#hits[name][0] += hits ** 2;
        this.#hits[name][1] += hits * this.#vectors;
      }
    }
    this.#vectors = 0;
    this.#key = null;
    this.#before = { gone: counts.gone, outOfDate: counts.outOfDate, duplicate: counts.duplicate };
  }
}
