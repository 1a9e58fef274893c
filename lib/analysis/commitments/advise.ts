import { Decimal, decimal } from '../../focus/decimal.ts';
import { type Money, money } from '../../focus/money.ts';
import { type CoverDemand, coversOf } from './covers.ts';
import { type Looked, lookedAt, MOST_DAYS, type Span } from './history.ts';
import type { Advice, Offer, Pool, Rate, Untold } from './model.ts';
import { leftOf } from './nested.ts';
import { LEAST, type Line, purchase } from './purchase.ts';
import { added, decimals, numbers, numeric, plus } from './steps.ts';
import { percent } from './words.ts';

const HOUR_MS = 3_600_000;

/**
 * What to buy of every programme of a pool. With discount d the d-quantile of hourly on-demand spend is covered, at
 * (1 - d) of its price: a unit more would be used too seldom to pay for itself. Where programmes share spend they are
 * solved together (nested.ts). The amount is the least of that over 90 days and over the newest 30, cut until at most
 * 5% of the scenarios of scenarios.ts lose; what the newest days bear besides, and what an ending commitment frees,
 * is bought later if usage holds.
 *
 * The search runs in binary numbers; every amount that is told is calculated anew in decimals (purchase.ts).
 * @param now steps that have not ended by then are not looked at
 */
export function advise(given: Pool, now: Date): (Advice | Untold)[] {
  // In one order, so that equals of the search fall alike.
  const pool = { ...given, slices: given.slices.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  const steps = endedSteps(pool, now);
  const spends = pool.slices.map(({ amounts }) => numbers(amounts, steps));
  const start = Date.parse(pool.start);
  const total = added(spends, steps);
  const looked = lookedAt(total, pool.stepHours, start);
  const offers = [...pool.slices.flatMap(({ own }) => own), ...(pool.shared === null ? [] : [pool.shared])];
  const untold = (programme: string, reason: string, notEnough: boolean): Untold => ({
    programme,
    provider: pool.provider,
    currency: pool.currency,
    notEnough,
    reason,
  });
  if ('notEnough' in looked) return offers.map(({ programme }) => untold(programme, looked.notEnough, true));
  const results: (Advice | Untold)[] = [];
  const chosen = pool.slices.map(({ own }, at) => {
    const spend = spends[at] ?? new Float64Array();
    // A slice has its own gates: the whole may be steady while it is new or gone.
    const gate = lookedAt(spend, pool.stepHours, start);
    const candidates = own.flatMap((offer) => offer.rates.map((rate) => ({ offer, rate })));
    for (const offer of own) {
      if (offer.rates.length === 0) results.push(untold(offer.programme, NO_RATE, true));
      else if ('notEnough' in gate) results.push(untold(offer.programme, gate.notEnough, true));
    }
    const picked = 'notEnough' in gate ? null : best(candidates, spend, gate, pool.stepHours);
    return picked === null || 'notEnough' in gate ? null : { ...picked, parts: gate.parts };
  });
  const shared =
    pool.shared === null
      ? null
      : best(
          pool.shared.rates.map((rate) => ({ offer: pool.shared ?? EMPTY, rate })),
          total,
          looked,
          pool.stepHours,
        );
  if (pool.shared !== null && shared === null) results.push(untold(pool.shared.programme, NO_RATE, true));
  const demands = pool.slices.map(
    (_, at): CoverDemand => ({
      spend: spends[at] ?? new Float64Array(),
      discount: chosen[at]?.rate.discount ?? null,
      term: chosen[at]?.rate.term ?? '1y',
      parts: chosen[at]?.parts ?? [],
    }),
  );
  const covers = coversOf(
    demands,
    shared === null ? null : { discount: shared.rate.discount, term: shared.rate.term },
    looked.whole,
    looked.parts,
    pool.stepHours,
  );
  const { to } = looked.whole;
  // Growth is told from more than what is bought by: a change of level may have cut that short.
  const seen = { from: Math.max(0, to - (MOST_DAYS * 24) / pool.stepHours), to };
  let left: (Decimal | null)[] = Array.from({ length: steps }, () => ZERO);
  for (const [at, { amounts }] of pool.slices.entries()) {
    const spend = decimals(amounts, steps, seen);
    const pick = chosen[at];
    const cover = covers.own[at];
    let rest = spend;
    if (pick != null && cover !== undefined) {
      const own = spends[at] ?? numeric(spend);
      const line: Line = { ...pick, cover, spend, numbers: own, eventually: own };
      const advice = purchase(pool, line, looked, now);
      results.push(advice ?? untold(pick.offer.programme, nothingPays(pick.rate), false));
      const reach = advice === null ? null : reachOf(advice, pool.stepHours);
      if (reach !== null) rest = spend.map((each) => each && Decimal.max(each.minus(reach), 0));
    }
    left = left.map((sum, step) => plus(sum, rest[step] ?? null));
  }
  if (shared !== null) {
    const eventually = leftOf(
      demands,
      covers.own.map((cover) => cover.now + cover.later),
    );
    const line: Line = { ...shared, cover: covers.shared, spend: left, numbers: numeric(left), eventually };
    results.push(
      purchase(pool, line, looked, now) ?? untold(shared.offer.programme, nothingPays(shared.rate), false),
    );
  }
  return results;
}

const ZERO = new Decimal(0);
const EMPTY: Offer = { programme: '', rates: [] };
const NO_RATE =
  'No discount of it is known: neither the config has one, nor does the bill show usage that it covers.';

function nothingPays({ discount }: Rate): string {
  return `Nothing of it pays: spend that is there in more than ${percent(new Decimal(1).minus(discount))} of the hours, and survives the scenarios, is less than ${LEAST} an hour.`;
}

/** The rate that saves most a month, alone on this spend and cut for its risk; of equals the shorter and then the cheaper one to pay. */
function best(
  candidates: readonly { readonly offer: Offer; readonly rate: Rate }[],
  spend: Float64Array,
  { whole, parts }: Looked,
  stepHours: number,
): { readonly offer: Offer; readonly rate: Rate } | null {
  let found: { readonly offer: Offer; readonly rate: Rate; readonly saving: number } | null = null;
  const order = candidates.toSorted((a, b) => rankOfRate(a.rate) - rankOfRate(b.rate));
  for (const candidate of order) {
    const { discount, term } = candidate.rate;
    const {
      shared: { now },
    } = coversOf([{ spend, discount: null, term }], { discount, term }, whole, parts, stepHours);
    const saving = savingOf(spend, whole, now, Number(discount));
    if (found === null || saving > found.saving * (1 + 1e-12)) found = { ...candidate, saving };
  }
  return found;
}

function rankOfRate({ term, payment }: Rate): number {
  return (term === '1y' ? 0 : 3) + ['none', 'partial', 'all'].indexOf(payment);
}

/** Mean a step of what a cover saves; for choosing alone. */
function savingOf(spend: Float64Array, { from, to }: Span, cover: number, discount: number): number {
  let used = 0;
  let known = 0;
  for (let step = from; step < to; step++) {
    const x = spend[step] ?? Number.NaN;
    if (Number.isNaN(x)) continue;
    used += Math.min(x, cover);
    known++;
  }
  return known === 0 ? 0 : used / known - cover * (1 - discount);
}

/** On-demand spend a step that the first tranche covers; null where nothing is bought now. */
function reachOf({ schedule, rate }: Advice, stepHours: number): Decimal | null {
  const [first] = schedule;
  if (first === undefined || first.condition !== null) return null;
  return decimal(first.hourly.amount).times(stepHours).div(new Decimal(1).minus(rate.discount));
}

function endedSteps({ slices, start, stepHours }: Pool, now: Date): number {
  if (!(stepHours > 0) || !Number.isInteger(24 / stepHours))
    throw new RangeError(`a step is a whole part of a day, not ${stepHours} hours`);
  const ended = Math.floor((now.getTime() - Date.parse(start)) / (stepHours * HOUR_MS));
  return Math.max(Math.min(ended, ...slices.map(({ amounts }) => amounts.length)), 0);
}

/** What is bought at once: the tranche without a condition. */
export function boughtNow({ schedule, monthlySaving }: Advice): Money {
  const [first] = schedule;
  return first?.condition === null ? first.hourly : money('0', monthlySaving.currency);
}
