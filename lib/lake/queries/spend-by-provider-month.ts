import type { Provider } from '../../estate/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { type NamedQuery, numberIn, orEmpty, textIn } from './query.ts';

export interface ProviderMonth {
  readonly provider: Provider;
  /** ProviderName as the bill writes it. */
  readonly providerName: string;
  readonly currency: string;
  /** Billing period `YYYY-MM`. */
  readonly month: string;
  readonly billed: string;
  readonly effective: string;
  readonly rows: number;
}

/** Sums by provider, currency and billing period: what an invoice is compared with. */
export const spendByProviderMonth: NamedQuery<ProviderMonth> = {
  name: 'spend-by-provider-month',
  params: [],
  sql: (d) => `
    SELECT ${d.month(d.name('BillingPeriodStart'))} AS month, ${orEmpty(d, 'ProviderName')} AS provider_name,
           ${d.name('BillingCurrency')} AS currency, SUM(${d.name('BilledCost')}) AS billed,
           SUM(${d.name('EffectiveCost')}) AS effective, COUNT(*) AS row_count
    FROM costs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  merge: { keys: ['month', 'provider_name', 'currency'], sum: ['billed', 'effective', 'row_count'] },
  row: (raw) => ({
    provider: providerOf(textIn(raw, 'provider_name')),
    providerName: textIn(raw, 'provider_name'),
    currency: textIn(raw, 'currency'),
    month: textIn(raw, 'month'),
    billed: textIn(raw, 'billed'),
    effective: textIn(raw, 'effective'),
    rows: numberIn(raw, 'row_count'),
  }),
};
