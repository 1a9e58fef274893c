/**
 * idle-gpu: machines with GPUs or other accelerators that run and compute nothing.
 *
 * What it means: IDLE is said only where every device's maximum stayed below 5% over a whole week, memory was
 * not held, a second signal agrees (no request, or power at rest) and the scope was read whole. HELD is memory
 * in use without compute: a warm model, ask the owner. UNOBSERVED is money that nothing measures. SUSPECTED is
 * the rest of low use. Only IDLE may be acted on, and only IDLE says that something would be saved.
 *
 * What it leaves out: machines that are not running; a machine too young to owe a sample; a machine without
 * enough samples in a scope that was not read whole (coverage tells that, not the machine). A card in use at
 * 5% or more is in use, however little that is. Low CPU and network alone prove nothing and have no threshold
 * here; they stand in the evidence.
 *
 * What it cannot see: the samples that may be missing within hours of which others came (10%; an hour without any
 * makes SUSPECTED of IDLE); an agent that reports ten minutes of every hour; requests that no source counts; what is lost when a process ends; stop protection of an instance of EC2,
 * which is a call an instance: it is read before its owner is told of a stop, and again before the stop. Power in
 * watts counts for cards whose limit is known (T4, L4, A10G, L40S, V100, A100, H100, H200; the evidence names limit and
 * source) and where a series is of one whole card: of parts of a card (MIG, fractional GPUs) nothing is proven.
 * Nodes of GKE and endpoints of Vertex AI are SUSPECTED at most: of the first nothing tells the power, of the second
 * nothing tells the memory in use as a share; notebook instances and Studio apps publish no metric of their GPUs at all,
 * persistent resources of Vertex AI none that is known, and TPUs outside GKE none with the name of their node.
 */
import { z } from 'zod';
import { type Resource, scopeName, scopeOf, type Telemetry } from '../estate/model.ts';
import { datasetOf } from '../platform/coverage.ts';
import { afterStop } from './after-stop.ts';
import { billedOn } from './attached.ts';
import { type Costs, costsOf } from './cost.ts';
import { duration, durationMs, interval } from './duration.ts';
import { advice, blindSpots, powerSetUp, setUp } from './gpu-advice.ts';
import { byResource, devicesOf, type Reading, type Span } from './gpu-readings.ts';
import { type GpuVerdict, gpuVerdict, rounded } from './gpu-verdict.ts';
import { isJob } from './jobs.ts';
import { machinesUnder, machineUnder } from './machine-under.ts';
import type { Check, Evidence, Facts, Judgement } from './model.ts';
import { Scopes } from './scopes.ts';

const percent = z.number().min(0).max(100);

export const settings = z.strictObject({
  window: duration.default('168h').describe('how long no device may have worked'),
  period: duration.default('1h').describe('what one point of telemetry stands for'),
  below: percent.gt(0).default(5).describe('compute use, in percent, from which a device counts as busy'),
  powerShare: percent
    .default(35)
    .describe('power, in percent of the limit of the card, below which it counts as at rest'),
  memoryHeld: percent.default(10).describe('memory in use, in percent, above which a model may be loaded'),
  sampleShare: percent
    .gt(0)
    .default(90)
    .describe('share of the expected samples, in percent, that must have come'),
});
export type IdleGpuSettings = z.output<typeof settings>;

/** Facts older than this cannot say that a machine is idle now: two daily collections may fail, not more. */
const FRESH = 48 * 3_600_000;

export const idleGpu: Check<IdleGpuSettings> = {
  id: 'idle-gpu',
  title: 'Idle GPUs and accelerators',
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
    'gcp.aiplatform.resource-pools',
    'gcp.aiplatform.persistent-resources',
    'gcp.aiplatform.resource-pool-telemetry',
    'gcp.tpu.nodes',
  ],
  verdicts: {
    IDLE: { actionable: true },
    HELD: { actionable: false },
    SUSPECTED: { actionable: false },
    UNOBSERVED: { actionable: false },
  },
  judge(facts, limits, now) {
    const inside = machinesUnder(facts.resources);
    const machines = facts.resources.filter(
      (one) =>
        one.accelerators.length > 0 &&
        WORKING.has(one.state.toLowerCase()) &&
        !isJob(one) &&
        !HOLDS_MACHINES.has(one.type) &&
        !inside.has(one.id),
    );
    if (machines.length === 0) return [];
    const telemetry = byResource(facts.telemetry);
    const costs = costsOf(facts);
    const scopes = new Scopes(facts.coverage);
    return machines.flatMap((machine) => {
      const judged = judgeMachine(machine, telemetry.get(machine.id) ?? [], limits, scopes, now);
      return judged === null ? [] : [finding(machine, judged, facts, costs)];
    });
  },
  wouldChange(verdict, { below, window, sampleShare, memoryHeld, powerShare }) {
    const busy = `One device at ${below}% or more of compute in any period within ${window}: no finding.`;
    const seen = `Less than ${sampleShare}% of the expected samples: UNOBSERVED.`;
    const held = `Memory in use above ${memoryHeld}%: HELD.`;
    const second = `No request, or power below ${powerShare}% of the limit of the card all the time, with memory measured, and each of them in every hour of the window: IDLE.`;
    if (verdict === 'IDLE')
      return [
        busy,
        held,
        seen,
        'A request, where nothing tells the power: SUSPECTED.',
        'An hour of the window of which nothing came: SUSPECTED.',
      ];
    if (verdict === 'HELD') return [busy, `Memory in use at ${memoryHeld}% or less: judged further.`, seen];
    if (verdict === 'SUSPECTED') return [busy, second, seen];
    return [
      busy,
      `At least ${sampleShare}% of the expected samples of every device: judged by what they say.`,
    ];
  },
};

interface Judged extends GpuVerdict {
  readonly verdict: Exclude<GpuVerdict['verdict'], 'ACTIVE'>;
  readonly span: Span;
  readonly hosts: readonly Telemetry[];
}

function judgeMachine(
  machine: Resource,
  series: readonly Telemetry[],
  limits: IdleGpuSettings,
  scopes: Scopes,
  now: Date,
): Judged | null {
  const scope = scopeName(machine);
  const asOf = scopes.asOf(scope);
  const complete = scopesOf(machine).every((name) => scopes.complete(name));
  const fresh = asOf !== null && now.getTime() - asOf <= FRESH;
  const period = durationMs(limits.period);
  const end = Math.floor(Math.min(now.getTime(), asOf ?? now.getTime()) / period) * period;
  const start = end - durationMs(limits.window);
  const launch = machine.created === null ? Number.NaN : Date.parse(machine.created);
  const span = {
    start: Number.isNaN(launch) ? start : Math.max(start, Math.ceil(launch / period) * period),
    end,
  };
  if (span.end - span.start < period) return null;
  const verdict = gpuVerdict(machine, series, limits, {
    span,
    oldEnough: Number.isNaN(launch) ? null : launch <= start,
    scopeComplete: complete && fresh,
  });
  if (verdict.verdict === 'ACTIVE') return null;
  // Nothing is known to be missing on the machine where it is the looking that failed.
  if (verdict.verdict === 'UNOBSERVED' && !complete) return null;
  const hosts = series.filter(({ metric }) => /^(cpu|network)/.test(metric));
  return { ...verdict, verdict: verdict.verdict, span, hosts };
}

function finding(machine: Resource, judged: Judged, facts: Facts, costs: Costs): Judgement {
  const cost = costs.of(machineUnder(machine) ?? machine.id);
  const { verdict } = judged;
  const stop = verdict === 'IDLE' ? afterStop(machine, cost.uncovered) : null;
  return {
    check: idleGpu.id,
    provider: machine.provider,
    accountId: machine.accountId,
    region: machine.region,
    resourceType: machine.type,
    resourceId: machine.id,
    resourceName: machine.name,
    owner: facts.ownerOf(machine),
    verdict,
    confidence: judged.confidence,
    costBasis: cost.costBasis,
    monthlyCost: cost.monthlyCost,
    monthlySaving: stop?.saving ?? null,
    evidence: [
      ...evidence(machine, judged),
      ...cost.evidence,
      ...billedOn(machine, facts.resources, costs),
      ...(stop?.evidence ?? []),
      ...(verdict === 'UNOBSERVED' && judged.use.length === 0 ? setUp(machine) : []),
      ...(verdict === 'SUSPECTED' && judged.power.length === 0 ? powerSetUp(machine) : []),
    ],
    blindSpots: [
      ...judged.blindSpots,
      ...blindSpots(machine, verdict),
      ...(stop?.blindSpots ?? []),
      ...(stop?.saving === undefined || stop.saving === null ? [] : before(machine, facts)),
      ...cost.blindSpots,
    ],
    reason: `${sentence(judged.reason)}${verdict === 'UNOBSERVED' ? ` ${judged.use.length > 0 ? 'Find out why its telemetry has gaps.' : advice(machine)}` : ''}`,
    scopes: scopesOf(machine),
  };
}

/** A machine that was made smaller within the days of the bill cost more before than it costs now. */
function before({ created }: Resource, { billWindow }: Facts): string[] {
  if (created === null || billWindow === null || !(Date.parse(created) > Date.parse(billWindow.start)))
    return [];
  return [
    `It was started or changed last on ${created.slice(0, 10)}: where it ran as another type before, its cost and what it saves are of both.`,
  ];
}

/**
 * What providers call a machine that works: EC2 and Compute Engine; SageMaker (EndpointStatus, NotebookInstanceStatus);
 * Workbench (Instance.state), TPU (Node.state), and our word for an endpoint of Vertex AI that has a model.
 */
const WORKING: ReadonlySet<string> = new Set(['running', 'inservice', 'active', 'ready', 'deployed']);

/** What has accelerators only through its machines, which are judged themselves; the empty part of a reservation has a check of its own. */
const HOLDS_MACHINES: ReadonlySet<string> = new Set([
  'gcp:container:node-pool',
  'aws:ec2:capacity-reservation',
  'gcp:compute:reservation',
]);

/** Datasets that read how busy accelerators are, by type of resource. */
const TELEMETRY: Readonly<Record<string, string>> = {
  'aws:ec2:instance': 'aws.ec2.gpu-telemetry',
  'aws:sagemaker:endpoint': 'aws.sagemaker.endpoint-telemetry',
  'aws:sagemaker:cluster': 'aws.sagemaker.cluster-telemetry',
  'gcp:compute:instance': 'gcp.compute.gpu-telemetry',
  'gcp:notebooks:instance': 'gcp.notebooks.telemetry',
  'gcp:aiplatform:endpoint': 'gcp.aiplatform.endpoint-telemetry',
  'gcp:aiplatform:deployment-resource-pool': 'gcp.aiplatform.resource-pool-telemetry',
};

/** What must be read whole: the machines, and their telemetry. */
function scopesOf(machine: Resource): string[] {
  const telemetry = TELEMETRY[machine.type];
  return machine.dataset === undefined || telemetry === undefined
    ? [scopeOf(machine)]
    : [scopeOf(machine), datasetOf(scopeName(machine), telemetry)];
}

function evidence(machine: Resource, judged: Judged): Evidence[] {
  const window = interval(judged.span.start, judged.span.end);
  const lines = (name: string, all: readonly Reading[], unit: string): Evidence[] =>
    all.flatMap((reading) => {
      const of = reading.device === null ? 'whole machine' : `device ${reading.device}`;
      return [
        {
          name: `${name}, ${of}`,
          value: reading.maximum === null ? 'no data' : rounded(reading.maximum),
          unit: reading.unit.startsWith('percent') ? unit : reading.unit,
          window,
          source: reading.source,
        },
        {
          name: `samples of ${name}, ${of}`,
          value: `${reading.received} of ${reading.expected}`,
          unit: 'points',
          window,
          source: reading.source,
        },
      ];
    });
  return [
    {
      name: 'devices',
      value: String(devicesOf(machine)),
      unit: machine.accelerators.map(({ kind, count }) => `${count} x ${kind}`).join(', '),
      window: '',
      source: machine.sku ?? machine.type,
    },
    ...lines('maximum compute use', judged.use, '%'),
    ...lines('maximum power', judged.power, '% of the limit of the card'),
    ...(judged.limit === null
      ? []
      : [
          {
            name: 'limit of the card',
            value: String(judged.limit.watts),
            unit: 'watt',
            window: '',
            source: judged.limit.source,
          },
        ]),
    ...lines('maximum memory in use', judged.memory, '% of the memory of the device'),
    ...lines('requests', judged.requests, 'count'),
    ...judged.hosts.flatMap(({ metric, statistic, unit, points, source }): Evidence[] => {
      const values = points.map(({ value }) => value).filter(Number.isFinite);
      return !/^(maximum|sum)$/.test(statistic) || values.length === 0
        ? []
        : [
            {
              name: `highest ${metric} of a point`,
              value: rounded(values.reduce((a, b) => Math.max(a, b))),
              unit,
              window,
              source,
            },
          ];
    }),
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
