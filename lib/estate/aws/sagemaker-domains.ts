import {
  type AppLifecycleManagement,
  DescribeDomainCommand,
  DescribeUserProfileCommand,
  ListDomainsCommand,
  ListUserProfilesCommand,
  type UserSettings,
} from '@aws-sdk/client-sagemaker';
import pLimit from 'p-limit';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Json, scopeName } from '../model.ts';
import { awsResource, isoTime } from './resource.ts';
import { AT_ONCE, SAGEMAKER_TAGS_PERMISSION, sagemakerTags, unlessGone } from './sagemaker.ts';
import type { AwsSession } from './session.ts';

const LIST: Permission = { cloud: 'aws', action: 'sagemaker:ListDomains', why: 'lists Studio domains' };
const DESCRIBE: Permission = {
  cloud: 'aws',
  action: 'sagemaker:DescribeDomain',
  why: 'tells whether a Studio domain shuts idle apps down',
};
const LIST_PROFILES: Permission = {
  cloud: 'aws',
  action: 'sagemaker:ListUserProfiles',
  why: 'lists the user profiles of Studio domains',
};
const DESCRIBE_PROFILE: Permission = {
  cloud: 'aws',
  action: 'sagemaker:DescribeUserProfile',
  why: 'tells where a user profile sets another idle shutdown than its domain',
};

/**
 * Studio domains with the idle shutdown that they give to JupyterLab and Code Editor (SageMaker API Reference,
 * IdleSettings), and what each user profile sets of its own.
 *
 * It does not see: spaces (they have a dataset of their own), what shared spaces are given by default, lifecycle
 * scripts that shut idle apps down, Studio Classic's extensions.
 */
export const awsSagemakerDomains: Dataset<AwsSession> = {
  id: 'aws.sagemaker.domains',
  permissions: [LIST, DESCRIBE, LIST_PROFILES, DESCRIBE_PROFILE, SAGEMAKER_TAGS_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      session.sagemaker.send(
        new ListDomainsCommand({ MaxResults: 100, ...(token === undefined ? {} : { NextToken: token }) }),
      ),
    );
    const ids = new Set<string>();
    for await (const { Domains } of pages) for (const { DomainId } of Domains ?? []) ids.add(DomainId ?? '');
    const limit = pLimit(AT_ONCE);
    const profiles = ids.size === 0 ? new Map<string, Json[]>() : await profilesOf(session, where, meter);
    const resources = await Promise.all(
      [...ids].map((DomainId) =>
        limit(() =>
          unlessGone(async () => {
            const told = await awsCall({ action: DESCRIBE.action, where, meter }, () =>
              session.sagemaker.send(new DescribeDomainCommand({ DomainId })),
            );
            const arn = told.DomainArn ?? '';
            const { tags, systemTags } = await sagemakerTags(session, arn, where, meter);
            return awsResource(session, {
              type: 'aws:sagemaker:domain',
              id: arn,
              name: told.DomainName ?? null,
              state: told.Status ?? 'unknown',
              created: isoTime(told.CreationTime),
              tags,
              attributes: {
                domainId: DomainId,
                idleShutdown: shutdownOf(told.DefaultUserSettings),
                profiles: profiles.get(DomainId) ?? [],
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

/** Of each domain, the user profiles with what they set of their own. */
async function profilesOf(session: AwsSession, where: string, meter: Meter): Promise<Map<string, Json[]>> {
  const pages = awsPages({ action: LIST_PROFILES.action, where, meter }, (token) =>
    session.sagemaker.send(
      new ListUserProfilesCommand({ MaxResults: 100, ...(token === undefined ? {} : { NextToken: token }) }),
    ),
  );
  const listed = new Map<string, { DomainId: string; UserProfileName: string }>();
  for await (const { UserProfiles } of pages)
    for (const { DomainId = '', UserProfileName = '' } of UserProfiles ?? [])
      listed.set(`${DomainId}/${UserProfileName}`, { DomainId, UserProfileName });
  const limit = pLimit(AT_ONCE);
  const byDomain = new Map<string, Json[]>();
  const told = await Promise.all(
    [...listed.values()].map((one) =>
      limit(() =>
        unlessGone(async () => {
          const { UserSettings: settings } = await awsCall(
            { action: DESCRIBE_PROFILE.action, where, meter },
            () => session.sagemaker.send(new DescribeUserProfileCommand(one)),
          );
          return { ...one, idleShutdown: shutdownOf(settings) };
        }),
      ),
    ),
  );
  for (const profile of told) {
    if (profile === null) continue;
    const { DomainId, UserProfileName: name, idleShutdown } = profile;
    byDomain.set(DomainId, [...(byDomain.get(DomainId) ?? []), { name, idleShutdown }]);
  }
  return byDomain;
}

function shutdownOf(settings: UserSettings | undefined): Json {
  return {
    jupyterLab: idle(settings?.JupyterLabAppSettings?.AppLifecycleManagement),
    codeEditor: idle(settings?.CodeEditorAppSettings?.AppLifecycleManagement),
  };
}

/** `ENABLED`, `DISABLED`, or null where nothing is set, with the minutes that an app may idle. */
function idle(lifecycle: AppLifecycleManagement | undefined): Json {
  const settings = lifecycle?.IdleSettings;
  return settings?.LifecycleManagement === undefined
    ? null
    : { management: settings.LifecycleManagement, minutes: settings.IdleTimeoutInMinutes ?? null };
}
