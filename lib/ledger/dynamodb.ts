import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { BursarError } from '../platform/errors.ts';
import { nameOf, told } from './dynamodb-errors.ts';
import { docKey, findingKey, ledgerPermissions, shardKeys } from './dynamodb-table.ts';
import { putWrites, unchanged } from './dynamodb-write.ts';
import type { AuditRecord, FindingRecord, LedgerStore } from './model.ts';
import { packed, unpacked } from './packed.ts';
import { newerDoc, ROW_VERSION, readAudit, readBody } from './rows.ts';

/** Partitions of findings that are read ahead of the caller. */
const AHEAD = 8;

/**
 * The ledger in one DynamoDB table (its keys: LEDGER_TABLE). Reads are strongly consistent, writes conditional
 * on the stored version. The client brings its own retries; `close` leaves it open for its owner.
 */
export function dynamoLedger(options: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}): LedgerStore {
  const { client, table } = options;
  const where = `DynamoDB table ${table}`;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw told(error, table);
    }
  };
  /** All items of one partition, page by page, in order of sk. */
  const partition = (pk: string, more: Partial<QueryCommandInput> = {}): Promise<Item[]> =>
    guarded(async () => {
      const items: Item[] = [];
      let from: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :pk',
            ...more,
            ExpressionAttributeValues: { ':pk': pk, ...more.ExpressionAttributeValues },
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        items.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return items;
    });
  const item = (key: { pk: string; sk: string }): Promise<Item | undefined> =>
    guarded(async () => {
      const answer = await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }));
      return answer.Item;
    });

  return {
    permissions: ledgerPermissions(table),
    async get(id) {
      const row = await item(findingKey(id));
      return row === undefined ? null : recordOf(row, where);
    },
    async *all() {
      for await (const rows of ahead(shardKeys(), partition))
        for (const row of rows) {
          const record = recordOf(row, where);
          if (record !== null) yield record;
        }
    },
    async newer() {
      const newer = {
        FilterExpression: 'schemaVersion > :known',
        ExpressionAttributeValues: { ':known': ROW_VERSION },
        ProjectionExpression: 'sk',
      };
      const ids: string[] = [];
      for await (const rows of ahead(shardKeys(), (pk) => partition(pk, newer)))
        for (const row of rows) ids.push(text(row, 'sk', where));
      return ids;
    },
    async put(record, expected, audit) {
      const [outcome] = await guarded(() => putWrites(client, table, [{ record, expected, audit }]));
      return outcome ?? 'conflict';
    },
    putMany: (writes) => guarded(() => putWrites(client, table, writes)),
    async history(findingId) {
      const rows = await partition(`AUDIT#${findingId}`);
      return rows
        .map((row) => {
          const schemaVersion = number(row, 'schemaVersion', where);
          return readAudit({ id: findingId, schemaVersion, body: row['entry'] }, where);
        })
        .filter((entry): entry is AuditRecord => entry !== null);
    },
    async getDoc(key) {
      const row = await item(docKey(key));
      if (row === undefined) return null;
      const schemaVersion = number(row, 'schemaVersion', where);
      if (schemaVersion > ROW_VERSION) throw newerDoc(key, schemaVersion, where);
      const value = unpacked(row);
      if (value === undefined) throw malformed('value', where);
      return { value, version: number(row, 'version', where) };
    },
    putDoc: (key, value, expected) =>
      guarded(async () => {
        const Item = {
          ...docKey(key),
          schemaVersion: ROW_VERSION,
          version: expected + 1,
          ...packed(value, key, where),
        };
        try {
          await client.send(new PutCommand({ TableName: table, Item, ...unchanged(expected) }));
          return 'written';
        } catch (error) {
          if (nameOf(error) === 'ConditionalCheckFailedException') return 'conflict';
          throw error;
        }
      }),
    async close() {
      // The client belongs to whoever made it.
    },
  };
}

type Item = Record<string, unknown>;

function recordOf(row: Item, where: string): FindingRecord | null {
  const { finding, scopes, observed } = row;
  return readBody(
    {
      id: text(row, 'sk', where),
      schemaVersion: number(row, 'schemaVersion', where),
      version: number(row, 'version', where),
      body: { finding, scopes, observed },
    },
    where,
  );
}

/** Runs `read` over the keys with some under way before they are asked for; results in the order of the keys. */
async function* ahead<T>(keys: readonly string[], read: (key: string) => Promise<T>): AsyncGenerator<T> {
  const started: Promise<T>[] = [];
  for (const at of keys.keys()) {
    for (const key of keys.slice(started.length, at + AHEAD)) {
      const reading = read(key);
      // Told when its turn comes; until then a failure must not count as unhandled.
      reading.catch(() => undefined);
      started.push(reading);
    }
    const next = started[at];
    if (next !== undefined) yield await next;
  }
}

function text(row: Item, attribute: string, where: string): string {
  const value = row[attribute];
  if (typeof value !== 'string') throw malformed(attribute, where);
  return value;
}

function number(row: Item, attribute: string, where: string): number {
  const value = row[attribute];
  if (typeof value !== 'number') throw malformed(attribute, where);
  return value;
}

function malformed(attribute: string, where: string): BursarError {
  return new BursarError('internal', `a row has no usable attribute ${attribute}`, {
    where,
    hint: 'It was changed by hand or damaged: restore it from a backup, or remove it.',
  });
}
