import { Decimal, decimalText } from '../../focus/decimal.ts';
import { money } from '../../focus/money.ts';
import { MONTH_DAYS } from '../../focus/month.ts';
import { type Cover, cleaned, coversOf, WEEKS } from './covers.ts';
import { growthOf } from './growth.ts';
import { LEAST_DAYS, type Looked, type Span } from './history.ts';
import type { Advice, Offer, Pool, Rate } from './model.ts';
import { quantile } from './quantile.ts';
import { outcome, weeksOf } from './scenarios.ts';
import { decimals, numeric, plus } from './steps.ts';
import { assumptionsOf, reasonOf } from './words.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours of the month in which savings are told. */
const MONTH_HOURS = 24 * MONTH_DAYS;
/** A year of 8,760 hours: one at 1.00 an hour costs 8760.00 (FOCUS 1.2, "Commitment Discount Purchase", scenario 1). */
const TERM_HOURS: Readonly<Record<Rate['term'], number>> = { '1y': 8760, '3y': 26_280 };
/** "You cannot specify more than five digits after the decimal point" and "between 0.001 and 1 million" (AWS Savings Plans API, CreateSavingsPlan, commitment). */
const PLACES = 5;
export const LEAST = '0.001';
/** Partly: "a whole number between 50 and 99 percent of the total value" (AWS Savings Plans API, CreateSavingsPlan, upfrontPaymentAmount); the least. */
const UPFRONT: Readonly<Record<Rate['payment'], string>> = { none: '0', partial: '0.5', all: '1' };
/** Ends of commitments that a schedule reaches. */
const AHEAD_MS = 365 * DAY_MS;

/** Below this share of what is bought now a further purchase is not worth its work. */
const WORTH = 0.05;
/** Months of 30 days from now in which a ladder has a step. */
const LADDER = [2, 3, 4];

/** One programme of a pool, with what it would be used for. */
export interface Line {
  readonly offer: Offer;
  readonly rate: Rate;
  readonly cover: Cover;
  /** What it could cover, after the programmes before it: decimals a step, null where not known or not looked at. */
  readonly spend: readonly (Decimal | null)[];
  /** The same in binary numbers, NaN where not known. */
  readonly numbers: Float64Array;
  /** What is left of it once the programmes before it have bought all that the newest level bears. */
  readonly eventually: Float64Array;
}

/** What is to be paid an hour for a cover. */
type HourlyOf = (covered: number) => Decimal;

/**
 * What is told of one programme, calculated anew in decimals from the commitment as it would be bought.
 * @returns null where nothing is to be bought, now or later
 */
export function purchase(pool: Pool, line: Line, looked: Looked, now: Date): Advice | null {
  const { offer, rate, cover, spend, numbers } = line;
  const { stepHours, currency } = pool;
  const { whole } = looked;
  const paid = new Decimal(1).minus(rate.discount);
  const hourlyOf: HourlyOf = (covered) =>
    new Decimal(cleaned(covered)).times(paid).div(stepHours).toDecimalPlaces(PLACES, Decimal.ROUND_DOWN);
  const found = hourlyOf(cover.now);
  const hourly = found.lt(LEAST) ? new Decimal(0) : found;
  const later = [
    ...laterOf(cover, hourlyOf, looked, now),
    ...ladder(line, hourlyOf, stepHours, looked, now),
    ...renewals(pool, line, looked, now, hourlyOf),
  ]
    .filter(({ amount }) => amount.gte(LEAST))
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  if (hourly.isZero() && later.length === 0) return null;
  const { reach, used, known } = usedOf(spend, whole, hourly, paid, stepHours);
  const termHours = TERM_HOURS[rate.term];
  const usedAnHour = used.div(known * stepHours);
  const obligation = hourly.times(termHours);
  const history = weeksOf(numbers.slice(whole.from, whole.to), stepHours);
  const risk = outcome(history, reach.toNumber(), Number(rate.discount), WEEKS[rate.term]);
  const start = Date.parse(pool.start);
  return {
    programme: offer.programme,
    provider: pool.provider,
    rate,
    schedule: [
      ...(hourly.isZero()
        ? []
        : [{ at: dayText(now.getTime()), hourly: money(hourly, currency), condition: null }]),
      ...later.map(({ at, amount, condition }) => ({ at, hourly: money(amount, currency), condition })),
    ],
    monthlySaving: money(usedAnHour.minus(hourly).times(MONTH_HOURS), currency),
    utilisation: hourly.isZero() ? '0' : decimalText(used.div(reach.times(known))),
    optimum: money(hourlyOf(cover.optimum), currency),
    lossProbability: String(risk.lossProbability),
    worst: {
      // Over paths that were drawn: cents, and no more than that.
      saving: money(
        new Decimal(risk.worst.saving).div(stepHours).times(termHours).toDecimalPlaces(2),
        currency,
      ),
      scenario: risk.worst.scenario,
    },
    upfront: money(obligation.times(UPFRONT[rate.payment]), currency),
    obligation: money(obligation, currency),
    breakEven: usedAnHour.gt(0) ? breakEven(obligation, usedAnHour, now) : null,
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
function breakEven(obligation: Decimal, usedAnHour: Decimal, now: Date): string {
  const hours = obligation.div(usedAnHour).ceil().toNumber();
  return dayText(now.getTime() + hours * HOUR_MS);
}

interface Later {
  readonly at: string;
  readonly amount: Decimal;
  readonly condition: string;
}

function laterOf({ now: bought, later }: Cover, hourlyOf: HourlyOf, { rise }: Looked, now: Date): Later[] {
  if (!(later > bought * WORTH)) return [];
  const from = rise === null ? now.getTime() : Date.parse(rise.day);
  return [
    {
      at: dayText(Math.max(from + LEAST_DAYS * DAY_MS, now.getTime() + DAY_MS)),
      amount: hourlyOf(later),
      condition:
        rise === null
          ? `if usage of the last ${LEAST_DAYS} days holds`
          : `if usage holds the level that it rose to on ${rise.day}`,
    },
  ];
}

/**
 * What to buy where usage grows on as it has done for 90 days: a step a month, from the second on, since in the first
 * what is there now is bought. Where usage has just risen, or nothing is bought now, no ladder is told.
 */
function ladder(
  { cover, rate, numbers }: Line,
  hourlyOf: HourlyOf,
  stepHours: number,
  { whole, rise }: Looked,
  now: Date,
): Later[] {
  if (rise !== null || !(cover.now > 0)) return [];
  const more = growthOf(numbers, stepHours, whole.to, rate.discount);
  if (!(more > cover.now * WORTH)) return [];
  const amount = hourlyOf(more);
  return LADDER.map((months) => ({
    at: dayText(now.getTime() + months * LEAST_DAYS * DAY_MS),
    amount,
    condition: `if usage has grown on: by ${new Decimal(cleaned(more)).div(stepHours).toFixed(2)} an hour on demand every ${LEAST_DAYS} days`,
  }));
}

/**
 * What to buy when a commitment of this programme ends: the optimum with its usage, less what is bought by then, and
 * no more than the newest level bears beside all that is bought for it.
 */
function renewals(
  pool: Pool,
  { offer, rate, cover, spend, eventually }: Line,
  { whole, parts }: Looked,
  now: Date,
  hourlyOf: HourlyOf,
): Later[] {
  // What is bought now must pay on each of these; what is bought later, too.
  const within = parts.map(({ from, to }) => ({ from: from - whole.from, to: to - whole.from }));
  const ending = pool.expiring
    .filter(({ programme }) => programme === offer.programme)
    .filter(({ at }) => Date.parse(at) > now.getTime() && Date.parse(at) <= now.getTime() + AHEAD_MS)
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const newest = parts.at(-1) ?? whole;
  let demand = spend.slice(whole.from, whole.to);
  let latest = eventually.slice(newest.from, newest.to);
  let bought = cover.now;
  return ending.flatMap(({ id, at, covered }) => {
    const freed = decimals(covered, spend.length, whole).slice(whole.from, whole.to);
    demand = demand.map((each, step) => plus(each, freed[step] ?? null));
    const history = numeric(demand);
    const target = coversOf(
      [{ spend: history, discount: null, term: rate.term }],
      { discount: rate.discount, term: rate.term },
      { from: 0, to: history.length },
      within,
      pool.stepHours,
    ).shared.now;
    const coming = numeric(freed).slice(newest.from - whole.from, newest.to - whole.from);
    latest = latest.map((each, step) => each + (coming[step] ?? 0));
    const borne = quantile(
      latest.filter((each) => !Number.isNaN(each)),
      rate.discount,
    );
    const amount = Math.max(Math.min(target - bought, borne - bought - cover.later), 0);
    bought += amount;
    return amount > 0
      ? [
          {
            at: at.slice(0, 10),
            amount: hourlyOf(amount),
            condition: `if usage holds when ${id} ends`,
          },
        ]
      : [];
  });
}

function alternative(
  rate: Rate,
  { spend, numbers }: Line,
  { whole, parts }: Looked,
  { stepHours, currency }: Pool,
): Advice['alternatives'][number] {
  const { shared } = coversOf(
    [{ spend: numbers, discount: null, term: rate.term }],
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

function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
