import { Duration, Stack, type TimeZone } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge, shown } from './nag.ts';

export interface RepeatedProps {
  readonly what: string;
  /** As EventBridge Scheduler takes it: `cron(0 9 ? * MON *)`, `rate(15 minutes)`. */
  readonly expression: string;
  readonly timezone: TimeZone;
  readonly target: IFunction;
  /** Keeps the starts that Lambda did not take. */
  readonly deadLetters: IQueue;
}

/** A function on a schedule, in the organisation's zone. A late start is of use for an hour. */
export class Repeated extends Construct {
  readonly schedule: Schedule;

  constructor(scope: Construct, id: string, props: RepeatedProps) {
    super(scope, id);
    this.schedule = new Schedule(this, 'Schedule', {
      description: props.what,
      schedule: ScheduleExpression.expression(props.expression, props.timezone),
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(props.target, {
        deadLetterQueue: props.deadLetters,
        retryAttempts: 2,
        maxEventAge: Duration.hours(1),
      }),
    });
    // The role of the target belongs to the stack.
    acknowledge(
      Stack.of(this),
      `AwsSolutions-IAM5[Resource::${shown(this, props.target.functionArn)}:*]`,
      'Scheduler may start this one function, in any version of it.',
    );
  }
}
