/**
 * logs-kept-for-ever: log groups whose events never expire, so that their storage only grows.
 *
 * What it means: NONCOMPLIANT is said of a log group without a retention that holds at least the minimum. Where the
 * settings name a number of days, the evidence holds it, and the retention can be set to it; without one it is told
 * and nothing can follow. What is older than that is then deleted for good.
 *
 * What it leaves out: log groups with any retention, those that hold less, the class DELIVERY, whose retention is
 * fixed, and a region whose log groups were not read whole.
 *
 * What it cannot see: whether an audit or a law needs the events; what of its bill is storage, since taking events in
 * is billed under the same id, so that no saving is told.
 */
import { z } from 'zod';
import { scopeOf } from '../estate/model.ts';
import { judgementOf, state } from './judgement.ts';
import type { Check } from './model.ts';
import { Scopes } from './scopes.ts';

/** Name of the evidence that says how many days to keep. */
export const RETENTION_EVIDENCE = 'retention days';
/** What PutRetentionPolicy takes (CloudWatch Logs API Reference, retentionInDays; read November 2026). */
export const RETENTION_DAYS: ReadonlySet<number> = new Set([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);
const GIB = 1_073_741_824;

export const settings = z.strictObject({
  keepDays: z
    .int()
    .positive()
    .refine(
      (days) => RETENTION_DAYS.has(days),
      `one of ${[...RETENTION_DAYS].join(', ')}, which CloudWatch Logs takes`,
    )
    .optional()
    .describe('how many days events are to be kept; without it, log groups are told and nothing can follow'),
  minStoredGiB: z.number().min(0).default(1).describe('how much a log group must hold, in GiB'),
});
export type LogsKeptForEverSettings = z.output<typeof settings>;

const SOURCE = 'logs:DescribeLogGroups';

export const logsKeptForEver: Check<LogsKeptForEverSettings> = {
  id: 'logs-kept-for-ever',
  title: 'Logs that never expire',
  needs: ['resources', 'costs'],
  datasets: ['aws.logs.log-groups'],
  verdicts: { NONCOMPLIANT: { actionable: true } },
  judge(facts, { keepDays, minStoredGiB }) {
    const scopes = new Scopes(facts.coverage);
    return facts.resources.flatMap((group) => {
      const { retentionDays, storedBytes } = group.attributes;
      if (group.type !== 'aws:logs:log-group' || group.sku === 'DELIVERY') return [];
      if (retentionDays !== null || typeof storedBytes !== 'number' || storedBytes < minStoredGiB * GIB)
        return [];
      if (!scopes.complete(scopeOf(group))) return [];
      return [
        judgementOf(facts, group, {
          check: 'logs-kept-for-ever',
          verdict: 'NONCOMPLIANT',
          confidence: 'high',
          saves: null,
          evidence: [
            state('retention', 'never expires', SOURCE),
            state('stored', String(Math.round((storedBytes / GIB) * 100) / 100), SOURCE, 'GiB'),
            state('created', group.created ?? '', SOURCE),
            ...(keepDays === undefined
              ? []
              : [state(RETENTION_EVIDENCE, String(keepDays), 'checks.logs-kept-for-ever.keepDays', 'days')]),
          ],
          blindSpots: [
            'Taking events in is billed under the same id as keeping them: how much a retention saves only later bills tell.',
            'Whether an audit or a law needs its old events is not known.',
          ],
          reason: 'Its events never expire, so that what it keeps only grows.',
          scopes: [scopeOf(group)],
        }),
      ];
    });
  },
  wouldChange: (_verdict, { minStoredGiB }) => [
    'Any retention: no finding.',
    `Less than ${minStoredGiB} GiB stored: no finding.`,
  ],
};
