import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { ebsSnapshotDeleteVolume as action } from '../../lib/actions/aws-ebs-snapshot-delete-volume.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { ec2Refusal } from '../estate/aws/emulated.ts';
import { launch } from '../estate/aws/fleet.ts';
import { actSession, arn, awsTarget, losing, meddling, planned, readLive, refusal } from './aws.ts';

const moto = inject('motoUrl');
const session = actSession(moto);
const { ec2 } = session;
const { behind, closeAll } = meddling(moto);

beforeEach(() => resetMoto(moto));
afterEach(closeAll);

async function volume(tags: Record<string, string> = { team: 'vision' }) {
  const { VolumeId = '' } = await ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: 'us-east-1b',
      Size: 40,
      VolumeType: 'gp3',
      Iops: 4000,
      Throughput: 200,
      TagSpecifications: [
        { ResourceType: 'volume', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
      ],
    }),
  );
  return { id: VolumeId, target: awsTarget('aws:ec2:volume', arn('ec2', `volume/${VolumeId}`)) };
}

async function volumes() {
  return (await ec2.send(new DescribeVolumesCommand({}))).Volumes ?? [];
}

async function snapshots(id: string) {
  const { Snapshots } = await ec2.send(
    new DescribeSnapshotsCommand({ Filters: [{ Name: 'volume-id', Values: [id] }] }),
  );
  return Snapshots ?? [];
}

test('a volume is snapshotted, then deleted, and comes back like it was under a new id', async () => {
  const { id, target } = await volume();
  const { plan, undoPlan, summary } = await planned(action, target, session);
  expect(summary).toContain(`Snapshot ${id} (40 GiB gp3) and delete it`);
  await action.apply(plan, session);
  expect(await volumes()).toHaveLength(1);
  expect((await action.verify(plan, session)).state).toBe('pending');
  await action.apply(plan, session);
  await action.apply(plan, session);
  const [snapshot] = await snapshots(id);
  expect(await action.verify(plan, session)).toEqual({
    state: 'done',
    note: `What was on ${id} is in ${snapshot?.SnapshotId}.`,
  });
  expect(await volumes()).toEqual([]);
  expect(await snapshots(id)).toHaveLength(1);
  expect(await action.read(target, session)).toBeNull();

  expect((await action.verifyUndo(undoPlan, session)).state).toBe('pending');
  await action.undo(undoPlan, session);
  await action.undo(undoPlan, session);
  const [back, ...more] = await volumes();
  expect(more).toEqual([]);
  expect(back).toMatchObject({
    AvailabilityZone: 'us-east-1b',
    Size: 40,
    VolumeType: 'gp3',
    Iops: 4000,
    Throughput: 200,
    SnapshotId: snapshot?.SnapshotId,
  });
  expect(back?.Tags).toContainEqual({ Key: 'team', Value: 'vision' });
  expect(await action.verifyUndo(undoPlan, session)).toEqual({
    state: 'done',
    note: `${id} is back under the new id ${back?.VolumeId}, in us-east-1b.`,
  });
});

test('every answer lost once: one snapshot, one deletion, one volume', async () => {
  const { id, target } = await volume();
  const { plan, undoPlan } = await planned(action, target, session);
  const lost = await behind(losing('CreateSnapshot', 'DeleteVolume', 'CreateVolume'));
  const fragile = actSession(lost.url, 1);
  await expect(action.apply(plan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(action.apply(plan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await action.apply(plan, fragile);
  expect((await action.verify(plan, session)).state).toBe('done');
  expect(await snapshots(id)).toHaveLength(1);
  await expect(action.undo(undoPlan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await action.undo(undoPlan, fragile);
  expect((await action.verifyUndo(undoPlan, session)).state).toBe('done');
  expect(await volumes()).toHaveLength(1);
  for (const call of ['CreateSnapshot', 'DeleteVolume', 'CreateVolume'])
    expect(lost.calls.filter((one) => one === call)).toHaveLength(1);
});

test('a snapshot is never asked for twice by the client itself', async () => {
  const { target } = await volume();
  const { plan } = await planned(action, target, session);
  const lost = await behind(losing('CreateSnapshot'));
  await expect(action.apply(plan, actSession(lost.url, 5))).rejects.toMatchObject({ code: 'unavailable' });
  expect(lost.calls.filter((one) => one === 'CreateSnapshot')).toHaveLength(1);
});

/** The emulator before which every snapshot is in this state. */
const snapshotsAre = (state: string) =>
  behind(async ({ action: called }, pass) => {
    if (called !== 'DescribeSnapshots') return null;
    const answer = await pass();
    return {
      ...answer,
      body: answer.body.replaceAll('<status>completed</status>', `<status>${state}</status>`),
    };
  });

test('while the snapshot is not complete the volume stays', async () => {
  const { id, target } = await volume();
  const { plan } = await planned(action, target, session);
  await action.apply(plan, session);
  const pending = actSession((await snapshotsAre('pending')).url);
  await action.apply(plan, pending);
  expect((await action.verify(plan, pending)).state).toBe('pending');
  const broken = actSession((await snapshotsAre('error')).url);
  await expect(action.apply(plan, broken)).rejects.toMatchObject({ code: 'conflict' });
  expect((await action.verify(plan, broken)).state).toBe('failed');
  expect((await volumes()).map(({ VolumeId }) => VolumeId)).toEqual([id]);
});

test('only the snapshot of the same plan speaks for the volume, and only while it is fresh', async () => {
  const { id, target } = await volume();
  await ec2.send(new CreateSnapshotCommand({ VolumeId: id }));
  const first = await planned(action, target, session);
  const second = await planned(action, target, session);
  expect(second.plan).not.toEqual(first.plan);
  await action.apply(first.plan, session);
  await action.apply(second.plan, session);
  expect(await volumes()).toHaveLength(1);
  const old = await behind(async ({ action: called }, pass) => {
    if (called !== 'DescribeSnapshots') return null;
    const answer = await pass();
    return {
      ...answer,
      body: answer.body.replaceAll(/<startTime>[^<]*/g, '<startTime>2020-01-01T00:00:00.000Z'),
    };
  });
  await expect(action.apply(first.plan, actSession(old.url))).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('too old'),
  });
  expect(await volumes()).toHaveLength(1);
});

test('attached volumes and those of a cluster are refused, also when attached after the plan', async () => {
  const { id, target } = await volume();
  const { plan } = await planned(action, target, session);
  await action.apply(plan, session);
  const [instance] = await launch(ec2, 't3.micro');
  await ec2.send(new AttachVolumeCommand({ VolumeId: id, InstanceId: instance?.id, Device: '/dev/sdf' }));
  expect(await refusal(action, target, session)).toContain('It is in-use');
  await expect(action.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await action.verify(plan, session)).state).toBe('failed');

  const claimed = await volume({
    'kubernetes.io/created-for/pvc/name': 'data-0',
    'kubernetes.io/cluster/ml': 'owned',
  });
  expect(await refusal(action, claimed.target, session)).toContain('kubernetes:claim data-0');
  expect((await readLive(action, claimed.target, session)).fingerprint.parent).toBe(
    'kubernetes:claim data-0',
  );
});

test('gone by another hand, or without its snapshot: told, never done', async () => {
  const { id, target } = await volume();
  const { plan, undoPlan } = await planned(action, target, session);
  await ec2.send(new DeleteVolumeCommand({ VolumeId: id }));
  expect(await action.read(target, session)).toBeNull();
  await expect(action.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await action.verify(plan, session)).state).toBe('failed');
  await expect(action.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });

  const other = await volume();
  const two = await planned(action, other.target, session);
  await action.apply(two.plan, session);
  await action.apply(two.plan, session);
  const [snapshot] = await snapshots(other.id);
  await ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshot?.SnapshotId }));
  await expect(action.undo(two.undoPlan, session)).rejects.toMatchObject({
    message: expect.stringContaining('is gone'),
  });
});

test.each([
  ['UnauthorizedOperation', 403, 'denied'],
  ['RequestLimitExceeded', 503, 'throttled'],
  ['SnapshotCreationPerVolumeRateExceeded', 400, 'unavailable'],
])('%s is told as %s %s', async (code, status, kind) => {
  const { target } = await volume();
  const { plan } = await planned(action, target, session);
  const refusing = await behind(async ({ action: called }) =>
    called === 'CreateSnapshot' ? ec2Refusal(code, 'no', status) : null,
  );
  await expect(action.apply(plan, actSession(refusing.url, 1))).rejects.toMatchObject({ code: kind });
  expect(await volumes()).toHaveLength(1);
});
