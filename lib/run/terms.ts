import { checks, type OwnerOf } from '../checks/index.ts';
import type { Facts, Judgement, Owner } from '../checks/model.ts';
import { isReachable } from '../checks/owner.ts';
import { resourceClass } from '../focus/ai/resource-class.ts';
import { type Dimensions, ruleValue } from '../lake/dimensions.ts';
import { DEFAULT_GRACE } from '../ledger/guards.ts';
import type { PolicyNow, Recipient } from '../ledger/life.ts';
import type { Finding, Terms } from '../ledger/model.ts';
import { type Policy, policyFor } from '../ledger/policy.ts';

/** What of the config decides which policy applies and who is told. */
export interface TermsSettings {
  readonly policies: readonly Policy[];
  readonly production: readonly string[];
  readonly dimensions: Dimensions;
  readonly ownerOf: OwnerOf;
  /** Who answers for an account, by its id. */
  readonly accounts: Readonly<Record<string, string>>;
  /** The channel of a team, by its name in the dimension `team`: never an owner. */
  readonly teams?: Readonly<Record<string, string>>;
  /** Who hears of what nobody owns: never an owner. */
  readonly fallback: string | null;
}

type Subject = Pick<Judgement & Finding, 'check' | 'provider' | 'accountId' | 'resourceType' | 'monthlyCost'>;
type Tags = Readonly<Record<string, string>>;

/** The policy that applies to a finding, by the tags of its resource. */
export function policyNow(subject: Subject, tags: Tags, settings: TermsSettings): PolicyNow {
  const { mode, policy, reason } = policyFor(
    {
      check: subject.check,
      provider: subject.provider,
      accountId: subject.accountId,
      resourceType: subject.resourceType,
      aiClass: resourceClass(subject.check, subject.resourceType),
      tags,
      dimensions: dimensionsOf(subject.accountId, tags, settings.dimensions),
      monthlyCost: subject.monthlyCost,
    },
    settings.policies,
    settings.production,
  );
  const named = policy !== null && policy.check === subject.check;
  return {
    mode,
    rule: reason,
    grace: mode === 'stop' ? (policy?.grace ?? DEFAULT_GRACE) : null,
    ...(named ? { named } : {}),
  };
}

/** May a verdict of this check be acted on? */
export function mayBeActedOn({ check, verdict }: Pick<Judgement, 'check' | 'verdict'>): boolean {
  return checks.find(({ id }) => id === check)?.verdicts[verdict]?.actionable === true;
}

/** Policy, recipient and actionability of each judgement of a run, by the tags that were collected with it. */
export function termsOf(
  resources: Facts['resources'],
  settings: TermsSettings,
): (judgement: Judgement) => Terms {
  const tagsOf = new Map(resources.map(({ id, tags }) => [id, tags]));
  return (judgement) => {
    const tags = tagsOf.get(judgement.resourceId) ?? {};
    return {
      policy: policyNow(judgement, tags, settings),
      actionable: mayBeActedOn(judgement),
      recipient: recipientOf(judgement.owner, judgement.accountId, settings, [], tags),
      hold: null,
    };
  };
}

/**
 * The owner by tag, account or creator, then the account's, else the channel of the team, else the fallback; the
 * last two only hear of it.
 * @param tags those of the resource, where they are known: a team may be named there
 */
export function recipientOf(
  owner: Owner | null,
  accountId: string,
  settings: TermsSettings,
  passed: readonly string[] = [],
  tags: Tags = {},
): Recipient | null {
  const account = Object.hasOwn(settings.accounts, accountId) ? settings.accounts[accountId] : undefined;
  const candidates = [
    owner === null ? null : candidate(owner.id, owner.source),
    account === undefined ? null : candidate(account, `account ${accountId}`),
    teamChannel(accountId, tags, settings),
    settings.fallback === null
      ? null
      : ({ kind: 'channel', id: settings.fallback, person: null, source: 'fallback' } as const),
  ];
  return candidates.find((each) => each !== null && !passed.includes(each.id)) ?? null;
}

function teamChannel(accountId: string, tags: Tags, settings: TermsSettings): Recipient | null {
  const { team } = dimensionsOf(accountId, tags, settings.dimensions);
  const channel =
    team !== undefined && settings.teams !== undefined && Object.hasOwn(settings.teams, team)
      ? settings.teams[team]
      : undefined;
  return channel === undefined
    ? null
    : { kind: 'channel', id: channel, person: null, source: `team ${team}` };
}

/** An address or a Slack user can be an owner; a channel hears of it; any other name cannot be written to. */
function candidate(id: string, source: string): Recipient | null {
  if (id.startsWith('#')) return { kind: 'channel', id, person: null, source };
  return isReachable(id) ? { kind: 'owner', id, person: null, source } : null;
}

/** Dimensions of a resource, by the same rules as columns of `costs`. */
export function dimensionsOf(accountId: string, tags: Tags, dimensions: Dimensions): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, rules] of Object.entries(dimensions)) {
    const value = rules.map((rule) => ruleValue(rule, accountId, tags)).find((each) => each !== null);
    if (value !== undefined && value !== null) values[name] = value;
  }
  return values;
}
