import type { Resource } from '../estate/model.ts';
import type { Money } from '../focus/money.ts';
import { awsAsks } from '../focus/prices/aws.ts';
import { gcpAsks } from '../focus/prices/gcp.ts';
import { type ListCost, type ListPrice, listCost, type Priced, priceIndex } from '../focus/prices/model.ts';
import type { BillDetail, Evidence, Facts } from './model.ts';

/** What a resource would cost a month at list prices, where no bill tells what it does cost. */
export interface Estimate {
  readonly cost: Money;
  /** All that a stop can save; null where commitments, or a bill that was not read whole, may have a part in it. */
  readonly saving: Money | null;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
}

type Bills = Pick<Facts, 'billDetail' | 'listPrices' | 'coverage'>;

/** Estimates resources by list prices, and only those of accounts whose bill names no resource. */
export class Estimates {
  readonly #prices: ReadonlyMap<string, ListPrice>;
  readonly #accounts: ReadonlyMap<string, readonly BillDetail[]>;
  readonly #sources: ReadonlyMap<string, Pick<BillDetail, 'resourceIds' | 'commitments'>>;
  /** Bills that were not read whole, by scope. */
  readonly #gaps: readonly string[];

  constructor({ billDetail = [], listPrices = [], coverage }: Bills) {
    this.#prices = priceIndex(listPrices);
    this.#accounts = Map.groupBy(billDetail, accountKey);
    this.#sources = bySource(billDetail);
    this.#gaps = coverage
      .filter(({ scope, status }) => scope.startsWith('bill:') && status !== 'complete')
      .map(({ scope }) => scope);
  }

  /** Null where a bill names the resources of its account, or no list price of it is known. */
  of(resource: Resource): Estimate | null {
    if (this.#prices.size === 0) return null;
    const bills = this.#accounts.get(accountKey(resource)) ?? [];
    // One row with a resource's id anywhere in a bill shows that it would name this one, too, were it charged.
    const told = bills.map(({ source }) => this.#sources.get(source));
    if (told.some((each) => each?.resourceIds)) return null;
    const priced = asksOf(resource);
    const sum = 'unpriced' in priced ? null : listCost(priced.asks, this.#prices);
    if (sum === null || 'unpriced' in priced) return null;
    const doubt =
      bills.length === 0
        ? 'no bill of its account is read'
        : this.#gaps.length > 0
          ? `${this.#gaps.join(', ')} was not read whole`
          : told.some((each) => each?.commitments)
            ? 'commitments have a part in the bill of its account'
            : null;
    return {
      cost: sum.total,
      saving: doubt === null ? sum.total : null,
      evidence: evidenceOf(sum),
      blindSpots: [
        `Estimated at list prices, since ${bills.length === 0 ? 'no bill of its account is read' : 'the bill of its account names no resources'}: discounts, credits and hours that it did not run are not in it.`,
        ...priced.leavesOut.map((what) => `Not in the estimate: ${what}.`),
        ...(doubt === null ? [] : [`How far the bill would fall is not told: ${doubt}.`]),
      ],
    };
  }
}

function asksOf(resource: Resource): Priced {
  if (resource.provider === 'aws') return awsAsks(resource);
  return resource.provider === 'gcp'
    ? gcpAsks(resource)
    : { unpriced: 'no list prices of its provider are asked' };
}

function evidenceOf({ total, lines }: ListCost): Evidence[] {
  return [
    { name: LIST_COST, value: total.amount, unit: total.currency, window: 'P1M', source: 'list prices' },
    ...lines.map(({ ask, price, cost }) => ({
      name: `${ask.quantity} ${ask.unit}s of ${ask.usage}`,
      value: cost,
      unit: price.currency,
      window: 'P1M',
      source: `price list of ${price.service}, ${price.region}, SKU ${price.sku}: ${price.tiers.map(tierText).join(', ')} ${price.currency} a ${price.unit}${price.effective === null ? '' : `, since ${price.effective.slice(0, 10)}`}, asked ${price.asOf.slice(0, 10)}`,
    })),
  ];
}

/** The name of the evidence that holds an estimate's sum. */
export const LIST_COST = 'cost of a month at list prices';

function tierText({ from, price }: ListPrice['tiers'][number]): string {
  return from === '0' ? price : `${price} from ${from}`;
}

function accountKey({ provider, accountId }: Pick<BillDetail, 'provider' | 'accountId'>): string {
  return JSON.stringify([provider, accountId]);
}

/** A commitment that one account bought may cover another's, and a bill that names one account's resources names all. */
function bySource(
  details: readonly BillDetail[],
): Map<string, Pick<BillDetail, 'resourceIds' | 'commitments'>> {
  const sources = new Map<string, Pick<BillDetail, 'resourceIds' | 'commitments'>>();
  for (const { source, resourceIds, commitments } of details) {
    const known = sources.get(source);
    sources.set(source, {
      resourceIds: resourceIds || (known?.resourceIds ?? false),
      commitments: commitments || (known?.commitments ?? false),
    });
  }
  return sources;
}
