import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLake } from '../../../lib/lake/lake.ts';
import type { Lake } from '../../../lib/lake/model.ts';
import { QUERIES } from '../../../lib/lake/queries/index.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { delivery } from '../bills.ts';
import { COMPARED } from './compared.ts';
import { comparable, QUESTIONS } from './questions.ts';
import { ROWS, writeParquet } from './rows.ts';

test('every named query is asked', () => {
  const asked = new Set(
    [...QUESTIONS, ...COMPARED].map(({ query }) => query).filter((query) => !query.includes(':')),
  );
  expect(asked).toEqual(new Set(QUERIES.keys()));
});

describe.each(['double', 'decimal'] as const)('DuckDB over parts that were ingested from %s', (money) => {
  let folder: string;
  let lake: Lake;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bursar-engines-'));
    const path = join(folder, 'export.parquet');
    await writeParquet(path, ROWS, { money, version: '1.2' });
    lake = await openLake({ store: folderStore(join(folder, 'lake')), workDir: join(folder, 'work') });
    const file = { path, shownAs: path, format: 'parquet' } as const;
    await lake.ingest(delivery('aws', [file]), new Date('2026-12-05T00:00:00Z'), silent);
  });
  afterAll(async () => {
    await lake[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test.each(QUESTIONS)('$query', async ({ query, params, answer }) => {
    const rows = await lake.ask(query, params, null);
    expect(comparable(rows)).toEqual(comparable(answer));
  });
});
