import {
  AttachInstancesCommand,
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeInstancesCommand,
  ModifyInstanceAttributeCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { ec2Stop } from '../../lib/actions/aws-ec2-stop.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { base, ec2Refusal } from '../estate/aws/emulated.ts';
import { launch } from '../estate/aws/fleet.ts';
import { actSession, arn, awsTarget, meddling, planned, readLive, refusal, withMore } from './aws.ts';

const moto = inject('motoUrl');
const session = actSession(moto);
const { behind, closeAll } = meddling(moto);

beforeEach(() => resetMoto(moto));
afterEach(closeAll);

async function started(tags: Record<string, string> = {}) {
  const [one] = await launch(session.ec2, 'g4dn.xlarge', 1, tags);
  const id = one?.id ?? '';
  return { id, target: awsTarget('aws:ec2:instance', arn('ec2', `instance/${id}`)) };
}

async function stateOf(id: string): Promise<string> {
  const { Reservations } = await session.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0]?.State?.Name ?? 'gone';
}

test('an instance is stopped, twice with the result of once, and brought back', async () => {
  const { id, target } = await started({ team: 'vision' });
  const live = await readLive(ec2Stop, target, session);
  expect(live.resource).toMatchObject({
    id: target.resourceId,
    state: 'running',
    tags: { team: 'vision' },
    parent: null,
  });
  expect(live.fingerprint).toEqual({ launch: live.resource.created, parent: null });
  expect(live.lost.join(' ')).toMatch(/instance store \(125 GB\).*memory/);
  expect(live.staysBilled).toContainEqual(expect.stringMatching(/^EBS volume vol-/));
  expect(live.risks).toEqual([expect.stringContaining('InsufficientInstanceCapacity')]);

  const { plan, undoPlan, summary } = await planned(ec2Stop, target, session);
  expect(summary).toContain(id);
  expect(await ec2Stop.verify(plan, session)).toEqual({ state: 'pending', reason: `${id} is running.` });
  await ec2Stop.apply(plan, session);
  await ec2Stop.apply(plan, session);
  expect(await ec2Stop.verify(plan, session)).toEqual({ state: 'done' });
  expect(await stateOf(id)).toBe('stopped');
  expect(await readLive(ec2Stop, target, session)).toMatchObject({ done: true });

  expect(await ec2Stop.verifyUndo(undoPlan, session)).toEqual({
    state: 'pending',
    reason: `${id} is stopped.`,
  });
  await ec2Stop.undo(undoPlan, session);
  await ec2Stop.undo(undoPlan, session);
  expect(await ec2Stop.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
  expect(await stateOf(id)).toBe('running');
});

test('an address that AWS lent is lost, one of the account is billed on', async () => {
  const { target } = await started();
  // The emulator says of every address that it belongs to the account.
  const own = await readLive(ec2Stop, target, session);
  expect(own.staysBilled).toContainEqual(expect.stringMatching(/^Elastic IP address /));
  expect(own.lost.join(' ')).not.toContain('public address');
  const lent = await behind(async ({ action }, pass) => {
    if (action !== 'DescribeInstances') return null;
    const answer = await pass();
    return { ...answer, body: answer.body.replaceAll(/<ipOwnerId>[^<]*/g, '<ipOwnerId>amazon') };
  });
  const live = await readLive(ec2Stop, target, actSession(lent.url));
  expect(live.staysBilled).toEqual([expect.stringMatching(/^EBS volume vol-/)]);
  expect(live.lost.join(' ')).toMatch(/public address [0-9.]+;/);
});

test('a lost answer leaves nothing undone and nothing done twice', async () => {
  const { id, target } = await started();
  const { plan, undoPlan } = await planned(ec2Stop, target, session);
  const lost = new Set(['StopInstances', 'StartInstances']);
  const losing = await behind(async ({ action }, pass) => {
    if (!lost.delete(action)) return null;
    await pass();
    return { status: 500, body: '', type: 'text/xml' };
  });
  const fragile = actSession(losing.url, 1);
  await expect(ec2Stop.apply(plan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await ec2Stop.apply(plan, fragile);
  expect(await ec2Stop.verify(plan, fragile)).toEqual({ state: 'done' });
  await expect(ec2Stop.undo(undoPlan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
  await ec2Stop.undo(undoPlan, fragile);
  expect(await ec2Stop.verifyUndo(undoPlan, fragile)).toEqual({ state: 'done' });
  expect(losing.calls.filter((call) => call === 'StopInstances' || call === 'StartInstances')).toHaveLength(
    2,
  );
  expect(await stateOf(id)).toBe('running');
});

test('what someone started again since is left alone', async () => {
  const { id, target } = await started();
  const { plan } = await planned(ec2Stop, target, session);
  await ec2Stop.apply(plan, session);
  await session.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
  // The emulator keeps the time of the first launch; EC2 gives that of the last.
  const later = await behind(async ({ action }, pass) => {
    if (action !== 'DescribeInstances') return null;
    const answer = await pass();
    return {
      ...answer,
      body: answer.body.replace(/<launchTime>[^<]*/, '<launchTime>2030-01-01T00:00:00.000Z'),
    };
  });
  const here = actSession(later.url);
  expect((await ec2Stop.verify(plan, here)).state).toBe('failed');
  await expect(ec2Stop.apply(plan, here)).rejects.toMatchObject({ code: 'conflict' });
  expect(await stateOf(id)).toBe('running');
});

test('stop protection, a group, a fleet, a cluster: refused by name', async () => {
  const guarded = await started();
  await session.ec2.send(
    new ModifyInstanceAttributeCommand({ InstanceId: guarded.id, DisableApiStop: { Value: true } }),
  );
  expect((await readLive(ec2Stop, guarded.target, session)).protection).toContain('disableApiStop');
  expect(await refusal(ec2Stop, guarded.target, session)).toContain('disableApiStop');

  const scaling = new AutoScalingClient({ ...base(moto), region: 'us-east-1' });
  await scaling.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName: 'lc',
      ImageId: 'ami-12c6146b',
      InstanceType: 'g4dn.xlarge',
    }),
  );
  await scaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'train',
      LaunchConfigurationName: 'lc',
      MinSize: 0,
      MaxSize: 5,
      DesiredCapacity: 0,
      AvailabilityZones: ['us-east-1a'],
    }),
  );
  const member = await started();
  await scaling.send(new AttachInstancesCommand({ AutoScalingGroupName: 'train', InstanceIds: [member.id] }));
  const inGroup = await readLive(ec2Stop, member.target, session);
  expect(inGroup.fingerprint.parent).toBe('aws:autoscaling:group train');
  expect(await refusal(ec2Stop, member.target, session)).toContain('aws:autoscaling:group train');

  const node = await started({ 'eks:cluster-name': 'ml' });
  expect(await refusal(ec2Stop, node.target, session)).toContain('aws:eks:cluster ml');
});

test('a group is seen by its own API where no tag tells', async () => {
  const { target, id } = await started();
  const told = await behind(async ({ action }) =>
    action === 'DescribeAutoScalingInstances'
      ? {
          status: 200,
          type: 'text/xml',
          body: `<DescribeAutoScalingInstancesResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><DescribeAutoScalingInstancesResult><AutoScalingInstances><member><InstanceId>${id}</InstanceId><AutoScalingGroupName>hidden</AutoScalingGroupName><AvailabilityZone>us-east-1a</AvailabilityZone><LifecycleState>InService</LifecycleState><HealthStatus>HEALTHY</HealthStatus><ProtectedFromScaleIn>false</ProtectedFromScaleIn></member></AutoScalingInstances></DescribeAutoScalingInstancesResult></DescribeAutoScalingInstancesResponse>`,
        }
      : null,
  );
  expect(await refusal(ec2Stop, target, actSession(told.url))).toContain('aws:autoscaling:group hidden');
});

test.each([
  ['<rootDeviceType>ebs</rootDeviceType>', '<rootDeviceType>instance-store</rootDeviceType>', 'not on EBS'],
  ['<ebsOptimized>', '<instanceLifecycle>spot</instanceLifecycle><ebsOptimized>', 'spot'],
  ['<ebsOptimized>', '<instanceLifecycle>capacity-block</instanceLifecycle><ebsOptimized>', 'saves nothing'],
  [
    '<ebsOptimized>',
    '<operator><managed>true</managed><principal>eks.amazonaws.com</principal></operator><ebsOptimized>',
    'eks.amazonaws.com',
  ],
  ['<name>running</name>', '<name>pending</name>', 'It is pending'],
])('%s described as %s is refused', async (from, to, reason) => {
  const { target } = await started();
  const described = await behind(async ({ action }, pass) => {
    if (action !== 'DescribeInstances') return null;
    const answer = await pass();
    expect(answer.body).toContain(from);
    return { ...answer, body: answer.body.replace(from, to) };
  });
  expect(await refusal(ec2Stop, target, actSession(described.url))).toContain(reason);
});

const HIBERNATES = '<hibernationOptions><configured>true</configured></hibernationOptions>';

test('what was launched for it hibernates', async () => {
  const { target, id } = await started();
  const asked: URLSearchParams[] = [];
  const described = await behind(async ({ action, body }, pass) => {
    if (action === 'StopInstances') asked.push(new URLSearchParams(body));
    if (action !== 'DescribeInstances') return null;
    const answer = await pass();
    return {
      ...answer,
      body: answer.body
        .replace(/<hibernationOptions *\/>/, '')
        .replace('<ebsOptimized>', `${HIBERNATES}<ebsOptimized>`),
    };
  });
  const here = actSession(described.url);
  const live = await readLive(ec2Stop, target, here);
  expect(live.lost.join(' ')).not.toContain('memory');
  expect(live.risks.join(' ')).toContain('60 days');
  const { plan, summary } = await planned(ec2Stop, target, here);
  expect(summary).toContain(`Hibernate ${id}`);
  await ec2Stop.apply(plan, here);
  expect(asked.map((one) => one.get('Hibernate'))).toEqual(['true']);
});

test('gone: nothing to read, and neither stop nor undo pretends', async () => {
  const { id, target } = await started();
  const { plan, undoPlan } = await planned(ec2Stop, target, session);
  await session.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  expect(await ec2Stop.read(target, session)).toBeNull();
  await expect(ec2Stop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  await expect(ec2Stop.undo(undoPlan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect((await ec2Stop.verify(plan, session)).state).toBe('failed');
  expect((await ec2Stop.verifyUndo(undoPlan, session)).state).toBe('failed');
  const unknown = awsTarget('aws:ec2:instance', arn('ec2', 'instance/i-0123456789abcdef0'));
  expect(await ec2Stop.read(unknown, session)).toBeNull();
});

test.each([
  ['UnauthorizedOperation', 403, 'denied'],
  ['RequestLimitExceeded', 503, 'throttled'],
  ['InternalError', 500, 'unavailable'],
  ['UnsupportedHibernationConfiguration', 400, 'conflict'],
  ['IncorrectInstanceState', 400, 'unavailable'],
])('%s (%i) on the way is %s, never done', async (code, status, kind) => {
  const { id, target } = await started();
  const { plan, undoPlan } = await planned(ec2Stop, target, session);
  const refusing = await behind(async ({ action }) =>
    action === 'StopInstances' || action === 'StartInstances' ? ec2Refusal(code, 'no', status) : null,
  );
  const here = actSession(refusing.url, 1);
  await expect(ec2Stop.apply(plan, here)).rejects.toMatchObject({ code: kind });
  expect(await stateOf(id)).toBe('running');
  await session.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await expect(ec2Stop.undo(undoPlan, here)).rejects.toMatchObject({ code: kind });
  expect(await stateOf(id)).toBe('stopped');
});

test.each([
  'DescribeInstances',
  'DescribeInstanceTypes',
  'DescribeInstanceAttribute',
  'DescribeAutoScalingInstances',
])('a fault of %s is unknown, not a yes', async (failing) => {
  const { target } = await started();
  const refusing = await behind(async ({ action }) =>
    action === failing ? ec2Refusal('UnauthorizedOperation', 'no', 403) : null,
  );
  await expect(ec2Stop.read(target, actSession(refusing.url, 1))).rejects.toMatchObject({
    name: 'BursarError',
  });
});

test('no capacity to come back is told as that', async () => {
  const { id, target } = await started();
  const { plan, undoPlan } = await planned(ec2Stop, target, session);
  await ec2Stop.apply(plan, session);
  const scarce = await behind(async ({ action }) =>
    action === 'StartInstances'
      ? ec2Refusal('InsufficientInstanceCapacity', 'We currently do not have sufficient capacity', 500)
      : null,
  );
  await expect(ec2Stop.undo(undoPlan, actSession(scarce.url, 1))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      /no capacity for g4dn.xlarge in us-east-1.*stays stopped, with its volumes/,
    ),
  });
  expect(await stateOf(id)).toBe('stopped');
});

test('another account, region or kind of thing is never reached', async () => {
  const { target } = await started();
  for (const resourceId of [
    target.resourceId.replace('us-east-1', 'eu-west-1'),
    target.resourceId.replace('123456789012', '210987654321'),
    target.resourceId.replace('instance/', 'volume/'),
    'i-0123456789abcdef0',
  ])
    await expect(ec2Stop.read({ ...target, resourceId }, session)).rejects.toMatchObject({ code: 'input' });
});

test('a plan that this version cannot read is not carried out', async () => {
  const { id, target } = await started();
  const { plan } = await planned(ec2Stop, target, session);
  await expect(ec2Stop.apply(withMore(plan, { force: true }), session)).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await stateOf(id)).toBe('running');
});
