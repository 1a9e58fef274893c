import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import { BursarError } from '../platform/errors.ts';

export type Item = Record<string, unknown>;

/** One BatchGetItem takes 100 keys and gives 16 MB (Amazon DynamoDB API Reference, BatchGetItem). */
const KEYS = 100;
/** Batches in flight at once. */
const AT_ONCE = 8;
/** How often what a batch left over is asked for again without any progress. */
const TRIES = 8;

/** Items by key, consistently, in the order of `keys`; null where there is none. A key may come twice. */
export async function readItems(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly { readonly pk: string; readonly sk: string }[],
): Promise<(Item | null)[]> {
  const wanted = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
  const found = new Map<string, Item>();
  const batches: (typeof wanted)[] = [];
  for (let at = 0; at < wanted.length; at += KEYS) batches.push(wanted.slice(at, at + KEYS));
  await pLimit(AT_ONCE).map(batches, async (batch) => {
    for (const item of await readBatch(client, table, batch)) found.set(nameOf(item), item);
  });
  return keys.map((key) => found.get(nameOf(key)) ?? null);
}

function nameOf({ pk, sk }: Item | { pk: string; sk: string }): string {
  return `${String(pk)}\n${String(sk)}`;
}

async function readBatch(
  client: DynamoDBDocumentClient,
  table: string,
  batch: readonly { readonly pk: string; readonly sk: string }[],
): Promise<Item[]> {
  const items: Item[] = [];
  let keys: Item[] = batch.map(({ pk, sk }) => ({ pk, sk }));
  for (let attempt = 1; keys.length > 0; ) {
    const answer = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
    );
    items.push(...(answer.Responses?.[table] ?? []));
    const left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    if (left.length > 0 && left.length === keys.length) {
      if (attempt >= TRIES)
        throw new BursarError('throttled', 'the table did not answer a batch of keys, after retries', {
          where: `DynamoDB table ${table}`,
          hint: 'Run again; where it stays, raise the capacity of the table or use on-demand capacity.',
        });
      // A random time of up to 25 ms doubled each attempt ("full jitter").
      await sleep(Math.random() * 25 * 2 ** attempt);
      attempt += 1;
    }
    keys = left;
  }
  return items;
}
