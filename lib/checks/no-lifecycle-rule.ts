/**
 * no-lifecycle-rule: buckets in which nothing ever expires or moves to a cheaper class by a rule.
 *
 * What it means: NONCOMPLIANT is said of an S3 bucket, older than the minimum age, without any enabled lifecycle rule
 * that lets objects expire or moves them. A rule that only aborts uploads does not count.
 *
 * What it leaves out: younger buckets, and those whose rules could not be read.
 *
 * What it cannot see: objects that are in S3 Intelligent-Tiering, or deleted by those who wrote them; how much would
 * be saved, so that no saving is told.
 */
import { z } from 'zod';
import { scopeOf } from '../estate/model.ts';
import { rulesOf } from './buckets.ts';
import { duration, durationMs } from './duration.ts';
import { judgementOf, state } from './judgement.ts';
import type { Check } from './model.ts';

export const settings = z.strictObject({
  minAge: duration.default('30d').describe('how old a bucket must be'),
});
export type NoLifecycleRuleSettings = z.output<typeof settings>;

export const noLifecycleRule: Check<NoLifecycleRuleSettings> = {
  id: 'no-lifecycle-rule',
  title: 'Buckets without a lifecycle rule',
  needs: ['resources', 'costs'],
  datasets: ['aws.s3.buckets'],
  verdicts: { NONCOMPLIANT: { actionable: false } },
  judge: (facts, { minAge }, now) =>
    facts.resources.flatMap((bucket) => {
      const rules = rulesOf(bucket);
      const age = now.getTime() - Date.parse(bucket.created ?? '');
      if (rules === null || !(age >= durationMs(minAge))) return [];
      if (rules.some(({ expires, moves }) => expires || moves)) return [];
      return [
        judgementOf(facts, bucket, {
          check: 'no-lifecycle-rule',
          verdict: 'NONCOMPLIANT',
          confidence: 'high',
          saves: null,
          evidence: [
            state('rules that expire or move objects', '0', 's3:GetBucketLifecycleConfiguration', 'count'),
            state('created', bucket.created ?? '', 's3:ListBuckets'),
          ],
          blindSpots: [
            'Objects that those who wrote them delete, or that lie in S3 Intelligent-Tiering, need no rule: that is not seen.',
          ],
          reason: 'No rule lets its objects expire or moves them to a cheaper class.',
          scopes: [scopeOf(bucket)],
        }),
      ];
    }),
  wouldChange: (_verdict, { minAge }) => [
    'A rule that expires or moves objects: no finding.',
    `Younger than ${minAge}: no finding.`,
  ],
};
