import { expect, test } from 'vitest';
import { acceleratorsOf, type MachineSpec } from '../../../lib/estate/gcp/vertex.ts';

test.each<[string, MachineSpec | undefined, string | null, number]>([
  ['nothing told', undefined, null, 0],
  ['a machine without any', { machineType: 'n2-standard-8' }, null, 0],
  [
    'a word for none',
    { machineType: 'n1-standard-8', acceleratorType: 'ACCELERATOR_TYPE_UNSPECIFIED' },
    null,
    0,
  ],
  [
    'GPUs',
    { machineType: 'g2-standard-24', acceleratorType: 'NVIDIA_L4', acceleratorCount: 2 },
    'NVIDIA_L4',
    6,
  ],
  [
    'one host of TPUs, which its type alone tells',
    { machineType: 'ct5lp-hightpu-4t' },
    'TPU ct5lp-hightpu',
    12,
  ],
  [
    'a slice of several hosts',
    { machineType: 'ct5lp-hightpu-4t', tpuTopology: '4x4' },
    'TPU ct5lp-hightpu',
    48,
  ],
  [
    'a slice of three dimensions',
    { machineType: 'tpu7x-standard-4t', tpuTopology: '2x2x1' },
    'TPU tpu7x-standard',
    12,
  ],
  [
    'a topology that is none',
    { machineType: 'ct6e-standard-8t', tpuTopology: 'auto' },
    'TPU ct6e-standard',
    24,
  ],
  ['a topology alone', { tpuTopology: '2x4' }, 'TPU', 24],
])('accelerators of three machines: %s', (_, spec, kind, count) => {
  expect(acceleratorsOf(spec, 3)).toEqual(kind === null ? [] : [{ kind, count, memoryMiB: null }]);
  expect(acceleratorsOf(spec, 0)).toEqual([]);
});
