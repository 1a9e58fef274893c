import { beforeAll, describe, expect, inject, test } from 'vitest';
import { resetMoto } from '../counterparts/moto.ts';
import { type LoadResult, runLoad } from './load.ts';
import { judge } from './verdict.ts';

/** `npm run load` drives 500 accounts in 17 regions each, and prints what it came to. */
const ORDER = { accounts: 6, regions: 5, workers: 2, shortWaits: true, say: () => {} };
let result: LoadResult;

beforeAll(async () => {
  await resetMoto(inject('motoUrl'));
  result = await runLoad({ ...ORDER, emulator: inject('motoUrl') });
});

/** One that each region has once: others are of what the emulator holds by itself. */
function expected(findings: LoadResult['findings']) {
  const found = findings.find(
    ({ check, resourceType }) => check === 'untagged' && resourceType === 'aws:ec2:instance',
  );
  if (found === undefined) throw new Error('no machine was found');
  return found;
}

describe('an organisation through queue and handlers, with faults', () => {
  test('nothing is lost, nothing is done twice, and what is missing is told', () => {
    expect(judge(result).faults).toEqual([]);
    expect(result.reports).toHaveLength(ORDER.accounts * ORDER.regions);
  });

  test('the faults were there: messages failed, came again, came thrice, and a worker was killed over one', () => {
    // Two that are no tasks, thrice each; one of the account that throttles and one of that which breaks off, at the least.
    expect(result.failed).toBeGreaterThanOrEqual(8);
    expect(result.killedWith).toBe(1);
    expect(result.delivered).toBeGreaterThan(result.tasks.length + result.repeated * 2);
    const told = result.log.join('');
    expect(told).toContain('was throttled (Throttling) and stayed so after every retry');
    expect(told).toContain('ECONNRESET');
    expect(told).toContain('a message of schemaVersion 2; this version knows 1');
    expect(told.match(/"message":"already"/g)?.length).toBeGreaterThanOrEqual(result.repeated);
  });

  test.for<[string, (made: LoadResult) => Partial<LoadResult>]>([
    ['a report that is missing', ({ reports }) => ({ reports: [null, ...reports.slice(1)] })],
    [
      'a finding that is missing',
      ({ findings }) => ({ findings: findings.filter((one) => one !== expected(findings)) }),
    ],
    ['a finding that is there twice', ({ findings }) => ({ findings: [...findings, expected(findings)] })],
    [
      'scopes that were collected twice',
      ({ snapshots }) => ({ snapshots: new Map([...snapshots].map(([scope]) => [scope, 2])) }),
    ],
    ['a dead letter that should be none', ({ dead }) => ({ dead: [...dead, '{}'] })],
    ['a message that is left', () => ({ waiting: 1 })],
    ['a gap that nobody was told of', () => ({ gaps: [] })],
    ['a handler that threw', () => ({ thrown: ['Error'] })],
  ])('the verdict sees %s', ([, change]) => {
    expect(judge({ ...result, ...change(result) }).faults).not.toEqual([]);
  });
});
