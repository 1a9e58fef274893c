import { CloudCatalogClient } from '@google-cloud/billing';
import { signedIn } from './loopback.ts';

/** A SKU in Google's own REST form (cloudbilling v1, schema Sku). */
export function sku(skuId: string, description: string, given: Record<string, unknown> = {}) {
  const { regions = ['us-central1'], units = '0', nanos = 350_000_000, usageUnit = 'h', usageType } = given;
  return {
    name: `services/6F81-5844-456A/skus/${skuId}`,
    skuId,
    description,
    category: {
      serviceDisplayName: 'Compute Engine',
      resourceFamily: 'Compute',
      resourceGroup: 'GPU',
      usageType: usageType ?? 'OnDemand',
    },
    serviceRegions: regions,
    pricingInfo: [
      {
        summary: '',
        pricingExpression: {
          usageUnit,
          displayQuantity: 1,
          tieredRates: given['tieredRates'] ?? [
            { startUsageAmount: 0, unitPrice: { currencyCode: 'USD', units, nanos } },
          ],
        },
        currencyConversionRate: 1,
        effectiveTime: '2026-11-19T08:00:00Z',
      },
    ],
    serviceProviderName: 'Google',
  };
}

/** Google's own client of its catalogue, over REST to the server at this address. */
export function catalogueClient(url: string): CloudCatalogClient {
  const options = {
    apiEndpoint: '127.0.0.1',
    port: Number(new URL(url).port),
    protocol: 'http',
    fallback: true as const,
  };
  // google-gax types its clients by a google-auth-library of its own; at run time any will do.
  Object.assign(options, { authClient: signedIn() });
  return new CloudCatalogClient(options);
}
