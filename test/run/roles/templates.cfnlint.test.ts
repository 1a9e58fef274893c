import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { MemberRoles } from '../../../infra/member-roles.ts';
import { parseConfig } from '../../../lib/config/load.ts';
import type { Config } from '../../../lib/config/schema.ts';
import { googleGrants } from '../../../lib/run/assemble/google-permissions.ts';
import { memberRoles } from '../../../lib/run/assemble/member-permissions.ts';
import { googleSetup } from '../../../lib/run/roles/google.ts';
import { googleTerraform } from '../../../lib/run/roles/google-terraform.ts';
import { memberTemplate } from '../../../lib/run/roles/member-cloudformation.ts';
import { memberTerraform } from '../../../lib/run/roles/member-terraform.ts';
import { lintTemplates } from '../../counterparts/cfn-lint.ts';
import { installHcl, readHcl } from '../../counterparts/hcl.ts';
import { resolved, statementsOf } from '../../infra/resolved.ts';

const PARTITION = 'aws-us-gov';
const KNOWN = {
  PlanRoleArn: `arn:${PARTITION}:iam::111122223333:role/Plan`,
  CollectRoleArn: `arn:${PARTITION}:iam::111122223333:role/Collect`,
  AiUsageRoleArn: `arn:${PARTITION}:iam::111122223333:role/AiUsage`,
  SweepRoleArn: `arn:${PARTITION}:iam::111122223333:role/Sweep`,
  'AWS::Partition': PARTITION,
  'AWS::AccountId': '222233334444',
};

const configOf = (text: string) => parseConfig(`schemaVersion: 1\n${text}\n`, 'bursar.yaml');
const CONFIGS: readonly [string, Config][] = [
  ['read alone', configOf('estate: { aws: {} }')],
  [
    'every role, with external id and organisation',
    configOf(
      'policies: [{ check: "*", mode: stop }]\nguards: { protectedTags: [do-not-stop, "legal:${hold}"] }\nestate: { aws: { tagRole: BursarTag, externalId: "ext-1", organisationId: o-a1b2c3d4e5 } }',
    ),
  ],
];

const fileOf = (name: string) => join(folder, `${name}.yaml`);

let folder: string;
let hcl: string;
/** What cfn-lint finds in the templates of all configs. */
let found: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-roles-'));
  hcl = (await installHcl()).python;
  for (const [name, config] of CONFIGS) await writeFile(fileOf(name), memberTemplate(memberRoles(config)));
  found = await lintTemplates(
    inject('cfnLint').python,
    CONFIGS.map(([name]) => fileOf(name)),
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

interface Role {
  readonly trust: unknown;
  readonly rights: unknown;
}

const Resources = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.looseObject({
        RoleName: z.string().optional(),
        AssumeRolePolicyDocument: z.unknown().optional(),
        PolicyDocument: z.unknown().optional(),
        Policies: z.array(z.object({ PolicyDocument: z.unknown() })).optional(),
        Roles: z.array(z.object({ Ref: z.string() })).optional(),
      }),
    }),
  ),
});

/** Which statement of a policy stands first means nothing to IAM. */
function inOrder<T>(statements: readonly T[]): T[] {
  return statements.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** By name: whom the role trusts, and its rights, as a deployment of the template has them. */
function rolesOf(template: unknown): Map<string, Role> {
  const resources = Object.entries(Resources.parse(template).Resources);
  return new Map(
    resources
      .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
      .map(([id, { Properties: own }]) => {
        const beside = resources.filter(([, { Properties }]) =>
          Properties.Roles?.some(({ Ref }) => Ref === id),
        );
        const documents = [
          ...(own.Policies ?? []),
          ...beside.map(([, { Properties }]) => ({ PolicyDocument: Properties.PolicyDocument })),
        ];
        return [
          own.RoleName ?? '',
          {
            trust: resolved(own.AssumeRolePolicyDocument, KNOWN),
            rights: inOrder(
              documents.flatMap(({ PolicyDocument }) => statementsOf(resolved(PolicyDocument, KNOWN))),
            ),
          },
        ];
      }),
  );
}

function fromCdk(config: Config): Map<string, Role> {
  return rolesOf(Template.fromStack(new MemberRoles(new App(), 'Roles', { config })).toJSON());
}

describe.each(CONFIGS)('the roles of a member account: %s', (name, config) => {
  const template = memberTemplate(memberRoles(config));

  test('as a stack pass cfn-lint', () => {
    expect(found.filter((line) => line.startsWith(fileOf(name)))).toEqual([]);
  });

  test('as a stack are those of the CDK', () => {
    const roles = rolesOf(parse(template));
    expect(roles.size).toBe(memberRoles(config).length);
    expect(roles).toEqual(fromCdk(config));
  });

  test('in Terraform are the same', async () => {
    const { resource = [] } = await readHcl(
      hcl,
      await written(`${name}.tf`, memberTerraform(memberRoles(config))),
    );
    const of = (type: string, key: string) =>
      resource
        .flatMap((one) =>
          Object.entries(
            z.record(z.string(), z.record(z.string(), z.unknown())).parse(one[`"${type}"`] ?? {}),
          ),
        )
        .map(([label, attributes]) => [label, String(attributes[key])] as const);
    const names = new Map(of('aws_iam_role', 'name'));
    const trusts = new Map(of('aws_iam_role', 'assume_role_policy'));
    const rights = new Map(of('aws_iam_role_policy', 'policy'));
    const roles = [...names].map(([label, quoted]): [string, Role] => [
      String(JSON.parse(quoted)),
      {
        trust: encoded(trusts.get(label) ?? ''),
        rights: inOrder(statementsOf(encoded(rights.get(label) ?? ''))),
      },
    ]);
    expect(new Map(roles)).toEqual(fromCdk(config));
  });
});

/** What `jsonencode` of an object of texts and lists makes, with the references of this account. */
function encoded(expression: string): unknown {
  const [, inner = ''] = /^\$\{jsonencode\((.*)\)\}$/s.exec(expression) ?? [];
  const filled = inner
    .replaceAll('${data.aws_partition.current.partition}', KNOWN['AWS::Partition'])
    .replaceAll('${data.aws_caller_identity.current.account_id}', KNOWN['AWS::AccountId'])
    .replaceAll(/var\.(\w+)_role_arn/g, (_, entry: string) => {
      const output = entry.replaceAll(/(?:^|_)([a-z])/g, (__, letter: string) => letter.toUpperCase());
      const arn = Object.entries(KNOWN).find(([name]) => name === `${output}RoleArn`)?.[1];
      return JSON.stringify(arn ?? `no ${output}`);
    });
  const json = filled.replaceAll(/("(?:[^"\\]|\\.)*"|[A-Za-z_]\w*) = /g, (_, key: string) =>
    key.startsWith('"') ? `${key}: ` : `"${key}": `,
  );
  return JSON.parse(json.replaceAll('$${', '${').replaceAll('%%{', '%{'));
}

const GOOGLE = configOf(`policies: [{ check: "*", mode: stop }]
owners: { creators: true, domains: [acme.com] }
sources: { g: { type: gcp-bigquery, table: acme-billing.bills.t, project: acme-lab } }
estate:
  gcp: { projects: [acme-prod, acme-lab], advice: true, actAs: bursar-act@acme-ops.iam.gserviceaccount.com }
  stores:
    docs:
      type: qdrant
      url: https://docs.acme.example
      auth: { env: DOCS }
      documents: [{ key: id, source: { type: gcs, bucket: acme-docs } }]`);

test('cfn-lint found nothing elsewhere either', () => {
  expect(found).toEqual([]);
});

test('what Google Cloud takes is Terraform’s language, and holds every role and each place that it is given at', async () => {
  const setup = googleSetup(GOOGLE);
  if (setup === null) throw new Error('the config asks Google nothing');
  const { resource = [], variable = [] } = await readHcl(
    hcl,
    await written('google.tf', googleTerraform(setup)),
  );
  const labels = resource.flatMap((one) =>
    Object.entries(one).flatMap(([type, named]) =>
      Object.keys(z.record(z.string(), z.unknown()).parse(named)).map((label) => `${type}.${label}`),
    ),
  );
  expect(new Set(labels).size).toBe(labels.length);
  const count = (type: RegExp) => labels.filter((label) => type.test(label)).length;
  const places = googleGrants(GOOGLE).flatMap((grant) => grant.places);
  expect(count(/^"google_(project|organization|bigquery_dataset|storage_bucket)_iam_member"/)).toBe(
    places.length,
  );
  expect(count(/^"google_service_account_iam_member"/)).toBe(setup.readers.length + 1);
  expect(variable.flatMap((one) => Object.keys(one))).toEqual([
    '"organization"',
    '"collect_role_arn"',
    '"sweep_role_arn"',
  ]);
});
