/**
 * idle-provisioned-throughput: model units of Bedrock that are paid by the hour and answer nobody.
 *
 * What it means: IDLE is said where CloudWatch has a count for every point of the window and all of them are
 * zero. SUSPECTED is silence: invocations were counted before, and since then no point came; Bedrock may
 * publish none where there is nothing to count, but a missing point proves nothing. UNOBSERVED is a throughput
 * of which no invocation was ever counted: it may never have been called, or be called where nobody counts.
 *
 * What it leaves out: throughputs that are not in service or younger than the window; an account and region whose
 * throughputs or counts were not read whole, or not lately. One invocation or throttled request is use.
 *
 * What it cannot see: calls through an endpoint that publishes into another namespace; why the units are kept.
 */
import { z } from 'zod';
import { type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { numberOf, textOf, timeOf } from './attributes.ts';
import { duration, durationMs, interval } from './duration.ts';
import { byResource, type Reading, readings, type Span } from './gpu-readings.ts';
import { judgementOf } from './judgement.ts';
import type { Check, Evidence, Verdict } from './model.ts';
import { Scopes } from './scopes.ts';

export const settings = z.strictObject({
  window: duration.default('7d').describe('how long no model may have been called'),
  sampleShare: z
    .number()
    .gt(0)
    .max(100)
    // What is left out may be the one request: the price of a wrong word is high, and so is that of the units.
    .default(100)
    .describe('share of the expected samples, in percent, that must have come'),
});
export type IdleProvisionedThroughputSettings = z.output<typeof settings>;

const LISTED = 'aws.bedrock.provisioned-throughputs';
const COUNTED = 'aws.bedrock.invocations';

export const idleProvisionedThroughput: Check<IdleProvisionedThroughputSettings> = {
  id: 'idle-provisioned-throughput',
  title: 'Provisioned throughput that nobody calls',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: [LISTED, COUNTED],
  // A deletion cannot be undone: only the owner's own word and another person's approval lead to one.
  verdicts: {
    IDLE: { actionable: false },
    SUSPECTED: { actionable: false },
    UNOBSERVED: { actionable: false },
  },
  judge(facts, limits, now) {
    const scopes = new Scopes(facts.coverage);
    const telemetry = byResource(facts.telemetry);
    return facts.resources.flatMap((unit) => {
      if (unit.type !== 'aws:bedrock:provisioned-model-throughput' || unit.state !== 'InService') return [];
      const named = [scopeOf(unit), datasetOf(scopeName(unit), COUNTED)];
      const asOf = scopes.lately(scopeName(unit), now);
      if (asOf === null || !named.every((name) => scopes.complete(name))) return [];
      const found = verdictOf(unit, telemetry.get(unit.id) ?? [], limits, Math.min(asOf, now.getTime()));
      if (found === null) return [];
      const ends = timeOf(unit, 'commitmentEnds');
      const committed =
        textOf(unit, 'commitmentDuration') !== null && (ends === null || ends > now.getTime());
      return [
        judgementOf(facts, unit, {
          check: 'idle-provisioned-throughput',
          verdict: found.verdict,
          confidence: found.verdict === 'SUSPECTED' ? 'medium' : 'high',
          saves: found.verdict === 'IDLE' && !committed ? 'its whole cost' : null,
          evidence: [...termsOf(unit), ...found.evidence],
          blindSpots: [
            ...(committed
              ? [
                  `It is committed until ${ends === null ? 'a date that is not told' : day(ends)} and cannot be deleted before: nothing is saved until then.`,
                ]
              : []),
            'Who calls it by another name than its ARN is not seen.',
          ],
          reason: found.reason,
          scopes: named,
        }),
      ];
    });
  },
  wouldChange(verdict, { window, sampleShare }) {
    const use = `One counted or throttled request within ${window}: no finding.`;
    return verdict === 'IDLE'
      ? [use]
      : [use, `A count of zero in ${sampleShare}% of the points of ${window}: IDLE.`];
  },
};

interface Found {
  readonly verdict: Extract<Verdict, 'IDLE' | 'SUSPECTED' | 'UNOBSERVED'>;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/** Null where it is in use, or too young to tell. */
function verdictOf(
  unit: Resource,
  all: readonly Telemetry[],
  { window, sampleShare }: IdleProvisionedThroughputSettings,
  asOf: number,
): Found | null {
  const series = all.filter(({ metric }) => metric === 'requests');
  const period = (series[0]?.period ?? 3600) * 1000;
  const end = Math.floor(asOf / period) * period;
  const span: Span = { start: end - durationMs(window), end };
  const made = Date.parse(unit.created ?? '');
  if (!(made <= span.start)) return null;
  const told = readings(series, 'requests', span);
  if (told.some(({ maximum }) => maximum !== null && maximum > 0)) return null;
  const evidence = told.map((reading) => countOf(reading, span));
  const counted = told.find(({ source }) => source === INVOCATIONS);
  if (
    counted !== undefined &&
    counted.maximum === 0 &&
    counted.gaps === 0 &&
    counted.share * 100 >= sampleShare
  )
    return { verdict: 'IDLE', reason: `No request was counted within ${window}.`, evidence };
  const last = lastUse(series, span.start);
  if (last === null)
    return {
      verdict: 'UNOBSERVED',
      reason: 'No request of it was ever counted: nobody called it, or nobody counts.',
      evidence,
    };
  return {
    verdict: 'SUSPECTED',
    reason: `Its last counted request was before ${new Date(last).toISOString()}; since then no request is counted.`,
    evidence: [
      ...evidence,
      {
        name: 'last request counted before',
        value: new Date(last).toISOString(),
        unit: '',
        window: '',
        source: INVOCATIONS,
      },
    ],
  };
}

const INVOCATIONS = 'AWS/Bedrock Invocations';

/** End of the last period before `before` in which something was counted. */
function lastUse(series: readonly Telemetry[], before: number): number | null {
  let last: number | null = null;
  for (const { period, points } of series)
    for (const { at, value } of points) {
      const time = Date.parse(at);
      if (value > 0 && time < before) last = Math.max(last ?? 0, time + period * 1000);
    }
  return last;
}

function countOf({ maximum, source, received, expected }: Reading, { start, end }: Span): Evidence {
  return {
    name: `most ${source.slice(source.indexOf(' ') + 1)} of a point`,
    value: maximum === null ? 'no data' : String(maximum),
    unit: `count, ${received} of ${expected} points`,
    window: interval(start, end),
    source,
  };
}

function termsOf(unit: Resource): Evidence[] {
  const source = 'bedrock:ListProvisionedModelThroughputs';
  const units = numberOf(unit, 'modelUnits');
  const term = textOf(unit, 'commitmentDuration');
  return [
    ...(units === null
      ? []
      : [{ name: 'model units', value: String(units), unit: unit.sku ?? '', window: '', source }]),
    {
      name: 'commitment',
      value: term ?? 'none',
      unit: textOf(unit, 'commitmentEnds') ?? '',
      window: '',
      source,
    },
  ];
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
