import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, expect, inject, test } from 'vitest';
import { queueCostAndUsage, resetMoto } from './moto.ts';

const endpoint = inject('motoUrl');
const client = {
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

beforeEach(() => resetMoto(endpoint));

test('a reset takes away what an earlier test made', async () => {
  const ec2 = new EC2Client(client);
  await ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-1', InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  );
  expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toHaveLength(1);
  await resetMoto(endpoint);
  expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toHaveLength(0);
});

const page = (start: string, amount: string) => ({
  ResultsByTime: [
    {
      TimePeriod: { Start: start, End: '2026-11-03' },
      Total: { UnblendedCost: { Amount: amount, Unit: 'USD' } },
      Groups: [],
      Estimated: true,
    },
  ],
  DimensionValueAttributes: [],
});

test('Cost Explorer plays the queued answers in their order, the same question the same answer', async () => {
  await queueCostAndUsage(endpoint, [page('2026-11-01', '1.10'), page('2026-11-02', '2.20')]);
  const ce = new CostExplorerClient(client);
  const ask = (start: string) =>
    ce.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: start, End: '2026-11-03' },
        Granularity: 'DAILY',
        Metrics: ['UnblendedCost'],
      }),
    );
  const amount = async (start: string) =>
    (await ask(start)).ResultsByTime?.[0]?.Total?.['UnblendedCost']?.Amount;
  expect(await amount('2026-11-01')).toBe('1.10');
  expect(await amount('2026-11-02')).toBe('2.20');
  expect(await amount('2026-11-01')).toBe('1.10');
});
