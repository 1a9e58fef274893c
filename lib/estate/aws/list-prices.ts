import { GetProductsCommand, type PricingClient } from '@aws-sdk/client-pricing';
import pLimit from 'p-limit';
import { z } from 'zod';
import { decimal, decimalText, parseDecimal } from '../../focus/decimal.ts';
import { awsAsks } from '../../focus/prices/aws.ts';
import {
  type ListPrice,
  onePrice,
  type PriceName,
  type PriceTier,
  priceKey,
} from '../../focus/prices/model.ts';
import { awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { AskedPrices, PriceList } from '../list-prices.ts';
import type { Resource } from '../model.ts';

export const LIST_PRICES_PERMISSION: Permission = {
  cloud: 'aws',
  action: 'pricing:GetProducts',
  why: 'reads list prices, where no bill tells what each resource costs',
};

/** The scope of list prices in coverage. */
export const AWS_LIST_PRICES = 'list-prices:aws';

/**
 * Where the price list of AWS is asked, whatever region the prices are of (Billing user guide, "Using the AWS Price
 * List Query API", endpoints; read in November 2026). It has its own price list and endpoint in China, and none in
 * GovCloud.
 */
export const PRICE_LIST_REGION = 'us-east-1';

/** "GetProducts: token bucket size 10, refill rate 5 a second" (same page, quotas). */
const AT_ONCE = 5;

/**
 * List prices of AWS, each asked once while this lives: many accounts run the same types. A name that the list
 * does not have, or has with several prices, has none here; what AWS refuses is a failed scope, never a price.
 */
export class AwsListPrices implements PriceList {
  readonly #client: PricingClient;
  readonly #limit = pLimit(AT_ONCE);
  readonly #asked = new Map<string, Promise<ListPrice | null>>();

  constructor(client: PricingClient) {
    this.#client = client;
  }

  /** Prices of what these resources are charged by the month or the hour. */
  async of(resources: readonly Resource[], now: Date, meter: Meter): Promise<AskedPrices> {
    const names = new Map<string, PriceName>();
    for (const resource of resources) {
      const priced = awsAsks(resource);
      if ('asks' in priced) for (const ask of priced.asks) names.set(priceKey(ask), ask);
    }
    const faults = new Set<string>();
    const prices = await Promise.all(
      [...names].map(async ([key, name]) => {
        try {
          return await this.#price(key, name, now, meter);
        } catch (error) {
          if (!(error instanceof BursarError)) throw error;
          faults.add(error.told);
          return null;
        }
      }),
    );
    const found = prices.filter((price) => price !== null);
    return {
      prices: found,
      coverage: {
        scope: AWS_LIST_PRICES,
        status: faults.size === 0 ? 'complete' : found.length === 0 ? 'failed' : 'partial',
        reason: faults.size === 0 ? null : [...faults].join('\n'),
        asOf: now.toISOString(),
      },
    };
  }

  #price(key: string, name: PriceName, now: Date, meter: Meter): Promise<ListPrice | null> {
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#limit(() => this.#ask(name, now, meter)).catch((error: unknown) => {
        this.#asked.delete(key);
        throw error;
      });
      this.#asked.set(key, asked);
    }
    return asked;
  }

  async #ask(name: PriceName, now: Date, meter: Meter): Promise<ListPrice | null> {
    const pages = awsPages(
      { action: LIST_PRICES_PERMISSION.action, where: AWS_LIST_PRICES, meter },
      (token) =>
        this.#client.send(
          new GetProductsCommand({
            ServiceCode: name.service,
            Filters: [
              { Type: 'TERM_MATCH', Field: 'regionCode', Value: name.region },
              { Type: 'CONTAINS', Field: 'usagetype', Value: name.usage },
            ],
            FormatVersion: 'aws_v1',
            MaxResults: 100,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        ),
    );
    const found: ListPrice[] = [];
    for await (const { PriceList } of pages)
      for (const text of PriceList ?? []) {
        // The client gives objects that are texts of JSON.
        const price = priceOf(String(text), name, now);
        if (price !== null) found.push(price);
      }
    return onePrice(found);
  }
}

/** A product as GetProducts gives it: JSON in a text (API reference, GetProducts, example of `aws_v1`). */
const product = z.object({
  product: z.object({ sku: z.string(), attributes: z.record(z.string(), z.unknown()) }),
  terms: z.unknown(),
});

const onDemand = z.object({
  OnDemand: z
    .record(
      z.string(),
      z.object({
        effectiveDate: z.iso.datetime({ offset: true }),
        priceDimensions: z.record(
          z.string(),
          z.object({
            unit: z.string(),
            beginRange: z.string(),
            pricePerUnit: z.record(z.string(), z.string()),
          }),
        ),
      }),
    )
    .default({}),
});

type Term = z.output<typeof onDemand>['OnDemand'][string];

/** The price of a product, where it is the one that was asked for; null for any other, and for what is not sold now. */
function priceOf(text: string, name: PriceName, now: Date): ListPrice | null {
  const { product: sold, terms } = fitted(product, parsed(text));
  if (!isAskedFor(sold.attributes, name)) return null;
  const term = current(Object.values(fitted(onDemand, terms).OnDemand), now);
  if (term === null) return null;
  const dimensions = Object.values(term.priceDimensions);
  const units = new Set(dimensions.map(({ unit }) => unit));
  const currencies = new Set(dimensions.flatMap(({ pricePerUnit }) => Object.keys(pricePerUnit)));
  const [unit] = units;
  const [currency] = currencies;
  if (unit === undefined || currency === undefined || units.size > 1 || currencies.size > 1)
    throw misfit(
      `${sold.sku} has units ${[...units].join(', ')} and currencies ${[...currencies].join(', ')}`,
    );
  const tiers = dimensions
    .map(
      ({ beginRange, pricePerUnit }): PriceTier => ({
        from: plain(beginRange),
        price: plain(pricePerUnit[currency]),
      }),
    )
    .toSorted((a, b) => decimal(a.from).comparedTo(decimal(b.from)));
  return {
    ...named(name),
    sku: sold.sku,
    unit,
    currency,
    tiers,
    effective: term.effectiveDate,
    asOf: now.toISOString(),
  };
}

/**
 * Prefix of a region in a usage type: `USE1-`, `APN1-`, Ireland's `EU-`; that of us-east-1 is often left out ("AWS
 * Region billing codes", AWS Global Infrastructure; read in November 2026). `TS-LoadBalancerUsage` is another thing.
 */
const PREFIX = /^(?:EU|[A-Z]{2,4}\d)-/;

function isAskedFor(attributes: Readonly<Record<string, unknown>>, { usage, operation }: PriceName): boolean {
  const { usagetype, locationType, operation: done } = attributes;
  return (
    typeof usagetype === 'string' &&
    (usagetype === usage || usagetype.replace(PREFIX, '') === usage) &&
    (operation === null || done === operation) &&
    // Local Zones and Outposts of the same region have prices of their own.
    locationType === 'AWS Region'
  );
}

/** The newest of the terms that hold already. */
function current(terms: readonly Term[], now: Date): Term | null {
  const begun = terms.filter(({ effectiveDate }) => Date.parse(effectiveDate) <= now.getTime());
  const [newest] = begun.toSorted((a, b) => Date.parse(b.effectiveDate) - Date.parse(a.effectiveDate));
  return newest ?? null;
}

function named({ provider, region, service, usage, operation }: PriceName): PriceName {
  return { provider, region, service, usage, operation };
}

/** `0.0450000000` as `0.045`. */
function plain(text: string | undefined): string {
  const amount = parseDecimal(text ?? '');
  if (!amount.ok) throw misfit(`an amount is ${amount.reason}`);
  return decimalText(amount.value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw misfit('a product is no JSON', cause);
  }
}

function fitted<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw misfit(z.prettifyError(result.error), result.error);
  return result.data;
}

function misfit(what: string, cause?: unknown): BursarError {
  return new BursarError('unavailable', `the price list is not as it is documented: ${what}`, {
    where: AWS_LIST_PRICES,
    hint: 'Run again, and report it if it stays: nothing is estimated meanwhile.',
    ...(cause === undefined ? {} : { cause }),
  });
}
