import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { csvBill } from './bills.ts';
import { bursar, bursarOk, folder, NOW, start } from './bursar.ts';

const COSTS = 'SELECT count(*)::INTEGER AS rows, sum(BilledCost) AS billed FROM costs';

/** A bill of many untagged resources. */
function large(rows: number): string {
  return csvBill(
    Array.from({ length: rows }, (_, at) => ({
      ResourceId: `i-${String(at % 500).padStart(17, '0')}`,
      Tags: '{}',
      BilledCost: `0.${String(at % 97).padStart(2, '0')}1`,
    })),
  );
}

test('two audits at once on one state: both end well, and the state is that of one', async () => {
  const here = await folder();
  await writeFile(join(here, 'bill.csv'), large(2000));
  await bursarOk(['audit', '--bills', 'bill.csv', '--state', 'alone', '--now', NOW], here);
  const both = await Promise.all([
    bursar(['audit', '--bills', 'bill.csv', '--format', 'json', '--now', NOW], here),
    bursar(['audit', '--bills', 'bill.csv', '--format', 'json', '--now', NOW], here),
  ]);
  for (const { code, stdout, stderr } of both) {
    // One may have been told to try again, in words; nothing else is allowed to go wrong.
    expect([0, 2, 4]).toContain(code);
    expect(stderr).not.toMatch(/a defect|^\s+at /m);
    expect(code === 0 ? JSON.parse(stdout).findings.length : 500).toBe(500);
  }
  expect(both.some(({ code }) => code === 0)).toBe(true);
  const ids = async (state: string): Promise<string[]> =>
    JSON.parse(await bursarOk(['findings', '--state', state, '--format', 'json'], here)).map(
      ({ id, state: life }: { id: string; state: string }) => `${id} ${life}`,
    );
  expect(await ids('.bursar')).toEqual(await ids('alone'));
  expect(await bursarOk(['query', COSTS], here)).toBe(
    await bursarOk(['query', COSTS, '--state', 'alone'], here),
  );
});

test('an audit that is killed leaves the bill as it was or as it is to be; the next one ends what it began', async () => {
  const here = await folder();
  await writeFile(join(here, 'bill.csv'), large(50));
  await bursarOk(['audit', '--bills', 'bill.csv', '--now', NOW], here);
  const before = await bursarOk(['query', COSTS, '--format', 'json'], here);
  await writeFile(join(here, 'bill.csv'), large(60_000));
  await cp(join(here, '.bursar'), join(here, 'whole'), { recursive: true });
  await bursarOk(['audit', '--bills', 'bill.csv', '--state', 'whole', '--now', NOW], here);
  const after = await bursarOk(['query', COSTS, '--state', 'whole', '--format', 'json'], here);
  expect(after).not.toBe(before);

  for (const wait of [150, 500, 1000, 1800]) {
    const { child, ended } = start(['audit', '--bills', 'bill.csv', '--now', NOW], here);
    await setTimeout(wait);
    child.kill('SIGKILL');
    await ended;
    expect([before, after]).toContain(await bursarOk(['query', COSTS, '--format', 'json'], here));
  }
  await bursarOk(['audit', '--bills', 'bill.csv', '--now', NOW], here);
  expect(await bursarOk(['query', COSTS, '--format', 'json'], here)).toBe(after);
  const findings = async (state: string) =>
    JSON.parse(await bursarOk(['findings', '--state', state, '--format', 'json'], here)).length;
  expect(await findings('.bursar')).toBe(await findings('whole'));
});
