import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { type PrometheusSample, prometheusSamples, summed } from '../prometheus.ts';
import { decoded } from '../vectors/keys.ts';
import { askQdrant, type QdrantPeer, type QdrantSession } from './session.ts';

/** What the nodes counted of one collection since they started. */
export interface Counted {
  /** Searches by vectors. */
  readonly searches: number | null;
  /** Counts, facets, points by id (a single one over REST is not counted), and scrolls over gRPC. */
  readonly reads: number | null;
  /** Scrolls over REST, as reading keys for a sample is one. */
  readonly scrolls: number | null;
  /** Requests that write points, vectors or payload. */
  readonly writes: number | null;
}

/** The counters of all nodes that were asked. */
export interface Counters {
  /** When the last of them began to count, ISO-8601 UTC. */
  readonly since: string;
  /** Which nodes they are of: another set counts anew. */
  readonly nodes: string;
  /** Nodes of the cluster whose counters were not read; null where it does not say. */
  readonly silent: number | null;
  readonly of: (collection: string) => Counted;
  /** Other names of a collection, sorted. */
  readonly aliasesOf: (collection: string) => readonly string[];
}

/** Endpoints by what they do, as src/common/metrics/requests.rs of Qdrant lists those that it counts (1.18). */
const SEARCH = /\/points\/(?:search|query|recommend|discover)(?:\/|$)/;
const SCROLL = /\/points\/scroll$/;
const READ = /\/points\/(?:count|facet)$/;
const POINTS = /\/points$/;
const WRITES = /\/points\/(?:batch|delete|payload|payload\/clear|payload\/delete|vectors|vectors\/delete)$/;
const GRPC_SEARCH = /\.Points\/(?:Search|Query|Recommend|Discover)(?:Batch|Groups)?$/;
const GRPC_READ = /\.Points\/(?:Scroll|Count|Facet|Get)$/;
const NONE = /(?!)/;
const GRPC_WRITES =
  /\.Points\/(?:Upsert|UpdateBatch|UpdateVectors|Delete|SetPayload|OverwritePayload|ClearPayload|DeletePayload)$/;

const Telemetry = z.object({
  result: z.object({ app: z.object({ startup: z.iso.datetime({ offset: true }) }).nullish() }),
});
const Cluster = z.object({
  result: z.discriminatedUnion('status', [
    z.object({ status: z.literal('disabled') }),
    z.object({
      status: z.literal('enabled'),
      peer_id: z.union([z.number(), z.bigint()]),
      peers: z.record(z.string(), z.unknown()),
    }),
  ]),
});

const Aliases = z.object({
  result: z.object({ aliases: z.array(z.object({ alias_name: z.string(), collection_name: z.string() })) }),
});

/**
 * What every node counts of requests by collection since it started (Qdrant documentation, "Monitoring & Telemetry":
 * "/metrics only reports metrics for the peer connected to", counters "are reset when the node is restarted", and
 * "Per-Collection API Metrics", from 1.18). A request that names an alias is counted by that name: the counts of all
 * its names are those of a collection.
 * @returns why there are none, where the server counts none by collection or the key may not read them
 */
export async function countersOf(
  session: QdrantSession,
  meter: Meter,
): Promise<Counters | { readonly why: string }> {
  try {
    const peers = [];
    for (const peer of session.peers) peers.push(await countersAt(session, peer, meter));
    const request = { call: 'aliases', path: '/aliases' };
    const { result } = await askQdrant(session, session.peers[0], Aliases, request, meter);
    const aliases = Map.groupBy(result.aliases, ({ collection_name: collection }) => collection);
    return together(session, peers, (collection) =>
      (aliases.get(collection) ?? []).map(({ alias_name: alias }) => alias).toSorted(),
    );
  } catch (error) {
    if (error instanceof BursarError && error.code === 'denied')
      return { why: 'The API key may not read the metrics of the server, which takes access to all of it.' };
    throw error;
  }
}

interface PeerCounters {
  readonly id: string;
  readonly peers: readonly string[];
  readonly started: string | null;
  readonly samples: readonly PrometheusSample[];
}

async function countersAt(session: QdrantSession, peer: QdrantPeer, meter: Meter): Promise<PeerCounters> {
  const where = `store:${session.store}`;
  const ask = async () => ({
    cluster: await askQdrant(session, peer, Cluster, { call: 'cluster', path: '/cluster' }, meter),
    telemetry: await askQdrant(
      session,
      peer,
      Telemetry,
      { call: 'telemetry', path: '/telemetry', query: { details_level: '0' } },
      meter,
    ),
  });
  // Before and after: an address that several nodes share answers now as one, now as another.
  const before = await ask();
  const text = await peer.http.text('qdrant.metrics', '/metrics', { per_collection: 'true' }, meter);
  const after = await ask();
  if (idOf(before, peer) !== idOf(after, peer))
    throw new BursarError('unavailable', `the node at ${peer.host} changed while its counters were read`, {
      where,
      hint: 'Name the address of each node, and none that several share.',
    });
  const { result: cluster } = after.cluster;
  const samples = prometheusSamples(
    text,
    (name) => /(^|_)(app_info|(rest|grpc)_responses_total)$/.test(name),
    where,
  );
  // A prefix may be set (`service.metrics_prefix`); what has no `app_info` is no Qdrant.
  if (!samples.some(({ name, labels }) => name.endsWith('app_info') && labels.get('name') === 'qdrant'))
    throw new BursarError('unavailable', `the metrics at ${peer.host} are none of Qdrant`, {
      where,
      hint: 'See that the address is that of Qdrant itself.',
    });
  return {
    id: idOf(after, peer),
    peers: cluster.status === 'enabled' ? Object.keys(cluster.peers) : [],
    started: after.telemetry.result.app?.startup ?? null,
    samples: samples.filter(({ name }) => name.endsWith('_responses_total')),
  };
}

function idOf(
  told: { cluster: z.output<typeof Cluster>; telemetry: z.output<typeof Telemetry> },
  { host }: QdrantPeer,
): string {
  const { result } = told.cluster;
  return JSON.stringify([
    result.status === 'enabled' ? String(result.peer_id) : host,
    told.telemetry.result.app?.startup ?? null,
  ]);
}

function together(
  session: QdrantSession,
  peers: readonly PeerCounters[],
  aliasesOf: Counters['aliasesOf'],
): Counters | { readonly why: string } {
  const ids = peers.map(({ id }) => String(JSON.parse(id)[0]));
  if (new Set(ids).size < ids.length)
    throw new BursarError('config', 'two of its addresses are of one node', {
      where: `store:${session.store}`,
      hint: 'Name each node once: its counters would be added twice.',
    });
  const samples = peers.flatMap((peer) => peer.samples);
  // Without the label they are those of all collections together: an older server knows no others.
  if (samples.some(({ labels, value }) => !labels.has('collection') && value !== 0))
    return {
      why: 'This version of Qdrant counts requests of all collections together; 1.18 counts them by collection.',
    };
  const started = peers.map((peer) => peer.started);
  const times = started.filter((time) => time !== null).map((time) => Date.parse(time));
  if (times.length < started.length) return { why: 'The server does not say when it started to count.' };
  const byName = new Map<string, PrometheusSample[]>();
  for (const sample of samples) {
    const name = sample.labels.get('collection') ?? '';
    // Over REST it is a part of a path, which may be told as it was written there.
    for (const each of new Set([name, decoded(name)]))
      byName.set(each, [...(byName.get(each) ?? []), sample]);
  }
  const known = new Set(peers.flatMap((peer) => peer.peers));
  return {
    since: new Date(Math.max(...times)).toISOString(),
    nodes: ids.toSorted().join('+'),
    silent: known.size === 0 ? 0 : [...known].filter((id) => !ids.includes(id)).length,
    of: (collection) => {
      const names = [collection, ...aliasesOf(collection)];
      return countedOf([...new Set(names.flatMap((name) => byName.get(name) ?? []))]);
    },
    aliasesOf,
  };
}

function countedOf(samples: readonly PrometheusSample[]): Counted {
  const sum = (rest: (path: string, method: string) => boolean, grpc: RegExp) =>
    summed(
      samples.filter(({ name, labels }) => {
        const endpoint = labels.get('endpoint') ?? '';
        return name.endsWith('grpc_responses_total')
          ? grpc.test(endpoint)
          : rest(endpoint, labels.get('method') ?? '');
      }),
    );
  return {
    searches: sum((path) => SEARCH.test(path), GRPC_SEARCH),
    reads: sum((path, method) => READ.test(path) || (POINTS.test(path) && method === 'POST'), GRPC_READ),
    scrolls: sum((path) => SCROLL.test(path), NONE),
    writes: sum((path, method) => WRITES.test(path) || (POINTS.test(path) && method === 'PUT'), GRPC_WRITES),
  };
}
