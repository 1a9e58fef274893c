import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  type Snapshot,
  type Volume,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { Resource } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import { type AwsActSession, act, errorName, placeName, unless } from './aws-session.ts';

/** The tag that ties a snapshot, and a volume made of it, to the one plan that they belong to. */
const PLAN_TAG = 'bursar:plan';
/** A snapshot speaks for the volume only while nobody can have used the volume since. */
const FRESH_MS = 48 * 3_600_000;

/** All that a volume like the old one is made of, beside its snapshot. */
export const undoShape = z.strictObject({
  volumeId: z.string(),
  nonce: z.string(),
  zone: z.string(),
  type: z.string(),
  sizeGiB: z.int().positive(),
  iops: z.int().nullable(),
  throughput: z.int().nullable(),
  multiAttach: z.boolean(),
  tags: z.record(z.string(), z.string()),
});
export type Undo = z.output<typeof undoShape>;

/** The volume; null where it is deleted or on its way there. */
export async function describeVolume(session: AwsActSession, id: string): Promise<Volume | null> {
  const answer = await unless(['InvalidVolume.NotFound'], () =>
    act(session, 'ec2:DescribeVolumes', () =>
      session.ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] })),
    ),
  );
  if (answer === null) return null;
  const found = (answer.Volumes ?? []).find(({ VolumeId }) => VolumeId === id);
  if (found === undefined)
    throw new BursarError('unavailable', `ec2:DescribeVolumes did not answer for ${id}`, {
      where: placeName(session),
      hint: 'Look again later: what is not seen is not acted on.',
    });
  return found.State === 'deleting' || found.State === 'deleted' ? null : found;
}

/**
 * Kubernetes marks the volumes of its claims by these tags (Kubernetes AWS EBS CSI driver, docs/tagging.md), and
 * would fail to find what it believes to have.
 */
export function parentOf(volume: Volume, tags: Readonly<Record<string, string>>): Resource['parent'] {
  const claim = tags['kubernetes.io/created-for/pvc/name'] ?? tags['kubernetes.io/created-for/pv/name'];
  if (claim !== undefined) return { type: 'kubernetes:claim', id: claim };
  const owned = tags['ebs.csi.aws.com/cluster'] !== undefined ? 'ebs.csi.aws.com' : undefined;
  const cluster = Object.keys(tags).find((key) => key.startsWith('kubernetes.io/cluster/'));
  if (owned !== undefined || cluster !== undefined)
    return { type: 'kubernetes:cluster', id: cluster?.slice('kubernetes.io/cluster/'.length) ?? owned ?? '' };
  return volume.Operator?.Managed === true
    ? { type: 'aws:service', id: volume.Operator.Principal ?? 'an AWS service' }
    : null;
}

export async function snapshotOf(
  session: AwsActSession,
  volumeId: string,
  nonce: string,
): Promise<Snapshot | null> {
  const { Snapshots } = await act(session, 'ec2:DescribeSnapshots', () =>
    session.ec2.send(
      new DescribeSnapshotsCommand({
        OwnerIds: ['self'],
        Filters: [
          { Name: 'volume-id', Values: [volumeId] },
          { Name: `tag:${PLAN_TAG}`, Values: [nonce] },
        ],
      }),
    ),
  );
  const all = Snapshots ?? [];
  return all.find(({ State }) => State === 'completed') ?? all[0] ?? null;
}

/** CreateSnapshot has no idempotency token: it is asked once, and a lost answer is looked up by the tag. */
export async function take(session: AwsActSession, volumeId: string, nonce: string): Promise<void> {
  await act(session, 'ec2:CreateSnapshot', () =>
    session.ec2Once.send(
      new CreateSnapshotCommand({
        VolumeId: volumeId,
        Description: `Bursar: kept before ${volumeId} is deleted`,
        TagSpecifications: [
          {
            ResourceType: 'snapshot',
            Tags: [
              { Key: PLAN_TAG, Value: nonce },
              { Key: 'Name', Value: `bursar ${volumeId}` },
            ],
          },
        ],
      }),
    ),
  );
}

export async function remove(
  session: AwsActSession,
  volumeId: string,
  { SnapshotId, StartTime }: Snapshot,
): Promise<void> {
  if (StartTime === undefined || Date.now() - StartTime.getTime() > FRESH_MS)
    throw new BursarError(
      'conflict',
      `${SnapshotId ?? 'the snapshot'} of ${volumeId} is too old to speak for it`,
      {
        where: placeName(session),
        hint: 'Someone may have written to the volume since: it stays, and the next audit judges it anew.',
      },
    );
  try {
    await act(session, 'ec2:DeleteVolume', () =>
      session.ec2.send(new DeleteVolumeCommand({ VolumeId: volumeId })),
    );
  } catch (error) {
    if (errorName(error) !== 'InvalidVolume.NotFound') throw error;
  }
}

export function failed(session: AwsActSession, { SnapshotId, StateMessage }: Snapshot): BursarError {
  return new BursarError(
    'conflict',
    `${SnapshotId ?? 'the snapshot'} failed: ${StateMessage ?? 'no reason given'}`,
    {
      where: placeName(session),
      hint: 'The volume stays.',
    },
  );
}

export async function restored(session: AwsActSession, { nonce }: Undo): Promise<Volume | null> {
  const { Volumes } = await act(session, 'ec2:DescribeVolumes', () =>
    session.ec2.send(new DescribeVolumesCommand({ Filters: [{ Name: `tag:${PLAN_TAG}`, Values: [nonce] }] })),
  );
  return (Volumes ?? []).find(({ State }) => State !== 'deleting' && State !== 'deleted') ?? null;
}

const volumeType = z.custom<VolumeType>((value) => typeof value === 'string');

export async function recreate(session: AwsActSession, undo: Undo, SnapshotId: string): Promise<void> {
  await act(session, 'ec2:CreateVolume', () =>
    session.ec2.send(
      new CreateVolumeCommand({
        // The same token makes the same volume, however often it is asked (EC2 API, "Ensuring idempotency").
        ClientToken: undo.nonce,
        SnapshotId,
        AvailabilityZone: undo.zone,
        VolumeType: volumeType.parse(undo.type),
        Size: undo.sizeGiB,
        ...(undo.iops === null ? {} : { Iops: undo.iops }),
        ...(undo.throughput === null ? {} : { Throughput: undo.throughput }),
        ...(undo.multiAttach ? { MultiAttachEnabled: true } : {}),
        TagSpecifications: [
          {
            ResourceType: 'volume',
            Tags: [
              ...Object.entries(undo.tags)
                .filter(([key]) => key !== PLAN_TAG)
                .map(([Key, Value]) => ({ Key, Value })),
              { Key: PLAN_TAG, Value: undo.nonce },
            ],
          },
        ],
      }),
    ),
  );
}
