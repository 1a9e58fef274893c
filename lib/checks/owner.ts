import type { Facts, Owner } from './model.ts';
import { fold } from './tags.ts';

/** The config's `owners`, as far as it decides who answers for a resource. */
export interface OwnerSettings {
  /** Tag keys, in order of trust. */
  readonly tags: readonly string[];
  /** Domains whose addresses may be written to; empty: any, with low confidence. */
  readonly domains: readonly string[];
  /** Who answers for an account, by account id. */
  readonly accounts: Readonly<Record<string, string>>;
}

const ADDRESS = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

/**
 * Says who owns a resource: the first owner tag that holds an address in an allowed domain (high; medium
 * under a spelling variant of the key; low where no domain is configured), then the account's owner (medium),
 * then a tag that names someone without an address (low: it cannot be written to), else null. An address
 * outside the allowed domains is never an owner: tags are written by anyone who may tag.
 */
export function ownerResolver(settings: OwnerSettings): Facts['ownerOf'] {
  const domains = new Set(settings.domains.map((domain) => domain.toLowerCase()));
  const keys = settings.tags.map((key) => ({ key, folded: fold(key) }));
  return ({ accountId, tags }) => {
    let named: Owner | null = null;
    const given = Object.entries(tags ?? {}).map(([key, value]) => ({
      key: key.startsWith('user:') ? key.slice('user:'.length) : key,
      value: value.trim(),
    }));
    for (const { key, folded } of keys) {
      const exact = given.find((tag) => tag.key === key && tag.value !== '');
      const tag = exact ?? given.find((other) => other.value !== '' && fold(other.key) === folded);
      if (tag === undefined) continue;
      const source = exact ? `tag ${key}` : `tag ${tag.key} (variant of ${key})`;
      const address = tag.value
        .split(/[\s,;]+/)
        .find((part) => ADDRESS.test(part) && (domains.size === 0 || domains.has(domainOf(part))));
      if (address !== undefined)
        return { id: address, source, confidence: domains.size === 0 ? 'low' : exact ? 'high' : 'medium' };
      if (!tag.value.includes('@')) named ??= { id: tag.value, source, confidence: 'low' };
    }
    const account = Object.hasOwn(settings.accounts, accountId) ? settings.accounts[accountId] : undefined;
    return account === undefined
      ? named
      : { id: account, source: `account ${accountId}`, confidence: 'medium' };
  };
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
