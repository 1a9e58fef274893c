import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { money } from '../focus/money.ts';
import type { CommitmentAdvice, EligibleSeries } from './model.ts';

/** What the advice rests on besides the series. */
export interface CommitmentTerms {
  /** Discount against on-demand rates, 0 < d < 1, decimal text. */
  readonly discount: string;
  /** Where the discount comes from, one clause: `observed on covered usage of the bill`. */
  readonly discountSource: string;
  /** Resources found to be waste whose spend the series leaves out. */
  readonly wasteLeftOut: number;
  /** Days of history that are needed, and that are looked at: the last whole ones. */
  readonly minDays?: number;
}

/** Why there is no advice. */
export interface NoCommitmentAdvice {
  readonly tooShort: true;
  readonly programme: string;
  /** Whole days at the end of the series that follow each other without a gap. */
  readonly days: number;
  readonly minDays: number;
  readonly reason: string;
}

const HOUR = 3_600_000;
/** Hours of the month in which savings are told: 30 days. */
const MONTH = 720;

/**
 * How much to commit an hour, had the last `minDays` days been known beforehand: with discount d, the
 * d-quantile of hourly on-demand spend is covered, at (1 - d) of its price. Below that, a further unit would be
 * used often enough to pay for itself (more than a share 1 - d of the hours); above it, not.
 *
 * @param now steps that have not ended by then are not looked at
 * @returns amounts in the currency of the series: the commitment an hour (rounded down to 18 places) and the
 *   net saving of 30 days, which falls below zero for no input
 * @throws RangeError where the discount is no share between 0 and 1, or a step is not a whole part of a day
 */
export function commitmentAdvice(
  series: EligibleSeries,
  terms: CommitmentTerms,
  now: Date,
): CommitmentAdvice | NoCommitmentAdvice {
  const discount = decimal(terms.discount);
  if (!(discount.gt(0) && discount.lt(1)))
    throw new RangeError(`a discount lies between 0 and 1, not at ${terms.discount}`);
  const { stepHours, programme, provider, currency } = series;
  if (!(stepHours > 0) || 24 % stepHours !== 0)
    throw new RangeError(`a step is a whole part of a day, not ${stepHours} hours`);
  const minDays = terms.minDays ?? 30;
  const steps = lastWholeSteps(series, now);
  const days = Math.floor((steps.length * stepHours) / 24);
  if (days < minDays)
    return {
      tooShort: true,
      programme,
      days,
      minDays,
      reason: `${days} whole days of spend without a gap; a commitment is advised from ${minDays} days on`,
    };
  const looked = steps.slice(-((minDays * 24) / stepHours));
  const spend = looked.map(({ amount }) => Decimal.max(decimal(amount), 0));
  const paid = new Decimal(1).minus(discount);
  const covered = quantile(spend, discount);
  const hourly = covered.times(paid).div(stepHours).toDecimalPlaces(18, Decimal.ROUND_DOWN);
  // From here on with the rounded commitment: what is printed is what was calculated.
  const reach = hourly.times(stepHours).div(paid);
  const used = spend.reduce((sum, amount) => sum.plus(Decimal.min(amount, reach)), new Decimal(0));
  const hours = looked.length * stepHours;
  const saving = used.minus(hourly.times(hours)).times(MONTH).div(hours);
  const start = looked[0]?.at ?? now.toISOString();
  const end = new Date(Date.parse(looked.at(-1)?.at ?? start) + stepHours * HOUR).toISOString();
  return {
    programme,
    provider,
    hourlyCommitment: money(hourly, currency),
    monthlySaving: money(saving, currency),
    utilisation: hourly.isZero() ? '0' : decimalText(used.div(reach.times(looked.length))),
    discount: decimalText(discount),
    window: { start: new Date(start).toISOString(), end },
    assumptions: [
      `The coming term is like these ${minDays} days, without the ${terms.wasteLeftOut} resources found to be waste: no trend and no planned change is known.`,
      `A discount of ${decimalText(discount.times(100))}% against on-demand rates (${terms.discountSource}).`,
      ...(stepHours > 1
        ? [
            `Spend of ${stepHours} hours is taken as even: variation within them is hidden, so the commitment is rather too high than too low.`,
          ]
        : []),
      ...(looked.some(({ amount }) => decimal(amount).lt(0))
        ? ['Steps below zero (credits) are taken as no eligible spend.']
        : []),
    ],
  };
}

/** The longest run of gapless steps at the end of the series that ended by `now`, cut to whole days. */
function lastWholeSteps(series: EligibleSeries, now: Date): readonly { at: string; amount: string }[] {
  const step = series.stepHours * HOUR;
  const ended = series.points
    .filter(({ at }) => Date.parse(at) + step <= now.getTime())
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  let first = ended.length - 1;
  while (first > 0 && Date.parse(ended[first]?.at ?? '') - Date.parse(ended[first - 1]?.at ?? '') === step)
    first--;
  const run = ended.slice(Math.max(first, 0));
  const perDay = 24 / series.stepHours;
  return run.slice(run.length % perDay);
}

/** The smallest value that at least a share q of all values do not exceed. */
function quantile(values: readonly Decimal[], q: Decimal): Decimal {
  const sorted = values.toSorted((a, b) => a.comparedTo(b));
  const rank = q.times(sorted.length).ceil().toNumber();
  return sorted[Math.max(rank, 1) - 1] ?? new Decimal(0);
}

/** Usage that a commitment covered, as the bill tells it (one currency, one programme). */
export interface CoveredUsage {
  /** EffectiveCost, decimal text. */
  readonly effective: string;
  /** What it would have cost without the commitment: ContractedCost, or ListCost where that is unknown. */
  readonly onDemand: string;
}

/**
 * The discount that commitments gave on covered usage: 1 - effective / on-demand, rounded to 18 places; null
 * where nothing is covered or the bill shows no discount between 0 and 1.
 */
export function observedDiscount(rows: Iterable<CoveredUsage>): string | null {
  let effective = new Decimal(0);
  let onDemand = new Decimal(0);
  for (const row of rows) {
    effective = effective.plus(decimal(row.effective));
    onDemand = onDemand.plus(decimal(row.onDemand));
  }
  if (!onDemand.gt(0)) return null;
  const discount = new Decimal(1).minus(effective.div(onDemand)).toDecimalPlaces(18);
  return discount.gt(0) && discount.lt(1) ? decimalText(discount) : null;
}
