import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decimal, decimalText } from '../../lib/focus/decimal.ts';
import { duckdb } from '../../lib/lake/dialect/duckdb.ts';
import { type Dimensions, dimensionSql } from '../../lib/lake/dimensions.ts';
import { type Engine, openEngine } from '../../lib/lake/engine/duckdb.ts';
import { openLake } from '../../lib/lake/lake.ts';
import { sqlName, sqlText } from '../../lib/lake/sql.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { type Bench, bench, delivery, row } from './bills.ts';

let bills: Bench;
let engine: Engine;
beforeAll(async () => {
  bills = await bench();
  engine = await openEngine({ tempDir: join(bills.folder, 'spill'), memoryMiB: 64 });
});
afterAll(async () => {
  engine.close();
  await bills[Symbol.asyncDispose]();
});

const given = (value: string | null) => (value === null ? 'NULL' : sqlText(value));

/** What a dimension says of one row. */
async function valueOf(
  rules: Dimensions[string],
  tags: string | null,
  account: string | null,
  billing = 'b',
) {
  const view = `SELECT ${given(tags)} AS "Tags", ${given(account)} AS "SubAccountId", ${sqlText(billing)} AS "BillingAccountId"`;
  const rows = await engine.ask(
    view,
    `SELECT ${dimensionSql(duckdb, rules, () => null)} AS value FROM costs`,
    {},
  );
  return rows[0]?.['value'];
}

test('the first rule that gives a value wins; without one it is unallocated', async () => {
  const rules = [
    { tag: 'team' },
    { tag: 'Team' },
    { account: { '111122223333': 'platform' } },
    { project: { p1: 'ml' } },
  ];
  expect(await valueOf(rules, '{"team":"a","Team":"b"}', '111122223333')).toBe('a');
  expect(await valueOf(rules, '{"Team":"b"}', '111122223333')).toBe('b');
  expect(await valueOf(rules, '{"team":"  "}', '111122223333')).toBe('platform');
  expect(await valueOf(rules, null, 'p1')).toBe('ml');
  expect(await valueOf(rules, '{}', 'p2')).toBe('unallocated');
  expect(await valueOf(rules, '{"team":null}', null, '111122223333')).toBe('platform');
  expect(await valueOf([], '{"team":"a"}', 'p1')).toBe('unallocated');
  expect(await valueOf([{ account: {} }], null, 'p1')).toBe('unallocated');
});

/** Text that JSON, SQL and UTF-8 can all hold. */
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter((each) => each.isWellFormed() && !each.includes('\0'));

test('any key, id and value goes through SQL unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(text, text, text, async (key, id, value) => {
      fc.pre(value.trim() === value && value !== '');
      expect(await valueOf([{ tag: key }], JSON.stringify(Object.fromEntries([[key, value]])), null)).toBe(
        value,
      );
      expect(await valueOf([{ account: Object.fromEntries([[id, value]]) }], null, id)).toBe(value);
      const named = await engine.ask(`SELECT 1 AS ${sqlName(`x_${key}`)}`, 'SELECT * FROM costs', {});
      expect(named).toEqual([Object.fromEntries([[`x_${key}`, 1]])]);
    }),
    { numRuns: 60 },
  );
});

test('the parts of every dimension add up to the total, and a bill cannot speak for it', async () => {
  const dimensions: Dimensions = {
    team: [{ tag: 'team' }],
    'odd "name': [{ account: { '111122223333': `o'clock` } }],
  };
  await using lake = await openLake({
    store: folderStore(join(bills.folder, 'lake')),
    workDir: join(bills.folder, 'work'),
    dimensions,
    memoryMiB: 128,
  });
  const rows = [
    row({ EffectiveCost: '0.1', Tags: '{"team":"a"}', x_Team: 'the bill says so' }),
    row({ EffectiveCost: '0.2', Tags: '{"team":"b"}' }),
    row({ EffectiveCost: '-0.05', SubAccountId: '9' }),
  ];
  await lake.ingest(delivery('acme', [await bills.file(rows)]), new Date('2026-11-22T00:00:00Z'), silent);
  const by = async (column: string) =>
    (
      await lake.query(
        `SELECT ${column} AS d, SUM(EffectiveCost) AS s FROM costs GROUP BY ALL ORDER BY d`,
        null,
      )
    ).rows;
  expect(await by('x_team')).toEqual([
    { d: 'a', s: '0.1' },
    { d: 'b', s: '0.2' },
    { d: 'unallocated', s: '-0.05' },
  ]);
  const odd = await by('"x_odd ""name"');
  expect(odd).toEqual([
    { d: `o'clock`, s: '0.3' },
    { d: 'unallocated', s: '-0.05' },
  ]);
  const total = odd.reduce((sum, { s }) => sum.plus(decimal(String(s))), decimal('0'));
  expect(decimalText(total)).toBe('0.25');
});
