import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../lib/config/load.ts';
import { EXAMPLE } from '../../lib/config/reference.ts';
import { type Policy, type PolicySubject, policyFor } from '../../lib/ledger/policy.ts';

const PRODUCTION = ['prod', 'production', 'prd', 'live'];

function subject(more: Partial<PolicySubject> = {}): PolicySubject {
  return {
    check: 'idle-gpu',
    provider: 'aws',
    accountId: '111122223333',
    resourceType: 'aws:ec2:instance',
    aiClass: 'training',
    tags: { env: 'research', tier: '2' },
    dimensions: { environment: 'research', team: 'vision' },
    monthlyCost: { amount: '100.000000000000000001', currency: 'USD' },
    ...more,
  };
}

describe('policyFor', () => {
  it('takes the first that matches, and tells its place', () => {
    const { policies, guards } = parseConfig(EXAMPLE, 'example');
    expect(policyFor(subject(), policies, guards.production)).toMatchObject({ mode: 'stop', index: 0 });
    expect(policyFor(subject({ dimensions: {} }), policies, guards.production)).toMatchObject({
      mode: 'flag',
      index: 1,
      reason: 'policy 2 (check *, mode flag) matches first, so it is only flagged',
    });
  });

  it('flags where none matches', () => {
    expect(policyFor(subject(), [{ check: 'untagged', mode: 'off' }], PRODUCTION)).toMatchObject({
      mode: 'flag',
      index: null,
      policy: null,
    });
  });

  it.each<[string, NonNullable<Policy['where']>, boolean]>([
    ['nothing', {}, true],
    ['the provider', { provider: 'aws' }, true],
    ['another provider', { provider: ['gcp', 'azure'] }, false],
    ['the account', { account: ['000000000000', '111122223333'] }, true],
    ['the type', { resourceType: 'aws:ec2:volume' }, false],
    ['the AI class', { aiClass: 'training' }, true],
    ['a dimension', { team: ['vision', 'speech'] }, true],
    ['a dimension without a value', { product: 'x' }, false],
    ['a name that every object has', { constructor: 'x' }, false],
    ['two tags', { tags: { env: 'research', tier: ['1', '2'] } }, true],
    ['a tag that is not there', { tags: { owner: 'x' } }, false],
    ['a lower cost', { costAbove: { USD: '100' } }, true],
    ['the very cost', { costAbove: { USD: '100.000000000000000001' } }, false],
    ['a cost in another currency', { costAbove: { EUR: '1' } }, false],
    ['one that holds and one that does not', { provider: 'aws', team: 'speech' }, false],
  ])('narrows by %s', (_, where, matches) => {
    expect(policyFor(subject(), [{ check: '*', mode: 'warn', where }], PRODUCTION).index).toBe(
      matches ? 0 : null,
    );
  });

  it('takes no AI class and no cost for a match', () => {
    const nothing = subject({ aiClass: null, monthlyCost: null });
    const wheres = [{ aiClass: 'training' }, { costAbove: { USD: '0' } }];
    for (const where of wheres)
      expect(policyFor(nothing, [{ check: '*', mode: 'stop', where }], PRODUCTION).mode).toBe('flag');
  });

  it('at most warns in production, unless the rule names it', () => {
    const live = subject({ dimensions: { environment: 'Prod' } });
    const stop: Policy = { check: '*', mode: 'stop' };
    expect(policyFor(live, [stop], PRODUCTION)).toMatchObject({ mode: 'warn', index: 0 });
    expect(policyFor(live, [stop], []).mode).toBe('stop');
    expect(policyFor(live, [{ ...stop, where: { environment: 'Prod' } }], PRODUCTION).mode).toBe('stop');
    expect(policyFor(live, [{ ...stop, where: { tags: { env: 'research' } } }], PRODUCTION).mode).toBe(
      'warn',
    );
  });

  it('never stops production by a rule that does not name it', () => {
    const where = fc.record(
      {
        provider: fc.constantFrom('aws', 'gcp'),
        team: fc.constantFrom('vision', 'x'),
        environment: fc.constantFrom('live', 'dev'),
      },
      { requiredKeys: [] },
    );
    const policy = fc.record({
      check: fc.constantFrom('*', 'idle-gpu', 'untagged'),
      mode: fc.constantFrom<Policy['mode']>('off', 'flag', 'warn', 'stop'),
      where,
    });
    fc.assert(
      fc.property(fc.array(policy), (policies) => {
        const live = subject({ dimensions: { environment: 'live', team: 'vision' } });
        const { mode, policy: applied } = policyFor(live, policies, PRODUCTION);
        expect(mode === 'stop' && applied?.where?.['environment'] !== 'live').toBe(false);
      }),
    );
  });
});
