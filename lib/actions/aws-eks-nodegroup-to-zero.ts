import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeNodegroupCommand, type Nodegroup, UpdateNodegroupConfigCommand } from '@aws-sdk/client-eks';
import { z } from 'zod';
import { BursarError } from '../platform/errors.ts';
import { type AwsActSession, act, placeName, unless } from './aws-session.ts';
import type { Action } from './model.ts';
import { changes, reads } from './permission.ts';
import { listed, named, planOf } from './target.ts';

const ID = 'aws.eks.nodegroup-to-zero';
const NODEGROUPS = 'arn:*:eks:*:*:nodegroup/*/*/*';
const planShape = z.strictObject({
  arn: z.string(),
  cluster: z.string(),
  name: z.string(),
  min: z.int().min(0),
  desired: z.int().min(0),
});

/**
 * Sets the least and the desired size of a managed node group to zero; undo sets what it had. The greatest size
 * stays: EKS wants it to be at least 1 (EKS API Reference, NodegroupScalingConfig), so that an autoscaler of the
 * cluster may bring nodes back for pods that wait. Nodes are drained, and pods lose what they keep on them.
 */
export const eksNodegroupToZero: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:eks:nodegroup'],
  checks: ['idle-gpu'],
  reversible: true,
  permissions: [
    reads('eks:DescribeNodegroup', 'reads a node group just before it is scaled', {
      resources: NODEGROUPS,
      byTag: true,
    }),
    reads('autoscaling:DescribeAutoScalingGroups', 'tells whether the nodes of a node group have ended'),
    changes('eks:UpdateNodegroupConfig', NODEGROUPS, 'scales an idle node group to zero and back'),
  ],

  async read(target, session) {
    const [cluster = '', name = ''] = named(target, session, 'eks', 'nodegroup/').split('/');
    const group = await describe(session, target.resourceId, cluster, name);
    if (group === null) return null;
    const { min, desired } = sizesOf(group);
    const nodes = await nodesOf(session, group);
    const kept = nodes.filter(({ stays }) => stays).map(({ id }) => id);
    return {
      resource: {
        provider: 'aws',
        accountId: session.accountId,
        region: session.region,
        type: 'aws:eks:nodegroup',
        id: target.resourceId,
        name,
        state: group.status ?? 'unknown',
        created: group.createdAt?.toISOString() ?? null,
        tags: group.tags ?? {},
        sku: group.instanceTypes?.length === 1 ? (group.instanceTypes[0] ?? null) : null,
        accelerators: [],
        parent: null,
        attributes: { cluster, min, desired, nodes: nodes.length, capacityType: group.capacityType ?? null },
      },
      fingerprint: { launch: null, parent: null },
      done: desired === 0 && nodes.length === 0,
      protection: kept.length === 0 ? null : `${listed(kept)} cannot be scaled in`,
      lost: [
        `Its nodes (${desired} wanted) are drained and terminated: pods move or wait, and lose what they keep on the nodes.`,
      ],
      staysBilled: ['The control plane of the cluster, and persistent volumes'],
      risks: [
        'An autoscaler of the cluster may bring nodes back for pods that wait.',
        'Nodes may not come back while their type is scarce (InsufficientInstanceCapacity).',
      ],
    };
  },

  plan(_target, { resource, protection, done }) {
    const { attributes, state } = resource;
    if (protection !== null) return { ok: false, reason: `It is protected: ${protection}.` };
    if (done) return { ok: false, reason: 'It is at zero already.' };
    if (state !== 'ACTIVE')
      return { ok: false, reason: `It is ${state}: only an active node group is scaled.` };
    const read = planShape.safeParse({
      arn: resource.id,
      cluster: attributes['cluster'],
      name: resource.name,
      min: attributes['min'],
      desired: attributes['desired'],
    });
    if (!read.success) return { ok: false, reason: 'EKS did not say its sizes.' };
    const { cluster, name, desired } = read.data;
    return {
      ok: true,
      plan: read.data,
      undoPlan: read.data,
      summary: `Scale node group ${name} of ${cluster} from ${desired} to 0; undo sets ${desired} again.`,
    };
  },

  async apply(stored, session) {
    const { arn, cluster, name, min, desired } = planOf(planShape, stored, ID);
    const now = sizesOf(await mustExist(session, arn, cluster, name));
    if (now.min === 0 && now.desired === 0) return;
    if (now.min !== min || now.desired !== desired) throw changed(session, name, now.desired);
    await resize(session, cluster, name, 0, 0);
  },

  async verify(stored, session) {
    const { arn, cluster, name } = planOf(planShape, stored, ID);
    const group = await describe(session, arn, cluster, name);
    if (group === null) return { state: 'failed', reason: `${name} was deleted meanwhile.` };
    const { desired } = sizesOf(group);
    if (desired > 0) return { state: 'pending', reason: `${name} is still set to ${desired}.` };
    if (group.status !== 'ACTIVE')
      return { state: 'pending', reason: `${name} is ${group.status ?? 'unknown'}.` };
    const nodes = await nodesOf(session, group);
    return nodes.length === 0
      ? { state: 'done' }
      : { state: 'pending', reason: `${nodes.length} nodes of ${name} still end.` };
  },

  async undo(stored, session) {
    const { arn, cluster, name, min, desired } = planOf(planShape, stored, ID);
    const now = sizesOf(await mustExist(session, arn, cluster, name));
    if (now.min === min && now.desired >= Math.max(min, 1)) return;
    if (now.min !== 0) throw changed(session, name, now.desired);
    // An autoscaler may have brought more nodes than there were: none is taken away.
    await resize(session, cluster, name, min, Math.max(desired, now.desired));
  },

  async verifyUndo(stored, session) {
    const { arn, cluster, name, min } = planOf(planShape, stored, ID);
    const group = await describe(session, arn, cluster, name);
    if (group === null) return { state: 'failed', reason: `${name} was deleted: it cannot come back.` };
    const now = sizesOf(group);
    if (now.min !== min || now.desired === 0)
      return { state: 'pending', reason: `${name} is set to ${now.desired}.` };
    if (group.status === 'DEGRADED')
      return {
        state: 'failed',
        reason: `${name} is degraded: ${(group.health?.issues ?? []).map(({ message, code }) => message ?? code ?? '').join('; ')}`,
      };
    return group.status === 'ACTIVE'
      ? { state: 'done' }
      : { state: 'pending', reason: `${name} is ${group.status ?? 'unknown'}.` };
  },
};

async function describe(
  session: AwsActSession,
  arn: string,
  cluster: string,
  name: string,
): Promise<Nodegroup | null> {
  const answer = await unless(['ResourceNotFoundException'], () =>
    act(session, 'eks:DescribeNodegroup', () =>
      session.eks.send(new DescribeNodegroupCommand({ clusterName: cluster, nodegroupName: name })),
    ),
  );
  const group = answer?.nodegroup;
  if (answer !== null && group === undefined)
    throw new BursarError('unavailable', `eks:DescribeNodegroup did not answer for ${name}`, {
      where: placeName(session),
    });
  return group === undefined || group.nodegroupArn !== arn || group.status === 'DELETING' ? null : group;
}

async function mustExist(
  session: AwsActSession,
  arn: string,
  cluster: string,
  name: string,
): Promise<Nodegroup> {
  const group = await describe(session, arn, cluster, name);
  if (group !== null) return group;
  throw new BursarError('conflict', `the node group ${name} is gone`, {
    where: placeName(session),
    hint: 'It was deleted by someone else.',
  });
}

/** Instances in the scaling groups under it; `stays`: protected from scale-in there. */
async function nodesOf(
  session: AwsActSession,
  group: Nodegroup,
): Promise<{ readonly id: string; readonly stays: boolean }[]> {
  const names = (group.resources?.autoScalingGroups ?? []).flatMap(({ name }) => name ?? []);
  if (names.length === 0) return [];
  const { AutoScalingGroups } = await act(session, 'autoscaling:DescribeAutoScalingGroups', () =>
    session.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: names })),
  );
  return (AutoScalingGroups ?? []).flatMap(({ Instances }) =>
    (Instances ?? []).map(({ InstanceId, ProtectedFromScaleIn }) => ({
      id: InstanceId ?? '',
      stays: ProtectedFromScaleIn === true,
    })),
  );
}

async function resize(
  session: AwsActSession,
  clusterName: string,
  nodegroupName: string,
  minSize: number,
  desiredSize: number,
): Promise<void> {
  await act(session, 'eks:UpdateNodegroupConfig', () =>
    session.eks.send(
      new UpdateNodegroupConfigCommand({
        clusterName,
        nodegroupName,
        scalingConfig: { minSize, desiredSize },
      }),
    ),
  );
}

function sizesOf({ nodegroupName, scalingConfig }: Nodegroup): { min: number; desired: number } {
  const { minSize, desiredSize } = scalingConfig ?? {};
  if (minSize === undefined || desiredSize === undefined)
    throw new BursarError('unavailable', `EKS did not say the sizes of ${nodegroupName ?? 'a node group'}`);
  return { min: minSize, desired: desiredSize };
}

function changed(session: AwsActSession, name: string, desired: number): BursarError {
  return new BursarError('conflict', `someone set the node group ${name} to ${desired} meanwhile`, {
    where: placeName(session),
    hint: 'Nothing was done: what they want is left as it is.',
  });
}
