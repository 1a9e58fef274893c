import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput, Duration, Stack, type StackProps, TimeZone } from 'aws-cdk-lib';
import { CfnEventSourceMapping, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { scheduleExpression } from '../lib/config/schedule.ts';
import type { Config } from '../lib/config/schema.ts';
import {
  type DeployedNames,
  deployedPermissions,
  type Entry,
  storeCollectorPermissions,
} from '../lib/run/assemble/permissions.ts';
import { takesClicks } from '../lib/run/assemble/slack-scopes.ts';
import { storeNetworks } from '../lib/run/assemble/store-networks.ts';
import { CONFIG_FILE } from './native.ts';
import { Repeated } from './repeated.ts';
import { Storage } from './storage.ts';
import { TaskQueue } from './tasks.ts';
import { refuseHalfASlack, warnOfWhatStaysBehind } from './warnings.ts';
import { Worker } from './worker.ts';

/** Folders of the bucket. */
const LAKE_PREFIX = 'lake/';
const REPORTS_PREFIX = 'reports/';

/** A function may run this long (Lambda Developer Guide, "Lambda quotas": 900 seconds). */
const LONGEST = Duration.minutes(15);
/** Scopes and bills collected at once; a bill takes a function's whole memory. */
const AT_ONCE = 10;

export interface BursarStackProps extends StackProps {
  readonly config: Config;
  /** Where the file that the bundles carry is written before synthesis. */
  readonly workDir: string;
}

/** What each function is, and how much of a machine it gets. */
const WORKERS = {
  plan: {
    what: 'lists what is to be collected',
    duckdb: false,
    memoryMiB: 512,
    timeout: Duration.minutes(5),
  },
  collect: { what: 'collects one bill or scope a message', duckdb: true, memoryMiB: 2048, timeout: LONGEST },
  audit: { what: 'judges what was collected', duckdb: true, memoryMiB: 2048, timeout: LONGEST },
  // It begins nothing new after four minutes; what it then does may take as long again.
  sweep: {
    what: 'warns owners, stops what is due, brings back',
    duckdb: false,
    memoryMiB: 1024,
    timeout: Duration.minutes(10),
  },
  digest: { what: 'writes and posts the digest', duckdb: true, memoryMiB: 2048, timeout: LONGEST },
  // Slack waits three seconds; what it no longer waits for is still stored.
  slack: {
    what: 'takes clicks from Slack; stops nothing',
    duckdb: false,
    memoryMiB: 1024,
    timeout: Duration.seconds(20),
  },
} as const satisfies Record<Entry, object>;
/** Scratch disk of a function with DuckDB: parts of the lake, and what does not fit into memory. */
const DISK_MIB = 4096;

/** Everything that a scheduled Bursar needs in one account and region. */
export class BursarStack extends Stack {
  /** What the functions are called by and given rights to. */
  readonly names: DeployedNames;
  readonly workers: Readonly<Record<Exclude<Entry, 'slack'>, Worker>>;
  /** Takes clicks; null where the config does not say how they are verified. */
  readonly slack: Worker | null;
  /** Collectors in VPCs, of the stores that only they reach. */
  readonly inNetworks: readonly Worker[];
  readonly schedules: readonly Repeated[];

  constructor(scope: Construct, id: string, { config, workDir, ...props }: BursarStackProps) {
    super(scope, id, { description: 'Bursar: a scheduled auditor of cloud and AI bills', ...props });
    refuseHalfASlack(config);
    const storage = new Storage(this, 'Storage');
    const tasks = new TaskQueue(this, 'Tasks', LONGEST);
    const networks = storeNetworks(config.estate.stores).map((place) => ({
      place,
      queue: tasks.another(`StoresIn${place.id}`),
    }));
    this.names = {
      bucket: storage.bucket.bucketName,
      lakePrefix: LAKE_PREFIX,
      reportsPrefix: REPORTS_PREFIX,
      table: storage.table.tableName,
      queueArn: tasks.queue.queueArn,
      deadLettersArn: tasks.deadLetters.queueArn,
      storeQueueArns: Object.fromEntries(networks.map(({ place, queue }) => [place.id, queue.queueArn])),
    };
    const permissions = deployedPermissions(config, this.names);
    const common = {
      architecture: config.deploy.architecture,
      configFile: writeConfig(workDir, config),
      environment: {
        BURSAR_BUCKET: storage.bucket.bucketName,
        BURSAR_PREFIX: LAKE_PREFIX,
        BURSAR_REPORTS: REPORTS_PREFIX,
        BURSAR_TABLE: storage.table.tableName,
        BURSAR_QUEUE_URL: tasks.queue.queueUrl,
        ...overrides(),
      },
    };
    const storeQueues = Object.fromEntries(networks.map(({ place, queue }) => [place.id, queue.queueUrl]));
    const worker = (entry: Entry) =>
      new Worker(this, `${entry[0]?.toUpperCase()}${entry.slice(1)}`, {
        ...common,
        ...WORKERS[entry],
        entry,
        ...(entry === 'plan' && networks.length > 0
          ? { environment: { ...common.environment, BURSAR_STORE_QUEUES: this.toJsonString(storeQueues) } }
          : {}),
        ...(WORKERS[entry].duckdb ? { diskMiB: DISK_MIB } : {}),
        permissions: permissions[entry],
        // Messages of the queue have its own dead letters; to Slack the answer itself tells what failed.
        deadLetters: entry === 'collect' || entry === 'slack' ? null : tasks.deadLetters,
      });
    const workers = {
      plan: worker('plan'),
      collect: worker('collect'),
      audit: worker('audit'),
      sweep: worker('sweep'),
      digest: worker('digest'),
    };
    this.workers = workers;
    this.slack = takesClicks(config) ? worker('slack') : null;
    this.#feed('TasksToCollect', tasks.queue, workers.collect);
    this.inNetworks = networks.map(({ place, queue }) => {
      const made = new Worker(this, `CollectIn${place.id}`, {
        ...common,
        ...WORKERS.collect,
        what: `collects the vector stores ${place.stores.join(', ')} in their VPC`,
        entry: 'collect',
        environment: { ...common.environment, BURSAR_QUEUE_URL: queue.queueUrl },
        diskMiB: DISK_MIB,
        permissions: storeCollectorPermissions(config, this.names, place),
        deadLetters: null,
        network: place.network,
      });
      this.#feed(`TasksTo${made.node.id}`, queue, made);
      return made;
    });

    const { collect, audit, sweep } = config.deploy.schedules;
    const when = { plan: collect, audit, sweep, digest: config.digest.schedule };
    const timezone = TimeZone.of(config.organisation.timezone);
    this.schedules = (['plan', 'audit', 'sweep', 'digest'] as const).map(
      (entry) =>
        new Repeated(this, `${workers[entry].node.id}Schedule`, {
          what: `Bursar: ${WORKERS[entry].what}`,
          expression: scheduleExpression(when[entry]),
          timezone,
          target: workers[entry].function,
          deadLetters: tasks.deadLetters,
        }),
    );
    warnOfWhatStaysBehind(this, config);
    this.#tell('BucketName', storage.bucket.bucketName);
    this.#tell('TableName', storage.table.tableName);
    this.#tell('QueueUrl', tasks.queue.queueUrl);
    this.#tell('DeadLettersUrl', tasks.deadLetters.queueUrl);
    for (const entry of ['plan', 'collect', 'sweep'] as const)
      this.#tell(`${workers[entry].node.id}RoleArn`, workers[entry].role.roleArn);
    // Slack signs its requests and has no credentials of AWS: the function itself verifies each.
    if (this.slack !== null)
      this.#tell('SlackUrl', this.slack.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url);
  }

  /** Not SqsEventSource: it would grant more than is declared. */
  #feed(id: string, queue: IQueue, { function: fed, role }: Worker): void {
    const source = new CfnEventSourceMapping(this, id, {
      functionName: fed.functionArn,
      eventSourceArn: queue.queueArn,
      batchSize: 1,
      scalingConfig: { maximumConcurrency: AT_ONCE },
      functionResponseTypes: ['ReportBatchItemFailures'],
    });
    source.node.addDependency(role);
  }

  #tell(name: string, value: string): CfnOutput {
    return new CfnOutput(this, name, { value });
  }
}

function writeConfig(workDir: string, config: Config): string {
  mkdirSync(workDir, { recursive: true });
  const path = join(workDir, CONFIG_FILE);
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
