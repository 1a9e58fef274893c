import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Decimal } from '../../lib/focus/decimal.ts';
import type { AuditResult } from '../../lib/run/model.ts';
import {
  type CorpusDocument,
  type CorpusVector,
  corpus,
  DAYS,
  DIMENSION,
  embed,
} from '../generate/corpus.ts';
import { bursarOk } from './bursar.ts';
import { BILLED, billOf, byIndex, DAY, manifest, told } from './corpus.ts';

const DATABASE = 'arn:aws:rds:us-east-1:111122223333:db:documents';

const CONFIG = `schemaVersion: 1
organisation: { name: Acme, currency: USD, timezone: UTC }
sources: { bills: { type: focus-file, path: bill.csv } }
estate:
  stores:
    docs:
      type: pgvector
      url: { env: DOCS_URL }
      billed: ['${DATABASE}']
      documents:
        - index: 'corpus.*'
          key: source
          part: "metadata->>'part'"
          content: "metadata->>'hash'"
          embedded: embedded_at
          model: "metadata->>'model'"
          tokens: tokens
          source: { type: manifest, path: documents.csv }
`;

async function connected(): Promise<Client> {
  const client = new Client({ connectionString: inject('nativePostgresUrl') });
  await client.connect();
  return client;
}

async function insert(client: Client, table: string, vectors: readonly CorpusVector[]): Promise<void> {
  await client.query(
    `INSERT INTO corpus.${table}
     SELECT id, source, metadata, embedded_at, tokens, embedding::vector
       FROM jsonb_to_recordset($1) AS rows(id int, source text, metadata jsonb, embedded_at timestamptz, tokens int, embedding text)`,
    [
      JSON.stringify(
        vectors.map(({ id, source, part, content, embedded, model, tokens, vector }) => ({
          id,
          source,
          metadata: { part, hash: content, model, secret: 'sk-live-not-to-be-seen' },
          embedded_at: embedded,
          tokens,
          embedding: JSON.stringify(vector),
        })),
      ),
    ],
  );
}

async function ask(client: Client, table: string, times: number): Promise<void> {
  await client.query('SET enable_seqscan = off');
  for (let time = 0; time < times; time += 1)
    await client.query(`SELECT id FROM corpus.${table} ORDER BY embedding <=> $1::vector LIMIT 3`, [
      JSON.stringify(embed(`invoice ${time}`)),
    ]);
  await client.query('RESET enable_seqscan');
}

/** Statistics of a session reach the others when it ends, or when it is told to. */
async function flushed(client: Client): Promise<void> {
  await client.query('SELECT pg_stat_force_next_flush()');
  await client.query('SELECT 1');
}

describe('a corpus whose vectors are stale in every way', () => {
  const { documents, indexes } = corpus();
  let client: Client;
  let here: string;
  let first: AuditResult;
  let second: AuditResult;
  let sizes: ReadonlyMap<string, string>;
  let databases: string;

  beforeAll(async () => {
    client = await connected();
    here = await mkdtemp(join(tmpdir(), 'bursar-corpus-'));
    for (const sql of ['CREATE EXTENSION IF NOT EXISTS vector', 'CREATE SCHEMA corpus'])
      await client.query(sql);
    for (const { name, looks } of indexes) {
      await client.query(
        `CREATE TABLE corpus.${name} (id int PRIMARY KEY, source text, metadata jsonb, embedded_at timestamptz,
                                      tokens int, embedding vector(${DIMENSION}) NOT NULL)`,
      );
      await insert(client, name, looks[0]);
      await client.query(
        `CREATE INDEX ${name}_hnsw ON corpus.${name} USING hnsw (embedding vector_cosine_ops)`,
      );
      await client.query(`ANALYZE corpus.${name}`);
    }
    await flushed(client);
    const start = Math.floor(Date.now() / DAY) * DAY;
    await writeFile(join(here, 'bursar.yaml'), CONFIG);
    await writeFile(
      join(here, 'bill.csv'),
      billOf(start, {
        ServiceName: 'Amazon Relational Database Service',
        ServiceCategory: 'Databases',
        ResourceId: DATABASE,
        ResourceType: 'Database',
      }),
    );
    const look = async (at: number, manifested: readonly CorpusDocument[]): Promise<AuditResult> => {
      await writeFile(join(here, 'documents.csv'), manifest(manifested));
      const given = ['audit', '--format', 'json', '--now', new Date(at).toISOString()];
      const result: AuditResult = JSON.parse(
        await bursarOk(given, here, { DOCS_URL: inject('nativePostgresUrl') }),
      );
      // The bill's own faults (nobody tagged the database) are another matter.
      return { ...result, findings: result.findings.filter(({ check }) => check === 'stale-embeddings') };
    };
    first = await look(start, documents[0]);
    for (const { name, looks, asked } of indexes) {
      const changed = looks[1].filter((one, at) => one !== looks[0][at]);
      await client.query(`DELETE FROM corpus.${name} WHERE id = ANY ($1)`, [changed.map(({ id }) => id)]);
      await insert(client, name, changed);
      await ask(client, name, asked);
    }
    await flushed(client);
    second = await look(start + DAYS * DAY, documents[1]);
    const { rows } = await client.query<{ name: string; bytes: string }>(
      `SELECT relname AS name, pg_relation_size(oid)::text AS bytes FROM pg_class WHERE relname LIKE '%\\_hnsw'`,
    );
    sizes = new Map(rows.map(({ name, bytes }) => [`corpus.${name}`, bytes]));
    const { rows: all } = await client.query<{ bytes: string }>(
      'SELECT sum(pg_database_size(oid))::text AS bytes FROM pg_database',
    );
    databases = all[0]?.bytes ?? '';
  });

  afterAll(async () => {
    await client.query('DROP SCHEMA corpus CASCADE');
    await client.end();
    await rm(here, { recursive: true, force: true });
  });

  it('is told exactly, and nothing else', () => {
    expect(second.coverage).toMatchObject([
      expect.objectContaining({ scope: 'bill:bills', status: 'complete' }),
      expect.objectContaining({ scope: 'store:docs', status: 'complete' }),
    ]);
    const expected = indexes.flatMap(({ name, truth }) =>
      truth.map((one) => ({ index: `corpus.${name}_hnsw`, ...one })),
    );
    expect(second.findings.map(told).toSorted(byIndex)).toEqual(expected.toSorted(byIndex));
  });

  it('costs its part of the database to the cent, of which nothing is saved', () => {
    const costing = ['unqueried', 'orphaned', 'duplicate'];
    expect(second.findings.filter((one) => costing.includes(told(one).kind))).toHaveLength(4);
    for (const finding of second.findings) {
      const { kind, index, vectors } = told(finding);
      const all = indexes.find(({ name }) => `corpus.${name}_hnsw` === index)?.looks[1].length ?? 0;
      expect(finding.monthlySaving).toBeNull();
      if (!costing.includes(kind)) continue;
      const cost = new Decimal(BILLED)
        .times(sizes.get(index) ?? '0')
        .div(databases)
        .times(vectors)
        .div(all);
      expect(cost.toNumber(), `${index} ${kind}`).toBeGreaterThan(0.01);
      expect(finding.costBasis).toBe('billed');
      expect(new Decimal(finding.monthlyCost?.amount ?? '0').toFixed(2)).toBe(cost.toFixed(2));
    }
  });

  it('shows at the first look what no time is needed for', () => {
    expect(
      first.findings
        .map(told)
        .map(({ index, kind, verdict }) => `${index} ${kind} ${verdict}`)
        .toSorted(),
    ).toEqual([
      'corpus.archive_hnsw orphaned UNUSED',
      'corpus.faq_hnsw superseded-model INEFFICIENT',
      // How often either is asked is not known yet: of the two it is the one with the later name.
      'corpus.handbook_hnsw duplicate SUSPECTED',
      'corpus.legacy_hnsw superseded-model INEFFICIENT',
      'corpus.prices_hnsw out-of-date INEFFICIENT',
      'corpus.tickets_hnsw duplicate UNUSED',
    ]);
  });

  it('is looked at by a number of statements that hangs on the indexes alone', () => {
    const calls = second.ownCost.calls.find(({ api }) => api === 'pgvector.query');
    // Ten for the catalogue with the size of all databases; seven for each of nine tables, and one for
    // each 500 keys until fewer come.
    const fetches = indexes.map(({ looks }) => Math.floor(looks[1].length / 500) + 1);
    expect(Math.max(...fetches)).toBe(2);
    expect(calls?.count).toBe(fetches.reduce((sum, of) => sum + 7 + of, 10));
  });

  it('never shows a text, a key or what else metadata hold', () => {
    const shown = JSON.stringify([first, second]);
    for (const secret of ['sk-live-not-to-be-seen', 'docs/archive/', 'hash-'])
      expect(shown).not.toContain(secret);
  });
});
