import type { Config, StoreConfig } from '../../config/schema.ts';
import { serverName } from '../../estate/pgvector/address.ts';
import { type Examined, failure } from './examined.ts';
import { type PostgresAddress, postgresAddress, postgresUrl } from './postgres-address.ts';
import { connectPostgres } from './postgres-client.ts';
import { readSecret } from './secrets.ts';
import { type PgvectorConfig, pgvectorLogin, placeOf } from './store-pgvector.ts';

type Stores = Config['estate']['stores'];

/** Connection strings of Postgres whose connection nobody verifies, or that lead elsewhere than they seem to. */
export async function examineAddresses(stores: Stores): Promise<Examined[]> {
  const found: Examined[] = [];
  for (const [id, store] of Object.entries(stores))
    for (const [key, reference] of addressesOf(store)) {
      const what = `store:${id} ${key}`;
      try {
        const url = postgresUrl(await readSecret(reference, `estate.stores.${id}.${key}`), what);
        found.push(...faultsOf(url, postgresAddress(url, what)).map((fault) => ({ what, ...fault })));
      } catch (error) {
        found.push(failure(what, error));
      }
    }
  return found;
}

/** Every connection string of a store, by its key: its own, that of who acts, those of its documents. */
function addressesOf(store: StoreConfig) {
  const own =
    store.type === 'pgvector'
      ? ([
          ['url', store.url],
          ['act.url', store.act?.url],
        ] as const)
      : [];
  const documents = store.documents.map(
    ({ source }, at) =>
      [`documents[${at}].source.url`, source?.type === 'postgres' ? source.url : undefined] as const,
  );
  return [...own, ...documents].flatMap(([key, url]) => (url === undefined ? [] : [[key, url] as const]));
}

function faultsOf(url: URL, { host, tls, because }: PostgresAddress): Omit<Examined, 'what'>[] {
  const named = decodeURIComponent(url.hostname).replace(/^\[(.+)\]$/, '$1');
  const todo = `Leave ${because} out of the address, or write sslmode=verify-full.`;
  return [
    ...(tls === 'none'
      ? [{ state: 'fails' as const, told: 'the connection is not encrypted', todo }]
      : tls === 'unverified'
        ? [{ state: 'fails' as const, told: 'the certificate of the server is not verified', todo }]
        : []),
    ...(named === '' || named === host
      ? []
      : [
          {
            state: 'fails' as const,
            told: `the address names ${named}, but its host=${host} is where it leads`,
            todo: 'Name one server.',
          },
        ]),
  ];
}

/** Tables with indexes of vectors, and how many of them this role may not drop an index of (PostgreSQL, DROP INDEX). */
const OWNED = `
  SELECT current_database() AS database, count(*)::int AS tables,
         (count(*) FILTER (WHERE NOT pg_has_role(owned.relowner, 'USAGE')))::int AS closed
    FROM (SELECT DISTINCT t.oid, t.relowner
            FROM pg_index i
            JOIN pg_class c ON c.oid = i.indexrelid
            JOIN pg_am am ON am.oid = c.relam AND am.amname IN ('hnsw', 'ivfflat')
            JOIN pg_class t ON t.oid = i.indrelid) owned`;

/** Whether the logins that act lead to the database that is looked at, and may do there what they are for. */
export async function examineActLogins(stores: Stores): Promise<Examined[]> {
  const found: Examined[] = [];
  for (const [id, store] of Object.entries(stores)) {
    if (store.type !== 'pgvector' || store.act === undefined) continue;
    const what = `store:${id} act`;
    found.push(await examineAct(id, store, store.act, what).catch((error: unknown) => failure(what, error)));
  }
  return found;
}

async function examineAct(
  id: string,
  store: PgvectorConfig,
  act: NonNullable<PgvectorConfig['act']>,
  what: string,
): Promise<Examined> {
  const login = await pgvectorLogin(act, id, 'act.url');
  const [reads, acts] = [
    placeName(placeOf(await pgvectorLogin(store, id, 'url'), what)),
    placeName(placeOf(login, what)),
  ];
  if (reads !== acts)
    return {
      what,
      state: 'fails',
      told: `it leads to ${acts}, and what is looked at is ${reads}`,
      todo: 'Let both lead to the same host, port and database; until then nothing is done there.',
    };
  const client = await connectPostgres(login, what);
  try {
    await client.query(`SET statement_timeout = '15s'`);
    await client.query('SET default_transaction_read_only = on');
    const { rows } = await client.query<{ database: string; tables: number; closed: number }>(OWNED);
    const { tables = 0, closed = 0 } = rows[0] ?? {};
    return closed > 0
      ? {
          what,
          state: 'fails',
          told: `it may not drop the indexes of ${closed} of ${tables} tables with vectors`,
          todo: 'Grant it the roles that own those tables: GRANT docs_owner TO bursar_act.',
        }
      : { what, state: 'works', told: `may drop the indexes of ${tables} tables with vectors`, todo: null };
  } finally {
    await client.end();
  }
}

/** Names of hosts are the same in any case; those of databases are not. */
function placeName({ host, port, database }: ReturnType<typeof placeOf>): string {
  return `${serverName(host.toLowerCase(), port)}/${database}`;
}
