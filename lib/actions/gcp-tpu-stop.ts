import { z } from 'zod';
import { labels, utc } from '../estate/gcp/read.ts';
import { BursarError } from '../platform/errors.ts';
import { found } from './gcp-found.ts';
import type { GcpActSession } from './gcp-session.ts';
import type { Action } from './model.ts';
import { googleRight } from './permission.ts';
import { listed, planOf } from './target.ts';

const ID = 'gcp.tpu.stop';
const TPU = 'https://tpu.googleapis.com';

/** What is read of a node (tpu v2, schemas Node, SchedulingConfig, AttachedDisk). */
const shape = z.object({
  name: z.string(),
  id: z.string(),
  state: z.string(),
  createTime: z.string().optional(),
  acceleratorType: z.string().optional(),
  labels,
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
  dataDisks: z.array(z.object({ sourceDisk: z.string().optional() })).optional(),
});
type Node = z.output<typeof shape>;

/** `number` is what no other node of the same name ever has. */
const planShape = z.strictObject({ zone: z.string(), name: z.string(), number: z.string() });
type Plan = z.output<typeof planShape>;

/**
 * Stops a TPU node; undo starts it.
 *
 * Never: a node of several workers ("This operation is only available with single TPU nodes": tpu v2, nodes.stop); a
 * spot or preemptible one ("You can't restart TPU Spot VMs": Cloud TPU documentation, "Manage TPU Spot VMs", read
 * November 2026); one that a queued resource asked for, of which it is not told whether it comes back.
 */
export const gcpTpuStop: Action<GcpActSession> = {
  id: ID,
  provider: 'gcp',
  resourceTypes: ['gcp:tpu:node'],
  checks: ['idle-gpu', 'expired-experiment'],
  reversible: true,
  permissions: [
    googleRight('tpu.nodes.get', 'reads a TPU node just before it is stopped'),
    googleRight('tpu.nodes.stop', 'stops a TPU node that its owner wants stopped'),
    googleRight('tpu.nodes.start', 'starts again what was stopped'),
  ],

  async read(target, session) {
    const place = placeOf(target.resourceId, session);
    const node = await describe(session, place);
    if (node === null) return null;
    const created = utc(node.createTime);
    const { preemptible = false, spot = false, reserved = false } = node.schedulingConfig ?? {};
    const disks = (node.dataDisks ?? []).flatMap(({ sourceDisk }) => sourceDisk?.split('/').at(-1) ?? []);
    const asked = node.queuedResource ?? '';
    const parent =
      asked === '' ? null : { type: 'gcp:tpu:queued-resource', id: asked.slice(asked.lastIndexOf('/') + 1) };
    return {
      resource: {
        provider: 'gcp',
        accountId: session.projectId,
        region: place.zone,
        type: 'gcp:tpu:node',
        id: target.resourceId,
        name: place.name,
        state: node.state,
        created,
        tags: node.labels ?? {},
        sku: node.acceleratorType ?? null,
        accelerators: [],
        parent,
        attributes: {
          number: node.id,
          spot: spot || preemptible,
          single: node.networkEndpoints?.length === 1 && node.multisliceNode !== true,
        },
      },
      fingerprint: { launch: created, parent: parent === null ? null : `${parent.type} ${parent.id}` },
      done: node.state === 'STOPPED',
      protection: null,
      lost: ['What it holds in memory, and every process that runs.'],
      staysBilled: [
        ...(disks.length > 0 ? [`${disks.length === 1 ? 'Disk' : 'Disks'} ${listed(disks)}`] : []),
        ...(reserved ? ['Its reservation'] : []),
      ],
      risks: [`A stopped ${node.acceleratorType ?? 'TPU'} may not start again while its zone has none.`],
    };
  },

  plan(_target, { resource, done }) {
    const { parent, state, attributes, sku } = resource;
    if (done) return { ok: false, reason: 'It is stopped already.' };
    if (state !== 'READY') return { ok: false, reason: `It is ${state}: only a ready node is stopped.` };
    if (parent !== null)
      return { ok: false, reason: `The queued resource ${parent.id} asked for it: it may not come back.` };
    if (attributes['spot'] === true)
      return { ok: false, reason: 'It is a spot or preemptible node, which cannot be started again.' };
    if (attributes['single'] !== true)
      return { ok: false, reason: 'It has several workers: only a single node can be stopped.' };
    const plan = planShape.safeParse({
      zone: resource.region,
      name: resource.name,
      number: attributes['number'],
    });
    if (!plan.success) return { ok: false, reason: 'Cloud TPU did not describe it whole.' };
    return {
      ok: true,
      plan: plan.data,
      undoPlan: plan.data,
      summary: `Stop the TPU node ${plan.data.name} in ${plan.data.zone} (${sku ?? 'TPU'}); undo starts it again.`,
    };
  },

  async apply(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const { state } = await mustExist(session, plan);
    if (state === 'STOPPED' || state === 'STOPPING') return;
    if (state === 'STARTING')
      throw new BursarError('conflict', `${plan.name} is being started by someone else`, {
        where: `gcp:${session.projectId}`,
        hint: 'Nothing was done; the next audit judges it anew.',
      });
    if (state !== 'READY') throw busy(session, plan, state);
    await post(session, plan, 'stop');
  },

  async verify(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const node = await same(session, plan);
    if (node === null) return { state: 'failed', reason: `${plan.name} was deleted meanwhile.` };
    if (node.state === 'STOPPED') return { state: 'done' };
    return node.state === 'STARTING'
      ? { state: 'failed', reason: `${plan.name} was started again by someone else.` }
      : { state: 'pending', reason: `${plan.name} is ${node.state}.` };
  },

  async undo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const { state } = await mustExist(session, plan);
    if (state === 'READY' || state === 'STARTING') return;
    if (state !== 'STOPPED') throw busy(session, plan, state);
    await post(session, plan, 'start');
  },

  async verifyUndo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const node = await same(session, plan);
    if (node === null) return { state: 'failed', reason: `${plan.name} was deleted: it cannot come back.` };
    if (node.state === 'READY') return { state: 'done' };
    return node.state === 'TERMINATED' || node.state === 'PREEMPTED'
      ? { state: 'failed', reason: `${plan.name} did not start: it is ${node.state}.` }
      : { state: 'pending', reason: `${plan.name} is ${node.state}.` };
  },
};

/** @throws BursarError (input) where the name is none of a TPU node of the session's project. */
function placeOf(resourceId: string, session: GcpActSession): { zone: string; name: string } {
  const [, project, zone, name] =
    /^\/\/tpu\.googleapis\.com\/projects\/([^/]+)\/locations\/([a-z0-9-]+)\/nodes\/([a-z0-9-]+)$/.exec(
      resourceId,
    ) ?? [];
  if (zone === undefined || name === undefined || project !== session.projectId)
    throw new BursarError(
      'input',
      `${JSON.stringify(resourceId)} is no TPU node of project ${session.projectId}`,
      {
        hint: 'Findings name TPU nodes by their full resource name.',
      },
    );
  return { zone, name };
}

function pathOf(session: GcpActSession, { zone, name }: { zone: string; name: string }): string {
  return `/v2/projects/${encodeURIComponent(session.projectId)}/locations/${zone}/nodes/${name}`;
}

async function describe(session: GcpActSession, place: { zone: string; name: string }): Promise<Node | null> {
  return await found(
    session,
    {
      call: 'tpu.projects.locations.nodes.get',
      service: TPU,
      path: pathOf(session, place),
      permission: 'tpu.nodes.get',
    },
    shape,
  );
}

/** A name can be used again for another node: it must be the one that was judged. */
async function same(session: GcpActSession, plan: Plan): Promise<Node | null> {
  const node = await describe(session, plan);
  return node?.id === plan.number ? node : null;
}

async function mustExist(session: GcpActSession, plan: Plan): Promise<Node> {
  const node = await same(session, plan);
  if (node !== null) return node;
  throw new BursarError('conflict', `${plan.name} is gone`, {
    where: `gcp:${session.projectId}`,
    hint: 'It was deleted by someone else: there is nothing to stop or to start.',
  });
}

function busy(session: GcpActSession, { name }: Plan, state: string): BursarError {
  return new BursarError('unavailable', `${name} is ${state}`, {
    where: `gcp:${session.projectId}`,
    hint: 'It is tried again when it has come to rest.',
  });
}

async function post(session: GcpActSession, plan: Plan, verb: 'stop' | 'start'): Promise<void> {
  await session.post({
    call: `tpu.projects.locations.nodes.${verb}`,
    service: TPU,
    path: `${pathOf(session, plan)}:${verb}`,
    permission: `tpu.nodes.${verb}`,
  });
}
