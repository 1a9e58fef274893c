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
