import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { VectorIndex } from '../../../lib/estate/model.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { documents, looked, run } from './tables.ts';

let client: Client;

const why = (index: VectorIndex) => index.gaps.filter(({ of }) => of === 'documents').map((gap) => gap.why);

beforeAll(async () => {
  client = new Client({ connectionString: inject('nativePostgresUrl') });
  await client.connect();
  await run(client, [
    'CREATE EXTENSION IF NOT EXISTS vector',
    'CREATE SCHEMA bad',
    'CREATE TABLE bad.chunks (source text, part int, metadata jsonb, private text, embedding vector(3) NOT NULL)',
    `INSERT INTO bad.chunks SELECT 'doc-' || n, 0, jsonb_build_object('n', n), 'x', '[1,2,3]' FROM generate_series(1, 50) n`,
    'CREATE INDEX chunks_hnsw ON bad.chunks USING hnsw (embedding vector_l2_ops)',
    'CREATE TABLE bad.other (source text, part int, embedding vector(3))',
    `INSERT INTO bad.other SELECT 'doc-' || n, 0, CASE WHEN n > 10 THEN '[1,2,3]'::vector END FROM generate_series(1, 50) n`,
    'CREATE INDEX other_hnsw ON bad.other USING hnsw (embedding vector_l2_ops)',
  ]);
});

afterAll(async () => {
  await client.query('DROP SCHEMA bad CASCADE');
  await client.end();
});

async function as<T>(role: string, grants: readonly string[], work: () => Promise<T>): Promise<T> {
  await run(client, [`CREATE ROLE ${role}`, ...grants, `SET ROLE ${role}`]);
  try {
    return await work();
  } finally {
    await run(client, ['RESET ROLE', `DROP OWNED BY ${role}`, `DROP ROLE ${role}`]);
  }
}

describe('what the config names', () => {
  it.each([
    [{ key: 'sorce' }, 'has no column sorce: it has source, part, metadata, private, embedding'],
    [{ key: "source->>'file'" }, 'is text, no JSON'],
    [{ key: `source"; DROP TABLE bad.chunks; --` }, 'has no column'],
    [{ part: 'Part' }, 'has no column Part'],
  ])('and is not there is told, of that index alone: %o', async (fields, said) => {
    const { of } = await looked(client, (name) => documents([], name.endsWith('chunks_hnsw') ? fields : {}));
    expect(of('chunks_hnsw').sample).toBeNull();
    expect(why(of('chunks_hnsw'))).toEqual([expect.stringContaining(said)]);
    expect(of('chunks_hnsw').queries).toBe(0);
    expect(of('other_hnsw').sample).toMatchObject({ size: 40, counts: { gone: 40 } });
  });

  it('is never run as SQL', async () => {
    const key = `metadata->>'n'') FROM bad.chunks; DROP TABLE bad.chunks; --'`;
    const { of } = await looked(client, () => documents(null, { key }));
    expect(of('chunks_hnsw').sample ?? why(of('chunks_hnsw'))).toBeTruthy();
    expect((await client.query('SELECT count(*)::int AS n FROM bad.chunks')).rows).toEqual([{ n: 50 }]);
    const quoted = await looked(client, () => documents(null, { key: `metadata->>'it''s \\ "odd"'` }));
    expect(quoted.of('chunks_hnsw').sample?.counts.unkeyed).toBe(50);
  });
});

describe('a login', () => {
  it('that may read some columns needs no more, and none of the vectors', async () => {
    const grants = [
      'GRANT USAGE ON SCHEMA bad TO narrow',
      'GRANT SELECT (source, part) ON bad.chunks TO narrow',
    ];
    await as('narrow', grants, async () => {
      const { of } = await looked(client, () => documents(['doc-1']));
      expect(of('chunks_hnsw').sample).toMatchObject({ size: 50, counts: { gone: 49 } });
      expect(why(of('other_hnsw'))).toEqual([
        'The login may not read "source", "part", "embedding" of bad.other: GRANT SELECT ("source", "part", "embedding") ON "bad"."other". Of what is indexed only whether it is NULL is read; a column that is NOT NULL need not be granted.',
      ]);
      await expect(client.query('SELECT embedding FROM bad.chunks')).rejects.toThrow('denied');
    });
  });

  it('that may not enter the schema, or sees some rows alone, is told as a gap', async () => {
    await as('outside', ['GRANT SELECT ON bad.chunks TO outside'], async () => {
      const { of } = await looked(client, () => documents([]));
      expect(why(of('chunks_hnsw'))).toEqual([
        expect.stringMatching(/may not read bad.chunks: permission denied/),
      ]);
    });
    await run(client, ['ALTER TABLE bad.chunks ENABLE ROW LEVEL SECURITY']);
    try {
      const grants = ['GRANT USAGE ON SCHEMA bad TO partly', 'GRANT SELECT ON bad.chunks TO partly'];
      await as('partly', grants, async () => {
        const { of } = await looked(client, () => documents([]));
        expect(of('chunks_hnsw').sample).toBeNull();
        expect(why(of('chunks_hnsw'))).toEqual([expect.stringContaining('row-level security')]);
      });
    } finally {
      await client.query('ALTER TABLE bad.chunks DISABLE ROW LEVEL SECURITY');
    }
  });
});

/** A client that does something before a statement. */
function before(statement: RegExp, act: () => Promise<unknown>) {
  let done = false;
  return {
    query: async (sql: string) => {
      if (!done && statement.test(sql)) {
        done = true;
        await act();
      }
      return await client.query<Record<string, unknown>>(sql);
    },
  };
}

/** Waits a moment for what is locked. */
const hurried = {
  query: (sql: string) =>
    client.query<Record<string, unknown>>(
      sql.replace(/set_config\('lock_timeout', '\d+'/, "set_config('lock_timeout', '200'"),
    ),
};

describe('in the middle of a look', () => {
  it.each([
    ['before its columns are read', /pg_depend/, 'is gone since'],
    ['before it is counted', /count\(\*\)::text AS vectors/, 'is gone since'],
  ])('a table that is dropped is told, and the others go on: %s', async (_what, statement, said) => {
    await run(client, [
      'CREATE TABLE bad.a_dropped (source text, part int, embedding vector(3))',
      'CREATE INDEX a_dropped_hnsw ON bad.a_dropped USING hnsw (embedding vector_l2_ops)',
    ]);
    const other = new Client({ connectionString: inject('nativePostgresUrl') });
    await other.connect();
    const { of } = await looked(
      before(statement, () => other.query('DROP TABLE bad.a_dropped')),
      () => documents([]),
    );
    await other.end();
    expect(why(of('a_dropped_hnsw'))).toEqual([expect.stringContaining(said)]);
    expect(of('chunks_hnsw').sample?.size).toBe(50);
  });

  it('a table that another holds locked is left after its time, and an index that is made anew keeps its last size', async () => {
    const other = new Client({ connectionString: inject('nativePostgresUrl') });
    await other.connect();
    try {
      await run(other, ['BEGIN', 'LOCK TABLE bad.chunks IN ACCESS EXCLUSIVE MODE']);
      const { of } = await looked(hurried, () => documents([]));
      expect(why(of('chunks_hnsw'))).toEqual([expect.stringContaining('was locked for over 5 s')]);
      expect(of('other_hnsw').sample?.size).toBe(40);
      await run(other, ['ROLLBACK', 'BEGIN', 'REINDEX INDEX bad.other_hnsw']);
      const during = await looked(hurried, () => null);
      expect(during.of('chunks_hnsw').gaps).toEqual([expect.objectContaining({ of: 'bytes' })]);
      expect(during.of('chunks_hnsw').bytes).toBeGreaterThan(8191);
    } finally {
      await other.end();
    }
  });

  it('a connection that breaks leaves what the catalogue told', async () => {
    const broken = new Client({ connectionString: inject('nativePostgresUrl') });
    broken.on('error', () => undefined);
    await broken.connect();
    const { rows } = await broken.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const breaking = {
      query: async (sql: string) => {
        if (sql.startsWith('FETCH')) await client.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
        return await broken.query<Record<string, unknown>>(sql);
      },
    };
    const { of, statements } = await looked(breaking, () => documents([]));
    for (const name of ['chunks_hnsw', 'other_hnsw'])
      expect(why(of(name))).toEqual([expect.stringContaining('The connection broke off')]);
    expect(statements.filter((sql) => sql.startsWith('FETCH'))).toHaveLength(1);
    expect(of('other_hnsw').queries).toBe(0);
  });

  it('a source that cannot be listed leaves copies and models to be seen', async () => {
    const given = {
      ...documents([]),
      list: () => Promise.reject(new BursarError('denied', 'the bucket is closed')),
    };
    const { of } = await looked(client, () => given);
    expect(of('chunks_hnsw').sample).toMatchObject({ size: 50, sources: null, counts: { gone: 0 } });
    expect(why(of('chunks_hnsw'))).toEqual([expect.stringContaining('the bucket is closed')]);
  });
});

describe('odd keys', () => {
  it('without any, empty ones, and keys of 10 kB', async () => {
    await run(client, [
      'CREATE TABLE bad.odd (source text, embedding vector(3) NOT NULL)',
      `INSERT INTO bad.odd SELECT CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN repeat('ü', 5000) || n
                                             ELSE E'tab\\t"quoted" \\\\ \\u0001 café ' || n END, '[1,2,3]'
         FROM generate_series(1, 400) n`,
      'CREATE INDEX odd_hnsw ON bad.odd USING hnsw (embedding vector_l2_ops)',
    ]);
    const keys = [`${'ü'.repeat(5000)}2`, 'tab\t"quoted" \\ \u0001 café 3'];
    const given = documents(keys, { part: null });
    const whole = (await looked(client, () => given)).of('odd_hnsw');
    expect(whole.sample).toMatchObject({ size: 400, counts: { unkeyed: 200, gone: 198 } });
    // Nothing tells the vectors of a document apart: drawn by chance, those without a key with the others.
    const drawn = (await looked(client, () => ({ ...given, most: 200 }))).of('odd_hnsw');
    expect(drawn.sample).toMatchObject({ population: 400, drawn: 'at-random' });
    expect(drawn.sample?.counts.unkeyed).toBeGreaterThan(30);
    expect(drawn.sample?.size).toBeLessThanOrEqual(200);
  });

  it('are drawn by the hashes that any other store draws them by, with their content where they have no part', async () => {
    await run(client, [
      'CREATE TABLE bad.hashed (source text, hash text, embedding vector(3) NOT NULL)',
      `INSERT INTO bad.hashed SELECT E'"é"\\\\\\n' || n / 2, CASE WHEN n % 5 > 0 THEN 'v' || n END, '[1,2,3]' FROM generate_series(1, 2000) n`,
      'CREATE INDEX hashed_hnsw ON bad.hashed USING hnsw (embedding vector_l2_ops)',
    ]);
    const given = documents(null, { part: null, content: 'hash' });
    const all = (await looked(client, () => given)).of('hashed_hnsw').sample;
    const some = (await looked(client, () => ({ ...given, most: 1000 }))).of('hashed_hnsw').sample;
    expect(some?.drawn).toBe('by-key-hash');
    expect(some?.sketch.length).toBeGreaterThan(700);
    expect(all?.sketch.slice(0, some?.sketch.length)).toEqual(some?.sketch);
  });
});
