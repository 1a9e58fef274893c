import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { pages, utc } from './read.ts';
import { type Recommendation, recommendations, savingOf } from './recommender.ts';
import type { GcpSession } from './session.ts';

/**
 * "To view spend-based CUD recommendations" ("Get recommendations for committed use discounts (CUD)", Google Cloud
 * documentation); Billing Account Viewer holds it ("IAM roles and permissions", Cloud Billing).
 */
export const SPEND_ADVICE_PERMISSION: Permission = {
  cloud: 'gcp',
  action: 'recommender.spendBasedCommitmentRecommendations.list',
  why: 'reads which spend-based commitments Google would buy for a billing account',
};

const RECOMMENDER = 'google.cloudbilling.commitment.SpendBasedCommitmentRecommender';

/** What Google's Recommender would buy; each text is null where it is not told. */
export interface SpendAdvice {
  readonly programme: string;
  readonly what: string;
  readonly term: string | null;
  readonly monthlySaving: { readonly amount: string; readonly currency: string } | null;
  readonly at: string | null;
}

/**
 * Which spend-based commitments Google would buy for a billing account: a recommender of `billingAccounts`, not of
 * projects. It is asked in the location `global`, since Compute flexible commitments know no region: what it would buy
 * in one region alone (Cloud SQL, Spanner) is not seen. What somebody has dismissed, claimed or done is left out. The
 * amount an hour is in its words: the shape of `content` is not documented.
 * @param account `012345-567890-ABCDEF`
 */
export async function spendAdvice(
  session: GcpSession,
  account: string,
  meter: Meter,
): Promise<SpendAdvice[]> {
  const found = pages(session, meter, recommendations, {
    call: 'recommender.billingAccounts.locations.recommenders.recommendations.list',
    service: 'https://recommender.googleapis.com',
    path: `/v1/billingAccounts/${encodeURIComponent(account)}/locations/global/recommenders/${RECOMMENDER}/recommendations`,
    permission: SPEND_ADVICE_PERMISSION,
  });
  const advice: SpendAdvice[] = [];
  for await (const { recommendations: page = [] } of found)
    for (const one of page) if (one.stateInfo?.state === 'ACTIVE') advice.push(adviceIn(account, one));
  return advice;
}

function adviceIn(account: string, told: Recommendation): SpendAdvice {
  const words = told.description ?? 'not told';
  const years = /\b([13])[ -]years?\b/i.exec(words)?.[1];
  return {
    programme: /\bflex|\bcompute engine|\bGCE\b/i.test(words)
      ? 'gcp-compute-flexible-cud'
      : 'gcp-other-spend-based-cud',
    what: `billing account ${account}, ${told.recommenderSubtype ?? 'kind not told'}: ${words}`,
    term: years === undefined ? null : `${years}y`,
    monthlySaving: savingOf(told),
    at: utc(told.lastRefreshTime),
  };
}
