import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { configSchema } from '../../../lib/config/schema.ts';
import { examineNetworks } from '../../../lib/run/assemble/doctor-networks.ts';
import { resetMoto } from '../../counterparts/moto.ts';
import { base } from '../../estate/aws/emulated.ts';

const moto = inject('motoUrl');
const ec2 = new EC2Client({ ...base(moto), region: 'eu-central-1' });

beforeEach(async () => {
  await resetMoto(moto);
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: moto,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  }))
    vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

async function examined(vpcId: string, subnet: string) {
  const network = { vpcId, subnets: [subnet], securityGroups: ['sg-0123456789abcdef0'] };
  const config = configSchema.parse({
    schemaVersion: 1,
    estate: { stores: { docs: { type: 'pgvector', url: { env: 'X' }, network } } },
    deploy: { region: 'eu-central-1' },
  });
  return await examineNetworks(config);
}

async function vpc() {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc?.VpcId ?? '';
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24' }));
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable?.RouteTableId ?? '';
  const SubnetId = Subnet?.SubnetId ?? '';
  await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  return { VpcId, SubnetId, RouteTableId };
}

test('a subnet that leads nowhere is told with what it lacks, and one that has it works', async () => {
  const { VpcId, SubnetId, RouteTableId } = await vpc();
  const nowhere = await examined(VpcId, SubnetId);
  expect(nowhere).toEqual([
    {
      what: 'network of store:docs',
      state: 'fails',
      told: `${SubnetId} has no route out, and no endpoint of s3, dynamodb, sqs.`,
      todo: expect.stringContaining('NAT gateway'),
    },
  ]);
  for (const service of ['s3', 'dynamodb'])
    await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId,
        ServiceName: `com.amazonaws.eu-central-1.${service}`,
        VpcEndpointType: 'Gateway',
        RouteTableIds: [RouteTableId],
      }),
    );
  expect(await examined(VpcId, SubnetId)).toMatchObject([
    { told: `${SubnetId} has no route out, and no endpoint of sqs.` },
  ]);
  await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      ServiceName: 'com.amazonaws.eu-central-1.sqs',
      VpcEndpointType: 'Interface',
      SubnetIds: [SubnetId],
      PrivateDnsEnabled: true,
    }),
  );
  expect(await examined(VpcId, SubnetId)).toMatchObject([{ state: 'works' }]);
});

test('a NAT gateway serves all', async () => {
  const { VpcId, SubnetId, RouteTableId } = await vpc();
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId, AllocationId }));
  await ec2.send(
    new CreateRouteCommand({
      RouteTableId,
      DestinationCidrBlock: '0.0.0.0/0',
      NatGatewayId: NatGateway?.NatGatewayId,
    }),
  );
  expect(await examined(VpcId, SubnetId)).toMatchObject([{ state: 'works' }]);
});

test('what is not there, and a config without such stores', async () => {
  expect(await examined('vpc-0123456789abcdef0', 'subnet-0123456789abcdef0')).toMatchObject([
    { state: 'fails', told: 'subnet-0123456789abcdef0 is not there, in eu-central-1.' },
  ]);
  expect(await examineNetworks(configSchema.parse({ schemaVersion: 1 }))).toEqual([]);
});
