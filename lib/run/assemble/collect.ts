import { sqsQueue } from '../../platform/queue.ts';
import { take } from '../take.ts';
import { taskKey } from '../tasks.ts';
import { atOnce } from './clouds-at-once.ts';
import { once, openDeployed, setting } from './deployed.ts';
import { deployedAuditor } from './deployed-lake.ts';
import { fromConfig } from './parts.ts';
import { sqsClient } from './sqs.ts';

/** What of a queue message is used. */
export interface Message {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

export interface Collector {
  /** False where the message must come again; what cannot be helped ends in the dead letters. */
  run(message: Message): Promise<boolean>;
}

/** Pauses before the second and the third try, seconds. */
const PAUSES = [60, 300];

/** Collects what the queue delivers, one bill or scope a message. */
export const assembleCollect = once(async (): Promise<Collector> => {
  const deployed = await openDeployed('collect');
  const auditor = await deployedAuditor(deployed, await fromConfig(deployed.config, atOnce));
  const queue = sqsQueue(sqsClient(), setting('BURSAR_QUEUE_URL'));
  const { log, count } = deployed;
  return {
    async run({ messageId, receiptHandle, body, attributes }) {
      try {
        const { outcome, report } = await take(auditor, body, new Date());
        const { task, coverage, failure, ingest } = report;
        if (outcome !== 'already')
          count({
            rows: ingest?.rowsKept ?? 0,
            failed: coverage.filter(({ status }) => status === 'failed' || status === 'partial').length,
          });
        log.info(outcome, { messageId, runId: task.runId, task: taskKey(task), coverage, failure });
        if (outcome !== 'again') return true;
      } catch (error) {
        log.error('a message could not be collected', error, { messageId });
      }
      await soon(receiptHandle, Number(attributes.ApproximateReceiveCount));
      return false;
    },
  };

  /** Without this the message comes again only when its hiding ends; should it fail, it still does. */
  async function soon(receipt: string, tries: number): Promise<void> {
    try {
      await queue.again(receipt, PAUSES[tries - 1] ?? PAUSES.at(-1) ?? 0);
    } catch (error) {
      log.error('the message comes again later than wanted', error);
    }
  }
});
