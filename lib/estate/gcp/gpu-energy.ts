import type { Meter } from '../../platform/meter.ts';
import type { RawSeries } from '../aws/series.ts';
import { type RawPoint, rawSeries, type SeriesWindow } from './monitoring.ts';
import type { GcpSession } from './session.ts';

/**
 * "CUMULATIVE, DOUBLE" by gpu_number, model and uuid (Google Cloud Observability documentation, "Ops Agent metrics",
 * DCGM v2, read November 2026), in joules: its receiver divides the millijoules that DCGM counts
 * (opentelemetry-operations-collector, dcgmreceiver). Written where the agent's DCGM receiver is set up, version 2.
 */
const ENERGY = 'workload.googleapis.com/gpu.dcgm.energy_consumption';
const SOURCE = 'Ops Agent gpu.dcgm.energy_consumption';
/**
 * Seconds that two samples may be apart so that their mean power counts: the agent samples each minute, and one may be
 * late or lost. A mean of longer would hide work, and is no sample.
 */
const LONGEST = 120;
/** Share of an hour that such means must cover together: of one with holes, the highest may be in a hole. */
const COVERED = 0.9;

/**
 * The highest power of each GPU in each hour, in watts, as the mean between two samples that follow each other: a
 * minute, as a rule. Of an hour that they do not cover it is told as an average, which shows work and never rest.
 * @param machines ids of machines by the numbers that Compute Engine gave them
 */
export async function powerOf(
  session: GcpSession,
  meter: Meter,
  machines: ReadonlyMap<string, string>,
  window: SeriesWindow,
): Promise<RawSeries[]> {
  if (machines.size === 0) return [];
  const devices = new Map<string, Device>();
  const query = {
    metric: ENERGY,
    resource: 'gce_instance',
    label: 'instance_id',
    names: [...machines.keys()],
  };
  for await (const { key, metric, resource, points } of rawSeries(session, meter, query, window)) {
    const resourceId = machines.get(resource['instance_id'] ?? '');
    if (resourceId === undefined) continue;
    let device = devices.get(key);
    if (device === undefined) {
      device = { resourceId, device: metric['gpu_number'] ?? null, next: null, hours: new Map() };
      devices.set(key, device);
    }
    for (const point of points) take(device, point, window);
  }
  return [...devices.values()].flatMap(({ resourceId, device, hours }): RawSeries[] => {
    const all = [...hours].toSorted(([a], [b]) => a - b);
    const told = (statistic: 'maximum' | 'average', isCovered: boolean): RawSeries => ({
      resourceId,
      device,
      metric: 'gpu-power',
      statistic,
      unit: 'watt',
      source: SOURCE,
      points: all
        .filter(([, { seconds }]) => seconds >= COVERED * window.period === isCovered)
        .map(([at, { highest }]) => ({ at, value: highest })),
    });
    return [told('maximum', true), told('average', false)];
  });
}

interface Device {
  readonly resourceId: string;
  readonly device: string | null;
  /** The sample that follows in time: the newest come first. */
  next: RawPoint | null;
  /** By the start of each hour. */
  readonly hours: Map<number, { highest: number; seconds: number }>;
}

/**
 * Takes the mean power from a sample to the one after it. None across a reset, over a gap, or where the counter stood
 * still or fell: a card that is on draws some.
 */
function take(device: Device, point: RawPoint, window: SeriesWindow): void {
  const { next } = device;
  device.next = point;
  if (next === null || next.start !== point.start) return;
  const seconds = (next.end - point.end) / 1000;
  const watts = (next.value - point.value) / seconds;
  if (!(seconds > 0 && seconds <= LONGEST && watts > 0 && Number.isFinite(watts))) return;
  const step = window.period * 1000;
  // What ends on the full hour is of the hour before.
  const at = Math.floor((next.end - 1) / step) * step;
  if (at < window.start.getTime() || at >= window.end.getTime()) return;
  const hour = device.hours.get(at);
  if (hour === undefined) device.hours.set(at, { highest: watts, seconds });
  else {
    hour.highest = Math.max(hour.highest, watts);
    hour.seconds += seconds;
  }
}
