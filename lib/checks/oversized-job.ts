import { scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { interval } from './duration.ts';
import { devicesOf, readings, type Span } from './gpu-readings.ts';
import { rounded } from './gpu-verdict.ts';
import { jobTelemetryOf, jobUse } from './job-use.ts';
import { families, familyId, type Run, runOf } from './jobs.ts';
import { judgementOf } from './judgement.ts';
import type { Evidence, Facts, Judgement } from './model.ts';
import type { Scopes } from './scopes.ts';

const HOUR = 3_600_000;

/** What a run of a job used at the most, in percent of one device: 100 for each whole device of an instance. */
interface Peak {
  readonly run: Run;
  readonly compute: number;
  readonly memory: number;
  readonly start: number;
  readonly end: number;
  readonly sources: string;
}

/**
 * Jobs whose GPUs together never exceeded, on any instance of any run that succeeded within the window, the compute
 * and the memory of fewer of them. Sums over the devices of an instance are all that SageMaker tells: eight devices at
 * 10% each fit one. A job counts where each such run was measured whole, for an hour at the least, and no other run of it
 * is known to have needed more.
 */
export function oversizedJobs(
  facts: Facts,
  telemetry: ReadonlyMap<string, readonly Telemetry[]>,
  limits: { readonly windowMs: number; readonly sampleShare: number },
  scopes: Scopes,
  now: Date,
): Judgement[] {
  const runs = facts.resources.flatMap((resource) => {
    const run =
      resource.accelerators.length > 0 && jobTelemetryOf(resource) !== null ? runOf(resource) : null;
    return run === null ? [] : [run];
  });
  return families(runs).flatMap((family) => {
    const [first] = family;
    if (first === undefined) return [];
    const named = scopesOf(first);
    const asOf = scopes.lately(scopeName(first.resource), now);
    if (asOf === null || !named.every((name) => scopes.complete(name))) return [];
    const until = Math.floor(Math.min(asOf, now.getTime()) / HOUR) * HOUR;
    const since = until - limits.windowMs;
    // Of the hour that was not over when it was looked at, nothing is told yet.
    const ended = family.filter(
      ({ outcome, started, ended: end }) =>
        outcome === 'succeeded' && started !== null && started >= since && end !== null && end <= until,
    );
    const others = family.filter((run) => !ended.includes(run)).map(({ resource: { id } }) => id);
    const peaks = ended.flatMap((run) => peakOf(run, telemetry, limits.sampleShare) ?? []);
    const last = peaks.at(-1);
    if (last === undefined || peaks.length < ended.length) return [];
    const { resource, instances } = last.run;
    // Of another type or number of machines nobody knows which of the two the next run has.
    const same = ended.every((run) => run.resource.sku === resource.sku && run.instances === instances);
    const devices = devicesOf(resource) / (instances ?? 1);
    const compute = Math.max(...peaks.map((peak) => peak.compute));
    const memory = Math.max(...peaks.map((peak) => peak.memory));
    const needed = Math.max(1, Math.ceil(compute / 100), Math.ceil(memory / 100));
    // What runs now, or failed, needs no less for that.
    const more = others.some(
      (id) => uses(telemetry.get(id) ?? [], { start: since, end: until }) > needed * 100,
    );
    if (!same || more || !Number.isInteger(devices) || needed >= devices) return [];
    const judged = judgementOf(facts, resource, {
      check: 'oversized-accelerator',
      verdict: 'INEFFICIENT',
      confidence: 'medium',
      saves: null,
      cost: { costBasis: 'unknown', monthlyCost: null, uncovered: null, evidence: [], blindSpots: [] },
      evidence: evidenceOf(peaks, devices, compute, memory),
      blindSpots: [
        'SageMaker tells the sums over the devices of an instance: how many of them worked at once is not seen.',
        'Whether it would take longer on fewer devices, or needs the processors or network of the larger type, is not seen.',
        'What a smaller type costs is not of this bill, so that no saving is told; what the runs cost stands with each of them.',
      ],
      reason: `In ${peaks.length} ${peaks.length === 1 ? 'run' : 'runs'} the ${devices} devices of an instance together never exceeded the compute and memory of ${needed}.`,
      scopes: named,
    });
    return [{ ...judged, resourceId: familyId(last.run), resourceName: last.run.family }];
  });
}

/** The highest of compute and memory that anybody told of a run, in percent of one device; 0 where nobody did. */
function uses(series: readonly Telemetry[], span: Span): number {
  const maxima = (['gpu-utilization', 'gpu-memory-used'] as const).flatMap((metric) =>
    readings(series, metric, span).flatMap(({ maximum }) => maximum ?? []),
  );
  return Math.max(0, ...maxima);
}

function scopesOf({ resource }: Run): string[] {
  const measured = jobTelemetryOf(resource);
  return [scopeOf(resource), ...(measured === null ? [] : [datasetOf(scopeName(resource), measured)])];
}

/** Null where it was not measured whole. Full hours tell whether it was; the hours around them count for the peak. */
function peakOf(
  run: Run,
  telemetry: ReadonlyMap<string, readonly Telemetry[]>,
  sampleShare: number,
): Peak | null {
  const { resource, started, ended } = run;
  if (started === null || ended === null) return null;
  const full = { start: Math.ceil(started / HOUR) * HOUR, end: Math.floor(ended / HOUR) * HOUR };
  const all = { start: Math.floor(started / HOUR) * HOUR, end: Math.ceil(ended / HOUR) * HOUR };
  if (full.end - full.start < HOUR) return null;
  const series = telemetry.get(resource.id) ?? [];
  const whole = (['gpu-utilization', 'gpu-memory-used'] as const).every(
    (metric) => jobUse(resource, series, metric, full, sampleShare)?.whole === true,
  );
  const compute = jobUse(resource, series, 'gpu-utilization', all, 0);
  const memory = jobUse(resource, series, 'gpu-memory-used', all, 0);
  return !whole || compute === null || memory === null
    ? null
    : {
        run,
        compute: compute.maximum,
        memory: memory.maximum,
        ...all,
        sources: `${compute.source}, ${memory.source}`,
      };
}

function evidenceOf(peaks: readonly Peak[], devices: number, compute: number, memory: number): Evidence[] {
  const [first] = peaks;
  const from = {
    window: interval(Math.min(...peaks.map(({ start }) => start)), Math.max(...peaks.map(({ end }) => end))),
    source: first?.sources ?? '',
  };
  return [
    { name: 'runs measured', value: String(peaks.length), unit: 'runs', ...from },
    { name: 'devices of an instance', value: String(devices), unit: first?.run.resource.sku ?? '', ...from },
    { name: 'maximum compute use of an instance', value: rounded(compute), unit: '% of one device', ...from },
    {
      name: 'maximum memory in use of an instance',
      value: rounded(memory),
      unit: '% of one device',
      ...from,
    },
  ];
}
