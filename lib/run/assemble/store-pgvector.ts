import { Client } from 'pg';
import type { StoreConfig } from '../../config/schema.ts';
import type { PgSession } from '../../estate/pgvector/session.ts';
import type { DocumentsOf } from '../../estate/vectors/documents.ts';
import { BursarError } from '../../platform/errors.ts';
import { readSecret } from './secrets.ts';

const CONNECT_TIMEOUT = 10_000;

/** An open connection to a Postgres with vectors. */
export async function enterPgvector(
  id: string,
  store: StoreConfig & { type: 'pgvector' },
  documents: DocumentsOf,
): Promise<PgSession & { close(): Promise<void> }> {
  const where = `store:${id}`;
  if (store.url === undefined) throw new BursarError('config', 'the store names no address', { where });
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
  return {
    store: id,
    host: url.hostname,
    port: Number(url.port || 5432),
    client,
    documents,
    billed: store.billed,
    close: () => client.end(),
  };
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
