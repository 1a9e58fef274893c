import { describe, expect, it } from 'vitest';
import { ownerResolver } from '../../lib/checks/owner.ts';

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

  it.each(['o@evil.com', 'o@acme.com.evil.com', 'o@sub.acme.com', 'o@acme.com@evil.com', 'о@', '@acme.com'])(
    'passes over %s',
    (address) => {
      expect(of({ owner: address, contact: 'c@acme.com' })?.id).toBe('c@acme.com');
      expect(of({ owner: address })).toBeNull();
    },
  );

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
