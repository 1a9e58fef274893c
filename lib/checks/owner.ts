import type { Owned, Owner } from './model.ts';
import type { Known } from './ownership.ts';
import { fold } from './tags.ts';

/** The config's `owners`, as far as it decides who answers for a resource. */
export interface OwnerSettings {
  /** Tag keys, in order of trust. */
  readonly tags: readonly string[];
  /** Domains whose addresses may be written to; empty: any that a resource's tag names, with low confidence. */
  readonly domains: readonly string[];
  /** Who answers for an account, by account id. */
  readonly accounts: Readonly<Record<string, string>>;
}

/** @param known accounts and creators as far as they were read; without it tags and config alone decide */
export type OwnerOf = (owned: Owned, known?: Known) => Owner | null;

const ADDRESS = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

/**
 * Says who owns a resource, the first that is known of:
 * 1. an owner tag of it that holds an address in an allowed domain (high; medium under a spelling variant of the
 *    key, or where it is spelled as labels of Google must be: `ana_acme_com`; low where no domain is configured);
 * 2. whom the config names for its account (medium);
 * 3. an owner tag of its account or project, under the exact key, with an address in an allowed domain (medium);
 * 4. whoever made it by the provider's audit log, with an address in an allowed domain (medium). Where 2 is a
 *    channel, 3 and 4 come before it: a channel owns nothing;
 * 5. a tag that names someone without an address (low: it cannot be written to).
 *
 * Else null. An address outside the allowed domains is never an owner: tags are written by anyone who may tag, and
 * session names are chosen by whoever assumes a role. Accounts and creators need a configured domain, so that what
 * they name is never less certain than medium. Pure: the same arguments give the same owner.
 */
export function ownerResolver(settings: OwnerSettings): OwnerOf {
  const domains = new Set(settings.domains.map((domain) => domain.toLowerCase()));
  const spellings = [...domains].map((domain) => ({
    domain,
    pattern: new RegExp(`^([a-z0-9]+)[_-](?:at[_-])?${domain.replaceAll(/[^a-z0-9]/g, '[_-]')}$`),
  }));
  const keys = settings.tags.map((key) => ({ key, folded: fold(key) }));
  return ({ accountId, tags, id }, known) => {
    const { address, named } = byTag(keys, domains, spellings, tags ?? {});
    if (address !== null) return address;
    const contact = Object.hasOwn(settings.accounts, accountId) ? settings.accounts[accountId] : undefined;
    const account: Owner | null =
      contact === undefined ? null : { id: contact, source: `account ${accountId}`, confidence: 'medium' };
    if (account !== null && !account.id.startsWith('#')) return account;
    return (
      byAccountTag(keys, domains, spellings, accountId, known) ??
      byCreator(domains, id, known) ??
      account ??
      named
    );
  };
}

type Spellings = readonly { readonly domain: string; readonly pattern: RegExp }[];
type Keys = readonly { readonly key: string; readonly folded: string }[];

function byTag(
  keys: Keys,
  domains: ReadonlySet<string>,
  spellings: Spellings,
  tags: Readonly<Record<string, string>>,
): { address: Owner | null; named: Owner | null } {
  let named: Owner | null = null;
  for (const { key, folded } of keys) {
    const exact = filled(tags, (each) => each === key);
    const tag = exact ?? filled(tags, (each) => fold(each) === folded);
    if (tag === null) continue;
    const source = exact ? `tag ${key}` : `tag ${tag.key} (variant of ${key})`;
    const address = addressIn(tag.value, domains, domains.size === 0);
    if (address !== null) {
      const confidence = domains.size === 0 ? 'low' : exact ? 'high' : 'medium';
      return { address: { id: address, source, confidence }, named };
    }
    const spelled = spelledIn(tag.value, spellings);
    if (spelled !== null)
      return { address: { id: spelled, source: `${source}, ${tag.value}`, confidence: 'medium' }, named };
    if (!tag.value.includes('@')) named ??= { id: tag.value, source, confidence: 'low' };
  }
  return { address: null, named };
}

/** The first tag of a key as its owner wrote it that is `right` and has a value. */
function filled(
  tags: Readonly<Record<string, string>>,
  right: (key: string) => boolean,
): { readonly key: string; readonly value: string } | null {
  for (const whole in tags) {
    if (!Object.hasOwn(tags, whole)) continue;
    const key = whole.startsWith('user:') ? whole.slice('user:'.length) : whole;
    const value = right(key) ? (tags[whole] ?? '').trim() : '';
    if (value !== '') return { key, value };
  }
  return null;
}

function byAccountTag(
  keys: Keys,
  domains: ReadonlySet<string>,
  spellings: Spellings,
  accountId: string,
  known: Known | undefined,
): Owner | null {
  const tags = known?.accounts.get(accountId)?.tags ?? {};
  for (const { key } of keys) {
    const value = Object.hasOwn(tags, key) ? (tags[key] ?? '') : '';
    const address = addressIn(value, domains, false) ?? spelledIn(value, spellings);
    if (address !== null)
      return { id: address, source: `account ${accountId} by its tag ${key}`, confidence: 'medium' };
  }
  return null;
}

const CREATOR = 'creator by ';

function byCreator(
  domains: ReadonlySet<string>,
  id: string | undefined,
  known: Known | undefined,
): Owner | null {
  const made = id === undefined ? undefined : known?.creations.get(id);
  const address = made?.address == null ? null : addressIn(made.address, domains, false);
  if (made === undefined || address === null) return null;
  const when = made.at === null ? '' : ` of ${made.at.slice(0, 10)}`;
  return { id: address, source: `${CREATOR}${made.event ?? 'audit log'}${when}`, confidence: 'medium' };
}

/**
 * The first address of a text that is in an allowed domain; `any`: in whatever domain. Tags of AWS take neither comma nor
 * semicolon, but `:` and `/` (Tagging AWS Resources user guide, "Tag naming limits and requirements"), so that
 * several, or a word before one, are written with these; `/` may be a part of an address, which then counts whole.
 */
function addressIn(text: string, domains: ReadonlySet<string>, any: boolean): string | null {
  const isOne = (part: string) => ADDRESS.test(part) && (any || domains.has(domainOf(part)));
  const parts = text.split(/[\s,;|<>()]+/).flatMap((part) => (part.includes('://') ? [] : part.split(':')));
  for (const part of parts) {
    const found = ADDRESS.test(part) ? [part].find(isOne) : part.split('/').find(isOne);
    if (found !== undefined) return found;
  }
  return null;
}

/**
 * The address that a value spells without `@` and `.`, which labels of Google Cloud may not hold ("Keys and values can
 * contain only lowercase letters, numeric characters, underscores, and dashes": Resource Manager documentation,
 * "Requirements for labels"): `ana_acme_com`, `ana-at-acme-com`. A person's part that has a mark of its own could stand
 * for several addresses and is none, and so is what two of the domains would read differently.
 */
function spelledIn(value: string, spellings: Spellings): string | null {
  const found = new Set<string>();
  for (const { domain, pattern } of spellings) {
    const person = pattern.exec(value)?.[1];
    if (person !== undefined) found.add(`${person}@${domain}`);
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/**
 * The owner where only tags and config were read again: theirs, where it is one that can be written to; else whom
 * an audit found by what is not read again, an account's tag or the log of who made the thing. Who made it never
 * changes, and an account's tag is read by every audit.
 */
export function ownerAgain(now: Owner | null, audited: Owner | null): Owner | null {
  if (now !== null && isReachable(now.id)) return now;
  const lasts =
    audited !== null &&
    audited.confidence !== 'low' &&
    (audited.source.startsWith(CREATOR) || /^account \S+ by its tag /.test(audited.source));
  return lasts ? audited : now;
}

/** An address or a Slack user can be written to as a person; a channel is nobody, and any other name a guess. */
export function isReachable(id: string): boolean {
  return !id.startsWith('#') && (id.includes('@') || /^[UW][A-Z0-9]{1,20}$/.test(id));
}
