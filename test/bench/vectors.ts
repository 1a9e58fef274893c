import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { silent } from '../../lib/platform/progress.ts';
import { assembleCli } from '../../lib/run/assemble/cli.ts';
import { audit } from '../../lib/run/audit.ts';
import { collectAll, plan } from '../../lib/run/collect.ts';
import { rememberPlan } from '../../lib/run/reports.ts';
import { type Server, startPostgres } from '../counterparts/postgres.ts';
import { type Measured, measured } from './measure.ts';

/** Few components: no vector is read, and what is not stored apart is the harder case for a scan of the rows. */
const DIMENSION = 8;
/** In a hundred vectors, those whose document is gone, and those whose document was changed after them. */
export const GONE = 2;
export const CHANGED = 3;

const config = (most: number) => `schemaVersion: 1
organisation: { name: Bench, currency: USD, timezone: UTC }
estate:
  stores:
    docs:
      type: pgvector
      url: { env: BENCH_DOCS }
      documents:
        - index: '*'
          key: "metadata->>'source'"
          part: "metadata->>'part'"
          content: "metadata->>'hash'"
          embedded: embedded_at
          model: "metadata->>'model'"
          tokens: tokens
          most: ${most}
          source: { type: postgres, url: { env: BENCH_DOCS }, table: documents, key: key, modified: modified, content: hash }
checks: { stale-embeddings: {} }
`;

/** A native server with so many vectors, each of a document of its own in another table. */
export async function vectorStore(vectors: number): Promise<Server> {
  const server = await startPostgres();
  try {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    for (const sql of [
      'CREATE EXTENSION vector',
      `CREATE TABLE chunks (id int PRIMARY KEY, metadata jsonb, embedded_at timestamptz, tokens int,
                            embedding vector(${DIMENSION}) NOT NULL)`,
      `INSERT INTO chunks
       SELECT n, jsonb_build_object('source', 's3://manuals/' || md5(n::text) || '.pdf', 'part', 0, 'hash', md5('v1' || n),
                                    'model', 'text-embedding-3-small', 'title', repeat('manual ', 8)),
              '2026-04-01Z', 500, (SELECT array_agg(((n * 31 + k * 17) % 97)::real) FROM generate_series(1, ${DIMENSION}) k)::vector
         FROM generate_series(1, ${vectors}) n`,
      `CREATE TABLE documents AS
       SELECT 's3://manuals/' || md5(n::text) || '.pdf' AS key,
              CASE WHEN n % 100 < ${GONE + CHANGED} THEN '2026-05-01Z' ELSE '2026-03-01Z' END::timestamptz AS modified,
              md5(CASE WHEN n % 100 < ${GONE + CHANGED} THEN 'v2' ELSE 'v1' END || n) AS hash
         FROM generate_series(1, ${vectors}) n WHERE n % 100 >= ${GONE}`,
      'CREATE INDEX chunks_ivf ON chunks USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100)',
      'ANALYZE',
    ])
      await client.query(sql);
    await client.end();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Lists the documents, looks at the store and judges what was seen, as `bursar audit` does. */
export async function vectorAudit({
  state,
  url,
  most,
}: {
  state: string;
  url: string;
  most: number;
}): Promise<
  Measured & {
    gaps: readonly string[];
    found: readonly { kind: string; vectors: string; unit: string }[];
    statements: number;
  }
> {
  process.env['BENCH_DOCS'] = url;
  await mkdir(state, { recursive: true });
  await writeFile(join(state, 'bursar.yaml'), config(most));
  const now = new Date();
  await using house = await assembleCli({ config: join(state, 'bursar.yaml'), state }, now, silent);
  const { auditor } = house;
  const { value, ...figures } = await measured(async () => {
    const { tasks, reports } = await plan(auditor, 'r-bench', now);
    await rememberPlan(auditor.ledger, tasks, true);
    const all = [...reports, ...(await collectAll(auditor, tasks, now))];
    return await audit(auditor, 'r-bench', all, { sources: null, scopes: null }, now);
  });
  const { coverage, findings, ownCost } = value.result;
  const counted = /^vectors (whose source is gone|older than their source)$/;
  return {
    ...figures,
    gaps: coverage.flatMap(({ status, scope, reason }) =>
      status === 'complete' ? [] : [`${scope}: ${reason ?? status}`],
    ),
    found: findings.flatMap(({ evidence }) =>
      evidence.flatMap(({ name, value: vectors, unit }) =>
        counted.test(name) ? [{ kind: name, vectors, unit }] : [],
      ),
    ),
    statements: ownCost.calls.reduce(
      (sum, { api, count }) => (api === 'pgvector.query' ? sum + count : sum),
      0,
    ),
  };
}
