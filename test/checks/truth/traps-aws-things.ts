import type { ResourceCost } from '../../../lib/checks/model.ts';
import type { Json, Resource, Telemetry } from '../../../lib/estate/model.ts';
import { ACCOUNT, arn, type Case, cost, type Expected, machine, REGION, series, TAGGED } from './model.ts';
import { measured } from './ordinary.ts';

let made = 0;

/** An id of EC2 of these cases alone, the same in every run, so that those of the others stay as they are. */
export function trapId(prefix: 'i' | 'vol' | 'eipalloc' | 'nat' | 'cr'): string {
  made += 1;
  return `${prefix}-7${made.toString(16).padStart(16, '0')}`;
}

const OLD = '2026-01-01T00:00:00Z';

type Said = Omit<Expected, 'resourceId'>;
type Bill = Partial<ResourceCost>;

interface Thing {
  readonly given: Partial<Resource> & Pick<Resource, 'type' | 'id'>;
  readonly attributes?: Readonly<Record<string, Json>>;
  readonly telemetry?: readonly Telemetry[];
  readonly beside?: readonly Resource[];
  readonly bill?: readonly Bill[];
  readonly expect?: readonly Said[];
}

function thing(
  name: string,
  { given, attributes = {}, telemetry = [], beside = [], bill, expect = [] }: Thing,
): Case {
  const lines = bill ?? [{ effective: '10' }];
  return {
    name: `trap: ${name}`,
    resources: [
      machine({
        name,
        state: 'available',
        created: OLD,
        sku: null,
        accelerators: [],
        tags: TAGGED,
        attributes: { systemTags: {}, ...attributes },
        ...given,
      }),
      ...beside,
    ],
    telemetry,
    costs: lines.map((line) => cost({ resourceId: given.id, ...line })),
    expect: expect.map((one) => ({ ...one, resourceId: given.id })),
  };
}

const silent = (id: string): Telemetry[] => [
  ...measured(id, 'connections', 'AWS/NATGateway ActiveConnectionCount', 0),
  ...measured(id, 'bytes', 'AWS/NATGateway BytesInFromSource', 0, 'sum'),
  ...measured(id, 'bytes', 'AWS/NATGateway BytesInFromDestination', 0, 'sum'),
];
const [NAT, PRIVATE_NAT] = [arn(trapId('nat'), 'natgateway'), arn(trapId('nat'), 'natgateway')];

let balancers = 0;
function balancer(
  name: string,
  sku: string,
  attributes: Readonly<Record<string, Json>>,
  more: Partial<Thing> & { seen?: (id: string) => Telemetry[] } = {},
): Case {
  balancers += 1;
  const id = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/${sku}/trap-${balancers}/0a1b`;
  const { seen, ...rest } = more;
  return thing(`load balancer, ${name}`, {
    given: {
      type: 'aws:elasticloadbalancing:loadbalancer',
      id,
      sku,
      state: 'active',
      dataset: 'aws.elb.loadbalancers',
    },
    attributes: { listeners: null, answersItself: null, ...attributes },
    telemetry: seen?.(id) ?? [],
    ...rest,
  });
}
const LB = 'idle-load-balancer';
const flows = (id: string, bytes: number) => [
  ...measured(id, 'connections', 'AWS/NetworkELB ActiveFlowCount', 0),
  ...measured(id, 'bytes', 'AWS/NetworkELB ProcessedBytes', bytes, 'sum'),
];

const NETWORK: readonly Case[] = [
  // 32.40 for its hours; the rest went through it before it fell silent.
  thing('a NAT gateway that took 10 TB before it fell silent', {
    given: { type: 'aws:ec2:natgateway', id: NAT, dataset: 'aws.ec2.natgateways', sku: 'public' },
    telemetry: silent(NAT),
    bill: [{ effective: '32.4' }, { effective: '450', byUse: '450' }],
    expect: [{ check: 'idle-nat-gateway', verdict: 'IDLE', saving: '32.4', cost: '482.4' }],
  }),
  thing('a private NAT gateway, billed for nothing that went through it', {
    given: { type: 'aws:ec2:natgateway', id: PRIVATE_NAT, dataset: 'aws.ec2.natgateways', sku: 'private' },
    telemetry: silent(PRIVATE_NAT),
    bill: [{ effective: '32.4' }],
    expect: [{ check: 'idle-nat-gateway', verdict: 'IDLE', saving: '32.4', cost: '32.4' }],
  }),
  balancer(
    'an application one with a function alone behind it, silent',
    'application',
    { targets: 1 },
    {
      seen: (id) => measured(id, 'requests', 'AWS/ApplicationELB RequestCount', () => null, 'sum', false),
      expect: [{ check: LB, verdict: 'SUSPECTED', saving: null }],
    },
  ),
  balancer(
    'a network one through which an endpoint service sends 64 bytes',
    'network',
    { targets: 1 },
    {
      seen: (id) => flows(id, 64),
    },
  ),
  balancer(
    'a network one at rest, which was busy before',
    'network',
    { targets: 1 },
    {
      seen: (id) => flows(id, 0),
      bill: [{ effective: '21.6', byUse: '5.4' }],
      expect: [{ check: LB, verdict: 'IDLE', saving: '16.2', cost: '21.6' }],
    },
  ),
  balancer(
    'a gateway one without a target',
    'gateway',
    { targets: 0, listeners: 1, answersItself: false },
    {
      expect: [{ check: LB, verdict: 'UNUSED', saving: '10' }],
    },
  ),
  balancer('impaired, with targets, and silent', 'application', { targets: 3 }),
];

const address = (
  name: string,
  attributes: Readonly<Record<string, Json>>,
  found: boolean,
  state = 'unassociated',
) =>
  thing(`address, ${name}`, {
    given: {
      type: 'aws:ec2:elastic-ip',
      id: arn(trapId('eipalloc'), 'elastic-ip'),
      state,
      created: null,
      dataset: 'aws.ec2.addresses',
    },
    attributes: { publicIpv4Pool: 'amazon', ...attributes },
    expect: found ? [{ check: 'idle-address', verdict: 'UNUSED', saving: '10' }] : [],
  });
const ADDRESSES: readonly Case[] = [
  address(
    'of a NAT gateway',
    { networkInterfaceId: 'eni-1', associationId: 'eipassoc-1' },
    false,
    'associated',
  ),
  address('of a pool of IPAM', { publicIpv4Pool: 'ipam-ppublic-1' }, false),
  address('that RDS keeps', { serviceManaged: 'rds' }, false),
  address(
    'that a stack made and nobody uses',
    { systemTags: { 'aws:cloudformation:stack-name': 's' } },
    true,
  ),
];

const stoppedOne = (volumeIds: readonly string[], more: Partial<Resource> = {}): Resource =>
  machine({
    id: arn(trapId('i')),
    name: 'shelved',
    state: 'stopped',
    created: OLD,
    sku: 'r7i.large',
    accelerators: [],
    tags: TAGGED,
    dataset: 'aws.ec2.instances',
    attributes: { stoppedAt: '2026-09-01T00:00:00.000Z', volumeIds: [...volumeIds] },
    ...more,
  });
/** A stopped machine with its own root and one volume that `other` has attached, too. */
function sharing(name: string, other: Partial<Resource>, own: boolean): Case {
  const [root, both] = [trapId('vol'), trapId('vol')];
  const first = stoppedOne(own ? [root, both] : [both]);
  const second = stoppedOne([both], other);
  return {
    name: `trap: ${name}`,
    resources: [first, second],
    costs: [cost({ resourceId: root, effective: '40' }), cost({ resourceId: both, effective: '600' })],
    expect: own
      ? [{ check: 'stopped-but-billed', verdict: 'UNUSED', resourceId: first.id, saving: null, cost: '40' }]
      : [],
  };
}
const SHARED: readonly Case[] = [
  sharing('a stopped machine shares a volume with one that runs', { state: 'running' }, true),
  sharing('a stopped machine has nothing but a volume of one that runs', { state: 'running' }, false),
  sharing('two stopped machines share a volume: it is counted for neither', {}, true),
];

const arnOf = (instance: string) => `arn:aws:rds:${REGION}:${ACCOUNT}:db:${instance}`;

const serverless = (
  name: string,
  minCapacity: number | null,
  skus: readonly string[],
  found: boolean,
): Case => {
  const id = `arn:aws:rds:${REGION}:${ACCOUNT}:cluster:${name.replaceAll(' ', '-')}`;
  const members = skus.map((sku, at) => ({ sku, name: `${name.replaceAll(' ', '-')}-${at}` }));
  return thing(`cluster, ${name}`, {
    given: { type: 'aws:rds:cluster', id, dataset: 'aws.rds.clusters' },
    attributes: {
      members: members.map((one) => one.name),
      replicaOf: null,
      replicas: [],
      httpEndpoint: false,
      globalCluster: null,
      minCapacity,
    },
    beside: members.map((one) =>
      machine({
        type: 'aws:rds:db',
        dataset: 'aws.rds.instances',
        id: arnOf(one.name),
        name: one.name,
        state: 'available',
        created: OLD,
        sku: one.sku,
        accelerators: [],
        tags: TAGGED,
        parent: { type: 'aws:rds:cluster', id },
        attributes: { systemTags: {} },
      }),
    ),
    telemetry: members.flatMap((one) =>
      measured(arnOf(one.name), 'connections', 'AWS/RDS DatabaseConnections', 0),
    ),
    expect: found ? [{ check: 'idle-database', verdict: 'IDLE', saving: null }] : [],
  });
};
const DATABASES: readonly Case[] = [
  serverless('that pauses by itself', 0, ['db.serverless', 'db.serverless'], false),
  serverless('that never goes below half a unit', 0.5, ['db.serverless'], true),
  serverless('that pauses beside a machine that does not', 0, ['db.r7g.large', 'db.serverless'], true),
  serverless('of machines alone', null, ['db.r7g.large'], true),
];

const volume = (
  name: string,
  state: string,
  attributes: Readonly<Record<string, Json>>,
  found: boolean,
): Case =>
  thing(`volume, ${name}`, {
    given: {
      type: 'aws:ec2:volume',
      id: arn(trapId('vol'), 'volume'),
      state,
      sku: 'io2',
      dataset: 'aws.ec2.volumes',
    },
    attributes: { sizeGiB: 100, attachments: [], ...attributes },
    expect: found ? [{ check: 'unattached-volume', verdict: 'UNUSED', saving: null }] : [],
  });
const STORAGE: readonly Case[] = [
  volume('in error', 'error', {}, false),
  volume(
    'attached to two machines',
    'in-use',
    { attachments: [{ instanceId: 'i-1' }, { instanceId: 'i-2' }] },
    false,
  ),
  volume('that may be attached to many, and is to none', 'available', { multiAttach: true }, true),
  thing('logs of the infrequent class, kept for ever', {
    given: {
      type: 'aws:logs:log-group',
      id: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app/infrequent`,
      sku: 'INFREQUENT_ACCESS',
      dataset: 'aws.logs.log-groups',
    },
    attributes: { retentionDays: null, storedBytes: 9_000_000_000 },
    expect: [{ check: 'logs-kept-for-ever', verdict: 'NONCOMPLIANT', saving: null }],
  }),
];

function reservation(
  name: string,
  used: number | null,
  attributes: Readonly<Record<string, Json>>,
  expect: readonly Said[],
  state = 'active',
): Case {
  const id = arn(trapId('cr'), 'capacity-reservation');
  return thing(`reservation, ${name}`, {
    given: {
      type: 'aws:ec2:capacity-reservation',
      id,
      state,
      dataset: 'aws.ec2.capacity-reservations',
      accelerators: [{ kind: 'NVIDIA H100', count: 16, memoryMiB: 1_310_720 }],
    },
    attributes: {
      totalInstances: 2,
      availableInstances: 2,
      reservationType: 'default',
      commitmentEnds: null,
      unusedBilledTo: null,
      ...attributes,
    },
    telemetry:
      used === null
        ? []
        : measured(id, 'used-capacity', 'AWS/EC2CapacityReservations UsedInstanceCount', used),
    bill: [{ effective: '900' }],
    expect,
  });
}
const CR = 'unused-capacity-reservation';
const RESERVATIONS: readonly Case[] = [
  reservation('that another account uses', 1, { availableInstances: 1 }, [
    { check: CR, verdict: 'INEFFICIENT', saving: null },
  ]),
  reservation('that another account pays for where it is empty', 0, { unusedBilledTo: '999988887777' }, [
    { check: CR, verdict: 'IDLE', saving: null },
  ]),
  reservation('that ends by itself', 0, { endsAt: '2026-12-01T00:00:00.000Z' }, [
    { check: CR, verdict: 'IDLE', saving: null },
  ]),
  reservation('for a later date', null, {}, [], 'scheduled'),
  reservation('whose commitment is over', 0, { commitmentEnds: '2026-11-01T00:00:00.000Z' }, [
    { check: CR, verdict: 'IDLE', saving: '900' },
  ]),
];

const gpuIs = (verdict: Said['verdict'], saving: string | null = null): Said => ({
  check: 'idle-gpu',
  verdict,
  saving,
});

function cluster(
  name: string,
  kinds: Resource['accelerators'],
  watts: readonly (number | null)[],
  expect: readonly Said[],
  attributes: Readonly<Record<string, Json>> = {},
): Case {
  const id = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:cluster/${name.replaceAll(/[^a-z]+/g, '-')}`;
  return thing(`cluster, ${name}`, {
    given: {
      type: 'aws:sagemaker:cluster',
      id,
      state: 'InService',
      accelerators: kinds,
      dataset: 'aws.sagemaker.clusters',
    },
    attributes: { acceleratorDevices: watts.length, mlReservations: [], ...attributes },
    telemetry: watts.flatMap((power, at) =>
      power === null
        ? []
        : [
            series('gpu-utilization', `i-${at}/0`, 0, { resourceId: id }),
            series('gpu-memory-used', `i-${at}/0`, 100, { resourceId: id }),
            series('gpu-power', `i-${at}/0`, power, { resourceId: id, unit: 'watt' }),
          ],
    ),
    expect,
  });
}
const H100 = { kind: 'NVIDIA H100', count: 2, memoryMiB: 163_840 };
const T4 = { kind: 'NVIDIA T4', count: 1, memoryMiB: 16_384 };
const CLUSTERS: readonly Case[] = [
  cluster('every node at rest', [H100], [64, 70], [gpuIs('IDLE', '10')]),
  cluster('one node silent', [H100], [64, null], [gpuIs('UNOBSERVED')]),
  // The lowest limit of its kinds holds for all: 64 W is most of a T4's.
  cluster('groups of two kinds', [H100, T4], [64, 70, 12], [gpuIs('SUSPECTED')]),
  cluster('in a training plan', [H100], [64, 70], [gpuIs('IDLE')], {
    mlReservations: ['arn:aws:sagemaker:us-east-1:1:training-plan/p'],
  }),
];

/** Networks, storage, databases, reservations and clusters that one detail tells apart from what is waste. */
export const AWS_TRAP_THINGS: readonly Case[] = [
  ...NETWORK,
  ...ADDRESSES,
  ...SHARED,
  ...DATABASES,
  ...STORAGE,
  ...RESERVATIONS,
  ...CLUSTERS,
];
