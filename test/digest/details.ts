import type { DigestContent } from '../../lib/digest/content-model.ts';
import type { FindingDetail, ReportDetail, SpendLeaf } from '../../lib/digest/detail-model.ts';
import type { DataTable } from '../../lib/digest/table.ts';

/** What of one finding its page tells: an idle GPU with two devices, flagged twelve days ago. */
export function findingDetail(name = 'tag owner', changes: Partial<FindingDetail> = {}): FindingDetail {
  return {
    ownerSource: name,
    firstSeen: '2026-10-28T09:00:00Z',
    lastSeen: '2026-11-09T08:00:00Z',
    dueAt: '2026-11-12T08:00:00Z',
    policy: { mode: 'stop', rule: name, grace: '2 business days' },
    hold: { kind: 'snooze', until: '2026-11-11T08:00:00Z', reason: name },
    saving: [
      { what: 'cost of the month', amount: '900', source: name },
      { what: 'goes on billing: volumes', amount: '-12.5', source: 'bill EffectiveCost' },
      { what: 'saved when it stops', amount: '887.5', source: '' },
    ],
    wouldChange: [`One device at 5% or more: no finding. ${name}`],
    asked: [{ scope: 'aws:111122223333:us-east-1', dataset: name, asOf: '2026-11-09T08:00:00Z' }],
    advice: [`AWS Compute Optimizer: ${name}`],
    history: [
      { at: '2026-10-28T09:00:00Z', actor: 'audit', from: null, to: 'DETECTED', reason: name },
      { at: '2026-11-03T09:00:00Z', actor: name, from: 'DETECTED', to: 'WARNED', reason: 'told the owner' },
    ],
    series: [0, 1].map((device) => ({
      what: 'gpu-utilization, maximum',
      device: `${device}`,
      unit: 'percent',
      source: name,
      start: '2026-11-02T08:00:00Z',
      period: 3600,
      values: Array.from({ length: 168 }, (_, at) => (at === 40 + device ? null : (at + device) % 3)),
      top: null,
    })),
    ...changes,
  };
}

/** Teams, services, models and resources that cost something; two currencies, a credit, a charge of nobody. */
export function leaves(name = 'research'): SpendLeaf[] {
  return [
    ['research', 'Amazon EC2', '', 'i-0aaa', 'USD', '4100.25'],
    ['research', 'Amazon EC2', '', 'i-0bbb', 'USD', '900.5'],
    ['research', 'Amazon Bedrock', 'claude', 'profile/chat', 'USD', '1200.125'],
    [name, 'Amazon Bedrock', name, name, 'USD', '300'],
    ['support', 'Amazon S3', '', 'bucket', 'USD', '-20'],
    ['', 'Tax', '', '', 'USD', '55.125'],
    ['support', 'Compute Engine', '', 'vm', 'EUR', '1830.2'],
  ].map(([team = '', service = '', model = '', resource = '', currency = '', effective = '']) => ({
    team,
    service,
    model,
    resource,
    currency,
    effective,
  }));
}

export function tableOf(name = 'research'): DataTable {
  return {
    id: 'ai-spend-by-team',
    caption: 'AI spend of the period by team',
    columns: [
      { id: 'team', label: 'Team', kind: 'text' },
      { id: 'currency', label: 'Currency', kind: 'text' },
      { id: 'effective_cost', label: 'Cost', kind: 'money' },
    ],
    rows: [
      [name, 'USD', '4100.25'],
      ['support', 'USD', '-20.5'],
      ['nobody', 'USD', null],
    ],
    source: name,
  };
}

/** What the page tells beyond a digest, with a name wherever a stranger may give one. */
export function detailOf(
  content: DigestContent,
  name = 'research',
  changes: Partial<ReportDetail> = {},
): ReportDetail {
  return {
    findings: new Map(content.findings.map(({ findingId }) => [findingId, findingDetail(name)])),
    spend: { window: content.period, rows: leaves(name), source: 'bills: EffectiveCost' },
    ai: [
      { id: 'ai-team', title: 'AI spend by team', tables: [tableOf(name)], notes: [name], connect: null },
      {
        id: 'ai-feature',
        title: 'AI spend by feature',
        tables: [],
        notes: [],
        connect: {
          what: 'No AI charge names a feature:',
          config: 'dimensions:\n  feature: [{ tag: feature }]',
        },
      },
    ],
    stops: { ...tableOf(name), id: 'stops', caption: 'Each stop' },
    quality: {
      scopes: [{ scope: name, status: 'failed', reason: name, asOf: null }],
      bills: { ...tableOf(name), id: 'bills', caption: 'Bills' },
      notes: [name],
    },
    ...changes,
  };
}
