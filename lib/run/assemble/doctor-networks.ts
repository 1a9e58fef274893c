import {
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { Config } from '../../config/schema.ts';
import { awsCall, awsPages } from '../../platform/aws-call.ts';
import { Meter } from '../../platform/meter.ts';
import { awsBase } from './aws-base.ts';
import { type Examined, failure } from './examined.ts';
import { networkFaults, type SeenNetwork } from './network-faults.ts';
import { type StoreNetwork, storeNetworks } from './store-networks.ts';
import { storePermissions } from './store-permissions.ts';

/** Whether the functions that look at stores in VPCs would reach AWS from there, one line a place. */
export async function examineNetworks({ estate: { stores }, deploy }: Config): Promise<Examined[]> {
  const places = storeNetworks(stores);
  if (places.length === 0) return [];
  const ec2 = new EC2Client({
    ...awsBase(),
    ...(deploy.region === undefined ? {} : { region: deploy.region }),
  });
  const found: Examined[] = [];
  try {
    for (const place of places) {
      const what = `network of ${place.stores.map((store) => `store:${store}`).join(', ')}`;
      try {
        const seen = await look(ec2, place);
        const faults = networkFaults(place, seen, await ec2.config.region(), servicesOf(stores, place));
        found.push(
          faults.length === 0
            ? { what, state: 'works', told: 'reaches the services of AWS that it needs', todo: null }
            : {
                what,
                state: 'fails',
                told: faults.join(' '),
                todo: 'Route the subnets through a NAT gateway, or make the endpoints in the VPC.',
              },
        );
      } catch (error) {
        found.push(failure(what, error));
      }
    }
  } finally {
    ec2.destroy();
  }
  return found;
}

/** What a collector talks to: the lake, the ledger, its queue, and what the stores' logins need. */
function servicesOf(stores: Config['estate']['stores'], { stores: ids }: StoreNetwork): string[] {
  const rights = Object.entries(stores).flatMap(([id, store]) =>
    ids.includes(id) ? storePermissions(store).map(({ action }) => action) : [],
  );
  return [
    's3',
    'dynamodb',
    'sqs',
    ...(rights.includes('secretsmanager:GetSecretValue') ? ['secretsmanager'] : []),
    ...(rights.includes('sts:AssumeRole') ? ['sts'] : []),
  ];
}

async function look(ec2: EC2Client, { network: { vpcId, subnets } }: StoreNetwork): Promise<SeenNetwork> {
  const call = (action: string) => ({ action, where: vpcId, meter: new Meter() });
  const ofVpc = [{ Name: 'vpc-id', Values: [vpcId] }];
  // By a filter and not by their ids: one that is not there is no error then.
  const { Subnets = [] } = await awsCall(call('ec2:DescribeSubnets'), () =>
    ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'subnet-id', Values: [...subnets] }] })),
  );
  const routeTables = [];
  for await (const { RouteTables = [] } of awsPages(call('ec2:DescribeRouteTables'), (NextToken) =>
    ec2.send(new DescribeRouteTablesCommand({ Filters: ofVpc, NextToken })),
  ))
    routeTables.push(...RouteTables);
  const endpoints = [];
  for await (const { VpcEndpoints = [] } of awsPages(call('ec2:DescribeVpcEndpoints'), (NextToken) =>
    ec2.send(new DescribeVpcEndpointsCommand({ Filters: ofVpc, NextToken })),
  ))
    endpoints.push(...VpcEndpoints);
  return { subnets: Subnets, routeTables, endpoints };
}
