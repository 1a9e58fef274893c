import type { Resource } from '../../../lib/estate/model.ts';
import { type Case, cost, type Expected, machine, series, TAGGED } from './model.ts';
import { measured } from './ordinary.ts';

/** What stands in a project of Google Cloud. Named so that the bench can make another of it. */
export const PROJECT = 'acct-prod';
const ZONE = 'us-central1-a';
export const COVERED = {
  scope: `gcp:${PROJECT}`,
  status: 'complete',
  reason: null,
  asOf: '2026-11-20T10:30:00.000Z',
} as const;

let made = 0;

/** A thing of the project whose labels are in order. */
export function google(name: string, given: Partial<Resource> & Pick<Resource, 'id' | 'type'>): Resource {
  return machine({
    provider: 'gcp',
    accountId: PROJECT,
    region: ZONE,
    name,
    created: '2026-01-01T00:00:00.000Z',
    sku: null,
    accelerators: [],
    tags: TAGGED,
    ...given,
  });
}

/** What the bill says of a thing of the project. */
export function billed(resourceId: string, effective: string, committed = '0') {
  return cost({ provider: 'gcp', accountId: PROJECT, region: null, resourceId, effective, committed });
}

/** The full name of a new thing of Compute Engine. */
export function compute(kind: string): string {
  made += 1;
  return `//compute.googleapis.com/projects/${PROJECT}/zones/${ZONE}/${kind}/${kind}-${made}`;
}

/** A machine that is off, with a disk of 40 dollars and an address of 3. */
function off(
  name: string,
  expect: Pick<Expected, 'cost'> | null,
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
  kept: { readonly disk?: boolean; readonly address?: boolean } = { disk: true, address: true },
): Case {
  const id = compute('instances');
  const disk = google(`${name}: disk`, {
    id: compute('disks'),
    type: 'gcp:compute:disk',
    state: 'READY',
    dataset: 'gcp.compute.disks',
    attributes: { users: [id], claimed: false },
  });
  const address = google(`${name}: address`, {
    id: compute('addresses'),
    type: 'gcp:compute:address',
    state: 'IN_USE',
    dataset: 'gcp.compute.addresses',
    attributes: { users: ['i'], machines: [id], addressType: 'EXTERNAL' },
  });
  return {
    name: `Google, off: ${name}`,
    resources: [
      google(name, {
        id,
        type: 'gcp:compute:instance',
        state: 'TERMINATED',
        dataset: 'gcp.compute.instances',
        attributes: { lastStopTimestamp: '2026-09-01T00:00:00.000Z', ...attributes },
        ...given,
      }),
      ...(kept.disk === true ? [disk] : []),
      ...(kept.address === true ? [address] : []),
    ],
    costs: [billed(disk.id, '40'), billed(address.id, '3')],
    coverage: [COVERED],
    expect:
      expect === null
        ? []
        : [{ check: 'stopped-but-billed', verdict: 'UNUSED', resourceId: id, saving: null, ...expect }],
  };
}

/** A Workbench instance with a machine that is off under it: one thing, by the name that it is stopped and started by. */
function offUnderNotebook(): Case {
  const alone = off('under a Workbench instance', { cost: '43' });
  const under = alone.resources?.[0]?.id ?? '';
  const id = `//notebooks.googleapis.com/projects/${PROJECT}/locations/${ZONE}/instances/lab-off`;
  return {
    ...alone,
    resources: [
      google('lab-off', {
        id,
        type: 'gcp:notebooks:instance',
        state: 'STOPPED',
        dataset: 'gcp.notebooks.instances',
        attributes: { machine: under, acceleratorDevices: 0, idleTimeoutSeconds: 10_800 },
      }),
      ...(alone.resources ?? []),
    ],
    expect: alone.expect.map((each) => ({ ...each, resourceId: id })),
  };
}

const SUSPENDED = { lastStopTimestamp: null, lastSuspendedTimestamp: '2026-09-25T00:00:00.000Z' };

type Connections = number | ((at: number) => number | null) | null;

/** A database by how many connections were open, and how many were made, in each quarter of a day of two weeks. */
function database(
  name: string,
  verdict: 'IDLE' | 'SUSPECTED' | null,
  open: Connections,
  opened: Connections,
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
): Case {
  made += 1;
  const id = `//cloudsql.googleapis.com/projects/${PROJECT}/instances/db-${made}`;
  const counted =
    opened === null
      ? []
      : measured(id, 'requests', 'Cloud SQL database/postgresql/new_connection_count', opened, 'sum', false);
  return {
    name: `Cloud SQL: ${name}`,
    resources: [
      google(name, {
        id,
        type: 'gcp:sqladmin:instance',
        region: 'us-central1',
        state: 'RUNNABLE',
        dataset: 'gcp.sqladmin.instances',
        attributes: {
          engine: 'POSTGRES_16',
          instanceType: 'CLOUD_SQL_INSTANCE',
          activationPolicy: 'ALWAYS',
          dataApi: false,
          replicas: [],
          ...attributes,
        },
        ...given,
      }),
    ],
    telemetry: [
      ...(open === null
        ? []
        : measured(id, 'connections', 'Cloud SQL database/postgresql/num_backends', open)),
      ...counted,
    ],
    costs: [billed(id, '250')],
    coverage: [COVERED],
    expect:
      verdict === null
        ? []
        : [{ check: 'idle-database', verdict, resourceId: id, saving: null, cost: '250' }],
  };
}

/** A node of a cluster, by what the containers on it told of its devices as a whole, in percent. */
function node(
  name: string,
  verdict: 'SUSPECTED' | 'HELD' | 'UNOBSERVED' | null,
  told: { readonly use: number; readonly memory: number; readonly hours?: number } | null,
  devices = 1,
): Case {
  const id = compute('instances');
  const of = (metric: 'gpu-utilization' | 'gpu-memory-used', value: number, hours: number) =>
    series(metric, null, value, {
      resourceId: id,
      unit: 'percent',
      hours,
      source: `GKE container/accelerator/${metric === 'gpu-utilization' ? 'duty_cycle' : 'memory_used'}`,
    });
  return {
    name: `GKE node: ${name}`,
    resources: [
      google(name, {
        id,
        type: 'gcp:compute:instance',
        state: 'RUNNING',
        tags: { ...TAGGED, 'goog-gke-node': '', 'goog-k8s-cluster-name': 'train' },
        accelerators: [{ kind: 'nvidia-h100-80gb', count: devices, memoryMiB: null }],
        parent: { type: 'gcp:compute:instance-group-manager', id: 'gke-train-h100-grp' },
        dataset: 'gcp.compute.instances',
        attributes: { acceleratorDevices: devices },
      }),
    ],
    telemetry:
      told === null
        ? []
        : [
            of('gpu-utilization', told.use, told.hours ?? 168),
            of('gpu-memory-used', told.memory, told.hours ?? 168),
          ],
    costs: [billed(id, '8000')],
    coverage: [COVERED],
    expect:
      verdict === null ? [] : [{ check: 'idle-gpu', verdict, resourceId: id, saving: null, cost: '8000' }],
  };
}

/** One thing of Compute Engine that costs so much, found by one check or by none. */
function one(
  kind: 'disk' | 'address',
  name: string,
  found: Pick<Expected, 'check' | 'saving'> | null,
  attributes: Resource['attributes'],
  given: Partial<Resource> = {},
): Case {
  const many = kind === 'disk' ? 'disks' : 'addresses';
  const id = compute(many);
  return {
    name: `Google, ${kind}: ${name}`,
    resources: [
      google(name, {
        id,
        type: `gcp:compute:${kind}`,
        dataset: `gcp.compute.${many}`,
        state: 'READY',
        attributes,
        ...given,
      }),
    ],
    costs: [billed(id, '30')],
    coverage: [COVERED],
    expect: found === null ? [] : [{ ...found, verdict: 'UNUSED', resourceId: id, cost: '30' }],
  };
}

const disk = (
  name: string,
  found: boolean,
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
) =>
  one(
    'disk',
    name,
    found ? { check: 'unattached-volume', saving: null } : null,
    {
      users: [],
      claimed: false,
      lastAttached: '2026-02-01T00:00:00.000Z',
      lastDetached: '2026-09-01T00:00:00.000Z',
      ...attributes,
    },
    given,
  );

const address = (name: string, found: boolean, attributes: Resource['attributes'] = {}, state = 'RESERVED') =>
  one(
    'address',
    name,
    found ? { check: 'idle-address', saving: '30' } : null,
    { users: [], machines: [], addressType: 'EXTERNAL', ownRange: false, ...attributes },
    { state },
  );

/** A snapshot, and what stands beside it: its disk, an image of it, another snapshot of the disk. */
function snapshot(
  name: string,
  saving: string | null | undefined,
  beside: readonly ('disk' | 'namesake' | 'image' | 'another')[] = [],
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
): Case {
  const id = compute('snapshots');
  const number = String(7_000_000 + made);
  const of = {
    numericId: number,
    sourceDisk: 'data',
    sourceDiskId: `9${number}`,
    schedule: null,
    autoCreated: false,
  };
  const snap = (at: string, own: Resource['attributes'], more: Partial<Resource> = {}) =>
    google(name, {
      id: at,
      type: 'gcp:compute:snapshot',
      state: 'READY',
      dataset: 'gcp.compute.snapshots',
      attributes: { ...of, ...own },
      ...more,
    });
  const thing = (kind: 'disk' | 'image', own: Resource['attributes']) =>
    google(name, {
      id: compute(`${kind}s`),
      type: `gcp:compute:${kind}`,
      state: 'READY',
      dataset: `gcp.compute.${kind}s`,
      attributes: own,
    });
  const used = { users: ['//compute.googleapis.com/projects/p/zones/z/instances/i'], claimed: false };
  return {
    name: `Google, snapshot: ${name}`,
    resources: [
      snap(id, attributes, given),
      ...(beside.includes('disk') ? [thing('disk', { ...used, numericId: `9${number}` })] : []),
      // A name can be used again for another disk; the number cannot.
      ...(beside.includes('namesake') ? [thing('disk', { ...used, numericId: '1' })] : []),
      ...(beside.includes('image') ? [thing('image', { sourceSnapshotId: number })] : []),
      ...(beside.includes('another')
        ? [snap(compute('snapshots'), { numericId: `8${number}` }, { created: '2026-11-15T00:00:00.000Z' })]
        : []),
    ],
    costs: [billed(id, '30')],
    coverage: [COVERED],
    expect:
      saving === undefined
        ? []
        : [{ check: 'old-snapshot', verdict: 'UNUSED', resourceId: id, saving, cost: '30' }],
  };
}

/** What is waste, and what only looks like it, in a project of Google Cloud. */
export const GOOGLE: readonly Case[] = [
  off('for months, with a disk and an address', { cost: '43' }),
  off('for months, with a disk alone', { cost: '40' }, {}, {}, { disk: true }),
  offUnderNotebook(),
  off('with nothing that belongs to it', null, {}, {}, {}),
  off('for a week', null, { lastStopTimestamp: '2026-11-13T00:00:00.000Z' }),
  off('since nobody knows when', null, { lastStopTimestamp: null }),
  off('by a stop from before its last start', null, {}, { created: '2026-09-05T00:00:00.000Z' }),
  off('suspended for months', { cost: '43' }, SUSPENDED, { state: 'SUSPENDED' }),
  off('suspended since nobody knows when', null, {}, { state: 'SUSPENDED' }),
  off(
    'suspended for a week, and stopped long before',
    null,
    { lastSuspendedTimestamp: '2026-11-13T00:00:00.000Z' },
    { state: 'SUSPENDED' },
  ),
  off('of a managed group', null, {}, { parent: { type: 'gcp:compute:instance-group-manager', id: 'web' } }),
  off('and started again', null, {}, { state: 'RUNNING' }),

  disk('let go in September', true),
  disk('never attached', true, { lastAttached: null, lastDetached: null }),
  disk('let go last week', false, { lastDetached: '2026-11-13T00:00:00.000Z' }),
  disk('attached to a machine that is off', false, { users: ['//compute.googleapis.com/i'] }),
  disk('that Kubernetes claims', false, { claimed: true }),
  disk('attached once, and nobody says until when', false, { lastDetached: null }),
  disk('still being made', false, {}, { state: 'CREATING' }),
  address('reserved, and nothing uses it', true),
  address('in use', false, { users: ['front'] }, 'IN_USE'),
  address('internal', false, { addressType: 'INTERNAL' }),
  address('of a range of one’s own', false, { ownRange: true }),
  address('that a service uses', false, { purpose: 'VPC_PEERING' }),
  address('of IPv6', false, { ipVersion: 'IPV6' }),
  snapshot('of a disk that is gone', '30'),
  snapshot('of a disk that is gone, and another has its name', '30', ['namesake']),
  snapshot('of a disk that exists', undefined, ['disk']),
  snapshot('of which an image is made', undefined, ['image']),
  snapshot('of a disk that is gone and has another', null, ['another']),
  snapshot('that a schedule made', undefined, [], { schedule: 'daily' }),
  snapshot('a month old', undefined, [], {}, { created: '2026-10-25T00:00:00.000Z' }),
  snapshot('of a service of Google', undefined, [], {}, { tags: { ...TAGGED, 'goog-gke-volume': '' } }),

  node('held all week by a container that computes nothing', 'SUSPECTED', { use: 1, memory: 2 }),
  node('a model loaded, and nothing computes', 'HELD', { use: 0, memory: 75 }),
  node('at work', null, { use: 80, memory: 75 }),
  node('held by a container for a day', 'UNOBSERVED', { use: 1, memory: 2, hours: 24 }),
  node('that no container holds', 'UNOBSERVED', null),
  node('of eight devices, told as a whole', 'SUSPECTED', { use: 1, memory: 2 }, 8),

  database('none open, none made', 'IDLE', 0, 0),
  database('none open, and nothing counts those that are made', 'SUSPECTED', 0, null),
  database('none open, and a hole among those that are made', null, 0, (at) => (at === 20 ? null : 0)),
  database('none open at any sample, and one made', null, 0, (at) => (at === 7 ? 1 : 0)),
  database('one open once', null, (at) => (at === 30 ? 1 : 0), 0),
  database('a tenth of the samples missing', null, (at) => (at % 10 === 0 ? null : 0), 0),
  database('nothing of it is told', null, null, null),
  database('none made, and nothing tells how many were open', null, null, 0),
  database('off: it is not judged', null, 0, 0, { activationPolicy: 'NEVER' }),
  database('asked over the Data API', null, 0, 0, { dataApi: true }),
  database('a read pool', null, 0, 0, { instanceType: 'READ_POOL_INSTANCE' }),
  database('a replica', 'SUSPECTED', 0, 0, { instanceType: 'READ_REPLICA_INSTANCE' }),
  database('a source of replicas', 'SUSPECTED', 0, 0, { replicas: ['vectors-2'] }),
  database('a week old', null, 0, 0, {}, { created: '2026-11-13T00:00:00.000Z' }),
  database('in maintenance', null, 0, 0, {}, { state: 'MAINTENANCE' }),
];
