/**
 * The company that the demo makes up: accounts, machines and steady costs. Every rate here is an invented
 * demonstration rate, not a provider's price.
 */

export const ORGANISATION = 'Acme AI';
export const PAYER = '111122223333';
export const ACCOUNTS = {
  platform: { id: '111122223333', name: 'acme-platform' },
  research: { id: '222233334444', name: 'acme-research' },
  product: { id: '333344445555', name: 'acme-product' },
} as const;
export type AccountName = keyof typeof ACCOUNTS;
export const GCP_PROJECT = 'acme-vision';
export const GCP_BILLING_ACCOUNT = '01ABCD-23EF45-6789AB';
export const OPENAI_ORGANISATION = 'org-acme-demo';

export const REGIONS: Record<string, string> = {
  'us-east-1': 'US East (N. Virginia)',
  'eu-central-1': 'Europe (Frankfurt)',
  'us-central1': 'Iowa',
};

/** How a GPU machine behaves over the last week. */
export type Behaviour =
  | 'busy' // trains by day and night
  | 'bursty' // idle on average, with peaks that count
  | 'idle' // nothing computed, power at rest
  | 'held' // a model loaded, nothing computed
  | 'unobserved' // no agent
  | 'gaps' // an agent that reports three samples of four
  | 'low' // little use and no second signal
  | 'young'; // idle, but younger than the window

export interface Machine {
  readonly name: string;
  readonly account: AccountName;
  readonly region: string;
  readonly type: string;
  readonly gpu: { readonly kind: string; readonly count: number; readonly memoryMiB: number };
  /** Demonstration rate in USD an hour, decimal text. */
  readonly rate: string;
  readonly behaviour: Behaviour;
  readonly startedDaysAgo: number;
  /** Terminated that many days ago: on the bill until then, gone from the estate after. */
  readonly goneDaysAgo?: number;
  /** Paid through the savings plan. */
  readonly covered?: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

const a10 = (count: number) => ({ kind: 'NVIDIA A10G', count, memoryMiB: 22888 * count });
const t4 = { kind: 'NVIDIA T4', count: 1, memoryMiB: 15258 };
const a100 = { kind: 'NVIDIA A100', count: 8, memoryMiB: 8 * 38147 };

const research = { owner: 'research-gpu@acme.example', team: 'research', env: 'research' };
const search = { owner: 'search@acme.example', team: 'search', env: 'prod' };
const support = { owner: 'support-ml@acme.example', team: 'support', env: 'staging' };

export const MACHINES: readonly Machine[] = [
  {
    name: 'train-foundation-1',
    account: 'research',
    region: 'us-east-1',
    type: 'p4d.24xlarge',
    gpu: a100,
    rate: '21.96',
    behaviour: 'busy',
    startedDaysAgo: 60,
    tags: research,
  },
  {
    name: 'ablation-old',
    account: 'research',
    region: 'us-east-1',
    type: 'g5.12xlarge',
    gpu: a10(4),
    rate: '5.67',
    behaviour: 'idle',
    startedDaysAgo: 41,
    tags: research,
  },
  {
    name: 'notebook-keep',
    account: 'research',
    region: 'us-east-1',
    type: 'g5.2xlarge',
    gpu: a10(1),
    rate: '1.21',
    behaviour: 'idle',
    startedDaysAgo: 33,
    tags: { ...research, 'do-not-stop': 'true' },
  },
  {
    name: 'sweep-hyper-2',
    account: 'research',
    region: 'eu-central-1',
    type: 'g5.12xlarge',
    gpu: a10(4),
    rate: '7.09',
    behaviour: 'gaps',
    startedDaysAgo: 20,
    tags: research,
  },
  {
    name: 'ablation-new',
    account: 'research',
    region: 'eu-central-1',
    type: 'g5.2xlarge',
    gpu: a10(1),
    rate: '1.52',
    behaviour: 'young',
    startedDaysAgo: 2,
    tags: research,
  },
  {
    name: 'lost-experiment',
    account: 'research',
    region: 'eu-central-1',
    type: 'g5.xlarge',
    gpu: a10(1),
    rate: '1.26',
    behaviour: 'idle',
    startedDaysAgo: 70,
    tags: {},
  },
  {
    name: 'search-rerank-1',
    account: 'product',
    region: 'us-east-1',
    type: 'g5.xlarge',
    gpu: a10(1),
    rate: '1.01',
    behaviour: 'held',
    startedDaysAgo: 80,
    tags: search,
  },
  {
    name: 'search-embed-1',
    account: 'product',
    region: 'us-east-1',
    type: 'g5.xlarge',
    gpu: a10(1),
    rate: '1.01',
    behaviour: 'bursty',
    startedDaysAgo: 80,
    covered: true,
    tags: search,
  },
  {
    name: 'search-embed-2',
    account: 'product',
    region: 'us-east-1',
    type: 'g5.xlarge',
    gpu: a10(1),
    rate: '1.01',
    behaviour: 'idle',
    startedDaysAgo: 80,
    covered: true,
    tags: search,
  },
  {
    name: 'support-whisper',
    account: 'product',
    region: 'eu-central-1',
    type: 'g4dn.xlarge',
    gpu: t4,
    rate: '0.66',
    behaviour: 'unobserved',
    startedDaysAgo: 55,
    tags: support,
  },
  {
    name: 'support-classify',
    account: 'product',
    region: 'eu-central-1',
    type: 'g4dn.xlarge',
    gpu: t4,
    rate: '0.66',
    behaviour: 'low',
    startedDaysAgo: 50,
    tags: { ...support, Team: 'Support' },
  },
  {
    name: 'ci-gpu-runner',
    account: 'platform',
    region: 'us-east-1',
    type: 'g4dn.xlarge',
    gpu: t4,
    rate: '0.53',
    behaviour: 'idle',
    startedDaysAgo: 48,
    goneDaysAgo: 3,
    tags: { owner: 'platform@acme.example', team: 'platform', env: 'ci' },
  },
];

/** Costs that recur each day: one resource each, with a weekly rhythm where `weekday` is set. */
/** What a bill counts, and its price in USD, decimal text. */
export interface Metered {
  readonly unitPrice: string;
  readonly unit: string;
}

/** Model use is counted by the token. */
export const TOKENS = 'Tokens';

export interface Steady {
  readonly provider: 'AWS' | 'Google Cloud';
  readonly account: AccountName | 'gcp';
  readonly region: string;
  readonly service: string;
  readonly category: string;
  readonly subcategory: string;
  readonly resource: string;
  readonly resourceType: string;
  /** The language model that it is for. */
  readonly model?: string;
  /** Where its bill tells how much was used. */
  readonly metered?: Metered;
  /** Usage type or SKU by its biller's own name: by it a service of many kinds is told apart. */
  readonly meter?: string;
  /** USD a day before noise, decimal text. */
  readonly daily: string;
  /** Share left on Saturday and Sunday. */
  readonly weekend?: number;
  /** Growth a day, as a factor on the base. */
  readonly growth?: number;
  readonly tags: Readonly<Record<string, string>>;
}

const platform = { owner: 'platform@acme.example', team: 'platform', env: 'prod' };

export const STEADY: readonly Steady[] = [
  {
    provider: 'AWS',
    account: 'platform',
    region: 'us-east-1',
    service: 'Amazon Simple Storage Service',
    category: 'Storage',
    subcategory: 'Object Storage',
    resource: 'acme-lake',
    resourceType: 'Bucket',
    daily: '41.20',
    growth: 0.004,
    tags: platform,
  },
  {
    provider: 'AWS',
    account: 'platform',
    region: 'us-east-1',
    service: 'Amazon Elastic Kubernetes Service',
    category: 'Compute',
    subcategory: 'Containers',
    resource: 'arn:aws:eks:us-east-1:111122223333:cluster/core',
    resourceType: 'Cluster',
    daily: '14.40',
    tags: platform,
  },
  {
    provider: 'AWS',
    account: 'product',
    region: 'us-east-1',
    service: 'Amazon Relational Database Service',
    category: 'Databases',
    subcategory: 'Relational Databases',
    resource: 'arn:aws:rds:us-east-1:333344445555:db:orders',
    resourceType: 'DB Instance',
    meter: 'InstanceUsage:db.r6g.large',
    daily: '58.75',
    tags: search,
  },
  {
    provider: 'AWS',
    account: 'product',
    region: 'us-east-1',
    service: 'Amazon Bedrock',
    category: 'AI and Machine Learning',
    subcategory: 'Generative AI',
    resource: 'arn:aws:bedrock:us-east-1:333344445555:application-inference-profile/assistant',
    resourceType: 'Inference Profile',
    model: 'chat model',
    metered: { unitPrice: '0.000001', unit: TOKENS },
    daily: '132.00',
    weekend: 0.45,
    growth: 0.006,
    tags: { ...support, env: 'prod' },
  },
  {
    provider: 'AWS',
    account: 'product',
    region: 'eu-central-1',
    service: 'Amazon OpenSearch Service',
    category: 'Analytics',
    subcategory: 'Search',
    resource: 'arn:aws:es:eu-central-1:333344445555:domain/catalogue',
    resourceType: 'Domain',
    meter: 'EUC1-ESInstance:r6g.large',
    daily: '36.10',
    tags: { team: 'search', env: 'production' },
  },
  {
    provider: 'AWS',
    account: 'research',
    region: 'us-east-1',
    service: 'Amazon SageMaker',
    category: 'AI and Machine Learning',
    subcategory: 'AI Platforms',
    resource: 'arn:aws:sagemaker:us-east-1:222233334444:endpoint/eval-judge',
    resourceType: 'Endpoint',
    meter: 'USE1-Host:ml.g5.xlarge',
    metered: { unitPrice: '0.5', unit: 'Hours' },
    daily: '33.80',
    tags: research,
  },
  {
    provider: 'AWS',
    account: 'research',
    region: 'us-east-1',
    service: 'Amazon CloudWatch',
    category: 'Management and Governance',
    subcategory: 'Observability',
    resource: 'arn:aws:logs:us-east-1:222233334444:log-group:/train/debug',
    resourceType: 'Log Group',
    daily: '9.65',
    tags: {},
  },
  {
    provider: 'Google Cloud',
    account: 'gcp',
    region: 'us-central1',
    service: 'BigQuery',
    category: 'Analytics',
    subcategory: 'Data Warehouses',
    resource: '//bigquery.googleapis.com/projects/acme-vision/datasets/frames',
    resourceType: 'Dataset',
    daily: '27.30',
    weekend: 0.3,
    tags: { owner: 'vision', team: 'vision', env: 'prod' },
  },
  {
    provider: 'Google Cloud',
    account: 'gcp',
    region: 'us-central1',
    service: 'Vertex AI',
    category: 'AI and Machine Learning',
    subcategory: 'AI Platforms',
    resource: '//aiplatform.googleapis.com/projects/acme-vision/locations/us-central1/endpoints/4411',
    resourceType: 'Endpoint',
    meter: 'Vertex AI: Online/Batch Prediction N1 Predefined Instance Core',
    metered: { unitPrice: '0.5', unit: 'Hours' },
    daily: '48.00',
    tags: { team: 'vision', env: 'prod' },
  },
  {
    provider: 'Google Cloud',
    account: 'gcp',
    region: 'us-central1',
    service: 'Compute Engine',
    category: 'Compute',
    subcategory: 'Virtual Machines',
    resource: '//compute.googleapis.com/projects/acme-vision/zones/us-central1-a/instances/annotate-1',
    resourceType: 'Instance',
    daily: '22.56',
    tags: { owner: 'vision', team: 'vision', env: 'prod' },
  },
];

/** Model use billed by OpenAI: one line a project and model, no resource and no tags. */
export const MODELS = [
  {
    project: 'proj_assistant',
    model: 'large model',
    unitPrice: '0.000001',
    daily: '88.00',
    weekend: 0.4,
    growth: 0.005,
  },
  {
    project: 'proj_assistant',
    model: 'small model',
    unitPrice: '0.0000002',
    daily: '17.40',
    weekend: 0.4,
    growth: 0.002,
  },
  {
    project: 'proj_eval',
    model: 'large model',
    unitPrice: '0.000001',
    daily: '24.00',
    weekend: 0.2,
    growth: 0,
  },
] as const;

/** The savings plan: USD an hour, paid whether used or not; it covers the machines marked `covered`. */
export const SAVINGS_PLAN = {
  id: 'arn:aws:savingsplans::111122223333:savingsplan/5f0e8c1a-demo',
  name: 'Compute Savings Plan 1yr',
  hourly: '1.60',
  /** What a covered hour costs against the machine's rate. */
  discount: '0.28',
} as const;

/** Disks that stay when a machine is gone or that nobody attached. */
export const VOLUMES = [
  {
    name: 'ablation-scratch',
    account: 'research',
    region: 'us-east-1',
    gib: 4000,
    daily: '10.67',
    attachedTo: 'ablation-old',
    tags: research,
  },
  {
    name: 'left-behind',
    account: 'platform',
    region: 'us-east-1',
    gib: 1200,
    daily: '3.20',
    attachedTo: null,
    tags: { owner: 'platform@acme.example', team: 'platfrom', env: 'ci' },
  },
] as const satisfies readonly {
  name: string;
  account: AccountName;
  region: string;
  gib: number;
  daily: string;
  attachedTo: string | null;
  tags: Record<string, string>;
}[];

/** Vector indexes of the product database. */
export const VECTOR_INDEXES = [
  {
    schema: 'public',
    table: 'documents',
    index: 'documents_embedding_hnsw',
    vectors: 2_400_000,
    bytes: 19_600_000_000,
    dimension: 1536,
    queriesPerDay: 5200,
  },
  {
    schema: 'public',
    table: 'documents_v1',
    index: 'documents_v1_embedding_hnsw',
    vectors: 1_900_000,
    bytes: 15_100_000_000,
    dimension: 1536,
    queriesPerDay: 0,
  },
] as const;
