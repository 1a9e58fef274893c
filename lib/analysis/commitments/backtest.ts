/**
 * What the advice would have saved: a walk over a series that shows the rule only what had happened by then.
 *
 * Windows of equal length begin every 30 days, each with nothing committed. Every 30 days in a window the rule is
 * asked with all history up to that day and buys what it advises beyond what it holds; what is bought is paid to the
 * end of the window. Beside it the rule that providers follow, the optimum of the last 30 days, and the clairvoyant:
 * the cheapest purchases on the same days had the whole window been known.
 */
import { Decimal, decimal, decimalText } from '../../focus/decimal.ts';
import { cheapestCovers } from './clairvoyant.ts';
import { coversOf } from './covers.ts';
import { LEAST_DAYS, lookedAt } from './history.ts';
import { quantile } from './quantile.ts';

const DAY_MS = 86_400_000;
const REVIEW_DAYS = 30;
const PLACES = 5;

export interface BacktestSeries {
  /** Midnight UTC, ISO-8601. */
  readonly start: string;
  readonly stepHours: number;
  /** Eligible on-demand spend a step, decimal text; null: not known. */
  readonly amounts: readonly (string | null)[];
}

export interface Purchase {
  /** `YYYY-MM-DD` */
  readonly at: string;
  /** What is paid an hour from then on, decimal text. */
  readonly hourly: string;
}

export interface Played {
  /** On-demand cost of the window less what it cost so, decimal text. */
  readonly saving: string;
  readonly commitments: readonly Purchase[];
}

export interface PlayedWindow {
  readonly start: string;
  readonly end: string;
  readonly onDemand: string;
  readonly clairvoyant: Played;
  /** `untold`: days on which there was not enough to tell, and why. */
  readonly advice: Played & { readonly untold: readonly { readonly at: string; readonly reason: string }[] };
  readonly lastMonth: Played;
}

export interface Score {
  /** Share of the clairvoyant's saving, decimal text; null where that is nothing. */
  readonly capture: string | null;
  /** What it cost beyond the clairvoyant's cost, as a share of that; null where that is nothing. */
  readonly regret: string | null;
  /** The window that saved least. */
  readonly worst: { readonly start: string; readonly saving: string };
  /** Share of the windows that lost money. */
  readonly lossProbability: string;
}

export interface CommitmentBacktest {
  readonly discount: string;
  readonly term: '1y' | '3y';
  readonly stepHours: number;
  readonly start: string;
  readonly end: string;
  /** Steps that are not known: no fee and no use is counted in them. */
  readonly unknownSteps: number;
  /** Steps below zero, taken as nothing spent. */
  readonly negativeSteps: number;
  readonly windowDays: number;
  readonly reviewDays: number;
  readonly windows: readonly PlayedWindow[];
  readonly score: { readonly advice: Score; readonly lastMonth: Score };
}

/**
 * @param windowDays length of a window; left out: half of what lies behind the first 30 days, at most 365
 * @returns `notEnough` where no window of 30 days lies behind the first 30
 */
export function backtestCommitments(
  { start, stepHours, amounts }: BacktestSeries,
  discount: string,
  term: '1y' | '3y',
  windowDays?: number,
): CommitmentBacktest | { readonly notEnough: true; readonly reason: string } {
  const perDay = 24 / stepHours;
  const days = Math.floor(amounts.length / perDay);
  const length = windowDays ?? Math.min(365, Math.floor((days - LEAST_DAYS) / 2));
  if (length < REVIEW_DAYS || days < LEAST_DAYS + length)
    return {
      notEnough: true,
      reason: `${days} whole days of spend; a back-test needs ${LEAST_DAYS} days and a window of ${windowDays === undefined ? `${REVIEW_DAYS} days twice` : `${length} days (at least ${REVIEW_DAYS})`} behind them.`,
    };
  const exact = amounts
    .slice(0, days * perDay)
    .map((amount) => (amount === null ? null : Decimal.max(decimal(amount), 0)));
  const spend = Float64Array.from(exact, (each) => (each === null ? Number.NaN : each.toNumber()));
  const at = (day: number) => new Date(Date.parse(start) + day * DAY_MS).toISOString().slice(0, 10);
  const windows: { readonly played: PlayedWindow; readonly costs: Costs }[] = [];
  const asked = new Map<number, Answer>();
  for (let first = LEAST_DAYS; first + length <= days; first += REVIEW_DAYS) {
    const reviews: number[] = [];
    for (let day = first; day < first + length; day += REVIEW_DAYS) reviews.push(day);
    const ends = [...reviews.slice(1), first + length];
    const answers = reviews.map((day) => {
      const known =
        asked.get(day) ?? ask(spend.subarray(0, day * perDay), stepHours, Date.parse(start), discount, term);
      asked.set(day, known);
      return known;
    });
    const months = reviews.map((day) =>
      quantile(clean(spend.subarray((day - LEAST_DAYS) * perDay, day * perDay)), discount),
    );
    const best = cheapestCovers(
      reviews.map((day, review) => clean(spend.subarray(day * perDay, (ends[review] ?? day) * perDay))),
      discount,
    );
    const play = (covers: readonly number[]) =>
      played(covers, reviews, ends, exact, perDay, discount, stepHours, at);
    const own = play(answers.map(({ cover }) => cover));
    const month = play(months);
    const clairvoyant = play(best);
    windows.push({
      played: {
        start: at(first),
        end: at(first + length),
        onDemand: decimalText(own.onDemand),
        clairvoyant: clairvoyant.played,
        advice: {
          ...own.played,
          untold: answers.flatMap(({ reason }, review) =>
            reason === null ? [] : [{ at: at(reviews[review] ?? 0), reason }],
          ),
        },
        lastMonth: month.played,
      },
      costs: {
        onDemand: own.onDemand,
        clairvoyant: clairvoyant.saving,
        advice: own.saving,
        lastMonth: month.saving,
      },
    });
  }
  return {
    discount,
    term,
    stepHours,
    start: at(0),
    end: at(days),
    unknownSteps: exact.filter((each) => each === null).length,
    negativeSteps: amounts.filter((each) => each !== null && decimal(each).lt(0)).length,
    windowDays: length,
    reviewDays: REVIEW_DAYS,
    windows: windows.map(({ played: each }) => each),
    score: {
      advice: scoreOf(windows, 'advice'),
      lastMonth: scoreOf(windows, 'lastMonth'),
    },
  };
}

interface Answer {
  readonly cover: number;
  /** Why nothing was told; null where something was. */
  readonly reason: string | null;
}

/** The advice of a day, from what lies before it. */
function ask(
  history: Float64Array,
  stepHours: number,
  start: number,
  discount: string,
  term: '1y' | '3y',
): Answer {
  const looked = lookedAt(history, stepHours, start);
  if ('notEnough' in looked) return { cover: 0, reason: looked.notEnough };
  const { shared } = coversOf(
    [{ spend: history, discount: null, term }],
    { discount, term },
    looked.whole,
    looked.parts,
    stepHours,
  );
  return { cover: shared.now, reason: null };
}

/** Plays covers that are aimed at on each review: what is held already is not bought again, and nothing is given back. */
function played(
  covers: readonly number[],
  reviews: readonly number[],
  ends: readonly number[],
  exact: readonly (Decimal | null)[],
  perDay: number,
  discount: string,
  stepHours: number,
  at: (day: number) => string,
): { readonly played: Played; readonly saving: Decimal; readonly onDemand: Decimal } {
  const paid = new Decimal(1).minus(discount);
  const commitments: Purchase[] = [];
  let held = new Decimal(0);
  let saving = new Decimal(0);
  let onDemand = new Decimal(0);
  for (const [review, day] of reviews.entries()) {
    const aim = new Decimal((covers[review] ?? 0).toFixed(9))
      .times(paid)
      .div(stepHours)
      .toDecimalPlaces(PLACES, Decimal.ROUND_DOWN);
    if (aim.gt(held)) {
      commitments.push({ at: at(day), hourly: decimalText(aim.minus(held)) });
      held = aim;
    }
    const fee = held.times(stepHours);
    const reach = fee.div(paid);
    for (const each of exact.slice(day * perDay, (ends[review] ?? day) * perDay)) {
      if (each === null) continue;
      onDemand = onDemand.plus(each);
      saving = saving.plus(each.lt(reach) ? each : reach).minus(fee);
    }
  }
  return { played: { saving: decimalText(saving), commitments }, saving, onDemand };
}

function clean(spend: Float64Array): Float64Array {
  return spend.filter((each) => !Number.isNaN(each));
}

type Costs = Readonly<Record<'onDemand' | 'clairvoyant' | 'advice' | 'lastMonth', Decimal>>;

function scoreOf(
  windows: readonly { readonly played: PlayedWindow; readonly costs: Costs }[],
  who: 'advice' | 'lastMonth',
): Score {
  const sum = (of: (costs: Costs) => Decimal) =>
    windows.reduce((total, { costs }) => total.plus(of(costs)), new Decimal(0));
  const best = sum(({ clairvoyant }) => clairvoyant);
  const own = sum((costs) => costs[who]);
  const cheapest = sum(({ onDemand, clairvoyant }) => onDemand.minus(clairvoyant));
  const [worst] = windows.toSorted((a, b) => a.costs[who].comparedTo(b.costs[who]));
  return {
    capture: best.gt(0) ? shareText(own.div(best)) : null,
    regret: cheapest.gt(0) ? shareText(best.minus(own).div(cheapest)) : null,
    worst: { start: worst?.played.start ?? '', saving: worst?.played[who].saving ?? '0' },
    lossProbability: shareText(
      new Decimal(windows.filter(({ costs }) => costs[who].lt(0)).length).div(windows.length),
    ),
  };
}

function shareText(share: Decimal): string {
  return decimalText(share.toDecimalPlaces(4));
}
