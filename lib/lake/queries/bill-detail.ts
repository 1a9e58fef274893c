import type { BillDetail } from '../../checks/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { account, flagIn, inWindow, type NamedQuery, orEmpty, textIn } from './query.ts';

/**
 * How much the bill of a window tells, by source and account: whether it names resources, and whether
 * commitments have a part in it. Cost Explorer names none of either, so that commitments show as usage whose
 * amortised cost is not what was billed, and as fees. Support plans are fees, too, and no commitment.
 */
export const billDetail: NamedQuery<BillDetail> = {
  name: 'bill-detail',
  params: ['start', 'end'],
  sql: (d) => `
    SELECT ${orEmpty(d, 'x_Source')} AS source, ${orEmpty(d, 'ProviderName')} AS provider_name,
           ${account(d)} AS account,
           MAX(CASE WHEN ${d.name('ResourceId')} IS NOT NULL THEN 1 ELSE 0 END) = 1 AS resource_ids,
           MAX(CASE WHEN ${d.name('CommitmentDiscountId')} IS NOT NULL THEN 1
                    WHEN ${d.name('ChargeCategory')} = 'Usage'
                     AND ${d.name('BilledCost')} <> ${d.name('EffectiveCost')} THEN 1
                    WHEN ${d.name('ChargeCategory')} = 'Purchase' AND ${d.name('EffectiveCost')} <> 0
                     AND ${orEmpty(d, 'ServiceName')} NOT LIKE 'AWS Support%' THEN 1
                    ELSE 0 END) = 1 AS commitments
    FROM costs WHERE ${inWindow(d)} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  merge: { keys: ['source', 'provider_name', 'account'], any: ['resource_ids', 'commitments'] },
  row: (raw) => ({
    source: textIn(raw, 'source'),
    provider: providerOf(textIn(raw, 'provider_name')),
    accountId: textIn(raw, 'account'),
    resourceIds: flagIn(raw, 'resource_ids'),
    commitments: flagIn(raw, 'commitments'),
  }),
};
