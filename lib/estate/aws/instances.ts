import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { awsPages } from '../../platform/aws-call.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { IncompleteError } from '../incomplete.ts';
import { type Accelerator, type Dataset, type Json, type Resource, scopeName } from '../model.ts';
import type { TypeAccelerators } from './accelerators.ts';
import { describeInstanceTypes, INSTANCE_TYPES_PERMISSION } from './instance-types.ts';
import { type AwsPlace, type AwsSession, ec2Arn } from './session.ts';
import { parentByTags, partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeInstances',
  why: 'lists instances with their state, type and tags',
};

/** Every state but `terminated`: what is terminated is gone, though the API names it for about an hour. */
const STATES = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

/**
 * EC2 instances of every type, with their accelerators. Where the types cannot be looked up, or the region no
 * longer describes one, the instances are kept with `attributes.acceleratorsUnknown` and the dataset is
 * incomplete: an unknown accelerator is not a missing one.
 *
 * It does not see: instances of services that hide them (SageMaker, managed Batch on Fargate); stop protection, which is
 * a call an instance and is read of those alone that are about to be told of or stopped (lib/actions).
 */
export const awsInstances: Dataset<AwsSession> = {
  id: 'aws.ec2.instances',
  permissions: [LIST, INSTANCE_TYPES_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const instances = await listInstances(session, where, meter);
    const wanted = new Set(instances.flatMap(({ InstanceType }) => InstanceType ?? []));
    let types = new Map<string, TypeAccelerators>();
    let fault: BursarError | null = null;
    try {
      types = await describeInstanceTypes(session, wanted, where, meter);
      const families = familiesOfSeveral(types);
      if (families.length > 0)
        types = new Map([...(await describeInstanceTypes(session, families, where, meter)), ...types]);
    } catch (error) {
      if (!(error instanceof BursarError)) throw error;
      fault = error;
    }
    const resources = instances.map((instance) => instanceResource(instance, session, types));
    if (fault !== null)
      throw new IncompleteError(
        fault.code,
        `the instances are known, their accelerators are not: ${fault.message}`,
        { resources },
        { where, ...(fault.hint === null ? {} : { hint: fault.hint }), cause: fault },
      );
    const unknown = [...wanted].filter((type) => !types.has(type)).toSorted();
    if (unknown.length > 0)
      throw new IncompleteError(
        'unavailable',
        `ec2:DescribeInstanceTypes does not describe ${unknown.join(', ')}: whether these have accelerators is unknown`,
        { resources },
        { where },
      );
    return { resources };
  },
};

/** Patterns of the families whose smaller types may do: of types with several devices. */
function familiesOfSeveral(types: ReadonlyMap<string, TypeAccelerators>): string[] {
  return [...types].flatMap(([type, { devices }]) => (devices > 1 ? [`${familyOf(type)}*`] : []));
}

/** `g5.` of g5.12xlarge: what a type's name has before its size (EC2 User Guide, "Instance type naming conventions"). */
function familyOf(type: string): string {
  return type.slice(0, type.indexOf('.') + 1);
}

/** Types of the same family with fewer devices, with the memory of each device, MiB; none where it has one device. */
function smallerTypes(type: string, types: ReadonlyMap<string, TypeAccelerators>): Json[] {
  const own = types.get(type)?.devices ?? 0;
  if (own < 2) return [];
  return [...types]
    .filter(([name, { devices }]) => familyOf(name) === familyOf(type) && devices > 0 && devices < own)
    .map(([name, { accelerators, devices }]) => ({
      type: name,
      devices,
      memoryMiB: memoryOf(accelerators, devices),
    }))
    .toSorted((a, b) => a.devices - b.devices || (a.type < b.type ? -1 : 1));
}

function memoryOf([only, ...others]: readonly Accelerator[], devices: number): number | null {
  return only === undefined || others.length > 0 || only.memoryMiB === null ? null : only.memoryMiB / devices;
}

async function listInstances(session: AwsSession, where: string, meter: Meter): Promise<Instance[]> {
  const byId = new Map<string, Instance>();
  const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
    session.ec2.send(
      new DescribeInstancesCommand({
        Filters: [{ Name: 'instance-state-name', Values: STATES }],
        MaxResults: 1000,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    ),
  );
  for await (const { Reservations } of pages)
    for (const { Instances } of Reservations ?? [])
      for (const instance of Instances ?? [])
        if (instance.InstanceId !== undefined) byId.set(instance.InstanceId, instance);
  return [...byId.values()];
}

/** One instance as the API describes it, as a resource. */
export function instanceResource(
  instance: Instance,
  session: AwsPlace,
  types: ReadonlyMap<string, TypeAccelerators>,
): Resource {
  const id = instance.InstanceId ?? '';
  const parted = partTags(instance.Tags);
  const known = instance.InstanceType === undefined ? undefined : types.get(instance.InstanceType);
  const volumes = (instance.BlockDeviceMappings ?? []).flatMap(({ Ebs }) =>
    Ebs?.VolumeId === undefined ? [] : [Ebs.VolumeId],
  );
  return {
    provider: 'aws',
    accountId: session.accountId,
    region: session.region,
    type: 'aws:ec2:instance',
    id: ec2Arn(session, 'instance', id),
    name: parted.tags['Name'] ?? null,
    state: instance.State?.Name ?? 'unknown',
    created: instance.LaunchTime?.toISOString() ?? null,
    tags: parted.tags,
    sku: instance.InstanceType ?? null,
    accelerators: known?.accelerators ?? [],
    parent: parentByTags(parted),
    attributes: {
      instanceId: id,
      acceleratorsUnknown: known === undefined,
      acceleratorDevices: known?.devices ?? null,
      smallerTypes: smallerTypes(instance.InstanceType ?? '', types),
      currentGeneration: known?.currentGeneration ?? null,
      stoppedAt: stoppedAt(instance),
      platform: instance.PlatformDetails ?? null,
      // `spot`, `scheduled`, `capacity-block`; the API leaves it out for on-demand.
      lifecycle: instance.InstanceLifecycle ?? 'on-demand',
      // Of a Capacity Reservation that it runs in, which is billed whether it does or not.
      capacityReservation: instance.CapacityReservationId ?? null,
      tenancy: instance.Placement?.Tenancy ?? null,
      zone: instance.Placement?.AvailabilityZone ?? null,
      volumeIds: volumes,
      rootDeviceType: instance.RootDeviceType ?? null,
      privateDnsName: instance.PrivateDnsName ?? null,
      privateIp: instance.PrivateIpAddress ?? null,
      imageId: instance.ImageId ?? null,
      ebsOptimized: instance.EbsOptimized ?? null,
      systemTags: parted.systemTags,
    },
  };
}

/**
 * When a stopped instance was stopped, as the reason of its last transition tells: `User initiated (2026-11-20
 * 10:30:00 GMT)`. The text may be empty (EC2 API Reference, Instance, reason), and has no other form that is known.
 */
function stoppedAt({ State, StateTransitionReason }: Instance): string | null {
  const told = /\((\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) (?:GMT|UTC)\)/.exec(StateTransitionReason ?? '');
  if (State?.Name !== 'stopped' || told === null) return null;
  return new Date(`${told[1] ?? ''}T${told[2] ?? ''}Z`).toISOString();
}
