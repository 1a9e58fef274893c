import type { Provider } from '../../estate/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { type NamedQuery, numberIn, textIn } from './query.ts';

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
  sql: `
    SELECT COALESCE("ProviderName", '') AS provider_name, "BillingCurrency" AS currency,
           strftime("BillingPeriodStart", '%Y-%m') AS month, SUM("BilledCost") AS billed,
           SUM("EffectiveCost") AS effective, COUNT(*) AS rows
    FROM costs GROUP BY ALL ORDER BY month, provider_name, currency`,
  row: (raw) => ({
    provider: providerOf(textIn(raw, 'provider_name')),
    providerName: textIn(raw, 'provider_name'),
    currency: textIn(raw, 'currency'),
    month: textIn(raw, 'month'),
    billed: textIn(raw, 'billed'),
    effective: textIn(raw, 'effective'),
    rows: numberIn(raw, 'rows'),
  }),
};
