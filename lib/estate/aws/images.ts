import { DescribeImagesCommand, type Image } from '@aws-sdk/client-ec2';
import { awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { type AwsPlace, type AwsSession, ec2Arn } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeImages',
  why: 'lists the AMIs that the account owns, with the snapshots that they are made of',
};

/**
 * AMIs that the account owns, disabled and deprecated ones too: each keeps its snapshots (EC2 API Reference,
 * DescribeImages: IncludeDisabled is off by default; an owner sees deprecated ones in any case).
 *
 * It does not see: AMIs of others that were made of snapshots of this account, and who else launches them.
 */
export const awsImages: Dataset<AwsSession> = {
  id: 'aws.ec2.images',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const pages = awsPages({ action: LIST.action, where: scopeName(scope), meter }, (token) =>
      session.ec2.send(
        new DescribeImagesCommand({
          Owners: ['self'],
          IncludeDisabled: true,
          IncludeDeprecated: true,
          MaxResults: 1000,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const byId = new Map<string, Resource>();
    for await (const { Images } of pages)
      for (const image of Images ?? []) {
        const { ImageId: id } = image;
        if (id !== undefined) byId.set(id, toResource(image, id, session));
      }
    return { resources: [...byId.values()] };
  },
};

function toResource(image: Image, id: string, session: AwsPlace): Resource {
  const { tags, systemTags } = partTags(image.Tags);
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:ec2:image',
    id: ec2Arn(session, 'image', id),
    name: image.Name ?? tags['Name'] ?? null,
    state: image.State ?? 'unknown',
    created: instant(image.CreationDate),
    tags,
    sku: null,
    accelerators: [],
    parent: null,
    attributes: {
      imageId: id,
      snapshotIds: (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []),
      public: image.Public ?? null,
      lastLaunched: instant(image.LastLaunchedTime),
      systemTags,
    },
  };
}

/** The API gives these times as text. */
function instant(text: string | undefined): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
