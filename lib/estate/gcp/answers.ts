/**
 * What of Compute Engine's answers is read, by the names of its discovery document (compute v1, schemas
 * Instance, MachineType). Everything else, instance metadata with its secrets among it, is dropped on arrival.
 */
import { z } from 'zod';
import { makerShape } from './parent.ts';

export const instance = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  machineType: z.string().optional(),
  creationTimestamp: z.string().optional(),
  lastStartTimestamp: z.string().optional(),
  lastStopTimestamp: z.string().optional(),
  lastSuspendedTimestamp: z.string().optional(),
  ...makerShape,
  deletionProtection: z.boolean().optional(),
  guestAccelerators: z
    .array(z.object({ acceleratorType: z.string(), acceleratorCount: z.number() }))
    .optional(),
  scheduling: z
    .object({
      preemptible: z.boolean().optional(),
      provisioningModel: z.string().optional(),
      nodeAffinities: z.array(z.unknown()).optional(),
      terminationTime: z.string().optional(),
    })
    .optional(),
  reservationAffinity: z
    .object({ consumeReservationType: z.string().optional(), values: z.array(z.string()).optional() })
    .optional(),
  resourceStatus: z
    .object({
      reservationConsumptionInfo: z.object({ consumedReservation: z.string().optional() }).optional(),
      scheduling: z.object({ terminationTimestamp: z.string().optional() }).optional(),
    })
    .optional(),
});
export type GcpInstance = z.infer<typeof instance>;

export const machineType = z.object({
  name: z.string(),
  guestCpus: z.number().optional(),
  memoryMb: z.number().optional(),
  accelerators: z
    .array(z.object({ guestAcceleratorType: z.string(), guestAcceleratorCount: z.number() }))
    .optional(),
});
