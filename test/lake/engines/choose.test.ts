import { describe, expect, test } from 'vitest';
import { chooseEngines, MOST_LOCAL_BYTES } from '../../../lib/lake/engine/choose.ts';
import type { EngineSetting } from '../../../lib/lake/model.ts';

const athena = { id: 'athena', shownAs: 'athena:eu-central-1:bursar' } as const;
const bigquery = { id: 'bigquery', shownAs: 'bigquery:p:EU' } as const;

const chosen = (
  setting: EngineSetting,
  bytes: bigint | null,
  engine: typeof athena | typeof bigquery | null,
  mostLocalBytes = MOST_LOCAL_BYTES,
) =>
  chooseEngines({
    setting,
    mostLocalBytes,
    held: bytes === null ? [] : [{ sourceId: 'aws', bytes }],
    inPlace: engine === null ? [] : [{ sourceId: 'aws', engine }],
  })[0];

describe('auto chooses by bytes, and says why', () => {
  test.each([
    [MOST_LOCAL_BYTES, athena, 'duckdb', 'the lake holds 8 GiB of it, not more than 8 GiB'],
    [
      MOST_LOCAL_BYTES + 1n,
      athena,
      'athena',
      '8 GiB of Parquet are more than 8 GiB (athena:eu-central-1:bursar)',
    ],
    [null, athena, 'athena', 'the lake does not hold it (athena:eu-central-1:bursar)'],
    [1536n * 2n ** 20n, null, 'duckdb', 'the lake holds 1.5 GiB of it, and no table elsewhere is named'],
    [
      2n * MOST_LOCAL_BYTES,
      null,
      'duckdb',
      '16 GiB of Parquet are more than 8 GiB, but lake names no table of it elsewhere',
    ],
  ] as const)('%s bytes held, table %o: %s', (bytes, engine, wanted, reason) => {
    expect(chosen('auto', bytes, engine)).toEqual({ sourceId: 'aws', periods: null, engine: wanted, reason });
  });

  test('the limit can be another', () => {
    expect(chosen('auto', 1001n, athena, 1000n)?.engine).toBe('athena');
    expect(chosen('auto', 1000n, athena, 1000n)?.engine).toBe('duckdb');
  });
});

describe('an engine that is named', () => {
  test.each([
    ['duckdb', 10n, athena, 'duckdb'],
    ['duckdb', null, athena, null],
    ['athena', 10n, athena, 'athena'],
    ['athena', 10n, bigquery, 'duckdb'],
    ['athena', null, bigquery, null],
    ['bigquery', null, bigquery, 'bigquery'],
    ['trino', 10n, null, 'duckdb'],
  ] as const)('%s with %s bytes held and table %o: %s', (setting, bytes, engine, wanted) => {
    expect(chosen(setting, bytes, engine)?.engine).toBe(wanted);
  });

  test('each source is in one place, once', () => {
    const choices = chooseEngines({
      setting: 'auto',
      mostLocalBytes: 5n,
      held: [
        { sourceId: 'b', bytes: 9n },
        { sourceId: 'a', bytes: 1n },
      ],
      inPlace: [
        { sourceId: 'b', engine: athena },
        { sourceId: 'c', engine: bigquery },
      ],
    });
    expect(choices.map(({ sourceId, engine }) => [sourceId, engine])).toEqual([
      ['a', 'duckdb'],
      ['b', 'athena'],
      ['c', 'bigquery'],
    ]);
  });
});

const placed = (setting: EngineSetting, engine: typeof athena | null, bytes = 10n) =>
  chooseEngines({
    setting,
    mostLocalBytes: 100n,
    held: [{ sourceId: 'aws', bytes, elsewhere: [{ period: '2026-10', reason: 'it is 12 GiB' }] }],
    inPlace: engine === null ? [] : [{ sourceId: 'aws', engine }],
  });
const byPeriod = (choices: ReturnType<typeof placed>) =>
  choices.map(({ periods, engine }) => [periods, engine]);

describe('a period that does not fit, of a source whose others do', () => {
  test('is asked by the engine of its table, for the reason that was told', () => {
    expect(placed('auto', athena)).toMatchObject([
      { periods: null, engine: 'duckdb' },
      { periods: ['2026-10'], engine: 'athena', reason: 'it is 12 GiB (athena:eu-central-1:bursar)' },
    ]);
  });

  test('is told as asked nowhere, where its table or engine is gone', () => {
    expect(placed('auto', null)[1]).toEqual({
      sourceId: 'aws',
      periods: ['2026-10'],
      engine: null,
      reason: 'the lake does not hold it (it is 12 GiB), and lake names no table of it elsewhere',
    });
    expect(byPeriod(placed('duckdb', athena))).toEqual([
      [null, 'duckdb'],
      [['2026-10'], null],
    ]);
  });

  test('is not asked twice where the whole source is asked there', () => {
    expect(byPeriod(placed('athena', athena))).toEqual([[null, 'athena']]);
    expect(byPeriod(placed('auto', athena, 101n))).toEqual([[null, 'athena']]);
  });
});
