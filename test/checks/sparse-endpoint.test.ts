import { describe, expect, test } from 'vitest';
import { settings, sparseEndpoint } from '../../lib/checks/sparse-endpoint.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import { ACCOUNT, cost, facts, machine, NOW, REGION, SCOPE, series } from './facts.ts';

const ID = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/chat`;

function endpoint(given: Partial<Resource> = {}): Resource {
  return machine({
    type: 'aws:sagemaker:endpoint',
    id: ID,
    name: 'chat',
    state: 'InService',
    dataset: 'aws.sagemaker.endpoints',
    ...given,
  });
}

const requests = (
  value: number | ((hour: number) => number),
  given: Partial<Telemetry> & { hours?: number } = {},
) =>
  series('requests', null, value, {
    resourceId: ID,
    statistic: 'sum',
    unit: 'count',
    source: 'AWS/SageMaker Invocations',
    ...given,
  });

const judge = (
  telemetry: Telemetry[],
  { resource = endpoint(), keepsUp = '15m', coverage = facts().coverage, effective = '720' } = {},
) =>
  sparseEndpoint.judge(
    facts({ resources: [resource], telemetry, costs: [cost({ resourceId: ID, effective })], coverage }),
    settings.parse({ keepsUp }),
    NOW,
  );

test('few requests are told with the break-even, and the cost that it could have at most', () => {
  // One a day: 7 in 168 hours are 30 in 720. A request keeps it up for a quarter of an hour: 720 / 0.25 = 2,880.
  const [found, ...more] = judge([requests((hour) => (hour % 24 === 9 ? 1 : 0))]);
  expect(more).toEqual([]);
  expect(found).toMatchObject({
    verdict: 'INEFFICIENT',
    monthlyCost: { amount: '720', currency: 'USD' },
    monthlySaving: null,
    reason: 'It answers some 30 requests a month; below 2880 it is cheaper where it runs only for them.',
    scopes: [`${SCOPE}#aws.sagemaker.endpoints`, `${SCOPE}#aws.sagemaker.endpoint-telemetry`],
  });
  // 720 x 30 / 2880, exactly.
  expect(found?.evidence).toContainEqual(
    expect.objectContaining({ name: 'cost at most, scaled to zero', value: '7.5' }),
  );
});

test('the break-even follows from how long a request keeps it up', () => {
  const hourly = [requests(1)];
  // 720 requests a month: half of 2,880 and more than half of 720.
  expect(judge(hourly)).toHaveLength(1);
  expect(judge(hourly, { keepsUp: '1h' })).toEqual([]);
});

test('hours that are missing are taken for as busy as the others', () => {
  const [whole] = judge([requests(1)]);
  const [less] = judge([requests(1, { hours: 155 })]);
  expect(whole?.reason).toContain('some 720 requests');
  expect(less?.reason).toContain('some 720 requests');
});

test('what some variants answered while others were silent is never left out', () => {
  const few = requests((hour) => (hour % 24 === 9 ? 1 : 0), { hours: 160 });
  const [found] = judge([few, requests(10, { hours: 8, statistic: 'average' })]);
  // 7 of the whole hours and 80 of the others, in 168: 373 in 720.
  expect(found?.evidence).toContainEqual(expect.objectContaining({ name: 'requests', value: '87' }));
  expect(found?.reason).toContain('some 373 requests');
  expect(judge([few, requests(100, { hours: 8, statistic: 'average' })])).toEqual([]);
});

describe('nothing is said of', () => {
  test.each<[string, ReturnType<typeof judge>]>([
    ['an endpoint without a request', judge([requests(0)])],
    ['one that is busy', judge([requests(3)])],
    ['one whose requests nobody counted', judge([])],
    ['one that was counted for a part of the week', judge([requests(1, { hours: 150 })])],
    ['counts that are no data', judge([requests((hour) => (hour === 3 ? Number.NaN : 1))])],
    ['one that is young', judge([requests(1)], { resource: endpoint({ created: '2026-11-18T00:00:00Z' }) })],
    ['one that is being made', judge([requests(1)], { resource: endpoint({ state: 'Creating' }) })],
    [
      'telemetry that was not read whole',
      judge([requests(1)], {
        coverage: [
          {
            scope: SCOPE,
            status: 'partial',
            reason: 'x',
            asOf: NOW.toISOString(),
            incomplete: ['aws.sagemaker.endpoint-telemetry'],
          },
        ],
      }),
    ],
  ])('%s', (_, found) => {
    expect(found).toEqual([]);
  });
});
