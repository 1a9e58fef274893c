import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { beforeEach, expect, inject, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { examineClock } from '../../../lib/run/assemble/doctor-clock.ts';
import { examineAlarms, examineFunctions, examineSweep } from '../../../lib/run/assemble/doctor-functions.ts';
import { examineQueues } from '../../../lib/run/assemble/doctor-queues.ts';
import { examineSchedules } from '../../../lib/run/assemble/doctor-schedules.ts';
import { type DeployedStack, examineStack, readStack } from '../../../lib/run/assemble/doctor-stack.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { base } from '../../estate/aws/emulated.ts';

const moto = inject('motoUrl');
const settings = { ...base(moto), region: 'eu-central-1' };
const cloudformation = new CloudFormationClient(settings);
const cloudwatch = new CloudWatchClient(settings);
const scheduler = new SchedulerClient(settings);
const sqs = new SQSClient(settings);
const NOW = new Date();
const config = parseConfig(
  `schemaVersion: 1
organisation: { name: Acme, timezone: Europe/Berlin }
digest: { also: { data-team: { for: executive, schedule: "08:00" } } }`,
  'bursar.yaml',
);

beforeEach(() => resetMoto(moto));

async function alarm(name: string, ActionsEnabled = true): Promise<void> {
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: `Bursar-${name}`,
      AlarmDescription: `Bursar: ${name}.`,
      Namespace: 'Bursar',
      MetricName: 'Faults',
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 0,
      EvaluationPeriods: 1,
      Period: 300,
      Statistic: 'Sum',
      ActionsEnabled,
    }),
  );
}

/** A stack with 122 parts, so that they come on two pages. */
async function deployed(): Promise<DeployedStack> {
  const topics = Array.from({ length: 120 }, (_, at) => [`Topic${at}`, { Type: 'AWS::SNS::Topic' }] as const);
  const Resources = {
    ...Object.fromEntries(topics),
    TasksDeadLettersCFF7832A: { Type: 'AWS::SQS::Queue' },
    TasksQueue14B5121E: { Type: 'AWS::SQS::Queue' },
  };
  const Outputs = { DeadLettersUrl: { Value: { Ref: 'TasksDeadLettersCFF7832A' } } };
  await cloudformation.send(
    new CreateStackCommand({ StackName: 'Bursar', TemplateBody: JSON.stringify({ Resources, Outputs }) }),
  );
  return await readStack(cloudformation, 'Bursar');
}

test('a stack is read whole, over all of its pages', async () => {
  const stack = await deployed();
  expect(stack.resources).toHaveLength(122);
  expect(examineStack(stack)).toEqual({
    what: 'stack Bursar',
    state: 'works',
    told: 'CREATE_COMPLETE',
    todo: null,
  });
  expect(examineStack({ ...stack, status: 'UPDATE_ROLLBACK_COMPLETE' })).toMatchObject({ state: 'fails' });
  expect(examineStack({ ...stack, status: 'UPDATE_IN_PROGRESS' })).toMatchObject({ state: 'not tried' });
});

test('the construct in a stack of somebody else is looked at as a stack of its own, and what is beside it is not', async () => {
  const template = {
    Resources: {
      OrdersQueue0A1B2C3D: { Type: 'AWS::SQS::Queue' },
      OpsBursarTasksDeadLettersDF5A69C8: { Type: 'AWS::SQS::Queue' },
      OpsBursarTasksQueueA3315C14: { Type: 'AWS::SQS::Queue' },
    },
    Outputs: {
      OrdersUrl: { Value: { Ref: 'OrdersQueue0A1B2C3D' } },
      OpsBursarDeadLettersUrl5626F4CF: { Value: { Ref: 'OpsBursarTasksDeadLettersDF5A69C8' } },
    },
  };
  await cloudformation.send(
    new CreateStackCommand({ StackName: 'Finops', TemplateBody: JSON.stringify(template) }),
  );
  const stack = await readStack(cloudformation, 'Finops');
  const dead = stack.outputs['DeadLettersUrl'];
  await sqs.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: '{}' }));
  expect((await examineQueues(sqs, stack)).map(({ what, state }) => [what, state])).toEqual([
    ['dead letters', 'fails'],
    ['queue TasksQueue', 'works'],
  ]);
  expect(Object.keys(stack.outputs)).toEqual(['DeadLettersUrl']);
});

test('a stack that is not there is told with what to do', async () => {
  await expect(readStack(cloudformation, 'Nobody')).rejects.toMatchObject({
    code: 'input',
    message: 'there is no stack Nobody in this account and region',
  });
});

test('dead letters fail, tasks that wait do not', async () => {
  const stack = await deployed();
  const [dead, tasks] = ['TasksDeadLettersCFF7832A', 'TasksQueue14B5121E'].map(
    (id) => stack.resources.find(({ logicalId }) => logicalId === id)?.physicalId,
  );
  await sqs.send(new SendMessageCommand({ QueueUrl: tasks, MessageBody: '{}' }));
  expect(await examineQueues(sqs, stack)).toEqual([
    { what: 'dead letters', state: 'works', told: 'none', todo: null },
    { what: 'queue TasksQueue', state: 'works', told: '1 wait, 0 are taken', todo: null },
  ]);
  await sqs.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: '{}' }));
  expect((await examineQueues(sqs, stack))[0]).toMatchObject({
    state: 'fails',
    told: '1 tasks or scheduled starts failed for good',
  });
});

test('an alarm that has risen is told in its own words, and one that nobody hears, or that is gone', async () => {
  const stack: DeployedStack = {
    ...WITH_FUNCTIONS,
    resources: ['quiet', 'dead-letters', 'silenced', 'gone'].map((name) => ({
      logicalId: `Alarms${name}`,
      physicalId: `Bursar-${name}`,
      type: 'AWS::CloudWatch::Alarm',
    })),
  };
  expect(await examineAlarms(cloudwatch, { ...stack, resources: [] })).toMatchObject([
    { what: 'alarms', state: 'fails' },
  ]);
  await alarm('quiet');
  await alarm('dead-letters');
  await alarm('silenced', false);
  // Of another stack, whose name begins alike.
  await alarm('Two-dead-letters');
  const told = async () => (await examineAlarms(cloudwatch, stack)).map(({ what, state }) => [what, state]);
  expect(await told()).toEqual([
    ['alarm Bursar-gone', 'fails'],
    ['alarm Bursar-silenced', 'fails'],
  ]);
  for (const AlarmName of ['Bursar-dead-letters', 'Bursar-Two-dead-letters'])
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'one' }));
  expect(await told()).toHaveLength(3);
  expect(await examineAlarms(cloudwatch, stack)).toContainEqual({
    what: 'alarm Bursar-dead-letters',
    state: 'fails',
    told: 'Bursar: dead-letters.',
    todo: 'See docs/runbook.md under its name.',
  });
});

async function count(Namespace: string, MetricName: string, dimensions: object, Value: number, hoursAgo = 1) {
  await cloudwatch.send(
    new PutMetricDataCommand({
      Namespace,
      MetricData: [
        {
          MetricName,
          Value,
          Timestamp: new Date(NOW.getTime() - hoursAgo * 3_600_000),
          Dimensions: Object.entries(dimensions).map(([Name, value]) => ({ Name, Value: String(value) })),
        },
      ],
    }),
  );
}

const WITH_FUNCTIONS: DeployedStack = {
  name: 'Bursar',
  status: 'UPDATE_COMPLETE',
  outputs: {},
  resources: [
    { logicalId: 'SweepFunctionA7728703', physicalId: 'Bursar-Sweep-1', type: 'AWS::Lambda::Function' },
    { logicalId: 'AuditFunctionD052CD6C', physicalId: 'Bursar-Audit-1', type: 'AWS::Lambda::Function' },
    { logicalId: 'AuditLog01234567', physicalId: 'Bursar-AuditLog-9', type: 'AWS::Logs::LogGroup' },
  ],
};

test('errors of the last day are told of the function that had them, with its own log', async () => {
  // A stack whose schedules are all off has no errors, either.
  expect(await examineFunctions(cloudwatch, WITH_FUNCTIONS, NOW)).toMatchObject([
    { state: 'not tried', told: '2 functions, and none ran in 24 hours: nothing is known of them' },
  ]);
  await count('AWS/Lambda', 'Invocations', { FunctionName: 'Bursar-Sweep-1' }, 96);
  await count('AWS/Lambda', 'Errors', { FunctionName: 'Bursar-Audit-1' }, 5, 30);
  expect(await examineFunctions(cloudwatch, WITH_FUNCTIONS, NOW)).toEqual([
    {
      what: 'functions',
      state: 'works',
      told: '2 functions, 96 runs in 24 hours, none with an error',
      todo: null,
    },
  ]);
  await count('AWS/Lambda', 'Errors', { FunctionName: 'Bursar-Audit-1' }, 2);
  await count('AWS/Lambda', 'Invocations', { FunctionName: 'Bursar-Audit-1' }, 3);
  expect(await examineFunctions(cloudwatch, WITH_FUNCTIONS, NOW)).toEqual([
    {
      what: 'function Audit',
      state: 'fails',
      told: 'of 3 runs in 24 hours 2 ended with an error, and 0 starts found no free function',
      todo: `Read its log: aws logs tail Bursar-AuditLog-9 --since 1d --filter-pattern '{ $.level = "error" }'`,
    },
  ]);
});

const swept = () => examineSweep(cloudwatch, WITH_FUNCTIONS, config, NOW);

test('a sweep of this stack is looked for, and not that of another', async () => {
  await count('Bursar', 'Succeeded', { stack: 'Second', function: 'sweep' }, 4, 0.5);
  await count('Bursar', 'Succeeded', { stack: 'Bursar', function: 'audit' }, 1, 0.5);
  await count('Bursar', 'Succeeded', { stack: 'Bursar', function: 'sweep' }, 4, 5);
  expect(await swept()).toMatchObject({ state: 'fails' });
  await count('Bursar', 'Succeeded', { stack: 'Bursar', function: 'sweep' }, 3, 0.5);
  expect(await swept()).toEqual({
    what: 'last sweep',
    state: 'works',
    told: '3 ended well in the last 1 hours',
    todo: null,
  });
});

async function schedule(Name: string, ScheduleExpression: string, more: object = {}) {
  await scheduler.send(
    new CreateScheduleCommand({
      Name,
      ScheduleExpression,
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: 'arn:aws:lambda:eu-central-1:123456789012:function:x',
        RoleArn: 'arn:aws:iam::123456789012:role/x',
      },
      ...more,
    }),
  );
}

test('schedules: one that is off, at another time, in another zone, or was never deployed', async () => {
  await schedule('plan', 'cron(0 5 * * ? *)');
  await schedule('audit', 'cron(0 6 * * ? *)', { State: 'DISABLED' });
  await schedule('sweep', 'rate(1 hour)');
  await schedule('digest', 'cron(0 9 ? * MON *)', { ScheduleExpressionTimezone: 'UTC' });
  const ids = [
    'PlanSchedule7C5120A0',
    'AuditScheduleEA786167',
    'SweepSchedule608B5E34',
    'DigestSchedule37B75DBA',
  ];
  const stack: DeployedStack = {
    ...WITH_FUNCTIONS,
    resources: ids.map((logicalId) => ({
      logicalId,
      physicalId: logicalId.replace(/Schedule.*/, '').toLowerCase(),
      type: 'AWS::Scheduler::Schedule',
    })),
  };
  const found = await examineSchedules(scheduler, stack, config);
  expect(found.map(({ what, state, told }) => [what, state, told])).toEqual([
    ['schedule plan', 'works', 'cron(0 5 * * ? *) in Europe/Berlin'],
    ['schedule audit', 'fails', 'it is DISABLED: its function is never started'],
    [
      'schedule sweep',
      'fails',
      'it fires at rate(1 hour) in Europe/Berlin, and the config says rate(15 minutes) in Europe/Berlin',
    ],
    [
      'schedule digest',
      'fails',
      'it fires at cron(0 9 ? * MON *) in UTC, and the config says cron(0 9 ? * MON *) in Europe/Berlin',
    ],
    ['schedule digest data-team', 'fails', 'the config has it, the stack does not'],
  ]);
  const also = {
    logicalId: 'DigestScheduledatateamScheduleFA3BAD4D',
    physicalId: 'also',
    type: 'AWS::Scheduler::Schedule',
  };
  // It was deleted by hand: CloudFormation still lists it.
  const gone = await examineSchedules(scheduler, { ...stack, resources: [...stack.resources, also] }, config);
  expect(gone.at(-1)).toMatchObject({ what: 'schedule digest data-team', state: 'fails' });
});

test('schedules: two digests whose ids differ by a sign alone, and one that the config no longer has', async () => {
  const digests = parseConfig(
    `schemaVersion: 1
organisation: { timezone: Europe/Berlin }
digest: { also: { data-team: { for: executive, schedule: "08:00" }, data_team: { for: executive, schedule: "10:00" } } }`,
    'bursar.yaml',
  );
  const ids = [
    ['PlanSchedule7C5120A0', 'cron(0 5 * * ? *)'],
    ['AuditScheduleEA786167', 'cron(0 6 * * ? *)'],
    ['SweepSchedule608B5E34', 'rate(15 minutes)'],
    ['DigestSchedule37B75DBA', 'cron(0 9 ? * MON *)'],
    ['DigestScheduledatateamScheduleFA3BAD4D', 'cron(0 8 * * ? *)'],
    ['DigestScheduledatateamSchedule4E1F1408', 'cron(0 10 * * ? *)'],
    ['DigestScheduleleadsSchedule5A9B99F9', 'cron(0 8 ? * FRI *)'],
  ] as const;
  for (const [id, expression] of ids) await schedule(id, expression);
  const resources = ids.map(([logicalId]) => ({
    logicalId,
    physicalId: logicalId,
    type: 'AWS::Scheduler::Schedule',
  }));
  const found = await examineSchedules(scheduler, { ...WITH_FUNCTIONS, resources }, digests);
  expect(found.filter(({ state }) => state === 'works')).toHaveLength(6);
  expect(found.filter(({ state }) => state !== 'works').map(({ what, told }) => [what, told])).toEqual([
    [
      'schedule DigestScheduleleadsSchedule',
      'the stack has it, the config does not: it goes on starting its function',
    ],
  ]);
});

const off = (ms: number) => examineClock(new STSClient(settings), () => new Date(Date.now() + ms));

test('a clock that is off by more than AWS and Slack forgive is told', async () => {
  expect(await off(0)).toMatchObject({ what: 'clock', state: 'works' });
  expect(await off(600_000)).toMatchObject({
    state: 'fails',
    told: expect.stringMatching(/^this machine is (599|600|601) s ahead of AWS/),
  });
  expect(await off(-600_000)).toMatchObject({
    state: 'fails',
    told: expect.stringContaining('s behind AWS'),
  });
});
