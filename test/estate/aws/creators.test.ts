import { expect, test } from 'vitest';
import { AWS_CREATORS, awsCreators, mayTellCreator } from '../../../lib/estate/aws/creators.ts';
import { withCreations } from '../../../lib/estate/creators.ts';
import type { Creation, Resource, Scope, Snapshot } from '../../../lib/estate/model.ts';
import { gapOf } from '../../../lib/platform/coverage.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { arn, machine, NOW } from '../../checks/facts.ts';
import { cloudTrailFake, type Trailed } from './cloudtrail-fake.ts';

const ACCOUNT = '111122223333';
const SCOPE: Scope = { provider: 'aws', accountId: ACCOUNT, region: 'us-east-1' };
const ENDPOINT = `arn:aws:sagemaker:us-east-1:${ACCOUNT}:endpoint/rank`;

const assumed = (session: string, more: object = {}) => ({
  type: 'AssumedRole',
  principalId: `AROAEXAMPLE:${session}`,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Dev/${session}`,
  ...more,
});

const launched = (n: number, identity: Trailed['identity'], at = '2026-11-01T09:00:00Z'): Trailed => ({
  name: 'RunInstances',
  at,
  identity,
  answer: { instancesSet: { items: [{ instanceId: id(n), imageId: 'ami-1' }] } },
});

const id = (n: number) => `i-${n.toString(16).padStart(17, '0')}`;
const instance = (n: number, given: Partial<Resource> = {}) =>
  machine({ id: arn(id(n)), created: '2026-11-01T09:00:05Z', ...given });
const endpoint = (given: Partial<Resource> = {}) =>
  machine({ id: ENDPOINT, type: 'aws:sagemaker:endpoint', created: '2026-10-20T00:00:00Z', ...given });

async function ask(events: readonly Trailed[], resources: readonly Resource[]) {
  await using fake = await cloudTrailFake(events);
  const meter = new Meter();
  const asked = await awsCreators(SCOPE, { cloudtrail: fake.client }, resources, NOW, meter);
  const by = new Map(asked.creations.map((one) => [one.resourceId, one]));
  return { ...asked, by, calls: fake.asked, counted: meter.total().calls };
}

test('names the person of a session, a source identity or a user; nobody else', async () => {
  const identities: [identity: Trailed['identity'], address: string | null][] = [
    [assumed('ana@acme.com'), 'ana@acme.com'],
    [assumed('job-7', { sessionContext: { sourceIdentity: 'bo@acme.com' } }), 'bo@acme.com'],
    [assumed('ana@acme.com', { sessionContext: { sourceIdentity: 'bo@acme.com' } }), 'bo@acme.com'],
    [
      { type: 'IAMUser', userName: 'cy@acme.com', arn: `arn:aws:iam::${ACCOUNT}:user/cy@acme.com` },
      'cy@acme.com',
    ],
    [{ type: 'IAMUser', userName: 'ci-deploy', arn: `arn:aws:iam::${ACCOUNT}:user/ci-deploy` }, null],
    [assumed('i-0abc'), null],
    [assumed('AutoScaling'), null],
    [{ type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root`, userName: 'root@acme.com' }, null],
    [{ type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' }, null],
    [{ type: 'AWSAccount', principalId: 'AROA:x@acme.com', accountId: '999988887777' }, null],
    [{ type: 'FederatedUser', arn: `arn:aws:sts::${ACCOUNT}:federated-user/di@acme.com` }, 'di@acme.com'],
    [{ type: 'AssumedRole' }, null],
  ];
  const { by, missing, calls } = await ask(
    identities.map(([identity], n) => launched(n, identity)),
    identities.map((_, n) => instance(n)),
  );
  expect(missing).toBeNull();
  expect(calls).toEqual(['RunInstances']);
  expect(identities.map((_, n) => by.get(arn(id(n)))?.address)).toEqual(
    identities.map(([, address]) => address),
  );
  expect(by.get(arn(id(0)))).toEqual({
    resourceId: arn(id(0)),
    address: 'ana@acme.com',
    principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Dev/ana@acme.com`,
    event: 'RunInstances',
    at: '2026-11-01T09:00:00.000Z',
  });
  expect(by.get(arn(id(8)))?.principal).toBe('autoscaling.amazonaws.com');
});

test('takes the newest call that made a thing of that name, and none that failed or only mentions it', async () => {
  const made = (at: string, who: string, more: object = {}): Trailed => ({
    name: 'CreateEndpoint',
    at,
    identity: assumed(who),
    answer: { endpointArn: ENDPOINT },
    ...more,
  });
  const { by } = await ask(
    [
      made('2026-09-01T00:00:00Z', 'first@acme.com'),
      made('2026-10-20T00:00:00Z', 'second@acme.com'),
      made('2026-11-01T00:00:00Z', 'third@acme.com', { errorCode: 'ResourceLimitExceeded' }),
      made('2026-11-02T00:00:00Z', 'fourth@acme.com', { answer: { endpointArn: `${ENDPOINT}-2` } }),
    ],
    [endpoint()],
  );
  expect(by.get(ENDPOINT)?.address).toBe('second@acme.com');
});

test('reads on until everything is found, and says what lies beyond its bound', async () => {
  const noise = (many: number) =>
    Array.from({ length: many }, (_, n) => launched(1000 + n, assumed('x'), '2026-11-10T00:00:00Z'));
  const found = await ask([...noise(120), launched(1, assumed('ana@acme.com'))], [instance(1)]);
  expect(found.by.get(arn(id(1)))?.address).toBe('ana@acme.com');
  expect(found.calls).toHaveLength(3);
  expect(found.counted).toEqual([{ api: 'cloudtrail:LookupEvents', count: 3 }]);
  const beyond = await ask(
    [...noise(2_001), launched(1, assumed('ana@acme.com'))],
    [instance(1), instance(1001)],
  );
  expect(beyond.calls).toHaveLength(40);
  expect(beyond.missing).toContain('who made 1 of 2');
  expect([...beyond.by.keys()]).toEqual([arn(id(1001))]);
});

test('asks for nothing that the log cannot know, and leaves open what may only be late', async () => {
  const old = instance(1, { created: '2026-08-01T00:00:00Z' });
  const young = instance(2, { created: '2026-11-20T10:00:00Z' });
  expect((await ask([], [old])).calls).toEqual([]);
  const { by } = await ask([], [old, young, instance(3)]);
  expect([...by.keys()].toSorted()).toEqual([arn(id(1)), arn(id(3))]);
  expect([...by.values()].every(({ address, principal }) => address === null && principal === null)).toBe(
    true,
  );
  const parent = { type: 'aws:autoscaling:group', id: 'g' };
  expect(
    [instance(1), instance(1, { parent }), instance(1, { type: 'aws:s3:bucket' })].map(mayTellCreator),
  ).toEqual([true, false, false]);
});

test('an event that cannot be read is told', async () => {
  const odd: Trailed = {
    name: 'RunInstances',
    at: '2026-11-01T09:00:00Z',
    identity: { type: 7 },
    answer: null,
  };
  await expect(ask([odd], [instance(1)])).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('RunInstances-0'),
  });
});

const snapshot = (resources: readonly Resource[], given: Partial<Snapshot> = {}): Snapshot => ({
  schemaVersion: 2,
  scope: SCOPE,
  takenAt: NOW.toISOString(),
  resources,
  telemetry: [],
  vectorIndexes: [],
  coverage: [
    { scope: `aws:${ACCOUNT}:us-east-1`, status: 'complete', reason: null, asOf: NOW.toISOString() },
  ],
  ...given,
});

async function look(taken: Snapshot, made: readonly Creation[], events: readonly Trailed[], refuse?: string) {
  await using fake = await cloudTrailFake(events, refuse);
  const found = await withCreations(
    taken,
    AWS_CREATORS,
    made,
    () => true,
    (wanted) => awsCreators(SCOPE, { cloudtrail: fake.client }, wanted, NOW, new Meter()),
  );
  return { found, asked: fake.asked };
}

test('what is known is not asked again, and is forgotten with its resource', async () => {
  const taken = snapshot([instance(1), endpoint()]);
  const events = [launched(1, assumed('ana@acme.com'))];
  const first = await look(taken, [], events);
  expect(first.asked).toEqual(['CreateEndpoint', 'RunInstances']);
  const kept = first.found.creations ?? [];
  expect(new Set(kept.map(({ address }) => address))).toEqual(new Set(['ana@acme.com', null]));
  const again = await look(taken, kept, []);
  expect(again.asked).toEqual([]);
  expect(again.found.creations).toEqual(kept);
  expect((await look(snapshot([]), kept, [])).found.creations).toEqual([]);
});

test('a thing of the same name that was made again is not its namesake’s creator’s', async () => {
  const { found } = await look(
    snapshot([endpoint()]),
    [],
    [
      {
        name: 'CreateEndpoint',
        at: '2026-10-20T00:00:00Z',
        identity: assumed('ana@acme.com'),
        answer: [ENDPOINT],
      },
    ],
  );
  expect(found.creations?.[0]?.address).toBe('ana@acme.com');
  const remade = snapshot([endpoint({ created: '2026-11-10T00:00:00Z' })]);
  const after = await look(remade, found.creations ?? [], [], 'AccessDeniedException');
  expect(after.found.creations).toEqual([]);
  const restarted = snapshot([instance(1, { created: '2026-11-15T00:00:00Z' })]);
  const before = await look(snapshot([instance(1)]), [], [launched(1, assumed('bo@acme.com'))]);
  expect((await look(restarted, before.found.creations ?? [], [])).found.creations?.[0]?.address).toBe(
    'bo@acme.com',
  );
});

test('a log that refuses makes its part of coverage a gap, and names nobody', async () => {
  const taken = snapshot([instance(1)]);
  const { found } = await look(taken, [], [], 'AccessDeniedException');
  expect(found.creations).toEqual([]);
  expect(found.coverage[0]).toMatchObject({ status: 'partial', incomplete: [AWS_CREATORS] });
  expect(found.coverage[0]?.reason).toContain('cloudtrail:LookupEvents was denied');
  expect(gapOf(found.coverage, `aws:${ACCOUNT}:us-east-1#aws.ec2.instances`)).toBeNull();
  const partial = {
    ...taken.coverage[0],
    scope: 'aws:x',
    status: 'partial',
    reason: 'r',
    asOf: null,
  } as const;
  const other = await look(snapshot([instance(1)], { coverage: [partial] }), [], [], 'AccessDeniedException');
  expect(other.found.coverage[0]).not.toHaveProperty('incomplete');
});
