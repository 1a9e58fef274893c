import type { Facts, ResourceCost, TagSpend } from '../../lib/checks/model.ts';
import type { Resource, Telemetry, VectorIndex } from '../../lib/estate/model.ts';
import { facts, HOUR, NOW } from '../checks/facts.ts';
import { CASES } from '../checks/truth/cases.ts';
import { ACCOUNT, estateOf } from '../checks/truth/model.ts';

const DAY = 24 * HOUR;
const HOURS = 168;
const REGIONS = ['us-east-1', 'us-west-2', 'eu-central-1', 'eu-west-1'];
const ACCOUNTS = 200;

/** One machine in fifty has a GPU; each tells hourly use and memory of a week. */
const GPU_EVERY = 50;
/** Vector indexes, each with a month of daily snapshots. */
const INDEXES = 1000;
const LOOKS = 31;

/**
 * An estate of so many resources with its bill, as `gatherFacts` gives it to the checks at the time of the written
 * truth. A tenth of it is that truth, again and again in other accounts, so that every check finds what it looks for;
 * the rest is machines and volumes.
 */
export function benchFacts(resources: number): Omit<Facts, 'ownerOf'> {
  const truths = allTypes(resources / 10);
  const rest = resources - truths.reduce((sum, one) => sum + one.resources.length, 0);
  const estate = Array.from({ length: rest }, (_, index) => resource(index));
  const scopes = new Set(estate.map(({ accountId, region }) => `aws:${accountId}:${region}`));
  const complete = [...scopes, 'store:docs', 'bill:aws-main'];
  const collected = <T>(of: (one: Facts) => readonly T[] | undefined): T[] =>
    truths.flatMap((one) => of(one) ?? []);
  return {
    resources: [...estate, ...collected((one) => one.resources)],
    telemetry: [...estate.flatMap(telemetry), ...collected((one) => one.telemetry)],
    vectorIndexes: {
      current: indexes(NOW.getTime()),
      history: Array.from({ length: LOOKS }, (_, look) =>
        indexes(NOW.getTime() - (LOOKS - look) * DAY),
      ).flat(),
    },
    costs: [...estate.map(cost), ...collected((one) => one.costs)],
    storageCosts: collected((one) => one.storageCosts),
    tagSpend: [...estate.map(spend), ...collected((one) => one.tagSpend)],
    aiCalls: collected((one) => one.aiCalls),
    billDetail: collected((one) => one.billDetail),
    aiServices: {
      rows: collected((one) => one.aiServices?.rows),
      heldSince: new Map(truths.flatMap((one) => [...(one.aiServices?.heldSince ?? [])])),
    },
    billWindow: facts().billWindow,
    coverage: [
      ...complete.map((scope) => ({
        scope,
        status: 'complete' as const,
        reason: null,
        asOf: NOW.toISOString(),
      })),
      ...collected((one) => one.coverage),
    ],
  };
}

/** The written truth, once for each of so many accounts that their things are about `resources`. */
function allTypes(resources: number): Facts[] {
  const whole = estateOf(CASES, facts());
  const text = JSON.stringify({ ...whole, aiServices: whole.aiServices?.rows });
  return Array.from({ length: Math.round(resources / whole.resources.length) }, (_, at): Facts => {
    const own = String(300_000_000_000 + at);
    const { aiServices, ...copy } = JSON.parse(text.replaceAll(ACCOUNT, own).replaceAll('acct-', `${own}-`));
    const heldSince = new Map([['main', '2026-01-01T00:00:00.000Z']]);
    return { ...copy, aiServices: { rows: aiServices, heldSince }, ownerOf: () => null };
  });
}

function resource(index: number): Resource {
  const gpu = index % GPU_EVERY === 0;
  const volume = !gpu && index % 3 === 0;
  const accountId = String(100_000_000_000 + (index % ACCOUNTS) * 7919);
  const region = REGIONS[Math.floor(index / ACCOUNTS) % REGIONS.length] ?? 'us-east-1';
  const id = `${volume ? 'vol' : 'i'}-0${index.toString(16).padStart(16, '0')}`;
  return {
    provider: 'aws',
    accountId,
    region,
    type: volume ? 'aws:ec2:volume' : 'aws:ec2:instance',
    id: `arn:aws:ec2:${region}:${accountId}:${volume ? 'volume' : 'instance'}/${id}`,
    name: `${volume ? 'data' : 'node'}-${index}`,
    state: volume ? 'in-use' : 'running',
    created: '2026-09-01T00:00:00.000Z',
    tags: tags(index),
    sku: gpu ? 'g4dn.xlarge' : volume ? 'gp3' : 'm7i.large',
    accelerators: gpu ? [{ kind: 'NVIDIA T4', count: 1, memoryMiB: 16_384 }] : [],
    parent: null,
    attributes: {},
  };
}

/** Four in five have what is required; some with another case, a value that is not allowed, or a slip in the key. */
function tags(index: number): Record<string, string> {
  const own: Record<string, string> = {
    app: `app-${index % 300}`,
    'cost-center': `cc-${index % 90}`,
    'managed-by': 'terraform',
    repository: `repo-${index % 500}`,
  };
  if (index % 5 > 0) own['owner'] = `person-${index % 400}@bench.example`;
  if (index % 7 > 0) own['team'] = `team-${index % 40}`;
  if (index % 9 > 0) own['env'] = index % 21 === 0 ? 'Prod' : index % 2 === 0 ? 'prod' : 'dev';
  if (index % 40 === 0) own['Owner '] = 'someone';
  if (index % 60 === 0) own['tema'] = 'search';
  return own;
}

function telemetry({ id, accelerators }: Resource, index: number): Telemetry[] {
  if (accelerators.length === 0) return [];
  const idle = index % (GPU_EVERY * 4) === 0;
  const series = (metric: Telemetry['metric'], unit: string, value: number): Telemetry => ({
    resourceId: id,
    metric,
    statistic: 'maximum',
    unit,
    device: '0',
    period: 3600,
    points: Array.from({ length: HOURS }, (_, hour) => ({
      at: new Date(NOW.getTime() - (HOURS - hour) * HOUR).toISOString(),
      value: value + (hour % 3),
    })),
    expectedPoints: HOURS,
    source: `CWAgent ${metric}`,
  });
  return [
    series('gpu-utilization', 'percent', idle ? 0 : 60),
    series('gpu-memory-used', 'MiB', idle ? 300 : 9000),
    series('gpu-power', 'percent-of-limit', idle ? 10 : 70),
  ];
}

function indexes(at: number): (VectorIndex & { at: string; scope: string })[] {
  return Array.from({ length: INDEXES }, (_, index) => ({
    at: new Date(at).toISOString(),
    scope: 'store:docs',
    store: 'docs',
    storeType: 'pgvector',
    provider: 'postgres',
    accountId: 'docs.bench.example:5432',
    region: 'global',
    dataset: 'pgvector.indexes',
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
    id: `postgres://docs.bench.example:5432/docs/public.docs_${index}_idx`,
    table: `docs_${index}`,
    index: `docs_${index}_idx`,
    method: 'hnsw',
    dimension: 1536,
    vectors: 1_000_000,
    bytes: 8_000_000_000,
    queries: index % 3 === 0 ? 17 : Math.floor(at / DAY),
    tableScans: 0,
    lastQuery: index % 3 === 0 ? '2026-08-01T00:00:00.000Z' : new Date(at - HOUR).toISOString(),
    statsSince: '2026-07-01T00:00:00.000Z',
    replica: false,
    replicas: 0,
  }));
}

/** Bills write EC2's ids bare. */
const billed = (id: string) => id.slice(id.lastIndexOf('/') + 1);

function cost({ accountId, region, id, name, accelerators }: Resource): ResourceCost {
  return {
    provider: 'aws',
    accountId,
    region,
    resourceId: billed(id),
    resourceName: name,
    service: 'Amazon Elastic Compute Cloud',
    currency: 'USD',
    effective: accelerators.length > 0 ? '378.7200000001' : '72.5760000003',
    committed: '0',
    days: 30,
  };
}

function spend({ accountId, region, id, name, tags: own, accelerators }: Resource): TagSpend {
  return {
    source: 'aws-main',
    provider: 'aws',
    accountId,
    region,
    service: 'Amazon Elastic Compute Cloud',
    resourceId: billed(id),
    resourceName: name,
    resourceType: null,
    chargeCategory: 'Usage',
    tags: own,
    currency: 'USD',
    effective: accelerators.length > 0 ? '378.7200000001' : '72.5760000003',
  };
}
