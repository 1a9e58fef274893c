/** A source of chance with a seed: the same seed gives the same choices. */
export interface Random {
  /** From 0 to before 1. */
  next(): number;
  /** An integer from 0 to before `n`. */
  below(n: number): number;
  chance(p: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** One of a list that may be empty; null then. */
  any<T>(list: readonly T[]): T | null;
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state are enough for a few hundred choices. */
export function randomFrom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    next,
    below,
    chance: (p) => next() < p,
    pick: (list) => list[below(list.length)] ?? list[0],
    any: (list) => list[below(list.length)] ?? null,
  };
}
