import { describe, expect, it } from 'vitest';
import type { Facts } from '../../lib/checks/model.ts';
import { settings, untagged } from '../../lib/checks/untagged.ts';
import { ACCOUNT, arn, cost, facts, machine, NOW, SCOPE, spend } from './facts.ts';

const ID = arn('i-0000000000000001');
const OTHER = arn('i-0000000000000002');

function judge(given: Partial<Facts>, required: string[] | undefined = ['owner', 'team']) {
  return untagged.judge(facts({ coverage: [], ...given }), settings.parse({ required }), NOW);
}

function lacking(tags: Record<string, string>): number {
  return untagged.judge(facts({ resources: [machine({ tags })] }), {}, NOW).length;
}

describe('untagged', () => {
  it('tells which keys a resource lacks, and its dollars', () => {
    const [found, ...rest] = judge({
      resources: [machine({ tags: { team: 'ml', owner: '  ' } })],
      costs: [cost({ effective: '12.5' })],
    });
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      check: 'untagged',
      resourceId: ID,
      verdict: 'NONCOMPLIANT',
      confidence: 'high',
      monthlyCost: { amount: '12.5', currency: 'USD' },
      monthlySaving: null,
      scopes: [SCOPE],
    });
    expect(found?.evidence.filter(({ name }) => name === 'missing tag').map(({ value }) => value)).toEqual([
      'owner',
    ]);
  });

  it('gives one finding where the bill names a resource in another spelling than the inventory', () => {
    const found = judge({
      resources: [machine()],
      costs: [cost({ resourceId: 'i-0000000000000001', effective: '7' })],
      tagSpend: [
        spend({ resourceId: 'i-0000000000000001', effective: '5' }),
        spend({ resourceId: ID, effective: '2' }),
      ],
    });
    expect(found.map(({ resourceId, monthlyCost }) => [resourceId, monthlyCost?.amount])).toEqual([
      [ID, '7'],
    ]);
    expect(found[0]?.evidence).toContainEqual(
      expect.objectContaining({ name: 'spend without the tag', value: '7', unit: 'USD' }),
    );
  });

  it('a commitment, of which no use is charged, costs what its lines sum to', () => {
    const plan = `arn:aws:savingsplans::${ACCOUNT}:savingsplan/0a1b2c3d`;
    const [found, ...rest] = judge({
      costs: [cost({ effective: '9' })],
      tagSpend: [
        spend({ resourceId: plan, region: null, effective: '0', chargeCategory: 'Purchase' }),
        spend({ resourceId: plan, region: null, effective: '70.25' }),
        spend({ resourceId: plan, region: null, effective: '1.75', tags: { team: 'ml' } }),
      ],
    });
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      resourceId: plan,
      costBasis: 'billed',
      monthlyCost: { amount: '72', currency: 'USD' },
      monthlySaving: null,
    });
    expect(found?.evidence).toContainEqual(
      expect.objectContaining({ name: 'spend without the tag', value: '72', unit: 'USD' }),
    );
  });

  it('a commitment billed in two currencies has no sum, and both are told', () => {
    const plan = { resourceId: `arn:aws:savingsplans::${ACCOUNT}:savingsplan/0a1b2c3d`, region: null };
    const [found] = judge({ tagSpend: [spend({ ...plan }), spend({ ...plan, currency: 'EUR' })] });
    expect(found).toMatchObject({ costBasis: 'billed', monthlyCost: null });
    expect(found?.blindSpots).toContain('Billed in several currencies, which are not added.');
  });

  it('gives a bare id of the bill its ARN, in the partition of its region', () => {
    const ids = ['us-east-1', 'cn-north-1', 'us-gov-west-1'].map(
      (region) =>
        judge({ tagSpend: [spend({ resourceId: 'vol-0123456789abcdef0', region })] })[0]?.resourceId,
    );
    expect(ids).toEqual([
      `arn:aws:ec2:us-east-1:${ACCOUNT}:volume/vol-0123456789abcdef0`,
      `arn:aws-cn:ec2:cn-north-1:${ACCOUNT}:volume/vol-0123456789abcdef0`,
      `arn:aws-us-gov:ec2:us-gov-west-1:${ACCOUNT}:volume/vol-0123456789abcdef0`,
    ]);
    expect(judge({ tagSpend: [spend({ resourceId: 'my-bucket', region: null })] })[0]?.resourceId).toBe(
      'my-bucket',
    );
  });

  it('never takes a variant of a key for the key, and shows it', () => {
    const [found] = judge({ resources: [machine({ tags: { 'Owner ': 'a', team: 'x' } })] });
    expect(found?.evidence).toContainEqual(
      expect.objectContaining({ name: 'similar key present', value: 'Owner ' }),
    );
  });

  it('reads keys that AWS exports with a prefix, and labels as Google can hold them', () => {
    expect(judge({ tagSpend: [spend({ tags: { 'user:owner': 'a', 'user:team': 'b' } })] })).toEqual([]);
    const gcp = machine({
      provider: 'gcp',
      type: 'gcp:compute:instance',
      tags: { costcenter: '7' },
      id: '//compute.googleapis.com/projects/p/zones/z/instances/i',
    });
    expect(judge({ resources: [gcp] }, ['CostCenter'])).toEqual([]);
    expect(judge({ resources: [machine({ tags: { costcenter: '7' } })] }, ['CostCenter'])).toHaveLength(1);
  });

  it('without required keys wants one tag of the user, not of the provider', () => {
    expect(lacking({})).toBe(1);
    expect(lacking({ 'aws:autoscaling:groupName': 'asg' })).toBe(1);
    expect(lacking({ Name: 'x' })).toBe(0);
    const key = untagged.judge(
      facts({ resources: [machine({ tags: { Name: 'x' } })] }),
      { defaultRequired: ['team'] },
      NOW,
    );
    expect(key).toHaveLength(1);
  });

  it('groups spend without a resource by account, service and key', () => {
    const line = { resourceId: null, service: 'AWS Lambda' };
    const found = judge({
      tagSpend: [
        spend({ ...line, effective: '3' }),
        spend({ ...line, effective: '-1', chargeCategory: 'Usage', region: 'eu-west-1' }),
        spend({ ...line, effective: '4', tags: { owner: 'a' }, source: 'second' }),
      ],
    });
    expect(
      found.map(({ resourceId, monthlyCost, scopes }) => [resourceId, monthlyCost?.amount, scopes]),
    ).toEqual([
      [`account/${ACCOUNT}/service/AWS Lambda/tag/owner`, '2', ['bill:main']],
      [`account/${ACCOUNT}/service/AWS Lambda/tag/team`, '6', ['bill:main', 'bill:second']],
    ]);
  });

  it('says nothing of what cannot be tagged, of zero, or where the source tells no tags', () => {
    const quiet = [
      spend({ resourceId: null, chargeCategory: 'Tax' }),
      spend({ resourceId: null, chargeCategory: 'Credit', effective: '-9' }),
      spend({ resourceId: null, chargeCategory: 'Purchase' }),
      spend({ resourceId: null, service: 'AWS Support (Business)' }),
      spend({ resourceId: null, service: 'AWS Data Transfer' }),
      spend({ resourceId: null, service: 'AmazonCloudWatch', effective: '1' }),
      spend({ resourceId: null, service: 'AmazonCloudWatch', effective: '-1' }),
      spend({ resourceId: null, service: 'Amazon S3', tags: null }),
      spend({ resourceId: OTHER, tags: null }),
    ];
    expect(judge({ tagSpend: quiet })).toEqual([]);
  });

  it('asks to activate a key that the inventory has and the bill never shows', () => {
    const tags = { owner: 'a', team: 'b' };
    const resources = [machine({ tags }), machine({ id: OTHER, tags })];
    const rows = [
      spend({ tags: { team: 'b' }, effective: '3' }),
      spend({ resourceId: OTHER, tags: { team: 'b' }, effective: '4' }),
    ];
    const [found, ...rest] = judge({ resources, tagSpend: rows });
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      resourceId: `account/${ACCOUNT}/tag/owner`,
      resourceType: 'cost-allocation-tag',
      monthlyCost: { amount: '7', currency: 'USD' },
      scopes: ['bill:main'],
    });
    expect(found?.evidence).toContainEqual(expect.objectContaining({ value: '2', unit: 'resources' }));
    // Another line of the same source shows the key: it is activated, the tag is only younger than the usage.
    const shown = [...rows, spend({ resourceId: 'arn:aws:s3:::b', tags })];
    expect(judge({ resources, tagSpend: shown })).toEqual([]);
  });

  it('believes the payer: an active key needs nothing, an inactive one needs it for certain', () => {
    const tags = { owner: 'a', team: 'b' };
    const given = { resources: [machine({ tags })], tagSpend: [spend({ tags: { team: 'b' } })] };
    const at = (activation: NonNullable<Facts['known']>['activation']) =>
      judge({ ...given, known: { accounts: new Map(), creations: new Map(), activation } });
    const status = (found: ReturnType<typeof at>) =>
      found.map(({ confidence, evidence }) => [
        confidence,
        evidence.find(({ name }) => name === 'status as cost allocation tag')?.value,
      ]);
    expect(status(at(null))).toEqual([['medium', undefined]]);
    expect(status(at(new Map([['team', 'Active']])))).toEqual([['medium', 'not listed']]);
    expect(status(at(new Map([['owner', 'Inactive']])))).toEqual([['high', 'Inactive']]);
    expect(at(new Map([['owner', 'Active']]))).toEqual([]);
  });

  it('takes a key of the account for all that lies in it, unless told not to', () => {
    const account = { provider: 'aws', id: ACCOUNT, name: null, state: 'ACTIVE', scope: 's' } as const;
    const known = {
      accounts: new Map([[ACCOUNT, { ...account, tags: { team: 'ml', owner: ' ' } }]]),
      creations: new Map(),
      activation: null,
    };
    const given = {
      resources: [machine()],
      tagSpend: [spend(), spend({ resourceId: OTHER }), spend({ resourceId: null })],
      known,
    };
    const missing = (inherit: boolean, required = ['owner', 'team']) =>
      untagged
        .judge(facts({ coverage: [], ...given }), settings.parse({ required, inherit }), NOW)
        .flatMap(({ evidence }) =>
          evidence.filter(({ name }) => name === 'missing tag').map(({ value }) => value),
        );
    expect(missing(true)).toEqual(['owner', 'owner', 'owner']);
    expect(missing(false)).toEqual(['owner', 'team', 'owner', 'team', 'owner', 'team']);
    expect(missing(true, ['team'])).toEqual([]);
    expect(untagged.judge(facts({ coverage: [], ...given }), {}, NOW)).toHaveLength(3);
    const elsewhere = { ...given, known: { ...known, accounts: new Map() } };
    expect(judge({ ...elsewhere, tagSpend: [] }, ['team'])).toHaveLength(1);
  });

  it('believes the newest: a resource that some line shows tagged is tagged', () => {
    const rows = [spend({ tags: {} }), spend({ tags: { owner: 'a', team: 'b' } })];
    expect(judge({ tagSpend: rows })).toEqual([]);
    const half = [spend({ tags: {} }), spend({ tags: { owner: 'a' } })];
    const missing = judge({ tagSpend: half })[0]?.evidence.filter(({ name }) => name === 'missing tag');
    expect(missing?.map(({ value }) => value)).toEqual(['team']);
  });

  it('drops an instance that is gone from a region that was read whole, and keeps it otherwise', () => {
    const entry = { scope: SCOPE, reason: null, asOf: NOW.toISOString() };
    const tagSpend = [spend({ resourceId: OTHER }), spend({ resourceId: 'arn:aws:s3:::bucket' })];
    const ids = (status: 'complete' | 'partial') =>
      judge({ tagSpend, coverage: [{ ...entry, status }] }).map(({ resourceId }) => resourceId);
    expect(ids('complete')).toEqual(['arn:aws:s3:::bucket']);
    expect(ids('partial')).toEqual([OTHER, 'arn:aws:s3:::bucket']);
  });

  it('keeps tags that are named like parts of an object apart', () => {
    expect(
      judge({ resources: [machine({ tags: { x: '1' } })] }, ['constructor', '__proto__'])[0]?.evidence,
    ).toHaveLength(2);
  });

  it('refuses settings that it does not know', () => {
    expect(() => settings.parse({ requried: ['x'] })).toThrow('requried');
    expect(() => settings.parse({ required: [] })).toThrow('>=1');
  });
});
