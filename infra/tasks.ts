import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** Tries of one task before it goes to the dead letters. */
const TRIES = 3;

/** The queue of what is to be collected, one bill or scope a message, and its dead letters. */
export class TaskQueue extends Construct {
  readonly queue: Queue;
  /** Tasks and starts that failed for good; an alarm tells of the first one. */
  readonly deadLetters: Queue;
  readonly #longest: Duration;
  readonly #key: IKey | null;

  /** @param longest how long one task may take; the queue hides its message for six times that, as AWS advises
   *   (Lambda Developer Guide, "Using Lambda with Amazon SQS").
   * @param key null: keys of SQS. */
  constructor(scope: Construct, id: string, longest: Duration, key: IKey | null) {
    super(scope, id);
    this.#key = key;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...this.#encryption(),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.#longest = longest;
    this.queue = this.another('Queue');
  }

  /** A queue for what only another function can collect; its dead letters are the same. */
  another(id: string): Queue {
    return new Queue(this, id, {
      ...this.#encryption(),
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(this.#longest.toSeconds() * 6),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: TRIES },
    });
  }

  #encryption() {
    return this.#key === null
      ? { encryption: QueueEncryption.SQS_MANAGED }
      : { encryption: QueueEncryption.KMS, encryptionMasterKey: this.#key };
  }
}
