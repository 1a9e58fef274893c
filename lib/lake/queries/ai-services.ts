import type { AiService } from '../../checks/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { account, flagIn, inWindow, type NamedQuery, orEmpty, textIn } from './query.ts';

/**
 * AI services by vendor, account, region and model: what each cost in a window (`$start` to `$end`, half-open) and
 * when it was first charged in all that is held, also where nothing was charged in the window. `$classes` is a JSON
 * array of AI classes.
 */
export const aiServices: NamedQuery<AiService> = {
  name: 'ai-services',
  params: ['start', 'end', 'classes'],
  sql: (d) => `
    SELECT ${orEmpty(d, 'x_Source')} AS source, ${orEmpty(d, 'ProviderName')} AS vendor,
           ${account(d)} AS account, ${orEmpty(d, 'ServiceName')} AS service,
           ${orEmpty(d, 'RegionId')} AS region, ${orEmpty(d, 'x_AiModel')} AS model,
           ${d.name('BillingCurrency')} AS currency,
           COALESCE(${d.sumIf(d.name('EffectiveCost'), inWindow(d))}, 0) AS effective,
           MAX(CASE WHEN ${inWindow(d)} THEN 1 ELSE 0 END) = 1 AS charged,
           MIN(${d.name('ChargePeriodStart')}) AS first_start
    FROM costs WHERE ${d.inJsonArray(d.name('x_AiClass'), 'classes')}
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`,
  merge: {
    keys: ['source', 'vendor', 'account', 'service', 'region', 'model', 'currency'],
    sum: ['effective'],
    any: ['charged'],
    min: ['first_start'],
  },
  row: (raw) => ({
    source: textIn(raw, 'source'),
    provider: providerOf(textIn(raw, 'vendor')),
    vendor: textIn(raw, 'vendor').trim(),
    accountId: textIn(raw, 'account'),
    service: textIn(raw, 'service'),
    region: textIn(raw, 'region'),
    model: textIn(raw, 'model'),
    currency: textIn(raw, 'currency'),
    effective: textIn(raw, 'effective'),
    charged: flagIn(raw, 'charged'),
    since: textIn(raw, 'first_start'),
  }),
};
