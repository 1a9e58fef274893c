import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Owner } from '../../lib/checks/model.ts';
import { isReachable, ownerAgain, ownerResolver } from '../../lib/checks/owner.ts';
import { type Account, type Known, knownOf } from '../../lib/checks/ownership.ts';
import type { Creation } from '../../lib/estate/model.ts';
import { machine } from './facts.ts';

const ownerOf = ownerResolver({
  tags: ['owner', 'contact'],
  domains: ['acme.com'],
  accounts: { '111122223333': 'ana@acme.com' },
});
const of = (tags: Record<string, string> | null, accountId = '999988887777') => ownerOf({ accountId, tags });

describe('ownerResolver', () => {
  it('takes the first tag that holds an address in an allowed domain', () => {
    expect(of({ contact: 'c@acme.com', owner: 'o@acme.com' })).toEqual({
      id: 'o@acme.com',
      source: 'tag owner',
      confidence: 'high',
    });
    expect(of({ owner: ' team; o@ACME.com , x@acme.com', contact: 'c@acme.com' })?.id).toBe('o@ACME.com');
    expect(of({ 'user:owner': 'o@acme.com' })?.id).toBe('o@acme.com');
  });

  it.each([
    ['o@acme.com:x@acme.com', 'o@acme.com'],
    ['mailto:o@acme.com', 'o@acme.com'],
    ['team:ml/owner:o@acme.com', 'o@acme.com'],
    ['x@evil.com/o@acme.com', 'o@acme.com'],
    ['Olga Ott <o@acme.com>', 'o@acme.com'],
    ['lab/o@acme.com', 'lab/o@acme.com'],
  ])('reads %s as tags of AWS can write it', (value, id) => {
    expect(of({ owner: value })).toMatchObject({ id, confidence: 'high' });
  });

  it.each(['https://wiki.acme.com/o@acme.com', 'https://o@acme.com', 'arn:aws:iam::1:user/o@acme.com@x'])(
    'takes no address out of %s',
    (value) => expect(of({ owner: value, contact: 'c@acme.com' })?.id).toBe('c@acme.com'),
  );

  it.each(['o@evil.com', 'o@acme.com.evil.com', 'o@sub.acme.com', 'o@acme.com@evil.com', 'о@', '@acme.com'])(
    'passes over %s',
    (address) => {
      expect(of({ owner: address, contact: 'c@acme.com' })?.id).toBe('c@acme.com');
      expect(of({ owner: address })).toBeNull();
    },
  );

  it.each([
    ['ana_acme_com', 'ana@acme.com'],
    ['ana-acme-com', 'ana@acme.com'],
    ['ana_at_acme_com', 'ana@acme.com'],
    ['ana-at-acme_com', 'ana@acme.com'],
    ['b2-my-co_io', 'b2@my-co.io'],
    ['ana-eu_acme_com', 'ana@eu.acme.com'],
  ])('reads the label %s as the address that it spells', (value, id) => {
    const read = ownerResolver({
      tags: ['owner'],
      domains: ['acme.com', 'my-co.io', 'eu.acme.com'],
      accounts: {},
    });
    expect(read({ accountId: 'ml-prod', tags: { owner: value } })).toEqual({
      id,
      source: `tag owner, ${value}`,
      confidence: 'medium',
    });
  });

  it.each([
    'ana_maria_acme_com',
    'acme_com',
    '_acme_com',
    'ana_evil_com',
    'anaacme_com',
    'ana_acme_com_evil',
    'ana',
  ])('reads no address in the label %s', (value) => {
    expect(of({ owner: value })).toMatchObject({ id: value, confidence: 'low' });
  });

  it('reads the label of a project, too', () => {
    const project = { provider: 'gcp' as const, id: 'p', name: null, state: 'ACTIVE', scope: 'gcp:p' };
    const accounts = new Map([['p', { ...project, tags: { owner: 'ana_acme_com' } }]]);
    const seen = { accounts, creations: new Map(), activation: null };
    expect(ownerOf({ accountId: 'p', tags: {} }, seen)).toEqual({
      id: 'ana@acme.com',
      source: 'account p by its tag owner',
      confidence: 'medium',
    });
  });

  it('reads no label that two domains would read differently, nor any where no domain is allowed', () => {
    const two = ownerResolver({ tags: ['owner'], domains: ['acme.com', 'at.acme.com'], accounts: {} });
    expect(two({ accountId: 'p', tags: { owner: 'ana_at_acme_com' } })).toMatchObject({ confidence: 'low' });
    const none = ownerResolver({ tags: ['owner'], domains: [], accounts: {} });
    expect(none({ accountId: 'p', tags: { owner: 'ana_acme_com' } })).toMatchObject({ confidence: 'low' });
  });

  it('falls back to the account, then to a name that cannot be written to', () => {
    expect(of({ owner: 'platform' }, '111122223333')).toEqual({
      id: 'ana@acme.com',
      source: 'account 111122223333',
      confidence: 'medium',
    });
    expect(of({ owner: 'platform' })).toEqual({ id: 'platform', source: 'tag owner', confidence: 'low' });
    expect(of(null)).toBeNull();
    expect(of({}, 'constructor')).toBeNull();
  });

  it('trusts a spelling variant of the key less', () => {
    expect(of({ 'Owner ': 'o@acme.com' })).toEqual({
      id: 'o@acme.com',
      source: 'tag Owner  (variant of owner)',
      confidence: 'medium',
    });
  });

  it('trusts any address little where no domain is configured', () => {
    const open = ownerResolver({ tags: ['owner'], domains: [], accounts: {} });
    expect(open({ accountId: '1', tags: { owner: 'o@anywhere.org' } })?.confidence).toBe('low');
  });
});

const ACCOUNT = '999988887777';
const ID = 'arn:aws:ec2:us-east-1:999988887777:instance/i-0000000000000001';

function known(tags: Record<string, string> | null, address: string | null, id = ID): Known {
  const account: Account = {
    provider: 'aws',
    id: ACCOUNT,
    name: null,
    state: 'ACTIVE',
    tags: tags ?? {},
    scope: 's',
  };
  const creation: Creation = {
    resourceId: id,
    address,
    principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Dev/${address}`,
    event: 'RunInstances',
    at: '2026-11-01T09:00:00Z',
  };
  return {
    accounts: new Map(tags === null ? [] : [[ACCOUNT, account]]),
    creations: new Map([[id, creation]]),
    activation: null,
  };
}

const at = (tags: Record<string, string>, rest: Known | undefined, resolver = ownerOf) =>
  resolver({ accountId: ACCOUNT, tags, id: ID }, rest);

const contactOf = (contact: string) =>
  ownerResolver({ tags: ['owner'], domains: ['acme.com'], accounts: { [ACCOUNT]: contact } });

describe('owners by account tags and creators', () => {
  it('takes the tag of the account, then whoever made it', () => {
    const all = known({ owner: 'lead@acme.com' }, 'ana@acme.com');
    expect(at({ owner: 'o@acme.com' }, all)?.id).toBe('o@acme.com');
    expect(at({}, all)).toEqual({
      id: 'lead@acme.com',
      source: `account ${ACCOUNT} by its tag owner`,
      confidence: 'medium',
    });
    expect(at({}, known({ Owner: 'lead@acme.com' }, 'ana@acme.com'))).toEqual({
      id: 'ana@acme.com',
      source: 'creator by RunInstances of 2026-11-01',
      confidence: 'medium',
    });
    expect(at({ owner: 'platform' }, all)?.id).toBe('lead@acme.com');
    expect(at({}, undefined)).toBeNull();
  });

  it('takes whom the config names for the account before both, but a channel only after them', () => {
    const all = known({ owner: 'lead@acme.com' }, 'ana@acme.com');
    expect(at({}, all, contactOf('bo@acme.com'))?.id).toBe('bo@acme.com');
    expect(at({}, all, contactOf('#platform'))?.id).toBe('lead@acme.com');
    expect(at({}, known(null, 'ana@acme.com'), contactOf('#platform'))?.id).toBe('ana@acme.com');
    expect(at({}, known(null, null), contactOf('#platform'))?.id).toBe('#platform');
  });

  it('takes no address outside the domains, and none at all where no domain is configured', () => {
    expect(at({}, known({ owner: 'x@evil.com' }, 'x@evil.com'))).toBeNull();
    const open = ownerResolver({ tags: ['owner'], domains: [], accounts: {} });
    expect(at({}, known({ owner: 'x@acme.com' }, 'x@acme.com'), open)).toBeNull();
  });

  it('knows the creator of that resource alone', () => {
    expect(at({}, known(null, 'ana@acme.com', `${ID}0`))).toBeNull();
    expect(ownerOf({ accountId: ACCOUNT, tags: {} }, known(null, 'ana@acme.com'))).toBeNull();
  });

  it('gives an owner that no source names to nobody, and the same one every time, whatever is missing', () => {
    const addresses = fc.constantFrom(
      'ana@acme.com',
      'bo@acme.com',
      'x@evil.com',
      'platform',
      '',
      '#chat',
      'root',
    );
    const tags = fc.dictionary(fc.constantFrom('owner', 'Owner', 'contact', 'team'), addresses, {
      maxKeys: 3,
    });
    fc.assert(
      fc.property(
        tags,
        fc.option(tags),
        fc.option(addresses),
        fc.option(addresses),
        fc.boolean(),
        (own, account, creator, contact, domains) => {
          const resolver = ownerResolver({
            tags: ['owner', 'contact'],
            domains: domains ? ['acme.com'] : [],
            accounts: contact === null || contact === '' ? {} : { [ACCOUNT]: contact },
          });
          const whole = known(account, creator);
          const found = at(own, whole, resolver);
          expect(at(own, whole, resolver)).toEqual(found);
          const less = [
            at(own, { ...whole, accounts: new Map() }, resolver),
            at(own, { ...whole, creations: new Map() }, resolver),
            at(own, undefined, resolver),
            at({}, whole, resolver),
          ];
          const named = [...Object.values(own), ...Object.values(account ?? {}), creator, contact];
          for (const owner of [found, ...less]) {
            if (owner === null) continue;
            expect(named).toContain(owner.id);
            const isCertain = owner.confidence !== 'low' && owner.source !== `account ${ACCOUNT}`;
            expect(isCertain && !owner.id.endsWith('@acme.com')).toBe(false);
            expect(!domains && /creator|by its tag/.test(owner.source)).toBe(false);
          }
        },
      ),
    );
  });
});

describe('ownerAgain', () => {
  const creator: Owner = { id: 'ana@acme.com', source: 'creator by RunInstances', confidence: 'medium' };

  it('keeps what an audit found by account tag or creator where tags and config name nobody', () => {
    expect(ownerAgain(null, creator)).toBe(creator);
    const byAccount: Owner = { ...creator, source: `account ${ACCOUNT} by its tag owner` };
    expect(ownerAgain({ id: '#chat', source: 'account 1', confidence: 'medium' }, byAccount)).toBe(byAccount);
    expect(ownerAgain({ id: 'platform', source: 'tag owner', confidence: 'low' }, creator)).toBe(creator);
  });

  it('takes who is named now before them, and keeps nothing that tags or config said before', () => {
    const now: Owner = { id: 'bo@acme.com', source: 'tag owner', confidence: 'high' };
    expect(ownerAgain(now, creator)).toBe(now);
    for (const source of ['tag owner', `account ${ACCOUNT}`, 'fallback'])
      expect(ownerAgain(null, { ...creator, source })).toBeNull();
    expect(ownerAgain(null, { ...creator, confidence: 'low' })).toBeNull();
    expect(ownerAgain(null, null)).toBeNull();
  });
});

describe('isReachable', () => {
  it('knows people from channels and mere names', () => {
    const people = ['ana@acme.com', 'U0123ABC', 'W1'];
    const others = ['#finops', '#a@b', 'platform', 'u0123', ''];
    expect([...people, ...others].filter(isReachable)).toEqual(people);
  });
});

const fact = (type: string, attributes = {}) => machine({ type, id: type, tags: { team: 'a' }, attributes });

describe('knownOf', () => {
  it('tells accounts, cost allocation tags and the later of two creations', () => {
    const creation = (on: string, address: string): Creation => ({
      resourceId: ID,
      address,
      principal: null,
      event: null,
      at: on,
    });
    const found = knownOf([
      {
        name: 'aws:1:global',
        resources: [
          machine(),
          { ...fact('aws:organizations:account'), dataset: 'accounts' },
          fact('aws:ce:cost-allocation-tags', { active: ['team'], inactive: ['team', 'env', 7] }),
        ],
        creations: [
          creation('2026-11-02T00:00:00Z', 'late@acme.com'),
          creation('2026-11-01T00:00:00Z', 'early@acme.com'),
        ],
      },
    ]);
    expect([...found.accounts.values()]).toMatchObject([
      { id: machine().accountId, tags: { team: 'a' }, scope: 'aws:1:global#accounts' },
    ]);
    expect(found.creations.get(ID)?.address).toBe('late@acme.com');
    expect([...(found.activation ?? [])]).toEqual([
      ['team', 'Active'],
      ['env', 'Inactive'],
    ]);
    expect(knownOf([{ name: 'aws:1:us-east-1', resources: [machine()] }]).activation).toBeNull();
  });
});
