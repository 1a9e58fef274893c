import { expect, test } from 'vitest';
import { answersOf } from './bill.ts';
import { deliver } from './deliver.ts';
import { costExplorerFake } from './fake.ts';

// AWS does not say how many groups a page holds; 5,000 is an assumption, and what is asked does not depend on it.
test('a daily audit of 100 accounts asks at most 10 pages of 5,000 groups', async () => {
  const accounts = Array.from({ length: 100 }, (_, at) => String(at).padStart(12, '0'));
  const days = Array.from({ length: 30 }, (_, at) => `2026-11-${String(at + 1).padStart(2, '0')}`);
  const entries = days.flatMap((day) =>
    accounts.flatMap((account) => [
      ...['EC2', 'EBS', 'S3', 'RDS', 'Lambda', 'CloudWatch', 'VPC', 'SageMaker'].map((service) => ({
        day,
        account,
        service,
        billed: '1',
      })),
      { day, account, service: 'Tax', type: 'Tax', billed: '0.2' },
    ]),
  );
  await using fake = await costExplorerFake(answersOf(entries, 5000));
  const held = {
    asOf: null,
    ingestedAt: '2026-11-29T00:00:00Z',
    fingerprints: { '2026-10': 'record types 1 of 999900001111|closed 14 days' },
  };
  const { own, rows } = await deliver(fake.client, { now: '2026-11-30T06:00:00Z', held });
  expect(rows).toHaveLength(29 * 100 * 9);
  expect(own.calls).toEqual([{ api: 'ce:GetCostAndUsage', count: 8 }]);
});
