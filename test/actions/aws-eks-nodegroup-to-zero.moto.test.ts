import {
  CreateClusterCommand,
  CreateNodegroupCommand,
  DeleteNodegroupCommand,
  DescribeNodegroupCommand,
  UpdateNodegroupConfigCommand,
} from '@aws-sdk/client-eks';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { eksNodegroupToZero as toZero } from '../../lib/actions/aws-eks-nodegroup-to-zero.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { OWN } from '../estate/aws/emulated.ts';
import { actSession, awsTarget, meddling, planned, readLive, refusal } from './aws.ts';

const moto = inject('motoUrl');
const session = actSession(moto);
const { behind, closeAll } = meddling(moto);
const role = `arn:aws:iam::${OWN}:role/nodes`;

beforeEach(() => resetMoto(moto));
afterEach(closeAll);

async function nodes() {
  await session.eks.send(
    new CreateClusterCommand({ name: 'ml', roleArn: role, resourcesVpcConfig: { subnetIds: ['subnet-1'] } }),
  );
  const { nodegroup } = await session.eks.send(
    new CreateNodegroupCommand({
      clusterName: 'ml',
      nodegroupName: 'gpu',
      subnets: ['subnet-1'],
      nodeRole: role,
      scalingConfig: { minSize: 1, maxSize: 4, desiredSize: 2 },
      tags: { team: 'vision' },
    }),
  );
  return awsTarget('aws:eks:nodegroup', nodegroup?.nodegroupArn ?? '');
}

async function sizes() {
  const { nodegroup } = await session.eks.send(
    new DescribeNodegroupCommand({ clusterName: 'ml', nodegroupName: 'gpu' }),
  );
  const { minSize, maxSize, desiredSize } = nodegroup?.scalingConfig ?? {};
  return [minSize, maxSize, desiredSize];
}

const resize = (minSize: number, desiredSize: number) =>
  session.eks.send(
    new UpdateNodegroupConfigCommand({
      clusterName: 'ml',
      nodegroupName: 'gpu',
      scalingConfig: { minSize, desiredSize },
    }),
  );

test('a node group goes to zero, twice with the result of once, and comes back', async () => {
  const target = await nodes();
  expect((await readLive(toZero, target, session)).resource).toMatchObject({
    name: 'gpu',
    state: 'ACTIVE',
    tags: { team: 'vision' },
  });
  const { plan, undoPlan, summary } = await planned(toZero, target, session);
  expect(summary).toContain('Scale node group gpu of ml from 2 to 0');
  expect((await toZero.verify(plan, session)).state).toBe('pending');
  const counting = await behind(async () => null);
  const counted = actSession(counting.url);
  await toZero.apply(plan, counted);
  const once = counting.calls.length;
  await toZero.apply(plan, counted);
  expect(counting.calls.length - once).toBeLessThan(once);
  expect(await sizes()).toEqual([0, 4, 0]);
  expect(await toZero.verify(plan, session)).toEqual({ state: 'done' });
  expect(await refusal(toZero, target, session)).toContain('at zero already');
  await toZero.undo(undoPlan, session);
  await toZero.undo(undoPlan, session);
  expect(await sizes()).toEqual([1, 4, 2]);
  expect(await toZero.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
});

test('more nodes than before, brought by an autoscaler, are not taken away by undo', async () => {
  const target = await nodes();
  const { plan, undoPlan } = await planned(toZero, target, session);
  await toZero.apply(plan, session);
  await resize(0, 3);
  expect((await toZero.verify(plan, session)).state).toBe('pending');
  await toZero.undo(undoPlan, session);
  expect(await sizes()).toEqual([1, 4, 3]);
});

test('what someone set meanwhile is left alone', async () => {
  const target = await nodes();
  const { plan, undoPlan } = await planned(toZero, target, session);
  await resize(2, 3);
  await expect(toZero.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  await expect(toZero.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect(await sizes()).toEqual([2, 4, 3]);
});

/** A scaling group with one node, as Auto Scaling describes it. */
const members = (stays: boolean) =>
  `<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>g</AutoScalingGroupName><Instances><member><InstanceId>i-1</InstanceId><ProtectedFromScaleIn>${stays}</ProtectedFromScaleIn></member></Instances></member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`;

test('nodes that its scaling group would not give up, or still ends, are seen', async () => {
  const target = await nodes();
  const held = await behind(async ({ action }) =>
    action === 'DescribeAutoScalingGroups' ? { status: 200, type: 'text/xml', body: members(true) } : null,
  );
  expect(await refusal(toZero, target, actSession(held.url))).toContain('i-1 cannot be scaled in');
  const { plan } = await planned(toZero, target, session);
  await toZero.apply(plan, session);
  const ending = await behind(async ({ action }) =>
    action === 'DescribeAutoScalingGroups' ? { status: 200, type: 'text/xml', body: members(false) } : null,
  );
  expect(await toZero.verify(plan, actSession(ending.url))).toEqual({
    state: 'pending',
    reason: '1 nodes of gpu still end.',
  });
});

test('gone is gone', async () => {
  const target = await nodes();
  const { plan, undoPlan } = await planned(toZero, target, session);
  await session.eks.send(new DeleteNodegroupCommand({ clusterName: 'ml', nodegroupName: 'gpu' }));
  expect(await toZero.read(target, session)).toBeNull();
  await expect(toZero.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  await expect(toZero.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await toZero.verify(plan, session)).state).toBe('failed');
  expect((await toZero.verifyUndo(undoPlan, session)).state).toBe('failed');
});

test.each([['"status": *"ACTIVE"', '"status":"UPDATING"', 'It is UPDATING']])(
  'a node group on its way (%s) is left alone',
  async (from, to, reason) => {
    const target = await nodes();
    const changing = await behind(async (_request, pass) => {
      const answer = await pass();
      return { ...answer, body: answer.body.replace(new RegExp(from), to) };
    });
    expect(await refusal(toZero, target, actSession(changing.url))).toContain(reason);
  },
);
