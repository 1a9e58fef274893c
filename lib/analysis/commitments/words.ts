/** Why, and on which assumptions: plain sentences with their numbers. */
import { Decimal, decimalText } from '../../focus/decimal.ts';
import { type Cover, cleaned, MOST_LOSS } from './covers.ts';
import { LEAST_DAYS, type Looked } from './history.ts';
import type { Pool, Rate } from './model.ts';

export function reasonOf(cover: Cover, rate: Rate, { whole, rise }: Looked, pool: Pool): string {
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

export function assumptionsOf(
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

export function percent(share: Decimal): string {
  return `${decimalText(share.times(100))}%`;
}
