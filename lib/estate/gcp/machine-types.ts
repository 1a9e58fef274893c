import pLimit from 'p-limit';
import { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Accelerator, Json } from '../model.ts';
import { machineType } from './answers.ts';
import { COMPUTE } from './compute.ts';
import { ask, lastPart, pages, toldFault } from './read.ts';
import type { GcpSession } from './session.ts';

const AT_ONCE = 8;
const PAGE = '500';
export const MACHINE_TYPE_LISTS: Permission = {
  cloud: 'gcp',
  action: 'compute.machineTypes.list',
  why: 'finds smaller machine types where a machine has several accelerators',
};
export const MACHINE_TYPES: Permission = {
  cloud: 'gcp',
  action: 'compute.machineTypes.get',
  why: 'reads the accelerators that a machine type brings along, its cores and its memory',
};

/** What is told of a machine type. */
export interface MachineType {
  readonly accelerators: readonly Accelerator[];
  readonly cores: number | null;
  /** Google counts its MB as 2^20 bytes: an n1-standard-8 of 30 GiB has 30720. */
  readonly memoryMiB: number | null;
}

/** A machine type that something has, and the zone to ask in. */
export interface TypePlace {
  readonly name: string;
  readonly zone: string;
  /** Has the thing no accelerators attached, so that only its type tells of any? */
  readonly bare: boolean;
}

/**
 * Machine types by name. That one cannot be described is a problem only where something has no accelerators attached:
 * its type may bring some along that nobody sees.
 */
export async function describeTypes(
  session: GcpSession,
  places: readonly TypePlace[],
  meter: Meter,
): Promise<{ readonly known: ReadonlyMap<string, MachineType>; readonly problems: readonly string[] }> {
  const zoneOf = new Map<string, string>();
  const bare = new Set<string>();
  for (const one of places) {
    zoneOf.set(one.name, zoneOf.get(one.name) ?? one.zone);
    if (one.bare) bare.add(one.name);
  }
  const known = new Map<string, MachineType>();
  const problems: string[] = [];
  const limit = pLimit(AT_ONCE);
  await limit.map([...zoneOf], async ([name, zone]) => {
    try {
      const type = await ask(session, meter, machineType, {
        call: 'compute.machineTypes.get',
        service: COMPUTE,
        path: `/compute/v1/projects/${encodeURIComponent(session.projectId)}/zones/${zone}/machineTypes/${encodeURIComponent(name)}`,
        permission: MACHINE_TYPES,
      });
      known.set(name, typeOf(type));
    } catch (error) {
      // What cannot be described may have accelerators that we do not see; the things are still worth having.
      const fault = toldFault(`accelerators of ${name} in ${zone} are unknown`, error);
      if (bare.has(name)) problems.push(fault);
    }
  });
  return { known, problems: problems.toSorted() };
}

function typeOf(type: z.output<typeof machineType>): MachineType {
  return {
    accelerators: (type.accelerators ?? []).map(({ guestAcceleratorType, guestAcceleratorCount }) => ({
      kind: lastPart(guestAcceleratorType),
      count: guestAcceleratorCount,
      memoryMiB: null,
    })),
    cores: type.guestCpus ?? null,
    memoryMiB: type.memoryMb ?? null,
  };
}

const page = z.object({
  items: z.array(machineType).optional(),
  nextPageToken: z.string().optional(),
});

/** All machine types of a zone that bring accelerators along, by name. */
async function acceleratedTypes(
  session: GcpSession,
  zone: string,
  meter: Meter,
): Promise<ReadonlyMap<string, MachineType>> {
  const found = new Map<string, MachineType>();
  const list = pages(session, meter, page, {
    call: 'compute.machineTypes.list',
    service: COMPUTE,
    path: `/compute/v1/projects/${encodeURIComponent(session.projectId)}/zones/${zone}/machineTypes`,
    params: { maxResults: PAGE },
    permission: MACHINE_TYPE_LISTS,
  });
  for await (const { items = [] } of list)
    for (const one of items) if ((one.accelerators ?? []).length > 0) found.set(one.name, typeOf(one));
  return found;
}

/** Types of each of these zones that bring accelerators along, and the zones whose types could not be listed. */
export async function typesByZone(
  session: GcpSession,
  zones: readonly string[],
  meter: Meter,
): Promise<{
  readonly byZone: ReadonlyMap<string, ReadonlyMap<string, MachineType>>;
  readonly problems: readonly string[];
}> {
  const byZone = new Map<string, ReadonlyMap<string, MachineType>>();
  const problems: string[] = [];
  const limit = pLimit(AT_ONCE);
  await limit.map([...new Set(zones)], async (zone) => {
    try {
      byZone.set(zone, await acceleratedTypes(session, zone, meter));
    } catch (error) {
      problems.push(toldFault(`machine types of ${zone} are unknown`, error));
    }
  });
  return { byZone, problems: problems.toSorted() };
}

/**
 * Types that are to be had as Spot or through the Dynamic Workload Scheduler alone (Compute Engine documentation,
 * "Accelerator-optimized machine family", A3 High; read November 2026).
 */
const SPOT_OR_FLEX = /^a3-highgpu-[124]g$/;

/**
 * Types of the same family with fewer devices of the same kind, and with as many cores and as much memory for each of
 * them: a type with a part of a device has less of both. Those that are not sold as the machine was bought are left out.
 * @param model `STANDARD`, `SPOT`, `FLEX_START`; null where it is not told
 */
export function smallerTypes(
  sku: string,
  own: MachineType,
  types: ReadonlyMap<string, MachineType> | undefined,
  model: string | null,
): Json[] {
  const [accelerator] = own.accelerators;
  if (accelerator === undefined || own.accelerators.length !== 1) return [];
  const enough = (mine: number | null, other: number | null, count: number) =>
    mine !== null && other !== null && other / count >= mine / accelerator.count;
  return [...(types ?? [])].flatMap(([type, { accelerators, cores, memoryMiB }]) => {
    const [one] = accelerators;
    return one !== undefined &&
      accelerators.length === 1 &&
      familyOf(type) === familyOf(sku) &&
      (model === 'SPOT' || model === 'FLEX_START' || !SPOT_OR_FLEX.test(type)) &&
      one.kind === accelerator.kind &&
      one.count < accelerator.count &&
      enough(own.cores, cores, one.count) &&
      enough(own.memoryMiB, memoryMiB, one.count)
      ? [{ type, devices: one.count, memoryMiB: null }]
      : [];
  });
}

function familyOf(type: string): string {
  return type.split('-')[0] ?? type;
}

/**
 * The same type with fewer GPUs attached: one, two, four or eight of a kind can be (Compute Engine documentation, "GPU
 * machine types", N1; read November 2026).
 */
export function fewerAttached(sku: string, attached: readonly Accelerator[]): Json[] {
  const [accelerator] = attached;
  if (accelerator === undefined || attached.length !== 1) return [];
  return [1, 2, 4]
    .filter((count) => count < accelerator.count)
    .map((count) => ({
      type: `${sku} with ${count} x ${accelerator.kind}`,
      devices: count,
      memoryMiB: null,
    }));
}
