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
function bareAlias(provider: Provider, id: string): string {
  return provider === 'azure' ? id.toLowerCase() : id;
}

/**
 * The id as a bill may write it without the path before it; null where what is left would say nothing. Bills name a
 * bucket by its name alone ("line_item_resource_id", Cost and Usage Report user guide); the last part of a log group's
 * name, of an image repository's or of a load balancer's is not its id.
 */
function bareId({ type, id }: Resource): string | null {
  if (type === BUCKET) return id.slice(id.lastIndexOf(':') + 1);
  return NAMED_BY_PATH.has(type) ? null : id.slice(id.lastIndexOf('/') + 1);
}

/**
 * Whom a name means that `other` bears already: a disk of Google Cloud has the name of the machine that it was made
 * with, so that a name of two is nobody's. A bucket is billed by its name alone, and other things of AWS are not.
 */
function namedBoth(other: Resource | null | undefined, resource: Resource): Resource | null {
  if (other === undefined || other?.id === resource.id || resource.type === BUCKET) return resource;
  return other?.type === BUCKET ? other : null;
}

const BUCKET = 'aws:s3:bucket';
const NAMED_BY_PATH: ReadonlySet<string> = new Set([
  'aws:logs:log-group',
  'aws:ecr:repository',
  'aws:elasticloadbalancing:loadbalancer',
]);

/**
 * A thing of Compute Engine by its number, which no other has, whatever stands before it: an export may write the
 * number of the project for its id, and `disk` for `disks`.
 */
const NUMBERED = /^\/\/compute\.googleapis\.com\/projects\/[^/]+\/.+\/(\d+)$/;

/** Names of Google begin with the project, by its id or by its number, which several APIs and exports write. */
const BY_PROJECT_NUMBER = /^(\/\/[^/]+\/projects\/)\d+(?=\/)/;

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
  /** By provider, account and alias: a map in a map, since joining the three for every line of a bill takes longer. */
  readonly #byAlias = new Map<Provider, Map<string, Map<string, Resource | null>>>();

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) {
      this.#byId.set(resource.id, resource);
      const { provider, accountId, id } = resource;
      const aliases = this.#aliasesOf(provider, accountId);
      if (provider === 'azure') aliases.set(bareAlias(provider, id), resource);
      const bare = bareId(resource);
      if (bare !== null) {
        const alias = bareAlias(provider, bare);
        aliases.set(alias, namedBoth(aliases.get(alias), resource));
      }
      // Google's bills name an instance by its number, its API by name.
      const number = resource.attributes['instanceId'] ?? resource.attributes['numericId'];
      if (typeof number === 'string') {
        aliases.set(bareAlias(provider, `${id.slice(0, id.lastIndexOf('/') + 1)}${number}`), resource);
        if (resource.type.startsWith('gcp:compute:')) aliases.set(`#${number}`, resource);
      }
    }
  }

  #aliasesOf(provider: Provider, accountId: string): Map<string, Resource | null> {
    let accounts = this.#byAlias.get(provider);
    if (accounts === undefined) this.#byAlias.set(provider, (accounts = new Map()));
    let aliases = accounts.get(accountId);
    if (aliases === undefined) accounts.set(accountId, (aliases = new Map()));
    return aliases;
  }

  /** The resource that the inventory holds under this billed id; null where it holds none. */
  find({ provider, accountId, resourceId }: BilledId): Resource | null {
    if (this.#byId.size === 0) return null;
    const byId = this.#byId.get(resourceId);
    if (byId !== undefined) return byId;
    const aliases = this.#byAlias.get(provider)?.get(accountId);
    const number = provider === 'gcp' ? NUMBERED.exec(resourceId)?.[1] : undefined;
    const found =
      aliases?.get(bareAlias(provider, resourceId)) ??
      (number === undefined ? null : (aliases?.get(`#${number}`) ?? null));
    if (found !== null || provider !== 'gcp' || !BY_PROJECT_NUMBER.test(resourceId)) return found;
    return this.#byId.get(resourceId.replace(BY_PROJECT_NUMBER, `$1${accountId}`)) ?? null;
  }

  /** The resource of this canonical id. */
  byId(id: string): Resource | undefined {
    return this.#byId.get(id);
  }

  readonly #behind = new WeakMap<readonly object[], readonly (Resource | null)[]>();

  /** The resource behind each line of a bill, in its order; null where there is none. Looked up once for all checks. */
  behind(
    lines: readonly (Omit<BilledId, 'resourceId'> & { readonly resourceId: string | null })[],
  ): readonly (Resource | null)[] {
    let found = this.#behind.get(lines);
    if (found === undefined) {
      found = lines.map(({ provider, accountId, region, resourceId }) =>
        resourceId === null ? null : this.find({ provider, accountId, region, resourceId }),
      );
      this.#behind.set(lines, found);
    }
    return found;
  }

  /** Canonical id: the inventory's, else the ARN that a bare EC2 id stands for, else as billed (Azure: lower case). `found`: what `find` gave. */
  canonical(billed: BilledId, found = this.find(billed)): string {
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
