/**
 * `node test/bench/handlers.ts [--rows N] [--machines N] [--imports-only]`: what the deployed functions take. Each built
 * bundle is loaded and its handler called as Lambda would, in a process of its own, against an AWS and a Slack of this
 * machine: cold, then warm. Memory and time-outs of infra/sizes.ts rest on what this prints.
 */
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { App } from 'aws-cdk-lib';
import { build } from 'esbuild';
import { z } from 'zod';
import { SIZES } from '../../infra/sizes.ts';
import { BursarStack } from '../../infra/stack.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { DEMO_SEED, writeBills } from '../../lib/demo/company.ts';
import { LEDGER_TABLE } from '../../lib/ledger/dynamodb-table.ts';
import type { Entry } from '../../lib/run/assemble/permissions.ts';
import { startDynamoDb } from '../counterparts/dynamodb.ts';
import { startMoto } from '../counterparts/moto.ts';
import { startSlack } from '../counterparts/slack.ts';
import { benchBill } from './bill.ts';
import { type Line, mebibytes, median, millions, seconds, table } from './report.ts';

const REGION = 'us-east-1';
const BUCKET = 'bursar-state';
const BILLS = 'acme-billing';
const TABLE = 'bursar-ledger';
const IMPORTS = 5;

/**
 * How long a bundle takes to load, in loads of the client of DynamoDB alone: what a cold start adds, on whatever machine.
 */
const IMPORT_BUDGET: Readonly<Record<Entry, number>> = {
  plan: 8,
  collect: 14,
  audit: 8,
  'ai-usage': 10,
  sweep: 14,
  digest: 8,
  slack: 3,
  alarm: 7,
};

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    machines: { type: 'string', default: '500' },
    'imports-only': { type: 'boolean', default: false },
  },
});
const [rows, machines] = [Number(values.rows), Number(values.machines)];

const Answer = z.object({
  importMs: z.number(),
  runs: z.array(z.number()),
  answers: z.array(z.unknown()),
  cpuMs: z.number(),
  peakMiB: z.number(),
});
type Answer = z.infer<typeof Answer>;

const lines: Line[] = [];
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bursar-bench');
await mkdir(cache, { recursive: true });
const work = await mkdtemp(join(cache, 'handlers-'));
const stops: (() => Promise<void>)[] = [() => rm(work, { recursive: true, force: true })];
try {
  await bench();
} finally {
  for (const stop of stops.toReversed()) await stop();
}
process.stdout.write(
  `\n${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}\n\n${table(lines)}\n`,
);

async function bench(): Promise<void> {
  const moto = await startMoto();
  stops.push(moto.stop);
  // moto copies its tables for each transaction.
  const dynamodb = await startDynamoDb();
  stops.push(dynamodb.stop);
  const slack = await startSlack();
  stops.push(slack.stop);
  const client = {
    endpoint: moto.url,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const config = parseConfig(
    `schemaVersion: 1
sources:
  demo: { type: focus-file, path: "s3://${BILLS}/demo" }
  large: { type: focus-file, path: "s3://${BILLS}/large" }
estate: { aws: { regions: [${REGION}] } }
checks: { untagged: { required: [team] } }
owners: { tags: [owner] }
policies: [{ check: untagged, where: { resourceType: "aws:ec2:instance" }, mode: warn }]
slack:
  token: { env: SLACK_TOKEN }
  signingSecret: { env: SLACK_SIGNING }
  teamId: T000000001
  appId: A0BURSAR
  channels: { digest: ${slack.access.channel}, team: ${slack.access.channel} }
  endpoint: "${slack.access.url}"
deploy: { architecture: ${process.arch === 'arm64' ? 'arm64' : 'x86_64'} }
`,
    'bench',
  );
  say('bundles');
  const bundles = await bundled(config);
  await imports(bundles);
  if (values['imports-only']) return;

  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const sqs = new SQSClient(client);
  for (const Bucket of [BUCKET, BILLS]) await s3.send(new CreateBucketCommand({ Bucket }));
  await createTable(new DynamoDBClient({ ...client, endpoint: dynamodb.url }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'tasks' }));
  if (QueueUrl === undefined) throw new Error('there is no queue');

  say(`bills: the demo's, and one of ${millions(rows)} rows`);
  for (const { source, path } of await writeBills(join(work, 'bills'), DEMO_SEED, new Date(), 0))
    await s3.send(
      new PutObjectCommand({ Bucket: BILLS, Key: `demo/${source}.csv`, Body: await readFile(path) }),
    );
  const { parquet } = await benchBill(cache, rows);
  for (const name of await readdir(parquet))
    await s3.send(
      new PutObjectCommand({
        Bucket: BILLS,
        Key: `large/${name}`,
        Body: await readFile(join(parquet, name)),
      }),
    );
  say(`${machines} machines`);
  const ec2 = new EC2Client(client);
  for (let left = machines; left > 0; left -= 100)
    await ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12345678',
        InstanceType: 'm5.large',
        MinCount: Math.min(100, left),
        MaxCount: Math.min(100, left),
        TagSpecifications: [
          { ResourceType: 'instance', Tags: [{ Key: 'owner', Value: 'owner@example.com' }] },
        ],
      }),
    );

  const env = {
    AWS_ENDPOINT_URL: moto.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    BURSAR_STACK: 'Bench',
    BURSAR_CONFIG: 'bursar.config.json',
    BURSAR_BUCKET: BUCKET,
    BURSAR_PREFIX: 'lake/',
    BURSAR_REPORTS: 'reports/',
    BURSAR_BUCKET_DOMAIN: `${BUCKET}.s3.us-east-1.amazonaws.com`,
    BURSAR_TABLE: TABLE,
    BURSAR_QUEUE_URL: QueueUrl,
    SLACK_TOKEN: slack.access.token,
    SLACK_SIGNING: 'the-signing-secret',
  };
  const run = (entry: Entry, events: readonly unknown[]) => called(bundles, entry, events, env);
  push('plan', '', await run('plan', [{}]));
  for (;;) {
    const message = await next(sqs, QueueUrl);
    if (message === null) break;
    const what = z
      .object({ sourceId: z.string().optional() })
      .loose()
      .parse(JSON.parse(message.body)).sourceId;
    push('collect', what ?? 'one region', await run('collect', [{ Records: [message] }]));
  }
  for (const entry of ['audit', 'ai-usage', 'sweep', 'digest'] as const)
    push(entry, '', await run(entry, [{}, {}]));
  const request = { method: 'POST' };
  const click = {
    requestContext: { http: request },
    headers: {},
    body: 'payload=%7B%7D',
    isBase64Encoded: false,
  };
  push('slack', 'a click that nobody signed', await run('slack', [click, click]));
  const alarm = {
    AlarmName: 'Bench',
    NewStateValue: 'ALARM',
    NewStateReason: 'a bench',
    StateChangeTime: new Date().toISOString(),
  };
  push('alarm', '', await run('alarm', [{ Records: [{ Sns: { Message: JSON.stringify(alarm) } }] }]));
}

function keys(hash: { name: string }, range: { name: string }) {
  return [
    { AttributeName: hash.name, KeyType: 'HASH' as const },
    { AttributeName: range.name, KeyType: 'RANGE' as const },
  ];
}

async function createTable(client: DynamoDBClient): Promise<void> {
  const { partitionKey, sortKey, indexes } = LEDGER_TABLE;
  const attributes = [
    partitionKey,
    sortKey,
    ...indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ];
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: attributes.map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      KeySchema: keys(partitionKey, sortKey),
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keys(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    }),
  );
}

/** The stack as it is deployed to this machine's processor, bundled: each function's file. */
async function bundled(config: ReturnType<typeof parseConfig>): Promise<ReadonlyMap<string, string>> {
  const outdir = join(work, 'cdk.out');
  const app = new App({ outdir });
  const stack = new BursarStack(app, 'Bench', { config });
  say(`${stack.deployment.schedules.length} schedules`);
  app.synth();
  const found = new Map<string, string>();
  for (const name of await readdir(outdir)) {
    if (!name.startsWith('asset.')) continue;
    const { sources } = z
      .object({ sources: z.array(z.string()) })
      .parse(JSON.parse(await readFile(join(outdir, name, 'index.mjs.map'), 'utf8')));
    const entry = sources.map((source) => /functions\/([a-z-]+)\.ts$/.exec(source)?.[1]).find((each) => each);
    if (entry !== undefined) found.set(entry, join(outdir, name, 'index.mjs'));
  }
  return found;
}

/** Milliseconds, the median of several processes. */
async function loads(file: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < IMPORTS; round += 1) times.push((await child(file, [], {})).importMs);
  return median(times);
}

/** How long each bundle takes to load, against the client of DynamoDB alone. */
async function imports(bundles: ReadonlyMap<string, string>): Promise<void> {
  const reference = join(work, 'reference.mjs');
  await build({
    stdin: {
      contents: "export { DynamoDBClient } from '@aws-sdk/client-dynamodb'; export const handler = null;",
      resolveDir: import.meta.dirname,
    },
    outfile: reference,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  const least = await loads(reference);
  for (const [entry, file] of [...bundles].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    say(`load of ${entry}`);
    const ms = await loads(file);
    const budget = new Map(Object.entries(IMPORT_BUDGET)).get(entry) ?? 0;
    lines.push({
      what: `load of ${entry}`,
      wall: seconds(ms),
      cpu: '',
      peak: '',
      result: `${(ms / least).toFixed(1)} times the client of DynamoDB (${seconds(least)})`,
      target: `at most ${budget} times`,
      met: ms / least <= budget,
    });
  }
}

async function called(
  bundles: ReadonlyMap<string, string>,
  entry: Entry,
  events: readonly unknown[],
  env: NodeJS.ProcessEnv,
): Promise<Answer> {
  say(entry);
  const file = bundles.get(entry);
  if (file === undefined) throw new Error(`no bundle of ${entry}`);
  const scratch = await mkdtemp(join(work, 'tmp-'));
  return await child(file, events, {
    ...env,
    TMPDIR: scratch,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(SIZES[entry].memoryMiB),
  });
}

async function child(file: string, events: readonly unknown[], env: NodeJS.ProcessEnv): Promise<Answer> {
  const started = fork(join(import.meta.dirname, 'handler-child.ts'), [file, JSON.stringify(events)], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let told = '';
  for (const stream of [started.stdout, started.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (told = `${told}${text}`.slice(-4000)));
  return await new Promise((resolve, reject) => {
    let answer: Answer | null = null;
    started.on('message', (message) => {
      answer = Answer.parse(message);
      // What a client keeps open would hold the process.
      started.kill();
    });
    started.on('error', reject);
    started.on('exit', () =>
      answer === null ? reject(new Error(`${file} failed: ${told}`)) : resolve(answer),
    );
  });
}

/** The next message as Lambda hands it over; null: none is left. */
async function next(sqs: SQSClient, QueueUrl: string) {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  if (Attributes['ApproximateNumberOfMessages'] === '0') return null;
  const { Messages: [message] = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: 5400 }),
  );
  if (message === undefined) return null;
  const { MessageId: messageId = '', ReceiptHandle: receiptHandle = '', Body: body = '' } = message;
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandle }));
  return { messageId, receiptHandle, body, attributes: { ApproximateReceiveCount: '1' } };
}

function push(entry: Entry, what: string, { importMs, runs, cpuMs, peakMiB, answers }: Answer): void {
  const [cold = 0, warm] = runs;
  const { memoryMiB, timeout } = SIZES[entry];
  const failed = z
    .object({ batchItemFailures: z.array(z.unknown()).nonempty() })
    .safeParse(answers[0]).success;
  if (failed) throw new Error(`${entry} of ${what} failed`);
  say(
    `${entry} ${what}: ${seconds(importMs + cold)}, of the processor ${seconds(cpuMs)}, ${mebibytes(peakMiB)}`,
  );
  lines.push({
    what: what === '' ? entry : `${entry}: ${what}`,
    wall: seconds(importMs + cold),
    cpu: seconds(cpuMs),
    peak: mebibytes(peakMiB),
    result: warm === undefined ? '' : `again, warm: ${seconds(warm)}`,
    target: `${memoryMiB} MiB, ${timeout.toSeconds()} s`,
    met: peakMiB <= memoryMiB && importMs + cold <= timeout.toMilliseconds(),
  });
}

function say(step: string): void {
  process.stderr.write(`bench: ${step}\n`);
}
