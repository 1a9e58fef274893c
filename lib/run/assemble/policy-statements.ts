import type { Permission } from '../../platform/permissions.ts';

/** One statement of an IAM policy, as JSON has it. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a declared ARN is called where the policy is made: its partition, region and account are not known before. */
export type Named = (declared: string) => string;

/**
 * Allows what adapters declared: one statement a set of resources, nothing that no one declared. Rights of other
 * clouds and of Slack are not IAM's and are left out.
 */
export function allows(permissions: readonly Permission[], named: Named): Statement[] {
  const byResources = new Map<string, { actions: Set<string>; resources: string[] }>();
  for (const { cloud, action, resources } of permissions) {
    if (cloud !== 'aws') continue;
    const arns = (resources ?? ['*']).map(named);
    const key = JSON.stringify(arns);
    const group = byResources.get(key) ?? { actions: new Set(), resources: arns };
    group.actions.add(action);
    byResources.set(key, group);
  }
  return [...byResources.values()].map(({ actions, resources }) => ({
    Effect: 'Allow',
    Action: [...actions].toSorted(),
    Resource: resources,
  }));
}

/** Words for what a template fills in. */
export interface Place {
  readonly partition: string;
  readonly account: string;
}

/** Fills in the partition, and the account where it is left open; every region stays meant. */
export function inAccount({ partition, account }: Place): Named {
  return (declared) => {
    const [, service, region, owner, resource] =
      /^arn:(?:aws|\*):([^:]*):([^:]*):([^:]*):(.*)$/.exec(declared) ?? [];
    // `*`, or an ARN that is whole.
    if (service === undefined || resource === undefined) return declared;
    return ['arn', partition, service, region, owner === '*' ? account : owner, resource].join(':');
  };
}
