import { beforeAll, describe, expect, inject, test } from 'vitest';
import { FOCUS_COLUMNS } from '../../../lib/focus/columns.ts';
import { Decimal, decimalText } from '../../../lib/focus/decimal.ts';
import { NO_ATTRIBUTION, withDerived } from '../../../lib/lake/attribution/derived.ts';
import { bigQueryEngine } from '../../../lib/lake/engine/bigquery.ts';
import { gcpRows } from '../../../lib/lake/inplace/gcp.ts';
import { queryOf } from '../../../lib/lake/queries/index.ts';
import type { Field } from '../../../lib/platform/bigquery/model.ts';
import { tableName } from '../../../lib/platform/bigquery/name.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { clientOf } from '../../sources/gcp-bigquery/deliver.ts';
import { f } from '../../sources/gcp-bigquery/export.ts';
import { tableOf } from '../../sources/gcp-bigquery/tables.ts';
import { COMPARED, COMPARED_ROWS, localAnswers } from './compared.ts';
import { comparable, QUESTIONS } from './questions.ts';
import { type Charge, ROWS } from './rows.ts';

const client = clientOf(inject('bigqueryUrl'));
const meter = new Meter();
const engine = bigQueryEngine({ client, location: 'US', meter, maximumBytesBilled: 2n ** 40n });

/** The rows that every engine is asked over, as a FOCUS table in BigQuery: tags are pairs, as Google's export has them. */
function fieldsOf(money: 'FLOAT' | 'BIGNUMERIC'): Field[] {
  const types = {
    money,
    decimal: money,
    datetime: 'TIMESTAMP',
    boolean: 'BOOLEAN',
    text: 'STRING',
    json: 'STRING',
  };
  return [
    ...FOCUS_COLUMNS.filter(({ name }) => name !== 'Tags').map(({ name, kind }) => f(name, types[kind])),
    f('x_Labels', 'RECORD*', [f('Key', 'STRING'), f('Value', 'STRING')]),
  ];
}

function rowOf(charge: Charge, money: 'FLOAT' | 'BIGNUMERIC'): Record<string, unknown> {
  const amounts = new Set(
    FOCUS_COLUMNS.filter(({ kind }) => kind === 'money').map(({ name }): string => name),
  );
  const labels = Object.entries(charge.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
  return Object.fromEntries([
    ...Object.entries(charge).map(([name, value]) =>
      money === 'BIGNUMERIC' && amounts.has(name) && typeof value === 'string'
        ? [name, decimalText(new Decimal(value))]
        : [name, value],
    ),
    ['x_Labels', labels],
  ]);
}

const answers = await localAnswers();

describe.each(['FLOAT', 'BIGNUMERIC'] as const)('BigQuery over a FOCUS export of %s, in place', (money) => {
  let view: string;
  let more: string;
  beforeAll(async () => {
    view = await viewOf(`questions_${money.toLowerCase()}`, ROWS);
    more = await viewOf(`compared_${money.toLowerCase()}`, COMPARED_ROWS);
  });

  async function viewOf(id: string, charges: readonly Charge[]): Promise<string> {
    const rows = charges.map((row) => rowOf(row, money));
    const name = await tableOf(inject('bigqueryUrl'), id, fieldsOf(money), rows);
    const table = await client.table(tableName(name), meter);
    const { sql, columns } = gcpRows(table, 'aws', '209912');
    return withDerived(engine.dialect, sql, columns, NO_ATTRIBUTION);
  }

  test.each(QUESTIONS)('$query', async ({ query, params, answer }) => {
    const named = queryOf(query, params);
    const rows = await engine.ask(view, named.sql(engine.dialect), params);
    expect(comparable(rows.map((row) => named.row(row)))).toEqual(comparable(answer));
  });

  test.each(COMPARED)('$query, as the local engine answers it', async (question) => {
    const named = queryOf(question.query, question.params);
    const rows = await engine.ask(more, named.sql(engine.dialect), question.params);
    const local = answers.get(question) ?? [];
    expect(local).not.toEqual([]);
    expect(comparable(rows.map((row) => named.row(row)))).toEqual(comparable(local));
  });
});
