import { awsCapacityReservations } from './capacity-reservations.ts';
import { serviceTelemetry } from './service-telemetry.ts';

/**
 * How many instances of active capacity reservations were in use at most (Amazon EC2 User Guide, "Monitor Capacity
 * Reservations usage with CloudWatch metrics": UsedInstanceCount by CapacityReservationId). It does not see which
 * instances, nor of which account where a reservation is shared.
 */
export const awsCapacityTelemetry = serviceTelemetry({
  id: 'aws.ec2.capacity-reservation-telemetry',
  needs: [awsCapacityReservations.id],
  metrics: [
    {
      resourceType: 'aws:ec2:capacity-reservation',
      states: ['active'],
      namespace: 'AWS/EC2CapacityReservations',
      metricName: 'UsedInstanceCount',
      metric: 'used-capacity',
      unit: 'count',
      statistics: ['maximum', 'sample-count'],
      dimensions: ({ id }) => [{ Name: 'CapacityReservationId', Value: id.slice(id.lastIndexOf('/') + 1) }],
    },
  ],
});
