/**
 * sparse-endpoint: machines that stand ready all day for a few requests.
 *
 * What it means: INEFFICIENT is said of an endpoint that answers requests, but so few that it would be cheaper if it
 * ran only while there are some: asynchronous, or scaled to zero. The break-even is arithmetic without a price: each
 * request keeps a machine up for at most `keepsUp`, so that an endpoint of so many hours a month is dearer than one
 * that scales to zero as long as its requests are fewer than hours / keepsUp.
 *
 * What it leaves out: endpoints without a request (`idle-gpu`, `idle-endpoint`); those whose managed instance scaling
 * lets all machines go; asynchronous ones, of which only what was processed is counted; those without nearly every point
 * of requests over the window; those younger than the window; a scope that was not read whole, or not lately.
 *
 * What it cannot see: that Application Auto Scaling lets machines go; how long a request may wait (a cold start takes
 * minutes), how large a model is, when the requests come: requests that come together cost less than is told. A
 * serverless endpoint, which has no accelerator, may be cheaper still.
 */
import { z } from 'zod';
import { type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { Decimal } from '../focus/decimal.ts';
import { timesMoney } from '../focus/money.ts';
import { datasetOf } from '../platform/coverage.ts';
import { costsOf } from './cost.ts';
import { duration, durationMs, interval } from './duration.ts';
import { byResource, readings, type Span } from './gpu-readings.ts';
import { judgementOf } from './judgement.ts';
import type { Check, Evidence } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  window: duration.default('7d').describe('over how long requests are counted'),
  keepsUp: duration.default('15m').describe('how long one request keeps a machine up that scales to zero'),
  share: z
    .number()
    .gt(0)
    .max(100)
    .default(50)
    .describe('share of the break-even, in percent, below which an endpoint is told'),
  sampleShare: z
    .number()
    .gt(0)
    .max(100)
    .default(90)
    .describe('share of the expected samples, in percent, that must have come'),
});
export type SparseEndpointSettings = z.output<typeof settings>;

const MEASURED = 'aws.sagemaker.endpoint-telemetry';

export const sparseEndpoint: Check<SparseEndpointSettings> = {
  id: 'sparse-endpoint',
  title: 'Endpoints with few requests',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: ['aws.sagemaker.endpoints', MEASURED],
  verdicts: { INEFFICIENT: { actionable: false } },
  judge(facts, limits, now) {
    const scopes = new Scopes(facts.coverage);
    const telemetry = byResource(facts.telemetry);
    return facts.resources.flatMap((endpoint) => {
      if (endpoint.type !== 'aws:sagemaker:endpoint' || endpoint.state !== 'InService') return [];
      if (endpoint.attributes['scalesToZero'] === true) return [];
      const named = [scopeOf(endpoint), datasetOf(scopeName(endpoint), MEASURED)];
      const asOf = scopes.lately(scopeName(endpoint), now);
      if (asOf === null || !named.every((name) => scopes.complete(name))) return [];
      const found = countOf(
        endpoint,
        telemetry.get(endpoint.id) ?? [],
        limits,
        Math.min(asOf, now.getTime()),
      );
      if (found === null) return [];
      const { monthlyCost: cost, costBasis } = costsOf(facts).of(endpoint.id);
      const most = new Decimal(found.monthly).div(found.breakEven);
      return [
        judgementOf(facts, endpoint, {
          check: 'sparse-endpoint',
          verdict: 'INEFFICIENT',
          confidence: 'medium',
          saves: null,
          evidence: [
            ...found.evidence,
            ...(cost === null
              ? []
              : [
                  {
                    name: 'cost at most, scaled to zero',
                    value: timesMoney(cost, most).amount,
                    unit: `${cost.currency}: ${cost.amount} x ${found.monthly} / ${found.breakEven}`,
                    window: '',
                    source: costBasis === 'list-estimate' ? 'list prices' : 'bill EffectiveCost',
                  },
                ]),
          ],
          blindSpots: [
            'A request to an endpoint at zero waits until a machine is up, or fails: whether it may is not known here.',
            'Nothing is saved until the endpoint is changed, so that no saving is told.',
          ],
          reason: `It answers some ${found.monthly} requests a month; below ${found.breakEven} it is cheaper where it runs only for them.`,
          scopes: named,
        }),
      ];
    });
  },
  wouldChange(_verdict, { share, keepsUp }) {
    return [
      `More requests than ${share}% of the break-even (hours of a month / ${keepsUp}): no finding.`,
      'No request at all: told as idle, not as sparse.',
    ];
  },
};

/** Hours of the month that costs are of. */
const MONTH = 720;

interface Found {
  /** Requests in 30 days, at the rate of the window, rounded up. */
  readonly monthly: number;
  /** Requests in 30 days at which an endpoint that scales to zero would never be down. */
  readonly breakEven: number;
  readonly evidence: readonly Evidence[];
}

function countOf(
  endpoint: Resource,
  series: readonly Telemetry[],
  { window, keepsUp, share, sampleShare }: SparseEndpointSettings,
  asOf: number,
): Found | null {
  const sums = series.find(({ metric, statistic }) => metric === 'requests' && statistic === 'sum');
  if (sums === undefined) return null;
  const period = sums.period * 1000;
  const end = Math.floor(asOf / period) * period;
  const span: Span = { start: end - durationMs(window), end };
  if (!(Date.parse(endpoint.created ?? '') <= span.start)) return null;
  const [told] = readings([sums], 'requests', span);
  if (told === undefined || told.invalid > 0 || told.share * 100 < sampleShare) return null;
  const whole = countIn(sums, span);
  // Hours in which some variants were silent: what the others answered is known to have come.
  const parts = series.filter(({ metric, statistic }) => metric === 'requests' && statistic === 'average');
  const counted = parts.reduce((sum, one) => sum + countIn(one, span), whole);
  if (counted <= 0) return null;
  // Points that are missing are taken for as busy as the others, and never for less than what is known of them.
  const likely = Math.max(whole / told.share, counted);
  const monthly = Math.ceil((likely / (durationMs(window) / 3_600_000)) * MONTH);
  const breakEven = Math.floor((MONTH * 3_600_000) / durationMs(keepsUp));
  if (monthly * 100 >= breakEven * share) return null;
  const at = { window: interval(span.start, span.end), source: sums.source };
  return {
    monthly,
    breakEven,
    evidence: [
      {
        name: 'requests',
        value: String(counted),
        unit: `count, ${told.received} of ${told.expected} points`,
        ...at,
      },
      { name: 'requests a month', value: String(monthly), unit: 'count, at this rate', ...at },
      {
        name: 'break-even',
        value: String(breakEven),
        unit: `requests a month: ${MONTH} hours / ${keepsUp}`,
        window: '',
        source: 'checks.sparse-endpoint.keepsUp',
      },
    ],
  };
}

function countIn({ points }: Telemetry, { start, end }: Span): number {
  return points
    .filter(({ at }) => Date.parse(at) >= start && Date.parse(at) < end)
    .reduce((sum, { value }) => sum + value, 0);
}
