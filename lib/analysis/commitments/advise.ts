import { Decimal, decimal, decimalText } from '../../focus/decimal.ts';
import { type Money, money } from '../../focus/money.ts';
import { type Cover, type CoverDemand, coversOf, MOST_LOSS, WEEKS } from './covers.ts';
import { LEAST_DAYS, type Looked, lookedAt, type Span } from './history.ts';
import type { Advice, Offer, Pool, Rate, Tranche, Untold } from './model.ts';
import { quantile } from './quantile.ts';
import { outcome, weeksOf } from './scenarios.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours of the month in which savings are told: 30 days. */
const MONTH_HOURS = 720;
/** "1 year" is 365 days of 24 hours: `durationSeconds` of an offering is 31,536,000 or 94,608,000 (AWS Savings Plans API). */
const TERM_HOURS: Readonly<Record<Rate['term'], number>> = { '1y': 8760, '3y': 26_280 };
/** "You cannot specify more than five digits after the decimal point" and "between 0.001 and 1 million" (AWS Savings Plans API, CreateSavingsPlan, commitment). */
const PLACES = 5;
const LEAST = '0.001';
/** "With the Partial Upfront option, at least half of your commitment is charged upfront" (AWS Savings Plans User Guide). */
const UPFRONT: Readonly<Record<Rate['payment'], string>> = { none: '0', partial: '0.5', all: '1' };
/** Ends of commitments that a schedule reaches. */
const AHEAD_MS = 365 * DAY_MS;

/** One programme of a pool, with what it would be used for. */
interface Line {
  readonly offer: Offer;
  readonly rate: Rate;
  readonly cover: Cover;
  /** What it could cover, after the programmes before it: decimals a step, null where not known or not looked at. */
  readonly spend: readonly (Decimal | null)[];
  /** The same in binary numbers, NaN where not known. */
  readonly numbers: Float64Array;
}

/**
 * What to buy of every programme of a pool. With discount d the d-quantile of hourly on-demand spend is covered, at
 * (1 - d) of its price: a unit more would be used too seldom to pay for itself. Where programmes share spend they are
 * solved together (nested.ts). The amount is the least of that over 90 days and over the newest 30, cut until at most
 * 5% of the scenarios of scenarios.ts lose; what the newest days bear besides, and what an ending commitment frees,
 * is bought later if usage holds.
 *
 * The search runs in binary numbers; every amount that is told is calculated anew in decimals from the commitment as
 * it would be bought.
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
  let left: (Decimal | null)[] = Array.from({ length: steps }, () => ZERO);
  for (const [at, { amounts }] of pool.slices.entries()) {
    const spend = decimals(amounts, steps, looked.whole);
    const pick = chosen[at];
    const cover = covers.own[at];
    let rest = spend;
    if (pick != null && cover !== undefined) {
      const line: Line = { ...pick, cover, spend, numbers: spends[at] ?? numeric(spend) };
      const advice = told(pool, line, looked, now);
      results.push(advice ?? untold(pick.offer.programme, nothingPays(pick.rate), false));
      const reach = advice === null ? null : reachOf(advice, pool.stepHours);
      if (reach !== null) rest = spend.map((each) => each && Decimal.max(each.minus(reach), 0));
    }
    left = left.map((sum, step) => plus(sum, rest[step] ?? null));
  }
  if (shared !== null) {
    const line: Line = { ...shared, cover: covers.shared, spend: left, numbers: numeric(left) };
    results.push(
      told(pool, line, looked, now) ?? untold(shared.offer.programme, nothingPays(shared.rate), false),
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

function told(pool: Pool, line: Line, looked: Looked, now: Date): Advice | null {
  const { offer, rate, cover, spend, numbers: search } = line;
  const { stepHours, currency } = pool;
  const { whole } = looked;
  const paid = new Decimal(1).minus(rate.discount);
  const hourlyOf = (covered: string) =>
    new Decimal(covered).times(paid).div(stepHours).toDecimalPlaces(PLACES, Decimal.ROUND_DOWN);
  const hourly = hourlyOf(cleaned(cover.now));
  const { reach, used, known } = usedOf(spend, whole, hourly, paid, stepHours);
  const bought = hourly.lt(LEAST) ? null : hourly;
  const later = [
    ...laterOf(cover, hourlyOf, looked, now),
    ...renewals(pool, line, looked, now, hourlyOf),
  ].filter(({ amount }) => amount.gte(LEAST));
  if (bought === null && later.length === 0) return null;
  const termHours = TERM_HOURS[rate.term];
  const hours = known * stepHours;
  const perHour = used.div(hours).minus(hourly);
  const obligation = hourly.times(termHours);
  const history = weeksOf(search.slice(whole.from, whole.to), stepHours);
  const risk = outcome(history, reach.toNumber(), Number(rate.discount), WEEKS[rate.term]);
  const zeroed = bought === null ? new Decimal(0) : hourly;
  const schedule: Tranche[] = [
    ...(bought === null
      ? []
      : [{ at: dayText(now.getTime()), hourly: money(bought, currency), condition: null }]),
    ...later.map(({ at, amount, condition }) => ({ at, hourly: money(amount, currency), condition })),
  ];
  const start = Date.parse(pool.start);
  return {
    programme: offer.programme,
    provider: pool.provider,
    rate,
    schedule,
    monthlySaving: money(bought === null ? new Decimal(0) : perHour.times(MONTH_HOURS), currency),
    utilisation: bought === null ? '0' : decimalText(used.div(reach.times(known))),
    optimum: money(hourlyOf(cleaned(cover.optimum)), currency),
    lossProbability: bought === null ? '0' : String(risk.lossProbability),
    worst: {
      saving: money(
        new Decimal(bought === null ? 0 : risk.worst.saving)
          .div(stepHours)
          .times(termHours)
          .toDecimalPlaces(2),
        currency,
      ),
      scenario: risk.worst.scenario,
    },
    upfront: money(zeroed.times(termHours).times(UPFRONT[rate.payment]), currency),
    obligation: money(bought === null ? new Decimal(0) : obligation, currency),
    breakEven: bought === null ? null : breakEven(obligation, used.div(hours), now),
    window: {
      start: new Date(start + whole.from * stepHours * HOUR_MS).toISOString(),
      end: new Date(start + whole.to * stepHours * HOUR_MS).toISOString(),
    },
    alternatives: offer.rates
      .filter((other) => other !== rate)
      .map((other) => alternative(other, line, looked, pool)),
    reason: reasonOf(cover, rate, looked, pool),
    assumptions: assumptionsOf(pool, rate, looked, spend),
  };
}

/** Of binary noise beyond the twelfth digit nothing is meant: 7.000000000000001 was 7. */
function cleaned(covered: number): string {
  return Number(covered.toPrecision(13)).toFixed(12);
}

/** What a commitment reaches a step, what it takes of the known steps of a span, and how many these are. */
function usedOf(
  spend: readonly (Decimal | null)[],
  { from, to }: Span,
  hourly: Decimal,
  paid: Decimal,
  stepHours: number,
): { readonly reach: Decimal; readonly used: Decimal; readonly known: number } {
  const reach = hourly.times(stepHours).div(paid);
  let used = new Decimal(0);
  let known = 0;
  for (const each of spend.slice(from, to)) {
    if (each === null) continue;
    used = used.plus(Decimal.min(each, reach));
    known++;
  }
  return { reach, used, known };
}

/** When what use would have cost on demand has paid all fees of the term, were it as it was. */
function breakEven(obligation: Decimal, usedAnHour: Decimal, now: Date): string | null {
  if (!usedAnHour.gt(0)) return null;
  const hours = obligation.div(usedAnHour).ceil().toNumber();
  return dayText(now.getTime() + hours * HOUR_MS);
}

interface Later {
  readonly at: string;
  readonly amount: Decimal;
  readonly condition: string;
}

function laterOf(
  { now: bought, later }: Cover,
  hourlyOf: (covered: string) => Decimal,
  { rise }: Looked,
  now: Date,
): Later[] {
  // Below a twentieth of what is bought now a further purchase is not worth its work.
  if (!(later > bought * 0.05)) return [];
  const from = rise === null ? now.getTime() : Date.parse(rise.day);
  return [
    {
      at: dayText(Math.max(from + LEAST_DAYS * DAY_MS, now.getTime() + DAY_MS)),
      amount: hourlyOf(cleaned(later)),
      condition:
        rise === null
          ? `if usage of the last ${LEAST_DAYS} days holds`
          : `if usage holds the level that it rose to on ${rise.day}`,
    },
  ];
}

/** What to buy when a commitment of this programme ends: the optimum with its usage, less what is bought by then. */
function renewals(
  pool: Pool,
  { offer, rate, cover, spend }: Line,
  { whole }: Looked,
  now: Date,
  hourlyOf: (covered: string) => Decimal,
): Later[] {
  const ending = pool.expiring
    .filter(({ programme }) => programme === offer.programme)
    .filter(({ at }) => Date.parse(at) > now.getTime() && Date.parse(at) <= now.getTime() + AHEAD_MS)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  let demand = spend.slice(whole.from, whole.to);
  let bought = cover.now;
  return ending.flatMap(({ id, at, covered }) => {
    const freed = decimals(covered, spend.length, whole).slice(whole.from, whole.to);
    demand = demand.map((each, step) => plus(each, freed[step] ?? null));
    const history = numeric(demand);
    const target = coversOf(
      [{ spend: history, discount: null, term: rate.term }],
      { discount: rate.discount, term: rate.term },
      { from: 0, to: history.length },
      [],
      pool.stepHours,
    ).shared.now;
    const amount = Math.max(target - bought, 0);
    bought += amount;
    return amount > 0
      ? [
          {
            at: at.slice(0, 10),
            amount: hourlyOf(cleaned(amount)),
            condition: `if usage holds when ${id} ends`,
          },
        ]
      : [];
  });
}

function alternative(
  rate: Rate,
  { spend, numbers: search }: Line,
  { whole, parts }: Looked,
  { stepHours, currency }: Pool,
): Advice['alternatives'][number] {
  const { shared } = coversOf(
    [{ spend: search, discount: null, term: rate.term }],
    { discount: rate.discount, term: rate.term },
    whole,
    parts,
    stepHours,
  );
  const paid = new Decimal(1).minus(rate.discount);
  const hourly = new Decimal(cleaned(shared.now))
    .times(paid)
    .div(stepHours)
    .toDecimalPlaces(PLACES, Decimal.ROUND_DOWN);
  const { used, known } = usedOf(spend, whole, hourly, paid, stepHours);
  const saving = used
    .div(known * stepHours)
    .minus(hourly)
    .times(MONTH_HOURS);
  return { rate, hourly: money(hourly, currency), monthlySaving: money(saving, currency) };
}

function reasonOf(cover: Cover, rate: Rate, { whole, rise }: Looked, pool: Pool): string {
  const days = ((whole.to - whole.from) * pool.stepHours) / 24;
  const each = (covered: number) =>
    `${new Decimal(cleaned(covered)).div(pool.stepHours).toFixed(2)} ${pool.currency}`;
  const parts = [
    `At a discount of ${percent(new Decimal(rate.discount))} what is used in more than ${percent(new Decimal(1).minus(rate.discount))} of the hours pays for itself: ${each(cover.optimum)} an hour on demand over ${days} days.`,
  ];
  if (cover.safe < cover.optimum * (1 - 1e-9))
    parts.push(`Beyond ${each(cover.safe)} more than ${MOST_LOSS * 100}% of the scenarios lose.`);
  if (cover.now < cover.safe * (1 - 1e-9))
    parts.push(
      rise === null
        ? `The last ${LEAST_DAYS} days bear ${each(cover.now)}.`
        : `Use rose on ${rise.day}: until that has held for ${LEAST_DAYS} days, the level before counts.`,
    );
  return parts.join(' ');
}

function assumptionsOf(
  pool: Pool,
  rate: Rate,
  { whole }: Looked,
  spend: readonly (Decimal | null)[],
): string[] {
  const days = ((whole.to - whole.from) * pool.stepHours) / 24;
  const unknown = spend.slice(whole.from, whole.to).filter((each) => each === null).length;
  const hadCredits = pool.slices.some(({ amounts }) =>
    amounts.some((each) => each?.startsWith('-') === true),
  );
  return [
    `The saving is that of these ${days} days, without the ${pool.wasteLeftOut} resources found to be waste: no planned change is known.`,
    `A discount of ${percent(new Decimal(rate.discount))} against on-demand rates (${rate.source}); for ${rate.term === '1y' ? 'one year' : 'three years'}, paid ${{ none: 'monthly', partial: 'half upfront', all: 'all upfront' }[rate.payment]}.`,
    'Loss is counted over 200 paths of whole weeks: half of them hold, the others shrink by 10% or 25% a year, drop by 30%, or stop at some moment of the term.',
    ...(pool.stepHours > 1
      ? [
          `Spend of ${pool.stepHours} hours is taken as even: variation within them is hidden, so the commitment is rather too high than too low.`,
        ]
      : []),
    ...(hadCredits ? ['Steps below zero (credits) are taken as no eligible spend.'] : []),
    ...(unknown > 0 ? [`${unknown} steps of the window are not known and left out.`] : []),
  ];
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

/** Binary numbers for the search: none below zero, NaN where not known. */
function numbers(amounts: readonly (string | null)[], steps: number): Float64Array {
  return Float64Array.from({ length: steps }, (_, step) => {
    const amount = amounts[step] ?? null;
    return amount === null ? Number.NaN : Math.max(Number(amount), 0);
  });
}

/** Decimals of the steps that are looked at; null: not known, or not looked at. */
function decimals(
  amounts: readonly (string | null)[],
  steps: number,
  { from, to }: Span = { from: 0, to: steps },
): (Decimal | null)[] {
  return Array.from({ length: steps }, (_, step) => {
    const amount = step < from || step >= to ? null : (amounts[step] ?? null);
    return amount === null ? null : Decimal.max(decimal(amount), ZERO);
  });
}

function numeric(spend: readonly (Decimal | null)[]): Float64Array {
  return Float64Array.from(spend, (each) => (each === null ? Number.NaN : each.toNumber()));
}

function plus(a: Decimal | null, b: Decimal | null): Decimal | null {
  return a === null || b === null ? null : a.plus(b);
}

/** Steps of all slices together; NaN where one is not known. */
function added(spends: readonly Float64Array[], steps: number): Float64Array {
  const sum = new Float64Array(steps);
  for (const spend of spends)
    for (let step = 0; step < steps; step++) sum[step] = (sum[step] ?? 0) + (spend[step] ?? 0);
  return sum;
}

function percent(share: Decimal): string {
  return `${decimalText(share.times(100))}%`;
}

function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** What is bought at once: the tranche without a condition. */
export function boughtNow({ schedule, monthlySaving }: Advice): Money {
  const [first] = schedule;
  return first?.condition === null ? first.hourly : money('0', monthlySaving.currency);
}
