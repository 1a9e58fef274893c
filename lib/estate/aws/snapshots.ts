import { DescribeSnapshotsCommand, type Snapshot } from '@aws-sdk/client-ec2';
import { awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { type AwsPlace, type AwsSession, ec2Arn } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeSnapshots',
  why: 'lists the snapshots that the account owns, with their volume and age',
};

/**
 * EBS snapshots that the account owns. It does not see: what they are billed for (the blocks that no earlier
 * snapshot of the volume holds), who may use them, and what lies in the Recycle Bin.
 */
export const awsSnapshots: Dataset<AwsSession> = {
  id: 'aws.ec2.snapshots',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const pages = awsPages({ action: LIST.action, where: scopeName(scope), meter }, (token) =>
      session.ec2.send(
        new DescribeSnapshotsCommand({
          OwnerIds: ['self'],
          MaxResults: 1000,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const byId = new Map<string, Resource>();
    for await (const { Snapshots } of pages)
      for (const snapshot of Snapshots ?? []) {
        const { SnapshotId: id, OwnerId = session.accountId } = snapshot;
        // Whatever is asked for, only what this account owns is billed to it.
        if (id !== undefined && OwnerId === session.accountId)
          byId.set(id, toResource(snapshot, id, session));
      }
    return { resources: [...byId.values()] };
  },
};

function toResource(snapshot: Snapshot, id: string, session: AwsPlace): Resource {
  const { tags, systemTags } = partTags(snapshot.Tags);
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:ec2:snapshot',
    id: ec2Arn(session, 'snapshot', id),
    name: tags['Name'] ?? null,
    state: snapshot.State ?? 'unknown',
    created: snapshot.StartTime?.toISOString() ?? null,
    tags,
    // Where the snapshot lies is what prices it: `standard` or `archive`.
    sku: snapshot.StorageTier ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      snapshotId: id,
      volumeId: snapshot.VolumeId ?? null,
      sizeGiB: snapshot.VolumeSize ?? null,
      description: snapshot.Description ?? null,
      // Only copies have one (EC2 API Reference, Snapshot, transferType).
      transferType: snapshot.TransferType ?? null,
      systemTags,
    },
  };
}
