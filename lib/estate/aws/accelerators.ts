import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import type { Accelerator } from '../model.ts';

/** The accelerators of an instance type, and how many devices its operating system sees. */
export interface TypeAccelerators {
  readonly accelerators: readonly Accelerator[];
  /** Whole or partial devices: an eighth of an L4 is one device and 0.125 of an accelerator. */
  readonly devices: number;
  /** Does EC2 count the type as of its current generation? Null or left out: it does not say. */
  readonly currentGeneration?: boolean | null;
}

/**
 * Reads GPUs, Neuron devices and other inference chips from what DescribeInstanceTypes says of a type; never
 * from its name, since a list of families is wrong the day a new one comes. Media accelerators and FPGAs do not
 * count: no check knows how to tell whether they work.
 *
 * A type with a part of a GPU says `Count: 0`, `LogicalGpuCount: 1` and `GpuPartitionSize: 0.125` (g6f.large),
 * so the count is the product of the latter two wherever they are given. Inferentia is described twice, as a
 * Neuron device and as an inference accelerator: it is counted once.
 */
export function acceleratorsOf(type: InstanceTypeInfo): TypeAccelerators {
  const gpus = type.GpuInfo?.Gpus ?? [];
  const neuron = type.NeuronInfo?.NeuronDevices ?? [];
  const neuronNames = new Set(neuron.map(({ Name }) => Name));
  const inference = (type.InferenceAcceleratorInfo?.Accelerators ?? []).filter(
    ({ Name }) => !neuronNames.has(Name),
  );
  const all = [
    ...gpus.map((gpu) => ({
      kind: named(gpu.Manufacturer, gpu.Name),
      devices: gpu.LogicalGpuCount ?? gpu.Count ?? 0,
      count:
        gpu.LogicalGpuCount === undefined
          ? (gpu.Count ?? 0)
          : gpu.LogicalGpuCount * (gpu.GpuPartitionSize ?? 1),
      each: gpu.MemoryInfo?.SizeInMiB,
      total: gpus.length === 1 ? type.GpuInfo?.TotalGpuMemoryInMiB : undefined,
    })),
    ...neuron.map((device) => ({
      // Neuron devices are AWS's own; this part of the API names no maker.
      kind: named('AWS', device.Name),
      devices: device.Count ?? 0,
      count: device.Count ?? 0,
      each: device.MemoryInfo?.SizeInMiB,
      total: neuron.length === 1 ? type.NeuronInfo?.TotalNeuronDeviceMemoryInMiB : undefined,
    })),
    ...inference.map((chip) => ({
      kind: named(chip.Manufacturer, chip.Name),
      devices: chip.Count ?? 0,
      count: chip.Count ?? 0,
      each: chip.MemoryInfo?.SizeInMiB,
      total: undefined,
    })),
  ].filter(({ devices }) => devices > 0);
  return {
    accelerators: all.map(({ kind, count, devices, each, total }) => ({
      kind,
      count,
      memoryMiB: total ?? (each === undefined ? null : each * devices),
    })),
    devices: all.reduce((sum, { devices }) => sum + devices, 0),
  };
}

/** `NVIDIA T4`, but not `Qualcomm Qualcomm AI100`. */
function named(maker: string | undefined, name: string | undefined): string {
  const model = name ?? 'accelerator';
  return maker === undefined || model.toLowerCase().startsWith(maker.toLowerCase())
    ? model
    : `${maker} ${model}`;
}

/** The accelerators of several machines together, by kind; memory is null where one of them does not tell its own. */
export function summed(
  machines: readonly { readonly of: TypeAccelerators | undefined; readonly instances: number }[],
): Accelerator[] {
  const byKind = new Map<string, Accelerator>();
  for (const { of, instances } of machines)
    for (const { kind, count, memoryMiB } of of?.accelerators ?? []) {
      const before = byKind.get(kind);
      const memory = memoryMiB === null ? null : memoryMiB * instances;
      byKind.set(kind, {
        kind,
        count: (before?.count ?? 0) + count * instances,
        memoryMiB:
          before === undefined
            ? memory
            : before.memoryMiB === null || memory === null
              ? null
              : before.memoryMiB + memory,
      });
    }
  return [...byKind.values()];
}
