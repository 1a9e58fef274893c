import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { dynamoLedger } from '../../lib/ledger/dynamodb.ts';
import type { Finding, LedgerStore } from '../../lib/ledger/model.ts';
import { silent } from '../../lib/platform/progress.ts';
import { examineDeployed } from '../../lib/run/assemble/doctor-deployed.ts';
import type { Examined } from '../../lib/run/assemble/examined.ts';
import { type SlackCall, slackCalls } from '../counterparts/slack.control.ts';
import { recentBill } from '../functions/recent-bill.ts';
import { ACCOUNT, ARCHITECTURE, cdk, localCloud, REGION } from './cdk.ts';
import { logged } from './function-logs.ts';

const endpoint = inject('ministackUrl');
const slack = inject('slack');
const client = { endpoint, region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const s3 = new S3Client({ ...client, forcePathStyle: true });
const logs = new CloudWatchLogsClient(client);
const SIGNING_SECRET = 'the-signing-secret';
/** The workspace of the emulated Slack. */
const TEAM = 'T000000001';
const APP_ID = 'A0BURSAR';
const DAY_MS = 86_400_000;
/** The schedules fire each minute, and three of them build on each other. */
const PATIENCE_MS = 420_000;

const Told = z.object({
  BucketName: z.string(),
  TableName: z.string(),
  QueueUrl: z.string(),
  DeadLettersUrl: z.string(),
  AlarmTopicArn: z.string(),
  SlackUrl: z.url(),
});

let folder: string;
let instanceId: string;
let ledger: LedgerStore;
let outputs: z.infer<typeof Told>;
let secrets: readonly [token: string, signing: string];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-deploy-'));
  instanceId = await instanceOfOwner();
  await billInBucket('acme-billing', 'focus/november.csv');
  secrets = [await secretOf('bursar-slack', slack.token), await secretOf('bursar-sign', SIGNING_SECRET)];
  // What an account is prepared with is the same for any app: none is synthesised for it.
  await cdk(['bootstrap', `aws://${ACCOUNT}/${REGION}`], localCloud(endpoint), folder);
  outputs = await deployed('Bursar', configOf(...secrets));
  ledger = dynamoLedger({
    client: DynamoDBDocumentClient.from(new DynamoDBClient(client)),
    table: outputs.TableName,
  });
}, PATIENCE_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Deploys this config with the real CDK command line; what the stack tells. */
async function deployed(stackName: string, text: string): Promise<z.infer<typeof Told>> {
  const config = join(folder, `${stackName}.yaml`);
  const told = join(folder, `${stackName}.outputs.json`);
  await writeFile(config, text);
  const output = `--output=${join(folder, `${stackName}.out`)}`;
  await cdk(
    ['deploy', '--require-approval=never', `--context=config=${config}`, output, `--outputs-file=${told}`],
    localCloud(endpoint),
  );
  return z.record(z.string(), Told).parse(JSON.parse(await readFile(told, 'utf8')))[stackName] ?? missing();
}

function missing(): never {
  throw new Error('the stack told nothing');
}

/** Its owner is known; the team is what it lacks. */
async function instanceOfOwner(): Promise<string> {
  const { Instances = [] } = await new EC2Client(client).send(
    new RunInstancesCommand({
      ImageId: 'ami-12345678',
      InstanceType: 'm5.large',
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'owner', Value: 'owner@example.com' }] }],
    }),
  );
  return z.string().parse(Instances[0]?.InstanceId);
}

async function billInBucket(Bucket: string, Key: string): Promise<void> {
  const resource = {
    SubAccountId: ACCOUNT,
    ResourceId: `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${instanceId}`,
    RegionId: REGION,
  };
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: await recentBill(resource, new Date()) }));
}

async function secretOf(Name: string, SecretString: string): Promise<string> {
  const { ARN } = await new SecretsManagerClient(client).send(
    new CreateSecretCommand({ Name, SecretString }),
  );
  return z.string().parse(ARN);
}

function configOf(token: string, signing: string): string {
  return `schemaVersion: 1
organisation: { name: Deployed }
sources: { invoices: { type: focus-file, path: "s3://acme-billing/focus" } }
estate: { aws: { regions: [${REGION}] } }
checks: { untagged: { required: [team] } }
owners: { tags: [owner] }
policies: [{ check: untagged, where: { resourceType: "aws:ec2:instance" }, mode: warn }]
slack:
  token: { secret: "${token}" }
  signingSecret: { secret: "${signing}" }
  teamId: ${TEAM}
  appId: ${APP_ID}
  channels: { digest: ${slack.channel}, team: ${slack.channel} }
  endpoint: "${slack.url}"
digest: { schedule: rate(1 minute), period: day }
deploy: { region: ${REGION}, account: "${ACCOUNT}", architecture: ${ARCHITECTURE}, schedules: { collect: rate(1 minute), audit: rate(1 minute), sweep: rate(1 minute) } }
`;
}

test(
  'deployed by the CDK: the schedules fire, the queue drains, findings lie in the table and the digest in Slack',
  async () => {
    const finding = await eventually('a finding of the instance', async () => {
      for await (const { finding: held } of ledger.all())
        if (held.check === 'untagged' && held.resourceId.endsWith(instanceId)) return held;
      return null;
    });
    expect(finding).toMatchObject({
      accountId: ACCOUNT,
      region: REGION,
      verdict: 'NONCOMPLIANT',
      costBasis: 'billed',
      monthlyCost: { currency: 'USD' },
    } satisfies Partial<Finding> | object);

    const post = await eventually(
      'a digest in Slack',
      async () => digests(await slackCalls(slack.control))[0],
    );
    expect(post).toMatchObject({ ok: true, status: 200, args: { channel: slack.channel } });

    const report = await eventually('the finding in the report', async () => {
      const day = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
      const text = await textOf(`reports/day/${day}.html`);
      return text?.includes(instanceId) === true ? text : null;
    });
    expect(report).toContain('Deployed');

    // The digest was made again for this report, and posted once.
    const calls = digests(await slackCalls(slack.control));
    expect(calls.filter(({ ok, args }) => ok && args['thread_ts'] === undefined)).toHaveLength(1);
    expect(await waiting(outputs.DeadLettersUrl)).toBe(0);
    expect(
      await eventually('an empty queue', async () =>
        (await waiting(outputs.QueueUrl)) === 0 ? 'empty' : null,
      ),
    ).toBe('empty');
  },
  PATIENCE_MS,
);

test(
  'the sweep warns the owner on its schedule; their click, signed, changes the finding through the function’s URL',
  async () => {
    const warning = await eventually('a warning of the owner', async () => {
      const calls = await slackCalls(slack.control);
      const posts = calls.filter(({ method, ok }) => method === 'chat.postMessage' && ok);
      return posts.find(({ args }) => JSON.stringify(args['blocks']).includes('"acknowledge"'));
    });
    const { users } = await eventually('the direct message opened', async () => {
      const calls = await slackCalls(slack.control);
      const opened = calls.find(({ method, ok }) => method === 'conversations.open' && ok);
      return opened === undefined ? null : z.object({ users: z.string() }).parse(opened.args);
    });
    const block = z.array(Drawn).parse(warning.args['blocks']).find(holdsAcknowledge);
    const payload = {
      type: 'block_actions',
      api_app_id: APP_ID,
      team: { id: TEAM },
      user: { id: users, team_id: TEAM },
      container: { type: 'message', channel_id: warning.args['channel'], message_ts: '1.2' },
      actions: [{ action_id: 'acknowledge', block_id: block?.block_id }],
    };
    // What Slack answered is stored a moment after the message is there.
    const before = await eventually('a warning that counts', async () => {
      const finding = await warned();
      return finding?.state === 'WARNED' ? finding : null;
    });

    expect(await click(payload, 'another secret')).toMatchObject({ status: 401 });
    expect((await warned())?.state).toBe('WARNED');

    expect(await click(payload, SIGNING_SECRET)).toMatchObject({ status: 200 });
    expect((await warned())?.state).toBe('ACKNOWLEDGED');
    const trail = await ledger.history(before.id);
    expect(trail.at(-1)).toMatchObject({ from: 'WARNED', to: 'ACKNOWLEDGED' });
    expect(await waiting(outputs.DeadLettersUrl)).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'an alarm that rises is told in Slack, once, and the runs are counted in the log',
  async () => {
    const cloudwatch = new CloudWatchClient(client);
    const { MetricAlarms = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: 'Bursar-' }),
    );
    expect(MetricAlarms.map(({ AlarmName }) => AlarmName)).toContain('Bursar-sweep-late');
    const StateReason = 'Threshold crossed: 1 datapoint was greater than 0';
    await cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName: 'Bursar-dead-letters', StateValue: 'ALARM', StateReason }),
    );
    const told = await eventually('the alarm in Slack', async () => {
      const calls = await slackCalls(slack.control);
      const ofAlarm = calls.filter(({ args }) => String(args['text']).startsWith('Alarm: Bursar: a task'));
      return ofAlarm.length > 0 ? ofAlarm : null;
    });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ ok: true, args: { channel: slack.channel } });
    expect(JSON.stringify(told[0]?.args)).toContain(StateReason);

    const line = await eventually('a count of a sweep', async () => {
      const [counted] = await logged(logs, 'Bursar', 'Sweep', 'CloudWatchMetrics');
      return counted;
    });
    expect(JSON.parse(line)).toMatchObject({
      stack: 'Bursar',
      function: 'sweep',
      Succeeded: 1,
      DigestsLate: 0,
    });
  },
  PATIENCE_MS,
);

test(
  'the doctor looks at what is deployed, and finds all in order that this cloud keeps',
  async () => {
    for (const [name, value] of Object.entries(localCloud(endpoint))) vi.stubEnv(name, value);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await new CloudWatchClient(client).send(
      new SetAlarmStateCommand({
        AlarmName: 'Bursar-dead-letters',
        StateValue: 'ALARM',
        StateReason: 'Threshold crossed: 1 datapoint was greater than 0',
      }),
    );
    const examined = await examineDeployed(join(folder, 'Bursar.yaml'), null, new Date(), silent);
    const of = (wanted: Examined['state']) =>
      examined.flatMap(({ what, state }) => (state === wanted ? [what] : []));
    const scope = `aws:${ACCOUNT}:${REGION}`;
    // This cloud keeps no SageMaker, takes no metrics out of logs, and tells of no table whether it can be brought back.
    expect(of('fails').toSorted()).toEqual([
      'alarm Bursar-dead-letters',
      scope,
      'last sweep',
      `table ${outputs.TableName}`,
    ]);
    expect(examined.find(({ what }) => what === scope)?.told).toContain('sagemaker:ListEndpoints');
    // Nor does it count how often a function ran.
    expect(examined.find(({ what }) => what === 'functions')).toMatchObject({
      state: 'not tried',
      told: expect.stringContaining('none ran in 24 hours: nothing is known of them'),
    });
    expect(of('works')).toEqual(
      expect.arrayContaining([
        'stack Bursar',
        'clock',
        'dead letters',
        'ledger',
        'secret of slack.token',
        'secret of slack.signingSecret',
        'slack',
      ]),
    );
  },
  PATIENCE_MS,
);

test(
  'a second stack beside it has an address of its own, an HTTP API, and the first is updated over its runs',
  async () => {
    const before = await warned();
    const second = await deployed('Second', configOf(...secrets).replace(/^deploy:.*$/m, SECOND));
    expect(new Set([...Object.values(second), ...Object.values(outputs)]).size).toBe(12);
    expect(second.SlackUrl).toContain('execute-api');
    expect(await click({ type: 'block_actions' }, 'another secret', second.SlackUrl)).toMatchObject({
      status: 401,
    });

    const again = await deployed('Bursar', configOf(...secrets).replace(/ }\n$/, ', logDays: 30 }\n'));
    expect(again).toEqual(outputs);
    expect(await standing('Bursar')).toBe('UPDATE_COMPLETE');
    expect(await standing('Second')).toBe('CREATE_COMPLETE');
    expect((await warned())?.id).toBe(before?.id);
    expect(await waiting(outputs.DeadLettersUrl)).toBe(0);
  },
  2 * PATIENCE_MS,
);

/** With the usual schedules, of which none comes while it is looked at but the sweep's first. */
const SECOND = `deploy: { stackName: Second, region: ${REGION}, account: "${ACCOUNT}", architecture: ${ARCHITECTURE}, slackEndpoint: http-api }`;

async function standing(StackName: string): Promise<string | undefined> {
  const { Stacks = [] } = await new CloudFormationClient(client).send(
    new DescribeStacksCommand({ StackName }),
  );
  return Stacks[0]?.StackStatus;
}

const Drawn = z.object({
  block_id: z.string().optional(),
  elements: z.array(z.object({ action_id: z.string().optional() }).loose()).optional(),
});

function holdsAcknowledge({ elements = [] }: z.infer<typeof Drawn>): boolean {
  return elements.some(({ action_id }) => action_id === 'acknowledge');
}

async function warned(): Promise<Finding | null> {
  for await (const { finding } of ledger.all())
    if (finding.check === 'untagged' && finding.resourceId.endsWith(instanceId)) return finding;
  return null;
}

/** As Slack sends it; the function's host goes in the header, its name is none of this machine's. */
async function click(
  payload: unknown,
  secret: string,
  url = outputs.SlackUrl,
): Promise<{ readonly status: number | undefined; readonly said: string }> {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  const { host: told, pathname } = new URL(url);
  // MiniStack serves APIs under its own name, without the region's.
  const host = told.replace(/\.execute-api\..*$/, '.execute-api.localhost');
  const { hostname, port } = new URL(endpoint);
  const headers = {
    host,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${signature}`,
  };
  return await new Promise((resolve, reject) => {
    request({ hostname, port, path: pathname, method: 'POST', headers }, (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (text: string) => (said += text));
      response.on('end', () => resolve({ status: response.statusCode, said }));
    })
      .on('error', reject)
      .end(body);
  });
}

function digests(calls: readonly SlackCall[]): SlackCall[] {
  return calls.filter(
    ({ method, args }) => method === 'chat.postMessage' && args['channel'] === slack.channel,
  );
}

async function textOf(Key: string): Promise<string | null> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.BucketName, Key }));
    return (await Body?.transformToString()) ?? null;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return null;
    throw error;
  }
}

async function waiting(QueueUrl: string): Promise<number> {
  const { Attributes } = await new SQSClient(client).send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes ?? {}).reduce((sum, count) => sum + Number(count), 0);
}

/** Asks every second until there is an answer. */
async function eventually<T>(what: string, ask: () => Promise<T | null | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS / 2;
  for (;;) {
    const found = await ask();
    if (found !== null && found !== undefined) return found;
    if (performance.now() > deadline) {
      const faults = (await logged(logs, 'Bursar', '', '"level":"error"')).slice(-5);
      throw new Error([`there never was ${what}; the functions' last errors:`, ...faults].join('\n'));
    }
    await pause(1_000);
  }
}
