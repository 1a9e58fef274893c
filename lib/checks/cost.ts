import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import { type Money, money } from '../focus/money.ts';
import { type Identities, identitiesOf } from './identity.ts';
import { Estimates } from './list-estimate.ts';
import type { Evidence, Facts, Judgement, ResourceCost } from './model.ts';
import { RecentCosts } from './recent-cost.ts';

/** What one resource costs, ready for a judgement: by the bill, or by list prices where no bill names resources. */
export interface BilledCost {
  readonly costBasis: Judgement['costBasis'];
  /** Effective cost of the window, or an estimate of a month; null where neither is known, or in several currencies. */
  readonly monthlyCost: Money | null;
  /**
   * What of it no commitment covers and no use caused, between 0 and the cost: all that the stop of what rests can save;
   * null where that is not known.
   */
  readonly uncovered: Money | null;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
}

export interface Amounts {
  effective: Decimal;
  committed: Decimal;
  /** Left out where nobody tells what was charged by use. */
  byUse?: Decimal;
}

const NOT_A_MONTH =
  'No bill names this resource: Cost Explorer tells of its last two weeks alone, and what a month costs is not told.';

/** A commitment that was bought within the window covers more from then on than the window shows. */
const PARTLY =
  'Commitments cover a part of it: where they cover more by now than in the days of the bill, stopping it saves less.';

/** How evidence begins of what was charged for what went through a thing. */
export const BY_USE = 'charged by use';

const NOTHING = new Decimal(0);

/**
 * Sums of resource costs by canonical id and currency: rows of one resource in several services or spellings add up.
 * They are added where somebody asks: most of a hundred thousand resources are never told.
 */
export class Costs {
  /** Mostly one row a resource: a list for each would weigh more than the row. */
  readonly #byId = new Map<string, ResourceCost | ResourceCost[]>();
  readonly #stored: readonly ResourceCost[];
  readonly #window: Facts['billWindow'];
  readonly #identities: Identities;
  readonly #estimates: Estimates;
  readonly #recent: RecentCosts;

  constructor(facts: Facts) {
    this.#estimates = new Estimates(facts);
    const identities = identitiesOf(facts.resources);
    this.#identities = identities;
    this.#recent = new RecentCosts(facts.recentCosts ?? [], identities);
    this.#window = facts.billWindow;
    this.#stored = facts.storageCosts ?? [];
    for (const row of facts.costs) {
      const id = identities.canonical(row);
      const former = this.#byId.get(id);
      if (former === undefined) this.#byId.set(id, row);
      else if (Array.isArray(former)) former.push(row);
      else this.#byId.set(id, [former, row]);
    }
  }

  /** The window that amounts speak for, as evidence writes it: that of the bills, or any month. */
  windowOf(basis: Judgement['costBasis']): string {
    return basis !== 'billed' || this.#window === null ? 'P1M' : `${this.#window.start}/${this.#window.end}`;
  }

  /** What of the cost of a resource the bill charges for what it keeps; unknown where the bill does not tell that apart. */
  storedBy(id: string): BilledCost {
    const rows = this.#stored.filter((row) => this.#identities.canonical(row) === id);
    const sums = rows.length === 0 ? undefined : summed(rows);
    return billedCost(sums, this.#window, 'EffectiveCost of what the resource keeps');
  }

  /**
   * The cost of what only the bill knows. A commitment is charged for no use of its own, so that `costs` has no row of
   * it: its cost is what its lines sum to, its unused part above all. Ending it early saves nothing that is known.
   * @param lines EffectiveCost of all its lines, by currency
   */
  ofBilledAlone(id: string, lines: ReadonlyMap<string, Decimal>): BilledCost {
    if (this.#byId.has(id)) return this.of(id);
    const sums = new Map(
      [...lines].map(([currency, effective]) => [currency, { effective, committed: NOTHING }]),
    );
    return { ...billedCost(sums, this.#window, 'EffectiveCost of the resource'), uncovered: null };
  }

  /** The cost of a resource by its canonical id: what is billed, and a list price only where no bill names resources. */
  of(id: string): BilledCost {
    const rows = this.#byId.get(id);
    const sums = rows === undefined ? undefined : summed(Array.isArray(rows) ? rows : [rows]);
    if (sums !== undefined) return billedCost(sums, this.#window, 'EffectiveCost of the resource');
    const resource = this.#identities.byId(id);
    const estimate = resource === undefined ? null : this.#estimates.of(resource);
    const recent = this.#recent.of(id);
    if (estimate === null) {
      const unknown = billedCost(undefined, this.#window, '');
      return { ...unknown, evidence: recent, blindSpots: recent.length === 0 ? [] : [NOT_A_MONTH] };
    }
    const { cost, saving, evidence, blindSpots } = estimate;
    return {
      costBasis: 'list-estimate',
      monthlyCost: cost,
      uncovered: saving,
      evidence: [...evidence, ...recent],
      blindSpots,
    };
  }
}

function summed(rows: readonly ResourceCost[]): Map<string, Amounts> {
  const sums = new Map<string, Amounts>();
  for (const { currency, effective, committed, byUse = '0' } of rows)
    add(
      sums,
      currency,
      decimal(effective),
      committed === '0' ? NOTHING : decimal(committed),
      byUse === '0' ? NOTHING : decimal(byUse),
    );
  return sums;
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
  committed = NOTHING,
): void {
  let currencies = into.get(id);
  if (currencies === undefined) into.set(id, (currencies = new Map()));
  add(currencies, currency, effective, committed);
}

function add(
  sums: Map<string, Amounts>,
  currency: string,
  effective: Decimal,
  committed: Decimal,
  byUse = NOTHING,
): void {
  const sum = sums.get(currency);
  if (sum === undefined) sums.set(currency, { effective, committed, byUse });
  else {
    sum.effective = sum.effective.plus(effective);
    sum.committed = sum.committed.plus(committed);
    sum.byUse = (sum.byUse ?? NOTHING).plus(byUse);
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
  const evidence = currencies.flatMap(([currency, { effective, committed, byUse = NOTHING }]): Evidence[] => [
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
    ...(byUse.greaterThan(0)
      ? [
          {
            name: `${BY_USE} (data, requests), and not while it rests`,
            value: decimalText(byUse),
            unit: currency,
            window: span,
            source: 'bill EffectiveCost by PricingUnit',
          },
        ]
      : []),
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
  const [currency, { effective, committed, byUse = NOTHING }] = only;
  if (committed.greaterThan(0) && committed.lessThan(effective)) blindSpots.push(PARTLY);
  const monthlyCost = money(effective, currency);
  const paidAnyway = committed.plus(Decimal.max(byUse, 0));
  const plain = paidAnyway.isZero() && !effective.isNegative();
  const positive = Decimal.max(effective, 0);
  return {
    costBasis: 'billed',
    monthlyCost,
    uncovered: plain
      ? monthlyCost
      : money(Decimal.min(Decimal.max(effective.minus(paidAnyway), 0), positive), currency),
    evidence,
    blindSpots,
  };
}
