import {
  readSpec,
  type SpecAnswer,
  type SpecRequest,
  type SpecServer,
  specServer,
} from '../../counterparts/spec-server.ts';
import { sharedData } from '../../shared.ts';

export interface FakeCollection {
  /** What its definition says besides its name. */
  readonly definition?: Readonly<Record<string, unknown>>;
  /** Objects by tenant; '' without tenants. */
  readonly objects: Readonly<Record<string, readonly { readonly id: string; readonly properties: object }[]>>;
  /** Tenants that are not active, with their status. */
  readonly asleep?: Readonly<Record<string, string>>;
}

/** A cluster of Weaviate of two nodes, each with a copy of every shard; checked against its published interface. */
export class FakeWeaviate {
  collections: Map<string, FakeCollection>;
  nodes: readonly { readonly name: string; readonly status: string }[] = [
    { name: 'node1', status: 'HEALTHY' },
    { name: 'node2', status: 'HEALTHY' },
  ];
  loaded: boolean | undefined = true;
  /** Objects that the copy of the second node lacks. */
  behind = 0;
  before: (request: SpecRequest) => SpecAnswer | null = () => null;

  constructor(collections: Readonly<Record<string, FakeCollection>> | Map<string, FakeCollection>) {
    this.collections = collections instanceof Map ? collections : new Map(Object.entries(collections));
  }

  async start(): Promise<SpecServer> {
    return await specServer([await readSpec(sharedData('specs', 'weaviate.json'))], (request) =>
      this.#answer(request),
    );
  }

  #answer(request: SpecRequest): SpecAnswer {
    const instead = this.before(request);
    if (instead !== null) return instead;
    const { operation, query, path } = request;
    switch (operation) {
      case 'GET /schema':
        return {
          json: {
            classes: [...this.collections].map(([name, { definition }]) => ({
              class: name,
              ...(definition ?? PLAIN),
            })),
          },
        };
      case 'GET /nodes':
        if (query.get('output') !== 'verbose') throw new Error('shards are told verbosely alone');
        return {
          json: {
            nodes: this.nodes.map((node, at) => ({ ...node, version: '1.34.0', shards: this.#shards(at) })),
          },
        };
      case 'GET /schema/{className}/tenants': {
        const { objects = {}, asleep = {} } = this.collections.get(path['className'] ?? '') ?? {};
        return {
          json: [
            ...Object.keys(objects).map((name) => ({ name, activityStatus: 'ACTIVE' })),
            ...Object.entries(asleep).map(([name, activityStatus]) => ({ name, activityStatus })),
          ],
        };
      }
      case 'GET /objects': {
        if (query.get('include') !== null || query.get('offset') !== null)
          throw new Error('no vectors, no offset');
        const { objects = {} } = this.collections.get(query.get('class') ?? '') ?? {};
        const after = query.get('after') ?? 'zzz';
        const own = (objects[query.get('tenant') ?? ''] ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1));
        const page = own.filter(({ id }) => id > after).slice(0, Number(query.get('limit')));
        return {
          json: {
            objects: page.map(({ id, properties }) => ({
              class: query.get('class'),
              id,
              properties,
              creationTimeUnix: 1_700_000_000_000,
            })),
            totalResults: page.length,
          },
        };
      }
      default:
        throw new Error(`not played: ${operation}`);
    }
  }

  #shards(node: number): unknown[] {
    return [...this.collections].flatMap(([name, { objects }]) =>
      Object.entries(objects).map(([tenant, each]) => ({
        name: tenant === '' ? 'xyz1' : tenant,
        class: name,
        objectCount: each.length - (node === 0 ? 0 : this.behind),
        vectorIndexingStatus: 'READY',
        compressed: false,
        vectorQueueLength: 0,
        ...(this.loaded === undefined ? {} : { loaded: this.loaded }),
      })),
    );
  }
}

const PLAIN = {
  vectorizer: 'text2vec-openai',
  moduleConfig: { 'text2vec-openai': { model: 'Text-Embedding-3-Large', type: 'text' } },
  vectorIndexType: 'hnsw',
  vectorIndexConfig: { distance: 'cosine', ef: -1 },
  multiTenancyConfig: { enabled: false, autoTenantCreation: false, autoTenantActivation: false },
  properties: [{ name: 'source', dataType: ['text'] }],
};
