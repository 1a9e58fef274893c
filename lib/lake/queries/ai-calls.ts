import type { AiCalls } from '../../checks/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { account, inWindow, type NamedQuery, OF_WINDOW, orEmpty, textIn, textOrNull } from './query.ts';

/**
 * Usage of some services in a window by account, key and inference profile: what calls of models can be attributed
 * by. `$services` is a JSON array of ServiceName. Only usage counts: credits and fees are nobody's calls.
 */
export const aiCalls: NamedQuery<AiCalls> = {
  name: 'ai-calls',
  params: ['start', 'end', 'services'],
  windows: OF_WINDOW,
  sql: (d) => `
    SELECT ${orEmpty(d, 'x_Source')} AS source, ${orEmpty(d, 'ProviderName')} AS provider_name,
           ${account(d)} AS account, ${d.name('SubAccountId')} AS sub_account,
           ${orEmpty(d, 'ServiceName')} AS service, ${d.name('x_ApiKeyId')} AS api_key,
           ${d.name('x_InferenceProfile')} AS profile, ${d.name('x_TokenKind')} AS token_kind,
           ${d.name('BillingCurrency')} AS currency,
           MAX(${d.name('SubAccountName')}) AS sub_account_name, SUM(${d.name('EffectiveCost')}) AS effective
    FROM costs
    WHERE ${inWindow(d)} AND ${d.inJsonArray(orEmpty(d, 'ServiceName'), 'services')}
      AND ${d.name('ChargeCategory')} = 'Usage'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
    ORDER BY 1, 2, 3, 4 NULLS LAST, 5, 6 NULLS LAST, 7 NULLS LAST, 8 NULLS LAST, 9`,
  merge: {
    keys: [
      'source',
      'provider_name',
      'account',
      'sub_account',
      'service',
      'api_key',
      'profile',
      'token_kind',
      'currency',
    ],
    sum: ['effective'],
    max: ['sub_account_name'],
  },
  row: (raw) => ({
    source: textIn(raw, 'source'),
    provider: providerOf(textIn(raw, 'provider_name')),
    accountId: textIn(raw, 'account'),
    subAccountId: textOrNull(raw, 'sub_account'),
    subAccountName: textOrNull(raw, 'sub_account_name'),
    service: textIn(raw, 'service'),
    apiKey: textOrNull(raw, 'api_key'),
    inferenceProfile: textOrNull(raw, 'profile'),
    tokens: textOrNull(raw, 'token_kind') !== null,
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
  }),
};
