import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Dataset, Json, Resource } from '../model.ts';
import { gcpInstances } from './instances.ts';
import { integer, labels, lastPart, locationOf, ownName, pages, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const NOTEBOOKS = 'notebooks.googleapis.com';
const LIST: Permission = {
  cloud: 'gcp',
  action: 'notebooks.instances.list',
  why: 'lists Workbench instances with their machine, state and idle shutdown',
};
/** Seconds after which an idle instance is stopped (Vertex AI documentation, "Manage features through metadata"). */
const IDLE_KEY = 'idle-timeout-seconds';

/** What is read of a Workbench instance (notebooks v2, schemas Instance, GceSetup); of its metadata, one item. */
const instance = z.object({
  name: z.string(),
  state: z.string().optional(),
  createTime: z.string().optional(),
  updateTime: z.string().optional(),
  creator: z.string().optional(),
  instanceOwners: z.array(z.string()).optional(),
  enableDeletionProtection: z.boolean().optional(),
  labels,
  gceSetup: z
    .object({
      machineType: z.string().optional(),
      instanceId: z.string().optional(),
      acceleratorConfigs: z
        .array(z.object({ type: z.string().optional(), coreCount: z.string().optional() }))
        .optional(),
      metadata: z.object({ [IDLE_KEY]: z.string().optional() }).optional(),
    })
    .optional(),
});
type Instance = z.output<typeof instance>;

const page = z.object({
  instances: z.array(instance).optional(),
  nextPageToken: z.string().optional(),
  unreachable: z.array(z.string()).optional(),
});

/**
 * Vertex AI Workbench instances with their accelerators and their idle shutdown. The machine under one is in the
 * list of Compute Engine, too: `attributes.machine` is its name there, and `created` its last start.
 *
 * It does not see: who works in a notebook, and instances of the former kinds (managed and user-managed notebooks);
 * the machines of user-managed ones are instances of Compute Engine.
 */
export const gcpWorkbench: Dataset<GcpSession> = {
  id: 'gcp.notebooks.instances',
  needs: [gcpInstances.id],
  permissions: [LIST],
  async collect(scope, session, _now, earlier, meter) {
    const machines = new Map(earlier.resources.map((one) => [one.attributes['instanceId'], one]));
    const resources: Resource[] = [];
    const missing: string[] = [];
    const list = pages(session, meter, page, {
      call: 'notebooks.projects.locations.instances.list',
      service: `https://${NOTEBOOKS}`,
      // "projects/{project_id}/locations/- to list instances in all locations" (notebooks v2, instances.list).
      path: `/v2/projects/${encodeURIComponent(session.projectId)}/locations/-/instances`,
      params: { pageSize: '100' },
      permission: LIST,
    });
    for await (const { instances, unreachable } of list) {
      for (const one of instances ?? []) resources.push(toResource(session, one, machines));
      for (const location of unreachable ?? []) missing.push(`${lastPart(location)}: unreachable`);
    }
    return whole({ resources }, missing, 'Workbench instances', scope);
  },
};

function toResource(
  session: GcpSession,
  item: Instance,
  machines: ReadonlyMap<Json | undefined, Resource>,
): Resource {
  const setup = item.gceSetup;
  // By the number that no other machine has (GceSetup.instanceId), never by name.
  const machine = setup?.instanceId === undefined ? undefined : machines.get(setup.instanceId);
  const timeout = setup?.metadata?.[IDLE_KEY];
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(item.name),
    type: 'gcp:notebooks:instance',
    id: ownName(session, NOTEBOOKS, item.name),
    name: lastPart(item.name),
    state: item.state ?? 'unknown',
    created: machine?.created ?? null,
    tags: item.labels ?? {},
    sku: setup?.machineType === undefined ? null : lastPart(setup.machineType),
    // The machine's tell those that its type brings along, too.
    accelerators:
      machine?.accelerators ??
      (setup?.acceleratorConfigs ?? []).flatMap(({ type, coreCount }) =>
        type === undefined || type === 'ACCELERATOR_TYPE_UNSPECIFIED'
          ? []
          : [{ kind: type, count: integer(coreCount) ?? 1, memoryMiB: null }],
      ),
    parent: null,
    attributes: {
      numericId: setup?.instanceId ?? null,
      machine: machine?.id ?? null,
      acceleratorDevices: machine?.attributes['acceleratorDevices'] ?? null,
      capacityReservation: machine?.attributes['capacityReservation'] ?? null,
      provisioningModel: machine?.attributes['provisioningModel'] ?? null,
      preemptible: machine?.attributes['preemptible'] ?? false,
      createdAt: utc(item.createTime),
      creator: item.creator ?? null,
      owners: item.instanceOwners ?? [],
      deletionProtection: item.enableDeletionProtection ?? false,
      // Null: the metadata name none. It is written where it is on, by default 10800, and removed where it is off.
      idleTimeoutSeconds: integer(timeout),
    },
  };
}
