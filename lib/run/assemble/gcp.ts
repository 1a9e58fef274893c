import { type AuthClient, GoogleAuth, OAuth2Client } from 'google-auth-library';
import { collectAll } from '../../estate/collect.ts';
import { GCP_DATASETS, gcpDatasets } from '../../estate/gcp/datasets.ts';
import { GCP_READ_SCOPES, type GoogleRequester, gcpSession } from '../../estate/gcp/session.ts';
import { type PriceList, withListPrices } from '../../estate/list-prices.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Estate } from '../auditor.ts';

/** Application default credentials; for a stand-in on this machine, which knows no Google account, a made-up token. */
function googleAuth(endpoint: string | undefined): GoogleAuth | AuthClient {
  return onLoopback(endpoint) ? loopbackAuth() : new GoogleAuth({ scopes: [...GCP_READ_SCOPES] });
}

export function loopbackAuth(): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'loopback', expiry_date: Number.MAX_SAFE_INTEGER });
  return client;
}

export function onLoopback(endpoint: string | undefined): boolean {
  return endpoint !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname);
}

export interface GcpEstateSettings {
  readonly projects: readonly string[];
  readonly endpoint?: string | undefined;
  /** Are list prices asked, since no bill may tell what each resource costs? */
  readonly listPrices?: boolean | undefined;
}

/** The Google Cloud part of the estate: one scope a project. */
export function gcpEstate({ projects, endpoint, listPrices }: GcpEstateSettings): Estate {
  const auth: GoogleRequester = googleAuth(endpoint);
  const session = (projectId: string) =>
    gcpSession({ projectId, auth, ...(endpoint === undefined ? {} : { endpoint }) });
  let prices: Promise<PriceList> | null = null;
  // Google's client is as large as all the others: loaded only by those who use it.
  const priceList = () =>
    (prices ??= import('./gcp-billing.ts').then(({ gcpListPrices }) => gcpListPrices(endpoint)));
  return {
    permissions: GCP_DATASETS.flatMap(({ permissions }) => permissions),
    covers: ({ provider }) => provider === 'gcp',
    plan: async () => ({
      scopes: projects.map((accountId) => ({ provider: 'gcp', accountId, region: 'global' })),
      coverage: [],
    }),
    async collect(scope, now, meter, only) {
      const [snapshot] = await collectAll(
        [scope],
        async ({ accountId }) => session(accountId),
        gcpDatasets(only),
        now,
        meter,
      );
      if (snapshot === undefined) throw new BursarError('internal', 'a scope gave no snapshot');
      if (listPrices !== true || only !== undefined) return snapshot;
      return await withListPrices(snapshot, await priceList(), now, meter);
    },
  };
}
