import {
  GetReservationPurchaseRecommendationCommand,
  GetSavingsPlansPurchaseRecommendationCommand,
  type InstanceDetails,
} from '@aws-sdk/client-cost-explorer';
import type { BesideTable } from '../model.ts';
import { type AskContext, askPages } from './pages.ts';

/** As everywhere here: one year, nothing upfront, by the last 30 days, for the payer and all linked accounts. */
const ASKED = {
  TermInYears: 'ONE_YEAR',
  PaymentOption: 'NO_UPFRONT',
  LookbackPeriodInDays: 'THIRTY_DAYS',
  AccountScope: 'PAYER',
} as const;
const TOLD = { term: '1y', payment: 'none', lookbackDays: '30' } as const;

const PLANS = {
  COMPUTE_SP: 'aws-compute-savings-plan',
  EC2_INSTANCE_SP: 'aws-ec2-instance-savings-plan',
  SAGEMAKER_SP: 'aws-sagemaker-savings-plan',
  DATABASE_SP: 'aws-database-savings-plan',
} as const;
/** Services with reservations of a family in a region (Cost Explorer API Reference, GetReservationPurchaseRecommendation). */
const RESERVED = [
  ['Amazon Elastic Compute Cloud - Compute', 'aws-ec2-reservation'],
  ['Amazon Relational Database Service', 'aws-rds-reservation'],
  ['Amazon ElastiCache', 'aws-elasticache-reservation'],
  ['Amazon OpenSearch Service', 'aws-opensearch-reservation'],
] as const;

/**
 * What Cost Explorer itself recommends to buy: Savings Plans of every type, and reservations. Amounts are as AWS writes
 * them: `hourly` what a plan would be paid an hour, null of a reservation, whose `what` has the number and type. A
 * request each, at the price of every request.
 */
export async function commitmentAdviceRows(context: AskContext): Promise<BesideTable['rows']> {
  const { client } = context;
  const rows: Record<string, string | null>[] = [];
  for (const type of ['COMPUTE_SP', 'EC2_INSTANCE_SP', 'SAGEMAKER_SP', 'DATABASE_SP'] as const) {
    const pages = askPages(context, 'ce:GetSavingsPlansPurchaseRecommendation', (token) =>
      client.send(
        new GetSavingsPlansPurchaseRecommendationCommand({
          ...ASKED,
          SavingsPlansType: type,
          ...(token === undefined ? {} : { NextPageToken: token }),
        }),
      ),
    );
    for await (const { SavingsPlansPurchaseRecommendation: told, Metadata } of pages)
      for (const each of told?.SavingsPlansPurchaseRecommendationDetails ?? []) {
        const { Region, InstanceFamily } = each.SavingsPlansDetails ?? {};
        rows.push({
          ...TOLD,
          programme: [PLANS[type], ...(type === 'EC2_INSTANCE_SP' ? [Region, InstanceFamily] : [])]
            .filter(Boolean)
            .join(' '),
          what: `account ${each.AccountId ?? 'not told'}`,
          hourly: each.HourlyCommitmentToPurchase ?? null,
          monthlySaving: each.EstimatedMonthlySavingsAmount ?? null,
          currency: each.CurrencyCode ?? null,
          utilisation: each.EstimatedAverageUtilization ?? null,
          at: Metadata?.GenerationTimestamp ?? null,
        });
      }
  }
  for (const [service, programme] of RESERVED) {
    const pages = askPages(context, 'ce:GetReservationPurchaseRecommendation', (token) =>
      client.send(
        new GetReservationPurchaseRecommendationCommand({
          ...ASKED,
          Service: service,
          ...(token === undefined ? {} : { NextPageToken: token }),
        }),
      ),
    );
    for await (const { Recommendations = [], Metadata } of pages)
      for (const each of Recommendations.flatMap(({ RecommendationDetails = [] }) => RecommendationDetails)) {
        const { region, family, type } = placeOf(each.InstanceDetails);
        rows.push({
          ...TOLD,
          programme: [programme, region, family].filter(Boolean).join(' '),
          what: `${each.RecommendedNumberOfInstancesToPurchase ?? 'not told how many'} x ${type ?? 'not told'}`,
          hourly: null,
          monthlySaving: each.EstimatedMonthlySavingsAmount ?? null,
          currency: each.CurrencyCode ?? null,
          utilisation: each.AverageUtilization ?? null,
          at: Metadata?.GenerationTimestamp ?? null,
        });
      }
  }
  return rows;
}

function placeOf(details: InstanceDetails | undefined): {
  readonly region?: string | undefined;
  readonly family?: string | undefined;
  readonly type?: string | undefined;
} {
  const {
    EC2InstanceDetails: ec2,
    RDSInstanceDetails: rds,
    ElastiCacheInstanceDetails: cache,
    ESInstanceDetails: search,
  } = details ?? {};
  if (ec2 !== undefined) return { region: ec2.Region, family: ec2.Family, type: ec2.InstanceType };
  if (rds !== undefined) return { region: rds.Region, family: rds.Family, type: rds.InstanceType };
  if (cache !== undefined) return { region: cache.Region, family: cache.Family, type: cache.NodeType };
  return {
    region: search?.Region,
    family: search?.InstanceClass,
    type:
      search === undefined
        ? undefined
        : [search.InstanceClass, search.InstanceSize].filter(Boolean).join('.'),
  };
}
