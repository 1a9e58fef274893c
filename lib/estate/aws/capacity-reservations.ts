import { type CapacityReservation, DescribeCapacityReservationsCommand } from '@aws-sdk/client-ec2';
import { awsPages } from '../../platform/aws-call.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Dataset, type Resource, scopeName } from '../model.ts';
import { summed, type TypeAccelerators } from './accelerators.ts';
import { INSTANCE_TYPES_PERMISSION } from './instance-types.ts';
import { awsResource, isoTime } from './resource.ts';
import { withAccelerators } from './sagemaker.ts';
import { type AwsPlace, type AwsSession, ec2Arn } from './session.ts';
import { partTags } from './tags.ts';

const LIST: Permission = {
  cloud: 'aws',
  action: 'ec2:DescribeCapacityReservations',
  why: 'lists capacity reservations and Capacity Blocks with their free capacity',
};

/** What still exists or will (EC2 API Reference, CapacityReservation, state): the API names ended ones for a while. */
const OVER: ReadonlySet<string> = new Set([
  'expired',
  'cancelled',
  'failed',
  'payment-failed',
  'unsupported',
]);

/**
 * On-demand capacity reservations and Capacity Blocks that the account owns, with the accelerators of all their
 * instances. It leaves out reservations that another account shares: that account answers for them. It does not see
 * how full one was before now (`AvailableInstanceCount` is of this moment).
 */
export const awsCapacityReservations: Dataset<AwsSession> = {
  id: 'aws.ec2.capacity-reservations',
  permissions: [LIST, INSTANCE_TYPES_PERMISSION],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    const pages = awsPages({ action: LIST.action, where, meter }, (token) =>
      session.ec2.send(
        new DescribeCapacityReservationsCommand({
          MaxResults: 1000,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
      ),
    );
    const byId = new Map<string, CapacityReservation>();
    for await (const { CapacityReservations } of pages)
      for (const one of CapacityReservations ?? [])
        if (
          one.CapacityReservationId !== undefined &&
          (one.OwnerId ?? session.accountId) === session.accountId &&
          !OVER.has(one.State ?? '')
        )
          byId.set(one.CapacityReservationId, one);
    const types = [...byId.values()].flatMap(({ InstanceType }) => InstanceType ?? []);
    return await withAccelerators(session, types, where, meter, (known) =>
      [...byId].map(([id, one]) => resourceOf(id, one, session, known)),
    );
  },
};

function resourceOf(
  id: string,
  one: CapacityReservation,
  session: AwsPlace,
  known: ReadonlyMap<string, TypeAccelerators>,
): Resource {
  const { tags, systemTags } = partTags(one.Tags);
  const total = one.TotalInstanceCount ?? 0;
  const type = known.get(one.InstanceType ?? '');
  return awsResource(session, {
    type: 'aws:ec2:capacity-reservation',
    id: ec2Arn(session, 'capacity-reservation', id),
    name: tags['Name'] ?? null,
    state: one.State ?? 'unknown',
    // Its hours count from when it starts: a Capacity Block is bought weeks before.
    created: isoTime(one.StartDate ?? one.CreateDate),
    tags,
    sku: one.InstanceType ?? null,
    accelerators: summed([{ of: type, instances: total }]),
    attributes: {
      reservationId: id,
      totalInstances: one.TotalInstanceCount ?? null,
      availableInstances: one.AvailableInstanceCount ?? null,
      // The API leaves it out for what is no Capacity Block.
      reservationType: one.ReservationType ?? 'default',
      endsAt: isoTime(one.EndDate),
      commitmentEnds: isoTime(one.CommitmentInfo?.CommitmentEndDate),
      matches: one.InstanceMatchCriteria ?? null,
      zone: one.AvailabilityZone ?? null,
      unusedBilledTo: one.UnusedReservationBillingOwnerId ?? null,
      acceleratorsUnknown: type === undefined,
      systemTags,
    },
  });
}
