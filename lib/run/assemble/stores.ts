import { Client } from 'pg';
import type { Config } from '../../config/schema.ts';
import { collectAll } from '../../estate/collect.ts';
import type { Scope } from '../../estate/model.ts';
import { type PgSession, pgvectorIndexes } from '../../estate/pgvector/indexes.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Estate } from '../auditor.ts';
import { readSecret } from './secrets.ts';

type Stores = Config['estate']['stores'];

const CONNECT_TIMEOUT = 10_000;

/** The vector stores of the config: one scope each, `store:<id>`. */
export function storesEstate(stores: Stores): Estate {
  return {
    permissions: pgvectorIndexes.permissions,
    covers: ({ provider, accountId }) => provider === 'postgres' && Object.hasOwn(stores, accountId),
    plan: async () => ({
      scopes: Object.keys(stores).map((accountId) => ({ provider: 'postgres', accountId, region: 'global' })),
      coverage: [],
    }),
    async collect(scope, now, meter) {
      let session: (PgSession & { close(): Promise<void> }) | null = null;
      const enter = async ({ accountId }: Scope) => (session = await connect(accountId, stores));
      try {
        const [snapshot] = await collectAll([scope], enter, [pgvectorIndexes], now, meter);
        if (snapshot === undefined) throw new BursarError('internal', 'a scope gave no snapshot');
        return snapshot;
      } finally {
        await (session as (PgSession & { close(): Promise<void> }) | null)?.close();
      }
    },
  };
}

async function connect(id: string, stores: Stores): Promise<PgSession & { close(): Promise<void> }> {
  const where = `store:${id}`;
  const store = stores[id];
  if (store === undefined)
    throw new BursarError('config', 'the config no longer names this store', { where });
  const url = parse(await readSecret(store.url, `estate.stores.${id}.url`), where);
  const client = new Client({
    connectionString: url.href,
    // TLS with a verified certificate, unless the address says otherwise or never leaves this machine.
    ...(url.searchParams.has('sslmode') || isLoopback(url.hostname)
      ? {}
      : { ssl: { rejectUnauthorized: true } }),
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    application_name: 'bursar',
  });
  // A connection that breaks while nobody waits for an answer must not end the process: the next query tells.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new BursarError(
      'unavailable',
      `cannot connect: ${error instanceof Error ? error.message : String(error)}`,
      {
        where,
        hint: 'Check the address, the login and that the network lets this machine in.',
        cause: error,
      },
    );
  }
  return { store: id, host: url.hostname, port: Number(url.port || 5432), client, close: () => client.end() };
}

/** Never shows the text: it holds a password. */
function parse(text: string, where: string): URL {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
    throw new BursarError('config', 'the connection string is no postgres:// address', { where });
  return new URL(text);
}

function isLoopback(host: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(host);
}
