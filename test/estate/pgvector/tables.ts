import type { Client } from 'pg';
import type { VectorIndex } from '../../../lib/estate/model.ts';
import { pgvectorIndexes } from '../../../lib/estate/pgvector/indexes.ts';
import type { PgClient, PgSession } from '../../../lib/estate/pgvector/session.ts';
import { Sources } from '../../../lib/estate/vectors/compare.ts';
import type { DocumentFields, Documents } from '../../../lib/estate/vectors/documents.ts';
import { Meter } from '../../../lib/platform/meter.ts';

const SCOPE = { provider: 'postgres', accountId: 'docs', region: 'global' } as const;

export const FIELDS: DocumentFields = {
  key: 'source',
  part: 'part',
  content: null,
  embedded: null,
  model: null,
  tokens: null,
};

/** Documents of a table whose source lists these keys. */
export function documents(
  keys: readonly string[] | null,
  { most = 20_000, ...fields }: Partial<DocumentFields> & { most?: number } = {},
): Documents {
  const list = async () => {
    const sources = new Sources('manifest', 'documents.csv');
    for (const key of keys ?? []) sources.add({ key, modified: null, content: null });
    return { sources, told: sources.summary('2026-11-20T10:00:00.000Z', true) };
  };
  return {
    fields: { ...FIELDS, ...fields },
    most,
    skew: 300_000,
    list: keys === null ? null : list,
    source: keys === null ? null : 'documents.csv',
  };
}

/** What one look tells, by the name of the index without its schema, and every statement that it sent. */
export async function looked(
  client: PgClient,
  documentsOf: PgSession['documents'],
  { billed = [] as readonly string[] } = {},
): Promise<{
  of: (name: string) => VectorIndex;
  indexes: readonly VectorIndex[];
  statements: string[];
  meter: Meter;
}> {
  const statements: string[] = [];
  const meter = new Meter();
  const session: PgSession = {
    store: 'docs',
    host: '127.0.0.1',
    port: 5432,
    client: {
      query: async (sql) => {
        statements.push(sql);
        return await client.query(sql);
      },
    },
    documents: documentsOf,
    billed,
  };
  const earlier = { resources: [], telemetry: [], vectorIndexes: [] };
  const { vectorIndexes = [] } = await pgvectorIndexes.collect(SCOPE, session, new Date(), earlier, meter);
  const of = (name: string) => {
    const found = vectorIndexes.find(({ index }) => index.endsWith(`.${name}`));
    if (found === undefined) throw new Error(`no index ${name}`);
    return found;
  };
  return { of, indexes: vectorIndexes, statements, meter };
}

export async function run(client: Client, statements: readonly string[]): Promise<void> {
  for (const sql of statements) await client.query(sql);
}
