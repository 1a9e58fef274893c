import type { Provider, Resource } from '../estate/model.ts';

/**
 * EC2 ids that bills write bare, and the resource type of their ARN ("Resource types defined by Amazon EC2",
 * Service Authorization Reference).
 */
const EC2_TYPES: Readonly<Record<string, string>> = {
  i: 'instance',
  vol: 'volume',
  snap: 'snapshot',
  eni: 'network-interface',
  nat: 'natgateway',
};

/** A resource as a bill names it. */
export interface BilledId {
  readonly provider: Provider;
  readonly accountId: string;
  readonly region: string | null;
  readonly resourceId: string;
}

/** Partition of an AWS region's ARNs ("Amazon Resource Names (ARNs)", AWS IAM user guide). */
function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Azure's bills write ids in lower case, its API does not. */
function bareAlias(provider: Provider, accountId: string, id: string): string {
  return `${provider}\n${accountId}\n${provider === 'azure' ? id.toLowerCase() : id}`;
}

const known = new WeakMap<readonly Resource[], Identities>();

/** The identities of an inventory, built once for all checks that look at the same one. */
export function identitiesOf(resources: readonly Resource[]): Identities {
  let found = known.get(resources);
  if (found === undefined) known.set(resources, (found = new Identities(resources)));
  return found;
}

/** Finds the inventory's resource behind a bill's id, and gives every id its canonical form. Built once, O(1) a look-up. */
export class Identities {
  readonly #byId = new Map<string, Resource>();
  readonly #byAlias = new Map<string, Resource>();

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) {
      this.#byId.set(resource.id, resource);
      const { provider, accountId, id } = resource;
      if (provider === 'azure') this.#byAlias.set(bareAlias(provider, accountId, id), resource);
      this.#byAlias.set(bareAlias(provider, accountId, id.slice(id.lastIndexOf('/') + 1)), resource);
      // Google's bills name an instance by its number, its API by name.
      const number = resource.attributes['instanceId'] ?? resource.attributes['numericId'];
      if (typeof number === 'string')
        this.#byAlias.set(
          bareAlias(provider, accountId, `${id.slice(0, id.lastIndexOf('/') + 1)}${number}`),
          resource,
        );
    }
  }

  /** The resource that the inventory holds under this billed id; null where it holds none. */
  find(billed: BilledId): Resource | null {
    return (
      this.#byId.get(billed.resourceId) ??
      this.#byAlias.get(bareAlias(billed.provider, billed.accountId, billed.resourceId)) ??
      null
    );
  }

  /** Canonical id: the inventory's, else the ARN that a bare EC2 id stands for, else as billed (Azure: lower case). */
  canonical(billed: BilledId): string {
    const found = this.find(billed);
    if (found !== null) return found.id;
    const { provider, accountId, region, resourceId } = billed;
    if (provider === 'azure') return resourceId.toLowerCase();
    const bare = provider === 'aws' && region !== null ? /^([a-z]+)-[0-9a-f]{8,17}$/.exec(resourceId) : null;
    const type = bare?.[1] === undefined ? undefined : EC2_TYPES[bare[1]];
    if (type === undefined || region === null) return resourceId;
    return `arn:${partition(region)}:ec2:${region}:${accountId}:${type}/${resourceId}`;
  }
}

/** The parts of an EC2 ARN that tell whether the inventory of its region would hold it; null for anything else. */
export function ec2Arn(id: string): { region: string; accountId: string; type: string } | null {
  const match = /^arn:aws[a-z-]*:ec2:([a-z0-9-]+):(\d{12}):([a-z-]+)\//.exec(id);
  return match === null ? null : { region: match[1] ?? '', accountId: match[2] ?? '', type: match[3] ?? '' };
}
