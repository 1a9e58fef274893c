import { Decimal, decimal, decimalText } from './decimal.ts';

/** An amount as the JSON contract writes it: a plain decimal text and its ISO 4217 (or virtual) currency. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

export function money(amount: Decimal | string, currency: string): Money {
  return { amount: decimalText(typeof amount === 'string' ? decimal(amount) : amount), currency };
}

export function zero(currency: string): Money {
  return { amount: '0', currency };
}

/** Sum of amounts of one currency; throws where two currencies meet, since they are never added. */
export function addMoney(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return money(decimal(a.amount).plus(decimal(b.amount)), a.currency);
}

export function subtractMoney(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return money(decimal(a.amount).minus(decimal(b.amount)), a.currency);
}

/** `a` times a plain factor (a share, a number of hours), rounded half-even to 18 places. */
export function timesMoney(a: Money, factor: Decimal | number | string): Money {
  return money(decimal(a.amount).times(new Decimal(factor)), a.currency);
}

export function compareMoney(a: Money, b: Money): number {
  sameCurrency(a, b);
  return decimal(a.amount).comparedTo(decimal(b.amount));
}

/** Totals by currency, in the order of their names. */
export function sumByCurrency(amounts: Iterable<Money>): Money[] {
  const totals = new Map<string, Decimal>();
  for (const { amount, currency } of amounts)
    totals.set(currency, (totals.get(currency) ?? new Decimal(0)).plus(decimal(amount)));
  return [...totals]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, total]) => money(total, currency));
}

/** Those of the main currency first, then the others by name; those of one currency stay in their order. */
export function mainFirst<T extends { readonly currency: string }>(rows: readonly T[], main: string): T[] {
  return rows.toSorted(
    (a, b) =>
      Number(a.currency !== main) - Number(b.currency !== main) ||
      (a.currency === b.currency ? 0 : a.currency < b.currency ? -1 : 1),
  );
}

function sameCurrency(a: Money, b: Money): void {
  if (a.currency !== b.currency)
    throw new RangeError(`${a.currency} and ${b.currency} cannot be added or compared`);
}
