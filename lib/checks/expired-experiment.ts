/**
 * expired-experiment: machines whose owner wrote on them until when they are needed, and that date is past.
 *
 * What it means: EXPIRED is said of a machine that works, carries an expiry tag whose date is over, and whose
 * accelerators were seen all of the last day without doing anything. HELD is the same machine where it is at work or
 * answers requests, or where nothing measures whether it is: only its owner's own click may stop that. NONCOMPLIANT is
 * an expiry tag that holds no date, or a missing one where `required` asks for it.
 *
 * What it leaves out: machines that do not run; Studio apps that run on no machine of the user's; dates of which the
 * last hour, anywhere on Earth, is not over.
 *
 * What it cannot see: whether a machine without accelerators is at work (it is HELD); a date that was written in
 * another calendar or order of day and month (it is no date here).
 */
import { z } from 'zod';
import { MIG_PART, type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { afterStop } from './after-stop.ts';
import { costsOf } from './cost.ts';
import { duration, durationMs, interval } from './duration.ts';
import { byResource, readings } from './gpu-readings.ts';
import { machinesUnder, machineUnder } from './machine-under.ts';
import type { Check, Evidence, Facts, Judgement } from './model.ts';
import { Scopes } from './scopes.ts';
import { bareKey, fold, ownTags } from './tags.ts';

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

export const settings = z.strictObject({
  tags: z
    .array(z.string().min(1))
    .min(1)
    .default(['expires', 'expires-on', 'expiry', 'expiry-date', 'expiration', 'delete-after'])
    .describe('tag keys that hold the date until which something is needed'),
  required: z
    .record(z.string().min(1), oneOrMore)
    .default({})
    .describe('what carries all of these tags must have such a date, too'),
  window: duration.default('24h').describe('how long no device may have worked'),
  below: z
    .number()
    .gt(0)
    .max(100)
    .default(5)
    .describe('compute use, in percent, from which a device counts as busy'),
  sampleShare: z
    .number()
    .gt(0)
    .max(100)
    .default(90)
    .describe('share of the expected samples, in percent, that must have come'),
});
export type ExpiredExperimentSettings = z.output<typeof settings>;

/** Types that run and can be stopped, with the states in which they run and the dataset that tells how busy they are. */
const RUNS: ReadonlyMap<string, { readonly states: readonly string[]; readonly telemetry: string | null }> =
  new Map([
    ['aws:ec2:instance', { states: ['running'], telemetry: 'aws.ec2.gpu-telemetry' }],
    ['aws:sagemaker:endpoint', { states: ['InService'], telemetry: 'aws.sagemaker.endpoint-telemetry' }],
    ['aws:sagemaker:notebook-instance', { states: ['InService'], telemetry: null }],
    ['aws:sagemaker:app', { states: ['InService'], telemetry: null }],
    ['aws:sagemaker:cluster', { states: ['InService'], telemetry: 'aws.sagemaker.cluster-telemetry' }],
    ['gcp:compute:instance', { states: ['RUNNING'], telemetry: 'gcp.compute.gpu-telemetry' }],
    ['gcp:notebooks:instance', { states: ['ACTIVE'], telemetry: 'gcp.notebooks.telemetry' }],
    ['gcp:aiplatform:endpoint', { states: ['DEPLOYED'], telemetry: 'gcp.aiplatform.endpoint-telemetry' }],
    ['gcp:aiplatform:persistent-resource', { states: ['RUNNING'], telemetry: null }],
    ['gcp:tpu:node', { states: ['READY'], telemetry: null }],
  ]);

export const expiredExperiment: Check<ExpiredExperimentSettings> = {
  id: 'expired-experiment',
  title: 'Experiments past their date',
  needs: ['resources', 'telemetry', 'costs'],
  datasets: [
    'aws.ec2.instances',
    'aws.ec2.gpu-telemetry',
    'aws.sagemaker.endpoints',
    'aws.sagemaker.endpoint-telemetry',
    'aws.sagemaker.notebooks',
    'aws.sagemaker.apps',
    'aws.sagemaker.clusters',
    'aws.sagemaker.cluster-telemetry',
    'gcp.compute.instances',
    'gcp.compute.gpu-telemetry',
    'gcp.notebooks.instances',
    'gcp.notebooks.telemetry',
    'gcp.aiplatform.endpoints',
    'gcp.aiplatform.endpoint-telemetry',
    'gcp.aiplatform.persistent-resources',
    'gcp.tpu.nodes',
  ],
  verdicts: {
    EXPIRED: { actionable: true },
    HELD: { actionable: false },
    NONCOMPLIANT: { actionable: false },
  },
  judge(facts, limits, now) {
    const keys = new Set(limits.tags.map(fold));
    const asks = Object.keys(limits.required).length > 0;
    const telemetry = byResource(facts.telemetry);
    const scopes = new Scopes(facts.coverage);
    const inside = machinesUnder(facts.resources);
    return facts.resources.flatMap((machine) => {
      if (RUNS.get(machine.type)?.states.includes(machine.state) !== true || inside.has(machine.id))
        return [];
      if (machine.type === 'aws:sagemaker:app' && machine.sku === null) return [];
      if (!asks && !mayDate(machine, keys)) return [];
      const tags = ownTags(machine.provider, machine.tags);
      const dates = [...tags].filter(([key]) => keys.has(fold(key)));
      const found = verdictOf(machine, dates, tags, telemetry.get(machine.id) ?? [], scopes, limits, now);
      return found === null ? [] : [judgement(machine, dates, found, facts)];
    });
  },
  wouldChange(verdict, { tags, below, window }) {
    const later = 'A later date in the tag, or the machine stopped: no finding.';
    if (verdict === 'EXPIRED') return [later, `A device at ${below}% or more within ${window}: HELD.`];
    if (verdict === 'HELD')
      return [later, `Every device measured, and below ${below}% for ${window}: EXPIRED.`];
    return [`A date like 2026-11-30 in one of the tags ${tags.join(', ')}: no finding until it is over.`];
  },
};

interface Found {
  readonly verdict: 'EXPIRED' | 'HELD' | 'NONCOMPLIANT';
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/** Has it a tag that could hold a date? Most machines have none, and nothing more need be read of them. */
function mayDate({ provider, tags }: Resource, keys: ReadonlySet<string>): boolean {
  for (const key in tags) if (keys.has(fold(bareKey(provider, key)))) return true;
  return false;
}

function verdictOf(
  machine: Resource,
  dates: readonly (readonly [string, string])[],
  tags: ReadonlyMap<string, string>,
  series: readonly Telemetry[],
  scopes: Scopes,
  limits: ExpiredExperimentSettings,
  now: Date,
): Found | null {
  if (dates.length === 0) {
    const wanted = Object.entries(limits.required);
    const asked =
      wanted.length > 0 && wanted.every(([key, values]) => [values].flat().includes(tags.get(key) ?? ''));
    if (!asked) return null;
    const reason = `It says until when it is needed with none of the tags ${limits.tags.join(', ')}.`;
    return { verdict: 'NONCOMPLIANT', reason, evidence: [] };
  }
  const ends = dates.map(([key, value]) => ({ key, value, at: endOf(value) }));
  const unread = ends.find(({ at }) => at === null);
  if (unread !== undefined)
    return {
      verdict: 'NONCOMPLIANT',
      reason: `Its tag ${unread.key} holds no date like 2026-11-30: ${JSON.stringify(unread.value)}.`,
      evidence: [],
    };
  // Of two dates the later one counts.
  const last = ends.reduce((a, b) => ((b.at ?? 0) > (a.at ?? 0) ? b : a));
  if (last.at === null || now.getTime() < last.at) return null;
  const past = `Its tag ${last.key} says ${last.value}, which is over`;
  const use = atWork(machine, series, scopes, limits, now);
  return use.atRest
    ? {
        verdict: 'EXPIRED',
        reason: `${past}, and no device reached ${limits.below}% within the last ${limits.window}.`,
        evidence: use.evidence,
      }
    : { verdict: 'HELD', reason: `${past}, but ${use.why}.`, evidence: use.evidence };
}

/**
 * When a date is over everywhere on Earth: a day ends last at UTC-12. A time with a zone is that time. Null for
 * everything else, 31 February included.
 */
export function endOf(text: string): number | null {
  const value = text.trim();
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (day !== null) {
    const start = Date.parse(`${value}T00:00:00.000Z`);
    return Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== value
      ? null
      : start + 36 * 3_600_000;
  }
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(value)) return null;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : at;
}

type Use = { readonly evidence: readonly Evidence[] } & (
  | { readonly atRest: true }
  | { readonly atRest: false; readonly why: string }
);

function atWork(
  machine: Resource,
  series: readonly Telemetry[],
  scopes: Scopes,
  { window, below, sampleShare }: ExpiredExperimentSettings,
  now: Date,
): Use {
  const dataset = RUNS.get(machine.type)?.telemetry ?? null;
  if (machine.accelerators.length === 0 || dataset === null)
    return { atRest: false, why: 'nothing measures whether it is at work', evidence: [] };
  const whole = scopes.complete(scopeOf(machine)) && scopes.complete(datasetOf(scopeName(machine), dataset));
  const end = Math.floor(now.getTime() / 3_600_000) * 3_600_000;
  const span = { start: end - durationMs(window), end };
  const use = readings(series, 'gpu-utilization', span);
  const evidence = use.map(({ device, maximum, source }) => ({
    name: `maximum compute use, ${device === null ? 'whole machine' : `device ${device}`}`,
    value: maximum === null ? 'no data' : String(Math.round(maximum * 100) / 100),
    unit: '%',
    window: interval(span.start, span.end),
    source,
  }));
  const busy = use.some(({ maximum }) => maximum !== null && maximum >= below);
  if (busy) return { atRest: false, why: 'a device of it is at work', evidence };
  if (readings(series, 'requests', span).some(({ maximum }) => maximum !== null && maximum > 0))
    return { atRest: false, why: 'it answers requests', evidence };
  const devices = machine.attributes['acceleratorDevices'];
  const expected = typeof devices === 'number' && devices > 0 ? Math.ceil(devices) : null;
  // A part of a card says nothing of its other parts, and a value that cannot be one may be work told in another unit.
  const full = use.filter(
    ({ share, gaps, maximum, device }) =>
      maximum !== null && gaps === 0 && share * 100 >= sampleShare && device?.includes(MIG_PART) !== true,
  );
  const odd = use.some(({ invalid }) => invalid > 0);
  const bySource = Map.groupBy(full, ({ source }) => source);
  const seen = [...bySource.values()].some(
    (all) =>
      all.some(({ device, bounds }) => device === null && (bounds || expected === 1)) ||
      (expected !== null && new Set(all.flatMap(({ device }) => device ?? [])).size >= expected),
  );
  return whole && seen && !odd
    ? { atRest: true, evidence }
    : { atRest: false, why: 'whether every device of it is at rest is not known', evidence };
}

function judgement(
  machine: Resource,
  dates: readonly (readonly [string, string])[],
  { verdict: said, reason, evidence }: Found,
  facts: Facts,
): Judgement {
  const cost = costsOf(facts).of(machineUnder(machine) ?? machine.id);
  const stop = said === 'EXPIRED' ? afterStop(machine, cost.uncovered) : null;
  const telemetry = RUNS.get(machine.type)?.telemetry ?? null;
  return {
    check: expiredExperiment.id,
    provider: machine.provider,
    accountId: machine.accountId,
    region: machine.region,
    resourceType: machine.type,
    resourceId: machine.id,
    resourceName: machine.name,
    owner: facts.ownerOf(machine),
    verdict: said,
    confidence: said === 'HELD' ? 'medium' : 'high',
    costBasis: cost.costBasis,
    monthlyCost: cost.monthlyCost,
    monthlySaving: stop?.saving ?? null,
    evidence: [
      ...dates.map(([key, value]) => ({
        name: `tag ${key}`,
        value,
        unit: '',
        window: '',
        source: 'inventory',
      })),
      ...evidence,
      ...cost.evidence,
      ...(stop?.evidence ?? []),
    ],
    blindSpots: [
      ...(said === 'NONCOMPLIANT'
        ? []
        : ['What its volumes and addresses cost goes on when it stops, and is not in these amounts.']),
      ...(stop?.blindSpots ?? []),
      ...cost.blindSpots,
    ],
    reason,
    scopes:
      telemetry === null || machine.dataset === undefined
        ? [scopeOf(machine)]
        : [scopeOf(machine), datasetOf(scopeName(machine), telemetry)],
  };
}
