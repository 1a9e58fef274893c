import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { type Money, money } from '../focus/money.ts';
import { identitiesOf } from './identity.ts';
import type { Evidence, Facts, Judgement } from './model.ts';

/** What the bill says of one resource, ready for a judgement. */
export interface BilledCost {
  readonly costBasis: Judgement['costBasis'];
  /** Effective cost of the window; null where the bill does not hold it, or in several currencies. */
  readonly monthlyCost: Money | null;
  /** What of it no commitment covers, between 0 and the cost: all that a stop can save. */
  readonly uncovered: Money | null;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
}

export interface Amounts {
  effective: Decimal;
  committed: Decimal;
}

/** Sums of resource costs by canonical id and currency: rows of one resource in several services or spellings add up. */
export class Costs {
  readonly #byId = new Map<string, Map<string, Amounts>>();
  readonly #window: Facts['billWindow'];

  constructor(facts: Pick<Facts, 'costs' | 'billWindow' | 'resources'>) {
    const identities = identitiesOf(facts.resources);
    this.#window = facts.billWindow;
    for (const row of facts.costs) {
      const id = identities.canonical(row);
      addAmount(this.#byId, id, row.currency, decimal(row.effective), decimal(row.committed));
    }
  }

  /** The cost of a resource by its canonical id; never a price that the bill does not hold. */
  of(id: string): BilledCost {
    return billedCost(this.#byId.get(id), this.#window, 'EffectiveCost of the resource');
  }
}

const known = new WeakMap<Facts, Costs>();

/** The costs of these facts, summed once for all checks. */
export function costsOf(facts: Facts): Costs {
  let found = known.get(facts);
  if (found === undefined) known.set(facts, (found = new Costs(facts)));
  return found;
}

export function addAmount(
  into: Map<string, Map<string, Amounts>>,
  id: string,
  currency: string,
  effective: Decimal,
  committed = new Decimal(0),
): void {
  let currencies = into.get(id);
  if (currencies === undefined) into.set(id, (currencies = new Map()));
  const sum = currencies.get(currency);
  if (sum === undefined) currencies.set(currency, { effective, committed });
  else {
    sum.effective = sum.effective.plus(effective);
    sum.committed = sum.committed.plus(committed);
  }
}

/** Turns sums by currency into a judgement's cost. Two currencies are both told and never added. */
export function billedCost(
  sums: ReadonlyMap<string, Amounts> | undefined,
  window: Facts['billWindow'],
  what: string,
): BilledCost {
  if (sums === undefined || window === null)
    return { costBasis: 'unknown', monthlyCost: null, uncovered: null, evidence: [], blindSpots: [] };
  const span = `${window.start}/${window.end}`;
  const currencies = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const evidence = currencies.flatMap(([currency, { effective, committed }]): Evidence[] => [
    { name: what, value: decimalText(effective), unit: currency, window: span, source: 'bill EffectiveCost' },
    ...(committed.isZero()
      ? []
      : [
          {
            name: 'covered by commitments',
            value: decimalText(committed),
            unit: currency,
            window: span,
            source: 'bill EffectiveCost with CommitmentDiscountStatus Used',
          },
        ]),
  ]);
  const blindSpots =
    window.days < 30
      ? [`The bill covers ${window.days} of the last 30 days: a whole month costs more than is told here.`]
      : [];
  const only = currencies.length === 1 ? currencies[0] : undefined;
  if (only === undefined)
    return {
      costBasis: 'billed',
      monthlyCost: null,
      uncovered: null,
      evidence,
      blindSpots: [...blindSpots, 'Billed in several currencies, which are not added.'],
    };
  const [currency, { effective, committed }] = only;
  const positive = Decimal.max(effective, 0);
  const uncovered = Decimal.min(Decimal.max(effective.minus(committed), 0), positive);
  return {
    costBasis: 'billed',
    monthlyCost: money(effective, currency),
    uncovered: money(uncovered, currency),
    evidence,
    blindSpots,
  };
}
