import { account, type NamedQuery, numberIn, orEmpty, textIn } from './query.ts';

/** What an account was charged for a service, in one currency. */
export interface AccountServiceTotal {
  readonly provider: string;
  readonly account: string;
  readonly service: string;
  readonly currency: string;
  readonly billed: string;
  readonly effective: string;
  readonly rows: number;
}

/** Sums by account and service: what two deliveries of a period are compared by. */
export const accountServiceTotals: NamedQuery<AccountServiceTotal> = {
  name: 'account-service-totals',
  params: [],
  sql: (d) => `
    SELECT ${orEmpty(d, 'ProviderName')} AS provider, ${account(d)} AS account, ${orEmpty(d, 'ServiceName')} AS service,
           ${d.name('BillingCurrency')} AS currency, SUM(${d.name('BilledCost')}) AS billed,
           SUM(${d.name('EffectiveCost')}) AS effective, COUNT(*) AS charges
    FROM costs GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  merge: {
    keys: ['provider', 'account', 'service', 'currency'],
    sum: ['billed', 'effective', 'charges'],
  },
  row: (raw) => ({
    provider: textIn(raw, 'provider'),
    account: textIn(raw, 'account'),
    service: textIn(raw, 'service'),
    currency: textIn(raw, 'currency'),
    billed: textIn(raw, 'billed'),
    effective: textIn(raw, 'effective'),
    rows: numberIn(raw, 'charges'),
  }),
};
