import type { Facts, ResourceCost, TagSpend } from '../../lib/checks/model.ts';
import type { Resource, Telemetry } from '../../lib/estate/model.ts';

export const NOW = new Date('2026-11-20T10:30:00Z');
export const HOUR = 3_600_000;
/** The last full hour before NOW, where windows of telemetry end. */
export const END = Date.parse('2026-11-20T10:00:00Z');
export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
export const SCOPE = `aws:${ACCOUNT}:${REGION}`;
export const WINDOW = { start: '2026-10-21T00:00:00.000Z', end: '2026-11-20T00:00:00.000Z', days: 30 };

export function facts(given: Partial<Facts> = {}): Facts {
  return {
    resources: [],
    telemetry: [],
    vectorIndexes: { current: [], history: [] },
    costs: [],
    tagSpend: [],
    billWindow: WINDOW,
    coverage: [{ scope: SCOPE, status: 'complete', reason: null, asOf: NOW.toISOString() }],
    ownerOf: () => null,
    ...given,
  };
}

export const arn = (id: string, type = 'instance') => `arn:aws:ec2:${REGION}:${ACCOUNT}:${type}/${id}`;

/** A machine with two T4 that has run for a month. */
export function machine(given: Partial<Resource> = {}): Resource {
  return {
    provider: 'aws',
    accountId: ACCOUNT,
    region: REGION,
    type: 'aws:ec2:instance',
    id: arn('i-0000000000000001'),
    name: 'trainer',
    state: 'running',
    created: '2026-10-01T00:00:00Z',
    tags: {},
    sku: 'g4dn.12xlarge',
    accelerators: [{ kind: 'NVIDIA T4', count: 2, memoryMiB: 32_768 }],
    parent: null,
    attributes: {},
    ...given,
  };
}

/** A series of maxima, one for each of the last `hours` full hours. */
export function series(
  metric: Telemetry['metric'],
  device: string | null,
  value: number | ((hour: number) => number),
  given: Partial<Telemetry> & { hours?: number } = {},
): Telemetry {
  const { hours = 168, ...rest } = given;
  return {
    resourceId: arn('i-0000000000000001'),
    metric,
    statistic: 'maximum',
    unit: metric === 'gpu-memory-used' ? 'MiB' : metric === 'gpu-power' ? 'percent-of-limit' : 'percent',
    device,
    period: 3600,
    points: Array.from({ length: hours }, (_, index) => ({
      at: new Date(END - (hours - index) * HOUR).toISOString(),
      value: typeof value === 'number' ? value : value(index),
    })),
    expectedPoints: 168,
    source: `CWAgent ${metric}`,
    ...rest,
  };
}

/** Everything that an idle machine of two devices reports. */
export function idleTelemetry(): Telemetry[] {
  return ['0', '1'].flatMap((device) => [
    series('gpu-utilization', device, 1),
    series('gpu-memory-used', device, 300),
    series('gpu-power', device, 12),
  ]);
}

export function cost(given: Partial<ResourceCost> = {}): ResourceCost {
  return {
    provider: 'aws',
    accountId: ACCOUNT,
    region: REGION,
    resourceId: arn('i-0000000000000001'),
    resourceName: null,
    service: 'Amazon Elastic Compute Cloud',
    currency: 'USD',
    effective: '2816.64',
    committed: '0',
    days: 30,
    ...given,
  };
}

export function spend(given: Partial<TagSpend> = {}): TagSpend {
  return {
    source: 'main',
    provider: 'aws',
    accountId: ACCOUNT,
    region: REGION,
    service: 'Amazon Elastic Compute Cloud',
    resourceId: arn('i-0000000000000001'),
    resourceName: null,
    resourceType: null,
    chargeCategory: 'Usage',
    tags: {},
    currency: 'USD',
    effective: '10',
    ...given,
  };
}
