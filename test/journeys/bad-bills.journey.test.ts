import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from 'vitest';
import { csvBill } from './bills.ts';
import { folder, NOW, type Ran, stateOf } from './bursar.ts';
import { type Warm, warm } from './warm.ts';

const now = ['--now', NOW];

interface Audit {
  coverage: { scope: string; status: string; reason: string | null }[];
  spend: { currency: string; billed: string; effective: string }[];
  findings: { check: string; resourceId: string }[];
}

function audited({ stdout }: Ran): Audit {
  return JSON.parse(stdout);
}

/** A folder with a bill that was audited before: what a bad run must leave as it is. */
let past: string;
let cli: Warm;
beforeAll(async () => {
  past = await mkdtemp(join(tmpdir(), 'bursar-past-'));
  await writeFile(join(past, 'good.csv'), csvBill([{ Tags: '{}' }, { BilledCost: '3' }]));
  cli = await warm(past);
  await cli.bursarOk(['audit', '--bills', 'good.csv', ...now]);
  return async () => {
    await cli[Symbol.asyncDispose]();
    await rm(past, { recursive: true, force: true });
  };
});

/** Audits what is bad, and proves that lake and ledger are as before. Gives what a person was told. */
async function refused(...bills: string[]): Promise<string> {
  const before = await stateOf(join(past, '.bursar'));
  const ran = await cli.bursar(['audit', '--bills', ...bills, '--format', 'json', ...now]);
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(await stateOf(join(past, '.bursar'))).toEqual(before);
  expect(ran.stderr).not.toMatch(/^\s+at |BursarError|\bundefined\b/m);
  return ran.stderr;
}

describe('a bill that cannot be read ends the run with 2, says what to do, and changes nothing', () => {
  test('a file that is not there', async () => {
    expect(await refused('missing.csv')).toBe(
      'bursar: missing.csv: there is no such file or folder\n' +
        '  Give --bills FOCUS files, folders, globs in quotes, or s3://bucket/prefix.\n',
    );
  });

  test('a pattern that matches nothing', async () => {
    const told = await refused('bills/**/*.parquet');
    expect(told).toContain('no file matches this pattern');
    expect(told).toContain('Put the pattern in quotes');
  });

  test('an empty folder', async () => {
    await mkdir(join(past, 'bills'));
    expect(await refused('bills')).toContain('this folder holds no file');
  });

  test('a Parquet file that is cut off', async () => {
    const whole = join(past, 'cut.parquet');
    await parquet(join(past, 'good.csv'), whole);
    await truncate(whole, (await stat(whole)).size - 100);
    const told = await refused('cut.parquet');
    expect(told).toContain('cut.parquet: this Parquet file is cut off or damaged');
    expect(told).toContain('Fetch or write the file again');
  });

  test('a Parquet file with rotten pages under a good footer', async () => {
    const whole = join(past, 'rotten.parquet');
    await parquet(join(past, 'good.csv'), whole);
    const bytes = await readFile(whole);
    bytes.fill(0xa5, 8, 400);
    await writeFile(whole, bytes);
    const told = await refused('rotten.parquet');
    expect(told).toContain('rotten.parquet');
  });

  test('a file with a delimiter that no column name shows', async () => {
    await writeFile(join(past, 'colon.csv'), csvBill([{}]).replaceAll(',', ':'));
    expect(await refused('colon.csv')).toContain('not FOCUS');
  });

  test('an empty file, and one that is no bill at all', async () => {
    await writeFile(join(past, 'empty.csv'), '');
    await writeFile(join(past, 'notes.csv'), 'name,amount\nfoo,3\n');
    const told = await refused('empty.csv', 'notes.csv');
    expect(told).toContain('empty.csv: not FOCUS: it is empty');
    expect(told).toContain('notes.csv: not FOCUS: it lacks BilledCost, EffectiveCost');
  });

  test('a bad file beside a good one: nothing is judged', async () => {
    await writeFile(join(past, 'cut.parquet'), 'PAR1 and no more');
    const before = await stateOf(join(past, '.bursar'));
    const ran = await cli.bursar(['audit', '--bills', 'good.csv', 'cut.parquet', ...now], past);
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('cut.parquet') });
    const judged = ({ ledger }: typeof before) =>
      ledger.filter(({ key }) => !key.startsWith('collect/bill:good'));
    expect(judged(await stateOf(join(past, '.bursar')))).toEqual(judged(before));
  });
});

describe('what can be read is read, and the rest is told', () => {
  test('a semicolon between the fields', async () => {
    const here = await folder();
    await writeFile(join(here, 'semicolon.csv'), csvBill([{}, { BilledCost: '2' }], ';'));
    const ran = await cli.bursar(['audit', '--bills', 'semicolon.csv', '--format', 'json', ...now], here);
    expect(audited(ran).spend).toMatchObject([{ currency: 'USD', billed: '3.5', effective: '2.5' }]);
  });

  test('a file that is no bill among good ones is named and left out', async () => {
    const here = await folder();
    await mkdir(join(here, 'bills'));
    await writeFile(join(here, 'bills', 'a.csv'), csvBill([{}]));
    await writeFile(join(here, 'bills', 'readme.md'), '# Bills\n');
    const ran = await cli.bursar(['audit', '--bills', 'bills', '--format', 'json', ...now], here);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/readme\.md: skipped, not FOCUS: /);
    expect(audited(ran).spend).toMatchObject([{ billed: '1.5' }]);
  });

  test('a folder of 300 files in folders of their own, as exports lie', async () => {
    const here = await folder();
    for (let day = 0; day < 300; day++) {
      const place = join(here, 'export', `part=${day % 30}`);
      await mkdir(place, { recursive: true });
      await writeFile(join(place, `${day}.csv`), csvBill([{ ResourceId: `i-${day}` }]));
    }
    const ran = await cli.bursar(['audit', '--bills', 'export', '--format', 'json', ...now], here);
    expect(audited(ran).spend).toMatchObject([{ billed: '450', effective: '375' }]);
    expect(ran.stderr).toBe('');
  });

  test('money of 40 digits is refused row by row, with its line and never rounded', async () => {
    const here = await folder();
    const long = '1234567890123456789012.345678901234567890';
    const fits = '12345678901234567890.123456789012345678';
    await writeFile(join(here, 'long.csv'), csvBill([{ BilledCost: long }, { BilledCost: fits }]));
    const ran = await cli.bursar(['audit', '--bills', 'long.csv', '--format', 'json', ...now], here);
    expect(audited(ran).spend).toMatchObject([{ billed: fits }]);
    const [{ status, reason } = { status: '', reason: '' }] = audited(ran).coverage;
    expect(status).toBe('partial');
    expect(reason).toContain('1 of 2 rows were rejected');
    const rejects = /see (\S+)/.exec(reason ?? '')?.[1] ?? '';
    expect(JSON.parse(await readFile(rejects, 'utf8'))).toMatchObject({ line: 2 });
  });

  test('two currencies are never added', async () => {
    const here = await folder();
    await writeFile(
      join(here, 'two.csv'),
      csvBill([{ BilledCost: '0.1' }, { BilledCost: '0.2' }, { BilledCost: '7', BillingCurrency: 'EUR' }]),
    );
    const ran = await cli.bursar(['audit', '--bills', 'two.csv', '--format', 'json', ...now], here);
    expect(audited(ran).spend).toMatchObject([
      { currency: 'EUR', billed: '7' },
      { currency: 'USD', billed: '0.3' },
    ]);
    const said = await cli.bursarOk(['audit', '--bills', 'two.csv', ...now], here);
    expect(said).toContain('€7.00');
    expect(said).toContain('$0.30');
  });

  test('two sources that tell the same days of the same account: both named', async () => {
    const here = await folder();
    await writeFile(join(here, 'a.csv'), csvBill([{}]));
    await writeFile(join(here, 'b.csv'), csvBill([{ ResourceId: 'i-1' }]));
    const ran = await cli.bursar(['audit', '--bills', 'a.csv', 'b.csv', ...now], here);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/overlap|twice|same/i);
    expect(ran.stderr).toMatch(/a-csv-[0-9a-f]{10}/);
  });

  test('a broken quote in row 700,000 costs exactly that row', async () => {
    const here = await folder();
    const row = '1.5,1.25,USD,2026-11-03T00:00:00Z,i-01\n';
    const broken = '2.5,1.25,USD,2026-11-03T00:00:00Z,"i-0"1\n';
    await pipeline(
      function* () {
        yield 'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ResourceId\n';
        yield row.repeat(350_000);
        yield row.repeat(349_999);
        yield broken;
        yield row.repeat(50);
      },
      createWriteStream(join(here, 'large.csv')),
    );
    const ran = await cli.bursar(['audit', '--bills', 'large.csv', '--format', 'json', ...now], here);
    expect(ran.stderr).toContain('1 of 700050 rows rejected');
    expect(audited(ran).spend).toMatchObject([{ billed: '1050073.5' }]);
    const rejects = /see (\S+)/.exec(ran.stderr)?.[1] ?? '';
    expect(JSON.parse(await readFile(rejects, 'utf8'))).toMatchObject({ line: 700_001 });
  });
});

async function parquet(csv: string, to: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT * FROM read_csv('${csv}')) TO '${to}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}
