import type { GoogleGrant, GoogleIdentity, GooglePlace } from '../assemble/google-permissions.ts';
import { ACTS, type GoogleSetup, inOrganisation, ROLE_OF_CALLER } from './google.ts';
import { block, filled, type HclValue, ref } from './hcl.ts';

const POOL = 'google_iam_workload_identity_pool.bursar';

/**
 * The same in Terraform's language (provider hashicorp/google: google_iam_workload_identity_pool,
 * ..._pool_provider, google_service_account, google_project_iam_custom_role, google_organization_iam_custom_role and
 * the `_iam_member` of project, organisation, data set and bucket).
 */
export function googleTerraform(setup: GoogleSetup): string {
  const { pool, provider, accounts, readers, grants, organisation } = setup;
  const known = Object.values(accounts).find(({ project }) => project !== null)?.project ?? null;
  const arns = [...new Set([...readers, ...(accounts.act === undefined ? [] : [ACTS])])];
  const ops: HclValue = known ?? ref('var.ops_project');
  return `${[
    ...(known === null
      ? [variable('ops_project', 'Id of the project that holds pool and service accounts')]
      : []),
    ...(organisation ? [variable('organization', 'Number of the organisation')] : []),
    ...arns.map((output) => variable(snake(output), `Output ${output} of the stack`)),
    block(
      'locals',
      [],
      Object.fromEntries(
        // The last part of the role's ARN.
        arns.map((output) => [`${snake(output)}_name`, ref(`reverse(split("/", var.${snake(output)}))[0]`)]),
      ),
    ),
    block('resource', ['google_iam_workload_identity_pool', 'bursar'], {
      project: ops,
      workload_identity_pool_id: pool,
      display_name: 'Bursar',
    }),
    block(
      'resource',
      ['google_iam_workload_identity_pool_provider', 'aws'],
      {
        project: ops,
        workload_identity_pool_id: ref(`${POOL}.workload_identity_pool_id`),
        workload_identity_pool_provider_id: provider,
        attribute_mapping: { 'google.subject': ROLE_OF_CALLER, 'attribute.aws_role': ROLE_OF_CALLER },
        attribute_condition: `attribute.aws_role in [${arns.map((output) => `'${filled(`local.${snake(output)}_name`)}'`).join(', ')}]`,
      },
      [block('aws', [], { account_id: ref(`split(":", var.${snake(arns[0] ?? ACTS)})[4]`) })],
    ),
    ...Object.entries(accounts).flatMap(([id, { name, project }]) => [
      block('resource', ['google_service_account', id], {
        project: project ?? ops,
        account_id: name,
        display_name: `Bursar: ${id === 'read' ? 'reads' : 'acts'}`,
      }),
      ...(id === 'read' ? readers : [ACTS]).map((output) =>
        block('resource', ['google_service_account_iam_member', `${id}_by_${snake(output)}`], {
          service_account_id: ref(`google_service_account.${id}.name`),
          role: 'roles/iam.workloadIdentityUser',
          member: `principalSet://iam.googleapis.com/${filled(`${POOL}.name`)}/attribute.aws_role/${filled(`local.${snake(output)}_name`)}`,
        }),
      ),
    ]),
    ...grants.flatMap(granted),
    block('output', ['deploy_google'], {
      description: 'The key deploy.google of the config',
      value: {
        provider: ref('google_iam_workload_identity_pool_provider.aws.name'),
        serviceAccount: ref('google_service_account.read.email'),
      },
    }),
  ].join('\n\n')}\n`;
}

function granted({ roleId, title, identity, permissions, places }: GoogleGrant): string[] {
  const homes = new Map(places.map((place) => [homeName(place, roleId), place]));
  return [
    ...[...homes].map(([name, place]) => {
      const common = { role_id: roleId, title, permissions: permissions.map(({ action }) => action) };
      return inOrganisation(place)
        ? block('resource', ['google_organization_iam_custom_role', name], {
            org_id: ref('var.organization'),
            ...common,
          })
        : block('resource', ['google_project_iam_custom_role', name], {
            project: projectOf(place),
            ...common,
          });
    }),
    ...places.map((place, at) => member(place, roleId, identity, at)),
  ];
}

function member(place: GooglePlace, roleId: string, identity: GoogleIdentity, at: number): string {
  const role = ref(
    `${inOrganisation(place) ? 'google_organization_iam_custom_role' : 'google_project_iam_custom_role'}.${homeName(place, roleId)}.id`,
  );
  const common = { role, member: ref(`google_service_account.${identity}.member`) };
  const name = `${snake(roleId)}_${at}`;
  switch (place.level) {
    case 'project':
      return block('resource', ['google_project_iam_member', name], { project: place.project, ...common });
    case 'organisation':
      return block('resource', ['google_organization_iam_member', name], {
        org_id: ref('var.organization'),
        ...common,
      });
    case 'dataset':
      return block('resource', ['google_bigquery_dataset_iam_member', name], {
        project: place.project,
        dataset_id: place.dataset,
        ...common,
      });
    case 'bucket':
      return block('resource', ['google_storage_bucket_iam_member', name], {
        bucket: place.bucket,
        ...common,
      });
  }
}

/** Name of the resource that makes the role: one a project, or one for the organisation. */
function homeName(place: GooglePlace, roleId: string): string {
  return `${snake(roleId)}_${inOrganisation(place) ? 'organization' : projectOf(place).replaceAll(/\W/g, '_')}`;
}

function projectOf(place: GooglePlace): string {
  return place.level === 'project' || place.level === 'dataset' ? place.project : '';
}

function variable(name: string, description: string): string {
  return block('variable', [name], { type: ref('string'), description });
}

function snake(name: string): string {
  return name.replaceAll(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
