import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { dynamoLedger } from '../../lib/ledger/dynamodb.ts';
import { LEDGER_TABLE } from '../../lib/ledger/dynamodb-table.ts';
import type { Write } from '../../lib/ledger/model.ts';
import { reconcile } from '../../lib/ledger/reconcile.ts';
import { record } from '../../lib/ledger/record.ts';
import { cases } from '../deep.ts';
import { shortWaits } from '../platform/short-waits.ts';
import { contract } from './contract.ts';
import { createTable, documents, dynamoBench } from './dynamodb-bench.ts';
import { everything, judgement, numbered, observation, recordOf, T2 } from './fixtures.ts';

/** Several batches of reading and dozens of transactions. */
const MANY = cases(600, 2500);

contract('dynamodb local', () =>
  dynamoBench([documents(inject('dynamodbUrl')), documents(inject('dynamodbUrl'))], MANY),
);

/** What the proxy does with a call: an error to answer instead, or null to pass it on. */
type Disturb = (operation: string, nth: number) => { status: number; body: object } | 'drop-answer' | null;

/** Stands before DynamoDB Local and disturbs chosen calls, as the service does under load. */
async function proxy(
  target: string,
): Promise<{ url: string; disturb(by: Disturb | null): void; close(): void }> {
  let by: Disturb | null = null;
  let nth = 0;
  const handle = (incoming: IncomingMessage, answer: ServerResponse): void => {
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    nth += 1;
    const fault = by?.(operation, nth) ?? null;
    if (fault !== null && fault !== 'drop-answer') {
      incoming.resume();
      answer.writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.0' });
      answer.end(JSON.stringify(fault.body));
      return;
    }
    const onward = request(
      target,
      { method: incoming.method, headers: incoming.headers, path: incoming.url },
      (reply) => {
        if (fault === 'drop-answer') {
          reply.resume();
          reply.on('end', () => incoming.socket.destroy());
          return;
        }
        answer.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(answer);
      },
    );
    incoming.pipe(onward);
  };
  const server: Server = createServer(handle);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a loopback server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    disturb(next) {
      by = next;
      nth = 0;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function refusal(name: string, more: object = {}, status = 400) {
  return {
    status,
    body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'as asked', ...more },
  };
}

/** The write, with its audit entry, that a first run makes of a resource. */
function newFinding(resourceId: string): { id: string; write: Write } {
  const [step] = reconcile(observation({ judgements: [judgement({ resourceId })] }), []);
  const [write] = step?.writes ?? [];
  if (step === undefined || write === undefined) throw new Error('a new finding is written');
  return { id: step.id, write };
}

describe('dynamodb ledger in bad weather', () => {
  beforeEach(shortWaits);
  const table = `weather-${process.pid}`;
  let weather: Awaited<ReturnType<typeof proxy>>;
  const client = () => documents(weather.url, { maxAttempts: 2 });
  const store = () => dynamoLedger({ client: client(), table });
  beforeAll(async () => {
    weather = await proxy(inject('dynamodbUrl'));
    await createTable(documents(inject('dynamodbUrl')), table);
  });
  afterAll(() => {
    weather.close();
  });

  it.each([
    ['ThrottlingException', 'throttled'],
    ['ProvisionedThroughputExceededException', 'throttled'],
    ['AccessDeniedException', 'denied'],
    ['ExpiredTokenException', 'credentials'],
    ['ResourceNotFoundException', 'unavailable'],
  ])('says what to do about %s, reading and writing', async (name, code) => {
    weather.disturb(() => refusal(name));
    const expected = {
      name: 'BursarError',
      code,
      where: `DynamoDB table ${table}`,
      hint: expect.any(String),
    };
    const first = recordOf(judgement());
    await expect(store().get(first.finding.id)).rejects.toMatchObject(expected);
    await expect(everything(store())).rejects.toMatchObject(expected);
    await expect(store().put(first, 0, null)).rejects.toMatchObject(expected);
    weather.disturb(null);
    expect(await everything(store())).toEqual([]);
  });

  it('says that a service that does not answer cannot be reached', async () => {
    const nowhere = dynamoLedger({ client: documents('http://127.0.0.1:1', { maxAttempts: 1 }), table });
    await expect(nowhere.get(recordOf(judgement()).finding.id)).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('tries again what clashed with another transaction, and writes it once', async () => {
    weather.disturb((operation, nth) => {
      if (nth > 3) return null;
      if (operation === 'PutItem') return refusal('TransactionConflictException');
      if (operation !== 'TransactWriteItems') return null;
      const reasons = [{ Code: 'TransactionConflict' }, { Code: 'None' }, { Code: 'None' }];
      return refusal('TransactionCanceledException', { CancellationReasons: reasons });
    });
    const one = recordOf(judgement({ resourceId: 'clash' }));
    expect(await store().put(one, 0, null)).toBe('written');
    expect(await store().get(one.finding.id)).toEqual(one);
  });

  it('gives up on a clash that never ends, and says who is in the way', async () => {
    weather.disturb(() =>
      refusal('TransactionCanceledException', {
        CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }, { Code: 'None' }],
      }),
    );
    const { write, id } = newFinding('stuck');
    await expect(store().putMany([write])).rejects.toMatchObject({ code: 'conflict' });
    weather.disturb(null);
    expect(await store().get(id)).toBeNull();
  });

  it('comes to one write when the answer to it is lost', async () => {
    weather.disturb((operation, nth) =>
      nth === 1 && operation === 'TransactWriteItems' ? 'drop-answer' : null,
    );
    const { write, id } = newFinding('lost answer');
    // The client sends the same request token again, so the service knows the transaction as done.
    expect(await store().putMany([write])).toEqual(['written']);
    weather.disturb(null);
    expect(await store().history(id)).toHaveLength(1);
  });

  it('reads pages past 1 MB of one partition', async () => {
    weather.disturb(null);
    const judgements = Array.from({ length: 120 }, (_, n) => ({
      ...numbered(n),
      reason: 'y'.repeat(300_000),
    }));
    const big = `${table}-big`;
    await createTable(client(), big);
    const ledger = dynamoLedger({ client: documents(weather.url), table: big });
    const { findings } = await record(ledger, observation({ judgements }));
    expect(findings).toHaveLength(120);
    expect(await everything(ledger)).toHaveLength(120);
  });

  it('puts into the sparse index only what is due', async () => {
    const sparse = `${table}-due`;
    await createTable(client(), sparse);
    const ledger = dynamoLedger({ client: client(), table: sparse });
    const due = recordOf(judgement());
    await ledger.put({ ...due, wakeAt: T2 }, 0, null);
    await ledger.put(recordOf(numbered(1)), 0, null);
    const [index] = LEDGER_TABLE.indexes;
    const found = await client().send(
      new QueryCommand({
        TableName: sparse,
        IndexName: index.name,
        KeyConditionExpression: 'duePk = :due AND wakeAt <= :now',
        ExpressionAttributeValues: { ':due': 'DUE', ':now': T2 },
      }),
    );
    expect(found.Items).toMatchObject([{ sk: due.finding.id, wakeAt: T2 }]);
    const all = await client().send(new ScanCommand({ TableName: sparse, Select: 'COUNT' }));
    expect(all.Count).toBe(2);
  });
});
