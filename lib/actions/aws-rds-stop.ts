import {
  StartDBClusterCommand,
  StartDBInstanceCommand,
  StopDBClusterCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { z } from 'zod';
import { textOf } from '../checks/attributes.ts';
import { BursarError } from '../platform/errors.ts';
import { type Database, describeDatabase } from './aws-rds.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';
import type { Action } from './model.ts';
import { changes, reads } from './permission.ts';
import { localPart, planOf } from './target.ts';

const ID = 'aws.rds.stop';
const INSTANCES = 'arn:*:rds:*:*:db:*';
const CLUSTERS = 'arn:*:rds:*:*:cluster:*';
const planShape = z.strictObject({ kind: z.enum(['db', 'cluster']), name: z.string(), identity: z.string() });
type Plan = z.output<typeof planShape>;

/**
 * Stops a database instance of RDS or a cluster of Aurora with all its instances; undo starts it. Storage, endpoint and
 * settings stay. Deletion protection is none against a stop. Amazon starts it again after seven days: the audit sees
 * that, and judges it anew.
 *
 * Never: what RDS does not stop (replicas and what has one, SQL Server in several zones, RDS Custom, an instance of a
 * cluster, clusters that are not Aurora's, serverless of the first version, global databases); one that is not
 * available. It cannot tell: a blue/green deployment, of which RDS refuses the stop; a start by others between the
 * warning and the stop, since RDS tells of no launch: only connections do, which are looked at again just before.
 */
export const rdsStop: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:rds:db', 'aws:rds:cluster'],
  checks: ['idle-database'],
  reversible: true,
  permissions: [
    reads('rds:DescribeDBInstances', 'reads a database just before it is stopped', {
      resources: INSTANCES,
      byTag: true,
    }),
    reads('rds:DescribeDBClusters', 'reads a cluster just before it is stopped', {
      resources: CLUSTERS,
      byTag: true,
    }),
    changes('rds:StopDBInstance', INSTANCES, 'stops a database that nobody connects to'),
    changes('rds:StopDBCluster', CLUSTERS, 'stops a cluster that nobody connects to'),
    changes('rds:StartDBInstance', INSTANCES, 'starts again what was stopped'),
    changes('rds:StartDBCluster', CLUSTERS, 'starts again what was stopped'),
  ],

  async read(target, session) {
    const part = localPart(target, session, 'rds');
    const [, kind, name] = /^(db|cluster):([^:]+)$/.exec(part) ?? [];
    if ((kind !== 'db' && kind !== 'cluster') || name === undefined)
      throw new BursarError('input', `${target.resourceId} is no database of rds`, {
        hint: 'Findings name AWS resources by their ARN.',
      });
    const database = await describeDatabase(session, kind, name);
    if (database === null) return null;
    const { identity, state, created, tags, sku, unstoppable, lost, staysBilled } = database;
    return {
      resource: {
        provider: 'aws',
        accountId: session.accountId,
        region: session.region,
        type: kind === 'db' ? 'aws:rds:db' : 'aws:rds:cluster',
        id: target.resourceId,
        name,
        state,
        created,
        tags,
        sku,
        accelerators: [],
        parent: null,
        attributes: { kind, identity, unstoppable },
      },
      fingerprint: { launch: created, parent: null },
      done: state === 'stopped',
      protection: null,
      lost,
      staysBilled,
      // RDS User Guide, "Stopping an Amazon RDS DB instance temporarily"; Aurora User Guide, "Stopping and starting an
      // Amazon Aurora DB cluster" (read November 2026).
      risks: [
        'Amazon starts it again by itself after seven days.',
        'A start takes minutes to hours, and may fail while its class is scarce.',
      ],
    };
  },

  plan(_target, { resource, done }) {
    const { state, attributes, name, sku } = resource;
    if (done) return { ok: false, reason: 'It is stopped already.' };
    if (state !== 'available')
      return { ok: false, reason: `It is ${state}: only an available database is stopped.` };
    const unstoppable = textOf(resource, 'unstoppable');
    if (unstoppable !== null) return { ok: false, reason: `It ${unstoppable}: RDS does not stop that.` };
    const read = planShape.safeParse({ kind: attributes['kind'], name, identity: attributes['identity'] });
    if (!read.success) return { ok: false, reason: 'RDS did not describe it whole.' };
    const plan = read.data;
    const what = plan.kind === 'db' ? 'database' : 'cluster';
    return {
      ok: true,
      plan,
      undoPlan: plan,
      summary: `Stop the ${what} ${plan.name} (${sku ?? 'instance'}); undo starts it again, and so does Amazon after seven days.`,
    };
  },

  async apply(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const { state, unstoppable } = await mustExist(session, plan);
    if (state === 'stopped' || state === 'stopping') return;
    if (state === 'starting') throw startedAgain(session, plan);
    if (state !== 'available') throw busy(session, plan, state);
    if (unstoppable !== null)
      throw new BursarError('conflict', `${plan.name} ${unstoppable}: RDS does not stop that`, {
        where: placeName(session),
        hint: 'It has changed since it was judged; nothing was done.',
      });
    const { kind, name } = plan;
    if (kind === 'db')
      await act(session, 'rds:StopDBInstance', () =>
        session.rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: name })),
      );
    else
      await act(session, 'rds:StopDBCluster', () =>
        session.rds.send(new StopDBClusterCommand({ DBClusterIdentifier: name })),
      );
  },

  async verify(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const database = await same(session, plan);
    if (database === null) return { state: 'failed', reason: `${plan.name} was deleted meanwhile.` };
    const { state } = database;
    if (state === 'stopped') return { state: 'done' };
    return state === 'starting'
      ? { state: 'failed', reason: `${plan.name} was started again by someone else.` }
      : { state: 'pending', reason: `${plan.name} is ${state}.` };
  },

  async undo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const { state } = await mustExist(session, plan);
    if (state === 'available' || state === 'starting') return;
    if (state !== 'stopped') throw busy(session, plan, state);
    const { kind, name } = plan;
    if (kind === 'db')
      await act(session, 'rds:StartDBInstance', () =>
        session.rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: name })),
      );
    else
      await act(session, 'rds:StartDBCluster', () =>
        session.rds.send(new StartDBClusterCommand({ DBClusterIdentifier: name })),
      );
  },

  async verifyUndo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const database = await same(session, plan);
    if (database === null)
      return { state: 'failed', reason: `${plan.name} was deleted: it cannot come back.` };
    const { state } = database;
    if (state === 'available') return { state: 'done' };
    return BROKEN.test(state)
      ? { state: 'failed', reason: `${plan.name} did not start: it is ${state}.` }
      : { state: 'pending', reason: `${plan.name} is ${state}.` };
  },
};

/** States that waiting does not end (RDS User Guide, "Viewing Amazon RDS DB instance status"; read November 2026). */
const BROKEN = /^(failed|incompatible-|inaccessible-|insufficient-capacity|restore-error|storage-full)/;

/** A name can be used again for another database: it must be the one that was judged. */
async function same(session: AwsActSession, plan: Plan): Promise<Database | null> {
  const database = await describeDatabase(session, plan.kind, plan.name);
  return database?.identity === plan.identity ? database : null;
}

async function mustExist(session: AwsActSession, plan: Plan): Promise<Database> {
  const database = await same(session, plan);
  if (database !== null) return database;
  throw new BursarError('conflict', `the database ${plan.name} is gone`, {
    where: placeName(session),
    hint: 'It was deleted by someone else: there is nothing to stop or to start.',
  });
}

function startedAgain(session: AwsActSession, { name }: Plan): BursarError {
  return new BursarError('conflict', `the database ${name} is being started by someone else`, {
    where: placeName(session),
    hint: 'Nothing was done; the next audit judges it anew.',
  });
}

function busy(session: AwsActSession, { name }: Plan, state: string): BursarError {
  return new BursarError('unavailable', `the database ${name} is ${state}`, {
    where: placeName(session),
    hint: 'It is tried again when it has come to rest.',
  });
}
