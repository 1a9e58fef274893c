import {
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeWarmPoolCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { z } from 'zod';
import { partTags } from '../estate/aws/tags.ts';
import type { Resource } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import { dataThatGoes } from './aws-instance-data.ts';
import { type AwsActSession, act, placeName } from './aws-session.ts';
import type { Action, Live } from './model.ts';
import { changes, reads } from './permission.ts';
import { listed, localPart, planOf } from './target.ts';

const ID = 'aws.autoscaling.scale-to-zero';
const count = z.int().min(0);
const sizes = z.strictObject({ min: count, max: count, desired: count });
type Sizes = z.output<typeof sizes>;
const planShape = z.strictObject({ arn: z.string(), name: z.string(), sizes });
const ZERO: Sizes = { min: 0, max: 0, desired: 0 };

/**
 * Services that keep a group of their own at the size that they want, by the tag that they set on it: EKS User
 * Guide, "Organize Amazon EKS resources with tags"; Batch: managed policy AWSBatchServiceRole, condition
 * `AWSBatchServiceTag`; ECS Developer Guide, "Amazon ECS capacity providers" (AmazonECSManaged); Elastic Beanstalk
 * Developer Guide, "Tagging".
 */
const MANAGED: readonly { readonly key: string; readonly type: string }[] = [
  { key: 'eks:nodegroup-name', type: 'aws:eks:nodegroup' },
  { key: 'AWSBatchServiceTag', type: 'aws:batch:compute-environment' },
  { key: 'aws:batch:compute-environment', type: 'aws:batch:compute-environment' },
  { key: 'AmazonECSManaged', type: 'aws:ecs:capacity-provider' },
  { key: 'elasticbeanstalk:environment-name', type: 'aws:elasticbeanstalk:environment' },
];

/**
 * Sets the sizes of an Auto Scaling group to zero, the greatest among them so that no policy and no autoscaler
 * raises it again; undo sets the sizes that it had. Its instances are terminated: where they hold data that goes with
 * them, on volumes or instance store, this cannot be undone, and is told so. A group may replace any instance at any
 * time, so that what must last should not be there; that it is not, nobody knows.
 *
 * Never: a group that EKS, Batch, ECS or Elastic Beanstalk keeps; a group with an instance that is protected from
 * scale-in, or whose terminations are suspended (it would only seem to shrink); a group with a warm pool, whose
 * instances are none of the group's: what they hold was not looked at, and a pool with a minimum size of its own stays
 * (EC2 Auto Scaling API Reference, PutWarmPool, MinSize).
 */
export const autoscalingScaleToZero: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:autoscaling:group'],
  checks: ['idle-gpu'],
  reversible: true,
  permissions: [
    reads('autoscaling:DescribeAutoScalingGroups', 'reads a group just before it is scaled'),
    reads('autoscaling:DescribeWarmPool', 'tells whether a group keeps instances in a warm pool'),
    reads('ec2:DescribeInstances', 'tells which volumes end with the instances of a group'),
    reads('ec2:DescribeInstanceTypes', 'tells whether instances of a group have instance store'),
    changes(
      'autoscaling:UpdateAutoScalingGroup',
      'arn:*:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/*',
      'scales an idle group to zero and back',
    ),
  ],

  async read(target, session) {
    const group = await describe(
      session,
      target.resourceId,
      groupName(localPart(target, session, 'autoscaling')),
    );
    return group === null ? null : await live(group, target.resourceId, session);
  },

  plan(_target, { resource, protection, done }) {
    const { parent, state } = resource;
    const had = sizes.safeParse(resource.attributes['sizes']);
    if (parent !== null)
      return { ok: false, reason: `It is kept by ${parent.type} ${parent.id}: scale that instead.` };
    if (protection !== null) return { ok: false, reason: `It is protected: ${protection}.` };
    if (done) return { ok: false, reason: 'It is at zero already.' };
    const { warmPool } = resource.attributes;
    if (typeof warmPool === 'string')
      return { ok: false, reason: `It has ${warmPool}: remove that first, by whoever set it up.` };
    if (state !== 'active' || !had.success) return { ok: false, reason: `It is ${state}.` };
    const plan = { arn: resource.id, name: resource.name ?? '', sizes: had.data };
    return {
      ok: true,
      plan,
      undoPlan: plan,
      summary: `Scale ${plan.name} from ${had.data.desired} to 0; undo sets ${told(had.data)} again.`,
    };
  },

  async apply(stored, session) {
    const { arn, name, sizes: had } = planOf(planShape, stored, ID);
    const now = sizesOf(await mustExist(session, arn, name));
    if (same(now, ZERO)) return;
    if (!same(now, had)) throw changed(session, name, now);
    const pool = await warmPoolOf(session, name);
    if (pool !== null)
      throw new BursarError('conflict', `the group ${name} has got ${pool} meanwhile`, {
        where: placeName(session),
        hint: 'Nothing was done; the next audit judges it anew.',
      });
    await resize(session, name, ZERO);
  },

  async verify(stored, session) {
    const { arn, name } = planOf(planShape, stored, ID);
    const group = await describe(session, arn, name);
    if (group === null) return { state: 'failed', reason: `${name} was deleted meanwhile.` };
    const now = sizesOf(group);
    if (now.max > 0 || now.desired > 0)
      return { state: 'pending', reason: `${name} is still set to ${told(now)}.` };
    const left = (group.Instances ?? []).length;
    return left === 0
      ? { state: 'done' }
      : { state: 'pending', reason: `${left} instances of ${name} still end.` };
  },

  async undo(stored, session) {
    const { arn, name, sizes: had } = planOf(planShape, stored, ID);
    const now = sizesOf(await mustExist(session, arn, name));
    // A policy may have moved the desired size since it came back.
    if (now.min === had.min && now.max === had.max && !same(now, ZERO)) return;
    if (!same(now, ZERO)) throw changed(session, name, now);
    await resize(session, name, had);
  },

  async verifyUndo(stored, session) {
    const { arn, name, sizes: had } = planOf(planShape, stored, ID);
    const group = await describe(session, arn, name);
    if (group === null) return { state: 'failed', reason: `${name} was deleted: it cannot come back.` };
    const now = sizesOf(group);
    if (now.min !== had.min || now.max !== had.max)
      return { state: 'pending', reason: `${name} is set to ${told(now)}.` };
    const up = (group.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService').length;
    return up >= now.desired
      ? { state: 'done' }
      : { state: 'pending', reason: `${up} of ${now.desired} instances of ${name} are in service.` };
  },
};

async function live(group: AutoScalingGroup, arn: string, session: AwsActSession): Promise<Live> {
  const parted = partTags(group.Tags);
  const all = { ...parted.tags, ...parted.systemTags };
  const keeper = MANAGED.find(({ key }) => all[key] !== undefined);
  const parent =
    keeper !== undefined
      ? { type: keeper.type, id: all[keeper.key] ?? '' }
      : group.Operator !== undefined
        ? { type: 'aws:service', id: group.Operator.Principal ?? 'an AWS service' }
        : null;
  const had = sizesOf(group);
  const instances = (group.Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
  const data = await dataThatGoes(session, instances);
  const resource: Resource = {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:autoscaling:group',
    id: arn,
    name: group.AutoScalingGroupName ?? '',
    // The API sets Status only while the group is deleted (Auto Scaling API Reference, AutoScalingGroup).
    state: group.Status ?? 'active',
    created: group.CreatedTime?.toISOString() ?? null,
    tags: parted.tags,
    sku: null,
    accelerators: [],
    parent,
    attributes: {
      sizes: { ...had },
      instances,
      warmPool: await warmPoolOf(session, group.AutoScalingGroupName ?? ''),
      systemTags: parted.systemTags,
    },
  };
  const suspended = (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []);
  return {
    resource,
    fingerprint: { launch: null, parent: parent === null ? null : `${parent.type} ${parent.id}` },
    done: had.max === 0 && instances.length === 0,
    protection: protectionOf(group, suspended),
    lost:
      instances.length === 0
        ? []
        : [`Its ${instances.length} instances are terminated, with what they hold in memory.`, ...data],
    staysBilled: ['Load balancers, and volumes that outlive their instances'],
    risks: [
      'New instances may not start while their type is scarce (InsufficientInstanceCapacity).',
      ...(suspended.includes('Launch')
        ? ['Its process Launch is suspended: undo alone starts no instance.']
        : []),
    ],
    ...(data.length === 0 ? {} : { reversible: false as const }),
  };
}

function protectionOf(group: AutoScalingGroup, suspended: readonly string[]): string | null {
  const kept = (group.Instances ?? []).flatMap(({ InstanceId, ProtectedFromScaleIn }) =>
    ProtectedFromScaleIn === true ? (InstanceId ?? []) : [],
  );
  if (kept.length > 0) return `${listed(kept)} cannot be scaled in`;
  return suspended.includes('Terminate') ? 'its process Terminate is suspended' : null;
}

async function describe(session: AwsActSession, arn: string, name: string): Promise<AutoScalingGroup | null> {
  const { AutoScalingGroups } = await act(session, 'autoscaling:DescribeAutoScalingGroups', () =>
    session.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] })),
  );
  // A name can be used again for another group; the ARN cannot.
  const found = (AutoScalingGroups ?? []).find(({ AutoScalingGroupARN }) => AutoScalingGroupARN === arn);
  return found === undefined || found.Status?.startsWith('Delete') === true ? null : found;
}

/**
 * The warm pool of a group, in words; null where it has none. One that is being deleted still holds its instances. The
 * first page tells: a pool is there or is not.
 */
async function warmPoolOf(session: AwsActSession, name: string): Promise<string | null> {
  const { WarmPoolConfiguration, Instances } = await act(session, 'autoscaling:DescribeWarmPool', () =>
    session.autoScaling.send(new DescribeWarmPoolCommand({ AutoScalingGroupName: name })),
  );
  if (WarmPoolConfiguration === undefined && (Instances ?? []).length === 0) return null;
  const { PoolState: state = 'Stopped', MinSize: least = 0, Status } = WarmPoolConfiguration ?? {};
  // Instances are stopped where the pool does not say otherwise (API Reference, PutWarmPool, PoolState).
  const kept = `${least === 0 ? '' : `, at least ${least} instances`}${Status === undefined ? '' : ', being deleted'}`;
  return `a warm pool (${state}${kept})`;
}

async function mustExist(session: AwsActSession, arn: string, name: string): Promise<AutoScalingGroup> {
  const group = await describe(session, arn, name);
  if (group !== null) return group;
  throw new BursarError('conflict', `the group ${name} is gone`, {
    where: placeName(session),
    hint: 'It was deleted by someone else.',
  });
}

async function resize(session: AwsActSession, name: string, { min, max, desired }: Sizes): Promise<void> {
  await act(session, 'autoscaling:UpdateAutoScalingGroup', () =>
    session.autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        MinSize: min,
        MaxSize: max,
        DesiredCapacity: desired,
      }),
    ),
  );
}

function changed(session: AwsActSession, name: string, now: Sizes): BursarError {
  return new BursarError('conflict', `someone set the group ${name} to ${told(now)} meanwhile`, {
    where: placeName(session),
    hint: 'Nothing was done: what they want is left as it is.',
  });
}

/** `autoScalingGroup:<uuid>:autoScalingGroupName/<name>` */
function groupName(part: string): string {
  const name = /^autoScalingGroup:[^:]+:autoScalingGroupName\/(.+)$/.exec(part)?.[1];
  if (name === undefined) throw new BursarError('input', `${part} is no Auto Scaling group`);
  return name;
}

/** A size that is missing is none that could be brought back. */
function sizesOf({ AutoScalingGroupName, MinSize, MaxSize, DesiredCapacity }: AutoScalingGroup): Sizes {
  if (MinSize === undefined || MaxSize === undefined || DesiredCapacity === undefined)
    throw new BursarError(
      'unavailable',
      `Auto Scaling did not say the sizes of ${AutoScalingGroupName ?? ''}`,
    );
  return { min: MinSize, max: MaxSize, desired: DesiredCapacity };
}

function same(a: Sizes, b: Sizes): boolean {
  return a.min === b.min && a.max === b.max && a.desired === b.desired;
}

function told({ min, max, desired }: Sizes): string {
  return `${desired} (${min} to ${max})`;
}
