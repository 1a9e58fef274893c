import type { Config, StoreConfig } from '../../config/schema.ts';
import { collectAll } from '../../estate/collect.ts';
import type { Provider, Scope, Snapshot } from '../../estate/model.ts';
import { opensearchIndexes } from '../../estate/opensearch/indexes.ts';
import { pgvectorIndexes } from '../../estate/pgvector/indexes.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Estate } from '../auditor.ts';
import { documentsOf } from './store-documents.ts';
import { enterOpenSearch } from './store-opensearch.ts';
import { storePermissions } from './store-permissions.ts';
import { enterPgvector } from './store-pgvector.ts';
import { sourceLister } from './store-sources.ts';

type Stores = Config['estate']['stores'];

/** The vector stores of the config: one scope each, `store:<id>`. */
export function storesEstate(stores: Stores): Estate {
  return {
    permissions: Object.values(stores).flatMap(storePermissions),
    covers: ({ provider, accountId }) => {
      const store = stores[accountId];
      return store !== undefined && Object.hasOwn(stores, accountId) && provider === providerOf(store);
    },
    plan: async () => ({
      scopes: Object.entries(stores).map(([accountId, store]) => ({
        provider: providerOf(store),
        accountId,
        region: 'global',
      })),
      coverage: [],
    }),
    async collect(scope, now, meter) {
      const id = scope.accountId;
      const store = Object.hasOwn(stores, id) ? stores[id] : undefined;
      if (store === undefined)
        throw new BursarError('config', 'the config no longer names this store', { where: `store:${id}` });
      return await look(id, store, scope, now, meter);
    },
  };
}

function providerOf({ type }: StoreConfig): Provider {
  return type === 'pgvector' ? 'postgres' : 'other';
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
  }
}

function only([snapshot]: readonly Snapshot[]): Snapshot {
  if (snapshot === undefined) throw new BursarError('internal', 'a scope gave no snapshot');
  return snapshot;
}
