import type { CloudBillingClient } from '@google-cloud/billing';
import type { BursarError } from '../../platform/errors.ts';
import { googleError } from '../../platform/google-errors.ts';
import { allItems, GOOGLE_RETRY, googlePages } from '../../platform/google-pages.ts';
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
/** Every billing account that the identity may see, in order of id. */
export async function listBillingAccounts(
  client: CloudBillingClient,
  meter: Meter,
): Promise<Asked<BillingAccount[]>> {
  const call = 'cloudbilling.billingAccounts.list';
  return await asked(call, 'billing.accounts.list', async () => {
    const pages = googlePages({ client, call, where: WHERE, meter }, async (pageToken) => {
      const [items, , response] = await client.listBillingAccounts(
        { pageSize: PAGE, pageToken },
        { autoPaginate: false, retry: GOOGLE_RETRY },
      );
      return { items, next: response?.nextPageToken };
    });
    return (await allItems(pages))
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
    const pages = googlePages({ client, call, where: WHERE, meter }, async (pageToken) => {
      const [items, , response] = await client.listProjectBillingInfo(
        { name: `billingAccounts/${account.id}`, pageSize: PAGE, pageToken },
        { autoPaginate: false, retry: GOOGLE_RETRY },
      );
      return { items, next: response?.nextPageToken };
    });
    return (await allItems(pages))
      .filter((link) => link.billingEnabled ?? true)
      .flatMap((link) => (link.projectId ? [link.projectId] : []))
      .toSorted();
  });
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
