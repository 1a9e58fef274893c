import { durationMs } from '../duration.ts';
import type { Evidence, Verdict } from '../model.ts';
import { type Context, fact, scopeOf, type Told } from './context.ts';
import type { Watch } from './watch.ts';

/** Evidence of what the counter of queries stood at. */
export const COUNTED = 'counter of queries at this look';

/** What of a verdict hangs on queries alone; its cost is told once it is known which others nobody asks. */
export type Unasked = Omit<Told, 'cost'>;

/** Null where somebody asks it, or nothing can be said yet. */
export function unqueried({ settings, scopes }: Context, watch: Watch): Unasked | null {
  const { index, used } = watch;
  if (used) return null;
  const window = durationMs(settings.window);
  const since = Date.parse(index.at) - window;
  const found =
    watch.queries !== null
      ? byCounter(watch, since)
      : index.measured !== null
        ? byMetric(watch, since)
        : null;
  if (found === null) return null;
  const doubts = [
    ...found.doubts,
    ...index.gaps.flatMap(({ of, why }) => (of === 'queries' ? [clause(why)] : [])),
    ...(scopes.complete(scopeOf(index)) ? [] : ['the store was not read whole']),
  ];
  const verdict: Verdict = doubts.length === 0 ? 'UNUSED' : 'SUSPECTED';
  return {
    kind: 'unqueried',
    of: 'index',
    verdict,
    confidence: verdict === 'UNUSED' ? 'high' : 'low',
    evidence: [
      ...found.evidence,
      ...fact('last query', index.lastQuery, 'time', storeOf(watch, 'pg_stat_user_indexes.last_idx_scan')),
      ...fact(
        'counters since',
        index.statsSince,
        'time',
        storeOf(watch, 'statistics reset time of the server'),
      ),
    ],
    blindSpots: [
      ...(index.storeType === 'pgvector'
        ? ['Readers that share the storage instead of streaming from this server count for themselves.']
        : []),
      ...(watch.queries === null ? [] : ['A replica that came and went between two looks is not seen.']),
      // OpenSearch Service Developer Guide, "Backing up collections using snapshots" (read November 2026).
      ...(index.storeType === 'opensearch-serverless'
        ? [
            'Snapshots of a collection are restored into that collection alone: one that was deleted comes back from an export of its documents only, as another one.',
          ]
        : []),
    ],
    reason:
      verdict === 'UNUSED'
        ? watch.queries === null
          ? `No query was measured within ${settings.window}.`
          : 'No query used this index between the two snapshots.'
        : `No query used this index as far as is known, but ${doubts.join('; ')}.`,
  };
}

interface Found {
  readonly doubts: readonly string[];
  readonly evidence: readonly Evidence[];
}

function byCounter(watch: Watch, since: number): Found | null {
  const { index, counted, covered, queries, scans, reset } = watch;
  const first = counted[0] ?? index;
  const sinceStart =
    index.queries === 0 && index.statsSince !== null && Date.parse(index.statsSince) <= since;
  // Without a snapshot as old as the window, only counters that began before it and are zero say anything.
  if (!covered && !sinceStart) return null;
  const ofTable = index.storeType === 'pgvector';
  const window = `${first.at}/${index.at}`;
  return {
    doubts: [
      ...(covered ? [] : ['no kept snapshot is as old as the window']),
      ...(reset ? ['its counters were reset within the window'] : []),
      ...(counted.some(({ statsSince }) => statsSince === null)
        ? ['the server does not say since when it counts']
        : []),
      ...(ofTable && scans === null ? ['scans of the table without the index are not counted'] : []),
      ...(scans !== null && scans > 0
        ? [
            ofTable
              ? 'the table was read without the index, perhaps by searches'
              : 'it was read by requests that are no searches',
          ]
        : []),
      ...(counted.some(({ replica }) => replica)
        ? ['this server is a replica: the primary counts its own queries']
        : []),
      ...(counted.some(({ replicas }) => replicas === null || replicas > 0)
        ? ['replicas may answer queries that this server does not count']
        : []),
    ],
    evidence: [
      {
        name: 'queries',
        value: String(queries),
        unit: ofTable ? 'index scans' : 'queries',
        window,
        source: `${storeOf(watch, 'pg_stat_user_indexes.idx_scan')} of two snapshots`,
      },
      // What acts on it holds its own reading against this one.
      ...fact(
        COUNTED,
        index.queries,
        ofTable ? 'index scans' : 'queries',
        storeOf(watch, 'pg_stat_user_indexes.idx_scan'),
      ),
      ...(scans === null
        ? []
        : [
            {
              name: ofTable ? 'table scans without the index' : 'counted reads that are no searches',
              value: String(scans),
              unit: ofTable ? 'sequential scans' : 'requests',
              window,
              source: `${storeOf(watch, 'pg_stat_user_tables.seq_scan')} of two snapshots`,
            },
          ]),
    ],
  };
}

function byMetric({ index }: Watch, since: number): Found | null {
  const { measured } = index;
  if (measured === null || Date.parse(measured.start) > since) return null;
  // Younger than the window: nobody could have asked it for that long.
  if (index.created !== null && Date.parse(index.created) > since) return null;
  const { start, end, queries, received, expected, source } = measured;
  return {
    doubts:
      received < expected
        ? [`${expected - received} of ${expected} points of ${source} did not come, and silence is no zero`]
        : [],
    evidence: [
      {
        name: 'queries',
        value: String(queries),
        unit: `queries, ${received} of ${expected} points`,
        window: `${start}/${end}`,
        source,
      },
    ],
  };
}

function storeOf({ index }: Watch, ofPostgres: string): string {
  return index.storeType === 'pgvector' ? ofPostgres : `counter of ${index.storeType}`;
}

/** A sentence as a part of another. */
function clause(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
