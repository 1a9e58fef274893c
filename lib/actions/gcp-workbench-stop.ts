import { z } from 'zod';
import { labels, utc } from '../estate/gcp/read.ts';
import { BursarError } from '../platform/errors.ts';
import { describeMachine, launchOf, liveMachine } from './gcp-compute-instance.ts';
import { found } from './gcp-found.ts';
import type { GcpActSession } from './gcp-session.ts';
import type { Action } from './model.ts';
import { googleRight } from './permission.ts';
import { planOf } from './target.ts';

const ID = 'gcp.notebooks.stop';
const NOTEBOOKS = 'https://notebooks.googleapis.com';

/** What is read of a Workbench instance (notebooks v2, schema Instance). */
const shape = z.object({
  name: z.string(),
  state: z.string(),
  createTime: z.string().optional(),
  labels,
  gceSetup: z.object({ instanceId: z.string().optional(), machineType: z.string().optional() }).optional(),
});
type Notebook = z.output<typeof shape>;

/** `machine` is the number of the machine under it, which no other ever has; `launch` is the run that was judged. */
const planShape = z.strictObject({
  zone: z.string(),
  name: z.string(),
  machine: z.string(),
  launch: z.string(),
});
type Plan = z.output<typeof planShape>;

/**
 * Stops a Vertex AI Workbench instance through Workbench itself, which so knows that it is off; undo starts it. Its
 * disks stay. What a stop of its machine loses and leaves billed is what it loses and leaves billed.
 *
 * Never: one that is not ACTIVE, or whose machine cannot be found by its number.
 */
export const gcpWorkbenchStop: Action<GcpActSession> = {
  id: ID,
  provider: 'gcp',
  resourceTypes: ['gcp:notebooks:instance'],
  checks: ['idle-gpu', 'expired-experiment'],
  reversible: true,
  permissions: [
    googleRight('notebooks.instances.get', 'reads a Workbench instance just before it is stopped'),
    googleRight('compute.instances.get', 'reads the machine under it'),
    googleRight('notebooks.instances.stop', 'stops a Workbench instance that nobody works in'),
    googleRight('notebooks.instances.start', 'starts again what was stopped'),
  ],

  async read(target, session) {
    const place = placeOf(target.resourceId, session);
    const notebook = await describe(session, place);
    if (notebook === null) return null;
    const number = notebook.gceSetup?.instanceId;
    const machine = number === undefined ? null : await describeMachine(session, { ...place, name: number });
    const live =
      machine === null || number === undefined
        ? null
        : liveMachine(machine, { ...place, name: number }, target.resourceId, session.projectId);
    return {
      resource: {
        provider: 'gcp',
        accountId: session.projectId,
        region: place.zone,
        type: 'gcp:notebooks:instance',
        id: target.resourceId,
        name: place.name,
        state: notebook.state,
        created: live?.resource.created ?? utc(notebook.createTime),
        tags: notebook.labels ?? {},
        sku: live?.resource.sku ?? null,
        accelerators: live?.resource.accelerators ?? [],
        parent: null,
        attributes: { machine: live === null ? null : (number ?? null) },
      },
      fingerprint: { launch: live?.fingerprint.launch ?? null, parent: null },
      done: isDown(notebook),
      protection: null,
      lost: live?.lost ?? ['What it holds in memory, and every process that runs.'],
      staysBilled: live?.staysBilled ?? ['Its disks'],
      risks: live?.risks ?? [],
    };
  },

  plan(_target, { resource, done }) {
    if (done) return { ok: false, reason: 'It is stopped already.' };
    if (resource.state !== 'ACTIVE')
      return { ok: false, reason: `It is ${resource.state}: only an active Workbench instance is stopped.` };
    const plan = planShape.safeParse({
      zone: resource.region,
      name: resource.name,
      machine: resource.attributes['machine'],
      launch: resource.created,
    });
    if (!plan.success) return { ok: false, reason: 'The machine under it could not be found.' };
    return {
      ok: true,
      plan: plan.data,
      undoPlan: plan.data,
      summary: `Stop the Workbench instance ${plan.data.name} in ${plan.data.zone} (${resource.sku ?? 'instance'}); undo starts it again.`,
    };
  },

  async apply(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const notebook = await mustExist(session, plan);
    if (isDown(notebook) || notebook.state === 'STOPPING') return;
    if (notebook.state !== 'ACTIVE') throw busy(session, plan, notebook);
    const machine = await describeMachine(session, { zone: plan.zone, name: plan.machine });
    if (machine === null || launchOf(machine) !== plan.launch)
      throw new BursarError('conflict', `${plan.name} was started again since it was judged`, {
        where: `gcp:${session.projectId}`,
        hint: 'Nothing was done; the next audit judges it anew.',
      });
    await post(session, plan, 'stop');
  },

  async verify(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const notebook = await same(session, plan);
    if (notebook === null) return { state: 'failed', reason: `${plan.name} was deleted meanwhile.` };
    if (isDown(notebook)) return { state: 'done' };
    const machine =
      notebook.state === 'ACTIVE'
        ? await describeMachine(session, { zone: plan.zone, name: plan.machine })
        : null;
    return machine !== null && launchOf(machine) !== plan.launch
      ? { state: 'failed', reason: `${plan.name} was started again by someone else.` }
      : { state: 'pending', reason: `${plan.name} is ${notebook.state}.` };
  },

  async undo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const notebook = await mustExist(session, plan);
    if (STARTED.has(notebook.state)) return;
    if (!isDown(notebook)) throw busy(session, plan, notebook);
    await post(session, plan, 'start');
  },

  async verifyUndo(stored, session) {
    const plan = planOf(planShape, stored, ID);
    const notebook = await same(session, plan);
    if (notebook === null)
      return { state: 'failed', reason: `${plan.name} was deleted: it cannot come back.` };
    return notebook.state === 'ACTIVE'
      ? { state: 'done' }
      : { state: 'pending', reason: `${plan.name} is ${notebook.state}.` };
  },
};

/** On its way up, or up (notebooks v2, Instance.state). */
const STARTED: ReadonlySet<string> = new Set(['ACTIVE', 'STARTING', 'PROVISIONING', 'INITIALIZING']);

function isDown({ state }: Notebook): boolean {
  return state === 'STOPPED';
}

/** @throws BursarError (input) where the name is none of a Workbench instance of the session's project. */
function placeOf(resourceId: string, session: GcpActSession): { zone: string; name: string } {
  const [, project, zone, name] =
    /^\/\/notebooks\.googleapis\.com\/projects\/([^/]+)\/locations\/([a-z0-9-]+)\/instances\/([a-z0-9-]+)$/.exec(
      resourceId,
    ) ?? [];
  if (zone === undefined || name === undefined || project !== session.projectId)
    throw new BursarError(
      'input',
      `${JSON.stringify(resourceId)} is no Workbench instance of project ${session.projectId}`,
      { hint: 'Findings name Workbench instances by their full resource name.' },
    );
  return { zone, name };
}

function pathOf(session: GcpActSession, { zone, name }: { zone: string; name: string }): string {
  return `/v2/projects/${encodeURIComponent(session.projectId)}/locations/${zone}/instances/${name}`;
}

async function describe(
  session: GcpActSession,
  place: { zone: string; name: string },
): Promise<Notebook | null> {
  return await found(
    session,
    {
      call: 'notebooks.projects.locations.instances.get',
      service: NOTEBOOKS,
      path: pathOf(session, place),
      permission: 'notebooks.instances.get',
    },
    shape,
  );
}

/** A name can be used again for another instance: the machine under it must be the one that was judged. */
async function same(session: GcpActSession, plan: Plan): Promise<Notebook | null> {
  const notebook = await describe(session, plan);
  return notebook?.gceSetup?.instanceId === plan.machine ? notebook : null;
}

async function mustExist(session: GcpActSession, plan: Plan): Promise<Notebook> {
  const notebook = await same(session, plan);
  if (notebook !== null) return notebook;
  throw new BursarError('conflict', `${plan.name} is gone`, {
    where: `gcp:${session.projectId}`,
    hint: 'It was deleted by someone else: there is nothing to stop or to start.',
  });
}

function busy(session: GcpActSession, { name }: Plan, { state }: Notebook): BursarError {
  return new BursarError('unavailable', `${name} is ${state}`, {
    where: `gcp:${session.projectId}`,
    hint: 'It is tried again when it has come to rest.',
  });
}

async function post(session: GcpActSession, plan: Plan, verb: 'stop' | 'start'): Promise<void> {
  await session.post({
    call: `notebooks.projects.locations.instances.${verb}`,
    service: NOTEBOOKS,
    path: `${pathOf(session, plan)}:${verb}`,
    permission: `notebooks.instances.${verb}`,
  });
}
