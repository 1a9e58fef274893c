import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { Decimal, decimalText } from '../../../lib/focus/decimal.ts';
import { describeWithShared, sharedData } from '../../shared.ts';
import { file, ingest } from './fixtures.ts';

// A DuckDB of its own for each test: quick alone, slow where all files run at once.
/** Sums by provider, currency and billing month, made without DuckDB. */
function sums(paths: readonly string[]): Map<string, { billed: string; effective: string; rows: number }> {
  const found = new Map<string, { billed: Decimal; effective: Decimal; rows: number }>();
  for (const path of paths) {
    const content = readFileSync(path);
    const rows: Record<string, string>[] = parse(path.endsWith('.gz') ? gunzipSync(content) : content, {
      columns: true,
    });
    for (const row of rows) {
      const key = `${row['BillingPeriodStart']?.slice(0, 7)} ${row['ProviderName']} ${row['BillingCurrency']}`;
      const sum = found.get(key) ?? { billed: new Decimal(0), effective: new Decimal(0), rows: 0 };
      found.set(key, {
        billed: sum.billed.plus(row['BilledCost'] ?? ''),
        effective: sum.effective.plus(row['EffectiveCost'] ?? ''),
        rows: sum.rows + 1,
      });
    }
  }
  return new Map(
    [...found].map(([key, { billed, effective, rows }]) => [
      key,
      { billed: decimalText(billed), effective: decimalText(effective), rows },
    ]),
  );
}

describeWithShared('real and generated bills', () => {
  const generated = sharedData('focus', 'generated');
  const paths = [
    sharedData('focus', 'focus_sample_1.0_1000.csv'),
    ...readdirSync(generated).map((name) => `${generated}/${name}`),
  ];

  test('sum to the last digit to what the files say', async () => {
    const { periods, rowsIn, rowsRejected } = await ingest(paths, { where: 'LIMIT 0' });
    const expected = sums(paths);
    expect([rowsIn, rowsRejected]).toEqual([16_000, 0]);
    expect(periods.reduce((sum, { rows }) => sum + rows, 0)).toBe(16_000);
    const read = periods.flatMap(({ period, totals }) =>
      totals.map(({ provider, currency, billed, effective }) => [
        `${period} ${provider} ${currency}`,
        { billed, effective },
      ]),
    );
    expect(Object.fromEntries(read)).toEqual(
      Object.fromEntries([...expected].map(([key, { billed, effective }]) => [key, { billed, effective }])),
    );
  });

  test('of 1.0 have their literal NULL and blanks in times repaired', async () => {
    const { rows, repairs } = await ingest(paths.slice(0, 1));
    expect(repairs).toMatchObject({ 'literal NULL': 8973, 'datetime with a space': 4000 });
    expect(rows.filter((row) => Object.values(row).includes('NULL'))).toEqual([]);
    expect(new Set(rows.map((row) => String(row['BillingAccountId']).length))).toContain(13);
  });

  test('worked examples of the specification with dates like 5/1/25 are refused by row, with their money', async () => {
    const path = sharedData('focus', 'spec', 'examples-1.2', 'saas_spend_agreements_a1.csv');
    const { rowsIn, rowsKept, rejects, rejectedMoney } = await ingest([path]);
    expect([rowsIn, rowsKept]).toEqual([4, 0]);
    expect(rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'ChargePeriodStart is no ISO 8601 time from 1980 to 8999: 4/1/25'],
      [3, 'ChargePeriodStart is no ISO 8601 time from 1980 to 8999: 5/1/25'],
      [4, 'ChargePeriodStart is no ISO 8601 time from 1980 to 8999: 6/1/25'],
      [5, 'ChargePeriodStart is no ISO 8601 time from 1980 to 8999: 4/1/25'],
    ]);
    expect(rejectedMoney).toEqual([{ currency: 'USD', billed: '1200' }]);
  });

  test('in the worked examples of commitments, what was used and unused is what was purchased', async () => {
    const folder = sharedData('focus', 'spec', 'examples-1.2');
    const scenarios = readdirSync(folder).filter((name) => name.includes('_percent_utilization_'));
    expect(scenarios).toHaveLength(4);
    for (const name of scenarios) {
      // The examples leave out the currency, without which nothing is money.
      const text = readFileSync(`${folder}/${name}`, 'utf8')
        .replace(/^\uFEFF/, '')
        .trimEnd();
      const lines = text.split(/\r?\n/).filter((line) => line !== '');
      const path = await file(
        name,
        lines.map((line, index) => `${line},${index === 0 ? 'BillingCurrency' : 'USD'}\n`).join(''),
      );
      const { rows, rowsRejected } = await ingest([path]);
      expect([name, rowsRejected, rows.length]).toEqual([name, 0, lines.length - 1]);
      const sum = (category: string, column: string): string =>
        decimalText(
          rows
            .filter((row) => row['ChargeCategory'] === category && row['CommitmentDiscountId'] !== null)
            .reduce((total, row) => total.plus(String(row[column])), new Decimal(0)),
        );
      expect([name, sum('Usage', 'EffectiveCost')]).toEqual([name, sum('Purchase', 'BilledCost')]);
      expect(sum('Purchase', 'EffectiveCost')).toBe('0');
    }
  });
});

test('a broken quote in row 700,000 of a million rejects exactly that row', async () => {
  const header = 'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ProviderName,ResourceName';
  const sound = '1.5,1.25,USD,2026-05-01T00:00:00Z,AWS,"a, ""b"""';
  const broken = '1.5,1.25,USD,2026-05-01T00:00:00Z,AWS,"a, b';
  const many = (count: number): string => `${sound}\n`.repeat(count);
  const path = await file('million.csv', `${header}\n${many(699_999)}${broken}\n${many(300_000)}`);
  const { rowsIn, rowsKept, rejects, periods } = await ingest([path], { where: 'LIMIT 0' });
  expect([rowsIn, rowsKept]).toEqual([1_000_000, 999_999]);
  expect(rejects).toEqual([
    { file: path, line: 700_001, row: null, reason: 'text after a closing quote', text: broken },
  ]);
  expect(periods[0]?.totals).toEqual([
    { provider: 'AWS', currency: 'USD', billed: '1499998.5', effective: '1249998.75' },
  ]);
});
