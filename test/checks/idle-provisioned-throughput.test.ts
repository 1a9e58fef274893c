import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idleProvisionedThroughput, settings } from '../../lib/checks/idle-provisioned-throughput.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import { ACCOUNT, cost, facts, HOUR, machine, NOW, REGION, SCOPE } from './facts.ts';

const ID = `arn:aws:bedrock:${REGION}:${ACCOUNT}:provisioned-model/abc123def456`;
/** Where the last full six hours before NOW end. */
const END = Date.parse('2026-11-20T06:00:00Z');

function unit(given: Partial<Resource> = {}, attributes: Resource['attributes'] = {}): Resource {
  return machine({
    type: 'aws:bedrock:provisioned-model-throughput',
    id: ID,
    name: 'chat',
    state: 'InService',
    accelerators: [],
    created: '2026-09-01T00:00:00.000Z',
    dataset: 'aws.bedrock.provisioned-throughputs',
    attributes: { modelUnits: 2, commitmentDuration: null, commitmentEnds: null, ...attributes },
    ...given,
  });
}

/** Counts by six hours; index 0 is thirty days ago, 119 the last; undefined is no point. */
function counted(value: (index: number) => number | undefined, metric = 'Invocations'): Telemetry {
  return {
    resourceId: ID,
    metric: 'requests',
    statistic: 'sum',
    unit: 'count',
    device: null,
    period: 21_600,
    points: Array.from({ length: 120 }, (_, index) => ({
      at: new Date(END - (120 - index) * 6 * HOUR).toISOString(),
      value: value(index),
    })).flatMap(({ at, value: each }) => (each === undefined ? [] : [{ at, value: each }])),
    expectedPoints: 120,
    source: `AWS/Bedrock ${metric}`,
  };
}

const judge = (telemetry: Telemetry[], resource = unit(), given: Parameters<typeof facts>[0] = {}) =>
  idleProvisionedThroughput.judge(
    facts({
      resources: [resource],
      telemetry,
      costs: [cost({ resourceId: ID, effective: '28800', committed: '0' })],
      ...given,
    }),
    settings.parse({}),
    NOW,
  );
const verdict = (...all: Parameters<typeof judge>) => judge(...all)[0]?.verdict ?? null;

test('a week of counted zeros is IDLE, and deleting it saves what the bill says', () => {
  expect(judge([counted(() => 0)])).toMatchObject([
    {
      verdict: 'IDLE',
      resourceId: ID,
      monthlyCost: { amount: '28800', currency: 'USD' },
      monthlySaving: { amount: '28800', currency: 'USD' },
      reason: 'No request was counted within 7d.',
      scopes: [`${SCOPE}#aws.bedrock.provisioned-throughputs`, `${SCOPE}#aws.bedrock.invocations`],
    },
  ]);
});

describe('what is committed saves nothing before its term', () => {
  test.each([
    ['ends later', { commitmentDuration: 'OneMonth', commitmentEnds: '2026-12-01T00:00:00.000Z' }, null],
    ['has no told end', { commitmentDuration: 'SixMonths', commitmentEnds: null }, null],
    ['is over', { commitmentDuration: 'OneMonth', commitmentEnds: '2026-11-01T00:00:00.000Z' }, '28800'],
  ])('a term that %s', (_, attributes, saving) => {
    const [found] = judge([counted(() => 0)], unit({}, attributes));
    expect(found?.verdict).toBe('IDLE');
    expect(found?.monthlySaving?.amount ?? null).toBe(saving);
    expect(found?.blindSpots.some((text) => text.startsWith('It is committed until'))).toBe(saving === null);
  });
});

describe('a missing point is no zero', () => {
  test('silence after use is SUSPECTED, with when it was last used', () => {
    const [found] = judge([counted((index) => (index === 50 ? 9 : undefined))]);
    expect(found).toMatchObject({ verdict: 'SUSPECTED', monthlySaving: null });
    expect(found?.evidence).toContainEqual(
      expect.objectContaining({
        name: 'last request counted before',
        value: new Date(END - 69 * 6 * HOUR).toISOString(),
      }),
    );
  });

  test('never counted is UNOBSERVED, with or without a series', () => {
    expect(verdict([])).toBe('UNOBSERVED');
    expect(verdict([counted(() => undefined)])).toBe('UNOBSERVED');
    // One point short of a week of zeros.
    expect(verdict([counted((index) => (index === 100 ? undefined : 0))])).toBe('UNOBSERVED');
  });
});

describe('nothing is said of', () => {
  test.each<[string, ReturnType<typeof judge>]>([
    ['one request in the week', judge([counted((index) => (index === 100 ? 1 : 0))])],
    [
      'a throttled request',
      judge([counted(() => 0), counted((index) => (index === 110 ? 2 : undefined), 'InvocationThrottles')]),
    ],
    ['one that is being made', judge([counted(() => 0)], unit({ state: 'Creating' }))],
    ['one that is young', judge([counted(() => 0)], unit({ created: '2026-11-18T00:00:00.000Z' }))],
    ['one without a date', judge([counted(() => 0)], unit({ created: null }))],
    [
      'counts that were not read whole',
      judge([], unit(), { coverage: [partial('aws.bedrock.invocations')] }),
    ],
    [
      'a list that was not read whole',
      judge([], unit(), { coverage: [partial('aws.bedrock.provisioned-throughputs')] }),
    ],
    ['a scope nobody looked at', judge([], unit(), { coverage: [] })],
    [
      'a look of three days ago',
      judge([counted(() => 0)], unit(), {
        coverage: [{ ...partial(''), status: 'complete', asOf: '2026-11-17T10:00:00.000Z' }],
      }),
    ],
  ])('%s', (_, found) => {
    expect(found).toEqual([]);
  });
});

function partial(dataset: string) {
  return {
    scope: SCOPE,
    status: 'partial' as const,
    reason: 'throttled',
    asOf: NOW.toISOString(),
    incomplete: [dataset],
  };
}

test('taking points away never makes it IDLE and never raises a saving', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 3), { minLength: 120, maxLength: 120 }),
      fc.array(fc.boolean(), { minLength: 120, maxLength: 120 }),
      (values, kept) => {
        const whole = counted((index) => values[index]);
        const less = counted((index) => (kept[index] === true ? values[index] : undefined));
        expect(verdict([less]) !== 'IDLE' || verdict([whole]) === 'IDLE').toBe(true);
      },
    ),
  );
});
