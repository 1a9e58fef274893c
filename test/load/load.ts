import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { parseConfig } from '../../lib/config/load.ts';
import { textOf } from '../../lib/lake/layout.ts';
import { dynamoLedger } from '../../lib/ledger/dynamodb.ts';
import type { Finding } from '../../lib/ledger/model.ts';
import { AWS_RETRY } from '../../lib/platform/aws-sessions.ts';
import { newestReports } from '../../lib/run/reports.ts';
import type { Task, TaskReport } from '../../lib/run/tasks.ts';
import { recentBill } from '../functions/recent-bill.ts';
import { count, createQueue, queueArn, TRIES } from '../functions/stand-ins.ts';
import { createTable } from '../ledger/dynamodb-bench.ts';
import { type Fault, startOrganisation } from './organisation.ts';

const OWN = 'us-east-1';
const REGIONS =
  `us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1
  eu-north-1 ap-south-1 ap-southeast-1 ap-southeast-2 ap-northeast-1 ap-northeast-2 ap-northeast-3`.split(
    /\s+/,
  );
const BUCKET = 'bursar-state';
const BILLS = 'acme-billing';
const TABLE = 'bursar-ledger';
/** Longer than any message takes: what a dead worker held is given back by hand. */
const HIDDEN_SECONDS = 3600;
/** As in test/platform/short-waits.ts. */
const DRAWN_SHORT = 'data:text/javascript,Math.random=()=>0.01';
/** A message of a newer version, and one that is none: both are delivered as often as any, and then lie. */
export const POISON = [
  JSON.stringify({ schemaVersion: 2, runId: 'r', kind: 'estate', scope: {} }),
  'not a task',
] as const;

export interface LoadOptions {
  /** Address of an emulator that holds nothing. */
  readonly emulator: string;
  /** Of DynamoDB, where not the emulator's is taken, which copies its table for each transaction. */
  readonly dynamodb?: string;
  readonly accounts: number;
  /** Of each account, the first so many of 17; left out: all. */
  readonly regions?: number;
  /** Processes that take messages at once. */
  readonly workers: number;
  /** The SDK draws a hundredth of each wait between its tries, of which there are as many. */
  readonly shortWaits?: boolean;
  readonly say: (line: string) => void;
}

export interface LoadResult {
  readonly runId: string;
  readonly tasks: readonly (Task & { kind: 'estate' })[];
  /** By what befell it; every other account was left in peace. */
  readonly faults: ReadonlyMap<string, Fault>;
  /** Tasks whose message came three times. */
  readonly repeated: number;
  /** The newest report of each task, in their order. */
  readonly reports: readonly (TaskReport | null)[];
  /** Snapshots in the lake, by scope. */
  readonly snapshots: ReadonlyMap<string, number>;
  readonly dead: readonly string[];
  readonly waiting: number;
  readonly delivered: number;
  readonly failed: number;
  readonly thrown: readonly string[];
  /** Messages that the worker held which was killed. */
  readonly killedWith: number;
  readonly log: readonly string[];
  readonly gaps: readonly { readonly scope: string; readonly reason: string | null }[];
  readonly findings: readonly Finding[];
  readonly calls: ReadonlyMap<string, number>;
  /** Milliseconds: of the plan, from the first message to an empty queue, of the audit, and of each message. */
  readonly took: { readonly plan: number; readonly drain: number; readonly audit: number };
  readonly each: readonly number[];
}

const Told = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('taken'), id: z.string(), receipt: z.string() }),
  z.object({
    kind: z.literal('done'),
    id: z.string(),
    failed: z.boolean(),
    thrown: z.string().nullable(),
    ms: z.number(),
  }),
]);

/**
 * Plans an organisation, lets workers drain its queue while accounts refuse, throttle and break off, messages come thrice
 * or are none, and a worker is killed over its message; then audits. Each handler runs in a process of its own, with the
 * real SDK over sockets.
 */
export async function runLoad({
  emulator,
  dynamodb: tableAt = emulator,
  accounts,
  regions = REGIONS.length,
  workers,
  shortWaits = false,
  say,
}: LoadOptions): Promise<LoadResult> {
  const looked = REGIONS.slice(0, regions);
  const ids = Array.from({ length: accounts }, (_, at) => String(200_000_000_000 + at * 7));
  const faults = new Map<string, Fault>();
  for (const [at, fault] of (['denied', 'throttled', 'broken'] as const).entries()) {
    const id = ids[at * 2 + 1];
    if (id !== undefined) faults.set(id, fault);
  }
  // More than one call tries in every worker: each must fail a message over it at least once.
  const organisation = await startOrganisation(emulator, OWN, faults, workers * AWS_RETRY.maxAttempts + 1);
  const folder = await mkdtemp(join(tmpdir(), 'bursar-load-'));
  const running = new Set<ChildProcess>();
  try {
    return await load();
  } finally {
    for (const child of running) child.kill('SIGKILL');
    await organisation.close();
    await rm(folder, { recursive: true, force: true });
  }

  async function load(): Promise<LoadResult> {
    const client = {
      endpoint: emulator,
      region: OWN,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    const [s3, sqs, dynamodb] = [
      new S3Client({ ...client, forcePathStyle: true }),
      new SQSClient({ ...client, useQueueUrlAsEndpoint: false }),
      DynamoDBDocumentClient.from(new DynamoDBClient({ ...client, endpoint: tableAt })),
    ];
    for (const Bucket of [BUCKET, BILLS]) await s3.send(new CreateBucketCommand({ Bucket }));
    const Body = await recentBill({ SubAccountId: ids[0] ?? '' }, new Date());
    await s3.send(new PutObjectCommand({ Bucket: BILLS, Key: 'focus/bill.csv', Body }));
    await createTable(dynamodb, TABLE);
    const dead = await createQueue(sqs, 'dead', {});
    const queue = await createQueue(sqs, 'tasks', {
      VisibilityTimeout: '5400',
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: await queueArn(sqs, dead),
        maxReceiveCount: TRIES,
      }),
    });
    // What each account holds in each region: one machine without tags.
    await new EC2Client(client).send(
      new RunInstancesCommand({
        ImageId: 'ami-12345678',
        InstanceType: 'm7i.large',
        MinCount: 1,
        MaxCount: 1,
      }),
    );
    const env = await surroundings(queue);

    const planned = await call('plan', env);
    const { runId } = z.object({ runId: z.string() }).parse(planned.answer);
    const tasks = ids.flatMap((accountId) =>
      looked.map((region) => ({
        schemaVersion: 1 as const,
        runId,
        kind: 'estate' as const,
        scope: { provider: 'aws' as const, accountId, region },
      })),
    );
    const again = tasks.filter((_, at) => at % 10 === 5);
    for (const body of [...again, ...again].map((task) => JSON.stringify(task)).concat(POISON))
      await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: body }));
    say(`${tasks.length} tasks planned in ${Math.round(planned.ms)} ms`);

    const drained = await drain(sqs, queue, env, tasks.length);
    const audited = await call('audit', env);
    const ledger = dynamoLedger({ client: dynamodb, table: TABLE });
    const findings: Finding[] = [];
    for await (const { finding } of ledger.all()) findings.push(finding);
    return {
      ...drained,
      runId,
      tasks,
      faults,
      repeated: again.length,
      reports: await newestReports(ledger, tasks),
      snapshots: await snapshotsIn(s3),
      dead: await bodies(sqs, dead),
      waiting: await count(sqs, queue),
      gaps: z
        .object({ gaps: z.array(z.object({ scope: z.string(), reason: z.string().nullable() })) })
        .parse(audited.answer).gaps,
      findings,
      calls: organisation.calls,
      took: { plan: planned.ms, drain: drained.drain, audit: audited.ms },
    };
  }

  async function surroundings(queueUrl: string): Promise<NodeJS.ProcessEnv> {
    const config = parseConfig(
      `schemaVersion: 1
sources: { invoices: { type: focus-file, path: "s3://${BILLS}/focus" } }
estate: { aws: { accounts: [${ids.map((id) => `"${id}"`).join(', ')}], regions: [${looked.join(', ')}] } }
checks: { untagged: { required: [owner] } }
`,
      'load',
    );
    const configFile = join(folder, 'bursar.config.json');
    await writeFile(configFile, JSON.stringify(config));
    await mkdir(join(folder, 'tmp'));
    return {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AWS_ENDPOINT_URL: organisation.url,
      // Nothing of a company's buckets is asked here but whether there are any.
      AWS_ENDPOINT_URL_S3: emulator,
      ...(tableAt === emulator ? {} : { AWS_ENDPOINT_URL_DYNAMODB: tableAt }),
      AWS_REGION: OWN,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      BURSAR_CONFIG: configFile,
      BURSAR_STACK: 'Load',
      BURSAR_BUCKET: BUCKET,
      BURSAR_PREFIX: 'lake/',
      BURSAR_REPORTS: 'reports/',
      BURSAR_TABLE: TABLE,
      BURSAR_QUEUE_URL: queueUrl,
      TMPDIR: join(folder, 'tmp'),
      // Half of each start is the compiling of the sources (nodejs.org, module.enableCompileCache).
      NODE_COMPILE_CACHE: join(tmpdir(), 'bursar-compile-cache'),
    };
  }

  /** One call of a handler in a process of its own. */
  async function call(
    entry: 'plan' | 'audit',
    env: NodeJS.ProcessEnv,
  ): Promise<{ answer: unknown; ms: number }> {
    const child = start('../bench/handler-child.ts', [functionFile(entry), '[{}]'], env);
    let told = '';
    child.stderr?.on('data', (text) => (told = `${told}${text}`.slice(-4000)));
    child.stdout?.resume();
    return await new Promise((resolve, reject) => {
      child.on('message', (message) => {
        const { answers, runs } = z
          .object({ answers: z.array(z.unknown()), runs: z.array(z.number()) })
          .parse(message);
        resolve({ answer: answers[0], ms: runs[0] ?? 0 });
        child.kill();
      });
      child.on('exit', (code) => reject(new Error(`${entry} ended with ${code}: ${told}`)));
    });
  }

  function start(file: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = fork(join(import.meta.dirname, file), [...args], {
      env,
      execArgv: ['--disable-warning=ExperimentalWarning', ...(shortWaits ? ['--import', DRAWN_SHORT] : [])],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    running.add(child);
    child.on('exit', () => running.delete(child));
    return child;
  }

  async function drain(sqs: SQSClient, queue: string, env: NodeJS.ProcessEnv, tasks: number) {
    const arn = await queueArn(sqs, queue);
    const log: string[] = [];
    const thrown: string[] = [];
    const each: number[] = [];
    let [delivered, failed, killedWith] = [0, 0, 0];
    const held = new Map<ChildProcess, string>();
    const began = performance.now();
    const hire = () => {
      const worker = start('worker.ts', [functionFile('collect'), queue, arn, String(HIDDEN_SECONDS)], env);
      for (const stream of [worker.stdout, worker.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => log.push(text));
      worker.on('message', (message) => {
        const told = Told.parse(message);
        if (told.kind === 'taken') {
          delivered += 1;
          held.set(worker, told.receipt);
          return;
        }
        held.delete(worker);
        each.push(told.ms);
        if (told.failed) failed += 1;
        if (told.thrown !== null) thrown.push(told.thrown);
        if (each.length % 100 === 0)
          say(`${each.length} messages in ${Math.round((performance.now() - began) / 1000)} s`);
      });
      return worker;
    };
    const victim = hire();
    for (let more = 1; more < workers; more += 1) hire();

    while ((await count(sqs, queue)) > 0) {
      const receipt = held.get(victim);
      if (killedWith === 0 && each.length > tasks / 3 && receipt !== undefined) {
        // In the middle of its work: what it had stored by then stays. Stopped first, so that it ends nothing meanwhile.
        await pause(20);
        victim.kill('SIGSTOP');
        await pause(20);
        if (held.get(victim) === receipt && (await givenBack(sqs, queue, receipt))) {
          victim.kill('SIGKILL');
          killedWith += 1;
          held.delete(victim);
          hire();
        } else victim.kill('SIGCONT');
      }
      if (running.size === 0) throw new Error(`every worker ended: ${log.join('').slice(-4000)}`);
      // The emulator counts message by message; a worker that is to be killed must be met at its work.
      await pause(tasks > 1000 ? 1000 : killedWith === 0 ? 50 : 250);
    }
    const took = performance.now() - began;
    await Promise.all(
      [...running].map(async (worker) => {
        const gone = new Promise((resolve) => worker.once('exit', resolve));
        worker.send('stop');
        await gone;
      }),
    );
    return { delivered, failed, thrown, killedWith, log, each, drain: took };
  }
}

/** Lets the next worker have the message at once; false where it was done, and is no more. */
async function givenBack(sqs: SQSClient, QueueUrl: string, ReceiptHandle: string): Promise<boolean> {
  try {
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    return true;
  } catch (error) {
    if (error instanceof ReceiptHandleIsInvalid) return false;
    throw error;
  }
}

function functionFile(entry: string): string {
  return join(import.meta.dirname, '../../functions', `${entry}.ts`);
}

async function bodies(sqs: SQSClient, QueueUrl: string): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
    );
    if (Messages.length === 0) return found;
    found.push(...Messages.map(({ Body = '' }) => Body));
  }
}

async function snapshotsIn(s3: S3Client): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: BUCKET,
        Prefix: 'lake/snapshots/',
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      }),
    );
    for (const { Key = '' } of page.Contents ?? []) {
      const scope = textOf(Key.split('/')[2] ?? '');
      found.set(scope, (found.get(scope) ?? 0) + 1);
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return found;
}
