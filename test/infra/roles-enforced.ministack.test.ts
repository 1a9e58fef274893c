import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { App, CfnElement } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { BursarStack } from '../../infra/stack.ts';
import { parseConfig } from '../../lib/config/load.ts';
import type { Entry } from '../../lib/run/assemble/permissions.ts';
import { startMinistack } from '../counterparts/ministack.ts';
import { ACCOUNT, REGION } from './cdk.ts';
import { deployedAs, type Known, resolved } from './resolved.ts';

/*
 * The synthesised policies of the functions, enforced by resource: an AWS that is not ours looks at every call of the
 * real SDK, with the credentials of each function's role.
 */

const ENTRIES = [
  'plan',
  'collect',
  'audit',
  'ai-usage',
  'sweep',
  'digest',
  'slack',
  'alarm',
] as const satisfies readonly Entry[];
const SECRET = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret`;
const config = parseConfig(
  `schemaVersion: 1
sources: { invoices: { type: focus-file, path: "s3://acme-billing/focus" } }
estate: { aws: { accounts: organisation } }
policies: [{ check: "*", mode: stop }]
slack:
  token: { secret: "${SECRET}:slack" }
  signingSecret: { secret: "${SECRET}:sign" }
  teamId: T012AB3CD
  appId: A012AB3CD
  channels: { digest: "#finops" }
`,
  'bursar.yaml',
);

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
const ROOT: Keys = { accessKeyId: 'test', secretAccessKey: 'test' };

function clientsOf(endpoint: string, credentials: Keys) {
  const base = { endpoint, region: REGION, credentials, maxAttempts: 1 };
  return {
    s3: new S3Client({ ...base, forcePathStyle: true }),
    db: new DynamoDBClient(base),
    sqs: new SQSClient(base),
    secrets: new SecretsManagerClient(base),
    sts: new STSClient(base),
  };
}
type Clients = ReturnType<typeof clientsOf>;

const Policy = z.object({
  Properties: z.object({ PolicyDocument: z.unknown(), Roles: z.array(z.object({ Ref: z.string() })) }),
});

let cloud: Awaited<ReturnType<typeof startMinistack>>;
let known: Known;
const as = new Map<Entry, Clients>();
const folder = mkdtempSync(join(tmpdir(), 'bursar-enforced-'));

/** Of what the template makes, the one whose id begins so. */
function made(prefix: string): string {
  const [id = ''] = Object.keys(known).filter((key) => key.startsWith(prefix) && !key.includes('.'));
  const name = known[id];
  if (name === undefined) throw new Error(`the template makes no ${prefix}`);
  return name;
}

/** A role a function with what the template lets it do, which whoever runs this test may enter. */
function rolesTemplate(template: Template, stack: BursarStack): string {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map((each) =>
    Policy.parse(each),
  );
  const Resources = Object.fromEntries(
    ENTRIES.map((entry) => {
      const worker = stack.deployment.workerOf(entry);
      if (worker === null) throw new Error(`no function ${entry}`);
      const id = stack.getLogicalId(z.instanceof(CfnElement).parse(worker.role.node.defaultChild));
      const own = policies.filter(({ Properties }) => Properties.Roles.some(({ Ref }) => Ref === id));
      return [
        `Role${entry.replace('-', '')}`,
        {
          Type: 'AWS::IAM::Role',
          Properties: {
            RoleName: `of-${entry}`,
            AssumeRolePolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
                  Action: 'sts:AssumeRole',
                },
              ],
            },
            Policies: own.map(({ Properties }, at) => ({
              PolicyName: `own-${at}`,
              PolicyDocument: resolved(Properties.PolicyDocument, known),
            })),
          },
        },
      ];
    }),
  );
  return JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Resources });
}

beforeAll(async () => {
  cloud = await startMinistack({ AUTH: 'true' });
  const app = new App({ outdir: join(folder, 'out'), context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new BursarStack(app, 'Bursar', { config });
  const template = Template.fromStack(stack);
  known = deployedAs(template.toJSON(), ACCOUNT, REGION);
  const root = clientsOf(cloud.url, ROOT);
  const formation = new CloudFormationClient({ endpoint: cloud.url, region: REGION, credentials: ROOT });
  await formation.send(
    new CreateStackCommand({
      StackName: 'roles',
      TemplateBody: rolesTemplate(template, stack),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
  await waitUntilStackCreateComplete(
    { client: formation, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { StackName: 'roles' },
  );
  for (const Bucket of [made('StorageBucket'), 'acme-billing', 'acme-payroll'])
    await root.s3.send(new CreateBucketCommand({ Bucket }));
  for (const [Bucket, Key] of [
    [made('StorageBucket'), 'lake/x'],
    [made('StorageBucket'), 'reports/x'],
    ['acme-billing', 'focus/x.csv'],
    ['acme-payroll', 'x.csv'],
  ] as const)
    await root.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  for (const TableName of [made('StorageLedger'), 'orders'])
    await root.db.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
      }),
    );
  for (const QueueName of [made('TasksQueue'), made('TasksDeadLetters')])
    await root.sqs.send(new CreateQueueCommand({ QueueName }));
  for (const Name of ['slack', 'sign', 'payroll'])
    await root.secrets.send(new CreateSecretCommand({ Name, SecretString: 'x' }));
  for (const entry of ENTRIES) {
    const { Credentials: keys } = await root.sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/of-${entry}`, RoleSessionName: entry }),
    );
    as.set(
      entry,
      clientsOf(cloud.url, {
        accessKeyId: keys?.AccessKeyId ?? '',
        secretAccessKey: keys?.SecretAccessKey ?? '',
        sessionToken: keys?.SessionToken ?? '',
      }),
    );
  }
});
afterAll(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true });
});

const EVERY = ENTRIES;
const NOBODY: readonly Entry[] = [];
const SLACKS: readonly Entry[] = ['ai-usage', 'sweep', 'digest', 'slack', 'alarm'];
const LAKE: readonly Entry[] = ['collect', 'audit', 'digest'];
const item = { pk: { S: 'FINDING#a' }, sk: { S: 'f-x' } };
const queue = (prefix: string) => `${cloud.url}/${ACCOUNT}/${made(prefix)}`;
const own = () => made('StorageBucket');
const table = () => made('StorageLedger');

/** What each call does, and who may make it. What removes things comes last. */
const CALLS: readonly [string, (as: Clients) => Promise<unknown>, readonly Entry[]][] = [
  ['reads the lake', ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: own(), Key: 'lake/x' })), LAKE],
  ['lists the lake', ({ s3 }) => s3.send(new ListObjectsV2Command({ Bucket: own(), Prefix: 'lake/' })), LAKE],
  [
    'writes the lake',
    ({ s3 }) => s3.send(new PutObjectCommand({ Bucket: own(), Key: 'lake/y', Body: 'y' })),
    ['collect'],
  ],
  [
    'writes a report',
    ({ s3 }) => s3.send(new PutObjectCommand({ Bucket: own(), Key: 'reports/y', Body: 'y' })),
    ['digest'],
  ],
  [
    'writes elsewhere in the bucket',
    ({ s3 }) => s3.send(new PutObjectCommand({ Bucket: own(), Key: 'y', Body: 'y' })),
    NOBODY,
  ],
  [
    'reads a bill',
    ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: 'acme-billing', Key: 'focus/x.csv' })),
    ['collect'],
  ],
  [
    'reads what is nobody’s bill',
    ({ s3 }) => s3.send(new GetObjectCommand({ Bucket: 'acme-payroll', Key: 'x.csv' })),
    NOBODY,
  ],
  [
    'writes a bill',
    ({ s3 }) => s3.send(new PutObjectCommand({ Bucket: 'acme-billing', Key: 'focus/y', Body: 'y' })),
    NOBODY,
  ],
  [
    'removes a bill',
    ({ s3 }) => s3.send(new DeleteObjectCommand({ Bucket: 'acme-billing', Key: 'focus/x.csv' })),
    NOBODY,
  ],
  [
    'removes a report',
    ({ s3 }) => s3.send(new DeleteObjectCommand({ Bucket: own(), Key: 'reports/x' })),
    NOBODY,
  ],
  [
    'removes of the lake',
    ({ s3 }) => s3.send(new DeleteObjectCommand({ Bucket: own(), Key: 'lake/y' })),
    ['collect'],
  ],
  ['removes the bucket', ({ s3 }) => s3.send(new DeleteBucketCommand({ Bucket: own() })), NOBODY],
  ['keeps a finding', ({ db }) => db.send(new PutItemCommand({ TableName: table(), Item: item })), EVERY],
  [
    'reads findings',
    ({ db }) =>
      db.send(
        new QueryCommand({
          TableName: table(),
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: 'FINDING#a' } },
        }),
      ),
    EVERY,
  ],
  [
    'writes another table',
    ({ db }) => db.send(new PutItemCommand({ TableName: 'orders', Item: item })),
    NOBODY,
  ],
  [
    'gives a claim back',
    ({ db }) => db.send(new DeleteItemCommand({ TableName: table(), Key: item })),
    ['sweep'],
  ],
  ['removes the table', ({ db }) => db.send(new DeleteTableCommand({ TableName: table() })), NOBODY],
  [
    'queues a task',
    ({ sqs }) => sqs.send(new SendMessageCommand({ QueueUrl: queue('TasksQueue'), MessageBody: '{}' })),
    ['plan'],
  ],
  [
    'takes a task',
    ({ sqs }) => sqs.send(new ReceiveMessageCommand({ QueueUrl: queue('TasksQueue') })),
    ['collect'],
  ],
  [
    'empties the queue',
    ({ sqs }) => sqs.send(new PurgeQueueCommand({ QueueUrl: queue('TasksQueue') })),
    NOBODY,
  ],
  [
    'takes a dead letter',
    ({ sqs }) => sqs.send(new ReceiveMessageCommand({ QueueUrl: queue('TasksDeadLetters') })),
    NOBODY,
  ],
  [
    'keeps what failed',
    ({ sqs }) => sqs.send(new SendMessageCommand({ QueueUrl: queue('TasksDeadLetters'), MessageBody: '{}' })),
    ['plan', 'audit', 'ai-usage', 'sweep', 'digest', 'alarm'],
  ],
  [
    'reads the token of Slack',
    ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: 'slack' })),
    SLACKS,
  ],
  [
    'reads the secret of clicks',
    ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: 'sign' })),
    ['slack'],
  ],
  [
    'reads another secret',
    ({ secrets }) => secrets.send(new GetSecretValueCommand({ SecretId: 'payroll' })),
    NOBODY,
  ],
  ['removes a secret', ({ secrets }) => secrets.send(new DeleteSecretCommand({ SecretId: 'slack' })), NOBODY],
];

test.each(CALLS)('who %s', async (_, call, may) => {
  const did: Entry[] = [];
  const refusals: unknown[] = [];
  for (const entry of ENTRIES) {
    const clients = as.get(entry);
    if (clients === undefined) throw new Error(`nobody is ${entry}`);
    const refused = await call(clients).then(
      () => null,
      (error: unknown) => error,
    );
    if (refused === null) did.push(entry);
    else refusals.push(refused);
  }
  // Refused for their rights, and for no other reason.
  const denied = { message: expect.stringMatching(/not authorized|Access ?Denied/i) };
  expect(refusals).toMatchObject(refusals.map(() => denied));
  expect(did).toEqual(may);
});
