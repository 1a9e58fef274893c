import { actions } from '../../actions/index.ts';
import type { Config } from '../../config/schema.ts';
import { GCP_CREATORS_PERMISSION } from '../../estate/gcp/creators.ts';
import { GCP_DATASETS } from '../../estate/gcp/datasets.ts';
import { LINKED_PROJECTS_PERMISSIONS } from '../../estate/gcp/linked-projects.ts';
import { gcpRecommender } from '../../estate/gcp/recommender.ts';
import { SEEN_PROJECTS_PERMISSION } from '../../estate/gcp/seen-projects.ts';
import { SPEND_ADVICE_PERMISSION } from '../../estate/gcp/spend-advice.ts';
import { tableName } from '../../platform/bigquery/name.ts';
import { bigQueryPermissions } from '../../platform/bigquery/permissions.ts';
import type { Permission } from '../../platform/permissions.ts';
import { gcpBillingPermissions } from '../../sources/gcp-billing/source.ts';
import { mayStop } from './act-permissions.ts';
import { sourcePermissions } from './store-sources.ts';

/** Where a role of Google Cloud is given. */
export type GooglePlace =
  | { readonly level: 'project'; readonly project: string }
  /** Custom roles of an organisation hold in each of its projects and for its billing accounts. */
  | { readonly level: 'organisation' }
  | { readonly level: 'dataset'; readonly project: string; readonly dataset: string }
  | { readonly level: 'bucket'; readonly bucket: string };

/** Who is given it: the service account that reads, or the one that stops and starts. */
export type GoogleIdentity = 'read' | 'act';

/** One custom role, and where it is given to whom. */
export interface GoogleGrant {
  /** Letters and digits: what the custom role is called where it is made. */
  readonly roleId: string;
  readonly title: string;
  readonly identity: GoogleIdentity;
  readonly permissions: readonly Permission[];
  readonly places: readonly GooglePlace[];
}

/**
 * What listing projects needs where the config names none of them: billing accounts belong to the organisation, so
 * that a role of a project cannot hold their rights (Cloud Billing, "Create custom roles for Cloud Billing accounts").
 */
export function projectListing({ gcp }: Pick<Config['estate'], 'gcp'>): readonly Permission[] {
  if (gcp?.projects === 'linked') return LINKED_PROJECTS_PERMISSIONS;
  return gcp?.projects === 'organisation' ? [SEEN_PROJECTS_PERMISSION] : [];
}

/** The rights of every action that a policy lets happen in Google Cloud; none without an identity that acts. */
export function googleActRights({
  policies,
  guards,
  estate: { gcp },
}: Pick<Config, 'policies' | 'guards' | 'estate'>): readonly Permission[] {
  // Reading reaches as far as the bill or the organisation does; stopping only as far as somebody wrote down.
  if (gcp?.actAs === undefined || typeof gcp.projects === 'string') return [];
  const rights = actions(guards.protectedTags)
    .filter((action) => action.provider === 'gcp')
    .filter((action) => action.checks.some((check) => mayStop(check, action, policies)))
    .flatMap(({ permissions }) => permissions);
  return once(rights);
}

/** Custom roles with exactly what this config's parts declare, each given no higher than it is needed. */
export function googleGrants(config: Config): GoogleGrant[] {
  const { gcp } = config.estate;
  const everywhere: GooglePlace[] =
    gcp === undefined
      ? []
      : typeof gcp.projects === 'string'
        ? [{ level: 'organisation' }]
        : gcp.projects.map((project) => ({ level: 'project', project }));
  const named = gcp === undefined || typeof gcp.projects === 'string' ? [] : everywhere;
  const grants: GoogleGrant[] = [
    {
      roleId: 'bursarRead',
      title: 'Bursar: looks at what exists',
      identity: 'read',
      permissions: once([
        ...(gcp === undefined ? [] : GCP_DATASETS.flatMap(({ permissions }) => permissions)),
        ...(gcp !== undefined && config.owners.creators ? [GCP_CREATORS_PERMISSION] : []),
        ...(gcp?.advice === true ? gcpRecommender.permissions : []),
        ...(gcp?.projects === 'organisation' ? [SEEN_PROJECTS_PERMISSION] : []),
      ]),
      places: everywhere,
    },
    {
      roleId: 'bursarBilling',
      title: 'Bursar: lists billing accounts and their projects',
      identity: 'read',
      permissions:
        gcp === undefined
          ? []
          : once([
              ...gcpBillingPermissions,
              ...(gcp.projects === 'linked' ? LINKED_PROJECTS_PERMISSIONS : []),
            ]),
      places: [{ level: 'organisation' }],
    },
    ...billGrants(config),
    ...documentGrants(config),
    {
      roleId: 'bursarAct',
      title: 'Bursar: stops and starts what policies allow',
      identity: 'act',
      permissions: googleActRights(config),
      places: named,
    },
  ];
  return grants.filter(({ permissions, places }) => permissions.length > 0 && places.length > 0);
}

function runsJobs({ action }: Permission): boolean {
  return action.startsWith('bigquery.jobs.');
}

/** Queries are paid for in one project, and read tables in one data set. */
function billGrants({ sources }: Config): GoogleGrant[] {
  const tables = Object.values(sources).flatMap((source) =>
    source.type === 'gcp-bigquery'
      ? [source.table, ...(source.commitments === undefined ? [] : [source.commitments])].map((table) => ({
          ...tableName(table),
          payer: source.project ?? tableName(source.table).project,
        }))
      : [],
  );
  const isAdvised = Object.values(sources).some(
    (source) => source.type === 'gcp-bigquery' && source.commitmentAdvice,
  );
  return [
    {
      roleId: 'bursarQueries',
      title: 'Bursar: runs queries over billing exports',
      identity: 'read',
      permissions: bigQueryPermissions.filter(runsJobs),
      places: distinct(tables.map(({ payer }) => ({ level: 'project', project: payer }))),
    },
    {
      roleId: 'bursarBills',
      title: 'Bursar: reads billing exports',
      identity: 'read',
      permissions: bigQueryPermissions.filter((right) => !runsJobs(right)),
      places: distinct(tables.map(({ project, dataset }) => ({ level: 'dataset', project, dataset }))),
    },
    {
      roleId: 'bursarCommitmentAdvice',
      title: 'Bursar: reads which commitments Google would buy',
      identity: 'read',
      permissions: isAdvised ? [SPEND_ADVICE_PERMISSION] : [],
      places: [{ level: 'organisation' }],
    },
  ];
}

function documentGrants({ estate }: Config): GoogleGrant[] {
  const sources = Object.values(estate.stores).flatMap(({ documents }) =>
    documents.flatMap(({ source }) => (source?.type === 'gcs' ? [source] : [])),
  );
  return [
    {
      roleId: 'bursarDocuments',
      title: 'Bursar: lists documents that vectors were made of',
      identity: 'read',
      permissions: once(sources.flatMap(sourcePermissions)),
      places: distinct(sources.map(({ bucket }) => ({ level: 'bucket', bucket }))),
    },
  ];
}

function once(rights: readonly Permission[]): Permission[] {
  return rights.filter(({ action }, at) => rights.findIndex((other) => other.action === action) === at);
}

function distinct(places: readonly GooglePlace[]): GooglePlace[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}
