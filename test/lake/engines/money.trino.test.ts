import * as fc from 'fast-check';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { Decimal, decimalText } from '../../../lib/focus/decimal.ts';
import { decimalOfDouble } from '../../../lib/lake/inplace/trino-money.ts';
import { ask, exportTable, trinoOf } from './trino-tables.ts';

const trino = inject('trino');
const engine = trinoOf(trino);
beforeAll(async () => {
  await exportTable(trino, 'money_any', [], { money: 'double', version: '1.2' });
});

const bits = new DataView(new ArrayBuffer(8));
/** Every double that money could be: of any bits, of cents, of unit prices, and near ties at the 19th place. */
const double = fc
  .oneof(
    fc.double({ noNaN: true, min: -9e19, max: 9e19 }),
    fc.double({ noNaN: true, min: -1e-12, max: 1e-12 }),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => {
      bits.setBigUint64(0, value);
      return bits.getFloat64(0);
    }),
    fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((cents) => cents / 100),
    fc.integer({ min: -9_999_999, max: 9_999_999 }).map((price) => Number(`${price}e-11`)),
    fc.integer({ min: -99_999, max: 99_999 }).map((tie) => Number(`${tie}5e-19`)),
    fc.integer({ min: -999, max: 999 }).map((sum) => 0.1 * sum + 0.2),
  )
  .filter((value) => Number.isFinite(value) && Math.abs(value) < 1e20);

describe('a double is its shortest decimal, rounded half-even to 18 places', () => {
  test('as JavaScript prints it (ECMAScript, Number::toString is the shortest)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(double, { minLength: 200, maxLength: 300 }), async (values) => {
        const literals = values.map(
          (value, at) => `(${at}, DOUBLE '${Object.is(value, -0) ? '-0.0' : value}')`,
        );
        const rows = await engine.ask(
          'SELECT 1 AS one',
          `SELECT ${decimalOfDouble('x')} AS d FROM (VALUES ${literals.join(', ')}) AS t(n, x) ORDER BY n`,
          {},
        );
        expect(rows.map(({ d }) => d)).toEqual(
          values.map((value) => decimalText(new Decimal(String(value)))),
        );
      }),
      { numRuns: 12 },
    );
  });

  test('where a cast alone is not (so that this test can fail)', async () => {
    const { data } = await ask(
      trino,
      "SELECT CAST(DOUBLE '2e23' AS VARCHAR), CAST(DOUBLE '2.5e-18' AS DECIMAL(38,18))",
    );
    expect(data).toEqual([['1.9999999999999998E23', '0.000000000000000003']]);
  });

  test.each(['1e20', '-1e300'])('%s fails the query', async (value) => {
    await expect(
      engine.ask(
        'SELECT 1 AS one',
        `SELECT ${decimalOfDouble('x')} AS d FROM (VALUES DOUBLE '${value}') AS t(x)`,
        {},
      ),
    ).rejects.toMatchObject({ code: 'input', message: expect.stringContaining('Value too large') });
  });

  test.each(['nan()', 'infinity()'])('%s fails the query', async (value) => {
    await expect(
      engine.ask('SELECT 1 AS one', `SELECT ${decimalOfDouble('x')} AS d FROM (VALUES ${value}) AS t(x)`, {}),
    ).rejects.toMatchObject({ code: 'input', message: expect.stringContaining('not a number') });
  });
});
