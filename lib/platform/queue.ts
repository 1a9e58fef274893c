import { setTimeout as pause } from 'node:timers/promises';
import { ChangeMessageVisibilityCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import { awsError } from './aws-errors.ts';
import { BursarError } from './errors.ts';
import type { Permission } from './permissions.ts';

/** Where messages wait for whoever takes them. */
export interface MessageQueue {
  /** Sends every body once, in batches; throws where some are refused for good or stay refused. */
  send(bodies: readonly string[]): Promise<void>;
  /** Lets a message that was received be received again in `seconds`, instead of when its hiding ends. */
  again(receipt: string, seconds: number): Promise<void>;
}

/** SendMessageBatch takes at most 10 messages (Amazon SQS API Reference). */
const BATCH = 10;
/** 500 accounts in 17 regions are 850 batches: one after the other they would take the planner half a minute and more. */
const BATCHES_AT_ONCE = 8;
/** Rounds that what a batch refused is sent again, with a growing pause between them. */
const ROUNDS = 5;
const FIRST_PAUSE = 200;

export function sqsQueue(client: SQSClient, url: string): MessageQueue {
  return {
    async send(bodies) {
      const batches: (readonly string[])[] = [];
      for (let from = 0; from < bodies.length; from += BATCH) batches.push(bodies.slice(from, from + BATCH));
      await pLimit(BATCHES_AT_ONCE).map(batches, async (batch) => sendBatch(client, url, batch));
    },
    async again(receipt, seconds) {
      try {
        await client.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: url,
            ReceiptHandle: receipt,
            VisibilityTimeout: seconds,
          }),
        );
      } catch (error) {
        throw awsError(error, { action: 'sqs:ChangeMessageVisibility', where: url }) ?? error;
      }
    },
  };
}

/** An answer of 200 may still refuse some of the entries: only these are sent again. */
async function sendBatch(client: SQSClient, url: string, bodies: readonly string[]): Promise<void> {
  let left = bodies.map((body, index) => ({ Id: String(index), MessageBody: body }));
  for (let round = 1; ; round++) {
    const failed = await refused(client, url, left);
    if (failed.size === 0) return;
    left = left.filter(({ Id }) => failed.has(Id));
    const [first] = failed.values();
    const hopeless = [...failed.values()].find(({ ours }) => ours);
    if (hopeless !== undefined || round === ROUNDS)
      throw new BursarError(
        'unavailable',
        `${left.length} of ${bodies.length} messages were not taken: ${(hopeless ?? first)?.why ?? ''}`,
        { where: url, hint: 'It is tried again as a whole: sending a task twice does no harm.' },
      );
    await pause(FIRST_PAUSE * 2 ** (round - 1));
  }
}

async function refused(
  client: SQSClient,
  url: string,
  entries: { Id: string; MessageBody: string }[],
): Promise<Map<string, { why: string; ours: boolean }>> {
  try {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }),
    );
    return new Map(
      Failed.map(({ Id = '', Code = '', Message = '', SenderFault = false }) => [
        Id,
        { why: `${Code} ${Message}`.trim(), ours: SenderFault },
      ]),
    );
  } catch (error) {
    throw awsError(error, { action: 'sqs:SendMessage', where: url }) ?? error;
  }
}

/** What sending needs; a batch needs the right of one message (Amazon SQS Developer Guide, "Actions"). */
export function sendPermissions(queueArn: string, why: string): Permission[] {
  return [{ cloud: 'aws', action: 'sqs:SendMessage', resources: [queueArn], why }];
}

/**
 * What a function that takes from a queue needs: the event source's own three (AWS Lambda Developer Guide, "Using
 * Lambda with Amazon SQS", execution role), and trying a task again soon.
 */
export function receivePermissions(queueArn: string): Permission[] {
  const resources = [queueArn];
  return [
    { cloud: 'aws', action: 'sqs:ReceiveMessage', resources, why: 'takes tasks' },
    { cloud: 'aws', action: 'sqs:DeleteMessage', resources, why: 'removes tasks that are done' },
    { cloud: 'aws', action: 'sqs:GetQueueAttributes', resources, why: 'lets Lambda see how much waits' },
    { cloud: 'aws', action: 'sqs:ChangeMessageVisibility', resources, why: 'tries a failed task again soon' },
  ];
}
