import type { RouteTable, VpcEndpoint } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { networkFaults } from '../../../lib/run/assemble/network-faults.ts';

const PLACE = {
  id: 'x',
  network: { vpcId: 'vpc-1', subnets: ['subnet-1'], securityGroups: ['sg-1'] },
  stores: ['docs'],
};
const OUT = { DestinationCidrBlock: '0.0.0.0/0' };
const LOCAL = { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' };
const main = (...routes: object[]): RouteTable => ({
  RouteTableId: 'rtb-main',
  Associations: [{ Main: true }],
  Routes: [LOCAL, ...routes],
});
const own = (...routes: object[]): RouteTable => ({
  RouteTableId: 'rtb-own',
  Associations: [{ SubnetId: 'subnet-1', Main: false }],
  Routes: [LOCAL, ...routes],
});
const gateway = (service: string, more: object = {}): VpcEndpoint => ({
  ServiceName: `com.amazonaws.eu-central-1.${service}`,
  VpcEndpointType: 'Gateway',
  State: 'Available',
  RouteTableIds: ['rtb-own'],
  ...more,
});
const inter = (service: string, more: object = {}): VpcEndpoint => ({
  ...gateway(service, { VpcEndpointType: 'Interface', RouteTableIds: [], PrivateDnsEnabled: true }),
  ...more,
});

function faults(
  routeTables: RouteTable[],
  endpoints: VpcEndpoint[] = [],
  subnet: object = { VpcId: 'vpc-1' },
) {
  const subnets = [{ SubnetId: 'subnet-1', ...subnet }];
  return networkFaults(PLACE, { subnets, routeTables, endpoints }, 'eu-central-1', ['s3', 'sqs']);
}

describe('a function in a VPC', () => {
  test.each([
    ['a NAT gateway', [main(), own({ ...OUT, NatGatewayId: 'nat-1' })]],
    ['a transit gateway', [own({ ...OUT, TransitGatewayId: 'tgw-1' })]],
    ['the NAT gateway of the main table', [main({ ...OUT, NatGatewayId: 'nat-1' })]],
  ])('reaches AWS by %s', (_what, tables) => expect(faults(tables)).toEqual([]));

  test('reaches AWS by an endpoint of each service', () => {
    expect(faults([own()], [gateway('s3'), inter('sqs')])).toEqual([]);
  });

  test.each([
    ['no route', [own()], [], 'subnet-1 has no route out, and no endpoint of s3, sqs.'],
    [
      'an internet gateway, as it has no public address',
      [own({ ...OUT, GatewayId: 'igw-1' })],
      [],
      'internet gateway alone',
    ],
    [
      'a NAT gateway that is gone',
      [own({ ...OUT, NatGatewayId: 'nat-1', State: 'blackhole' })],
      [],
      'no route out',
    ],
    [
      'the NAT gateway of another subnet',
      [own(), main({ ...OUT, NatGatewayId: 'nat-1' })],
      [],
      'no route out',
    ],
    [
      'an endpoint for other tables',
      [own()],
      [gateway('s3', { RouteTableIds: ['rtb-main'] }), inter('sqs')],
      'no endpoint of s3.',
    ],
    [
      'an endpoint without private names',
      [own()],
      [gateway('s3'), inter('sqs', { PrivateDnsEnabled: false })],
      'no endpoint of sqs.',
    ],
    [
      'an endpoint that is being made',
      [own()],
      [gateway('s3'), inter('sqs', { State: 'Pending' })],
      'no endpoint of sqs.',
    ],
    [
      'an endpoint of another region',
      [own()],
      [gateway('s3'), inter('sqs', { ServiceName: 'com.amazonaws.us-east-1.sqs' })],
      'no endpoint of sqs.',
    ],
  ])('does not by %s', (_what, tables, endpoints, said) => {
    expect(faults(tables, endpoints)).toEqual([expect.stringContaining(said)]);
  });

  test('is not made in a subnet that is not there, or of another VPC', () => {
    const seen = { subnets: [], routeTables: [], endpoints: [] };
    expect(networkFaults(PLACE, seen, 'eu-central-1', [])).toEqual([
      'subnet-1 is not there, in eu-central-1.',
    ]);
    expect(faults([], [], { VpcId: 'vpc-2' })).toEqual(['subnet-1 is in vpc-2, not in vpc-1.']);
  });
});
