import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { z } from 'zod';

/** As many tries as infra/ gives a task before it goes to the dead letters. */
export const TRIES = 3;

/** Gives its address. */
export async function createQueue(sqs: SQSClient, QueueName: string, Attributes: Record<string, string>) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return z.string().parse(QueueUrl);
}

export async function queueArn(sqs: SQSClient, QueueUrl: string): Promise<string> {
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  return z.string().parse((await sqs.send(asked)).Attributes?.['QueueArn']);
}

/** Messages that wait or are hidden. */
export async function count(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, each) => sum + Number(each), 0);
}

/** One message as Lambda hands it over. */
export function messageEvent(
  messageId: string,
  receiptHandle: string,
  body: string,
  tries: string,
  eventSourceARN: string,
): SQSEvent {
  const attributes = {
    ApproximateReceiveCount: tries,
    SentTimestamp: '0',
    SenderId: 'test',
    ApproximateFirstReceiveTimestamp: '0',
  };
  const record = { messageId, receiptHandle, body, attributes, messageAttributes: {}, md5OfBody: '' };
  return { Records: [{ ...record, eventSource: 'aws:sqs', eventSourceARN, awsRegion: 'us-east-1' }] };
}
