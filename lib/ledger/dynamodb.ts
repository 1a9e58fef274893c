import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { BursarError } from '../platform/errors.ts';
import { nameOf, told } from './dynamodb-errors.ts';
import { type Item, readItems } from './dynamodb-read.ts';
import {
  claimKey,
  DUE,
  docKey,
  findingKey,
  LEDGER_TABLE,
  ledgerPermissions,
  resourcePk,
  shardKeys,
} from './dynamodb-table.ts';
import { putWrites, unchanged } from './dynamodb-write.ts';
import type { AuditRecord, FindingRecord, LedgerStore } from './model.ts';
import { packed, unpacked } from './packed.ts';
import { assertTime, inOrder, newerDoc, ROW_VERSION, readAudit, readBody } from './rows.ts';

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

  const records = async (ids: readonly string[]): Promise<FindingRecord[]> => {
    const rows = await guarded(() => readItems(client, table, ids.map(findingKey)));
    return rows.flatMap((row) => {
      const record = row === null ? null : recordOf(row, where);
      return record === null ? [] : [record];
    });
  };
  const idsOf = async (resourceId: string): Promise<string[]> =>
    (await partition(resourcePk(resourceId))).map((row) => text(row, 'sk', where));
  const trail = async (findingId: string): Promise<AuditRecord[]> => {
    const rows = await partition(`AUDIT#${findingId}`);
    return rows.flatMap((row) => {
      const schemaVersion = number(row, 'schemaVersion', where);
      return readAudit({ id: findingId, schemaVersion, body: row['entry'] }, where) ?? [];
    });
  };
  const docOf = (key: string, row: Item | null) => {
    if (row === null) return null;
    const schemaVersion = number(row, 'schemaVersion', where);
    if (schemaVersion > ROW_VERSION) throw newerDoc(key, schemaVersion, where);
    const value = unpacked(row);
    if (value === undefined) throw malformed('value', where);
    return { value, version: number(row, 'version', where) };
  };
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
    history: trail,
    async due(until, most) {
      const [index] = LEDGER_TABLE.indexes;
      const rows: Item[] = [];
      let from: Item | undefined;
      do {
        const page = await guarded(() =>
          client.send(
            new QueryCommand({
              TableName: table,
              IndexName: index.name,
              KeyConditionExpression: 'duePk = :due AND wakeAt <= :until',
              ExpressionAttributeValues: { ':due': DUE, ':until': assertTime(until) },
              Limit: most - rows.length,
              ...(from === undefined ? {} : { ExclusiveStartKey: from }),
            }),
          ),
        );
        rows.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from !== undefined && rows.length < most);
      return rows.map((row) => text(row, 'sk', where));
    },
    getMany: (ids) => records([...new Set(ids)]),
    ofResource: async (resourceId) => records(await idsOf(resourceId)),
    async historyOf(resourceId) {
      return inOrder(await Promise.all((await idsOf(resourceId)).map(trail)), resourceId);
    },
    claim: ({ resourceId, holder, until }, now) =>
      guarded(async () => {
        const Item = {
          ...claimKey(resourceId),
          schemaVersion: ROW_VERSION,
          resourceId,
          holder,
          until: assertTime(until),
          expiresAt: Math.ceil(Date.parse(until) / 1000),
        };
        const free = new PutCommand({
          TableName: table,
          Item,
          // The row may outlive its time by days (TTL is best effort): the time counts, not the row.
          ConditionExpression: 'attribute_not_exists(pk) OR #holder = :holder OR #until <= :now',
          ExpressionAttributeNames: { '#holder': 'holder', '#until': 'until' },
          ExpressionAttributeValues: { ':holder': holder, ':now': assertTime(now) },
        });
        return (await wins(() => client.send(free))) ? 'claimed' : 'held';
      }),
    release: (resourceId, holder) =>
      guarded(async () => {
        await wins(() =>
          client.send(
            new DeleteCommand({
              TableName: table,
              Key: claimKey(resourceId),
              ConditionExpression: '#holder = :holder',
              ExpressionAttributeNames: { '#holder': 'holder' },
              ExpressionAttributeValues: { ':holder': holder },
            }),
          ),
        );
      }),
    async getDocs(keys) {
      const rows = await guarded(() => readItems(client, table, keys.map(docKey)));
      return keys.map((key, at) => docOf(key, rows[at] ?? null));
    },
    getDoc: async (key) => docOf(key, (await item(docKey(key))) ?? null),
    putDoc: (key, value, expected) =>
      guarded(async () => {
        const Item = {
          ...docKey(key),
          schemaVersion: ROW_VERSION,
          version: expected + 1,
          ...packed(value, key, where),
        };
        const put = new PutCommand({ TableName: table, Item, ...unchanged(expected) });
        return (await wins(() => client.send(put))) ? 'written' : 'conflict';
      }),
    async close() {
      // The client belongs to whoever made it.
    },
  };
}

/** A write that may lose to another: whether it did not. */
async function wins(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (nameOf(error) === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

function recordOf(row: Item, where: string): FindingRecord | null {
  const { finding, scopes, observed, life, wakeAt = null } = row;
  const schemaVersion = number(row, 'schemaVersion', where);
  const body = { finding, scopes, observed };
  return readBody(
    {
      id: text(row, 'sk', where),
      schemaVersion,
      version: number(row, 'version', where),
      body: schemaVersion === 1 ? body : { ...body, life, wakeAt },
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
