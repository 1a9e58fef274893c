import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateNatGatewayCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNatGatewayCommand,
} from '@aws-sdk/client-ec2';
import { CreateLoadBalancerCommand as CreateClassicCommand } from '@aws-sdk/client-elastic-load-balancing';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { awsAddresses } from '../../../lib/estate/aws/addresses.ts';
import { awsClassicLoadBalancers } from '../../../lib/estate/aws/classic-load-balancers.ts';
import { awsLoadBalancerTelemetry } from '../../../lib/estate/aws/load-balancer-telemetry.ts';
import { awsLoadBalancers } from '../../../lib/estate/aws/load-balancers.ts';
import { awsNatGateways, awsNatGatewayTelemetry } from '../../../lib/estate/aws/nat-gateways.ts';
import type { AwsSession } from '../../../lib/estate/aws/session.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Dataset, Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { type Answer, OWN, type Proxy, proxy, type Request, session } from './emulated.ts';
import { launch, publish } from './fleet.ts';

const moto = inject('motoUrl');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
/** What the emulator makes is made now: a look three weeks ahead sees it as old enough. */
const now = new Date(Date.now() + 21 * 86_400_000);
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

async function look(datasets: readonly Dataset<AwsSession>[], endpoint = moto, meter = new Meter()) {
  return await collectScope(scope, session(endpoint), datasets, now, meter);
}

async function network() {
  const { ec2 } = session(moto);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const subnets: string[] = [];
  for (const [at, zone] of ['us-east-1a', 'us-east-1b'].entries()) {
    const made = await ec2.send(
      new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: `10.0.${at}.0/24`, AvailabilityZone: zone }),
    );
    subnets.push(made.Subnet?.SubnetId ?? '');
  }
  return { vpc: Vpc?.VpcId ?? '', subnets };
}

test('an address tells whether anything is associated with it', async () => {
  const { ec2 } = session(moto);
  const free = await ec2.send(
    new AllocateAddressCommand({
      Domain: 'vpc',
      TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: [{ Key: 'owner', Value: 'ana' }] }],
    }),
  );
  const used = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const [machine] = await launch(ec2, 't3.micro');
  await ec2.send(
    new AssociateAddressCommand({ AllocationId: used.AllocationId, InstanceId: machine?.id ?? '' }),
  );
  const { resources, coverage } = await look([awsAddresses]);
  expect(coverage[0]?.status).toBe('complete');
  expect(
    resources.map(({ id, state, tags, attributes }) => [id, state, tags, attributes['instanceId']]),
  ).toEqual([
    [
      `arn:aws:ec2:us-east-1:${OWN}:elastic-ip/${free.AllocationId ?? ''}`,
      'unassociated',
      { owner: 'ana' },
      null,
    ],
    [`arn:aws:ec2:us-east-1:${OWN}:elastic-ip/${used.AllocationId ?? ''}`, 'associated', {}, machine?.id],
  ]);
});

test('NAT gateways that exist, what goes through them; a deleted one is gone', async () => {
  const { ec2, cloudwatch } = session(moto);
  const { subnets, vpc } = await network();
  const make = async () => {
    const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
    const made = await ec2.send(new CreateNatGatewayCommand({ SubnetId: subnets[0], AllocationId }));
    return made.NatGateway?.NatGatewayId ?? '';
  };
  const [kept, deleted] = [await make(), await make()];
  await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: deleted }));
  for (const name of ['ActiveConnectionCount', 'BytesInFromSource'])
    await publish(
      cloudwatch,
      'AWS/NATGateway',
      name,
      { NatGatewayId: kept },
      [2, 8].map((hours) => ({ at: new Date(now.getTime() - hours * 3_600_000), value: 0 })),
    );
  const { resources, telemetry, coverage } = await look([awsNatGateways, awsNatGatewayTelemetry.of(null)]);
  expect(coverage[0]?.status).toBe('complete');
  expect(resources).toMatchObject([
    {
      id: `arn:aws:ec2:us-east-1:${OWN}:natgateway/${kept}`,
      state: 'available',
      attributes: { vpcId: vpc, subnetId: subnets[0] },
    },
  ]);
  const told = telemetry.filter(({ statistic }) => statistic !== 'sample-count');
  expect(
    told.map(({ source, metric, points }) => [source, metric, points.map(({ value }) => value)]),
  ).toEqual([
    [
      'AWS/NATGateway ActiveConnectionCount',
      'connections',
      expect.toSatisfy((all: number[]) => all.length > 0),
    ],
    ['AWS/NATGateway BytesInFromSource', 'bytes', expect.toSatisfy((all: number[]) => all.length > 0)],
    ['AWS/NATGateway BytesInFromDestination', 'bytes', []],
  ]);
});

async function balancer(
  name: string,
  { vpc, subnets }: Awaited<ReturnType<typeof network>>,
  kind = 'application',
) {
  const { elbv2 } = session(moto);
  const made = await elbv2.send(
    new CreateLoadBalancerCommand({
      Name: name,
      Subnets: subnets,
      Type: kind === 'network' ? 'network' : 'application',
      Tags: [{ Key: 'owner', Value: name }],
    }),
  );
  const group = await elbv2.send(
    new CreateTargetGroupCommand({
      Name: `${name}-g`,
      Protocol: kind === 'network' ? 'TCP' : 'HTTP',
      Port: 80,
      VpcId: vpc,
    }),
  );
  const arn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  return { arn, group: group.TargetGroups?.[0]?.TargetGroupArn ?? '' };
}

async function listens(arn: string, group: string | null) {
  const { elbv2 } = session(moto);
  await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: arn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [
        group === null
          ? { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } }
          : { Type: 'forward', TargetGroupArn: group },
      ],
    }),
  );
}

test('a load balancer with its targets; only one without any is asked how it answers', async () => {
  const { ec2, elbv2 } = session(moto);
  const net = await network();
  const [machine] = await launch(ec2, 't3.micro');
  const busy = await balancer('busy', net);
  await listens(busy.arn, busy.group);
  await elbv2.send(
    new RegisterTargetsCommand({ TargetGroupArn: busy.group, Targets: [{ Id: machine?.id }] }),
  );
  const empty = await balancer('empty', net);
  await listens(empty.arn, empty.group);
  const redirects = await balancer('redirects', net);
  await listens(redirects.arn, null);
  const bare = await balancer('bare', net);

  const meter = new Meter();
  const { resources, coverage } = await look([awsLoadBalancers], moto, meter);
  expect(coverage).toMatchObject([{ status: 'complete', reason: null }]);
  expect(
    Object.fromEntries(
      resources.map(({ id, attributes, tags, sku }) => [
        id,
        [sku, tags['owner'], attributes['targets'], attributes['listeners'], attributes['answersItself']],
      ]),
    ),
  ).toEqual({
    [busy.arn]: ['application', 'busy', 1, null, null],
    [empty.arn]: ['application', 'empty', 0, 1, false],
    [redirects.arn]: ['application', 'redirects', 0, 1, true],
    [bare.arn]: ['application', 'bare', 0, 0, false],
  });
  expect(meter.total().calls).toContainEqual({ api: 'elasticloadbalancing:DescribeListeners', count: 3 });
});

test('one that is deleted during the walk is left out, and its batch of tags is still read', async () => {
  const { elbv2 } = session(moto);
  const net = await network();
  const [kept, goes] = [await balancer('kept', net), await balancer('goes', net)];
  const shifting = await behind(async ({ action }, pass) => {
    if (action === 'DescribeTargetGroups')
      await elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: goes.arn }));
    return await pass();
  });
  const { resources, coverage } = await look([awsLoadBalancers], shifting.url);
  expect(coverage).toMatchObject([{ status: 'complete', reason: null }]);
  expect(resources.map(({ id, tags }) => [id, tags])).toEqual([[kept.arn, { owner: 'kept' }]]);
});

test('more than twenty load balancers have all their tags', async () => {
  const { elb } = session(moto);
  for (let n = 0; n < 23; n++)
    await elb.send(
      new CreateClassicCommand({
        LoadBalancerName: `lb-${n}`,
        Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 80 }],
        AvailabilityZones: ['us-east-1a'],
        Tags: [{ Key: 'n', Value: String(n) }],
      }),
    );
  const { resources, coverage } = await look([awsClassicLoadBalancers]);
  expect(coverage[0]?.status).toBe('complete');
  expect(new Set(resources.map(({ tags }) => tags['n'])).size).toBe(23);
  expect(resources[0]).toMatchObject({
    id: `arn:aws:elasticloadbalancing:us-east-1:${OWN}:loadbalancer/lb-0`,
    sku: 'classic',
    attributes: { targets: 0, listeners: 1, answersItself: false },
  });
});

/** What CloudWatch calls a load balancer: the end of its ARN. */
const nameOf = (arn: string) => arn.slice(arn.indexOf('loadbalancer/') + 'loadbalancer/'.length);

test('each kind of load balancer is asked for its own metrics, by the name that CloudWatch knows', async () => {
  const { cloudwatch } = session(moto);
  const net = await network();
  const web = await balancer('web', net);
  const tcp = await balancer('tcp', net, 'network');
  const at = new Date(now.getTime() - 8 * 3_600_000);
  await publish(cloudwatch, 'AWS/ApplicationELB', 'RequestCount', { LoadBalancer: nameOf(web.arn) }, [
    { at, value: 5 },
  ]);
  await publish(cloudwatch, 'AWS/NetworkELB', 'ActiveFlowCount', { LoadBalancer: nameOf(tcp.arn) }, [
    { at, value: 7 },
  ]);
  const { telemetry, coverage } = await look([
    awsLoadBalancers,
    awsClassicLoadBalancers,
    awsLoadBalancerTelemetry.of(null),
  ]);
  expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(
    telemetry.map(({ resourceId, source, statistic, points }) => [
      resourceId,
      source,
      statistic,
      points[0]?.value,
    ]),
  ).toEqual([
    [web.arn, 'AWS/ApplicationELB RequestCount', 'sum', 5],
    [tcp.arn, 'AWS/NetworkELB ActiveFlowCount', 'maximum', 7],
    [tcp.arn, 'AWS/NetworkELB ActiveFlowCount', 'sample-count', 1],
    [tcp.arn, 'AWS/NetworkELB ProcessedBytes', 'sum', undefined],
    [tcp.arn, 'AWS/NetworkELB ProcessedBytes', 'sample-count', undefined],
  ]);
});
