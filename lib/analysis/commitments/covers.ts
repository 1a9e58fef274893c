import type { Span } from './history.ts';
import { leftOf, type NestedSlice, nestedOptimum } from './nested.ts';
import { quantile } from './quantile.ts';
import { limited, weeksOf } from './scenarios.ts';

/** Share of the scenarios in which a commitment may lose. */
export const MOST_LOSS = 0.05;
/** Weeks of a term: "1 year" is 365 days (AWS), 52 whole weeks. */
export const WEEKS: Readonly<Record<'1y' | '3y', number>> = { '1y': 52, '3y': 156 };

/** What one programme covers, in on-demand spend a step. */
export interface Cover {
  /** To be bought now. */
  readonly now: number;
  /** What more the newest level would bear, once it has held for 30 days. */
  readonly later: number;
  /** The optimum over all that is looked at: Q(d) where no other programme takes part of it. */
  readonly optimum: number;
  /** What the optimum was cut to for its risk alone; equals `optimum` where nothing was. */
  readonly safe: number;
}

export interface CoverDemand extends NestedSlice {
  readonly term: '1y' | '3y';
  /** What of its own history must bear the cover besides. */
  readonly parts?: readonly Span[];
}

/**
 * What to cover now by each programme: the least of the optima over all that is looked at and over each part of it,
 * and no more than loses in 5% of the scenarios. NaN steps are left out.
 * @param parts the last is that of the newest level
 */
export function coversOf(
  slices: readonly CoverDemand[],
  shared: { readonly discount: string; readonly term: '1y' | '3y' } | null,
  whole: Span,
  parts: readonly Span[],
  stepHours: number,
): { readonly own: readonly Cover[]; readonly shared: Cover } {
  const sharedDiscount = shared?.discount ?? null;
  const newest = parts.at(-1) ?? whole;
  const spans = [whole, ...parts].map((span) => known(slices, span));
  const optima = spans.map((span) => nestedOptimum(span, sharedDiscount));
  const own = slices.map(({ spend, discount, term, parts: ownParts = [] }, at): Cover => {
    if (discount === null) return NOTHING;
    const each = [
      ...optima.map((optimum) => optimum.own[at] ?? 0),
      ...ownParts.map((span) => {
        const [slice] = known([{ spend, discount, term }], span);
        return quantile(slice?.spend ?? new Float64Array(), discount);
      }),
    ];
    return cut(
      spend.slice(whole.from, whole.to),
      spend.slice(newest.from, newest.to),
      each,
      discount,
      term,
      stepHours,
    );
  });
  if (shared === null || sharedDiscount === null) return { own, shared: NOTHING };
  const bought = own.map(({ now }) => now);
  const optimaShared = spans.map((span) => quantile(leftOf(span, bought), sharedDiscount));
  // What the newest level bears besides is bought once: what own programmes take of it later leaves the less.
  const eventually = own.map(({ now, later }) => now + later);
  const newestLeft = quantile(leftOf(spans.at(-1) ?? [], eventually), sharedDiscount);
  const leaves = ({ from, to }: Span, covers: readonly number[]) =>
    leftOf(
      slices.map(({ spend, discount }) => ({ spend: spend.slice(from, to), discount })),
      covers,
    );
  return {
    own,
    shared: cut(
      leaves(whole, bought),
      leaves(newest, eventually),
      [...optimaShared, newestLeft],
      sharedDiscount,
      shared.term,
      stepHours,
    ),
  };
}

const NOTHING: Cover = { now: 0, later: 0, optimum: 0, safe: 0 };

/** @param newest the end of `spend` that has the newest level */
function cut(
  spend: Float64Array,
  newest: Float64Array,
  optima: readonly number[],
  discount: string,
  term: '1y' | '3y',
  stepHours: number,
): Cover {
  const [optimum = 0] = optima;
  const history = weeksOf(spend, stepHours);
  const within = (weeks: typeof history, cover: number) =>
    limited(weeks, cover, Number(discount), WEEKS[term], MOST_LOSS);
  const safe = within(history, optimum);
  const now = Math.min(...optima, safe);
  const latest = optima.at(-1) ?? 0;
  if (latest <= now) return { now, later: 0, optimum, safe };
  const weeks = weeksOf(newest, stepHours);
  return { now, later: Math.max(within(weeks.length > 0 ? weeks : history, latest) - now, 0), optimum, safe };
}

/** The steps of a span that are known of every slice. */
function known(slices: readonly CoverDemand[], { from, to }: Span): NestedSlice[] {
  const steps: number[] = [];
  for (let step = from; step < to; step++)
    if (slices.every(({ spend }) => !Number.isNaN(spend[step]))) steps.push(step);
  return slices.map(({ spend, discount }) => ({
    spend: Float64Array.from(steps, (step) => spend[step] ?? 0),
    discount,
  }));
}

/** Of binary noise beyond the twelfth digit nothing is meant: 7.000000000000001 was 7. */
export function cleaned(covered: number): string {
  return Number(covered.toPrecision(13)).toFixed(12);
}
