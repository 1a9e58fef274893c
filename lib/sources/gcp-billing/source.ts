import type { CloudBillingClient } from '@google-cloud/billing';
import type { Coverage } from '../../platform/coverage.ts';
import type { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Delivery, Source } from '../model.ts';
import { type BillingAccount, listBillingAccounts, listProjects } from './accounts.ts';

export const gcpBillingPermissions: readonly Permission[] = [
  {
    cloud: 'gcp',
    action: 'billing.accounts.list',
    why: 'names the billing accounts whose spend is or is not read',
  },
  {
    cloud: 'gcp',
    action: 'billing.resourceAssociations.list',
    why: 'names the projects that a billing account pays for',
  },
];

export interface GcpBillingSettings {
  readonly id: string;
  /** `new CloudBillingClient({ fallback: true })`: REST. */
  readonly client: CloudBillingClient;
  /** Ids of billing accounts (`012345-567890-ABCDEF`) whose BigQuery export is a source of its own. */
  readonly exported?: readonly string[];
}

/**
 * What of Google's spend is not read. The Cloud Billing API tells accounts and projects but no cost: cost comes
 * from the BigQuery export alone. So this source delivers no rows, and one coverage entry for each billing
 * account that the identity sees and no export source reads (scope `gcp-billing:<account id>`), with the
 * projects that it pays for and what to set up.
 *
 * It does not throw for what Google refuses: that is a `failed` scope, told like the others.
 */
export function gcpBillingSource({ id, client, exported = [] }: GcpBillingSettings): Source {
  return {
    id,
    type: 'gcp-billing',
    permissions: gcpBillingPermissions,
    async deliver({ meter, progress }): Promise<Delivery> {
      progress.step('Google Cloud billing accounts');
      return {
        sourceId: id,
        sourceType: 'gcp-billing',
        grain: 'account-service',
        files: [],
        periods: [],
        skipped: [],
        asOf: null,
        coverage: await billingCoverage(client, new Set(exported), meter),
      };
    },
  };
}

async function billingCoverage(
  client: CloudBillingClient,
  exported: ReadonlySet<string>,
  meter: Meter,
): Promise<Coverage[]> {
  const accounts = await listBillingAccounts(client, meter);
  if (!accounts.ok)
    return [{ scope: 'gcp-billing', status: 'failed', reason: told(accounts.error), asOf: null }];
  if (accounts.value.length === 0)
    return [
      {
        scope: 'gcp-billing',
        status: 'not-covered',
        reason:
          'The identity sees no billing account, so Google Cloud spend is not read. Grant it Billing Account Viewer on the billing account.',
        asOf: null,
      },
    ];
  const coverage: Coverage[] = [];
  for (const account of accounts.value) {
    if (exported.has(account.id)) continue;
    const projects = await listProjects(client, account, meter);
    const paysFor = projects.ok
      ? paid(projects.value)
      : `Its projects could not be listed: ${told(projects.error)}`;
    coverage.push({
      scope: `gcp-billing:${account.id}`,
      status: 'not-covered',
      reason: `Spend of ${named(account)} is not read: no BigQuery billing export is configured. ${paysFor} Enable the detailed usage cost export to BigQuery (Billing > Billing export) and add a source of type gcp-bigquery with its table.`,
      asOf: null,
    });
  }
  return coverage;
}

const NAMED = 10;

function paid(projects: readonly string[]): string {
  if (projects.length === 0) return 'It pays for no project.';
  const names = projects.slice(0, NAMED).join(', ');
  const more = projects.length > NAMED ? ` and ${projects.length - NAMED} more` : '';
  return `It pays for ${projects.length === 1 ? 'the project' : `${projects.length} projects:`} ${names}${more}.`;
}

function named({ id, displayName, open }: BillingAccount): string {
  const name = displayName === null ? `billing account ${id}` : `billing account ${id} (${displayName})`;
  return open ? name : `the closed ${name}`;
}

function told(error: BursarError): string {
  return error.hint === null ? error.message : `${error.message.replace(/\.?$/, '.')} ${error.hint}`;
}
