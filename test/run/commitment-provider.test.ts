import { describe, expect, it } from 'vitest';
import { advise } from '../../lib/analysis/commitments/advise.ts';
import type { Advice } from '../../lib/analysis/commitments/model.ts';
import type { Advice as ProviderSaid } from '../../lib/estate/model.ts';
import { money } from '../../lib/focus/money.ts';
import { googleRows, providerAdvice } from '../../lib/run/commitment-provider.ts';
import { endOf, pool, rate, steps } from '../analysis/commitments/series.ts';

const HOURS = 90 * 24;
const row = (programme: string, more: Record<string, string | null> = {}) => ({
  programme,
  what: 'account 1',
  term: '1y',
  payment: 'none',
  lookbackDays: '30',
  hourly: '9',
  monthlySaving: '1000',
  currency: 'USD',
  utilisation: '97',
  at: null,
  ...more,
});

function ours(): Advice {
  const [advice] = advise(
    pool(
      steps(HOURS, () => '10'),
      [rate('0.3', { payment: 'all' })],
    ),
    endOf(HOURS),
  );
  if (advice === undefined || !('schedule' in advice)) throw new Error('no advice');
  return advice;
}

describe('providerAdvice', () => {
  it('stands beside ours of the same programme, with what makes them differ', () => {
    const [told] = providerAdvice([row('aws-compute-savings-plan')], [ours()], [], 3);
    expect(told).toMatchObject({
      hourly: { amount: '9', currency: 'USD' },
      monthlySaving: { amount: '1000', currency: 'USD' },
    });
    expect(told?.why).toEqual([
      expect.stringContaining('Theirs is the optimum of the last 30 days; ours pays over 90 days'),
      'Ours leaves out 3 resources found to be waste; theirs counts their spend.',
      'Ours is at another rate: 1y, upfront all.',
    ]);
  });

  it('says why ours has none, and puts the largest saving first', () => {
    const untold = {
      programme: 'aws-sagemaker-savings-plan',
      provider: 'aws',
      currency: 'USD',
      notEnough: true,
      reason: 'Use has stopped.',
    };
    const told = providerAdvice(
      [
        row('aws-sagemaker-savings-plan', { monthlySaving: '5' }),
        row('aws-rds-reservation us-east-1 r6g', { hourly: null, monthlySaving: '70' }),
      ],
      [ours()],
      [untold],
      0,
    );
    expect(told.map(({ programme, why }) => [programme, why[0]])).toEqual([
      ['aws-rds-reservation us-east-1 r6g', expect.stringContaining('Ours does not look at it')],
      ['aws-sagemaker-savings-plan', 'Ours buys nothing of it: Use has stopped.'],
    ]);
    expect(told[0]?.hourly).toBeNull();
  });

  it('has what Google would buy for machines beside ours of the same region, and no other advice', () => {
    const said: ProviderSaid = {
      provider: 'gcp',
      accountId: 'ml-prod',
      region: 'us-central1',
      resourceId:
        '//recommender.googleapis.com/projects/1/locations/us-central1/recommenders/google.compute.commitment.UsageCommitmentRecommender/recommendations/r-1',
      adviser: 'GCP Recommender',
      repeats: null,
      kind: 'other',
      finding: 'COMMIT',
      action: 'Buy 40 N2 cores for a year.',
      monthlySaving: money('120.5', 'USD'),
      discounts: 'not told',
      lookbackDays: null,
      at: '2026-11-21T07:00:00.000Z',
    };
    const idle = { ...said, resourceId: '//compute.googleapis.com/projects/ml-prod/zones/z/instances/i' };
    const rows = googleRows([said, idle]);
    expect(rows).toHaveLength(1);
    const own = { ...ours(), programme: 'gcp-resource-cud us-central1 n2' };
    const [told] = providerAdvice(rows, [own], [], 0);
    expect(told).toMatchObject({
      programme: 'gcp-resource-cud us-central1',
      what: 'project ml-prod, COMMIT: Buy 40 N2 cores for a year.',
      term: 'not told',
      hourly: null,
      monthlySaving: { amount: '120.5', currency: 'USD' },
    });
    expect(told?.why[0]).toContain('Theirs rests on the last 30 days; ours pays over 90 days');
    // Ours of another region is not beside it.
    const far = providerAdvice(rows, [{ ...own, programme: 'gcp-resource-cud us-central10 n2' }], [], 0);
    expect(far[0]?.why[0]).toContain('another programme covers its spend, or the bill does not show it');
  });

  it('takes what is no number for not told', () => {
    const [told] = providerAdvice([row('x', { hourly: 'N/A', monthlySaving: null })], [], [], 0);
    expect(told).toMatchObject({ hourly: null, monthlySaving: null });
  });
});
