import type { Resource } from '../estate/model.ts';
import { textOf } from './attributes.ts';
import { byResource } from './gpu-readings.ts';
import { judgementOf, state } from './judgement.ts';
import type { Facts, Judgement } from './model.ts';
import { type QuietLimits, quietOf, quietScopes } from './quiet.ts';
import type { Scopes } from './scopes.ts';

const TELEMETRY = 'gcp.sqladmin.telemetry';
/** Datasets that it rests on: the databases, and their connections. */
export const CLOUD_SQL_DATASETS = ['gcp.sqladmin.instances', TELEMETRY] as const;

/**
 * What `idle-database` says of Cloud SQL. That none was open is told by a sample a minute, which a short connection
 * slips through; that none was made is counted. Only both together are IDLE.
 */
export function quietCloudSql(facts: Facts, limits: QuietLimits, scopes: Scopes, now: Date): Judgement[] {
  const telemetry = byResource(facts.telemetry);
  return facts.resources.flatMap((database) => {
    if (!isCandidate(database)) return [];
    const series = telemetry.get(database.id) ?? [];
    const open = quietOf(database, series, { connections: 1 }, TELEMETRY, limits, scopes, now);
    if (open?.quiet !== true) return [];
    const made = quietOf(database, series, { requests: 1 }, TELEMETRY, limits, scopes, now);
    // A connection that was made and closed between two samples is a client.
    if (made !== null && !made.quiet && !made.silent) return [];
    const alone = !replicates(database);
    const certain = alone && made?.quiet === true;
    return [
      judgementOf(facts, database, {
        check: 'idle-database',
        verdict: certain ? 'IDLE' : 'SUSPECTED',
        confidence: certain ? 'high' : 'low',
        saves: null,
        evidence: [
          state('engine', textOf(database, 'engine') ?? '', 'sql.instances.list'),
          ...open.evidence,
          ...(made?.evidence ?? []),
        ],
        blindSpots: [
          // Cloud SQL documentation, "Start, stop, and restart instances": storage and IP addresses go on billing.
          'Its storage and addresses stay billed while it is stopped, under the same id: how much a stop saves only later bills tell.',
          ...(alone ? [] : ['It replicates: it may be kept for the day that the other one fails.']),
          ...(made?.quiet === true
            ? []
            : ['Nothing counts the connections that were made: one shorter than a minute may not be seen.']),
        ],
        reason: `No client was connected to it for ${limits.window}.`,
        scopes: quietScopes(database, TELEMETRY),
      }),
    ];
  });
}

/** On, asked by connections alone, and one machine, not the nodes of a pool (sqladmin v1, instanceType). */
function isCandidate({ type, state: now, attributes }: Resource): boolean {
  return (
    type === 'gcp:sqladmin:instance' &&
    now === 'RUNNABLE' &&
    attributes['activationPolicy'] === 'ALWAYS' &&
    attributes['dataApi'] === false &&
    (attributes['instanceType'] === 'CLOUD_SQL_INSTANCE' ||
      attributes['instanceType'] === 'READ_REPLICA_INSTANCE')
  );
}

function replicates({ parent, attributes }: Resource): boolean {
  const { replicas, instanceType } = attributes;
  return (
    parent !== null ||
    instanceType !== 'CLOUD_SQL_INSTANCE' ||
    !Array.isArray(replicas) ||
    replicas.length > 0
  );
}
