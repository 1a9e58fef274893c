import { DescribeVolumesCommand, type Volume } from '@aws-sdk/client-ec2';
import { awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { type AwsSession, ec2Arn } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeVolumes',
  why: 'lists volumes with their size, attachments and tags',
};

/** EBS volumes, attached or not. It does not see how busy they are. */
export const awsVolumes: Dataset<AwsSession> = {
  id: 'aws.ec2.volumes',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const pages = awsPages({ action: LIST.action, where: scopeName(scope), meter }, (token) =>
      session.ec2.send(
        new DescribeVolumesCommand({
          MaxResults: 1000,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const byId = new Map<string, Resource>();
    for await (const { Volumes } of pages)
      for (const volume of Volumes ?? [])
        if (volume.VolumeId !== undefined)
          byId.set(volume.VolumeId, toResource(volume, volume.VolumeId, session));
    return { resources: [...byId.values()] };
  },
};

function toResource(volume: Volume, id: string, session: AwsSession): Resource {
  const { tags, systemTags } = partTags(volume.Tags);
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:ec2:volume',
    id: ec2Arn(session, 'volume', id),
    name: tags['Name'] ?? null,
    state: volume.State ?? 'unknown',
    created: volume.CreateTime?.toISOString() ?? null,
    tags,
    sku: volume.VolumeType ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      volumeId: id,
      sizeGiB: volume.Size ?? null,
      iops: volume.Iops ?? null,
      throughputMiBps: volume.Throughput ?? null,
      encrypted: volume.Encrypted ?? null,
      snapshotId: volume.SnapshotId === undefined || volume.SnapshotId === '' ? null : volume.SnapshotId,
      zone: volume.AvailabilityZone ?? null,
      attachments: (volume.Attachments ?? []).map((attachment) => ({
        instanceId: attachment.InstanceId ?? null,
        device: attachment.Device ?? null,
        state: attachment.State ?? null,
        deleteOnTermination: attachment.DeleteOnTermination ?? null,
      })),
      systemTags,
    },
  };
}
