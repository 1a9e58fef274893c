import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateDBInstanceCommand } from '@aws-sdk/client-rds';
import { STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { ebsSnapshotDeleteVolume } from '../../lib/actions/aws-ebs-snapshot-delete-volume.ts';
import { ec2Stop } from '../../lib/actions/aws-ec2-stop.ts';
import { logsRetention } from '../../lib/actions/aws-logs-retention.ts';
import { rdsStop } from '../../lib/actions/aws-rds-stop.ts';
import type { AwsActSession } from '../../lib/actions/aws-session.ts';
import type { Action, Target, Verified } from '../../lib/actions/model.ts';
import { RETENTION_EVIDENCE } from '../../lib/checks/logs-kept-for-ever.ts';
import { AWS_RETRY, assumedRole } from '../../lib/platform/aws-sessions.ts';
import { Meter } from '../../lib/platform/meter.ts';
import { actClients, awsTarget, planned } from '../actions/aws.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { OTHER } from '../estate/aws/emulated.ts';
import { launch, volume } from '../estate/aws/fleet.ts';

/*
 * The act role by action: in another account, in a session of the role that holds what one action declares and nothing
 * else, the action does its whole job and brings back; with any one right less it does not, but for those that are told
 * why. Each call is held against the role's policy, by action; conditions and denies are judged in
 * member-roles-evaluated.long.test.ts, since this AWS takes a conditional deny as absolute.
 */

const moto = inject('motoUrl');
const REGION = 'us-east-1';
const ROLE = 'BursarAct';

/** Is every call from now on held against policies? */
async function enforce(on: boolean): Promise<void> {
  const answer = await fetch(`${moto}/moto-api/reset-auth`, { method: 'POST', body: on ? '0' : 'Infinity' });
  expect(answer.status).toBe(200);
}

beforeEach(() => resetMoto(moto));
afterEach(() => enforce(false));

interface Job {
  readonly action: Action<AwsActSession>;
  readonly make: (session: AwsActSession) => Promise<Target>;
  /** Declared, and not missed by this job: the part of it that needs them is not played here. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

const inOther = (resourceType: string, resourceId: string, evidence = {}): Target => ({
  ...awsTarget(resourceType, resourceId, evidence),
  accountId: OTHER,
});
const arn = (service: string, part: string) => `arn:aws:${service}:${REGION}:${OTHER}:${part}`;
const KEYS = 'the volume is encrypted with a key of AWS, or with none';

const JOBS: readonly Job[] = [
  {
    action: ec2Stop,
    make: async ({ ec2 }) => {
      const [one] = await launch(ec2, 'g4dn.xlarge', 1, {});
      return inOther('aws:ec2:instance', arn('ec2', `instance/${one?.id}`));
    },
    elsewhere: { 'kms:CreateGrant': KEYS },
  },
  {
    action: ebsSnapshotDeleteVolume,
    make: async ({ ec2 }) =>
      inOther('aws:ec2:volume', arn('ec2', `volume/${await volume(ec2, 'us-east-1a')}`)),
    elsewhere: {
      'ec2:CreateTags': 'AWS asks for it where something is made with its tags; this one does not',
      ...Object.fromEntries(
        [
          'CreateGrant',
          'Decrypt',
          'DescribeKey',
          'GenerateDataKeyWithoutPlaintext',
          'ReEncryptFrom',
          'ReEncryptTo',
        ].map((right) => [`kms:${right}`, KEYS]),
      ),
    },
  },
  {
    action: rdsStop,
    make: async ({ rds }) => {
      await rds.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: 'orders',
          DBInstanceClass: 'db.m6g.large',
          Engine: 'postgres',
          AllocatedStorage: 100,
          MasterUsername: 'root',
          MasterUserPassword: 'only-for-tests',
        }),
      );
      return inOther('aws:rds:db', arn('rds', 'db:orders'));
    },
    elsewhere: Object.fromEntries(
      ['DescribeDBClusters', 'StartDBCluster', 'StopDBCluster'].map((right) => [
        `rds:${right}`,
        'of clusters, not of an instance by itself',
      ]),
    ),
  },
  {
    action: logsRetention,
    make: async ({ logs }) => {
      await logs.send(new CreateLogGroupCommand({ logGroupName: '/app/api' }));
      return inOther('aws:logs:log-group', arn('logs', 'log-group:/app/api:*'), {
        [RETENTION_EVIDENCE]: '30',
      });
    },
    elsewhere: {},
  },
];

async function iam(accessKeyId: string, call: Record<string, string>): Promise<void> {
  const answer = await fetch(moto, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261120/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x`,
    },
    body: new URLSearchParams({ ...call, Version: '2010-05-08' }),
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
}

/** A resource of the other account, and the whole job on it with a role that holds these rights; throws what is refused. */
async function played({ action, make }: Job, rights: readonly string[]): Promise<void> {
  await enforce(false);
  await resetMoto(moto);
  const base = { endpoint: moto, region: REGION, ...AWS_RETRY, maxAttempts: 1 };
  const sts = new STSClient({ ...base, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const entering = { accountId: OTHER, partition: 'aws', roleName: ROLE };
  const credentials = assumedRole(sts, entering, new Meter());
  const { accessKeyId } = await credentials();
  const session: AwsActSession = {
    accountId: OTHER,
    region: REGION,
    partition: 'aws',
    meter: new Meter(),
    ...actClients({ ...base, credentials }),
  };
  const target = await make(session);
  await iam(accessKeyId, { Action: 'CreateRole', RoleName: ROLE, AssumeRolePolicyDocument: '{}' });
  await iam(accessKeyId, {
    Action: 'PutRolePolicy',
    RoleName: ROLE,
    PolicyName: 'Bursar',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: rights, Resource: '*' }],
    }),
  });
  await enforce(true);
  const { plan, undoPlan } = await planned(action, target, session);
  await until(
    () => action.apply(plan, session),
    () => action.verify(plan, session),
  );
  await until(
    () => action.undo(undoPlan, session),
    () => action.verifyUndo(undoPlan, session),
  );
}

/** Some work goes in steps, one a sweep. */
async function until(work: () => Promise<void>, look: () => Promise<Verified>): Promise<void> {
  let seen: Verified = { state: 'pending', reason: 'not begun' };
  for (let sweeps = 0; sweeps < 5 && seen.state === 'pending'; sweeps += 1) {
    await work();
    seen = await look();
  }
  if (seen.state !== 'done') throw new Error(`not done: ${JSON.stringify(seen)}`);
}

test.each(JOBS.map((job) => [job.action.id, job] as const))(
  '%s does its job with the rights that it declares, and misses each that is taken away',
  async (_, job) => {
    const rights = [...new Set(job.action.permissions.map(({ action }) => action))];
    await played(job, rights);
    const spare: string[] = [];
    for (const taken of rights) {
      const left = rights.filter((right) => right !== taken);
      const refused = await played(job, left).then(() => null, String);
      if (refused === null) spare.push(taken);
      expect(refused ?? 'not done').toMatch(/denied|HTTP 403|not done/);
    }
    expect(spare.toSorted()).toEqual(Object.keys(job.elsewhere).toSorted());
  },
);
