import { beforeAll, describe, expect, inject, test } from 'vitest';
import { NO_ATTRIBUTION, withDerived } from '../../../lib/lake/attribution/derived.ts';
import { exportRows } from '../../../lib/lake/inplace/aws-focus.ts';
import { queryOf } from '../../../lib/lake/queries/index.ts';
import { comparable, QUESTIONS } from './questions.ts';
import { charge, ROWS } from './rows.ts';
import { exportTable, trinoOf } from './trino-tables.ts';

const trino = inject('trino');
const engine = trinoOf(trino);

async function viewOf(table: string): Promise<string> {
  const rows = exportRows({ table, columns: await engine.columns(table), sourceId: 'aws' });
  return withDerived(engine.dialect, rows.sql, rows.columns, NO_ATTRIBUTION);
}

describe.each(['double', 'decimal'] as const)('Trino over an export of %s, in place', (money) => {
  const table = `questions_${money}`;
  let view: string;
  beforeAll(async () => {
    await exportTable(trino, table, ROWS, { money, version: '1.2' });
    view = await viewOf(table);
  });

  test.each(QUESTIONS)('$query', async ({ query, params, answer }) => {
    const named = queryOf(query, params);
    const rows = await engine.ask(view, named.sql(engine.dialect), params);
    expect(comparable(rows.map((row) => named.row(row)))).toEqual(comparable(answer));
  });
});

test('an export of FOCUS 1.0 lacks columns of 1.2, and its answers do not need them', async () => {
  const rows = [
    charge({ EffectiveCost: '0.1' }),
    charge({ EffectiveCost: '0.2', CommitmentDiscountId: 'sp' }),
  ];
  await exportTable(trino, 'focus_1_0', rows, { money: 'double', version: '1.0' });
  expect((await engine.columns('focus_1_0')).map(({ name }) => name)).not.toContain('skumeter');
  const found = await engine.ask(
    await viewOf('focus_1_0'),
    'SELECT SUM("EffectiveCost") AS total, MAX("SkuMeter") AS meter, MAX("x_SourceFile") AS file FROM costs',
    {},
  );
  expect(found).toEqual([{ total: '0.3', meter: null, file: 'local:///focus_1_0/part-0.snappy.parquet' }]);
});
