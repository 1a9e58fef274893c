import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../lib/checks/model.ts';
import { type OwnerConflictSettings, ownerConflict } from '../../lib/checks/owner-conflict.ts';
import type { Known } from '../../lib/checks/ownership.ts';
import { ACCOUNT, arn, cost, facts, machine, NOW, SCOPE } from './facts.ts';

const ID = arn('i-0000000000000001');
const SETTINGS: OwnerConflictSettings = {
  shared: [],
  teamTags: ['team', 'squad'],
  teamByAccount: {},
  members: { research: ['ana@acme.com'], platform: ['bo@acme.com', 'Cy@acme.com'], search: ['cy@acme.com'] },
};

function known(accountTags: Record<string, string> | null, creator: string | null = null): Known {
  const account = {
    provider: 'aws',
    id: ACCOUNT,
    name: 'r',
    state: 'ACTIVE',
    scope: 'aws:1:global#o',
  } as const;
  const made = { resourceId: ID, address: creator, principal: 'p', event: 'RunInstances', at: null };
  return {
    accounts: new Map(accountTags === null ? [] : [[ACCOUNT, { ...account, tags: accountTags }]]),
    creations: new Map(creator === null ? [] : [[ID, made]]),
    activation: null,
  };
}

function judge(
  tags: Record<string, string>,
  given: Partial<Facts>,
  settings: Partial<OwnerConflictSettings> = {},
) {
  return ownerConflict.judge(
    facts({ resources: [machine({ tags })], costs: [cost({ effective: '7' })], ...given }),
    { ...SETTINGS, ...settings },
    NOW,
  );
}

const ownerOf = () => ({ id: 'bo@acme.com', source: 'tag owner', confidence: 'high' }) as const;
const byAccount = () => ({ id: 'bo@acme.com', source: `account ${ACCOUNT}`, confidence: 'medium' }) as const;

describe('owner-conflict', () => {
  it('tells both sides where the tag and the account name different teams', () => {
    const [found, ...rest] = judge({ team: 'platform' }, { known: known({ team: 'research' }) });
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      check: 'owner-conflict',
      resourceId: ID,
      verdict: 'NONCOMPLIANT',
      monthlyCost: { amount: '7', currency: 'USD' },
      monthlySaving: null,
      reason: `Its tag team says platform, its account ${ACCOUNT} says research.`,
      scopes: [SCOPE, 'aws:1:global#o'],
    });
    expect(found?.evidence.slice(0, 2)).toEqual([
      { name: 'tag team', value: 'platform', unit: 'team', window: '', source: 'inventory' },
      {
        name: `account ${ACCOUNT}`,
        value: 'research',
        unit: 'team',
        window: '',
        source: 'tag team of the account',
      },
    ]);
    expect(ownerConflict.verdicts).toEqual({ NONCOMPLIANT: { actionable: false } });
  });

  it('knows the team of an account from its tags, else from the config', () => {
    const teamByAccount = { [ACCOUNT]: 'search' };
    const values = (given: Partial<Facts>) =>
      judge({ squad: 'platform' }, given, { teamByAccount })[0]?.evidence.map(({ value }) => value);
    expect(values({})).toEqual(['platform', 'search', '7']);
    expect(values({ known: known({ squad: 'research' }) })).toEqual(['platform', 'research', '7']);
    expect(judge({ team: 'platform' }, {}, { teamByAccount, shared: [ACCOUNT] })).toEqual([]);
    expect(judge({ team: 'platform' }, { known: known({ team: 'x' }) }, { shared: [ACCOUNT] })).toEqual([]);
  });

  it('knows the team of a creator and of a tagged owner from the members', () => {
    expect(judge({ team: 'platform' }, { known: known(null, 'Ana@acme.com') })[0]?.reason).toBe(
      'Its tag team says platform, its creator Ana@acme.com says research.',
    );
    expect(judge({ team: 'search' }, { known: known(null, 'cy@acme.com') })).toEqual([]);
    expect(judge({}, { ownerOf, known: known({ team: 'research' }) })[0]?.evidence[0]).toMatchObject({
      name: 'owner bo@acme.com (tag owner)',
      value: 'platform',
    });
    expect(judge({}, { ownerOf: byAccount, known: known({ team: 'research' }) })).toEqual([]);
  });

  it('says nothing where words are the same, or one side is not known', () => {
    expect(judge({ team: 'Re-Search ' }, { known: known({ team: 'research' }) })).toEqual([]);
    expect(judge({ team: 'platform' }, {})).toEqual([]);
    expect(judge({ team: ' ' }, { known: known({ team: 'research' }) })).toEqual([]);
    expect(judge({}, { known: known({ team: 'research' }, 'bo@acme.com') })).toEqual([]);
    expect(judge({ team: 'platform' }, { known: known({ team: '' }, 'x@acme.com') })).toEqual([]);
  });

  it('never finds more where less is known', () => {
    const team = fc.constantFrom('research', 'platform', 'Search', '');
    const who = fc.constantFrom('ana@acme.com', 'cy@acme.com', 'x@acme.com', null);
    fc.assert(
      fc.property(team, fc.option(team), who, (own, account, creator) => {
        const tags = { team: own };
        const all = known(account === null ? null : { team: account }, creator);
        const whole = judge(tags, { known: all }).length;
        for (const less of [
          { ...all, accounts: new Map() },
          { ...all, creations: new Map() },
          { accounts: new Map(), creations: new Map(), activation: null },
        ])
          expect(judge(tags, { known: less }).length).toBeLessThanOrEqual(whole);
      }),
    );
  });
});
