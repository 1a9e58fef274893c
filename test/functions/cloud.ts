import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { onTestFinished, vi } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { dynamoLedger } from '../../lib/ledger/dynamodb.ts';
import type { Finding, LedgerStore } from '../../lib/ledger/model.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { createTable } from '../ledger/dynamodb-bench.ts';
import { startCold, started } from './built.ts';
import { count, createQueue, messageEvent, queueArn, TRIES } from './stand-ins.ts';

const REGION = 'us-east-1';
const BUCKET = 'bursar-state';
const TABLE = 'bursar-ledger';
let tables = 0;

/** What infra/ deploys, in moto, with the handlers run in this process. */
export interface Cloud {
  readonly ec2: EC2Client;
  readonly ledger: LedgerStore;
  /** Everything in the table as it lies there. */
  items(): Promise<Record<string, unknown>[]>;
  findings(): Promise<Finding[]>;
  putBill(key: string, body: Buffer): Promise<void>;
  report(key: string): Promise<string>;
  /** Keys of the reports that are stored, as `report` takes them. */
  reports(): Promise<string[]>;
  send(body: string): Promise<void>;
  /** Hands every message to the collector as Lambda would, one a call, until the queue is empty. */
  drain(): Promise<number>;
  waiting(): Promise<{ queue: number; dead: number }>;
  /** Forgets what a warm function keeps: the next call starts cold. */
  cold(): void;
  /** Deploys another config; the functions see it from their next cold start on. */
  configure(config: string): Promise<void>;
  readonly log: readonly string[];
}

/**
 * @param config gives the config's text after its first line, once moto is empty; bills lie in `s3://acme-billing`.
 * @param tableAt address of another DynamoDB than moto's, where the table then has a name of its own
 */
export async function cloud(
  endpoint: string,
  config: () => Promise<string>,
  tableAt: string = endpoint,
): Promise<Cloud> {
  await resetMoto(endpoint);
  const client = { endpoint, region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const sqs = new SQSClient(client);
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...client, endpoint: tableAt }));
  // What another test left there is its own.
  const table = tableAt === endpoint ? TABLE : `${TABLE}-${process.pid}-${(tables += 1)}`;
  for (const Bucket of [BUCKET, 'acme-billing']) await s3.send(new CreateBucketCommand({ Bucket }));
  await createTable(dynamodb, table);
  const dead = await createQueue(sqs, 'dead', {});
  const deadArn = await queueArn(sqs, dead);
  const queue = await createQueue(sqs, 'tasks', {
    VisibilityTimeout: '5400',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: TRIES }),
  });
  const log = await surroundings(endpoint, await config(), queue, {
    BURSAR_TABLE: table,
    ...(tableAt === endpoint ? {} : { AWS_ENDPOINT_URL_DYNAMODB: tableAt }),
  });
  const ledger = dynamoLedger({ client: dynamodb, table });

  return {
    ec2: new EC2Client(client),
    ledger,
    log,
    cold: startCold,
    configure: async (text) => writeConfig(process.env['BURSAR_CONFIG'] ?? '', text),
    async findings() {
      const found: Finding[] = [];
      for await (const { finding } of ledger.all()) found.push(finding);
      return found;
    },
    items: async () =>
      (await dynamodb.send(new ScanCommand({ TableName: table, ConsistentRead: true }))).Items ?? [],
    async putBill(Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket: 'acme-billing', Key, Body }));
    },
    async report(key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: `reports/${key}` }));
      return (await Body?.transformToString()) ?? '';
    },
    async reports() {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'reports/' }),
      );
      return Contents.map(({ Key = '' }) => Key.replace('reports/', ''));
    },
    async send(MessageBody) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody }));
    },
    async drain() {
      for (let delivered = 0; ; delivered++) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: queue,
            MaxNumberOfMessages: 1,
            MessageSystemAttributeNames: ['ApproximateReceiveCount'],
          }),
        );
        const [message] = Messages;
        if (message === undefined) return delivered;
        const { MessageId = '', ReceiptHandle = '', Body = '', Attributes } = message;
        const { handler } = await started('collect');
        const answer = await handler(
          messageEvent(MessageId, ReceiptHandle, Body, Attributes?.ApproximateReceiveCount ?? '1', deadArn),
        );
        if (answer.batchItemFailures.length === 0)
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }));
      }
    },
    waiting: async () => ({ queue: await count(sqs, queue), dead: await count(sqs, dead) }),
  };
}

async function writeConfig(file: string, text: string): Promise<void> {
  await writeFile(file, JSON.stringify(parseConfig(`schemaVersion: 1\n${text}`, 'bursar.yaml')));
}

/** The environment that infra/ gives to the functions, and the lines that they log. */
async function surroundings(
  endpoint: string,
  config: string,
  queueUrl: string,
  more: Readonly<Record<string, string>>,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-functions-'));
  const configFile = join(folder, 'bursar.config.json');
  const scratch = join(folder, 'tmp');
  await mkdir(scratch);
  await writeConfig(configFile, config);
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    BURSAR_CONFIG: configFile,
    BURSAR_STACK: 'Bursar',
    BURSAR_BUCKET: BUCKET,
    BURSAR_PREFIX: 'lake/',
    BURSAR_REPORTS: 'reports/',
    BURSAR_BUCKET_DOMAIN: `${BUCKET}.s3.us-east-1.amazonaws.com`,
    BURSAR_QUEUE_URL: queueUrl,
    TMPDIR: scratch,
    ...more,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  startCold();
  const log: string[] = [];
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    log.push(String(line));
    return true;
  });
  onTestFinished(async () => {
    written.mockRestore();
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });
  return log;
}
