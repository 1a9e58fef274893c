import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { Decimal, decimalText } from '../../lib/focus/decimal.ts';
import { describeWithShared, sharedData } from '../shared.ts';
import { bursar, bursarOk, folder, NOW } from './bursar.ts';

const SAMPLE = sharedData('focus', 'focus_sample_1.0_1000.csv');
const GENERATED = sharedData('focus', 'generated');
const FILES = [
  SAMPLE,
  ...['aws', 'azure', 'gcp'].map((cloud) => `${GENERATED}/focus_1_2_cost_and_usage_${cloud}.csv.gz`),
];

interface Sum {
  readonly provider: string;
  readonly currency: string;
  readonly month: string;
  readonly billed: string;
  readonly effective: string;
  readonly rows: number;
}

/** Sums by provider, currency and billing month, by plain reading and decimal arithmetic. */
async function sumsOf(paths: readonly string[]): Promise<Sum[]> {
  const sums = new Map<string, { billed: Decimal; effective: Decimal; rows: number }>();
  for (const path of paths) {
    const bytes = await readFile(path);
    const rows: Record<string, string>[] = parse(path.endsWith('.gz') ? gunzipSync(bytes) : bytes, {
      columns: true,
    });
    for (const row of rows) {
      const key = JSON.stringify([
        row['ProviderName'],
        row['BillingCurrency'],
        row['BillingPeriodStart']?.slice(0, 7),
      ]);
      const sum = sums.get(key) ?? { billed: new Decimal(0), effective: new Decimal(0), rows: 0 };
      sums.set(key, {
        billed: sum.billed.plus(row['BilledCost'] ?? ''),
        effective: sum.effective.plus(row['EffectiveCost'] ?? ''),
        rows: sum.rows + 1,
      });
    }
  }
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { billed, effective, rows }]) => {
      const [provider, currency, month]: string[] = JSON.parse(key);
      return {
        provider: provider ?? '',
        currency: currency ?? '',
        month: month ?? '',
        billed: decimalText(billed),
        effective: decimalText(effective),
        rows,
      };
    });
}

function byKey(sums: readonly Sum[]): Sum[] {
  const key = ({ provider, currency, month }: Sum) => `${provider}|${currency}|${month}`;
  return sums.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

describeWithShared('real bills', () => {
  test('audited and then asked, give the exact sums of their files', async () => {
    const here = await folder();
    const audit = await bursar(
      ['audit', '--bills', SAMPLE, GENERATED, '--format', 'json', '--now', NOW],
      here,
    );
    expect(audit.code).toBe(0);
    const expected = await sumsOf(FILES);
    const answered: Sum[] = JSON.parse(
      await bursarOk(
        [
          'query',
          `SELECT ProviderName AS provider, BillingCurrency AS currency,
             strftime(BillingPeriodStart, '%Y-%m') AS month, sum(BilledCost) AS billed,
             sum(EffectiveCost) AS effective, count(*)::INTEGER AS rows
           FROM costs GROUP BY ALL ORDER BY ALL`,
          '--format',
          'json',
        ],
        here,
      ),
    );
    expect(byKey(answered)).toEqual(byKey(expected));
    const total = (column: 'billed' | 'effective') =>
      decimalText(expected.reduce((sum, row) => sum.plus(row[column]), new Decimal(0)));
    expect(JSON.parse(audit.stdout).spend).toMatchObject([
      { currency: 'USD', billed: total('billed'), effective: total('effective') },
    ]);
    expect(audit.stderr).toContain('repaired');
    expect(audit.stderr).not.toContain('rejected');
  });
});
