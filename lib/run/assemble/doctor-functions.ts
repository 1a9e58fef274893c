import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { scheduleExpression } from '../../config/schedule.ts';
import { longestGap } from '../../config/schedule-times.ts';
import type { Config } from '../../config/schema.ts';
import { awsCall } from '../../platform/aws-call.ts';
import { Meter } from '../../platform/meter.ts';
import { METRICS, METRICS_NAMESPACE } from '../../platform/metrics.ts';
import { type DeployedStack, ofType } from './doctor-stack.ts';
import type { Examined } from './examined.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Sweeps that may be missed; the alarm allows as many (infra/late.ts). */
const MISSED = 3;

/** How the functions ran in the last 24 hours. */
export async function examineFunctions(
  client: CloudWatchClient,
  stack: DeployedStack,
  now: Date,
): Promise<Examined[]> {
  const functions = ofType(stack, 'AWS::Lambda::Function');
  const names = ['Invocations', 'Errors', 'Throttles'] as const;
  const sums = await sumsOf(
    client,
    functions.flatMap(({ physicalId }, at) =>
      names.map((metric) => ({
        id: `${metric.toLowerCase()}${at}`,
        namespace: 'AWS/Lambda',
        metric,
        dimensions: { FunctionName: physicalId },
      })),
    ),
    now,
    DAY,
  );
  const of = (metric: (typeof names)[number], at: number) => sums.get(`${metric.toLowerCase()}${at}`) ?? 0;
  const faults = functions.flatMap(({ logicalId }, at): Examined[] => {
    const [errors, throttles] = [of('Errors', at), of('Throttles', at)];
    if (errors === 0 && throttles === 0) return [];
    return [
      {
        what: `function ${logicalId.replace(/Function[0-9A-F]{8}$/, '')}`,
        state: 'fails',
        told: `of ${of('Invocations', at)} runs in 24 hours ${errors} ended with an error, and ${throttles} starts found no free function`,
        todo: logOf(stack, logicalId),
      },
    ];
  });
  const runs = functions.reduce((sum, _each, at) => sum + of('Invocations', at), 0);
  if (faults.length > 0) return faults;
  return runs === 0
    ? [
        {
          what: 'functions',
          state: 'not tried',
          told: `${functions.length} functions, and none ran in 24 hours: nothing is known of them`,
          todo: 'After a day with its schedules on, see docs/runbook.md, "The sweep is late".',
        },
      ]
    : [
        {
          what: 'functions',
          state: 'works',
          told: `${functions.length} functions, ${runs} runs in 24 hours, none with an error`,
          todo: null,
        },
      ];
}

/** A function's log group has a name of its own: both are children of one construct (infra/worker.ts). */
function logOf(stack: DeployedStack, functionId: string): string {
  const id = functionId.replace(/Function[0-9A-F]{8}$/, 'Log');
  const group = ofType(stack, 'AWS::Logs::LogGroup').find(({ logicalId }) => logicalId.slice(0, -8) === id);
  return group === undefined
    ? 'Read its log in the console of AWS Lambda.'
    : `Read its log: aws logs tail ${group.physicalId} --since 1d --filter-pattern '{ $.level = "error" }'`;
}

/** Did a sweep end well in the time in which some should have? */
export async function examineSweep(
  client: CloudWatchClient,
  { name }: DeployedStack,
  { deploy, organisation }: Config,
  now: Date,
): Promise<Examined> {
  const what = 'last sweep';
  const gap = longestGap(scheduleExpression(deploy.schedules.sweep), organisation.timezone);
  if (gap === null) return { what, state: 'not tried', told: 'its schedule never fires again', todo: null };
  const window = Math.ceil(Math.max(HOUR, gap * MISSED) / HOUR) * HOUR;
  const query = {
    id: 'swept',
    namespace: METRICS_NAMESPACE,
    metric: METRICS.succeeded,
    dimensions: { stack: name, function: 'sweep' },
  };
  const swept = (await sumsOf(client, [query], now, window)).get('swept') ?? 0;
  const hours = window / HOUR;
  return swept > 0
    ? { what, state: 'works', told: `${swept} ended well in the last ${hours} hours`, todo: null }
    : {
        what,
        state: 'fails',
        told: `none ended well in the last ${hours} hours: nobody is warned, nothing is stopped or brought back`,
        todo: 'See docs/runbook.md, "The sweep is late".',
      };
}

/** Which alarms of the stack have risen, and which cannot tell anybody. */
export async function examineAlarms(client: CloudWatchClient, stack: DeployedStack): Promise<Examined[]> {
  const names = ofType(stack, 'AWS::CloudWatch::Alarm').map(({ physicalId }) => physicalId);
  if (names.length === 0)
    return [
      {
        what: 'alarms',
        state: 'fails',
        told: 'the stack has none: nobody is told when Bursar itself fails',
        todo: 'It was deployed by another version, or is no stack of Bursar: npx cdk deploy.',
      },
    ];
  const found: Examined[] = [];
  // DescribeAlarms takes 100 names (Amazon CloudWatch API Reference); asked by 50.
  for (let from = 0; from < names.length; from += 50) {
    const { MetricAlarms = [] } = await awsCall(
      { action: 'cloudwatch:DescribeAlarms', where: `stack ${stack.name}`, meter: new Meter() },
      () => client.send(new DescribeAlarmsCommand({ AlarmNames: names.slice(from, from + 50) })),
    );
    const there = new Set(MetricAlarms.map(({ AlarmName }) => AlarmName));
    for (const name of names.slice(from, from + 50))
      if (!there.has(name))
        found.push({
          what: `alarm ${name}`,
          state: 'fails',
          told: 'somebody deleted it: what it watches is watched by nobody',
          todo: 'Make it again by hand as the template has it: CloudFormation does not see that it is gone.',
        });
    for (const { AlarmName = '', StateValue, AlarmDescription, ActionsEnabled } of MetricAlarms) {
      const what = `alarm ${AlarmName}`;
      if (StateValue === 'ALARM')
        found.push({
          what,
          state: 'fails',
          told: AlarmDescription ?? 'it has risen',
          todo: 'See docs/runbook.md under its name.',
        });
      if (ActionsEnabled === false)
        found.push({
          what,
          state: 'fails',
          told: 'its actions are switched off: nobody hears of it',
          todo: `aws cloudwatch enable-alarm-actions --alarm-names ${AlarmName}`,
        });
    }
  }
  return found.length > 0
    ? found
    : [{ what: 'alarms', state: 'works', told: `none of ${names.length} has risen`, todo: null }];
}

interface Asked {
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Sums of the time before `now`, by the hour; GetMetricData takes 500 metrics a call (its API Reference). */
async function sumsOf(
  client: CloudWatchClient,
  asked: readonly Asked[],
  now: Date,
  span: number,
): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, number>();
  for (let from = 0; from < asked.length; from += 500) {
    const queries = asked.slice(from, from + 500).map(
      ({ id, namespace, metric, dimensions }): MetricDataQuery => ({
        Id: id,
        MetricStat: {
          Metric: {
            Namespace: namespace,
            MetricName: metric,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
          Period: 3600,
          Stat: 'Sum',
        },
      }),
    );
    let NextToken: string | undefined;
    do {
      const token = NextToken;
      const page = await awsCall(
        { action: 'cloudwatch:GetMetricData', where: 'aws', meter: new Meter() },
        () =>
          client.send(
            new GetMetricDataCommand({
              StartTime: new Date(now.getTime() - span),
              EndTime: now,
              MetricDataQueries: queries,
              NextToken: token,
            }),
          ),
      );
      for (const { Id = '', Values = [] } of page.MetricDataResults ?? [])
        sums.set(
          Id,
          Values.reduce((sum, value) => sum + value, sums.get(Id) ?? 0),
        );
      NextToken = page.NextToken;
    } while (NextToken !== undefined && NextToken !== '');
  }
  return sums;
}
