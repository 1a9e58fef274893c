import type { Meter } from '../../platform/meter.ts';
import type { RawSeries } from '../aws/series.ts';
import type { Resource } from '../model.ts';
import {
  type Aligner,
  type GcpSeries,
  type SeriesQuery,
  type SeriesWindow,
  timeSeries,
} from './monitoring.ts';
import type { GcpSession } from './session.ts';

/** Labels that GKE gives the instances that are its nodes, as `parentOf` reads them. */
const NODE_LABELS = ['goog-gke-node', 'goog-k8s-cluster-name'];

/**
 * What GKE's system metrics, which are on unless someone turns them off, tell of accelerators (Google Cloud
 * documentation, "Kubernetes metrics", and GKE's "Monitor your GPU node workload performance"): duty_cycle is the
 * percent of the last sample period in which an accelerator was processing, memory in bytes.
 * - Of containers that hold a GPU or a TPU, where the node that one runs on is metadata. A device that no container
 *   holds is silent, so that a node of several speaks as a whole and proves nothing of each.
 * - Of nodes whose GPUs are shared (time-sharing, MPS), and of TPUs: a series a device.
 */
const SOURCES = [
  {
    prefix: 'kubernetes.io/container/accelerator',
    resource: 'k8s_container',
    label: 'metadata.system_labels.node_name',
    grouped: true,
  },
  {
    prefix: 'kubernetes.io/node/accelerator',
    resource: 'k8s_node',
    label: 'resource.labels.node_name',
    grouped: false,
  },
] as const;

/** Is it a node of a cluster? */
export function isNode({ tags }: Resource): boolean {
  return NODE_LABELS.some((label) => tags[label] !== undefined);
}

/**
 * How busy the accelerators of these nodes were. A node bears the name of its instance; one that two instances of the
 * project bear, in two zones, belongs to neither.
 * @param nodes instances that are nodes, no more than a filter holds
 */
export async function nodeSeries(
  session: GcpSession,
  meter: Meter,
  nodes: readonly Resource[],
  window: SeriesWindow,
): Promise<RawSeries[]> {
  const byName = new Map<string, Resource | null>();
  for (const node of nodes)
    if (node.name !== null) byName.set(node.name, byName.has(node.name) ? null : node);
  const names = [...byName].flatMap(([name, node]) => (node === null ? [] : [name]));
  if (names.length === 0) return [];
  const found: RawSeries[] = [];
  for (const { prefix, resource, label, grouped } of SOURCES) {
    const ask = (metric: string, aligner: Aligner, reducer: NonNullable<SeriesQuery['reducer']>) =>
      timeSeries(
        session,
        meter,
        {
          metric: `${prefix}/${metric}`,
          resource,
          label,
          names,
          aligner,
          ...(grouped ? { reducer, groupBy: label } : {}),
        },
        window,
      );
    const use = await ask('duty_cycle', 'ALIGN_MAX', 'REDUCE_MAX');
    const counts = await ask('duty_cycle', 'ALIGN_COUNT', 'REDUCE_MAX');
    const used = await ask('memory_used', 'ALIGN_MAX', 'REDUCE_MAX');
    // Of devices of several sizes the smallest, so that a share is never told too low.
    const total = await ask('memory_total', 'ALIGN_MIN', 'REDUCE_MIN');
    const source = prefix.slice('kubernetes.io/'.length);
    const totals = new Map(total.map((one) => [keyOf(one), one.points]));
    const told = (
      all: readonly GcpSeries[],
      what: Pick<RawSeries, 'metric' | 'statistic' | 'unit' | 'source'>,
      valueOf: (one: GcpSeries, at: number, value: number) => number | null = (_one, _at, value) => value,
    ): RawSeries[] =>
      all.flatMap((one) => {
        const node = byName.get(nodeOf(one));
        if (node === undefined || node === null) return [];
        const points = [...one.points].flatMap(([at, value]) => {
          const read = valueOf(one, at, value);
          return read === null ? [] : [{ at, value: read }];
        });
        const device = grouped ? null : (one.metric['accelerator_id'] ?? null);
        return [{ ...what, resourceId: node.id, device, points }];
      });
    const duty = { metric: 'gpu-utilization', source: `GKE ${source}/duty_cycle` } as const;
    found.push(
      ...told(use, { ...duty, statistic: 'maximum', unit: 'percent' }),
      ...told(counts, { ...duty, statistic: 'sample-count', unit: 'count' }),
      ...told(
        used,
        {
          metric: 'gpu-memory-used',
          statistic: 'maximum',
          unit: 'percent',
          source: `GKE ${source}/memory_used`,
        },
        (one, at, value) => {
          const whole = totals.get(keyOf(one))?.get(at);
          return whole === undefined || !(whole > 0) ? null : Math.min(100, (value * 100) / whole);
        },
      ),
    );
  }
  return found;
}

function nodeOf({ resource, system }: GcpSeries): string {
  return resource['node_name'] ?? system['node_name'] ?? '';
}

function keyOf(one: GcpSeries): string {
  return JSON.stringify([nodeOf(one), one.metric['accelerator_id'] ?? null]);
}
