import { randomInt } from 'node:crypto';
import type { Query, Table } from '@lancedb/lancedb';
import type { RecordBatch, Schema } from 'apache-arrow';
import type { Meter } from '../../platform/meter.ts';
import type { VectorKey } from '../vectors/compare.ts';
import type { Documents } from '../vectors/documents.ts';
import { fieldNames, vectorKey } from '../vectors/fields.ts';
import { compared, type Sampled, scanned, unsampled } from '../vectors/sampling.ts';
import { unreadable } from './schema.ts';

/** Rows of which the configured columns are read to draw by their keys; of a larger table some are drawn at random. */
const MOST_SCANNED = 5_000_000;

/** A query of the configured columns and no others: columns lie apart, so that no vector is read. */
export function columnsOf(table: Table, { fields }: Documents): Query {
  return table.query().select(fieldNames(fields));
}

/**
 * Compares the rows of a table with their documents: all where there are no more than `most`, those that are drawn of
 * all keys where these can be read, and rows at random of what is larger. A configured column that the
 * table has not is a gap: another table may have it.
 */
export async function sampleOf(
  table: Table,
  documents: Documents,
  { rows, schema, meter }: { rows: number; schema: Schema; meter: Meter },
): Promise<Sampled> {
  const names = fieldNames(documents.fields);
  const wrong = names.flatMap((name) => unreadable(schema, name) ?? []);
  if (wrong.length > 0) return unsampled(`Its documents are not known: ${wrong.join(', ')}.`);
  meter.count('lancedb.query');
  // One after the other, none of which stays in memory.
  if (rows <= documents.most)
    return await compared(documents, keysOf(columnsOf(table, documents), documents), rows, 'all');
  if (rows <= MOST_SCANNED)
    return await scanned(documents, keysOf(columnsOf(table, documents), documents), MOST_SCANNED);
  const some = table.takeOffsets(offsets(rows, documents.most)).select(names);
  return await compared(documents, keysOf(some, documents), rows, 'at-random');
}

async function* keysOf(
  batches: AsyncIterable<RecordBatch>,
  { fields }: Documents,
): AsyncGenerator<VectorKey> {
  for await (const batch of batches) {
    const columns = new Map(fieldNames(fields).map((name) => [name, batch.getChild(name)]));
    for (let row = 0; row < batch.numRows; row += 1)
      yield vectorKey(fields, (name) => columns.get(name)?.get(row));
  }
}

/** So many different places from 0 to `rows`, in their order. */
function offsets(rows: number, most: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(rows, most)) chosen.add(randomInt(rows));
  return [...chosen].toSorted((a, b) => a - b);
}
