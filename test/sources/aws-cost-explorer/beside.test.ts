import { expect, test } from 'vitest';
import { costExplorerPermissions } from '../../../lib/sources/aws-cost-explorer/source.ts';
import { answersOf, type Entry } from './bill.ts';
import { deliver } from './deliver.ts';
import { costExplorerFake, type FakeAnswer } from './fake.ts';

const BILL: Entry[] = [
  { day: '2026-10-03', billed: '3', tags: { team: 'red' } },
  { day: '2026-11-03', billed: '1', effective: '0.5', tags: { team: 'red' } },
  { day: '2026-11-04', billed: '2', tags: { team: 'blue' } },
  { day: '2026-11-05', type: 'Tax', service: 'Tax', billed: '0.4' },
];
const bill = answersOf(BILL);

test('cost by tag is a table of its own, of the same money, and in no total', async () => {
  await using fake = await costExplorerFake(bill);
  const { delivery, rows, own } = await deliver(fake.client, { beside: { tags: ['team'] } });
  expect(rows).toHaveLength(4);
  expect(delivery.beside).toEqual([
    {
      name: 'tag team',
      takenAt: '2026-11-22T11:30:00.000Z',
      rows: [
        {
          period: '2026-10',
          account: '111122223333',
          key: 'team',
          value: 'red',
          billed: '3',
          effective: '3',
          currency: 'USD',
        },
        {
          period: '2026-11',
          account: '111122223333',
          key: 'team',
          value: 'red',
          billed: '1',
          effective: '0.5',
          currency: 'USD',
        },
        {
          period: '2026-11',
          account: '111122223333',
          key: 'team',
          value: 'blue',
          billed: '2',
          effective: '2',
          currency: 'USD',
        },
        {
          period: '2026-11',
          account: '111122223333',
          key: 'team',
          value: null,
          billed: '0.4',
          effective: '0.4',
          currency: 'USD',
        },
      ],
    },
  ]);
  expect(own.calls).toEqual([{ api: 'ce:GetCostAndUsage', count: 5 }]);
});

test('a tag whose values do not come to the bill is told and left out; the bill stays', async () => {
  const short = answersOf(BILL.slice(1));
  await using fake = await costExplorerFake((request) =>
    JSON.stringify(request).includes('"TAG"') ? short(request) : bill(request),
  );
  const { delivery, rows } = await deliver(fake.client, { beside: { tags: ['team'] } });
  expect(rows).toHaveLength(4);
  expect(delivery.beside).toEqual([]);
  expect(delivery.coverage).toMatchObject([
    { scope: 'bill:aws-api', status: 'complete' },
    {
      scope: 'bill:aws-api, tag team',
      status: 'not-covered',
      reason: expect.stringContaining('2026-10: values of the tag team come to 0 billed, the total is 3'),
    },
  ]);
});

test('hours and instances are asked only where opted in, of the last 14 days', async () => {
  await using fake = await costExplorerFake((request, _index, operation) =>
    operation === 'GetCostAndUsageWithResources'
      ? {
          ResultsByTime: [
            {
              TimePeriod: { Start: '2026-11-21', End: '2026-11-22' },
              Estimated: true,
              Groups: [
                {
                  Keys: ['111122223333', 'i-0123456789abcdef0'],
                  Metrics: {
                    UnblendedCost: { Amount: '1.5', Unit: 'USD' },
                    AmortizedCost: { Amount: '1.25', Unit: 'USD' },
                  },
                },
              ],
            },
          ],
        }
      : answersOf([{ day: '2026-11-21', billed: '24' }])(request),
  );
  expect((await deliver(fake.client)).delivery.beside).toEqual([]);
  const { delivery, own } = await deliver(fake.client, { beside: { hourly: true, resources: true } });
  expect(delivery.beside).toMatchObject([
    {
      name: 'hourly',
      rows: [{ account: '111122223333', service: 'A', billed: '24', effective: '24', currency: 'USD' }],
    },
    {
      name: 'resources',
      rows: [
        {
          start: '2026-11-21',
          resource: 'i-0123456789abcdef0',
          billed: '1.5',
          effective: '1.25',
          estimated: 'true',
        },
      ],
    },
  ]);
  expect(fake.requests.slice(-2)).toMatchObject([
    { Granularity: 'HOURLY', TimePeriod: { Start: '2026-11-09T00:00:00Z', End: '2026-11-22T00:00:00Z' } },
    { Granularity: 'DAILY', TimePeriod: { Start: '2026-11-09', End: '2026-11-22' } },
  ]);
  expect(own.calls).toContainEqual({ api: 'ce:GetCostAndUsageWithResources', count: 1 });
});

const DAY = { Start: '2026-11-06', End: '2026-11-07' };

/** Of EC2 two pages: a reservation, and one of which AWS tells neither name nor end. */
function subscriptions(request: Record<string, unknown>, ec2: boolean): FakeAnswer {
  if (!ec2) return { error: 'DataUnavailableException', message: 'none' };
  const more = request['NextPageToken'] === undefined;
  return {
    ...(more ? { NextPageToken: 'more' } : {}),
    UtilizationsByTime: [
      {
        TimePeriod: DAY,
        Groups: [
          {
            Key: 'SUBSCRIPTION_ID',
            Value: more ? '1073741824' : '1073741825',
            Attributes: more
              ? {
                  reservationARN: 'arn:aws:ec2:us-east-1:999900001111:reserved-instances/aaa',
                  leaseId: 'aaa',
                  endDateTime: '2027-02-01T09:00:00.000Z',
                }
              : { endDateTime: '3 years' },
            Utilization: { UtilizationPercentage: '50' },
          },
        ],
      },
    ],
  };
}

function commitment(request: Record<string, unknown>, _index: number, operation: string): FakeAnswer {
  const ec2 = JSON.stringify(request).includes('Elastic Compute Cloud');
  switch (operation) {
    case 'GetSavingsPlansUtilization':
      return {
        Total: { Utilization: {} },
        SavingsPlansUtilizationsByTime: [
          {
            TimePeriod: DAY,
            Utilization: {
              TotalCommitment: '24',
              UsedCommitment: '18',
              UnusedCommitment: '6',
              UtilizationPercentage: '75',
            },
            Savings: { NetSavings: '3', OnDemandCostEquivalent: '27' },
          },
        ],
      };
    case 'GetSavingsPlansUtilizationDetails':
      return {
        TimePeriod: DAY,
        // Two pages, and a plan whose end AWS does not tell.
        ...(request['NextToken'] === undefined ? { NextToken: 'more' } : {}),
        SavingsPlansUtilizationDetails: [
          request['NextToken'] === undefined
            ? {
                SavingsPlanArn: 'arn:aws:savingsplans::999900001111:savingsplan/1',
                Attributes: { EndDateTime: '2027-03-01T18:24:56.000Z', HourlyCommitment: '4.2' },
              }
            : { SavingsPlanArn: 'arn:aws:savingsplans::999900001111:savingsplan/2', Attributes: {} },
        ],
      };
    case 'GetSavingsPlansCoverage':
      return {
        SavingsPlansCoverages: [
          {
            TimePeriod: DAY,
            Coverage: {
              SpendCoveredBySavingsPlans: '27',
              OnDemandCost: '9',
              TotalCost: '36',
              CoveragePercentage: '75',
            },
          },
        ],
      };
    case 'GetReservationUtilization':
      if (request['GroupBy'] !== undefined) return subscriptions(request, ec2);
      return ec2
        ? {
            UtilizationsByTime: [
              {
                TimePeriod: DAY,
                Total: {
                  PurchasedHours: '24',
                  TotalActualHours: '12',
                  UnusedHours: '12',
                  UtilizationPercentage: '50',
                  NetRISavings: '-1',
                },
              },
            ],
          }
        : { error: 'DataUnavailableException', message: 'none' };
    case 'GetReservationCoverage':
      return ec2
        ? {
            CoveragesByTime: [
              {
                TimePeriod: DAY,
                Total: {
                  CoverageHours: {
                    ReservedHours: '12',
                    OnDemandHours: '36',
                    TotalRunningHours: '48',
                    CoverageHoursPercentage: '25',
                  },
                },
              },
            ],
          }
        : { error: 'DataUnavailableException', message: 'none' };
    default:
      return bill(request);
  }
}

test('commitments are asked once a week, and counted apart', async () => {
  await using fake = await costExplorerFake(commitment);
  const beside = { commitments: true };
  const { delivery, own } = await deliver(fake.client, { beside });
  expect(delivery.beside?.[0]?.rows).toEqual([
    {
      kind: 'savings-plan-utilization',
      start: '2026-11-06',
      service: null,
      committed: '24',
      used: '18',
      unused: '6',
      percentage: '75',
      saved: '3',
    },
    {
      kind: 'savings-plan-coverage',
      start: '2026-11-06',
      service: null,
      covered: '27',
      onDemand: '9',
      total: '36',
      percentage: '75',
    },
    {
      kind: 'reservation-utilization',
      start: '2026-11-06',
      service: 'Amazon Elastic Compute Cloud - Compute',
      committed: '24',
      used: '12',
      unused: '12',
      percentage: '50',
      saved: '-1',
    },
    {
      kind: 'reservation-coverage',
      start: '2026-11-06',
      service: 'Amazon Elastic Compute Cloud - Compute',
      covered: '12',
      onDemand: '36',
      total: '48',
      percentage: '25',
    },
  ]);
  expect(delivery.beside?.[1]).toMatchObject({
    name: 'savings plans',
    rows: [
      {
        id: 'arn:aws:savingsplans::999900001111:savingsplan/1',
        ends: '2027-03-01T18:24:56.000Z',
        hourly: '4.2',
      },
      { id: 'arn:aws:savingsplans::999900001111:savingsplan/2', ends: null, hourly: null },
    ],
  });
  const service = 'Amazon Elastic Compute Cloud - Compute';
  expect(delivery.beside?.[2]).toMatchObject({
    name: 'reservations',
    rows: [
      {
        id: 'arn:aws:ec2:us-east-1:999900001111:reserved-instances/aaa',
        ends: '2027-02-01T09:00:00.000Z',
        service,
        subscription: '1073741824',
      },
      { id: null, ends: null, service, subscription: '1073741825' },
    ],
  });
  // AWS refuses a granularity beside groups.
  const grouped = fake.requests.filter((each) => 'GroupBy' in each && !('Metrics' in each));
  expect(grouped.map((each) => each['Granularity'])).toEqual(Array.from({ length: 6 }, () => undefined));
  expect(own).toMatchObject({
    amount: '0.24',
    calls: [
      { api: 'ce:GetCostAndUsage', count: 4 },
      { api: 'ce:GetReservationCoverage', count: 5 },
      { api: 'ce:GetReservationUtilization', count: 11 },
      { api: 'ce:GetSavingsPlansCoverage', count: 1 },
      { api: 'ce:GetSavingsPlansUtilization', count: 1 },
      { api: 'ce:GetSavingsPlansUtilizationDetails', count: 2 },
    ],
  });
  const held = {
    asOf: null,
    ingestedAt: '2026-11-22T11:30:00Z',
    fingerprints: {},
    beside: Object.fromEntries(
      ['commitments', 'savings plans', 'reservations'].map((name) => [name, '2026-11-22T11:30:00.000Z']),
    ),
  };
  const tomorrow = await deliver(fake.client, { beside, held, now: '2026-11-23T11:30:00Z' });
  expect(tomorrow.delivery.beside).toEqual([]);
  const nextWeek = await deliver(fake.client, { beside, held, now: '2026-11-29T11:30:00Z' });
  expect(nextWeek.delivery.beside).toMatchObject([
    { name: 'commitments' },
    { name: 'savings plans' },
    { name: 'reservations' },
  ]);
});

test('what AWS would buy is asked once a week: plans of each type, reservations of each service', async () => {
  await using fake = await costExplorerFake((request, _index, operation) => {
    if (operation === 'GetSavingsPlansPurchaseRecommendation')
      return request['SavingsPlansType'] === 'EC2_INSTANCE_SP'
        ? {
            Metadata: { GenerationTimestamp: '2026-11-21T00:00:00Z' },
            SavingsPlansPurchaseRecommendation: {
              SavingsPlansPurchaseRecommendationDetails: [
                {
                  SavingsPlansDetails: { Region: 'us-east-1', InstanceFamily: 'm5' },
                  AccountId: '111122223333',
                  HourlyCommitmentToPurchase: '4.2',
                  EstimatedMonthlySavingsAmount: '812.5',
                  EstimatedAverageUtilization: '97.1',
                  CurrencyCode: 'USD',
                },
              ],
            },
          }
        : {};
    if (operation === 'GetReservationPurchaseRecommendation')
      return request['Service'] === 'Amazon Relational Database Service'
        ? {
            Recommendations: [
              {
                RecommendationDetails: [
                  {
                    InstanceDetails: {
                      RDSInstanceDetails: {
                        Region: 'us-east-1',
                        Family: 'r6g',
                        InstanceType: 'db.r6g.large',
                      },
                    },
                    RecommendedNumberOfInstancesToPurchase: '3',
                    EstimatedMonthlySavingsAmount: '90',
                    CurrencyCode: 'USD',
                  },
                ],
              },
            ],
          }
        : {};
    return bill(request);
  });
  const { delivery, own } = await deliver(fake.client, { beside: { commitmentAdvice: true } });
  const common = { term: '1y', payment: 'none', lookbackDays: '30' };
  expect(delivery.beside).toMatchObject([
    {
      name: 'commitment advice',
      rows: [
        {
          ...common,
          programme: 'aws-ec2-instance-savings-plan us-east-1 m5',
          what: 'account 111122223333',
          hourly: '4.2',
          monthlySaving: '812.5',
          currency: 'USD',
          utilisation: '97.1',
          at: '2026-11-21T00:00:00Z',
        },
        {
          ...common,
          programme: 'aws-rds-reservation us-east-1 r6g',
          what: '3 x db.r6g.large',
          hourly: null,
          monthlySaving: '90',
        },
      ],
    },
  ]);
  expect(own.calls).toContainEqual({ api: 'ce:GetSavingsPlansPurchaseRecommendation', count: 4 });
  expect(own.calls).toContainEqual({ api: 'ce:GetReservationPurchaseRecommendation', count: 4 });
  const held = {
    asOf: null,
    ingestedAt: '2026-11-22T11:30:00Z',
    fingerprints: {},
    beside: { 'commitment advice': '2026-11-22T11:30:00.000Z' },
  };
  const tomorrow = await deliver(fake.client, {
    beside: { commitmentAdvice: true },
    held,
    now: '2026-11-23T11:30:00Z',
  });
  expect(tomorrow.delivery.beside).toEqual([]);
});

test('what the role may not read, or the ceiling does not allow, is told; the bill is whole', async () => {
  await using denied = await costExplorerFake((request, _index, operation) =>
    operation === 'GetCostAndUsage' ? bill(request) : { error: 'AccessDeniedException', message: 'not you' },
  );
  const refused = await deliver(denied.client, { beside: { commitments: true } });
  expect(refused.rows).toHaveLength(4);
  expect(refused.delivery.coverage[1]).toMatchObject({
    scope: 'bill:aws-api, commitments',
    status: 'not-covered',
    reason: expect.stringContaining('ce:GetSavingsPlansUtilization was denied'),
  });
  await using fake = await costExplorerFake(commitment);
  const dear = await deliver(fake.client, { beside: { commitments: true }, ceiling: '0.05' });
  expect(dear.rows).toHaveLength(4);
  expect(dear.delivery.coverage).toMatchObject([
    { scope: 'bill:aws-api', status: 'complete' },
    {
      scope: 'bill:aws-api, commitments',
      status: 'partial',
      reason: expect.stringContaining('ceiling of 0.05 USD'),
    },
    { scope: 'bill:aws-api, savings plans', status: 'partial' },
    { scope: 'bill:aws-api, reservations', status: 'partial' },
  ]);
});

const actions = (beside: Parameters<typeof costExplorerPermissions>[0]) =>
  costExplorerPermissions(beside).map(({ action }) => action);

test('rights are asked for what is read, and for nothing else', () => {
  expect(actions({ tags: ['team'], hourly: true })).toEqual(['ce:GetCostAndUsage']);
  expect(actions({ resources: true })).toEqual(['ce:GetCostAndUsage', 'ce:GetCostAndUsageWithResources']);
  expect(actions({ commitments: true })).toHaveLength(6);
  expect(actions({ commitmentAdvice: true })).toEqual([
    'ce:GetCostAndUsage',
    'ce:GetSavingsPlansPurchaseRecommendation',
    'ce:GetReservationPurchaseRecommendation',
  ]);
});
