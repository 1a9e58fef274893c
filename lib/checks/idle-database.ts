/**
 * idle-database: databases of RDS, Aurora and Cloud SQL that no client was connected to.
 *
 * What it means: IDLE is said of a database instance that stands alone, and of a cluster all of whose instances are
 * available, where over two weeks no client connection was open, by a metric that came whole. SUSPECTED is the same of
 * one that replicates from another or to another: it may be there for the day that the other fails. A database of
 * Cloud SQL is IDLE where none was open and none was made, by two metrics that came whole, and SUSPECTED where only the
 * first came.
 *
 * What it leaves out: databases that are not available; younger than the window; of which samples are missing;
 * clusters without instances (serverless of the first version), with the Data API on, whose calls are no
 * connections, or of a global database; clusters of which every instance is serverless and pauses by itself when nobody
 * is connected (Aurora Serverless v2 with a minimum of 0 capacity units): at rest they cost their storage alone, which a
 * stop does not end, and a paused one wakes when somebody connects where a stopped one does not; a region or telemetry that was not read whole; read pools of Cloud SQL, and
 * databases that are off or may be asked over its Data API.
 *
 * What it cannot see: a connection shorter than the minute between two samples (RDS); connections of Google's own
 * agents, which count as any other, so that such a database is never found; what keeps a serverless cluster from pausing
 * though nobody is connected; what a stop saves, since instance, storage
 * and backups are billed under one id and only the first of them ends.
 */
import { z } from 'zod';
import type { Resource, Telemetry } from '../estate/model.ts';
import { textOf } from './attributes.ts';
import { byResource } from './gpu-readings.ts';
import { judgementOf, state } from './judgement.ts';
import type { Check, Facts, Judgement } from './model.ts';
import { type Quiet, quietOf, quietScopes, quietSettings } from './quiet.ts';
import { CLOUD_SQL_DATASETS, quietCloudSql } from './quiet-cloud-sql.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject(quietSettings);
export type IdleDatabaseSettings = z.output<typeof settings>;

const TELEMETRY = 'aws.rds.telemetry';

export const idleDatabase: Check<IdleDatabaseSettings> = {
  id: 'idle-database',
  title: 'Databases that nobody connects to',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: ['aws.rds.instances', 'aws.rds.clusters', TELEMETRY, ...CLOUD_SQL_DATASETS],
  verdicts: { IDLE: { actionable: true }, SUSPECTED: { actionable: false } },
  judge(facts, limits, now) {
    const scopes = new Scopes(facts.coverage);
    const telemetry = byResource(facts.telemetry);
    const members = membersOf(facts.resources);
    const look = (instance: Resource): Quiet | null =>
      instance.state === 'available'
        ? quietOf(instance, seriesOf(telemetry, instance), { connections: 1 }, TELEMETRY, limits, scopes, now)
        : null;
    const atAmazon = facts.resources.flatMap((database) => {
      if (database.state !== 'available') return [];
      if (database.type === 'aws:rds:db' && database.parent === null) {
        const seen = look(database);
        return seen?.quiet === true ? [finding(facts, database, [{ instance: database, seen }], limits)] : [];
      }
      if (database.type !== 'aws:rds:cluster' || !isPlain(database)) return [];
      const named = database.attributes['members'];
      const instances = members.get(database.id) ?? [];
      // All that the cluster names must have been found: the one that is missing may be the busy one.
      if (!Array.isArray(named) || named.length === 0 || instances.length !== named.length) return [];
      const all = instances.map((instance) => ({ instance, seen: look(instance) }));
      const quiet = all.flatMap(({ instance, seen }) => (seen?.quiet === true ? [{ instance, seen }] : []));
      if (pausesByItself(database, instances)) return [];
      const whole = scopes.complete(quietScopes(database, TELEMETRY)[0] ?? '');
      return whole && quiet.length === all.length ? [finding(facts, database, quiet, limits)] : [];
    });
    return [...atAmazon, ...quietCloudSql(facts, limits, scopes, now)];
  },
  wouldChange: (verdict, { window, sampleShare }) => [
    `One client connection within ${window}: no finding.`,
    `Less than ${sampleShare}% of the expected samples: no finding, since silence is no zero.`,
    ...(verdict === 'SUSPECTED'
      ? [
          'No replication from or to it, and no connection made by a metric that came whole (Cloud SQL): IDLE.',
        ]
      : []),
  ],
};

/** Instances by the cluster that they belong to. */
function membersOf(resources: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> {
  return Map.groupBy(
    resources.filter(({ type, parent }) => type === 'aws:rds:db' && parent !== null),
    ({ parent }) => parent?.id ?? '',
  );
}

function seriesOf(telemetry: ReturnType<typeof byResource>, { id }: Resource): readonly Telemetry[] {
  return telemetry.get(id) ?? [];
}

function isPlain({ attributes }: Resource): boolean {
  return attributes['httpEndpoint'] !== true && (attributes['globalCluster'] ?? null) === null;
}

/** Aurora User Guide, "Scaling to Zero ACUs with automatic pause and resume for Aurora Serverless v2" (read November 2026). */
function pausesByItself({ attributes }: Resource, instances: readonly Resource[]): boolean {
  return attributes['minCapacity'] === 0 && instances.every(({ sku }) => sku === 'db.serverless');
}

function replicates({ attributes }: Resource): boolean {
  const { replicaOf, replicas } = attributes;
  return (replicaOf ?? null) !== null || (Array.isArray(replicas) && replicas.length > 0);
}

/** What goes on, and what comes back (RDS User Guide, "Stopping an Amazon RDS DB instance temporarily"; read November 2026). */
const STOPPED = [
  'Storage and backups stay billed while it is stopped, under the same id: how much a stop saves only later bills tell.',
  'Amazon starts a stopped database again by itself after seven days.',
];

function finding(
  facts: Facts,
  database: Resource,
  looks: readonly { readonly instance: Resource; readonly seen: Quiet }[],
  { window }: IdleDatabaseSettings,
): Judgement {
  const standby = replicates(database);
  return judgementOf(facts, database, {
    check: 'idle-database',
    verdict: standby ? 'SUSPECTED' : 'IDLE',
    confidence: standby ? 'low' : 'high',
    saves: null,
    evidence: [
      state(
        'engine',
        `${textOf(database, 'engine') ?? ''} ${textOf(database, 'engineVersion') ?? ''}`,
        SOURCE[database.type] ?? '',
      ),
      ...looks.flatMap(({ instance, seen }) =>
        seen.evidence.map((line) =>
          instance === database ? line : { ...line, name: `${line.name}, ${instance.name ?? instance.id}` },
        ),
      ),
    ],
    blindSpots: [
      ...STOPPED,
      ...(standby ? ['It replicates: it may be kept for the day that the other one fails.'] : []),
    ],
    reason: `No client was connected to it for ${window}.`,
    scopes: [
      ...new Set(
        [database, ...looks.map(({ instance }) => instance)].flatMap((one) => quietScopes(one, TELEMETRY)),
      ),
    ],
  });
}

const SOURCE: Readonly<Record<string, string>> = {
  'aws:rds:db': 'rds:DescribeDBInstances',
  'aws:rds:cluster': 'rds:DescribeDBClusters',
};
