import { beforeAll, describe, expect, inject, test } from 'vitest';
import { NO_ATTRIBUTION } from '../../../lib/lake/attribution/derived.ts';
import { withCosts } from '../../../lib/lake/engine/remote.ts';
import { exportInPlace } from '../../../lib/lake/inplace/aws-focus.ts';
import { inPlaceView } from '../../../lib/lake/inplace/view.ts';
import { queryOf } from '../../../lib/lake/queries/index.ts';
import { cases } from '../../deep.ts';
import { COMPARED, COMPARED_ROWS, localAnswers } from './compared.ts';
import { comparable, QUESTIONS } from './questions.ts';
import { type Charge, charge, ROWS } from './rows.ts';
import { ask, exportTable, trinoOf } from './trino-tables.ts';

const trino = inject('trino');
const engine = trinoOf(trino);

const source = (table: string) =>
  exportInPlace(engine, { sourceId: 'aws', sourceType: 'aws-focus-export', table });

const answers = await localAnswers();

const LAYOUTS = ['double', 'decimal'] as const;

/** Every column of every row as questions see it, with its type; the name of the table is the same for all. */
async function everything(
  name: string,
  money: (typeof LAYOUTS)[number],
  charges: readonly Charge[],
): Promise<string[]> {
  const table = `${name}_${money}`;
  await exportTable(trino, table, charges, { money, version: '1.2' });
  const view = await inPlaceView([source(table)], [], NO_ATTRIBUTION);
  const { columns, data } = await ask(trino, withCosts(view, 'SELECT * FROM costs'));
  // The time at which it is asked.
  const now = columns.findIndex(({ name: column }) => column.toLowerCase() === 'x_ingestedat');
  expect(now).not.toBe(-1);
  return [columns, ...data.map((row) => row.toSpliced(now, 1))]
    .map((one) => JSON.stringify(one).replaceAll(table, name))
    .toSorted();
}

// So a question has the same answer over both.
test.each([
  ['rows', ROWS],
  ['compared_rows', COMPARED_ROWS],
])('columns, types and values of %s are the same whatever type the money has', async (name, charges) => {
  const double = await everything(name, 'double', charges);
  expect(double).toHaveLength(charges.length + 1);
  expect(await everything(name, 'decimal', charges)).toEqual(double);
});

describe.each(LAYOUTS.slice(0, cases(1, 2)))('Trino over an export of %s, in place', (money) => {
  const bill = source(`questions_${money}`);
  const more = source(`compared_${money}`);
  beforeAll(async () => {
    await exportTable(trino, bill.table, ROWS, { money, version: '1.2' });
    await exportTable(trino, more.table, COMPARED_ROWS, { money, version: '1.2' });
  });

  test.each(QUESTIONS)('$query', async ({ query, params, answer }) => {
    const named = queryOf(query, params);
    const sql = named.sql(engine.dialect);
    const rows = await engine.ask(await inPlaceView([bill], [], NO_ATTRIBUTION, sql), sql, params);
    expect(comparable(rows.map((row) => named.row(row)))).toEqual(comparable(answer));
  });

  test.each(COMPARED)('$query, as the local engine answers it', async (question) => {
    const named = queryOf(question.query, question.params);
    const sql = named.sql(engine.dialect);
    const rows = await engine.ask(await inPlaceView([more], [], NO_ATTRIBUTION, sql), sql, question.params);
    const local = answers.get(question) ?? [];
    expect(local).not.toEqual([]);
    expect(comparable(rows.map((row) => named.row(row)))).toEqual(comparable(local));
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
    await inPlaceView([source('focus_1_0')], [], NO_ATTRIBUTION),
    'SELECT SUM("EffectiveCost") AS total, MAX("SkuMeter") AS meter, MAX("x_SourceFile") AS file FROM costs',
    {},
  );
  expect(found).toEqual([{ total: '0.3', meter: null, file: 'local:///focus_1_0/part-0.snappy.parquet' }]);
});
