import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ActPermission } from '../lib/actions/permission.ts';
import type { Permission } from '../lib/platform/permissions.ts';
import type { ActRole } from '../lib/run/assemble/act-permissions.ts';
import { accountArn, statements } from './permissions.ts';

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
const LOOKS = /:(?:Describe|Get|List)|^kms:/;
/** Only bring something back, or keep it. */
const BRINGS_BACK = /:(?:Start|Create|Add)/;
const WRITES_TAGS = new Set(['ec2:CreateTags', 'ec2:DeleteTags', 'sagemaker:AddTags']);

/** What the role is allowed: what is declared, in the act role some of it only on its condition. */
export function allowances(role: ActRole | 'read', rights: readonly Permission[]): PolicyStatement[] {
  const bound = (right: Permission) => role === 'act' && Object.hasOwn(ONLY, right.action);
  const conditioned = rights.filter(bound).flatMap((right) => {
    const [statement] = statements([right], accountArn);
    statement?.addConditions(ONLY[right.action] ?? {});
    return statement ?? [];
  });
  return [
    ...statements(
      rights.filter((right) => !bound(right)),
      accountArn,
    ),
    ...conditioned,
  ];
}

/**
 * What the role is never allowed. Nothing that carries a protected tag is changed, but what only brings back stays
 * allowed: a person may protect what was stopped and still have it started. No tag that protects is written.
 * APIs that look at no tag of the resource cannot be denied so; docs/deploy.md lists them.
 */
export function protections(
  role: ActRole,
  rights: readonly ActPermission[],
  protectedTags: readonly string[],
): PolicyStatement[] {
  const kept = guardedByTag(rights).filter((action) => role === 'act' || !WRITES_TAGS.has(action));
  const tagging = rights.map(({ action }) => action).filter((action) => WRITES_TAGS.has(action));
  return [
    ...(kept.length === 0
      ? []
      : protectedTags.map((tag) => deny(kept, { Null: { [`aws:ResourceTag/${tag}`]: 'false' } }))),
    ...(tagging.length === 0
      ? []
      : [
          deny([...new Set(tagging)], {
            'ForAnyValue:StringEqualsIgnoreCase': { 'aws:TagKeys': [...protectedTags] },
          }),
          deny([...new Set(tagging)], {
            'ForAnyValue:StringLike': { 'aws:TagKeys': ['bursar*', ...(role === 'tag' ? patterns() : [])] },
          }),
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

function deny(actions: readonly string[], conditions: Readonly<Record<string, unknown>>): PolicyStatement {
  return new PolicyStatement({ effect: Effect.DENY, actions: [...actions], resources: ['*'], conditions });
}

/** Each word in the three ways of writing that keys have: lower case, Capitalised, UPPER CASE. */
function patterns(): string[] {
  return PROTECTING.flatMap((word) => [
    `*${word}*`,
    `*${word.charAt(0).toUpperCase()}${word.slice(1)}*`,
    `*${word.toUpperCase()}*`,
  ]);
}
