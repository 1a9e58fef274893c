import type { Moved } from '../../lib/analysis/movers/model.ts';
import type {
  DigestInsight,
  InsightAiUse,
  InsightAnomaly,
  InsightForecast,
  InsightUnit,
} from '../../lib/digest/insight-model.ts';
import { usd } from './inputs.ts';

export const SPAN = { start: '2026-11-02T00:00:00.000Z', end: '2026-11-09T00:00:00.000Z' };
export const FORMER = { start: '2026-10-26T00:00:00.000Z', end: '2026-11-02T00:00:00.000Z' };

const dayOf = (at: number) => new Date(Date.UTC(2026, 7, 9 + at)).toISOString().slice(0, 10);

/** Ninety settled days up to Nov 7, and what is expected of the rest of November. */
export function forecastOf(changes: Partial<InsightForecast> = {}): InsightForecast {
  return {
    currency: 'USD',
    until: '2026-11-07',
    settled: Array.from({ length: 90 }, (_, at) => ({
      day: dayOf(at),
      amount: at === 40 ? null : `${5200 + ((at * 613) % 900)}.125`,
    })),
    expected: Array.from({ length: 24 }, (_, at) => ({
      day: dayOf(90 + at),
      amount: `${5600 + at}.5`,
      ranges: [
        { level: 0.8, low: `${5100 - at * 5}.25`, high: `${6100 + at * 7}` },
        { level: 0.9, low: `${4900 - at * 6}`, high: `${6400 + at * 9}.75` },
      ],
    })),
    month: {
      start: '2026-11-01T00:00:00.000Z',
      end: '2026-12-01T00:00:00.000Z',
      actual: usd('33812.4'),
      total: usd('168500.1'),
      ranges: [
        { level: 0.8, low: usd('161000'), high: usd('176000') },
        { level: 0.9, low: usd('158000'), high: usd('181000') },
      ],
      extended: false,
      unknownDays: 0,
    },
    notes: [],
    notEnough: null,
    budget: { name: 'everything', limit: usd('150000'), aDay: usd('5000') },
    ...changes,
  };
}

export function anomalyOf(changes: Partial<InsightAnomaly> = {}): InsightAnomaly {
  return {
    key: {
      service: 'Amazon Elastic Compute Cloud',
      account: '111122223333',
      team: 'research',
      transfer: 'no transfer',
    },
    source: 'aws-main',
    kind: 'step up',
    first: '2026-11-03',
    last: '2026-11-06',
    caught: '2026-11-03',
    effect: usd('4820'),
    impact: usd('36677.19'),
    judged: { start: '2026-11-03', value: usd('2100.5'), low: usd('780'), high: usd('1010.25') },
    open: true,
    causes: [
      {
        kind: 'resource',
        value: 'arn:aws:ec2:us-east-1:111122223333:instance/i-0abc',
        difference: '4820',
        share: 1,
      },
      { kind: 'usage', value: 'BoxUsage:p4d.24xlarge', difference: '4820', share: 1 },
    ],
    against: { start: '2026-10-27', end: '2026-10-31' },
    owner: { id: 'research@acme.example' },
    alert: null,
    ...changes,
  };
}

export function movedOf(changes: Partial<Moved> = {}): Moved {
  return {
    key: ['aws', 'Amazon Elastic Compute Cloud'],
    currency: 'USD',
    former: '17020.1',
    current: '24410.5',
    difference: '7390.4',
    percent: '43.4',
    by: [
      { cause: 'new', amount: '4912.4' },
      { cause: 'quantity', amount: '2478' },
    ],
    newResources: 3,
    goneResources: 0,
    quantity: null,
    ...changes,
  };
}

/** Answers of an assistant, one of whose numbers is off. */
export function unitOf(changes: Partial<InsightUnit> = {}): InsightUnit {
  return {
    name: 'assistant',
    per: 'answer',
    currency: 'USD',
    total: { cost: '151.29', units: '12300', perUnit: '0.0123', daysWithoutUnits: 0, daysWithoutCost: 0 },
    trend: '4.2',
    changes: [
      {
        of: 'cost',
        kind: 'step up',
        first: '2026-11-04',
        last: '2026-11-06',
        actual: 0.0151,
        expected: 0.0118,
        low: 0.0109,
        high: 0.0127,
        open: true,
        worse: true,
        owner: { id: 'search@acme.example' },
        alert: { state: 'acknowledged', until: null },
      },
    ],
    problems: [],
    ...changes,
  };
}

/** A model in a project, with all that a vendor may tell. */
export function aiUseOf(changes: Partial<InsightAiUse> = {}): InsightAiUse {
  const stretch = {
    start: '2026-11-01',
    end: '2026-11-08',
    days: 7,
    requests: '12300',
    inputPerRequest: '1204.4',
    outputPerRequest: '310.2',
    cachedShare: { low: '40.0', high: '40.0' },
    batchShare: { low: '0.0', high: '0.0' },
    errorShare: null,
    throttleShare: null,
    cost: '26.03',
    costPerRequest: '0.002116',
  };
  return {
    source: 'openai',
    provider: 'openai',
    project: 'proj_assistant',
    key: null,
    model: 'small model',
    currency: 'USD',
    current: stretch,
    former: { ...stretch, start: '2026-10-04', end: '2026-11-01', days: 28 },
    change: {
      requestsPerDay: '5.1',
      inputPerRequest: null,
      outputPerRequest: '-2.0',
      costPerRequest: '12.4',
    },
    ...changes,
  };
}

/** What analysis would say of the company of `fullInput`. */
export function fullInsight(changes: Partial<DigestInsight> = {}): DigestInsight {
  return {
    forecasts: [forecastOf()],
    budgets: [
      {
        name: 'everything',
        start: '2026-11-01T00:00:00.000Z',
        end: '2026-12-01T00:00:00.000Z',
        limit: usd('150000'),
        spent: usd('33812.4'),
        percent: '22.5',
        reached: [],
        outlook: { total: usd('168500.1'), probability: 0.93 },
        notEnough: null,
        notComparable: [],
        alerts: [
          { what: 'will be exceeded', state: 'open' },
          { what: 'reached 80%', state: 'open' },
          { what: 'reached 50%', state: 'closed' },
        ],
      },
      {
        name: 'research',
        start: '2026-11-01T00:00:00.000Z',
        end: '2026-12-01T00:00:00.000Z',
        limit: usd('20000'),
        spent: usd('4000'),
        percent: '20',
        reached: [],
        outlook: null,
        notEnough: '10 known days; 28 are needed.',
        notComparable: [],
        alerts: [],
      },
    ],
    anomalies: {
      since: '2026-10-10',
      minimum: '10',
      judged: 49,
      untold: 1,
      notes: [],
      rows: [
        anomalyOf(),
        anomalyOf({
          key: { model: 'large model', account: 'proj_1' },
          kind: 'dip',
          first: '2026-10-30',
          last: '2026-10-31',
          impact: usd('-312.4'),
          open: false,
          causes: [],
          owner: null,
          alert: { state: 'expected', until: '2026-12-01T08:00:00Z' },
        }),
      ],
    },
    commitments: {
      window: { start: '2026-08-08T00:00:00.000Z', end: '2026-11-07T00:00:00.000Z' },
      held: [
        {
          id: 'arn:aws:savingsplans::111122223333:savingsplan/2',
          name: 'Later plan',
          programme: 'aws-compute-savings-plan',
          provider: 'aws',
          used: usd('2722.6'),
          unused: usd('656.5'),
          utilisation: '0.805704',
          ends: '2027-03-01T00:00:00Z',
        },
        {
          id: 'arn:aws:savingsplans::111122223333:savingsplan/1',
          name: null,
          programme: null,
          provider: 'aws',
          used: usd('100'),
          unused: usd('0'),
          utilisation: '1',
          ends: '2026-12-01T00:00:00Z',
        },
      ],
      coverage: [
        { kind: 'aws-compute', currency: 'USD', covered: '3781.44', onDemand: '38963.78', share: '0.0884' },
        { kind: 'aws-database', currency: 'USD', covered: '0', onDemand: '8161.89', share: '0' },
      ],
      advice: [
        {
          programme: 'aws-compute-savings-plan',
          provider: 'aws',
          rate: { term: '1y', payment: 'none', discount: '0.28', source: 'observed on the bill' },
          schedule: [
            { at: '2026-11-09', hourly: usd('17.56729'), condition: null },
            { at: '2027-03-01', hourly: usd('1.1'), condition: 'if usage holds' },
          ],
          monthlySaving: usd('4718.12'),
          utilisation: '0.989',
          optimum: usd('9120.4'),
          lossProbability: '0.035',
          worst: { saving: usd('-141663.64'), scenario: 'usage stops at some moment' },
          upfront: usd('0'),
          obligation: usd('153889.46'),
          breakEven: '2027-08-09',
          window: { start: '2026-08-08T00:00:00.000Z', end: '2026-11-07T00:00:00.000Z' },
          alternatives: [],
          reason: 'At a discount of 28% what is used in more than 72% of the hours pays for itself.',
          assumptions: [],
        },
      ],
      untold: [
        {
          programme: 'aws-database-savings-plan',
          provider: 'aws',
          currency: 'USD',
          notEnough: true,
          reason: 'No discount of it is known.',
        },
      ],
    },
    movers: {
      former: FORMER,
      current: SPAN,
      rows: [
        movedOf(),
        // Of a part of the periods: its causes are not those of the whole.
        movedOf({
          key: ['openai', 'Model usage'],
          former: '4000',
          current: '5000',
          difference: '1000',
          by: [{ cause: 'quantity', amount: '1000' }],
        }),
      ],
      drivers: [
        {
          ...movedOf({ key: ['Model usage', 'large model', 'search'] }),
          of: { service: 'Model usage', model: 'large model', team: 'search' },
        },
      ],
      notes: [],
    },
    units: [unitOf()],
    aiUse: [aiUseOf()],
    ...changes,
  };
}
