import { Duration, Stack, type TimeZone } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { rateOf } from '../lib/config/schedule-times.ts';
import { acknowledge, shown } from './acknowledge.ts';

export interface RepeatedProps {
  readonly what: string;
  /** As EventBridge Scheduler takes it: `cron(0 9 ? * MON *)`, `rate(15 minutes)`. */
  readonly expression: string;
  readonly timezone: TimeZone;
  /** So many minutes later it may start; of a rate at most half of it. */
  readonly flexibleMinutes: number;
  readonly target: IFunction;
  /** Keeps the starts that Lambda did not take. */
  readonly deadLetters: IQueue;
  /** Key of the dead letters; null: that of SQS. */
  readonly key: IKey | null;
  /** What the function is told; left out: what Scheduler says of itself. */
  readonly input?: Readonly<Record<string, unknown>>;
}

/** A function on a schedule, in the organisation's zone. A late start is of use for an hour. */
export class Repeated extends Construct {
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, props: RepeatedProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      description: `Starts on a schedule: ${props.what}`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
          // Of the group, as the User Guide advises ("Confused deputy prevention in EventBridge Scheduler").
          ArnLike: { 'aws:SourceArn': groupArn(this) },
        },
      }),
    });
    if (props.key !== null)
      role.addToPolicy(
        new PolicyStatement({
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: [props.key.keyArn],
        }),
      );
    const window = windowOf(props.expression, props.flexibleMinutes);
    this.schedule = new Schedule(this, 'Schedule', {
      description: props.what,
      schedule: ScheduleExpression.expression(props.expression, props.timezone),
      timeWindow: window === 0 ? TimeWindow.off() : TimeWindow.flexible(Duration.minutes(window)),
      target: new LambdaInvoke(props.target, {
        role,
        deadLetterQueue: props.deadLetters,
        retryAttempts: 2,
        maxEventAge: Duration.hours(1),
        ...(props.input === undefined ? {} : { input: ScheduleTargetInput.fromObject(props.input) }),
      }),
    });
    acknowledge(
      role,
      `AwsSolutions-IAM5[Resource::${shown(this, props.target.functionArn)}:*]`,
      'Scheduler may start this one function, in any version of it.',
    );
  }
}

/** Minutes of the window: a rate would otherwise run into its next start. */
function windowOf(expression: string, minutes: number): number {
  const rate = rateOf(expression);
  return rate === null ? minutes : Math.min(minutes, Math.floor(rate / 2 / 60_000));
}

function groupArn(scope: Construct): string {
  return Stack.of(scope).formatArn({
    service: 'scheduler',
    resource: 'schedule-group',
    resourceName: 'default',
  });
}
