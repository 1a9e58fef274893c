import type { Instance } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { instanceResource } from '../../../lib/estate/aws/instances.ts';

const place = { accountId: '111122223333', region: 'us-east-1', partition: 'aws' };

function stoppedAt(name: 'stopped' | 'running', reason?: string) {
  const instance = {
    InstanceId: 'i-1',
    State: { Name: name },
    ...(reason === undefined ? {} : { StateTransitionReason: reason }),
  };
  return instanceResource(instance, place, new Map()).attributes['stoppedAt'];
}

function reservationOf(given: Pick<Instance, 'CapacityReservationId'>) {
  const instance: Instance = { InstanceId: 'i-1', State: { Name: 'running' }, ...given };
  return instanceResource(instance, place, new Map()).attributes['capacityReservation'];
}

test('the Capacity Reservation that a machine runs in is told, since it is billed whether anything runs in it', () => {
  expect(reservationOf({ CapacityReservationId: 'cr-0123456789abcdef0' })).toBe('cr-0123456789abcdef0');
  expect(reservationOf({})).toBeNull();
});

test('when a machine was stopped is read from the reason of its last transition, and never guessed', () => {
  expect(stoppedAt('stopped', 'User initiated (2026-09-01 07:08:09 GMT)')).toBe('2026-09-01T07:08:09.000Z');
  expect(stoppedAt('running', 'User initiated (2026-09-01 07:08:09 GMT)')).toBeNull();
  for (const reason of [
    undefined,
    '',
    'Server.SpotInstanceShutdown',
    'User initiated',
    'User initiated (2026-09-01 07:08:09 CET)',
  ])
    expect(stoppedAt('stopped', reason)).toBeNull();
});
