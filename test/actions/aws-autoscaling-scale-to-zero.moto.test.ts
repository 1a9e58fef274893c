import {
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DeleteAutoScalingGroupCommand,
  DeleteWarmPoolCommand,
  DescribeAutoScalingGroupsCommand,
  PutWarmPoolCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { autoscalingScaleToZero as scaleToZero } from '../../lib/actions/aws-autoscaling-scale-to-zero.ts';
import { isReversible } from '../../lib/actions/model.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { stsRefusal } from '../estate/aws/emulated.ts';
import { actSession, awsTarget, losing, meddling, planned, readLive, refusal } from './aws.ts';

const moto = inject('motoUrl');
const session = actSession(moto);
const { behind, closeAll } = meddling(moto);

beforeEach(() => resetMoto(moto));
afterEach(closeAll);

async function group(
  name = 'train',
  tags: Record<string, string> = {},
  { type = 'g4dn.xlarge', goes = true } = {},
) {
  await session.autoScaling.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName: name,
      ImageId: 'ami-12c6146b',
      InstanceType: type,
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 8, DeleteOnTermination: goes } },
        { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 8, DeleteOnTermination: goes } },
      ],
    }),
  );
  await session.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchConfigurationName: name,
      MinSize: 1,
      MaxSize: 5,
      DesiredCapacity: 2,
      AvailabilityZones: ['us-east-1a'],
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true })),
    }),
  );
  return awsTarget('aws:autoscaling:group', (await seen(name)).AutoScalingGroupARN ?? '');
}

const NO_INSTANCES = {
  status: 200,
  body: '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet/></DescribeInstancesResponse>',
  type: 'text/xml',
};

async function seen(name = 'train') {
  const { AutoScalingGroups } = await session.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  const found = AutoScalingGroups?.[0];
  if (found === undefined) throw new Error(`no group ${name}`);
  return found;
}

async function sizes() {
  const { MinSize, MaxSize, DesiredCapacity, Instances } = await seen();
  return [MinSize, MaxSize, DesiredCapacity, Instances?.length];
}

test('a group goes to zero, twice with the result of once, and comes back with its sizes', async () => {
  const target = await group('train', { team: 'vision' });
  const live = await readLive(scaleToZero, target, session);
  expect(live.resource).toMatchObject({
    name: 'train',
    state: 'active',
    tags: { team: 'vision' },
    parent: null,
  });
  expect(live.lost).toEqual([
    'Its 2 instances are terminated, with what they hold in memory.',
    '4 volumes with what was written to them.',
    'The instance store of 2 instances.',
  ]);
  expect(live.reversible).toBe(false);
  const { plan, undoPlan, summary } = await planned(scaleToZero, target, session);
  expect(summary).toContain('Scale train from 2 to 0; undo sets 2 (1 to 5) again');
  expect((await scaleToZero.verify(plan, session)).state).toBe('pending');
  await scaleToZero.apply(plan, session);
  await scaleToZero.apply(plan, session);
  expect(await sizes()).toEqual([0, 0, 0, 0]);
  expect(await scaleToZero.verify(plan, session)).toEqual({ state: 'done' });
  expect(await refusal(scaleToZero, target, session)).toContain('at zero already');
  expect((await scaleToZero.verifyUndo(undoPlan, session)).state).toBe('pending');
  await scaleToZero.undo(undoPlan, session);
  await scaleToZero.undo(undoPlan, session);
  expect(await sizes()).toEqual([1, 5, 2, 2]);
  expect(await scaleToZero.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
});

test.each([
  ['volumes that stay', { type: 'c5.large', goes: false }, [], true],
  ['volumes that go', { type: 'c5.large', goes: true }, ['4 volumes with what was written to them.'], false],
  ['volumes that stay, and instance store', { goes: false }, ['The instance store of 2 instances.'], false],
])('a group with %s', async (_what, made, data, back) => {
  const live = await readLive(scaleToZero, await group('train', {}, made), session);
  expect(live.lost.slice(1)).toEqual(data);
  expect(isReversible(scaleToZero, live)).toBe(back);
});

test('what EC2 does not describe may be lost', async () => {
  const target = await group('train', {}, { type: 'c5.large', goes: false });
  const blind = await behind(async ({ action }) => (action === 'DescribeInstances' ? NO_INSTANCES : null));
  const live = await readLive(scaleToZero, target, actSession(blind.url));
  expect(live.lost.at(-1)).toBe('Whatever 2 instances may hold that EC2 did not describe.');
  expect(isReversible(scaleToZero, live)).toBe(false);
});

test('a lost answer is made up for', async () => {
  const target = await group();
  const { plan, undoPlan } = await planned(scaleToZero, target, session);
  const first = actSession((await behind(losing('UpdateAutoScalingGroup'))).url, 1);
  await expect(scaleToZero.apply(plan, first)).rejects.toMatchObject({ code: 'unavailable' });
  await scaleToZero.apply(plan, first);
  expect(await scaleToZero.verify(plan, first)).toEqual({ state: 'done' });
  const second = await behind(losing('UpdateAutoScalingGroup'));
  const fragile = actSession(second.url, 1);
  await expect(scaleToZero.undo(undoPlan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await scaleToZero.undo(undoPlan, fragile);
  expect(await scaleToZero.verifyUndo(undoPlan, fragile)).toEqual({ state: 'done' });
  expect(second.calls.filter((call) => call === 'UpdateAutoScalingGroup')).toHaveLength(1);
});

test.each([
  [{ 'eks:nodegroup-name': 'ng' }, 'aws:eks:nodegroup ng'],
  [{ AWSBatchServiceTag: 'batch' }, 'aws:batch:compute-environment batch'],
  [{ AmazonECSManaged: '' }, 'aws:ecs:capacity-provider'],
  [{ 'elasticbeanstalk:environment-name': 'web' }, 'aws:elasticbeanstalk:environment web'],
])('a group that a service keeps is refused: %o', async (tags, keeper) => {
  const target = await group('train', tags);
  expect(await refusal(scaleToZero, target, session)).toContain(`It is kept by ${keeper}`);
  expect((await readLive(scaleToZero, target, session)).fingerprint.parent).toContain(keeper);
});

test('instances that may not go, and a group that would not let them, are refused', async () => {
  const target = await group();
  const ids = ((await seen()).Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
  const [kept = ''] = ids;
  const protect = (ProtectedFromScaleIn: boolean) =>
    session.autoScaling.send(
      new SetInstanceProtectionCommand({
        AutoScalingGroupName: 'train',
        InstanceIds: [kept],
        ProtectedFromScaleIn,
      }),
    );
  await protect(true);
  expect(await refusal(scaleToZero, target, session)).toContain(`${kept} cannot be scaled in`);
  await protect(false);
  await session.autoScaling.send(
    new SuspendProcessesCommand({ AutoScalingGroupName: 'train', ScalingProcesses: ['Terminate'] }),
  );
  expect(await refusal(scaleToZero, target, session)).toContain('Terminate is suspended');
});

test('what someone set meanwhile is left alone', async () => {
  const target = await group();
  const { plan, undoPlan } = await planned(scaleToZero, target, session);
  const set = (MinSize: number, DesiredCapacity: number) =>
    session.autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: 'train',
        MinSize,
        MaxSize: 9,
        DesiredCapacity,
      }),
    );
  await set(3, 3);
  await expect(scaleToZero.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect(await sizes()).toEqual([3, 9, 3, 3]);
  await expect(scaleToZero.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect(await sizes()).toEqual([3, 9, 3, 3]);
});

test('a group of the same name made later is another one', async () => {
  const target = await group();
  const { plan, undoPlan } = await planned(scaleToZero, target, session);
  await session.autoScaling.send(
    new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'train', ForceDelete: true }),
  );
  expect(await scaleToZero.read(target, session)).toBeNull();
  await expect(scaleToZero.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await scaleToZero.verify(plan, session)).state).toBe('failed');
  await resetMoto(moto);
  const other = await group();
  expect(other.resourceId).not.toBe(target.resourceId);
  expect(await scaleToZero.read(target, session)).toBeNull();
  await expect(scaleToZero.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await scaleToZero.verifyUndo(undoPlan, session)).state).toBe('failed');
});

test.each([
  ['AccessDenied', 403, 'denied'],
  ['Throttling', 400, 'throttled'],
  ['ScalingActivityInProgress', 400, 'unavailable'],
  ['ValidationError', 400, 'conflict'],
])('%s is told as %s %s', async (code, status, kind) => {
  const target = await group();
  const { plan } = await planned(scaleToZero, target, session);
  const refusing = await behind(async ({ action }) =>
    action === 'UpdateAutoScalingGroup' ? stsRefusal(code, 'no', status) : null,
  );
  await expect(scaleToZero.apply(plan, actSession(refusing.url, 1))).rejects.toMatchObject({ code: kind });
  expect(await sizes()).toEqual([1, 5, 2, 2]);
});

test('a group with a warm pool is not scaled, whether the pool was there before or came meanwhile', async () => {
  const target = await group();
  const before = await planned(scaleToZero, target, session);
  const put = { AutoScalingGroupName: 'train', MinSize: 2, PoolState: 'Stopped' } as const;
  await session.autoScaling.send(new PutWarmPoolCommand(put));

  const live = await readLive(scaleToZero, target, session);
  expect(live.resource.attributes).toMatchObject({ warmPool: 'a warm pool (Stopped, at least 2 instances)' });
  expect(scaleToZero.plan(target, live)).toEqual({
    ok: false,
    reason: 'It has a warm pool (Stopped, at least 2 instances): remove that first, by whoever set it up.',
  });
  await expect(scaleToZero.apply(before.plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect(await sizes()).toEqual([1, 5, 2, 2]);

  await session.autoScaling.send(
    new DeleteWarmPoolCommand({ AutoScalingGroupName: 'train', ForceDelete: true }),
  );
  await scaleToZero.apply(before.plan, session);
  expect(await sizes()).toEqual([0, 0, 0, 0]);
});

test('where the warm pool cannot be read, nothing is known of the group', async () => {
  const target = await group();
  const refusing = await behind(async ({ action }) =>
    action === 'DescribeWarmPool' ? stsRefusal('AccessDenied', 'no', 403) : null,
  );
  await expect(scaleToZero.read(target, actSession(refusing.url, 1))).rejects.toMatchObject({
    code: 'denied',
  });
});
