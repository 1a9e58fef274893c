import type { Json, Resource, Telemetry } from '../../../lib/estate/model.ts';
import { HOUR, NOW } from '../facts.ts';
import {
  ACCOUNT,
  arn,
  type Case,
  cost,
  type Expected,
  freshId,
  machine,
  REGION,
  series,
  TAGGED,
} from './model.ts';

/** What AI work holds beside machines: units, reservations, jobs, notebooks, endpoints. */

const at = (hoursAgo: number) => new Date(NOW.getTime() - hoursAgo * HOUR).toISOString();
const sagemaker = (rest: string) => `arn:aws:sagemaker:${REGION}:${ACCOUNT}:${rest}`;
const MONTH = '900';

interface Shape {
  readonly given: Partial<Resource> & Pick<Resource, 'id' | 'type'>;
  readonly telemetry?: readonly Telemetry[];
  readonly expect?: readonly Omit<Expected, 'resourceId'>[];
  readonly others?: readonly Resource[];
}

function thing(name: string, { given, telemetry = [], expect = [], others = [] }: Shape): Case {
  const resource = machine({ name, accelerators: [], tags: TAGGED, created: at(2000), ...given });
  return {
    name: `AI: ${name}`,
    resources: [...others, resource],
    telemetry,
    costs: [cost({ resourceId: given.id, effective: MONTH })],
    expect: expect.map((one) => ({ ...one, resourceId: given.id })),
  };
}

/** One value in each of the last `count` quarters of a day that are over. */
function quarters(
  resourceId: string,
  metric: Telemetry['metric'],
  statistic: Telemetry['statistic'],
  count: number,
  value: (index: number) => number | null,
  source: string,
): Telemetry {
  const end = Math.floor(NOW.getTime() / (6 * HOUR)) * 6 * HOUR;
  return {
    resourceId,
    metric,
    statistic,
    unit: 'count',
    device: null,
    period: 21_600,
    points: Array.from({ length: count }, (_, index) => ({
      at: new Date(end - (count - index) * 6 * HOUR).toISOString(),
      value: value(index),
    })).flatMap(({ at: time, value: each }) => (each === null ? [] : [{ at: time, value: each }])),
    expectedPoints: count,
    source,
  };
}

let units = 0;
function unit(
  name: string,
  counted: ((index: number) => number | null) | null,
  expect: Shape['expect'],
  attributes: Resource['attributes'] = {},
): Case {
  units += 1;
  const id = `arn:aws:bedrock:${REGION}:${ACCOUNT}:provisioned-model/unit${units}`;
  return thing(`provisioned throughput, ${name}`, {
    given: {
      id,
      type: 'aws:bedrock:provisioned-model-throughput',
      state: 'InService',
      dataset: 'aws.bedrock.provisioned-throughputs',
      attributes: { modelUnits: 1, commitmentDuration: null, commitmentEnds: null, ...attributes },
    },
    telemetry:
      counted === null ? [] : [quarters(id, 'requests', 'sum', 120, counted, 'AWS/Bedrock Invocations')],
    ...(expect === undefined ? {} : { expect }),
  });
}

const THROUGHPUT = 'idle-provisioned-throughput';
const UNITS: readonly Case[] = [
  unit('counted every day, and never called', () => 0, [
    { check: THROUGHPUT, verdict: 'IDLE', saving: MONTH },
  ]),
  unit('never called, and committed', () => 0, [{ check: THROUGHPUT, verdict: 'IDLE', saving: null }], {
    commitmentDuration: 'SixMonths',
    commitmentEnds: '2027-03-01T00:00:00.000Z',
  }),
  unit('called on weekdays', (index) => (index % 28 < 20 ? 40 : 0), []),
  unit('called once this week', (index) => (index === 95 ? 1 : 0), []),
  unit('silent since two weeks, counted before', (index) => (index < 60 ? 5 : null), [
    { check: THROUGHPUT, verdict: 'SUSPECTED', saving: null },
  ]),
  unit('of which nothing was ever counted', null, [
    { check: THROUGHPUT, verdict: 'UNOBSERVED', saving: null },
  ]),
  unit('with one hole among its zeros', (index) => (index === 110 ? null : 0), [
    { check: THROUGHPUT, verdict: 'UNOBSERVED', saving: null },
  ]),
];

function reservation(
  name: string,
  used: ((index: number) => number | null) | null,
  expect: Shape['expect'],
  attributes: Resource['attributes'] = {},
): Case {
  const id = arn(freshId('cr'), 'capacity-reservation');
  const source = 'AWS/EC2CapacityReservations UsedInstanceCount';
  return thing(`reservation, ${name}`, {
    given: {
      id,
      type: 'aws:ec2:capacity-reservation',
      state: 'active',
      dataset: 'aws.ec2.capacity-reservations',
      // As the collector tells those of all its instances: it is no machine, and no agent is missing on it.
      accelerators: [{ kind: 'NVIDIA H100', count: 16, memoryMiB: 1_310_720 }],
      attributes: {
        totalInstances: 2,
        availableInstances: 2,
        reservationType: 'default',
        commitmentEnds: null,
        unusedBilledTo: null,
        ...attributes,
      },
    },
    telemetry: used === null ? [] : [quarters(id, 'used-capacity', 'maximum', 56, used, source)],
    ...(expect === undefined ? {} : { expect }),
  });
}

const RESERVED = 'unused-capacity-reservation';
const RESERVATIONS: readonly Case[] = [
  reservation('empty all week', () => 0, [{ check: RESERVED, verdict: 'IDLE', saving: MONTH }]),
  reservation('empty, a Capacity Block', () => 0, [{ check: RESERVED, verdict: 'IDLE', saving: null }], {
    reservationType: 'capacity-block',
  }),
  reservation('one of two in use', () => 1, [{ check: RESERVED, verdict: 'INEFFICIENT', saving: null }], {
    availableInstances: 1,
  }),
  reservation('full for an hour on Monday', (index) => (index === 40 ? 2 : 0), []),
  reservation('empty now, unmeasured', null, [{ check: RESERVED, verdict: 'SUSPECTED', saving: null }]),
  reservation('in use now, unmeasured', null, [], { availableInstances: 1 }),
];

function run(name: string, hoursAgo: number, took: number | null, given: Partial<Resource> = {}): Resource {
  return machine({
    id: sagemaker(`training-job/${name}`),
    type: 'aws:sagemaker:training-job',
    name,
    state: took === null ? 'InProgress' : 'Completed',
    created: at(hoursAgo),
    accelerators: [],
    tags: TAGGED,
    dataset: 'aws.sagemaker.training-jobs',
    attributes: {
      jobName: name,
      startedAt: at(hoursAgo),
      endedAt: took === null ? null : at(hoursAgo - took),
      billableSeconds: took === null ? null : took * 3600,
      instanceCount: 1,
      maxRuntimeSeconds: 864_000,
      endReason: null,
      failureReason: null,
    },
    ...given,
  });
}

function jobs(name: string, resources: readonly Resource[], expect: readonly Expected[]): Case {
  return { name: `AI: ${name}`, resources, expect };
}

const family = (name: string) => `job/${ACCOUNT}/${REGION}/aws:sagemaker:training-job/${name}`;
const FAILED = { state: 'Failed' };
const JOBS: readonly Case[] = [
  jobs(
    'a job that failed twice',
    [run('sft-1', 90, 3, FAILED), run('sft-2', 60, 3, FAILED)],
    [{ check: 'failing-job', verdict: 'INEFFICIENT', resourceId: family('sft'), saving: null }],
  ),
  jobs('a job that failed once for an hour', [run('dpo-1', 90, 1, FAILED), run('dpo-2', 60, 3)], []),
  jobs(
    'a job that failed once for two days',
    [run('pre-1', 90, 48, FAILED)],
    [{ check: 'failing-job', verdict: 'INEFFICIENT', resourceId: family('pre'), saving: null }],
  ),
  jobs(
    'trials that a tuning job stopped early',
    [
      run('hpo-1', 50, 1, { state: 'Stopped' }),
      run('hpo-2', 50, 1, { state: 'Stopped' }),
      run('hpo-3', 50, 1, { state: 'Stopped' }),
    ],
    [],
  ),
  jobs('failures before anything was billed', [run('img-1', 90, 0, FAILED), run('img-2', 60, 0, FAILED)], []),
  jobs(
    'a run of a day where the earlier ones took two hours',
    [...[1, 2, 3, 4, 5].map((n) => run(`daily-${n}`, 24 * (n + 2), 2)), run('daily-6', 24, null)],
    [
      {
        check: 'overrunning-job',
        verdict: 'INEFFICIENT',
        resourceId: sagemaker('training-job/daily-6'),
        saving: null,
      },
    ],
  ),
  jobs(
    'a run of three hours where the earlier ones took from one to five',
    [...[1, 2, 3, 4, 5].map((n) => run(`wide-${n}`, 24 * (n + 2), n)), run('wide-6', 3, null)],
    [],
  ),
  jobs('a first run, of whatever length', [run('first-1', 200, null)], []),
];

const FOUR_T4 = { kind: 'NVIDIA T4', count: 4, memoryMiB: 65_536 };

/** A run that began `hoursAgo` and ended after `took` hours, with the sums over the GPUs of its machine, hour by hour. */
function measured(
  name: string,
  hoursAgo: number,
  took: number,
  use: number,
  memory: number,
): [Resource, Telemetry[]] {
  const job = run(name, hoursAgo, took, { accelerators: [FOUR_T4], sku: 'ml.g4dn.12xlarge' });
  const began = NOW.getTime() - hoursAgo * HOUR;
  const first = Math.floor(began / HOUR) * HOUR;
  const of = (metric: Telemetry['metric'], value: number) =>
    series(metric, 'algo-1', value, {
      resourceId: job.id,
      unit: 'device-percent',
      source: `/aws/sagemaker/TrainingJobs ${metric}`,
      points: Array.from({ length: Math.ceil(took) + 1 }, (_, hour) => ({
        at: new Date(first + hour * HOUR).toISOString(),
        value,
      })),
    });
  return [job, [of('gpu-utilization', use), of('gpu-memory-used', memory)]];
}

function measuredJob(name: string, of: ReturnType<typeof measured>, found: boolean): Case {
  const [job, telemetry] = of;
  const resourceId = family(String(job.name).replace(/-\d+$/, ''));
  return {
    name: `AI: ${name}`,
    resources: [job],
    telemetry,
    expect: found
      ? [{ check: 'oversized-accelerator', verdict: 'INEFFICIENT', resourceId, saving: null }]
      : [],
  };
}

const MEASURED_JOBS: readonly Case[] = [
  measuredJob('a job on four GPUs that would fit two', measured('fit-1', 20, 6, 140, 160), true),
  measuredJob('a job on four GPUs that needs all of them', measured('full-1', 20, 6, 390, 160), false),
  measuredJob('a job that holds a model across four GPUs', measured('held-1', 20, 6, 90, 305), false),
  measuredJob('a job of half an hour on four GPUs', measured('short-1', 20, 0.4, 20, 20), false),
  measuredJob('a job whose metric is no number', measured('nan-1', 20, 6, Number.NaN, 20), false),
];

function app(
  name: string,
  attributes: Resource['attributes'],
  expect: Shape['expect'],
  given: Partial<Resource> = {},
): Case {
  return thing(`Studio app, ${name}`, {
    given: {
      id: sagemaker(`app/d-1/${name.replaceAll(' ', '-')}/JupyterLab/default`),
      type: 'aws:sagemaker:app',
      state: 'InService',
      sku: 'ml.t3.medium',
      dataset: 'aws.sagemaker.apps',
      attributes: {
        lastActivity: at(1),
        lastHealthCheck: at(0.1),
        acceleratorsUnknown: false,
        ...attributes,
      },
      ...given,
    },
    ...(expect === undefined ? {} : { expect }),
  });
}

const T4 = [{ kind: 'NVIDIA T4', count: 1, memoryMiB: 16_384 }];
const NOTEBOOK = 'idle-notebook';
const NOTEBOOKS: readonly Case[] = [
  app('in which somebody works', {}, []),
  app('left a week ago', { lastActivity: at(170) }, [
    { check: NOTEBOOK, verdict: 'SUSPECTED', saving: null },
  ]),
  app('left on Friday', { lastActivity: at(66) }, []),
  app('of which only health checks are known', { lastActivity: null }, [
    { check: NOTEBOOK, verdict: 'UNOBSERVED', saving: null },
  ]),
  app(
    'with a GPU of which nothing is known',
    { lastActivity: null },
    [{ check: 'idle-gpu', verdict: 'UNOBSERVED', saving: null }],
    { accelerators: T4, sku: 'ml.g4dn.xlarge' },
  ),
  app('that began today', { lastActivity: at(5) }, [], { created: at(6) }),
  ...domains(),
];

function domains(): Case[] {
  const on: Json = { management: 'ENABLED', minutes: 60 };
  const domain = (name: string, lab: Json, expect: Shape['expect']) =>
    thing(`Studio domain, ${name}`, {
      given: {
        id: sagemaker(`domain/${name.replaceAll(' ', '-')}`),
        type: 'aws:sagemaker:domain',
        state: 'InService',
        dataset: 'aws.sagemaker.domains',
        attributes: { idleShutdown: { jupyterLab: lab, codeEditor: on }, profiles: [] },
      },
      ...(expect === undefined ? {} : { expect }),
    });
  return [
    domain('that shuts idle apps down', on, []),
    domain('that does not', null, [{ check: 'no-idle-shutdown', verdict: 'NONCOMPLIANT', saving: null }]),
  ];
}

/** A machine of eight T4 of which the first `busy` work, in a family that has one of four. */
function oversized(name: string, busy: number, expect: Shape['expect'], seen = 8): Case {
  const id = arn(freshId('i'));
  return thing(`eight devices, ${name}`, {
    given: {
      id,
      type: 'aws:ec2:instance',
      state: 'running',
      sku: 'g4dn.metal',
      accelerators: [{ kind: 'NVIDIA T4', count: 8, memoryMiB: 131_072 }],
      dataset: 'aws.ec2.instances',
      attributes: {
        acceleratorDevices: 8,
        smallerTypes: [{ type: 'g4dn.12xlarge', devices: 4, memoryMiB: 16_384 }],
      },
    },
    telemetry: Array.from({ length: seen }, (_, device) => [
      series('gpu-utilization', String(device), device < busy ? 70 : 0, { resourceId: id }),
      series('gpu-memory-used', String(device), device < busy ? 9_000 : 100, { resourceId: id }),
    ]).flat(),
    ...(expect === undefined ? {} : { expect }),
  });
}

const DEVICES: readonly Case[] = [
  oversized('three at work', 3, [{ check: 'oversized-accelerator', verdict: 'INEFFICIENT', saving: null }]),
  oversized('five at work', 5, []),
  oversized('three at work, one unseen', 3, [], 7),
];

let pods = 0;

/** A HyperPod cluster of two instances with one T4 each, by what each of them told; null: nothing. */
function hyperpod(
  name: string,
  use: readonly [number | null, number | null],
  memoryMiB: number,
  expect: Shape['expect'],
  watts: readonly number[] = [],
): Case {
  pods += 1;
  const id = sagemaker(`cluster/pod${pods}`);
  return thing(`HyperPod, ${name}`, {
    given: {
      id,
      type: 'aws:sagemaker:cluster',
      state: 'InService',
      sku: 'ml.g4dn.xlarge',
      accelerators: [{ kind: 'NVIDIA T4', count: 2, memoryMiB: 32_768 }],
      dataset: 'aws.sagemaker.clusters',
      attributes: { acceleratorDevices: 2 },
    },
    telemetry: use.flatMap((value, index) => {
      const device = `i-${index}/0`;
      return value === null
        ? []
        : [
            series('gpu-utilization', device, value, { resourceId: id, source: 'ContainerInsights use' }),
            ...watts.slice(index, index + 1).map((power) =>
              series('gpu-power', device, power, {
                resourceId: id,
                unit: 'watt',
                source: 'ContainerInsights node_gpu_power_draw',
              }),
            ),
            series('gpu-memory-used', device, memoryMiB, {
              resourceId: id,
              source: 'ContainerInsights memory',
            }),
          ];
    }),
    ...(expect === undefined ? {} : { expect }),
  });
}

const PODS: readonly Case[] = [
  hyperpod('nothing computes', [1, 0], 100, [{ check: 'idle-gpu', verdict: 'SUSPECTED', saving: null }]),
  hyperpod(
    'each card draws 10 W of 70',
    [1, 0],
    100,
    [{ check: 'idle-gpu', verdict: 'IDLE', saving: '900' }],
    [10, 10],
  ),
  hyperpod(
    'the power of one instance is not told',
    [1, 0],
    100,
    [{ check: 'idle-gpu', verdict: 'SUSPECTED', saving: null }],
    [10],
  ),
  hyperpod('a model is loaded', [1, 0], 12_000, [{ check: 'idle-gpu', verdict: 'HELD', saving: null }]),
  hyperpod('one instance at work', [1, 60], 9_000, []),
  hyperpod('one instance unseen', [1, null], 100, [
    { check: 'idle-gpu', verdict: 'UNOBSERVED', saving: null },
  ]),
  hyperpod('nothing measures it', [null, null], 0, [
    { check: 'idle-gpu', verdict: 'UNOBSERVED', saving: null },
  ]),
];

export const AI: readonly Case[] = [
  ...UNITS,
  ...RESERVATIONS,
  ...JOBS,
  ...MEASURED_JOBS,
  ...NOTEBOOKS,
  ...DEVICES,
  ...PODS,
];
