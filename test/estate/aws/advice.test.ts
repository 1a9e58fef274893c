import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AWS_ADVICE_DATASETS } from '../../../lib/estate/aws/advice-datasets.ts';
import { awsComputeOptimizer } from '../../../lib/estate/aws/compute-optimizer.ts';
import { awsCostOptimizationHub } from '../../../lib/estate/aws/cost-optimization-hub.ts';
import { collectScope } from '../../../lib/estate/collect.ts';
import type { Scope } from '../../../lib/estate/model.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { describeWithShared, sharedData } from '../../shared.ts';
import { type Answers, adviceFake, type HubPage } from './advice-fake.ts';
import { OWN } from './emulated.ts';

const now = new Date('2026-11-20T10:00:00Z');
const scope: Scope = { provider: 'aws', accountId: OWN, region: 'us-east-1' };
const at = Date.parse('2026-11-19T14:31:00Z') / 1000;
const arn = (kind: string, id: string) => `arn:aws:ec2:us-east-1:${OWN}:${kind}/${id}`;
const saves = (value: number, currency = 'USD') => ({ estimatedMonthlySavings: { currency, value } });

async function look(answers: Answers, datasets = AWS_ADVICE_DATASETS, region = 'us-east-1') {
  await using fake = await adviceFake(answers, region);
  const meter = new Meter();
  const taken = await collectScope({ ...scope, region }, fake.session, datasets, now, meter);
  return { ...taken, asked: fake.asked, calls: meter.total().calls };
}

test('what Compute Optimizer calls idle, oversized or not optimized is told in its words, all pages of it', async () => {
  const { advice, coverage, calls } = await look(
    {
      GetIdleRecommendations: [
        {
          idleRecommendations: [
            {
              resourceArn: arn('instance', 'i-0a'),
              resourceId: 'i-0a',
              resourceType: 'EC2Instance',
              accountId: OWN,
              finding: 'Idle',
              findingDescription: 'EC2 instance has low CPU and network utilization',
              savingsOpportunity: saves(120.5),
              savingsOpportunityAfterDiscounts: saves(80.25),
              lookBackPeriodInDays: 14,
              lastRefreshTimestamp: at,
            },
          ],
          errors: [],
        },
        {
          idleRecommendations: [
            {
              resourceArn: arn('volume', 'vol-0b'),
              resourceType: 'EBSVolume',
              accountId: OWN,
              finding: 'Unattached',
              savingsOpportunity: saves(0.1 + 0.2),
              lookBackPeriodInDays: 32,
            },
            // A member account, as the management account may be told: it is asked for itself.
            { resourceArn: arn('volume', 'vol-0c'), accountId: '999988887777', finding: 'Unattached' },
          ],
          errors: [],
        },
      ],
      GetEC2InstanceRecommendations: [
        {
          instanceRecommendations: [
            {
              instanceArn: arn('instance', 'i-0d'),
              accountId: OWN,
              currentInstanceType: 'm5.4xlarge',
              finding: 'Overprovisioned',
              lookBackPeriodInDays: 14,
              recommendationOptions: [
                { rank: 2, instanceType: 'm5.xlarge', savingsOpportunity: saves(300) },
                { rank: 1, instanceType: 'r5.large', savingsOpportunity: saves(250) },
              ],
            },
            { instanceArn: arn('instance', 'i-0e'), accountId: OWN, finding: 'OPTIMIZED' },
            { instanceArn: arn('instance', 'i-0f'), accountId: OWN, finding: 'Optimized' },
            {
              instanceArn: arn('instance', 'i-10'),
              accountId: OWN,
              currentInstanceType: 't3.small',
              finding: 'Underprovisioned',
              recommendationOptions: [{ rank: 1, instanceType: 't3.large', savingsOpportunity: saves(-12) }],
            },
          ],
          errors: [],
        },
      ],
      GetEBSVolumeRecommendations: [
        {
          volumeRecommendations: [
            {
              volumeArn: arn('volume', 'vol-11'),
              accountId: OWN,
              finding: 'NotOptimized',
              currentConfiguration: { volumeType: 'gp2', volumeSize: 500, volumeBaselineIOPS: 1500 },
              volumeRecommendationOptions: [
                {
                  rank: 1,
                  configuration: { volumeType: 'gp3', volumeSize: 500, volumeBaselineIOPS: 3000 },
                  savingsOpportunity: saves(10),
                },
              ],
            },
          ],
          errors: [],
        },
      ],
    },
    [awsComputeOptimizer],
  );
  expect(coverage).toMatchObject([{ status: 'complete', reason: null }]);
  expect(
    advice?.map(({ resourceId, kind, finding, action, monthlySaving, discounts, lookbackDays }) => [
      resourceId.slice(resourceId.lastIndexOf('/') + 1),
      kind,
      finding,
      action,
      monthlySaving?.amount ?? null,
      discounts,
      lookbackDays,
    ]),
  ).toEqual([
    ['i-0a', 'idle', 'Idle', 'EC2 instance has low CPU and network utilization', '80.25', 'counted', 14],
    [
      'vol-0b',
      'idle',
      'Unattached',
      'stop or delete this EBSVolume',
      '0.30000000000000004',
      'not counted',
      32,
    ],
    ['i-0d', 'size', 'Overprovisioned', 'm5.4xlarge -> r5.large', '250', 'not counted', 14],
    ['i-10', 'size', 'Underprovisioned', 't3.small -> t3.large', '-12', 'not counted', null],
    [
      'vol-11',
      'size',
      'NotOptimized',
      'gp2 500 GiB 1500 IOPS -> gp3 500 GiB 3000 IOPS',
      '10',
      'not counted',
      null,
    ],
  ]);
  expect(advice?.[0]).toMatchObject({
    provider: 'aws',
    accountId: OWN,
    region: 'us-east-1',
    adviser: 'AWS Compute Optimizer',
    repeats: null,
    at: '2026-11-19T14:31:00.000Z',
  });
  expect(calls).toContainEqual({ api: 'compute-optimizer:GetIdleRecommendations', count: 2 });
});

test.each(['Inactive', 'Pending'])('an account that is %s at Compute Optimizer is no gap', async (status) => {
  const { coverage, advice, asked } = await look({ GetEnrollmentStatus: { status } });
  expect(coverage).toEqual([
    {
      scope: `aws:${OWN}:us-east-1`,
      status: 'complete',
      reason: null,
      asOf: now.toISOString(),
      switchedOff: ['aws.compute-optimizer'],
    },
  ]);
  expect(advice).toEqual([]);
  expect(asked.map(({ call }) => call)).not.toContain('GetIdleRecommendations');
});

test('an account whose calls want an opt-in is not opted in, whatever its status says', async () => {
  const { coverage } = await look({
    refuse: { GetIdleRecommendations: { status: 400, name: 'OptInRequiredException' } },
  });
  expect(coverage).toMatchObject([{ status: 'complete', switchedOff: ['aws.compute-optimizer'] }]);
});

test('what Compute Optimizer could not tell, refused or failed to enrol is a gap, and the Hub stands', async () => {
  const untold = await look({
    GetEC2InstanceRecommendations: [
      {
        instanceRecommendations: [],
        errors: [{ identifier: arn('instance', 'i-0a'), code: 'UNSUPPORTED', message: 'no such family' }],
      },
    ],
  });
  expect(untold.coverage).toMatchObject([{ status: 'partial', incomplete: ['aws.compute-optimizer'] }]);
  expect(untold.coverage[0]?.reason).toContain('i-0a UNSUPPORTED no such family');
  const denied = await look({
    refuse: { GetEBSVolumeRecommendations: { status: 400, name: 'AccessDeniedException' } },
  });
  expect(denied.coverage[0]?.reason).toContain('compute-optimizer:GetEBSVolumeRecommendations was denied');
  const failed = await look({ GetEnrollmentStatus: { status: 'Failed', statusReason: 'no role' } });
  expect(failed.coverage[0]).toMatchObject({ status: 'partial', incomplete: ['aws.compute-optimizer'] });
  expect(failed.coverage[0]?.reason).toContain('no role');
});

const rightsize: HubPage = {
  items: [
    {
      accountId: OWN,
      actionType: 'Rightsize',
      currencyCode: 'USD',
      currentResourceSummary: 'm5a.xlarge',
      recommendedResourceSummary: 'r5a.large',
      estimatedMonthlySavings: 43.07,
      recommendationLookbackPeriodInDays: 14,
      region: 'eu-west-1',
      resourceArn: `arn:aws:ec2:eu-west-1:${OWN}:instance/i-0a`,
      resourceId: 'i-0a',
      source: 'ComputeOptimizer',
      lastRefreshTimestamp: at,
    },
  ],
};

test('the Hub is asked at its one endpoint for the account and region alone, and repeats Compute Optimizer', async () => {
  const { advice, asked, coverage } = await look(
    {
      ListRecommendations: [
        rightsize,
        {
          items: [
            { accountId: OWN, actionType: 'Stop', resourceId: 'db-1', region: 'eu-west-1' },
            { accountId: OWN, actionType: 'Levitate', resourceId: 'i-9', region: 'eu-west-1' },
            { accountId: OWN, actionType: 'Delete' },
          ],
        },
      ],
    },
    [awsCostOptimizationHub],
    'eu-west-1',
  );
  expect(coverage).toMatchObject([{ status: 'complete' }]);
  expect(advice).toHaveLength(3);
  expect(advice?.[0]).toEqual({
    provider: 'aws',
    accountId: OWN,
    region: 'eu-west-1',
    resourceId: `arn:aws:ec2:eu-west-1:${OWN}:instance/i-0a`,
    adviser: 'AWS Cost Optimization Hub',
    repeats: 'AWS Compute Optimizer',
    kind: 'size',
    finding: 'Rightsize',
    action: 'Rightsize m5a.xlarge -> r5a.large',
    monthlySaving: { amount: '43.07', currency: 'USD' },
    discounts: 'not told',
    lookbackDays: 14,
    at: '2026-11-19T14:31:00.000Z',
  });
  expect(advice?.slice(1).map(({ kind, monthlySaving, repeats }) => [kind, monthlySaving, repeats])).toEqual([
    ['idle', null, null],
    ['other', null, null],
  ]);
  const lists = asked.filter(({ call }) => call === 'ListRecommendations');
  expect(lists).toHaveLength(2);
  expect(lists[0]?.body).toEqual({
    filter: {
      accountIds: [OWN],
      regions: ['eu-west-1'],
      actionTypes: ['Delete', 'Stop', 'Rightsize', 'ScaleIn', 'Upgrade', 'MigrateToGraviton'],
    },
  });
  expect(lists[1]?.body).toMatchObject({ nextToken: 'page-1' });
});

test('an account that has not opted in to the Hub, and a partition without one, are no gaps', async () => {
  const off = await look({ ListEnrollmentStatuses: { items: [{ accountId: OWN, status: 'Inactive' }] } });
  expect(off.coverage).toMatchObject([{ status: 'complete', switchedOff: ['aws.cost-optimization-hub'] }]);
  const other = { items: [{ accountId: '999988887777', status: 'Active' as const }] };
  expect((await look({ ListEnrollmentStatuses: other })).coverage).toMatchObject([
    { switchedOff: ['aws.cost-optimization-hub'] },
  ]);
  const none = await look({ ListEnrollmentStatuses: { items: [] } });
  expect(none.coverage).toMatchObject([{ switchedOff: ['aws.cost-optimization-hub'] }]);
  await using fake = await adviceFake({});
  const china = { ...fake.session, partition: 'aws-cn' };
  const { coverage } = await collectScope(scope, china, AWS_ADVICE_DATASETS, now, new Meter());
  expect(coverage).toMatchObject([{ status: 'complete', switchedOff: ['aws.cost-optimization-hub'] }]);
  expect(fake.asked.map(({ call }) => call)).not.toContain('ListEnrollmentStatuses');
});

/** A page as it was recorded, with its times as they travel. */
const recorded = (folder: string, file: string): { items: object[]; [key: string]: unknown } =>
  JSON.parse(readFileSync(sharedData('recordings', 'aws', folder, file), 'utf8'), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('__class__' in value)) return value;
    const part = (name: string) => Number(Reflect.get(value, name));
    return (
      Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) /
      1000
    );
  }).data;

describeWithShared('recorded answers of AWS', () => {
  test.each([
    [
      'test_ec2_costhub_resize',
      'arn:aws:ec2:us-east-2:644160558196:instance/i-000ce83ee0c70e572',
      'Rightsize m5a.xlarge -> r5a.large',
      '43.07',
    ],
    [
      'cost_opt_hub_ebs',
      'arn:aws:ec2:us-east-1:644160558196:volume/vol-01d020e75fb456422',
      'Upgrade gp2 -> gp3',
      '0.64',
    ],
  ])('%s', async (folder, resourceId, action, amount) => {
    const { ResponseMetadata: _, ...page } = recorded(
      folder,
      'cost-optimization-hub.ListRecommendations_1.json',
    );
    const { advice } = await look({ ListRecommendations: [page] }, [awsCostOptimizationHub]);
    expect(advice).toMatchObject([
      { resourceId, action, monthlySaving: { amount, currency: 'USD' }, repeats: 'AWS Compute Optimizer' },
    ]);
    expect(advice?.[0]?.at).toMatch(/^202[34]-/);
  });

  test('machines of which Compute Optimizer names nothing but the ARN are no advice', async () => {
    const { ResponseMetadata: _, ...page } = recorded(
      'test_ec2_compute_optimizer_no_params',
      'compute-optimizer.GetEC2InstanceRecommendations_1.json',
    );
    const { advice, coverage } = await look({ GetEC2InstanceRecommendations: [page] }, [awsComputeOptimizer]);
    expect(advice).toEqual([]);
    expect(coverage).toMatchObject([{ status: 'complete' }]);
  });
});
