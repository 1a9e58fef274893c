import type { Meter } from '../../platform/meter.ts';
import { GPU_WINDOW_HOURS, lastHours } from '../aws/gpu-telemetry.ts';
import { type RawSeries, toTelemetry } from '../aws/series.ts';
import type { Dataset, Resource } from '../model.ts';
import { isNode, nodeSeries } from './gke-telemetry.ts';
import { powerOf } from './gpu-energy.ts';
import { gcpInstances } from './instances.ts';
import {
  AT_ONCE,
  type GcpSeries,
  type SeriesQuery,
  type SeriesWindow,
  TIME_SERIES,
  timeSeries,
} from './monitoring.ts';
import { toldFault, whole } from './read.ts';
import type { GcpSession } from './session.ts';
import { gcpWorkbench } from './workbench.ts';

/**
 * What the Ops Agent writes of each GPU (its source, apps/nvml.go: `nvml.gpu.utilization`, which is a share of 1, is
 * scaled by 100): the share of the last sample, a minute, in which the GPU worked, 0 to 100.
 */
const GPU_USE = 'agent.googleapis.com/gpu/utilization';
/** The same, with the label memory_state `used` or `free`: both together are the memory of the device. */
const GPU_MEMORY = 'agent.googleapis.com/gpu/memory/bytes_used';
/** A share of 1, as the hypervisor sees it; "some machine types allow bursting above 1.0" (Google Cloud metrics). */
const CPU_USE = 'compute.googleapis.com/instance/cpu/utilization';

/**
 * How busy the accelerators of running instances were over the last 168 full hours, by what the Ops Agent writes, of
 * nodes of GKE by its system metrics, and the machine's CPU. Memory in use is a share of what the source itself says
 * the device has. Power is told where the agent's DCGM receiver counts energy, as the highest mean of a minute.
 *
 * It does not see: instances without the Ops Agent or with its GPU metrics off (no telemetry is not idle), power
 * without that receiver, bursts of less than three seconds of a minute, TPUs outside GKE, devices of a node that no
 * container holds.
 */
export const gcpGpuTelemetry: Dataset<GcpSession> = gpuTelemetryOf(null);
/**
 * The same for the machines under Workbench instances, told of the Workbench instance; of those without accelerators
 * the CPU alone.
 */
export const gcpWorkbenchTelemetry: Dataset<GcpSession> = workbenchTelemetryOf(null);

/** @param only ids of the machines to ask for; null: all */
export function gpuTelemetryOf(only: ReadonlySet<string> | null): Dataset<GcpSession> {
  return telemetryOf('gcp.compute.gpu-telemetry', gcpInstances.id, only, {
    type: 'gcp:compute:instance',
    state: 'RUNNING',
    number: 'instanceId',
    acceleratedOnly: true,
  });
}

export function workbenchTelemetryOf(only: ReadonlySet<string> | null): Dataset<GcpSession> {
  return telemetryOf('gcp.notebooks.telemetry', gcpWorkbench.id, only, {
    type: 'gcp:notebooks:instance',
    state: 'ACTIVE',
    number: 'numericId',
    acceleratedOnly: false,
  });
}

function telemetryOf(
  id: string,
  need: string,
  only: ReadonlySet<string> | null,
  kind: {
    readonly type: string;
    readonly state: string;
    readonly number: string;
    readonly acceleratedOnly: boolean;
  },
): Dataset<GcpSession> {
  return {
    id,
    needs: [need],
    permissions: [TIME_SERIES],
    async collect(scope, session, now, earlier, meter) {
      const machines = new Map<string, Resource>();
      for (const one of earlier.resources) {
        const number = one.attributes[kind.number];
        const asked = one.type === kind.type && one.state === kind.state && only?.has(one.id) !== false;
        const wanted = asked && (one.accelerators.length > 0 || !kind.acceleratedOnly);
        if (wanted && typeof number === 'string') machines.set(number, one);
      }
      const window = lastHours(now, GPU_WINDOW_HOURS);
      const launched = new Map([...machines.values()].map((one) => [one.id, one.created]));
      const raw: RawSeries[] = [];
      const missing: string[] = [];
      const numbers = [...machines.keys()];
      for (let from = 0; from < numbers.length; from += AT_ONCE) {
        const batch = numbers.slice(from, from + AT_ONCE);
        try {
          const nodes = batch.flatMap((number) => machines.get(number) ?? []).filter(isNode);
          raw.push(...(await read(session, meter, batch, window, machines)));
          raw.push(...(await nodeSeries(session, meter, nodes, window)));
          raw.push(...(await powerOf(session, meter, withPower(batch, machines), window)));
        } catch (error) {
          // A machine of which one metric is missing would look less busy than it is: none of them is told at all.
          missing.push(toldFault(`${batch.length} of ${numbers.length} machines are left out`, error));
        }
      }
      return whole({ telemetry: toTelemetry(raw, window, launched) }, missing, 'GPU metrics', scope);
    },
  };
}

/** Machines with accelerators on which the Ops Agent may run: GKE runs none on its nodes. */
function withPower(
  numbers: readonly string[],
  machines: ReadonlyMap<string, Resource>,
): ReadonlyMap<string, string> {
  return new Map(
    numbers.flatMap((number) => {
      const one = machines.get(number);
      return one === undefined || one.accelerators.length === 0 || isNode(one) ? [] : [[number, one.id]];
    }),
  );
}

async function read(
  session: GcpSession,
  meter: Meter,
  numbers: readonly string[],
  window: SeriesWindow,
  machines: ReadonlyMap<string, Resource>,
): Promise<RawSeries[]> {
  const accelerated = numbers.filter((number) => (machines.get(number)?.accelerators.length ?? 0) > 0);
  const ask = async (
    names: readonly string[],
    metric: string,
    aligner: SeriesQuery['aligner'],
    where = {},
  ) =>
    names.length === 0
      ? []
      : await timeSeries(
          session,
          meter,
          { metric, resource: 'gce_instance', label: 'instance_id', names, where, aligner },
          window,
        );
  const query = (...of: [metric: string, aligner: SeriesQuery['aligner'], where?: object]) =>
    ask(accelerated, ...of);
  const use = await query(GPU_USE, 'ALIGN_MAX');
  const counts = await query(GPU_USE, 'ALIGN_COUNT');
  const used = await query(GPU_MEMORY, 'ALIGN_MAX', { memory_state: 'used' });
  // Of a device whose memory does not grow, the most that was used and the least that was free are of one moment.
  const free = await query(GPU_MEMORY, 'ALIGN_MIN', { memory_state: 'free' });
  const cpu = await ask(numbers, CPU_USE, 'ALIGN_MAX');
  const series = (
    all: readonly GcpSeries[],
    what: Omit<RawSeries, 'resourceId' | 'device' | 'points'>,
    valueOf: (one: GcpSeries, at: number, value: number) => number | null = (_one, _at, value) => value,
  ): RawSeries[] =>
    all.flatMap((one) => {
      const resourceId = machines.get(one.resource['instance_id'] ?? '')?.id;
      if (resourceId === undefined) return [];
      const points = [...one.points].flatMap(([at, value]) => {
        const told = valueOf(one, at, value);
        return told === null ? [] : [{ at, value: told }];
      });
      return [{ resourceId, device: deviceOf(one), points, ...what }];
    });
  const freeBy = new Map(free.map((one) => [keyOf(one), one.points]));
  const source = 'Ops Agent gpu/utilization';
  return [
    ...series(use, { metric: 'gpu-utilization', statistic: 'maximum', unit: 'percent', source }),
    ...series(counts, { metric: 'gpu-utilization', statistic: 'sample-count', unit: 'count', source }),
    ...series(
      used,
      {
        metric: 'gpu-memory-used',
        statistic: 'maximum',
        unit: 'percent',
        source: 'Ops Agent gpu/memory/bytes_used',
      },
      (one, at, value) => shareOf(value, freeBy.get(keyOf(one))?.get(at)),
    ),
    ...series(
      cpu,
      {
        metric: 'cpu-utilization',
        statistic: 'maximum',
        unit: 'percent',
        source: 'Compute Engine instance/cpu/utilization',
      },
      (_one, _at, value) => Math.min(100, value * 100),
    ),
  ];
}

/** Percent of the device's memory; null where what is free is not told, so that the whole is unknown. */
function shareOf(used: number, free: number | undefined): number | null {
  return free === undefined || !(used + free > 0) ? null : (used * 100) / (used + free);
}

/** The number of the GPU on its machine; null where the series speaks for the machine. */
function deviceOf({ metric }: GcpSeries): string | null {
  return metric['gpu_number'] ?? null;
}

/** One device of one machine, whichever state of its memory is told: a card that was changed has another uuid. */
function keyOf({ metric, resource }: GcpSeries): string {
  return JSON.stringify([resource['instance_id'], metric['gpu_number'], metric['uuid']]);
}
