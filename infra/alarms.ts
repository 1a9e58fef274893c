import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription, LambdaSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRICS, METRICS_NAMESPACE, type Metric as OwnMetric } from '../lib/platform/metrics.ts';

const FIVE_MINUTES = Duration.minutes(5);
const SWEEP_PERIOD = Duration.minutes(15);
const ALARMS = ' alarms';
/** More characters of a topic's display name the CDK refuses; a stack's name may have 128. */
const DISPLAY_NAME = 100;

export interface AlarmsProps {
  readonly emails: readonly string[];
  readonly webhooks: readonly string[];
  /** Tells them in Slack; null: nobody does. */
  readonly teller: IFunction | null;
  readonly key: IKey | null;
  readonly deadLetters: IQueue;
  /** By what they are called. */
  readonly functions: Readonly<Record<string, IFunction>>;
  /** Takes clicks; null: none does. */
  readonly slack: IFunction | null;
  /** Hours without a sweep that ended well after which it is late; null: sweeps are too rare to be watched. */
  readonly sweepLateHours: number | null;
}

/** One of Bursar's own metrics, of one function of this stack. */
export function ownMetric(
  scope: Construct,
  metric: OwnMetric,
  name: string,
  period: Duration,
  statistic: 'Sum' | 'Maximum' = 'Sum',
): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName: METRICS[metric],
    dimensionsMap: { stack: Stack.of(scope).stackName, function: name },
    period,
    statistic,
  });
}

/** What wakes somebody when Bursar itself fails, and the topic that tells it: to Slack, and to whom the config names. */
export class Alarms extends Construct {
  readonly topic: Topic;
  readonly all: Alarm[] = [];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = this.#topic(props);
    this.#when('dead-letters', {
      alarmDescription:
        'a task or a scheduled start failed for good: see the dead-letter queue and the log of the function',
      metric: props.deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES }),
    });
    for (const [name, each] of Object.entries(props.functions))
      this.#when(`${name}-errors`, {
        alarmDescription: `the function ${name} ended with an error: see its log`,
        metric: each.metricErrors({ period: FIVE_MINUTES }),
      });
    if (props.slack !== null)
      this.#when('clicks-throttled', {
        alarmDescription:
          'clicks in Slack found no free function: the account runs as many at once as it may (deploy.concurrency)',
        metric: props.slack.metricThrottles({ period: FIVE_MINUTES }),
      });
    if (props.sweepLateHours !== null) this.#sweepLate(props.sweepLateHours);
    const swept = (metric: OwnMetric) => ownMetric(this, metric, 'sweep', SWEEP_PERIOD);
    this.#when('digest-late', {
      alarmDescription: 'the time of a digest is past, and none was sent: see the log of the function digest',
      metric: ownMetric(this, 'digestsLate', 'sweep', SWEEP_PERIOD, 'Maximum'),
      // Whether a digest is late is told by each sweep; without one nobody knows, and the sweep's own alarm rises.
      treatMissingData: TreatMissingData.MISSING,
    });
    this.#when('stop-failed', {
      alarmDescription: 'something could not be stopped: see the log of the function sweep',
      metric: swept('stopsFailed'),
    });
    this.#when('restore-failed', {
      alarmDescription:
        'something that was stopped could not be brought back: see the log of the function sweep',
      metric: swept('restoresFailed'),
    });
    this.#when('cap-reached', {
      alarmDescription: 'a cap of the day is reached, and what else is due waits: see guards in the config',
      metric: swept('capsReached'),
    });
  }

  #topic({ key, emails, webhooks, teller }: AlarmsProps): Topic {
    const topic = new Topic(this, 'Topic', {
      displayName: `${Stack.of(this).stackName.slice(0, DISPLAY_NAME - ALARMS.length)}${ALARMS}`,
      enforceSSL: true,
      ...(key === null ? {} : { masterKey: key }),
    });
    // A policy of its own takes the place of the one that lets the account's alarms in.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    for (const address of new Set(emails)) topic.addSubscription(new EmailSubscription(address));
    for (const url of new Set(webhooks))
      topic.addSubscription(new UrlSubscription(url, { protocol: SubscriptionProtocol.HTTPS }));
    if (teller !== null) topic.addSubscription(new LambdaSubscription(teller));
    return topic;
  }

  /** No sweep that ended well for so long. Where nothing is counted, none did. */
  #sweepLate(hours: number): void {
    // An alarm looks back a day at most, with periods of an hour or more a week (Amazon CloudWatch API Reference,
    // PutMetricAlarm, EvaluationPeriods).
    const period = hours <= 24 ? SWEEP_PERIOD : Duration.hours(1);
    this.#when('sweep-late', {
      alarmDescription: `no sweep ended well for ${hours} hours: nobody is warned, nothing is stopped or brought back`,
      metric: ownMetric(this, 'succeeded', 'sweep', period),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: Math.round((hours * 60) / period.toMinutes()),
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  /** Without more: as soon as there is one. */
  #when(name: string, { alarmDescription = '', ...props }: Partial<AlarmProps> & { metric: IMetric }): void {
    const { stackName } = Stack.of(this);
    const alarm = new Alarm(this, name, {
      alarmName: `${stackName}-${name}`,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
      alarmDescription: `${stackName}: ${alarmDescription}.`,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    this.all.push(alarm);
  }
}
