import { describe, expect, it } from 'vitest';
import { type Policy, type PolicySubject, policyFor } from '../../lib/ledger/policy.ts';

const subject: PolicySubject = {
  check: 'idle-gpu',
  provider: 'aws',
  accountId: '111122223333',
  resourceType: 'aws:ec2:instance',
  aiClass: 'training',
  tags: { tier: '2' },
  dimensions: { environment: 'research', team: 'vision' },
  monthlyCost: { amount: '100.5', currency: 'USD' },
};
const PRODUCTION = ['prod', 'Live'];
const modeOf = (where: Policy['where'], about: Partial<PolicySubject> = {}, mode: Policy['mode'] = 'stop') =>
  policyFor(
    { ...subject, ...about },
    [{ check: 'idle-gpu', mode, ...(where === undefined ? {} : { where }) }],
    PRODUCTION,
  ).mode;

describe('where a policy applies', () => {
  it.each<[string, NonNullable<Policy['where']>, NonNullable<Policy['where']>]>([
    ['provider', { provider: 'aws' }, { provider: 'gcp' }],
    ['account', { account: '111122223333' }, { account: '999900001111' }],
    ['one of several accounts', { account: ['999900001111', '111122223333'] }, { account: ['999900001111'] }],
    ['resource type', { resourceType: 'aws:ec2:instance' }, { resourceType: 'aws:ec2:volume' }],
    ['AI class', { aiClass: 'training' }, { aiClass: 'inference' }],
    ['tag', { tags: { tier: '2' } }, { tags: { tier: '3' } }],
    ['a tag that it does not carry', { tags: { tier: '2' } }, { tags: { tier: '2', other: 'x' } }],
    ['dimension', { team: 'vision' }, { team: 'speech' }],
    ['a dimension that it has not', { team: 'vision' }, { product: 'x' }],
    ['cost above', { costAbove: { USD: '100.49' } }, { costAbove: { USD: '100.5' } }],
    ['cost above in another currency', { costAbove: { USD: '1' } }, { costAbove: { EUR: '1' } }],
    ['all of them', { provider: 'aws', team: 'vision' }, { provider: 'aws', team: 'speech' }],
  ])('goes by %s', (_what, applies, not) => {
    expect(modeOf(applies)).toBe('stop');
    expect(modeOf(not)).toBe('flag');
  });

  it('is never above an unknown cost', () => {
    expect(modeOf({ costAbove: { USD: '0' } }, { monthlyCost: null })).toBe('flag');
    expect(modeOf(undefined, { monthlyCost: null })).toBe('stop');
  });

  it('tells that none matches', () => {
    expect(policyFor(subject, [], PRODUCTION).reason).toBe('no policy matches, so it is only flagged');
  });
});

describe('what runs in production', () => {
  const prod = { dimensions: { environment: 'PROD' } };
  it('is at most warned, unless the policy names its environment', () => {
    expect(modeOf(undefined, prod)).toBe('warn');
    expect(modeOf({ environment: 'PROD' }, prod)).toBe('stop');
    expect(modeOf(undefined, { dimensions: { environment: 'live' } })).toBe('warn');
    expect(policyFor({ ...subject, ...prod }, [{ check: '*', mode: 'stop' }], PRODUCTION).reason).toBe(
      'policy 1 (check *, mode stop) matches first, but PROD is production and the policy does not name it: warned at most',
    );
  });

  it('is not what runs elsewhere, or nobody knows where', () => {
    expect(modeOf(undefined)).toBe('stop');
    expect(modeOf(undefined, { dimensions: {} })).toBe('stop');
    expect(modeOf(undefined, { dimensions: { environment: 'production' } })).toBe('stop');
  });

  it('is flagged or left alone where the policy says so', () => {
    for (const mode of ['flag', 'off', 'warn'] as const) expect(modeOf(undefined, prod, mode)).toBe(mode);
    const reason = 'policy 1 (check idle-gpu, mode flag) matches first, so it is only flagged';
    const flagged = policyFor({ ...subject, ...prod }, [{ check: 'idle-gpu', mode: 'flag' }], PRODUCTION);
    expect(flagged.reason).toBe(reason);
  });
});
