import { MIG_PART, type Resource, type Telemetry } from '../estate/model.ts';
import { type PowerLimit, powerLimit } from './gpu-power.ts';
import { devicesOf, memoryPerDevice, type Reading, readings, type Span } from './gpu-readings.ts';
import type { Verdict } from './model.ts';

/** The thresholds of `idle-gpu`, in percent. */
export interface GpuLimits {
  readonly below: number;
  readonly powerShare: number;
  readonly memoryHeld: number;
  readonly sampleShare: number;
}

/** What is known of the machine besides its telemetry. */
export interface GpuContext {
  /** The window that is judged, cut to the machine's life. */
  readonly span: Span;
  /** Has it run for the whole window? Null where its launch is unknown. */
  readonly oldEnough: boolean | null;
  /** Was its scope read whole, and lately? */
  readonly scopeComplete: boolean;
}

export interface GpuVerdict {
  readonly verdict: 'ACTIVE' | Extract<Verdict, 'UNOBSERVED' | 'HELD' | 'IDLE' | 'SUSPECTED'>;
  readonly confidence: 'high' | 'medium' | 'low';
  readonly reason: string;
  readonly use: readonly Reading[];
  readonly power: readonly Reading[];
  /** What power in watts was set against; null where none was. */
  readonly limit: PowerLimit | null;
  /** Memory in use; `maximum` in percent of the device's memory. */
  readonly memory: readonly Reading[];
  readonly requests: readonly Reading[];
  /** Share of the expected samples that the best source gave on its worst device, 0 to 1. */
  readonly observed: number;
  readonly blindSpots: readonly string[];
}

/**
 * The five verdicts, in this order: ACTIVE, UNOBSERVED, HELD, IDLE, SUSPECTED. Only maxima are read: a mean
 * under 5% was wrong for half to nearly all of 94 production pods, a maximum under 5% over six hours for none.
 */
export function gpuVerdict(
  resource: Resource,
  series: readonly Telemetry[],
  limits: GpuLimits,
  context: GpuContext,
): GpuVerdict {
  const devices = devicesOf(resource);
  const enough = limits.sampleShare / 100;
  const use = readings(series, 'gpu-utilization', context.span);
  const allPower = readings(series, 'gpu-power', context.span);
  const shares = allPower.filter(({ unit }) => unit.startsWith('percent'));
  const limit = powerLimit(resource);
  const watts = wattShares(allPower, limit, devices);
  const power = [...shares, ...watts];
  const memory = memoryShares(resource, readings(series, 'gpu-memory-used', context.span));
  const requests = readings(series, 'requests', context.span);
  const useSeen = observed(use, devices);
  const powerSeen = observed(power, devices, true);
  const odd = [...use, ...power, ...memory].filter(({ invalid }) => invalid > 0).length;
  const blindSpots = [
    ...(limit === null && allPower.length > shares.length
      ? ['Power is told in watts and the limit of the card is not known: it is not read as a second signal.']
      : []),
    ...(limit !== null && allPower.length > power.length
      ? ['Some power in watts is not of one device, or always zero: it is not read as a second signal.']
      : []),
    ...(watts.length > 0
      ? [
          'The limit of the card is the lowest that its model is sold with; where its owner set a lower one (nvidia-smi --power-limit), work draws less.',
        ]
      : []),
    ...(odd > 0 ? ['Some values were not data (negative, over 100%, not a number) and were left out.'] : []),
  ];
  const result = (
    verdict: GpuVerdict['verdict'],
    confidence: GpuVerdict['confidence'],
    reason: string,
    more: readonly string[] = [],
  ): GpuVerdict => ({
    verdict,
    confidence,
    reason,
    use,
    power: allPower,
    limit: watts.length > 0 ? limit : null,
    memory,
    requests,
    observed: Math.max(useSeen, powerSeen),
    blindSpots: [...blindSpots, ...more],
  });

  const busiest = highest(use);
  if (busiest !== null && busiest >= limits.below)
    return result('ACTIVE', 'high', `a device reached ${busiest}% within the window`);
  const strongest = highest(power);
  const powerOnly = use.every(({ maximum }) => maximum === null);
  if (powerOnly && strongest !== null && strongest >= limits.powerShare)
    return result('ACTIVE', 'medium', `power reached ${rounded(strongest)}% of its limit within the window`);

  // What speaks for a machine of several devices as a whole, or for a part of one, can hide the rest: seen, but no proof.
  const wholeSeen = Math.max(
    0,
    ...use.filter(({ device }) => device === null || device.includes(MIG_PART)).map(({ share }) => share),
  );
  const seen = Math.max(useSeen, powerSeen, wholeSeen);
  if (seen < enough)
    return result(
      'UNOBSERVED',
      'high',
      seen === 0 && use.length + power.length === 0
        ? `no telemetry tells whether its ${plural(devices, 'device')} worked`
        : devices === 1
          ? `less than ${limits.sampleShare}% of the expected samples came`
          : `less than ${limits.sampleShare}% of the expected samples came for at least one of its ${devices} devices`,
    );

  const held = highest(memory);
  if (held !== null && held > limits.memoryHeld)
    return result(
      'HELD',
      'medium',
      `memory in use reached ${rounded(held)}% while no device computed: a model may be loaded`,
    );

  const served = highest(requests);
  // A few missing samples are allowed for, a period of which nothing came is not: it may be the one with work.
  const wholly = (all: readonly Reading[], machine = false) =>
    observed(
      all.filter(({ gaps }) => gaps === 0),
      devices,
      machine,
    ) >= enough;
  const noRequests = served === 0 && requests.some(({ gaps, share }) => gaps === 0 && share >= enough);
  const atRest = wholly(power, true) && strongest !== null && strongest < limits.powerShare;
  const memoryKnown = wholly(memory);
  const doubts = [
    ...(useSeen < enough
      ? ['compute use of every single device is not measured']
      : wholly(use)
        ? []
        : ['in some hours of the window nobody told of its compute use']),
    ...(served !== null && served > 0 ? ['it answers requests'] : []),
    // Something was there: a value in another unit, as a ratio told in percent, may be the one hour of work.
    ...(odd > 0 ? ['some values were not data (negative, over 100%, not a number)'] : []),
    ...(noRequests || atRest ? [] : ['no second signal (power at rest or no requests) confirms it']),
    ...(memoryKnown ? [] : ['memory in use is not measured, so a loaded model cannot be ruled out']),
    ...(context.oldEnough === true
      ? []
      : [context.oldEnough === null ? 'its launch is unknown' : 'it is younger than the window']),
    ...(context.scopeComplete ? [] : ['its account and region were not read whole or not lately']),
  ];
  const low =
    busiest === null
      ? `power never passed ${rounded(strongest ?? 0)}% of its limit`
      : `no device passed ${busiest}% within the window`;
  if (doubts.length > 0)
    return result('SUSPECTED', doubts.length === 1 ? 'medium' : 'low', `${low}, but ${doubts.join('; ')}`);
  const second = [
    ...(noRequests ? ['it had no request'] : []),
    ...(atRest ? [`power never passed ${rounded(strongest)}% of its limit`] : []),
  ];
  return result('IDLE', 'high', `${low}, and ${second.join(' and ')}`);
}

/**
 * Share of the samples that the best single source gave on its worst device; 0 where it lacks a device of the
 * machine. Sources are not mixed: two may name one device differently. A series for the whole machine counts for
 * all its devices with `machine`, or where no device exceeds it. A series of a part of a card counts for none: parts
 * that nobody uses have none.
 */
function observed(all: readonly Reading[], devices: number, machine = false): number {
  const bySource = new Map<string, Map<string, number>>();
  let best = 0;
  for (const { device, source, share, maximum, bounds } of all) {
    if (maximum === null) continue;
    if (device === null && (machine || bounds || devices === 1)) best = Math.max(best, share);
    if (device === null || device.includes(MIG_PART)) continue;
    let shares = bySource.get(source);
    if (shares === undefined) bySource.set(source, (shares = new Map()));
    shares.set(device, Math.max(share, shares.get(device) ?? 0));
  }
  for (const shares of bySource.values())
    if (shares.size >= devices) best = Math.max(best, Math.min(...shares.values()));
  return best;
}

/**
 * Power in watts as a share of the limit of the device that it is of. A series without a device on a machine of
 * several may be their sum or one of them: it is of none. A card that is on draws some: always zero is no reading.
 */
function wattShares(all: readonly Reading[], limit: PowerLimit | null, devices: number): Reading[] {
  if (limit === null) return [];
  return all.flatMap((reading) =>
    reading.unit === 'watt' && reading.maximum !== 0 && (reading.device !== null || devices === 1)
      ? [
          {
            ...reading,
            unit: 'percent-of-limit',
            maximum: reading.maximum === null ? null : (reading.maximum * 100) / limit.watts,
          },
        ]
      : [],
  );
}

function memoryShares(resource: Resource, used: readonly Reading[]): Reading[] {
  const total = memoryPerDevice(resource);
  return used.flatMap((reading) => {
    if (reading.unit.startsWith('percent')) return [{ ...reading, unit: 'percent' }];
    const scale = reading.unit === 'MiB' ? 1 : reading.unit === 'bytes' ? 1 / 1_048_576 : null;
    if (scale === null || total === null) return [];
    const maximum = reading.maximum === null ? null : (reading.maximum * scale * 100) / total;
    return [{ ...reading, unit: 'percent', maximum }];
  });
}

function highest(all: readonly Reading[]): number | null {
  let most: number | null = null;
  for (const { maximum } of all) if (maximum !== null && (most === null || maximum > most)) most = maximum;
  return most;
}

export function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
