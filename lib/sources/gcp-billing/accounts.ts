import type { CloudBillingClient } from '@google-cloud/billing';
import { BursarError } from '../../platform/errors.ts';
import { googleError } from '../../platform/google-errors.ts';
import type { Meter } from '../../platform/meter.ts';

export interface BillingAccount {
  /** `012345-567890-ABCDEF` */
  readonly id: string;
  readonly displayName: string | null;
  /** A closed account pays for nothing any more, but has old bills. */
  readonly open: boolean;
}

export type Asked<T> = { ok: true; value: T } | { ok: false; error: BursarError };

/** The most that a page may hold (Cloud Billing API v1, billingAccounts.list and billingAccounts.projects.list). */
const PAGE = 100;
const WHERE = 'gcp-billing';
/** A page is asked again for up to this long where Google does not answer; the client's own default is 10 minutes. */
const PATIENCE = 30_000;

const RETRY = {
  // DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE (google/rpc/code.proto), and the same as the REST
  // transport of google-gax gives them: as HTTP status.
  retryCodes: [4, 8, 14, 408, 429, 500, 502, 503, 504],
  backoffSettings: {
    initialRetryDelayMillis: 100,
    retryDelayMultiplier: 2,
    maxRetryDelayMillis: 5_000,
    initialRpcTimeoutMillis: 20_000,
    rpcTimeoutMultiplier: 1,
    maxRpcTimeoutMillis: 20_000,
    totalTimeoutMillis: PATIENCE,
  },
};

/** Every billing account that the identity may see, in order of id. */
export async function listBillingAccounts(
  client: CloudBillingClient,
  meter: Meter,
): Promise<Asked<BillingAccount[]>> {
  const call = 'cloudbilling.billingAccounts.list';
  return await asked(call, 'billing.accounts.list', async () => {
    const accounts = await allPages(call, meter, async (pageToken) => {
      const [items, , response] = await client.listBillingAccounts(
        { pageSize: PAGE, pageToken },
        { autoPaginate: false, retry: RETRY },
      );
      return { items, next: response?.nextPageToken };
    });
    return accounts
      .map((account) => ({
        id: (account.name ?? '').replace(/^billingAccounts\//, ''),
        displayName: account.displayName || null,
        open: account.open ?? true,
      }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  });
}

/** Ids of the projects that an account pays for, in order. A link with billing disabled is left out. */
export async function listProjects(
  client: CloudBillingClient,
  account: BillingAccount,
  meter: Meter,
): Promise<Asked<string[]>> {
  const call = 'cloudbilling.billingAccounts.projects.list';
  return await asked(call, 'billing.resourceAssociations.list', async () => {
    const links = await allPages(call, meter, async (pageToken) => {
      const [items, , response] = await client.listProjectBillingInfo(
        { name: `billingAccounts/${account.id}`, pageSize: PAGE, pageToken },
        { autoPaginate: false, retry: RETRY },
      );
      return { items, next: response?.nextPageToken };
    });
    return links
      .filter((link) => link.billingEnabled ?? true)
      .flatMap((link) => (link.projectId ? [link.projectId] : []))
      .toSorted();
  });
}

async function allPages<T>(
  call: string,
  meter: Meter,
  page: (token: string) => Promise<{ items: readonly T[]; next: string | null | undefined }>,
): Promise<T[]> {
  const found: T[] = [];
  const seen = new Set<string>();
  for (let token = ''; ; ) {
    const { items, next } = await page(token);
    meter.count(call);
    found.push(...items);
    if (!next) return found;
    if (seen.has(next))
      throw new BursarError('unavailable', `${call} gave the same page token twice`, {
        where: WHERE,
        hint: 'Run again, and report it if it stays.',
      });
    seen.add(next);
    token = next;
  }
}

/** A refusal of Google as a value; a defect is thrown on. */
async function asked<T>(call: string, permission: string, ask: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { ok: true, value: await ask() };
  } catch (error) {
    const known = googleError(error, { call, permission, where: WHERE });
    if (known === null) throw error;
    return { ok: false, error: known };
  }
}
