import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oversizedAccelerator, settings } from '../../lib/checks/oversized-accelerator.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';
import { arn, facts, machine, NOW, SCOPE, series } from './facts.ts';

const ID = arn('i-0000000000000001');
const T4 = 16_384;

/** A g4dn.metal-like machine of eight T4, whose family has types of one and of four. */
function big(given: Partial<Resource> = {}, attributes: Resource['attributes'] = {}): Resource {
  return machine({
    sku: 'g4dn.metal',
    accelerators: [{ kind: 'NVIDIA T4', count: 8, memoryMiB: 8 * T4 }],
    dataset: 'aws.ec2.instances',
    attributes: {
      acceleratorDevices: 8,
      smallerTypes: [
        { type: 'g4dn.2xlarge', devices: 1, memoryMiB: T4 },
        { type: 'g4dn.xlarge', devices: 1, memoryMiB: T4 },
        { type: 'g4dn.12xlarge', devices: 4, memoryMiB: T4 },
      ],
      ...attributes,
    },
    ...given,
  });
}

/** Use and memory of each of eight devices. */
function devices(
  use: readonly number[],
  memory: readonly number[] = [],
  given: { hours?: number } = {},
): Telemetry[] {
  return Array.from({ length: 8 }, (_, at) => [
    series('gpu-utilization', String(at), use[at] ?? 0, { resourceId: ID, ...given }),
    series('gpu-memory-used', String(at), memory[at] ?? 200, { resourceId: ID, ...given }),
  ]).flat();
}

const judge = (telemetry: Telemetry[], resource = big(), coverage = facts().coverage) =>
  oversizedAccelerator.judge(facts({ resources: [resource], telemetry, coverage }), settings.parse({}), NOW);

test('one of eight at work fits a type of one, and three fit a type of four', () => {
  expect(judge(devices([80]))).toMatchObject([
    {
      verdict: 'INEFFICIENT',
      monthlySaving: null,
      reason: 'Of its 8 devices 1 was ever used within 168h; g4dn.2xlarge has 1.',
      scopes: [`${SCOPE}#aws.ec2.instances`, `${SCOPE}#aws.ec2.gpu-telemetry`],
    },
  ]);
  expect(judge(devices([80]))[0]?.evidence.at(-1)).toMatchObject({ value: 'g4dn.2xlarge, g4dn.xlarge' });
  expect(judge(devices([80, 9, 5]))[0]?.reason).toBe(
    'Of its 8 devices 3 were ever used within 168h; g4dn.12xlarge has 4.',
  );
});

test('a device that holds a model is used, even where it computes nothing', () => {
  // 10% of 16,384 MiB is 1,638.4.
  expect(judge(devices([80], [200, 1_638]))[0]?.reason).toContain('Of its 8 devices 1 was');
  expect(judge(devices([80], [200, 1_639]))[0]?.reason).toContain('Of its 8 devices 2 were');
});

describe('nothing is said of', () => {
  const five = [80, 80, 80, 80, 80];
  test.each<[string, ReturnType<typeof judge>]>([
    ['a machine that uses more than any smaller type has', judge(devices(five))],
    ['a machine of which no device was used', judge(devices([]))],
    ['one device without telemetry', judge(devices([80]).slice(2))],
    [
      'memory that nobody measures',
      judge(devices([80]).filter(({ metric }) => metric === 'gpu-utilization')),
    ],
    [
      'parts of cards, as many as there are cards',
      judge(devices([80]).map((one) => ({ ...one, device: `0/mig-${one.device}` }))),
    ],
    ['too few samples', judge(devices([80], [], { hours: 140 }))],
    ['values that are no data', judge(devices([80, -1]))],
    ['a young machine', judge(devices([80]), big({ created: '2026-11-18T00:00:00Z' }))],
    ['a stopped machine', judge(devices([80]), big({ state: 'stopped' }))],
    ['a family without a smaller type', judge(devices([80]), big({}, { smallerTypes: [] }))],
    [
      'smaller types whose devices have less memory, or an unknown one',
      judge(
        devices([80]),
        big(
          {},
          {
            smallerTypes: [
              { type: 'g4dn.a', devices: 1, memoryMiB: T4 / 2 },
              { type: 'g4dn.b', devices: 1, memoryMiB: null },
            ],
          },
        ),
      ),
    ],
    [
      'telemetry that was not read whole',
      judge(devices([80]), big(), [
        {
          scope: SCOPE,
          status: 'partial',
          reason: 'x',
          asOf: NOW.toISOString(),
          incomplete: ['aws.ec2.gpu-telemetry'],
        },
      ]),
    ],
  ])('%s', (_, found) => {
    expect(found).toEqual([]);
  });
});

test('a series that is taken away never makes it oversized', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 0, 60), { minLength: 8, maxLength: 8 }),
      fc.subarray(Array.from({ length: 16 }, (_, at) => at)),
      (use, kept) => {
        const all = devices(use);
        const less = judge(kept.flatMap((at) => all[at] ?? []));
        expect(kept.length === 16 || less.length === 0).toBe(true);
      },
    ),
  );
});
