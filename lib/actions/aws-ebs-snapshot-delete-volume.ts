import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { partTags } from '../estate/aws/tags.ts';
import type { Resource } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import {
  describeVolume,
  failed,
  parentOf,
  recreate,
  remove,
  restored,
  snapshotOf,
  take,
  undoShape,
} from './aws-ebs-volume.ts';
import { type AwsActSession, placeName } from './aws-session.ts';
import type { Action } from './model.ts';
import { changes, MAKES_ENCRYPTED, reads } from './permission.ts';
import { named, planOf } from './target.ts';

const ID = 'aws.ebs.snapshot-delete-volume';
const VOLUMES = 'arn:*:ec2:*:*:volume/*';
const SNAPSHOTS = 'arn:*:ec2:*::snapshot/*';

const planShape = z.strictObject({ volumeId: z.string(), nonce: z.string() });

/**
 * Snapshots an unattached EBS volume, waits until the snapshot is complete, and only then deletes the volume; undo
 * makes a volume of the snapshot, like the old one but under a new id. The snapshot is never deleted.
 *
 * Never: an attached volume; one that belongs to a Kubernetes claim or to a service; one on an Outpost.
 */
export const ebsSnapshotDeleteVolume: Action<AwsActSession> = {
  id: ID,
  provider: 'aws',
  resourceTypes: ['aws:ec2:volume'],
  checks: ['unattached-volume'],
  reversible: true,
  permissions: [
    reads('ec2:DescribeVolumes', 'reads a volume just before it is snapshotted and deleted'),
    reads('ec2:DescribeSnapshots', 'waits until a snapshot is complete'),
    {
      ...changes('ec2:CreateSnapshot', VOLUMES, 'keeps what is on a volume'),
      resources: [VOLUMES, SNAPSHOTS],
    },
    changes('ec2:DeleteVolume', VOLUMES, 'deletes a volume of which a snapshot is complete'),
    {
      ...changes('ec2:CreateVolume', VOLUMES, 'brings a volume back from its snapshot'),
      resources: [VOLUMES, SNAPSHOTS],
    },
    {
      // The role grants it only while one of these is created (condition key ec2:CreateAction).
      ...changes('ec2:CreateTags', VOLUMES, 'puts the tags on a snapshot, and on a volume that comes back'),
      resources: [VOLUMES, SNAPSHOTS],
    },
    ...MAKES_ENCRYPTED,
  ],

  async read(target, session) {
    const id = named(target, session, 'ec2', 'volume/');
    const volume = await describeVolume(session, id);
    if (volume === null) return null;
    const { tags, systemTags } = partTags(volume.Tags);
    const parent = parentOf(volume, tags);
    const resource: Resource = {
      provider: 'aws',
      accountId: session.accountId,
      region: session.region,
      type: 'aws:ec2:volume',
      id: target.resourceId,
      name: tags['Name'] ?? null,
      state: volume.State ?? 'unknown',
      created: volume.CreateTime?.toISOString() ?? null,
      tags,
      sku: volume.VolumeType ?? null,
      accelerators: [],
      parent,
      attributes: {
        volumeId: id,
        // A plan is made once a reading; it must not take the snapshot of an earlier plan for its own.
        nonce: randomUUID(),
        zone: volume.AvailabilityZone ?? null,
        sizeGiB: volume.Size ?? null,
        iops: volume.Iops ?? null,
        throughputMiBps: volume.Throughput ?? null,
        multiAttach: volume.MultiAttachEnabled ?? false,
        outpost: volume.OutpostArn ?? null,
        attachedTo: (volume.Attachments ?? []).flatMap(({ InstanceId }) => InstanceId ?? []),
        systemTags,
      },
    };
    return {
      resource,
      fingerprint: { launch: null, parent: parent === null ? null : `${parent.type} ${parent.id}` },
      done: false,
      protection: null,
      lost: ['Its id: a volume that comes back has another.'],
      staysBilled: ['Its snapshot'],
      // EBS User Guide, "Initialize Amazon EBS volumes" (read November 2026).
      risks: ['A volume of a snapshot reads slowly until each block was read once.'],
    };
  },

  plan(_target, { resource }) {
    const { parent, attributes, state, tags, sku } = resource;
    if (parent !== null)
      return { ok: false, reason: `It belongs to ${parent.type} ${parent.id}: delete that.` };
    if (state !== 'available')
      return { ok: false, reason: `It is ${state}: only a volume that is attached to nothing is deleted.` };
    if (attributes['outpost'] !== null) return { ok: false, reason: 'It is on an Outpost.' };
    const undo = undoShape.safeParse({
      volumeId: attributes['volumeId'],
      nonce: attributes['nonce'],
      zone: attributes['zone'],
      type: sku,
      sizeGiB: attributes['sizeGiB'],
      // gp2 has IOPS that follow from its size and cannot be given (EC2 API Reference, CreateVolume).
      iops: sku === 'gp3' || sku === 'io1' || sku === 'io2' ? attributes['iops'] : null,
      throughput: sku === 'gp3' ? attributes['throughputMiBps'] : null,
      multiAttach: attributes['multiAttach'],
      tags,
    });
    if (!undo.success)
      return { ok: false, reason: 'EC2 did not describe it whole: it could not be brought back.' };
    const { volumeId, nonce, sizeGiB } = undo.data;
    return {
      ok: true,
      plan: { volumeId, nonce },
      undoPlan: undo.data,
      summary: `Snapshot ${volumeId} (${sizeGiB} GiB ${sku ?? ''}) and delete it; undo makes a volume of the snapshot.`,
    };
  },

  async apply(stored, session) {
    const { volumeId, nonce } = planOf(planShape, stored, ID);
    const volume = await describeVolume(session, volumeId);
    const snapshot = await snapshotOf(session, volumeId, nonce);
    if (volume === null) {
      if (snapshot?.State === 'completed') return;
      throw new BursarError('conflict', `${volumeId} is gone, and not by this plan`, {
        where: placeName(session),
        hint: 'It was deleted by someone else.',
      });
    }
    if (volume.State !== 'available')
      throw new BursarError('conflict', `${volumeId} is ${volume.State ?? 'in no known state'}`, {
        where: placeName(session),
        hint: 'Someone uses it: it stays, and so does its snapshot.',
      });
    if (snapshot === null) await take(session, volumeId, nonce);
    else if (snapshot.State === 'completed') await remove(session, volumeId, snapshot);
    else if (snapshot.State === 'error') throw failed(session, snapshot);
  },

  async verify(stored, session) {
    const { volumeId, nonce } = planOf(planShape, stored, ID);
    const volume = await describeVolume(session, volumeId);
    const snapshot = await snapshotOf(session, volumeId, nonce);
    if (volume === null)
      return snapshot?.State === 'completed'
        ? { state: 'done', note: `What was on ${volumeId} is in ${snapshot.SnapshotId ?? 'its snapshot'}.` }
        : { state: 'failed', reason: `${volumeId} is gone without a snapshot of this plan.` };
    if (volume.State === 'in-use') return { state: 'failed', reason: `${volumeId} was attached meanwhile.` };
    if (snapshot?.State === 'error')
      return {
        state: 'failed',
        reason: `The snapshot of ${volumeId} failed: ${snapshot.StateMessage ?? ''}`,
      };
    const how = snapshot === null ? 'has no snapshot yet' : `is snapshotted (${snapshot.Progress ?? '0%'})`;
    return { state: 'pending', reason: `${volumeId} ${how}.` };
  },

  async undo(stored, session) {
    const undo = planOf(undoShape, stored, ID);
    // Where it never went away, or came back already, there is nothing to bring.
    if ((await describeVolume(session, undo.volumeId)) !== null) return;
    if ((await restored(session, undo)) !== null) return;
    const snapshot = await snapshotOf(session, undo.volumeId, undo.nonce);
    if (snapshot?.SnapshotId === undefined)
      throw new BursarError('conflict', `the snapshot of ${undo.volumeId} is gone`, {
        where: placeName(session),
        hint: 'Someone deleted it: look into the Recycle Bin and into backups.',
      });
    await recreate(session, undo, snapshot.SnapshotId);
  },

  async verifyUndo(stored, session) {
    const undo = planOf(undoShape, stored, ID);
    if ((await describeVolume(session, undo.volumeId)) !== null) return { state: 'done' };
    const volume = await restored(session, undo);
    if (volume === null) return { state: 'pending', reason: `${undo.volumeId} has not come back yet.` };
    const id = volume.VolumeId ?? '';
    if (volume.State === 'available' || volume.State === 'in-use')
      return { state: 'done', note: `${undo.volumeId} is back under the new id ${id}, in ${undo.zone}.` };
    return volume.State === 'error'
      ? { state: 'failed', reason: `${id} could not be made of the snapshot of ${undo.volumeId}.` }
      : { state: 'pending', reason: `${id} is ${volume.State ?? 'unknown'}.` };
  },
};
