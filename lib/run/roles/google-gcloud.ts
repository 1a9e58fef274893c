import type { GoogleGrant, GoogleIdentity, GooglePlace } from '../assemble/google-permissions.ts';
import { ACTS, type GoogleSetup, inOrganisation, ROLE_OF_CALLER, type ServiceAccount } from './google.ts';

/**
 * A script of `gcloud` and `bq` that lets the deployed functions into Google Cloud (Google Cloud CLI reference:
 * `gcloud iam workload-identity-pools create`, `... providers create-aws`, `gcloud iam roles create`,
 * `gcloud iam service-accounts add-iam-policy-binding`, `gcloud storage buckets add-iam-policy-binding`; BigQuery,
 * "Data control language (DCL) statements": GRANT). Variables that the config does not know are asked of the caller.
 */
export function googleCommands(setup: GoogleSetup): string {
  const { pool, provider, accounts, readers, grants, organisation } = setup;
  const places = '--project="$OPS_PROJECT" --location=global';
  const known = Object.values(accounts).find((account) => account.project !== null)?.project ?? null;
  const arns = [...new Set([...readers, ...(accounts.act === undefined ? [] : [ACTS])])];
  const condition = `attribute.aws_role in [${arns.map((output) => `'\${${shell(output)}##*/}'`).join(', ')}]`;
  return `${[
    [
      '#!/usr/bin/env bash',
      '# Lets the functions of Bursar into Google Cloud, without any key. Run it again where config or stack have',
      '# changed: it makes nothing twice. What another config no longer needs, it leaves.',
      'set -euo pipefail',
      known === null
        ? asked('OPS_PROJECT', 'id of the project that holds the service accounts')
        : `OPS_PROJECT=${word(known)}`,
      ...(organisation ? [asked('ORGANIZATION', 'number of the organisation')] : []),
      ...arns.map((output) => asked(shell(output), `output ${output} of the stack`)),
      `AWS_ACCOUNT=$(cut -d: -f5 <<<"$${shell(arns[0] ?? ACTS)}")`,
      'PROJECT_NUMBER=$(gcloud projects describe "$OPS_PROJECT" --format="value(projectNumber)")',
      `POOL="projects/$PROJECT_NUMBER/locations/global/workloadIdentityPools/${pool}"`,
      ...Object.entries(accounts).map(([id, account]) => `${address(id)}=${email(account)}`),
    ],
    [
      '# The functions are known by the names of their roles, and nobody else of the account is.',
      'gcloud services enable iam.googleapis.com sts.googleapis.com iamcredentials.googleapis.com --project="$OPS_PROJECT"',
      `gcloud iam workload-identity-pools describe ${pool} ${places} >/dev/null 2>&1 ||`,
      `  gcloud iam workload-identity-pools create ${pool} ${places} --display-name="Bursar"`,
      `gcloud iam workload-identity-pools providers describe ${provider} ${places} --workload-identity-pool=${pool} >/dev/null 2>&1 ||`,
      `  gcloud iam workload-identity-pools providers create-aws ${provider} ${places} --workload-identity-pool=${pool} \\`,
      '    --account-id="$AWS_ACCOUNT" \\',
      `    --attribute-mapping="google.subject=${ROLE_OF_CALLER},attribute.aws_role=${ROLE_OF_CALLER}" \\`,
      `    --attribute-condition="${condition}"`,
      `gcloud iam workload-identity-pools providers update-aws ${provider} ${places} --workload-identity-pool=${pool} \\`,
      `  --attribute-condition="${condition}" >/dev/null`,
    ],
    ...Object.entries(accounts).map(([id, account]) => [
      `# ${id === 'read' ? 'Who reads' : 'Who stops and starts: the sweep alone'}.`,
      `gcloud iam service-accounts describe "$${address(id)}" --project=${project(account)} >/dev/null 2>&1 ||`,
      `  gcloud iam service-accounts create ${account.name} --project=${project(account)} --display-name="Bursar: ${id === 'read' ? 'reads' : 'acts'}"`,
      ...(id === 'read' ? readers : [ACTS]).map(
        (output) =>
          `gcloud iam service-accounts add-iam-policy-binding "$${address(id)}" --project=${project(account)} --role=roles/iam.workloadIdentityUser \\
  --member="principalSet://iam.googleapis.com/$POOL/attribute.aws_role/\${${shell(output)}##*/}" --condition=None >/dev/null`,
      ),
    ]),
    ...grants.map(grantLines),
    [
      'cat <<CONFIG',
      'Write into the config:',
      'deploy:',
      '  google:',
      `    provider: $POOL/providers/${provider}`,
      `    serviceAccount: $${address('read')}`,
      'CONFIG',
    ],
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function grantLines({ roleId, title, identity, permissions, places }: GoogleGrant): string[] {
  const names = permissions.map(({ action }) => action).join(',');
  const made = new Set(places.map(home));
  return [
    `# ${title}.`,
    ...[...made].flatMap((owner) => [
      `gcloud iam roles describe ${roleId} ${owner} >/dev/null 2>&1 ||`,
      `  gcloud iam roles create ${roleId} ${owner} --title=${word(title)} --stage=GA --permissions=${names}`,
      // A role of an earlier config is brought to this one.
      `gcloud iam roles update ${roleId} ${owner} --permissions=${names} --quiet >/dev/null`,
    ]),
    ...places.map((place) => given(place, roleId, identity)),
  ];
}

function given(place: GooglePlace, roleId: string, identity: GoogleIdentity): string {
  const member = `--member="serviceAccount:$${address(identity)}"`;
  switch (place.level) {
    case 'project': {
      const id = word(place.project);
      return `gcloud projects add-iam-policy-binding ${id} ${member} --role=projects/${id}/roles/${roleId} --condition=None >/dev/null`;
    }
    case 'organisation':
      return `gcloud organizations add-iam-policy-binding "$ORGANIZATION" ${member} --role="organizations/$ORGANIZATION/roles/${roleId}" --condition=None >/dev/null`;
    case 'bucket':
      return `gcloud storage buckets add-iam-policy-binding ${word(`gs://${place.bucket}`)} ${member} --role="organizations/$ORGANIZATION/roles/${roleId}" >/dev/null`;
    case 'dataset':
      return `bq query --project_id=${word(place.project)} --use_legacy_sql=false "GRANT \\\`projects/${place.project}/roles/${roleId}\\\` ON SCHEMA \\\`${place.project}\\\`.\\\`${place.dataset}\\\` TO 'serviceAccount:$${address(identity)}'"`;
  }
}

/** Where the custom role of a place is made, as gcloud takes it. */
function home(place: GooglePlace): string {
  if (inOrganisation(place)) return '--organization="$ORGANIZATION"';
  return place.level === 'project' || place.level === 'dataset' ? `--project=${word(place.project)}` : '';
}

function asked(name: string, what: string): string {
  return `: "\${${name}:?${what}}"`;
}

function shell(output: string): string {
  return output.replaceAll(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function address(id: string): string {
  return id === 'read' ? 'READER' : 'ACTOR';
}

function email(account: ServiceAccount): string {
  return account.project === null
    ? `"${account.name}@$OPS_PROJECT.iam.gserviceaccount.com"`
    : word(`${account.name}@${account.project}.iam.gserviceaccount.com`);
}

function project(account: ServiceAccount): string {
  return account.project === null ? '"$OPS_PROJECT"' : word(account.project);
}

/** One word of a shell. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
