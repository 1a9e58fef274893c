import { beforeAll, describe, expect, inject, test } from 'vitest';
import { FOCUS_COLUMNS } from '../../../lib/focus/columns.ts';
import { Decimal, decimalText } from '../../../lib/focus/decimal.ts';
import { NO_ATTRIBUTION } from '../../../lib/lake/attribution/derived.ts';
import { bigQueryEngine } from '../../../lib/lake/engine/bigquery.ts';
import { withCosts } from '../../../lib/lake/engine/remote.ts';
import { gcpInPlace } from '../../../lib/lake/inplace/gcp-source.ts';
import type { InPlaceSource } from '../../../lib/lake/inplace/model.ts';
import { inPlaceView } from '../../../lib/lake/inplace/view.ts';
import { queryOf } from '../../../lib/lake/queries/index.ts';
import type { Field } from '../../../lib/platform/bigquery/model.ts';
import { tableName } from '../../../lib/platform/bigquery/name.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { cases } from '../../deep.ts';
import { clientOf } from '../../sources/gcp-bigquery/deliver.ts';
import { f } from '../../sources/gcp-bigquery/export.ts';
import { renewBigQuery, tableOf } from '../../sources/gcp-bigquery/tables.ts';
import { COMPARED, COMPARED_ROWS, localAnswers } from './compared.ts';
import { comparable, QUESTIONS } from './questions.ts';
import { type Charge, ROWS } from './rows.ts';

const client = clientOf(inject('bigqueryUrl'));
const meter = new Meter();
/** Every invoice has closed: no amount is provisional. */
const AFTER = new Date('2099-12-15T12:00:00Z');
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

const LAYOUTS = ['FLOAT', 'BIGNUMERIC'] as const;
type Money = (typeof LAYOUTS)[number];

async function sourceOf(name: string, money: Money, charges: readonly Charge[]): Promise<InPlaceSource> {
  const rows = charges.map((row) => rowOf(row, money));
  const table = await tableOf(inject('bigqueryUrl'), `${name}_${money.toLowerCase()}`, fieldsOf(money), rows);
  return gcpInPlace({ sourceId: 'aws', engine, client, table: tableName(table), meter, now: () => AFTER });
}

/** Every column of every row as questions see it, with its type; the name of the table is the same for all. */
async function everything(name: string, money: Money, charges: readonly Charge[]): Promise<string[]> {
  const view = await inPlaceView([await sourceOf(name, money, charges)], [], NO_ATTRIBUTION);
  const sql = withCosts(view, 'SELECT * FROM costs');
  const told: string[] = [];
  const pages = client.run({ sql, location: 'US' }, { meter, maximumBytesBilled: 2n ** 40n });
  for await (const { fields, rows } of pages) {
    // The time at which it is asked.
    const now = fields.findIndex(({ name: column }) => column.toLowerCase() === 'x_ingestedat');
    expect(now).not.toBe(-1);
    told.push(JSON.stringify(fields), ...rows.map((row) => JSON.stringify(row.toSpliced(now, 1))));
  }
  return told.map((text) => text.replaceAll(`${name}_${money.toLowerCase()}`, name)).toSorted();
}

// So a question has the same answer over both.
test.each([
  ['rows', ROWS],
  ['compared_rows', COMPARED_ROWS],
])('columns, types and values of %s are the same whatever type the money has', async (name, charges) => {
  const float = await everything(name, 'FLOAT', charges);
  expect(float).toHaveLength(charges.length + 1);
  expect(await everything(name, 'BIGNUMERIC', charges)).toEqual(float);
});

describe.each(LAYOUTS.slice(0, cases(1, 2)))('BigQuery over a FOCUS export of %s, in place', (money) => {
  let bill: InPlaceSource;
  let more: InPlaceSource;
  beforeAll(async () => {
    await renewBigQuery();
    bill = await sourceOf('questions', money, ROWS);
    more = await sourceOf('compared', money, COMPARED_ROWS);
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
