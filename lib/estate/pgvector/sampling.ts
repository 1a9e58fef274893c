import type { SketchEntry, VectorIndex, VectorSample } from '../model.ts';
import { Comparison, type VectorKey } from '../vectors/compare.ts';
import type { Documents, DocumentsOf } from '../vectors/documents.ts';
import { Draw } from '../vectors/draw.ts';
import { vectorKey } from '../vectors/fields.ts';
import { hashOf } from '../vectors/keys.ts';
import { listingOf } from '../vectors/listing.ts';
import type { Found } from './catalogue.ts';
import {
  columnsOf,
  columnsSql,
  type Expressions,
  expressionsOf,
  hasVector,
  UnreadableError,
} from './columns.ts';
import { drawSql, shareOf, tableName, tableSql } from './draw.ts';
import { codeOf, isLost } from './errors.ts';
import { count, nullable } from './row.ts';
import type { Ask } from './session.ts';

/** Milliseconds that one statement over a table may take: it reads all rows' keys once. */
const TABLE_TIMEOUT = 30_000;
/** Milliseconds that it waits for a table that is locked. */
const LOCK_TIMEOUT = 5000;
/** Rows of one FETCH. */
const ROWS = 500;
/** Tables whose keys are read in one look. */
const MOST_TABLES = 500;

type Sampled = Pick<VectorIndex, 'sample' | 'gaps'>;

/**
 * Looks at the keys of the vectors of those indexes whose documents the config names. What cannot be looked at is
 * told as a gap, and the rest goes on. Indexes that hold the same of one table are looked at once.
 */
export async function sampledAll(
  ask: Ask,
  found: readonly Found[],
  documentsOf: DocumentsOf,
): Promise<VectorIndex[]> {
  const several = new Set(
    [...Map.groupBy(found, ({ tableOid }) => tableOid)].flatMap(([oid, those]) =>
      new Set(those.map(({ indexed }) => indexed)).size > 1 ? [oid] : [],
    ),
  );
  const looked = new Map<string, Sampled>();
  let lost: string | null = null;
  const indexes: VectorIndex[] = [];
  for (const each of found) {
    const documents = documentsOf(each.index.index);
    if (documents === null) {
      indexes.push(each.index);
      continue;
    }
    const { fields, most, skew, source } = documents;
    const key = JSON.stringify([each.tableOid, each.indexed, each.partial, fields, most, skew, source]);
    let sampled = looked.get(key);
    if (sampled === undefined) {
      if (lost === null && looked.size < MOST_TABLES)
        ({ sampled, lost } = await sampledOf(ask, each, documents));
      else sampled = gap(lost ?? `No more than ${MOST_TABLES} tables are looked into at once.`);
      looked.set(key, sampled);
    }
    const { sample, gaps } = sampled;
    indexes.push({
      ...each.index,
      source,
      // What was counted is more than what was estimated.
      vectors: sample?.population ?? each.index.vectors,
      sample: sample !== null && several.has(each.tableOid) ? apart(sample, each.indexed) : sample,
      gaps: [...each.index.gaps, ...gaps],
    });
  }
  return indexes;
}

/**
 * One table in one transaction: counted, then its keys read through a cursor. `lost` says why nothing more can be
 * asked. The source is listed before, so that no transaction waits for it.
 */
async function sampledOf(
  ask: Ask,
  found: Found,
  documents: Documents,
): Promise<{ sampled: Sampled; lost: string | null }> {
  const { listed, gaps } = await listingOf(documents);
  try {
    await ask('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    try {
      const { tokens } = documents.fields;
      const begin = (byKey: boolean) =>
        new Comparison(listed, {
          skew: documents.skew,
          byKey,
          ...(tokens === null ? {} : { tokensFrom: `column ${tokens}` }),
        });
      const sample = await compared(ask, found, documents, begin);
      return { sampled: { sample, gaps }, lost: null };
    } finally {
      await ask('ROLLBACK');
    }
  } catch (error) {
    const why = told(error, found.index.table);
    return { sampled: { sample: null, gaps: [...gaps, ...gap(why).gaps] }, lost: isLost(error) ? why : null };
  }
}

async function compared(
  ask: Ask,
  { tableOid, indexOid, schema, table, partial, index }: Found,
  { fields, most }: Documents,
  begin: (byKey: boolean) => Comparison,
): Promise<VectorSample> {
  if (partial)
    throw new UnreadableError(
      `It covers some rows of ${index.table} alone, and which ones is not looked at.`,
    );
  // A policy that hides rows is an error then, and no smaller table (PostgreSQL, row_security).
  await ask(
    `SELECT set_config('statement_timeout', '${TABLE_TIMEOUT}', true), set_config('search_path', 'pg_catalog', true),
            set_config('row_security', 'off', true), set_config('lock_timeout', '${LOCK_TIMEOUT}', true)`,
  );
  const columns = columnsOf(await ask(columnsSql(tableOid, indexOid)));
  if (columns.size === 0) throw new UnreadableError(`Its table ${index.table} is gone since.`);
  const expressions = expressionsOf(fields, columns, index.table, tableName(schema, table));
  const from = tableSql(schema, table, hasVector(columns));
  const [counted] = await ask(`SELECT count(*)::text AS vectors ${from}`);
  const population = (counted && count(counted, 'vectors')) ?? 0;
  const even = fields.part === null && fields.content === null;
  let share = shareOf(population, most);
  for (;;) {
    const byKey = share !== null && !even;
    const comparison = begin(byKey);
    const drawn = byKey ? new Draw(most) : null;
    if (
      await read(ask, drawSql(expressions, from, share, even, most + 1), fields, drawn ?? comparison, most)
    ) {
      for (const vector of drawn?.result() ?? []) comparison.add(vector);
      return comparison.result(population, share === null ? 'all' : even ? 'at-random' : 'by-key-hash');
    }
    // More were drawn than are to be looked at: rows of one key come together, and chance plays its part.
    share = (share ?? 1) / 2;
    if (share * population < 1)
      throw new UnreadableError(`So many rows of ${index.table} have one key that none could be drawn.`);
  }
}

/** @returns were there no more than `most`? */
async function read(
  ask: Ask,
  sql: string,
  fields: Documents['fields'],
  into: { add(vector: VectorKey): void },
  most: number,
): Promise<boolean> {
  await ask(`DECLARE keys NO SCROLL CURSOR FOR ${sql}`);
  let seen = 0;
  for (;;) {
    const rows = await ask(`FETCH ${ROWS} FROM keys`);
    seen += rows.length;
    if (seen > most) break;
    for (const row of rows) into.add(vectorKey(namesOf(fields), (name) => nullable(row, name)));
    if (rows.length < ROWS) break;
  }
  await ask('CLOSE keys');
  return seen <= most;
}

/** The fields by the names that the cursor's columns have. */
function namesOf(fields: Documents['fields']): Documents['fields'] {
  const named = (name: keyof Expressions) => (fields[name] === null ? null : name);
  return {
    key: 'key',
    part: named('part'),
    content: named('content'),
    embedded: named('embedded'),
    model: named('model'),
    tokens: named('tokens'),
  };
}

/**
 * Of several things that are indexed of one table, the same keys are no copies: a title and a text, or one vector
 * compared in two ways.
 */
function apart(sample: VectorSample, indexed: string): VectorSample {
  const sketch = sample.sketch
    .map((entry): SketchEntry => ({ ...entry, key: hashOf(`${indexed} ${entry.key}`) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return { ...sample, sketch };
}

function gap(why: string): Sampled {
  return { sample: null, gaps: [{ of: 'documents', why, failed: true }] };
}

/** SQLSTATE as in "PostgreSQL Error Codes", Appendix A. Messages of class 22 quote the data, and are left out. */
function told(error: unknown, table: string): string {
  if (error instanceof UnreadableError) return error.message;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === '57014')
    return `Reading the keys of ${table} took over ${TABLE_TIMEOUT / 1000} s a statement, and was left.`;
  if (code === '55P03') return `The table ${table} was locked for over ${LOCK_TIMEOUT / 1000} s.`;
  if (code === '42P01') return `Its table ${table} is gone since.`;
  if (code === '40001' || code === '40P01')
    return `The server broke off reading the keys of ${table}: ${message}.`;
  if (code === '42501') return `The login may not read ${table}: ${message}.`;
  if (code.startsWith('22'))
    return `A value in ${table} cannot be read as the config says (SQLSTATE ${code}).`;
  if (isLost(error)) return `The connection broke off while the keys of ${table} were read: ${message}.`;
  if (/^[0-9A-Z]{5}$/.test(code))
    return `The keys of ${table} could not be read: ${message} (SQLSTATE ${code}).`;
  throw error;
}
