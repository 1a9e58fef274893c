import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Index, makeArrowTable } from '@lancedb/lancedb';
import {
  Field,
  FixedSizeList,
  Float32,
  Int64,
  List,
  Schema,
  Struct,
  TimestampMicrosecond,
  Uint8,
  Utf8,
} from 'apache-arrow';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IncompleteError } from '../../../lib/estate/incomplete.ts';
import { columnsOf } from '../../../lib/estate/lancedb/sample.ts';
import { Sources } from '../../../lib/estate/vectors/compare.ts';
import { BursarError } from '../../../lib/platform/errors.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import {
  collected,
  type Database,
  database,
  documentsBy,
  FIELDS,
  indexesOf,
  only,
  sessionOf,
  vectorOf,
} from './database.ts';

let db: Database;
beforeEach(async () => {
  db = await database();
});
afterEach(() => db.remove());

const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => ({
    id: `row-${from + at}`,
    source: `docs/${from + at}.md`,
    part: '0',
    vector: vectorOf(from + at),
  }));

/** Every file below the folder of the database. */
async function filesBelow(): Promise<string[]> {
  return (await readdir(db.folder, { recursive: true })).toSorted();
}

describe('a table', () => {
  test('is told by its manifests, and nothing of it is written', async () => {
    const table = await db.connection.createTable('manuals', rows(600));
    await table.add(rows(40, 600));
    await table.delete("id = 'row-3'");
    await table.createIndex('vector', {
      config: Index.ivfPq({ numPartitions: 2, numSubVectors: 4, distanceType: 'cosine' }),
    });
    await table.createIndex('id');
    const before = await filesBelow();
    const versions = await table.listVersions();
    const meter = new Meter();
    const index = only(
      await indexesOf(
        sessionOf(db, { models: { manuals: 'Text-Embedding-3-Small' }, kind: 'by-bytes' }),
        meter,
      ),
    );
    expect(await filesBelow()).toEqual(before);
    expect(index).toMatchObject({
      store: 'docs',
      storeType: 'lancedb',
      id: `file://${db.folder}/manuals.lance#vector`,
      table: 'manuals',
      index: 'manuals',
      method: 'ivf_pq',
      metric: 'cosine',
      dimension: 8,
      vectors: 639,
      model: 'text-embedding-3-small',
      queries: null,
      measured: null,
      created: versions[0]?.timestamp.toISOString(),
      // The third version deleted a row; the indexes made two more.
      lastWrite: versions[2]?.timestamp.toISOString(),
      incarnation: versions[0]?.timestamp.toISOString(),
      sample: null,
    });
    // All files of the table, those of old versions too.
    expect(index.bytes).toBeGreaterThan((await table.stats()).totalBytes);
    expect(index.capacity).toEqual({ kind: 'by-bytes', billed: [], bytes: index.bytes, sharedBy: null });
    expect(index.gaps.map(({ of }) => of)).toEqual(['queries', 'vectors', 'cost', 'documents']);
    expect(meter.total().calls).toEqual([
      { api: 'lancedb.indexStats', count: 1 },
      { api: 'lancedb.listIndices', count: 1 },
      { api: 'lancedb.listNamespaces', count: 1 },
      { api: 'lancedb.listTables', count: 1 },
      { api: 'lancedb.listVersions', count: 1 },
      { api: 'lancedb.openTable', count: 1 },
      { api: 'lancedb.stats', count: 1 },
    ]);
  });

  test('called as what every object has, is one that the config names no model of', async () => {
    await db.connection.createTable('constructor', rows(3));
    expect(only(await indexesOf(sessionOf(db)))).toMatchObject({ index: 'constructor', model: null });
  });

  test('in a storage that cannot be listed, or holds more than that, is told without its old versions', async () => {
    const table = await db.connection.createTable('manuals', rows(10));
    await table.add(rows(10, 10));
    const { totalBytes } = await table.stats();
    const denied = new BursarError('denied', 's3:ListBucket is not allowed');
    const files = () => {
      throw denied;
    };
    const index = only(await indexesOf(sessionOf(db, { files, kind: 'by-bytes' })));
    expect(index).toMatchObject({ vectors: 20, bytes: totalBytes, capacity: { bytes: null } });
    expect(index.gaps.find(({ of }) => of === 'bytes')?.why).toContain('s3:ListBucket is not allowed');
    // A disk holds more than the database.
    expect(only(await indexesOf(sessionOf(db))).capacity).toMatchObject({ bytes: null });
  });

  test('whose first version was removed does not know when it was made', async () => {
    const table = await db.connection.createTable('manuals', rows(10));
    await table.add(rows(10, 10));
    await table.optimize({ cleanupOlderThan: new Date(Date.now() + 1_000), deleteUnverified: true });
    const index = only(await indexesOf(sessionOf(db)));
    expect(index).toMatchObject({ created: null, incarnation: null, vectors: 20 });
    expect(index.lastWrite).not.toBeNull();
  });

  test('that was made again is another making of the index', async () => {
    await db.connection.createTable('manuals', rows(10));
    const first = only(await indexesOf(sessionOf(db)));
    await db.connection.dropTable('manuals');
    await db.connection.createTable('manuals', rows(10));
    const second = only(await indexesOf(sessionOf(db)));
    expect(second.id).toBe(first.id);
    expect(second.incarnation).not.toBe(first.incarnation);
  });

  test('of many versions is told by its files, and not by reading each of them', async () => {
    const table = await db.connection.createTable('manuals', rows(1));
    for (let at = 1; at <= 201; at += 1) await table.add(rows(1, at));
    const meter = new Meter();
    const index = only(await indexesOf(sessionOf(db), meter));
    expect(index).toMatchObject({ vectors: 202, created: null });
    expect(Math.abs(Date.parse(index.lastWrite ?? '') - Date.now())).toBeLessThan(60_000);
    expect(meter.total().calls.map(({ api }) => api)).not.toContain('lancedb.listVersions');
    expect(only(await indexesOf(sessionOf(db, { files: null })))).toMatchObject({ lastWrite: null });
  });

  test('is found in its namespace, and one without vectors is none', async () => {
    const item = new Field('item', new Float32(), true);
    const schema = new Schema([
      new Field('passage', new Struct([new Field('vector', new FixedSizeList(6, item), true)]), true),
      new Field('binary', new FixedSizeList(4, new Field('item', new Uint8(), true)), true),
      new Field('multi', new List(new Field('item', new FixedSizeList(5, item), true)), true),
      new Field('words', new List(new Field('item', new Utf8(), true)), true),
    ]);
    await db.connection.createEmptyTable('kinds', schema);
    await db.connection.createTable('plain', [{ id: 'a', text: 'b' }]);
    const spaces = await database();
    try {
      const manifests = await (await import('@lancedb/lancedb')).connect(spaces.folder, {
        manifestEnabled: true,
      });
      await manifests.createNamespace(['team']);
      await manifests.createTable('inner', rows(3), ['team']);
      manifests.close();
      expect(only(await indexesOf(sessionOf(spaces)))).toMatchObject({
        index: 'team.inner',
        id: `file://${spaces.folder}/team/inner.lance#vector`,
        vectors: 3,
      });
    } finally {
      await spaces.remove();
    }
    const found = await indexesOf(sessionOf(db));
    expect(found.map(({ index, dimension }) => [index, dimension])).toEqual([
      ['kinds.passage.vector', 6],
      ['kinds.binary', 4],
      ['kinds.multi', 5],
    ]);
    // Three columns of vectors in the same files: nothing tells what each of them takes.
    for (const { bytes, gaps } of found)
      expect([bytes, gaps.some(({ of }) => of === 'bytes')]).toEqual([null, true]);
  });
});

describe('documents', () => {
  const schema = new Schema([
    new Field('source', new Utf8(), true),
    new Field('part', new Int64(), true),
    new Field('content', new Utf8(), true),
    new Field('embedded', new TimestampMicrosecond(), true),
    new Field('model', new Utf8(), true),
    new Field('tokens', new Int64(), true),
    new Field('secret', new Utf8(), true),
    new Field(
      'meta',
      new Struct([new Field('source', new Utf8(), true), new Field('key', new Utf8(), true)]),
      true,
    ),
    new Field('vector', new FixedSizeList(8, new Field('item', new Float32(), true)), true),
  ]);
  const at = Date.UTC(2026, 3, 1);
  const full = (count: number) =>
    makeArrowTable(
      Array.from({ length: count }, (_, row) => ({
        source: row % 10 === 9 ? null : `docs/${row}.md`,
        part: BigInt(row % 3),
        content: `hash-${row}`,
        embedded: at,
        model: row % 2 === 0 ? 'small' : 'large',
        tokens: 100n,
        secret: 'hunter2',
        meta: { source: `inner/${row}.md`, key: 'hunter2' },
        vector: vectorOf(row),
      })),
      { schema },
    );

  test('are compared by the configured columns, and no vector is read', async () => {
    const table = await db.connection.createTable('manuals', full(50));
    const documents = documentsBy(FIELDS);
    const plan = await columnsOf(table, documents).explainPlan(true);
    expect(plan).toContain('projection=[source, part, content, embedded, model, tokens]');
    expect(plan).not.toMatch(/vector|secret/);
    const sources = new Sources('manifest', 'list.csv');
    for (let row = 0; row < 40; row += 1)
      sources.add({ key: `docs/${row}.md`, modified: row < 4 ? at + 1 : at, content: null });
    const told = sources.summary('2026-11-01T00:00:00Z', true);
    const list = async () => ({ sources, told });
    const index = only(
      await indexesOf(sessionOf(db, { documents: () => ({ ...documents, list, source: 'list.csv' }) })),
    );
    expect(index).toMatchObject({ source: 'list.csv' });
    expect(index.sample).toMatchObject({
      population: 50,
      size: 50,
      drawn: 'all',
      // Of rows 40 to 49 one has no key; rows 0 to 3 were changed after they were made.
      counts: { gone: 9, newer: 4, differs: 0, outOfDate: 4, duplicate: 0, unkeyed: 5, respelled: 0 },
      models: { large: 25, small: 25 },
      tokens: { sum: 5_000, vectors: 50 },
    });
    expect(index.gaps.map(({ of }) => of)).toEqual(['queries', 'vectors']);
    expect(JSON.stringify(index)).not.toContain('hunter2');
  });

  test('may be named within an object', async () => {
    await db.connection.createTable('manuals', full(10));
    const documents = documentsBy({ key: 'meta.source' });
    const { sample } = only(await indexesOf(sessionOf(db, { documents: () => documents })));
    expect(sample).toMatchObject({ size: 10, counts: { unkeyed: 0, duplicate: 0 } });
  });

  test('of more rows than are to be looked at are drawn by the hashes of their keys, the same each time', async () => {
    await db.connection.createTable('manuals', full(3_000));
    const some = documentsBy({ part: 'part' }, { most: 500 });
    const session = sessionOf(db, { documents: () => some });
    const first = only(await indexesOf(session)).sample;
    expect(first).toMatchObject({ population: 3_000, size: 500, drawn: 'by-key-hash' });
    // A tenth has no key: five standard deviations to each side.
    expect(first?.counts.unkeyed).toBeGreaterThan(16);
    expect(first?.counts.unkeyed).toBeLessThan(84);
    expect(only(await indexesOf(session)).sample).toEqual(first);
  });

  test('of one key alone are drawn at random, each row once', async () => {
    await db.connection.createTable(
      'manuals',
      Array.from({ length: 1_000 }, (_, row) => ({
        source: 'docs/1.md',
        part: String(row % 7),
        vector: vectorOf(row),
      })),
    );
    const { sample } = only(
      await indexesOf(sessionOf(db, { documents: () => documentsBy({}, { most: 200 }) })),
    );
    expect(sample).toMatchObject({ population: 1_000, size: 200, drawn: 'at-random' });
    expect(sample?.sketch).toHaveLength(1);
  });

  test.for([
    ['a column that is not there', { part: 'chapter' }, 'the table has no column chapter'],
    ['a part of what is no object', { part: 'source.x' }, 'the table has no column source.x'],
    ['the vector itself', { part: 'vector' }, 'the column vector holds no single value'],
    ['an object', { content: 'meta' }, 'the column meta holds no single value'],
  ] as const)('by %s are told as a gap', async ([_what, fields, why]) => {
    await db.connection.createTable('manuals', full(3));
    const index = only(await indexesOf(sessionOf(db, { documents: () => documentsBy(fields) })));
    expect(index.sample).toBeNull();
    expect(index.gaps).toContainEqual({
      of: 'documents',
      why: `Its documents are not known: ${why}.`,
      failed: true,
    });
  });

  test('whose source cannot be read leave what the table itself shows', async () => {
    await db.connection.createTable('manuals', full(20));
    const denied = new BursarError('denied', 'not allowed to list s3://docs');
    const list = () => Promise.reject(denied);
    const { sample, gaps } = only(
      await indexesOf(sessionOf(db, { documents: () => ({ ...documentsBy({}), list }) })),
    );
    expect(sample).toMatchObject({ size: 20, sources: null, counts: { gone: 0 } });
    expect(gaps.find(({ of }) => of === 'documents')?.why).toContain('not allowed to list');
  });
});

describe('what is wrong', () => {
  test('a folder without tables is no database', async () => {
    await expect(collected(sessionOf(db))).rejects.toMatchObject({
      code: 'config',
      where: 'store:docs',
      message: expect.stringContaining('no table of LanceDB'),
    });
  });

  test('a broken table is named, and the others are told', async () => {
    await db.connection.createTable('broken', rows(5));
    await db.connection.createTable('whole', rows(5));
    await rm(join(db.folder, 'broken.lance', '_versions'), { recursive: true });
    const error = await collected(sessionOf(db)).catch((thrown: unknown) => thrown);
    if (!(error instanceof IncompleteError)) throw error;
    expect(error.message).toMatch(/^1 of 2 tables were not read: table broken: /);
    expect(error.message).not.toContain('.cargo');
    expect(error.message).not.toContain('usr/local');
    expect(error.collected.vectorIndexes?.map(({ index }) => index)).toEqual(['whole']);
  });

  test('a table that is dropped while one looks is not there', async () => {
    await db.connection.createTable('going', rows(5));
    await db.connection.createTable('staying', rows(5));
    const going = documentsBy({});
    const open = db.connection.openTable.bind(db.connection);
    db.connection.openTable = async (...given) => {
      const table = await open(...given);
      if (given[0] === 'going') await db.connection.dropTable('going');
      return table;
    };
    expect(
      (await indexesOf(sessionOf(db, { documents: (label) => (label === 'going' ? going : null) }))).map(
        ({ index }) => index,
      ),
    ).toEqual(['staying']);
  });
});
