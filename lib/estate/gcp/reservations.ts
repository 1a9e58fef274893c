import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Accelerator, Dataset, Resource } from '../model.ts';
import { aggregated, computeName, type Placed } from './compute.ts';
import { describeTypes, MACHINE_TYPES, type MachineType, type TypePlace } from './machine-types.ts';
import { integer, lastPart, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'compute.reservations.list',
  why: 'lists reserved machines and how many of them run',
};

const accelerators = z.object({ acceleratorType: z.string(), acceleratorCount: z.number().optional() });
const slices = z.array(z.object({ accelerator: accelerators.optional() })).optional();

/**
 * What is read of a reservation (compute v1, schemas Reservation, AllocationSpecificSKUReservation,
 * AllocationAggregateReservation).
 */
const reservation = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string().optional(),
  creationTimestamp: z.string().optional(),
  deleteAtTime: z.string().optional(),
  commitment: z.string().optional(),
  linkedCommitments: z.array(z.string()).optional(),
  shareSettings: z.object({ shareType: z.string().optional() }).optional(),
  specificReservation: z
    .object({
      count: z.string().optional(),
      inUseCount: z.string().optional(),
      instanceProperties: z
        .object({
          machineType: z.string().optional(),
          guestAccelerators: z.array(accelerators).optional(),
        })
        .optional(),
    })
    .optional(),
  aggregateReservation: z
    .object({
      vmFamily: z.string().optional(),
      reservedResources: slices,
      inUseResources: slices,
    })
    .optional(),
});
type Reservation = z.output<typeof reservation>;

/**
 * Reservations of machines and of TPUs that the project owns, with all their accelerators, and how much of each runs
 * now. It is charged like running machines whether any run in it or not (Compute Engine documentation, "Reservations
 * of Compute Engine zonal resources", read November 2026). It does not see those that another project shares with
 * this one: that one pays; future reservations, which are not there yet; labels, which reservations have none of.
 */
export const gcpReservations: Dataset<GcpSession> = {
  id: 'gcp.compute.reservations',
  permissions: [LIST, MACHINE_TYPES],
  async collect(scope, session, _now, _earlier, meter) {
    const { placed, missing } = await aggregated(session, meter, 'reservations', reservation, LIST);
    const types = await describeTypes(session, placed.flatMap(typeOf), meter);
    const resources = placed.map((one) => toResource(session, one, types.known));
    return whole({ resources }, [...missing, ...types.problems], 'reservations', scope);
  },
};

function typeOf({ location, item }: Placed<Reservation>): TypePlace[] {
  const { machineType, guestAccelerators = [] } = item.specificReservation?.instanceProperties ?? {};
  return machineType === undefined
    ? []
    : [{ name: lastPart(machineType), zone: location, bare: guestAccelerators.length === 0 }];
}

/** How much is held and how much of it runs, in machines, or in chips of TPUs where no machines are named. */
interface Held {
  readonly total: number | null;
  readonly inUse: number | null;
  readonly accelerators: readonly Accelerator[];
}

function heldBy(item: Reservation, types: ReadonlyMap<string, MachineType>): Held {
  const { specificReservation: specific, aggregateReservation: aggregate } = item;
  if (specific === undefined) {
    const reserved = aggregate?.reservedResources;
    return {
      total: reserved === undefined ? null : chipsOf(reserved),
      // Google leaves out a list of nothing.
      inUse: reserved === undefined ? null : chipsOf(aggregate?.inUseResources),
      accelerators: (reserved ?? []).flatMap(({ accelerator }) => each(accelerator, 1)),
    };
  }
  const total = integer(specific.count);
  const { machineType = '', guestAccelerators = [] } = specific.instanceProperties ?? {};
  const brought = types.get(lastPart(machineType))?.accelerators ?? [];
  return {
    total,
    // A number that is nothing is told as zero or left out.
    inUse: integer(specific.inUseCount ?? '0'),
    accelerators:
      guestAccelerators.length > 0
        ? guestAccelerators.flatMap((one) => each(one, total ?? 0))
        : brought.map((one) => ({ ...one, count: one.count * (total ?? 0) })),
  };
}

function each(told: z.output<typeof accelerators> | undefined, machines: number): Accelerator[] {
  const count = (told?.acceleratorCount ?? 0) * machines;
  return told === undefined || count === 0
    ? []
    : [{ kind: lastPart(told.acceleratorType), count, memoryMiB: null }];
}

function chipsOf(told: z.output<typeof slices>): number {
  return (told ?? []).reduce((sum, { accelerator }) => sum + (accelerator?.acceleratorCount ?? 0), 0);
}

function toResource(
  session: GcpSession,
  { location, item }: Placed<Reservation>,
  types: ReadonlyMap<string, MachineType>,
): Resource {
  const held = heldBy(item, types);
  const machineType = item.specificReservation?.instanceProperties?.machineType;
  const commitments = [...(item.linkedCommitments ?? []), item.commitment ?? ''];
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: location,
    type: 'gcp:compute:reservation',
    id: computeName(session, location, 'reservations', item.name),
    name: item.name,
    state: item.status ?? 'unknown',
    created: utc(item.creationTimestamp),
    tags: {},
    sku: machineType === undefined ? (item.aggregateReservation?.vmFamily ?? null) : lastPart(machineType),
    accelerators: held.accelerators,
    parent: null,
    attributes: {
      numericId: item.id,
      totalInstances: held.total,
      availableInstances:
        held.total === null || held.inUse === null ? null : Math.max(0, held.total - held.inUse),
      unit: item.specificReservation === undefined ? 'chips' : 'instances',
      commitments: [...new Set(commitments.filter((one) => one !== '').map(lastPart))],
      // When Compute Engine deletes it by itself: set by who made it, or by the future reservation that did.
      endsAt: utc(item.deleteAtTime),
      // "LOCAL" is the project's own alone (ShareSettings.shareType), and so is one without settings.
      shared: !['LOCAL', undefined].includes(item.shareSettings?.shareType),
      tagsUnknown: true,
    },
  };
}
