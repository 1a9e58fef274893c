import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnElement } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checked } from '../../infra/nag.ts';
import { statements } from '../../infra/permissions.ts';
import { BursarStack } from '../../infra/stack.ts';
import type { Worker } from '../../infra/worker.ts';
import { parseConfig } from '../../lib/config/load.ts';
import { type Config, defaultDeployedConfig } from '../../lib/config/schema.ts';
import { AWS_DATASETS } from '../../lib/estate/aws/datasets.ts';
import { logPermissions } from '../../lib/platform/log.ts';
import { deployedPermissions, type Entry } from '../../lib/run/assemble/permissions.ts';
import { storeNetworks } from '../../lib/run/assemble/store-networks.ts';
import { changes } from './reads.ts';

const ENTRIES: readonly Entry[] = ['plan', 'collect', 'audit', 'ai-usage', 'sweep', 'digest'];
const Policies = z.record(
  z.string(),
  z.object({
    Properties: z.object({
      PolicyDocument: z.object({
        Statement: z.array(
          z.object({
            Effect: z.literal('Allow'),
            Action: z.union([z.string(), z.array(z.string())]),
            Resource: z.unknown(),
          }),
        ),
      }),
      Roles: z.array(z.object({ Ref: z.string() })),
    }),
  }),
);

const WIDE = `schemaVersion: 1
organisation: { name: Acme, timezone: Europe/Berlin }
sources:
  invoices: { type: focus-file, path: ["s3://acme-billing/focus", "s3://acme-more"] }
  api: { type: aws-cost-explorer, roleArn: arn:aws:iam::111122223333:role/Payer }
estate:
  aws: { accounts: organisation, readRole: AcmeRead }
  gcp: { projects: [acme-prod] }
  stores: { docs: { type: pgvector, url: { secret: arn:aws:secretsmanager:eu-central-1:111122223333:secret:docs } } }
slack: { token: { secret: arn:aws:secretsmanager:eu-central-1:111122223333:secret:slack }, channels: { digest: "#finops" } }
deploy:
  architecture: x86_64
  schedules: { collect: "04:30" }
  google:
    provider: projects/123456789012/locations/global/workloadIdentityPools/bursar/providers/bursar-aws
    serviceAccount: bursar-read@acme-ops.iam.gserviceaccount.com
`;

const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret';
const CLICKS = `schemaVersion: 1
estate: { aws: { accounts: organisation } }
policies: [{ check: idle-gpu, mode: stop }]
slack: { token: { secret: "${SECRET}:slack" }, signingSecret: { secret: "${SECRET}:sign" }, teamId: T012AB3CD, appId: A012AB3CD, channels: { team: "#finops" } }
`;

interface Synthesised {
  readonly stack: BursarStack;
  readonly template: Template;
  readonly outdir: string;
  readonly config: Config;
}

const folder = mkdtempSync(join(tmpdir(), 'bursar-synth-'));

/** Without bundling: what the functions carry is looked at on its own. */
function synthesise(config: Config, name: string, bundles: readonly string[] = []): Synthesised {
  const outdir = join(folder, name);
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': bundles } });
  checked(app);
  const stack = new BursarStack(app, 'Bursar', { config });
  app.synth();
  return { stack, template: Template.fromStack(stack), outdir, config };
}

function workerOf(stack: BursarStack, entry: Entry): Worker {
  const worker = stack.deployment.workerOf(entry);
  if (worker === null) throw new Error(`no function ${entry}`);
  return worker;
}

/** What the template grants to a function, as `action on resource`, sorted. */
function granted({ stack, template }: Synthesised, entry: Entry): string[] {
  const role = stack.getLogicalId(
    z.instanceof(CfnElement).parse(workerOf(stack, entry).role.node.defaultChild),
  );
  const policies = Policies.parse(template.findResources('AWS::IAM::Policy'));
  return Object.values(policies)
    .filter(({ Properties: { Roles } }) => Roles.some(({ Ref }) => Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) => pairs([Action].flat(), [Resource].flat()))
    .toSorted();
}

/** What adapters declare for it under this config. */
function declared({ stack, config }: Synthesised, entry: Entry): string[] {
  const log = workerOf(stack, entry).function.logGroup.logGroupArn;
  const own = statements([
    ...logPermissions(log),
    ...deployedPermissions(config, stack.deployment.names)[entry],
  ]);
  const resolved = z
    .array(z.object({ Action: z.union([z.string(), z.array(z.string())]), Resource: z.unknown() }))
    .parse(stack.resolve(own.map((statement) => statement.toStatementJson())));
  return resolved.flatMap(({ Action, Resource }) => pairs([Action].flat(), [Resource].flat())).toSorted();
}

function pairs(actions: readonly string[], resources: readonly unknown[]): string[] {
  return actions.flatMap((action) => resources.map((resource) => `${action} on ${JSON.stringify(resource)}`));
}

/** Characters of a policy at most: what the template refers to counts as 128 of them, more than any ARN here has. */
function sizeOf(document: unknown): number {
  const told = JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'object' && value !== null && /^(?:Ref$|Fn::)/.test(Object.keys(value)[0] ?? '')
      ? 'x'.repeat(128)
      : value,
  );
  return told.length;
}

/** Every schedule with its zone. */
function schedules({ template }: Synthesised): string[] {
  return Object.values(template.findResources('AWS::Scheduler::Schedule'))
    .map(({ Properties }) => `${Properties.ScheduleExpression} ${Properties.ScheduleExpressionTimezone}`)
    .toSorted();
}

const actionsOf = (grants: readonly string[]) => [
  ...new Set(grants.map((grant) => grant.slice(0, grant.indexOf(' ')))),
];

/** What the collectors of AWS declare. */
const LOOK = new Set(AWS_DATASETS.flatMap(({ permissions }) => permissions.map(({ action }) => action)));
const LEDGER = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const TAKE = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ReceiveMessage',
];

let plain: Synthesised;
let wide: Synthesised;
let clicks: Synthesised;

beforeAll(() => {
  plain = synthesise(defaultDeployedConfig(), 'plain');
  wide = synthesise(parseConfig(WIDE, 'bursar.yaml'), 'wide');
  clicks = synthesise(parseConfig(CLICKS, 'bursar.yaml'), 'clicks');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('rights', () => {
  test.for(ENTRIES)('%s: exactly what its adapters declare, under either config', (entry) => {
    for (const synthesised of [plain, wide])
      expect([...new Set(granted(synthesised, entry))]).toEqual([...new Set(declared(synthesised, entry))]);
  });

  test('with no config: the own account, Cost Explorer, no Slack', () => {
    const rights = Object.fromEntries(
      ENTRIES.map((entry) => [entry, actionsOf(granted(plain, entry)).filter((each) => !LOOK.has(each))]),
    );
    expect(rights).toEqual({
      plan: [...LEDGER, 'ec2:DescribeRegions', ...LOG, 'sqs:SendMessage'],
      collect: [
        'ce:GetCostAndUsage',
        'ce:GetReservationCoverage',
        'ce:GetReservationUtilization',
        'ce:GetSavingsPlansCoverage',
        'ce:GetSavingsPlansUtilization',
        'ce:GetSavingsPlansUtilizationDetails',
        ...LEDGER,
        ...LOG,
        'pricing:GetProducts',
        's3:DeleteObject',
        's3:GetObject',
        's3:ListBucket',
        's3:PutObject',
        ...TAKE,
      ],
      audit: [...LEDGER, ...LOG, 's3:GetObject', 's3:ListBucket', 'sqs:SendMessage'],
      'ai-usage': [...LEDGER, 'ec2:DescribeRegions', ...LOG, 'sqs:SendMessage'],
      sweep: [...LEDGER.slice(0, 1), 'dynamodb:DeleteItem', ...LEDGER.slice(1), ...LOG, 'sqs:SendMessage'],
      digest: [...LEDGER, ...LOG, 's3:GetObject', 's3:ListBucket', 's3:PutObject', 'sqs:SendMessage'],
    });
  });

  test('to look is to read, and only who collects and who looks again may; who watches AI usage reads its metrics', () => {
    expect([...LOOK].filter(changes)).toEqual([]);
    for (const entry of ENTRIES) {
      const looks = actionsOf(granted(plain, entry)).filter((action) => LOOK.has(action));
      const metrics = ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'];
      const may = new Map<Entry, Iterable<string>>([
        ['collect', LOOK],
        ['sweep', LOOK],
        ['ai-usage', metrics],
      ]);
      expect(new Set(looks)).toEqual(new Set(may.get(entry)));
    }
  });

  test('fit what IAM lets a role hold, and need no policy beside the inline one', () => {
    for (const { template } of [plain, wide, clicks]) {
      template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
      const sizes = new Map<string, number>();
      for (const { Properties } of Object.values(Policies.parse(template.findResources('AWS::IAM::Policy'))))
        for (const { Ref } of Properties.Roles)
          sizes.set(Ref, (sizes.get(Ref) ?? 0) + sizeOf(Properties.PolicyDocument));
      expect(sizes.size).toBeGreaterThanOrEqual(ENTRIES.length);
      // Of all inline policies of a role, without white space (IAM User Guide, "IAM and AWS STS quotas").
      for (const size of sizes.values()) expect(size).toBeLessThan(10_240);
    }
  });

  test('what the config names more, and only that, is granted more', () => {
    const more = (entry: Entry) =>
      actionsOf(granted(wide, entry)).filter((action) => !actionsOf(granted(plain, entry)).includes(action));
    expect(more('plan')).toEqual(['organizations:ListAccounts', 'sts:AssumeRole']);
    expect(more('collect')).toEqual([
      'ce:ListCostAllocationTags',
      'organizations:ListAccountsForParent',
      'organizations:ListOrganizationalUnitsForParent',
      'organizations:ListRoots',
      'organizations:ListTagsForResource',
      'secretsmanager:GetSecretValue',
      'sts:AssumeRole',
    ]);
    expect(more('audit')).toEqual([]);
    expect(more('digest')).toEqual(['secretsmanager:GetSecretValue']);
    // To look again; no policy says stop, so that it enters no role that acts.
    // Of stores it reads the kept counters.
    expect(more('sweep')).toEqual([
      's3:GetObject',
      's3:ListBucket',
      'secretsmanager:GetSecretValue',
      'sts:AssumeRole',
    ]);
    expect(granted(wide, 'sweep').join('\n')).not.toContain('BursarAct');
    // Cost Explorer is asked with the role of the payer.
    expect(actionsOf(granted(wide, 'collect'))).not.toContain('ce:GetCostAndUsage');
  });

  test('a role, a secret, a bucket is granted by its name', () => {
    const grants = granted(wide, 'collect').join('\n');
    expect(grants).toContain(':iam::111122223333:role/Payer');
    expect(grants).toContain(':iam::*:role/AcmeRead');
    expect(grants).toContain(':secretsmanager:eu-central-1:111122223333:secret:docs');
    expect(grants).not.toContain('secret:slack');
    expect(grants).toContain(':s3:::acme-billing/focus/*');
    expect(grants).toContain(':s3:::acme-more/*');
  });

  test('nothing may change what others own, and no right is a pattern of actions', () => {
    const writes = ENTRIES.flatMap((entry) => actionsOf(granted(wide, entry))).filter(
      (action) => changes(action) && !/:(BatchGet|Query|Receive)/.test(action),
    );
    expect(new Set(writes)).toEqual(
      new Set([
        'dynamodb:DeleteItem',
        'dynamodb:PutItem',
        ...LOG,
        's3:DeleteObject',
        's3:PutObject',
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:SendMessage',
        'sts:AssumeRole',
      ]),
    );
    const all = ENTRIES.flatMap((entry) => granted(wide, entry));
    expect(all.filter((grant) => grant.split(' on ')[0]?.includes('*'))).toEqual([]);
    const own = all.filter((grant) => /^(s3:(Put|Delete)Object|dynamodb:|sqs:)/.test(grant));
    expect(own.filter((grant) => grant.endsWith(' on "*"'))).toEqual([]);
  });
});

describe('clicks', () => {
  test('are taken by a function of their own, at an open address that both rights allow', () => {
    clicks.template.resourceCountIs('AWS::Lambda::Function', 7);
    clicks.template.resourcePropertiesCountIs('AWS::Lambda::Url', { AuthType: 'NONE' }, 1);
    // Since October 2025 an open URL needs both (Lambda Developer Guide, "Control access to Lambda function URLs").
    for (const Action of ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'])
      clicks.template.resourcePropertiesCountIs('AWS::Lambda::Permission', { Action, Principal: '*' }, 1);
    clicks.template.hasOutput('SlackUrl', {});
  });

  test('reach the ledger and the secrets of Slack, and nothing that could stop anything', () => {
    expect([...new Set(granted(clicks, 'slack'))]).toEqual([...new Set(declared(clicks, 'slack'))]);
    const grants = granted(clicks, 'slack');
    expect(actionsOf(grants)).toEqual([...LEDGER, ...LOG, 's3:GetObject', 'secretsmanager:GetSecretValue']);
    expect(grants.filter((grant) => grant.startsWith('secretsmanager:'))).toHaveLength(4);
  });

  test('have no function without a secret that verifies them', () => {
    for (const { template, stack } of [plain, wide]) {
      expect(stack.deployment.slack).toBeNull();
      template.resourceCountIs('AWS::Lambda::Url', 0);
    }
  });

  test('are refused at synthesis where app and workspace are not named', () => {
    const half = CLICKS.replace(/ teamId: .*?, appId: .*?,/, '');
    expect(() => synthesise(parseConfig(half, 'bursar.yaml'), 'half')).toThrow(
      'slack.teamId and slack.appId must be set',
    );
  });

  test('the sweep enters the role that acts where a policy says stop', () => {
    expect(granted(clicks, 'sweep').filter((grant) => grant.includes('BursarAct'))).toHaveLength(1);
    for (const entry of ENTRIES.filter((each) => each !== 'sweep'))
      expect(granted(clicks, entry).join('\n')).not.toContain('BursarAct');
  });
});

describe('template', () => {
  test('functions of Node 24, as the config says on arm64 or x86-64, each with its log and time', () => {
    // Where there is a channel for them, one more tells alarms in Slack.
    for (const [{ template }, architecture, functions] of [
      [plain, 'arm64', 6],
      [wide, 'x86_64', 7],
    ] as const) {
      template.resourceCountIs('AWS::Lambda::Function', functions);
      template.allResourcesProperties('AWS::Lambda::Function', {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Architectures: [architecture],
        LoggingConfig: { LogGroup: Match.anyValue() },
        Environment: {
          Variables: Match.objectLike({ BURSAR_CONFIG: 'bursar.config.json', BURSAR_PREFIX: 'lake/' }),
        },
      });
    }
    plain.template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  test('schedules as the config says, in the organisation’s zone', () => {
    expect(schedules(plain)).toEqual([
      'cron(0 5 * * ? *) UTC',
      'cron(0 6 * * ? *) UTC',
      'cron(0 9 ? * MON *) UTC',
      'rate(1 hour) UTC',
      'rate(15 minutes) UTC',
    ]);
    expect(schedules(wide)).toEqual([
      'cron(0 6 * * ? *) Europe/Berlin',
      'cron(0 9 ? * MON *) Europe/Berlin',
      'cron(30 4 * * ? *) Europe/Berlin',
      'rate(1 hour) Europe/Berlin',
      'rate(15 minutes) Europe/Berlin',
    ]);
  });

  test('tasks come one a call, at most five at once, three times, then to the dead letters with an alarm', () => {
    const { template } = plain;
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: { maxReceiveCount: 3 },
      VisibilityTimeout: 5400,
      SqsManagedSseEnabled: true,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    });
  });

  test('what a scheduled function fails on three times is kept; a task has its queue', () => {
    const functions = Object.values(plain.template.findResources('AWS::Lambda::Function'));
    const kept = functions.filter(({ Properties }) => Properties.DeadLetterConfig !== undefined);
    expect(kept).toHaveLength(5);
    plain.template.resourcePropertiesCountIs(
      'AWS::Lambda::EventInvokeConfig',
      { MaximumRetryAttempts: 2 },
      5,
    );
  });

  test('bucket and table outlive the stack, private, encrypted, with what was replaced', () => {
    const { template } = plain;
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
    template.hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
    });
  });

  test('no secret, no address of a stand-in and no config value lies in the template', () => {
    const text = JSON.stringify(wide.template.toJSON());
    expect(text).not.toMatch(/xox[bp]-|AWS_ENDPOINT_URL|SLACK_API_URL|acme-prod|#finops/);
  });
});

describe('what does not work in a function is said at synthesis', () => {
  test('secrets in environment variables, local bills and lists of documents, what no function can carry', () => {
    const { stack } = synthesise(
      parseConfig(
        `schemaVersion: 1
sources: { invoices: { type: focus-file, path: ./bills/*.csv }, tokens: { type: openai, key: { env: OPENAI_ADMIN_KEY } }, payer: { type: aws-focus-export, bucket: acme-billing, prefix: focus } }
lake: { trino: { server: https://trino.acme.com, catalog: hive, user: bursar, password: { env: TRINO_PASSWORD }, tables: { payer: bills } } }
estate:
  stores:
    docs: { type: pgvector, url: { env: DOCS_URL }, documents: [{ key: source, source: { type: manifest, path: ./docs.csv } }] }
    search: { type: lancedb, path: s3://acme-vectors/search }
policies: [{ check: "*", mode: warn }]
slack: { token: { env: SLACK_BOT_TOKEN }, teamId: T012AB3CD }
`,
        'bursar.yaml',
      ),
      'laptop',
    );
    const warnings = Annotations.fromStack(stack)
      .findWarning('*', Match.anyValue())
      .map(({ entry }) => z.string().parse(entry.data));
    expect(warnings).toEqual([
      expect.stringContaining('slack.token names the environment variable SLACK_BOT_TOKEN'),
      expect.stringContaining('estate.stores.docs.url names the environment variable DOCS_URL'),
      expect.stringContaining('sources.tokens.key names the environment variable OPENAI_ADMIN_KEY'),
      expect.stringContaining('lake.trino.password names the environment variable TRINO_PASSWORD'),
      expect.stringContaining('slack.signingSecret is not set'),
      expect.stringContaining('sources.invoices reads ./bills/*.csv'),
      expect.stringContaining('estate.stores.search is a database of LanceDB'),
      expect.stringContaining('estate.stores.docs.documents[0] reads ./docs.csv'),
    ]);
    for (const warning of warnings) expect(warning).not.toContain('undefined');
  });

  test('a config that serves a function has none', () => {
    expect(Annotations.fromStack(wide.stack).findWarning('*', Match.anyValue())).toEqual([]);
  });
});

const place = (subnet: string) =>
  `network: { vpcId: vpc-0123456789abcdef1, subnets: [${subnet}], securityGroups: [sg-0123456789abcdef1] }`;
const store = (secret: string, more: string) =>
  `{ type: pgvector, url: { secret: "${SECRET}:${secret}" }${more} }`;
const secretsOf = (grants: readonly string[]) =>
  [...new Set(grants.flatMap((grant) => /secret:(\w+)"/.exec(grant)?.[1] ?? []))].toSorted();

describe('stores in a VPC', () => {
  let inside: Synthesised;
  beforeAll(() => {
    const config = `schemaVersion: 1
estate:
  stores:
    a: ${store('a', `, ${place('subnet-0123456789abcdef1')}`)}
    b: ${store('b', `, ${place('subnet-0123456789abcdef1')}`)}
    c: ${store('c', `, ${place('subnet-0123456789abcdef2')}`)}
    open: ${store('open', '')}
`;
    inside = synthesise(parseConfig(config, 'bursar.yaml'), 'inside');
  });

  /** What the policies of a function's role say, by effect. */
  function said({ stack, template }: Synthesised, worker: Worker, effect: string): string[] {
    const role = stack.getLogicalId(z.instanceof(CfnElement).parse(worker.role.node.defaultChild));
    const Said = z.object({
      Roles: z.array(z.object({ Ref: z.string() })),
      PolicyDocument: z.object({
        Statement: z.array(
          z.object({
            Effect: z.string(),
            Action: z.union([z.string(), z.array(z.string())]),
            Resource: z.unknown(),
          }),
        ),
      }),
    });
    return Object.values(template.findResources('AWS::IAM::Policy'))
      .map(({ Properties }) => Said.parse(Properties))
      .filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Effect }) => Effect === effect)
      .flatMap(({ Action, Resource }) => pairs([Action].flat(), [Resource].flat()));
  }

  test('each place has a collector of its own, and nothing else is in a VPC', () => {
    const { template } = inside;
    template.resourceCountIs('AWS::Lambda::Function', 7);
    const places = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(
      ({ Properties: { VpcConfig } }) => (VpcConfig === undefined ? [] : [JSON.stringify(VpcConfig)]),
    );
    expect(places.toSorted()).toEqual([
      '{"SecurityGroupIds":["sg-0123456789abcdef1"],"SubnetIds":["subnet-0123456789abcdef1"]}',
      '{"SecurityGroupIds":["sg-0123456789abcdef1"],"SubnetIds":["subnet-0123456789abcdef2"]}',
    ]);
    plain.template.allResourcesProperties('AWS::Lambda::Function', { VpcConfig: Match.absent() });
  });

  test('it reads the secrets of its stores alone, and the collector outside those of the others', () => {
    const { stack } = inside;
    expect(stack.deployment.inNetworks.map((worker) => secretsOf(said(inside, worker, 'Allow')))).toEqual([
      ['a', 'b'],
      ['c'],
    ]);
    expect(secretsOf(said(inside, stack.deployment.workers.collect, 'Allow'))).toEqual(['open']);
  });

  test('Lambda may attach it, and its own code may not', () => {
    for (const worker of inside.stack.deployment.inNetworks) {
      const denied = said(inside, worker, 'Deny');
      expect(denied).toContain('ec2:CreateNetworkInterface on "*"');
      const allowed = said(inside, worker, 'Allow').filter((grant) => grant.startsWith('ec2:'));
      expect(allowed.toSorted()).toEqual(denied.toSorted());
    }
    inside.template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Condition: { ArnLike: { 'lambda:SourceFunctionArn': Match.anyValue() } },
          }),
        ]),
      },
    });
  });

  test('each has a queue, which the plan alone sends to, with the same dead letters', () => {
    const { template, stack } = inside;
    template.resourceCountIs('AWS::SQS::Queue', 4);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 3);
    const redrive = Object.values(template.findResources('AWS::SQS::Queue')).flatMap(
      ({ Properties: { RedrivePolicy } }) =>
        RedrivePolicy === undefined ? [] : [JSON.stringify(RedrivePolicy)],
    );
    expect(redrive).toHaveLength(3);
    expect(new Set(redrive).size).toBe(1);
    const sends = (worker: Worker) =>
      said(inside, worker, 'Allow').filter(
        (grant) => grant.startsWith('sqs:SendMessage on') && grant.includes('Tasks'),
      );
    // The three queues, and the dead letters of a plan that fails.
    expect(sends(stack.deployment.workers.plan)).toHaveLength(4);
    expect(stack.deployment.inNetworks.flatMap(sends)).toEqual([]);
    const queues = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(
      ({ Properties: { Environment } }) => {
        const told: unknown = Environment.Variables.BURSAR_STORE_QUEUES;
        return told === undefined ? [] : [JSON.stringify(told)];
      },
    );
    expect(queues).toHaveLength(1);
    for (const { id } of storeNetworks(inside.config.estate.stores)) expect(queues[0]).toContain(id);
    const own = stack.deployment.inNetworks.map((worker) =>
      said(inside, worker, 'Allow').filter((grant) => grant.startsWith('sqs:ReceiveMessage')),
    );
    expect(new Set(own.flat()).size).toBe(2);
  });
});

describe('cdk-nag', () => {
  test('fails a synthesis that grants more than is declared with a reason', () => {
    const app = new App({ outdir: join(folder, 'nag'), context: { 'aws:cdk:bundling-stacks': [] } });
    checked(app);
    const stack = new BursarStack(app, 'Bursar', {
      config: defaultDeployedConfig(),
    });
    stack.deployment.workers.audit.role.addToPolicy(
      new PolicyStatement({ actions: ['s3:*'], resources: ['*'] }),
    );
    expect(() => app.synth()).toThrow(/alidation/);
  });
});
