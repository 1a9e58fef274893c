import type { Json, Resource, Telemetry } from '../../../lib/estate/model.ts';
import type { Coverage } from '../../../lib/platform/coverage.ts';
import { NOW } from '../facts.ts';
import {
  ACCOUNT,
  arn,
  type Case,
  cost,
  type Expected,
  freshId,
  machine,
  PARTIAL,
  PARTIAL_REGION,
  REGION,
  TAGGED,
} from './model.ts';

/** Older than every minimum age and every window. */
const OLD = '2026-01-01T00:00:00Z';
const STEP = 21_600_000;
/** Where the windows of two weeks end: the last quarter of a day before the look. */
const END = Date.parse('2026-11-20T06:00:00Z');

type Found = readonly [check: string, verdict: Expected['verdict'], saving: string | null];

/** A thing of the ordinary estate that costs 10 USD, and what is found of it. */
function thing(
  name: string,
  given: Partial<Resource> & Pick<Resource, 'type' | 'id' | 'dataset'>,
  attributes: Readonly<Record<string, Json>>,
  found: readonly Found[],
  more: Partial<Case> = {},
): Case {
  const resource = machine({
    name,
    state: 'active',
    created: OLD,
    sku: null,
    accelerators: [],
    tags: TAGGED,
    attributes: { systemTags: {}, ...attributes },
    ...given,
  });
  return {
    name,
    costs: [cost({ resourceId: resource.id, effective: '10' })],
    ...(resource.region === PARTIAL_REGION ? { coverage: [PARTIAL] } : {}),
    ...more,
    resources: [resource, ...(more.resources ?? [])],
    expect: found.map(([check, verdict, saving]) => ({ check, verdict, resourceId: resource.id, saving })),
  };
}

/** A series of two weeks, a quarter of a day a point, with its samples (a minute each) beside it. */
export function measured(
  resourceId: string,
  metric: Telemetry['metric'],
  source: string,
  value: number | ((at: number) => number | null),
  statistic: Telemetry['statistic'] = 'maximum',
  counted = true,
): Telemetry[] {
  const points = Array.from({ length: 56 }, (_, at) => at).flatMap((at) => {
    const one = typeof value === 'number' ? value : value(at);
    return one === null ? [] : [{ at: new Date(END - (56 - at) * STEP).toISOString(), value: one }];
  });
  const common = { resourceId, metric, device: null, period: 21_600, expectedPoints: 56, source };
  const told = { ...common, statistic, unit: metric === 'bytes' ? 'bytes' : 'count', points };
  if (!counted) return [told];
  return [
    { ...told, counted },
    {
      ...common,
      statistic: 'sample-count',
      unit: 'count',
      points: points.map(({ at }) => ({ at, value: 360 })),
    },
  ];
}

function address(
  name: string,
  found: boolean,
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
) {
  const id = arn(freshId('eipalloc'), 'elastic-ip');
  return thing(
    `address: ${name}`,
    {
      type: 'aws:ec2:elastic-ip',
      id,
      dataset: 'aws.ec2.addresses',
      state: 'unassociated',
      created: null,
      ...given,
    },
    { publicIp: '192.0.2.1', publicIpv4Pool: 'amazon', ...attributes },
    found ? [['idle-address', 'UNUSED', '10']] : [],
  );
}

let snapshots = 0;
function snapshot(
  name: string,
  found: readonly ['UNUSED' | 'SUSPECTED', string | null] | null,
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
  beside: (own: { readonly snapshot: string; readonly volume: string }) => readonly Resource[] = () => [],
): Case {
  const id = freshId('snap');
  const volume = typeof attributes['volumeId'] === 'string' ? attributes['volumeId'] : freshId('vol');
  // Snapshots of one region may share what they hold: each case has a region of its own.
  snapshots += 1;
  const region = given.region ?? (snapshots === 1 ? REGION : `region-${snapshots}`);
  const read: Coverage = {
    scope: `aws:${ACCOUNT}:${region}`,
    status: 'complete',
    reason: null,
    asOf: NOW.toISOString(),
  };
  return thing(
    `snapshot: ${name}`,
    {
      type: 'aws:ec2:snapshot',
      id: arn(id, 'snapshot'),
      dataset: 'aws.ec2.snapshots',
      state: 'completed',
      ...given,
      region,
    },
    { snapshotId: id, volumeId: volume, sizeGiB: 100, ...attributes },
    found === null ? [] : [['old-snapshot', found[0], found[1]]],
    {
      coverage: [region === PARTIAL_REGION ? PARTIAL : read],
      resources: beside({ snapshot: id, volume }).map((one) => ({ ...one, region })),
    },
  );
}

const ARCHIVED = { sku: 'archive' };
const archivedFor = (days: number) => new Date(NOW.getTime() - days * 86_400_000).toISOString();

function another(
  type: string,
  dataset: string,
  id: string,
  attributes: Resource['attributes'],
  created = OLD,
) {
  const kind = type.slice(type.lastIndexOf(':') + 1);
  return machine({
    type,
    dataset,
    id: arn(id, kind),
    name: null,
    state: kind === 'volume' ? 'in-use' : 'completed',
    created,
    sku: null,
    accelerators: [],
    tags: TAGGED,
    attributes: { systemTags: {}, ...attributes },
  });
}

const volumeThere = (volume: string) =>
  another('aws:ec2:volume', 'aws.ec2.volumes', volume, {
    volumeId: volume,
    attachments: [{ instanceId: 'i-1' }],
  });
const newer = (volume: string, created = '2026-11-01T00:00:00Z') => {
  const id = freshId('snap');
  return another('aws:ec2:snapshot', 'aws.ec2.snapshots', id, { snapshotId: id, volumeId: volume }, created);
};
/** A volume that was made from a snapshot, with so many snapshots of its own. */
const madeFrom = (from: string, count: number) => {
  const volume = freshId('vol');
  const there = volumeThere(volume);
  return [
    { ...there, attributes: { ...there.attributes, snapshotId: from } },
    ...Array.from({ length: count }, () => newer(volume)),
  ];
};
const image = (used: string) =>
  another('aws:ec2:image', 'aws.ec2.images', freshId('ami'), { snapshotIds: [used] });

/** The same with a ninth of the samples in each third period. */
function fewSamples(one: Case): Case {
  const telemetry = (one.telemetry ?? []).map((series) =>
    series.statistic === 'sample-count'
      ? {
          ...series,
          points: series.points.map((point, at) => (at % 3 === 0 ? { ...point, value: 40 } : point)),
        }
      : series,
  );
  return { ...one, telemetry };
}

function gateway(
  name: string,
  found: boolean,
  telemetry: (id: string) => readonly Telemetry[],
  given: Partial<Resource> = {},
): Case {
  const id = arn(freshId('nat'), 'natgateway');
  return thing(
    `NAT gateway: ${name}`,
    { type: 'aws:ec2:natgateway', id, dataset: 'aws.ec2.natgateways', state: 'available', ...given },
    { vpcId: 'vpc-1', subnetId: 'subnet-1' },
    found ? [['idle-nat-gateway', 'IDLE', '10']] : [],
    { telemetry: telemetry(id) },
  );
}

type Values = number | ((at: number) => number | null);
const through = (
  id: string,
  connections: Values,
  fromSource: Values,
  fromDestination: Values,
): Telemetry[] => [
  ...measured(id, 'connections', 'AWS/NATGateway ActiveConnectionCount', connections),
  ...measured(id, 'bytes', 'AWS/NATGateway BytesInFromSource', fromSource, 'sum'),
  ...measured(id, 'bytes', 'AWS/NATGateway BytesInFromDestination', fromDestination, 'sum'),
];

let balancers = 0;
function balancer(
  name: string,
  sku: string,
  found: readonly ['UNUSED' | 'IDLE' | 'SUSPECTED', string | null] | null,
  attributes: Resource['attributes'],
  telemetry: (id: string) => readonly Telemetry[] = () => [],
  given: Partial<Resource> = {},
): Case {
  balancers += 1;
  const id = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:loadbalancer/${sku === 'classic' ? '' : 'x/'}lb-${balancers}`;
  return thing(
    `load balancer: ${name}`,
    { type: 'aws:elasticloadbalancing:loadbalancer', id, dataset: 'aws.elb.loadbalancers', sku, ...given },
    { listeners: null, answersItself: null, ...attributes },
    found === null ? [] : [['idle-load-balancer', found[0], found[1]]],
    { telemetry: telemetry(id) },
  );
}

const EMPTY = { targets: 0, listeners: 1, answersItself: false };
const flows = (id: string, open: Values, bytes: Values): Telemetry[] => [
  ...measured(id, 'connections', 'AWS/NetworkELB ActiveFlowCount', open),
  ...measured(id, 'bytes', 'AWS/NetworkELB ProcessedBytes', bytes, 'sum'),
];
const requests = (id: string, value: Values): Telemetry[] =>
  measured(id, 'requests', 'AWS/ApplicationELB RequestCount', value, 'sum').slice(0, 1);

const connected = (id: string, value: Values): Telemetry[] =>
  measured(id, 'connections', 'AWS/RDS DatabaseConnections', value);

function database(
  name: string,
  found: 'IDLE' | 'SUSPECTED' | null,
  value: Values | null,
  attributes: Resource['attributes'] = {},
  given: Partial<Resource> = {},
): Case {
  const id = `arn:aws:rds:${REGION}:${ACCOUNT}:db:${name.replaceAll(' ', '-')}`;
  return thing(
    `database: ${name}`,
    { type: 'aws:rds:db', id, dataset: 'aws.rds.instances', state: 'available', ...given },
    { engine: 'postgres', engineVersion: '17.2', replicaOf: null, replicas: [], ...attributes },
    found === null ? [] : [['idle-database', found, null]],
    { telemetry: value === null ? [] : connected(id, value) },
  );
}

const arnOf = (instance: string) => `arn:aws:rds:${REGION}:${ACCOUNT}:db:${instance}`;

/** A cluster of instances, each with its highest number of connections; null: the inventory does not have it. */
function cluster(
  name: string,
  found: 'IDLE' | 'SUSPECTED' | null,
  members: readonly (number | null)[],
  attributes: Resource['attributes'] = {},
): Case {
  const id = `arn:aws:rds:${REGION}:${ACCOUNT}:cluster:${name.replaceAll(' ', '-')}`;
  const named = members.map((_, at) => `${name.replaceAll(' ', '-')}-${at}`);
  const instances = members.flatMap((value, at) =>
    value === null ? [] : [{ name: named[at] ?? '', value }],
  );
  return thing(
    `cluster: ${name}`,
    { type: 'aws:rds:cluster', id, dataset: 'aws.rds.clusters', state: 'available' },
    {
      engine: 'aurora-postgresql',
      engineVersion: '16.4',
      members: named,
      replicaOf: null,
      replicas: [],
      httpEndpoint: false,
      globalCluster: null,
      ...attributes,
    },
    found === null ? [] : [['idle-database', found, null]],
    {
      resources: instances.map((instance) =>
        machine({
          type: 'aws:rds:db',
          dataset: 'aws.rds.instances',
          id: arnOf(instance.name),
          name: instance.name,
          state: 'available',
          created: OLD,
          sku: 'db.r7g.large',
          accelerators: [],
          tags: TAGGED,
          parent: { type: 'aws:rds:cluster', id },
          attributes: { engine: 'aurora-postgresql', systemTags: {} },
        }),
      ),
      telemetry: instances.flatMap((instance) => connected(arnOf(instance.name), instance.value)),
    },
  );
}

function stopped(
  name: string,
  found: boolean,
  attributes: Resource['attributes'],
  given: Partial<Resource> = {},
): Case {
  const volume = freshId('vol');
  return thing(
    `stopped: ${name}`,
    {
      type: 'aws:ec2:instance',
      id: arn(freshId('i')),
      dataset: 'aws.ec2.instances',
      state: 'stopped',
      ...given,
    },
    { stoppedAt: '2026-09-01T00:00:00.000Z', volumeIds: [volume], ...attributes },
    found ? [['stopped-but-billed', 'UNUSED', null]] : [],
    { costs: [cost({ resourceId: volume, effective: '40' })] },
  );
}

function stoppedNotebook(
  name: string,
  found: boolean,
  modified: string | null,
  given: Partial<Resource> = {},
): Case {
  const id = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:notebook-instance/${name.replaceAll(/[^a-z]+/g, '-')}`;
  return thing(
    `stopped notebook instance: ${name}`,
    {
      type: 'aws:sagemaker:notebook-instance',
      id,
      dataset: 'aws.sagemaker.notebooks',
      state: 'Stopped',
      sku: 'ml.g5.xlarge',
      created: modified,
      ...given,
    },
    {},
    found ? [['stopped-but-billed', 'SUSPECTED', null]] : [],
  );
}

function logs(
  name: string,
  found: boolean,
  attributes: Resource['attributes'],
  given: Partial<Resource> = {},
) {
  const id = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app/${name.replaceAll(' ', '-')}`;
  return thing(
    `logs: ${name}`,
    { type: 'aws:logs:log-group', id, dataset: 'aws.logs.log-groups', sku: 'STANDARD', ...given },
    { retentionDays: null, storedBytes: 5_000_000_000, ...attributes },
    found ? [['logs-kept-for-ever', 'NONCOMPLIANT', null]] : [],
  );
}

const RULE = {
  id: 'r',
  enabled: true,
  wholeBucket: true,
  expires: false,
  moves: false,
  abortsUploadsAfterDays: null,
};
const EXPIRES = { ...RULE, expires: true };

function bucket(
  name: string,
  found: readonly ('incomplete-uploads' | 'no-lifecycle-rule')[],
  attributes: Resource['attributes'],
  given: Partial<Resource> = {},
): Case {
  return thing(
    `bucket: ${name}`,
    {
      type: 'aws:s3:bucket',
      id: `arn:aws:s3:::${name.replaceAll(' ', '-')}`,
      dataset: 'aws.s3.buckets',
      ...given,
    },
    {
      lifecycleRules: [EXPIRES],
      incompleteUploads: 0,
      oldestUpload: null,
      uploadsCounted: true,
      ...attributes,
    },
    found.map((check) => [check, 'NONCOMPLIANT', null]),
  );
}

const generation = (
  name: string,
  found: boolean,
  currentGeneration: boolean | null,
  given: Partial<Resource> = {},
) =>
  thing(
    `generation: ${name}`,
    {
      type: 'aws:ec2:instance',
      id: arn(freshId('i')),
      dataset: 'aws.ec2.instances',
      sku: 'm3.large',
      state: 'running',
      ...given,
    },
    { currentGeneration, volumeIds: [] },
    found ? [['previous-generation', 'INEFFICIENT', null]] : [],
  );

/** The ordinary estate: networks, storage, databases, logs, machines. */
export const ORDINARY: readonly Case[] = [
  address('associated with nothing', true),
  address('of a machine, stopped or not', false, { instanceId: 'i-1' }, { state: 'associated' }),
  address('that a load balancer manages', false, { serviceManaged: 'alb' }),
  address('of a pool of the account’s own', false, { publicIpv4Pool: 'ipv4pool-ec2-0abc' }),
  address('in a region read by half', false, {}, { region: PARTIAL_REGION }),

  snapshot('the only one of a volume that is gone', ['UNUSED', '10']),
  snapshot('one of two of a volume that is gone', ['UNUSED', null], {}, {}, ({ volume }) => [newer(volume)]),
  // Billed for 90 days at least, whatever is deleted.
  snapshot('archived for 90 days', ['UNUSED', '10'], { archivedAt: archivedFor(90) }, ARCHIVED),
  snapshot('archived for 89 days', ['UNUSED', null], { archivedAt: archivedFor(89) }, ARCHIVED),
  snapshot('archived since nobody knows when', ['UNUSED', null], { archivedAt: null }, ARCHIVED),
  snapshot(
    'archived, and restored for a while',
    ['UNUSED', null],
    { archivedAt: archivedFor(200), restoredUntil: '2026-12-01T00:00:00.000Z' },
    ARCHIVED,
  ),
  // It is whole by itself, beside another of the volume.
  snapshot(
    'archived, one of two',
    ['UNUSED', '10'],
    { archivedAt: archivedFor(200) },
    ARCHIVED,
    ({ volume }) => [newer(volume)],
  ),
  snapshot('alone in the standard tier', ['UNUSED', '10'], {}, {}, ({ volume }) => [
    { ...newer(volume), sku: 'archive' },
  ]),
  snapshot('alone, and a later one is of a volume that is gone', ['UNUSED', null], {}, {}, () => [
    newer(freshId('vol')),
  ]),
  snapshot('of which a volume was made that has snapshots', ['UNUSED', null], {}, {}, (own) =>
    madeFrom(own.snapshot, 1),
  ),
  snapshot('of which a volume was made that has none', ['UNUSED', '10'], {}, {}, (own) =>
    madeFrom(own.snapshot, 0),
  ),
  // What stands behind a snapshot that is gone, or another's, nobody knows.
  snapshot(
    'alone, and a volume made later from one that is gone has snapshots',
    ['UNUSED', null],
    {},
    {},
    () => madeFrom(freshId('snap'), 1).map((one) => ({ ...one, created: '2026-10-01T00:00:00Z' })),
  ),
  snapshot(
    'alone, and a volume made before from one that is gone has snapshots',
    ['UNUSED', '10'],
    {},
    {},
    () =>
      madeFrom(freshId('snap'), 1).map((one, at) =>
        at === 0 ? { ...one, created: '2025-06-01T00:00:00Z' } : one,
      ),
  ),
  snapshot('of a volume that has a newer one', ['SUSPECTED', null], {}, {}, ({ volume }) => [
    volumeThere(volume),
    newer(volume),
  ]),
  snapshot('the newest of a volume', null, {}, {}, ({ volume }) => [volumeThere(volume)]),
  snapshot('that an AMI is made of', null, {}, {}, (own) => [image(own.snapshot)]),
  snapshot('that a lifecycle policy keeps', null, { systemTags: { 'aws:dlm:lifecycle-policy-id': 'p' } }),
  snapshot('that AWS Backup keeps', null, { systemTags: { 'aws:backup:source-resource': 'r' } }),
  snapshot('copied: its volume id means nothing', null, { volumeId: 'vol-ffffffff' }),
  snapshot('copied, by its transfer', null, { transferType: 'standard' }),
  snapshot('copied, by its description', null, { description: '[Copied snap-1 from eu-west-1] nightly' }),
  snapshot('that undo needs', null, {}, { tags: { ...TAGGED, 'bursar:plan': 'n' } }),
  snapshot('a month old', null, {}, { created: '2026-10-20T00:00:00Z' }),
  snapshot('that is being made', null, {}, { state: 'pending' }),
  snapshot('in a region read by half', null, {}, { region: PARTIAL_REGION }),

  gateway('nothing for two weeks', true, (id) => through(id, 0, 0, 0)),
  gateway('one connection', false, (id) => through(id, (at) => (at === 20 ? 1 : 0), 0, 0)),
  gateway('bytes of UDP alone', false, (id) => through(id, 0, (at) => (at === 55 ? 64 : 0), 0)),
  gateway('bytes from outside alone', false, (id) => through(id, 0, 0, (at) => (at === 0 ? 64 : 0))),
  gateway('a tenth of the samples missing', false, (id) =>
    through(id, (at) => (at % 10 === 0 ? null : 0), 0, 0),
  ),
  gateway('one side silent', false, (id) => through(id, 0, 0, () => null)),
  gateway('bytes that nobody asked for', false, (id) =>
    measured(id, 'connections', 'AWS/NATGateway ActiveConnectionCount', 0),
  ),
  gateway('no telemetry', false, () => []),
  gateway('a value that is no number', false, (id) => through(id, (at) => (at === 3 ? Number.NaN : 0), 0, 0)),
  gateway('younger than the window', false, (id) => through(id, 0, 0, 0), {
    created: '2026-11-10T00:00:00Z',
  }),
  gateway('without a date', false, (id) => through(id, 0, 0, 0), { created: null }),
  gateway('that failed', false, (id) => through(id, 0, 0, 0), { state: 'failed' }),
  gateway('in a region read by half', false, (id) => through(id, 0, 0, 0), { region: PARTIAL_REGION }),

  balancer('without targets', 'application', ['UNUSED', '10'], EMPTY),
  balancer('classic, without instances', 'classic', ['UNUSED', '10'], EMPTY),
  balancer('without targets, that redirects', 'application', null, { ...EMPTY, answersItself: true }),
  balancer('without targets, made yesterday', 'application', null, EMPTY, undefined, {
    created: '2026-11-19T00:00:00Z',
  }),
  balancer('whose targets nobody counted', 'application', null, {}),
  balancer('a network one without a flow', 'network', ['IDLE', '10'], { targets: 2 }, (id) =>
    flows(id, 0, 0),
  ),
  balancer('a network one with one flow', 'network', null, { targets: 2 }, (id) =>
    flows(id, (at) => (at === 9 ? 1 : 0), 0),
  ),
  balancer('a network one whose bytes are silent', 'network', null, { targets: 2 }, (id) =>
    flows(id, 0, () => null),
  ),
  balancer('an application one that is silent', 'application', ['SUSPECTED', null], { targets: 2 }, (id) =>
    requests(id, () => null),
  ),
  balancer('an application one with one request', 'application', null, { targets: 2 }, (id) =>
    requests(id, (at) => (at === 9 ? 1 : null)),
  ),
  balancer('an application one that nobody asked about', 'application', null, { targets: 2 }),
  balancer('a gateway one with targets', 'gateway', null, { targets: 2 }),

  database('without a connection', 'IDLE', 0),
  database('with one connection', null, (at) => (at === 40 ? 1 : 0)),
  database('with gaps', null, (at) => (at % 8 === 0 ? null : 0)),
  fewSamples(database('with few samples in a third of the periods', null, 0)),
  database('without telemetry', null, null),
  database('a replica without a connection', 'SUSPECTED', 0, { replicaOf: 'main' }),
  database('a source of replicas', 'SUSPECTED', 0, { replicas: ['other'] }),
  database('that is stopped', null, 0, {}, { state: 'stopped' }),
  database('a week old', null, 0, {}, { created: '2026-11-13T00:00:00Z' }),
  cluster('all at rest', 'IDLE', [0, 0]),
  cluster('one at work', null, [0, 3]),
  cluster('one that nobody found', null, [0, null]),
  cluster('without instances', null, []),
  cluster('asked over the Data API', null, [0], { httpEndpoint: true }),
  cluster('of a global database', null, [0], { globalCluster: 'g' }),
  cluster('a replica of another', 'SUSPECTED', [0], { replicaOf: 'arn:aws:rds:eu-west-1:1:cluster:x' }),

  stopped('for months', true, {}),
  stopped('for a week', false, { stoppedAt: '2026-11-13T00:00:00.000Z' }),
  stopped('since nobody knows when', false, { stoppedAt: null }),
  stopped('with nothing that belongs to it', false, { volumeIds: [] }),
  stopped('in a warm pool', false, {}, { parent: { type: 'aws:autoscaling:group', id: 'web' } }),
  stopped('and started again', false, { stoppedAt: null }, { state: 'running' }),
  stoppedNotebook('untouched for months', true, '2026-08-01T00:00:00Z'),
  stoppedNotebook('modified last week', false, '2026-11-13T00:00:00Z'),
  stoppedNotebook('modified nobody knows when', false, null),
  stoppedNotebook('in a region read by half', false, '2026-08-01T00:00:00Z', { region: PARTIAL_REGION }),

  logs('kept for ever', true, {}),
  logs('kept for a month', false, { retentionDays: 30 }),
  logs('kept for ever and small', false, { storedBytes: 1000 }),
  logs('of unknown size', false, { storedBytes: null }),
  logs('of the class DELIVERY', false, {}, { sku: 'DELIVERY' }),
  logs('in a region read by half', false, {}, { region: PARTIAL_REGION }),

  bucket('with a rule', [], {}),
  bucket('without a rule', ['no-lifecycle-rule'], { lifecycleRules: [] }),
  bucket('with a rule that is off', ['no-lifecycle-rule'], {
    lifecycleRules: [{ ...EXPIRES, enabled: false }],
  }),
  bucket('with a rule for uploads alone', ['no-lifecycle-rule'], {
    lifecycleRules: [{ ...RULE, abortsUploadsAfterDays: 7 }],
    incompleteUploads: 3,
    oldestUpload: OLD,
  }),
  bucket('whose rules nobody may read', [], {
    lifecycleRules: null,
    incompleteUploads: 3,
    oldestUpload: OLD,
  }),
  bucket('young', [], { lifecycleRules: [] }, { created: '2026-11-10T00:00:00Z' }),
  bucket('with old uploads', ['incomplete-uploads'], { incompleteUploads: 3, oldestUpload: OLD }),
  bucket('with old uploads and a rule for a part', ['incomplete-uploads'], {
    lifecycleRules: [EXPIRES, { ...RULE, wholeBucket: false, abortsUploadsAfterDays: 7 }],
    incompleteUploads: 3,
    oldestUpload: OLD,
  }),
  bucket('with an upload of yesterday', [], { incompleteUploads: 1, oldestUpload: '2026-11-19T00:00:00Z' }),
  bucket('whose uploads nobody may list', [], { incompleteUploads: null }),

  generation('of a former one', true, false),
  generation('of the current one', false, true),
  generation('that nobody tells', false, null),
  generation('of a former one, stopped', false, false, { state: 'stopped' }),
];
