import { z } from 'zod';
import { HOLDS_THE_SAME } from '../checks/stale/copies.ts';
import { COUNTED } from '../checks/stale/unqueried.ts';
import { BursarError } from '../platform/errors.ts';
import type { Action, Target } from './model.ts';
import {
  commentSql,
  createSql,
  dropSql,
  indexShape,
  type PostgresIndex,
  protectionsOf,
  readIndex,
  statisticsSql,
} from './postgres-index.ts';
import { inDatabase, indexOf, type PostgresActSession, type Send, sendLong } from './postgres-session.ts';
import { planOf } from './target.ts';

const ID = 'postgres.pgvector.drop-index';

/** `scans` and `statsSince`: what its counters said at the last audit and when the plan was made; one more query and it stays. */
const planShape = z.strictObject({
  schema: z.string(),
  index: z.string(),
  table: z.string(),
  incarnation: z.string(),
  scans: z.string(),
  statsSince: z.string().nullable(),
  definition: z.string().startsWith('CREATE INDEX '),
  comment: z.string().nullable(),
  tablespace: z.string().nullable(),
  statistics: z.array(z.strictObject({ column: z.int(), target: z.int() })),
});
type Plan = z.output<typeof planShape>;

/** How long a transaction of others may hold the table: the drop would wait for it with an index that is out of use. */
const HELD = 60;

/**
 * Drops an index of pgvector without keeping anybody from its table, and keeps its definition; undo builds it anew.
 * The vectors stay in the table, so that nothing is lost but the time of building.
 *
 * Never: an index that was asked since the last audit, or whose counters began anew; on a replica, or a server that
 * has one; one that a constraint, a partitioned table or an extension rests on; a copy that somebody asks; one that a
 * login does not own.
 */
export const pgvectorDropIndex: Action<PostgresActSession> = {
  id: ID,
  provider: 'postgres',
  resourceTypes: ['pgvector:index'],
  checks: ['stale-embeddings'],
  reversible: true,
  // A login of the database, not a right of a cloud: that of the role which owns the table.
  permissions: [],

  async read(target, session) {
    const { schema, index } = indexOf(target, session);
    const found = await inDatabase(session, (send) => readIndex(send, schema, index));
    if (found === null) return null;
    const { comment, table, method, bytes, rows, incarnation } = found;
    return {
      resource: {
        provider: 'postgres',
        accountId: session.server,
        region: 'global',
        type: 'pgvector:index',
        id: target.resourceId,
        name: `${schema}.${index}`,
        state: found.valid ? 'valid' : 'invalid',
        created: null,
        tags: protectionsOf(comment),
        sku: method,
        accelerators: [],
        parent: { type: 'postgres:table', id: table },
        attributes: { schema, index, ...found },
      },
      fingerprint: { launch: null, parent: `${table} as ${incarnation}` },
      done: false,
      protection: null,
      lost: ['Its counters: what comes back begins anew.'],
      staysBilled: ['The server, which costs the same without it', `The vectors, which stay in ${table}`],
      risks: [
        `Searches that need it read all of ${table} until it is built again.`,
        // README of pgvector, "Index Build Time" (of HNSW and of IVFFlat).
        `Undo builds it out of ${rows === '0' ? 'all' : `about ${rows}`} rows on the server (${size(bytes)}): minutes for some thousands, hours for many millions, longer where maintenance_work_mem is too small for it. It costs no money of its own, but processor time of the server.`,
      ],
    };
  },

  plan({ evidence }, { resource: { attributes, name } }) {
    const found = indexShape.safeParse(attributes);
    const plan = z.object(planShape.shape).safeParse(attributes);
    if (!found.success || !plan.success)
      return { ok: false, reason: 'Postgres did not describe it whole: it could not be brought back.' };
    const why = stays(evidence, found.data);
    if (why !== null) return { ok: false, reason: why };
    const { method, bytes, table } = found.data;
    return {
      ok: true,
      plan: plan.data,
      undoPlan: plan.data,
      // The first words are what every message has room for.
      summary: `Drop the index ${name ?? ''} (${method}, ${size(bytes)}); its vectors stay in ${table}, and undo builds it anew by its definition.`,
    };
  },

  async apply(stored, given) {
    const plan = planOf(planShape, stored, ID);
    await inDatabase(given, async (send) => {
      const found = await readIndex(send, plan.schema, plan.index);
      if (found === null || found.dropping) return;
      const why = changed(plan, found);
      if (why !== null)
        throw new BursarError('conflict', `${named(plan)} ${why}`, {
          where: `store:${given.store}`,
          hint: 'Nothing was done; the next audit judges it anew.',
        });
      if (found.valid && found.heldFor > HELD)
        throw new BursarError('unavailable', `a transaction has held ${plan.table} for ${found.heldFor} s`, {
          where: `store:${given.store}`,
          hint: 'It is dropped once that has ended.',
        });
      await sendLong(send, dropSql(plan.schema, plan.index), given.patience);
    });
  },

  async verify(stored, given) {
    const plan = planOf(planShape, stored, ID);
    const found = await inDatabase(given, (send) => readIndex(send, plan.schema, plan.index));
    if (found === null) return { state: 'done', note: `${named(plan)} was: ${plan.definition}` };
    if (found.incarnation !== plan.incarnation)
      return { state: 'failed', reason: `Another index is called ${named(plan)} now.` };
    return found.valid
      ? { state: 'pending', reason: `${named(plan)} is still there.` }
      : {
          state: 'pending',
          underWay: true,
          reason: `${named(plan)} is out of use, and goes once the transactions that may use it have ended.`,
        };
  },

  async undo(stored, given) {
    const plan = planOf(planShape, stored, ID);
    await inDatabase(given, async (send) => {
      const found = await readIndex(send, plan.schema, plan.index);
      if (found !== null) {
        if (found.valid || found.building !== null || found.dropping) return;
        if (found.definition !== plan.definition)
          throw new BursarError('conflict', `another index is called ${named(plan)}, and is not whole`, {
            where: `store:${given.store}`,
            hint: 'Rename or drop it; then ask for it again.',
          });
        // What a drop or a building left behind that was broken off.
        if (!(await sendLong(send, dropSql(plan.schema, plan.index), given.patience))) return;
      }
      await send(`SELECT set_config('default_tablespace', $1, false)`, [plan.tablespace ?? '']);
      await sendLong(send, createSql(plan.definition), given.patience);
    });
  },

  async verifyUndo(stored, given) {
    const plan = planOf(planShape, stored, ID);
    return await inDatabase(given, async (send) => {
      const found = await readIndex(send, plan.schema, plan.index);
      if (found === null) return { state: 'pending', reason: `${named(plan)} is not built yet.` };
      if (!found.valid)
        return found.building === null
          ? { state: 'pending', reason: `${named(plan)} is there, and not to be used yet.` }
          : { state: 'pending', underWay: true, reason: `${named(plan)} is being built: ${found.building}.` };
      if (found.definition !== plan.definition)
        return { state: 'failed', reason: `Another index is called ${named(plan)} now: ${found.definition}` };
      await dress(send, plan, found);
      return found.incarnation === plan.incarnation
        ? { state: 'done' }
        : { state: 'done', note: `${named(plan)} is built again; its counters begin anew.` };
    });
  },
};

/** Why it is not dropped; null where nothing speaks against it. */
function stays(evidence: Target['evidence'], found: PostgresIndex): string | null {
  const { kind } = evidence;
  if (kind !== 'unqueried' && kind !== 'duplicate')
    return `It is told as ${kind ?? 'nothing that is known here'}: only what nobody asks is dropped.`;
  if (kind === 'duplicate' && evidence['its queries'] !== '0')
    return `It is asked (${evidence['its queries'] ?? 'nobody knows how often'}): whoever asks it must ask ${evidence[HOLDS_THE_SAME] ?? 'the other'} first.`;
  if (kind === 'unqueried' && evidence[COUNTED] !== found.scans)
    return `It was asked since the last audit, or its counters began anew: they stood at ${evidence[COUNTED] ?? 'what is not known'}, and stand at ${found.scans}.`;
  if (found.replica)
    return 'This server is a replica: an index is dropped where it was made, on the primary.';
  if (found.replicas > 0)
    return `${found.replicas} replicas stream from this server: each counts its own queries, which are not known here.`;
  if (found.bound !== null) return `It stays: ${found.bound}.`;
  if (!found.owned)
    return `The login that acts may not drop it: grant it the role ${found.owner}, which owns ${found.table}.`;
  if (!found.valid) return 'It is not whole: it is being built or dropped, or that was broken off.';
  return null;
}

/** What has come in between since the plan was made, in words; null where nothing has. */
function changed(plan: Plan, found: PostgresIndex): string | null {
  if (found.incarnation !== plan.incarnation) return 'was made again';
  // Out of use since the drop began: no counter moves any more.
  if (!found.valid) return null;
  if (found.definition !== plan.definition || found.comment !== plan.comment) return 'was changed';
  if (found.scans !== plan.scans || found.statsSince !== plan.statsSince) return 'was asked a moment ago';
  if (found.replica || found.replicas > 0) return 'has a replica now, which counts its own queries';
  return found.bound;
}

/** What of it is no part of its definition. */
async function dress(
  send: Send,
  { schema, index, comment, statistics }: Plan,
  found: PostgresIndex,
): Promise<void> {
  if (comment !== found.comment) await send(commentSql(schema, index, comment));
  for (const { column, target } of statistics)
    if (!found.statistics.some((each) => each.column === column && each.target === target))
      await send(statisticsSql(schema, index, column, target));
}

function named({ schema, index }: Plan): string {
  return `${schema}.${index}`;
}

function size(bytes: string): string {
  const mib = Number(bytes) / 2 ** 20;
  return mib < 1024 ? `${mib.toFixed(1)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}
