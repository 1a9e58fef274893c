import type { Provider } from '../../estate/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { inWindow, type NamedQuery, orEmpty, textIn } from './query.ts';

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
  sql: (d) => `
    SELECT ${orEmpty(d, 'ProviderName')} AS provider_name, ${orEmpty(d, 'ServiceName')} AS service,
           ${d.name('BillingCurrency')} AS currency, SUM(${d.name('EffectiveCost')}) AS effective
    FROM costs WHERE ${inWindow(d)} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  merge: { keys: ['provider_name', 'service', 'currency'], sum: ['effective'] },
  row: (raw) => ({
    provider: providerOf(textIn(raw, 'provider_name')),
    providerName: textIn(raw, 'provider_name'),
    service: textIn(raw, 'service'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
  }),
};
