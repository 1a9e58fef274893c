import { CloudBillingClient, CloudCatalogClient } from '@google-cloud/billing';
import { GcpListPrices } from '../../estate/gcp/list-prices.ts';
import { gcpBillingSource } from '../../sources/gcp-billing/source.ts';
import type { Source } from '../../sources/model.ts';
import { loopbackAuth, onLoopback } from './google-auth.ts';
import { GCP_BILLING } from './names.ts';

/** Billing accounts and their projects, as coverage of what no export reads; `exported` are those that one does. */
export function gcpBilling(endpoint?: string, exported: readonly string[] = []): Source {
  const client = new CloudBillingClient(billingOptions(endpoint));
  return gcpBillingSource({ id: GCP_BILLING, client, exported });
}

/** Google's list prices. */
export function gcpListPrices(endpoint?: string): GcpListPrices {
  return new GcpListPrices(new CloudCatalogClient(billingOptions(endpoint)));
}

function billingOptions(endpoint: string | undefined): ConstructorParameters<typeof CloudBillingClient>[0] {
  if (endpoint === undefined) return { fallback: true };
  const { hostname, port, protocol } = new URL(endpoint);
  return {
    fallback: true,
    apiEndpoint: hostname,
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    protocol: protocol.replace(':', ''),
    ...(onLoopback(endpoint) ? { authClient: loopbackAuth() } : {}),
  };
}
