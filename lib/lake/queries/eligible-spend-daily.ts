import type { EligibleSeries } from '../../analysis/model.ts';
import { inWindow, type NamedQuery, textIn } from './query.ts';

export interface EligibleDay {
  readonly programme: string;
  readonly provider: string;
  readonly currency: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly amount: string;
}

/**
 * On-demand usage that a commitment could cover, a day. Only rows of resource grain: a coarser source mixes covered
 * and uncovered usage in one amount. `aws-compute-savings-plan`: EC2 instances, Lambda and Fargate (Savings Plans
 * user guide, "Types of Savings Plans": Compute Savings Plans); `gcp-compute-flexible-cud`: Compute Engine,
 * Kubernetes Engine and Cloud Run (Google Cloud documentation, "Compute flexible CUDs"). What shares the service's
 * name and is never covered (data transfer, disks, NAT, GPUs under a flexible CUD, spot) is told by its unit, type or
 * description and left out; a bill that names none of these is taken as compute, which may overstate. `$wasted` is a
 * JSON array of resource ids, as bills write them, that are about to go: their spend is no reason to commit.
 */
export const eligibleSpendDaily: NamedQuery<EligibleDay> = {
  name: 'eligible-spend-daily',
  params: ['start', 'end', 'wasted'],
  sql: (d) => `
    WITH used AS (
      SELECT ${d.name('ProviderName')} AS provider_name, ${d.name('ServiceName')} AS service_name,
             ${d.name('ServiceCategory')} AS service_category, ${d.name('PricingUnit')} AS pricing_unit,
             ${d.name('ResourceType')} AS resource_type, ${d.name('SkuMeter')} AS meter,
             ${d.name('ChargeDescription')} AS description, ${d.name('BillingCurrency')} AS currency,
             ${d.day(d.name('ChargePeriodStart'))} AS day, SUM(${d.name('EffectiveCost')}) AS effective
      FROM costs
      WHERE ${inWindow(d)}
        AND ${d.name('ChargeCategory')} = 'Usage' AND ${d.name('CommitmentDiscountId')} IS NULL
        AND COALESCE(${d.name('PricingCategory')}, 'Standard') = 'Standard'
        AND ${d.name('x_SourceGrain')} = 'resource'
        AND (${d.name('ResourceId')} IS NULL OR NOT (${d.inJsonArray(d.name('ResourceId'), 'wasted')}))
      GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ), worded AS (
      SELECT LOWER(${d.trim('provider_name')}) AS provider, LOWER(COALESCE(service_name, '')) AS service,
             LOWER(COALESCE(service_category, '')) AS category, LOWER(COALESCE(pricing_unit, '')) AS unit,
             LOWER(${d.words('resource_type', 'meter', 'description')}) AS what, currency, day, effective
      FROM used
    ), eligible AS (
      SELECT 'aws-compute-savings-plan' AS programme, 'aws' AS provider, currency, day, effective FROM worded
      WHERE provider IN ('aws', 'amazon web services')
        AND (category = 'compute' OR service LIKE '%lambda%' OR what LIKE '%fargate%')
        AND service NOT LIKE '%sagemaker%' AND unit NOT LIKE '%gb%' AND unit NOT LIKE '%request%'
        AND what NOT LIKE '%nat gateway%' AND what NOT LIKE '%data transfer%' AND what NOT LIKE '%volume%'
        AND what NOT LIKE '%snapshot%' AND what NOT LIKE '%spot%'
      UNION ALL
      SELECT 'gcp-compute-flexible-cud', 'gcp', currency, day, effective FROM worded
      WHERE provider IN ('google cloud', 'google cloud platform', 'google', 'gcp')
        AND (service LIKE '%compute engine%' OR service LIKE '%kubernetes engine%' OR service LIKE '%cloud run%')
        AND what NOT LIKE '%gpu%' AND what NOT LIKE '%tpu%' AND what NOT LIKE '%pd capacity%'
        AND what NOT LIKE '%egress%' AND what NOT LIKE '%data transfer%' AND what NOT LIKE '%snapshot%'
        AND what NOT LIKE '%spot%' AND what NOT LIKE '%preemptible%'
    )
    SELECT programme, currency, day, provider, SUM(effective) AS amount
    FROM eligible GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  merge: { keys: ['programme', 'currency', 'day', 'provider'], sum: ['amount'] },
  row: (raw) => ({
    programme: textIn(raw, 'programme'),
    provider: textIn(raw, 'provider'),
    currency: textIn(raw, 'currency'),
    day: textIn(raw, 'day'),
    amount: textIn(raw, 'amount'),
  }),
};

const DAY = 86_400_000;

/** Days as series of one programme and currency, with every day of `start` to `end` (midnights, UTC) present. */
export function eligibleSeries(days: readonly EligibleDay[], start: string, end: string): EligibleSeries[] {
  const found = new Map<string, { first: EligibleDay; amounts: Map<string, string> }>();
  for (const day of days) {
    const key = JSON.stringify([day.programme, day.currency]);
    const series = found.get(key) ?? { first: day, amounts: new Map<string, string>() };
    series.amounts.set(day.day, day.amount);
    found.set(key, series);
  }
  return [...found.values()].map(({ first: { programme, provider, currency }, amounts }) => {
    const points: { at: string; amount: string }[] = [];
    for (let at = Date.parse(start); at < Date.parse(end); at += DAY) {
      const day = new Date(at).toISOString().slice(0, 10);
      points.push({ at: `${day}T00:00:00.000Z`, amount: amounts.get(day) ?? '0' });
    }
    return { programme, provider, currency, stepHours: 24, points };
  });
}
