import type { Resource, Telemetry } from '../../../lib/estate/model.ts';
import { END, HOUR } from '../facts.ts';
import {
  arn,
  type Case,
  cost,
  type Expected,
  freshId,
  machine,
  PARTIAL,
  PARTIAL_REGION,
  series,
  TAGGED,
} from './model.ts';

const MONTH = '2816.64';

interface Shape {
  readonly given?: Partial<Resource>;
  /** Series by what each device says; hours count from a week ago. */
  readonly telemetry?: (id: string) => readonly Telemetry[];
  readonly committed?: string;
  readonly verdict: 'IDLE' | 'HELD' | 'SUSPECTED' | 'UNOBSERVED' | null;
  /** Left out: the whole cost for IDLE, none for the rest. */
  readonly saving?: string | null;
  readonly coverage?: Case['coverage'];
  /** What other checks say of the same machine. */
  readonly also?: readonly Omit<Expected, 'resourceId'>[];
}

type Value = number | ((hour: number) => number);
type Change = Partial<Telemetry> & { hours?: number };

/** Compute use, memory and power of the two devices of a machine. */
function devices(
  id: string,
  use: Value | readonly [Value, Value],
  { memory = 300, power = 12, change = {} }: { memory?: Value; power?: Value | null; change?: Change } = {},
): Telemetry[] {
  const [first, second] = Array.isArray(use) ? [use[0], use[1]] : [use, use];
  return [first, second].flatMap((value, device) => [
    series('gpu-utilization', String(device), value ?? 0, { resourceId: id, ...change }),
    series('gpu-memory-used', String(device), memory, { resourceId: id, ...change }),
    ...(power === null ? [] : [series('gpu-power', String(device), power, { resourceId: id, ...change })]),
  ]);
}

/** Devices at rest with the power of each in watts. */
function inWatts(id: string, watts: readonly [Value, Value], memory = 300): Telemetry[] {
  return [
    ...devices(id, 0, { power: null, memory }),
    ...watts.map((value, device) =>
      series('gpu-power', String(device), value, {
        resourceId: id,
        unit: 'watt',
        source: 'CWAgent nvidia_smi_power_draw',
      }),
    ),
  ];
}

function gpu(name: string, shape: Shape): Case {
  const region = shape.given?.region;
  const id =
    shape.given?.id ??
    (region === undefined ? arn(freshId('i')) : arn(freshId('i')).replace('us-east-1', region));
  const saving = shape.saving === undefined ? (shape.verdict === 'IDLE' ? MONTH : null) : shape.saving;
  const expect: Expected[] =
    shape.verdict === null ? [] : [{ check: 'idle-gpu', verdict: shape.verdict, resourceId: id, saving }];
  return {
    name,
    resources: [machine({ id, name, tags: TAGGED, ...shape.given })],
    telemetry: shape.telemetry?.(id) ?? [],
    costs: [
      cost({
        resourceId: id,
        committed: shape.committed ?? '0',
        ...(region === undefined ? {} : { region }),
      }),
    ],
    expect: [...expect, ...(shape.also ?? []).map((each) => ({ ...each, resourceId: id }))],
    ...(shape.coverage === undefined ? {} : { coverage: shape.coverage }),
  };
}

/** The hour of the day, UTC, of the hour-th point of a week that ends at END. */
const hourOfDay = (hour: number) => new Date(END - (168 - hour) * HOUR).getUTCHours();
const weekday = (hour: number) => new Date(END - (168 - hour) * HOUR).getUTCDay();
const endpoint = (name: string) => `arn:aws:sagemaker:us-east-1:111122223333:endpoint/${name}`;
const whole: Change = { bounds: 'every-device', device: null };

export const GPUS: readonly Case[] = [
  gpu('dead: every device below 5% for a week, power at rest', {
    telemetry: (id) => devices(id, 1),
    verdict: 'IDLE',
  }),
  gpu('busy all the time', { telemetry: (id) => devices(id, 80, { power: 90 }), verdict: null }),
  gpu('bursty inference: one hour in the week at 40%, mean far below 5%', {
    telemetry: (id) => devices(id, (hour) => (hour === 77 ? 40 : 0)),
    verdict: null,
  }),
  gpu('nightly batch: busy from 2 to 4 in the night', {
    telemetry: (id) => devices(id, (hour) => ([2, 3].includes(hourOfDay(hour)) ? 95 : 0)),
    verdict: null,
  }),
  gpu('weekday-only work is not idle', {
    telemetry: (id) => devices(id, (hour) => ([0, 6].includes(weekday(hour)) ? 0 : 30)),
    verdict: null,
  }),
  gpu('one of two devices works', { telemetry: (id) => devices(id, [0, 60]), verdict: null }),
  gpu('exactly at the threshold is in use', { telemetry: (id) => devices(id, 5), verdict: null }),
  gpu('just below the threshold is not', { telemetry: (id) => devices(id, 4.99), verdict: 'IDLE' }),
  gpu('a warm model: memory held, no compute', {
    telemetry: (id) => devices(id, 1, { memory: 12_000 }),
    verdict: 'HELD',
  }),
  gpu('no telemetry at all', { verdict: 'UNOBSERVED' }),
  gpu('telemetry of one device only', {
    telemetry: (id) => devices(id, 0).filter(({ device }) => device === '0'),
    verdict: 'UNOBSERVED',
  }),
  gpu('a quarter of the samples is missing', {
    telemetry: (id) =>
      devices(id, 0).map((one) => ({ ...one, points: one.points.filter((_, hour) => hour % 4 !== 3) })),
    verdict: 'UNOBSERVED',
  }),
  gpu('one sample in twenty is missing', {
    telemetry: (id) =>
      devices(id, 0).map((one) => ({ ...one, points: one.points.filter((_, hour) => hour % 20 !== 3) })),
    verdict: 'SUSPECTED',
  }),
  gpu('only the last three days report', {
    telemetry: (id) => devices(id, 0, { change: { hours: 72 } }),
    verdict: 'UNOBSERVED',
  }),
  gpu('busy in the gaps of another: the one value that came is enough to be in use', {
    telemetry: (id) =>
      devices(id, (hour) => (hour === 3 ? 50 : 0)).map((one) => ({
        ...one,
        points: one.points.filter((_, hour) => hour === 3),
      })),
    verdict: null,
  }),
  gpu('not a number is no sample', {
    telemetry: (id) => devices(id, Number.NaN, { power: null }),
    verdict: 'UNOBSERVED',
  }),
  gpu('over 100% is no sample', {
    telemetry: (id) => devices(id, 140, { power: null }),
    verdict: 'UNOBSERVED',
  }),
  gpu('negative is no sample', {
    telemetry: (id) => devices(id, -1, { power: null }),
    verdict: 'UNOBSERVED',
  }),
  gpu('averages alone prove nothing', {
    telemetry: (id) => devices(id, 0, { change: { statistic: 'average' } }),
    verdict: 'UNOBSERVED',
  }),
  gpu('an average of 20% proves that it works', {
    telemetry: (id) => devices(id, 20, { change: { statistic: 'average' } }),
    verdict: null,
  }),
  gpu('no second signal: power is not measured', {
    telemetry: (id) => devices(id, 0, { power: null }),
    verdict: 'SUSPECTED',
  }),
  gpu('power in watts of an unknown card is no second signal', {
    given: { accelerators: [{ kind: 'NVIDIA X9', count: 2, memoryMiB: 32_768 }] },
    telemetry: (id) => inWatts(id, [9, 9]),
    verdict: 'SUSPECTED',
  }),
  gpu('both cards draw 9 W of 70', { telemetry: (id) => inWatts(id, [9, 9]), verdict: 'IDLE' }),
  gpu('one card draws 60 W of 70 while none computes', {
    telemetry: (id) => inWatts(id, [9, 60]),
    verdict: 'SUSPECTED',
  }),
  gpu('one card draws 60 W for one hour', {
    telemetry: (id) => inWatts(id, [9, (hour) => (hour === 100 ? 60 : 9)]),
    verdict: 'SUSPECTED',
  }),
  gpu('the power of one card is not told', {
    telemetry: (id) =>
      inWatts(id, [9, 9]).filter(({ metric, device }) => metric !== 'gpu-power' || device === '0'),
    verdict: 'SUSPECTED',
  }),
  gpu('watts of the machine as a whole', {
    telemetry: (id) => [
      ...devices(id, 0, { power: null }),
      series('gpu-power', null, 18, { resourceId: id, unit: 'watt' }),
    ],
    verdict: 'SUSPECTED',
  }),
  gpu('cards that are divided, of which one part each is told', {
    telemetry: (id) => inWatts(id, [9, 9]).map((one) => ({ ...one, device: `${one.device}/mig-1` })),
    verdict: 'SUSPECTED',
  }),
  gpu('an eighth of a card, whose power is that of the whole card', {
    given: {
      accelerators: [{ kind: 'NVIDIA L4', count: 0.125, memoryMiB: 2861 }],
      attributes: { acceleratorDevices: 1 },
    },
    telemetry: (id) => inWatts(id, [9, 9], 100).filter(({ device }) => device === '0'),
    verdict: 'SUSPECTED',
  }),
  gpu('watts alone, of a card at work', {
    telemetry: (id) => inWatts(id, [65, 9]).filter(({ metric }) => metric === 'gpu-power'),
    verdict: null,
  }),
  gpu('power above rest contradicts the low use', {
    telemetry: (id) => devices(id, 0, { power: 50 }),
    verdict: 'SUSPECTED',
  }),
  gpu('power alone, at work', {
    telemetry: (id) => devices(id, 0, { power: 60 }).filter(({ metric }) => metric === 'gpu-power'),
    verdict: null,
  }),
  gpu('power alone, at rest: suspected, never idle', {
    telemetry: (id) => devices(id, 0).filter(({ metric }) => metric === 'gpu-power'),
    verdict: 'SUSPECTED',
  }),
  gpu('memory is not measured: a loaded model cannot be ruled out', {
    telemetry: (id) => devices(id, 0).filter(({ metric }) => metric !== 'gpu-memory-used'),
    verdict: 'SUSPECTED',
  }),
  gpu('CPU and network alone say nothing of a GPU', {
    telemetry: (id) => [
      series('cpu-utilization', null, 1, { resourceId: id }),
      series('network-in', null, 0, { resourceId: id, unit: 'bytes' }),
    ],
    verdict: 'UNOBSERVED',
  }),
  gpu('launched two days ago', {
    given: { created: '2026-11-18T10:00:00Z' },
    telemetry: (id) => devices(id, 0, { change: { hours: 48 } }),
    verdict: 'SUSPECTED',
  }),
  gpu('launched within the hour', { given: { created: '2026-11-20T10:10:00Z' }, verdict: null }),
  gpu('launch unknown', {
    given: { created: null },
    telemetry: (id) => devices(id, 0),
    verdict: 'SUSPECTED',
  }),
  gpu('stopped', { given: { state: 'stopped' }, verdict: null }),
  gpu('covered whole by a savings plan: idle, and nothing is saved', {
    telemetry: (id) => devices(id, 0),
    committed: MONTH,
    verdict: 'IDLE',
    saving: '0',
  }),
  gpu('covered by half', {
    telemetry: (id) => devices(id, 0),
    committed: '1408.32',
    verdict: 'IDLE',
    saving: '1408.32',
  }),
  gpu('in a Capacity Block, which is paid in advance', {
    given: { attributes: { lifecycle: 'capacity-block' } },
    telemetry: (id) => devices(id, 0),
    verdict: 'IDLE',
    saving: '0',
  }),
  gpu('in a Capacity Reservation, which is billed whether it runs or not', {
    given: { attributes: { lifecycle: 'on-demand', capacityReservation: 'cr-0123456789abcdef0' } },
    telemetry: (id) => devices(id, 0),
    verdict: 'IDLE',
    saving: '0',
  }),
  gpu('an endpoint that nobody asks, in reserved capacity', {
    given: {
      id: endpoint('reserved'),
      type: 'aws:sagemaker:endpoint',
      state: 'InService',
      attributes: {
        mlReservations: ['arn:aws:sagemaker:us-east-1:111122223333:training-plan/inference'],
      },
    },
    telemetry: (id) => [
      series('gpu-utilization', null, 0, { resourceId: id, ...whole }),
      series('gpu-memory-used', null, 2, { resourceId: id, unit: 'percent', ...whole }),
      series('requests', null, 0, { resourceId: id, statistic: 'sum', unit: 'count' }),
    ],
    verdict: 'IDLE',
    saving: null,
  }),
  gpu('a fraction of a card', {
    given: { accelerators: [{ kind: 'NVIDIA L4', count: 0.125, memoryMiB: 2861 }] },
    telemetry: (id) => devices(id, 0, { memory: 100 }).filter(({ device }) => device === '0'),
    verdict: 'IDLE',
  }),
  gpu('no accelerator at all', { given: { accelerators: [], sku: 'm7i.large' }, verdict: null }),
  gpu('Trainium, which no tool of NVIDIA sees', {
    given: { accelerators: [{ kind: 'AWS Trainium2', count: 16, memoryMiB: null }], sku: 'trn2.48xlarge' },
    verdict: 'UNOBSERVED',
  }),
  gpu('in a region of which a part could not be read: no verdict that acts', {
    given: { region: PARTIAL_REGION },
    telemetry: (id) => devices(id, 0),
    coverage: [PARTIAL],
    verdict: 'SUSPECTED',
  }),
  gpu('unobserved in a region of which a part could not be read: that is coverage, not the machine', {
    given: { region: PARTIAL_REGION },
    coverage: [PARTIAL],
    verdict: null,
  }),
  gpu('an endpoint that nobody asks', {
    given: { id: endpoint('quiet'), type: 'aws:sagemaker:endpoint', state: 'InService' },
    telemetry: (id) => [
      series('gpu-utilization', null, 0, { resourceId: id, ...whole }),
      series('gpu-memory-used', null, 2, { resourceId: id, unit: 'percent', ...whole }),
      series('requests', null, 0, { resourceId: id, statistic: 'sum', unit: 'count' }),
    ],
    verdict: 'IDLE',
  }),
  gpu('an endpoint with few requests and little use', {
    given: { id: endpoint('few'), type: 'aws:sagemaker:endpoint', state: 'InService' },
    telemetry: (id) => [
      series('gpu-utilization', null, 1, { resourceId: id, ...whole }),
      series('gpu-memory-used', null, 2, { resourceId: id, unit: 'percent', ...whole }),
      series('requests', null, (hour) => (hour === 30 ? 2 : 0), {
        resourceId: id,
        statistic: 'sum',
        unit: 'count',
      }),
    ],
    verdict: 'SUSPECTED',
    also: [{ check: 'sparse-endpoint', verdict: 'INEFFICIENT', saving: null }],
  }),
  gpu('an endpoint whose requests nobody counted', {
    given: { id: endpoint('silent'), type: 'aws:sagemaker:endpoint', state: 'InService' },
    telemetry: (id) => [
      series('gpu-utilization', null, 0, { resourceId: id, ...whole }),
      series('gpu-memory-used', null, 2, { resourceId: id, unit: 'percent', ...whole }),
    ],
    verdict: 'SUSPECTED',
  }),
  gpu('a notebook instance, which tells nothing of its use', {
    given: {
      id: 'arn:aws:sagemaker:us-east-1:111122223333:notebook-instance/lab',
      type: 'aws:sagemaker:notebook-instance',
      state: 'InService',
    },
    verdict: 'UNOBSERVED',
  }),
  gpu('tags with emoji, right-to-left marks and 256 characters', {
    given: { tags: { ...TAGGED, note: `${'x'.repeat(250)}🧪\u202E` } },
    telemetry: (id) => devices(id, 0),
    verdict: 'IDLE',
  }),
];
