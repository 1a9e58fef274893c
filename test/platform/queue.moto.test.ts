import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { sqsQueue } from '../../lib/platform/queue.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { AMBIENT, type Answer, type Proxy, proxy } from '../estate/aws/emulated.ts';

const moto = inject('motoUrl');
const Batch = z.object({
  QueueUrl: z.string(),
  Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })),
});
type Batch = z.infer<typeof Batch>;

let proxies: Proxy[];
let url: string;

beforeEach(async () => {
  proxies = [];
  await resetMoto(moto);
  url = z
    .string()
    .parse((await clientAt(moto).send(new CreateQueueCommand({ QueueName: 'tasks' }))).QueueUrl);
});
afterEach(async () => {
  await Promise.all(proxies.map((each) => each.close()));
});

function clientAt(endpoint: string): SQSClient {
  return new SQSClient({ endpoint, region: 'us-east-1', credentials: AMBIENT, maxAttempts: 1 });
}

/** A queue of moto behind a server that answers batches as told. */
async function queueThat(
  answer: (batch: Batch, pass: (batch: Batch) => Promise<Answer>) => Promise<Answer | null>,
): Promise<{ queue: ReturnType<typeof sqsQueue>; calls: readonly string[] }> {
  const between = await proxy(moto, async ({ action, body }, pass) =>
    action === 'SendMessageBatch'
      ? answer(Batch.parse(JSON.parse(body)), (batch) => pass(JSON.stringify(batch)))
      : null,
  );
  proxies.push(between);
  const client = clientAt(between.url);
  // The SDK goes to the host of the queue's URL.
  return { queue: sqsQueue(client, url.replace(moto, between.url)), calls: between.calls };
}

async function everything(): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await clientAt(moto).send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies.toSorted();
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}

const bodies = (count: number) =>
  Array.from({ length: count }, (_, at) => `task ${String(at).padStart(2, '0')}`);

/** Passes the entries that are to be taken, and refuses the others as SQS does: with HTTP 200. */
async function refusing(
  batch: Batch,
  pass: (batch: Batch) => Promise<Answer>,
  refuse: (body: string) => boolean,
  sender = false,
): Promise<Answer> {
  const refused = new Set(batch.Entries.filter(({ MessageBody }) => refuse(MessageBody)));
  const taken = batch.Entries.filter((entry) => !refused.has(entry));
  const failed = [...refused].map(({ Id }) => ({
    Id,
    Code: sender ? 'InvalidMessageContents' : 'InternalError',
    SenderFault: sender,
  }));
  const answer = taken.length === 0 ? null : await pass({ QueueUrl: batch.QueueUrl, Entries: taken });
  const Successful: unknown = answer === null ? [] : Reflect.get(JSON.parse(answer.body), 'Successful');
  return {
    status: 200,
    type: 'application/x-amz-json-1.0',
    body: JSON.stringify({ Successful, Failed: failed }),
  };
}

test('ten a request, each message once', async () => {
  const { queue, calls } = await queueThat(async () => null);
  await queue.send(bodies(23));
  expect(await everything()).toEqual(bodies(23));
  expect(calls.filter((action) => action === 'SendMessageBatch')).toHaveLength(3);
});

test('nothing to send asks nothing', async () => {
  const { queue, calls } = await queueThat(async () => null);
  await queue.send([]);
  expect(calls).toEqual([]);
});

test('what an answer of 200 refuses is sent again, and only that', async () => {
  let refusals = 0;
  const { queue, calls } = await queueThat((batch, pass) =>
    refusing(batch, pass, (body) => body === 'task 03' && refusals++ < 2),
  );
  await queue.send(bodies(12));
  expect(await everything()).toEqual(bodies(12));
  expect(calls.filter((action) => action === 'SendMessageBatch')).toHaveLength(4);
});

test('a message that is refused for good is an error that says how many and why', async () => {
  const { queue, calls } = await queueThat((batch, pass) =>
    refusing(batch, pass, (body) => body === 'task 01', true),
  );
  await expect(queue.send(bodies(3))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('1 of 3 messages were not taken: InvalidMessageContents'),
  });
  expect(calls).toHaveLength(1);
  expect(await everything()).toEqual(['task 00', 'task 02']);
});

test('a queue that is gone is told with its right', async () => {
  const gone = sqsQueue(clientAt(moto), `${moto}/123456789012/gone`);
  await expect(gone.send(['task'])).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('sqs:SendMessage'),
  });
});

test('a message can come again at once instead of after its hiding', async () => {
  const queue = sqsQueue(clientAt(moto), url);
  await queue.send(['task']);
  const receive = async () => {
    const { Messages = [] } = await clientAt(moto).send(
      new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 600 }),
    );
    return Messages;
  };
  const [first] = await receive();
  expect(await receive()).toEqual([]);
  await queue.again(z.string().parse(first?.ReceiptHandle), 0);
  expect((await receive()).map(({ Body }) => Body)).toEqual(['task']);
});
