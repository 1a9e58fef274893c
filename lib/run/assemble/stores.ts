import type { StoreConfig } from '../../config/schema.ts';
import { collectAll } from '../../estate/collect.ts';
import { lancedbTables } from '../../estate/lancedb/tables.ts';
import { milvusCollections } from '../../estate/milvus/collections.ts';
import type { Dataset, Scope, Snapshot } from '../../estate/model.ts';
import { opensearchIndexes } from '../../estate/opensearch/indexes.ts';
import { pgvectorIndexes } from '../../estate/pgvector/indexes.ts';
import { pineconeIndexes } from '../../estate/pinecone/indexes.ts';
import { qdrantCollections } from '../../estate/qdrant/collections.ts';
import { weaviateCollections } from '../../estate/weaviate/collections.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Estate } from '../auditor.ts';
import { documentsOf } from './store-documents.ts';
import { enterLanceDb } from './store-lancedb.ts';
import { enterMilvus } from './store-milvus.ts';
import { enterOpenSearch } from './store-opensearch.ts';
import { storePermissions } from './store-permissions.ts';
import { enterPgvector } from './store-pgvector.ts';
import { enterPinecone } from './store-pinecone.ts';
import { enterQdrant } from './store-qdrant.ts';
import { type Stores, storeScopes } from './store-scopes.ts';
import { sourceLister } from './store-sources.ts';
import { enterWeaviate } from './store-weaviate.ts';
import { withTightHeap } from './tight-heap.ts';

/** The vector stores of the config: one scope each, `store:<id>`. */
export function storesEstate(stores: Stores): Estate {
  return {
    permissions: Object.values(stores).flatMap(storePermissions),
    ...storeScopes(stores),
    async collect(scope, now, meter) {
      const id = scope.accountId;
      const store = Object.hasOwn(stores, id) ? stores[id] : undefined;
      if (store === undefined)
        throw new BursarError('config', 'the config no longer names this store', { where: `store:${id}` });
      return await withTightHeap(() => look(id, store, scope, now, meter));
    },
  };
}

async function look(
  id: string,
  store: StoreConfig,
  scope: Scope,
  now: Date,
  meter: Meter,
): Promise<Snapshot> {
  const documents = documentsOf(store, sourceLister(id, now, meter));
  switch (store.type) {
    case 'pgvector': {
      let opened: Awaited<ReturnType<typeof enterPgvector>> | null = null;
      try {
        const enter = async () => (opened = await enterPgvector(id, store, documents));
        return only(await collectAll([scope], enter, [pgvectorIndexes], now, meter));
      } finally {
        await (opened as Awaited<ReturnType<typeof enterPgvector>> | null)?.close();
      }
    }
    case 'opensearch':
      return only(
        await collectAll(
          [scope],
          async () => await enterOpenSearch(id, store, documents),
          [opensearchIndexes],
          now,
          meter,
        ),
      );
    case 'qdrant':
      return only(
        await collectAll(
          [scope],
          async () => await enterQdrant(id, store, documents),
          [qdrantCollections],
          now,
          meter,
        ),
      );
    case 'weaviate':
      return only(
        await collectAll(
          [scope],
          async () => await enterWeaviate(id, store, documents),
          [weaviateCollections],
          now,
          meter,
        ),
      );
    case 'pinecone':
      return only(
        await collectAll(
          [scope],
          async () => await enterPinecone(id, store, documents),
          [pineconeIndexes],
          now,
          meter,
        ),
      );
    case 'lancedb':
      return await closing(scope, () => enterLanceDb(id, store, documents), [lancedbTables], now, meter);
    case 'milvus':
      return await closing(scope, () => enterMilvus(id, store, documents), [milvusCollections], now, meter);
  }
}

/** Looks with a session that has to be closed, whatever came of it. */
async function closing<S>(
  scope: Scope,
  enter: () => Promise<S & { close(): Promise<void> }>,
  datasets: readonly Dataset<S>[],
  now: Date,
  meter: Meter,
): Promise<Snapshot> {
  const opened: { close(): Promise<void> }[] = [];
  try {
    const session = async () => {
      const entered = await enter();
      opened.push(entered);
      return entered;
    };
    return only(await collectAll([scope], session, datasets, now, meter));
  } finally {
    for (const each of opened) await each.close();
  }
}

function only([snapshot]: readonly Snapshot[]): Snapshot {
  if (snapshot === undefined) throw new BursarError('internal', 'a scope gave no snapshot');
  return snapshot;
}
