import {
  readSpec,
  type SpecAnswer,
  type SpecRequest,
  type SpecServer,
  specServer,
} from '../../counterparts/spec-server.ts';
import { sharedData } from '../../shared.ts';

export interface FakeIndex {
  readonly name: string;
  readonly host?: string;
  readonly spec?: unknown;
  readonly more?: Readonly<Record<string, unknown>>;
  /** Metadata by id, by namespace. */
  readonly records?:
    | Readonly<Record<string, Readonly<Record<string, unknown>>>>
    | Map<string, Map<string, unknown>>;
  /** What the statistics tell where it is not the number of records. */
  readonly told?: number;
}

export const KEY = 'pcsk_never_shown';

/**
 * A project of Pinecone. Every host is one server here: the host stands before the path. What is asked and answered is
 * checked against the interfaces that Pinecone publishes, and who asks by the header of each.
 */
export class FakePinecone {
  indexes: readonly FakeIndex[];
  /** The text of the metrics; null: the plan has none. */
  metrics: string | null = null;
  targets: readonly unknown[] = [
    {
      targets: ['https://us-west2-aws-adkl.svc.pinecone.io/projects/p/metrics/export'],
      labels: { cloud: 'aws' },
    },
  ];
  discovery = 'discover';
  before: (request: SpecRequest) => SpecAnswer | null = () => null;
  /** Ids of fetches, a list a request. */
  readonly fetched: string[][] = [];

  constructor(indexes: readonly FakeIndex[]) {
    this.indexes = indexes;
  }

  async start(): Promise<SpecServer> {
    const specs = await Promise.all(
      ['control', 'data', 'metrics'].map(
        async (plane) => await readSpec(sharedData('specs', `pinecone_db_${plane}.yaml`)),
      ),
    );
    return await specServer([...specs, EXPORT], (request) => this.#answer(request));
  }

  #answer(request: SpecRequest): SpecAnswer {
    const { operation, headers, query, prefix, path } = request;
    const asBearer = operation.startsWith('GET /prometheus') || operation.includes('/metrics/');
    if (asBearer ? headers.authorization !== `Bearer ${KEY}` : headers['api-key'] !== KEY)
      return {
        status: 401,
        json: { error: { code: 'UNAUTHENTICATED', message: 'Invalid API key.' }, status: 401 },
      };
    const instead = this.before(request);
    if (instead !== null) return instead;
    switch (operation) {
      case 'GET /indexes':
        return { json: { indexes: this.indexes.map(modelOf) } };
      case 'GET /prometheus/projects/{project_id}/metrics/discover':
        return this.discovery === 'discover' && this.metrics !== null ? { json: this.targets } : GONE;
      case 'GET /prometheus/projects/{project_id}/metrics/discovery':
        return this.discovery === 'discovery' && this.metrics !== null ? { json: this.targets } : GONE;
      case 'GET /projects/{project_id}/metrics/export':
        return { text: this.metrics ?? '' };
      default:
    }
    const index = this.indexes.find((one) => hostOf(one) === prefix.slice(1));
    if (index === undefined) return GONE;
    const namespaces = namespacesOf(index);
    const records = namespaces.get(query.get('namespace') ?? '') ?? new Map<string, unknown>();
    switch (operation) {
      case 'POST /describe_index_stats':
        return { text: statsOf(index, namespaces), headers: { 'content-type': 'application/json' } };
      case 'GET /vectors/list': {
        const ids = [...records.keys()].toSorted();
        const from = Number(query.get('paginationToken') ?? '0');
        const limit = Number(query.get('limit'));
        const next = from + limit < ids.length ? { pagination: { next: String(from + limit) } } : {};
        return {
          json: {
            vectors: ids.slice(from, from + limit).map((id) => ({ id })),
            namespace: query.get('namespace') ?? '',
            ...next,
          },
        };
      }
      case 'GET /vectors/fetch': {
        const ids = query.getAll('ids');
        this.fetched.push(ids);
        const found = ids
          .filter((id) => records.has(id))
          .map((id) => [id, { id, values: [0.25, 0.5], metadata: records.get(id) }] as const);
        return {
          json: {
            vectors: Object.fromEntries(found),
            namespace: query.get('namespace') ?? '',
            usage: { readUnits: 1 },
          },
        };
      }
      default:
        throw new Error(`not played: ${operation} ${JSON.stringify(path)}`);
    }
  }
}

const GONE: SpecAnswer = {
  status: 404,
  json: { error: { code: 'NOT_FOUND', message: 'nothing here' }, status: 404 },
};

/** Where the metrics themselves are: Pinecone's interface names their address in an answer alone. */
const EXPORT = {
  paths: {
    '/projects/{project_id}/metrics/export': { get: {} },
    '/prometheus/projects/{project_id}/metrics/discovery': {
      get: { responses: { '200': { content: { 'application/json': { schema: {} } } } } },
    },
  },
};

export function hostOf({ name, host }: FakeIndex): string {
  return host ?? `${name}-abc123.svc.aped-4627-b74a.pinecone.io`;
}

function namespacesOf({ records = {} }: FakeIndex): Map<string, Map<string, unknown>> {
  return records instanceof Map
    ? records
    : new Map(Object.entries(records).map(([name, each]) => [name, new Map(Object.entries(each))]));
}

function modelOf(index: FakeIndex): unknown {
  return {
    name: index.name,
    dimension: 2,
    metric: 'cosine',
    host: hostOf(index),
    spec: index.spec ?? {
      serverless: {
        cloud: 'aws',
        region: 'us-east-1',
        read_capacity: { mode: 'OnDemand', status: { state: 'Ready' } },
      },
    },
    status: { ready: true, state: 'Ready' },
    vector_type: 'dense',
    ...index.more,
  };
}

/** As text: a number of 64 bits is told as it is. */
function statsOf({ told }: FakeIndex, namespaces: Map<string, Map<string, unknown>>): string {
  const counts = [...namespaces].map(
    ([name, records]) => `${JSON.stringify(name)}:{"vectorCount":${records.size}}`,
  );
  const all = [...namespaces.values()].reduce((sum, records) => sum + records.size, 0);
  return `{"namespaces":{${counts.join(',')}},"dimension":2,"indexFullness":0,"totalVectorCount":${told ?? all}}`;
}
