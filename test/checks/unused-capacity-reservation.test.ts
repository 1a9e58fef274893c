import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settings, unusedCapacityReservation } from '../../lib/checks/unused-capacity-reservation.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import { ACCOUNT, cost, facts, HOUR, machine, NOW, REGION, SCOPE } from './facts.ts';

const ID = `arn:aws:ec2:${REGION}:${ACCOUNT}:capacity-reservation/cr-0123456789abcdef0`;
const END = Date.parse('2026-11-20T06:00:00Z');

function held(given: Partial<Resource> = {}, attributes: Resource['attributes'] = {}): Resource {
  return machine({
    type: 'aws:ec2:capacity-reservation',
    id: ID,
    name: 'for-the-launch',
    state: 'active',
    sku: 'p5.48xlarge',
    created: '2026-09-01T00:00:00.000Z',
    dataset: 'aws.ec2.capacity-reservations',
    attributes: {
      totalInstances: 4,
      availableInstances: 4,
      reservationType: 'default',
      commitmentEnds: null,
      unusedBilledTo: null,
      ...attributes,
    },
    ...given,
  });
}

/** The most in use in each of the last 56 six hours. */
function used(value: (index: number) => number | undefined): Telemetry[] {
  const base = {
    resourceId: ID,
    metric: 'used-capacity' as const,
    unit: 'count',
    device: null,
    period: 21_600,
    expectedPoints: 56,
    source: 'AWS/EC2CapacityReservations UsedInstanceCount',
  };
  const points = Array.from({ length: 56 }, (_, index) => ({
    at: new Date(END - (56 - index) * 6 * HOUR).toISOString(),
    value: value(index),
  })).flatMap(({ at, value: each }) => (each === undefined ? [] : [{ at, value: each }]));
  return [
    { ...base, statistic: 'maximum', points },
    { ...base, statistic: 'sample-count', points: points.map(({ at }) => ({ at, value: 72 })) },
  ];
}

const judge = (telemetry: Telemetry[], resource = held(), given: Parameters<typeof facts>[0] = {}) =>
  unusedCapacityReservation.judge(
    facts({
      resources: [resource],
      telemetry,
      costs: [cost({ resourceId: ID, effective: '9000', committed: '1000' })],
      ...given,
    }),
    settings.parse({}),
    NOW,
  );

test('a week in which nothing used it is IDLE, and saves what no commitment covers', () => {
  expect(judge(used(() => 0))).toMatchObject([
    {
      verdict: 'IDLE',
      confidence: 'high',
      monthlyCost: { amount: '9000' },
      monthlySaving: { amount: '8000', currency: 'USD' },
      reason: 'None of its 4 instances was in use within 7d.',
      scopes: [`${SCOPE}#aws.ec2.capacity-reservations`, `${SCOPE}#aws.ec2.capacity-reservation-telemetry`],
    },
  ]);
});

describe('ending it saves nothing that is told', () => {
  test.each([
    ['of a Capacity Block', { reservationType: 'capacity-block' }],
    ['before its commitment ends', { commitmentEnds: '2027-01-01T00:00:00.000Z' }],
    ['where another account is billed', { unusedBilledTo: '210987654321' }],
  ])('%s', (_, attributes) => {
    expect(
      judge(
        used(() => 0),
        held({}, attributes),
      ),
    ).toMatchObject([{ verdict: 'IDLE', monthlySaving: null }]);
  });
});

test('what was never used of it is INEFFICIENT, and no saving is told', () => {
  expect(judge(used((index) => (index === 40 ? 3 : 0)))).toMatchObject([
    {
      verdict: 'INEFFICIENT',
      monthlySaving: null,
      reason: 'Of its 4 instances at most 3 were in use at once within 7d.',
    },
  ]);
  // What is in use now counts, too.
  expect(
    judge(
      used(() => 0),
      held({}, { availableInstances: 2 }),
    ),
  ).toMatchObject([{ verdict: 'INEFFICIENT', reason: expect.stringContaining('at most 2') }]);
});

test('empty now and not measured before is SUSPECTED', () => {
  for (const telemetry of [[], used(() => undefined), used((index) => (index % 2 === 0 ? 0 : undefined))])
    expect(judge(telemetry)).toMatchObject([
      { verdict: 'SUSPECTED', confidence: 'low', monthlySaving: null },
    ]);
});

const partial = (dataset: string) => ({
  coverage: [
    {
      scope: SCOPE,
      status: 'partial' as const,
      reason: 'x',
      asOf: NOW.toISOString(),
      incomplete: [dataset],
    },
  ],
});

describe('nothing is said of', () => {
  test.each<[string, ReturnType<typeof judge>]>([
    ['one that was full once', judge(used((index) => (index === 40 ? 4 : 0)))],
    ['one that is used now and was not measured', judge([], held({}, { availableInstances: 1 }))],
    [
      'one whose capacity nobody told',
      judge(
        used(() => 0),
        held({}, { availableInstances: null }),
      ),
    ],
    [
      'one that has not begun',
      judge(
        used(() => 0),
        held({ state: 'scheduled' }),
      ),
    ],
    [
      'one that is young',
      judge(
        used(() => 0),
        held({ created: '2026-11-18T00:00:00.000Z' }),
      ),
    ],
    [
      'an empty one',
      judge(
        used(() => 0),
        held({}, { totalInstances: 0, availableInstances: 0 }),
      ),
    ],
    ['counts that were not read whole', judge([], held(), partial('aws.ec2.capacity-reservation-telemetry'))],
    ['a list that was not read whole', judge([], held(), partial('aws.ec2.capacity-reservations'))],
  ])('%s', (_, found) => {
    expect(found).toEqual([]);
  });
});

/** The verdict where no sample may be missing. */
function strictly(telemetry: Telemetry[]) {
  const all = facts({ resources: [held()], telemetry });
  return unusedCapacityReservation.judge(all, settings.parse({ sampleShare: 100 }), NOW)[0]?.verdict;
}

test('points that are taken away never make more of it: with none missing allowed, never IDLE', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 0, 0, 0, 1, 4), { minLength: 56, maxLength: 56 }),
      fc.array(fc.boolean(), { minLength: 56, maxLength: 56 }),
      (values, kept) => {
        const less = strictly(used((index) => (kept[index] === true ? values[index] : undefined)));
        expect(less !== 'IDLE' || strictly(used((index) => values[index])) === 'IDLE').toBe(true);
      },
    ),
  );
});
