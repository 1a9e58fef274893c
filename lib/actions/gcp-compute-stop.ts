import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import {
  COMPUTE,
  describeMachine,
  type GcpMachine,
  type GcpPlace,
  isDown,
  launchOf,
  liveMachine,
  pathOf,
  placeOf,
} from './gcp-compute-instance.ts';
import type { GcpActSession } from './gcp-session.ts';
import type { Action } from './model.ts';
import { googleRight } from './permission.ts';
import { planOf } from './target.ts';

const ID = 'gcp.compute.stop';
/** `instanceId` is the number that no other instance ever has; `launch` is the run that was judged. */
const planShape = z.strictObject({
  zone: z.string(),
  name: z.string(),
  instanceId: z.string(),
  launch: z.string(),
  discardLocalSsd: z.boolean(),
});

/**
 * Stops a Compute Engine instance; undo starts it. What is on Local SSD is lost, which Google wants to be said in
 * the call (compute v1, instances.stop, discardLocalSsd). It is never suspended.
 *
 * Never: a member of a managed group, a GKE, Dataproc or Dataflow worker; a Flex Start or reservation-bound
 * instance, whose capacity ends with it.
 */
export const gcpComputeStop: Action<GcpActSession> = {
  id: ID,
  provider: 'gcp',
  resourceTypes: ['gcp:compute:instance'],
  checks: ['idle-gpu', 'expired-experiment'],
  reversible: true,
  permissions: [
    googleRight('compute.instances.get', 'reads an instance just before it is stopped'),
    googleRight('compute.instances.stop', 'stops an idle instance'),
    googleRight('compute.instances.start', 'starts again what was stopped'),
    googleRight('compute.zoneOperations.list', 'tells why an instance did not start'),
  ],

  async read(target, session) {
    const place = placeOf(target.resourceId, session);
    const machine = await describeMachine(session, place);
    return machine === null ? null : liveMachine(machine, place, target.resourceId, session.projectId);
  },

  plan(_target, { resource, done }) {
    const { parent, state, attributes } = resource;
    const model = attributes['provisioningModel'];
    if (parent !== null)
      return {
        ok: false,
        reason: `It belongs to ${parent.type} ${parent.id}, which would start another: scale that instead.`,
      };
    if (done) return { ok: false, reason: 'It is stopped already.' };
    if (state !== 'RUNNING')
      return { ok: false, reason: `It is ${state}: only a running instance is stopped.` };
    if (model !== null && model !== 'STANDARD' && model !== 'SPOT')
      return {
        ok: false,
        reason: 'It runs on capacity that it would lose (Flex Start or bound to a reservation).',
      };
    const plan = planShape.safeParse({
      zone: resource.region,
      name: resource.name,
      instanceId: attributes['instanceId'],
      launch: resource.created,
      discardLocalSsd: attributes['localSsds'] !== 0,
    });
    if (!plan.success) return { ok: false, reason: 'Compute Engine did not describe it whole.' };
    return {
      ok: true,
      plan: plan.data,
      undoPlan: plan.data,
      summary: `Stop ${plan.data.name} in ${plan.data.zone} (${resource.sku ?? 'instance'}); undo starts it again.`,
    };
  },

  async apply(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const machine = await mustExist(session, plan);
    if (isDown(machine)) return;
    if (machine.status !== 'RUNNING') throw busy(session, machine);
    if (launchOf(machine) !== plan.launch)
      throw new BursarError('conflict', `${plan.name} was started again since it was judged`, {
        where: `gcp:${session.projectId}`,
        hint: 'Nothing was done; the next audit judges it anew.',
      });
    await session.post({
      call: 'compute.instances.stop',
      service: COMPUTE,
      path: `${pathOf(session, plan)}/stop`,
      ...(plan.discardLocalSsd ? { params: { discardLocalSsd: 'true' } } : {}),
      permission: 'compute.instances.stop',
    });
  },

  async verify(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const machine = await same(session, plan);
    if (machine === null) return { state: 'failed', reason: `${plan.name} was deleted meanwhile.` };
    if (machine.status === 'TERMINATED' || machine.status === 'STOPPED') return { state: 'done' };
    if (!isDown(machine) && launchOf(machine) !== plan.launch)
      return { state: 'failed', reason: `${plan.name} was started again by someone else.` };
    return { state: 'pending', reason: `${plan.name} is ${machine.status}.` };
  },

  async undo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const machine = await mustExist(session, plan);
    if (machine.status === 'RUNNING' || machine.status === 'PROVISIONING' || machine.status === 'STAGING')
      return;
    if (machine.status !== 'TERMINATED' && machine.status !== 'STOPPED') throw busy(session, machine);
    await session.post({
      call: 'compute.instances.start',
      service: COMPUTE,
      path: `${pathOf(session, plan)}/start`,
      permission: 'compute.instances.start',
    });
  },

  async verifyUndo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const machine = await same(session, plan);
    if (machine === null)
      return { state: 'failed', reason: `${plan.name} was deleted: it cannot come back.` };
    if (machine.status === 'RUNNING') return { state: 'done' };
    const fault =
      machine.status === 'TERMINATED' || machine.status === 'STOPPED'
        ? await startFault(session, plan)
        : null;
    return fault === null
      ? { state: 'pending', reason: `${plan.name} is ${machine.status}.` }
      : { state: 'failed', reason: `${plan.name} did not start: ${fault}` };
  },
};

/** A name can be used again for another machine: it must be the one that was judged. */
async function same(
  session: GcpActSession,
  plan: GcpPlace & { readonly instanceId: string },
): Promise<GcpMachine | null> {
  const machine = await describeMachine(session, plan);
  return machine === null || machine.id !== plan.instanceId ? null : machine;
}

async function mustExist(
  session: GcpActSession,
  plan: GcpPlace & { readonly instanceId: string },
): Promise<GcpMachine> {
  const machine = await same(session, plan);
  if (machine !== null) return machine;
  throw new BursarError('conflict', `${plan.name} is gone`, {
    where: `gcp:${session.projectId}`,
    hint: 'It was deleted by someone else: there is nothing to stop or to start.',
  });
}

function busy(session: GcpActSession, { name, status }: GcpMachine): BursarError {
  return new BursarError('unavailable', `${name} is ${status}`, {
    where: `gcp:${session.projectId}`,
    hint: 'It is tried again when it has come to rest.',
  });
}

const operations = z.object({
  items: z
    .array(
      z.object({
        operationType: z.string().optional(),
        targetId: z.string().optional(),
        insertTime: z.string().optional(),
        status: z.string().optional(),
        error: z
          .object({
            errors: z
              .array(z.object({ code: z.string().optional(), message: z.string().optional() }))
              .optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});

/** What the last start of the machine ended with, where it failed: capacity is refused after the call. */
async function startFault(
  session: GcpActSession,
  { zone, instanceId }: { readonly zone: string; readonly instanceId: string },
): Promise<string | null> {
  const answer = await session.get(
    {
      call: 'compute.zoneOperations.list',
      service: COMPUTE,
      path: `/compute/v1/projects/${encodeURIComponent(session.projectId)}/zones/${zone}/operations`,
      params: {
        filter: `(targetId=${instanceId}) AND (operationType=start)`,
        orderBy: 'creationTimestamp desc',
        maxResults: '10',
      },
      permission: 'compute.zoneOperations.list',
    },
    session.meter,
  );
  const [last] = (operations.parse(answer).items ?? [])
    .filter(({ targetId, operationType }) => targetId === instanceId && operationType === 'start')
    .toSorted((a, b) => Date.parse(b.insertTime ?? '') - Date.parse(a.insertTime ?? ''));
  const faults = last?.status === 'DONE' ? (last.error?.errors ?? []) : [];
  return faults.length === 0
    ? null
    : faults.map(({ code, message }) => `${code ?? 'error'}: ${message ?? ''}`).join('; ');
}
