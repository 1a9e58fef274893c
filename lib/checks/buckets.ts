import { z } from 'zod';
import type { Resource } from '../estate/model.ts';

/** A lifecycle rule of a bucket as the inventory tells it. */
const rule = z.looseObject({
  enabled: z.boolean(),
  wholeBucket: z.boolean(),
  expires: z.boolean(),
  moves: z.boolean(),
  abortsUploadsAfterDays: z.number().nullable(),
});
export type BucketRule = z.output<typeof rule>;

/** The enabled lifecycle rules of a bucket; null where they could not be read, or it is no bucket. */
export function rulesOf({ type, attributes }: Resource): readonly BucketRule[] | null {
  if (type !== 'aws:s3:bucket') return null;
  const read = z.array(rule).safeParse(attributes['lifecycleRules']);
  return read.success ? read.data.filter(({ enabled }) => enabled) : null;
}
