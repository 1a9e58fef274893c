import type { DigestInput } from '../../lib/digest/model.ts';
import type { Finding } from '../../lib/ledger/model.ts';

export function usd(amount: string) {
  return { amount, currency: 'USD' };
}

let made = 0;

/** A finding as the ledger keeps it; an idle GPU machine unless told otherwise. */
export function finding(changes: Partial<Finding> = {}): Finding {
  made += 1;
  const resourceId =
    changes.resourceId ?? `arn:aws:ec2:us-east-1:111122223333:instance/i-0${String(made).padStart(16, '0')}`;
  return {
    schemaVersion: 1,
    id: `f-${String(made).padStart(26, '2')}`,
    check: 'idle-gpu',
    provider: 'aws',
    accountId: '111122223333',
    region: 'us-east-1',
    resourceType: 'aws:ec2:instance',
    resourceId,
    resourceName: 'trainer',
    owner: { id: 'ml-platform@acme.example', source: 'tag owner', confidence: 'high' },
    verdict: 'IDLE',
    severity: 'high',
    confidence: 'high',
    costBasis: 'billed',
    monthlyCost: usd('900'),
    monthlySaving: usd('900'),
    evidence: [
      {
        name: 'highest GPU utilisation',
        value: '0.4',
        unit: 'percent',
        window: '2026-11-02T00:00:00Z/2026-11-09T00:00:00Z',
        source: 'CWAgent nvidia_smi_utilization_gpu',
      },
    ],
    blindSpots: ['Work that uses no GPU is not seen.'],
    state: 'DETECTED',
    dueAt: null,
    reason: 'Every device stayed under 5% for 168 hours and its power at rest.',
    firstSeen: '2026-10-28T09:00:00Z',
    lastSeen: '2026-11-09T08:00:00Z',
    ...changes,
  };
}

/** A company with nothing: no bill, no estate, no finding. */
export function emptyInput(changes: Partial<DigestInput> = {}): DigestInput {
  return {
    organisation: { name: 'Acme', timezone: 'Europe/Berlin', currency: 'USD' },
    now: '2026-11-09T08:00:00Z',
    kind: 'week',
    period: { start: '2026-11-02T00:00:00.000Z', end: '2026-11-09T00:00:00.000Z' },
    former: { start: '2026-10-26T00:00:00.000Z', end: '2026-11-02T00:00:00.000Z' },
    asOf: null,
    spend: [],
    daily: [],
    byService: [],
    tagging: [],
    findings: [],
    resolved: [],
    commitments: [],
    coverage: [],
    ownCost: { amount: '0', currency: 'USD', calls: [] },
    ...changes,
  };
}

/** A company with something of everything, as a FinOps lead would meet it on a Monday. */
export function fullInput(changes: Partial<DigestInput> = {}): DigestInput {
  const daily = Array.from({ length: 28 }, (_, at) => ({
    day: new Date(Date.UTC(2026, 9, 12 + at)).toISOString().slice(0, 10),
    currency: 'USD',
    effective: `${5400 + ((at * 613) % 900) + (at % 7 > 4 ? -1500 : 0) + (at > 22 ? 1450 : 0)}.37`,
  }));
  return emptyInput({
    asOf: '2026-11-09T00:00:00Z',
    spend: [
      { currency: 'USD', current: '46210.842', former: '38120.115', estimated: true },
      { currency: 'EUR', current: '1830.2', former: '1902.77', estimated: false },
    ],
    daily,
    byService: [
      {
        provider: 'aws',
        service: 'Amazon Elastic Compute Cloud',
        currency: 'USD',
        current: '24410.5',
        former: '17020.1',
      },
      { provider: 'openai', service: 'Model usage', currency: 'USD', current: '6120.9', former: '4980.2' },
      {
        provider: 'aws',
        service: 'Amazon Relational Database Service',
        currency: 'USD',
        current: '3020',
        former: '3420.25',
      },
      { provider: 'gcp', service: 'Compute Engine', currency: 'EUR', current: '1430.2', former: '1502.77' },
      { provider: 'aws', service: 'AWS Lambda', currency: 'USD', current: '301', former: '190.5' },
      {
        provider: 'aws',
        service: 'Amazon Simple Storage Service',
        currency: 'USD',
        current: '1820',
        former: '1800',
      },
    ],
    tagging: [
      {
        currency: 'USD',
        tagged: '141200.5',
        untagged: '18850.2',
        notActivated: '2210',
        untaggable: '6402.8',
        unknown: '0',
      },
    ],
    findings: [
      finding({
        resourceName: 'llm-finetune-3',
        monthlySaving: usd('8812.4'),
        monthlyCost: usd('8812.4'),
        severity: 'critical',
      }),
      finding({
        resourceName: 'notebook-gpu',
        monthlySaving: usd('734.2'),
        monthlyCost: usd('734.2'),
        owner: null,
        firstSeen: '2026-11-09T07:00:00Z',
      }),
      finding({
        resourceName: 'render-07',
        region: 'eu-central-1',
        monthlySaving: usd('2208.96'),
        monthlyCost: usd('2208.96'),
      }),
      finding({
        resourceName: 'inference-canary',
        verdict: 'HELD',
        monthlySaving: null,
        monthlyCost: usd('1204.5'),
        severity: 'medium',
      }),
      finding({
        resourceName: 'batch-gpu-12',
        verdict: 'UNOBSERVED',
        monthlySaving: null,
        monthlyCost: usd('3305.1'),
      }),
      finding({
        check: 'stale-embeddings',
        verdict: 'UNUSED',
        provider: 'postgres',
        resourceType: 'pgvector:index',
        accountId: 'docs-db',
        resourceId: 'postgres://docs-db:5432/docs/public.chunks_v1_embedding_idx',
        resourceName: 'chunks_v1_embedding_idx',
        costBasis: 'unknown',
        monthlyCost: null,
        monthlySaving: null,
        region: 'global',
      }),
      finding({
        check: 'untagged',
        verdict: 'NONCOMPLIANT',
        monthlySaving: null,
        monthlyCost: usd('420'),
        resourceName: 'data-loader',
        severity: 'low',
      }),
    ],
    resolved: [
      finding({
        state: 'RESOLVED',
        resourceName: 'old-trainer',
        monthlySaving: usd('1520'),
        monthlyCost: usd('1520'),
      }),
    ],
    commitments: [
      {
        programme: 'aws-compute-savings-plan',
        provider: 'aws',
        monthlySaving: usd('2140.75'),
        window: { start: '2026-10-10T00:00:00Z', end: '2026-11-09T00:00:00Z' },
      },
    ],
    coverage: [
      { scope: 'bill:aws-main', status: 'complete', reason: null, asOf: '2026-11-09T00:00:00Z' },
      { scope: 'aws:111122223333:us-east-1', status: 'complete', reason: null, asOf: '2026-11-09T08:00:00Z' },
      {
        scope: 'aws:444455556666:us-east-1',
        status: 'failed',
        reason: 'AccessDenied on sts:AssumeRole: let BursarRead trust this account',
        asOf: null,
      },
      {
        scope: 'aws:444455556666:eu-central-1',
        status: 'failed',
        reason: 'AccessDenied on sts:AssumeRole: let BursarRead trust this account',
        asOf: null,
      },
    ],
    ownCost: {
      amount: '0.03',
      currency: 'USD',
      calls: [
        { api: 'ce:GetCostAndUsage', count: 3 },
        { api: 'ec2:DescribeInstances', count: 34 },
      ],
    },
    ...changes,
  });
}
