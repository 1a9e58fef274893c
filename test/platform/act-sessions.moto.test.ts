import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { awsActSessions } from '../../lib/platform/act-sessions.ts';
import { AWS_RETRY } from '../../lib/platform/aws-sessions.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { meddling } from '../actions/aws.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { OTHER, OWN, sts, stsRefusal } from '../estate/aws/emulated.ts';
import { launch } from '../estate/aws/fleet.ts';

const moto = inject('motoUrl');
const { behind, closeAll } = meddling(moto);
const findingId = `f-${'a'.repeat(26)}`;
const other = `f-${'b'.repeat(26)}`;

beforeEach(() => resetMoto(moto));
afterEach(closeAll);

function sessions(endpoint: string, meter = new Meter()) {
  return awsActSessions(
    {
      own: { accountId: OWN, partition: 'aws' },
      base: { endpoint: moto, ...AWS_RETRY },
      assume: { roleName: 'BursarAct', externalId: 'x-1' },
      sts: sts(endpoint),
      meter,
    },
    (config) => ({ ec2: new EC2Client(config), sts: new STSClient(config) }),
  );
}

test('the act role is entered in every account, the own one too, once a finding and account', async () => {
  const bodies: URLSearchParams[] = [];
  const watching = await behind(async ({ body }) => {
    bodies.push(new URLSearchParams(body));
    return null;
  });
  const meter = new Meter();
  const enter = sessions(watching.url, meter);
  for (const [accountId, region, id] of [
    [OWN, 'us-east-1', findingId],
    [OWN, 'eu-west-1', findingId],
    [OWN, 'us-east-1', other],
    [OTHER, 'us-east-1', findingId],
  ] as const) {
    const session = await enter({ accountId, region, findingId: id });
    expect(session).toMatchObject({ accountId, region, partition: 'aws' });
    expect(session.meter).toBe(meter);
    const who = await session.sts.send(new GetCallerIdentityCommand({}));
    expect(who.Arn).toBe(`arn:aws:sts::${accountId}:assumed-role/BursarAct/bursar-${id}`);
  }
  expect(
    bodies.map((body) => [
      body.get('RoleSessionName'),
      body.get('RoleArn'),
      body.get('ExternalId'),
      body.get('DurationSeconds'),
    ]),
  ).toEqual([
    [`bursar-${findingId}`, `arn:aws:iam::${OWN}:role/BursarAct`, 'x-1', '900'],
    [`bursar-${other}`, `arn:aws:iam::${OWN}:role/BursarAct`, 'x-1', '900'],
    [`bursar-${findingId}`, `arn:aws:iam::${OTHER}:role/BursarAct`, 'x-1', '900'],
  ]);
});

const seen = async (ec2: EC2Client) =>
  ((await ec2.send(new DescribeInstancesCommand({}))).Reservations ?? []).flatMap(({ Instances }) =>
    (Instances ?? []).map(({ InstanceId }) => InstanceId),
  );

test('what is done in one account is not done in another', async () => {
  const enter = sessions(moto);
  const there = await enter({ accountId: OTHER, region: 'us-east-1', findingId });
  const [made] = await launch(there.ec2, 't3.micro');
  const here = await enter({ accountId: OWN, region: 'us-east-1', findingId });
  expect(await seen(there.ec2)).toEqual([made?.id]);
  expect(await seen(here.ec2)).toEqual([]);
});

test('a role that cannot be entered is named; a finding without an id enters nothing', async () => {
  const refusing = await behind(async () =>
    stsRefusal('AccessDenied', 'not authorized to perform: sts:AssumeRole'),
  );
  const enter = sessions(refusing.url);
  await expect(enter({ accountId: OTHER, region: 'us-east-1', findingId })).rejects.toMatchObject({
    code: 'denied',
    message: expect.stringContaining(`arn:aws:iam::${OTHER}:role/BursarAct`),
  });
  const called = refusing.calls.length;
  await expect(enter({ accountId: OTHER, region: 'us-east-1', findingId: 'f-1/../x' })).rejects.toMatchObject(
    { code: 'internal' },
  );
  expect(refusing.calls).toHaveLength(called);
});
