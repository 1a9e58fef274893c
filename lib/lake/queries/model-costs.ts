import { inWindow, type NamedQuery, orEmpty, textIn } from './query.ts';

/** What one model cost one project and key on one day. */
export interface ModelDay {
  readonly source: string;
  /** ProviderName, as the bill writes it. */
  readonly provider: string;
  readonly billingAccount: string;
  /** SubAccountId: project, workspace, account; '' where the bill names none. */
  readonly subAccount: string;
  /** '' where the bill names none. */
  readonly apiKey: string;
  readonly model: string;
  readonly service: string;
  /** RegionId; '' where the bill names none. */
  readonly region: string;
  readonly currency: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** EffectiveCost, decimal text. */
  readonly cost: string;
}

/** Effective cost of usage of models in a window by day, and by what it can be attributed to. */
export const modelCosts: NamedQuery<ModelDay> = {
  name: 'model-costs',
  params: ['start', 'end'],
  windows: [['start', 'end']],
  sql: (d) => `
    SELECT ${orEmpty(d, 'x_Source')} AS source, ${orEmpty(d, 'ProviderName')} AS provider,
           ${orEmpty(d, 'BillingAccountId')} AS billing_account, ${orEmpty(d, 'SubAccountId')} AS sub_account,
           ${orEmpty(d, 'x_ApiKeyId')} AS api_key, ${orEmpty(d, 'x_AiModel')} AS model,
           ${orEmpty(d, 'ServiceName')} AS service, ${orEmpty(d, 'RegionId')} AS region,
           ${d.name('BillingCurrency')} AS currency,
           ${d.dayText(d.name('ChargePeriodStart'))} AS charge_day, SUM(${d.name('EffectiveCost')}) AS cost
    FROM costs
    WHERE ${inWindow(d)} AND ${d.name('ChargeCategory')} = 'Usage' AND ${d.name('x_AiClass')} = 'model API'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`,
  merge: {
    keys: [
      'source',
      'provider',
      'billing_account',
      'sub_account',
      'api_key',
      'model',
      'service',
      'region',
      'currency',
      'charge_day',
    ],
    sum: ['cost'],
  },
  row: (raw) => ({
    source: textIn(raw, 'source'),
    provider: textIn(raw, 'provider'),
    billingAccount: textIn(raw, 'billing_account'),
    subAccount: textIn(raw, 'sub_account'),
    apiKey: textIn(raw, 'api_key'),
    model: textIn(raw, 'model'),
    service: textIn(raw, 'service'),
    region: textIn(raw, 'region'),
    currency: textIn(raw, 'currency'),
    day: textIn(raw, 'charge_day'),
    cost: textIn(raw, 'cost'),
  }),
};
