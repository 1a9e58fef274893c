import { DescribeNatGatewaysCommand, type NatGateway } from '@aws-sdk/client-ec2';
import { awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { type ServiceMetric, serviceTelemetry } from './service-telemetry.ts';
import { type AwsPlace, type AwsSession, ec2Arn } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeNatGateways',
  why: 'lists NAT gateways with their network and addresses',
};

/** What is deleted is gone, though the API names it for about an hour (VPC User Guide, "Delete a NAT gateway"). */
const GONE: ReadonlySet<string> = new Set(['deleted', 'deleting']);

/** NAT gateways. It does not see: which route tables send traffic to them. */
export const awsNatGateways: Dataset<AwsSession> = {
  id: 'aws.ec2.natgateways',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const pages = awsPages({ action: LIST.action, where: scopeName(scope), meter }, (token) =>
      session.ec2.send(
        new DescribeNatGatewaysCommand({
          MaxResults: 1000,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const byId = new Map<string, Resource>();
    for await (const { NatGateways } of pages)
      for (const gateway of NatGateways ?? []) {
        const { NatGatewayId: id } = gateway;
        if (id !== undefined && !GONE.has(gateway.State ?? ''))
          byId.set(id, toResource(gateway, id, session));
      }
    return { resources: [...byId.values()] };
  },
};

function toResource(gateway: NatGateway, id: string, session: AwsPlace): Resource {
  const { tags, systemTags } = partTags(gateway.Tags);
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:ec2:natgateway',
    id: ec2Arn(session, 'natgateway', id),
    name: tags['Name'] ?? null,
    state: gateway.State ?? 'unknown',
    created: gateway.CreateTime?.toISOString() ?? null,
    tags,
    sku: gateway.ConnectivityType ?? null,
    accelerators: [],
    parent: null,
    attributes: {
      natGatewayId: id,
      vpcId: gateway.VpcId ?? null,
      subnetId: gateway.SubnetId ?? null,
      allocationIds: (gateway.NatGatewayAddresses ?? []).flatMap(({ AllocationId }) => AllocationId ?? []),
      systemTags,
    },
  };
}

const ofGateway: Pick<ServiceMetric, 'resourceType' | 'states' | 'namespace' | 'dimensions'> = {
  resourceType: 'aws:ec2:natgateway',
  states: ['available'],
  namespace: 'AWS/NATGateway',
  dimensions: ({ id }) => [{ Name: 'NatGatewayId', Value: id.slice(id.lastIndexOf('/') + 1) }],
};

/**
 * Connections and bytes of NAT gateways, which CloudWatch has every minute; a value of zero says that there are
 * none (VPC User Guide, "NAT gateway metrics and dimensions"). Only TCP counts as a connection, so that bytes from
 * both sides are read too.
 */
export const awsNatGatewayTelemetry = serviceTelemetry({
  id: 'aws.ec2.natgateway-telemetry',
  needs: [awsNatGateways.id],
  metrics: [
    {
      ...ofGateway,
      metricName: 'ActiveConnectionCount',
      metric: 'connections',
      unit: 'count',
      statistics: ['maximum', 'sample-count'],
    },
    ...['BytesInFromSource', 'BytesInFromDestination'].map(
      (metricName): ServiceMetric => ({
        ...ofGateway,
        metricName,
        metric: 'bytes',
        unit: 'bytes',
        statistics: ['sum', 'sample-count'],
      }),
    ),
  ],
});
