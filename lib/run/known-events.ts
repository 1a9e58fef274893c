import type { KnownEvent } from '../analysis/forecast/forecast.ts';
import { Decimal } from '../focus/decimal.ts';
import type { Money } from '../focus/money.ts';
import type { LedgerStore } from '../ledger/model.ts';

/** A month of an estimate: 30 days, as everywhere. */
const MONTH_DAYS = 30;

/** What is known to come to the total of a currency; amounts a day. */
export type ChargeEvent = KnownEvent & { readonly currency: string };

/**
 * Stops of ours that are on their way or hold, one a resource: from then on its estimated saving is not charged. A
 * stop whose saving nobody knows is left out. Which of them the bills show already is for the forecast to judge.
 */
export async function knownStops(ledger: Pick<LedgerStore, 'all'>, now: Date): Promise<ChargeEvent[]> {
  const stops = new Map<string, ChargeEvent>();
  const note = (id: string, resource: string, at: string, saving: Money | null) => {
    if (saving === null || !new Decimal(saving.amount).gt(0)) return;
    const perStep = -new Decimal(saving.amount).div(MONTH_DAYS).toNumber();
    const known = stops.get(id);
    if (known !== undefined && known.perStep <= perStep) return;
    stops.set(id, { at, perStep, what: `the stop of ${resource}`, currency: saving.currency });
  };
  for await (const { finding, life } of ledger.all()) {
    const { provider, resourceId, state, monthlySaving } = finding;
    const id = JSON.stringify([provider, resourceId]);
    if (state === 'STOPPING') note(id, resourceId, now.toISOString(), monthlySaving);
    const stopped = state === 'STOPPED' ? (life?.stopped ?? null) : null;
    if (stopped !== null) note(id, resourceId, stopped.at, stopped.estimated);
  }
  return [...stops.values()];
}
