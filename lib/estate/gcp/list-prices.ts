import type { CloudCatalogClient, protos } from '@google-cloud/billing';
import { Decimal, decimalText } from '../../focus/decimal.ts';
import { COMPUTE_ENGINE, gcpAsks, gcpUsage } from '../../focus/prices/gcp.ts';
import {
  type ListPrice,
  onePrice,
  type PriceName,
  type PriceTier,
  priceKey,
} from '../../focus/prices/model.ts';
import { BursarError } from '../../platform/errors.ts';
import { googleError } from '../../platform/google-errors.ts';
import { GOOGLE_RETRY, googlePages } from '../../platform/google-pages.ts';
import type { Meter } from '../../platform/meter.ts';
import type { AskedPrices, PriceList } from '../list-prices.ts';
import type { Resource } from '../model.ts';

/** The scope of list prices in coverage. */
export const GCP_LIST_PRICES = 'list-prices:gcp';

/** "Requested page size. Defaults to 5000" (cloud_catalog.proto, ListSkusRequest), which is also the most. */
const PAGE = 5000;
const CALL = 'cloudbilling.services.skus.list';

type Sku = protos.google.cloud.billing.v1.ISku;

/**
 * List prices of Compute Engine, in US dollars as the catalogue gives them unasked. The catalogue cannot be asked for
 * one SKU: the whole of it is read once while this lives, and what some resource may be charged by is kept.
 */
export class GcpListPrices implements PriceList {
  readonly #client: CloudCatalogClient;
  #asked: Promise<ReadonlyMap<string, readonly ListPrice[]>> | null = null;

  constructor(client: CloudCatalogClient) {
    this.#client = client;
  }

  /** Prices of what these resources are charged by. A name with several prices has none. */
  async of(resources: readonly Resource[], now: Date, meter: Meter): Promise<AskedPrices> {
    const names = new Set(
      resources.flatMap((resource) => {
        const priced = gcpAsks(resource);
        return 'asks' in priced ? priced.asks.map(priceKey) : [];
      }),
    );
    const coverage = { scope: GCP_LIST_PRICES, asOf: now.toISOString() };
    if (names.size === 0) return { prices: [], coverage: { ...coverage, status: 'complete', reason: null } };
    try {
      const catalogue = await this.#catalogue(now, meter);
      const prices = [...names].flatMap((name) => onePrice(catalogue.get(name) ?? []) ?? []);
      return { prices, coverage: { ...coverage, status: 'complete', reason: null } };
    } catch (error) {
      const known =
        error instanceof BursarError
          ? error
          : googleError(error, {
              call: CALL,
              permission: 'an enabled Cloud Billing API',
              where: GCP_LIST_PRICES,
            });
      if (known === null) throw error;
      return { prices: [], coverage: { ...coverage, status: 'failed', reason: known.told } };
    }
  }

  #catalogue(now: Date, meter: Meter): Promise<ReadonlyMap<string, readonly ListPrice[]>> {
    return (this.#asked ??= this.#read(now, meter).catch((error: unknown) => {
      this.#asked = null;
      throw error;
    }));
  }

  async #read(now: Date, meter: Meter): Promise<ReadonlyMap<string, readonly ListPrice[]>> {
    const found = new Map<string, ListPrice[]>();
    const client = this.#client;
    const pages = googlePages({ client, call: CALL, where: GCP_LIST_PRICES, meter }, async (pageToken) => {
      const [items, , response] = await client.listSkus(
        { parent: COMPUTE_ENGINE.id, pageSize: PAGE, pageToken },
        { autoPaginate: false, retry: GOOGLE_RETRY },
      );
      return { items, next: response?.nextPageToken };
    });
    for await (const skus of pages)
      for (const sku of skus)
        for (const price of pricesOf(sku, now)) {
          const key = priceKey(price);
          const known = found.get(key);
          if (known === undefined) found.set(key, [price]);
          else known.push(price);
        }
    return found;
  }
}

/** A SKU's price in each of its regions; none where it is not sold on demand, or is nothing that is asked for. */
function pricesOf(sku: Sku, now: Date): ListPrice[] {
  const usage = gcpUsage(sku.description ?? '');
  if (usage === null || sku.category?.usageType !== 'OnDemand') return [];
  const info = (sku.pricingInfo ?? []).at(-1);
  const expression = info?.pricingExpression;
  const rates = expression?.tieredRates ?? [];
  const currencies = new Set(rates.map(({ unitPrice }) => unitPrice?.currencyCode));
  const [currency] = currencies;
  if (!expression?.usageUnit || !currency || currencies.size > 1)
    throw new BursarError('unavailable', `SKU ${sku.skuId} has no unit, or no price in one currency`, {
      where: GCP_LIST_PRICES,
      hint: 'Run again, and report it if it stays: nothing is estimated meanwhile.',
    });
  const { seconds } = info?.effectiveTime ?? {};
  const price = {
    provider: 'gcp',
    service: COMPUTE_ENGINE.name,
    usage,
    operation: null,
    sku: sku.skuId ?? '',
    unit: expression.usageUnit,
    currency,
    tiers: rates.map(tierOf),
    effective: seconds == null ? null : new Date(Number(seconds) * 1000).toISOString(),
    asOf: now.toISOString(),
  } satisfies Omit<ListPrice, keyof Pick<PriceName, 'region'>>;
  return (sku.serviceRegions ?? []).map((region) => ({ ...price, region }));
}

type Rate = protos.google.cloud.billing.v1.PricingExpression.ITierRate;

/** Whole units and billionths of one (google.type.Money), exactly. */
function tierOf({ startUsageAmount, unitPrice }: Rate): PriceTier {
  const nanos = new Decimal(unitPrice?.nanos ?? 0).div(1_000_000_000);
  return {
    from: decimalText(new Decimal(startUsageAmount ?? 0)),
    price: decimalText(new Decimal(String(unitPrice?.units ?? 0)).plus(nanos)),
  };
}
