import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOf, expiredExperiment, settings } from '../../lib/checks/expired-experiment.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import { cost, facts, idleTelemetry, machine, NOW, SCOPE, series } from './facts.ts';

const defaults = settings.parse({});
const PAST = { expires: '2026-11-01' };
const dataset = 'aws.ec2.instances';

function judge(
  resource: Partial<Resource>,
  telemetry: Telemetry[] = idleTelemetry(),
  given: Parameters<typeof facts>[0] = {},
  limits = defaults,
) {
  const attributes = { acceleratorDevices: 2, ...resource.attributes };
  const resources = [machine({ tags: PAST, dataset, ...resource, attributes })];
  return expiredExperiment.judge(facts({ resources, telemetry, costs: [cost()], ...given }), limits, NOW);
}
const verdict = (...args: Parameters<typeof judge>) => judge(...args)[0]?.verdict ?? 'none';

describe('a date that is past', () => {
  test('on a machine whose devices rest is EXPIRED, with its saving', () => {
    expect(judge({})).toMatchObject([
      {
        verdict: 'EXPIRED',
        monthlySaving: { amount: '2816.64', currency: 'USD' },
        reason:
          'Its tag expires says 2026-11-01, which is over, and no device reached 5% within the last 24h.',
        scopes: [`${SCOPE}#aws.ec2.instances`, `${SCOPE}#aws.ec2.gpu-telemetry`],
      },
    ]);
  });

  test.each([{ capacityReservation: 'cr-1' }, { lifecycle: 'capacity-block' }])(
    'saves nothing where what it runs in is paid for all the same: %o',
    (attributes) => {
      const [found] = judge({ attributes });
      expect(found).toMatchObject({ verdict: 'EXPIRED', monthlySaving: { amount: '0', currency: 'USD' } });
      expect(found?.evidence.at(-1)).toMatchObject({ value: '2816.64', unit: 'USD' });
    },
  );

  test.each<[string, Parameters<typeof judge>]>([
    ['is at work', [{}, [...idleTelemetry(), series('gpu-utilization', '1', 60)]]],
    ['nobody measures', [{}, []]],
    ['one device of which is not seen', [{}, idleTelemetry().filter(({ device }) => device === '0')]],
    ['has gaps', [{}, idleTelemetry().map((one) => ({ ...one, points: one.points.slice(0, -12) }))]],
    ['has no accelerator', [{ accelerators: [] }]],
    [
      'answers a request now and then',
      [
        {},
        [
          ...idleTelemetry(),
          series('requests', null, (hour) => Number(hour === 160), { statistic: 'sum', unit: 'count' }),
        ],
      ],
    ],
    [
      'is told of by parts of one card alone',
      [
        {},
        idleTelemetry().map((one) => ({
          ...one,
          device: one.device === null ? null : `0/mig-${one.device}`,
        })),
      ],
    ],
    [
      'sends what cannot be a share for an hour',
      [
        {},
        [
          ...idleTelemetry(),
          series('gpu-utilization', '1', (hour) => (hour === 160 ? 9000 : 0), { source: 'DCGM ratio' }),
        ],
      ],
    ],
    ['is of a type that tells nothing', [{ type: 'aws:sagemaker:notebook-instance', state: 'InService' }]],
    ['is a Studio app', [{ type: 'aws:sagemaker:app', state: 'InService' }]],
    ['is in a region that was not read', [{}, idleTelemetry(), { coverage: [] }]],
    [
      'has telemetry that was not read whole',
      [
        {},
        idleTelemetry(),
        {
          coverage: [
            {
              scope: SCOPE,
              status: 'partial',
              reason: 'denied',
              asOf: NOW.toISOString(),
              incomplete: ['aws.ec2.gpu-telemetry'],
            },
          ],
        },
      ],
    ],
  ])('on a machine that %s is HELD, without a saving', (_, args) => {
    expect(judge(...args)).toMatchObject([{ verdict: 'HELD', monthlySaving: null }]);
  });

  test('on a machine that does not run says nothing, nor on a Studio app without one', () => {
    expect(verdict({ state: 'stopped' })).toBe('none');
    expect(verdict({ type: 'aws:sagemaker:app', state: 'InService', sku: null })).toBe('none');
  });

  test('on a cluster of HyperPod that rests is EXPIRED, by its own telemetry', () => {
    const [found] = judge({ type: 'aws:sagemaker:cluster', state: 'InService' });
    expect(found).toMatchObject({ verdict: 'EXPIRED', monthlySaving: { amount: '2816.64' } });
    expect(found?.scopes).toContain(`${SCOPE}#aws.sagemaker.cluster-telemetry`);
  });

  test('is past once its day is over everywhere, and of two dates the later counts', () => {
    expect(verdict({ tags: { expires: '2026-11-18' } })).toBe('EXPIRED');
    expect(verdict({ tags: { expires: '2026-11-19' } })).toBe('none');
    expect(verdict({ tags: { expires: '2026-11-20T10:29:59Z' } })).toBe('EXPIRED');
    expect(verdict({ tags: { expires: '2026-11-20T11:29:00+01:00' } })).toBe('EXPIRED');
    expect(verdict({ tags: { expires: '2026-11-20T10:31:00Z' } })).toBe('none');
    expect(verdict({ tags: { expires: '2026-11-01', 'Delete-After': '2026-12-01' } })).toBe('none');
  });
});

describe('a tag that holds no date', () => {
  test.each(['', 'soon', '01/11/2026', '2026-02-31', '2026-13-01', '2026-11-01 10:00', '1761955200', '2026'])(
    'like %o is told and leads to nothing more',
    (expires) => {
      expect(judge({ tags: { expires } })).toMatchObject([{ verdict: 'NONCOMPLIANT', monthlySaving: null }]);
    },
  );

  test('beside one that does is told, too', () => {
    expect(verdict({ tags: { expires: '2026-11-01', expiry: 'never' } })).toBe('NONCOMPLIANT');
  });

  test('is a date or nothing, for any text', () => {
    assert(
      property(string({ unit: 'grapheme' }), (text) => {
        const end = endOf(text);
        const looksLikeOne = /^\s*\d{4}-\d{2}-\d{2}/.test(text);
        expect(end === null || (looksLikeOne && Number.isSafeInteger(end))).toBe(true);
      }),
    );
  });
});

test('a missing date is told only of what must have one', () => {
  const limits = settings.parse({ required: { env: ['research', 'sandbox'] } });
  expect(verdict({ tags: { env: 'research' } }, [], {}, limits)).toBe('NONCOMPLIANT');
  expect(verdict({ tags: { env: 'prod' } }, [], {}, limits)).toBe('none');
  expect(verdict({ tags: {} }, [], {}, limits)).toBe('none');
  expect(verdict({ tags: { env: 'research' } })).toBe('none');
});
