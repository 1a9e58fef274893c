import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Decimal, decimalText } from '../../../lib/focus/decimal.ts';
import { exportInPlace } from '../../../lib/lake/inplace/aws-focus.ts';
import { type LakeOptions, openLake } from '../../../lib/lake/lake.ts';
import type { Lake } from '../../../lib/lake/model.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { delivery } from '../bills.ts';
import { comparable, NOVEMBER, QUESTIONS } from './questions.ts';
import { type Charge, charge, ROWS, writeParquet } from './rows.ts';
import { exportTable, trinoOf } from './trino-tables.ts';

const trino = inject('trino');
const NOW = new Date('2026-12-05T00:00:00Z');
const [HERE, THERE] = [ROWS.filter((_, at) => at % 2 === 0), ROWS.filter((_, at) => at % 2 === 1)];
let folder: string;
let count = 0;

async function lakeOf(more: Partial<LakeOptions>): Promise<Lake> {
  const state = join(folder, String(count++));
  return await openLake({ store: folderStore(join(state, 'lake')), workDir: join(state, 'work'), ...more });
}

async function ingest(
  lake: Lake,
  sourceId: string,
  rows: readonly Charge[],
  sourceType = 'aws-focus-export',
) {
  const path = join(folder, `${count++}.parquet`);
  await writeParquet(path, rows, { money: 'double', version: '1.2' });
  const grain = sourceType === 'aws-cost-explorer' ? 'account-service' : 'resource';
  const file = { path, shownAs: path, format: 'parquet' } as const;
  await lake.ingest(delivery(sourceId, [file], { sourceType, grain }), NOW, silent);
}

const inPlace = (sourceId: string, table: string) =>
  exportInPlace(trinoOf(trino), { sourceId, sourceType: 'aws-focus-export', table });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-lake-engines-'));
  await exportTable(trino, 'half_there', THERE, { money: 'double', version: '1.2' });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Where an answer tells sources apart, their rows added up: the halves are one bill everywhere else. */
function asOne(rows: readonly Record<string, unknown>[]): object[] {
  const found = new Map<string, Decimal>();
  if (!rows.some((row) => 'source' in row)) return [...rows];
  for (const { effective, ...row } of rows) {
    const key = comparable([{ ...row, source: 'aws', resourceName: 'any' }]).join('');
    found.set(key, (found.get(key) ?? new Decimal(0)).plus(String(effective)));
  }
  return [...found].map(([key, effective]) => ({ key, effective: decimalText(effective) }));
}

const api = (account: string, cost: string) =>
  charge({ SubAccountId: account, ResourceId: null, EffectiveCost: cost, BilledCost: cost });

/** What is told of the half that is both held and in place, by how much may be asked here. */
const placedBy = async (mostLocalBytes: bigint) => {
  await using lake = await lakeOf({ mostLocalBytes, inPlace: [inPlace('there', 'half_there')] });
  await ingest(lake, 'there', THERE);
  const [choice] = await lake.engines();
  return { engine: choice?.engine, rows: await lake.ask('spend-total', {}, null) };
};

describe('half of a bill here and half of it on Trino', () => {
  // These tell each source apart in more than an amount: two halves under two names are two answers.
  const apart = ['data-end', 'source-ends', 'bill-detail', 'ai-services'];
  const told = QUESTIONS.filter(({ query }) => !apart.includes(query));
  let both: Lake;
  beforeAll(async () => {
    both = await lakeOf({ inPlace: [inPlace('there', 'half_there')] });
    await ingest(both, 'here', HERE);
  });
  afterAll(async () => {
    await both[Symbol.asyncDispose]();
  });

  test.each(told)('$query: the answer that the whole has in one place', async ({ query, params, answer }) => {
    const rows = await both.ask<Record<string, unknown>>(query, params, null);
    expect(comparable(asOne(rows))).toEqual(comparable(asOne(answer.map((row) => ({ ...row })))));
  });

  test('each source is asked where it lies, and is a source of the lake', async () => {
    expect(await both.engines()).toMatchObject([
      { sourceId: 'here', engine: 'duckdb' },
      { sourceId: 'there', engine: 'trino', reason: expect.stringContaining('does not hold it') },
    ]);
    expect((await both.sources()).map(({ sourceId }) => sourceId)).toEqual(['here', 'there']);
  });

  test('a user asks Trino alone, in one SELECT over costs, with no more rows than allowed', async () => {
    const asked = (sql: string, rows = 10) => both.queryElsewhere('trino', sql, { rows });
    const all = await asked('SELECT "ResourceId" AS id FROM costs ORDER BY 1', 3);
    expect(all).toMatchObject({ truncated: true, columns: [{ name: 'id' }] });
    expect(all.rows).toHaveLength(3);
    const { rows } = await asked(
      `SELECT SUM("EffectiveCost") AS x FROM costs WHERE "BillingCurrency" = 'USD';`,
    );
    const sum = THERE.filter(({ BillingCurrency }) => BillingCurrency === 'USD').reduce(
      (total, { EffectiveCost }) => total.plus(EffectiveCost ?? '0'),
      new Decimal(0),
    );
    expect(rows).toEqual([{ x: decimalText(sum) }]);
    for (const sql of [
      'SELECT * FROM half_there',
      'DROP TABLE half_there',
      'SELECT 1; SELECT 2',
      'SELECT * FROM bills.default.half_there',
      "SELECT * FROM TABLE(system.query(query => 'SELECT 1'))",
      'SELECT /* /* */ 1 FROM half_there -- */ FROM costs',
    ])
      await expect(asked(sql)).rejects.toMatchObject({ code: 'input' });
    await expect(both.queryElsewhere('athena', 'SELECT 1 FROM costs')).rejects.toThrow(
      'no bill can be asked by athena',
    );
  });

  test('a source that is named is asked where it is, alone', async () => {
    await using lake = await lakeOf({ inPlace: [inPlace('there', 'half_there')] });
    await ingest(lake, 'here', HERE);
    const here = await lake.ask<{ source: string }>('data-end', {}, ['here']);
    const there = await lake.ask<{ source: string }>('data-end', {}, ['there']);
    expect([here, there].map((rows) => rows.map(({ source }) => source))).toEqual([['here'], ['there']]);
    await expect(lake.ask('data-end', {}, ['nowhere'])).rejects.toThrow('holds no source nowhere');
  });

  test('what is both held and in place is counted once, where its size says', async () => {
    const [local, remote] = [await placedBy(1_000_000n), await placedBy(1n)];
    expect([local.engine, remote.engine]).toEqual(['duckdb', 'trino']);
    expect(remote.rows).toEqual(local.rows);
  });

  test('with lake.engine duckdb nothing is asked elsewhere, and a source that lies there alone is told', async () => {
    await using lake = await lakeOf({ engine: 'duckdb', inPlace: [inPlace('there', 'half_there')] });
    await ingest(lake, 'here', HERE);
    expect(await lake.ask('data-end', {}, null)).toHaveLength(1);
    await expect(lake.ask('data-end', {}, ['there'])).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('lake.engine is duckdb'),
    });
  });
});

describe('Cost Explorer here and the export of the same payer on Trino', () => {
  test('an account of a month is counted once: the export is used, and what it lacks is not lost', async () => {
    await exportTable(
      trino,
      'payer_there',
      [charge({ SubAccountId: '111122223333', EffectiveCost: '2', BilledCost: '2' })],
      { money: 'double', version: '1.2' },
    );
    await using lake = await lakeOf({ inPlace: [inPlace('export', 'payer_there')] });
    await ingest(lake, 'api', [api('111122223333', '2.5'), api('444455556666', '40')], 'aws-cost-explorer');
    const days = await lake.ask('spend-by-day', NOVEMBER, null);
    expect(days).toEqual([{ day: '2026-11-05', currency: 'USD', effective: '42', estimated: false }]);
  });

  test('an export that has stopped is left out for what Cost Explorer tells of later days', async () => {
    await exportTable(
      trino,
      'payer_stopped',
      [
        charge({ SubAccountId: '111122223333', EffectiveCost: '2', BilledCost: '2' }),
        charge({ SubAccountId: '777788889999', EffectiveCost: '7', BilledCost: '7' }),
      ],
      { money: 'double', version: '1.2' },
    );
    await using lake = await lakeOf({ inPlace: [inPlace('export', 'payer_stopped')] });
    const later = {
      ChargePeriodStart: '2026-11-20T00:00:00.000Z',
      ChargePeriodEnd: '2026-11-21T00:00:00.000Z',
    };
    await ingest(
      lake,
      'api',
      [api('111122223333', '2.5'), { ...api('111122223333', '100'), ...later }],
      'aws-cost-explorer',
    );
    const [total] = await lake.ask<{ effective: string }>('spend-total', {}, null);
    // Cost Explorer's 102.5 of the one account, the export's 7 of the other.
    expect(total?.effective).toBe('109.5');
  });
});
