import { z } from 'zod';
import type { Coverage } from '../../platform/coverage.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { pages } from './read.ts';
import type { GcpSession } from './session.ts';

const SERVICE = 'https://cloudbilling.googleapis.com';
const ACCOUNTS: Permission = {
  cloud: 'gcp',
  action: 'billing.accounts.list',
  why: 'names the billing accounts whose projects are looked at',
};
const LINKS: Permission = {
  cloud: 'gcp',
  action: 'billing.resourceAssociations.list',
  why: 'names the projects that a billing account pays for',
};

/** What finding the projects of billing accounts needs. */
export const LINKED_PROJECTS_PERMISSIONS: readonly Permission[] = [ACCOUNTS, LINKS];

const accounts = z.object({
  billingAccounts: z.array(z.object({ name: z.string(), open: z.boolean().optional() })).optional(),
  nextPageToken: z.string().optional(),
});
const links = z.object({
  projectBillingInfo: z
    .array(z.object({ projectId: z.string().optional(), billingEnabled: z.boolean().optional() }))
    .optional(),
  nextPageToken: z.string().optional(),
});

/**
 * Ids of the projects that some open billing account pays for, in order, of the accounts that the identity sees
 * (cloudbilling v1, billingAccounts.list and billingAccounts.projects.list). An account whose projects may not be
 * listed is told, and the others go on.
 * @throws BursarError where the accounts themselves cannot be listed
 */
export async function linkedProjects(
  session: GcpSession,
  meter: Meter,
): Promise<{ projects: readonly string[]; coverage: readonly Coverage[] }> {
  const projects = new Set<string>();
  const coverage: Coverage[] = [];
  for (const account of await openAccounts(session, meter)) {
    try {
      for (const project of await paidBy(account, session, meter)) projects.add(project);
    } catch (error) {
      if (!(error instanceof BursarError) || error.code === 'credentials') throw error;
      const scope = `gcp-projects:${account.replace('billingAccounts/', '')}`;
      coverage.push({ scope, status: 'failed', reason: error.told, asOf: null });
    }
  }
  if (projects.size === 0 && coverage.length === 0)
    coverage.push({
      scope: 'gcp-projects',
      status: 'not-covered',
      reason:
        'No open billing account that the identity sees pays for a project. Grant it Billing Account Viewer on the billing account, or name the projects in estate.gcp.projects.',
      asOf: null,
    });
  return { projects: [...projects].toSorted(), coverage };
}

async function openAccounts(session: GcpSession, meter: Meter): Promise<string[]> {
  const found: string[] = [];
  const listed = pages(session, meter, accounts, {
    call: 'cloudbilling.billingAccounts.list',
    service: SERVICE,
    path: '/v1/billingAccounts',
    params: { pageSize: PAGE },
    permission: ACCOUNTS,
  });
  for await (const { billingAccounts = [] } of listed)
    found.push(...billingAccounts.filter(({ open }) => open !== false).map(({ name }) => name));
  return found;
}

async function paidBy(account: string, session: GcpSession, meter: Meter): Promise<string[]> {
  const found: string[] = [];
  const listed = pages(session, meter, links, {
    call: 'cloudbilling.billingAccounts.projects.list',
    service: SERVICE,
    path: `/v1/${account}/projects`,
    params: { pageSize: PAGE },
    permission: LINKS,
  });
  for await (const { projectBillingInfo = [] } of listed)
    for (const { projectId, billingEnabled } of projectBillingInfo)
      if (projectId !== undefined && projectId !== '' && billingEnabled !== false) found.push(projectId);
  return found;
}

/** The most that a page may hold (cloudbilling v1, pageSize of both lists). */
const PAGE = '100';
