import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { loadConfig } from '../../config/load.ts';
import { type Config, defaultDeployedConfig } from '../../config/schema.ts';
import { s3Store } from '../../lake/store/s3.ts';
import { dynamoLedger } from '../../ledger/dynamodb.ts';
import type { Progress } from '../../platform/progress.ts';
import { attributed, snapshotsIn } from './account-tags.ts';
import { awsBase, s3Client } from './aws-base.ts';
import { examineClock } from './doctor-clock.ts';
import { examineAlarms, examineFunctions, examineSweep } from './doctor-functions.ts';
import { examineGuardrails } from './doctor-guardrails.ts';
import { examineLedger } from './doctor-ledger.ts';
import { examineQueues } from './doctor-queues.ts';
import { examineSchedules } from './doctor-schedules.ts';
import { examineSecrets } from './doctor-secrets.ts';
import { examineSlack } from './doctor-slack.ts';
import { type DeployedStack, examineStack, readStack } from './doctor-stack.ts';
import { examineTable } from './doctor-table.ts';
import { inactiveKeys } from './doctor-tags.ts';
import { type Examined, unread } from './examined.ts';
import { sqsClient } from './sqs.ts';

/** Where the functions keep the lake in their bucket (infra/stack.ts). */
const LAKE_PREFIX = 'lake/';
const ORGANISATION = /^aws:[^:]+:global$/;

/**
 * `bursar doctor --stack`: what is deployed, as it stands and as it last ran, without changing or starting anything.
 * What the functions' own roles may do is told by what they last did: nobody else can become them.
 * @param named null: `deploy.stackName` of the config
 * @throws BursarError where there is no such stack, or no credentials to look for it
 */
export async function examineDeployed(
  file: string | null,
  named: string | null,
  now: Date,
  progress: Progress,
): Promise<Examined[]> {
  // Without a file what `cdk deploy` deploys without one.
  const config = await loadConfig(file, process.cwd(), defaultDeployedConfig);
  const { region } = config.deploy;
  const settings = { ...awsBase(), ...(region === undefined ? {} : { region }) };
  progress.step('stack');
  const stack = await readStack(new CloudFormationClient(settings), named ?? config.deploy.stackName);
  const cloudwatch = new CloudWatchClient(settings);
  const dynamodb = new DynamoDBClient(settings);
  const { TableName: table, BucketName: bucket } = stack.outputs;
  const parts: readonly [string, () => Promise<readonly Examined[]>][] = [
    ['clock', async () => [await examineClock(new STSClient(settings), () => new Date())]],
    ['schedules', () => examineSchedules(new SchedulerClient(settings), stack, config)],
    ['queues', () => examineQueues(sqsClient(region), stack)],
    ['functions', () => examineFunctions(cloudwatch, stack, now)],
    ['last sweep', async () => [await examineSweep(cloudwatch, stack, config, now)]],
    ['alarms', () => examineAlarms(cloudwatch, stack)],
    [
      'table',
      async () => (table === undefined ? [without('TableName')] : [await examineTable(dynamodb, table)]),
    ],
    ['ledger', () => ledgerOf(dynamodb, stack, (ledger) => examineLedger(ledger, config, now))],
    ['tags', () => kept(bucket, region, (lake) => tagsActivated(lake, config))],
    [
      'guardrails',
      () =>
        kept(bucket, region, (lake) =>
          ledgerOf(dynamodb, stack, async (ledger) =>
            examineGuardrails(ledger, lake, await attributed(config, () => lake, progress), now),
          ),
        ),
    ],
    ['secrets', () => examineSecrets(config)],
    ['slack', async () => [await examineSlack(config)]],
  ];
  const found: Examined[] = [examineStack(stack)];
  for (const [what, look] of parts) {
    progress.step(what);
    try {
      found.push(...(await look()));
    } catch (error) {
      found.push(unread(what, error));
    }
  }
  // Several parts want the same output of the stack.
  return [...new Map(found.map((each) => [`${each.what}: ${each.told}`, each])).values()];
}

type Lake = ReturnType<typeof snapshotsIn>;

function without(output: string): Examined {
  return {
    what: 'stack',
    state: 'fails',
    told: `it has no output ${output}`,
    todo: 'It was deployed by another version, or is no stack of Bursar: npx cdk deploy.',
  };
}

async function ledgerOf(
  client: DynamoDBClient,
  { outputs: { TableName: table } }: DeployedStack,
  look: (ledger: ReturnType<typeof dynamoLedger>) => Promise<Examined[]>,
): Promise<Examined[]> {
  if (table === undefined) return [without('TableName')];
  return await look(dynamoLedger({ client: DynamoDBDocumentClient.from(client), table }));
}

/** Snapshots that lie in the bucket; nothing is written there. */
async function kept(
  bucket: string | undefined,
  region: string | undefined,
  look: (lake: Lake) => Promise<Examined[]>,
): Promise<Examined[]> {
  if (bucket === undefined) return [without('BucketName')];
  const cacheDir = join(tmpdir(), 'bursar-doctor');
  return await look(
    snapshotsIn(s3Store({ client: s3Client(region), bucket, prefix: LAKE_PREFIX, cacheDir })),
  );
}

/** As the functions last saw the organisation: which keys of the config no bill shows. */
async function tagsActivated(lake: Lake, { checks }: Config): Promise<Examined[]> {
  const found: Examined[] = [];
  for (const scope of (await lake.scopes()).filter((name) => ORGANISATION.test(name)))
    for (const snapshot of await lake.snapshots(scope, 1))
      found.push(...inactiveKeys(snapshot, checks['untagged']));
  return found.length > 0
    ? found
    : [
        {
          what: 'cost allocation tags',
          state: 'not tried',
          told: 'cannot tell: no look at an organisation is kept',
          todo: null,
        },
      ];
}
