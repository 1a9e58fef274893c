import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../lib/config/load.ts';
import { sourceAccess } from '../../lib/run/assemble/source-access.ts';
import {
  accessText,
  bucketStatements,
  inPlaceKeyStatement,
  inPlaceStatements,
  keyStatement,
  readerStatements,
  readerTemplate,
  type SourceAccess,
} from '../../lib/run/source-access.ts';

const PAYER = '999900001111';
const OPS = '444455556666';
const KEY = `arn:aws:kms:us-east-1:${PAYER}:key/1234`;
const BUCKET = 'arn:aws:s3:::acme-billing';

function access(source: string, more = `deploy: { account: "${OPS}" }`): SourceAccess {
  return sourceAccess(
    parseConfig(`schemaVersion: 1\n${more}\nsources: { main: ${source} }\n`, 'bursar.yaml'),
    'main',
  );
}

const BY_ROLE = access(
  `{ type: aws-focus-export, bucket: acme-billing, prefix: bills/focus/, account: "${PAYER}", roleArn: "arn:aws:iam::${PAYER}:role/finops/Bills", externalId: acme-1, kmsKeyArn: "${KEY}" }`,
  `deploy: { account: "${OPS}" }\nestate: { aws: { organisationId: o-a1b2c3d4e5 } }`,
);
const BY_BUCKET = access(
  `{ type: aws-cur, bucket: acme-billing, prefix: bills/focus, account: "${PAYER}", kmsKeyArn: "${KEY}" }`,
);

interface Asked {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Record<string, string>;
  readonly identity?: unknown;
  readonly onResource?: unknown;
}

/** What an evaluator of IAM that is not ours says: Allowed, ImplicitlyDenied or ExplicitlyDenied. */
async function verdict({
  principal,
  action,
  resource,
  context = {},
  identity,
  onResource,
}: Asked): Promise<string> {
  const answer = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: PAYER }, contextVariables: context },
      identityPolicies: identity === undefined ? [] : [{ name: 'own', policy: identity }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(onResource === undefined ? {} : { resourcePolicy: onResource }),
    },
    {},
  );
  if (answer.resultType === 'error') throw new Error(JSON.stringify(answer.errors));
  return answer.overallResult;
}

const policy = (Statement: unknown) => ({ Version: '2012-10-17', Statement });

const template = z.object({
  Resources: z.object({
    Reader: z.object({
      Properties: z.object({
        RoleName: z.string(),
        Path: z.string().optional(),
        AssumeRolePolicyDocument: z.unknown(),
        Policies: z.tuple([z.object({ PolicyDocument: z.unknown() })]),
      }),
    }),
  }),
});

/** Role of the template with its parameters as `--parameter-overrides` leaves them. */
function role(of: SourceAccess) {
  const text = readerTemplate(of)
    .replaceAll(/Ref: "?ExternalId"?/g, 'EXTERNAL')
    .replaceAll('${AWS::Partition}', 'aws')
    .replaceAll('${BursarAccount}', OPS);
  const { Properties } = template.parse(parse(text.replaceAll(/\n\s+EXTERNAL/g, ' acme-1'))).Resources.Reader;
  const trust = JSON.parse(
    JSON.stringify(Properties.AssumeRolePolicyDocument).replaceAll(/\{"Fn::Sub":("[^"]+")\}/g, '$1'),
  );
  return { ...Properties, trust, rights: Properties.Policies[0].PolicyDocument };
}

describe('the role that reads', () => {
  const { rights, trust, RoleName, Path } = role(BY_ROLE);
  const asRole = (action: string, resource: string, context: Record<string, string> = {}) =>
    verdict({
      principal: `arn:aws:iam::${PAYER}:role/finops/Bills`,
      action,
      resource,
      context,
      identity: rights,
    });

  test.each([
    [
      's3:GetObject',
      `${BUCKET}/bills/focus/daily/metadata/BILLING_PERIOD=2026-10/daily-Manifest.json`,
      {},
      'Allowed',
    ],
    ['s3:ListBucket', BUCKET, { 's3:prefix': 'bills/focus/' }, 'Allowed'],
    ['s3:ListBucket', BUCKET, { 's3:prefix': 'bills/focus/daily/metadata/' }, 'Allowed'],
    ['s3:ListBucket', BUCKET, { 's3:prefix': 'bills/' }, 'ImplicitlyDenied'],
    ['s3:ListBucket', BUCKET, { 's3:prefix': '' }, 'ImplicitlyDenied'],
    ['s3:GetObject', `${BUCKET}/bills/focus-old/x.csv`, {}, 'ImplicitlyDenied'],
    ['s3:GetObject', `${BUCKET}/secrets.txt`, {}, 'ImplicitlyDenied'],
    ['s3:PutObject', `${BUCKET}/bills/focus/x`, {}, 'ImplicitlyDenied'],
    ['s3:DeleteObject', `${BUCKET}/bills/focus/x`, {}, 'ImplicitlyDenied'],
  ])('%s of %s with %o: %s', async (action, resource, context, expected) => {
    expect(await asRole(action, resource, context)).toBe(expected);
  });

  test('is named as the config names it, and decrypts with that key alone', async () => {
    expect([RoleName, Path]).toEqual(['Bills', '/finops/']);
    const onResource = policy([
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${PAYER}:root` }, Action: 'kms:*', Resource: '*' },
    ]);
    const decrypt = (resource: string) =>
      verdict({
        principal: `arn:aws:iam::${PAYER}:role/finops/Bills`,
        action: 'kms:Decrypt',
        resource,
        identity: rights,
        onResource,
      });
    expect(await decrypt(KEY)).toBe('Allowed');
    expect(await decrypt(KEY.replace('1234', '9999'))).toBe('ImplicitlyDenied');
  });

  test.each([
    [`arn:aws:iam::${OPS}:role/Collect`, 'acme-1', 'o-a1b2c3d4e5', 'Allowed'],
    [`arn:aws:iam::${OPS}:role/Collect`, 'other', 'o-a1b2c3d4e5', 'ImplicitlyDenied'],
    [`arn:aws:iam::${OPS}:role/Collect`, 'acme-1', 'o-zzzzzzzzzz', 'ImplicitlyDenied'],
    ['arn:aws:iam::777788889999:role/Collect', 'acme-1', 'o-a1b2c3d4e5', 'ImplicitlyDenied'],
  ])('%s with external id %s of %s: %s', async (principal, externalId, organisation, expected) => {
    const resource = `arn:aws:iam::${PAYER}:role/finops/Bills`;
    const asked = {
      principal,
      action: 'sts:AssumeRole',
      resource,
      context: { 'sts:ExternalId': externalId, 'aws:PrincipalOrgID': organisation },
      identity: policy([{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: resource }]),
      onResource: trust,
    };
    expect(await verdict(asked)).toBe(expected);
  });
});

describe('the bucket and the key, read from another account', () => {
  const principal = `arn:aws:iam::${OPS}:role/Collect`;
  // What the deployed function's own role is granted has no conditions.
  const identity = policy(
    BY_BUCKET.permissions.map(({ action, resources = [] }) => ({
      Effect: 'Allow',
      Action: action,
      Resource: [...resources],
    })),
  );

  test.each([
    ['s3:GetObject', `${BUCKET}/bills/focus/daily/x.parquet`, principal, {}, 'Allowed'],
    ['s3:ListBucket', BUCKET, principal, { 's3:prefix': 'bills/focus/' }, 'Allowed'],
    ['s3:ListBucket', BUCKET, principal, { 's3:prefix': '' }, 'ImplicitlyDenied'],
    ['s3:GetObject', `${BUCKET}/other/x`, principal, {}, 'ImplicitlyDenied'],
    [
      's3:GetObject',
      `${BUCKET}/bills/focus/daily/x.parquet`,
      'arn:aws:iam::777788889999:role/Collect',
      {},
      'ImplicitlyDenied',
    ],
  ])('%s of %s by %s with %o: %s', async (action, resource, who, context, expected) => {
    const onResource = policy(bucketStatements(BY_BUCKET));
    expect(await verdict({ principal: who, action, resource, context, identity, onResource })).toBe(expected);
  });

  test('the key opens to it, once its policy says so', async () => {
    const asked = { principal, action: 'kms:Decrypt', resource: KEY, identity };
    expect(await verdict({ ...asked, onResource: policy([keyStatement(BY_BUCKET)]) })).toBe('Allowed');
    expect(await verdict({ ...asked, onResource: policy([]) })).toBe('ImplicitlyDenied');
  });
});

describe('an export that Athena asks where it lies', () => {
  const ATHENA = `lake: { athena: { region: us-east-1, database: billing, tables: { main: focus } } }`;
  const asked = access(
    `{ type: aws-focus-export, bucket: acme-billing, prefix: bills/focus/, account: "${PAYER}", roleArn: "arn:aws:iam::${PAYER}:role/finops/Bills", kmsKeyArn: "${KEY}" }`,
    `deploy: { account: "${OPS}" }\n${ATHENA}`,
  );
  const principal = `arn:aws:iam::${OPS}:role/Audit`;
  const identity = policy(
    asked.inPlace.map(({ action, resources = [] }) => ({
      Effect: 'Allow',
      Action: action,
      Resource: [...resources],
    })),
  );
  const decrypt = (resource: string, statements: readonly unknown[]) =>
    verdict({ principal, action: 'kms:Decrypt', resource, identity, onResource: policy(statements) });

  test.each([
    ['s3:GetBucketLocation', BUCKET, {}, 'Allowed'],
    ['s3:ListBucket', BUCKET, { 's3:prefix': 'bills/focus/daily/data/billing_period=2026-10/' }, 'Allowed'],
    ['s3:ListBucket', BUCKET, { 's3:prefix': 'other/' }, 'ImplicitlyDenied'],
    ['s3:GetObject', `${BUCKET}/bills/focus/daily/data/x.parquet`, {}, 'Allowed'],
    ['s3:GetObject', `${BUCKET}/other/x.parquet`, {}, 'ImplicitlyDenied'],
    ['s3:PutObject', `${BUCKET}/bills/focus/daily/data/x.parquet`, {}, 'ImplicitlyDenied'],
  ])('the role that asks may %s of %s with %o: %s', async (action, resource, context, expected) => {
    const onResource = policy(inPlaceStatements(asked));
    expect(await verdict({ principal, action, resource, context, identity, onResource })).toBe(expected);
    // What the reading role was given opens nothing to it.
    const reading = policy(bucketStatements(asked));
    expect(await verdict({ principal, action, resource, context, identity, onResource: reading })).toBe(
      'ImplicitlyDenied',
    );
  });

  test('it decrypts once the policy of the key says so, with that key alone', async () => {
    expect(await decrypt(KEY, [inPlaceKeyStatement(asked)])).toBe('Allowed');
    expect(await decrypt(KEY, [keyStatement(asked)])).toBe('ImplicitlyDenied');
    expect(await decrypt(KEY.replace('1234', '9999'), [inPlaceKeyStatement(asked)])).toBe('ImplicitlyDenied');
  });

  test('both policies are printed, beside those of the reading role, each statement under a name of its own', () => {
    const text = accessText(asked);
    expect(text).toContain('For Athena: add to the policy of the bucket');
    expect(text).toContain('For Athena: add to the policy of the key');
    const names = [keyStatement(asked), inPlaceKeyStatement(asked)].map((statement) => statement?.['Sid']);
    expect(new Set(names).size).toBe(2);
    expect(accessText(BY_ROLE)).not.toContain('Athena');
  });

  test('nothing is to be added where the bucket is of the account that asks', () => {
    const own = access(
      `{ type: aws-focus-export, bucket: acme-billing, prefix: x, account: "${OPS}" }`,
      `deploy: { account: "${OPS}" }\n${ATHENA}`,
    );
    expect(accessText(own)).not.toContain('For Athena');
  });
});

describe('what is printed', () => {
  test('a role in the account of the bucket needs no policy of the bucket', () => {
    const text = accessText(BY_ROLE);
    expect(text).toContain(
      `main is read from s3://acme-billing/bills/focus by arn:aws:iam::${PAYER}:role/finops/Bills.`,
    );
    expect(text).not.toContain('policy of the bucket');
    expect(text).toContain('Not needed where the key leaves it to IAM');
  });

  test('without a role both ways are told, and that the statements that AWS delivers by must stay', () => {
    const text = accessText(BY_BUCKET);
    expect(text).toContain('Let it be read by a role of the account that owns it');
    expect(text).toContain(
      'add to the policy of the bucket\nAdd these statements and keep those that are there',
    );
    expect(text).not.toContain('Not needed');
  });

  test('where the config does not say in which account Bursar runs, that is asked for', () => {
    const text = accessText(access('{ type: aws-cur, bucket: acme-billing }', ''));
    expect(text).toContain('Put the account in which Bursar runs for BURSAR-ACCOUNT-ID');
    expect(readerTemplate(access('{ type: aws-cur, bucket: acme-billing }', ''))).not.toContain('Default:');
  });

  test('the role for Cost Explorer asks Cost Explorer and nothing else', () => {
    const of = access(`{ type: aws-cost-explorer, roleArn: "arn:aws:iam::${PAYER}:role/Costs" }`);
    const actions = readerStatements(of).map(({ Action }) => Action);
    expect(actions).toContain('ce:GetCostAndUsage');
    expect(actions.filter((action) => typeof action !== 'string' || !action.startsWith('ce:Get'))).toEqual(
      [],
    );
    expect(accessText(of)).not.toContain('bucket');
  });

  test('other partitions', () => {
    const of = access(
      '{ type: aws-cur, bucket: acme-billing, prefix: x, roleArn: "arn:aws-cn:iam::999900001111:role/R" }',
    );
    expect(JSON.stringify(readerStatements(of))).toContain('arn:aws-cn:s3:::acme-billing/x/*');
  });

  test.each([
    ['none', 'the config names no source none'],
    ['files', 'a source of type focus-file needs nothing that a payer in AWS allows'],
  ])('%s is an error', (id, message) => {
    const config = parseConfig(
      'schemaVersion: 1\nsources: { files: { type: focus-file, path: ./x } }\n',
      'bursar.yaml',
    );
    expect(() => sourceAccess(config, id)).toThrow(message);
  });
});
