import {
  CreateDBClusterCommand,
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, expect, inject, test } from 'vitest';
import { awsDatabaseClusters, awsDatabases, awsDatabaseTelemetry } from '../../../lib/estate/aws/rds.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { OWN, session } from './emulated.ts';
import { publish } from './fleet.ts';

const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
/** What the emulator makes is made now: a look three weeks ahead sees it as old enough. */
const now = new Date(Date.now() + 21 * 86_400_000);

beforeEach(() => resetMoto(moto));

const look = (meter = new Meter()) =>
  collectScope(
    scope,
    session(moto),
    [awsDatabases, awsDatabaseClusters, awsDatabaseTelemetry.of(null)],
    now,
    meter,
  );

async function instance(name: string, more: Partial<CreateDBInstanceCommand['input']> = {}) {
  await session(moto).rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: name,
      DBInstanceClass: 'db.t4g.medium',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'postgres',
      MasterUserPassword: 'not-a-secret',
      Tags: [{ Key: 'owner', Value: name }],
      ...more,
    }),
  );
}

const arn = (kind: string, name: string) => `arn:aws:rds:us-east-1:${OWN}:${kind}:${name}`;

test('instances and clusters with who belongs to whom, and what other services run left out', async () => {
  const { rds } = session(moto);
  await instance('main');
  await rds.send(
    new CreateDBInstanceReadReplicaCommand({
      DBInstanceIdentifier: 'copy',
      SourceDBInstanceIdentifier: 'main',
    }),
  );
  await rds.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: 'fleet',
      Engine: 'aurora-postgresql',
      MasterUsername: 'postgres',
      MasterUserPassword: 'not-a-secret',
      Tags: [{ Key: 'owner', Value: 'fleet' }],
    }),
  );
  await instance('fleet-1', { Engine: 'aurora-postgresql', DBClusterIdentifier: 'fleet' });
  await instance('graph', { Engine: 'neptune' });

  const { resources, coverage } = await look();
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  const of = (id: string) => resources.find((one) => one.id === id);
  expect(resources.map(({ id }) => id).toSorted()).toEqual(
    [arn('cluster', 'fleet'), arn('db', 'copy'), arn('db', 'fleet-1'), arn('db', 'main')].toSorted(),
  );
  expect(of(arn('db', 'main'))).toMatchObject({
    type: 'aws:rds:db',
    state: 'available',
    sku: 'db.t4g.medium',
    tags: { owner: 'main' },
    parent: null,
    attributes: { engine: 'postgres', replicas: ['copy'], replicaOf: null },
  });
  expect(of(arn('db', 'copy'))?.attributes).toMatchObject({ replicaOf: 'main', replicas: [] });
  expect(of(arn('db', 'fleet-1'))?.parent).toEqual({ type: 'aws:rds:cluster', id: arn('cluster', 'fleet') });
  expect(of(arn('cluster', 'fleet'))).toMatchObject({
    state: 'available',
    tags: { owner: 'fleet' },
    attributes: { engine: 'aurora-postgresql', members: ['fleet-1'] },
  });
});

test('more than a page of databases comes whole, and what they are connected to is read at once', async () => {
  for (let n = 0; n < 103; n++) await instance(`db-${n}`);
  await publish(
    session(moto).cloudwatch,
    'AWS/RDS',
    'DatabaseConnections',
    { DBInstanceIdentifier: 'db-7' },
    [{ at: new Date(now.getTime() - 8 * 3_600_000), value: 4 }],
  );
  const meter = new Meter();
  const { resources, telemetry } = await look(meter);
  expect(new Set(resources.map(({ id }) => id)).size).toBe(103);
  expect(meter.total().calls).toEqual(
    expect.arrayContaining([
      { api: 'rds:DescribeDBInstances', count: 2 },
      { api: 'cloudwatch:GetMetricData', count: 1 },
    ]),
  );
  const heard = telemetry.filter(({ points }) => points.length > 0);
  expect(
    heard.map(({ resourceId, metric, statistic, points }) => [
      resourceId,
      metric,
      statistic,
      points[0]?.value,
    ]),
  ).toEqual([
    [`arn:aws:rds:us-east-1:${OWN}:db:db-7`, 'connections', 'maximum', 4],
    [`arn:aws:rds:us-east-1:${OWN}:db:db-7`, 'connections', 'sample-count', 1],
  ]);
});
