import { expect, test } from 'vitest';
import { knownOf } from '../../../lib/checks/ownership.ts';
import { awsCostAllocationTags } from '../../../lib/estate/aws/cost-allocation-tags.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { NOW } from '../../checks/facts.ts';
import { costExplorerFake, type FakeAnswer } from '../../sources/aws-cost-explorer/fake.ts';

const SCOPE: Scope = { provider: 'aws', accountId: '111122223333', region: 'global' };

async function look(pages: readonly FakeAnswer[]) {
  await using fake = await costExplorerFake((_request, index) => pages[index] ?? 'break');
  const meter = new Meter();
  const session = { costExplorer: fake.client, accountId: SCOPE.accountId };
  const taken = await collectScope(SCOPE, session, [awsCostAllocationTags], NOW, meter);
  return { taken, requests: fake.requests, cost: meter.total() };
}

const tag = (TagKey: string, Status: 'Active' | 'Inactive') => ({
  TagKey,
  Status,
  Type: 'UserDefined' as const,
});

test('keys of every page by their status, each page with its price', async () => {
  const { taken, requests, cost } = await look([
    { CostAllocationTags: [tag('team', 'Active'), tag('Owner', 'Inactive')], NextToken: 'more' },
    { CostAllocationTags: [tag('app', 'Active')] },
  ]);
  expect(requests).toEqual([
    { Type: 'UserDefined', MaxResults: 1000 },
    { Type: 'UserDefined', MaxResults: 1000, NextToken: 'more' },
  ]);
  expect(cost).toMatchObject({
    amount: '0.02',
    calls: [{ api: 'ce:ListCostAllocationTags', count: 2 }],
  });
  expect(taken.coverage).toMatchObject([{ status: 'complete' }]);
  const known = knownOf([{ name: 'aws:111122223333:global', resources: taken.resources }]);
  expect([...(known.activation ?? [])]).toEqual([
    ['Owner', 'Inactive'],
    ['app', 'Active'],
    ['team', 'Active'],
  ]);
});

test('an account that may not ask is told, and nothing is known', async () => {
  const { taken } = await look([{ error: 'AccessDeniedException', message: 'Linked account' }]);
  expect(taken.resources).toEqual([]);
  expect(taken.coverage[0]).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('ce:ListCostAllocationTags was denied'),
  });
  expect(knownOf([{ name: 'x', resources: taken.resources }]).activation).toBeNull();
});
