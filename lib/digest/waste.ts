import type { Verdict } from '../checks/model.ts';
import { Decimal } from '../focus/decimal.ts';
import { type Money, money, sumByCurrency } from '../focus/money.ts';
import type { Finding } from '../ledger/model.ts';
import { exact } from './number.ts';

/** Verdicts that say "this is waste"; SUSPECTED and HELD ask, UNOBSERVED says that nobody knows. */
const WASTE: ReadonlySet<Verdict> = new Set(['IDLE', 'UNUSED', 'EXPIRED', 'NONCOMPLIANT', 'INEFFICIENT']);
const POSSIBLE: ReadonlySet<Verdict> = new Set(['SUSPECTED', 'HELD']);

/** One resource with everything that was found on it, and the one saving that totals may count for it. */
export interface WastedResource {
  readonly lead: Finding;
  readonly findings: readonly Finding[];
  /** The larger saving of its findings, never above its cost and never below zero; null without a price. */
  readonly saving: Money | null;
  readonly certainty: 'waste' | 'possible';
}

/**
 * Groups findings by resource, so that money which two checks found on one machine is counted once: the larger
 * saving, never above what the resource costs (by the bill where it is on one). A saving of another currency
 * than that of the resource's cost is left out, since the two cannot be compared.
 */
export function wastedResources(findings: readonly Finding[], mainCurrency: string): WastedResource[] {
  const judged = findings.filter(({ verdict }) => WASTE.has(verdict) || POSSIBLE.has(verdict));
  const byResource = Map.groupBy(judged, ({ provider, resourceId }) =>
    JSON.stringify([provider, resourceId]),
  );
  return [...byResource.values()].map((all) => {
    const certain = all.filter(({ verdict }) => WASTE.has(verdict));
    const counted = certain.length > 0 ? certain : all;
    return oneResource(counted, all, certain.length > 0 ? 'waste' : 'possible', mainCurrency);
  });
}

function oneResource(
  counted: readonly Finding[],
  all: readonly Finding[],
  certainty: WastedResource['certainty'],
  mainCurrency: string,
): WastedResource {
  const cost = costOf(all, mainCurrency);
  const currency = cost?.currency ?? savingCurrency(counted, mainCurrency);
  let lead: Finding | null = null;
  let most: Decimal | null = null;
  for (const finding of counted) {
    const { monthlySaving } = finding;
    if (monthlySaving === null || monthlySaving.currency !== currency) continue;
    const amount = exact(monthlySaving.amount);
    if (most === null || amount.gt(most)) [most, lead] = [amount, finding];
  }
  const first = lead ?? counted[0];
  if (first === undefined) throw new RangeError('a resource without a finding');
  if (most === null || currency === null) return { lead: first, findings: all, saving: null, certainty };
  const capped = cost === null ? most : Decimal.min(most, exact(cost.amount));
  return { lead: first, findings: all, saving: money(Decimal.max(capped, 0), currency), certainty };
}

/** What a resource costs a month: by the bill where one of its findings has it from there, else the largest. */
function costOf(findings: readonly Finding[], mainCurrency: string): Money | null {
  const priced = findings.flatMap(({ monthlyCost, costBasis }) =>
    monthlyCost === null ? [] : [{ cost: monthlyCost, billed: costBasis === 'billed' }],
  );
  const billed = priced.filter((one) => one.billed);
  const trusted = (billed.length > 0 ? billed : priced).map(({ cost }) => cost);
  const currency = pick(trusted, mainCurrency);
  if (currency === null) return null;
  const amounts = trusted.filter((cost) => cost.currency === currency).map(({ amount }) => exact(amount));
  return money(Decimal.max(...amounts), currency);
}

function savingCurrency(findings: readonly Finding[], mainCurrency: string): string | null {
  return pick(
    findings.flatMap(({ monthlySaving }) => (monthlySaving === null ? [] : [monthlySaving])),
    mainCurrency,
  );
}

function pick(amounts: readonly Money[], mainCurrency: string): string | null {
  const currencies = amounts.map(({ currency }) => currency).toSorted();
  return currencies.includes(mainCurrency) ? mainCurrency : (currencies[0] ?? null);
}

/** A total by currency. What is estimated at list prices is never added to what is on a bill. */
export interface Total {
  readonly amounts: Money[];
  /** Left out where nothing is estimated. */
  readonly estimated?: Money[];
}

/** Savings by currency, each resource once, with how many of them are not known, and how many are zero. */
export function totalSaving(
  resources: readonly WastedResource[],
): Total & { readonly count: number; readonly unpriced: number; readonly zero?: number } {
  const savings = resources.flatMap(({ saving, lead, findings }) => {
    if (saving === null) return [];
    // A saving that the bill bounds is no mere estimate, whichever finding told it.
    const billed = findings.some(
      ({ costBasis, monthlyCost }) => costBasis === 'billed' && monthlyCost !== null,
    );
    return [{ money: saving, costBasis: billed ? ('billed' as const) : lead.costBasis }];
  });
  return {
    ...totalOf(savings),
    count: resources.length,
    unpriced: resources.length - savings.length,
    ...zeros(savings),
  };
}

/** How many of these amounts are zero, where any is. */
export function zeros(told: readonly { readonly money: Money }[]): { readonly zero?: number } {
  const zero = told.filter(({ money: each }) => exact(each.amount).isZero()).length;
  return zero === 0 ? {} : { zero };
}

/** Sums of amounts by what they rest on. */
export function totalOf(
  told: readonly { readonly money: Money; readonly costBasis: Finding['costBasis'] }[],
): Total {
  const sum = (all: typeof told) => sumByCurrency(all.map(({ money: each }) => each));
  const estimated = told.filter(({ costBasis }) => costBasis === 'list-estimate');
  return {
    amounts: sum(told.filter(({ costBasis }) => costBasis !== 'list-estimate')),
    ...(estimated.length === 0 ? {} : { estimated: sum(estimated) }),
  };
}
