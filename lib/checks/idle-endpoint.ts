/**
 * idle-endpoint: endpoints without accelerators that nobody asks.
 *
 * What it means: IDLE is said of an endpoint in service on machines without accelerators of which, over the whole
 * window, every hour has a count of requests and every count is zero. UNOBSERVED is one of which no request was ever
 * counted, though the counts were read whole: an hour without a point is not an hour without requests.
 *
 * What it leaves out: endpoints with accelerators, or that may have some (`idle-gpu`); serverless ones, which cost
 * nothing while nobody asks; those younger than the window; one whose counts have holes; a scope that was not read
 * whole, or not lately.
 *
 * What it cannot see: requests that come less often than the window is long; the last full hour, whose counts may
 * still come in.
 */
import { z } from 'zod';
import { type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { duration, durationMs, interval } from './duration.ts';
import { byResource, readings, type Span } from './gpu-readings.ts';
import { judgementOf } from './judgement.ts';
import type { Check, Evidence, Verdict } from './model.ts';
import { Scopes } from './scopes.ts';

const HOUR = 3_600_000;
/** 168 hours are read, of which the last is left out. */
const READ = 167 * HOUR;

export const settings = z.strictObject({
  window: duration
    .refine((text) => durationMs(text) <= READ, 'at most 167h: no more is read')
    .default('6d')
    .describe('how long nobody may have asked, at most 167h'),
});
export type IdleEndpointSettings = z.output<typeof settings>;

const MEASURED = 'aws.sagemaker.endpoint-telemetry';

export const idleEndpoint: Check<IdleEndpointSettings> = {
  id: 'idle-endpoint',
  title: 'Endpoints that nobody asks',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: ['aws.sagemaker.endpoints', MEASURED],
  verdicts: { IDLE: { actionable: true }, UNOBSERVED: { actionable: false } },
  judge(facts, { window }, now) {
    const scopes = new Scopes(facts.coverage);
    const telemetry = byResource(facts.telemetry);
    return facts.resources.flatMap((endpoint) => {
      if (!isPlain(endpoint)) return [];
      const named = [scopeOf(endpoint), datasetOf(scopeName(endpoint), MEASURED)];
      const asOf = scopes.lately(scopeName(endpoint), now);
      if (asOf === null || !named.every((name) => scopes.complete(name))) return [];
      const end = Math.floor(Math.min(asOf, now.getTime()) / HOUR) * HOUR - HOUR;
      const span: Span = { start: end - durationMs(window), end };
      if (!(Date.parse(endpoint.created ?? '') <= span.start)) return [];
      const found = verdictOf(telemetry.get(endpoint.id) ?? [], span, window);
      return found === null
        ? []
        : [
            judgementOf(facts, endpoint, {
              check: 'idle-endpoint',
              ...found,
              confidence: 'high',
              saves: found.verdict === 'IDLE' ? 'its whole cost' : null,
              blindSpots: [
                'Its URL is gone while it is deleted; undo creates it again from the configuration that is kept.',
                `Who asks less often than once in ${window} is not seen.`,
              ],
              scopes: named,
            }),
          ];
    });
  },
  wouldChange(verdict, { window }) {
    return verdict === 'IDLE'
      ? [`One request within ${window}, or one hour without a count: no finding.`]
      : [`A count of zero in every hour of ${window}: IDLE.`];
  },
};

/** In service on machines that are known to have no accelerator. */
function isPlain({ type, state, sku, accelerators, attributes }: Resource): boolean {
  return (
    type === 'aws:sagemaker:endpoint' &&
    state === 'InService' &&
    sku !== null &&
    accelerators.length === 0 &&
    attributes['acceleratorsUnknown'] === false
  );
}

interface Found {
  readonly verdict: Extract<Verdict, 'IDLE' | 'UNOBSERVED'>;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

function verdictOf(series: readonly Telemetry[], span: Span, window: string): Found | null {
  const told = readings(series, 'requests', span);
  const [counted] = told;
  const evidence = told.map(
    ({ maximum, received, expected, source }): Evidence => ({
      name: 'most requests of an hour',
      value: maximum === null ? 'no data' : String(maximum),
      unit: `count, ${received} of ${expected} hours`,
      window: interval(span.start, span.end),
      source,
    }),
  );
  if (series.every(({ metric, points }) => metric !== 'requests' || points.length === 0))
    return {
      verdict: 'UNOBSERVED',
      reason: 'No request of it was ever counted, nor that there was none.',
      evidence,
    };
  return told.length === 1 && counted?.maximum === 0 && counted.share === 1 && counted.invalid === 0
    ? { verdict: 'IDLE', reason: `Nobody asked it within ${window}.`, evidence }
    : null;
}
