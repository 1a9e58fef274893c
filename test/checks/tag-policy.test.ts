import { describe, expect, it } from 'vitest';
import { settings, tagPolicy } from '../../lib/checks/tag-policy.ts';
import { oneSlipApart } from '../../lib/checks/tags.ts';
import { arn, cost, facts, machine, NOW, spend } from './facts.ts';

const policy = {
  ...settings.parse({ allowed: { env: ['prod', 'staging', 'dev'] } }),
  defaultRequired: ['owner', 'cost-center'],
};

function judge(tags: Record<string, string>) {
  return tagPolicy.judge(facts({ resources: [machine({ tags })], costs: [cost()] }), policy, NOW);
}

function told(tags: Record<string, string>) {
  const [found] = judge(tags);
  return {
    verdict: found?.verdict ?? 'none',
    values: found?.evidence.slice(0, -1).map(({ name, value }) => `${name}: ${value}`),
  };
}

describe('tag-policy', () => {
  it('is silent about right tags, tags nobody named, and system keys', () => {
    expect(judge({ env: 'prod', owner: 'a', 'cost-center': '7', Name: 'x', 'aws:env': 'nope' })).toEqual([]);
  });

  it.each(['Owner', 'OWNER', ' owner', 'owner ', 'own_er', 'ow-ner', 'ｏｗｎｅｒ', 'owner\u200b'])(
    'renames the variant %j for certain',
    (key) => {
      expect(told({ [key]: 'a' })).toEqual({
        verdict: 'NONCOMPLIANT',
        values: [
          `key variant: ${JSON.stringify(key)} = "a"`,
          `fix of ${JSON.stringify(key)} = "a": rename ${JSON.stringify(key)} to "owner" = "a"`,
        ],
      });
    },
  );

  it('removes a variant that says the same, and leaves a contradiction to its owner', () => {
    expect(told({ Owner: 'a', owner: 'a' }).values?.[1]).toContain('remove "Owner"');
    const both = told({ Owner: 'b', owner: 'a' });
    expect(both.verdict).toBe('NONCOMPLIANT');
    expect(both.values?.filter((line) => line.startsWith('fix'))).toEqual([]);
  });

  it('sets a misspelt value that can only be one, and lists what is allowed for any other', () => {
    expect(told({ env: 'Prod ' }).values).toContain('fix of "env" = "Prod ": set "env" = "prod"');
    const other = told({ env: 'production' });
    expect(other.verdict).toBe('NONCOMPLIANT');
    expect(other.values).toEqual([
      'value not allowed: "env" = "production"',
      'hint for "env" = "production": allowed: "prod", "staging", "dev"',
    ]);
    expect(told({ ENV: 'PROD' }).values?.[1]).toContain('rename "ENV" to "env" = "prod"');
    expect(told({ ENV: 'qa' }).values?.filter((line) => line.startsWith('fix'))).toEqual([]);
  });

  it('only suspects a slip, with low confidence', () => {
    for (const key of ['ownr', 'onwer', 'ownner', 'Qwner']) {
      const [found] = judge({ [key]: 'a' });
      expect([found?.verdict, found?.confidence]).toEqual(['SUSPECTED', 'low']);
    }
    // The right key is there, or the word is too short or too far off.
    for (const tags of [{ ownr: 'a', owner: 'b' }, { end: 'x' }, { owners2: 'x' }])
      expect(judge(tags)).toEqual([]);
  });

  it('gives one finding a resource, whatever is wrong with it', () => {
    const found = judge({ Owner: 'a', env: 'qa', Cost_Center: '7', ownr: 'x' });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ monthlyCost: { amount: '2816.64' }, monthlySaving: null });
    expect(found[0]?.reason).toContain('3 tags against the policy, 2 with a certain fix');
  });

  it('judges what only the bill knows, and the inventory where it knows more', () => {
    const tagSpend = [
      spend({ resourceId: arn('i-0000000000000009'), tags: { 'user:Owner': 'a' } }),
      spend({ tags: { Owner: 'a' } }),
    ];
    const found = tagPolicy.judge(
      facts({ resources: [machine({ tags: { owner: 'a' } })], tagSpend }),
      policy,
      NOW,
    );
    expect(found.map(({ resourceId, scopes }) => [resourceId, scopes])).toEqual([
      [arn('i-0000000000000009'), ['bill:main']],
    ]);
  });

  it('a commitment that only the bill knows costs what its lines sum to', () => {
    const plan = { resourceId: 'arn:aws:savingsplans::111122223333:savingsplan/0a1b2c3d', region: null };
    const tagSpend = [
      spend({ ...plan, effective: '70.25', tags: { Owner: 'a' } }),
      spend({ ...plan, effective: '1.75', tags: {} }),
    ];
    const [found] = tagPolicy.judge(facts({ tagSpend }), policy, NOW);
    expect(found).toMatchObject({ costBasis: 'billed', monthlyCost: { amount: '72', currency: 'USD' } });
  });

  it('does not guess between two known keys of one spelling', () => {
    const two = { ...settings.parse({ allowed: { env: ['prod'], Env: ['prod'] } }) };
    const resources = [machine({ tags: { ENV: 'prod' } })];
    const [found] = tagPolicy.judge(facts({ resources }), two, NOW);
    expect(found?.evidence.filter(({ name }) => name.startsWith('fix'))).toEqual([]);
  });
});

describe('oneSlipApart', () => {
  it.each([
    ['owner', 'ownr', true],
    ['owner', 'ownerr', true],
    ['owner', 'awner', true],
    ['owner', 'onwer', true],
    ['owner', 'owner', false],
    ['owner', 'onwre', false],
    ['owner', 'own', false],
    ['aa', 'a', true],
    ['abab', 'baba', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(oneSlipApart(a, b)).toBe(expected);
    expect(oneSlipApart(b, a)).toBe(expected);
  });
});
