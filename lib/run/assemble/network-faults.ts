import type { RouteTable, Subnet, VpcEndpoint } from '@aws-sdk/client-ec2';
import type { StoreNetwork } from './store-networks.ts';

/** What EC2 tells of a VPC and of the subnets that a function is to run in. */
export interface SeenNetwork {
  readonly subnets: readonly Subnet[];
  /** All of the VPC. */
  readonly routeTables: readonly RouteTable[];
  readonly endpoints: readonly VpcEndpoint[];
}

/**
 * Why a function in these subnets would not reach the services that it needs, one sentence a fault. A function in a
 * VPC has no public address: a route to an internet gateway alone leads nowhere (AWS Lambda Developer Guide, "Enable
 * internet access for VPC-connected Lambda functions").
 * @param services `s3`, `dynamodb`, ... as the last part of an endpoint's service name
 */
export function networkFaults(
  { network: { vpcId, subnets } }: StoreNetwork,
  seen: SeenNetwork,
  region: string,
  services: readonly string[],
): string[] {
  return subnets.flatMap((id) => {
    const subnet = seen.subnets.find(({ SubnetId }) => SubnetId === id);
    if (subnet === undefined) return [`${id} is not there, in ${region}.`];
    if (subnet.VpcId !== vpcId) return [`${id} is in ${subnet.VpcId ?? 'no VPC'}, not in ${vpcId}.`];
    const table = tableOf(id, seen.routeTables);
    if (leadsOut(table)) return [];
    const missing = services.filter((service) => !isServed(service, id, table, seen.endpoints, region));
    return missing.length === 0
      ? []
      : [
          `${id} has ${hasGateway(table) ? 'a route to an internet gateway alone, which serves no function' : 'no route out'}, and no endpoint of ${missing.join(', ')}.`,
        ];
  });
}

/** The table that a subnet is associated with, else the main one of its VPC. */
function tableOf(subnet: string, tables: readonly RouteTable[]): RouteTable | null {
  const associated = (fits: (association: { SubnetId?: string; Main?: boolean }) => boolean) =>
    tables.find(({ Associations = [] }) =>
      Associations.some(({ SubnetId, Main }) =>
        fits({ ...(SubnetId === undefined ? {} : { SubnetId }), ...(Main === undefined ? {} : { Main }) }),
      ),
    );
  return associated(({ SubnetId }) => SubnetId === subnet) ?? associated(({ Main }) => Main === true) ?? null;
}

function defaultRoutes(table: RouteTable | null) {
  return (table?.Routes ?? []).filter(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State !== 'blackhole',
  );
}

function hasGateway(table: RouteTable | null): boolean {
  return defaultRoutes(table).some(({ GatewayId }) => GatewayId?.startsWith('igw-') === true);
}

/** By a NAT gateway, or by whatever the network's owner routes through: a transit gateway, an appliance. */
function leadsOut(table: RouteTable | null): boolean {
  return defaultRoutes(table).some(({ GatewayId }) => GatewayId?.startsWith('igw-') !== true);
}

function isServed(
  service: string,
  subnet: string,
  table: RouteTable | null,
  endpoints: readonly VpcEndpoint[],
  region: string,
): boolean {
  return endpoints.some(
    ({ ServiceName, State, VpcEndpointType, RouteTableIds = [], PrivateDnsEnabled }) =>
      ServiceName?.endsWith(`.${region}.${service}`) === true &&
      String(State).toLowerCase() === 'available' &&
      (VpcEndpointType === 'Gateway'
        ? table?.RouteTableId !== undefined && RouteTableIds.includes(table.RouteTableId)
        : PrivateDnsEnabled === true),
  );
}
