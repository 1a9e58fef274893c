import { type Address, DescribeAddressesCommand } from '@aws-sdk/client-ec2';
import { awsCall } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { type AwsPlace, type AwsSession, ec2Arn } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeAddresses',
  why: 'lists elastic IP addresses with what they are associated with',
};

/**
 * Elastic IP addresses. The API has no state of them: `associated` and `unassociated` say whether it names an
 * association. It answers in one page (EC2 API Reference, DescribeAddresses: no MaxResults).
 *
 * It does not see: when an address was allocated or last associated, and public addresses that are no elastic ones.
 */
export const awsAddresses: Dataset<AwsSession> = {
  id: 'aws.ec2.addresses',
  permissions: [LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const { Addresses } = await awsCall({ action: LIST.action, where: scopeName(scope), meter }, () =>
      session.ec2.send(new DescribeAddressesCommand({})),
    );
    const byId = new Map<string, Resource>();
    for (const address of Addresses ?? []) {
      const { AllocationId: id } = address;
      if (id !== undefined) byId.set(id, toResource(address, id, session));
    }
    return { resources: [...byId.values()] };
  },
};

/** What there is none of is left out, or empty. */
function told(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

function toResource(address: Address, id: string, session: AwsPlace): Resource {
  const { tags, systemTags } = partTags(address.Tags);
  const [associationId, networkInterfaceId, instanceId] = [
    told(address.AssociationId),
    told(address.NetworkInterfaceId),
    told(address.InstanceId),
  ];
  const associated = [associationId, networkInterfaceId, instanceId].some((one) => one !== null);
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:ec2:elastic-ip',
    id: ec2Arn(session, 'elastic-ip', id),
    name: tags['Name'] ?? address.PublicIp ?? null,
    state: associated ? 'associated' : 'unassociated',
    created: null,
    tags,
    sku: null,
    accelerators: [],
    parent: null,
    attributes: {
      allocationId: id,
      publicIp: address.PublicIp ?? null,
      associationId,
      instanceId,
      networkInterfaceId,
      // A pool of the account's own addresses (BYOIP) costs nothing; `amazon` is Amazon's own pool.
      publicIpv4Pool: address.PublicIpv4Pool ?? null,
      // Which service keeps it (`alb`, `nlb`, `rnat`, `rds`), where one does.
      serviceManaged: address.ServiceManaged ?? null,
      systemTags,
    },
  };
}
