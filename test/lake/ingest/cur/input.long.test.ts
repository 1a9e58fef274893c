import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { FocusFile } from '../../../../lib/sources/model.ts';
import { file, ingestFiles, parquet } from '../fixtures.ts';
import { amount, csv, focusOf, type Line, lines, pick, report, SPELLINGS, USAGE } from './reports.ts';

const parquetOf = (path: string, layout: 'cur-2.0' | 'cur-legacy'): FocusFile => ({
  path,
  shownAs: path,
  format: 'parquet',
  layout,
});

const cost = (value: string, id: string): Line => ({
  ...USAGE,
  line_item_unblended_cost: value,
  line_item_resource_id: id,
});

const ORDER = { where: 'ORDER BY ResourceId' };
const legacy = async (text: string): Promise<FocusFile> => ({
  path: await file('report.csv.gz', gzipSync(text)),
  shownAs: 's3://bill/report-1.csv.gz',
  format: 'csv',
  layout: 'cur-legacy',
});

test('a report without a needed column is refused by its name, whichever spelling', async () => {
  for (const spelling of SPELLINGS) {
    const { line_item_unblended_cost: _, ...rest } = USAGE;
    await expect(focusOf([rest], spelling)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('it lacks line_item_unblended_cost'),
      where: expect.stringContaining('s3://bill/report'),
    });
  }
});

test.each([
  ['SavingsPlanCoveredUsage', 'savings_plan_savings_plan_effective_cost'],
  ['SavingsPlanRecurringFee', 'savings_plan_total_commitment_to_date'],
  ['DiscountedUsage', 'reservation_effective_cost'],
  ['RIFee', 'reservation_unused_amortized_upfront_fee_for_billing_period'],
])('%s lines need %s: without it nothing is guessed', async (type, column) => {
  await expect(focusOf(lines({}, { line_item_line_item_type: type }))).rejects.toMatchObject({
    code: 'input',
    message: expect.stringContaining(column),
  });
});

test('tags in every spelling become one JSON under the keys of the FOCUS export', async () => {
  const wide = await legacy(
    csv([
      {
        ...USAGE,
        'resourceTags/user:Team': 'red, "hot"',
        'resourceTags/user:team': 'blue',
        'resourceTags/user:cost center': '',
        'resourceTags/aws:createdBy': 'Root',
        'resourceTags/user:__proto__': 'p',
        'costCategory/Unit': 'lab',
      },
    ]),
  );
  const rows = (await ingestFiles([wide])).rows;
  expect(JSON.parse(String(rows[0]?.['Tags']), (_key, value) => value)).toEqual(
    JSON.parse('{"Team":"red, \\"hot\\"","team":"blue","aws:createdBy":"Root","__proto__":"p"}'),
  );
  expect(String(rows[0]?.['Tags'])).toContain('"__proto__":"p"');
  expect(rows[0]?.['x_CostCategories']).toBe('{"Unit":"lab"}');

  const texts = await focusOf(
    [
      {
        ...USAGE,
        line_item_resource_id: 'a',
        resource_tags:
          '{"user:Team":"red","user_cost_center":"7","aws:createdBy":"Root","__proto__":"p","n":null}',
        cost_category: '{"Unit":"lab"}',
        discount: '{"edp_discount":-0.1}',
      },
      { ...USAGE, line_item_resource_id: 'b', resource_tags: '{}' },
      { ...USAGE, line_item_resource_id: 'c', resource_tags: 'no JSON' },
      { ...USAGE, line_item_resource_id: 'd', resource_tags: '{"user:a":"1","user_a":"2"}' },
    ],
    'cur-2.0 csv',
    ORDER,
  );
  expect(pick(texts.rows, 'Tags', 'x_CostCategories', 'x_Discounts')).toEqual([
    [
      '{"Team":"red","cost_center":"7","aws:createdBy":"Root","__proto__":"p"}',
      '{"Unit":"lab"}',
      '{"edp_discount":"-0.1"}',
    ],
    [null, null, null],
    [null, null, null],
    ['{"user:a":"1","user_a":"2"}', null, null],
  ]);
  expect(texts.repairs).toEqual({ 'resource_tags cannot be read (set to null)': 1 });
});

test('maps of Parquet and flat columns of the legacy one read as the same tags', async () => {
  const columns = Object.entries(USAGE)
    .map(([name, value]) => `'${value.replaceAll("'", "''")}' AS "${name}"`)
    .join(', ');
  const maps = await parquet(
    `SELECT ${columns}, MAP {'user_team': 'red', 'aws_created_by': 'Root', 'user_empty': ''} AS resource_tags,
      MAP {'product_name': 'Amazon Elastic Compute Cloud'} AS product, MAP {'edp_discount': -0.5} AS discount,
      MAP {'Unit': NULL} AS cost_category`,
  );
  const flat = await parquet(
    `SELECT ${columns}, 'red' AS resource_tags_user_team, 'Root' AS resource_tags_aws_created_by,
      '' AS resource_tags_user_empty, 'Amazon Elastic Compute Cloud' AS product_product_name`,
  );
  const { rows } = await ingestFiles([parquetOf(maps, 'cur-2.0'), parquetOf(flat, 'cur-legacy')], {
    where: 'ORDER BY "x_Discounts"',
  });
  expect(pick(rows, 'Tags', 'ServiceName', 'x_Discounts', 'x_CostCategories')).toEqual([
    [
      '{"team":"red","aws:created_by":"Root","empty":""}',
      'Amazon Elastic Compute Cloud',
      '{"edp_discount":-0.5}',
      null,
    ],
    ['{"team":"red","aws:created_by":"Root"}', 'Amazon Elastic Compute Cloud', null, null],
  ]);
});

test('odd amounts are read exactly or rejected with file, line, column and text; no other line suffers', async () => {
  const { rows, rejects, rowsIn, rowsKept, rejectedMoney, rejectedMoneyUnread } = await focusOf(
    [
      cost('1e-7', 'a'),
      cost('-0.00', 'b'),
      cost('1234567890123456789012345678901234567890', 'c'),
      cost('0.1234567890123456789', 'd'),
      cost('12,5', 'e'),
      cost('', 'f'),
      cost('9999999999999999999.5', 'g'),
      { ...cost('1', 'h'), line_item_usage_start_date: 'yesterday' },
      { ...cost('1', 'i'), line_item_currency_code: '' },
      { ...cost('1', 'j'), line_item_line_item_type: '' },
      { ...cost('1', 'k'), line_item_usage_amount: '1e-30' },
    ],
    'legacy csv',
    ORDER,
  );
  expect(pick(rows, 'ResourceId', 'BilledCost')).toEqual([
    ['a', '0.000000100000000000'],
    ['b', amount('0')],
    ['g', '9999999999999999999.500000000000000000'],
    ['k', amount('1')],
  ]);
  expect(rejects.map((reject) => [reject.file, reject.line, reject.row, reject.reason])).toEqual([
    [
      's3://bill/report.csv.gz',
      4,
      null,
      'line_item_unblended_cost has more than 20 digits before the point: 1234567890123456789012345678901234567890',
    ],
    [
      's3://bill/report.csv.gz',
      5,
      null,
      'line_item_unblended_cost has more than 18 decimal places: 0.1234567890123456789',
    ],
    ['s3://bill/report.csv.gz', 6, null, 'line_item_unblended_cost is not a decimal number: 12,5'],
    ['s3://bill/report.csv.gz', 7, null, 'BilledCost is missing'],
    [
      's3://bill/report.csv.gz',
      9,
      null,
      'line_item_usage_start_date is no ISO 8601 time from 1980 to 8999: yesterday',
    ],
    ['s3://bill/report.csv.gz', 10, null, 'BillingCurrency is missing'],
    ['s3://bill/report.csv.gz', 11, null, 'line_item_line_item_type is missing'],
  ]);
  expect(rejects[1]?.text).toContain('0.1234567890123456789');
  expect([rowsIn, rowsKept, rejects.length]).toEqual([11, 4, 7]);
  expect(rejectedMoney).toEqual([{ currency: 'USD', billed: '2' }]);
  expect(rejectedMoneyUnread).toBe(5);
});

test('a fee that cannot be read is one reject, without an unused part', async () => {
  const fee = {
    line_item_line_item_type: 'SavingsPlanRecurringFee',
    savings_plan_savings_plan_a_r_n: 'arn:aws:savingsplans::1:savingsplan/x',
    savings_plan_used_commitment: '0.5',
    line_item_unblended_cost: '1',
  };
  const { rows, rejects } = await focusOf(
    lines(
      { ...fee, savings_plan_total_commitment_to_date: 'much' },
      { ...fee, savings_plan_total_commitment_to_date: '' },
      { ...fee, savings_plan_total_commitment_to_date: '1', line_item_usage_start_date: '' },
      { ...fee, savings_plan_total_commitment_to_date: '1' },
    ),
    'cur-2.0 csv',
    { where: 'ORDER BY ChargeCategory' },
  );
  expect(pick(rows, 'ChargeCategory', 'EffectiveCost')).toEqual([
    ['Purchase', amount('0')],
    ['Usage', amount('0.5')],
  ]);
  expect(rejects.map(({ line, reason }) => [line, reason.slice(0, 55)])).toEqual([
    [2, 'savings_plan_total_commitment_to_date is not a decimal '],
    [3, 'savings_plan_total_commitment_to_date and savings_plan_'],
    [4, 'ChargePeriodStart is missing'],
  ]);
});

test('a broken record costs itself alone', async () => {
  const text = csv(
    lines({ line_item_resource_id: 'a' }, { line_item_resource_id: 'b' }, { line_item_resource_id: 'c' }),
  );
  const [head = '', a = '', b = '', c = ''] = text.split('\n');
  const { rows, rejects } = await ingestFiles(
    [await legacy(`${head}\n${a}\n${b},one,too,many\n${c}\n`)],
    ORDER,
  );
  expect(pick(rows, 'ResourceId')).toEqual([['a'], ['c']]);
  expect(rejects).toMatchObject([{ file: 's3://bill/report-1.csv.gz', line: 3 }]);
});

test('files whose columns differ in type, order and number are one delivery', async () => {
  const typed = await report(lines({ line_item_resource_id: 'a' }), 'legacy parquet');
  const columns = Object.entries(USAGE).map(([name, value]) =>
    name === 'line_item_unblended_cost'
      ? `CAST('0.2' AS DECIMAL(20,10)) AS "${name}"`
      : `'${value}' AS "${name}"`,
  );
  const changed = await parquet(
    `SELECT ${columns.toReversed().join(', ').replace('i-0123456789abcdef0', 'b')}, 7 AS brand_new, 'x' AS identity_line_item_id`,
  );
  const { rows, warnings } = await ingestFiles(
    [typed, { path: changed, shownAs: changed, format: 'parquet', layout: 'cur-legacy' }],
    ORDER,
  );
  expect(pick(rows, 'ResourceId', 'BilledCost')).toEqual([
    ['a', amount('0.1')],
    ['b', amount('0.2')],
  ]);
  expect(warnings).toEqual(['Columns of no known part of a Cost and Usage Report were not kept: brand_new.']);
});

test('a DOUBLE is its shortest decimal; one that needs more than 18 places is rounded and counted', async () => {
  const columns = Object.entries(USAGE).map(([name, value]) =>
    name === 'line_item_unblended_cost' ? `v AS "${name}"` : `'${value}' AS "${name}"`,
  );
  const path = await parquet(
    `SELECT ${columns.join(', ')} FROM (VALUES (CAST(0.1 AS DOUBLE) + 0.2), (1e-7), (CAST('1.2345678901234567e-5' AS DOUBLE)), (1e25)) t(v)`,
  );
  const { rows, repairs, rejects } = await ingestFiles(
    [{ path, shownAs: 'x.parquet', format: 'parquet', layout: 'cur-2.0' }],
    {
      where: 'ORDER BY BilledCost',
    },
  );
  expect(pick(rows, 'BilledCost')).toEqual([
    ['0.000000100000000000'],
    ['0.000012345678901235'],
    ['0.300000000000000040'],
  ]);
  expect(repairs).toEqual({ 'rounded to 18 places': 1 });
  expect(rejects).toMatchObject([{ file: 'x.parquet', row: 4, line: null }]);
});

test('a line type that nobody knows keeps its cost and is told', async () => {
  const { rows, warnings } = await focusOf(
    lines({ line_item_line_item_type: 'Gift', line_item_unblended_cost: '-3' }),
  );
  expect(pick(rows, 'ChargeCategory', 'BilledCost', 'EffectiveCost')).toEqual([
    ['Adjustment', amount('-3'), amount('-3')],
  ]);
  expect(warnings).toEqual([expect.stringContaining('Gift')]);
});

test('a report and a FOCUS file of one delivery add up', async () => {
  const bill = await file(
    'bill.csv',
    'BilledCost,EffectiveCost,ChargePeriodStart,BillingCurrency\n2,2,2026-05-04T00:00:00Z,USD\n',
  );
  const { rows } = await ingestFiles(
    [{ path: bill, shownAs: bill, format: 'csv' }, await report(lines({}), 'legacy csv')],
    { where: 'ORDER BY BilledCost' },
  );
  expect(pick(rows, 'BilledCost', 'x_LineItemType')).toEqual([
    [amount('0.1'), 'Usage'],
    [amount('2'), null],
  ]);
});

test('a report without lines is empty, and a cut one is refused', async () => {
  const empty = await ingestFiles([await legacy(csv([USAGE]).split('\n')[0] ?? '')]);
  expect([empty.rowsIn, empty.periods]).toEqual([0, []]);
  const whole = await report(lines({}), 'legacy csv');
  const cut = await file(
    'cut.csv.gz',
    gzipSync(
      csv(Array.from({ length: 400 }, (_, at) => ({ ...USAGE, line_item_resource_id: `i-${at * 7919}` }))),
    ).subarray(0, 900),
  );
  await expect(ingestFiles([{ ...whole, path: cut }])).rejects.toMatchObject({ code: 'input' });
});
