import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idleEndpoint, settings } from '../../lib/checks/idle-endpoint.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import { ACCOUNT, cost, facts, machine, NOW, REGION, SCOPE, series } from './facts.ts';

const ID = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:endpoint/rules`;

function endpoint(given: Partial<Resource> = {}): Resource {
  return machine({
    type: 'aws:sagemaker:endpoint',
    id: ID,
    name: 'rules',
    state: 'InService',
    sku: 'ml.c5.large',
    accelerators: [],
    attributes: { acceleratorsUnknown: false },
    dataset: 'aws.sagemaker.endpoints',
    ...given,
  });
}

const requests = (
  value: number | ((hour: number) => number),
  given: Partial<Telemetry> & { hours?: number } = {},
) => series('requests', null, value, { resourceId: ID, statistic: 'sum', unit: 'count', ...given });

const judge = (telemetry: Telemetry[], resource = endpoint(), coverage = facts().coverage) =>
  idleEndpoint.judge(
    facts({ resources: [resource], telemetry, costs: [cost({ resourceId: ID, effective: '90' })], coverage }),
    settings.parse({}),
    NOW,
  );

test('six days of hours that were all counted, and all zero, are IDLE and save its cost', () => {
  expect(judge([requests(0)])).toMatchObject([
    {
      verdict: 'IDLE',
      monthlyCost: { amount: '90' },
      monthlySaving: { amount: '90', currency: 'USD' },
      reason: 'Nobody asked it within 6d.',
      scopes: [`${SCOPE}#aws.sagemaker.endpoints`, `${SCOPE}#aws.sagemaker.endpoint-telemetry`],
    },
  ]);
});

test('in reserved capacity, which is paid for all the same, no saving is told', () => {
  const mlReservations = ['arn:aws:sagemaker:us-east-1:111122223333:training-plan/inference'];
  const [found] = judge(
    [requests(0)],
    endpoint({ attributes: { acceleratorsUnknown: false, mlReservations } }),
  );
  expect(found).toMatchObject({ verdict: 'IDLE', monthlyCost: { amount: '90' }, monthlySaving: null });
  expect(found?.blindSpots[0]).toContain('training-plan/inference');
});

test('the last full hour, whose count may still come in, does not count', () => {
  const late = requests(0);
  expect(judge([{ ...late, points: late.points.slice(0, -1) }])).toMatchObject([{ verdict: 'IDLE' }]);
  expect(judge([{ ...late, points: late.points.slice(0, -2) }])).toEqual([]);
});

test('where nothing was ever counted, nobody knows', () => {
  for (const telemetry of [[], [requests(0, { hours: 0 })]])
    expect(judge(telemetry)).toMatchObject([{ verdict: 'UNOBSERVED', monthlySaving: null }]);
});

describe('nothing is said of', () => {
  test.each<[string, ReturnType<typeof judge>]>([
    ['one request', judge([requests((hour) => (hour === 100 ? 1 : 0))])],
    [
      'one hour without a count',
      judge([{ ...requests(0), points: requests(0).points.filter((_, at) => at !== 90) }]),
    ],
    ['a count that is no data', judge([requests((hour) => (hour === 90 ? Number.NaN : 0))])],
    [
      'an endpoint with a GPU',
      judge([requests(0)], endpoint({ accelerators: [{ kind: 'NVIDIA T4', count: 1, memoryMiB: null }] })),
    ],
    [
      'one that may have a GPU',
      judge([requests(0)], endpoint({ attributes: { acceleratorsUnknown: true } })),
    ],
    ['a serverless one', judge([], endpoint({ sku: null }))],
    ['one that is being made', judge([requests(0)], endpoint({ state: 'Creating' }))],
    ['a young one', judge([requests(0)], endpoint({ created: '2026-11-17T00:00:00Z' }))],
    ['one without a date', judge([requests(0)], endpoint({ created: null }))],
    [
      'counts that were not read whole',
      judge([requests(0)], endpoint(), [
        {
          scope: SCOPE,
          status: 'partial',
          reason: 'x',
          asOf: NOW.toISOString(),
          incomplete: ['aws.sagemaker.endpoint-telemetry'],
        },
      ]),
    ],
    [
      'a look of three days ago',
      judge([requests(0)], endpoint(), [
        { scope: SCOPE, status: 'complete', reason: null, asOf: '2026-11-17T10:00:00Z' },
      ]),
    ],
  ])('%s', (_, found) => {
    expect(found).toEqual([]);
  });
});

test('points that are taken away never make it IDLE', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 2), { minLength: 168, maxLength: 168 }),
      fc.array(fc.boolean(), { minLength: 168, maxLength: 168 }),
      (values, kept) => {
        const whole = requests((hour) => values[hour] ?? 0);
        const less = { ...whole, points: whole.points.filter((_, at) => kept[at]) };
        const [few, all] = [judge([less])[0]?.verdict, judge([whole])[0]?.verdict];
        expect(few !== 'IDLE' || all === 'IDLE').toBe(true);
      },
    ),
  );
});
