import { type RawSeries, toTelemetry } from '../aws/series.ts';
import type { Dataset, Resource } from '../model.ts';
import { gcpCloudSql } from './cloud-sql.ts';
import { AT_ONCE, lastPeriods, type SeriesQuery, TIME_SERIES, timeSeries } from './monitoring.ts';
import { toldFault, whole } from './read.ts';
import type { GcpSession } from './session.ts';

/**
 * What tells of connections, by engine (Google Cloud documentation, "Cloud SQL metrics", read November 2026): how many
 * are open, a sample a minute (`database/network/connections` is "only applicable to MySQL and SQL Server"), and how
 * many were made since the last sample, which sees those that were shorter than a minute, too.
 */
const POSTGRES = {
  open: 'cloudsql.googleapis.com/database/postgresql/num_backends',
  made: 'cloudsql.googleapis.com/database/postgresql/new_connection_count',
} as const;
const OTHERS = {
  open: 'cloudsql.googleapis.com/database/network/connections',
  made: 'cloudsql.googleapis.com/database/network/connection_attempt_count',
} as const;

/**
 * Connections of running Cloud SQL databases over the last two weeks, a quarter of a day a point: the most that were
 * open at once, and how many were made.
 *
 * It does not see: which connections are Google's own. It counts them with all others, so that a database looks busier
 * than it is and never less busy. A metric without a point proves nothing.
 */
export const gcpSqlTelemetry: Dataset<GcpSession> = sqlTelemetryOf(null);

/** @param only ids of the databases to ask for; null: all */
export function sqlTelemetryOf(only: ReadonlySet<string> | null): Dataset<GcpSession> {
  return {
    id: 'gcp.sqladmin.telemetry',
    needs: [gcpCloudSql.id],
    permissions: [TIME_SERIES],
    async collect(scope, session, now, earlier, meter) {
      const databases = earlier.resources.filter(
        ({ id, type, state, attributes }) =>
          type === 'gcp:sqladmin:instance' &&
          state === 'RUNNABLE' &&
          attributes['activationPolicy'] === 'ALWAYS' &&
          only?.has(id) !== false,
      );
      const window = lastPeriods(now);
      const raw: RawSeries[] = [];
      const missing: string[] = [];
      for (const [metrics, some] of Map.groupBy(databases, metricsOf))
        for (let from = 0; from < some.length; from += AT_ONCE) {
          const batch = some.slice(from, from + AT_ONCE);
          // The label is the id of the project and the name of the database, joined by a colon (monitored resource
          // types, cloudsql_database).
          const byLabel = new Map(batch.map((one) => [`${session.projectId}:${one.name ?? ''}`, one]));
          const ask = (metric: string, aligner: SeriesQuery['aligner']) =>
            timeSeries(
              session,
              meter,
              {
                metric,
                resource: 'cloudsql_database',
                label: 'database_id',
                names: [...byLabel.keys()],
                aligner,
              },
              window,
            );
          try {
            const open = await ask(metrics.open, 'ALIGN_MAX');
            const counted = await ask(metrics.open, 'ALIGN_COUNT');
            const made = await ask(metrics.made, 'ALIGN_SUM');
            raw.push(
              ...seriesOf(open, byLabel, 'connections', 'maximum', metrics.open),
              ...seriesOf(counted, byLabel, 'connections', 'sample-count', metrics.open),
              ...seriesOf(made, byLabel, 'requests', 'sum', metrics.made),
            );
          } catch (error) {
            // A database of which one metric is missing would look less busy than it is: none of them is told at all.
            missing.push(toldFault(`${batch.length} of ${databases.length} databases are left out`, error));
          }
        }
      const created = new Map(databases.map((one) => [one.id, one.created]));
      return whole({ telemetry: toTelemetry(raw, window, created) }, missing, 'connections', scope);
    },
  };
}

/** Which metrics tell of a database, by its engine (sqladmin v1, databaseVersion: `POSTGRES_16`). */
function metricsOf({ attributes: { engine } }: Resource): typeof POSTGRES | typeof OTHERS {
  return typeof engine === 'string' && engine.startsWith('POSTGRES_') ? POSTGRES : OTHERS;
}

function seriesOf(
  found: Awaited<ReturnType<typeof timeSeries>>,
  byLabel: ReadonlyMap<string, Resource>,
  metric: RawSeries['metric'],
  statistic: RawSeries['statistic'],
  of: string,
): RawSeries[] {
  const source = `Cloud SQL ${of.slice(of.indexOf('/') + 1)}`;
  return found.flatMap(({ resource, points }) => {
    const resourceId = byLabel.get(resource['database_id'] ?? '')?.id;
    return resourceId === undefined
      ? []
      : [
          {
            resourceId,
            metric,
            statistic,
            unit: 'count',
            // One series for each of its databases, kind of login and so on: together they are the whole.
            device: null,
            source,
            points: [...points].map(([at, value]) => ({ at, value })),
          },
        ];
  });
}
