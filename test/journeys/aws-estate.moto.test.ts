import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AllocateAddressCommand,
  CreateNatGatewayCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateDBClusterCommand, CreateDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { AuditResult } from '../../lib/run/model.ts';
import { resetMoto } from '../counterparts/moto.ts';
import { AMBIENT, OTHER, OWN, session } from '../estate/aws/emulated.ts';
import { halfHours, launch, publish, type Sample, volume } from '../estate/aws/fleet.ts';
import { type Charge, csvBill } from './bills.ts';
import { folder } from './bursar.ts';
import { type Warm, warm } from './warm.ts';

const moto = inject('motoUrl');
const DAY = 86_400_000;
/** What the emulator makes is made now: a look three weeks ahead sees it as old enough. */
const now = new Date(Math.floor(Date.now() / 1000) * 1000 + 21 * DAY);
const { ec2, cloudwatch, elbv2, rds, autoscaling } = session(moto);
const OWNED = { owner: 'ana@acme.example', team: 'ml' };
const tagList = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

let cli: Warm;
beforeAll(async () => {
  await resetMoto(moto);
  cli = await warm(tmpdir());
});
afterAll(async () => {
  await cli[Symbol.asyncDispose]();
});

const week = halfHours(now, 168);
const all = (value: number): Sample[] => week.map((at) => ({ at, value }));

/** What the CloudWatch agent says of each device of a machine, in these hours of the week. */
async function agent(id: string, devices: number, hours: readonly Sample[] = all(1)): Promise<void> {
  for (let index = 0; index < devices; index += 1) {
    const dimensions = { InstanceId: id, index: String(index), name: 'Tesla T4', arch: 'Turing' };
    await publish(cloudwatch, 'CWAgent', 'nvidia_smi_utilization_gpu', dimensions, hours);
    await publish(
      cloudwatch,
      'CWAgent',
      'nvidia_smi_memory_used',
      dimensions,
      hours.map(({ at }) => ({ at, value: 90 })),
    );
  }
  const power = hours.map(({ at }) => ({ at, value: 11 }));
  await publish(cloudwatch, 'AWS/EC2', 'GPUPowerUtilization', { InstanceId: id }, power);
}

/** A sample in each quarter of a day of two weeks. */
const fortnight = Array.from({ length: 57 }, (_, at) => ({
  at: new Date(Math.floor(now.getTime() / (DAY / 4)) * (DAY / 4) - at * (DAY / 4) + 3_600_000),
  value: 0,
})).filter(({ at }) => at < now);

const money = (amount: { amount: string } | null) => amount?.amount ?? '-';
const arnOf = (kind: string, id: string) => `arn:aws:ec2:us-east-1:${OWN}:${kind}/${id}`;

/** A charge so many days ago, of a whole day; its month is that of the day. */
function charge(daysAgo: number, ResourceId: string, EffectiveCost: string, more: Charge = {}): Charge {
  const start = new Date(Math.floor(now.getTime() / DAY) * DAY - daysAgo * DAY);
  const month = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), 1));
  const next = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
  return {
    BillingPeriodStart: month.toISOString(),
    BillingPeriodEnd: next.toISOString(),
    ChargePeriodStart: start.toISOString(),
    ChargePeriodEnd: new Date(start.getTime() + DAY).toISOString(),
    BillingAccountId: OWN,
    SubAccountId: OWN,
    ResourceId,
    EffectiveCost,
    BilledCost: EffectiveCost,
    Tags: JSON.stringify(OWNED),
    ...more,
  };
}
const HOURS = { PricingUnit: 'Hours', ConsumedUnit: 'Hours' };
const DATA = { PricingUnit: 'GB', ConsumedUnit: 'GB' };
const PLAN = {
  CommitmentDiscountId: `arn:aws:savingsplans::${OWN}:savingsplan/1`,
  CommitmentDiscountStatus: 'Used',
  CommitmentDiscountType: 'Compute Savings Plan',
  CommitmentDiscountCategory: 'Spend',
  PricingCategory: 'Committed',
};

async function machine(
  tags: Readonly<Record<string, string>>,
  type: 'g4dn.xlarge' | 'g4dn.12xlarge' = 'g4dn.xlarge',
) {
  const [made] = await launch(ec2, type, 1, { ...OWNED, ...tags });
  if (made === undefined) throw new Error('moto launched nothing');
  return made;
}

/** A machine of a scaling group, which the group itself starts. */
async function scaled(): Promise<string> {
  await autoscaling.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName: 'trainers',
      ImageId: 'ami-12c6146b',
      InstanceType: 'g4dn.xlarge',
    }),
  );
  await autoscaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'trainers',
      LaunchConfigurationName: 'trainers',
      MinSize: 1,
      MaxSize: 1,
      AvailabilityZones: ['us-east-1a'],
      Tags: tagList(OWNED).map((tag) => ({ ...tag, PropagateAtLaunch: true })),
    }),
  );
  const { Reservations } = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [{ Name: 'tag:aws:autoscaling:groupName', Values: ['trainers'] }],
    }),
  );
  return Reservations?.[0]?.Instances?.[0]?.InstanceId ?? '';
}

async function network() {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const subnets: string[] = [];
  for (const [at, zone] of ['us-east-1a', 'us-east-1b'].entries()) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: `10.0.${at}.0/24`, AvailabilityZone: zone }),
    );
    subnets.push(Subnet?.SubnetId ?? '');
  }
  return { vpc: Vpc?.VpcId ?? '', subnets };
}

async function gateway(subnet: string): Promise<string> {
  const { NatGateway } = await ec2.send(
    new CreateNatGatewayCommand({
      SubnetId: subnet,
      ConnectivityType: 'private',
      TagSpecifications: [{ ResourceType: 'natgateway', Tags: tagList(OWNED) }],
    }),
  );
  const id = NatGateway?.NatGatewayId ?? '';
  for (const metric of ['ActiveConnectionCount', 'BytesInFromSource', 'BytesInFromDestination'])
    await publish(cloudwatch, 'AWS/NATGateway', metric, { NatGatewayId: id }, fortnight);
  return id;
}

/** A network load balancer with one target, and what goes through it. */
async function balancer(
  name: string,
  subnets: string[],
  vpc: string,
  target: string,
  bytes: number,
): Promise<string> {
  const made = await elbv2.send(
    new CreateLoadBalancerCommand({ Name: name, Type: 'network', Subnets: subnets, Tags: tagList(OWNED) }),
  );
  const arn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const group = await elbv2.send(
    new CreateTargetGroupCommand({ Name: `${name}-tg`, Protocol: 'TCP', Port: 443, VpcId: vpc }),
  );
  const TargetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? '';
  await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: arn,
      Protocol: 'TCP',
      Port: 443,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    }),
  );
  await elbv2.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: target }] }));
  const LoadBalancer = arn.slice(arn.indexOf(':loadbalancer/') + ':loadbalancer/'.length);
  await publish(cloudwatch, 'AWS/NetworkELB', 'ActiveFlowCount', { LoadBalancer }, fortnight);
  await publish(
    cloudwatch,
    'AWS/NetworkELB',
    'ProcessedBytes',
    { LoadBalancer },
    fortnight.map(({ at }, index) => ({ at, value: index === 20 ? bytes : 0 })),
  );
  return arn;
}

async function cluster(name: string, minimum: number): Promise<string> {
  await rds.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: name,
      Engine: 'aurora-postgresql',
      MasterUsername: 'postgres',
      MasterUserPassword: 'not-a-secret',
      ServerlessV2ScalingConfiguration: { MinCapacity: minimum, MaxCapacity: 4 },
      Tags: tagList(OWNED),
    }),
  );
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: `${name}-1`,
      DBClusterIdentifier: name,
      DBInstanceClass: 'db.serverless',
      Engine: 'aurora-postgresql',
      Tags: tagList(OWNED),
    }),
  );
  await publish(
    cloudwatch,
    'AWS/RDS',
    'DatabaseConnections',
    { DBInstanceIdentifier: `${name}-1` },
    fortnight,
  );
  return `arn:aws:rds:us-east-1:${OWN}:cluster:${name}`;
}

test('an estate of traps: what is waste is found with what the bill falls by, and nothing else is', async () => {
  const here = await folder();
  // Machines.
  const dead = await machine({ owner: 'mailto:bo@acme.example' });
  await agent(dead.id, 1);
  const covered = await machine({});
  await agent(covered.id, 1);
  const group = await scaled();
  await agent(group, 1);
  const exporter = await machine({});
  await agent(exporter.id, 1);
  const byHost = { Hostname: exporter.privateDnsName, gpu: '0', modelName: 'Tesla T4' };
  await publish(
    cloudwatch,
    'Prometheus',
    'DCGM_FI_DEV_GPU_UTIL',
    byHost,
    week.map((at, hour) => ({ at, value: hour === 100 ? 64 : 0 })),
  );
  // Its agent told of devices until ten hours ago, and tells of the whole machine since.
  const rolled = await machine({}, 'g4dn.12xlarge');
  await agent(rolled.id, 4, all(1).slice(0, 158));
  await publish(
    cloudwatch,
    'CWAgent',
    'nvidia_smi_utilization_gpu',
    { InstanceId: rolled.id },
    all(93).slice(158),
  );
  const foreign = await machine({ owner: 'eve@evil.example' });
  await agent(foreign.id, 1, all(77));
  // What is not a machine.
  const { vpc, subnets } = await network();
  const nat = await gateway(subnets[0] ?? '');
  const quiet = await balancer('quiet', subnets, vpc, dead.id, 0);
  await balancer('private-link', subnets, vpc, dead.id, 64);
  const { AllocationId: address = '' } = await ec2.send(
    new AllocateAddressCommand({
      Domain: 'vpc',
      TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: tagList(OWNED) }],
    }),
  );
  const sleeping = await cluster('sleeping', 0);
  const awake = await cluster('awake', 0.5);
  const loose = await volume(ec2, 'us-east-1a');
  // Disks come with machines, and carry no tag of their own.
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
  await ec2.send(
    new CreateTagsCommand({
      Resources: Volumes.flatMap(({ VolumeId }) => VolumeId ?? []),
      Tags: tagList(OWNED),
    }),
  );

  const bill = [
    // By ARN and by bare id, over two months; a tax that belongs to no resource, and another account's same id.
    charge(29, arnOf('instance', dead.id), '180.125', HOURS),
    charge(1, dead.id, '180.125', HOURS),
    charge(20, dead.id, '40', DATA),
    charge(2, '', '76.05', { ChargeCategory: 'Tax', ServiceName: 'Tax', Tags: '{}' }),
    charge(3, dead.id, '9999', { SubAccountId: OTHER }),
    // Older than the window.
    charge(45, arnOf('instance', dead.id), '5000', HOURS),
    charge(5, arnOf('instance', covered.id), '200', { ...HOURS, ...PLAN }),
    charge(5, arnOf('instance', covered.id), '100.5', HOURS),
    charge(5, arnOf('instance', covered.id), '-30', { ChargeCategory: 'Credit' }),
    charge(5, arnOf('instance', group), '378.72', HOURS),
    charge(5, arnOf('natgateway', nat), '32.4', HOURS),
    charge(25, arnOf('natgateway', nat), '450', DATA),
    charge(5, quiet, '16.2', { ...HOURS, ServiceName: 'Elastic Load Balancing' }),
    charge(25, quiet, '5.4', { PricingUnit: 'LCU-Hours', ServiceName: 'Elastic Load Balancing' }),
    charge(5, arnOf('elastic-ip', address), '3.6', HOURS),
    charge(5, loose, '3.2', { PricingUnit: 'GB-Months', ConsumedUnit: 'GB-Months' }),
    charge(5, awake, '43.2', { ServiceName: 'Amazon Relational Database Service' }),
    charge(5, sleeping, '2.1', { ServiceName: 'Amazon Relational Database Service' }),
  ];
  await writeFile(join(here, 'bill.csv'), csvBill(bill));
  await writeFile(
    join(here, 'bursar.yaml'),
    'schemaVersion: 1\n' +
      'sources: { main: { type: focus-file, path: bill.csv } }\n' +
      `estate: { aws: { accounts: ["${OWN}"], regions: [us-east-1] } }\n` +
      'owners: { tags: [owner], domains: [acme.example] }\n' +
      'checks: { untagged: { required: [owner, team] } }\n',
  );
  const keys = {
    AWS_ENDPOINT_URL: moto,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: AMBIENT.accessKeyId,
    AWS_SECRET_ACCESS_KEY: AMBIENT.secretAccessKey,
  };
  const result: AuditResult = JSON.parse(
    await cli.bursarOk(['audit', '--format', 'json', '--now', now.toISOString()], here, keys),
  );
  expect(result.coverage.filter(({ status }) => status !== 'complete')).toEqual([]);
  const told = result.findings.map(
    ({ check, verdict, resourceId, owner, monthlyCost, monthlySaving }) =>
      `${check} ${verdict} ${resourceId} ${owner?.id ?? 'nobody'} costs ${money(monthlyCost)} saves ${money(monthlySaving)}`,
  );
  const ANA = OWNED.owner;
  expect(told.toSorted()).toEqual(
    [
      `idle-gpu IDLE ${arnOf('instance', dead.id)} bo@acme.example costs 400.25 saves 360.25`,
      `idle-gpu IDLE ${arnOf('instance', covered.id)} ${ANA} costs 270.5 saves 70.5`,
      `idle-gpu IDLE ${arnOf('instance', group)} ${ANA} costs 378.72 saves 378.72`,
      `idle-nat-gateway IDLE ${arnOf('natgateway', nat)} ${ANA} costs 482.4 saves 32.4`,
      `idle-load-balancer IDLE ${quiet} ${ANA} costs 21.6 saves 16.2`,
      `idle-address UNUSED ${arnOf('elastic-ip', address)} ${ANA} costs 3.6 saves 3.6`,
      `unattached-volume UNUSED ${arnOf('volume', loose)} ${ANA} costs 3.2 saves -`,
      `idle-database IDLE ${awake} ${ANA} costs 43.2 saves -`,
    ].toSorted(),
  );
});
