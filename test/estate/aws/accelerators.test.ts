import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { acceleratorsOf } from '../../../lib/estate/aws/accelerators.ts';

test('a part of a GPU is one device and a fraction of an accelerator', () => {
  const half = {
    Gpus: [
      {
        Name: 'L4',
        Manufacturer: 'NVIDIA',
        Count: 0,
        LogicalGpuCount: 2,
        GpuPartitionSize: 0.25,
        MemoryInfo: { SizeInMiB: 5722 },
      },
    ],
  };
  expect(acceleratorsOf({ GpuInfo: half })).toEqual({
    accelerators: [{ kind: 'NVIDIA L4', count: 0.5, memoryMiB: 11444 }],
    devices: 2,
  });
});

test('a chip that the API describes twice is counted once, one that it describes once is not lost', () => {
  const chip = { Name: 'Inferentia2', Manufacturer: 'AWS', Count: 6, MemoryInfo: { SizeInMiB: 32768 } };
  const both = acceleratorsOf({
    NeuronInfo: {
      NeuronDevices: [{ Name: 'Inferentia2', Count: 6, MemoryInfo: { SizeInMiB: 32768 } }],
      TotalNeuronDeviceMemoryInMiB: 196608,
    },
    InferenceAcceleratorInfo: { Accelerators: [chip] },
  });
  expect(both).toEqual({
    accelerators: [{ kind: 'AWS Inferentia2', count: 6, memoryMiB: 196608 }],
    devices: 6,
  });
  expect(
    acceleratorsOf({
      InferenceAcceleratorInfo: {
        Accelerators: [{ Name: 'Qualcomm AI100', Manufacturer: 'Qualcomm', Count: 8 }],
      },
    }),
  ).toEqual({ accelerators: [{ kind: 'Qualcomm AI100', count: 8, memoryMiB: null }], devices: 8 });
});

test('what an older answer leaves out is not made up', () => {
  expect(acceleratorsOf({ GpuInfo: { Gpus: [{ Name: 'M60', Manufacturer: 'NVIDIA', Count: 2 }] } })).toEqual({
    accelerators: [{ kind: 'NVIDIA M60', count: 2, memoryMiB: null }],
    devices: 2,
  });
  expect(acceleratorsOf({})).toEqual({ accelerators: [], devices: 0 });
  expect(acceleratorsOf({ GpuInfo: { Gpus: [{ Name: 'X', Count: 0 }] } }).devices).toBe(0);
});

test('devices are never fewer than whole accelerators, and none means none', () => {
  const gpu = fc.record({
    Name: fc.constantFrom('T4', 'L4', 'H100'),
    Count: fc.nat(16),
    LogicalGpuCount: fc.option(fc.nat(16), { nil: undefined }),
    GpuPartitionSize: fc.constantFrom(0.125, 0.25, 0.5, 1),
    MemoryInfo: fc.record({ SizeInMiB: fc.integer({ min: 1, max: 200_000 }) }),
  });
  fc.assert(
    fc.property(fc.array(gpu, { maxLength: 3 }), (Gpus) => {
      const { accelerators, devices } = acceleratorsOf({ GpuInfo: { Gpus } });
      const whole = accelerators.reduce((sum, { count }) => sum + count, 0);
      expect(devices).toBeGreaterThanOrEqual(whole);
      expect(accelerators.length === 0).toBe(devices === 0);
      for (const { count, memoryMiB } of accelerators) {
        expect(count).toBeGreaterThan(0);
        expect(memoryMiB).toBeGreaterThan(0);
      }
    }),
  );
});
