import { Client } from 'pg';
import { inject, onTestFinished } from 'vitest';
import type { Target } from '../../lib/actions/model.ts';
import type { PostgresActSession } from '../../lib/actions/postgres-session.ts';
import { indexId, serverName } from '../../lib/estate/pgvector/address.ts';
import { Meter } from '../../lib/platform/meter.ts';

/** A schema of its own in the native server, with a table of so many vectors and an index of them. */
export interface Vectors {
  readonly client: Client;
  readonly schema: string;
  readonly session: PostgresActSession;
  readonly target: Target;
  run(...statements: readonly string[]): Promise<void>;
  /** The definition of the index and whether it may be used; null where it is gone. */
  index(): Promise<{ definition: string; valid: boolean } | null>;
  /** One search that the index answers. */
  search(): Promise<void>;
}

export async function vectors(
  schema: string,
  { rows = 200, url = inject('nativePostgresUrl'), user = undefined as string | undefined } = {},
): Promise<Vectors> {
  const client = new Client({ connectionString: url });
  await client.connect();
  onTestFinished(async () => {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await client.end();
  });
  const run = async (...statements: readonly string[]) => {
    for (const sql of statements) await client.query(sql);
  };
  await run(
    'CREATE EXTENSION IF NOT EXISTS vector',
    `DROP SCHEMA IF EXISTS ${schema} CASCADE`,
    `CREATE SCHEMA ${schema}`,
    `CREATE TABLE ${schema}.chunks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text, part int, embedding vector(3))`,
    `INSERT INTO ${schema}.chunks (source, part, embedding)
       SELECT 'doc-' || n, 0, ARRAY[n, n % 7, n % 3]::vector FROM generate_series(1, ${rows}) n`,
    `CREATE INDEX chunks_hnsw ON ${schema}.chunks USING hnsw (embedding vector_l2_ops) WITH (m = 8)`,
    'SELECT pg_stat_force_next_flush()',
  );
  const { hostname, port } = new URL(url);
  const server = serverName(hostname, Number(port));
  return {
    client,
    schema,
    session: sessionOf(url, server, user),
    target: {
      provider: 'postgres',
      accountId: server,
      region: 'global',
      resourceType: 'pgvector:index',
      resourceId: indexId(server, 'postgres', schema, 'chunks_hnsw'),
      evidence: { kind: 'unqueried', 'counter of queries at this look': '0' },
    },
    run,
    index: async () => {
      const { rows: found } = await client.query(
        `SELECT pg_get_indexdef(c.oid) AS definition, i.indisvalid AS valid FROM pg_class c
           JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relname = 'chunks_hnsw' AND c.relnamespace = $1::regnamespace`,
        [schema],
      );
      return found[0] ?? null;
    },
    search: async () => {
      await run(
        'SET enable_seqscan = off',
        `SELECT source FROM ${schema}.chunks ORDER BY embedding <-> '[1,2,3]' LIMIT 3`,
        'RESET enable_seqscan',
        'SELECT pg_stat_force_next_flush()',
        'SELECT 1',
      );
    },
  };
}

function sessionOf(url: string, server: string, user: string | undefined): PostgresActSession {
  const address = new URL(url);
  if (user !== undefined) address.username = user;
  return {
    store: 'docs',
    server,
    database: 'postgres',
    meter: new Meter(),
    documents: () => null,
    exports: null,
    async connected(work) {
      const client = new Client({ connectionString: address.href });
      await client.connect();
      client.on('error', () => undefined);
      try {
        return await work({
          query: (text, values) => client.query(text, values === undefined ? [] : [...values]),
        });
      } finally {
        await client.end();
      }
    },
  };
}
