import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** Tries of one task before it goes to the dead letters. */
const TRIES = 3;

/** The queue of what is to be collected, one bill or scope a message, and its dead letters. */
export class TaskQueue extends Construct {
  readonly queue: Queue;
  /** Tasks and starts that failed for good; an alarm tells of the first one. */
  readonly deadLetters: Queue;
  readonly failed: Alarm;
  readonly #longest: Duration;

  /** @param longest how long one task may take; the queue hides its message for six times that, as AWS advises
   *   (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
  constructor(scope: Construct, id: string, longest: Duration) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.#longest = longest;
    this.queue = this.another('Queue');
    this.failed = new Alarm(this, 'Failed', {
      alarmDescription:
        'Bursar: a task or a scheduled start failed for good; see the dead letters and the logs',
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** A queue for what only another function can collect; its dead letters are the same. */
  another(id: string): Queue {
    return new Queue(this, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(this.#longest.toSeconds() * 6),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: TRIES },
    });
  }
}
