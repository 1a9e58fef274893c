import type { Permission } from '../../platform/permissions.ts';
import type { Accelerator, Dataset, Json, Resource } from '../model.ts';
import { type GcpInstance, instance } from './answers.ts';
import { aggregated, computeName, type Placed } from './compute.ts';
import {
  describeTypes,
  fewerAttached,
  MACHINE_TYPE_LISTS,
  MACHINE_TYPES,
  type MachineType,
  smallerTypes,
  type TypePlace,
  typesByZone,
} from './machine-types.ts';
import { parentOf } from './parent.ts';
import { lastPart, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const LIST: Permission = {
  cloud: 'gcp',
  action: 'compute.instances.list',
  why: 'lists instances with their labels, state and accelerators',
};

/**
 * Instances of one project in all its zones, with their accelerators, labels and state.
 *
 * Accelerators are those attached to the instance (`guestAccelerators`), else those that its machine type brings
 * along, as Compute Engine describes the type: never by a list of names. It does not say how much memory they
 * have, so `memoryMiB` is null.
 *
 * A zone that did not answer or a machine type that could not be described makes it incomplete
 * (IncompleteError, with what was found).
 */
export const gcpInstances: Dataset<GcpSession> = {
  id: 'gcp.compute.instances',
  permissions: [LIST, MACHINE_TYPES, MACHINE_TYPE_LISTS],
  async collect(scope, session, _now, _earlier, meter) {
    const { placed, missing } = await aggregated(session, meter, 'instances', instance, LIST);
    const types = await describeTypes(session, placed.flatMap(typeOf), meter);
    // Smaller types are looked for only where a machine runs with several devices that its type brings along.
    const zones = placed.flatMap(({ location, item }) =>
      item.status === 'RUNNING' && devicesBrought(item, types.known) > 1 ? [location] : [],
    );
    const smaller = await typesByZone(session, zones, meter);
    const resources = placed.map((one) => toResource(session, one, types.known, smaller.byZone));
    const problems = [...types.problems, ...smaller.problems];
    return whole({ resources }, [...missing, ...problems], 'instances', scope);
  },
};

function typeOf({ location, item }: Placed<GcpInstance>): TypePlace[] {
  const { machineType: url, guestAccelerators = [] } = item;
  return url === undefined
    ? []
    : [{ name: lastPart(url), zone: location, bare: guestAccelerators.length === 0 }];
}

/**
 * The reservation that it runs in: the one that it consumes now, else the one that it must run in (compute v1,
 * ResourceStatus.reservationConsumptionInfo, Instance.reservationAffinity); null where none is told.
 */
function reservationOf({ status, resourceStatus, reservationAffinity }: GcpInstance): string | null {
  if (status !== 'RUNNING') return null;
  const consumed = resourceStatus?.reservationConsumptionInfo?.consumedReservation;
  const wanted =
    reservationAffinity?.consumeReservationType === 'SPECIFIC_RESERVATION'
      ? reservationAffinity.values?.[0]
      : undefined;
  const name = consumed ?? wanted;
  return name === undefined || name === '' ? null : lastPart(name);
}

function devicesBrought(item: GcpInstance, types: ReadonlyMap<string, MachineType>): number {
  const { accelerators = [] } = types.get(lastPart(item.machineType ?? '')) ?? {};
  return accelerators.reduce((sum, { count }) => sum + count, 0);
}

/** What its type brings along cannot be made fewer, even where the instance lists it as attached. */
function smallerThan(
  sku: string,
  attached: readonly Accelerator[],
  type: MachineType | undefined,
  ofZone: ReadonlyMap<string, MachineType> | undefined,
  scheduling: GcpInstance['scheduling'],
): Json[] {
  if (type === undefined) return [];
  const model = scheduling?.preemptible === true ? 'SPOT' : (scheduling?.provisioningModel ?? null);
  return type.accelerators.length > 0 ? smallerTypes(sku, type, ofZone, model) : fewerAttached(sku, attached);
}

function toResource(
  session: GcpSession,
  { location, item }: Placed<GcpInstance>,
  types: ReadonlyMap<string, MachineType>,
  smaller: ReadonlyMap<string, ReadonlyMap<string, MachineType>>,
): Resource {
  const sku = item.machineType === undefined ? null : lastPart(item.machineType);
  const attached = (item.guestAccelerators ?? []).map(({ acceleratorType, acceleratorCount }) => ({
    kind: lastPart(acceleratorType),
    count: acceleratorCount,
    memoryMiB: null,
  }));
  const type = types.get(sku ?? '');
  const accelerators = attached.length > 0 ? attached : (type?.accelerators ?? []);
  const created = utc(item.creationTimestamp);
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: location,
    type: 'gcp:compute:instance',
    id: computeName(session, location, 'instances', item.name),
    name: item.name,
    state: item.status,
    created: utc(item.lastStartTimestamp) ?? created,
    tags: item.labels ?? {},
    sku,
    accelerators,
    parent: parentOf(item),
    attributes: {
      // A name can be used again for another machine; the number cannot.
      instanceId: item.id,
      // Null where its type could not be described: it may have some.
      acceleratorDevices:
        attached.length > 0 || type !== undefined
          ? accelerators.reduce((sum, { count }) => sum + count, 0)
          : null,
      smallerTypes: smallerThan(sku ?? '', attached, type, smaller.get(location), item.scheduling),
      cores: type?.cores ?? null,
      memoryMiB: type?.memoryMiB ?? null,
      creationTimestamp: created,
      lastStopTimestamp: utc(item.lastStopTimestamp),
      lastSuspendedTimestamp: utc(item.lastSuspendedTimestamp),
      capacityReservation: reservationOf(item),
      deletionProtection: item.deletionProtection ?? false,
      provisioningModel: item.scheduling?.provisioningModel ?? null,
      preemptible: item.scheduling?.preemptible ?? false,
      // When Compute Engine ends it by itself: at a time that was set, or after as long as it may run.
      endsAt: utc(item.resourceStatus?.scheduling?.terminationTimestamp ?? item.scheduling?.terminationTime),
      // Whoever wants a node for it gets a node of its own (Scheduling.nodeAffinities, "Sole-tenancy overview").
      soleTenant: (item.scheduling?.nodeAffinities ?? []).length > 0,
    },
  };
}
