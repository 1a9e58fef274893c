import {
  type Account,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import pLimit from 'p-limit';
import { awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';

/** What the organisation's datasets call, with credentials of its management account or a delegated administrator. */
export interface OrganisationSession {
  readonly organizations: OrganizationsClient;
  /** Regions that are enabled for an account; null where they are not asked for. */
  regionsOf(accountId: string): Promise<readonly string[] | null>;
}

/** Calls at once: the quotas of Organizations are those of the whole organisation, and small. */
const AT_ONCE = 4;

const permission = (action: string, why: string): Permission => ({
  cloud: 'aws',
  action: `organizations:${action}`,
  why,
});
const ROOTS = permission('ListRoots', 'finds where the organisation begins');
const UNITS = permission('ListOrganizationalUnitsForParent', 'lists organisational units with their names');
const ACCOUNTS = permission('ListAccountsForParent', 'lists accounts with names and states');
const TAGS = permission('ListTagsForResource', 'reads the tags of accounts, which may name their owner');

/**
 * Accounts of the organisation with their name, state, path of organisational units, tags and enabled regions.
 * `accountId` is the account's own id. Suspended and closed accounts are among them.
 *
 * It does not see: tags of organisational units (they are not inherited by accounts), and addresses: an account's
 * e-mail is that of its root user, which is nobody's owner.
 */
export const awsOrganisationAccounts: Dataset<OrganisationSession> = {
  id: 'aws.organizations.accounts',
  permissions: [ROOTS, UNITS, ACCOUNTS, TAGS],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const placed = await placedAccounts(session.organizations, where, meter);
    const limit = pLimit(AT_ONCE);
    const faults: string[] = [];
    const resources = await Promise.all(
      placed.map((one) =>
        limit(async () => {
          const regions = await session.regionsOf(one.id).catch((error: unknown) => {
            if (!(error instanceof BursarError)) throw error;
            if (isOpen(one.account)) faults.push(`the regions of ${one.id} are unknown: ${error.message}`);
            return null;
          });
          return resourceOf(one, await tagsOf(session.organizations, one.id, where, meter), regions);
        }),
      ),
    );
    if (faults.length > 0)
      throw new IncompleteError('unavailable', faults.toSorted().join('\n'), { resources }, { where });
    return { resources };
  },
};

interface Placed {
  readonly id: string;
  readonly account: Account;
  /** Names of the organisational units from the root down. */
  readonly path: readonly string[];
}

/** Every account with its place, sorted by id: the tree walked from its root, all pages of each node. */
async function placedAccounts(
  client: OrganizationsClient,
  where: string,
  meter: Meter,
): Promise<readonly Placed[]> {
  const found: Placed[] = [];
  const next: { readonly id: string; readonly path: readonly string[] }[] = [];
  const roots = awsPages({ action: ROOTS.action, where, meter }, (token) =>
    client.send(new ListRootsCommand(page(token))),
  );
  for await (const { Roots } of roots)
    for (const { Id } of Roots ?? []) if (Id !== undefined) next.push({ id: Id, path: [] });
  for (let node = next.pop(); node !== undefined; node = next.pop()) {
    const { id: ParentId, path } = node;
    const units = awsPages({ action: UNITS.action, where, meter }, (token) =>
      client.send(new ListOrganizationalUnitsForParentCommand({ ParentId, ...page(token) })),
    );
    for await (const { OrganizationalUnits } of units)
      for (const { Id, Name } of OrganizationalUnits ?? [])
        if (Id !== undefined) next.push({ id: Id, path: [...path, Name ?? Id] });
    const accounts = awsPages({ action: ACCOUNTS.action, where, meter }, (token) =>
      client.send(new ListAccountsForParentCommand({ ParentId, ...page(token) })),
    );
    for await (const { Accounts } of accounts)
      for (const account of Accounts ?? [])
        if (account.Id !== undefined) found.push({ id: account.Id, account, path });
  }
  return found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function page(token: string | undefined): { NextToken?: string } {
  return token === undefined ? {} : { NextToken: token };
}

async function tagsOf(
  client: OrganizationsClient,
  ResourceId: string,
  where: string,
  meter: Meter,
): Promise<Record<string, string>> {
  const tags: Record<string, string> = {};
  const pages = awsPages({ action: TAGS.action, where, meter }, (token) =>
    client.send(new ListTagsForResourceCommand({ ResourceId, ...page(token) })),
  );
  for await (const { Tags } of pages)
    for (const { Key, Value } of Tags ?? []) if (Key !== undefined) tags[Key] = Value ?? '';
  return tags;
}

/** `State` took the place of `Status`, which retires on 2026-09-09 (Organizations API Reference, Account). */
function stateOf({ State, Status }: Account): string {
  return State ?? Status ?? 'unknown';
}

function isOpen(account: Account): boolean {
  return stateOf(account) === 'ACTIVE';
}

function resourceOf(
  { id, account, path }: Placed,
  tags: Readonly<Record<string, string>>,
  regions: readonly string[] | null,
): Resource {
  return {
    provider: 'aws',
    accountId: id,
    region: 'global',
    type: 'aws:organizations:account',
    id: account.Arn ?? `arn:aws:organizations::${id}:account/${id}`,
    name: account.Name ?? null,
    state: stateOf(account),
    created: account.JoinedTimestamp?.toISOString() ?? null,
    tags,
    sku: null,
    accelerators: [],
    parent: null,
    attributes: { path: [...path], regions: regions === null ? null : [...regions] },
  };
}
