/**
 * overrunning-job: a job that runs now and has run for longer than it should.
 *
 * What it means: INEFFICIENT is said of a running job that has used most of the time after which the provider stops
 * it, so that its work may be lost, or that runs for far longer than the earlier runs of the same name that
 * succeeded: beyond their median by several times their spread, with at least five of them.
 *
 * What it leaves out: jobs that ended (`failing-job` tells of those that ran into their limit); an account and region
 * that was not read lately; what is usual, of a first run or where jobs were not read whole.
 *
 * What it cannot see: whether it makes progress (where SageMaker tells how busy the GPUs of a job were in the last three
 * full hours, that is said, and whether none of them worked); that its work of today is simply more than yesterday's.
 */
import { z } from 'zod';
import { type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { duration, durationMs, interval } from './duration.ts';
import { byResource } from './gpu-readings.ts';
import { rounded } from './gpu-verdict.ts';
import { JOB_TELEMETRY, jobUse } from './job-use.ts';
import { families, hoursText, JOB_DATASETS, median, type Run, runOf } from './jobs.ts';
import { judgementOf } from './judgement.ts';
import type { Check, Evidence } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  runtimeShare: z
    .number()
    .gt(0)
    .max(100)
    .default(90)
    .describe('share of its own limit, in percent, that a running job may have used'),
  earlierRuns: z.int().min(2).default(5).describe('how many runs must have succeeded to tell what is usual'),
  spread: z
    .number()
    .gt(0)
    .default(5)
    .describe('by how many times the spread of the earlier runs it may exceed their median'),
  atLeast: duration.default('1h').describe('by how long it must exceed what is usual'),
});
export type OverrunningJobSettings = z.output<typeof settings>;

export const overrunningJob: Check<OverrunningJobSettings> = {
  id: 'overrunning-job',
  title: 'Jobs that run too long',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: [...JOB_DATASETS, ...JOB_TELEMETRY],
  verdicts: { INEFFICIENT: { actionable: false } },
  judge(facts, limits, now) {
    const scopes = new Scopes(facts.coverage);
    const runs = facts.resources.flatMap((resource) => {
      const run = runOf(resource);
      return run === null ? [] : [run];
    });
    const telemetry = byResource(facts.telemetry);
    return families(runs).flatMap((family) =>
      family.flatMap((run) => {
        const asOf = scopes.lately(scopeName(run.resource), now);
        if (run.outcome !== 'running' || run.started === null || asOf === null) return [];
        // It ran when it was looked at; what became of it since, the next look tells.
        const elapsed = (Math.min(asOf, now.getTime()) - run.started) / 1000;
        // What is usual nobody knows where some of the earlier runs were not read.
        const whole = scopes.complete(scopeOf(run.resource));
        const found = [
          ...pastLimit(run, elapsed, limits),
          ...(whole ? pastUsual(family, elapsed, limits) : []),
        ];
        if (found.length === 0) return [];
        const use = lately(run.resource, telemetry.get(run.resource.id) ?? [], asOf);
        const inventory = { window: '', source: run.resource.dataset ?? run.resource.type };
        return [
          judgementOf(facts, run.resource, {
            check: 'overrunning-job',
            verdict: 'INEFFICIENT',
            confidence: 'medium',
            saves: null,
            evidence: [
              { name: 'running for', value: hoursText(elapsed), unit: 'hours', ...inventory },
              ...(run.instances === null
                ? []
                : [
                    {
                      name: 'instance-hours so far',
                      value: hoursText(elapsed * run.instances),
                      unit: run.resource.sku ?? '',
                      ...inventory,
                    },
                  ]),
              ...found.flatMap(({ evidence }) => evidence.map((one) => ({ ...one, ...inventory }))),
              ...use.evidence,
            ],
            blindSpots: [
              'Whether it makes progress is not seen: what it has done is lost when it is stopped without a checkpoint.',
            ],
            reason: [...found.map(({ reason }) => reason), ...use.reasons].join(' '),
            scopes: [scopeOf(run.resource)],
          }),
        ];
      }),
    );
  },
  wouldChange(_verdict, { runtimeShare, spread }) {
    return [
      'Its end: no finding.',
      `Less than ${runtimeShare}% of its own limit, and less than ${spread} times the spread beyond its median: no finding.`,
    ];
  },
};

interface Found {
  readonly reason: string;
  readonly evidence: readonly Pick<Evidence, 'name' | 'value' | 'unit'>[];
}

/** Hours before the last look in which a job that makes progress computes something. */
const LATELY = 3;
/** Compute use, in percent, below which a device counts as at rest: the one of `idle-gpu`. */
const AT_REST = 5;
const HOUR = 3_600_000;

/** How busy its accelerators were in the last full hours, where SageMaker tells; that none was says more than that. */
function lately(
  job: Resource,
  series: readonly Telemetry[],
  asOf: number,
): { readonly evidence: Evidence[]; readonly reasons: string[] } {
  const end = Math.floor(asOf / HOUR) * HOUR;
  const span = { start: end - LATELY * HOUR, end };
  const use = jobUse(job, series, 'gpu-utilization', span, 90);
  if (use === null) return { evidence: [], reasons: [] };
  const resting = use.whole && use.maximum < AT_REST;
  return {
    evidence: [
      {
        name: `maximum compute use of an instance, last ${LATELY} full hours`,
        value: rounded(use.maximum),
        unit: '% of one device',
        window: interval(span.start, span.end),
        source: use.source,
      },
    ],
    reasons: resting ? [`None of its GPUs reached ${AT_REST}% in the last ${LATELY} full hours.`] : [],
  };
}

function pastLimit({ limit }: Run, elapsed: number, { runtimeShare }: OverrunningJobSettings): Found[] {
  if (limit === null || limit <= 0 || elapsed * 100 < limit * runtimeShare) return [];
  return [
    {
      reason: `It has used ${Math.floor((elapsed * 100) / limit)}% of the ${hoursText(limit)} hours after which it is stopped.`,
      evidence: [{ name: 'stopped after', value: hoursText(limit), unit: 'hours' }],
    },
  ];
}

/** Median and median absolute deviation: one earlier run that hung does not move them. */
function pastUsual(family: readonly Run[], elapsed: number, limits: OverrunningJobSettings): Found[] {
  const earlier = family.flatMap(({ outcome, started, ended }) =>
    outcome === 'succeeded' && started !== null && ended !== null && ended >= started
      ? [(ended - started) / 1000]
      : [],
  );
  if (earlier.length < limits.earlierRuns) return [];
  const usual = median(earlier);
  const spread = median(earlier.map((one) => Math.abs(one - usual)));
  const most = usual + Math.max(limits.spread * spread, durationMs(limits.atLeast) / 1000);
  if (elapsed <= most) return [];
  return [
    {
      reason: `Its ${earlier.length} earlier runs took ${hoursText(usual)} hours in the middle; it has run for ${hoursText(elapsed)}.`,
      evidence: [
        { name: 'earlier runs that succeeded', value: String(earlier.length), unit: 'runs' },
        { name: 'median of them', value: hoursText(usual), unit: 'hours' },
        { name: 'median deviation of them', value: hoursText(spread), unit: 'hours' },
      ],
    },
  ];
}
