/** What the provider itself recommends to commit, beside ours: neither is ever added to the other. Pure. */
import type { Advice as Own, Untold } from '../analysis/commitments/model.ts';
import { COMMITMENT_RECOMMENDER } from '../estate/gcp/recommender.ts';
import type { Advice } from '../estate/model.ts';
import { Decimal, parseDecimal } from '../focus/decimal.ts';
import { type Money, money } from '../focus/money.ts';
import type { BesideTable } from '../sources/model.ts';

/** One recommendation of the provider. */
export interface ProviderAdvice {
  readonly programme: string;
  /** For whom or how many, in the provider's words. */
  readonly what: string;
  readonly term: string;
  readonly payment: string;
  readonly lookbackDays: string;
  /** What it would pay an hour; null where it does not say so (reservations). */
  readonly hourly: Money | null;
  readonly monthlySaving: Money | null;
  /** When it was made; null where it is not told. */
  readonly at: string | null;
  /** Why ours differs, as far as that is known: one plain sentence each. */
  readonly why: readonly string[];
}

/** Rows of the tables that sources told beside their bills, the largest saving first. */
export function providerAdvice(
  rows: BesideTable['rows'],
  advice: readonly Own[],
  untold: readonly Untold[],
  wasteLeftOut: number,
): ProviderAdvice[] {
  return rows
    .map((row): ProviderAdvice => {
      const text = (key: string) => row[key] ?? 'not told';
      const programme = text('programme');
      const lookbackDays = text('lookbackDays');
      return {
        programme,
        what: text('what'),
        term: text('term'),
        payment: text('payment'),
        lookbackDays,
        hourly: amountOf(row['hourly'], row['currency']),
        monthlySaving: amountOf(row['monthlySaving'], row['currency']),
        at: row['at'] ?? null,
        why: whyDifferent(programme, lookbackDays, advice, untold, wasteLeftOut),
      };
    })
    .toSorted((a, b) => new Decimal(b.monthlySaving?.amount ?? 0).comparedTo(a.monthlySaving?.amount ?? 0));
}

/**
 * What Google's Recommender would buy for machines, in the shape of what Cost Explorer told. It names the region alone;
 * machine series and term are in its words. "Google Cloud analyzes your usage history over the previous 30 days"
 * ("Get recommendations for committed use discounts", Google Cloud documentation); commitments for machines are paid
 * by the month.
 */
export function googleRows(advice: readonly Advice[]): BesideTable['rows'] {
  return advice
    .filter(({ resourceId }) => resourceId.includes(`/recommenders/${COMMITMENT_RECOMMENDER}/`))
    .map(({ region, accountId, finding, action, monthlySaving, at }) => ({
      programme: `gcp-resource-cud ${region}`,
      what: `project ${accountId}, ${finding}: ${action}`,
      term: null,
      payment: 'none',
      lookbackDays: '30',
      hourly: null,
      monthlySaving: monthlySaving?.amount ?? null,
      currency: monthlySaving?.currency ?? null,
      at,
    }));
}

/** Null where the provider gave no number. */
function amountOf(text: string | null | undefined, currency: string | null | undefined): Money | null {
  if (text == null || currency == null) return null;
  const parsed = parseDecimal(text);
  return parsed.ok ? money(parsed.value, currency) : null;
}

function whyDifferent(
  programme: string,
  lookbackDays: string,
  advice: readonly Own[],
  untold: readonly Untold[],
  wasteLeftOut: number,
): string[] {
  // Google names a region, of which ours knows the machine series, too.
  const isOfIt = (each: { readonly programme: string }) =>
    each.programme === programme || each.programme.startsWith(`${programme} `);
  const ours = advice.find(isOfIt);
  const none = untold.find(isOfIt);
  if (ours === undefined && none !== undefined) return [`Ours buys nothing of it: ${none.reason}`];
  if (ours === undefined) {
    const [base] = programme.split(' ');
    return [
      advice.some((each) => each.programme.startsWith(`${base} `))
        ? 'Ours buys none for this place: another programme covers its spend, or the bill does not show it.'
        : 'Ours does not look at it: the bill shows no such spend by resource, or no rate of it is known.',
    ];
  }
  const days = Math.round((Date.parse(ours.window.end) - Date.parse(ours.window.start)) / 86_400_000);
  return [
    // Google tells both what is always there and what saves most.
    `Theirs ${programme.startsWith('gcp-') ? 'rests on' : 'is the optimum of'} the last ${lookbackDays} days; ours pays over ${days} days and over the newest 30, and in 95% of the scenarios of decline. ${ours.reason}`,
    ...(wasteLeftOut > 0
      ? [`Ours leaves out ${wasteLeftOut} resources found to be waste; theirs counts their spend.`]
      : []),
    ...(ours.schedule.some(({ condition }) => condition !== null)
      ? ['Ours buys the rest later, under its conditions.']
      : []),
    ...(ours.rate.term !== '1y' || ours.rate.payment !== 'none'
      ? [`Ours is at another rate: ${ours.rate.term}, upfront ${ours.rate.payment}.`]
      : []),
  ];
}
