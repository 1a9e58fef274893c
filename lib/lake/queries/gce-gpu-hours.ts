import type { Dialect } from '../dialect/model.ts';
import { isUse } from './commitment-sql.ts';
import { type MachineDay, machineDayIn } from './machine-hours.ts';
import { account, inWindow, type NamedQuery, orEmpty } from './query.ts';

const lower = (d: Dialect, column: string) => `LOWER(${d.trim(orEmpty(d, column))})`;

/** Hours of single devices: `Nvidia L4 GPU running in Americas`, priced by the hour. A licence for one is no device. */
function isDevice(d: Dialect): string {
  const named = `LOWER(COALESCE(${d.name('SkuMeter')}, ${d.name('ChargeDescription')}, ''))`;
  return `${named} LIKE '%gpu%' AND ${named} NOT LIKE '%licens%' AND ${lower(d, 'PricingUnit')} IN ('hour', 'hours', 'hr', 'hrs', 'h')`;
}

/** @param all also machines without a charge for a GPU: another engine may hold it. */
function sqlOf(d: Dialect, all: boolean): string {
  const hours = d.sumIf(d.name('PricingQuantity'), isDevice(d));
  return `
    SELECT ${orEmpty(d, 'x_Source')} AS source, ${orEmpty(d, 'ProviderName')} AS provider_name, ${account(d)} AS account,
           ${d.name('ResourceId')} AS resource_id, ${d.name('BillingCurrency')} AS currency,
           ${d.dayText(d.name('ChargePeriodStart'))} AS charge_day,
           ${hours} AS hours, SUM(${d.name('EffectiveCost')}) AS effective
    FROM costs
    WHERE ${inWindow(d)} AND ${d.name('ResourceId')} IS NOT NULL AND ${d.name('ChargeCategory')} = 'Usage'
      AND ${lower(d, 'ProviderName')} IN ('google cloud', 'google cloud platform', 'google', 'gcp')
      AND ${lower(d, 'ServiceName')} = 'compute engine' AND ${isUse(d)}
    GROUP BY 1, 2, 3, 4, 5, 6${all ? '' : ` HAVING ${hours} > 0`}
    ORDER BY 1, 2, 3, 4, 5, 6`;
}

/**
 * Billed hours of the GPUs of machines of Compute Engine, a day in a window, by machine. Google charges cores, memory
 * and GPUs of a machine apart: the hours are those of each device (PricingQuantity), the cost is that of the whole
 * machine, as elsewhere. Machines without a charge for a GPU are left out.
 */
export const gceGpuHours: NamedQuery<MachineDay> = {
  name: 'gce-gpu-hours',
  params: ['start', 'end'],
  sql: (d) => sqlOf(d, false),
  merge: {
    keys: ['source', 'provider_name', 'account', 'resource_id', 'currency', 'charge_day'],
    sum: ['hours', 'effective'],
    positive: 'hours',
    partial: (d) => sqlOf(d, true),
  },
  row: machineDayIn,
};
