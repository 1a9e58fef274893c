import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { costText } from '../../lib/cli/cost.ts';
import { assembleCost } from '../../lib/run/assemble/cost.ts';

const COMPANY = { accounts: 50, resources: 20_000, rows: 30_000_000 };

test('docs/cost.md holds what the command prints: its second half is made by `bursar cost ... --format markdown`', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/cost.md'), 'utf8');
  const printed = costText(await assembleCost(null, COMPANY, []), 'markdown');
  expect(page.slice(page.indexOf(printed.slice(0, 30)))).toBe(`${printed}\n`);
});

test('what is less than a cent and not nothing is told as such, and the sums are those of the bill', async () => {
  const bill = await assembleCost(null, { accounts: 1, resources: 10, rows: 1000 }, []);
  const text = costText(bill, 'text');
  expect(text).toContain('<0.01');
  expect(text).toMatch(/At list price \d+\.\d\d USD; \d+\.\d\d USD after what AWS gives/);
  const lines = text.split('\n');
  for (const { service, item } of bill.items)
    expect(lines.filter((line) => line.startsWith(`${service} `) && line.includes(item))).not.toEqual([]);
});

test('what the config does not name is said, and one is no many', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-cost-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'bursar.yaml');
  const told = async (config: string) => {
    await writeFile(file, `schemaVersion: 1\n${config}`);
    return costText(await assembleCost(file, { accounts: 1, resources: 1, rows: 1 }, []), 'text').split('\n');
  };
  expect((await told('')).slice(0, 4)).toEqual([
    'Bursar itself, a month of 30 days, for 1 account, 1 resource and 0 rows of bills:',
    'The config names no bill under sources: none is read, and the rows that were asked for count for nothing.',
    'The config names no accounts of AWS under estate.aws: none is looked at, and what looking at them costs is not in it.',
    '',
  ]);
  const whole = await told(
    'sources: { bills: { type: aws-focus-export, bucket: bills, prefix: p/ } }\nestate: { aws: {} }\n',
  );
  expect(whole.slice(0, 2)).toEqual([
    'Bursar itself, a month of 30 days, for 1 account, 1 resource and 1 row of bills:',
    '',
  ]);
  const sums = await told('sources: { api: { type: aws-cost-explorer } }\nestate: { aws: {} }\n');
  expect(sums[1]).toBe(
    'The config names no bill with rows, only sums of Cost Explorer: the rows that were asked for count for nothing.',
  );
});
