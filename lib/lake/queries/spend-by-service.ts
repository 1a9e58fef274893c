import type { Provider } from '../../estate/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { IN_WINDOW, type NamedQuery, textIn } from './query.ts';

export interface ServiceSpend {
  readonly provider: Provider;
  readonly providerName: string;
  readonly service: string;
  readonly currency: string;
  readonly effective: string;
}

/** Effective cost by provider and service in a window. */
export const spendByService: NamedQuery<ServiceSpend> = {
  name: 'spend-by-service',
  params: ['start', 'end'],
  sql: `
    SELECT COALESCE("ProviderName", '') AS provider_name, COALESCE("ServiceName", '') AS service,
           "BillingCurrency" AS currency, SUM("EffectiveCost") AS effective
    FROM costs WHERE ${IN_WINDOW} GROUP BY ALL ORDER BY provider_name, service, currency`,
  row: (raw) => ({
    provider: providerOf(textIn(raw, 'provider_name')),
    providerName: textIn(raw, 'provider_name'),
    service: textIn(raw, 'service'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
  }),
};
