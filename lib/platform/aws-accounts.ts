import { DescribeRegionsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { ListAccountsCommand, type OrganizationsClient } from '@aws-sdk/client-organizations';
import { awsError } from './aws-errors.ts';
import { BursarError } from './errors.ts';
import type { Meter } from './meter.ts';
import type { Permission } from './permissions.ts';

export const REGIONS_PERMISSIONS: readonly Permission[] = [
  { cloud: 'aws', action: 'ec2:DescribeRegions', why: 'lists the regions that are enabled for the account' },
];

export const ORGANISATION_PERMISSIONS: readonly Permission[] = [
  { cloud: 'aws', action: 'organizations:ListAccounts', why: 'lists the accounts of the organisation' },
];

/**
 * Names of the regions that are enabled for the client's account, sorted. `AllRegions: false` leaves out those
 * that the account has not opted into (EC2 API Reference, DescribeRegions).
 */
export async function enabledRegions(ec2: EC2Client, meter: Meter, where = 'aws'): Promise<string[]> {
  const context = { action: 'ec2:DescribeRegions', where };
  try {
    meter.count(context.action);
    const { Regions } = await ec2.send(new DescribeRegionsCommand({ AllRegions: false }));
    const names = (Regions ?? []).flatMap(({ RegionName }) => (RegionName === undefined ? [] : [RegionName]));
    if (names.length === 0)
      throw new BursarError('unavailable', 'ec2:DescribeRegions named no region', { where });
    return names.toSorted();
  } catch (error) {
    throw awsError(error, context) ?? error;
  }
}

/** An account of the organisation, by its 12-digit id, with the name that the organisation gives it. */
export interface OrganisationAccount {
  readonly accountId: string;
  readonly name: string | null;
  /** `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`, ...: only an active account can be entered. */
  readonly state: string;
}

/** Every account of the organisation, sorted by id (Organizations API Reference, ListAccounts; Account, State). */
export async function organisationAccounts(
  organizations: OrganizationsClient,
  meter: Meter,
): Promise<OrganisationAccount[]> {
  const context = { action: 'organizations:ListAccounts', where: 'aws' };
  const accounts: OrganisationAccount[] = [];
  let token: string | undefined;
  try {
    do {
      meter.count(context.action);
      const page = await organizations.send(
        new ListAccountsCommand(token === undefined ? {} : { NextToken: token }),
      );
      for (const { Id, Name, State, Status } of page.Accounts ?? [])
        if (Id !== undefined)
          accounts.push({ accountId: Id, name: Name ?? null, state: State ?? Status ?? 'unknown' });
      token = page.NextToken;
    } while (token !== undefined && token !== '');
  } catch (error) {
    throw awsError(error, context) ?? error;
  }
  return accounts.toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1));
}
