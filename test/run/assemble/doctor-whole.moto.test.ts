import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import type { Snapshot } from '../../../lib/estate/model.ts';
import { putSnapshot } from '../../../lib/lake/snapshots.ts';
import { s3Store } from '../../../lib/lake/store/s3.ts';
import { dynamoLedger } from '../../../lib/ledger/dynamodb.ts';
import { LEDGER_TABLE } from '../../../lib/ledger/dynamodb-table.ts';
import { examineDeployed } from '../../../lib/run/assemble/doctor-deployed.ts';
import { setSwitch } from '../../../lib/run/respond/switch.ts';
import { machine } from '../../checks/facts.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { base } from '../../estate/aws/emulated.ts';

const moto = inject('motoUrl');
const settings = { ...base(moto), region: 'eu-central-1' };
const SILENT = { step: () => undefined, warn: () => undefined };
const NOW = new Date();
let folder: string;
let file: string;

beforeEach(async () => {
  await resetMoto(moto);
  folder = await mkdtemp(join(tmpdir(), 'bursar-doctor-'));
  file = join(folder, 'bursar.yaml');
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: moto,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  }))
    vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** The parts of the real stack that hold something, with its outputs. */
async function deploy(): Promise<Record<string, string>> {
  const { partitionKey, sortKey } = LEDGER_TABLE;
  const Resources = {
    Bucket: { Type: 'AWS::S3::Bucket' },
    Ledger: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: partitionKey.name, AttributeType: 'S' },
          { AttributeName: sortKey.name, AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: partitionKey.name, KeyType: 'HASH' },
          { AttributeName: sortKey.name, KeyType: 'RANGE' },
        ],
      },
    },
    TasksDeadLettersCFF7832A: { Type: 'AWS::SQS::Queue' },
  };
  const Outputs = {
    BucketName: { Value: { Ref: 'Bucket' } },
    TableName: { Value: { Ref: 'Ledger' } },
    DeadLettersUrl: { Value: { Ref: 'TasksDeadLettersCFF7832A' } },
  };
  const cloudformation = new CloudFormationClient(settings);
  const StackName = 'Second';
  await cloudformation.send(
    new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources, Outputs }) }),
  );
  const { Stacks: [stack] = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
  return Object.fromEntries(
    (stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
  );
}

function inventory(): Snapshot {
  return {
    schemaVersion: 2,
    scope: { provider: 'aws', accountId: '111122223333', region: 'us-east-1' },
    takenAt: NOW.toISOString(),
    resources: [machine()],
    telemetry: [],
    vectorIndexes: [],
    coverage: [],
  };
}

async function config(more = ''): Promise<void> {
  await writeFile(file, `schemaVersion: 1\ndeploy: { stackName: Second, region: eu-central-1 }\n${more}`);
}

async function told(): Promise<Record<string, string>> {
  const found = await examineDeployed(file, null, NOW, SILENT);
  return Object.fromEntries(found.map(({ what, state, told: words }) => [what, `${state}: ${words}`]));
}

test('what is deployed is looked at in its own table and bucket, part by part', async () => {
  const outputs = await deploy();
  await config('policies: [{ check: "*", where: { account: "999988887777" }, mode: warn }]');
  const ledger = dynamoLedger({
    client: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
    table: z.string().parse(outputs['TableName']),
  });
  await setSwitch(ledger, true, { user: 'U1', team: 'T1' }, NOW);
  expect(await told()).toMatchObject({
    'stack Second': 'works: CREATE_COMPLETE',
    clock: expect.stringMatching(/^works: /),
    'schedule plan': 'fails: the config has it, the stack does not',
    'dead letters': 'works: none',
    'last sweep': expect.stringMatching(/^fails: none ended well in the last 1 hours/),
    [`table ${outputs['TableName']}`]:
      'fails: somebody switched off its point-in-time recovery and its deletion protection',
    ledger: 'works: readable',
    'kill switch': expect.stringMatching(/^works: on since .* by U1: nothing is stopped$/),
    policies: 'not tried: cannot tell whether each fits anything: no inventory is kept yet',
    'cost allocation tags': 'not tried: cannot tell: no look at an organisation is kept',
    slack: 'not configured: nothing is posted',
  });
});

test('a stack that is no Bursar is told by what it lacks', async () => {
  const cloudformation = new CloudFormationClient(settings);
  const TemplateBody = JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue' } } });
  await cloudformation.send(new CreateStackCommand({ StackName: 'Second', TemplateBody }));
  await config();
  expect(await told()).toMatchObject({ stack: 'fails: it has no output BucketName' });
});

test('a policy is held against the inventory that the functions keep in their bucket', async () => {
  const outputs = await deploy();
  await config(
    'policies: [{ check: "*", where: { account: "999988887777" }, mode: warn }, { check: "*", mode: flag }]',
  );
  const store = s3Store({
    client: new S3Client({ ...settings, forcePathStyle: true }),
    bucket: z.string().parse(outputs['BucketName']),
    prefix: 'lake/',
    cacheDir: join(folder, 'cache'),
  });
  await putSnapshot(store, inventory(), { last: 1, days: 1 });
  expect(await told()).toMatchObject({
    'policy 1 (check *, mode warn)': 'fails: nothing of 1 things fits it',
  });
});
