/**
 * stale-embeddings: vector indexes that nobody queries. This version knows the kind `unqueried` of pgvector.
 *
 * What it means: UNUSED is said where two kept snapshots, at least the window apart, show the same count of
 * index scans, no snapshot between them shows a reset, the table was not scanned without its index either (a
 * nearest-neighbour query that uses no index shows only there), and no replica could have answered.
 * SUSPECTED is an index without a query that misses part of this proof.
 *
 * What it leaves out: indexes that were queried within the window; indexes that are not yet watched for the
 * window, unless their counters began before it and are still zero; other kinds (orphaned, duplicate, out of
 * date, superseded, churn) and other stores.
 *
 * What it cannot see: an index that was dropped and made again under its name; readers that share the storage
 * instead of streaming from this server; what the store costs (no bill names an index).
 */
import { z } from 'zod';
import type { VectorIndex } from '../estate/model.ts';
import { duration, durationMs } from './duration.ts';
import type { Check, Evidence, Facts, Judgement } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  window: duration.default('30d').describe('how long nobody may have queried an index'),
});
export type StaleEmbeddingsSettings = z.output<typeof settings>;

type Seen = VectorIndex & { readonly at: string };

export const staleEmbeddings: Check<StaleEmbeddingsSettings> = {
  id: 'stale-embeddings',
  title: 'Vector indexes that nobody queries',
  needs: ['vector-indexes'],
  datasets: ['pgvector.indexes'],
  verdicts: { UNUSED: { actionable: true }, SUSPECTED: { actionable: false } },
  judge(facts, { window }) {
    const scopes = new Scopes(facts.coverage);
    const history = new Map<string, Seen[]>();
    for (const seen of facts.vectorIndexes.history) {
      const list = history.get(seen.id);
      if (list === undefined) history.set(seen.id, [seen]);
      else list.push(seen);
    }
    return facts.vectorIndexes.current.flatMap((index) =>
      judgeIndex(facts, index, history.get(index.id) ?? [], durationMs(window), scopes),
    );
  },
  wouldChange(verdict, { window }) {
    const asked = `One query of the index within ${window}: no finding.`;
    return verdict === 'UNUSED'
      ? [
          asked,
          'A reset of the counters, a scan of the table without the index, or a replica that may answer: SUSPECTED.',
        ]
      : [
          asked,
          'The same counts in two looks that lie the window apart, with nothing that may hide a query: UNUSED.',
        ];
  },
};

function judgeIndex(
  facts: Facts,
  index: Seen,
  history: readonly Seen[],
  window: number,
  scopes: Scopes,
): Judgement[] {
  const now = Date.parse(index.at);
  const since = now - window;
  if (index.lastQuery !== null && Date.parse(index.lastQuery) > since) return [];
  const earlier = history
    .filter(({ at }) => Date.parse(at) < now)
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const start = earlier.findLastIndex(({ at }) => Date.parse(at) <= since);
  // Without a snapshot as old as the window, only counters that began before it and are zero say anything.
  const watched = start < 0 ? earlier : earlier.slice(start);
  const kept = [...watched, index];
  const first = kept[0] ?? index;
  const reset = kept.some((seen, at) => at > 0 && isReset(kept[at - 1] ?? seen, seen));
  // A store that counts no queries says nothing of their absence.
  if (kept.some(({ queries }) => queries === null) || index.queries === null || first.queries === null)
    return [];
  if (!reset && index.queries > first.queries) return [];
  const idleSinceStart =
    index.queries === 0 && index.statsSince !== null && Date.parse(index.statsSince) <= since;
  if (start < 0 && !idleSinceStart) return [];

  const scope = scopeOf(index, scopes);
  const scans =
    index.tableScans === null || first.tableScans === null ? null : index.tableScans - first.tableScans;
  const doubts = [
    ...(start < 0 ? ['no kept snapshot is as old as the window'] : []),
    ...(reset ? ['its counters were reset within the window'] : []),
    ...(kept.some(({ statsSince }) => statsSince === null)
      ? ['the server does not say since when it counts']
      : []),
    ...(scans === null ? ['scans of the table without the index are not counted'] : []),
    ...(scans !== null && scans > 0 ? ['the table was read without the index, perhaps by searches'] : []),
    ...(kept.some(({ replica }) => replica)
      ? ['this server is a replica: the primary counts its own queries']
      : []),
    ...(kept.some(({ replicas }) => replicas === null || replicas > 0)
      ? ['replicas may answer queries that this server does not count']
      : []),
    ...(scopes.complete(scope) ? [] : ['the store was not read whole']),
  ];
  // Counters that were reset after a query told nothing of the time before: nothing is known, nothing is said.
  if (reset && index.queries > 0) return [];
  return [judgement(facts, index, first, index.queries - first.queries, scans, doubts, scope)];
}

/** Did the counters begin anew between two snapshots? A count that fell, or a later beginning. */
function isReset(before: Seen, after: Seen): boolean {
  return (
    (after.queries ?? 0) < (before.queries ?? 0) ||
    after.statsSince !== before.statsSince ||
    (before.tableScans !== null && after.tableScans !== null && after.tableScans < before.tableScans)
  );
}

/** The scope under which coverage speaks of the store. */
function scopeOf(index: Seen, scopes: Scopes): string {
  const byHost = `postgres:${hostOf(index)}`;
  return scopes.has(byHost)
    ? byHost
    : scopes.has(`postgres:${index.store}`)
      ? `postgres:${index.store}`
      : `store:${index.store}`;
}

function judgement(
  facts: Facts,
  index: Seen,
  first: Seen,
  queries: number,
  scans: number | null,
  doubts: readonly string[],
  scope: string,
): Judgement {
  const host = hostOf(index);
  const window = `${first.at}/${index.at}`;
  return {
    check: staleEmbeddings.id,
    provider: 'postgres',
    accountId: host,
    region: 'global',
    resourceType: 'pgvector:index',
    resourceId: index.id,
    resourceName: index.index,
    owner: facts.ownerOf({ accountId: host, tags: null }),
    verdict: doubts.length === 0 ? 'UNUSED' : 'SUSPECTED',
    confidence: doubts.length === 0 ? 'high' : 'low',
    costBasis: 'unknown',
    monthlyCost: null,
    monthlySaving: null,
    evidence: [
      ...state('kind', 'unqueried', 'kind', 'stale-embeddings'),
      {
        name: 'queries',
        value: String(queries),
        unit: 'index scans',
        window,
        source: 'pg_stat_user_indexes.idx_scan of two snapshots',
      },
      ...(scans === null
        ? []
        : [
            {
              name: 'table scans without the index',
              value: String(scans),
              unit: 'sequential scans',
              window,
              source: 'pg_stat_user_tables.seq_scan of two snapshots',
            },
          ]),
      ...state('last query', index.lastQuery, 'time', 'pg_stat_user_indexes.last_idx_scan'),
      ...state('counters since', index.statsSince, 'time', 'statistics reset time of the server'),
      ...state('table', index.table, 'table', 'pg_class'),
      ...state('method', index.method, 'access method', 'pg_am'),
      ...state('vectors', index.vectors, "rows (the planner's estimate)", 'pg_class.reltuples'),
      ...state('dimension', index.dimension, 'components', 'pg_attribute.atttypmod'),
      ...state('size', index.bytes, 'bytes', 'pg_relation_size'),
    ],
    blindSpots: [
      'No bill names an index: what it costs is not known.',
      'Readers that share the storage instead of streaming from this server count for themselves.',
    ],
    reason:
      doubts.length === 0
        ? 'No query used this index between the two snapshots.'
        : `No query used this index as far as is known, but ${doubts.join('; ')}.`,
    scopes: [scope],
  };
}

function state(name: string, value: string | number | null, unit: string, source: string): Evidence[] {
  return value === null ? [] : [{ name, value: String(value), unit, window: '', source }];
}

/** `host:port` of a canonical id `postgres://host:port/database/schema.index`. */
function hostOf({ id }: Seen): string {
  return id.split('/')[2] ?? id;
}
