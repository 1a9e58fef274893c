import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AI_COLUMNS, storedType } from '../../lib/focus/columns.ts';
import { duckdb } from '../../lib/lake/dialect/duckdb.ts';
import { type Engine, openEngine } from '../../lib/lake/engine/duckdb.ts';
import type { Row } from '../../lib/lake/model.ts';
import { queryOf } from '../../lib/lake/queries/index.ts';
import { mergeAnswers } from '../../lib/lake/queries/merge.ts';
import { sqlName, sqlText } from '../../lib/lake/sql.ts';
import { cases } from '../deep.ts';
import { COMPARED } from './engines/compared.ts';
import { QUESTIONS } from './engines/questions.ts';
import { type Charge, charge, writeParquet } from './engines/rows.ts';

/** The questions of every engine, and showback with the window in the middle of the charges. */
const ASKED = [
  // Of each the one with the longest answer here: what is empty merges whatever way.
  ...new Map(
    QUESTIONS.toSorted((a, b) => a.answer.length - b.answer.length).map(({ query, params }) => [
      query,
      { query, params },
    ]),
  ).values(),
  ...COMPARED,
  { query: 'spend-by:service,day|', params: { start: '2026-11-05T00:00:00Z', end: '2026-11-06T00:00:00Z' } },
  {
    query: 'spend-by:account,token_kind|region',
    params: { start: '2026-11-05T00:00:00Z', end: '2026-11-06T00:00:00Z', where_region: '["us-east-1"]' },
  },
  { query: 'spend-by:|', params: { start: '2026-11-05T00:00:00Z', end: '2026-11-05T12:00:00Z' } },
];

const amount = fc.oneof(
  fc.constantFrom('0', '0.1', '0.2', '-0.3', '0.000000000000000001', '12345678901234567000', '-1e-7'),
  fc.integer({ min: -1000, max: 1000 }).map((cents) => String(cents / 100)),
);
const some = fc.constantFrom;

/** Few values of each column, so that halves share their groups. */
const anyCharge: fc.Arbitrary<Charge> = fc
  .record({
    BilledCost: amount,
    EffectiveCost: amount,
    ContractedCost: amount,
    BillingCurrency: some('USD', 'EUR'),
    ProviderName: some('AWS', 'Google Cloud', null),
    ServiceName: some('Amazon Elastic Compute Cloud', 'Compute Engine', 'ünï', null),
    SubAccountId: some('111122223333', null),
    ResourceId: some('i-0abc', 'short-name', 'i-\'wasted"', '\u{1F600}', '\uFFFD', null),
    ResourceName: some('a', 'b', null),
    RegionId: some('us-east-1', 'eu-west-1', null),
    ChargeCategory: some('Usage', 'Purchase'),
    CommitmentDiscountId: some('sp', null),
    CommitmentDiscountStatus: some('Used', 'Unused', null),
    CommitmentDiscountCategory: some('Spend', null),
    ChargePeriodStart: some(
      '2026-10-31T23:59:59.999Z',
      '2026-11-01T00:00:00.000Z',
      '2026-11-05T00:00:00.000Z',
      '2026-11-05T07:00:00.000Z',
      '2026-11-30T00:00:00.000Z',
    ),
    tags: some({ team: 'a' }, { team: 'b' }, {}, null),
  })
  .map((more) => charge({ ...more, ChargePeriodEnd: null }));

describe('answers over two halves of the rows, merged, are the answer over all of them', () => {
  let folder: string;
  let engine: Engine;
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bursar-merge-'));
    engine = await openEngine({ tempDir: join(folder, 'spill'), memoryMiB: 256 });
  });
  afterAll(async () => {
    engine.close();
    await rm(folder, { recursive: true });
  });

  async function viewOf(...halves: readonly (readonly Charge[])[]): Promise<string[]> {
    return await Promise.all(
      halves.map(async (rows) => {
        const path = join(folder, `${count++}.parquet`);
        await writeParquet(path, rows, { money: 'decimal', version: '1.2' });
        const ai = AI_COLUMNS.map(
          ({ name, kind }) => `CAST(NULL AS ${storedType(kind)}) AS ${sqlName(name)}`,
        );
        const texts = ['Tags', 'SkuPriceDetails'].map(
          (name) => `CAST(to_json(${sqlName(name)}) AS VARCHAR) AS ${sqlName(name)}`,
        );
        return `SELECT * REPLACE (${texts.join(', ')}), 'aws' AS "x_Source",
                  'resource' AS "x_SourceGrain", "RegionId" = 'eu-west-1' AS "x_Estimated", ${ai.join(', ')}
                FROM read_parquet(${sqlText(path)})`;
      }),
    );
  }

  test('for every named query', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCharge, { maxLength: 12 }),
        fc.array(anyCharge, { maxLength: 12 }),
        async (a, b) => {
          const [first = '', second = '', all = ''] = await viewOf(a, b, [...a, ...b]);
          for (const { query, params } of ASKED) {
            const named = queryOf(query, params);
            const partial = named.merge.partial?.(duckdb) ?? named.sql(duckdb);
            const whole = await engine.ask(all, named.sql(duckdb), params);
            const halves = [
              await engine.ask(first, partial, params),
              await engine.ask(second, partial, params),
            ];
            const told = (rows: readonly Row[]) => rows.map((row) => named.row(row));
            expect(told(mergeAnswers(named.merge, halves))).toEqual(told(whole));
          }
        },
      ),
      // Each asks some forty questions of three views.
      { numRuns: cases(6, 15) },
    );
  });

  test('a merge that is given one answer of a partial question makes it the whole', async () => {
    const rows = [charge({ EffectiveCost: '1' }), charge({ EffectiveCost: '2' })];
    const [view = ''] = await viewOf(rows);
    const params = { start: '2026-11-01T00:00:00Z', end: '2026-12-01T00:00:00Z' };
    const { merge } = queryOf('resource-costs', params);
    const found = mergeAnswers(merge, [await engine.ask(view, merge.partial?.(duckdb) ?? '', params)]);
    expect(found).toMatchObject([{ resource_id: 'i-0abc', effective: '3', days: 1 }]);
  });
});

describe('what cannot be merged is a defect', () => {
  test('a column that nothing speaks of, and one that is missing', () => {
    const merge = { keys: ['k'], sum: ['v'] };
    expect(() => mergeAnswers(merge, [[{ k: 'a', v: 1, w: 2 }], [{ k: 'a', v: 1, w: 2 }]])).toThrow(
      'column w',
    );
    expect(() => mergeAnswers(merge, [[{ k: 'a', v: 1 }], [{ k: 'a' }]])).toThrow('column v is missing');
  });

  test('counts beyond 2^53 stay exact, NULL gives way, and NULL keys come last', () => {
    const merge = { keys: ['k'], sum: ['n'], min: ['low'], max: ['high'] };
    expect(
      mergeAnswers(merge, [
        [
          { k: null, n: 1, low: 'b', high: null },
          { k: 'a', n: Number.MAX_SAFE_INTEGER, low: null, high: 'x' },
        ],
        [{ k: 'a', n: 2, low: 'c', high: 'w' }],
      ]),
    ).toEqual([
      { k: 'a', n: '9007199254740993', low: 'c', high: 'x' },
      { k: null, n: 1, low: 'b', high: null },
    ]);
  });
});
