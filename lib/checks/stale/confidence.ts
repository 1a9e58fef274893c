/** A count in a population: the likeliest, and the least and most that agree with what was drawn. */
export interface CountRange {
  readonly likeliest: number;
  readonly least: number;
  readonly most: number;
}

/** Each tail: with both, an interval that holds the truth in 95 of 100 samples or more. */
const TAIL = 0.025;

/**
 * How many of `population` things are so, when `hits` of `size` things that were drawn evenly and without putting
 * any back are so. The exact interval of the hypergeometric distribution (Buonaccorsi, "A note on confidence
 * intervals for proportions in finite populations", The American Statistician 41, 1987): every count for which as
 * many or more, and as few or less, are no rarer than 2.5%. With everything drawn it is the count itself.
 * @param effect how many times the variance of single draws that of this one is: it then tells as much as a sample
 *   that is smaller by that, of a population that is (Korn and Graubard, "Confidence intervals for proportions with
 *   small expected number of positive counts estimated from survey data", Survey Methodology 24, 1998)
 */
export function countRange(population: number, size: number, hits: number, effect = 1): CountRange {
  const all = Math.max(population, size);
  if (effect > 1 && size > 0 && size < all) return widened(all, size, hits, effect);
  if (size <= 0) return { likeliest: 0, least: 0, most: all };
  const lowest = hits;
  const highest = all - (size - hits);
  return {
    likeliest: Math.min(Math.max(Math.round((hits / size) * all), lowest), highest),
    least: first(lowest, highest, (count) => 1 - below(all, count, size, hits) >= TAIL),
    most: last(lowest, highest, (count) => below(all, count, size, hits + 1) >= TAIL),
  };
}

function widened(all: number, size: number, hits: number, effect: number): CountRange {
  const few = Math.max(Math.floor(size / effect), 1);
  const of = Math.max(Math.round(all / effect), few);
  const { least } = countRange(of, few, Math.min(Math.floor(hits / effect), few));
  const { most } = countRange(of, few, Math.min(Math.ceil(hits / effect), few));
  const { likeliest } = countRange(all, size, hits);
  return {
    likeliest,
    least: Math.min(Math.max(Math.floor((least / of) * all), hits), likeliest),
    most: Math.max(Math.min(Math.ceil((most / of) * all), all - (size - hits)), likeliest),
  };
}

/** Least `n` of [from, to] that fulfils what holds from some number on. */
function first(from: number, to: number, holds: (n: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Greatest `n` of [from, to] that fulfils what holds up to some number. */
function last(from: number, to: number, holds: (n: number) => boolean): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** P(fewer than `hits` of `size` drawn are so) when `count` of `all` are. */
function below(all: number, count: number, size: number, hits: number): number {
  const least = Math.max(0, size - (all - count));
  const most = Math.min(size, count);
  if (hits <= least) return 0;
  if (hits > most) return 1;
  const others = all - count - size;
  const chance = (n: number) =>
    Math.exp(choose(count, n) + choose(all - count, size - n) - choose(all, size));
  const mode = Math.floor(((size + 1) * (count + 1)) / (all + 2));
  // Away from the mode terms only fall: few are added up, each from the one before, and what is small stays exact.
  let sum = 0;
  if (hits - 1 <= mode) {
    let term = chance(hits - 1);
    for (let n = hits - 1; n >= least && term > sum * SPENT; n -= 1) {
      sum += term;
      term *= (n / (count - n + 1)) * ((others + n) / (size - n + 1));
    }
    return Math.min(sum, 1);
  }
  let term = chance(hits);
  for (let n = hits; n <= most && term > sum * SPENT; n += 1) {
    sum += term;
    term *= ((count - n) / (n + 1)) * ((size - n) / (others + n + 1));
  }
  return Math.max(1 - sum, 0);
}

/** What is left adds nothing that a double holds. */
const SPENT = 1e-17;

/** Natural logarithm of `n` choose `k`. */
function choose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

const SMALL = 256;
const LOG_FACTORIALS = [0];
for (let n = 1; n < SMALL; n += 1) LOG_FACTORIALS.push((LOG_FACTORIALS[n - 1] ?? 0) + Math.log(n));

/** Stirling's series (NIST Digital Library of Mathematical Functions, 5.11.1); four terms are exact to a double from 256 on. */
function logFactorial(n: number): number {
  const known = LOG_FACTORIALS[n];
  if (known !== undefined) return known;
  const x = n + 1;
  return (
    (x - 0.5) * Math.log(x) -
    x +
    0.5 * Math.log(2 * Math.PI) +
    1 / (12 * x) -
    1 / (360 * x ** 3) +
    1 / (1260 * x ** 5)
  );
}

/** z of a normal distribution with 2.5% on either side. */
const Z = 1.959963984540054;

/**
 * The least share that agrees with `hits` of `size`, when what they were drawn from is not known in size: the lower
 * end of Wilson's score interval at 95% (Wilson, "Probable inference, the law of succession, and statistical
 * inference", Journal of the American Statistical Association 22, 1927). 0 for nothing drawn.
 */
export function leastShare(size: number, hits: number): number {
  if (size <= 0) return 0;
  const share = hits / size;
  const square = Z * Z;
  const middle = share + square / (2 * size);
  const half = Z * Math.sqrt((share * (1 - share)) / size + square / (4 * size * size));
  return Math.max((middle - half) / (1 + square / size), 0);
}
