import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { csvBill } from './bills.ts';
import { bursar, bursarOk, folder, NOW, start } from './bursar.ts';
import { warm } from './warm.ts';

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
  await using cli = await warm(here);
  await writeFile(join(here, 'bill.csv'), large(2000));
  await cli.bursarOk(['audit', '--bills', 'bill.csv', '--state', 'alone', '--now', NOW]);
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
    JSON.parse(await cli.bursarOk(['findings', '--state', state, '--format', 'json'])).map(
      ({ id, state: life }: { id: string; state: string }) => `${id} ${life}`,
    );
  expect(await ids('.bursar')).toEqual(await ids('alone'));
  expect(await cli.bursarOk(['query', COSTS])).toBe(await cli.bursarOk(['query', COSTS, '--state', 'alone']));
});

test('an audit that is killed leaves the bill as it was or as it is to be; the next one ends what it began', async () => {
  const here = await folder();
  await using cli = await warm(here);
  await writeFile(join(here, 'bill.csv'), large(50));
  await cli.bursarOk(['audit', '--bills', 'bill.csv', '--now', NOW]);
  const before = await cli.bursarOk(['query', COSTS, '--format', 'json']);
  await writeFile(join(here, 'bill.csv'), large(20_000));
  await cp(join(here, '.bursar'), join(here, 'whole'), { recursive: true });
  const began = performance.now();
  await bursarOk(['audit', '--bills', 'bill.csv', '--state', 'whole', '--now', NOW], here);
  const took = performance.now() - began;
  const after = await cli.bursarOk(['query', COSTS, '--state', 'whole', '--format', 'json']);
  expect(after).not.toBe(before);

  for (const part of [0.2, 0.5, 0.7, 0.9]) {
    const { child, ended } = start(['audit', '--bills', 'bill.csv', '--now', NOW], here);
    await setTimeout(took * part);
    child.kill('SIGKILL');
    await ended;
    expect([before, after]).toContain(await cli.bursarOk(['query', COSTS, '--format', 'json']));
  }
  await bursarOk(['audit', '--bills', 'bill.csv', '--now', NOW], here);
  expect(await cli.bursarOk(['query', COSTS, '--format', 'json'])).toBe(after);
  const findings = async (state: string) =>
    JSON.parse(await cli.bursarOk(['findings', '--state', state, '--format', 'json'])).length;
  expect(await findings('.bursar')).toBe(await findings('whole'));
});
