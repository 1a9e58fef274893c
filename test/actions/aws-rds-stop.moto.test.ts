import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { rdsStop as stop } from '../../lib/actions/aws-rds-stop.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { stsRefusal } from '../estate/aws/emulated.ts';
import { actSession, arn, awsTarget, losing, meddling, planned, readLive, refusal } from './aws.ts';

const moto = inject('motoUrl');
const session = actSession(moto);
const { behind, closeAll } = meddling(moto);
const api = session.rds;

beforeEach(() => resetMoto(moto));
afterEach(closeAll);

const DB = awsTarget('aws:rds:db', arn('rds', 'db:orders'));
const CLUSTER = awsTarget('aws:rds:cluster', arn('rds', 'cluster:vectors'));

async function database(more: object = {}) {
  await api.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      DBInstanceClass: 'db.m6g.large',
      Engine: 'postgres',
      AllocatedStorage: 100,
      StorageType: 'gp3',
      MasterUsername: 'root',
      MasterUserPassword: 'only-for-tests',
      DeletionProtection: true,
      Tags: [{ Key: 'owner', Value: 'ana' }],
      ...more,
    }),
  );
}

async function cluster(more: object = {}) {
  await api.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: 'vectors',
      Engine: 'aurora-postgresql',
      MasterUsername: 'root',
      MasterUserPassword: 'only-for-tests',
      Tags: [{ Key: 'owner', Value: 'ana' }],
      ...more,
    }),
  );
}

async function stateOf(kind: 'db' | 'cluster') {
  if (kind === 'cluster')
    return (await api.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'vectors' }))).DBClusters?.[0]
      ?.Status;
  return (await api.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'orders' }))).DBInstances?.[0]
    ?.DBInstanceStatus;
}

/** RDS, with these words of its descriptions replaced. */
async function saying(was: RegExp, is: string) {
  const server = await behind(async ({ action }, pass) => {
    if (!action.startsWith('DescribeDB')) return null;
    const answer = await pass();
    const body = answer.body.replace(was, is);
    expect(body).not.toBe(answer.body);
    return { ...answer, body };
  });
  return actSession(server.url);
}

describe.each([
  ['db', 'DBInstance', database, DB],
  ['cluster', 'DBCluster', cluster, CLUSTER],
] as const)('a %s', (kind, call, create, target) => {
  test('is stopped, twice with the result of once, and started again', async () => {
    await create();
    const live = await readLive(stop, target, session);
    expect(live).toMatchObject({ done: false, protection: null });
    expect(live.resource).toMatchObject({
      state: 'available',
      tags: { owner: 'ana' },
      type: target.resourceType,
    });
    expect(live.fingerprint.launch).toBe(live.resource.created);
    expect(live.staysBilled.join()).toMatch(kind === 'db' ? /100 GiB gp3/ : /storage of the cluster/);
    expect(live.risks.join()).toContain('after seven days');
    const { plan, undoPlan, summary } = await planned(stop, target, session);
    expect(summary).toContain('undo starts it again');
    const lost = await behind(losing(`Stop${call}`, `Start${call}`));
    const fragile = actSession(lost.url, 1);
    await expect(stop.apply(plan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
    await stop.apply(plan, fragile);
    expect(await stop.verify(plan, session)).toEqual({ state: 'done' });
    expect(await refusal(stop, target, session)).toContain('stopped already');
    expect((await stop.verifyUndo(undoPlan, session)).state).toBe('pending');
    await expect(stop.undo(undoPlan, fragile)).rejects.toMatchObject({ code: 'unavailable' });
    await stop.undo(undoPlan, fragile);
    expect(await stop.verifyUndo(undoPlan, session)).toEqual({ state: 'done' });
    expect(await stateOf(kind)).toBe('available');
    expect(lost.calls.filter((each) => /^(Stop|Start)/.test(each))).toHaveLength(2);
  });

  test('that is on its way is waited for, and one that others start is not stopped again', async () => {
    await create();
    const { plan, undoPlan } = await planned(stop, target, session);
    const stopping = await saying(/>available</, '>stopping<');
    expect(await refusal(stop, target, stopping)).toContain('It is stopping');
    await stop.apply(plan, stopping);
    expect(await stop.verify(plan, stopping)).toMatchObject({ state: 'pending' });
    await expect(stop.undo(undoPlan, stopping)).rejects.toMatchObject({ code: 'unavailable' });
    const starting = await saying(/>available</, '>starting<');
    await expect(stop.apply(plan, starting)).rejects.toMatchObject({ code: 'conflict' });
    expect((await stop.verify(plan, starting)).state).toBe('failed');
    await stop.undo(undoPlan, starting);
    const upkeep = await saying(/>available</, '>maintenance<');
    await expect(stop.apply(plan, upkeep)).rejects.toMatchObject({ code: 'unavailable' });
    const broken = await saying(/>available</, '>incompatible-network<');
    expect(await stop.verifyUndo(undoPlan, broken)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('incompatible-network'),
    });
    expect(await stateOf(kind)).toBe('available');
  });

  test('of the same name that is another, and none at all, is left alone', async () => {
    await create();
    const { plan, undoPlan } = await planned(stop, target, session);
    const other = await saying(/(Dbi?(?:Cluster)?ResourceId>)[^<]+/, '$1another-one');
    await expect(stop.apply(plan, other)).rejects.toMatchObject({ code: 'conflict' });
    await expect(stop.undo(undoPlan, other)).rejects.toMatchObject({ code: 'conflict' });
    expect((await stop.verify(plan, other)).state).toBe('failed');
    expect((await stop.verifyUndo(undoPlan, other)).state).toBe('failed');
    expect(await stateOf(kind)).toBe('available');
    await resetMoto(moto);
    expect(await stop.read(target, session)).toBeNull();
    await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  });

  test.each([
    ['AccessDenied', 403, 'denied'],
    ['Throttling', 400, 'throttled'],
    [`Invalid${call}State${kind === 'db' ? '' : 'Fault'}`, 400, 'unavailable'],
    ['InvalidParameterCombination', 400, 'conflict'],
  ])('of which a stop is answered %s is not stopped', async (code, status, told) => {
    await create();
    const { plan } = await planned(stop, target, session);
    const refusing = await behind(async ({ action }) =>
      action === `Stop${call}` ? stsRefusal(code, 'no', status) : null,
    );
    await expect(stop.apply(plan, actSession(refusing.url, 1))).rejects.toMatchObject({ code: told });
    expect((await stop.verify(plan, session)).state).toBe('pending');
  });

  test('that cannot be read is unknown, not gone', async () => {
    await create();
    const refusing = await behind(async ({ action }) =>
      action.startsWith('DescribeDB') ? stsRefusal('AccessDenied', 'no') : null,
    );
    await expect(stop.read(target, actSession(refusing.url, 1))).rejects.toMatchObject({ code: 'denied' });
  });
});

test('a replica and what has one are not stopped', async () => {
  await database({ BackupRetentionPeriod: 1 });
  const { plan } = await planned(stop, DB, session);
  await api.send(
    new CreateDBInstanceReadReplicaCommand({
      DBInstanceIdentifier: 'copy',
      SourceDBInstanceIdentifier: 'orders',
    }),
  );
  expect(await refusal(stop, DB, session)).toContain('It has a read replica');
  const copy = { ...DB, resourceId: arn('rds', 'db:copy') };
  expect(await refusal(stop, copy, session)).toContain('It is a read replica');
  // Made after the plan: it is looked at again.
  await expect(stop.apply(plan, session)).rejects.toMatchObject({ code: 'conflict' });
  expect(await stateOf('db')).toBe('available');
});

test('a database of a cluster is stopped with its cluster only', async () => {
  await cluster();
  await api.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      DBClusterIdentifier: 'vectors',
      DBInstanceClass: 'db.r6g.large',
      Engine: 'aurora-postgresql',
    }),
  );
  expect(await refusal(stop, DB, session)).toContain('belongs to the cluster vectors');
  expect((await planned(stop, CLUSTER, session)).summary).toContain('Stop the cluster vectors');
});

test.each([
  [/<Engine>postgres<\/Engine>/, '<Engine>sqlserver-se</Engine><MultiAZ>true</MultiAZ>', 'several zones'],
  [/<Engine>postgres<\/Engine>/, '<Engine>custom-oracle-ee</Engine>', 'RDS Custom'],
])('RDS does not stop %s as %s', async (was, is, reason) => {
  await database();
  const text = is.includes('MultiAZ') ? /<MultiAZ>false<\/MultiAZ>/ : /$^/;
  const server = await behind(async ({ action }, pass) => {
    if (action !== 'DescribeDBInstances') return null;
    const answer = await pass();
    return { ...answer, body: answer.body.replace(text, '').replace(was, is) };
  });
  expect(await refusal(stop, DB, actSession(server.url))).toContain(reason);
});

test('SQL Server in one zone is stopped', async () => {
  await database();
  const one = await saying(/<Engine>postgres<\/Engine>/, '<Engine>sqlserver-se</Engine>');
  expect((await planned(stop, DB, one)).summary).toContain('Stop the database orders');
});

test.each([
  [/(<DBCluster>)/, '$1<GlobalClusterIdentifier>world</GlobalClusterIdentifier>', 'global database world'],
  [
    /<ReadReplicaIdentifiers ?\/>|<ReadReplicaIdentifiers><\/ReadReplicaIdentifiers>|(<DBCluster>)/,
    '$1<ReadReplicaIdentifiers><ReadReplicaIdentifier>far</ReadReplicaIdentifier></ReadReplicaIdentifiers>',
    'has a read replica',
  ],
  [/<Engine>aurora-postgresql</, '<Engine>postgres<', 'no cluster of Aurora'],
  [/<EngineMode>[^<]*</, '<EngineMode>serverless<', 'engine mode serverless'],
])('Aurora does not stop a cluster with %s', async (was, is, reason) => {
  await cluster();
  expect(await refusal(stop, CLUSTER, await saying(was, is))).toContain(reason);
});

test('only a database of this account and region is read', async () => {
  for (const id of [
    arn('rds', 'snapshot:orders'),
    arn('rds', 'db:'),
    DB.resourceId.replace('us-east-1', 'eu-west-1'),
  ])
    await expect(stop.read({ ...DB, resourceId: id }, session)).rejects.toMatchObject({ code: 'input' });
});
