/**
 * What of Compute Engine's answers is read, by the names of its discovery document (compute v1, schemas
 * InstanceAggregatedList, Instance, MachineType). Everything else, instance metadata with its secrets among it,
 * is dropped on arrival.
 */
import { z } from 'zod';

const warning = z.object({
  code: z.string().optional(),
  message: z.string().optional(),
});

export const instance = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  machineType: z.string().optional(),
  creationTimestamp: z.string().optional(),
  lastStartTimestamp: z.string().optional(),
  lastStopTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  deletionProtection: z.boolean().optional(),
  guestAccelerators: z
    .array(z.object({ acceleratorType: z.string(), acceleratorCount: z.number() }))
    .optional(),
  scheduling: z
    .object({ preemptible: z.boolean().optional(), provisioningModel: z.string().optional() })
    .optional(),
});
export type GcpInstance = z.infer<typeof instance>;

export const instancePage = z.object({
  items: z
    .record(z.string(), z.object({ instances: z.array(instance).optional(), warning: warning.optional() }))
    .optional(),
  nextPageToken: z.string().optional(),
  unreachables: z.array(z.string()).optional(),
  warning: warning.optional(),
});

export const machineType = z.object({
  name: z.string(),
  accelerators: z
    .array(z.object({ guestAcceleratorType: z.string(), guestAcceleratorCount: z.number() }))
    .optional(),
});
