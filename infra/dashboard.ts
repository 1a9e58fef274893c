import { Aws, Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type Metric,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Metric as OwnMetric } from '../lib/platform/metrics.ts';
import { ownMetric } from './alarms.ts';

const FIVE_MINUTES = Duration.minutes(5);
const HOUR = Duration.hours(1);
const DAY = Duration.days(1);

export interface OperationProps {
  readonly alarms: readonly Alarm[];
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
}

/** One page of how Bursar itself does: alarms first, then what it did, then how its functions ran. */
export function dashboard(
  scope: Construct,
  { alarms, functions, queue, deadLetters }: OperationProps,
): Dashboard {
  const own = (metric: OwnMetric, name: string, period = HOUR) => ownMetric(scope, metric, name, period);
  const each = (metric: (one: IFunction) => Metric) =>
    Object.entries(functions).map(([label, one]) => metric(one).with({ label }));
  return new Dashboard(scope, 'Dashboard', {
    // Names of dashboards are the account's, in all its regions.
    dashboardName: `${Stack.of(scope).stackName}-${Aws.REGION}`,
    defaultInterval: Duration.days(14),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 4 })],
      [
        new SingleValueWidget({
          title: 'Last audit',
          metrics: (['findings', 'gaps', 'ownCost'] as const).map((metric) => own(metric, 'audit', DAY)),
          width: 8,
        }),
        new GraphWidget({
          title: 'What the sweep did',
          left: (['warned', 'stopped', 'restored'] as const).map((metric) => own(metric, 'sweep')),
          width: 8,
        }),
        new GraphWidget({
          title: 'What the sweep could not do',
          left: (['stopsFailed', 'restoresFailed', 'capsReached', 'faults', 'digestsLate'] as const).map(
            (metric) => own(metric, 'sweep'),
          ),
          width: 8,
        }),
      ],
      [
        new GraphWidget({
          title: 'Planned a day, and not listed',
          left: [own('tasks', 'plan', DAY)],
          right: [own('gaps', 'plan', DAY)],
          width: 8,
        }),
        new GraphWidget({
          title: 'Collected a day: rows of bills, and scopes of which something failed',
          left: [own('rows', 'collect', DAY)],
          right: [own('failed', 'collect', DAY)],
          width: 8,
        }),
        new GraphWidget({
          title: 'Digests a day',
          left: [own('published', 'digest', DAY)],
          width: 8,
        }),
      ],
      [
        new GraphWidget({
          title: 'Tasks waiting, and dead letters',
          left: [queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES })],
          right: [deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES })],
          width: 12,
        }),
        new GraphWidget({
          title: 'Age of the oldest task, seconds',
          left: [queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES })],
          width: 12,
        }),
      ],
      [
        new GraphWidget({
          title: 'Errors',
          left: each((one) => one.metricErrors({ period: HOUR })),
          width: 8,
        }),
        new GraphWidget({
          title: 'Longest run, ms',
          left: each((one) => one.metricDuration({ period: HOUR, statistic: 'Maximum' })),
          width: 8,
        }),
        new GraphWidget({
          title: 'Throttled',
          left: each((one) => one.metricThrottles({ period: HOUR })),
          width: 8,
        }),
      ],
    ],
  });
}
