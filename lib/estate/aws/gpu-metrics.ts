import type { Telemetry } from '../model.ts';

/** A CloudWatch metric that speaks of a GPU, and how to read it as ours. */
export interface GpuMetric {
  readonly metricName: string;
  readonly metric: Telemetry['metric'];
  readonly unit: string;
  /** What a value is multiplied by to be in `unit`. */
  readonly scale: number;
  /** Ask for SampleCount too: for what a verdict rests on, so that gaps within an hour are seen. */
  readonly counted: boolean;
}

const MIB = 1 / 1_048_576;

/**
 * Every metric that a verdict can use, whoever publishes it. They are looked for by name in all namespaces, since
 * the agent's namespace is a setting (CloudWatch User Guide, "Create or edit the CloudWatch agent configuration
 * file": `namespace`, by default CWAgent).
 *
 * - EC2 itself: power in percent of the most that the device may draw, without an agent, on some types since
 *   October 2025 (EC2 User Guide, "CloudWatch metrics that are available for your instances", accelerator
 *   metrics). CloudWatch lists the dimension InstanceId; live accounts also show GpuId, a series a device. Both
 *   are understood.
 * - CloudWatch agent: CloudWatch User Guide, "Collect NVIDIA GPU metrics". Memory in MiB and power in watts, as
 *   nvidia-smi prints them. `utilization_memory` is left out: it is time busy, not memory held.
 * - Container Insights: CloudWatch User Guide, "Container Insights with enhanced observability for Amazon EKS":
 *   node metrics with ClusterName, InstanceId, InstanceType, NodeName, GpuDevice; memory in bytes.
 * - DCGM: NVIDIA DCGM field identifiers. GR_ENGINE_ACTIVE is a ratio, FB_USED in MiB, POWER_USAGE in watts.
 */
export const GPU_METRICS: readonly GpuMetric[] = [
  metric('nvidia_smi_utilization_gpu', 'gpu-utilization', 'percent'),
  metric('nvidia_smi_memory_used', 'gpu-memory-used', 'MiB'),
  metric('nvidia_smi_power_draw', 'gpu-power', 'watt'),
  metric('GPUPowerUtilization', 'gpu-power', 'percent-of-limit'),
  metric('node_gpu_utilization', 'gpu-utilization', 'percent'),
  metric('node_gpu_memory_used', 'gpu-memory-used', 'MiB', MIB),
  metric('node_gpu_power_draw', 'gpu-power', 'watt'),
  metric('DCGM_FI_DEV_GPU_UTIL', 'gpu-utilization', 'percent'),
  metric('DCGM_FI_PROF_GR_ENGINE_ACTIVE', 'gpu-utilization', 'percent', 100),
  metric('DCGM_FI_DEV_FB_USED', 'gpu-memory-used', 'MiB'),
  metric('DCGM_FI_DEV_POWER_USAGE', 'gpu-power', 'watt'),
];

/** What EC2 publishes of every instance, by InstanceId alone: weak evidence, for SUSPECTED. */
export const MACHINE_METRICS = [
  { metricName: 'CPUUtilization', metric: 'cpu-utilization', statistic: 'maximum', unit: 'percent' },
  { metricName: 'NetworkIn', metric: 'network-in', statistic: 'sum', unit: 'bytes' },
  { metricName: 'NetworkOut', metric: 'network-out', statistic: 'sum', unit: 'bytes' },
] as const;

function metric(metricName: string, ours: Telemetry['metric'], unit: string, scale = 1): GpuMetric {
  return { metricName, metric: ours, unit, scale, counted: ours !== 'gpu-memory-used' };
}
