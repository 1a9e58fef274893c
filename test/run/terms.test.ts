import { describe, expect, test } from 'vitest';
import type { Owner } from '../../lib/checks/model.ts';
import { policyNow, recipientOf, type TermsSettings, termsOf } from '../../lib/run/terms.ts';
import { machine } from '../checks/facts.ts';
import { judgement } from '../ledger/fixtures.ts';

const settings: TermsSettings = {
  policies: [
    { check: '*', where: { aiClass: ['inference', 'vector store'] }, mode: 'warn' },
    { check: '*', where: { aiClass: 'GPU compute' }, mode: 'stop', grace: '1d' },
  ],
  production: ['prod'],
  dimensions: {},
  ownerOf: () => null,
  accounts: {},
  fallback: null,
};

test.each([
  ['idle-gpu', 'aws:ec2:instance', 'stop'],
  ['idle-gpu', 'aws:sagemaker:endpoint', 'warn'],
  ['untagged', 'aws:sagemaker:endpoint', 'warn'],
  ['stale-embeddings', 'pgvector:index', 'warn'],
  ['untagged', 'aws:ec2:instance', 'flag'],
  ['unattached-volume', 'aws:ec2:volume', 'flag'],
])('a policy for an AI class: %s of %s is %s', (check, resourceType, mode) => {
  const subject = {
    check,
    provider: 'aws' as const,
    accountId: '111122223333',
    resourceType,
    monthlyCost: null,
  };
  expect(policyNow(subject, {}, settings).mode).toBe(mode);
});

test('a policy says whether it names the check: only then is told of what is not proven', () => {
  const subject = {
    check: 'idle-gpu',
    provider: 'aws' as const,
    accountId: '111122223333',
    resourceType: 'aws:ec2:instance',
    monthlyCost: null,
  };
  const named = { check: 'idle-gpu', mode: 'warn' } as const;
  const any = { check: '*', mode: 'stop' } as const;
  const of = (policies: TermsSettings['policies']) => policyNow(subject, {}, { ...settings, policies }).named;
  expect(of([named, any])).toBe(true);
  expect(of([any, named])).toBeUndefined();
  expect(of([{ ...named, check: 'untagged' }])).toBeUndefined();
});

describe('who is told', () => {
  const told: TermsSettings = {
    ...settings,
    dimensions: { team: [{ tag: 'team' }, { account: { '111122223333': 'platform' } }] },
    teams: { research: '#research', platform: '#platform' },
    accounts: { '999988887777': 'lead@acme.com' },
    fallback: '#finops',
  };
  const creator: Owner = { id: 'ana@acme.com', source: 'creator by RunInstances', confidence: 'medium' };
  const to = (owner: Owner | null, accountId: string, tags = {}, passed: string[] = [], given = told) => {
    const recipient = recipientOf(owner, accountId, given, passed, tags);
    return recipient === null ? null : `${recipient.kind} ${recipient.id} (${recipient.source})`;
  };

  test('the owner, then the account, then the channel of the team, then the fallback', () => {
    expect(to(creator, '1', { team: 'research' })).toBe('owner ana@acme.com (creator by RunInstances)');
    expect(to(null, '999988887777', { team: 'research' })).toBe('owner lead@acme.com (account 999988887777)');
    expect(to(null, '1', { team: 'research' })).toBe('channel #research (team research)');
    expect(to(null, '111122223333')).toBe('channel #platform (team platform)');
    expect(to(null, '111122223333', { team: 'research' }, ['#research'])).toBe('channel #finops (fallback)');
    expect(to(creator, '1', { team: 'research' }, ['ana@acme.com'])).toBe(
      'channel #research (team research)',
    );
    expect(to(null, '1', { team: 'unheard' })).toBe('channel #finops (fallback)');
    expect(to(null, '1', { team: 'constructor' }, [], { ...told, fallback: null })).toBeNull();
  });

  test('no channel is ever an owner, whoever named it', () => {
    const named: Owner = { id: '#research', source: 'account 1 by its tag owner', confidence: 'medium' };
    expect(to(named, '1')).toBe('channel #research (account 1 by its tag owner)');
    expect(to({ ...named, id: 'platform' }, '1', {}, [], { ...told, fallback: null })).toBeNull();
  });

  test('a judgement is told by the tags of its resource', () => {
    const resource = machine({ accountId: '1', tags: { team: 'research' } });
    const terms = termsOf(
      [resource],
      told,
    )(judgement({ resourceId: resource.id, accountId: '1', owner: null }));
    expect(terms.recipient).toMatchObject({ kind: 'channel', id: '#research', person: null });
  });
});
