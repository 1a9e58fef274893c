import type { Json, Resource, Telemetry } from '../estate/model.ts';
import { Decimal, decimalText } from '../focus/decimal.ts';
import { ACCOUNTS, type AccountName } from './cast.ts';
import { dayStart } from './names.ts';
import { awsAccount, type BillRow, charge, flat, place, priced } from './rows.ts';
import type { ExpectedFinding } from './truth-model.ts';

/** What the company has besides machines, each a case of a check: with its bill, its place in the estate and what must be found. */
interface Thing {
  readonly account: AccountName;
  readonly region: string;
  readonly type: string;
  readonly dataset: string;
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly sku: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Days before the demo's day on which it was made, and how long it was charged for: to this day where left out. */
  readonly madeDaysAgo: number;
  readonly chargedDays?: number;
  /** USD a day; left out where nothing is billed, or another row has it. */
  readonly daily?: string;
  readonly service: readonly [name: string, category: string, subcategory: string];
  readonly resourceType: string;
  /** Usage type by AWS's own name, where the service is billed for things of many kinds. */
  readonly meter?: string;
  readonly attributes: (now: Date) => Readonly<Record<string, Json>>;
}

const platform = { owner: 'platform@acme.example', team: 'platform', env: 'prod' };
const research = { owner: 'research-gpu@acme.example', team: 'research', env: 'research' };
const NETWORK = ['Amazon Virtual Private Cloud', 'Networking', 'Network Connectivity'] as const;
const SAGEMAKER = ['Amazon SageMaker', 'AI and Machine Learning', 'AI Platforms'] as const;

const arn = (service: string, region: string, account: AccountName, rest: string) =>
  `arn:aws:${service}:${region}:${ACCOUNTS[account].id}:${rest}`;

const ADDRESS: Thing = {
  account: 'platform',
  region: 'us-east-1',
  type: 'aws:ec2:elastic-ip',
  dataset: 'aws.ec2.addresses',
  id: arn('ec2', 'us-east-1', 'platform', 'elastic-ip/eipalloc-0a1b2c3d4e5f60718'),
  name: 'old-gateway',
  state: 'unassociated',
  sku: null,
  tags: { ...platform, Name: 'old-gateway' },
  madeDaysAgo: 300,
  daily: '0.12',
  service: NETWORK,
  resourceType: 'Elastic IP Address',
  attributes: () => ({
    publicIp: '203.0.113.17',
    instanceId: null,
    serviceManaged: null,
    publicIpv4Pool: 'amazon',
  }),
};

const NAT: Thing = {
  account: 'research',
  region: 'us-east-1',
  type: 'aws:ec2:natgateway',
  dataset: 'aws.ec2.natgateways',
  id: arn('ec2', 'us-east-1', 'research', 'natgateway/nat-0f1e2d3c4b5a69788'),
  name: 'sandbox-nat',
  state: 'available',
  sku: null,
  tags: { ...research, Name: 'sandbox-nat' },
  madeDaysAgo: 200,
  daily: '1.08',
  service: NETWORK,
  resourceType: 'NAT Gateway',
  attributes: () => ({
    vpcId: 'vpc-0123456789abcdef0',
    subnetId: 'subnet-0123456789abcdef0',
    systemTags: {},
  }),
};

/** Its bill is one of the lines that recur. */
const LOGS: Thing = {
  account: 'research',
  region: 'us-east-1',
  type: 'aws:logs:log-group',
  dataset: 'aws.logs.log-groups',
  id: arn('logs', 'us-east-1', 'research', 'log-group:/train/debug'),
  name: '/train/debug',
  state: 'active',
  sku: 'STANDARD',
  tags: {},
  madeDaysAgo: 400,
  service: ['Amazon CloudWatch', 'Management and Governance', 'Observability'],
  resourceType: 'Log Group',
  attributes: () => ({ retentionDays: null, storedBytes: 332_859_965_440 }),
};

const STUDIO: Thing = {
  account: 'research',
  region: 'us-east-1',
  type: 'aws:sagemaker:domain',
  dataset: 'aws.sagemaker.domains',
  id: arn('sagemaker', 'us-east-1', 'research', 'domain/d-lab00000001'),
  name: 'research-lab',
  state: 'InService',
  sku: null,
  tags: research,
  madeDaysAgo: 250,
  service: SAGEMAKER,
  resourceType: 'Domain',
  attributes: () => ({
    domainId: 'd-lab00000001',
    idleShutdown: null,
    sharedIdleShutdown: null,
    profiles: [],
  }),
};

const FAMILY = 'finetune-judge';

/** Runs of one training job, each billed on its day: three of four broke off. */
const RUNS: readonly Thing[] = [
  [20, 'Failed', '41.60'],
  [12, 'Completed', '63.20'],
  [6, 'Failed', '38.40'],
  [3, 'Failed', '52.80'],
].map(([daysAgo, state, cost], at): Thing => {
  const name = `${FAMILY}-000${at + 1}`;
  const hours = 4 + at;
  return {
    account: 'research',
    region: 'us-east-1',
    type: 'aws:sagemaker:training-job',
    dataset: 'aws.sagemaker.training-jobs',
    id: arn('sagemaker', 'us-east-1', 'research', `training-job/${name}`),
    name,
    state: String(state),
    sku: 'ml.g5.12xlarge',
    tags: research,
    madeDaysAgo: Number(daysAgo),
    chargedDays: 1,
    daily: String(cost),
    service: SAGEMAKER,
    resourceType: 'Training Job',
    meter: 'USE1-Train:ml.g5.12xlarge',
    attributes: (now) => {
      const start = dayStart(now, Number(daysAgo)).getTime() + 2 * 3_600_000;
      return {
        jobName: name,
        createdAt: new Date(start - 600_000).toISOString(),
        startedAt: new Date(start).toISOString(),
        endedAt: new Date(start + hours * 3_600_000).toISOString(),
        billableSeconds: hours * 3600,
        instanceCount: 1,
        maxRuntimeSeconds: 86_400,
        endReason: String(state),
        failureReason:
          state === 'Failed' ? 'AlgorithmError: CUDA out of memory at step 4100, exit code: 1' : null,
      };
    },
  };
});

const THINGS: readonly Thing[] = [ADDRESS, NAT, LOGS, STUDIO, ...RUNS];

/** A model that was first used this month: only the bill knows it. */
const NEW_MODEL = {
  account: 'product',
  region: 'us-east-1',
  resource: arn('bedrock', 'us-east-1', 'product', 'application-inference-profile/storyboard'),
  model: 'video model',
  daily: '18.50',
  /** Of video made, USD a second. */
  unitPrice: '0.05',
  sinceDaysAgo: 9,
  tags: { owner: 'search@acme.example', team: 'search', env: 'prod' },
} as const;

/** What these are billed for the day `ago` days before. */
export function thingRows(day: Date, ago: number): BillRow[] {
  const things = THINGS.flatMap((thing) => {
    const until = thing.chargedDays === undefined ? 0 : thing.madeDaysAgo - thing.chargedDays;
    if (thing.daily === undefined || ago > thing.madeDaysAgo || (ago <= until && until > 0)) return [];
    const [ServiceName, ServiceCategory, ServiceSubcategory] = thing.service;
    return [
      charge(day, {
        ...awsAccount(thing.account),
        ...place(thing.region),
        ServiceName,
        ServiceCategory,
        ServiceSubcategory,
        ResourceId: thing.id,
        ResourceName: thing.name,
        ResourceType: thing.resourceType,
        ChargeDescription: `${ServiceName} usage`,
        ...(thing.meter === undefined ? {} : { SkuMeter: thing.meter }),
        ...flat(thing.daily),
        Tags: JSON.stringify(thing.tags),
      }),
    ];
  });
  return ago > NEW_MODEL.sinceDaysAgo ? things : [...things, newModelRow(day)];
}

function newModelRow(day: Date): BillRow {
  return charge(day, {
    ...awsAccount(NEW_MODEL.account),
    ...place(NEW_MODEL.region),
    ServiceName: 'Amazon Bedrock',
    ServiceCategory: 'AI and Machine Learning',
    ServiceSubcategory: 'Generative AI',
    ResourceId: NEW_MODEL.resource,
    ResourceName: 'storyboard',
    ResourceType: 'Inference Profile',
    ChargeDescription: 'Amazon Bedrock usage',
    ...flat(NEW_MODEL.daily),
    ...priced(
      NEW_MODEL.unitPrice,
      new Decimal(NEW_MODEL.daily).div(NEW_MODEL.unitPrice),
      'Seconds',
      'sku-video-model',
    ),
    Tags: JSON.stringify(NEW_MODEL.tags),
    x_AiModel: NEW_MODEL.model,
  });
}

/** What a look `ago` days before `now` finds of them in an account and region. */
export function thingsSeen(
  now: Date,
  ago: number,
  scope: { readonly accountId: string; readonly region: string },
): { resources: Resource[]; telemetry: Telemetry[] } {
  const here = THINGS.filter(
    ({ account, region, madeDaysAgo }) =>
      ACCOUNTS[account].id === scope.accountId && region === scope.region && madeDaysAgo > ago,
  );
  return {
    resources: here.map(
      ({ type, id, name, state, madeDaysAgo, tags, sku, attributes, dataset }): Resource => ({
        provider: 'aws',
        ...scope,
        type,
        id,
        name,
        state,
        created: dayStart(now, madeDaysAgo).toISOString(),
        tags,
        sku,
        accelerators: [],
        parent: null,
        attributes: attributes(now),
        dataset,
      }),
    ),
    telemetry: here.includes(NAT) ? silence(new Date(now.getTime() - ago * 86_400_000)) : [],
  };
}

const PERIOD = 21_600;
const POINTS = 56;

/** Two weeks in which nothing went through the NAT gateway. */
function silence(at: Date): Telemetry[] {
  const end = Math.floor(at.getTime() / (PERIOD * 1000)) * PERIOD * 1000;
  return [
    ['connections', 'count', 'ActiveConnectionCount'],
    ['bytes', 'bytes', 'BytesInFromSource'],
    ['bytes', 'bytes', 'BytesInFromDestination'],
  ].map(
    ([metric, unit = '', name]): Telemetry => ({
      resourceId: NAT.id,
      metric: metric === 'bytes' ? 'bytes' : 'connections',
      statistic: 'maximum',
      unit,
      device: null,
      period: PERIOD,
      points: Array.from({ length: POINTS }, (_, index) => ({
        at: new Date(end - (POINTS - index) * PERIOD * 1000).toISOString(),
        value: 0,
      })),
      expectedPoints: POINTS,
      source: `AWS/NATGateway ${name}`,
    }),
  );
}

const month = ({ daily = '0' }: Thing) => decimalText(new Decimal(daily).times(30));

/** What must be found of them, by the days that the bill covers. */
export function thingsExpected(costOf: (resourceId: string) => string): ExpectedFinding[] {
  const failed = RUNS.filter(({ state }) => state === 'Failed');
  return [
    expected('idle-address', ADDRESS.id, 'UNUSED', month(ADDRESS), month(ADDRESS)),
    expected('idle-nat-gateway', NAT.id, 'IDLE', month(NAT), month(NAT)),
    expected('logs-kept-for-ever', LOGS.id, 'NONCOMPLIANT', costOf(LOGS.id), null),
    expected('no-idle-shutdown', STUDIO.id, 'NONCOMPLIANT', null, null),
    expected(
      'failing-job',
      `job/${ACCOUNTS.research.id}/us-east-1/aws:sagemaker:training-job/${FAMILY}`,
      'INEFFICIENT',
      decimalText(failed.reduce((sum, { daily = '0' }) => sum.plus(daily), new Decimal(0))),
      null,
    ),
    expected(
      'unapproved-ai-service',
      `vendor/AWS/model/${NEW_MODEL.model}`,
      'SUSPECTED',
      decimalText(new Decimal(NEW_MODEL.daily).times(NEW_MODEL.sinceDaysAgo)),
      null,
    ),
  ];
}

function expected(
  check: string,
  resourceId: string,
  verdict: string,
  monthlyCost: string | null,
  monthlySaving: string | null,
): ExpectedFinding {
  return { check, resourceId, verdict, monthlyCost, monthlySaving };
}
