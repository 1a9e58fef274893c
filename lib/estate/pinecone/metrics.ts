import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { type PrometheusSample, prometheusSamples, summed } from '../prometheus.ts';
import { askPinecone, type PineconeSession } from './session.ts';

/** What Pinecone's metrics tell of one index. */
export interface IndexMetrics {
  readonly queries: number | null;
  /** Requests that read records by their ids or list those. */
  readonly reads: number | null;
  readonly writes: number | null;
  readonly bytes: number | null;
  /** Mean milliseconds of a query, since the counters began. */
  readonly milliseconds: number | null;
  /** The servers that counted: others count anew. */
  readonly instances: string;
}

/** The metrics of all indexes, or why there are none. */
export type Metrics = { readonly of: (index: string) => IndexMetrics | null } | { readonly why: string };

const Targets = z.array(
  z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()).optional() }),
);
/** The interface published for 2026-04 says `discover`, the documentation of the same year `discovery`. */
const DISCOVERY = ['discover', 'discovery'] as const;

/** Pinecone documentation, "Monitor performance", "Available metrics". */
const WANTED =
  /^pinecone_db_(?:storage_size_bytes|op_(?:upsert|update|delete|query|fetch|list)_count|op_query_duration_sum)$/;

/**
 * Counters of requests and the size of each serverless index. They are counted by server, and nothing tells since
 * when: servers that come and go are seen by their names.
 */
export async function metricsOf(session: PineconeSession, meter: Meter): Promise<Metrics> {
  if (session.project === null)
    return { why: 'Pinecone tells queries by its metrics alone, for which the config names no project.' };
  try {
    const samples: PrometheusSample[] = [];
    for (const url of await targetsOf(session, session.project, meter)) {
      const http = session.at(url.hostname);
      if (http === null || url.port !== '' || url.protocol !== 'https:')
        return { why: 'Pinecone names a host of its metrics that is none of its own, which was not asked.' };
      const text = await http.text(
        'pinecone.metrics',
        url.pathname,
        Object.fromEntries(url.searchParams),
        meter,
      );
      const told = prometheusSamples(text, (name) => name.startsWith('pinecone_'), `store:${session.store}`);
      if (told.length === 0)
        throw new BursarError('unavailable', `the metrics at ${url.hostname} are none of Pinecone`, {
          where: `store:${session.store}`,
          hint: 'Look again later.',
        });
      samples.push(...told.filter(({ name }) => WANTED.test(name)));
    }
    const byIndex = Map.groupBy(samples, ({ labels }) => labels.get('index_name') ?? '');
    return { of: (index) => of(byIndex.get(index)) };
  } catch (error) {
    // By its plan or its key a project has none; what passes is no reason to lose counters that are kept.
    if (error instanceof BursarError && ['denied', 'credentials', 'input'].includes(error.code))
      return { why: `Pinecone did not give its metrics: ${error.message}.` };
    throw error;
  }
}

async function targetsOf(session: PineconeSession, project: string, meter: Meter): Promise<URL[]> {
  const ask = async (word: (typeof DISCOVERY)[number]) =>
    await askPinecone(
      session,
      session.control,
      Targets,
      {
        call: 'fetch_prometheus_targets',
        path: `/prometheus/projects/${encodeURIComponent(project)}/metrics/${word}`,
      },
      meter,
    );
  const [first, second] = DISCOVERY;
  const groups = await ask(first).catch(async (error: unknown) => {
    if (error instanceof BursarError && error.code === 'input') return await ask(second);
    throw error;
  });
  return groups.flatMap(({ targets, labels = {} }) =>
    targets.map((target) => urlOf(session, target, labels)),
  );
}

/** A target is an address, or a host with the rest in labels (Prometheus documentation, "HTTP SD"). */
function urlOf({ store }: PineconeSession, target: string, labels: Readonly<Record<string, string>>): URL {
  const text = target.includes('://')
    ? target
    : `${labels['__scheme__'] ?? 'https'}://${target}${labels['__metrics_path__'] ?? (target.includes('/') ? '' : '/metrics')}`;
  if (!URL.canParse(text))
    throw new BursarError('unavailable', 'Pinecone named a target of its metrics that is no address', {
      where: `store:${store}`,
      hint: 'Look again later.',
    });
  return new URL(text);
}

function of(samples: readonly PrometheusSample[] | undefined): IndexMetrics | null {
  if (samples === undefined) return null;
  const named = (...names: string[]) =>
    samples.filter(({ name }) => names.includes(name.slice('pinecone_db_'.length)));
  const counters = samples.filter(({ name }) => name.endsWith('_count'));
  const queries = named('op_query_count');
  const took = named('op_query_duration_sum').reduce((sum, { value }) => sum + value, 0);
  const asked = queries.length === 0 ? null : summed(queries);
  return {
    queries: asked,
    reads: summed(named('op_fetch_count', 'op_list_count')),
    writes: summed(named('op_upsert_count', 'op_update_count', 'op_delete_count')),
    // One sample an index; several would be parts of it or the same one twice.
    bytes: named('storage_size_bytes').length === 1 ? summed(named('storage_size_bytes')) : null,
    milliseconds: asked === null || asked === 0 || !Number.isFinite(took) || took <= 0 ? null : took / asked,
    instances: [...new Set(counters.map(({ labels }) => labels.get('instance') ?? ''))].toSorted().join('+'),
  };
}
