import { beforeEach, expect, inject, test } from 'vitest';
import { gcpSession } from '../../../lib/estate/gcp/session.ts';
import { SPEND_ADVICE_PERMISSION, spendAdvice } from '../../../lib/estate/gcp/spend-advice.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { answerGcp, disturbGcp, gcpCalls, resetGcp } from '../../counterparts/gcp.control.ts';
import { signedIn } from './loopback.ts';

const endpoint = inject('gcpUrl');
const ACCOUNT = 'CU570D-1A4CU5-70D1A4';
const LIST = `/v1/billingAccounts/${ACCOUNT}/locations/global/recommenders/google.cloudbilling.commitment.SpendBasedCommitmentRecommender/recommendations`;

beforeEach(() => resetGcp(endpoint));

function ask(meter = new Meter()) {
  const session = gcpSession({
    projectId: 'billing-account',
    auth: signedIn(),
    endpoint,
    attempts: 2,
    wait: () => Promise.resolve(),
  });
  return spendAdvice(session, ACCOUNT, meter);
}

const told = (id: string, more: object) => ({
  name: `${LIST.slice('/v1/'.length)}/${id}`,
  recommenderSubtype: 'COMMIT',
  lastRefreshTime: '2026-11-21T07:00:00Z',
  stateInfo: { state: 'ACTIVE' },
  ...more,
});
/** `seconds` of a projection that saves so much. */
const saves = (units: string, nanos: number, seconds = 2_592_000) => ({
  category: 'COST',
  costProjection: { cost: { currencyCode: 'EUR', units, nanos }, duration: `${seconds}s` },
});

test('what Google would buy for a billing account: programme, term and saving of 30 days, of what is open alone', async () => {
  await answerGcp(endpoint, LIST, {
    recommendations: [
      told('flex', {
        description: 'Purchase a 3 year Compute Engine flexible commitment of $4.20/hour.',
        primaryImpact: saves('-730', -500_000_000),
      }),
      told('sql', {
        description: 'Purchase a 1-year Cloud SQL commitment.',
        // A year of savings: 30 of its 365 days.
        primaryImpact: saves('-3650', 0, 31_536_000),
      }),
      told('silent', {}),
      told('done', { stateInfo: { state: 'SUCCEEDED' }, primaryImpact: saves('-1', 0) }),
    ],
  });
  const meter = new Meter();
  const found = await ask(meter);
  expect(found.map(({ programme, term, monthlySaving }) => [programme, term, monthlySaving])).toEqual([
    ['gcp-compute-flexible-cud', '3y', { amount: '730.5', currency: 'EUR' }],
    ['gcp-other-spend-based-cud', '1y', { amount: '300', currency: 'EUR' }],
    ['gcp-other-spend-based-cud', null, null],
  ]);
  expect(found[0]).toMatchObject({
    what: `billing account ${ACCOUNT}, COMMIT: Purchase a 3 year Compute Engine flexible commitment of $4.20/hour.`,
    at: '2026-11-21T07:00:00.000Z',
  });
  expect((await gcpCalls(endpoint)).map(({ path, status }) => [path, status])).toEqual([[LIST, 200]]);
  expect(meter.total().calls).toEqual([
    { api: 'recommender.billingAccounts.locations.recommenders.recommendations.list', count: 1 },
  ]);
});

test('a refusal names the right that is missing', async () => {
  await disturbGcp(endpoint, { path: 'SpendBasedCommitmentRecommender', status: 403 });
  await expect(ask()).rejects.toMatchObject({
    code: 'denied',
    told: expect.stringContaining(SPEND_ADVICE_PERMISSION.action),
  });
});
