import { Decimal, decimal, decimalText } from '../decimal.ts';
import { type Money, money } from '../money.ts';
import { MONTH_DAYS } from '../month.ts';

/** What a provider asks of everyone for one thing that it sells, as its price list had it on a day. */
export interface ListPrice extends PriceName {
  /** The provider's own id of what is sold. */
  readonly sku: string;
  /** The provider's own word: `Hrs`, `GB-Mo`, `h`, `GiBy.mo`. */
  readonly unit: string;
  readonly currency: string;
  /** In order of `from`; the first begins at 0 unless the list leaves what is below out. */
  readonly tiers: readonly PriceTier[];
  /** Since when the price holds (ISO-8601 UTC); null where the list does not say. */
  readonly effective: string | null;
  /** When the list was asked (ISO-8601 UTC). */
  readonly asOf: string;
}

/** What a price list calls a thing; of AWS, the same words that its bills have. */
export interface PriceName {
  readonly provider: 'aws' | 'gcp';
  readonly region: string;
  /** `AmazonEC2`, `Compute Engine` */
  readonly service: string;
  /** Usage type without the prefix of its region (`BoxUsage:g5.xlarge`), or a SKU's description. */
  readonly usage: string;
  /** `RunInstances:0002`; null where every operation has one price. */
  readonly operation: string | null;
}

/** From `from` units a month on (decimal text), each unit costs `price` (decimal text). */
export interface PriceTier {
  readonly from: string;
  readonly price: string;
}

/** One line of what a thing costs at list prices: so many units a month of something with a price. */
export interface PriceAsk extends PriceName {
  readonly unit: 'hour' | 'gibibyte-month' | 'gibibyte-hour';
  /** Units a month, decimal text. */
  readonly quantity: string;
}

/** What must be asked to price a thing, with what the sum leaves out; or why no list tells its price. */
export type Priced =
  | { readonly asks: readonly PriceAsk[]; readonly leavesOut: readonly string[] }
  | { readonly unpriced: string };

/** An estimate by list prices, with every line of its arithmetic. */
export interface ListCost {
  readonly total: Money;
  readonly lines: readonly { readonly ask: PriceAsk; readonly price: ListPrice; readonly cost: string }[];
}

/** Hours of a month at list prices: those of every month that is told, not the 730 of the AWS Pricing Calculator. */
export const HOURS_A_MONTH = 24 * MONTH_DAYS;

const UNITS: Readonly<Record<PriceAsk['unit'], ReadonlySet<string>>> = {
  // AWS writes `Hrs`, some services `hours`; Google `h` (PricingExpression.usageUnit).
  hour: new Set(['hrs', 'hr', 'hour', 'hours', 'h']),
  // AWS's GB of a month is one of 2^30 bytes ("Amazon EBS pricing"); Google writes `GiBy.mo`.
  'gibibyte-month': new Set(['gb-mo', 'gb-month', 'giby.mo']),
  'gibibyte-hour': new Set(['giby.h']),
};

/** One text for each name, so that names can be keys. */
export function priceKey({ provider, region, service, usage, operation }: PriceName): string {
  return JSON.stringify([provider, region, service, usage, operation]);
}

/** Prices by name, the newest of each. */
export function priceIndex(prices: readonly ListPrice[]): ReadonlyMap<string, ListPrice> {
  const index = new Map<string, ListPrice>();
  for (const price of prices) {
    const key = priceKey(price);
    const known = index.get(key);
    if (known === undefined || known.asOf < price.asOf) index.set(key, price);
  }
  return index;
}

/** The one price of a name that is listed several times; null where there is none, or they do not agree. */
export function onePrice(listed: readonly ListPrice[]): ListPrice | null {
  const [first] = listed.toSorted((a, b) => (a.sku < b.sku ? -1 : 1));
  if (first === undefined) return null;
  const terms = ({ unit, currency, tiers }: ListPrice) => JSON.stringify([unit, currency, tiers]);
  return listed.every((price) => terms(price) === terms(first)) ? first : null;
}

/**
 * What the asks cost a month at list prices. Null where one of them has no price, has one in another unit, or
 * two have prices in different currencies: a sum of what happens to be known is no estimate.
 */
export function listCost(asks: readonly PriceAsk[], prices: ReadonlyMap<string, ListPrice>): ListCost | null {
  const lines: ListCost['lines'][number][] = [];
  let total = new Decimal(0);
  let currency: string | null = null;
  for (const ask of asks) {
    const price = prices.get(priceKey(ask));
    if (price === undefined || !UNITS[ask.unit].has(price.unit.toLowerCase())) return null;
    if (currency !== null && price.currency !== currency) return null;
    currency = price.currency;
    const cost = tiered(decimal(ask.quantity), price.tiers);
    total = total.plus(cost);
    lines.push({ ask, price, cost: decimalText(cost) });
  }
  return currency === null ? null : { total: money(total, currency), lines };
}

/** Each unit costs what the tier says that it falls into. */
function tiered(quantity: Decimal, tiers: readonly PriceTier[]): Decimal {
  const sorted = tiers.toSorted((a, b) => decimal(a.from).comparedTo(decimal(b.from)));
  return sorted.reduce((sum, { from, price }, index) => {
    const next = sorted[index + 1];
    const end = next === undefined ? quantity : Decimal.min(quantity, decimal(next.from));
    return sum.plus(Decimal.max(end.minus(decimal(from)), 0).times(decimal(price)));
  }, new Decimal(0));
}
