import type { Resource, Telemetry } from '../../../lib/estate/model.ts';
import { END, HOUR } from '../facts.ts';
import { billed, COVERED, compute, google, PROJECT } from './google.ts';
import { type Case, type Expected, series, TAGGED } from './model.ts';
import { measured } from './ordinary.ts';

/** AI work in a project of Google Cloud: machines with GPUs, notebooks, endpoints, TPUs, reservations. */
type Value = number | ((hour: number) => number);

const dayOf = (hour: number) => new Date(END - (168 - hour) * HOUR).getUTCDay();

/** What the Ops Agent tells of two devices: compute use, and memory in use, in percent. */
function agent(id: string, use: readonly [Value, Value], memory: Value = 2, hours = 168): Telemetry[] {
  return use.flatMap((value, device) => [
    series('gpu-utilization', String(device), value, {
      resourceId: id,
      hours,
      source: 'Ops Agent gpu/utilization',
    }),
    series('gpu-memory-used', String(device), memory, {
      resourceId: id,
      hours,
      unit: 'percent',
      source: 'Ops Agent gpu/memory/bytes_used',
    }),
  ]);
}

/** What the agent's DCGM receiver tells of the power of two devices, in watts. */
function energy(id: string, watts: readonly [Value, Value]): Telemetry[] {
  return watts.map((value, device) =>
    series('gpu-power', String(device), value, {
      resourceId: id,
      unit: 'watt',
      source: 'Ops Agent gpu.dcgm.energy_consumption',
    }),
  );
}

type Said = Omit<Expected, 'resourceId'>;
const idle = (verdict: Expected['verdict'], saving: string | null = null): Said => ({
  check: 'idle-gpu',
  verdict,
  saving,
  cost: '900',
});

/** A machine of two L4 that has run since May. */
function machine(
  name: string,
  said: readonly Said[],
  telemetry: (id: string) => readonly Telemetry[],
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
  committed = '0',
): Case {
  const id = compute('instances');
  return {
    name: `Google, machine with GPUs: ${name}`,
    resources: [
      google(name, {
        id,
        type: 'gcp:compute:instance',
        state: 'RUNNING',
        sku: 'g2-standard-24',
        accelerators: [{ kind: 'nvidia-l4', count: 2, memoryMiB: null }],
        dataset: 'gcp.compute.instances',
        attributes: {
          acceleratorDevices: 2,
          smallerTypes: [{ type: 'g2-standard-12', devices: 1, memoryMiB: null }],
          ...attributes,
        },
        ...given,
      }),
    ],
    telemetry: telemetry(id),
    costs: [billed(id, '900', committed)],
    coverage: [COVERED],
    expect: said.map((one) => ({ ...one, resourceId: id })),
  };
}

/** A Workbench instance and the machine under it, which the bill names and nobody else does. */
function workbench(
  name: string,
  said: readonly Said[],
  telemetry: (id: string) => readonly Telemetry[],
  accelerated: boolean,
  attributes: Resource['attributes'] = {},
): Case {
  const under = compute('instances');
  const id = `//notebooks.googleapis.com/projects/${PROJECT}/locations/us-central1-a/instances/${under.slice(-12)}`;
  const accelerators = accelerated ? [{ kind: 'nvidia-tesla-t4', count: 2, memoryMiB: null }] : [];
  const both = { acceleratorDevices: accelerated ? 2 : 0 };
  return {
    name: `Workbench: ${name}`,
    resources: [
      google(name, {
        id: under,
        type: 'gcp:compute:instance',
        state: 'RUNNING',
        accelerators,
        dataset: 'gcp.compute.instances',
        attributes: both,
      }),
      google(name, {
        id,
        type: 'gcp:notebooks:instance',
        state: 'ACTIVE',
        accelerators,
        dataset: 'gcp.notebooks.instances',
        attributes: { ...both, machine: under, idleTimeoutSeconds: 10_800, ...attributes },
      }),
    ],
    telemetry: [...telemetry(id), ...telemetry(under)],
    costs: [billed(under, '900')],
    coverage: [COVERED],
    expect: said.map((one) => ({ ...one, resourceId: id })),
  };
}

/** An endpoint with one model on two accelerators, by duty cycle and requests of an hour. */
function endpoint(
  name: string,
  said: readonly Said[],
  use: Value | null,
  requests: Value | null,
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
): Case {
  const id = compute('endpoints').replace(
    /^.*\//,
    `//aiplatform.googleapis.com/projects/${PROJECT}/locations/us-central1/endpoints/`,
  );
  return {
    name: `Vertex endpoint: ${name}`,
    resources: [
      google(name, {
        id,
        type: 'gcp:aiplatform:endpoint',
        region: 'us-central1',
        state: 'DEPLOYED',
        accelerators: [{ kind: 'NVIDIA_L4', count: 2, memoryMiB: null }],
        dataset: 'gcp.aiplatform.endpoints',
        attributes: { reservations: [], private: false, ...attributes },
        ...given,
      }),
    ],
    telemetry: [
      ...(use === null
        ? []
        : [
            series('gpu-utilization', null, use, {
              resourceId: id,
              bounds: 'every-device',
              source: 'Vertex AI accelerator/duty_cycle',
            }),
          ]),
      ...(requests === null
        ? []
        : [
            series('requests', null, requests, {
              resourceId: id,
              statistic: 'sum',
              unit: 'count',
              source: 'Vertex AI prediction_count',
            }),
          ]),
    ],
    costs: [billed(id, '900')],
    coverage: [COVERED],
    expect: said.map((one) => ({ ...one, resourceId: id })),
  };
}

const plain = {
  accelerators: [],
  attributes: {
    reservations: [],
    private: false,
    deployedModels: [{ id: '1', machineType: 'n2-standard-8', minReplicas: 1, pool: null }],
  },
};
const unasked = (verdict: Expected['verdict'], saving: string | null): Said => ({
  check: 'idle-endpoint',
  verdict,
  saving,
  cost: '900',
});

function tpu(name: string, said: readonly Said[], given: Partial<Resource> = {}): Case {
  const id = compute('nodes').replace(
    /^.*\//,
    `//tpu.googleapis.com/projects/${PROJECT}/locations/us-central1-a/nodes/`,
  );
  return {
    name: `TPU: ${name}`,
    resources: [
      google(name, {
        id,
        type: 'gcp:tpu:node',
        state: 'READY',
        accelerators: [{ kind: 'TPU v5litepod-8', count: 1, memoryMiB: null }],
        dataset: 'gcp.tpu.nodes',
        ...given,
      }),
    ],
    costs: [billed(id, '900')],
    coverage: [COVERED],
    expect: said.map((one) => ({ ...one, resourceId: id })),
  };
}

/** A reservation of four machines, by how many ran in each quarter of a day of two weeks. */
function held(
  name: string,
  verdict: Expected['verdict'] | null,
  saving: string | null,
  used: number | ((at: number) => number | null) | null,
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
): Case {
  const id = compute('reservations');
  return {
    name: `Google, reservation: ${name}`,
    resources: [
      google(name, {
        id,
        type: 'gcp:compute:reservation',
        state: 'READY',
        sku: 'a3-highgpu-8g',
        accelerators: [{ kind: 'nvidia-h100-80gb', count: 32, memoryMiB: null }],
        dataset: 'gcp.compute.reservations',
        attributes: {
          totalInstances: 4,
          availableInstances: 4,
          unit: 'instances',
          commitments: [],
          shared: false,
          tagsUnknown: true,
          ...attributes,
        },
        ...given,
      }),
    ],
    telemetry: used === null ? [] : measured(id, 'used-capacity', 'Compute Engine reservation/used', used),
    costs: [billed(id, '9000')],
    coverage: [COVERED],
    expect:
      verdict === null
        ? []
        : [{ check: 'unused-capacity-reservation', verdict, resourceId: id, saving, cost: '9000' }],
  };
}

const OVER = { tags: { ...TAGGED, expires: '2026-10-01' } };
const expired = (verdict: Expected['verdict'], saving: string | null): Said => ({
  check: 'expired-experiment',
  verdict,
  saving,
  cost: '900',
});
const oversized: Said = { check: 'oversized-accelerator', verdict: 'INEFFICIENT', saving: null, cost: '900' };
const cpu = (id: string, value: Value) =>
  series('cpu-utilization', null, value, {
    resourceId: id,
    source: 'Compute Engine instance/cpu/utilization',
  });

const onWeekdays = (hour: number) => (dayOf(hour) % 6 === 0 ? 0 : 60);
const once = (hour: number) => (hour === 20 ? 90 : 0);

export const GOOGLE_AI: readonly Case[] = [
  machine('quiet, and nothing tells its power', [idle('SUSPECTED')], (id) => agent(id, [1, 0])),
  machine('quiet, and its cards draw 16 W of 72', [idle('IDLE', '900')], (id) => [
    ...agent(id, [1, 0]),
    ...energy(id, [16, 16]),
  ]),
  machine('quiet, and one card drew 60 W in one hour', [idle('SUSPECTED')], (id) => [
    ...agent(id, [1, 0]),
    ...energy(id, [16, (hour) => (hour === 90 ? 60 : 16)]),
  ]),
  machine('quiet, and the power of one card is not told', [idle('SUSPECTED')], (id) => [
    ...agent(id, [1, 0]),
    ...energy(id, [16, 16]).slice(0, 1),
  ]),
  machine('a model is loaded, and its cards draw little', [idle('HELD')], (id) => [
    ...agent(id, [1, 0], 80),
    ...energy(id, [20, 20]),
  ]),
  machine('a model is loaded', [idle('HELD')], (id) => agent(id, [1, 0], 80)),
  machine('busy on weekdays alone', [], (id) => agent(id, [onWeekdays, onWeekdays])),
  machine('one hour of work in a week', [], (id) => agent(id, [once, once])),
  machine('without an agent', [idle('UNOBSERVED')], () => []),
  machine('an agent that came yesterday', [idle('UNOBSERVED')], (id) => agent(id, [0, 0], 2, 24)),
  machine('one device told, the other not', [idle('UNOBSERVED')], (id) => agent(id, [0, 0]).slice(0, 2)),
  machine('values over 100 and below 0', [idle('UNOBSERVED')], (id) =>
    agent(id, [(hour) => (hour % 2 === 0 ? 250 : -1), 0]),
  ),
  machine('off', [], (id) => agent(id, [0, 0]), {}, { state: 'SUSPENDED' }),
  machine('one of two devices works', [oversized], (id) => agent(id, [80, 0])),
  machine('one works, the other holds a model', [], (id) => [
    ...agent(id, [80, 0]).slice(0, 3),
    ...agent(id, [80, 0], 60).slice(3),
  ]),
  machine('one works, and no smaller type is known', [], (id) => agent(id, [80, 0]), { smallerTypes: [] }),
  machine(
    'past its date, and quiet',
    [idle('SUSPECTED'), expired('EXPIRED', '900')],
    (id) => agent(id, [0, 0]),
    {},
    OVER,
  ),
  machine(
    'past its date, quiet, and half of it covered by a commitment',
    [idle('SUSPECTED'), expired('EXPIRED', '500')],
    (id) => agent(id, [0, 0]),
    {},
    OVER,
    '400',
  ),
  machine(
    'past its date, quiet, in a reservation that is paid on',
    [idle('SUSPECTED'), expired('EXPIRED', '0')],
    (id) => agent(id, [0, 0]),
    { capacityReservation: 'launch' },
    OVER,
  ),
  machine('past its date, and busy', [expired('HELD', null)], (id) => agent(id, [90, 90]), {}, OVER),

  workbench('quiet, with GPUs', [idle('SUSPECTED')], (id) => agent(id, [1, 1]), true),
  workbench('at work', [], (id) => agent(id, [70, 1]), true),
  workbench('its GPUs are not measured', [idle('UNOBSERVED')], () => [], true),
  workbench(
    'without GPUs, its processor at rest',
    [{ check: 'idle-notebook', verdict: 'SUSPECTED', saving: null, cost: '900' }],
    (id) => [cpu(id, 2)],
    false,
  ),
  workbench('without GPUs, somebody types', [], (id) => [cpu(id, (hour) => (hour === 160 ? 30 : 2))], false),
  workbench('without GPUs, nothing measured', [], () => [], false),
  workbench(
    'that never stops by itself',
    [{ check: 'no-idle-shutdown', verdict: 'NONCOMPLIANT', saving: null }],
    (id) => agent(id, [70, 1]),
    true,
    { idleTimeoutSeconds: null },
  ),

  endpoint('nobody asked in any hour', [idle('SUSPECTED')], 0, 0),
  endpoint('quiet, and some hours without a count of requests', [idle('SUSPECTED')], 0, null),
  endpoint('one that answers', [], 45, 1000),
  endpoint('a request now and then', [idle('SUSPECTED')], 1, (hour) => (hour === 3 ? 1 : 0)),
  endpoint('not measured', [idle('UNOBSERVED')], null, null),
  endpoint('in a reservation', [idle('SUSPECTED')], 0, 0, { reservations: ['launch'] }),

  endpoint('past its date, and quiet', [idle('SUSPECTED'), expired('EXPIRED', '900')], 0, null, {}, OVER),
  endpoint(
    'past its date, quiet, in a reservation',
    [idle('SUSPECTED'), expired('EXPIRED', null)],
    0,
    null,
    { reservations: ['launch'] },
    OVER,
  ),
  endpoint('past its date, and it answers', [expired('HELD', null)], 45, 1000, {}, OVER),

  endpoint('without accelerators, nobody asked', [unasked('IDLE', '900')], null, 0, {}, plain),
  endpoint('without accelerators, no count at all', [unasked('UNOBSERVED', null)], null, null, {}, plain),
  endpoint('without accelerators, asked once', [], null, (hour) => (hour === 99 ? 1 : 0), {}, plain),
  endpoint(
    'without accelerators, nobody asked, in a reservation',
    [unasked('IDLE', null)],
    null,
    0,
    {},
    {
      ...plain,
      attributes: { ...plain.attributes, reservations: ['launch'] },
    },
  ),
  endpoint(
    'without accelerators, private',
    [],
    null,
    null,
    {},
    {
      ...plain,
      attributes: { ...plain.attributes, private: true },
    },
  ),
  endpoint(
    'on machines that Vertex AI chose',
    [],
    null,
    0,
    {},
    {
      ...plain,
      attributes: {
        ...plain.attributes,
        deployedModels: [{ id: '1', machineType: null, minReplicas: 1, pool: null }],
      },
    },
  ),

  tpu('past its date', [idle('UNOBSERVED'), expired('HELD', null)], OVER),
  tpu('nothing tells of one node', [idle('UNOBSERVED')]),
  tpu('off', [], { state: 'STOPPED' }),
  tpu('wanted, and not there', [], { state: 'CREATING' }),

  held('nothing ran in it', 'IDLE', '9000', 0),
  held('nothing ran, and it belongs to a commitment', 'IDLE', null, 0, { commitments: ['gpus-1y'] }),
  held('nothing ran, and it ends by itself', 'IDLE', null, 0, { endsAt: '2026-12-24T00:00:00.000Z' }),
  held('nothing ran, and other projects may use it', 'IDLE', null, 0, { shared: true }),
  held('one of four ran', 'INEFFICIENT', null, (at) => (at === 40 ? 1 : 0)),
  held('all ran once', null, null, (at) => (at === 40 ? 4 : 0)),
  held('some run now, though nothing was measured to run', 'INEFFICIENT', null, 0, { availableInstances: 2 }),
  held('a fifth of its samples missing', 'SUSPECTED', null, (at) => (at % 5 === 0 ? null : 0)),
  held('empty now, and not measured', 'SUSPECTED', null, null),
  held('in use now, and not measured', null, null, null, { availableInstances: 3 }),
  held('how many run is not told', null, null, 0, { availableInstances: null }),
  held('three days old', null, null, 0, {}, { created: '2026-11-17T00:00:00.000Z' }),
  held('not ready yet', null, null, 0, {}, { state: 'CREATING' }),
];
