import type { KnownEvent } from '../analysis/forecast/forecast.ts';
import { Decimal } from '../focus/decimal.ts';
import type { Money } from '../focus/money.ts';
import { MONTH_DAYS } from '../focus/month.ts';
import { type CommitmentHeld, commitmentsHeld } from '../lake/queries/commitments-held.ts';
import type { LedgerStore } from '../ledger/model.ts';
import type { Auditor } from './auditor.ts';
import { endsOfCommitments } from './commitment-ends.ts';
import { billWindowOf, settledEnd } from './settled.ts';

const DAY_MS = 86_400_000;
/** Days of which the use of a commitment that ends is taken: whole weeks. */
const USE_DAYS = 28;

/** What is known to come to the total of a currency; amounts a day. */
export type ChargeEvent = KnownEvent & { readonly currency: string };

/** All that is known to come: what every forecast of a total is made with, wherever it is told. */
export async function knownEvents(
  auditor: Pick<Auditor, 'lake' | 'ledger'>,
  sources: readonly string[] | null,
  now: Date,
): Promise<ChargeEvent[]> {
  return [...(await knownStops(auditor.ledger, now)), ...(await knownEnds(auditor, sources, now))];
}

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

/**
 * Ends of commitments after the settled bills: from then on their use is charged at contracted prices, and neither
 * what they cost nor what went unused. Taken from the newest four settled weeks. One whose use the bill does not price
 * is left out, since what it would cost nobody knows; so is one that is bought again, which nobody knows either.
 */
export async function knownEnds(
  auditor: Pick<Auditor, 'lake'>,
  sources: readonly string[] | null,
  now: Date,
): Promise<ChargeEvent[]> {
  const billWindow = await billWindowOf(auditor, now);
  if (billWindow === null) return [];
  const end = await settledEnd(auditor, sources, Date.parse(billWindow.end));
  const ends = await endsOfCommitments(auditor, sources, new Date(end).toISOString());
  if (![...ends.values()].some((each) => Date.parse(each) > end)) return [];
  const held = await auditor.lake.ask<CommitmentHeld & Record<string, unknown>>(
    commitmentsHeld.name,
    { start: new Date(end - USE_DAYS * DAY_MS).toISOString(), end: new Date(end).toISOString() },
    sources,
  );
  return held.flatMap(({ id, name, currency, used, unused, onDemand, unpriced }) => {
    const at = ends.get(id);
    if (at === undefined || Date.parse(at) <= end || !new Decimal(unpriced).isZero()) return [];
    const more = new Decimal(onDemand).minus(used).minus(unused).div(USE_DAYS);
    if (more.isZero()) return [];
    const what = `the end of ${name === null ? '' : `${name}, `}${id}`;
    return [{ at, perStep: more.toNumber(), what, currency }];
  });
}

/** Those of one currency from a day (`YYYY-MM-DD`) on: what happened before the bills end is in them. */
export function eventsAfter(events: readonly ChargeEvent[], currency: string, day: string): ChargeEvent[] {
  const from = Date.parse(`${day}T00:00:00Z`);
  return events.filter((event) => event.currency === currency && Date.parse(event.at) >= from);
}
