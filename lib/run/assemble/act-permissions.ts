import { collectionDown } from '../../actions/aws-aoss-collection.ts';
import { actions } from '../../actions/index.ts';
import type { Action } from '../../actions/model.ts';
import type { ActPermission } from '../../actions/permission.ts';
import type { Config, PolicyConfig } from '../../config/schema.ts';
import { actPermissions } from '../../platform/act-sessions.ts';
import type { Permission } from '../../platform/permissions.ts';
import { exportPermissions, storeActPermissions } from './act-stores.ts';

/** The roles of a member account that change something there. */
export type ActRole = 'act' | 'tag';

type Stopping = Pick<Config, 'policies' | 'guards'> & {
  readonly estate: {
    readonly aws?: Pick<NonNullable<Config['estate']['aws']>, 'actRole' | 'tagRole'> | undefined;
  };
};

/**
 * What the policies let happen in AWS, each action with the role that carries it out. Only mode stop lets anything
 * happen; a policy that can never be the first to match lets nothing happen; tags are put right only where the
 * config names a role for it.
 */
export function allowedActions({ policies, guards, estate: { aws } }: Stopping): Record<ActRole, Action[]> {
  const allowed: Record<ActRole, Action[]> = { act: [], tag: [] };
  if (aws === undefined) return allowed;
  for (const action of actions(guards.protectedTags)) {
    if (action.provider !== 'aws') continue;
    const role: ActRole = action.role ?? 'act';
    if (role === 'tag' && aws.tagRole === undefined) continue;
    if (action.checks.some((check) => mayStop(check, action, policies))) allowed[role].push(action);
  }
  return allowed;
}

/** What the role must be able to do in a member account: the declarations of its actions, each right once. */
export function roleRights(config: Stopping, role: ActRole): ActPermission[] {
  const rights = new Map<string, ActPermission>();
  for (const right of allowedActions(config)[role].flatMap(({ permissions }) => permissions))
    rights.set(JSON.stringify([right.action, right.resources ?? []]), right);
  return [...rights.values()];
}

/** What the sweep needs to enter these roles, and the databases of stores; nothing where no policy says stop. */
export function enteringToAct(config: Pick<Config, 'policies' | 'guards' | 'estate'>): Permission[] {
  const { aws, stores } = config.estate;
  const inStores = actions(config.guards.protectedTags).some(
    (action) =>
      action.provider === 'postgres' &&
      action.checks.some((check) => mayStop(check, action, config.policies)),
  );
  const ofStores = inStores ? storeActPermissions(stores) : [];
  if (aws === undefined) return ofStores;
  const { act, tag } = allowedActions(config);
  return [
    ...ofStores,
    ...(act.length === 0 ? [] : actPermissions(aws.actRole)),
    ...(act.some(({ id }) => id === collectionDown.id)
      ? exportPermissions(aws.exports, 'keeps what a collection holds before it is deleted')
      : []),
    ...(tag.length === 0 || aws.tagRole === undefined ? [] : actPermissions(aws.tagRole)),
  ];
}

/** Is there a policy of mode stop that a finding of this check could be the first to match, for what the action stops? */
export function mayStop(check: string, action: Action, policies: readonly PolicyConfig[]): boolean {
  for (const { check: of, mode, where } of policies) {
    if (of !== '*' && of !== check) continue;
    const { provider, resourceType, ...rest } = where ?? {};
    const reached = meets(provider, [action.provider]) && meets(resourceType, action.resourceTypes);
    if (mode === 'stop' && reached) return true;
    // It takes everything of this check: what comes after it never matches.
    if (provider === undefined && resourceType === undefined && Object.keys(rest).length === 0) return false;
  }
  return false;
}

function meets(wanted: string | readonly string[] | undefined, values: readonly string[]): boolean {
  return wanted === undefined || [wanted].flat().some((value) => values.includes(value));
}
