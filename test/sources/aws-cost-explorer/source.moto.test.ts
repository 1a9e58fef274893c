import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { beforeEach, expect, inject, test } from 'vitest';
import { queueCostAndUsage, resetMoto } from '../../counterparts/moto.ts';
import { deliver } from './deliver.ts';
import { day, group, page } from './fake.ts';

const endpoint = inject('motoUrl');
const client = new CostExplorerClient({
  region: 'us-east-1',
  endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

beforeEach(() => resetMoto(endpoint));

test('two queued pages become the rows of one delivery', async () => {
  await queueCostAndUsage(endpoint, [
    page([day('2026-11-01', [group('111122223333', 'Amazon SageMaker', '10.10', '9.99')])], 'more'),
    page([day('2026-11-02', [group('444455556666', 'Amazon Bedrock', '0.20')], true)]),
  ]);
  const { delivery, rows, own } = await deliver(client);
  expect(
    rows.map((row) => [row['ServiceName'], row['BilledCost'], row['EffectiveCost'], row['x_Estimated']]),
  ).toEqual([
    ['Amazon SageMaker', '10.10', '9.99', 'false'],
    ['Amazon Bedrock', '0.20', '0.20', 'true'],
  ]);
  expect(own).toMatchObject({ amount: '0.02', calls: [{ api: 'ce:GetCostAndUsage', count: 2 }] });
  expect(delivery.asOf).toBe('2026-11-03T00:00:00.000Z');
});

test('an account without cost gives nothing and is complete', async () => {
  const { delivery } = await deliver(client);
  expect(delivery).toMatchObject({ files: [], coverage: [{ status: 'complete' }] });
});
