import { z } from 'zod';
import type { Permission } from '../../platform/permissions.ts';
import type { Accelerator, Dataset, Resource } from '../model.ts';
import { labels, lastPart, locationOf, ownName, pages, toldFault, utc, whole } from './read.ts';
import type { GcpSession } from './session.ts';

const TPU = 'tpu.googleapis.com';
const NODES: Permission = {
  cloud: 'gcp',
  action: 'tpu.nodes.list',
  // Queued resources have no permission of their own: who may list nodes may list them.
  why: 'lists TPU nodes with their type and state, and requests for TPUs that wait or hold nodes',
};
/** What is read of a node (tpu v2, schemas Node, AcceleratorConfig, SchedulingConfig). */
const node = z.object({
  name: z.string(),
  id: z.string().optional(),
  state: z.string().optional(),
  createTime: z.string().optional(),
  acceleratorType: z.string().optional(),
  acceleratorConfig: z.object({ type: z.string().optional(), topology: z.string().optional() }).optional(),
  runtimeVersion: z.string().optional(),
  schedulingConfig: z
    .object({
      preemptible: z.boolean().optional(),
      spot: z.boolean().optional(),
      reserved: z.boolean().optional(),
    })
    .optional(),
  networkEndpoints: z.array(z.unknown()).optional(),
  queuedResource: z.string().optional(),
  multisliceNode: z.boolean().optional(),
  labels,
});
/** What is read of a request (tpu v2, schemas QueuedResource, QueuedResourceState). */
const queued = z.object({
  name: z.string(),
  createTime: z.string().optional(),
  reservationName: z.string().optional(),
  state: z.object({ state: z.string().optional() }).optional(),
});

const listing = { nextPageToken: z.string().optional(), unreachable: z.array(z.string()).optional() };
const nodePage = z.object({ ...listing, nodes: z.array(node).optional() });
const queuedPage = z.object({ ...listing, queuedResources: z.array(queued).optional() });

/**
 * TPU nodes and queued resources in all zones. A node's accelerator is one slice of the type that it names
 * (`v5litepod-8`): how many chips that is, the name says and the API does not. A node belongs to the queued resource
 * that asked for it.
 *
 * It does not see: how busy a node is. Cloud Monitoring's tpu.googleapis.com/accelerator/duty_cycle is published by
 * worker, without the name of a node. TPUs of GKE are nodes of a cluster and stand in its pools.
 */
export const gcpTpus: Dataset<GcpSession> = {
  id: 'gcp.tpu.nodes',
  permissions: [NODES],
  async collect(scope, session, _now, _earlier, meter) {
    const resources: Resource[] = [];
    const missing: string[] = [];
    const request = (collection: string) => ({
      call: `tpu.projects.locations.${collection}.list`,
      service: `https://${TPU}`,
      path: `/v2/projects/${encodeURIComponent(session.projectId)}/locations/-/${collection}`,
      params: { pageSize: '100' },
      permission: NODES,
    });
    for await (const { nodes, unreachable } of pages(session, meter, nodePage, request('nodes'))) {
      for (const one of nodes ?? []) resources.push(nodeOf(session, one));
      for (const location of unreachable ?? []) missing.push(`${lastPart(location)}: unreachable`);
    }
    try {
      const list = pages(session, meter, queuedPage, request('queuedResources'));
      for await (const { queuedResources, unreachable } of list) {
        for (const one of queuedResources ?? []) resources.push(queuedOf(session, one));
        for (const location of unreachable ?? []) missing.push(`${lastPart(location)}: unreachable`);
      }
    } catch (error) {
      missing.push(toldFault('queued resources', error));
    }
    return whole({ resources }, missing, 'TPU nodes', scope);
  },
};

function nodeOf(session: GcpSession, item: z.output<typeof node>): Resource {
  const kind = item.acceleratorType ?? item.acceleratorConfig?.type ?? null;
  const { preemptible = false, spot = false, reserved = false } = item.schedulingConfig ?? {};
  const slice: Accelerator[] = kind === null ? [] : [{ kind: `TPU ${kind}`, count: 1, memoryMiB: null }];
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(item.name),
    type: 'gcp:tpu:node',
    id: ownName(session, TPU, item.name),
    name: lastPart(item.name),
    state: item.state ?? 'unknown',
    created: utc(item.createTime),
    tags: item.labels ?? {},
    sku: kind,
    accelerators: slice,
    parent:
      item.queuedResource === undefined || item.queuedResource === ''
        ? null
        : { type: 'gcp:tpu:queued-resource', id: lastPart(item.queuedResource) },
    attributes: {
      numericId: item.id ?? null,
      topology: item.acceleratorConfig?.topology ?? null,
      runtimeVersion: item.runtimeVersion ?? null,
      workers: item.networkEndpoints?.length ?? null,
      multislice: item.multisliceNode ?? false,
      spot: spot || preemptible,
      reserved,
    },
  };
}

function queuedOf(session: GcpSession, item: z.output<typeof queued>): Resource {
  return {
    provider: 'gcp',
    accountId: session.projectId,
    region: locationOf(item.name),
    type: 'gcp:tpu:queued-resource',
    id: ownName(session, TPU, item.name),
    name: lastPart(item.name),
    state: item.state?.state ?? 'unknown',
    created: utc(item.createTime),
    tags: {},
    sku: null,
    accelerators: [],
    parent: null,
    // A queued resource has no labels of its own.
    attributes: { reservation: item.reservationName ?? null, tagsUnknown: true },
  };
}
