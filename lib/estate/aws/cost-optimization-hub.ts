import {
  type ActionType,
  ListEnrollmentStatusesCommand,
  ListRecommendationsCommand,
  type Recommendation,
} from '@aws-sdk/client-cost-optimization-hub';
import { awsCall } from '../../platform/aws-call.ts';
import { SwitchedOffError } from '../../platform/errors.ts';
import type { Permission } from '../../platform/permissions.ts';
import { type Advice, type Dataset, type Scope, scopeName } from '../model.ts';
import { amountOf, regionOf } from './advice.ts';
import { lowerPages } from './bedrock.ts';
import type { AwsSession } from './session.ts';

const ENROLLMENT: Permission = {
  cloud: 'aws',
  action: 'cost-optimization-hub:ListEnrollmentStatuses',
  why: 'sees whether the account has opted in to Cost Optimization Hub',
};
const LIST: Permission = {
  cloud: 'aws',
  action: 'cost-optimization-hub:ListRecommendations',
  why: 'reads what the tools of AWS recommend, as the Hub gathers it',
};

const OPT_IN =
  'Opt in (`aws cost-optimization-hub update-enrollment-status --status Active --region us-east-1`, with --include-member-accounts for an organisation), or set estate.aws.advice to false.';

/** "The Cost Optimization Hub API provides the following endpoint: https://cost-optimization-hub.us-east-1.amazonaws.com" (API Reference, "Welcome"). */
export const HUB_REGION = 'us-east-1';

/**
 * What is done to a thing, by what each kind of action comes to. What is bought for many (Savings Plans, reservations)
 * has no resource to stand beside.
 */
const KINDS = new Map<string, Advice['kind']>([
  ['Delete', 'idle'],
  ['Stop', 'idle'],
  ['Rightsize', 'size'],
  ['ScaleIn', 'size'],
  ['Upgrade', 'generation'],
  ['MigrateToGraviton', 'generation'],
]);
const ACTIONS: readonly ActionType[] = [
  'Delete',
  'Stop',
  'Rightsize',
  'ScaleIn',
  'Upgrade',
  'MigrateToGraviton',
];

/**
 * What AWS Cost Optimization Hub gathers for the account in this region, one recommendation a resource as the Hub
 * itself chooses it. It is free, and says nothing before the account opts in. Its one endpoint speaks for all
 * regions. Left out is what it recommends to buy. Its amounts are before or after discounts as a preference of the
 * account says, which is not asked.
 */
export const awsCostOptimizationHub: Dataset<AwsSession> = {
  id: 'aws.cost-optimization-hub',
  permissions: [ENROLLMENT, LIST],
  async collect(scope, session, _now, _earlier, meter) {
    const where = scopeName(scope);
    if (session.partition !== 'aws')
      throw new SwitchedOffError('unavailable', `there is no Cost Optimization Hub in ${session.partition}`, {
        where,
      });
    const { items } = await awsCall({ action: ENROLLMENT.action, where, meter }, () =>
      session.costOptimizationHub.send(new ListEnrollmentStatusesCommand({})),
    );
    const own = items?.find(({ accountId }) => accountId === undefined || accountId === scope.accountId);
    if (own?.status !== 'Active')
      throw new SwitchedOffError('unavailable', 'the account has not opted in to Cost Optimization Hub', {
        where,
        hint: OPT_IN,
      });
    const filter = { accountIds: [scope.accountId], regions: [scope.region], actionTypes: [...ACTIONS] };
    const pages = lowerPages({ action: LIST.action, where, meter }, (nextToken) =>
      session.costOptimizationHub.send(
        new ListRecommendationsCommand({ filter, ...(nextToken === undefined ? {} : { nextToken }) }),
      ),
    );
    const advice: Advice[] = [];
    for await (const page of pages)
      for (const one of page.items ?? []) {
        const told = ofRecommendation(one, scope);
        if (told !== null) advice.push(told);
      }
    return { advice };
  },
};

/** Null: it names no resource. */
function ofRecommendation(told: Recommendation, scope: Scope): Advice | null {
  const { resourceArn, resourceId, accountId, region, actionType, currentResourceSummary } = told;
  const id = resourceArn || resourceId;
  if (!id) return null;
  const { recommendedResourceSummary: next } = told;
  const monthlySaving = amountOf({
    value: told.estimatedMonthlySavings,
    currency: told.currencyCode,
  });
  return {
    provider: 'aws',
    accountId: accountId ?? scope.accountId,
    region: region ?? regionOf(id, scope.region),
    resourceId: id,
    adviser: 'AWS Cost Optimization Hub',
    // Of its two sources (API Reference, Recommendation, "source") Compute Optimizer alone is asked here as well.
    repeats: told.source === 'ComputeOptimizer' ? 'AWS Compute Optimizer' : null,
    kind: KINDS.get(actionType ?? '') ?? 'other',
    finding: actionType ?? 'not told',
    action: [actionType, [currentResourceSummary, next].filter(Boolean).join(' -> ')]
      .filter(Boolean)
      .join(' '),
    monthlySaving,
    discounts: 'not told',
    lookbackDays: told.recommendationLookbackPeriodInDays ?? null,
    at: told.lastRefreshTimestamp?.toISOString() ?? null,
  };
}
