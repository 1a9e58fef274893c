import { z } from 'zod';
import { type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { duration, durationMs, interval } from './duration.ts';
import { type Reading, readings, type Span } from './gpu-readings.ts';
import type { Evidence } from './model.ts';
import type { Scopes } from './scopes.ts';

/** Telemetry of services is read for two weeks, a quarter of a day a point. */
const READ = 336 * 3_600_000;
const PERIOD = 21_600_000;

/** Settings of a check that rests on what a service publishes of itself. */
export const quietSettings = {
  window: duration
    .refine((text) => durationMs(text) <= READ, 'at most 14d: no more is read')
    .default('14d')
    .describe('how long nothing may have happened, at most 14d'),
  sampleShare: z
    .number()
    .gt(0)
    .max(100)
    .default(95)
    .describe('share of the expected samples, in percent, that must have come'),
};

export interface QuietLimits {
  readonly window: string;
  readonly sampleShare: number;
}

/** What the telemetry of one thing says of a window. */
export interface Quiet {
  /** Every metric that is asked for came whole and was zero all the time. */
  readonly quiet: boolean;
  /** Nothing at all came of any of them, though the telemetry was read whole. */
  readonly silent: boolean;
  readonly evidence: readonly Evidence[];
}

/**
 * Was nothing at all going on over the window? Only a metric that came whole can say so: each of `metrics` must have
 * that many sources, each with enough samples, each zero in every period. Null where it cannot be judged: it is too
 * young, the look is too old, or the thing or its telemetry was not read whole.
 * @param telemetry id of the dataset that reads it
 */
export function quietOf(
  resource: Resource,
  series: readonly Telemetry[],
  metrics: Readonly<Partial<Record<Telemetry['metric'], number>>>,
  telemetry: string,
  { window, sampleShare }: QuietLimits,
  scopes: Scopes,
  now: Date,
): Quiet | null {
  const asOf = scopes.lately(scopeName(resource), now);
  if (asOf === null || !quietScopes(resource, telemetry).every((name) => scopes.complete(name))) return null;
  const end = Math.floor(Math.min(now.getTime(), asOf) / PERIOD) * PERIOD;
  const span: Span = { start: end - durationMs(window), end };
  if (!(Date.parse(resource.created ?? '') <= span.start)) return null;
  const words = interval(span.start, span.end);
  const asked = Object.entries(metrics).flatMap(([metric, sources]) => {
    const found = METRICS.flatMap((one) => (one === metric ? readings(series, one, span) : []));
    return [{ metric, sources, found }];
  });
  return {
    quiet: asked.every(
      ({ sources, found }) =>
        found.length >= sources && found.every((reading) => isZero(reading, sampleShare)),
    ),
    silent: asked.every(({ found }) =>
      found.every(({ maximum, invalid }) => maximum === null && invalid === 0),
    ),
    evidence: asked.flatMap(({ metric, found }) => found.flatMap((reading) => told(metric, reading, words))),
  };
}

/** What must be read whole for such a verdict: the things, and their telemetry. */
export function quietScopes(resource: Resource, telemetry: string): string[] {
  return [scopeOf(resource), datasetOf(scopeName(resource), telemetry)];
}

const METRICS: readonly Telemetry['metric'][] = ['connections', 'bytes', 'requests'];

/** Enough samples, and some of each period: in one of which nothing came, anything may have happened. */
function isZero({ maximum, share, gaps, invalid }: Reading, sampleShare: number): boolean {
  return maximum === 0 && invalid === 0 && gaps === 0 && share * 100 >= sampleShare;
}

function told(
  metric: string,
  { maximum, unit, received, expected, source }: Reading,
  window: string,
): Evidence[] {
  return [
    {
      name: `highest ${metric} of a period`,
      value: maximum === null ? 'no data' : String(maximum),
      unit,
      window,
      source,
    },
    { name: `samples of ${metric}`, value: `${received} of ${expected}`, unit: 'points', window, source },
  ];
}
