import { inWindow, type NamedQuery, orEmpty, textIn } from './query.ts';

/** What tokens of one kind of one model cost on one day. */
export interface TokenDay {
  readonly source: string;
  /** ProviderName, as the bill writes it. */
  readonly provider: string;
  readonly model: string;
  /** `input`, `cached-input`, `cache-write`, `output`; '' where the charge is of a model and of no kind of token. */
  readonly kind: string;
  readonly currency: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** EffectiveCost, decimal text. */
  readonly cost: string;
  readonly tokens: string;
  /** The part of the cost whose charges tell no number of tokens. */
  readonly costWithoutTokens: string;
  /** Tokens for which the biller tells no cost, but for which there is an estimate from list prices: see x_ListEstimate. */
  readonly tokensWithoutCost: string;
}

/**
 * Effective cost and tokens of models in a window by kind of token and day. Usage alone (ChargeCategory, FOCUS 1.2):
 * credits and fees are no price of a token.
 */
export const tokenCosts: NamedQuery<TokenDay> = {
  name: 'token-costs',
  params: ['start', 'end'],
  windows: [['start', 'end']],
  sql: (d) => `
    SELECT ${orEmpty(d, 'x_Source')} AS source, ${orEmpty(d, 'ProviderName')} AS provider,
           ${orEmpty(d, 'x_AiModel')} AS model, ${orEmpty(d, 'x_TokenKind')} AS kind,
           ${d.name('BillingCurrency')} AS currency, ${d.dayText(d.name('ChargePeriodStart'))} AS charge_day,
           SUM(${d.name('EffectiveCost')}) AS cost, COALESCE(SUM(${d.name('x_TokenQuantity')}), 0) AS tokens,
           COALESCE(${d.sumIf(d.name('EffectiveCost'), `${d.name('x_TokenQuantity')} IS NULL`)}, 0) AS cost_without_tokens,
           COALESCE(${d.sumIf(d.name('x_TokenQuantity'), `${d.name('x_ListEstimate')} IS NOT NULL AND ${d.name('EffectiveCost')} = 0`)}, 0) AS tokens_without_cost
    FROM costs
    WHERE ${inWindow(d)} AND ${d.name('ChargeCategory')} = 'Usage' AND ${d.name('x_AiModel')} IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`,
  merge: {
    keys: ['source', 'provider', 'model', 'kind', 'currency', 'charge_day'],
    sum: ['cost', 'tokens', 'cost_without_tokens', 'tokens_without_cost'],
  },
  row: (raw) => ({
    source: textIn(raw, 'source'),
    provider: textIn(raw, 'provider'),
    model: textIn(raw, 'model'),
    kind: textIn(raw, 'kind'),
    currency: textIn(raw, 'currency'),
    day: textIn(raw, 'charge_day'),
    cost: textIn(raw, 'cost'),
    tokens: textIn(raw, 'tokens'),
    costWithoutTokens: textIn(raw, 'cost_without_tokens'),
    tokensWithoutCost: textIn(raw, 'tokens_without_cost'),
  }),
};
