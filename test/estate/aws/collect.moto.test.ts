import { StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateAccountCommand,
  CreateOrganizationCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { AWS_DATASETS, awsDatasets } from '../../../lib/estate/aws/datasets.ts';
import { awsImages } from '../../../lib/estate/aws/images.ts';
import { awsInstances } from '../../../lib/estate/aws/instances.ts';
import { awsSagemakerNotebooks } from '../../../lib/estate/aws/sagemaker-notebooks.ts';
import { awsVolumes } from '../../../lib/estate/aws/volumes.ts';
import { collectAll, collectScope } from '../../../lib/estate/collect.ts';
import type { Scope } from '../../../lib/estate/model.ts';
import { enabledRegions, organisationAccounts } from '../../../lib/platform/aws-accounts.ts';
import { assumedRole, awsSessions, callerAccount } from '../../../lib/platform/aws-sessions.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { fastClock, shortWaits } from '../../platform/short-waits.ts';
import {
  AMBIENT,
  type Answer,
  base,
  ec2Refusal,
  jsonRefusal,
  makeClients,
  OTHER,
  OWN,
  type Proxy,
  proxy,
  type Request,
  session,
  sts,
  stsRefusal,
} from './emulated.ts';
import { launch, volume } from './fleet.ts';

const moto = inject('motoUrl');
const now = new Date('2026-11-20T10:30:00Z');
const open: Proxy[] = [];

beforeEach(() => resetMoto(moto));
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function behind(
  meddle: (request: Request, pass: (body?: string) => Promise<Answer>) => Promise<Answer | null>,
): Promise<Proxy> {
  const made = await proxy(moto, meddle);
  open.push(made);
  return made;
}

const scope = (accountId = OWN, region = 'us-east-1'): Scope => ({ provider: 'aws', accountId, region });

function sessionsAt(endpoint: string, meter = new Meter()) {
  return awsSessions(
    {
      own: { accountId: OWN, partition: 'aws' },
      base: base(endpoint),
      assume: { roleName: 'BursarRead', externalId: 'x-1' },
      sts: sts(endpoint),
      meter,
    },
    makeClients,
  );
}

test('two accounts and two regions are looked at at once, each with its own machines', async () => {
  const into = sessionsAt(moto);
  const scopes = [OWN, OTHER].flatMap((account) =>
    ['us-east-1', 'eu-west-1'].map((region) => scope(account, region)),
  );
  for (const [index, one] of scopes.entries()) {
    const { ec2 } = await into(one);
    await launch(ec2, 't3.micro', index + 1, { Name: `n${index}` });
  }
  const meter = new Meter();
  const snapshots = await collectAll(scopes, sessionsAt(moto, meter), AWS_DATASETS, now, meter);

  expect(snapshots.map(({ coverage }) => coverage)).toEqual(
    scopes.map(({ accountId, region }) => [
      { scope: `aws:${accountId}:${region}`, status: 'complete', reason: null, asOf: now.toISOString() },
    ]),
  );
  for (const [index, { resources, scope: here }] of snapshots.entries()) {
    const machines = resources.filter(({ type }) => type === 'aws:ec2:instance');
    expect(machines).toHaveLength(index + 1);
    for (const machine of machines) {
      expect(machine.id).toMatch(
        new RegExp(`^arn:aws:ec2:${here.region}:${here.accountId}:instance/i-[0-9a-f]+$`),
      );
      expect(machine.name).toBe(`n${index}`);
    }
  }
  // One session serves both regions of the other account.
  expect(meter.total().calls.find(({ api }) => api === 'sts:AssumeRole')?.count).toBe(1);
});

test('a role that cannot be assumed is named, and the other scopes go on', async () => {
  const { ec2 } = session(moto);
  await launch(ec2, 't3.micro');
  const refusing = await behind(async ({ action }) =>
    action === 'AssumeRole'
      ? stsRefusal(
          'AccessDenied',
          `User: arn:aws:iam::${OWN}:user/a is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${OTHER}:role/BursarRead`,
        )
      : null,
  );
  const meter = new Meter();
  const [own, other] = await collectAll(
    [scope(), scope(OTHER)],
    sessionsAt(refusing.url, meter),
    AWS_DATASETS,
    now,
    meter,
  );
  expect(own?.coverage[0]?.status).toBe('complete');
  expect(own?.resources.length).toBeGreaterThan(0);
  expect(other).toMatchObject({ resources: [], telemetry: [] });
  expect(other?.coverage[0]).toMatchObject({ scope: `aws:${OTHER}:us-east-1`, status: 'failed', asOf: null });
  expect(other?.coverage[0]?.reason).toContain(`arn:aws:iam::${OTHER}:role/BursarRead`);
  expect(other?.coverage[0]?.reason).toContain('cannot be assumed');
});

test('what the role asks for: 900 seconds, the external id, a fit session name', async () => {
  const bodies: URLSearchParams[] = [];
  const watching = await behind(async ({ body }) => {
    bodies.push(new URLSearchParams(body));
    return null;
  });
  const credentials = assumedRole(
    sts(watching.url),
    { accountId: OTHER, partition: 'aws', roleName: 'R', externalId: 'x 1', sessionName: 'run 7/é' },
    new Meter(),
  );
  const [first, second] = await Promise.all([credentials(), credentials()]);
  expect(second).toBe(first);
  expect(bodies).toHaveLength(1);
  expect(Object.fromEntries(bodies[0] ?? [])).toMatchObject({
    RoleArn: `arn:aws:iam::${OTHER}:role/R`,
    DurationSeconds: '900',
    ExternalId: 'x 1',
    RoleSessionName: 'run-7--',
  });
});

test('a refused role is asked for again, not remembered', async () => {
  let refuse = true;
  const changing = await behind(async () => (refuse ? stsRefusal('AccessDenied', 'no') : null));
  const credentials = assumedRole(
    sts(changing.url),
    { accountId: OTHER, partition: 'aws', roleName: 'R' },
    new Meter(),
  );
  await expect(credentials()).rejects.toMatchObject({ code: 'denied' });
  refuse = false;
  expect((await credentials()).accessKeyId).toMatch(/^ASIA/);
});

test('an account without a role configured says what to set', async () => {
  const into = awsSessions(
    {
      own: { accountId: OWN, partition: 'aws' },
      base: base(moto),
      assume: null,
      sts: sts(moto),
      meter: new Meter(),
    },
    makeClients,
  );
  await expect(into({ accountId: OTHER, region: 'us-east-1' })).rejects.toMatchObject({
    code: 'config',
    hint: expect.stringContaining('estate.aws.readRole'),
  });
});

test('who the credentials are, and which regions are enabled', async () => {
  const meter = new Meter();
  expect(await callerAccount(sts(moto), meter)).toEqual({ accountId: OWN, partition: 'aws' });
  const regions = await enabledRegions(session(moto).ec2, meter);
  expect(regions).toContain('eu-central-1');
  expect(regions).toEqual(regions.toSorted());
});

test('accounts of the organisation', async () => {
  const client = new OrganizationsClient({ region: 'us-east-1', endpoint: moto, credentials: AMBIENT });
  await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  for (let n = 0; n < 25; n++)
    await client.send(new CreateAccountCommand({ AccountName: `team ${n}`, Email: `t${n}@example.com` }));
  const accounts = await organisationAccounts(client, new Meter());
  expect(accounts).toHaveLength(26);
  expect(accounts.map(({ name }) => name)).toContain('team 24');
  expect(accounts.every(({ accountId }) => /^\d{12}$/.test(accountId))).toBe(true);
  expect(new Set(accounts.map(({ state }) => state))).toEqual(new Set(['ACTIVE']));
});

test('accelerators come from what the API says of the type', async () => {
  const { ec2 } = session(moto);
  for (const type of [
    'g4dn.xlarge',
    'p4d.24xlarge',
    'inf2.xlarge',
    'trn1.2xlarge',
    'g6f.large',
    'vt1.3xlarge',
    't3.micro',
  ] as const)
    await launch(ec2, type);
  const { resources, coverage } = await collectScope(
    scope(),
    session(moto),
    [awsInstances],
    now,
    new Meter(),
  );
  expect(coverage[0]?.status).toBe('complete');
  const bySku = Object.fromEntries(
    resources.map(({ sku, accelerators, attributes }) => [
      sku,
      { accelerators, devices: attributes['acceleratorDevices'] },
    ]),
  );
  expect(bySku).toEqual({
    'g4dn.xlarge': { accelerators: [{ kind: 'NVIDIA T4', count: 1, memoryMiB: 16384 }], devices: 1 },
    'p4d.24xlarge': { accelerators: [{ kind: 'NVIDIA A100', count: 8, memoryMiB: 327680 }], devices: 8 },
    'inf2.xlarge': { accelerators: [{ kind: 'AWS Inferentia2', count: 1, memoryMiB: 32768 }], devices: 1 },
    'trn1.2xlarge': { accelerators: [{ kind: 'AWS Trainium', count: 1, memoryMiB: 32768 }], devices: 1 },
    'g6f.large': { accelerators: [{ kind: 'NVIDIA L4', count: 0.125, memoryMiB: 2861 }], devices: 1 },
    'vt1.3xlarge': { accelerators: [], devices: 0 },
    't3.micro': { accelerators: [], devices: 0 },
  });
});

test('a type that the API does not describe leaves its accelerators unknown and coverage partial', async () => {
  const { ec2 } = session(moto);
  await launch(ec2, 'p4d.24xlarge');
  await launch(ec2, 't3.micro');
  const forgetful = await behind(async ({ action, body }, pass) =>
    action === 'DescribeInstanceTypes' ? await pass(body.replaceAll('p4d.24xlarge', 'p4d.none')) : null,
  );
  const { resources, coverage } = await collectScope(
    scope(),
    session(forgetful.url),
    [awsInstances],
    now,
    new Meter(),
  );
  expect(coverage[0]?.status).toBe('partial');
  expect(coverage[0]?.reason).toContain('p4d.24xlarge');
  expect(
    Object.fromEntries(resources.map(({ sku, attributes }) => [sku, attributes['acceleratorsUnknown']])),
  ).toEqual({ 'p4d.24xlarge': true, 't3.micro': false });
});

test('where types may not be described the instances are kept, with their accelerators unknown', async () => {
  await launch(session(moto).ec2, 'p4d.24xlarge');
  const refusing = await behind(async ({ action }) =>
    action === 'DescribeInstanceTypes'
      ? ec2Refusal(
          'UnauthorizedOperation',
          'You are not authorized to perform this operation. User: arn:aws:iam::1:user/a is not authorized to perform: ec2:DescribeInstanceTypes because no identity-based policy allows it',
          403,
        )
      : null,
  );
  const taken = await collectScope(scope(), session(refusing.url), AWS_DATASETS, now, new Meter());
  expect(taken.coverage[0]).toMatchObject({ status: 'partial', asOf: now.toISOString() });
  expect(taken.coverage[0]?.reason).toContain('Allow ec2:DescribeInstanceTypes');
  const machine = taken.resources.find(({ type }) => type === 'aws:ec2:instance');
  expect(machine).toMatchObject({ accelerators: [], attributes: { acceleratorsUnknown: true } });
});

test('without the instances nothing is concluded about their GPUs; the volumes are still seen', async () => {
  const { ec2 } = session(moto);
  await launch(ec2, 'g4dn.xlarge');
  await volume(ec2, 'us-east-1a');
  const refusing = await behind(async ({ action }) =>
    action === 'DescribeInstances'
      ? ec2Refusal('UnauthorizedOperation', 'You are not authorized.', 403)
      : null,
  );
  const taken = await collectScope(scope(), session(refusing.url), AWS_DATASETS, now, new Meter());
  expect(taken.coverage[0]?.status).toBe('partial');
  expect(taken.coverage[0]?.reason?.split('\n')).toEqual([
    expect.stringContaining('aws.ec2.instances: ec2:DescribeInstances was denied'),
    'aws.ec2.gpu-telemetry: not looked at, since aws.ec2.instances failed',
  ]);
  expect(taken.resources.map(({ type }) => type)).toContain('aws:ec2:volume');
  // One lists what Bedrock counts of its models, which rests on no instance.
  expect(refusing.calls.filter((action) => action === 'ListMetrics')).toHaveLength(1);
});

test('where all is refused the scope failed, as of no time', async () => {
  const refusing = await behind(async ({ action }) => {
    if (action.startsWith('Describe'))
      return ec2Refusal('AuthFailure', 'AWS was not able to validate the credentials', 401);
    return action.startsWith('List')
      ? jsonRefusal('UnrecognizedClientException', 'The security token included in the request is invalid')
      : null;
  });
  const all = [awsInstances, awsVolumes, awsSagemakerNotebooks];
  const taken = await collectScope(scope(), session(refusing.url), all, now, new Meter());
  expect(taken.coverage[0]).toMatchObject({ status: 'failed', asOf: null });
  expect(taken.coverage[0]?.reason).toContain('Renew the credentials');
});

test('an empty account is complete, and costs one call a list', async () => {
  const meter = new Meter();
  const taken = await collectScope(scope(), session(moto), AWS_DATASETS, now, meter);
  expect(taken).toMatchObject({ resources: [], telemetry: [], modelCalls: [] });
  expect(taken.coverage).toMatchObject([{ status: 'complete', reason: null }]);
  const { amount, calls } = meter.total();
  expect(Number(amount)).toBeLessThan(0.0001);
  expect(calls).toEqual(
    expect.arrayContaining([
      { api: 'ec2:DescribeInstances', count: 1 },
      { api: 'ec2:DescribeVolumes', count: 1 },
      // Classic Load Balancers have an API of their own, with actions of the same name.
      { api: 'elasticloadbalancing:DescribeLoadBalancers', count: 2 },
      { api: 'sagemaker:ListEndpoints', count: 1 },
    ]),
  );
  expect(calls.filter(({ count }) => count > 1).map(({ api }) => api)).toEqual([
    'elasticloadbalancing:DescribeLoadBalancers',
  ]);
});

// moto counts MaxResults in reservations, so small pages are asked of it to make it page at all.
const smallPages = (body: string) => body.replace('MaxResults=1000', 'MaxResults=2');

test('120 instances come whole over several pages, each once', async () => {
  const { ec2 } = session(moto);
  for (let n = 0; n < 6; n++) await launch(ec2, 't3.micro', 20);
  const paging = await behind((request, pass) => pass(smallPages(request.body)));
  const meter = new Meter();
  const { resources } = await collectScope(scope(), session(paging.url), [awsInstances], now, meter);
  expect(new Set(resources.map(({ id }) => id)).size).toBe(120);
  expect(resources).toHaveLength(120);
  expect(meter.total().calls).toContainEqual({ api: 'ec2:DescribeInstances', count: 3 });
});

test('an instance terminated while its pages are read neither breaks the walk nor stays', async () => {
  const { ec2 } = session(moto);
  const [early] = await launch(ec2, 't3.micro', 3);
  await launch(ec2, 't3.micro', 3);
  const [late] = await launch(ec2, 't3.micro', 3);
  let pages = 0;
  const shifting = await behind(async ({ action, body }, pass) => {
    if (action === 'DescribeInstances' && ++pages === 2)
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [early?.id ?? '', late?.id ?? ''] }));
    return await pass(smallPages(body));
  });
  const { resources, coverage } = await collectScope(
    scope(),
    session(shifting.url),
    [awsInstances],
    now,
    new Meter(),
  );
  expect(pages).toBe(2);
  expect(coverage[0]?.status).toBe('complete');
  expect(new Set(resources.map(({ id }) => id)).size).toBe(8);
  expect(resources.map(({ attributes }) => attributes['instanceId'])).not.toContain(late?.id);
});

test('what is terminated is gone, what is stopped is not', async () => {
  const { ec2 } = session(moto);
  const [gone, stopped] = await launch(ec2, 'g4dn.xlarge', 2);
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [gone?.id ?? ''] }));
  await ec2.send(new StopInstancesCommand({ InstanceIds: [stopped?.id ?? ''] }));
  const { resources } = await collectScope(scope(), session(moto), [awsInstances], now, new Meter());
  expect(resources.map(({ attributes, state }) => [attributes['instanceId'], state])).toEqual([
    [stopped?.id, 'stopped'],
  ]);
  // The emulator writes the reason of the last transition as AWS does, but for UTC, which AWS calls GMT.
  expect(resources[0]?.attributes['stoppedAt']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(resources[0]?.attributes['currentGeneration']).toBe(true);
});

test('a running machine was stopped at no time; a type of a former generation is told as such', async () => {
  await launch(session(moto).ec2, 'm3.medium');
  const { resources } = await collectScope(scope(), session(moto), [awsInstances], now, new Meter());
  expect(resources[0]?.attributes).toMatchObject({ stoppedAt: null, currentGeneration: false });
});

test('a throttle that passes is ridden out; one that stays is told as one', async () => {
  shortWaits();
  fastClock();
  await launch(session(moto).ec2, 't3.micro');
  let refusals = 1;
  const stormy = await behind(async ({ action }) =>
    action === 'DescribeInstances' && refusals-- > 0
      ? ec2Refusal('RequestLimitExceeded', 'Request limit exceeded.', 503)
      : null,
  );
  const calm = await collectScope(scope(), session(stormy.url), [awsInstances], now, new Meter());
  expect(calm.coverage[0]?.status).toBe('complete');
  expect(calm.resources).toHaveLength(1);

  const storm = await behind(async () => throttle());
  const clients = makeClients({ ...base(storm.url), region: 'us-east-1', maxAttempts: 2 });
  const lost = await collectScope(
    scope(),
    { ...session(storm.url), ...clients },
    [awsInstances],
    now,
    new Meter(),
  );
  expect(lost.coverage[0]?.status).toBe('failed');
  expect(lost.coverage[0]?.reason).toContain(
    'ec2:DescribeInstances was throttled (RequestLimitExceeded) and stayed so after every retry',
  );
  expect(storm.calls.filter((call) => call === 'DescribeInstances')).toHaveLength(2);
  expect(lost.resources).toEqual([]);
});

function throttle(): Answer {
  return ec2Refusal('RequestLimitExceeded', 'Request limit exceeded.', 503);
}

test('an endpoint that nobody answers is told as such', async () => {
  const clients = makeClients({ ...base('http://127.0.0.1:9'), region: 'us-east-1', maxAttempts: 1 });
  const taken = await collectScope(scope(), { ...session(moto), ...clients }, [awsVolumes], now, new Meter());
  expect(taken.coverage[0]).toMatchObject({ status: 'failed' });
  expect(taken.coverage[0]?.reason).toContain('ec2:DescribeVolumes got no answer (ECONNREFUSED)');
});

test('when time is up, what was not done is told and what was done is kept', async () => {
  const { ec2 } = session(moto);
  await launch(ec2, 't3.micro');
  const slow = await behind(async ({ action }, pass) => {
    if (action !== 'DescribeVolumes') return null;
    over.abort();
    return await pass();
  });
  const over = new AbortController();
  const datasets = [
    awsInstances,
    { ...awsVolumes, needs: [awsInstances.id] },
    { ...awsImages, needs: [awsVolumes.id] },
  ];
  const taken = await collectScope(scope(), session(slow.url), datasets, now, new Meter(), {
    signal: over.signal,
  });
  expect(taken.coverage[0]?.status).toBe('partial');
  expect(taken.coverage[0]?.reason?.split('\n')).toEqual([
    expect.stringContaining('aws.ec2.volumes: not done when the time'),
    'aws.ec2.images: not looked at, since aws.ec2.volumes failed',
  ]);
  expect(taken.resources).toHaveLength(1);
});

/** Ids of what a second look at something reads. */
const ids = (wanted?: readonly string[]) =>
  awsDatasets(new Set(['x']), wanted === undefined ? undefined : new Set(wanted)).map(({ id }) => id);

test('a second look reads what is wanted and what that needs, in order; all, where it knows none of it', () => {
  const all = AWS_DATASETS.map(({ id }) => id);
  expect(ids(['aws.rds.telemetry'])).toEqual(['aws.rds.instances', 'aws.rds.telemetry']);
  expect(ids(['aws.ec2.gpu-telemetry', 'aws.ec2.volumes', 'gcp.compute.instances'])).toEqual([
    'aws.ec2.instances',
    'aws.ec2.volumes',
    'aws.ec2.gpu-telemetry',
  ]);
  expect(ids()).toEqual(all);
  expect(ids(['gcp.compute.instances'])).toEqual(all);
  for (const [at, { needs }] of AWS_DATASETS.entries())
    for (const need of needs ?? []) expect(all.slice(0, at)).toContain(need);
  expect(new Set(all).size).toBe(all.length);
});
