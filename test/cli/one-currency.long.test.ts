import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { csvBill } from '../journeys/bills.ts';
import { NOW } from '../journeys/bursar.ts';
import { type Warm, warm } from '../journeys/warm.ts';

const now = ['--now', NOW];
const cost = (BillingCurrency: string, amount: string) => ({
  BillingCurrency,
  BilledCost: amount,
  EffectiveCost: amount,
});

/** A folder with a bill in three currencies, a table of rates and the config that names it. */
let here: string;
let cli: Warm;
beforeAll(async () => {
  here = await mkdtemp(join(tmpdir(), 'bursar-currency-'));
  const bill = join(here, 'bill.csv');
  await writeFile(join(here, 'rates.csv'), 'date,from,to,rate\n2026-11-02,USD,EUR,0.9234\n');
  await writeFile(join(here, 'bursar.yaml'), 'schemaVersion: 1\nconversion: { rates: ./rates.csv }\n');
  await writeFile(bill, csvBill([cost('USD', '10.1'), cost('EUR', '3'), cost('JPY', '100')]));
  cli = await warm(here);
  await cli.bursarOk(['audit', '--bills', 'bill.csv', ...now]);
  return async () => {
    await cli[Symbol.asyncDispose]();
    await rm(here, { recursive: true, force: true });
  };
});

test('spend as a table: the sum, what it rests on, the figures as billed, and what has no rate', async () => {
  const said = await cli.bursarOk(['spend', '--by', 'service', '--in', 'eur', ...now]);
  expect(said).toMatch(/^Amazon Elastic Compute Cloud +12\.32634! +12\.32634! +100\.0% +2026-11-03$/m);
  expect(said).toContain('! lacks what was not converted.');
  expect(said).toMatch(/^total +12\.32634 +12\.32634/m);
  expect(said).toContain(
    'Converted into EUR at the rates of ./rates.csv (USD 2026-11-02): each charge by the last rate on or before its UTC day, at most 7 days older.',
  );
  expect(said).toContain('As billed: 10.1 USD, effective 10.1 USD.');
  expect(said).toContain(
    'NOT CONVERTED and in no sum above: 100 JPY, effective 100 JPY, of 2026-11-03: no rate of JPY to EUR.',
  );
});

test('spend as CSV: one row a currency, with what of it was converted', async () => {
  const said = await cli.bursarOk(['spend', '--by', 'service', '--in', 'EUR', '--format', 'csv', ...now]);
  expect(said.trim().split('\n')).toEqual([
    'service,currency,billed,effective,converted_currency,converted_billed,converted_effective,unconverted_billed,unconverted_effective',
    'Amazon Elastic Compute Cloud,EUR,3,3,EUR,3,3,0,0',
    'Amazon Elastic Compute Cloud,JPY,100,100,EUR,0,0,100,100',
    'Amazon Elastic Compute Cloud,USD,10.1,10.1,EUR,9.32634,9.32634,0,0',
  ]);
});

test('changes: the sum of what a delivery changed', async () => {
  await cli.bursarOk(['audit', '--bills', 'bill.csv', '--state', 'again', ...now]);
  await writeFile(join(here, 'bill.csv'), csvBill([cost('USD', '20.1'), cost('EUR', '1')]));
  await cli.bursarOk(['audit', '--bills', 'bill.csv', '--state', 'again', ...now]);
  const said = await cli.bursarOk(['changes', '--in', 'EUR', '--state', 'again', ...now]);
  expect(said).toContain(
    'In all +7.234 EUR, effective +7.234 EUR, at the rates of ./rates.csv (USD 2026-11-02)',
  );
  expect(said).toContain('NOT CONVERTED and in no sum above: -100 JPY');
});

test('a table of rates with a wrong line ends with 2 and names the line', async () => {
  await writeFile(join(here, 'bad.csv'), 'date,from,to,rate\n2026-11-31,USD,EUR,1\n2026-11-01,USD,EUR,-1\n');
  await writeFile(join(here, 'bad.yaml'), 'schemaVersion: 1\nconversion: { rates: bad.csv }\n');
  const ran = await cli.bursar(['spend', '--in', 'EUR', '--config', 'bad.yaml', ...now]);
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toContain('bad.csv:2: date "2026-11-31" is no day');
  expect(ran.stderr).toContain('bad.csv:3: rate "-1" is no plain decimal');
});
