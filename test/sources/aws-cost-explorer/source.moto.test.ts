import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { beforeEach, expect, inject, test } from 'vitest';
import { queueCostAndUsage, resetMoto } from '../../counterparts/moto.ts';
import { inOrder } from './bill.ts';
import { deliver } from './deliver.ts';

const endpoint = inject('motoUrl');
const client = new CostExplorerClient({
  region: 'us-east-1',
  endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

beforeEach(() => resetMoto(endpoint));

test('queued answers become the rows of one delivery', async () => {
  await queueCostAndUsage(
    endpoint,
    inOrder(
      [
        { day: '2026-11-01', service: 'Amazon SageMaker', billed: '10.10', effective: '9.99' },
        {
          day: '2026-11-02',
          account: '444455556666',
          service: 'Amazon Bedrock',
          billed: '0.20',
          estimated: true,
        },
      ],
      { start: '2026-10-01', end: '2026-11-22' },
    ),
  );
  const { delivery, rows, own } = await deliver(client);
  expect(
    rows.map((row) => [row['ServiceName'], row['BilledCost'], row['EffectiveCost'], row['x_Estimated']]),
  ).toEqual([
    ['Amazon SageMaker', '10.1', '9.99', 'false'],
    ['Amazon Bedrock', '0.2', '0.2', 'true'],
  ]);
  expect(own).toMatchObject({ amount: '0.03', calls: [{ api: 'ce:GetCostAndUsage', count: 3 }] });
  expect(delivery.asOf).toBe('2026-11-03T00:00:00.000Z');
});

test('an account without cost gives nothing and is complete', async () => {
  const { delivery } = await deliver(client);
  expect(delivery).toMatchObject({ files: [], coverage: [{ status: 'complete' }] });
});
