/**
 * owner-conflict: tags that say another team than the account or the creator does.
 *
 * What it means: NONCOMPLIANT is a resource whose team tag, or whose owner tag by the team that person is in, names
 * a team; whose account or creator has a team, too; and the two are not the same word, whatever its case and
 * separators. The team of an account is its own tag, else a rule of the dimension `team` for it; that of a creator
 * is where `owners.teams` lists them as a member. Both sides stand in the evidence. Nothing follows but the finding.
 *
 * What it leaves out: accounts named in `shared`, where several teams work; people who are listed in several teams
 * of which one agrees; resources that only the bill knows.
 *
 * What it cannot see: which side is right; teams of people whom `owners.teams` does not list.
 */
import { z } from 'zod';
import { type Resource, scopeOf } from '../estate/model.ts';
import { costsOf } from './cost.ts';
import type { Check, Evidence, Facts, Judgement } from './model.ts';
import { isTaggable } from './tagging.ts';
import { fold, keyFor, ownTags } from './tags.ts';

export const settings = z.strictObject({
  shared: z
    .array(z.string().min(1))
    .default([])
    .describe('accounts in which several teams work: their team contradicts no tag'),
});

/** What the config says of teams elsewhere; no config keys of this check. */
export const teamSettings = {
  teamTags: z.array(z.string()).default([]),
  teamByAccount: z.record(z.string(), z.string()).default({}),
  members: z.record(z.string(), z.array(z.string())).default({}),
};
export type OwnerConflictSettings = z.output<typeof settings> & {
  /** Tag keys of the dimension `team`, in order. */
  readonly teamTags: readonly string[];
  /** Its rules by account or project id. */
  readonly teamByAccount: Readonly<Record<string, string>>;
  /** Addresses of the members of a team. */
  readonly members: Readonly<Record<string, readonly string[]>>;
};

/** Who says that a thing is of a team; a person may be in several. */
interface Claim {
  readonly name: string;
  readonly teams: readonly string[];
  readonly source: string;
}

export const ownerConflict: Check<OwnerConflictSettings> = {
  id: 'owner-conflict',
  title: 'Tags against the account’s or creator’s team',
  needs: ['resources', 'costs'],
  datasets: 'all',
  verdicts: { NONCOMPLIANT: { actionable: false } },
  judge(facts, given) {
    const costs = costsOf(facts);
    const teamsOf = teamsByAddress(given.members);
    return facts.resources.filter(isTaggable).flatMap((resource): Judgement[] => {
      const others = otherClaims(facts, resource, given, teamsOf);
      if (others.length === 0) return [];
      const tags = tagClaims(facts, resource, given, teamsOf);
      const against = tags.flatMap((tag) =>
        others.filter((other) => !agree(tag, other)).map((other) => [tag, other]),
      );
      const [first] = against;
      if (first === undefined) return [];
      const claims = [...new Set(against.flat())];
      const cost = costs.of(resource.id);
      return [
        {
          check: ownerConflict.id,
          provider: resource.provider,
          accountId: resource.accountId,
          region: resource.region,
          resourceType: resource.type,
          resourceId: resource.id,
          resourceName: resource.name,
          owner: facts.ownerOf(resource),
          verdict: 'NONCOMPLIANT',
          confidence: 'medium',
          costBasis: cost.costBasis,
          monthlyCost: cost.monthlyCost,
          monthlySaving: null,
          evidence: [...claims.map(evidence), ...cost.evidence],
          blindSpots: ['Which of the two is right, only people know.', ...cost.blindSpots],
          reason: `Its ${first.map(({ name, teams }) => `${name} says ${teams.join(' or ')}`).join(', its ')}.`,
          scopes: [scopeOf(resource), ...accountScope(facts, resource)],
        },
      ];
    });
  },
  wouldChange: () => [
    'The tag, the account’s team or `owners.teams` put right, so that they name the same team: no finding.',
    'The account named in `shared`, where several teams work in it: its team no longer counts.',
  ],
};

function teamsByAddress(members: OwnerConflictSettings['members']): ReadonlyMap<string, readonly string[]> {
  const teams = new Map<string, string[]>();
  for (const [team, addresses] of Object.entries(members))
    for (const address of addresses) {
      const key = address.toLowerCase();
      teams.set(key, [...(teams.get(key) ?? []), team]);
    }
  return teams;
}

function tagClaims(
  facts: Facts,
  { id, provider, accountId, tags }: Resource,
  { teamTags }: OwnerConflictSettings,
  teamsOf: ReadonlyMap<string, readonly string[]>,
): Claim[] {
  const own = ownTags(provider, tags);
  const key = teamTags.find((each) => (own.get(keyFor(provider, each)) ?? '').trim() !== '');
  const team = key === undefined ? undefined : own.get(keyFor(provider, key))?.trim();
  const owner = facts.ownerOf({ id, accountId, tags });
  const teams = owner?.source.startsWith('tag ') ? teamsOf.get(owner.id.toLowerCase()) : undefined;
  return [
    ...(team === undefined ? [] : [{ name: `tag ${key}`, teams: [team], source: 'inventory' }]),
    ...(owner === null || teams === undefined
      ? []
      : [{ name: `owner ${owner.id} (${owner.source})`, teams, source: 'owners.teams' }]),
  ];
}

function otherClaims(
  facts: Facts,
  { id, provider, accountId }: Resource,
  { shared, teamTags, teamByAccount }: OwnerConflictSettings,
  teamsOf: ReadonlyMap<string, readonly string[]>,
): Claim[] {
  const account = shared.includes(accountId) ? undefined : facts.known?.accounts.get(accountId);
  const tagged = teamTags
    .map((key) => ({ key, team: (account?.tags[keyFor(provider, key)] ?? '').trim() }))
    .find(({ team }) => team !== '');
  const ruled =
    !shared.includes(accountId) && Object.hasOwn(teamByAccount, accountId)
      ? teamByAccount[accountId]
      : undefined;
  const creator = facts.known?.creations.get(id);
  const teams = creator?.address == null ? undefined : teamsOf.get(creator.address.toLowerCase());
  return [
    ...(tagged !== undefined
      ? [{ name: `account ${accountId}`, teams: [tagged.team], source: `tag ${tagged.key} of the account` }]
      : ruled !== undefined
        ? [{ name: `account ${accountId}`, teams: [ruled], source: 'dimensions.team' }]
        : []),
    ...(creator?.address == null || teams === undefined
      ? []
      : [
          {
            name: `creator ${creator.address}`,
            teams,
            source: `${creator.event ?? 'audit log'}, owners.teams`,
          },
        ]),
  ];
}

function agree(a: Claim, b: Claim): boolean {
  const words = new Set(a.teams.map(fold));
  return b.teams.some((team) => words.has(fold(team)));
}

function evidence({ name, teams, source }: Claim): Evidence {
  return { name, value: teams.join(', '), unit: 'team', window: '', source };
}

/** Its absence counts only when the tags of the account were read. */
function accountScope(facts: Facts, { accountId }: Resource): string[] {
  const account = facts.known?.accounts.get(accountId);
  return account === undefined ? [] : [account.scope];
}
