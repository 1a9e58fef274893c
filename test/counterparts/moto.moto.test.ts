import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { beforeEach, expect, inject, onTestFinished, test } from 'vitest';
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

test('one connection serves call after call, also one that moto fails at, and one whose body nobody reads', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask = async (method: string, path: string, service: string, body: string) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const asked = request(new URL(path, endpoint), {
      method,
      agent,
      headers: { authorization, 'content-length': body.length },
    });
    const answered = once(asked, 'response');
    asked.end(body);
    const [answer]: IncomingMessage[] = await answered;
    if (answer === undefined) throw new Error('no answer');
    return {
      status: answer.statusCode,
      isReused: asked.reusedSocket,
      keptFor: answer.headers['keep-alive'],
      body: await text(answer),
    };
  };
  expect(await ask('PUT', '/bills', 's3', '')).toMatchObject({ status: 200, isReused: false });
  expect(await ask('PUT', '/bills/none', 's3', 'a,b\n1,2')).toMatchObject({ status: 200, isReused: true });
  expect(await ask('GET', '/bills/none', 's3', '')).toMatchObject({ body: 'a,b\n1,2', keptFor: 'timeout=5' });
  expect(await ask('HEAD', '/bills/none', 's3', '')).toMatchObject({ status: 200, isReused: true, body: '' });
  expect(await ask('POST', '/', 'ec2', 'Action=DescribeNoSuchThing')).toMatchObject({ isReused: true });
  expect(await ask('DELETE', '/bills/none', 's3', 'x'.repeat(100_000))).toMatchObject({ status: 204 });
  expect(await ask('GET', '/bills/none', 's3', '')).toMatchObject({ status: 404, isReused: true });
});
