import { DescribeInstanceTypesCommand } from '@aws-sdk/client-ec2';
import { awsPages } from '../../platform/aws-call.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { acceleratorsOf, type TypeAccelerators } from './accelerators.ts';
import type { AwsSession } from './session.ts';

export const INSTANCE_TYPES_PERMISSION: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeInstanceTypes',
  why: 'tells which instance types have accelerators, with how much memory, and are of a former generation',
};

/** A page of DescribeInstanceTypes holds at most 100 types (EC2 API Reference, MaxResults 5 to 100). */
const BATCH = 100;

/**
 * The accelerators of each of `types`, by type. Asked by filter and not by the `InstanceTypes` parameter, which
 * refuses the whole call for one type that the region no longer offers; such a type is missing in the answer.
 */
export async function describeInstanceTypes(
  session: AwsSession,
  types: Iterable<string>,
  where: string,
  meter: Meter,
): Promise<Map<string, TypeAccelerators>> {
  const wanted = [...new Set(types)].toSorted();
  const found = new Map<string, TypeAccelerators>();
  for (let from = 0; from < wanted.length; from += BATCH) {
    const Filters = [{ Name: 'instance-type', Values: wanted.slice(from, from + BATCH) }];
    const pages = awsPages({ action: INSTANCE_TYPES_PERMISSION.action, where, meter }, (token) =>
      session.ec2.send(
        new DescribeInstanceTypesCommand({
          Filters,
          MaxResults: BATCH,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    for await (const { InstanceTypes } of pages)
      for (const type of InstanceTypes ?? [])
        if (type.InstanceType !== undefined)
          found.set(type.InstanceType, {
            ...acceleratorsOf(type),
            currentGeneration: type.CurrentGeneration ?? null,
          });
  }
  return found;
}
