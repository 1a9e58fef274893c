import type { ActPermission } from '../../actions/permission.ts';
import type { Config } from '../../config/schema.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type ActRole, roleRights } from './act-permissions.ts';
import { watchesAi } from './entries.ts';
import { readRights } from './permissions.ts';
import { allows, type Named, type Statement } from './policy-statements.ts';

export type MemberRoleId = 'read' | 'act' | 'tag';
/** A function that enters a role, by the output of the stack that holds it. */
export type EnteringRole = 'PlanRoleArn' | 'CollectRoleArn' | 'AiUsageRoleArn' | 'SweepRoleArn';

/** One role of a member account, before it is written in anybody's language. */
export interface MemberRole {
  readonly id: MemberRoleId;
  readonly roleName: string;
  readonly description: string;
  readonly enteredBy: readonly EnteringRole[];
  /** What whoever enters must bring; empty: nothing besides being one of `enteredBy`. */
  readonly condition: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly rights: readonly Permission[];
  /** What it may, and what it never may whatever a policy says; ARNs as declared. */
  statements(named: Named): readonly Statement[];
}

/**
 * The least that IAM takes as the longest session, seconds; Bursar asks for 900, the least of STS (STS API Reference,
 * AssumeRole; IAM API Reference, CreateRole, MaxSessionDuration).
 */
export const LONGEST_SESSION = 3600;

/** ARNs of roles, in any partition. */
export const ROLE_ARN = '^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$';

/**
 * The roles of a member account under a config: to read; where a policy says stop, to act; where the config names a
 * role for it, to put tags right. Only what the config lets happen is there; none where AWS is not looked at.
 */
export function memberRoles(config: Config): MemberRole[] {
  const { aws } = config.estate;
  if (aws === undefined) return [];
  const role = (id: MemberRoleId, roleName: string, rights: readonly Permission[], denies: Statement[]) => ({
    id,
    roleName,
    description: `Bursar: ${id === 'read' ? 'reads; changes nothing' : 'carries out what policies allow'}`,
    enteredBy: enteringOf(id, config),
    condition: conditionOf(id, aws),
    rights,
    statements: (named: Named) => [...allowances(id, rights, named), ...denies],
  });
  const changing = (id: ActRole, roleName: string) => {
    const rights = roleRights(config, id);
    return rights.length === 0
      ? []
      : [role(id, roleName, rights, protections(id, rights, config.guards.protectedTags))];
  };
  return [
    role('read', aws.readRole, readRights(aws, config.owners), []),
    ...changing('act', aws.actRole),
    ...(aws.tagRole === undefined ? [] : changing('tag', aws.tagRole)),
  ];
}

/** Who lists, collects, watches and looks again reads; the sweep alone changes anything. */
function enteringOf(id: MemberRoleId, config: Config): EnteringRole[] {
  if (id !== 'read') return ['SweepRoleArn'];
  return [
    'PlanRoleArn',
    'CollectRoleArn',
    ...(watchesAi(config) ? (['AiUsageRoleArn'] as const) : []),
    'SweepRoleArn',
  ];
}

/** With the external id, of this organisation; to act only in the name of a finding. */
function conditionOf(
  id: MemberRoleId,
  { externalId, organisationId }: NonNullable<Config['estate']['aws']>,
): MemberRole['condition'] {
  const equals = {
    ...(externalId === undefined ? {} : { 'sts:ExternalId': externalId }),
    ...(organisationId === undefined ? {} : { 'aws:PrincipalOrgID': organisationId }),
  };
  return {
    ...(Object.keys(equals).length === 0 ? {} : { StringEquals: equals }),
    ...(id === 'read' ? {} : { StringLike: { 'sts:RoleSessionName': 'bursar-f-*' } }),
  };
}

/** As EC2 uses a key for a volume, in both the commercial and the Chinese partition. */
const BY_EC2 = { StringLike: { 'kms:ViaService': ['ec2.*.amazonaws.com', 'ec2.*.amazonaws.com.cn'] } };

/**
 * Rights that the act role has only on a condition: to tag, while it makes the thing (`ec2:CreateAction`: EC2 User
 * Guide, "Grant permission to tag Amazon EC2 resources during creation"; `sagemaker:TaggingAction`: Service
 * Authorization Reference, "Amazon SageMaker", AddTags); to use a key, only through EC2, and to grant its use only
 * to EC2 itself (AWS KMS Developer Guide, "Condition keys": kms:ViaService, kms:GrantIsForAWSResource).
 */
const ONLY: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>> = {
  'ec2:CreateTags': { StringEquals: { 'ec2:CreateAction': ['CreateSnapshot', 'CreateVolume'] } },
  'sagemaker:AddTags': { StringEquals: { 'sagemaker:TaggingAction': ['CreateApp', 'CreateEndpoint'] } },
  'kms:CreateGrant': { ...BY_EC2, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  'kms:Decrypt': BY_EC2,
  'kms:DescribeKey': BY_EC2,
  'kms:GenerateDataKeyWithoutPlaintext': BY_EC2,
  'kms:ReEncryptFrom': BY_EC2,
  'kms:ReEncryptTo': BY_EC2,
};

/** Words of tag keys that protect, approve or exempt. IAM compares them letter by letter, the action folds case. */
const PROTECTING = [
  'protect',
  'exempt',
  'approv',
  'do-not',
  'do_not',
  'donot',
  'never',
  'keep',
  'hold',
  'retain',
  'retention',
  'delet',
];

/** Looks, or uses a key: changes nothing. */
const LOOKS = /:(?:BatchGet|Describe|Get|List)|^kms:/;
/** Only bring something back, or keep it. */
const BRINGS_BACK = /:(?:Start|Create|Add)/;
const WRITES_TAGS = new Set(['aoss:TagResource', 'ec2:CreateTags', 'ec2:DeleteTags', 'sagemaker:AddTags']);

/** What the role is allowed: what is declared, in the act role some of it only on its condition. */
function allowances(role: MemberRoleId, rights: readonly Permission[], named: Named): Statement[] {
  const bound = (right: Permission) => role === 'act' && Object.hasOwn(ONLY, right.action);
  // Those with one condition together: inline policies of a role may hold 10,240 characters.
  const conditioned = Map.groupBy(rights.filter(bound), ({ action }) => JSON.stringify(ONLY[action]))
    .values()
    .flatMap((together) =>
      allows(together, named).map((statement) => ({
        ...statement,
        Condition: ONLY[together[0]?.action ?? ''] ?? {},
      })),
    );
  return [
    ...allows(
      rights.filter((right) => !bound(right)),
      named,
    ),
    ...conditioned,
  ];
}

/**
 * What the role is never allowed. Nothing that carries a protected tag is changed, but what only brings back stays
 * allowed: a person may protect what was stopped and still have it started. No tag that protects is written.
 * APIs that look at no tag of the resource cannot be denied so; docs/deploy.md lists them.
 */
function protections(
  role: ActRole,
  rights: readonly ActPermission[],
  protectedTags: readonly string[],
): Statement[] {
  const kept = guardedByTag(rights).filter((action) => role === 'act' || !WRITES_TAGS.has(action));
  const tagging = [
    ...new Set(rights.map(({ action }) => action).filter((action) => WRITES_TAGS.has(action))),
  ];
  return [
    ...(kept.length === 0
      ? []
      : protectedTags.map((tag) => deny(kept, { Null: { [`aws:ResourceTag/${tag}`]: 'false' } }))),
    ...(tagging.length === 0
      ? []
      : [
          deny(tagging, { 'ForAnyValue:StringEqualsIgnoreCase': { 'aws:TagKeys': [...protectedTags] } }),
          // What is made to keep or bring back carries bursar:plan: the act role, which tags only that, must write it.
          ...(role === 'tag'
            ? [deny(tagging, { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['bursar*', ...patterns()] } })]
            : []),
        ]),
  ];
}

/** The actions that a protected tag denies, sorted. */
export function guardedByTag(rights: readonly ActPermission[]): string[] {
  const guarded = rights.filter(({ action, tagConditioned }) => tagConditioned && !LOOKS.test(action));
  return [
    ...new Set(guarded.map(({ action }) => action).filter((action) => !BRINGS_BACK.test(action))),
  ].toSorted();
}

/** The actions that change something and that no tag can deny: the action itself reads the tags before. */
export function guardedInCode(rights: readonly ActPermission[]): string[] {
  const guarded = rights.filter(({ action, tagConditioned }) => !tagConditioned && !LOOKS.test(action));
  return [...new Set(guarded.map(({ action }) => action))].toSorted();
}

function deny(actions: readonly string[], condition: NonNullable<Statement['Condition']>): Statement {
  return { Effect: 'Deny', Action: actions, Resource: ['*'], Condition: condition };
}

/** Each word in the three ways of writing that keys have: lower case, Capitalised, UPPER CASE. */
function patterns(): string[] {
  return PROTECTING.flatMap((word) => [
    `*${word}*`,
    `*${word.charAt(0).toUpperCase()}${word.slice(1)}*`,
    `*${word.toUpperCase()}*`,
  ]);
}
