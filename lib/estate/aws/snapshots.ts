import {
  DescribeSnapshotsCommand,
  DescribeSnapshotTierStatusCommand,
  type Snapshot,
  type SnapshotTierStatus,
} from '@aws-sdk/client-ec2';
import { awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { type AwsPlace, type AwsSession, ec2Arn } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeSnapshots',
  why: 'lists the snapshots that the account owns, with their volume and age',
};
const TIER: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeSnapshotTierStatus',
  why: 'tells since when a snapshot is archived, which is billed for 90 days at least',
};
/** A filter takes at most 200 values (EC2 API Reference, "Filtering using the API"). */
const BATCH = 200;

/**
 * EBS snapshots that the account owns, and of archived ones since when they are. It does not see: what they are billed for (the blocks that no earlier
 * snapshot of the volume holds), who may use them, and what lies in the Recycle Bin.
 */
export const awsSnapshots: Dataset<AwsSession> = {
  id: 'aws.ec2.snapshots',
  permissions: [LIST, TIER],
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
    const byId = new Map<string, Snapshot>();
    for await (const { Snapshots } of pages)
      for (const snapshot of Snapshots ?? []) {
        const { SnapshotId: id, OwnerId = session.accountId } = snapshot;
        // Whatever is asked for, only what this account owns is billed to it.
        if (id !== undefined && OwnerId === session.accountId) byId.set(id, snapshot);
      }
    const archived = [...byId].flatMap(([id, { StorageTier }]) => (StorageTier === 'archive' ? id : []));
    const tiers = await tiersOf(session, archived, scopeName(scope), meter);
    return { resources: [...byId].map(([id, one]) => toResource(one, id, tiers.get(id), session)) };
  },
};

/** How archived snapshots stand, by id; one that is not told of is not in it. */
async function tiersOf(
  session: AwsSession,
  ids: readonly string[],
  where: string,
  meter: Meter,
): Promise<Map<string, SnapshotTierStatus>> {
  const found = new Map<string, SnapshotTierStatus>();
  for (let from = 0; from < ids.length; from += BATCH) {
    const Filters = [{ Name: 'snapshot-id', Values: ids.slice(from, from + BATCH) }];
    const pages = awsPages({ action: TIER.action, where, meter }, (token) =>
      session.ec2.send(
        new DescribeSnapshotTierStatusCommand({
          Filters,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    for await (const { SnapshotTierStatuses } of pages)
      for (const status of SnapshotTierStatuses ?? [])
        if (status.SnapshotId !== undefined) found.set(status.SnapshotId, status);
  }
  return found;
}

function toResource(
  snapshot: Snapshot,
  id: string,
  tier: SnapshotTierStatus | undefined,
  session: AwsPlace,
): Resource {
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
      archivedAt: tier?.ArchivalCompleteTime?.toISOString() ?? null,
      // Only of an archived one that is in the standard tier as well for a while.
      restoredUntil: (tier?.RestoreExpiryTime ?? snapshot.RestoreExpiryTime)?.toISOString() ?? null,
      systemTags,
    },
  };
}
