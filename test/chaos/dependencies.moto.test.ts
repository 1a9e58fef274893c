import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { jsonRefusal, proxy, stsRefusal } from '../estate/aws/emulated.ts';
import { started, withFunctions } from '../functions/built.ts';
import { type Cloud, cloud } from '../functions/cloud.ts';
import { recentBill } from '../functions/recent-bill.ts';
import { fastClock, shortWaits } from '../platform/short-waits.ts';
import { refusing } from './outage.ts';

withFunctions();
beforeEach(shortWaits);

const moto = inject('motoUrl');
const OWN = '123456789012';
const OTHER = '210987654321';

const plan = async () => (await started('plan')).handler();
const audit = async () => (await started('audit')).handler();
const sweep = async () => (await started('sweep')).handler();
const digest = async () => (await started('digest')).handler();

/** A machine without tags, its bill, and a Bursar that looks at them. */
async function company(estate = 'regions: [us-east-1]'): Promise<Cloud & { instanceId: string }> {
  const acme = await cloud(
    moto,
    async () => `sources: { invoices: { type: focus-file, path: "s3://acme-billing/focus" } }
estate: { aws: { ${estate} } }
checks: { untagged: { required: [owner] } }
digest: { period: day }
`,
  );
  const { Instances = [] } = await acme.ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-12345678', InstanceType: 'm7i.large', MinCount: 1, MaxCount: 1 }),
  );
  const instanceId = z.string().parse(Instances[0]?.InstanceId);
  const ResourceId = `arn:aws:ec2:us-east-1:${OWN}:instance/${instanceId}`;
  const bill = await recentBill({ SubAccountId: OWN, ResourceId, RegionId: 'us-east-1' }, new Date());
  await acme.putBill('focus/bill.csv', bill);
  return { ...acme, instanceId };
}

/** The same after its first audit. */
async function audited(): Promise<Awaited<ReturnType<typeof company>>> {
  const acme = await company();
  await plan();
  await acme.drain();
  await audit();
  return acme;
}

/** `service` (as AWS_ENDPOINT_URL names it) is gone until the function that it gives is called; functions start anew. */
async function down(acme: Cloud, service: string): Promise<() => void> {
  vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, await refusing());
  acme.cold();
  return () => {
    vi.stubEnv(`AWS_ENDPOINT_URL_${service}`, moto);
    acme.cold();
  };
}

const statesOf = async (acme: Cloud) =>
  (await acme.findings()).map(({ id, state }) => `${id} ${state}`).toSorted();

test('table down: every function fails, nothing is queued, a task waits, and all goes on where it stood', async () => {
  const acme = await audited();
  const before = await statesOf(acme);
  const up = await down(acme, 'DYNAMODB');
  for (const run of [plan, audit, sweep, digest])
    await expect(run()).rejects.toMatchObject({ name: 'BursarError', code: 'unavailable' });
  expect(await acme.waiting()).toEqual({ queue: 0, dead: 0 });
  const task = { schemaVersion: 1, runId: 'r-chaos', kind: 'bill', sourceId: 'invoices' };
  await acme.send(JSON.stringify(task));
  expect(await acme.drain()).toBe(1);
  expect(await acme.waiting()).toEqual({ queue: 1, dead: 0 });

  up();
  expect(await statesOf(acme)).toEqual(before);
  await plan();
  await acme.drain();
  expect((await audit()).gaps).toEqual([]);
  expect(await statesOf(acme)).toEqual(before);
});

test('table throttled: who asks it waits and goes on; where it stays so, the run ends with that word and changes nothing', async () => {
  const acme = await audited();
  const before = await statesOf(acme);
  fastClock();
  let refusals = 3;
  const throttling = await proxy(moto, async () => {
    if (refusals <= 0) return null;
    refusals -= 1;
    return jsonRefusal('ProvisionedThroughputExceededException', 'slow down');
  });
  onTestFinished(() => throttling.close());
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', throttling.url);
  acme.cold();
  expect(await plan()).toMatchObject({ tasks: 2, unlisted: 0 });
  expect(refusals).toBe(0);
  expect(await acme.drain()).toBe(2);

  refusals = Infinity;
  acme.cold();
  await expect(plan()).rejects.toMatchObject({ name: 'BursarError', code: 'throttled' });
  expect(await acme.waiting()).toEqual({ queue: 0, dead: 0 });
  refusals = 0;
  expect(await statesOf(acme)).toEqual(before);
  expect((await audit()).gaps).toEqual([]);
});

test('bucket denied: tasks, audit and digest say which right lacks, no finding changes, and all goes on afterwards', async () => {
  const acme = await audited();
  const before = await statesOf(acme);
  await acme.ec2.send(new TerminateInstancesCommand({ InstanceIds: [acme.instanceId] }));
  // The own bucket alone: bills lie in another.
  const refused = await proxy(moto, async ({ path }) =>
    / \/bursar-state/.test(path)
      ? {
          status: 403,
          type: 'application/xml',
          body: '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
        }
      : null,
  );
  onTestFinished(() => refused.close());
  vi.stubEnv('AWS_ENDPOINT_URL_S3', refused.url);
  acme.cold();
  await plan();
  await acme.drain();
  for (const run of [audit, digest])
    await expect(run()).rejects.toMatchObject({
      name: 'BursarError',
      code: 'denied',
      message: expect.stringContaining('AccessDenied'),
      hint: expect.stringContaining('s3:ListBucket'),
    });
  expect(await statesOf(acme)).toEqual(before);

  vi.stubEnv('AWS_ENDPOINT_URL_S3', moto);
  acme.cold();
  await plan();
  await acme.drain();
  expect((await audit()).resolved).toBeGreaterThan(0);
});

test('queue down: the plan fails and says so, and the audit tells what it named as not collected', async () => {
  const acme = await company();
  const up = await down(acme, 'SQS');
  await expect(plan()).rejects.toMatchObject({ name: 'BursarError', code: 'unavailable' });
  expect(acme.log.at(-1)).toContain('sqs:SendMessage got no answer');
  expect((await audit()).gaps.map(({ scope, reason }) => `${scope} ${reason}`)).toEqual([
    `aws:${OWN}:us-east-1 planned, but not collected yet`,
    'bill:invoices planned, but not collected yet',
  ]);
  up();
  await plan();
  expect(await acme.drain()).toBe(2);
  expect((await audit()).gaps).toEqual([]);
});

test('bucket down: tasks go back, audit and digest fail, no finding changes, and all goes on afterwards', async () => {
  const acme = await audited();
  const before = await statesOf(acme);
  await acme.ec2.send(new TerminateInstancesCommand({ InstanceIds: [acme.instanceId] }));
  const up = await down(acme, 'S3');
  await plan();
  expect(await acme.drain()).toBe(2);
  expect(await acme.waiting()).toEqual({ queue: 2, dead: 0 });
  await expect(audit()).rejects.toMatchObject({ name: 'BursarError' });
  await expect(digest()).rejects.toMatchObject({ name: 'BursarError' });
  // The machine is gone, and nobody could see it.
  expect(await statesOf(acme)).toEqual(before);

  up();
  await plan();
  await acme.drain();
  expect((await audit()).resolved).toBeGreaterThan(0);
});

test('the cloud down: its part is a gap, what was found there stays, and the bill goes on', async () => {
  const acme = await audited();
  const before = await statesOf(acme);
  await acme.ec2.send(new TerminateInstancesCommand({ InstanceIds: [acme.instanceId] }));
  await plan();
  const services = ['EC2', 'CLOUDWATCH', 'RDS', 'SAGEMAKER', 'ELASTIC_LOAD_BALANCING_V2'];
  const ups = [];
  for (const service of services) ups.push(await down(acme, service));
  await acme.drain();
  const { gaps, resolved } = await audit();
  expect(resolved).toBe(0);
  expect(gaps).toEqual([
    expect.objectContaining({
      scope: `aws:${OWN}:us-east-1`,
      status: 'partial',
      reason: expect.stringContaining('ec2:DescribeInstances got no answer (ECONNREFUSED)'),
    }),
  ]);
  expect(await statesOf(acme)).toEqual(before);
  for (const up of ups) up();
  await plan();
  await acme.drain();
  expect((await audit()).resolved).toBeGreaterThan(0);
});

/** A row as a newer version would have left it. */
async function newer(pk: string, sk: string): Promise<void> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: moto, region: 'us-east-1', credentials }),
  );
  await client.send(
    new UpdateCommand({
      TableName: 'bursar-ledger',
      Key: { pk, sk },
      UpdateExpression: 'SET schemaVersion = :newer',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':newer': 99 },
    }),
  );
}

test('rolled back: a report and a finding of a newer version are left as they are, and the others go on', async () => {
  const acme = await audited();
  const [finding] = (await acme.findings()).filter(({ resourceId }) => resourceId.endsWith(acme.instanceId));
  const id = z.string().parse(finding?.id);
  await newer(`FINDING#${id.charAt(2)}`, id);
  await newer(`DOC#collect/aws:${OWN}:us-east-1`, 'DOC');
  const others = (await statesOf(acme)).filter((line) => !line.startsWith(id));
  acme.cold();

  const { gaps, resolved } = await audit();
  expect(gaps.map(({ scope, reason }) => `${scope} ${reason}`)).toEqual([
    `aws:${OWN}:us-east-1 planned, but not collected yet`,
  ]);
  expect(resolved).toBe(0);
  expect(await statesOf(acme)).toEqual(others);
  await plan();
  // The bill is collected; the region's report cannot be replaced, and waits for the newer version.
  expect(await acme.drain()).toBe(2);
  expect(await acme.waiting()).toEqual({ queue: 1, dead: 0 });
  expect(acme.log.join('')).toContain('Update bursar; the document is left as it is.');
  expect((await acme.ledger.newer()).includes(id)).toBe(true);
});

test('an account that cannot be entered is told with its role; the others go on', async () => {
  const acme = await company(`accounts: ["${OWN}", "${OTHER}"], regions: [us-east-1]`);
  const sts = await proxy(moto, async ({ action }) =>
    action === 'AssumeRole' ? stsRefusal('AccessDenied', 'not authorized to perform: sts:AssumeRole') : null,
  );
  onTestFinished(() => sts.close());
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
  await plan();
  await acme.drain();
  expect((await audit()).gaps).toEqual([
    expect.objectContaining({
      scope: `aws:${OTHER}:us-east-1`,
      reason: expect.stringContaining(`arn:aws:iam::${OTHER}:role/BursarRead cannot be assumed`),
    }),
  ]);
  // No other try would help: it does not come back.
  expect(await acme.waiting()).toEqual({ queue: 0, dead: 0 });
});

test('a slow account holds nothing back: audit and digest come, and name it', async () => {
  const acme = await company(`accounts: ["${OWN}", "${OTHER}"], regions: [us-east-1]`);
  const entered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const sts = await proxy(moto, async ({ action }) => {
    if (action === 'AssumeRole') {
      entered.resolve();
      await released.promise;
    }
    return null;
  });
  onTestFinished(() => sts.close());
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
  await plan();
  const draining = Promise.all([acme.drain(), acme.drain(), acme.drain()]);
  await entered.promise;
  await expect.poll(() => acme.waiting(), { timeout: 300_000 }).toEqual({ queue: 1, dead: 0 });

  const { gaps } = await audit();
  expect(gaps.map(({ scope, reason }) => `${scope} ${reason}`)).toEqual([
    `aws:${OTHER}:us-east-1 planned, but not collected yet`,
  ]);
  const key = z
    .string()
    .parse((await digest()).report)
    .replace('s3://bursar-state/reports/', '');
  const page = await acme.report(key);
  expect(page).toContain(acme.instanceId);
  expect(page).toContain(`aws:${OTHER}:us-east-1`);
  expect(page).toContain('planned, but not collected yet');

  released.resolve();
  await draining;
  acme.cold();
  const seen = await audit();
  expect(seen.gaps.map(({ scope }) => scope)).not.toContain(`aws:${OTHER}:us-east-1`);

  // The day after nothing is collected: the look of the day before is told as such, and nothing of it is resolved.
  acme.cold();
  await plan();
  const late = await audit();
  for (const scope of [`aws:${OTHER}:us-east-1`, `aws:${OWN}:us-east-1`, 'bill:invoices'])
    expect(late.gaps.find((gap) => gap.scope === scope)?.reason).toMatch(
      /^planned, but not collected yet; the look before was at 20/,
    );
  expect(late).toMatchObject({ findings: seen.findings, resolved: 0 });
});
