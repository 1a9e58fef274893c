import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { assembleCollect } from '../lib/run/assemble/collect.ts';

/** From the queue: collects one bill or scope a message; what failed goes back to the queue alone. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const collector = await assembleCollect();
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const record of event.Records)
    if (!(await collector.run(record))) batchItemFailures.push({ itemIdentifier: record.messageId });
  return { batchItemFailures };
}
