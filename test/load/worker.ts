/**
 * `worker.ts HANDLER QUEUE_URL QUEUE_ARN HIDDEN_SECONDS`: takes messages as Lambda would, one a call, until it is told to
 * stop, and tells each. What Lambda does besides the handler is all here: receive, hand over, delete what did not fail.
 */
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import type * as collect from '../../functions/collect.ts';
import { messageEvent } from '../functions/stand-ins.ts';

const [file = '', QueueUrl = '', queueArn = '', hidden = ''] = process.argv.slice(2);
const { handler }: typeof collect = await import(file);
const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
const stop = new AbortController();
process.on('message', () => stop.abort());

while (!stop.signal.aborted) {
  const { Messages: [message] = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 1,
      VisibilityTimeout: Number(hidden),
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    }),
  );
  if (message === undefined) continue;
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes } = message;
  process.send?.({ kind: 'taken', id: MessageId, receipt: ReceiptHandle });
  const began = performance.now();
  const event = messageEvent(
    MessageId,
    ReceiptHandle,
    Body,
    Attributes?.ApproximateReceiveCount ?? '1',
    queueArn,
  );
  const { failed, thrown } = await handled(event);
  if (!failed) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  process.send?.({ kind: 'done', id: MessageId, failed, thrown, ms: performance.now() - began });
}
process.disconnect?.();

/** What a handler throws is an error of its function, and its message comes again. */
async function handled(event: SQSEvent): Promise<{ failed: boolean; thrown: string | null }> {
  try {
    return { failed: (await handler(event)).batchItemFailures.length > 0, thrown: null };
  } catch (error) {
    return { failed: true, thrown: String(error) };
  }
}
