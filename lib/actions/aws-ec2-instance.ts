import { DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  type Instance,
  type InstanceTypeInfo,
} from '@aws-sdk/client-ec2';
import { acceleratorsOf } from '../estate/aws/accelerators.ts';
import { instanceResource } from '../estate/aws/instances.ts';
import type { Resource } from '../estate/model.ts';
import { BursarError } from '../platform/errors.ts';
import { type AwsActSession, act, placeName, unless } from './aws-session.ts';
import type { Live } from './model.ts';
import { listed } from './target.ts';

/** Names that EC2 has for an instance that is not there (EC2 API Reference, "Error codes"). */
const GONE = ['InvalidInstanceID.NotFound'];

/** The instance as EC2 describes it; null where it is terminated, on its way there, or unknown to EC2. */
export async function describeInstance(session: AwsActSession, id: string): Promise<Instance | null> {
  const answer = await unless(GONE, () =>
    act(session, 'ec2:DescribeInstances', () =>
      session.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })),
    ),
  );
  const all = (answer?.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  const found = all.find(({ InstanceId }) => InstanceId === id);
  if (answer !== null && found === undefined)
    throw new BursarError('unavailable', `ec2:DescribeInstances did not answer for ${id}`, {
      where: placeName(session),
      hint: 'Look again later: what is not seen is not acted on.',
    });
  const state = found?.State?.Name;
  return found === undefined || state === 'terminated' || state === 'shutting-down' ? null : found;
}

/**
 * Everything to be known of an instance before it is stopped, read now.
 *
 * It does not see: an ECS container instance or a node of another scheduler that joined by hand and carries no
 * tag of it.
 */
export async function liveInstance(session: AwsActSession, id: string): Promise<Live | null> {
  const instance = await describeInstance(session, id);
  if (instance === null) return null;
  const type = await describeType(session, instance.InstanceType ?? '');
  const stopProtected = await stopProtection(session, id);
  if (stopProtected === null) return null;
  const described = instanceResource(
    instance,
    session,
    new Map(type === null ? [] : [[instance.InstanceType ?? '', acceleratorsOf(type)]]),
  );
  const parent = described.parent ?? (await groupOf(session, id)) ?? fleetOrService(instance, described);
  const resource: Resource = {
    ...described,
    parent,
    attributes: {
      ...described.attributes,
      hibernation: instance.HibernationOptions?.Configured === true,
      instanceStore: type === null ? null : type.InstanceStorageSupported === true,
    },
  };
  return {
    resource,
    fingerprint: {
      launch: resource.created,
      parent: parent === null ? null : `${parent.type} ${parent.id}`,
    },
    done: resource.state === 'stopped',
    protection: stopProtected ? 'stop protection (disableApiStop) is on' : null,
    lost: lost(instance, type),
    staysBilled: staysBilled(instance),
    risks: risks(instance, resource),
  };
}

async function describeType(session: AwsActSession, type: string): Promise<InstanceTypeInfo | null> {
  return (await describeTypes(session, [type])).get(type) ?? null;
}

/** At most 200 kinds, which is what a filter takes; what the region does not know is left out. */
export async function describeTypes(
  session: AwsActSession,
  types: readonly string[],
): Promise<ReadonlyMap<string, InstanceTypeInfo>> {
  const wanted = [...new Set(types)];
  if (wanted.length === 0) return new Map();
  // By filter: as a parameter, a type that the region no longer offers fails the whole call.
  const { InstanceTypes } = await act(session, 'ec2:DescribeInstanceTypes', () =>
    session.ec2.send(
      new DescribeInstanceTypesCommand({ Filters: [{ Name: 'instance-type', Values: wanted }] }),
    ),
  );
  return new Map(
    (InstanceTypes ?? []).flatMap((one) =>
      one.InstanceType === undefined ? [] : [[one.InstanceType, one] as const],
    ),
  );
}

/** Null where the instance went away meanwhile. */
async function stopProtection(session: AwsActSession, id: string): Promise<boolean | null> {
  const answer = await unless(GONE, () =>
    act(session, 'ec2:DescribeInstanceAttribute', () =>
      session.ec2.send(new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'disableApiStop' })),
    ),
  );
  if (answer === null) return null;
  const value = answer.DisableApiStop?.Value;
  if (value === undefined)
    throw new BursarError('unavailable', `EC2 did not say whether ${id} is protected from being stopped`, {
      where: placeName(session),
      hint: 'Look again later: what is unknown is not acted on.',
    });
  return value;
}

/** The Auto Scaling group that holds it, also where its tags were removed. */
async function groupOf(session: AwsActSession, id: string): Promise<Resource['parent']> {
  const { AutoScalingInstances } = await act(session, 'autoscaling:DescribeAutoScalingInstances', () =>
    session.autoScaling.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] })),
  );
  const name = AutoScalingInstances?.find(({ InstanceId }) => InstanceId === id)?.AutoScalingGroupName;
  return name === undefined ? null : { type: 'aws:autoscaling:group', id: name };
}

/**
 * Fleets mark what they launch by tags and replace what stops (EC2 User Guide, "EC2 Fleet and Spot Fleet
 * tutorials": `aws:ec2:fleet-id`, `aws:ec2spot:fleet-request-id`); services that run instances in the account are
 * its operator (EC2 API Reference, OperatorResponse).
 */
function fleetOrService(instance: Instance, { attributes }: Resource): Resource['parent'] {
  const tags: unknown = attributes['systemTags'];
  if (typeof tags === 'object' && tags !== null)
    for (const key of ['aws:ec2:fleet-id', 'aws:ec2spot:fleet-request-id']) {
      const id: unknown = Reflect.get(tags, key);
      if (typeof id === 'string' && id !== '') return { type: 'aws:ec2:fleet', id };
    }
  if (instance.Operator?.Managed !== true) return null;
  return { type: 'aws:service', id: instance.Operator.Principal ?? 'an AWS service' };
}

function lost(instance: Instance, type: InstanceTypeInfo | null): string[] {
  const storage = type?.InstanceStorageInfo;
  const size = storage?.TotalSizeInGB === undefined ? '' : ` (${storage.TotalSizeInGB} GB)`;
  const address = instance.PublicIpAddress;
  return [
    ...(type === null
      ? [`Whether ${instance.InstanceType ?? 'its type'} has instance store, which is erased, is not known.`]
      : type.InstanceStorageSupported === true
        ? [`Everything on its instance store${size}.`]
        : []),
    ...(instance.HibernationOptions?.Configured === true
      ? []
      : ['What it holds in memory, and every process that runs.']),
    ...(address === undefined || elasticAddresses(instance).includes(address)
      ? []
      : [`Its public address ${address}; it gets another when it starts.`]),
  ];
}

/** Addresses that AWS lent for the run have the owner `amazon`; others belong to an account (EC2 API, Association). */
function elasticAddresses(instance: Instance): string[] {
  return (instance.NetworkInterfaces ?? []).flatMap(({ Association }) =>
    Association?.PublicIp === undefined || Association.IpOwnerId === 'amazon' ? [] : [Association.PublicIp],
  );
}

function staysBilled(instance: Instance): string[] {
  const volumes = (instance.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.VolumeId ?? []);
  const addresses = elasticAddresses(instance);
  return [
    ...(volumes.length === 0
      ? []
      : [`EBS ${volumes.length === 1 ? 'volume' : 'volumes'} ${listed(volumes)}`]),
    ...(addresses.length === 0
      ? []
      : [`Elastic IP ${addresses.length === 1 ? 'address' : 'addresses'} ${listed(addresses)}`]),
    ...(instance.CapacityReservationId === undefined
      ? []
      : [`Capacity Reservation ${instance.CapacityReservationId}`]),
    ...(instance.Placement?.Tenancy === 'host'
      ? [`Dedicated Host ${instance.Placement.HostId ?? ''}`.trim()]
      : []),
  ];
}

function risks(instance: Instance, { accelerators, sku, attributes }: Resource): string[] {
  const scarce = accelerators.length > 0 || attributes['acceleratorsUnknown'] === true;
  return [
    ...(scarce
      ? [
          `A stopped ${sku ?? 'instance'} may not start again while its type is scarce (InsufficientInstanceCapacity).`,
        ]
      : []),
    // EC2 User Guide, "Limitations" of hibernation (read November 2026).
    ...(instance.HibernationOptions?.Configured === true
      ? [
          'If it cannot hibernate it is shut down and loses its memory; AWS supports no hibernation of more than 60 days.',
        ]
      : []),
  ];
}
