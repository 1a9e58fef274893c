import type { AiClass } from '../../focus/ai/model.ts';
import { providerOf } from '../../focus/provider.ts';
import { isUse } from './commitment-sql.ts';
import { account, inWindow, type NamedQuery, orEmpty, textIn } from './query.ts';

/**
 * Classes of charges that may be for a machine with accelerators: what SageMaker hosts and its notebooks are of the
 * others, whatever they run on; whoever asks knows which of them have accelerators.
 */
const CLASSES = ['GPU compute', 'inference', 'notebook'] as const satisfies readonly AiClass[];

/** How many hours of a machine a bill charges for on one day, and what they cost. */
export interface MachineDay {
  readonly source: string;
  readonly provider: ReturnType<typeof providerOf>;
  readonly accountId: string;
  /** ResourceId as the bill writes it. */
  readonly resourceId: string;
  readonly currency: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** Hours of charges that count in them, decimal text: of what runs several instances, or devices, of all of them. */
  readonly hours: string;
  /** EffectiveCost of these charges, decimal text. */
  readonly effective: string;
}

/**
 * Billed hours of machines that may have accelerators, a day in a window, by resource. Hours are read where the bill counts in
 * them (ConsumedUnit `Hours` as FOCUS 1.2, Unit Format, writes it; `Hrs` of AWS); fees of commitments themselves are
 * left out. Resources without such an hour are left out, too.
 */
export const machineHours: NamedQuery<MachineDay> = {
  name: 'machine-hours',
  params: ['start', 'end'],
  sql: (d) => {
    const unit = `LOWER(${d.trim(orEmpty(d, 'ConsumedUnit'))})`;
    return `
      SELECT ${orEmpty(d, 'x_Source')} AS source, ${orEmpty(d, 'ProviderName')} AS provider_name, ${account(d)} AS account,
             ${d.name('ResourceId')} AS resource_id, ${d.name('BillingCurrency')} AS currency,
             ${d.dayText(d.name('ChargePeriodStart'))} AS charge_day,
             SUM(${d.name('ConsumedQuantity')}) AS hours, SUM(${d.name('EffectiveCost')}) AS effective
      FROM costs
      WHERE ${inWindow(d)} AND ${d.name('ResourceId')} IS NOT NULL AND ${d.name('ConsumedQuantity')} IS NOT NULL
        AND ${d.name('ChargeCategory')} = 'Usage' AND ${unit} IN ('hours', 'hour', 'hrs', 'hr')
        AND ${d.name('x_AiClass')} IN (${CLASSES.map((one) => `'${one}'`).join(', ')}) AND ${isUse(d)}
      GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`;
  },
  merge: {
    keys: ['source', 'provider_name', 'account', 'resource_id', 'currency', 'charge_day'],
    sum: ['hours', 'effective'],
  },
  row: machineDayIn,
};

export function machineDayIn(raw: Parameters<NamedQuery<MachineDay>['row']>[0]): MachineDay {
  return {
    source: textIn(raw, 'source'),
    provider: providerOf(textIn(raw, 'provider_name')),
    accountId: textIn(raw, 'account'),
    resourceId: textIn(raw, 'resource_id'),
    currency: textIn(raw, 'currency'),
    day: textIn(raw, 'charge_day'),
    hours: textIn(raw, 'hours'),
    effective: textIn(raw, 'effective'),
  };
}
