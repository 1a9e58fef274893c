import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { identityOf } from '../../../lib/estate/vectors/compare.ts';
import { documents, looked, run } from './tables.ts';

const VECTORS = 5000;
/** Stored apart from its row: 1,000 components are 4 kB (pgvector's README, "Storage"). */
const WIDE = 1000;

let client: Client;

/** Every row twice as often as the hashes of keys say: those with the smallest, by hand. */
function smallest(count: number, most: number): string[] {
  return Array.from({ length: count }, (_, n) => ({ source: `doc-${n >> 1}.md`, part: String(n % 2) }))
    .map(({ source, part }) =>
      identityOf({ source, part, content: null, embedded: null, model: null, tokens: null }),
    )
    .filter((hash) => hash !== null)
    .toSorted()
    .slice(0, most);
}

beforeAll(async () => {
  client = new Client({ connectionString: inject('nativePostgresUrl') });
  await client.connect();
  await run(client, [
    'CREATE EXTENSION IF NOT EXISTS vector',
    'CREATE SCHEMA sampling',
    `CREATE TABLE sampling.wide (id int PRIMARY KEY, source text, part int, metadata jsonb, embedding vector(${WIDE}))`,
    'ALTER TABLE sampling.wide ALTER embedding SET STORAGE EXTERNAL',
    `INSERT INTO sampling.wide
     SELECT n, 'doc-' || n / 2 || '.md', n % 2,
            jsonb_build_object('source', 'doc-' || n / 2 || '.md', 'password', 'hunter2secret', 'part', n % 2),
            (SELECT array_agg(((n * 31 + k * 17) % 97)::real) FROM generate_series(1, ${WIDE}) k)::vector
       FROM generate_series(0, ${VECTORS - 1}) n`,
    'CREATE INDEX wide_ivf ON sampling.wide USING ivfflat (embedding vector_cosine_ops) WITH (lists = 4)',
    'ANALYZE sampling.wide',
  ]);
});

afterAll(async () => {
  await client.query('DROP SCHEMA sampling CASCADE');
  await client.end();
});

beforeEach(async () => {
  await client.query('SELECT pg_stat_force_next_flush()');
});

const wide = (name: string) => name === 'sampling.wide_ivf';

/** What the server counted of the table. */
async function counters(): Promise<Record<string, unknown>> {
  // This session's own counters reach the others when it tells them.
  await client.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await client.query<Record<string, unknown>>(
    `SELECT seq_scan::int, idx_scan::int, toast_blks_read + toast_blks_hit AS toast
       FROM pg_stat_user_tables JOIN pg_statio_user_tables USING (relid) WHERE relid = 'sampling.wide'::regclass`,
  );
  return rows[0] ?? {};
}

describe('keys of a table', () => {
  it('are all compared where they are few', async () => {
    const keys = Array.from({ length: VECTORS / 2 }, (_, n) => `doc-${n}.md`).slice(100);
    const { of } = await looked(client, (name) => (wide(name) ? documents(keys) : null));
    const { sample, vectors, source, gaps } = of('wide_ivf');
    expect(sample).toMatchObject({
      population: VECTORS,
      size: VECTORS,
      drawn: 'all',
      counts: { gone: 200, duplicate: 0, unkeyed: 0 },
      models: { '': VECTORS },
      sources: { kind: 'manifest', keys: VECTORS / 2 - 100, complete: true },
    });
    expect(sample?.sketch.map(({ key }) => key)).toEqual(smallest(VECTORS, 1024));
    expect([vectors, source, gaps]).toEqual([VECTORS, 'documents.csv', []]);
  });

  it.each([
    ['columns', {}],
    ['JSON', { key: "metadata->>'source'", part: "metadata ->> 'part'" }],
  ])('are drawn by their hashes where they are many, the same ones each time: %s', async (_what, fields) => {
    const given = documents(null, { most: 1500, ...fields });
    const first = (await looked(client, (name) => (wide(name) ? given : null))).of('wide_ivf').sample;
    const again = (await looked(client, (name) => (wide(name) ? given : null))).of('wide_ivf').sample;
    expect(first).toEqual(again);
    expect(first).toMatchObject({ population: VECTORS, drawn: 'by-key-hash', sources: null });
    // Four standard deviations fewer than asked for, give or take as many.
    expect(first?.size).toBeGreaterThan(1500 - 8 * Math.sqrt(1500));
    expect(first?.size).toBeLessThanOrEqual(1500);
    // Just those that a draw over all keys finds.
    expect(first?.sketch.map(({ key }) => key)).toEqual(smallest(VECTORS, 1024));
  });

  it('neither read a vector nor count as a search of the table', async () => {
    const before = await counters();
    const { statements } = await looked(client, (name) =>
      wide(name) ? documents([], { most: 1500 }) : null,
    );
    expect(await counters()).toEqual(before);
    const reading = statements.filter((sql) => /FROM "sampling"/.test(sql));
    expect(reading).toHaveLength(2);
    for (const sql of statements) expect(sql).not.toMatch(/"embedding"(?! IS NOT NULL)/);
    for (const sql of reading) {
      const plan = await explained(sql.replace(/^DECLARE .* CURSOR FOR/, ''));
      expect(plan).toContain('Sample Scan on sampling.wide');
      expect(plan).toContain("Sampling: system ('100'::real)");
      expect(plan).not.toMatch(/Sort|Seq Scan|Materialize|Hash Join/);
      // What leaves the plan; a scan hands on whole rows, of which nothing is unpacked.
      expect(plan.split('\n').find((line) => line.includes('Output:'))).not.toContain('embedding');
    }
    expect(await explained((reading[1] ?? '').replace(/^DECLARE .* CURSOR FOR/, ''))).toMatch(/^Limit/);
    expect(await counters()).toEqual(before);
    // The counters are such that a search of the table, and vectors that are read, would show.
    await client.query('SELECT sum(vector_norm(embedding)) FROM sampling.wide');
    const after = await counters();
    expect(after['seq_scan']).toBe(Number(before['seq_scan']) + 1);
    expect(Number(after['toast'])).toBeGreaterThan(Number(before['toast']) + VECTORS);
  });

  it('come by a bounded number of statements, each of which is counted', async () => {
    const { statements, meter } = await looked(client, (name) => (wide(name) ? documents([]) : null));
    // Eight for the catalogue; begin, settings, columns, count, declare, eleven times at most 500 rows, close,
    // rollback.
    expect(statements).toHaveLength(8 + 18);
    expect(meter.total().calls).toEqual([{ api: 'pgvector.query', count: 26 }]);
    expect(statements.filter((sql) => sql.startsWith('FETCH'))).toHaveLength(11);
    expect(statements.at(-1)).toBe('ROLLBACK');
  });

  it('never bring what the config does not name', async () => {
    const seen: unknown[] = [];
    const spy = {
      query: async (sql: string) => {
        const answer = await client.query<Record<string, unknown>>(sql);
        seen.push(answer.rows);
        return answer;
      },
    };
    const { indexes } = await looked(spy, () => documents(['x'], { key: "metadata->>'source'" }));
    expect(JSON.stringify([seen, indexes])).not.toContain('hunter2secret');
    expect(JSON.stringify(indexes)).not.toContain('doc-');
  });
});

async function explained(sql: string): Promise<string> {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, VERBOSE) ${sql}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}
