import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamoDBDocumentClient, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import { BursarError } from '../platform/errors.ts';
import { cancellation, nameOf } from './dynamodb-errors.ts';
import { auditKey, DUE, findingKey, resourcePk } from './dynamodb-table.ts';
import type { Write, WriteOutcome } from './model.ts';
import { assertNextVersion, assertTime, bodyOf, ROW_VERSION } from './rows.ts';

/** Limits of one TransactWriteItems: 100 actions, 4 MB (Amazon DynamoDB API Reference, TransactWriteItems). */
const ACTIONS = 100;
const BYTES = 3_000_000;
/** Transactions and puts in flight at once. */
const AT_ONCE = 16;
/** How often a clash with a transaction in flight is tried again. */
const TRIES = 8;

/** Version 0 means that nothing may be there; a row of a newer schemaVersion never matches. */
export function unchanged(expected: number): {
  ConditionExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, number>;
} {
  if (expected === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#version = :expected AND schemaVersion <= :known',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':expected': expected, ':known': ROW_VERSION },
  };
}

/**
 * Writes each record with its audit entry or neither. Records without an entry are plain conditional puts, at
 * half the price of a transaction; the others share transactions, and what spoils one for the others (a record
 * that changed meanwhile) is taken out and told as a conflict.
 */
export async function putWrites(
  client: DynamoDBDocumentClient,
  table: string,
  writes: readonly Write[],
): Promise<WriteOutcome[]> {
  const outcomes = new Map<Write, WriteOutcome>();
  const limit = pLimit(AT_ONCE);
  for (const wave of waves(writes)) {
    const single = wave.filter(({ audit }) => audit === null);
    const groups = grouped(wave.filter(({ audit }) => audit !== null));
    await Promise.all([
      limit.map(single, async (write) => outcomes.set(write, await putOne(client, table, write))),
      limit.map(groups, async (group) => putGroup(client, table, group, outcomes)),
    ]);
  }
  return writes.map((write) => outcomes.get(write) ?? 'conflict');
}

async function putOne(client: DynamoDBDocumentClient, table: string, write: Write): Promise<WriteOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.send(new PutCommand(recordPut(table, write)));
      return 'written';
    } catch (error) {
      if (nameOf(error) === 'ConditionalCheckFailedException') return 'conflict';
      if (nameOf(error) !== 'TransactionConflictException') throw error;
      await pause(attempt, table, error);
    }
  }
}

async function putGroup(
  client: DynamoDBDocumentClient,
  table: string,
  group: readonly Write[],
  outcomes: Map<Write, WriteOutcome>,
): Promise<void> {
  let pending = group;
  for (let attempt = 1; pending.length > 0; ) {
    try {
      const TransactItems = pending.flatMap((write) => actionsOf(table, write));
      await client.send(new TransactWriteCommand({ TransactItems }));
      for (const write of pending) outcomes.set(write, 'written');
      return;
    } catch (error) {
      const codes = cancellation(error);
      // Without an entry, the service refused the whole call, not one action of it.
      if (codes === null && nameOf(error) !== 'TransactionInProgressException') throw error;
      const lost = new Set(
        pending.filter((_, at) =>
          codes?.slice(EACH * at, EACH * at + EACH).includes('ConditionalCheckFailed'),
        ),
      );
      for (const write of lost) outcomes.set(write, 'conflict');
      const clash = codes === null || codes.every((code) => CLASH.has(code));
      if (!clash) throw error;
      pending = pending.filter((write) => !lost.has(write));
      if (lost.size === 0) {
        await pause(attempt, table, error);
        attempt += 1;
      }
    }
  }
}

/** Reasons that say "somebody else was there": anything else is an error of its own. */
const CLASH = new Set(['None', 'ConditionalCheckFailed', 'TransactionConflict']);

function recordPut(table: string, { record, expected }: Write) {
  assertNextVersion(record, expected);
  const { finding, wakeAt } = record;
  const { wakeAt: _, life, ...body } = bodyOf(record);
  // A key that is there without a value would be refused: JSON leaves it out.
  const plain: unknown = JSON.parse(JSON.stringify(life));
  return {
    TableName: table,
    Item: {
      ...findingKey(finding.id),
      schemaVersion: ROW_VERSION,
      version: record.version,
      ...body,
      life: plain,
      // A key of an index holds text or is not there: null would be refused.
      ...(wakeAt === null ? {} : { duePk: DUE, wakeAt: assertTime(wakeAt) }),
    },
    ...unchanged(expected),
  };
}

/** As many actions for each write, so that the place of a cancellation reason tells whose it is. */
const EACH = 3;

function actionsOf(table: string, write: Write) {
  const { record, audit } = write;
  return [
    { Put: recordPut(table, write) },
    {
      Put: {
        TableName: table,
        Item: { ...auditKey(record.finding.id, record.version), schemaVersion: ROW_VERSION, entry: audit },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    },
    {
      Put: {
        TableName: table,
        Item: {
          pk: resourcePk(record.finding.resourceId),
          sk: record.finding.id,
          schemaVersion: ROW_VERSION,
        },
      },
    },
  ];
}

/** Groups that fit one transaction each. */
function grouped(writes: readonly Write[]): Write[][] {
  const groups: Write[][] = [];
  let size = 0;
  for (const write of writes) {
    const bytes = Buffer.byteLength(JSON.stringify(write), 'utf8');
    const group = groups.at(-1);
    if (group === undefined || (group.length + 1) * EACH > ACTIONS || size + bytes > BYTES) {
      groups.push([write]);
      size = bytes;
    } else {
      group.push(write);
      size += bytes;
    }
  }
  return groups;
}

/** The second write of one record waits for the first: one transaction may not hold an item twice. */
function waves(writes: readonly Write[]): Write[][] {
  const all: Write[][] = [];
  const seen = new Map<string, number>();
  for (const write of writes) {
    const at = seen.get(write.record.finding.id) ?? 0;
    seen.set(write.record.finding.id, at + 1);
    const wave = all[at];
    if (wave === undefined) all.push([write]);
    else wave.push(write);
  }
  return all;
}

/** Waits a random time of up to 25 ms doubled each attempt ("full jitter"), or gives up. */
async function pause(attempt: number, table: string, cause: unknown): Promise<void> {
  if (attempt >= TRIES)
    throw new BursarError('conflict', 'other transactions kept hold of the same findings', {
      where: `DynamoDB table ${table}`,
      hint: 'Another run works on the same ledger: run again when it has ended.',
      cause,
    });
  await sleep(Math.random() * 25 * 2 ** attempt);
}
