/**
 * failing-job: work on machines by the hour that ends in failure, again and again.
 *
 * What it means: INEFFICIENT is said of a job (all runs of one name without its times and numbers) of which, within
 * the last 30 days, several runs failed or ran into their own limit after they were billed, or one that took many
 * instance-hours. The money is what the bill says of those runs; where it names none, the instance-hours are told.
 *
 * What it leaves out: runs that failed before they cost anything; runs that somebody stopped (a tuning job stops bad
 * trials early, which saves), which stand in the evidence.
 *
 * What it cannot see: whether a failed run left a checkpoint that the next one used; runs that the provider forgot
 * (Batch) or that were not read, which it says: what failed has failed, whatever else there is; runs of one job under
 * names without anything in common; steps of one name in several SageMaker Pipelines, whose runs do not name the
 * pipeline; runs of SageMaker and Batch that were made more than 30 days ago.
 */
import { z } from 'zod';
import { scopeName, scopeOf } from '../estate/model.ts';
import { Decimal, decimal } from '../focus/decimal.ts';
import { type Money, money } from '../focus/money.ts';
import { type Costs, costsOf } from './cost.ts';
import { interval } from './duration.ts';
import { byResource } from './gpu-readings.ts';
import { rounded } from './gpu-verdict.ts';
import { JOB_TELEMETRY, jobUse } from './job-use.ts';
import {
  families,
  familyId,
  hoursText,
  instanceSeconds,
  JOB_DATASETS,
  median,
  type Run,
  runOf,
} from './jobs.ts';
import type { Check, Evidence, Facts, Judgement } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  failures: z.int().min(1).default(2).describe('how many billed runs of one job must have failed'),
  hours: z
    .number()
    .gt(0)
    .default(24)
    .describe('instance-hours of failed runs from which fewer failures are told, too'),
});
export type FailingJobSettings = z.output<typeof settings>;

const HOUR = 3_600_000;

export const failingJob: Check<FailingJobSettings> = {
  id: 'failing-job',
  title: 'Jobs that fail and are billed',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: [...JOB_DATASETS, ...JOB_TELEMETRY],
  verdicts: { INEFFICIENT: { actionable: false } },
  judge(facts, limits, now) {
    const scopes = new Scopes(facts.coverage);
    const costs = costsOf(facts);
    const since = now.getTime() - 30 * 86_400_000;
    const found = facts.resources.flatMap((resource) => {
      const run = runOf(resource);
      return run !== null && (run.ended ?? run.created ?? 0) >= since && scopes.has(scopeName(resource))
        ? [run]
        : [];
    });
    return families(found).flatMap((family) => {
      const failed = family.filter(
        (run) => (run.outcome === 'failed' || run.outcome === 'timed-out') && (run.seconds ?? 0) > 0,
      );
      const seconds = failed.reduce((sum, run) => sum + (instanceSeconds(run) ?? 0), 0);
      const enough = failed.length >= limits.failures || seconds >= limits.hours * 3600;
      const whole = family.every(({ resource }) => scopes.complete(scopeOf(resource)));
      return enough ? judgement(family, failed, seconds, whole, costs, facts) : [];
    });
  },
  wouldChange(_verdict, { failures, hours }) {
    return [
      `Fewer than ${failures} billed runs that failed within 30 days, and less than ${hours} instance-hours of them: no finding.`,
    ];
  },
};

function judgement(
  family: readonly Run[],
  failed: readonly Run[],
  seconds: number,
  whole: boolean,
  costs: Costs,
  facts: Facts,
): Judgement[] {
  const last = failed.at(-1);
  if (last === undefined) return [];
  const { resource } = last;
  const cost = costOf(failed, costs);
  const count = (outcome: Run['outcome']) => family.filter((run) => run.outcome === outcome);
  const stopped = count('stopped');
  const inventory = { window: 'P30D', source: resource.dataset ?? resource.type };
  const ofLast = {
    window: last.started === null || last.ended === null ? '' : interval(last.started, last.ended),
    source: inventory.source,
  };
  const evidence: Evidence[] = [
    { name: 'runs', value: String(family.length), unit: runs(family), ...inventory },
    { name: 'failed', value: String(failed.length), unit: `billed ${runs(failed)}`, ...inventory },
    { name: 'time of failed runs', value: hoursText(seconds), unit: 'instance-hours', ...inventory },
    ...(stopped.length === 0
      ? []
      : [
          { name: 'stopped', value: String(stopped.length), unit: runs(stopped), ...inventory },
          {
            name: 'time of stopped runs',
            value: hoursText(stopped.reduce((sum, run) => sum + (instanceSeconds(run) ?? 0), 0)),
            unit: 'instance-hours',
            ...inventory,
          },
        ]),
    ...waits(family, inventory),
    { name: 'last failed run', value: resource.name ?? resource.id, unit: resource.sku ?? '', ...ofLast },
    ...(last.failure === null
      ? []
      : [{ name: 'its reason', value: last.failure.slice(0, 300), unit: '', ...ofLast }]),
    ...busiest(failed, facts),
    ...(cost === null
      ? []
      : [
          {
            name: 'EffectiveCost of the failed runs',
            value: cost.amount,
            unit: cost.currency,
            window: costs.windowOf('billed'),
            source: 'bill EffectiveCost',
          },
        ]),
  ];
  const owner = facts.ownerOf(resource);
  return [
    {
      check: failingJob.id,
      provider: resource.provider,
      accountId: resource.accountId,
      region: resource.region,
      resourceType: resource.type,
      resourceId: familyId(last),
      resourceName: last.family,
      owner,
      verdict: 'INEFFICIENT',
      confidence: 'high',
      costBasis: cost === null ? 'unknown' : 'billed',
      monthlyCost: cost,
      monthlySaving: null,
      evidence,
      blindSpots: [
        'What failed is paid for; whether the next run fails nobody knows, so that no saving is told.',
        ...(cost === null ? ['The bill does not name every failed run: its money is not told.'] : []),
        ...(cost === null ? [] : outside(failed, facts)),
        ...(whole ? [] : ['Not every job was read: more of its runs may have failed.']),
        ...(failed.some((run) => instanceSeconds(run) === null)
          ? ['Of some runs the number of machines is not told: the instance-hours are too few.']
          : []),
        ...(resource.type === 'aws:batch:job'
          ? [
              'A job of Batch may share its instance, which has the bill: its hours are those of its containers.',
            ]
          : []),
        ...(owner === null ? ['Nothing says whose it is.'] : []),
      ],
      reason: `${family.length === 1 ? 'Its only run' : `${failed.length} of its ${family.length} runs`} of the last 30 days failed after ${hoursText(seconds)} instance-hours.`,
      scopes: [...new Set(family.map((run) => scopeOf(run.resource)))].toSorted(),
    },
  ];
}

/** What the bill says of all these runs together; null where it does not name each, or in several currencies. */
function costOf(all: readonly Run[], costs: Costs): Money | null {
  let sum = new Decimal(0);
  const currencies = new Set<string>();
  for (const { resource } of all) {
    const { monthlyCost } = costs.of(resource.id);
    if (monthlyCost === null) return null;
    sum = sum.plus(decimal(monthlyCost.amount));
    currencies.add(monthlyCost.currency);
  }
  const [currency] = currencies;
  return currency === undefined || currencies.size > 1 ? null : money(sum, currency);
}

function runs(some: readonly Run[]): string {
  return some.length === 1 ? 'run' : 'runs';
}

/** Runs that went on before the first or after the last day of the bill, which has a part of them. */
function outside(all: readonly Run[], { billWindow }: Facts): string[] {
  if (billWindow === null) return [];
  const [start, end] = [Date.parse(billWindow.start), Date.parse(billWindow.end)];
  const cut = all.filter((run) => (run.started ?? start) < start || (run.ended ?? end) > end).length;
  return cut === 0
    ? []
    : [
        `${cut} of the ${all.length} failed ${runs(all)} went on before the first or after the last day of the bill: what they cost then is not in this amount.`,
      ];
}

/** The highest compute use of the failed runs that are measured: those of the last week, where SageMaker tells. */
function busiest(failed: readonly Run[], facts: Facts): Evidence[] {
  const telemetry = byResource(facts.telemetry);
  const used = failed.flatMap(({ resource, started, ended }) => {
    if (started === null || ended === null) return [];
    const span = { start: Math.floor(started / HOUR) * HOUR, end: Math.ceil(ended / HOUR) * HOUR };
    const use = jobUse(resource, telemetry.get(resource.id) ?? [], 'gpu-utilization', span, 0);
    return use === null ? [] : [{ ...use, ...span }];
  });
  const [first] = used;
  if (first === undefined) return [];
  return [
    {
      name: `maximum compute use of an instance, ${used.length} of the failed runs`,
      value: rounded(Math.max(...used.map(({ maximum }) => maximum))),
      unit: '% of one device',
      window: interval(Math.min(...used.map(({ start }) => start)), Math.max(...used.map(({ end }) => end))),
      source: first.source,
    },
  ];
}

/** How long runs waited before they began: the median. */
function waits(family: readonly Run[], from: Pick<Evidence, 'window' | 'source'>): Evidence[] {
  // What was tried again began earlier than its last attempt, of which alone the start is told.
  const all = family.flatMap(({ created, started, resource: { attributes } }) =>
    created === null || started === null || started < created || Number(attributes['attempts'] ?? 0) > 1
      ? []
      : [(started - created) / 60_000],
  );
  return all.length === 0
    ? []
    : [
        {
          name: 'median wait before start',
          value: String(Math.round(median(all))),
          unit: 'minutes',
          ...from,
        },
      ];
}
