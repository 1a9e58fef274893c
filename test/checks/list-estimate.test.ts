import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costsOf } from '../../lib/checks/cost.ts';
import { idleGpu, settings } from '../../lib/checks/idle-gpu.ts';
import type { BillDetail, Facts, RecentCost } from '../../lib/checks/model.ts';
import type { Resource } from '../../lib/estate/model.ts';
import type { ListPrice } from '../../lib/focus/prices/model.ts';
import type { Coverage } from '../../lib/platform/coverage.ts';
import { ACCOUNT, cost, facts, idleTelemetry, machine, NOW, SCOPE } from './facts.ts';

const PRICE: ListPrice = {
  provider: 'aws',
  region: 'us-east-1',
  service: 'AmazonEC2',
  usage: 'BoxUsage:g4dn.12xlarge',
  operation: 'RunInstances',
  sku: 'T4X4',
  unit: 'Hrs',
  currency: 'USD',
  tiers: [{ from: '0', price: '3.912' }],
  effective: '2026-10-01T00:00:00Z',
  asOf: '2026-11-20T09:00:00.000Z',
};
const MONTH = '2816.64';

const linux = (given: Partial<Resource> = {}): Resource =>
  machine({ attributes: { platform: 'Linux/UNIX', lifecycle: 'on-demand', tenancy: 'default' }, ...given });

const detail = (given: Partial<BillDetail> = {}): BillDetail => ({
  source: 'aws-api',
  provider: 'aws',
  accountId: ACCOUNT,
  resourceIds: false,
  commitments: false,
  ...given,
});

const read = (source: string, status: Coverage['status'] = 'complete'): Coverage => ({
  scope: `bill:${source}`,
  status,
  reason: status === 'complete' ? null : 'refused',
  asOf: NOW.toISOString(),
});
const ESTATE: Coverage = { scope: SCOPE, status: 'complete', reason: null, asOf: NOW.toISOString() };

/** A machine of an account that Cost Explorer alone tells of. */
function coarse(given: Partial<Facts> = {}): Facts {
  return facts({
    resources: [linux()],
    telemetry: idleTelemetry(),
    billDetail: [detail()],
    listPrices: [PRICE],
    coverage: [ESTATE, read('aws-api')],
    ...given,
  });
}

const costOf = (given: Partial<Facts> = {}) => {
  const all = coarse(given);
  return costsOf(all).of(all.resources[0]?.id ?? '');
};

describe('an estimate at list prices', () => {
  test('is 720 hours of the list price, 30 days,, marked as such, with its arithmetic', () => {
    const estimate = costOf();
    expect(estimate).toMatchObject({
      costBasis: 'list-estimate',
      monthlyCost: { amount: MONTH, currency: 'USD' },
      uncovered: { amount: MONTH, currency: 'USD' },
    });
    expect(estimate.evidence).toEqual([
      {
        name: 'cost of a month at list prices',
        value: MONTH,
        unit: 'USD',
        window: 'P1M',
        source: 'list prices',
      },
      {
        name: '720 hours of BoxUsage:g4dn.12xlarge',
        value: MONTH,
        unit: 'USD',
        window: 'P1M',
        source:
          'price list of AmazonEC2, us-east-1, SKU T4X4: 3.912 USD a Hrs, since 2026-10-01, asked 2026-11-20',
      },
    ]);
    expect(estimate.blindSpots).toEqual([
      'Estimated at list prices, since the bill of its account names no resources: discounts, credits and hours that it did not run are not in it.',
      'Not in the estimate: its volumes, addresses and traffic.',
    ]);
  });

  test('gives an idle machine its saving, marked', () => {
    const [finding] = idleGpu.judge(coarse(), settings.parse({}), NOW);
    expect(finding).toMatchObject({
      verdict: 'IDLE',
      costBasis: 'list-estimate',
      monthlySaving: { amount: MONTH, currency: 'USD' },
    });
  });

  test('is never made where the bill tells the cost of the resource', () => {
    expect(costOf({ costs: [cost({ effective: '12.34' })] })).toMatchObject({
      costBasis: 'billed',
      monthlyCost: { amount: '12.34', currency: 'USD' },
    });
  });

  test('is never made where the bill names resources, though not this one: it cost nothing', () => {
    const named = costOf({ billDetail: [detail({ resourceIds: true })] });
    expect(named).toEqual({
      costBasis: 'unknown',
      monthlyCost: null,
      uncovered: null,
      evidence: [],
      blindSpots: [],
    });
  });

  test('is never made where another account of the same bill has resources', () => {
    const other = detail({ accountId: '444455556666', resourceIds: true });
    expect(costOf({ billDetail: [detail(), other] }).costBasis).toBe('unknown');
  });

  test('is never made where a second bill of the account names them', () => {
    const second = detail({ source: 'export', resourceIds: true });
    const coverage = [ESTATE, read('aws-api'), read('export')];
    expect(costOf({ billDetail: [detail(), second], coverage }).costBasis).toBe('unknown');
  });

  test('another provider of the same account id does not speak for it', () => {
    const other = detail({ provider: 'gcp', source: 'google', resourceIds: true });
    expect(costOf({ billDetail: [detail(), other] }).costBasis).toBe('list-estimate');
  });

  test.each<[string, Partial<Facts>, RegExp]>([
    [
      'commitments of its account',
      { billDetail: [detail({ commitments: true })] },
      /commitments have a part/,
    ],
    [
      'commitments that another account of the bill bought',
      { billDetail: [detail(), detail({ accountId: '444455556666', commitments: true })] },
      /commitments have a part/,
    ],
    [
      'a bill that was not read whole',
      { coverage: [ESTATE, read('aws-api', 'partial')] },
      /bill:aws-api was not/,
    ],
    [
      'another bill that failed',
      { coverage: [ESTATE, read('aws-api'), read('export', 'failed')] },
      /bill:export was not/,
    ],
    ['no bill at all', { billDetail: [], billWindow: null }, /no bill of its account is read/],
  ])('with %s it tells a cost and no saving', (_, given, told) => {
    const estimate = costOf(given);
    expect(estimate).toMatchObject({ costBasis: 'list-estimate', uncovered: null });
    expect(estimate.monthlyCost?.amount).toBe(MONTH);
    expect(estimate.blindSpots.at(-1)).toMatch(told);
  });

  test.each<[string, Partial<Resource>]>([
    ['stopped', { state: 'stopped' }],
    ['a spot machine', { attributes: { ...linux().attributes, lifecycle: 'spot' } }],
    ['in a capacity block', { attributes: { ...linux().attributes, lifecycle: 'capacity-block' } }],
    ['dedicated', { attributes: { ...linux().attributes, tenancy: 'dedicated' } }],
    [
      'a platform with a licence of its own',
      { attributes: { ...linux().attributes, platform: 'SQL Server Web' } },
    ],
    ['of a kind that nobody priced', { type: 'aws:batch:job' }],
    ['of a type without a price', { sku: 'p5.48xlarge' }],
    [
      'a member of an Aurora cluster',
      {
        type: 'aws:rds:db',
        state: 'available',
        sku: 'db.r5.xlarge',
        parent: { type: 'aws:rds:cluster', id: 'c' },
        attributes: { engine: 'aurora-postgresql', multiAz: false },
      },
    ],
    [
      'an address of an own range',
      { type: 'aws:ec2:elastic-ip', state: 'unassociated', attributes: { publicIpv4Pool: 'ipv4pool-ec2-1' } },
    ],
  ])('none is made of a machine that is %s', (_, given) => {
    expect(costOf({ resources: [linux(given)] }).costBasis).toBe('unknown');
  });

  test('what is missing never makes a saving out of none, nor a larger one', () => {
    const whole = [detail(), detail({ accountId: '444455556666', commitments: true })];
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.constantFrom<Coverage['status']>('complete', 'partial', 'failed', 'not-covered'),
        fc.boolean(),
        fc.boolean(),
        (committed, status, priced, billed) => {
          const given: Partial<Facts> = {
            billDetail: committed ? whole : [detail()],
            coverage: [ESTATE, read('aws-api', status)],
            listPrices: priced ? [PRICE] : [],
            costs: billed ? [cost({ effective: '100', committed: '100' })] : [],
          };
          const { uncovered, costBasis } = costOf(given);
          const sure = !billed && priced && !committed && status === 'complete';
          expect(uncovered?.amount ?? null).toBe(billed ? '0' : sure ? MONTH : null);
          expect(costBasis).toBe(billed ? 'billed' : priced ? 'list-estimate' : 'unknown');
        },
      ),
    );
  });
});

const price = (service: string, usage: string, each: string, given: Partial<ListPrice> = {}) => ({
  ...PRICE,
  service,
  usage,
  operation: null,
  tiers: [{ from: '0', price: each }],
  ...given,
});

describe('what else has a list price', () => {
  test.each<[string, Partial<Resource>, ListPrice, string]>([
    [
      'a volume by its gibibytes',
      { type: 'aws:ec2:volume', sku: 'gp3', state: 'available', attributes: { sizeGiB: 500 } },
      price('AmazonEC2', 'EBS:VolumeUsage.gp3', '0.08', { unit: 'GB-Mo' }),
      '40',
    ],
    [
      'an idle address by the hour',
      { type: 'aws:ec2:elastic-ip', state: 'idle', sku: null, attributes: {} },
      price('AmazonVPC', 'PublicIPv4:IdleAddress', '0.005'),
      '3.6',
    ],
    [
      'a NAT gateway by the hour',
      { type: 'aws:ec2:natgateway', state: 'available', sku: null, attributes: {} },
      price('AmazonEC2', 'NatGateway-Hours', '0.045', { operation: 'NatGateway' }),
      '32.4',
    ],
    [
      'an endpoint by the instances of all its variants',
      {
        type: 'aws:sagemaker:endpoint',
        state: 'InService',
        attributes: {
          variants: [
            { name: 'a', instanceType: 'ml.g5.xlarge', instances: 2 },
            { name: 'b', instanceType: 'ml.g5.xlarge', instances: 1 },
            { name: 'c', instanceType: null, instances: 0 },
          ],
        },
      },
      price('AmazonSageMaker', 'Host:ml.g5.xlarge', '1.408'),
      '3041.28',
    ],
    [
      'a database that stands by in another zone',
      {
        type: 'aws:rds:db',
        state: 'available',
        sku: 'db.r5.2xlarge',
        attributes: { engine: 'postgres', multiAz: true },
      },
      price('AmazonRDS', 'Multi-AZUsage:db.r5.2xl', '2', { operation: 'CreateDBInstance:0014' }),
      '1440',
    ],
    [
      'a database of one zone and a plain size',
      {
        type: 'aws:rds:db',
        state: 'available',
        sku: 'db.r5.xlarge',
        attributes: { engine: 'mysql', multiAz: false },
      },
      price('AmazonRDS', 'InstanceUsage:db.r5.xlarge', '0.48', { operation: 'CreateDBInstance:0002' }),
      '345.6',
    ],
    [
      'a load balancer of its kind by the hour',
      { type: 'aws:elasticloadbalancing:loadbalancer', state: 'active', sku: 'network', attributes: {} },
      price('AWSELB', 'LoadBalancerUsage', '0.0225', { operation: 'LoadBalancing:Network' }),
      '16.2',
    ],
    [
      'a notebook that runs',
      { type: 'aws:sagemaker:notebook-instance', state: 'InService', sku: 'ml.t3.medium', attributes: {} },
      price('AmazonSageMaker', 'Notebk:ml.t3.medium', '0.05'),
      '36',
    ],
  ])('%s', (_, given, listed, amount) => {
    const told = costOf({ resources: [linux(given)], listPrices: [listed] });
    expect(told).toMatchObject({ costBasis: 'list-estimate', monthlyCost: { amount, currency: 'USD' } });
  });
});

const recent = (given: Partial<RecentCost> = {}): RecentCost => ({
  source: 'aws-api',
  accountId: ACCOUNT,
  resourceId: 'i-0000000000000001',
  currency: 'USD',
  effective: '40.5',
  start: '2026-11-07T00:00:00.000Z',
  end: '2026-11-20T00:00:00.000Z',
  ...given,
});

describe('two weeks of Cost Explorer by resource, where no bill names resources', () => {
  const told = {
    name: 'billed of late, not a whole month',
    value: '40.5',
    unit: 'USD',
    window: '2026-11-07T00:00:00.000Z/2026-11-20T00:00:00.000Z',
    source: 'AmortizedCost of Cost Explorer by resource (aws-api)',
  };

  test('are evidence, and no month is made of them', () => {
    expect(costOf({ recentCosts: [recent()], listPrices: [] })).toEqual({
      costBasis: 'unknown',
      monthlyCost: null,
      uncovered: null,
      evidence: [told],
      blindSpots: [expect.stringContaining('what a month costs is not told')],
    });
  });

  test('stand beside an estimate, which they do not change', () => {
    const [without, beside] = [costOf(), costOf({ recentCosts: [recent()] })];
    expect(beside).toEqual({ ...without, evidence: [...without.evidence, told] });
    expect(beside.monthlyCost?.amount).toBe(MONTH);
  });

  test('say nothing of another machine or account, and nothing where a bill names the machine', () => {
    for (const other of [recent({ resourceId: 'i-0000000000000002' }), recent({ accountId: '999900001111' })])
      expect(costOf({ recentCosts: [other] })).toEqual(costOf());
    const billed = { costs: [cost()], billDetail: [detail({ resourceIds: true })] };
    expect(costOf({ ...billed, recentCosts: [recent()] })).toEqual(costOf(billed));
  });

  test('several currencies are told and never added', () => {
    const { evidence } = costOf({
      recentCosts: [recent(), recent({ currency: 'CNY', effective: '7' }), recent({ effective: '0.5' })],
      listPrices: [],
    });
    expect(evidence.map(({ value, unit }) => `${value} ${unit}`)).toEqual(['7 CNY', '41 USD']);
  });
});
