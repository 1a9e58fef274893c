import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Documents, Listed } from '../estate/vectors/documents.ts';
import { BursarError } from '../platform/errors.ts';
import { type Exports, keepManifest, keepPart, type Manifest, readManifest, readPart } from './exports.ts';
import type { Action, Target } from './model.ts';
import { protectionsOf } from './postgres-index.ts';
import {
  countRows,
  deleteRows,
  goneRows,
  insertRows,
  type PostgresTable,
  readTable,
  rowsOf,
  tableShape,
} from './postgres-rows.ts';
import { inDatabase, indexOf, type PostgresActSession, type Send } from './postgres-session.ts';
import { planOf } from './target.ts';

const ID = 'postgres.pgvector.delete-vectors';

/** Rows that are kept and deleted together. */
const PART = 500;
/** Rows that one stop deletes at most: what more there is, the next audit tells. */
const MOST = 100_000;
/** Milliseconds that one statement over rows may take. */
const ROWS_TIMEOUT = 60_000;

/** Evidence of an orphaned finding: how many. */
const GONE = 'vectors whose source is gone';

const planShape = z.strictObject({
  schema: z.string(),
  /** The index that the finding is of; its name is what the config tells documents by. */
  index: z.string(),
  table: z.string(),
  incarnation: z.string(),
  /** Folder of the export. */
  folder: z.string(),
  /** No more than so many are deleted: a source that was emptied meanwhile is no reason to delete the rest. */
  most: z.int().positive(),
});
type Plan = z.output<typeof planShape>;

/**
 * Deletes the rows of a table with pgvector whose document is gone from its source. First they are exported, with all
 * their columns, and read back; then the source is listed anew, and what is gone from it still, and is what was kept
 * of it, is deleted. Not reversible by itself: whoever reads the table meanwhile misses the rows. Undo writes them back
 * from the export.
 *
 * Never: copies within an index that is asked, of which nobody knows which one answers; where the source was not listed
 * to its end, or shows none of the keys; rows that others point to or that a trigger watches; a table without a primary
 * key; more than was told.
 */
export const pgvectorDeleteVectors: Action<PostgresActSession> = {
  id: ID,
  provider: 'postgres',
  resourceTypes: ['pgvector:vectors'],
  checks: ['stale-embeddings'],
  reversible: false,
  permissions: [],

  async read(target, session) {
    const { schema, index } = indexOf(target, session);
    const found = await inDatabase(session, (send) => readTable(send, schema, index));
    if (found === null) return null;
    const documents = session.documents(`${schema}.${index}`);
    const where = session.exports?.shownAs ?? null;
    const table = `${found.schema}.${found.table}`;
    return {
      resource: {
        provider: 'postgres',
        accountId: session.server,
        region: 'global',
        type: 'pgvector:vectors',
        id: target.resourceId,
        name: `${schema}.${index}`,
        state: 'there',
        created: null,
        tags: protectionsOf(found.comment),
        sku: null,
        accelerators: [],
        parent: { type: 'postgres:table', id: table },
        attributes: {
          ...found,
          indexName: index,
          indexSchema: schema,
          source: documents?.list === null ? null : (documents?.source ?? null),
          exports: where,
          // A plan is made once a reading; it must not take the export of an earlier plan for its own.
          nonce: randomUUID(),
        },
      },
      fingerprint: { launch: null, parent: `${table} as ${found.incarnation}` },
      done: false,
      protection: null,
      lost: [`Rows of ${table}: they stay in ${where ?? 'no export'} alone.`],
      staysBilled: ['The server, which costs the same with fewer rows', 'The export'],
      risks: ['Whatever else reads these rows misses them, until somebody writes them back from the export.'],
    };
  },

  plan({ evidence }, { resource: { attributes } }) {
    const described = tableShape.safeParse(attributes);
    const { source, exports, nonce, indexName, indexSchema } = attributes;
    if (!described.success) return { ok: false, reason: 'Postgres did not describe its table whole.' };
    const { schema, table, incarnation } = described.data;
    const why = stays(evidence, described.data);
    if (why !== null) return { ok: false, reason: why };
    if (typeof source !== 'string')
      return { ok: false, reason: 'The config names no source that lists its documents.' };
    if (typeof exports !== 'string')
      return {
        ok: false,
        reason:
          'The config names no folder to keep the rows in before they are deleted (act.exports of the store).',
      };
    const told = Number(evidence[GONE]);
    if (!Number.isSafeInteger(told) || told <= 0)
      return { ok: false, reason: `The evidence does not tell how many it is about (${GONE}).` };
    if (told > MOST)
      return { ok: false, reason: `These are ${told} rows: more than ${MOST} are not deleted by Bursar.` };
    const plan = planShape.safeParse({
      schema: indexSchema,
      index: indexName,
      table: `${schema}.${table}`,
      incarnation,
      folder: nonce,
      // What went between the look and the stop is of the same kind; a tenth more is not.
      most: told + Math.ceil(told / 10),
    });
    if (!plan.success) return { ok: false, reason: 'Postgres did not describe its table whole.' };
    return {
      ok: true,
      plan: plan.data,
      undoPlan: plan.data,
      // The first words are what every message has room for.
      summary: `Delete ${told} rows of ${plan.data.table} whose document is gone, once they are exported and the source is listed anew (${source}; kept in ${exports}).`,
    };
  },

  async apply(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const exports = exportsOf(session);
    const kept = await readManifest(exports, plan.folder);
    if (kept === null) await keep(plan, session, exports);
    else await deleteKept(plan, session, exports, kept);
  },

  async verify(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const exports = exportsOf(session);
    const where = `${exports.shownAs}/${plan.folder}`;
    const kept = await readManifest(exports, plan.folder);
    if (kept === null) return { state: 'pending', reason: `The rows of ${plan.table} are not exported yet.` };
    const ended = await readEnd(exports, plan);
    if (ended === null)
      return { state: 'pending', underWay: true, reason: `${kept.rows} rows are exported to ${where}.` };
    return ended.left === kept.rows
      ? {
          state: 'failed',
          reason: `None of the ${kept.rows} rows is gone from its source any more, or all were changed.`,
        }
      : {
          state: 'done',
          note: `${kept.rows - ended.left} rows of ${plan.table} are deleted${ended.left === 0 ? '' : `, ${ended.left} stayed, as their document is there again or they were changed`}; they are kept in ${where}.`,
        };
  },

  async undo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const exports = exportsOf(session);
    const kept = await readManifest(exports, plan.folder);
    if (kept === null) return;
    await inDatabase(session, async (send) => {
      const table = await sameTable(send, plan, session);
      for (const part of kept.parts) await insertRows(send, table, (await readPart(exports, part)).rows);
    });
  },

  async verifyUndo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const exports = exportsOf(session);
    const kept = await readManifest(exports, plan.folder);
    if (kept === null) return { state: 'done', note: 'Nothing was exported, and nothing deleted.' };
    return await inDatabase(session, async (send) => {
      const table = await sameTable(send, plan, session);
      let back = 0;
      for (const part of kept.parts)
        back += await countRows(send, table, (await readPart(exports, part)).keys);
      return back === kept.rows
        ? { state: 'done' as const, note: `All ${back} rows are in ${plan.table}.` }
        : { state: 'pending' as const, reason: `${back} of ${kept.rows} rows are in ${plan.table}.` };
    });
  },
};

/** Why nothing is deleted; null where nothing speaks against it. */
function stays(
  evidence: Target['evidence'],
  { bound, key, allowed, schema, table }: PostgresTable,
): string | null {
  const { kind } = evidence;
  if (kind === 'duplicate')
    return 'The index is asked, and which of the copies answers is not known: remove them where they are made.';
  if (kind !== 'orphaned')
    return `It is told as ${kind ?? 'nothing that is known here'}, for which nothing is deleted.`;
  if (bound !== null) return `Its rows stay: ${bound}.`;
  if (key === null)
    return `${schema}.${table} has no primary key, by which rows could be told from one another.`;
  return allowed ? null : `The login that acts needs SELECT, INSERT and DELETE on ${schema}.${table}.`;
}

/** The first step: what is gone now, kept whole before anything is deleted. */
async function keep(plan: Plan, session: PostgresActSession, exports: Exports): Promise<void> {
  const { documents, listed } = await listing(plan, session);
  await inDatabase(session, async (send) => {
    const table = await sameTable(send, plan, session);
    const { keys } = await gone(send, table, documents, listed, plan, session);
    const parts: Manifest['parts'] = [];
    const all = [...keys];
    for (let at = 0; at < all.length; at += PART) {
      const lines = await rowsOf(send, table, all.slice(at, at + PART));
      if (lines.rows.length > 0) parts.push(await keepPart(exports, plan.folder, parts.length + 1, lines));
    }
    await keepManifest(exports, plan.folder, {
      schemaVersion: 1,
      table: plan.table,
      key: table.key ?? [],
      source: listed.told.name,
      listedAt: listed.told.listedAt,
      rows: parts.reduce((sum, { count }) => sum + count, 0),
      parts,
    });
  });
}

/** The second: of what was kept, that which a new listing does not show, and which nobody has changed. */
async function deleteKept(
  plan: Plan,
  session: PostgresActSession,
  exports: Exports,
  kept: Manifest,
): Promise<void> {
  if ((await readEnd(exports, plan)) !== null) return;
  const { documents, listed } = await listing(plan, session);
  await inDatabase(session, async (send) => {
    const table = await sameTable(send, plan, session);
    const { keys } = await gone(send, table, documents, listed, plan, session);
    let left = 0;
    for (const part of kept.parts) {
      const lines = await readPart(exports, part);
      await deleteRows(
        send,
        table,
        lines.rows.filter((_, at) => keys.has(lines.keys[at] ?? '')),
      );
      left += await countRows(send, table, lines.keys);
    }
    await exports.put(
      `${plan.folder}/${END}`,
      Buffer.from(`${JSON.stringify({ schemaVersion: 1, left })}\n`),
    );
  });
}

const END = 'deleted.json';
const endShape = z.strictObject({ schemaVersion: z.literal(1), left: z.int().nonnegative() });

/** How many of the kept rows stayed; null until the deletion has come to its end. */
async function readEnd(exports: Exports, { folder }: Plan): Promise<z.output<typeof endShape> | null> {
  const stored = await exports.get(`${folder}/${END}`);
  return stored === null ? null : endShape.parse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
}

/** A listing of now, and whole. */
async function listing(
  plan: Plan,
  session: PostgresActSession,
): Promise<{ documents: Documents; listed: Listed }> {
  const documents = session.documents(`${plan.schema}.${plan.index}`);
  const listed = (await documents?.list?.()) ?? null;
  if (documents === null || listed === null)
    throw refused(session, 'the config names no source any more that lists its documents');
  if (!listed.told.complete)
    throw refused(
      session,
      `${listed.told.name} was not listed to its end (${listed.why ?? 'it is too large'})`,
    );
  return { documents, listed };
}

async function gone(
  send: Send,
  table: PostgresTable,
  documents: Documents,
  listed: Listed,
  plan: Plan,
  session: PostgresActSession,
): Promise<Awaited<ReturnType<typeof goneRows>>> {
  await send(`SELECT set_config('statement_timeout', '${ROWS_TIMEOUT}', false)`);
  const found = await goneRows(send, table, documents, listed);
  if (found.found === 0)
    throw refused(
      session,
      `none of the keys of ${plan.table} is in ${listed.told.name}: more likely it is the wrong one`,
    );
  if (found.keys.size > plan.most)
    throw refused(
      session,
      `${found.keys.size} rows of ${plan.table} have no document now, more than the ${plan.most} that this is about`,
    );
  return found;
}

async function sameTable(send: Send, plan: Plan, session: PostgresActSession): Promise<PostgresTable> {
  const table = await readTable(send, plan.schema, plan.index);
  if (table?.incarnation !== plan.incarnation)
    throw refused(session, `${plan.table} was made again, or its index is gone`);
  return table;
}

function exportsOf(session: PostgresActSession): Exports {
  if (session.exports !== null) return session.exports;
  throw new BursarError('config', 'the config names no folder of exports any more', {
    where: `estate.stores.${session.store}.act.exports`,
    hint: 'Name the one that the rows were kept in.',
  });
}

function refused(session: PostgresActSession, what: string): BursarError {
  return new BursarError('conflict', what, {
    where: `store:${session.store}`,
    hint: 'Nothing more is deleted; the next audit judges it anew.',
  });
}
