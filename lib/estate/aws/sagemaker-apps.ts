import {
  type AppDetails,
  DescribeAppCommand,
  type DescribeAppResponse,
  ListAppsCommand,
} from '@aws-sdk/client-sagemaker';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import type { TypeAccelerators } from './accelerators.ts';
import { INSTANCE_TYPES_PERMISSION } from './instance-types.ts';
import { awsResource, isoTime } from './resource.ts';
import {
  AT_ONCE,
  SAGEMAKER_TAGS_PERMISSION,
  sagemakerTags,
  unlessGone,
  withAccelerators,
} from './sagemaker.ts';
import type { AwsPlace, AwsSession } from './session.ts';
import type { PartedTags } from './tags.ts';

const LIST: Permission = { cloud: 'aws', action: 'sagemaker:ListApps', why: 'lists Studio apps' };
const DESCRIBE: Permission = {
  cloud: 'aws',
  action: 'sagemaker:DescribeApp',
  why: 'tells when someone last worked in a Studio app',
};

/**
 * "JupyterServer apps only support the system value. For KernelGateway apps, the system value is translated to
 * ml.t3.medium" (SageMaker API Reference, ResourceSpec, InstanceType).
 */
const SYSTEM = 'system';
const SYSTEM_KERNEL = 'ml.t3.medium';

interface App {
  readonly arn: string;
  readonly told: DescribeAppResponse;
  readonly parted: PartedTags;
}

/**
 * Studio apps that exist, with their instance type, their accelerators, and when someone last worked in one.
 * `attributes.lastActivity` is null where SageMaker's own health check set it: "LastUserActivityTimestamp is also
 * updated when SageMaker AI performs health checks without user activity. As a result, this value is set to the same
 * value as LastHealthCheckTimestamp" (SageMaker API Reference, DescribeApp).
 *
 * It does not see: deleted apps, which ListApps names for a day; whether a kernel computes while nobody looks.
 */
export const awsSagemakerApps: Dataset<AwsSession> = {
  id: 'aws.sagemaker.apps',
  permissions: [LIST, DESCRIBE, SAGEMAKER_TAGS_PERMISSION, INSTANCE_TYPES_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      session.sagemaker.send(
        new ListAppsCommand({ MaxResults: 100, ...(token === undefined ? {} : { NextToken: token }) }),
      ),
    );
    const listed = new Map<string, AppDetails>();
    for await (const { Apps } of pages)
      for (const app of Apps ?? [])
        if (app.Status !== 'Deleted' && app.Status !== 'Failed')
          listed.set(
            [app.DomainId, app.UserProfileName, app.SpaceName, app.AppType, app.AppName].join('/'),
            app,
          );
    const limit = pLimit(AT_ONCE);
    const described = await Promise.all(
      [...listed.values()].map(({ DomainId, UserProfileName, SpaceName, AppType, AppName }) =>
        limit(() =>
          unlessGone(async (): Promise<App> => {
            const told = await awsCall({ action: DESCRIBE.action, where, meter }, () =>
              session.sagemaker.send(
                new DescribeAppCommand({
                  DomainId,
                  AppType,
                  AppName,
                  ...(UserProfileName === undefined ? {} : { UserProfileName }),
                  ...(SpaceName === undefined ? {} : { SpaceName }),
                }),
              ),
            );
            const arn = told.AppArn ?? '';
            return { arn, told, parted: await sagemakerTags(session, arn, where, meter) };
          }),
        ),
      ),
    );
    const apps = described.filter((one) => one !== null);
    const types = apps.flatMap(({ told }) => machineOf(told) ?? []);
    return await withAccelerators(session, types, where, meter, (known) =>
      apps.map((app) => resourceOf(app, session, known)),
    );
  },
};

/** The instance type that an app runs on; null where it runs on none of the user's. */
function machineOf({ AppType, ResourceSpec }: DescribeAppResponse): string | null {
  const type = ResourceSpec?.InstanceType ?? null;
  if (type !== SYSTEM) return type;
  return AppType === 'KernelGateway' ? SYSTEM_KERNEL : null;
}

function resourceOf(
  { arn, told, parted }: App,
  session: AwsPlace,
  known: ReadonlyMap<string, TypeAccelerators>,
): Resource {
  const type = machineOf(told);
  const found = known.get(type ?? '');
  const [active, checked] = [told.LastUserActivityTimestamp, told.LastHealthCheckTimestamp];
  return awsResource(session, {
    type: 'aws:sagemaker:app',
    id: arn,
    name: [told.SpaceName ?? told.UserProfileName, told.AppName].filter(Boolean).join('/'),
    state: told.Status ?? 'unknown',
    created: isoTime(told.CreationTime),
    tags: parted.tags,
    sku: type,
    accelerators: found?.accelerators ?? [],
    parent:
      told.SpaceName === undefined
        ? { type: 'aws:sagemaker:domain', id: told.DomainId ?? '' }
        : { type: 'aws:sagemaker:space', id: `${told.DomainId ?? ''}/${told.SpaceName}` },
    attributes: {
      appType: told.AppType ?? null,
      appName: told.AppName ?? null,
      domainId: told.DomainId ?? null,
      spaceName: told.SpaceName ?? null,
      userProfile: told.UserProfileName ?? null,
      lastActivity: active?.getTime() === checked?.getTime() ? null : isoTime(active),
      lastHealthCheck: isoTime(checked),
      acceleratorsUnknown: type !== null && found === undefined,
      acceleratorDevices: found?.devices ?? null,
      systemTags: parted.systemTags,
    },
  });
}
