/**
 * incomplete-uploads: uploads in parts that were begun, never completed and never aborted; their parts are billed as
 * stored data and shown in no list of objects.
 *
 * What it means: NONCOMPLIANT is said of a bucket that holds an upload begun longer ago than the minimum, and that has
 * no lifecycle rule for the whole bucket that aborts such uploads. With such a rule they end by themselves.
 *
 * What it leaves out: buckets whose uploads or rules could not be read; uploads that are younger, which may go on.
 *
 * What it cannot see: how large the parts are, so that no saving is told; uploads beyond the first 5,000 of a bucket.
 */
import { z } from 'zod';
import { scopeOf } from '../estate/model.ts';
import { rulesOf } from './buckets.ts';
import { duration, durationMs } from './duration.ts';
import { judgementOf, state } from './judgement.ts';
import type { Check } from './model.ts';

export const settings = z.strictObject({
  minAge: duration.default('7d').describe('how long ago an upload must have been begun'),
});
export type IncompleteUploadsSettings = z.output<typeof settings>;

export const incompleteUploads: Check<IncompleteUploadsSettings> = {
  id: 'incomplete-uploads',
  title: 'Uploads that were never completed',
  needs: ['resources', 'costs'],
  datasets: ['aws.s3.buckets'],
  verdicts: { NONCOMPLIANT: { actionable: false } },
  judge: (facts, { minAge }, now) =>
    facts.resources.flatMap((bucket) => {
      const rules = rulesOf(bucket);
      const { incompleteUploads: count, oldestUpload, uploadsCounted } = bucket.attributes;
      if (rules === null || typeof count !== 'number' || typeof oldestUpload !== 'string') return [];
      if (!(now.getTime() - Date.parse(oldestUpload) >= durationMs(minAge))) return [];
      if (
        rules.some(
          ({ wholeBucket, abortsUploadsAfterDays }) => wholeBucket && abortsUploadsAfterDays !== null,
        )
      )
        return [];
      const uploads = 's3:ListMultipartUploads';
      return [
        judgementOf(facts, bucket, {
          check: 'incomplete-uploads',
          verdict: 'NONCOMPLIANT',
          confidence: 'high',
          saves: null,
          evidence: [
            state(
              'incomplete uploads',
              uploadsCounted === true ? String(count) : `at least ${count}`,
              uploads,
              'count',
            ),
            state('oldest begun', oldestUpload, uploads),
            state('rule that aborts them', 'none for the whole bucket', 's3:GetBucketLifecycleConfiguration'),
          ],
          blindSpots: [
            'How large the parts are is not told: what they cost is in the cost of the bucket, and so is all else.',
          ],
          reason: `It holds ${count} uploads that were never completed, the oldest begun on ${oldestUpload.slice(0, 10)}.`,
          scopes: [scopeOf(bucket)],
        }),
      ];
    }),
  wouldChange: (_verdict, { minAge }) => [
    'A lifecycle rule for the whole bucket that aborts incomplete uploads: no finding.',
    `No upload begun longer ago than ${minAge}: no finding.`,
  ],
};
