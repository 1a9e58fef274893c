import pLimit from 'p-limit';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import type { Accelerator, Dataset, Resource } from '../model.ts';
import { type GcpInstance, instance, machineType } from './answers.ts';
import { aggregated, COMPUTE, computeName, type Placed } from './compute.ts';
import { parentOf } from './parent.ts';
import { ask, lastPart, toldFault, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const AT_ONCE = 8;
const LIST: Permission = {
  cloud: 'gcp',
  action: 'compute.instances.list',
  why: 'lists instances with their labels, state and accelerators',
};
const TYPES: Permission = {
  cloud: 'gcp',
  action: 'compute.machineTypes.get',
  why: 'reads the accelerators that a machine type brings along, its cores and its memory',
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
  permissions: [LIST, TYPES],
  async collect(scope, session, _now, _earlier, meter) {
    const { placed, missing } = await aggregated(session, meter, 'instances', instance, LIST);
    const types = await describeTypes(session, placed, meter);
    const resources = placed.map((one) => toResource(session, one, types.known));
    return whole({ resources }, [...missing, ...types.problems], 'instances', scope);
  },
};

/** What is told of a machine type. */
interface Type {
  readonly accelerators: readonly Accelerator[];
  readonly cores: number | null;
  /** Google counts its MB as 2^20 bytes: an n1-standard-8 of 30 GiB has 30720. */
  readonly memoryMiB: number | null;
}

/**
 * Machine types by name. That one cannot be described is a problem only where an instance has no accelerators attached:
 * its type may bring some along that nobody sees.
 */
async function describeTypes(
  session: GcpSession,
  placed: readonly Placed<GcpInstance>[],
  meter: Meter,
): Promise<{ known: Map<string, Type>; problems: string[] }> {
  const zoneOf = new Map<string, string>();
  const bare = new Set<string>();
  for (const { location, item } of placed)
    if (item.machineType !== undefined) {
      const name = lastPart(item.machineType);
      zoneOf.set(name, zoneOf.get(name) ?? location);
      if ((item.guestAccelerators ?? []).length === 0) bare.add(name);
    }
  const known = new Map<string, Type>();
  const problems: string[] = [];
  const limit = pLimit(AT_ONCE);
  await limit.map([...zoneOf], async ([name, zone]) => {
    try {
      const type = await ask(session, meter, machineType, {
        call: 'compute.machineTypes.get',
        service: COMPUTE,
        path: `/compute/v1/projects/${encodeURIComponent(session.projectId)}/zones/${zone}/machineTypes/${encodeURIComponent(name)}`,
        permission: TYPES,
      });
      known.set(name, {
        accelerators: (type.accelerators ?? []).map(({ guestAcceleratorType, guestAcceleratorCount }) => ({
          kind: lastPart(guestAcceleratorType),
          count: guestAcceleratorCount,
          memoryMiB: null,
        })),
        cores: type.guestCpus ?? null,
        memoryMiB: type.memoryMb ?? null,
      });
    } catch (error) {
      // What cannot be described may have accelerators that we do not see; the instances are still worth having.
      const fault = toldFault(`accelerators of ${name} in ${zone} are unknown`, error);
      if (bare.has(name)) problems.push(fault);
    }
  });
  return { known, problems: problems.toSorted() };
}

function toResource(
  session: GcpSession,
  { location, item }: Placed<GcpInstance>,
  types: ReadonlyMap<string, Type>,
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
      cores: type?.cores ?? null,
      memoryMiB: type?.memoryMiB ?? null,
      creationTimestamp: created,
      lastStopTimestamp: utc(item.lastStopTimestamp),
      deletionProtection: item.deletionProtection ?? false,
      provisioningModel: item.scheduling?.provisioningModel ?? null,
      preemptible: item.scheduling?.preemptible ?? false,
    },
  };
}
