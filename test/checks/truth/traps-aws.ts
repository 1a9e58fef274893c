import type { ResourceCost } from '../../../lib/checks/model.ts';
import type { Json, Resource, Telemetry } from '../../../lib/estate/model.ts';
import { END, HOUR } from '../facts.ts';
import { arn, type Case, cost, type Expected, machine, series, TAGGED } from './model.ts';
import { AWS_TRAP_THINGS, trapId } from './traps-aws-things.ts';

/** What stands together in a real account and is told apart by one detail alone. */

const MONTH = '2816.64';

type Said = Omit<Expected, 'resourceId'>;
type Bill = Partial<ResourceCost>;

const idle = (saving: string | null = MONTH, more: Partial<Said> = {}): Said => ({
  check: 'idle-gpu',
  verdict: 'IDLE',
  saving,
  ...more,
});
const gpuIs = (verdict: Said['verdict']): Said => ({ check: 'idle-gpu', verdict, saving: null });

/** Two devices by index, with memory and power at rest. */
function atRest(id: string, source = 'CWAgent', names: readonly string[] = ['0', '1']): Telemetry[] {
  return names.flatMap((device) => [
    series('gpu-utilization', device, 1, { resourceId: id, source: `${source} use` }),
    series('gpu-memory-used', device, 300, { resourceId: id, source: `${source} memory` }),
    series('gpu-power', device, 12, { resourceId: id, source: `${source} power` }),
  ]);
}

interface Machine {
  readonly given?: Partial<Resource>;
  readonly attributes?: Readonly<Record<string, Json>>;
  readonly telemetry?: (id: string) => readonly Telemetry[];
  /** Lines of the bill; left out: its whole cost by its ARN. */
  readonly bill?: (id: string) => readonly Bill[];
  readonly expect: readonly Said[];
}

function gpu(name: string, { given = {}, attributes = {}, telemetry = atRest, bill, expect }: Machine): Case {
  const id = arn(trapId('i'));
  return {
    name: `trap: ${name}`,
    resources: [
      machine({ id, name, tags: TAGGED, attributes: { instanceId: id.slice(-19), ...attributes }, ...given }),
    ],
    telemetry: telemetry(id),
    costs: (bill?.(id) ?? [{}]).map((line) => cost({ resourceId: id, ...line })),
    expect: expect.map((one) => ({ ...one, resourceId: id })),
  };
}

const SCALED = { parent: { type: 'aws:autoscaling:group', id: 'trainers' } };
const bare = (id: string) => id.slice(id.lastIndexOf('/') + 1);
const FIVE_MINUTES = HOUR / 12;

const MACHINES: readonly Case[] = [
  gpu('in a scaling group, in a Capacity Block', {
    given: SCALED,
    attributes: { lifecycle: 'capacity-block', capacityReservation: 'cr-1' },
    expect: [idle('0')],
  }),
  gpu('in the same group, on spot', {
    given: SCALED,
    attributes: { lifecycle: 'spot' },
    expect: [idle()],
  }),
  gpu('at rest by two agents that name its devices differently', {
    telemetry: (id) => [...atRest(id), ...atRest(id, 'DCGM', ['GPU-5f2c', 'GPU-77aa'])],
    expect: [idle()],
  }),
  gpu('at rest by two agents, each of which sees one of its devices', {
    telemetry: (id) => [...atRest(id, 'CWAgent', ['0']), ...atRest(id, 'DCGM', ['1'])],
    expect: [gpuIs('UNOBSERVED')],
  }),
  gpu('at rest in points of five minutes', {
    telemetry: (id) =>
      atRest(id).map((one) => ({
        ...one,
        period: 300,
        points: Array.from({ length: 168 * 12 }, (_, at) => ({
          at: new Date(END - (168 * 12 - at) * FIVE_MINUTES).toISOString(),
          value: one.points[0]?.value ?? 0,
        })),
      })),
    expect: [idle()],
  }),
  gpu('stopped and started again three days ago', {
    given: { created: new Date(END - 72 * HOUR).toISOString() },
    telemetry: (id) => atRest(id).map((one) => ({ ...one, points: one.points.slice(-72) })),
    expect: [gpuIs('SUSPECTED')],
  }),
  gpu('of a former generation, too', {
    attributes: { currentGeneration: false },
    given: { dataset: 'aws.ec2.instances' },
    expect: [idle(), { check: 'previous-generation', verdict: 'INEFFICIENT', saving: null }],
  }),
  gpu('billed by its ARN and by its bare id', {
    bill: (id) => [{ effective: '1000' }, { resourceId: bare(id), effective: '1816.64' }],
    expect: [idle(MONTH, { cost: MONTH })],
  }),
  gpu('whose bare id another account bills, too', {
    bill: (id) => [{}, { accountId: '999988887777', resourceId: bare(id), effective: '50000' }],
    expect: [idle(MONTH, { cost: MONTH })],
  }),
  gpu('half of which a credit paid', {
    bill: () => [{}, { service: 'Credits', effective: '-1408.32' }],
    expect: [idle('1408.32', { cost: '1408.32' })],
  }),
  gpu('refunded by more than it cost', {
    bill: () => [{}, { effective: '-2900' }],
    expect: [idle('0', { cost: '-83.36' })],
  }),
  gpu('covered in part by a Savings Plan, in part by a reserved instance', {
    bill: () => [
      { effective: '1000', committed: '1000' },
      { effective: '800', committed: '800' },
      { effective: '16.64' },
    ],
    expect: [idle('16.64', { cost: '1816.64' })],
  }),
  gpu('in a Capacity Reservation that a Savings Plan covers', {
    attributes: { lifecycle: 'on-demand', capacityReservation: 'cr-2' },
    bill: () => [{ committed: MONTH }],
    expect: [idle('0', { cost: MONTH })],
  }),
  gpu('billed in two currencies', {
    bill: () => [{}, { currency: 'EUR', effective: '10' }],
    expect: [idle(null, { cost: null })],
  }),
  gpu('billed in euros', {
    bill: () => [{ currency: 'EUR', effective: '2500.5' }],
    expect: [idle('2500.5', { cost: '2500.5' })],
  }),
  gpu('that sent data before it came to rest', {
    bill: () => [{ effective: '2816.64', byUse: '16.64' }],
    expect: [idle('2800', { cost: MONTH })],
  }),
  gpu('that sent data, and is covered in part', {
    bill: () => [{ effective: '2816.64', byUse: '16.64', committed: '1000' }],
    expect: [idle('1800', { cost: MONTH })],
  }),
  gpu('whose data was refunded', {
    bill: () => [{ effective: '2800', byUse: '-16.64' }],
    expect: [idle('2800', { cost: '2800' })],
  }),
  gpu('that no bill names', { bill: () => [], expect: [idle(null, { cost: null })] }),
];

/** One source alone tells that these work, beside another that is whole: without the one nobody could know. */
export const TOLD_BY_ONE: readonly Case[] = [
  gpu('in the same group, at work', {
    given: SCALED,
    telemetry: (id) => [...atRest(id), series('gpu-utilization', '0', 70, { resourceId: id })],
    expect: [],
  }),
  gpu('at rest by one agent, at work for an hour by another', {
    telemetry: (id) => [
      ...atRest(id),
      series('gpu-utilization', '1', (hour) => (hour === 60 ? 35 : 0), {
        resourceId: id,
        source: 'DCGM DCGM_FI_DEV_GPU_UTIL',
      }),
    ],
    expect: [],
  }),
  gpu('at rest by devices, at work by a figure of the whole machine', {
    telemetry: (id) => [
      ...atRest(id),
      series('gpu-utilization', null, (hour) => (hour > 160 ? 88 : 1), {
        resourceId: id,
        source: 'CWAgent use',
      }),
    ],
    expect: [],
  }),
  gpu('at work for five minutes of the week', {
    telemetry: (id) => [
      ...atRest(id),
      {
        ...series('gpu-utilization', '0', 0, { resourceId: id, source: 'fine' }),
        period: 300,
        points: [{ at: new Date(END - 77 * HOUR - FIVE_MINUTES).toISOString(), value: 40 }],
      },
    ],
    expect: [],
  }),
  gpu('whose agent sends a ratio as percent for some hours', {
    telemetry: (id) => [
      ...atRest(id),
      series('gpu-utilization', '0', (hour) => (hour < 8 ? 9000 : 0), {
        resourceId: id,
        source: 'DCGM ratio',
      }),
    ],
    expect: [gpuIs('SUSPECTED')],
  }),
];

export const AWS_TRAPS: readonly Case[] = [...MACHINES, ...AWS_TRAP_THINGS];
