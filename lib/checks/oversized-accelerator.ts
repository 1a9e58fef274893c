/**
 * oversized-accelerator: machines with more accelerators than their work ever uses.
 *
 * What it means: INEFFICIENT is said of a running machine of which, over the whole window, some devices never
 * computed and never held a model, others did, and a type of the same family has enough devices of the same memory
 * (Compute Engine: of the same kind, with as many cores and as much memory for each; or fewer attached to the same type).
 * Of a training or processing job of SageMaker it is said where on every instance of every run that succeeded within the
 * window all devices together stayed within the compute and the memory of fewer.
 *
 * What it leaves out: machines of which no device was used (`idle-gpu`); machines without nearly every sample of use
 * and of memory of every single device, some of every hour, from one source each; those younger than the window; families in which
 * nothing smaller has enough; nodes of GKE, of which nothing tells each device; a scope that was not read whole, or not lately; jobs of AWS Batch and
 * of Vertex AI, of which nothing that is read tells how busy the devices of one job were, and which may share an instance
 * (an instance under Batch is looked at like any other, where it has lived as long as the window); runs of less than a
 * full hour, and jobs of which one such run within the window was not measured whole.
 *
 * What it cannot see: whether the work needs the processors, the memory, the disks or the network of the larger type;
 * that next week's work is larger. No saving is told: what the smaller type costs is not of this bill.
 */
import { z } from 'zod';
import { type Json, MIG_PART, type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { duration, durationMs, interval } from './duration.ts';
import { byResource, devicesOf, memoryPerDevice, type Reading, readings, type Span } from './gpu-readings.ts';
import { JOB_TELEMETRY } from './job-use.ts';
import { judgementOf } from './judgement.ts';
import type { Check, Evidence } from './model.ts';
import { oversizedJobs } from './oversized-job.ts';
import { Scopes } from './scopes.ts';

const percent = z.number().gt(0).max(100);

export const settings = z.strictObject({
  window: duration.default('168h').describe('how long devices may never have been used'),
  below: percent.default(5).describe('compute use, in percent, from which a device counts as used'),
  memoryHeld: percent.default(10).describe('memory in use, in percent, from which a device counts as used'),
  sampleShare: percent.default(90).describe('share of the expected samples, in percent, that must have come'),
});
export type OversizedAcceleratorSettings = z.output<typeof settings>;

/** Machines that are looked at: the state of one that runs, and where they, their use and their types are read. */
const KINDS: Readonly<
  Record<string, { running: string; listed: string; measured: string; types: string } | undefined>
> = {
  'aws:ec2:instance': {
    running: 'running',
    listed: 'aws.ec2.instances',
    measured: 'aws.ec2.gpu-telemetry',
    types: 'ec2:DescribeInstanceTypes',
  },
  'gcp:compute:instance': {
    running: 'RUNNING',
    listed: 'gcp.compute.instances',
    measured: 'gcp.compute.gpu-telemetry',
    types: 'compute.machineTypes.list',
  },
};
const HOUR = 3_600_000;
const SAGEMAKER_JOBS = ['aws.sagemaker.training-jobs', 'aws.sagemaker.processing-jobs'];

export const oversizedAccelerator: Check<OversizedAcceleratorSettings> = {
  id: 'oversized-accelerator',
  title: 'More accelerators than are used',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: [
    ...Object.values(KINDS).flatMap((kind) => (kind === undefined ? [] : [kind.listed, kind.measured])),
    ...SAGEMAKER_JOBS,
    ...JOB_TELEMETRY,
  ],
  verdicts: { INEFFICIENT: { actionable: false } },
  judge(facts, limits, now) {
    const scopes = new Scopes(facts.coverage);
    const telemetry = byResource(facts.telemetry);
    const limit = { windowMs: durationMs(limits.window), sampleShare: limits.sampleShare };
    const machines = facts.resources.flatMap((machine) => {
      const kind = KINDS[machine.type];
      if (kind === undefined || machine.state !== kind.running || devicesOf(machine) < 2) return [];
      const named = [scopeOf(machine), datasetOf(scopeName(machine), kind.measured)];
      const asOf = scopes.lately(scopeName(machine), now);
      if (asOf === null || !named.every((name) => scopes.complete(name))) return [];
      const end = Math.floor(Math.min(asOf, now.getTime()) / HOUR) * HOUR;
      const span: Span = { start: end - durationMs(limits.window), end };
      if (!(Date.parse(machine.created ?? '') <= span.start)) return [];
      const used = usedDevices(machine, telemetry.get(machine.id) ?? [], limits, span);
      if (used === null || used.count === 0) return [];
      const fitting = smallerTypes(machine, used.count);
      const [least] = fitting;
      if (least === undefined) return [];
      const { devices } = least;
      return [
        judgementOf(facts, machine, {
          check: 'oversized-accelerator',
          verdict: 'INEFFICIENT',
          confidence: 'medium',
          saves: null,
          evidence: [
            ...used.evidence,
            {
              name: `types of its family with ${devices} ${devices === 1 ? 'device' : 'devices'}`,
              value: fitting
                .filter((one) => one.devices === devices)
                .map(({ type }) => type)
                .join(', '),
              unit: 'instance type',
              window: '',
              source: kind.types,
            },
          ],
          blindSpots: [
            'Whether its work needs the processors, memory, disks or network of the larger type is not seen.',
            'What the smaller type costs is not of this bill, so that no saving is told.',
            ...(machine.provider === 'gcp'
              ? ['How many cores a machine may have falls with its GPUs, where they are attached (N1).']
              : []),
            ...(machine.parent === null
              ? []
              : [`It belongs to ${machine.parent.type} ${machine.parent.id}: the type is chosen there.`]),
          ],
          reason: `Of its ${devicesOf(machine)} devices ${used.count} ${used.count === 1 ? 'was' : 'were'} ever used within ${limits.window}; ${least.type} has ${devices}.`,
          scopes: named,
        }),
      ];
    });
    return [...machines, ...oversizedJobs(facts, telemetry, limit, scopes, now)];
  },
  wouldChange(_verdict, { window, below, memoryHeld }) {
    return [
      `One device more at ${below}% of its compute or ${memoryHeld}% of its memory within ${window}: no finding, where nothing smaller has as many.`,
      'Of a job: a run whose devices together need the compute or memory of all of them: no finding.',
    ];
  },
};

interface Used {
  readonly count: number;
  readonly evidence: readonly Evidence[];
}

/** How many devices were ever used; null where that is not known of every single one. */
function usedDevices(
  machine: Resource,
  series: readonly Telemetry[],
  { below, memoryHeld, sampleShare }: OversizedAcceleratorSettings,
  span: Span,
): Used | null {
  const wanted = devicesOf(machine);
  const total = memoryPerDevice(machine);
  const use = wholeSource(readings(series, 'gpu-utilization', span), wanted, sampleShare);
  const memory = wholeSource(readings(series, 'gpu-memory-used', span), wanted, sampleShare);
  if (use === null || memory === null) return null;
  const window = interval(span.start, span.end);
  const evidence: Evidence[] = [];
  let count = 0;
  for (const [device, reading] of use) {
    const held = memory.get(device);
    const share = held === undefined ? null : shareOf(held, total);
    // Two sources may name one device differently: then nobody knows which memory is whose.
    if (share === null || reading.maximum === null) return null;
    if (reading.maximum >= below || share > memoryHeld) count += 1;
    evidence.push(
      {
        name: `maximum compute use, device ${device}`,
        value: text(reading.maximum),
        unit: '%',
        window,
        source: reading.source,
      },
      {
        name: `maximum memory in use, device ${device}`,
        value: text(share),
        unit: '% of the memory of the device',
        window,
        source: held?.source ?? '',
      },
    );
  }
  return { count, evidence };
}

/** Readings by device of the first source that tells of every device with enough samples, all of them valid. */
function wholeSource(
  all: readonly Reading[],
  devices: number,
  sampleShare: number,
): ReadonlyMap<string, Reading> | null {
  for (const readingsOf of Map.groupBy(all, ({ source }) => source).values()) {
    const byDevice = new Map(
      readingsOf.flatMap((one) =>
        one.device !== null &&
        // Of a card that is divided, parts that nobody uses tell nothing.
        !one.device.includes(MIG_PART) &&
        one.maximum !== null &&
        one.invalid === 0 &&
        one.gaps === 0 &&
        one.share * 100 >= sampleShare
          ? [[one.device, one] as const]
          : [],
      ),
    );
    if (byDevice.size === devices) return byDevice;
  }
  return null;
}

/** Memory in use in percent of a device's; null in a unit that is not known. */
function shareOf({ maximum, unit }: Reading, total: number | null): number | null {
  if (maximum === null) return null;
  if (unit.startsWith('percent')) return maximum;
  return unit === 'MiB' && total !== null ? (maximum * 100) / total : null;
}

interface SmallerType {
  readonly type: string;
  readonly devices: number;
}

/**
 * Smaller types of the family with that many devices or more, of no less memory each; the fewest devices first. Where
 * the provider tells no memory (null), the devices are of the same kind.
 */
function smallerTypes(machine: Resource, atLeast: number): SmallerType[] {
  const { smallerTypes: known } = machine.attributes;
  const total = memoryPerDevice(machine);
  if (!Array.isArray(known)) return [];
  return known
    .flatMap((one: Json): SmallerType[] => {
      if (typeof one !== 'object' || one === null || Array.isArray(one)) return [];
      const { type, devices, memoryMiB } = Object.fromEntries(Object.entries(one));
      return typeof type === 'string' &&
        typeof devices === 'number' &&
        devices >= atLeast &&
        (memoryMiB === total || (typeof memoryMiB === 'number' && total !== null && memoryMiB > total))
        ? [{ type, devices }]
        : [];
    })
    .toSorted((a, b) => a.devices - b.devices || (a.type < b.type ? -1 : 1));
}

function text(value: number): string {
  return String(Math.round(value * 100) / 100);
}
