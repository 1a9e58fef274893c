/**
 * The first `most` items where amounts of several currencies compete, which no order can compare: the main
 * currency leads, up to two other currencies keep one place each, and what one leaves free the next ones take.
 */
export function topByCurrency<T extends { readonly currency: string }>(
  ranked: readonly T[],
  most: number,
  mainCurrency: string,
): T[] {
  const groups = [...Map.groupBy(ranked, ({ currency }) => currency)]
    .toSorted(([a], [b]) => order(a, mainCurrency) - order(b, mainCurrency) || (a < b ? -1 : 1))
    .map(([, items]) => items);
  const kept = Math.min(Math.max(groups.length - 1, 0), 2, Math.max(most - 1, 0));
  const taken = groups.map((items, at) =>
    at === 0 ? Math.min(items.length, most - kept) : at <= kept ? Math.min(items.length, 1) : 0,
  );
  let free = most - taken.reduce((sum, count) => sum + count, 0);
  for (const [at, items] of groups.entries()) {
    const more = Math.min(free, items.length - (taken[at] ?? 0));
    taken[at] = (taken[at] ?? 0) + more;
    free -= more;
  }
  return groups.flatMap((items, at) => items.slice(0, taken[at] ?? 0));
}

function order(currency: string, mainCurrency: string): number {
  return currency === mainCurrency ? 0 : 1;
}
