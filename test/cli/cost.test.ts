import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
