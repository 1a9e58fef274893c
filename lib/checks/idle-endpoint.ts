/**
 * idle-endpoint: endpoints without accelerators that nobody asks.
 *
 * What it means: IDLE is said of an endpoint in service on machines without accelerators of which, over the whole
 * window, every hour has a count of requests and every count is zero: of SageMaker, and of Vertex AI with machines of
 * its own. UNOBSERVED is one of which no request was ever
 * counted, though the counts were read whole: an hour without a point is not an hour without requests.
 *
 * What it leaves out: private endpoints of Vertex AI, and those whose machines Vertex AI chose or several endpoints
 * share; endpoints with accelerators, or that may have some (`idle-gpu`); serverless ones, which cost nothing while
 * nobody asks, unless concurrency is provisioned for them; asynchronous ones that processed a request (no hour without
 * one is counted of them, so that they are never IDLE); those younger than the window; one whose counts have holes; a
 * scope that was not read whole, or not lately.
 *
 * What it cannot see: requests that come less often than the window is long; the last full hour, whose counts may
 * still come in.
 */
import { z } from 'zod';
import { type Json, type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { afterStop, reservedBy } from './after-stop.ts';
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

/** Where the endpoints of a provider are read, and how often they were asked. */
const KINDS = {
  'aws:sagemaker:endpoint': {
    listed: 'aws.sagemaker.endpoints',
    measured: 'aws.sagemaker.endpoint-telemetry',
    blindSpot:
      'Its URL is gone while it is deleted; undo creates it again from the configuration that is kept.',
  },
  'gcp:aiplatform:endpoint': {
    listed: 'gcp.aiplatform.endpoints',
    measured: 'gcp.aiplatform.endpoint-telemetry',
    blindSpot:
      'It answers nobody while its models are not deployed; undo deploys them again, which takes minutes.',
  },
} as const;

function kindOf({ type }: Resource): (typeof KINDS)[keyof typeof KINDS] | null {
  return type === 'aws:sagemaker:endpoint' || type === 'gcp:aiplatform:endpoint' ? KINDS[type] : null;
}

export const idleEndpoint: Check<IdleEndpointSettings> = {
  id: 'idle-endpoint',
  title: 'Endpoints that nobody asks',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: Object.values(KINDS).flatMap(({ listed, measured }) => [listed, measured]),
  verdicts: { IDLE: { actionable: true }, UNOBSERVED: { actionable: false } },
  judge(facts, { window }, now) {
    const scopes = new Scopes(facts.coverage);
    const telemetry = byResource(facts.telemetry);
    return facts.resources.flatMap((endpoint) => {
      const kind = kindOf(endpoint);
      if (kind === null || !isPlain(endpoint)) return [];
      const named = [scopeOf(endpoint), datasetOf(scopeName(endpoint), kind.measured)];
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
              saves: found.verdict === 'IDLE' && reservedBy(endpoint).length === 0 ? 'its whole cost' : null,
              blindSpots: [
                ...afterStop(endpoint, null).blindSpots,
                kind.blindSpot,
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
function isPlain(endpoint: Resource): boolean {
  const { type, state, sku, accelerators, attributes } = endpoint;
  if (accelerators.length > 0) return false;
  if (type === 'gcp:aiplatform:endpoint') return state === 'DEPLOYED' && hasOwnMachines(endpoint);
  return state === 'InService' && sku !== null && attributes['acceleratorsUnknown'] === false;
}

/** Does every model of an endpoint of Vertex AI run on machines of its own that always run, and is it not private? */
function hasOwnMachines({ attributes }: Resource): boolean {
  const { deployedModels, private: isPrivate } = attributes;
  return (
    isPrivate === false &&
    Array.isArray(deployedModels) &&
    deployedModels.length > 0 &&
    deployedModels.every((model: Json) => {
      if (typeof model !== 'object' || model === null || Array.isArray(model)) return false;
      const { machineType, minReplicas, pool } = Object.fromEntries(Object.entries(model));
      return (
        typeof machineType === 'string' && typeof minReplicas === 'number' && minReplicas > 0 && pool === null
      );
    })
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
