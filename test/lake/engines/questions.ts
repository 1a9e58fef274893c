import type { Params } from '../../../lib/lake/engine/duckdb.ts';

export interface Question {
  readonly query: string;
  readonly params: Params;
  /** What the charges of rows.ts add up to, by hand. */
  readonly answer: readonly object[];
}

export const NOVEMBER = { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' };
/** A window is half-open wherever it ends: an hour after midnight in UTC is midnight in Berlin. */
const EDGES = { start: '2026-10-31T23:59:59.999Z', end: '2026-11-30T23:59:59.999Z' };

const CHF = '0.000000000000000027';
const JPY = '20000000000000000000.600000100000056883';
const EC2 = 'Amazon Elastic Compute Cloud';
const S3 = 'Amazon Simple Storage Service';
const PLAN = 'arn:aws:savingsplans::999900001111:savingsplan/1';
const VM = '//compute.googleapis.com/projects/my-project/zones/europe-west3-a/instances/ünï';

/** Each awkward amount alone, as it must come out: of the resources r-0 ... and t-0 ... */
const AMOUNTS = [
  '0.0000001',
  '0',
  '0.1',
  '0.2',
  '0.30000000000000004',
  '0.000000000000056843',
  `2${'0'.repeat(19)}`,
];
const TIES = ['2', '4', '-2', '-4', '0', '2', '12', '13'].map((last) =>
  last === '0' ? '0' : `${last.startsWith('-') ? '-' : ''}0.${last.replace('-', '').padStart(18, '0')}`,
);
const AWKWARD = [
  ...AMOUNTS.map((amount, index) => ({ resourceId: `r-${index}`, currency: 'JPY', effective: amount })),
  ...TIES.map((amount, index) => ({ resourceId: `t-${index}`, currency: 'CHF', effective: amount })),
];

const cost = (more: object) => ({
  provider: 'aws',
  accountId: '111122223333',
  region: 'us-east-1',
  resourceName: null,
  service: EC2,
  currency: 'USD',
  committed: '0',
  days: 1,
  ...more,
});

const tagged = (more: object) => ({
  source: 'aws',
  provider: 'aws',
  accountId: '111122223333',
  region: 'us-east-1',
  service: EC2,
  resourceName: null,
  resourceType: null,
  chargeCategory: 'Usage',
  tags: {},
  currency: 'USD',
  ...more,
});

const detail = (provider: string, accountId: string) => ({
  source: 'aws',
  provider,
  accountId,
  resourceIds: true,
  commitments: false,
});

const called = (
  provider: string,
  accountId: string,
  subAccountId: string | null,
  service: string,
  effective: string,
) => ({
  source: 'aws',
  provider,
  accountId,
  subAccountId,
  subAccountName: null,
  service,
  apiKey: null,
  inferenceProfile: null,
  tokens: false,
  currency: 'USD',
  effective,
});

/** When a service was first charged, and what it cost in the window; null: nothing was charged in it. */
const firstIn = (service: string, currency: string, since: string, effective: string | null) => ({
  source: 'aws',
  provider: 'aws',
  vendor: 'AWS',
  accountId: '111122223333',
  service,
  region: 'us-east-1',
  model: '',
  currency,
  effective: effective ?? '0',
  charged: effective !== null,
  since: new Date(since).toISOString(),
});

const eligible = (start: string, end: string, amount: string) => ({
  kind: 'aws-compute',
  slice: '',
  currency: 'USD',
  start: `2026-${start}Z`,
  end: `2026-${end}Z`,
  amount,
});

const daily = (day: string, currency: string, effective: string) => ({
  day,
  currency,
  effective,
  estimated: false,
});

/** What is converted into a currency keeps its days, what is in it already has none. */
const converted = (service: string, currency: string, day: string, billed: string, effective: string) => ({
  key: [service],
  currency,
  day,
  billed,
  effective,
  listEstimate: '0',
});

const monthly = (month: string, currency: string, billed: string, effective: string, rows: number) => ({
  provider: 'aws',
  providerName: 'AWS',
  currency,
  month,
  billed,
  effective,
  rows,
});

const held = (service: string, currency: string, billed: string, effective: string, rows: number) => ({
  provider: 'AWS',
  account: '111122223333',
  service,
  currency,
  billed,
  effective,
  rows,
});

const FIFTH = { start: '2026-11-05T00:00:00.000Z', end: '2026-11-05T01:00:00.000Z' };
/** Up to when use is told, and the end of the credit that is given for longer. */
const LAST = '2027-01-01T00:00:00.000Z';
const ALL = { start: '2026-10-25T01:00:00.000Z', end: '2026-12-01T01:00:00.000Z' };

/** Every named query, over the charges of rows.ts as source `aws`, on whatever engine. */
export const QUESTIONS: readonly Question[] = [
  {
    query: 'spend-total',
    params: {},
    answer: [
      { currency: 'CHF', billed: CHF, effective: CHF, ...FIFTH, asOf: FIFTH.end },
      { currency: 'JPY', billed: JPY, effective: JPY, ...FIFTH, asOf: FIFTH.end },
      { currency: 'USD', billed: '64.975', effective: '64.9750001', ...ALL, end: LAST, asOf: ALL.end },
    ],
  },
  {
    query: 'spend-by-provider-month',
    params: {},
    answer: [
      monthly('2026-10', 'USD', '24', '24', 2),
      {
        ...monthly('2026-11', 'USD', '0.125', '0.125', 1),
        provider: 'gcp',
        providerName: ' Google Cloud ',
      },
      monthly('2026-11', 'CHF', CHF, CHF, 8),
      monthly('2026-11', 'JPY', JPY, JPY, 7),
      monthly('2026-11', 'USD', '41.35', '41.3500001', 16),
      monthly('2026-12', 'USD', '-0.5', '-0.5', 1),
    ],
  },
  {
    query: 'spend-by-day',
    params: NOVEMBER,
    answer: [
      daily('2026-11-01', 'USD', '1'),
      daily('2026-11-05', 'CHF', CHF),
      daily('2026-11-05', 'JPY', JPY),
      daily('2026-11-05', 'USD', '13.6'),
      daily('2026-11-06', 'USD', '0.0000001'),
      daily('2026-11-07', 'USD', '20.375'),
      daily('2026-11-30', 'USD', '2'),
    ],
  },
  {
    query: 'spend-by-day',
    params: EDGES,
    answer: [
      daily('2026-10-31', 'USD', '8'),
      daily('2026-11-01', 'USD', '1'),
      daily('2026-11-05', 'CHF', CHF),
      daily('2026-11-05', 'JPY', JPY),
      daily('2026-11-05', 'USD', '13.6'),
      daily('2026-11-06', 'USD', '0.0000001'),
      daily('2026-11-07', 'USD', '20.375'),
    ],
  },
  { query: 'spend-by-day', params: { start: NOVEMBER.start, end: NOVEMBER.start }, answer: [] },
  {
    query: 'spend-by-service',
    params: NOVEMBER,
    answer: [
      {
        provider: 'gcp',
        providerName: ' Google Cloud ',
        service: 'Compute Engine',
        currency: 'USD',
        effective: '0.125',
      },
      { provider: 'aws', providerName: 'AWS', service: 'AWS Lambda', currency: 'USD', effective: '0.25' },
      { provider: 'aws', providerName: 'AWS', service: EC2, currency: 'USD', effective: '33.6000001' },
      { provider: 'aws', providerName: 'AWS', service: S3, currency: 'CHF', effective: CHF },
      { provider: 'aws', providerName: 'AWS', service: S3, currency: 'JPY', effective: JPY },
      { provider: 'aws', providerName: 'AWS', service: 'Amazon Textract', currency: 'USD', effective: '3' },
    ],
  },
  // No row of it is of storage: what is, the tests of the queries tell.
  { query: 'storage-costs', params: NOVEMBER, answer: [] },
  {
    query: 'resource-costs',
    params: NOVEMBER,
    answer: [
      cost({
        provider: 'gcp',
        accountId: 'my-project',
        region: 'europe-west3',
        resourceId: VM,
        service: 'Compute Engine',
        effective: '0.125',
      }),
      cost({ resourceId: 'edge', effective: '3', days: 2 }),
      cost({ resourceId: 'fn', service: 'AWS Lambda', effective: '0.25' }),
      cost({ resourceId: `i-'wasted"`, effective: '11' }),
      cost({
        resourceId: 'i-0abc',
        resourceName: "box 'one'",
        effective: '9.0000001',
        byUse: '9',
        days: 3,
      }),
      cost({ resourceId: 'i-covered', effective: '0.07', committed: '0.07' }),
      cost({ resourceId: 'late', effective: '-0.5' }),
      ...AWKWARD.map((one) => cost({ ...one, service: S3 })),
      cost({ accountId: '444455556666', resourceId: 'short-name', effective: '5' }),
      cost({ accountId: '777788889999', resourceId: 'short-name', effective: '6' }),
    ],
  },
  {
    query: 'resource-days',
    params: { ...NOVEMBER, id: 'arn:none', short: 'short-name', account: '777788889999' },
    answer: [
      {
        resourceId: 'short-name',
        source: 'aws',
        day: '2026-11-05',
        currency: 'USD',
        effective: '6',
        committed: '0',
      },
    ],
  },
  {
    query: 'resource-days',
    params: { ...NOVEMBER, id: `i-'wasted"`, short: '$start', account: "' OR ''='" },
    answer: [
      {
        resourceId: `i-'wasted"`,
        source: 'aws',
        day: '2026-11-07',
        currency: 'USD',
        effective: '11',
        committed: '0',
      },
    ],
  },
  { query: 'unused-commitment', params: NOVEMBER, answer: [{ currency: 'USD', unused: '0.03' }] },
  {
    query: 'tag-spend',
    params: NOVEMBER,
    answer: [
      tagged({
        provider: 'gcp',
        accountId: 'my-project',
        region: 'europe-west3',
        service: 'Compute Engine',
        resourceId: VM,
        effective: '0.125',
      }),
      tagged({ service: 'AWS Lambda', resourceId: 'fn', effective: '0.25' }),
      tagged({ resourceId: PLAN, chargeCategory: 'Purchase', effective: '0' }),
      tagged({ resourceId: PLAN, effective: '0.03' }),
      tagged({ resourceId: 'edge', effective: '3' }),
      tagged({ resourceId: `i-'wasted"`, effective: '11' }),
      tagged({
        resourceId: 'i-0abc',
        chargeCategory: 'Credit',
        tags: JSON.parse('{"__proto__":"z"}'),
        effective: '-0.3',
      }),
      tagged({
        resourceId: 'i-0abc',
        tags: { team: 'a', __proto__x: 'y', '': 'nameless', "it's": 'a "quote" \\ and ☃' },
        effective: '0.1',
      }),
      tagged({ resourceId: 'i-0abc', resourceName: "box 'one'", tags: { team: 'a' }, effective: '0.2' }),
      tagged({ resourceId: 'i-0abc', effective: '9.0000001' }),
      tagged({ resourceId: 'i-covered', effective: '0.07' }),
      tagged({ resourceId: 'late', effective: '-0.5' }),
      ...AWKWARD.map((one) => tagged({ ...one, service: S3 })),
      tagged({ accountId: '444455556666', resourceId: 'short-name', effective: '5' }),
      tagged({ accountId: '777788889999', resourceId: 'short-name', effective: '6' }),
      tagged({
        accountId: '999900001111',
        region: null,
        service: 'Amazon Textract',
        resourceId: null,
        effective: '3',
      }),
    ],
  },
  {
    query: 'eligible-usage',
    params: { ...NOVEMBER, wasted: JSON.stringify([`i-'wasted"`, 'gone', '$end']) },
    answer: [
      eligible('11-01T00:00:00.000', '11-01T01:00:00.000', '1'),
      eligible('11-05T00:00:00.000', '11-05T01:00:00.000', '10.8'),
      eligible('11-06T12:00:00.000', '11-06T13:00:00.000', '0.0000001'),
      eligible('11-07T00:00:00.000', '11-07T01:00:00.000', '0.25'),
      eligible('11-30T23:59:59.999', '12-01T00:59:59.999', '2'),
      {
        ...eligible('11-07T05:00:00.000', '11-07T06:00:00.000', '0.125'),
        kind: 'gcp-compute',
        slice: 'europe-west3 n2',
      },
    ],
  },
  ...['i-covered', 'gone'].map((wasted) => ({
    query: 'commitment-usage',
    params: { ...NOVEMBER, wasted: JSON.stringify([wasted]) },
    answer: [
      {
        id: PLAN,
        kind: 'aws-compute',
        slice: '',
        currency: 'USD',
        start: '2026-11-05T00:00:00.000Z',
        end: '2026-11-05T01:00:00.000Z',
        wasted: wasted === 'i-covered',
        effective: '0.07',
        onDemand: '0.1',
      },
    ],
  })),
  {
    query: 'commitments-held',
    params: NOVEMBER,
    answer: [
      {
        id: PLAN,
        currency: 'USD',
        name: null,
        type: 'Compute Savings Plan',
        category: 'Spend',
        provider: 'AWS',
        service: EC2,
        used: '0.07',
        unused: '0.03',
        onDemand: '0.1',
        unpriced: '0',
      },
    ],
  },
  // Paid by the hour: its fees tell no end.
  { query: 'commitment-ends', params: { now: NOVEMBER.start }, answer: [] },
  {
    query: 'provider-ends',
    params: NOVEMBER,
    answer: [
      { provider: 'AWS', last: '2026-11-30T23:59:59.999Z' },
      { provider: ' Google Cloud ', last: '2026-11-07T05:00:00.000Z' },
    ],
  },
  {
    query: 'bill-detail',
    params: NOVEMBER,
    answer: [
      { ...detail('aws', '111122223333'), commitments: true },
      detail('aws', '444455556666'),
      detail('aws', '777788889999'),
      { ...detail('aws', '999900001111'), resourceIds: false },
      detail('gcp', 'my-project'),
    ],
  },
  {
    query: 'ai-calls',
    params: { ...NOVEMBER, services: '["Amazon Textract", "Compute Engine", "it\'s"]' },
    answer: [
      called('aws', '999900001111', null, 'Amazon Textract', '3'),
      called('gcp', 'my-project', 'my-project', 'Compute Engine', '0.125'),
    ],
  },
  {
    query: 'ai-services',
    params: {
      ...NOVEMBER,
      start: '2026-11-06T00:00:00.000Z',
      classes: '["model API", "unknown", "GPU compute"]',
    },
    answer: [
      firstIn(S3, 'CHF', '2026-11-05', null),
      firstIn(S3, 'JPY', '2026-11-05', null),
      firstIn('AWS Lambda', 'USD', '2026-11-07', '0.25'),
      firstIn(EC2, 'USD', '2026-10-25T01:00:00.000Z', '22.0000001'),
      { ...firstIn(EC2, 'USD', '2026-11-05', null), accountId: '444455556666' },
      { ...firstIn(EC2, 'USD', '2026-11-05', null), accountId: '777788889999' },
      { ...firstIn('Amazon Textract', 'USD', '2026-11-05', null), accountId: '999900001111', region: '' },
      {
        ...firstIn('Compute Engine', 'USD', '2026-11-07T05:00:00.000Z', '0.125'),
        provider: 'gcp',
        vendor: 'Google Cloud',
        accountId: 'my-project',
        region: 'europe-west3',
      },
    ],
  },
  { query: 'data-end', params: {}, answer: [{ source: 'aws', ...ALL, daily: true }] },
  { query: 'source-ends', params: {}, answer: [{ source: 'aws', end: ALL.end, firstEstimated: null }] },
  {
    query: 'account-service-totals',
    params: {},
    answer: [
      {
        ...held('Compute Engine', 'USD', '0.125', '0.125', 1),
        provider: ' Google Cloud ',
        account: 'my-project',
      },
      held('AWS Lambda', 'USD', '0.25', '0.25', 1),
      held(EC2, 'USD', '50.6', '50.6000001', 15),
      held(S3, 'CHF', CHF, CHF, 8),
      held(S3, 'JPY', JPY, JPY, 7),
      { ...held(EC2, 'USD', '5', '5', 1), account: '444455556666' },
      { ...held(EC2, 'USD', '6', '6', 1), account: '777788889999' },
      { ...held('Amazon Textract', 'USD', '3', '3', 1), account: '999900001111' },
    ],
  },
  {
    // Parameters in aggregates, and columns that are derived.
    query: 'spend-days:EUR:service|region',
    params: { ...NOVEMBER, where_region: '["europe-west3"]' },
    answer: [converted('Compute Engine', 'USD', '2026-11-07', '0.125', '0.125')],
  },
  {
    query: 'spend-days:USD:service|region',
    params: { ...NOVEMBER, where_region: '["us-east-1"]' },
    answer: [
      converted('AWS Lambda', 'USD', '', '0.25', '0.25'),
      converted(EC2, 'USD', '', '33.6', '33.6000001'),
      converted(S3, 'CHF', '2026-11-05', CHF, CHF),
      converted(S3, 'JPY', '2026-11-05', JPY, JPY),
    ],
  },
  {
    query: 'spend-by:service,token_kind,month|region,ai_class',
    params: {
      start: '2026-11-05T00:00:00.000Z',
      end: NOVEMBER.end,
      where_region: '["europe-west3", "it\'s"]',
      where_ai_class: '["unknown", "not AI", "GPU compute"]',
    },
    answer: [
      {
        key: ['Compute Engine', '', '2026-11'],
        currency: 'USD',
        billed: '0.125',
        effective: '0.125',
        tokens: '0',
        listEstimate: '0',
        rows: 1,
        since: '2026-11-07T05:00:00.000Z',
        estimated: false,
      },
    ],
  },
];

/**
 * Rows to compare: named by their query's `row`, in one order. Two tag sets are equal whatever the order of their
 * keys, and an engine sorts groups of equal keys by the text of their tags, which is its own.
 */
export function comparable(rows: readonly object[]): string[] {
  return rows.map((row) => canonical(row)).toSorted();
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}
