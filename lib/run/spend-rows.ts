import { AI_SPEND } from '../focus/ai/model.ts';
import { Decimal, exactText } from '../focus/decimal.ts';
import type { SpendPart } from '../lake/queries/spend-by.ts';

export interface SpendRow {
  /** Value by axis, in the order asked for; '' where the bill names none. */
  readonly key: Readonly<Record<string, string>>;
  readonly billed: string;
  readonly effective: string;
  /** Part of the currency's effective total, percent with one decimal; null where the total is not above zero. */
  readonly share: string | null;
  /** First UTC day on which it was charged, in all that is held. */
  readonly since: string;
  readonly tokens: string | null;
  readonly listEstimate: string | null;
  /** Some of its amounts are provisional. */
  readonly estimated: boolean;
}

export interface CurrencySpend {
  readonly currency: string;
  readonly billed: string;
  readonly effective: string;
  readonly rows: readonly SpendRow[];
  /** AI spend in total and by class, of what was asked for; null where nothing about AI was asked. */
  readonly ai: {
    readonly billed: string;
    readonly effective: string;
    readonly classes: readonly {
      readonly class: string;
      readonly billed: string;
      readonly effective: string;
    }[];
  } | null;
}

/** The parts of one currency, with their sum, and AI spend by class where classes were asked for. */
export function ofCurrency(
  currency: string,
  by: readonly string[],
  parts: readonly SpendPart[],
  classes: readonly SpendPart[] | null,
): CurrencySpend {
  const own = parts.filter((part) => part.currency === currency);
  const billed = sum(own.map((part) => part.billed));
  const effective = sum(own.map((part) => part.effective));
  const byClass = (classes ?? [])
    .filter((part) => part.currency === currency)
    .map(({ key, ...amounts }) => ({
      class: key[0] ?? '',
      billed: amounts.billed,
      effective: amounts.effective,
    }));
  const isAi = byClass.filter((each) => AI_SPEND.some((known) => known === each.class));
  return {
    currency,
    billed,
    effective,
    rows: own.map((part) => rowOf(part, by, effective)).toSorted(largestFirst),
    ai:
      classes === null
        ? null
        : {
            billed: sum(isAi.map((each) => each.billed)),
            effective: sum(isAi.map((each) => each.effective)),
            classes: byClass,
          },
  };
}

function rowOf(part: SpendPart, by: readonly string[], total: string): SpendRow {
  return {
    key: Object.fromEntries(by.map((axis, at) => [axis, part.key[at] ?? ''])),
    billed: part.billed,
    effective: part.effective,
    share: !new Decimal(total).gt(0)
      ? null
      : new Decimal(part.effective).times(100).dividedBy(total).toDecimalPlaces(1).toFixed(1),
    since: part.since.slice(0, 10),
    tokens: new Decimal(part.tokens).isZero() ? null : part.tokens,
    listEstimate: new Decimal(part.listEstimate).isZero() ? null : part.listEstimate,
    estimated: part.estimated,
  };
}

/** Times in their order; else the largest first, credits last. */
function largestFirst(a: SpendRow, b: SpendRow): number {
  const [axis = ''] = Object.keys(a.key);
  if (/^(day|month|billing_month)$/.test(axis) && a.key[axis] !== b.key[axis])
    return (a.key[axis] ?? '') < (b.key[axis] ?? '') ? -1 : 1;
  const difference = new Decimal(b.effective).comparedTo(a.effective);
  return difference !== 0 ? difference : JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1;
}

/** Exact, with every place that the amounts have. */
export function sum(amounts: readonly string[]): string {
  return exactText(amounts.reduce((total, amount) => total.plus(amount), new Decimal(0)));
}
