import { z } from 'zod';
import {
  readSpec,
  type SpecAnswer,
  type SpecRequest,
  type SpecServer,
  specServer,
} from '../../counterparts/spec-server.ts';
import { sharedData } from '../../shared.ts';

export interface FakePoint {
  readonly id: number | string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface FakeCollection {
  readonly uuid?: string;
  readonly vectors?: unknown;
  readonly sparse?: Readonly<Record<string, unknown>>;
  readonly points: readonly FakePoint[];
  /** What is told where it is not the number of points. */
  readonly told?: number;
}

/** A node of Qdrant that behaves as its documentation says; what it says is checked against its published interface. */
export class FakeQdrant {
  collections: Map<string, FakeCollection>;
  startup = '2026-09-01T00:00:00Z';
  version = '1.18.2';
  /** This node and all nodes of the cluster; null: no cluster. */
  cluster: { readonly id: number; readonly peers: readonly number[] } | null = null;
  /** Collections by their other names. */
  aliases: Readonly<Record<string, string>> = {};
  /** Answers in the place of its own. */
  before: (request: SpecRequest) => SpecAnswer | null = () => null;
  /** Requests by `METHOD endpoint` and collection. */
  readonly counted = new Map<string, number>();
  metricsPrefix = '';
  extra = '';

  constructor(collections: Readonly<Record<string, FakeCollection>> | Map<string, FakeCollection>) {
    this.collections = collections instanceof Map ? collections : new Map(Object.entries(collections));
  }

  async start(): Promise<SpecServer> {
    return await specServer([await readSpec(sharedData('specs', 'qdrant.json'))], (request) =>
      this.#answer(request),
    );
  }

  count(endpoint: string, collection: string, times = 1): void {
    const key = JSON.stringify([endpoint, collection]);
    this.counted.set(key, (this.counted.get(key) ?? 0) + times);
  }

  #answer(request: SpecRequest): SpecAnswer {
    const instead = this.before(request);
    if (instead !== null) return instead;
    const name = request.path['collection_name'] ?? '';
    const collection = this.collections.get(name);
    if (request.operation.includes('/points/')) this.count(request.operation, name);
    switch (request.operation) {
      case 'GET /collections':
        return ok({ collections: [...this.collections.keys()].map((each) => ({ name: each })) });
      case 'GET /aliases':
        return ok({
          aliases: Object.entries(this.aliases).map(([alias, of]) => ({
            alias_name: alias,
            collection_name: of,
          })),
        });
      case 'GET /cluster':
        return ok(this.#cluster());
      case 'GET /telemetry':
        return ok(this.#telemetry(Number(request.query.get('details_level'))));
      case 'GET /metrics':
        return { text: this.#metrics(request.query.get('per_collection') === 'true') };
      default:
    }
    if (collection === undefined) return { status: 404, json: { status: { error: `Not found: ${name}` } } };
    if (request.operation === 'GET /collections/{collection_name}') return ok(infoOf(collection));
    if (request.operation.endsWith('/points/scroll')) return ok(scroll(collection, request.body));
    return ok({ points: [] });
  }

  #cluster(): unknown {
    if (this.cluster === null) return { status: 'disabled' };
    return {
      status: 'enabled',
      peer_id: this.cluster.id,
      peers: Object.fromEntries(
        this.cluster.peers.map((id) => [String(id), { uri: `http://10.0.0.${id}:6335/` }]),
      ),
      raft_info: { term: 1, commit: 1, pending_operations: 0, is_voter: true, role: 'Leader', leader: 1 },
      consensus_thread_status: { consensus_thread_status: 'working', last_update: this.startup },
      message_send_failures: {},
    };
  }

  #telemetry(level: number): unknown {
    return {
      id: 'b3a1',
      app: { name: 'qdrant', version: this.version, startup: this.startup },
      collections: {
        number_of_collections: this.collections.size,
        ...(level < 3
          ? {}
          : {
              collections: [...this.collections].map(([id, { uuid, vectors }]) => ({
                id,
                config: {
                  params: { vectors: vectors ?? { size: 4, distance: 'Cosine' } },
                  hnsw_config: HNSW,
                  optimizer_config: OPTIMIZER,
                  wal_config: { wal_capacity_mb: 32, wal_segments_ahead: 0 },
                  ...(uuid === undefined ? {} : { uuid }),
                },
              })),
            }),
      },
    };
  }

  #metrics(perCollection: boolean): string {
    const by = perCollection && this.version >= '1.18' && this.counted.size > 0;
    const counters = new Map<string, number>();
    for (const [key, count] of this.counted) {
      const [operation, collection] = Key.parse(JSON.parse(key));
      const [method = '', endpoint = ''] = operation.split(' ');
      const grpc = endpoint.startsWith('/qdrant.');
      const labels = [
        ...(grpc ? [] : [`method="${method}"`]),
        `endpoint="${endpoint}"`,
        `status="${grpc ? 0 : 200}"`,
        ...(by ? [`collection="${collection.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`] : []),
      ];
      const line = `${this.metricsPrefix}${grpc ? 'grpc' : 'rest'}_responses_total{${labels.join(',')}}`;
      counters.set(line, (counters.get(line) ?? 0) + count);
    }
    return [
      '# HELP app_info information about qdrant server',
      `# TYPE ${this.metricsPrefix}app_info gauge`,
      `${this.metricsPrefix}app_info{name="qdrant",version="${this.version}"} 1`,
      'rest_responses_avg_duration_seconds{method="POST",endpoint="/x",status="200"} 0.00018',
      'rest_responses_duration_seconds_bucket{le="+Inf"} 3',
      ...[...counters].map(([line, count]) => `${line} ${count}`),
      this.extra,
      '',
    ].join('\n');
  }
}

const Key = z.tuple([z.string(), z.string()]);
const Scroll = z.object({
  limit: z.number(),
  offset: z.union([z.number(), z.string()]).optional(),
  with_payload: z.array(z.string()),
  with_vector: z.boolean(),
});
const HNSW = { m: 16, ef_construct: 100, full_scan_threshold: 10_000 };
const OPTIMIZER = { default_segment_number: 2, flush_interval_sec: 5 };

function ok(result: unknown): SpecAnswer {
  return { json: { result, status: 'ok', time: 0.001 } };
}

function infoOf({ vectors, sparse, points, told }: FakeCollection): unknown {
  return {
    status: 'green',
    optimizer_status: 'ok',
    points_count: told ?? points.length,
    indexed_vectors_count: 0,
    segments_count: 2,
    payload_schema: {},
    config: {
      params: {
        vectors: vectors ?? { size: 4, distance: 'Cosine' },
        ...(sparse === undefined ? {} : { sparse_vectors: sparse }),
      },
      hnsw_config: HNSW,
      optimizer_config: OPTIMIZER,
    },
  };
}

/** Points in the order of their ids, from the offset on: of the payload the wanted keys, of the vector nothing. */
function scroll({ points }: FakeCollection, body: unknown): unknown {
  const { limit, offset, with_payload: wanted, with_vector: vector } = Scroll.parse(body);
  if (vector) throw new Error('a vector was asked for');
  const sorted = points.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const from = offset === undefined ? 0 : sorted.findIndex(({ id }) => id === offset);
  if (from < 0) throw new Error(`no point ${String(offset)}`);
  return {
    points: sorted
      .slice(from, from + limit)
      .map(({ id, payload }) => ({ id, payload: kept(payload, wanted) })),
    next_page_offset: sorted[from + limit]?.id ?? null,
  };
}

function kept(payload: Readonly<Record<string, unknown>>, wanted: readonly string[]): unknown {
  const tops = wanted.map((path) => (path.startsWith('"') ? path.slice(1, -1) : (path.split('.')[0] ?? '')));
  return Object.fromEntries(Object.entries(payload).filter(([key]) => tops.includes(key)));
}
