import type { Json, Resource, Snapshot, Telemetry, VectorIndex } from '../estate/model.ts';
import { callsSeen } from './calls.ts';
import {
  ACCOUNTS,
  type Behaviour,
  GCP_PROJECT,
  MACHINES,
  type Machine,
  VECTOR_INDEXES,
  VOLUMES,
} from './cast.ts';
import { dayStart, machineArn, machineId, volumeArn } from './names.ts';
import { seeded } from './random.ts';
import { thingsSeen } from './things.ts';

const WINDOW_HOURS = 168;
const STORE = 'product-db';

/** How a machine stands to which something was done. */
export interface Altered {
  readonly state: 'running' | 'stopping' | 'stopped' | 'pending';
  /** Its last launch. */
  readonly launch: Date;
  readonly behaviour: Behaviour;
}

/** A machine as it stands: what the cast says, but for what was done to it. */
interface Standing extends Machine, Pick<Altered, 'state' | 'launch'> {}

/**
 * The estate as its collectors would have found it `ago` days before `now` (after it where negative), one snapshot
 * a scope.
 * @param altered machines to which something was done, by name
 */
export function estate(
  seed: number,
  now: Date,
  ago = 0,
  altered: ReadonlyMap<string, Altered> = new Map(),
): Snapshot[] {
  const at = new Date(now.getTime() - ago * 86_400_000);
  const machines = MACHINES.filter(
    ({ startedDaysAgo, goneDaysAgo }) =>
      ago < startedDaysAgo && (goneDaysAgo === undefined || ago >= goneDaysAgo),
  ).map(
    (machine): Standing => ({
      ...machine,
      state: 'running',
      launch: dayStart(now, machine.startedDaysAgo),
      ...altered.get(machine.name),
    }),
  );
  const scopes = new Map<string, { accountId: string; region: string }>();
  for (const { account, region } of [...MACHINES, ...VOLUMES])
    scopes.set(`${account} ${region}`, { accountId: ACCOUNTS[account].id, region });
  const aws = [...scopes.values()].map((scope): Snapshot => {
    const here = machines.filter(
      ({ account, region }) => ACCOUNTS[account].id === scope.accountId && region === scope.region,
    );
    const disks = VOLUMES.filter(
      ({ account, region }) => ACCOUNTS[account].id === scope.accountId && region === scope.region,
    );
    const things = thingsSeen(now, ago, scope);
    return {
      schemaVersion: 2,
      scope: { provider: 'aws', ...scope },
      takenAt: at.toISOString(),
      resources: [
        ...here.map((machine) => instance(machine)),
        ...disks.map((disk) => volume(disk, now)),
        ...things.resources,
      ],
      telemetry: [...here.flatMap((machine) => telemetry(machine, seed, at)), ...things.telemetry],
      vectorIndexes: [],
      modelCalls: callsSeen(now, ago, scope),
      coverage: [
        {
          scope: `aws:${scope.accountId}:${scope.region}`,
          status: 'complete',
          reason: null,
          asOf: at.toISOString(),
        },
      ],
    };
  });
  return [...aws, gcpSnapshot(at, now), vectorSnapshot(at, now, ago)];
}

function instance(machine: Standing): Resource {
  return {
    provider: 'aws',
    accountId: ACCOUNTS[machine.account].id,
    region: machine.region,
    type: 'aws:ec2:instance',
    id: machineArn(machine),
    name: machine.name,
    state: machine.state,
    created: machine.launch.toISOString(),
    tags: { Name: machine.name, ...machine.tags },
    sku: machine.type,
    accelerators: [machine.gpu],
    parent: null,
    attributes: { lifecycle: 'on-demand' } satisfies Record<string, Json>,
    dataset: 'aws.ec2.instances',
  };
}

function volume(disk: (typeof VOLUMES)[number], now: Date): Resource {
  const holder = MACHINES.find(({ name }) => name === disk.attachedTo);
  return {
    provider: 'aws',
    accountId: ACCOUNTS[disk.account].id,
    region: disk.region,
    type: 'aws:ec2:volume',
    id: volumeArn(disk),
    name: disk.name,
    state: disk.attachedTo === null ? 'available' : 'in-use',
    created: dayStart(now, 88).toISOString(),
    tags: { Name: disk.name, ...disk.tags },
    sku: 'gp3',
    accelerators: [],
    parent: null,
    attributes: {
      sizeGiB: disk.gib,
      attachments: holder === undefined ? [] : [{ instanceId: machineId(holder), state: 'attached' }],
    },
    dataset: 'aws.ec2.volumes',
  };
}

/** Highest value of each hour for each device, as the agent would have sent it. */
function telemetry(machine: Standing, seed: number, at: Date): Telemetry[] {
  if (machine.behaviour === 'unobserved' || machine.state !== 'running') return [];
  const random = seeded(seed + machine.name.length * 7919 + machine.rate.length);
  const end = Math.floor(at.getTime() / 3_600_000) * 3_600_000;
  const started = Math.ceil(machine.launch.getTime() / 3_600_000) * 3_600_000;
  const start = Math.max(end - WINDOW_HOURS * 3_600_000, started);
  const hours = Array.from(
    { length: Math.max(0, Math.round((end - start) / 3_600_000)) },
    (_, index) => start + index * 3_600_000,
  );
  const present = (machine.behaviour === 'gaps' ? hours.filter((_, index) => index % 4 !== 3) : hours).map(
    (hour) => ({ hour, iso: new Date(hour).toISOString() }),
  );
  const memoryEach = machine.gpu.memoryMiB / machine.gpu.count;
  const series = (
    metric: Telemetry['metric'],
    statistic: Telemetry['statistic'],
    unit: string,
    device: string,
    source: string,
    value: (hour: number) => number,
  ): Telemetry => ({
    resourceId: machineArn(machine),
    metric,
    statistic,
    unit,
    device,
    period: 3600,
    points: present.map(({ hour, iso }) => ({ at: iso, value: value(hour) })),
    expectedPoints: hours.length,
    source,
  });
  const all: Telemetry[] = [];
  for (let device = 0; device < machine.gpu.count; device++) {
    const name = String(device);
    all.push(
      series('gpu-utilization', 'maximum', 'percent', name, 'CWAgent nvidia_smi_utilization_gpu', (hour) =>
        compute(machine, hour, random),
      ),
      series(
        'gpu-utilization',
        'sample-count',
        'count',
        name,
        'CWAgent nvidia_smi_utilization_gpu',
        () => 60,
      ),
      series('gpu-memory-used', 'maximum', 'MiB', name, 'CWAgent nvidia_smi_memory_used', () =>
        Math.round(memoryEach * memoryShare(machine)),
      ),
    );
    if (machine.behaviour !== 'low')
      all.push(
        series('gpu-power', 'maximum', 'percent-of-limit', name, 'AWS/EC2 GPUPowerUtilization', () =>
          power(machine, random),
        ),
      );
  }
  return all;
}

function compute(machine: Machine, hour: number, random: () => number): number {
  const noise = random();
  switch (machine.behaviour) {
    case 'busy':
      return 82 + Math.round(noise * 17);
    case 'bursty':
      return (hour / 3_600_000) % 6 === 0 ? 55 + Math.round(noise * 30) : Math.round(noise * 2);
    case 'low':
    case 'gaps':
      return Math.round(noise * 3);
    case 'idle':
    case 'young':
    case 'held':
      return noise < 0.05 ? 1 : 0;
    case 'unobserved':
      return Number.NaN;
  }
}

function memoryShare(machine: Machine): number {
  return {
    busy: 0.91,
    bursty: 0.62,
    held: 0.71,
    idle: 0.01,
    young: 0.01,
    gaps: 0.02,
    low: 0.04,
    unobserved: 0,
  }[machine.behaviour];
}

function power(machine: Machine, random: () => number): number {
  return (
    (machine.behaviour === 'busy' ? 88 : machine.behaviour === 'bursty' ? 60 : 9) + Math.round(random() * 4)
  );
}

function gcpSnapshot(at: Date, now: Date): Snapshot {
  const id = `//compute.googleapis.com/projects/${GCP_PROJECT}/zones/us-central1-a/instances/annotate-1`;
  return {
    schemaVersion: 2,
    scope: { provider: 'gcp', accountId: GCP_PROJECT, region: 'global' },
    takenAt: at.toISOString(),
    resources: [
      {
        provider: 'gcp',
        accountId: GCP_PROJECT,
        region: 'us-central1-a',
        type: 'gcp:compute:instance',
        id,
        name: 'annotate-1',
        state: 'RUNNING',
        created: dayStart(now, 64).toISOString(),
        tags: { owner: 'vision', team: 'vision', env: 'prod' },
        sku: 'n2-standard-16',
        accelerators: [],
        parent: null,
        attributes: {},
        dataset: 'gcp.compute.instances',
      },
    ],
    telemetry: [],
    vectorIndexes: [],
    coverage: [{ scope: `gcp:${GCP_PROJECT}`, status: 'complete', reason: null, asOf: at.toISOString() }],
  };
}

function vectorSnapshot(at: Date, now: Date, ago: number): Snapshot {
  const since = dayStart(now, 120);
  const days = 120 - ago;
  return {
    schemaVersion: 2,
    scope: { provider: 'postgres', accountId: STORE, region: 'eu-central-1' },
    takenAt: at.toISOString(),
    resources: [],
    telemetry: [],
    vectorIndexes: VECTOR_INDEXES.map(
      (index): VectorIndex => ({
        store: STORE,
        storeType: 'pgvector',
        provider: 'postgres',
        accountId: 'product-db.acme.example:5432',
        region: 'global',
        dataset: 'pgvector.indexes',
        id: `postgres://product-db.acme.example:5432/product/${index.schema}.${index.index}`,
        table: `${index.schema}.${index.table}`,
        index: index.index,
        method: 'hnsw',
        dimension: index.dimension,
        vectors: index.vectors,
        bytes: index.bytes,
        queries: index.queriesPerDay === 0 ? 11_204 : Math.floor(index.queriesPerDay * days),
        tableScans: 3,
        lastQuery: (index.queriesPerDay === 0 ? dayStart(now, 97) : at).toISOString(),
        statsSince: since.toISOString(),
        replica: false,
        replicas: 0,
        incarnation: null,
        metric: 'cosine',
        model: null,
        created: null,
        lastWrite: null,
        measured: null,
        writes: null,
        modelLifecycle: null,
        latency: null,
        source: null,
        capacity: { kind: 'shared-cluster', billed: [], bytes: null, sharedBy: null },
        sample: null,
        gaps: [],
      }),
    ),
    coverage: [{ scope: `store:${STORE}`, status: 'complete', reason: null, asOf: at.toISOString() }],
  };
}
