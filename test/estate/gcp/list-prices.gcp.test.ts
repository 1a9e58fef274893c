import { beforeEach, expect, inject, test } from 'vitest';
import { GcpListPrices } from '../../../lib/estate/gcp/list-prices.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { machine, NOW } from '../../checks/facts.ts';
import { gcpCalls, resetGcp } from '../../counterparts/gcp.control.ts';
import { catalogueClient } from './catalogue.ts';

const url = inject('gcpUrl');

beforeEach(() => resetGcp(url));

// Answers and requests are checked against Google's discovery document by the counterpart.
test('the catalogue as Google describes it', async () => {
  const client = catalogueClient(url);
  const vm = machine({
    provider: 'gcp',
    type: 'gcp:compute:instance',
    region: 'us-central1-a',
    state: 'RUNNING',
    accelerators: [{ kind: 'nvidia-tesla-t4', count: 2, memoryMiB: null }],
    attributes: { provisioningModel: 'STANDARD' },
  });
  const { prices, coverage } = await new GcpListPrices(client).of([vm], NOW, new Meter());
  await client.close();
  expect(coverage.status).toBe('complete');
  expect(prices).toMatchObject([{ usage: 'gpu t4', tiers: [{ from: '0', price: '0.35' }], currency: 'USD' }]);
  expect((await gcpCalls(url)).map(({ status }) => status)).toEqual([200]);
});
