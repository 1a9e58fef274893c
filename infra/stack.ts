import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, TimeZone } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Schedule, ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import { scheduleExpression } from '../lib/config/schedule.ts';
import type { Config } from '../lib/config/schema.ts';
import { deployedPermissions } from '../lib/run/assemble/permissions.ts';
import { acknowledge } from './nag.ts';
import { Storage } from './storage.ts';
import { TaskQueue } from './tasks.ts';
import { Worker, type WorkerProps } from './worker.ts';

/** Folder of the lake in the bucket. */
const LAKE_PREFIX = 'lake/';

/** A function may run this long (Lambda quotas: 900 seconds). */
const LONGEST = Duration.minutes(15);

export interface BursarStackProps extends StackProps {
  readonly config: Config;
  /** Where files that bundles carry are written before synthesis. */
  readonly workDir: string;
}

/** Everything that a scheduled Bursar needs in one account and region. */
export class BursarStack extends Stack {
  constructor(scope: Construct, id: string, { config, workDir, ...props }: BursarStackProps) {
    super(scope, id, { description: 'Bursar: a scheduled auditor of cloud and AI bills', ...props });
    const configFile = writeConfig(workDir, config);
    const storage = new Storage(this, 'Storage');
    const tasks = new TaskQueue(this, 'Tasks', LONGEST);
    const permissions = deployedPermissions(config, {
      bucket: storage.bucket.bucketName,
      prefix: LAKE_PREFIX,
      table: storage.table.tableName,
      queueArn: tasks.queue.queueArn,
    });
    const common = {
      architecture: config.deploy.architecture,
      configFile,
      removalPolicy: RemovalPolicy.DESTROY,
      environment: {
        BURSAR_BUCKET: storage.bucket.bucketName,
        BURSAR_PREFIX: LAKE_PREFIX,
        BURSAR_TABLE: storage.table.tableName,
        BURSAR_QUEUE_URL: tasks.queue.queueUrl,
        ...overrides(),
      },
    };
    const worker = (
      name: string,
      own: Pick<WorkerProps, 'entry' | 'what' | 'duckdb' | 'memoryMiB' | 'timeout' | 'permissions'> & {
        diskMiB?: number;
      },
    ) => new Worker(this, name, { ...common, ...own });
    const plan = worker('Plan', {
      entry: 'plan',
      what: 'lists what is to be collected',
      duckdb: false,
      memoryMiB: 512,
      timeout: Duration.minutes(5),
      permissions: permissions.plan,
    });
    const collect = worker('Collect', {
      entry: 'collect',
      what: 'collects one bill or scope a message',
      duckdb: true,
      memoryMiB: 2048,
      diskMiB: 4096,
      timeout: LONGEST,
      permissions: permissions.collect,
    });
    const audit = worker('Audit', {
      entry: 'audit',
      what: 'judges what was collected',
      duckdb: true,
      memoryMiB: 2048,
      diskMiB: 4096,
      timeout: LONGEST,
      permissions: permissions.audit,
    });
    const digest = worker('Digest', {
      entry: 'digest',
      what: 'writes and posts the digest',
      duckdb: true,
      memoryMiB: 2048,
      diskMiB: 4096,
      timeout: Duration.minutes(10),
      permissions: permissions.digest,
    });
    collect.function.addEventSource(
      new SqsEventSource(tasks.queue, { batchSize: 1, maxConcurrency: 10, reportBatchItemFailures: true }),
    );

    const timezone = config.organisation.timezone;
    const schedules = { plan, audit, digest } as const;
    for (const [name, target] of Object.entries(schedules)) {
      new Schedule(this, `${name[0]?.toUpperCase()}${name.slice(1)}Schedule`, {
        description: `Bursar: ${name}`,
        schedule: ScheduleExpression.expression(
          scheduleExpression(config, name as keyof typeof schedules),
          TimeZone.of(timezone),
        ),
        timeWindow: TimeWindow.off(),
        target: new LambdaInvoke(target.function, {
          deadLetterQueue: tasks.deadLetters,
          retryAttempts: 2,
          maxEventAge: Duration.hours(1),
        }),
      });
    }
    acknowledge(this);
    new CfnOutput(this, 'BucketName', { value: storage.bucket.bucketName });
    new CfnOutput(this, 'TableName', { value: storage.table.tableName });
    new CfnOutput(this, 'QueueUrl', { value: tasks.queue.queueUrl });
    new CfnOutput(this, 'DeadLettersUrl', { value: tasks.deadLetters.queueUrl });
  }
}

function writeConfig(workDir: string, config: Config): string {
  mkdirSync(workDir, { recursive: true });
  const path = join(workDir, 'bursar.config.json');
  writeFileSync(path, JSON.stringify(config));
  return path;
}

/** Addresses of stand-ins for AWS and Slack, for a deployment to a local cloud; empty otherwise. */
function overrides(): Record<string, string> {
  const { AWS_ENDPOINT_URL, SLACK_API_URL } = process.env;
  return {
    ...(AWS_ENDPOINT_URL === undefined ? {} : { AWS_ENDPOINT_URL }),
    ...(SLACK_API_URL === undefined ? {} : { SLACK_API_URL }),
  };
}
