import { describe, expect, it } from 'vitest';
import type { CommitmentHeld } from '../../lib/lake/queries/commitments-held.ts';
import type { EligibleUsage } from '../../lib/lake/queries/eligible-usage.ts';
import { type PoolFacts, poolsOf, programmeOf } from '../../lib/run/commitment-pools.ts';

const START = Date.parse('2026-10-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const facts: PoolFacts = {
  held: [],
  ends: new Map(),
  until: { aws: START + DAY_MS, gcp: START + DAY_MS },
  wasteLeftOut: 0,
  discounts: {},
  rates: {},
};

const usage = (from: number, hours: number, more: Partial<EligibleUsage> = {}): EligibleUsage => ({
  kind: 'aws-compute',
  slice: '',
  currency: 'USD',
  start: new Date(START + from * HOUR_MS).toISOString(),
  end: new Date(START + (from + hours) * HOUR_MS).toISOString(),
  amount: '24',
  ...more,
});

const cover = (id: string, effective: string) => ({
  id,
  kind: 'gcp-compute' as const,
  slice: '',
  currency: 'USD',
  start: '2026-10-01T00:00:00.000Z',
  end: '2026-10-01T01:00:00.000Z',
  wasted: false,
  effective,
  onDemand: '100',
});

describe('poolsOf', () => {
  it('is by the hour where the bill is, and by the day where more than a hundredth is not', () => {
    const [hourly] = poolsOf([usage(0, 1), usage(5, 1)], [], facts);
    expect(hourly).toMatchObject({ stepHours: 1, start: '2026-10-01T00:00:00.000Z' });
    expect(hourly?.slices[0]?.amounts.slice(0, 6)).toEqual(['24', '0', '0', '0', '0', '24']);
    expect(hourly?.slices[0]?.amounts).toHaveLength(24);
    const [daily] = poolsOf([usage(0, 1), usage(0, 24)], [], facts);
    expect(daily).toMatchObject({ stepHours: 24, slices: [{ amounts: ['48'] }] });
  });

  it('spreads a small coarse charge evenly over its hours', () => {
    const [pool] = poolsOf([usage(0, 1, { amount: '5000' }), usage(0, 24)], [], facts);
    expect(pool?.slices[0]?.amounts.slice(0, 3)).toEqual(['5001', '1', '1']);
  });

  it('keeps currencies, kinds, and what a Database Savings Plan does not cover apart', () => {
    const rows = [
      usage(0, 1),
      usage(0, 1, { currency: 'EUR' }),
      usage(0, 1, { kind: 'gcp-compute' }),
      usage(0, 1, { kind: 'aws-database', slice: '' }),
      usage(0, 1, { kind: 'aws-database', slice: 'rds us-east-1 r7g' }),
      usage(0, 1, { kind: 'aws-database', slice: 'rds us-east-1 r6g' }),
      usage(0, 1, { kind: 'aws-database', slice: 'opensearch us-east-1 r7g' }),
    ];
    const pools = poolsOf(rows, [], { ...facts, discounts: { 'aws-rds-reservation': '0.3' } });
    expect(
      pools.map(({ currency, shared, slices }) => [
        shared?.programme ?? null,
        currency,
        slices.map(({ name, own }) => [name, ...own.map(({ programme }) => programme)]),
      ]),
    ).toEqual([
      ['aws-compute-savings-plan', 'USD', [['']]],
      ['aws-compute-savings-plan', 'EUR', [['']]],
      ['gcp-compute-flexible-cud', 'USD', [['']]],
      [
        'aws-database-savings-plan',
        'USD',
        [[''], ['rds us-east-1 r7g', 'aws-rds-reservation us-east-1 r7g']],
      ],
      [
        null,
        'USD',
        [['rds us-east-1 r6g', 'aws-rds-reservation us-east-1 r6g'], ['opensearch us-east-1 r7g']],
      ],
    ]);
  });

  it('advises no flexible commitment on machines of Google that it does not cover', () => {
    const slices = ['', 'us-central1 n2', 'us-central1 m3', 'us-central1 a2', 'us-central1 g2'];
    const pools = poolsOf(
      slices.map((slice) => usage(0, 1, { kind: 'gcp-compute', slice })),
      [],
      facts,
    );
    expect(
      pools.map(({ shared, slices: own }) => [shared?.programme ?? null, own.map(({ name }) => name)]),
    ).toEqual([
      ['gcp-compute-flexible-cud', ['', 'us-central1 n2', 'us-central1 g2']],
      [null, ['us-central1 m3', 'us-central1 a2']],
    ]);
  });

  it('takes the discount that the bill shows for the term that the commitment has, and other services for none', () => {
    const [pool] = poolsOf(
      [usage(0, 1, { kind: 'gcp-compute' })],
      [cover('subscriptions/1', '72'), cover('subscriptions/3', '54'), cover('subscriptions/sql', '40')],
      {
        ...facts,
        held: [
          ['subscriptions/1', 'Compute Flexible CUDs 1 Year'],
          ['subscriptions/3', 'Compute Flexible CUDs 3 Year'],
          ['subscriptions/sql', 'Cloud SQL CUD - 3 Year'],
        ].map(([id = '', name = '']) => held({ id, name, category: 'Spend', provider: 'Google Cloud' })),
      },
    );
    const source = 'observed on covered usage of the bill';
    expect(pool?.shared).toEqual({
      programme: 'gcp-compute-flexible-cud',
      rates: [
        { term: '1y', payment: 'none', discount: '0.28', source },
        { term: '3y', payment: 'none', discount: '0.46', source },
      ],
    });
  });

  it('knows nothing after the bills end, and nothing of a provider without bills', () => {
    expect(poolsOf([usage(0, 1)], [], { ...facts, until: {} })).toEqual([]);
    const [pool] = poolsOf([usage(0, 1), usage(30, 1)], [], facts);
    expect(pool?.slices[0]?.amounts).toHaveLength(24);
  });
});

const held = (more: Partial<CommitmentHeld>): CommitmentHeld => ({
  id: 'x',
  currency: 'USD',
  name: null,
  type: null,
  category: null,
  provider: 'AWS',
  service: null,
  used: '0',
  unused: '0',
  onDemand: '0',
  unpriced: '0',
  ...more,
});

describe('programmeOf', () => {
  it.each([
    [{ name: 'ComputeSavingsPlan-1yr', category: 'Spend' }, 'aws-compute-savings-plan'],
    [{ type: 'Savings Plan', service: 'AWS Lambda' }, 'aws-compute-savings-plan'],
    [{ type: 'EC2 Instance Savings Plan' }, 'aws-ec2-instance-savings-plan'],
    [{ type: 'SageMaker Savings Plan' }, 'aws-sagemaker-savings-plan'],
    [{ type: 'Database Savings Plan' }, 'aws-database-savings-plan'],
    [
      { type: 'Reserved Instance', category: 'Usage', service: 'Amazon Elastic Compute Cloud' },
      'aws-ec2-reservation',
    ],
    [{ type: 'Reserved Instance', category: 'Usage', service: 'AmazonRDS' }, 'aws-rds-reservation'],
    [{ type: 'Reserved Node', service: 'Amazon ElastiCache' }, 'aws-elasticache-reservation'],
    [{ type: 'Reserved Instance', service: 'Amazon Redshift' }, null],
    [{ provider: 'Google Cloud', category: 'Spend' }, 'gcp-compute-flexible-cud'],
    [
      { provider: 'Google Cloud', category: 'Spend', name: 'Compute Flexible CUDs 3 Year' },
      'gcp-compute-flexible-cud',
    ],
    [
      { provider: 'Google Cloud', category: 'Spend', name: 'Commitment - dollar based v1: GCE for 1 year' },
      'gcp-compute-flexible-cud',
    ],
    [{ provider: 'Google Cloud', category: 'Spend', name: 'Cloud SQL CUD - 1 Year' }, null],
    [
      { provider: 'Google Cloud', category: 'Spend', name: 'Cloud Run Committed Use Discounts - 1 Year' },
      null,
    ],
    [{ provider: 'Google Cloud', category: 'Spend', service: 'Cloud Spanner' }, null],
    [{ provider: 'Google Cloud', category: 'Usage' }, 'gcp-resource-cud'],
    [{ provider: 'Microsoft', category: 'Spend' }, null],
  ])('%j', (told, programme) => {
    expect(programmeOf(held(told))).toBe(programme);
  });
});
