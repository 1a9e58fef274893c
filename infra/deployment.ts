import { CfnOutput, Stack, Tags, TimeZone, Token } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnEventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { scheduleExpression } from '../lib/config/schedule.ts';
import type { Config } from '../lib/config/schema.ts';
import { BursarError } from '../lib/platform/errors.ts';
import { watchesAi } from '../lib/run/assemble/entries.ts';
import {
  type DeployedNames,
  deployedPermissions,
  type Entry,
  storeCollectorPermissions,
} from '../lib/run/assemble/permissions.ts';
import { takesClicks, tellsAlarms } from '../lib/run/assemble/slack-scopes.ts';
import { storeNetworks } from '../lib/run/assemble/store-networks.ts';
import { Alarms } from './alarms.ts';
import { Athena } from './athena.ts';
import { Clicks } from './clicks.ts';
import { dashboard } from './dashboard.ts';
import { sweepLateHours } from './late.ts';
import { idOf, keyOf, nameOf, retentionOf } from './names.ts';
import { type Place, refuseWhatCannotBe } from './refusals.ts';
import { Repeated } from './repeated.ts';
import { DISK_MIB, LONGEST, SIZES } from './sizes.ts';
import { standIns } from './stand-ins.ts';
import { Storage } from './storage.ts';
import { TaskQueue } from './tasks.ts';
import { warnOfWhatStaysBehind } from './warnings.ts';
import { Worker } from './worker.ts';

/** Folders of the bucket. */
const LAKE_PREFIX = 'lake/';
const REPORTS_PREFIX = 'reports/';
const ANSWERS_PREFIX = 'answers/';

/** Everything that a scheduled Bursar needs in one account and region. */
export class Deployment extends Construct {
  readonly storage: Storage;
  readonly tasks: TaskQueue;
  /** What the functions are called by and given rights to. */
  readonly names: DeployedNames;
  readonly workers: Readonly<Record<Exclude<Entry, 'ai-usage' | 'slack' | 'alarm'>, Worker>>;
  /** Takes clicks; null where the config does not say how they are verified. */
  readonly slack: Worker | null;
  /** Watches AI usage by the hour; null where there is none that could be watched. */
  readonly aiUsage: Worker | null;
  /** Tells alarms in Slack; null where there is no channel, or none is wanted. */
  readonly alarm: Worker | null;
  /** Collectors in VPCs, of the stores that only they reach. */
  readonly inNetworks: readonly Worker[];
  readonly schedules: readonly Repeated[];
  readonly alarms: Alarms;
  /** What the config's lake.athena names, where deploy.athena makes it. */
  readonly athena: Athena | null;
  /** By what logs and alarms call them. */
  readonly functions: Readonly<Record<string, IFunction>>;
  /** Where Slack sends clicks; null where none are taken. */
  readonly slackUrl: string | null;

  constructor(scope: Construct, constructId: string, config: Config) {
    super(scope, constructId);
    const stack = Stack.of(this);
    refuseSecond(this, stack);
    refuseWhatCannotBe(config, placeOf(stack));
    const { deploy } = config;
    for (const [tag, value] of Object.entries(deploy.tags)) Tags.of(this).add(tag, value);
    if (deploy.permissionsBoundary !== undefined)
      PermissionsBoundary.of(this).apply(
        ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', deploy.permissionsBoundary),
      );
    const key = deploy.kmsKeyArn === undefined ? null : Key.fromKeyArn(this, 'Key', deploy.kmsKeyArn);
    const storage = new Storage(this, 'Storage', { answersPrefix: ANSWERS_PREFIX, key });
    this.storage = storage;
    const tasks = new TaskQueue(this, 'Tasks', LONGEST, key);
    this.tasks = tasks;
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
      ...(deploy.athena ? { answersPrefix: ANSWERS_PREFIX } : {}),
      storeQueueArns: Object.fromEntries(networks.map(({ place, queue }) => [place.id, queue.queueArn])),
    };
    const permissions = deployedPermissions(config, this.names);
    const common = {
      architecture: deploy.architecture,
      key,
      logRetention: retentionOf(deploy.logDays),
      config,
      environment: {
        BURSAR_STACK: stack.stackName,
        BURSAR_BUCKET: storage.bucket.bucketName,
        BURSAR_PREFIX: LAKE_PREFIX,
        BURSAR_REPORTS: REPORTS_PREFIX,
        BURSAR_TABLE: storage.table.tableName,
        BURSAR_QUEUE_URL: tasks.queue.queueUrl,
        ...standIns(),
      },
    };
    const storeQueues = Object.fromEntries(networks.map(({ place, queue }) => [place.id, queue.queueUrl]));
    const worker = (entry: Entry) =>
      new Worker(this, idOf(entry), {
        ...common,
        ...SIZES[entry],
        entry,
        reservedConcurrency: deploy.concurrency.reserved[keyOf(entry)],
        ...(entry === 'plan' && networks.length > 0
          ? { environment: { ...common.environment, BURSAR_STORE_QUEUES: stack.toJsonString(storeQueues) } }
          : {}),
        ...(entry === 'slack'
          ? {
              environment: {
                ...common.environment,
                BURSAR_BUCKET_DOMAIN: storage.bucket.bucketRegionalDomainName,
              },
            }
          : {}),
        ...(SIZES[entry].duckdb ? { diskMiB: DISK_MIB } : {}),
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
    this.alarm = tellsAlarms(config) ? worker('alarm') : null;
    this.aiUsage = watchesAi(config) ? worker('ai-usage') : null;
    const atOnce = deploy.concurrency.collect;
    this.#feed('TasksToCollect', tasks.queue, workers.collect, atOnce);
    this.inNetworks = networks.map(({ place, queue }) => {
      const made = new Worker(this, `CollectIn${place.id}`, {
        ...common,
        ...SIZES.collect,
        what: inVpc(place.stores),
        entry: 'collect',
        environment: { ...common.environment, BURSAR_QUEUE_URL: queue.queueUrl },
        diskMiB: DISK_MIB,
        permissions: storeCollectorPermissions(config, this.names, place),
        deadLetters: null,
        network: place.network,
      });
      this.#feed(`TasksTo${made.node.id}`, queue, made, atOnce);
      return made;
    });

    const { collect, audit, aiUsage, sweep } = deploy.schedules;
    const timezone = TimeZone.of(config.organisation.timezone);
    const repeated = (
      id: string,
      started: Worker,
      schedule: string,
      flexibleMinutes: number,
      input?: Readonly<Record<string, string>>,
    ) =>
      new Repeated(this, id, {
        what: `Bursar: ${started.what}`,
        expression: scheduleExpression(schedule),
        timezone,
        flexibleMinutes,
        target: started.function,
        deadLetters: tasks.deadLetters,
        key,
        ...(input === undefined ? {} : { input }),
      });
    const { flexibleMinutes } = deploy;
    // What people wait for is punctual.
    this.schedules = [
      repeated('PlanSchedule', workers.plan, collect, flexibleMinutes),
      repeated('AuditSchedule', workers.audit, audit, flexibleMinutes),
      ...(this.aiUsage === null ? [] : [repeated('AiUsageSchedule', this.aiUsage, aiUsage, flexibleMinutes)]),
      repeated('SweepSchedule', workers.sweep, sweep, 0),
      repeated('DigestSchedule', workers.digest, config.digest.schedule, 0),
      ...Object.entries(config.digest.also).map(([digest, { schedule }]) =>
        repeated(`DigestSchedule-${digest}`, workers.digest, schedule, 0, { digest }),
      ),
    ];
    this.athena = deploy.athena
      ? new Athena(this, 'Athena', {
          config,
          answers: storage.bucket.s3UrlForObject(ANSWERS_PREFIX),
          key,
        })
      : null;
    const functions: Readonly<Record<string, IFunction>> = Object.fromEntries(
      [...Object.values(workers), ...this.inNetworks, this.aiUsage, this.slack, this.alarm].flatMap((made) =>
        made === null ? [] : [[nameOf(made), made.function] as const],
      ),
    );
    this.functions = functions;
    this.alarms = new Alarms(this, 'Alarms', {
      ...deploy.alarms,
      teller: this.alarm?.function ?? null,
      key,
      deadLetters: tasks.deadLetters,
      functions,
      slack: this.slack?.function ?? null,
      sweepLateHours: sweepLateHours(scheduleExpression(sweep), config.organisation.timezone),
    });
    if (deploy.dashboard)
      dashboard(this, {
        alarms: this.alarms.all,
        functions,
        queue: tasks.queue,
        deadLetters: tasks.deadLetters,
      });
    warnOfWhatStaysBehind(this, config);
    this.#tell('BucketName', storage.bucket.bucketName);
    this.#tell('TableName', storage.table.tableName);
    this.#tell('QueueUrl', tasks.queue.queueUrl);
    this.#tell('DeadLettersUrl', tasks.deadLetters.queueUrl);
    for (const entry of ['plan', 'collect', 'sweep'] as const)
      this.#tell(`${workers[entry].node.id}RoleArn`, workers[entry].role.roleArn);
    if (this.aiUsage !== null) this.#tell('AiUsageRoleArn', this.aiUsage.role.roleArn);
    this.#tell('AlarmTopicArn', this.alarms.topic.topicArn);
    this.slackUrl =
      this.slack === null
        ? null
        : new Clicks(this, 'Clicks', {
            kind: deploy.slackEndpoint,
            function: this.slack.function,
            logRetention: common.logRetention,
            key,
          }).url;
    if (this.slackUrl !== null) this.#tell('SlackUrl', this.slackUrl);
  }

  /** Null where a deployment of the config has no such function. */
  workerOf(entry: Entry): Worker | null {
    const { slack, alarm, aiUsage } = this;
    return { ...this.workers, slack, alarm, 'ai-usage': aiUsage }[entry];
  }

  /** Not SqsEventSource: it would grant more than is declared. */
  #feed(id: string, queue: IQueue, { function: fed, role }: Worker, atOnce: number): void {
    const source = new CfnEventSourceMapping(this, id, {
      functionName: fed.functionArn,
      eventSourceArn: queue.queueArn,
      batchSize: 1,
      scalingConfig: { maximumConcurrency: atOnce },
      functionResponseTypes: ['ReportBatchItemFailures'],
    });
    source.node.addDependency(role);
  }

  #tell(name: string, value: string): CfnOutput {
    return new CfnOutput(this, name, { value });
  }
}

/** A function's description has 256 characters at the most (AWS Lambda API Reference, CreateFunction). */
function inVpc(stores: readonly string[]): string {
  const named = stores.join(', ');
  return named.length <= 200
    ? `collects the vector stores ${named} in their VPC`
    : `collects ${stores.length} vector stores in their VPC`;
}

function placeOf({ account, region }: Stack): Place {
  return { account: known(account), region: known(region) };
}

function known(text: string): string | null {
  return Token.isUnresolved(text) ? null : text;
}

/** Alarms and the dashboard have the stack's name. */
function refuseSecond(self: Deployment, stack: Stack): void {
  if (stack.node.findAll().some((other) => other !== self && other instanceof Deployment))
    throw new BursarError('config', 'a stack holds one Bursar', {
      where: stack.stackName,
      hint: 'Give the second a stack of its own.',
    });
}
