import { expect, test } from 'vitest';
import { costsOf } from '../../../lib/checks/cost.ts';
import { GcpListPrices } from '../../../lib/estate/gcp/list-prices.ts';
import type { Resource } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { facts, machine, NOW } from '../../checks/facts.ts';
import { catalogueClient, sku } from './catalogue.ts';
import { type LoopbackAnswer, loopback, refusal } from './loopback.ts';

const T4 = sku('88B8-C3ED-03F0', 'Nvidia Tesla T4 GPU running in Americas', {
  regions: ['us-central1', 'us-east1'],
});

const vm = (given: Partial<Resource> = {}): Resource =>
  machine({
    provider: 'gcp',
    accountId: 'ml-prod',
    region: 'us-central1-a',
    type: 'gcp:compute:instance',
    id: '//compute.googleapis.com/projects/ml-prod/zones/us-central1-a/instances/trainer',
    state: 'RUNNING',
    sku: 'n1-standard-8',
    accelerators: [{ kind: 'nvidia-tesla-t4', count: 2, memoryMiB: null }],
    attributes: { provisioningModel: 'STANDARD', preemptible: false },
    ...given,
  });
const disk = (type: string, given: Partial<Resource> = {}) =>
  vm({ type: 'gcp:compute:disk', sku: type, accelerators: [], attributes: { sizeGb: 500 }, ...given });

async function asked(
  answer: (pageToken: string) => LoopbackAnswer | 'break',
  resources: readonly Resource[],
) {
  await using server = await loopback((_path, { pageToken = '' }) => answer(pageToken));
  const client = catalogueClient(server.url);
  const meter = new Meter();
  const found = await new GcpListPrices(client).of(resources, NOW, meter);
  await client.close();
  return { ...found, requests: server.requests, calls: meter.total().calls };
}

const listed = async (skus: readonly object[], ...resources: Resource[]) =>
  await asked(() => ({ body: { skus } }), resources);

/** What a resource costs by the prices that a catalogue of these SKUs tells. */
async function monthly(skus: readonly object[], resource: Resource) {
  const { prices } = await listed(skus, resource);
  const all = facts({ resources: [resource], listPrices: prices, billDetail: [], billWindow: null });
  return costsOf(all).of(resource.id);
}

test('the price of a GPU is that of its kind and region, exact to the billionth, through all pages', async () => {
  const odd = sku('L4', 'Nvidia L4 GPU running in Americas', { units: '1', nanos: 672_000_001 });
  const { prices, requests, calls, coverage } = await asked(
    (page) => (page === 'two' ? { body: { skus: [odd] } } : { body: { skus: [T4], nextPageToken: 'two' } }),
    [vm(), vm({ accelerators: [{ kind: 'nvidia-l4', count: 1, memoryMiB: null }] })],
  );
  expect(prices).toEqual([
    {
      provider: 'gcp',
      region: 'us-central1',
      service: 'Compute Engine',
      usage: 'gpu t4',
      operation: null,
      sku: '88B8-C3ED-03F0',
      unit: 'h',
      currency: 'USD',
      tiers: [{ from: '0', price: '0.35' }],
      effective: '2026-11-19T08:00:00.000Z',
      asOf: NOW.toISOString(),
    },
    expect.objectContaining({ usage: 'gpu l4', tiers: [{ from: '0', price: '1.672000001' }] }),
  ]);
  expect(requests.map(({ path }) => path)).toEqual(
    Array.from({ length: 2 }, () => '/v1/services/6F81-5844-456A/skus'),
  );
  expect(calls).toEqual([{ api: 'cloudbilling.services.skus.list', count: 2 }]);
  expect(coverage).toEqual({
    scope: 'list-prices:gcp',
    status: 'complete',
    reason: null,
    asOf: NOW.toISOString(),
  });
});

test('an estimate of a machine is of its GPUs alone, and says so', async () => {
  const told = await monthly([T4], vm());
  expect(told).toMatchObject({
    costBasis: 'list-estimate',
    monthlyCost: { amount: '504', currency: 'USD' },
    uncovered: null,
  });
  expect(told.blindSpots).toContain('Not in the estimate: its cores, memory, disks, addresses and traffic.');
});

const G2 = [
  sku('G2C', 'G2 Instance Core running in Americas', { nanos: 24_988_000 }),
  sku('G2R', 'G2 Instance Ram running in Americas', { nanos: 2_927_000, usageUnit: 'GiBy.h' }),
];
const L4 = sku('L4', 'Nvidia L4 GPU running in Americas', { nanos: 560_040_000 });
const sized = (type: string, cores: number, gib: number, given: Partial<Resource> = {}) =>
  vm({
    sku: type,
    accelerators: [{ kind: 'nvidia-l4', count: 1, memoryMiB: null }],
    attributes: {
      provisioningModel: 'STANDARD',
      preemptible: false,
      acceleratorDevices: 1,
      cores,
      memoryMiB: gib * 1024,
    },
    ...given,
  });

test('a machine of which cores and memory are known is estimated whole, each by the price of its family', async () => {
  const told = await monthly([...G2, L4], sized('g2-standard-8', 8, 32));
  // 720 hours of 8 x 0.024988 + 32 x 0.002927 + 0.56004
  expect(told.monthlyCost).toEqual({ amount: '614.59776', currency: 'USD' });
  expect(told.evidence.map(({ name }) => name)).toEqual([
    'cost of a month at list prices',
    '720 hours of gpu l4',
    '5760 hours of g2 core',
    '23040 gibibyte-hours of g2 ram',
  ]);
  expect(told.blindSpots).toContain('Not in the estimate: its disks, addresses and traffic.');
});

test('where one part of it has no price, none is told of the whole', async () => {
  const [core] = G2;
  expect((await monthly([core ?? {}, L4], sized('g2-standard-8', 8, 32))).monthlyCost).toBeNull();
});

test.each([
  ['of a custom type', 'g2-custom-8-32768', 'G2'],
  ['of a part of a core', 'e2-medium', 'E2'],
  ['of another family', 'a3-megagpu-8g', 'A3'],
])('a machine %s has no price by its name', async (_, type, family) => {
  const prices = ['Core', 'Ram'].map((part, at) =>
    sku(`${family}${at}`, `${family} Instance ${part} running in Americas`, {
      usageUnit: part === 'Core' ? 'h' : 'GiBy.h',
    }),
  );
  const none = sized(type, 8, 32, { accelerators: [] });
  expect((await monthly(prices, none)).monthlyCost).toBeNull();
});

test('a machine without accelerators is estimated by its cores and memory, where that is known of it', async () => {
  const prices = [
    sku('N1C', 'N1 Predefined Instance Core running in Americas', { nanos: 31_611_000 }),
    sku('N1R', 'N1 Predefined Instance Ram running in Americas', { nanos: 4_237_000, usageUnit: 'GiBy.h' }),
  ];
  const plain = sized('n1-standard-8', 8, 30, {
    accelerators: [],
    attributes: { acceleratorDevices: 0, cores: 8, memoryMiB: 30_720 },
  });
  expect((await monthly(prices, plain)).monthlyCost).toEqual({ amount: '273.59856', currency: 'USD' });
  const unknown = { ...plain, attributes: { ...plain.attributes, acceleratorDevices: null } };
  expect((await monthly(prices, unknown)).monthlyCost).toBeNull();
});

test.each([
  ['pd-standard', 'Storage PD Capacity'],
  ['pd-balanced', 'Balanced PD Capacity in Iowa'],
  ['pd-ssd', 'SSD backed PD Capacity'],
])('a disk of %s is priced by its gibibytes', async (type, description) => {
  const price = sku('D', description, { nanos: 40_000_000, usageUnit: 'GiBy.mo' });
  const regional = sku('R', `Regional ${description}`, { nanos: 80_000_000, usageUnit: 'GiBy.mo' });
  expect((await monthly([price, regional], disk(type))).monthlyCost).toEqual({
    amount: '20',
    currency: 'USD',
  });
  const twice = disk(type, { region: 'us-central1' });
  expect((await monthly([price, regional], twice)).monthlyCost).toEqual({ amount: '40', currency: 'USD' });
});

test('tiers are kept as they are told, with what is free', async () => {
  const tieredRates = [
    { startUsageAmount: 0, unitPrice: { currencyCode: 'USD' } },
    { startUsageAmount: 30, unitPrice: { currencyCode: 'USD', units: '0', nanos: 40_000_000 } },
  ];
  const free = sku('D', 'Storage PD Capacity', { tieredRates, usageUnit: 'GiBy.mo' });
  expect((await monthly([free], disk('pd-standard'))).monthlyCost).toEqual({
    amount: '18.8',
    currency: 'USD',
  });
});

test.each<[string, object]>([
  ['of a spot machine', sku('S', 'Nvidia Tesla T4 GPU attached to Spot Preemptible VMs running in Americas')],
  ['sold as preemptible', sku('P', 'Nvidia Tesla T4 GPU running in Americas', { usageType: 'Preemptible' })],
  ['of a larger card', sku('M', 'Nvidia Tesla T4 80GB GPU running in Americas')],
  [
    'of another region',
    sku('E', 'Nvidia Tesla T4 GPU running in Netherlands', { regions: ['europe-west4'] }),
  ],
])('a price %s is another price', async (_, other) => {
  expect((await listed([other], vm())).prices).toEqual([]);
});

test('two SKUs that do not agree give no price', async () => {
  const other = sku('OTHER', 'Nvidia Tesla T4 GPU running in Iowa', { nanos: 360_000_000 });
  expect((await listed([T4, other], vm())).prices).toEqual([]);
});

test.each<[string, Partial<Resource>]>([
  ['stopped', { state: 'TERMINATED' }],
  ['spot', { attributes: { provisioningModel: 'SPOT' } }],
  ['preemptible', { attributes: { provisioningModel: null, preemptible: true } }],
  ['without accelerators', { accelerators: [] }],
  [
    'with another chip beside',
    { accelerators: [...vm().accelerators, { kind: 'ct5p', count: 1, memoryMiB: null }] },
  ],
])('the catalogue is not read for a machine that is %s', async (_, given) => {
  expect((await listed([T4], vm(given))).requests).toEqual([]);
});

test('the catalogue is read once for all projects', async () => {
  await using server = await loopback(() => ({ body: { skus: [T4] } }));
  const client = catalogueClient(server.url);
  const list = new GcpListPrices(client);
  await list.of([vm()], NOW, new Meter());
  const second = await list.of([vm({ accountId: 'other', region: 'us-east1-b' })], NOW, new Meter());
  await client.close();
  expect(second.prices).toMatchObject([{ region: 'us-east1' }]);
  expect(server.requests).toHaveLength(1);
});

test.each<[string, LoopbackAnswer, RegExp]>([
  [
    'a refusal',
    refusal(403, 'forbidden', 'Cloud Billing API has not been used'),
    /cloudbilling\.services\.skus\.list/,
  ],
  ['a page that repeats', { body: { skus: [], nextPageToken: 'again' } }, /same page token twice/],
  [
    'a SKU without a currency',
    { body: { skus: [sku('X', 'Nvidia Tesla T4 GPU running in Americas', { tieredRates: [] })] } },
    /no price in one currency/,
  ],
])('%s is a failed scope, and the next look asks again', async (_, answer, told) => {
  let fails = true;
  await using server = await loopback(() => (fails ? answer : { body: { skus: [T4] } }));
  const client = catalogueClient(server.url);
  const list = new GcpListPrices(client);
  const refused = await list.of([vm()], NOW, new Meter());
  expect(refused).toMatchObject({
    prices: [],
    coverage: { status: 'failed', reason: expect.stringMatching(told) },
  });
  fails = false;
  expect((await list.of([vm()], NOW, new Meter())).prices).toHaveLength(1);
  await client.close();
});
