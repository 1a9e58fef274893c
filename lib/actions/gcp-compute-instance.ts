import { z } from 'zod';
import { makerShape, parentOf } from '../estate/gcp/parent.ts';
import { BursarError } from '../platform/errors.ts';
import { found } from './gcp-found.ts';
import type { GcpActSession } from './gcp-session.ts';
import type { Live } from './model.ts';
import { listed } from './target.ts';

export const COMPUTE = 'https://compute.googleapis.com';

/** What is read of an instance (compute v1, schema Instance); of its metadata, the one item that names its group. */
const shape = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  machineType: z.string().optional(),
  creationTimestamp: z.string().optional(),
  lastStartTimestamp: z.string().optional(),
  ...makerShape,
  disks: z.array(z.object({ type: z.string().optional(), source: z.string().optional() })).optional(),
  networkInterfaces: z
    .array(z.object({ accessConfigs: z.array(z.object({ natIP: z.string().optional() })).optional() }))
    .optional(),
  guestAccelerators: z
    .array(z.object({ acceleratorType: z.string(), acceleratorCount: z.number() }))
    .optional(),
  scheduling: z
    .object({ preemptible: z.boolean().optional(), provisioningModel: z.string().optional() })
    .optional(),
});
export type GcpMachine = z.output<typeof shape>;

/** Where an instance is: its zone and name, from the full resource name. */
export interface GcpPlace {
  readonly zone: string;
  readonly name: string;
}

/** @throws BursarError (input) where the name is none of an instance of the session's project. */
export function placeOf(resourceId: string, session: GcpActSession): GcpPlace {
  const [, project, zone, name] =
    /^\/\/compute\.googleapis\.com\/projects\/([^/]+)\/zones\/([a-z0-9-]+)\/instances\/([a-z0-9-]+)$/.exec(
      resourceId,
    ) ?? [];
  if (zone === undefined || name === undefined || project !== session.projectId)
    throw new BursarError(
      'input',
      `${JSON.stringify(resourceId)} is no instance of project ${session.projectId}`,
      {
        hint: 'Findings name instances by their full resource name.',
      },
    );
  return { zone, name };
}

/** `/compute/v1/projects/p/zones/z/instances/i` */
export function pathOf(session: GcpActSession, { zone, name }: GcpPlace): string {
  return `/compute/v1/projects/${encodeURIComponent(session.projectId)}/zones/${zone}/instances/${name}`;
}

/** The instance as Compute Engine describes it; null where there is none of that name. */
export async function describeMachine(session: GcpActSession, place: GcpPlace): Promise<GcpMachine | null> {
  return await found(
    session,
    {
      call: 'compute.instances.get',
      service: COMPUTE,
      path: pathOf(session, place),
      permission: 'compute.instances.get',
    },
    shape,
  );
}

export function liveMachine(
  machine: GcpMachine,
  place: GcpPlace,
  resourceId: string,
  projectId: string,
): Live {
  const parent = parentOf(machine);
  const accelerators = (machine.guestAccelerators ?? []).map(({ acceleratorType, acceleratorCount }) => ({
    kind: lastPart(acceleratorType),
    count: acceleratorCount,
    memoryMiB: null,
  }));
  const launch = launchOf(machine);
  const sku = machine.machineType === undefined ? null : lastPart(machine.machineType);
  const scratch = (machine.disks ?? []).filter(({ type }) => type === 'SCRATCH').length;
  const kept = (machine.disks ?? []).flatMap(({ type, source }) =>
    type === 'SCRATCH' || source === undefined ? [] : [lastPart(source)],
  );
  const addresses = (machine.networkInterfaces ?? []).flatMap(({ accessConfigs }) =>
    (accessConfigs ?? []).flatMap(({ natIP }) => natIP ?? []),
  );
  return {
    resource: {
      provider: 'gcp',
      accountId: projectId,
      region: place.zone,
      type: 'gcp:compute:instance',
      id: resourceId,
      name: machine.name,
      state: machine.status,
      created: launch,
      tags: machine.labels ?? {},
      sku,
      accelerators,
      parent,
      attributes: {
        instanceId: machine.id,
        localSsds: scratch,
        provisioningModel: machine.scheduling?.provisioningModel ?? null,
      },
    },
    fingerprint: { launch, parent: parent === null ? null : `${parent.type} ${parent.id}` },
    done: machine.status === 'TERMINATED' || machine.status === 'STOPPED',
    protection: null,
    lost: [
      ...(scratch > 0 ? [`Everything on its ${scratch} Local SSD ${scratch === 1 ? 'disk' : 'disks'}.`] : []),
      'What it holds in memory, and every process that runs.',
      ...(addresses.length > 0 ? [`Its address ${listed(addresses)}, unless it is static.`] : []),
    ],
    // instances.stop, compute v1: "resources that the VM is using, such as persistent disks and static IP
    // addresses, will continue to be charged until they are deleted".
    staysBilled: [
      ...(kept.length > 0 ? [`Persistent ${kept.length === 1 ? 'disk' : 'disks'} ${listed(kept)}`] : []),
      'Static addresses, and reservations that it uses',
    ],
    risks: [
      `A stopped ${sku ?? 'instance'} may not start again while its zone has no such machine (ZONE_RESOURCE_POOL_EXHAUSTED).`,
    ],
  };
}

/** Stopped, or stopping by now. */
export function isDown({ status }: GcpMachine): boolean {
  return (
    status === 'TERMINATED' || status === 'STOPPED' || status === 'STOPPING' || status === 'PENDING_STOP'
  );
}

/** ISO-8601 UTC of the last start. */
export function launchOf(machine: GcpMachine): string | null {
  const time = Date.parse(machine.lastStartTimestamp ?? machine.creationTimestamp ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
