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
  why: 'reads the accelerators that a machine type brings along',
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
    const resources = placed.map((one) => toResource(session, one, types.accelerators));
    return whole({ resources }, [...missing, ...types.problems], 'instances', scope);
  },
};

/** Accelerators by machine type, of every type that an instance without attached accelerators has. */
async function describeTypes(
  session: GcpSession,
  placed: readonly Placed<GcpInstance>[],
  meter: Meter,
): Promise<{ accelerators: Map<string, readonly Accelerator[]>; problems: string[] }> {
  const zoneOf = new Map<string, string>();
  for (const { location, item } of placed)
    if (item.machineType !== undefined && (item.guestAccelerators ?? []).length === 0)
      zoneOf.set(lastPart(item.machineType), zoneOf.get(lastPart(item.machineType)) ?? location);
  const accelerators = new Map<string, readonly Accelerator[]>();
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
      accelerators.set(
        name,
        (type.accelerators ?? []).map(({ guestAcceleratorType, guestAcceleratorCount }) => ({
          kind: lastPart(guestAcceleratorType),
          count: guestAcceleratorCount,
          memoryMiB: null,
        })),
      );
    } catch (error) {
      // What cannot be described may have accelerators that we do not see; the instances are still worth having.
      problems.push(toldFault(`accelerators of ${name} in ${zone} are unknown`, error));
    }
  });
  return { accelerators, problems: problems.toSorted() };
}

function toResource(
  session: GcpSession,
  { location, item }: Placed<GcpInstance>,
  ofType: ReadonlyMap<string, readonly Accelerator[]>,
): Resource {
  const sku = item.machineType === undefined ? null : lastPart(item.machineType);
  const attached = (item.guestAccelerators ?? []).map(({ acceleratorType, acceleratorCount }) => ({
    kind: lastPart(acceleratorType),
    count: acceleratorCount,
    memoryMiB: null,
  }));
  const accelerators = attached.length > 0 ? attached : (ofType.get(sku ?? '') ?? []);
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
        attached.length > 0 || ofType.has(sku ?? '')
          ? accelerators.reduce((sum, { count }) => sum + count, 0)
          : null,
      creationTimestamp: created,
      lastStopTimestamp: utc(item.lastStopTimestamp),
      deletionProtection: item.deletionProtection ?? false,
      provisioningModel: item.scheduling?.provisioningModel ?? null,
      preemptible: item.scheduling?.preemptible ?? false,
    },
  };
}
