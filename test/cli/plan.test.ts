import { expect, test } from 'vitest';
import { plannedText } from '../../lib/cli/plan.ts';
import type { PlannedTask } from '../../lib/run/estimate.ts';

const calls = Array.from({ length: 60 }, (_, at) => `ec2:DescribeThingNumber${at}`);

function task(name: string, given: Partial<PlannedTask> = {}): PlannedTask {
  return { task: name, calls, count: null, amount: '0', basis: 'least', ...given };
}

test('a plan fits a terminal, and what all tasks ask is told once, whole', () => {
  const said = plannedText({
    tasks: [task('bill:main', { calls: ['ce:GetCostAndUsage'], amount: '0.03' }), task('a'), task('b')],
    amount: '0.03',
    unknown: 'more.',
  });
  const lines = said.split('\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  expect(lines).toContain('Calls that it may make');
  for (const call of calls)
    expect(said.split(call.concat(',')).length + said.split(`${call}\n`).length).toBe(3);
  expect(said).toMatch(/\nb +60 kinds +0 +at least\n/);
  expect(lines.at(-1)).toBe('At least 0.03 USD in all; what is found decides the rest: more.');
});

test('where everything was looked at before, the calls are counted', () => {
  const one = task('a', {
    calls: ['4 x ec2:DescribeInstances', '2 x s3:ListAllMyBuckets'],
    count: 6,
    basis: 'last look',
  });
  const said = plannedText({
    tasks: [
      one,
      task('b', {
        calls: ['1 x ce:GetCostAndUsage', '2 x ec2:DescribeInstances'],
        count: 3,
        basis: 'last look',
      }),
    ],
    amount: '0.01',
    unknown: null,
  });
  expect(said).toMatch(/\na +6 +0 +as in the last look\n/);
  expect(said).toContain(
    '\nCalls, as the last look at each counted them\n  1 x ce:GetCostAndUsage, 6 x ec2:DescribeInstances, 2 x s3:ListAllMyBuckets\n',
  );
  expect(said).toContain('About 0.01 USD and 9 calls in all');
});
