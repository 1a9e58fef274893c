import { DescribeSpaceCommand, ListSpacesCommand, type SpaceDetails } from '@aws-sdk/client-sagemaker';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, scopeName } from '../model.ts';
import { awsResource, isoTime } from './resource.ts';
import { AT_ONCE, SAGEMAKER_TAGS_PERMISSION, sagemakerTags, unlessGone } from './sagemaker.ts';
import type { AwsSession } from './session.ts';

const LIST: Permission = { cloud: 'aws', action: 'sagemaker:ListSpaces', why: 'lists Studio spaces' };
const DESCRIBE: Permission = {
  cloud: 'aws',
  action: 'sagemaker:DescribeSpace',
  why: 'tells whose a Studio space is, its storage and its idle time',
};

/**
 * Studio spaces with whose they are, their volume, and the idle time that their user chose. It does not see how full
 * the volume is; what runs in a space is an app.
 */
export const awsSagemakerSpaces: Dataset<AwsSession> = {
  id: 'aws.sagemaker.spaces',
  permissions: [LIST, DESCRIBE, SAGEMAKER_TAGS_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      session.sagemaker.send(
        new ListSpacesCommand({ MaxResults: 100, ...(token === undefined ? {} : { NextToken: token }) }),
      ),
    );
    const listed = new Map<string, SpaceDetails>();
    for await (const { Spaces } of pages)
      for (const space of Spaces ?? []) listed.set(`${space.DomainId}/${space.SpaceName}`, space);
    const limit = pLimit(AT_ONCE);
    const resources = await Promise.all(
      [...listed.values()].map(({ DomainId, SpaceName }) =>
        limit(() =>
          unlessGone(async () => {
            const told = await awsCall({ action: DESCRIBE.action, where, meter }, () =>
              session.sagemaker.send(new DescribeSpaceCommand({ DomainId, SpaceName })),
            );
            const arn = told.SpaceArn ?? '';
            const { tags, systemTags } = await sagemakerTags(session, arn, where, meter);
            const { JupyterLabAppSettings, CodeEditorAppSettings, SpaceStorageSettings, AppType } =
              told.SpaceSettings ?? {};
            const lifecycle =
              JupyterLabAppSettings?.AppLifecycleManagement ?? CodeEditorAppSettings?.AppLifecycleManagement;
            return awsResource(session, {
              type: 'aws:sagemaker:space',
              id: arn,
              name: SpaceName ?? null,
              state: told.Status ?? 'unknown',
              created: isoTime(told.CreationTime),
              tags,
              parent: { type: 'aws:sagemaker:domain', id: DomainId ?? '' },
              attributes: {
                domainId: DomainId ?? null,
                appType: AppType ?? null,
                ownerProfile: told.OwnershipSettings?.OwnerUserProfileName ?? null,
                sharing: told.SpaceSharingSettings?.SharingType ?? null,
                sizeGiB: SpaceStorageSettings?.EbsStorageSettings?.EbsVolumeSizeInGb ?? null,
                idleMinutes: lifecycle?.IdleSettings?.IdleTimeoutInMinutes ?? null,
                modifiedAt: isoTime(told.LastModifiedTime),
                systemTags,
              },
            });
          }),
        ),
      ),
    );
    return { resources: resources.filter((one) => one !== null) };
  },
};
