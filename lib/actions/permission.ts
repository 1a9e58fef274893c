import type { Permission } from '../platform/permissions.ts';

export type ActPermission = Permission & { readonly tagConditioned: boolean };

/**
 * A right to look. Whether the APIs here take `aws:ResourceTag` stands in the Service Authorization Reference,
 * "Actions, resources, and condition keys for AWS services" (read November 2026), a page a service.
 */
export function reads(
  action: string,
  why: string,
  more: { resources?: string; byTag?: boolean } = {},
): ActPermission {
  return {
    cloud: 'aws',
    action,
    ...(more.resources === undefined ? {} : { resources: [more.resources] }),
    why,
    tagConditioned: more.byTag ?? false,
  };
}

/** A right to change something that carries tags, which a policy can look at (`aws:ResourceTag`; source as above). */
export function changes(action: string, resources: string, why: string): ActPermission {
  return { cloud: 'aws', action, resources: [resources], why, tagConditioned: true };
}

/** A right to change something by an API that looks at no tag of the resource: guarded in code only. */
export function changesUntagged(action: string, resources: string, why: string): ActPermission {
  return { cloud: 'aws', action, resources: [resources], why, tagConditioned: false };
}

/**
 * A right in Google Cloud. Conditions of its IAM look at a resource's name and type, not at its labels (IAM
 * documentation, "Attribute reference for IAM Conditions"): protection by label is checked in code only.
 */
export function googleRight(action: string, why: string): ActPermission {
  return { cloud: 'gcp', action, why, tagConditioned: false };
}

const KEYS = 'arn:*:kms:*:*:key/*';

/**
 * What starting an instance with volumes under a customer's own key needs (AWS re:Post Knowledge Center, "EC2
 * instance goes from pending to stopped": the principal that calls StartInstances must have kms:CreateGrant; read
 * November 2026). The role has it through EC2 alone; the key's policy must allow it, too.
 */
export const STARTS_ENCRYPTED: readonly ActPermission[] = [
  changesUntagged('kms:CreateGrant', KEYS, 'lets EC2 use the key of an encrypted volume'),
];

/**
 * What making a volume of an encrypted snapshot needs (Amazon EBS User Guide, "Requirements for Amazon EBS
 * encryption", "Permissions for users"; read November 2026).
 */
export const MAKES_ENCRYPTED: readonly ActPermission[] = [
  ...STARTS_ENCRYPTED,
  ...['Decrypt', 'DescribeKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo'].map(
    (name) => changesUntagged(`kms:${name}`, KEYS, 'makes a volume of an encrypted snapshot, through EC2'),
  ),
];
