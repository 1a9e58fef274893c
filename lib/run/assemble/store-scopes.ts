import type { Config, StoreConfig } from '../../config/schema.ts';
import type { Provider } from '../../estate/model.ts';
import type { Estate } from '../auditor.ts';

export type Stores = Config['estate']['stores'];

/** The vector stores of a config, without any collector: one scope each, `store:<id>`. */
export function storeScopes(stores: Stores): Pick<Estate, 'plan' | 'covers'> {
  return {
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
  };
}

function providerOf({ type }: StoreConfig): Provider {
  return type === 'pgvector' ? 'postgres' : 'other';
}
