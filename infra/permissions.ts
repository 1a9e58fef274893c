import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Permission } from '../lib/platform/permissions.ts';

/**
 * IAM statements for what adapters declared: one a set of resources, nothing that no one declared. Rights of
 * other clouds and of Slack are not IAM's and are left out.
 */
export function statements(
  permissions: readonly Permission[],
  arn: (declared: string) => string = ownArn,
): PolicyStatement[] {
  const byResources = new Map<string, { actions: Set<string>; resources: readonly string[] }>();
  for (const { cloud, action, resources } of permissions) {
    if (cloud !== 'aws') continue;
    const arns = (resources ?? ['*']).map(arn);
    const key = JSON.stringify(arns);
    const group = byResources.get(key) ?? { actions: new Set(), resources: arns };
    group.actions.add(action);
    byResources.set(key, group);
  }
  return [...byResources.values()].map(
    ({ actions, resources }) =>
      new PolicyStatement({ actions: [...actions].toSorted(), resources: [...resources] }),
  );
}

/** Fills in what an adapter cannot know: the partition, and region and account where it left both open. */
export function ownArn(declared: string): string {
  const [, service, region, account, resource] =
    /^arn:(?:aws|\*):([^:]*):([^:]*):([^:]*):(.*)$/.exec(declared) ?? [];
  // An ARN that the CDK made is whole, or `*`.
  if (service === undefined || resource === undefined) return declared;
  const own = region === '*' && account === '*';
  return [
    'arn',
    Aws.PARTITION,
    service,
    own ? Aws.REGION : region,
    own ? Aws.ACCOUNT_ID : account,
    resource,
  ].join(':');
}

/** Fills in the partition, and the account where it is left open; every region stays meant. */
export function accountArn(declared: string): string {
  const [, service, region, account, resource] =
    /^arn:(?:aws|\*):([^:]*):([^:]*):([^:]*):(.*)$/.exec(declared) ?? [];
  if (service === undefined || resource === undefined) return declared;
  const owner = account === '*' ? Aws.ACCOUNT_ID : account;
  return ['arn', Aws.PARTITION, service, region, owner, resource].join(':');
}
