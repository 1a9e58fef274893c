import type { Creation, Provider, Resource } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';

/** An account of AWS or a project of Google Cloud, as its organisation knows it. */
export interface Account {
  readonly provider: Provider;
  readonly id: string;
  readonly name: string | null;
  /** The organisation's own word: `ACTIVE`, `SUSPENDED`, `DELETE_REQUESTED`. */
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What must be read whole before the absence of its tags counts. */
  readonly scope: string;
}

/** What is known of who answers for what, besides the tags of a resource and the config. */
export interface Known {
  /** By account or project id. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** By the canonical id of the resource. */
  readonly creations: ReadonlyMap<string, Creation>;
  /** Whether a tag key is active as a cost allocation tag; null where no payer was asked. */
  readonly activation: ReadonlyMap<string, 'Active' | 'Inactive'> | null;
}

/** A snapshot of a scope, by the scope's name in coverage. */
export interface Seen {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly creations?: readonly Creation[] | undefined;
}

/** Types of resource that are what others lie in. They are known by their organisation and are on no bill. */
const ACCOUNT_TYPES: ReadonlySet<string> = new Set([
  'aws:organizations:account',
  'gcp:cloudresourcemanager:project',
]);

/** The payer's list of cost allocation tags: what the bill may show, and no thing that anyone could tag. */
export const ALLOCATION_TAGS = 'aws:ce:cost-allocation-tags';

/** Is this no thing that somebody runs, but a fact of the organisation? */
export function isOfOrganisation({ type }: Pick<Resource, 'type'>): boolean {
  return ACCOUNT_TYPES.has(type) || type === ALLOCATION_TAGS;
}

/**
 * Accounts, projects and cost allocation tags among the resources, and who made what. Of two creations of one thing
 * the later holds; a key that any payer has activated is active.
 */
export function knownOf(snapshots: readonly Seen[]): Known {
  const accounts = snapshots.flatMap(({ name: scope, resources }) =>
    resources
      .filter(({ type }) => ACCOUNT_TYPES.has(type))
      .map(({ provider, accountId, name, state, tags, dataset }) => {
        const rests = dataset === undefined ? scope : datasetOf(scope, dataset);
        return [accountId, { provider, id: accountId, name, state, tags, scope: rests }] as const;
      }),
  );
  const creations = snapshots.flatMap(({ creations: made }) => made ?? []);
  return {
    accounts: new Map(accounts),
    creations: new Map(
      creations
        .toSorted((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1))
        .map((creation) => [creation.resourceId, creation]),
    ),
    activation: activationOf(snapshots.flatMap(({ resources }) => resources)),
  };
}

function activationOf(resources: readonly Resource[]): Known['activation'] {
  const lists = resources.filter(({ type }) => type === ALLOCATION_TAGS);
  if (lists.length === 0) return null;
  const keys = (name: 'active' | 'inactive') =>
    lists.flatMap(({ attributes }) => {
      const list = attributes[name];
      return Array.isArray(list) ? list.filter((key) => typeof key === 'string') : [];
    });
  return new Map([
    ...keys('inactive').map((key) => [key, 'Inactive'] as const),
    ...keys('active').map((key) => [key, 'Active'] as const),
  ]);
}

/** Tags of the account or project that a thing lies in; none where nobody knows it. */
export function accountTags(
  known: Known | undefined,
  accountId: string,
): Readonly<Record<string, string>> | null {
  return known?.accounts.get(accountId)?.tags ?? null;
}
