import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { type PrometheusSample, prometheusSamples, summed } from '../prometheus.ts';
import type { MilvusSession } from './calls.ts';

/** What all proxies counted of one collection since they started. */
export interface Counted {
  /** Vectors that were searched for with success. */
  readonly searches: number | null;
  /** Vectors that were inserted or upserted with success. */
  readonly writes: number | null;
}

export interface Counters {
  /** When the last of the proxies started, ISO-8601 UTC; null where one does not say. */
  readonly since: string | null;
  /** @param names the collection and its aliases: searches count by the name that they were made under */
  readonly of: (database: string, names: readonly string[]) => Counted;
}

const SEARCHES = 'milvus_proxy_search_vectors_count';
const WRITES = new Set(['milvus_proxy_insert_vectors_count', 'milvus_proxy_upsert_vectors_count']);
/** Of the process, as every client of Prometheus in Go tells it. */
const STARTED = 'process_start_time_seconds';

/** Stands for all collections where `common.metrics.collectionLevelMode` is `aggregate`. */
const ALL = 'all';

/**
 * The counters of all proxies, which begin anew with each start (Milvus, pkg/metrics/proxy_metrics.go). A proxy counts
 * what it was asked itself. Reading keys for a sample is a query and no search, and is not counted here.
 * @returns why there are none, where no address of metrics is configured or they do not tell collections apart
 */
export async function countersOf(
  { store, proxies }: MilvusSession,
  meter: Meter,
): Promise<Counters | { readonly why: string }> {
  if (proxies.length === 0)
    return { why: 'Milvus tells searches in its metrics alone, whose address the config does not name.' };
  const where = `store:${store}`;
  const pages: PrometheusSample[][] = [];
  for (const { host, http } of proxies) {
    const text = await http.text('milvus.metrics', '/metrics', {}, meter);
    const samples = prometheusSamples(
      text,
      (name) => name.startsWith('milvus_proxy_') || name === STARTED,
      where,
    );
    if (!samples.some(({ name }) => name !== STARTED))
      throw new BursarError('unavailable', `the metrics at ${host} are none of a proxy of Milvus`, {
        where,
        hint: 'Name the metrics (port 9091) of every proxy, or of the one server of a standalone Milvus.',
      });
    pages.push(samples);
  }
  const nodes = pages.map((page) => new Set(page.flatMap(({ labels }) => labels.get('node_id') ?? [])));
  if (nodes.some((of, at) => nodes.slice(0, at).some((before) => [...of].some((node) => before.has(node)))))
    throw new BursarError('config', 'two of the addresses of its metrics are of one proxy', {
      where,
      hint: 'Name each proxy once: its counters would be added twice.',
    });
  const samples = pages.flat();
  const counts = samples.filter(({ name }) => name === SEARCHES || WRITES.has(name));
  if (counts.some(({ labels }) => (labels.get('collection_name') ?? ALL) === ALL))
    return {
      why: 'Its metrics count the searches of all collections together (common.metrics.collectionLevelMode is not full).',
    };
  const starts = pages.map((page) => page.find(({ name }) => name === STARTED)?.value ?? Number.NaN);
  const since = Math.max(...starts) * 1000;
  const byCollection = Map.groupBy(counts, ({ labels }) =>
    keyOf(labels.get('db_name'), labels.get('collection_name')),
  );
  return {
    since: Number.isFinite(since) ? new Date(since).toISOString() : null,
    of: (database, names) => {
      const of = names.flatMap((name) => [
        ...(byCollection.get(keyOf(database, name)) ?? []),
        // Versions without databases in their metrics count by name alone.
        ...(byCollection.get(keyOf(undefined, name)) ?? []),
      ]);
      return {
        searches: summed(of.filter(({ name }) => name === SEARCHES)),
        writes: summed(of.filter(({ name }) => WRITES.has(name))),
      };
    },
  };
}

function keyOf(database: string | undefined, collection: string | undefined): string {
  return JSON.stringify([database ?? null, collection ?? null]);
}
