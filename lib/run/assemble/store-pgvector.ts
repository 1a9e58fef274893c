import type { StoreConfig } from '../../config/schema.ts';
import type { PgSession } from '../../estate/pgvector/session.ts';
import type { DocumentsOf } from '../../estate/vectors/documents.ts';
import { BursarError } from '../../platform/errors.ts';
import { postgresAddress, postgresUrl } from './postgres-address.ts';
import { connectPostgres, type PostgresLogin } from './postgres-client.ts';
import { rdsLogin } from './rds-login.ts';
import { readSecret } from './secrets.ts';

export type PgvectorConfig = StoreConfig & { type: 'pgvector' };

/** An open connection to a Postgres with vectors. */
export async function enterPgvector(
  id: string,
  store: PgvectorConfig,
  documents: DocumentsOf,
): Promise<PgSession & { close(): Promise<void> }> {
  const where = `store:${id}`;
  const login = await pgvectorLogin(store, id, 'url');
  const { host, port } = placeOf(login, where);
  const client = await connectPostgres(login, where);
  return {
    store: id,
    host,
    port,
    client,
    documents,
    billed: store.billed,
    close: () => client.end(),
  };
}

/**
 * Who connects, by a connection string or a token of IAM.
 * @param key of the connection string under `estate.stores.ID`
 */
export async function pgvectorLogin(
  { url, auth }: Pick<PgvectorConfig, 'url' | 'auth'>,
  id: string,
  key: string,
): Promise<PostgresLogin> {
  const where = `store:${id}`;
  if (auth !== undefined) return await rdsLogin(auth, id);
  if (url === undefined) throw new BursarError('config', 'the store names neither url nor auth', { where });
  return { url: postgresUrl(await readSecret(url, `estate.stores.${id}.${key}`), where) };
}

/** The database that a login leads to. */
export function placeOf(
  login: PostgresLogin,
  where: string,
): { readonly host: string; readonly port: number; readonly database: string } {
  return 'url' in login ? postgresAddress(login.url, where) : login;
}
