import { expect, test } from 'vitest';
import { AwsListPrices } from '../../../lib/estate/aws/list-prices.ts';
import type { Resource } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { machine, NOW } from '../../checks/facts.ts';
import { type PriceRequest, priceListFake, type Sold } from './price-list.ts';

const G5: Sold = {
  sku: 'G5LINUX',
  service: 'AmazonEC2',
  region: 'us-east-1',
  usagetype: 'BoxUsage:g5.xlarge',
  operation: 'RunInstances',
  unit: 'Hrs',
  tiers: { '0': '1.0060000000' },
};
const NOISE: Sold[] = [
  { ...G5, sku: 'G5WINDOWS', operation: 'RunInstances:0002', tiers: { '0': '1.1900000000' } },
  { ...G5, sku: 'G5UNUSED', usagetype: 'UnusedBox:g5.xlarge', tiers: { '0': '1.0060000000' } },
  { ...G5, sku: 'G5LOCAL', locationType: 'AWS Local Zone', tiers: { '0': '1.3' } },
  {
    ...G5,
    sku: 'G5ELSEWHERE',
    region: 'eu-west-1',
    usagetype: 'EU-BoxUsage:g5.xlarge',
    tiers: { '0': '1.123' },
  },
];

const g5 = (given: Partial<Resource> = {}): Resource =>
  machine({
    sku: 'g5.xlarge',
    attributes: { platform: 'Linux/UNIX', lifecycle: 'on-demand', tenancy: 'default' },
    ...given,
  });

async function asked(
  sold: readonly Sold[],
  resources: readonly Resource[],
  answer?: (request: PriceRequest, index: number) => { error: string; message: string } | undefined,
) {
  await using fake = await priceListFake(sold, answer);
  const meter = new Meter();
  const list = new AwsListPrices(fake.client);
  const first = await list.of(resources, NOW, meter);
  return { ...first, list, requests: fake.requests, calls: meter.total() };
}

test('the price of a machine is that of its type, platform and region, through all pages', async () => {
  const { prices, coverage, requests, calls } = await asked([...NOISE, G5], [g5()]);
  expect(prices).toEqual([
    {
      provider: 'aws',
      region: 'us-east-1',
      service: 'AmazonEC2',
      usage: 'BoxUsage:g5.xlarge',
      operation: 'RunInstances',
      sku: 'G5LINUX',
      unit: 'Hrs',
      currency: 'USD',
      tiers: [{ from: '0', price: '1.006' }],
      effective: '2026-10-01T00:00:00Z',
      asOf: NOW.toISOString(),
    },
  ]);
  expect(coverage).toEqual({
    scope: 'list-prices:aws',
    status: 'complete',
    reason: null,
    asOf: NOW.toISOString(),
  });
  expect(requests).toHaveLength(2);
  expect(calls).toEqual({ amount: '0', currency: 'USD', calls: [{ api: 'pricing:GetProducts', count: 2 }] });
});

test('the prefix of a region is no part of the name', async () => {
  const { prices } = await asked([...NOISE, G5], [g5({ region: 'eu-west-1' })]);
  expect(prices).toMatchObject([{ sku: 'G5ELSEWHERE', region: 'eu-west-1', usage: 'BoxUsage:g5.xlarge' }]);
});

test('a load balancer is not priced by what its trust store costs', async () => {
  const balancer: Sold = {
    ...G5,
    sku: 'ALB',
    service: 'AWSELB',
    usagetype: 'LoadBalancerUsage',
    operation: 'LoadBalancing:Application',
    tiers: { '0': '0.0225' },
  };
  const store = { ...balancer, sku: 'TRUST', usagetype: 'TS-LoadBalancerUsage', tiers: { '0': '0.0056' } };
  const resource = g5({ type: 'aws:elasticloadbalancing:loadbalancer', sku: 'application' });
  expect((await asked([balancer, store], [resource])).prices).toMatchObject([{ sku: 'ALB' }]);
});

test('a name with several prices has none, one that is listed twice at the same price has it', async () => {
  const dearer = { ...G5, sku: 'OTHER', tiers: { '0': '1.1' } };
  expect((await asked([G5, dearer], [g5()])).prices).toEqual([]);
  const same = { ...G5, sku: 'A-SECOND' };
  expect((await asked([G5, same], [g5()])).prices).toMatchObject([{ sku: 'A-SECOND' }]);
});

test('a price that begins later does not hold yet', async () => {
  const later = { ...G5, effectiveDate: '2026-12-01T00:00:00Z' };
  expect((await asked([later], [g5()])).prices).toEqual([]);
});

test('a type is asked once for all machines and accounts', async () => {
  await using fake = await priceListFake([G5]);
  const list = new AwsListPrices(fake.client);
  const two = [g5(), g5({ id: 'arn:aws:ec2:us-east-1:111122223333:instance/i-2' })];
  await list.of(two, NOW, new Meter());
  await list.of([g5({ accountId: '444455556666' })], NOW, new Meter());
  expect(fake.requests).toHaveLength(1);
});

test('what has no list price is not asked for', async () => {
  const { requests, coverage } = await asked(
    [G5],
    [
      g5({ state: 'stopped' }),
      g5({ attributes: { platform: 'Linux/UNIX', lifecycle: 'spot', tenancy: 'default' } }),
      g5({ attributes: { platform: 'Linux/UNIX', lifecycle: 'on-demand', tenancy: 'dedicated' } }),
      g5({ attributes: { platform: 'SQL Server Web', lifecycle: 'on-demand', tenancy: 'default' } }),
      g5({ type: 'aws:batch:job' }),
    ],
  );
  expect(requests).toEqual([]);
  expect(coverage.status).toBe('complete');
});

test.each([
  ['AccessDeniedException', 'not allowed', /pricing:GetProducts/],
  ['ThrottlingException', 'slow down', /ThrottlingException|slow down|throttl/i],
])('%s is a failed scope and is asked again the next time', async (error, message, told) => {
  let fails = true;
  await using fake = await priceListFake([G5], () => (fails ? { error, message } : undefined));
  const list = new AwsListPrices(fake.client);
  const refused = await list.of([g5()], NOW, new Meter());
  expect(refused.prices).toEqual([]);
  expect(refused.coverage).toMatchObject({ status: 'failed', reason: expect.stringMatching(told) });
  fails = false;
  expect((await list.of([g5()], NOW, new Meter())).prices).toHaveLength(1);
});

test('one price that fails leaves the others standing', async () => {
  const volume = g5({ type: 'aws:ec2:volume', sku: 'gp3', attributes: { sizeGiB: 500 } });
  const { prices, coverage } = await asked([G5], [g5(), volume], ({ Filters }) =>
    Filters.some(({ Value }) => Value.startsWith('EBS'))
      ? { error: 'AccessDeniedException', message: 'no' }
      : undefined,
  );
  expect(prices).toMatchObject([{ sku: 'G5LINUX' }]);
  expect(coverage.status).toBe('partial');
});

test.each(['not json', '{"product":{}}', '{"product":{"sku":"A","attributes":{}},"terms":{}}'])(
  'a product that is %s is no price',
  async (text) => {
    await using fake = await priceListFake([], () => ({ FormatVersion: 'aws_v1', PriceList: [text] }));
    const { prices, coverage } = await new AwsListPrices(fake.client).of([g5()], NOW, new Meter());
    expect(prices).toEqual([]);
    expect(coverage.status).toBe(text.includes('sku') ? 'complete' : 'failed');
  },
);
