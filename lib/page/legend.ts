/** Of one key beside its name, and from one to the next, CSS pixels, as the library draws them. */
const KEY = 30;
const GAP = 10;
/** Widest mean of a character at 12 pixels. */
const LETTER = 7;
const ROW = 24;

/** CSS pixels that a legend of these names takes in a picture of that width: what wraps must not lie on the axis. */
export function legendHeight(names: readonly string[], width: number): number {
  let rows = 1;
  let taken = 0;
  for (const name of names) {
    const own = KEY + name.length * LETTER + GAP;
    if (taken > 0 && taken + own > width) {
      rows += 1;
      taken = 0;
    }
    taken += own;
  }
  return rows * ROW;
}
