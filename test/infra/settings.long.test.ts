import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BursarStack } from '../../infra/stack.ts';
import { FOCUS_COLUMNS } from '../../lib/focus/columns.ts';
import { HAPPENINGS, METRICS } from '../../lib/platform/metrics.ts';
import { deployedPermissions } from '../../lib/run/assemble/permissions.ts';
import { BOUNDARY, CONFIGS, configOf, GOVCLOUD, KEY, type Made, made } from './configs.ts';

const folder = mkdtempSync(join(tmpdir(), 'bursar-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One stack a config: the tests only read them. */
const stacks = new Map<string, Made>();
const stackOf = (text: string): Made => {
  const known = stacks.get(text) ?? made(folder, `stack-${stacks.size}`, configOf(text));
  stacks.set(text, known);
  return known;
};
const Resource = z.object({ Properties: z.record(z.string(), z.unknown()).default({}) });

/** Properties of all resources of a type, by logical id. */
function properties(template: Template, type: string): Record<string, unknown>[] {
  return Object.values(template.findResources(type)).map((each) => Resource.parse(each).Properties);
}

const warningsOf = ({ stack }: Made) =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => z.string().parse(entry.data));

const windows = (text: string) =>
  properties(stackOf(text).template, 'AWS::Scheduler::Schedule').map(
    ({ Description, FlexibleTimeWindow }) => [Description, FlexibleTimeWindow],
  );

describe('when functions run', () => {
  test('collection and judging may begin ten minutes later, sweep and digest are punctual', () => {
    const flexible = { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 10 };
    expect(new Set(windows(''))).toEqual(
      new Set([
        ['Bursar: lists what is to be collected', flexible],
        ['Bursar: judges what was collected', flexible],
        ['Bursar: watches AI usage by the hour', flexible],
        ['Bursar: warns owners, stops what is due, brings back', { Mode: 'OFF' }],
        ['Bursar: writes and posts the digest', { Mode: 'OFF' }],
      ]),
    );
    for (const [, window] of windows('deploy: { flexibleMinutes: 0 }\n'))
      expect(window).toEqual({ Mode: 'OFF' });
    // A rate never runs into its next start.
    const often = windows('deploy: { schedules: { collect: rate(5 minutes) } }\n');
    expect(often).toContainEqual([
      'Bursar: lists what is to be collected',
      { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 2 },
    ]);
  });

  test.for([
    ['deploy.schedules.collect', 'deploy: { schedules: { collect: "cron(0 5 31 2 ? *)" } }\n'],
    ['digest.schedule', 'digest: { schedule: "cron(0 9 ? * MON 2020-2022)" }\n'],
    ['digest.also.leads.schedule', 'digest: { also: { leads: { schedule: "cron(0 9 30 FEB ? *)" } } }\n'],
  ])('%s that is never due again is refused', ([where, text = '']) => {
    expect(() => stackOf(text)).toThrow(expect.objectContaining({ name: 'BursarError', where }));
  });

  test('every further digest has its own, and is told which it is', () => {
    const { template } = stackOf(
      'digest: { also: { board: { for: executive, schedule: "07:30" }, search: { for: search, schedule: rate(1 day) } } }\n',
    );
    const told = properties(template, 'AWS::Scheduler::Schedule').flatMap(
      ({ ScheduleExpression, Target }) => {
        const { Input } = z.object({ Input: z.string().optional() }).parse(Target);
        return Input === undefined ? [] : [[ScheduleExpression, JSON.parse(Input)]];
      },
    );
    expect(new Set(told)).toEqual(
      new Set([
        ['cron(30 7 * * ? *)', { digest: 'board' }],
        ['rate(1 day)', { digest: 'search' }],
      ]),
    );
  });

  test('each schedule has a role of its own, which may start that one function', () => {
    const { template } = stackOf('');
    for (const name of ['Plan', 'Audit', 'Sweep', 'Digest']) {
      const [role] = Object.keys(template.findResources('AWS::IAM::Role')).filter((id) =>
        id.startsWith(`${name}ScheduleRole`),
      );
      const policies = properties(template, 'AWS::IAM::Policy').filter(
        ({ Roles }) => JSON.stringify(Roles) === JSON.stringify([{ Ref: role }]),
      );
      const said = JSON.stringify(policies);
      expect(said.match(/lambda:InvokeFunction/g)).toHaveLength(1);
      expect(said).toContain(`${name}Function`);
      expect(said.match(/"Fn::GetAtt":\["\w+Function\w+","Arn"\]/g)?.every((arn) => arn.includes(name))).toBe(
        true,
      );
    }
  });
});

const rightsWith = (dimensions: string) =>
  deployedPermissions(configOf(`estate: { aws: { accounts: organisation } }\n${dimensions}`), {
    bucket: 'BUCKET',
    lakePrefix: 'lake/',
    reportsPrefix: 'reports/',
    table: 'TABLE',
    queueArn: 'QUEUE',
    deadLettersArn: 'DEAD-LETTERS',
  }).sweep.some(({ action }) => action === 's3:GetObject');

test('a sweep that has to know tags of accounts may read where they are kept, and no other may', () => {
  expect(rightsWith('dimensions: { team: [{ accountTag: team }] }\n')).toBe(true);
  expect(rightsWith('dimensions: { team: [{ tag: team }] }\n')).toBe(false);
});

describe('how many run at once', () => {
  test('none has any of the account’s reserved, unless the config says so', () => {
    for (const each of properties(stackOf('').template, 'AWS::Lambda::Function'))
      expect(each).not.toHaveProperty('ReservedConcurrentExecutions');
    const { template } = stackOf(CONFIGS.alarms);
    const reserved = properties(template, 'AWS::Lambda::Function').flatMap(
      ({ Description, ReservedConcurrentExecutions: count }) =>
        count === undefined ? [] : [[Description, count]],
    );
    expect(new Set(reserved)).toEqual(
      new Set([
        ['Bursar: collects one bill or scope a message', 20],
        ['Bursar: takes clicks from Slack; stops nothing', 5],
        ['Bursar: warns owners, stops what is due, brings back', 1],
      ]),
    );
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ScalingConfig: { MaximumConcurrency: 20 },
    });
  });

  test('the queue hands over no more than is reserved', () => {
    expect(() => configOf('deploy: { concurrency: { collect: 8, reserved: { collect: 4 } } }\n')).toThrow(
      /deploy\.concurrency\.reserved\.collect.*not below deploy\.concurrency\.collect/,
    );
  });
});

const alarmsByName = (template: Template) =>
  Object.fromEntries(
    properties(template, 'AWS::CloudWatch::Alarm').map((alarm) => [
      z.string().parse(alarm['AlarmName']),
      alarm,
    ]),
  );

describe('alarms', () => {
  test('tell of dead letters, errors, late sweeps and digests, failed stops and restores, and caps', () => {
    const alarms = alarmsByName(stackOf('').template);
    expect(Object.keys(alarms).toSorted()).toEqual(
      [
        'aiUsage-errors',
        'audit-errors',
        'cap-reached',
        'collect-errors',
        'dead-letters',
        'digest-errors',
        'digest-late',
        'plan-errors',
        'restore-failed',
        'stop-failed',
        'sweep-errors',
        'sweep-late',
      ].map((name) => `Bursar-${name}`),
    );
    for (const { AlarmActions, OKActions } of Object.values(alarms)) {
      expect(AlarmActions).toEqual([{ Ref: expect.stringMatching(/^AlarmsTopic/) }]);
      expect(OKActions).toEqual(AlarmActions);
    }
  });

  test('rest on metrics that the functions count, of this stack alone', () => {
    const alarms = alarmsByName(stackOf('deploy: { stackName: Second }\n').template);
    const own = Object.values(alarms).filter(({ Namespace }) => Namespace === 'Bursar');
    expect(own).toHaveLength(5);
    for (const { MetricName, Dimensions } of own) {
      expect(Object.values(METRICS)).toContain(MetricName);
      expect(Dimensions).toEqual([
        { Name: 'function', Value: 'sweep' },
        { Name: 'stack', Value: 'Second' },
      ]);
    }
  });

  test.for([
    ['rate(15 minutes)', { Period: 900, EvaluationPeriods: 4 }],
    ['rate(2 hours)', { Period: 900, EvaluationPeriods: 24 }],
    // At night and on weekends there is none: 63 hours and two more.
    ['cron(0 8-17 ? * MON-FRI *)', { Period: 3600, EvaluationPeriods: 65 }],
  ] as const)('sweeps %s are late by their own measure, and silence is lateness', ([sweep, expected]) => {
    const { template } = stackOf(`deploy: { schedules: { sweep: "${sweep}" } }\n`);
    expect(alarmsByName(template)['Bursar-sweep-late']).toMatchObject({
      ...expected,
      MetricName: 'Succeeded',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  test('of weekly sweeps none can tell, and none pretends to', () => {
    const { template } = stackOf('deploy: { schedules: { sweep: "Mon 09:00" } }\n');
    expect(Object.keys(alarmsByName(template))).not.toContain('Bursar-sweep-late');
  });

  test('go to the addresses of the config, and to Slack where a channel is', () => {
    const { template, stack } = stackOf(CONFIGS.alarms);
    expect(stack.deployment.alarm).toBeNull();
    const subscriptions = properties(template, 'AWS::SNS::Subscription').map(({ Protocol, Endpoint }) => [
      Protocol,
      Endpoint,
    ]);
    expect(new Set(subscriptions)).toEqual(
      new Set([
        ['email', 'ops@example.com'],
        ['https', 'https://ops.example.com/alarms'],
      ]),
    );
    const inSlack = stackOf(CONFIGS['http-api']);
    expect(inSlack.stack.deployment.alarm).not.toBeNull();
    inSlack.template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'lambda' });
    // What Slack does not take is tried again, then kept, and the alarm of the dead letters rises.
    const [teller] = Object.values(inSlack.template.findResources('AWS::Lambda::Function')).filter(
      ({ Properties }) => String(Properties.Description).includes('tells in Slack'),
    );
    expect(teller?.['Properties'].DeadLetterConfig).toBeDefined();
    // Its own errors are told by the topic's other subscribers.
    expect(Object.keys(alarmsByName(inSlack.template))).toEqual(
      expect.arrayContaining(['Bursar-alarm-errors', 'Bursar-slack-errors', 'Bursar-clicks-throttled']),
    );
  });

  test('an address that is named twice hears of them once, and a long name of the stack is no hindrance', () => {
    const stackName = 'A'.repeat(128);
    const { template } = stackOf(
      `deploy: { stackName: ${stackName}, alarms: { emails: [a@b.example, a@b.example], webhooks: ["https://b.example", "https://b.example"] } }\n`,
    );
    template.resourceCountIs('AWS::SNS::Subscription', 2);
    expect(properties(template, 'AWS::SNS::Topic')).toEqual([
      expect.objectContaining({ DisplayName: `${stackName.slice(0, 93)} alarms` }),
    ]);
  });

  test('the topic takes what alarms of this account say, over TLS alone', () => {
    const { template } = stackOf('');
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  test('a dashboard shows them with what was done', () => {
    const { template } = stackOf('');
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    const body = JSON.stringify(properties(template, 'AWS::CloudWatch::Dashboard'));
    // Each of its own metrics but the sweep's "it ended well", which is an alarm.
    const { Succeeded: _alarm, ...shown } = Object.fromEntries(
      Object.values(METRICS).map((name) => [name, body.includes(`\\"${name}\\"`)]),
    );
    expect(Object.entries(shown).filter(([, isShown]) => !isShown)).toEqual([]);
  });

  test('it is of those that are free, or not there', () => {
    // Of an account's first three dashboards those with at most 50 metrics are free (Amazon CloudWatch pricing, "Free tier").
    const all = JSON.stringify(
      properties(stackOf(CONFIGS.stop).template, 'AWS::CloudWatch::Dashboard').map(
        ({ DashboardBody }) => DashboardBody,
      ),
    );
    const metrics = all.match(/\[\\+"(AWS\/(Lambda|SQS)|Bursar)\\+",/g) ?? [];
    expect(metrics.length).toBeGreaterThan(30);
    expect(metrics.length).toBeLessThanOrEqual(50);
    const { template: without } = stackOf('deploy: { dashboard: false }');
    without.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  test('what happens now and then takes silence for good; whether a digest is late only a sweep can say', () => {
    const alarms = alarmsByName(stackOf('').template);
    const silence = Object.fromEntries(
      Object.values(alarms)
        .filter(({ Namespace }) => Namespace === 'Bursar')
        .map(({ MetricName, TreatMissingData }) => [MetricName, TreatMissingData]),
    );
    expect(silence).toEqual({
      Succeeded: 'breaching',
      DigestsLate: 'missing',
      StopsFailed: 'notBreaching',
      RestoresFailed: 'notBreaching',
      CapsReached: 'notBreaching',
    });
    // What is not told at zero is one of these.
    for (const metric of HAPPENINGS) expect(['notBreaching', undefined]).toContain(silence[METRICS[metric]]);
  });
});

const TRACING = `${CONFIGS.stop}deploy: { tracing: true }\n`;

/** How each function of a stack is traced. */
function traced(text: string): string[] {
  return properties(stackOf(text).template, 'AWS::Lambda::Function').map(({ TracingConfig }) =>
    JSON.stringify(TracingConfig ?? null),
  );
}

describe('traces', () => {
  test('are sent by every function where the config says so, and by none else', () => {
    const all = traced(TRACING);
    expect(all.length).toBeGreaterThan(7);
    expect(new Set(all)).toEqual(new Set(['{"Mode":"Active"}']));
    expect(new Set(traced(CONFIGS.stop))).toEqual(new Set(['null']));
  });

  test('take two rights, which are granted once a role, and to no role without them', () => {
    const said = JSON.stringify(properties(stackOf(TRACING).template, 'AWS::IAM::Policy'));
    const functions = traced(TRACING).length;
    for (const action of ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'])
      expect(said.split(`"${action}"`)).toHaveLength(functions + 1);
    expect(JSON.stringify(stackOf(CONFIGS.stop).template.toJSON())).not.toContain('xray:');
  });
});

describe('clicks by an HTTP API', () => {
  let api: Made;
  beforeAll(() => {
    api = stackOf(CONFIGS['http-api']);
  });

  test('have no URL of a function, and one route that only this API may call', () => {
    const { template } = api;
    template.resourceCountIs('AWS::Lambda::Url', 0);
    template.resourcePropertiesCountIs('AWS::Lambda::Permission', { Principal: '*' }, 0);
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
      RouteKey: 'POST /',
      AuthorizationType: 'NONE',
    });
    template.resourceCountIs('AWS::ApiGatewayV2::Route', 1);
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    });
    template.hasOutput('SlackUrl', {});
  });

  test('speak as a function’s URL does, are limited, and logged', () => {
    api.template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' });
    api.template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      AccessLogSettings: Match.objectLike({ DestinationArn: Match.anyValue() }),
    });
  });

  test.for([
    ['eu-central-2', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
  ] as const)('are the only way in %s, where functions have no URL', ([region, partition]) => {
    const text = CONFIGS['http-api']
      .replace('eu-central-1, account', `${region}, account`)
      .replaceAll('arn:aws:', `arn:${partition}:`);
    expect(() => stackOf(text.replace('http-api', 'function-url'))).toThrow(
      `functions have no URL in ${region}`,
    );
    stackOf(text).template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
  });
});

describe('a key of one’s own', () => {
  let kms: Made;
  beforeAll(() => {
    kms = stackOf(CONFIGS.kms);
  });

  test('encrypts bucket, table, queues, logs and topic', () => {
    const { template } = kms;
    for (const queue of properties(template, 'AWS::SQS::Queue')) expect(queue['KmsMasterKeyId']).toBe(KEY);
    for (const log of properties(template, 'AWS::Logs::LogGroup')) expect(log['KmsKeyId']).toBe(KEY);
    template.allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: KEY });
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [Match.objectLike({ SSESpecification: { KMSMasterKeyId: KEY } })],
    });
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY },
          },
        ],
      },
    });
  });

  test('may be used by each role, and no other key by any', () => {
    const { template } = kms;
    const roles = Object.keys(template.findResources('AWS::IAM::Role'));
    const users = new Set(
      properties(template, 'AWS::IAM::Policy').flatMap(({ PolicyDocument, Roles }) =>
        JSON.stringify(PolicyDocument).includes('"kms:Decrypt"')
          ? z
              .array(z.object({ Ref: z.string() }))
              .parse(Roles)
              .map(({ Ref }) => Ref)
          : [],
      ),
    );
    expect([...users].toSorted()).toEqual(roles.toSorted());
    const text = JSON.stringify(template.toJSON());
    expect([...new Set(text.match(/arn:aws:kms:[^"]+/g))]).toEqual([KEY]);
    expect(text).not.toContain('kms:*');
  });

  test('of another region is refused, and where the region is not known', () => {
    expect(() => stackOf(CONFIGS.kms.replace('region: eu-central-1', 'region: eu-west-1'))).toThrow(
      'the key is in eu-central-1, and encrypts nothing of a stack in eu-west-1',
    );
    expect(() => stackOf(CONFIGS.kms.replace('region: eu-central-1, ', ''))).toThrow(
      expect.objectContaining({
        name: 'BursarError',
        where: 'deploy.kmsKeyArn',
        hint: 'Write deploy: { region: eu-central-1 }, or give your stack that region.',
      }),
    );
  });

  test('of the region that the stack has from elsewhere is taken, of another refused', () => {
    const config = configOf(CONFIGS.kms.replace('region: eu-central-1, ', ''));
    const stack = (region: string) =>
      new BursarStack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Bursar', {
        config,
        env: { account: '111122223333', region },
      });
    expect(stack('eu-central-1').deployment.functions).toHaveProperty('slack');
    expect(() => stack('us-east-1')).toThrow('encrypts nothing of a stack in us-east-1');
  });
});

const untagged = (tags: string) =>
  warningsOf(
    stackOf(
      `checks: { untagged: { required: [owner, team] }, tag-policy: { allowed: { env: [prod, dev] } } }\ndeploy: { tags: ${tags} }\n`,
    ),
  );

describe('a permission boundary and tags', () => {
  let bound: Made;
  beforeAll(() => {
    bound = stackOf(CONFIGS.boundary);
  });

  test('every role is bound', () => {
    const roles = properties(bound.template, 'AWS::IAM::Role');
    expect(roles.length).toBeGreaterThan(8);
    for (const role of roles) expect(role['PermissionsBoundary']).toBe(BOUNDARY);
  });

  test('of another account is refused', () => {
    expect(() =>
      stackOf(CONFIGS.boundary.replace('account: "111122223333"', 'account: "444455556666"')),
    ).toThrow('the policy is of account 111122223333, and the stack goes to 444455556666');
  });

  test('everything that can carry tags has them', () => {
    const { template } = bound;
    for (const type of [
      'AWS::S3::Bucket',
      'AWS::SQS::Queue',
      'AWS::Lambda::Function',
      'AWS::IAM::Role',
      'AWS::Logs::LogGroup',
      'AWS::SNS::Topic',
      'AWS::CloudWatch::Alarm',
    ])
      for (const each of properties(template, type))
        expect(each['Tags']).toEqual(
          expect.arrayContaining([
            { Key: 'cost centre', Value: '42' },
            { Key: 'team', Value: 'finops' },
          ]),
        );
    const [table] = properties(template, 'AWS::DynamoDB::GlobalTable');
    expect(JSON.stringify(table)).toContain('{"Key":"team","Value":"finops"}');
  });

  test('a tag that the own policy asks for and the stack lacks is said', () => {
    expect(untagged('{ team: finops, env: prd }')).toEqual([
      expect.stringContaining('deploy.tags lacks owner, which checks.untagged asks'),
      expect.stringContaining('deploy.tags.env is prd, and checks.tag-policy allows prod, dev'),
    ]);
    expect(untagged('{ team: finops, owner: ana@acme.com, env: prod }')).toEqual([]);
  });

  test('a value that AWS takes nowhere is refused with its line', () => {
    expect(() => configOf('deploy: { tags: { team: "fin|ops" } }\n')).toThrow(/deploy\.tags\.team/);
    for (const key of ['aws:team', 'AWS:team', 'te|am'])
      expect(() => configOf(`deploy: { tags: { "${key}": finops } }\n`)).toThrow(/not beginning with aws:/);
    expect(() => configOf(`deploy: { tags: { ${manyTags(51)} } }\n`)).toThrow(/at most 50 tags/);
    expect(Object.keys(configOf(`deploy: { tags: { ${manyTags(50)} } }\n`).deploy.tags)).toHaveLength(50);
  });
});

describe('Athena', () => {
  test('workgroup with its limit, database and table over the export, as the config names them', () => {
    const { template } = stackOf(CONFIGS.athena);
    template.hasResourceProperties('AWS::Athena::WorkGroup', {
      Name: 'bursar',
      WorkGroupConfiguration: {
        BytesScannedCutoffPerQuery: 2 * 2 ** 40,
        EnforceWorkGroupConfiguration: true,
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_S3' } },
      },
    });
    template.hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'billing' } });
    template.hasResourceProperties('AWS::Glue::Table', {
      DatabaseName: 'billing',
      TableInput: {
        Name: 'focus',
        PartitionKeys: [{ Name: 'billing_period', Type: 'string' }],
        Parameters: Match.objectLike({
          'storage.location.template': `s3://acme-billing/focus/daily/data/BILLING_PERIOD=\${billing_period}/`,
        }),
        StorageDescriptor: Match.objectLike({ Location: 's3://acme-billing/focus/daily/data/' }),
      },
    });
    const [table] = properties(template, 'AWS::Glue::Table');
    const columns = JSON.stringify(table);
    for (const { name } of FOCUS_COLUMNS) expect(columns).toContain(`"Name":"${name.toLowerCase()}"`);
  });

  test('its answers lie in the stack’s bucket for a week, and who asks may write them there alone', () => {
    const { template } = stackOf(CONFIGS.athena);
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ Prefix: 'answers/', ExpirationInDays: 7 })]),
      },
    });
    const writers = properties(template, 'AWS::IAM::Policy').filter((policy) =>
      JSON.stringify(policy).includes('/answers/*'),
    );
    expect(
      writers
        .map(({ Roles }) =>
          JSON.stringify(Roles)
            .replaceAll(/[^A-Za-z]/g, '')
            .slice(3, 8),
        )
        .toSorted(),
    ).toEqual(['Audit', 'Diges']);
  });

  test.for([
    ['no lake.athena', (text: string) => text.replace(/lake:.*\n/, ''), 'there is no lake.athena'],
    [
      'primary',
      (text: string) => text.replace('workgroup: bursar', 'workgroup: primary'),
      'is there in every account',
    ],
    [
      'another region',
      (text: string) =>
        text.replace(
          'engine: athena, athena: { region: eu-central-1',
          'engine: athena, athena: { region: eu-west-1',
        ),
      'cannot make a workgroup in eu-west-1',
    ],
    ['no name', (text: string) => text.replace(' export: daily,', ''), 'its name is not known'],
    [
      'an output of its own',
      (text: string) => text.replace('bytesLimit', 'output: s3://acme-answers/x/, bytesLimit'),
      'stores answers in the bucket of the stack',
    ],
    [
      'another database',
      (text: string) => text.replace('payer: focus }', 'payer: other.focus }'),
      'is none of the database billing',
    ],
  ] as const)('is refused with %s', ([, changed, told]) => {
    expect(() => stackOf(changed(CONFIGS.athena))).toThrow(told);
  });

  test('is not made unasked', () => {
    stackOf(CONFIGS.athena.replace(', athena: true', '')).template.resourceCountIs(
      'AWS::Athena::WorkGroup',
      0,
    );
  });
});

const GIVEN =
  /^(AlarmName|DashboardName|DisplayName|Name|FunctionName|QueueName|TopicName|RoleName|TableName|BucketName)$/;

/** Every name that the template of a config gives, and does not leave to CloudFormation. */
function namesIn(text: string): string[] {
  const Resources = z.record(z.string(), z.object({ Type: z.string() }).and(Resource));
  const { template } = stackOf(text);
  return Object.values(Resources.parse(template.toJSON()['Resources'])).flatMap(({ Type, Properties }) =>
    Object.entries(Properties).flatMap(([key, value]) => {
      const said = JSON.stringify(value);
      return GIVEN.test(key) && !/^\{"(Ref|Fn::GetAtt)"/.test(said) ? [`${Type} ${said}`] : [];
    }),
  );
}

const billIn = (region: string) =>
  `sources: { payer: { type: aws-focus-export, bucket: acme-billing, region: ${region} } }\ndeploy: { region: eu-central-1 }\n`;

const withoutCostExplorer = (text: string) =>
  warningsOf(stackOf(text)).filter((warning) => warning.includes('no Cost Explorer'));

describe('elsewhere', () => {
  test('in another partition no ARN of this one lies in the template', () => {
    const { template } = stackOf(GOVCLOUD);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/arn:aws:/);
  });

  test('in GovCloud a bill of Cost Explorer is told to be none, elsewhere it is one', () => {
    const asks = 'sources: { own: { type: aws-cost-explorer } }\n';
    expect(withoutCostExplorer(`${asks}${GOVCLOUD}`)).toEqual([
      expect.stringMatching(/^sources\.own: AWS GovCloud has/),
    ]);
    expect(withoutCostExplorer(GOVCLOUD)).toEqual([]);
    expect(withoutCostExplorer(asks)).toEqual([]);
  });

  test('what lies in another partition is refused where it is named', () => {
    const place = 'region: cn-north-1, account: "111122223333"';
    expect(() => stackOf(`deploy: { ${place}, permissionsBoundary: "${BOUNDARY}" }\n`)).toThrow(
      ofAnotherPartition('deploy.permissionsBoundary'),
    );
    expect(() => stackOf(`${CONFIGS.store}deploy: { ${place} }\n`)).toThrow(
      ofAnotherPartition('estate.stores.docs.url.secret'),
    );
    expect(() =>
      stackOf(`deploy: { ${place}, permissionsBoundary: "${BOUNDARY.replace('aws', 'aws-cn')}" }\n`),
    ).not.toThrow();
  });

  test('a table that is none of BigQuery is refused before anything is deployed', () => {
    expect(() =>
      stackOf('sources: { google: { type: gcp-bigquery, table: acme.billing.export } }\n'),
    ).toThrow(expect.objectContaining({ name: 'BursarError', where: 'sources.google.table' }));
  });

  test('two stacks in one account share no name', () => {
    const [one, two] = [namesIn(CONFIGS.stop), namesIn(`${CONFIGS.stop}deploy: { stackName: Second }\n`)];
    expect(one.length).toBeGreaterThan(10);
    expect(two.filter((name) => one.includes(name))).toEqual([]);
  });

  test('a bill in another region is said, one in the same is not', () => {
    expect(warningsOf(stackOf(billIn('us-east-1')))).toEqual([
      expect.stringContaining('sources.payer lies in us-east-1 and Bursar in eu-central-1'),
    ]);
    expect(warningsOf(stackOf(billIn('eu-central-1')))).toEqual([]);
  });
});

function manyTags(many: number): string {
  return Array.from({ length: many }, (_, at) => `tag${at}: x`).join(', ');
}

function ofAnotherPartition(where: string) {
  return expect.objectContaining({
    name: 'BursarError',
    where,
    message: 'the ARN is of the partition aws, and the stack in cn-north-1 of aws-cn',
  });
}
