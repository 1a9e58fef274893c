import { type Instance, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { describeInstance, liveInstance } from './aws-ec2-instance.ts';
import { type AwsActSession, act, errorName, placeName } from './aws-session.ts';
import type { Action, Live } from './model.ts';
import { changes, reads, STARTS_ENCRYPTED } from './permission.ts';
import { named, planOf } from './target.ts';

const ID = 'aws.ec2.stop';
const INSTANCES = 'arn:*:ec2:*:*:instance/*';

/** `launch` is what makes it the run that was judged: a later start has another. */
const planShape = z.strictObject({ instanceId: z.string(), launch: z.string(), hibernate: z.boolean() });
const undoShape = z.strictObject({ instanceId: z.string(), launch: z.string() });

/**
 * Stops an EBS-backed on-demand instance, hibernating it where it was launched for that; undo starts it.
 *
 * Never: a member of a group or cluster (the group would replace it: scale the group); a spot instance (only one
 * of a persistent request can be stopped, and it comes back only at a price that EC2 decides: EC2 User Guide,
 * "Stop a Spot Instance"); a Capacity Block or another prepaid or scheduled capacity (stopping saves nothing);
 * an instance whose root is instance store (EC2 API Reference, StopInstances: it cannot be stopped).
 */
export const ec2Stop: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:ec2:instance'],
  checks: ['idle-gpu', 'expired-experiment'],
  reversible: true,
  permissions: [
    reads('ec2:DescribeInstances', 'reads an instance just before it is stopped'),
    reads('ec2:DescribeInstanceTypes', 'tells whether an instance has instance store and accelerators'),
    reads('ec2:DescribeInstanceAttribute', 'reads whether an instance is protected from being stopped', {
      resources: INSTANCES,
      byTag: true,
    }),
    reads('autoscaling:DescribeAutoScalingInstances', 'tells whether an instance belongs to a scaling group'),
    changes('ec2:StopInstances', INSTANCES, 'stops an idle instance'),
    changes('ec2:StartInstances', INSTANCES, 'starts again what was stopped'),
    ...STARTS_ENCRYPTED,
  ],

  async read(target, session) {
    return await liveInstance(session, named(target, session, 'ec2', 'instance/'));
  },

  plan(_target, live) {
    const refusal = refuse(live);
    if (refusal !== null) return { ok: false, reason: refusal };
    const { resource } = live;
    const instanceId = resource.id.slice(resource.id.lastIndexOf('/') + 1);
    const launch = resource.created;
    if (launch === null) return { ok: false, reason: 'EC2 does not say when it was launched.' };
    const hibernate = resource.attributes['hibernation'] === true;
    return {
      ok: true,
      plan: { instanceId, launch, hibernate },
      undoPlan: { instanceId, launch },
      summary: `${hibernate ? 'Hibernate' : 'Stop'} ${instanceId} (${resource.sku ?? 'instance'}); undo starts it again.`,
    };
  },

  async apply(stored, session) {
    const { instanceId, launch, hibernate } = planOf(planShape, stored, ID);
    const instance = await mustExist(session, instanceId);
    if (isDown(instance)) return;
    sameRun(instance, launch, session);
    await act(session, 'ec2:StopInstances', () =>
      session.ec2.send(
        new StopInstancesCommand({ InstanceIds: [instanceId], ...(hibernate ? { Hibernate: true } : {}) }),
      ),
    );
  },

  async verify(stored, session) {
    const { instanceId, launch } = planOf(planShape, stored, ID);
    const instance = await describeInstance(session, instanceId);
    if (instance === null) return { state: 'failed', reason: `${instanceId} was terminated meanwhile.` };
    const state = instance.State?.Name ?? 'unknown';
    if (state === 'stopped') return { state: 'done' };
    if (state !== 'stopping' && launchOf(instance) !== launch)
      return { state: 'failed', reason: `${instanceId} was started again by someone else.` };
    return { state: 'pending', reason: `${instanceId} is ${state}.` };
  },

  async undo(stored, session) {
    const { instanceId } = planOf(undoShape, stored, ID);
    const instance = await mustExist(session, instanceId);
    const state = instance.State?.Name;
    if (state === 'running' || state === 'pending') return;
    if (state !== 'stopped')
      throw new BursarError(
        'unavailable',
        `${instanceId} is ${state ?? 'in no known state'}: it cannot start yet`,
        {
          where: placeName(session),
          hint: 'It is tried again when it has stopped.',
        },
      );
    try {
      await act(session, 'ec2:StartInstances', () =>
        session.ec2.send(new StartInstancesCommand({ InstanceIds: [instanceId] })),
      );
    } catch (error) {
      if (errorName(error) !== 'InsufficientInstanceCapacity') throw error;
      throw new BursarError(
        'unavailable',
        `AWS has no capacity for ${instance.InstanceType ?? instanceId} in ${instance.Placement?.AvailabilityZone ?? session.region} now (InsufficientInstanceCapacity): ${instanceId} stays stopped, with its volumes`,
        {
          where: placeName(session),
          hint: 'It is tried again; else change its type while it is stopped, or ask AWS for capacity.',
          cause: error,
        },
      );
    }
  },

  async verifyUndo(stored, session) {
    const { instanceId } = planOf(undoShape, stored, ID);
    const instance = await describeInstance(session, instanceId);
    if (instance === null)
      return { state: 'failed', reason: `${instanceId} was terminated: it cannot come back.` };
    const state = instance.State?.Name ?? 'unknown';
    if (state === 'running') return { state: 'done' };
    const why = instance.StateReason;
    // A start that AWS gave up ends in `stopped` with a code of the server (EC2 API Reference, StateReason).
    if (state === 'stopped' && why?.Code?.startsWith('Server.') === true)
      return { state: 'failed', reason: `${instanceId} did not start: ${why.Message ?? why.Code}` };
    return { state: 'pending', reason: `${instanceId} is ${state}.` };
  },
};

/** Why this instance is not to be stopped; null where it may be. */
function refuse({ resource, protection, done }: Live): string | null {
  const { parent, attributes, state } = resource;
  const lifecycle = attributes['lifecycle'];
  if (parent !== null)
    return `It belongs to ${parent.type} ${parent.id}, which would start another: scale that instead.`;
  if (protection !== null) return `It is protected: ${protection}.`;
  if (done) return 'It is stopped already.';
  if (state !== 'running') return `It is ${state}: only a running instance is stopped.`;
  if (attributes['rootDeviceType'] !== 'ebs')
    return 'Its root is not on EBS: it cannot be stopped, only terminated.';
  if (lifecycle === 'spot')
    return 'It is a spot instance: once stopped, EC2 alone decides whether it comes back.';
  if (lifecycle !== 'on-demand')
    return `It runs on prepaid or scheduled capacity (${typeof lifecycle === 'string' ? lifecycle : 'unknown'}): stopping it saves nothing.`;
  return null;
}

async function mustExist(session: AwsActSession, instanceId: string): Promise<Instance> {
  const instance = await describeInstance(session, instanceId);
  if (instance !== null) return instance;
  throw new BursarError('conflict', `${instanceId} is gone`, {
    where: placeName(session),
    hint: 'It was terminated by someone else: there is nothing to stop or to start.',
  });
}

function isDown({ State }: Instance): boolean {
  return State?.Name === 'stopped' || State?.Name === 'stopping';
}

function launchOf({ LaunchTime }: Instance): string | null {
  return LaunchTime?.toISOString() ?? null;
}

/** A plan holds for the run that it was made for: whoever started it since wants it to run. */
function sameRun(instance: Instance, launch: string, session: AwsActSession): void {
  if (launchOf(instance) === launch) return;
  throw new BursarError('conflict', `${instance.InstanceId ?? ''} was started again since it was judged`, {
    where: placeName(session),
    hint: 'Nothing was done; the next audit judges it anew.',
  });
}
