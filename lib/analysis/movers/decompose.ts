import { Decimal, decimalText, exactText, SCALE } from '../../focus/decimal.ts';
import { CAUSES, type Cause, type Leaf, type Moved, type MovedBy } from './model.ts';

/** Lengths of the two periods in days. */
export interface Days {
  readonly former: number;
  readonly current: number;
}

/** `GB-Mo`, `gibibyte month`, `1 GB/Month`: what a month of it is does not grow with the days of the month. */
const BY_MONTH = /(^|[^a-z])mo(nth)?s?([^a-z]|$)/i;

type Parts = Partial<Record<Cause, Decimal>>;

/**
 * What moved between two periods, by key and currency, the largest difference first.
 *
 * Of use that both periods charged at one price, a former cost c for a quantity q becomes c' for q': `quantity` is
 * c x (q'/q - 1), `price` the rest (quantities at former prices, prices at later quantities: nothing is left over).
 * Of both, and of use that is told without quantities, the part c x (days'/days - 1) is told apart as `days`, unless
 * the unit is a month's.
 */
export function decompose(leaves: Iterable<Leaf>, days: Days): Moved[] {
  const groups = new Map<string, Group>();
  for (const leaf of leaves) {
    const id = JSON.stringify([leaf.key, leaf.currency]);
    const group = groups.get(id) ?? new Group(leaf.key, leaf.currency);
    groups.set(id, group);
    group.add(leaf, days);
  }
  return [...groups.values()]
    .map((group) => group.moved())
    .toSorted(
      (a, b) =>
        new Decimal(b.difference).abs().comparedTo(new Decimal(a.difference).abs()) ||
        (JSON.stringify([a.key, a.currency]) < JSON.stringify([b.key, b.currency]) ? -1 : 1),
    );
}

/** All keys of each currency as one. */
export function totals(moved: readonly Moved[]): Moved[] {
  const groups = new Map<string, Group>();
  for (const each of moved) {
    const group = groups.get(each.currency) ?? new Group([], each.currency);
    groups.set(each.currency, group);
    group.join(each);
  }
  return [...groups.values()].map((group) => group.moved());
}

class Group {
  readonly #key: readonly string[];
  readonly #currency: string;
  readonly #parts = new Map<Cause, Decimal>();
  readonly #units = new Map<string, { former: Decimal; current: Decimal }>();
  #former = new Decimal(0);
  #current = new Decimal(0);
  #new = 0;
  #gone = 0;
  /** Is a part of its use counted in no unit, new, or gone? Then quantities of the rest do not tell how much more it is. */
  #partly = false;

  constructor(key: readonly string[], currency: string) {
    this.#key = key;
    this.#currency = currency;
  }

  add(leaf: Leaf, days: Days): void {
    this.#former = this.#former.plus(leaf.former);
    this.#current = this.#current.plus(leaf.current);
    this.#take(leaf.kind === 'usage' ? ofUse(leaf, days) : { [leaf.kind]: minus(leaf.current, leaf.former) });
    if (leaf.kind !== 'usage') return;
    this.#new += leaf.newResources;
    this.#gone += leaf.goneResources;
    if (leaf.newBase !== '0' || leaf.goneBase !== '0') this.#partly = true;
    const [former, current] = [new Decimal(leaf.formerQuantity), new Decimal(leaf.currentQuantity)];
    if (former.isZero() && current.isZero() && minus(leaf.formerBase, '0').isZero()) return;
    if (!isMeasured(leaf)) this.#partly = true;
    const known = this.#units.get(leaf.unit);
    this.#units.set(leaf.unit, {
      former: former.plus(known?.former ?? 0),
      current: current.plus(known?.current ?? 0),
    });
  }

  join(moved: Moved): void {
    this.#former = this.#former.plus(moved.former);
    this.#current = this.#current.plus(moved.current);
    this.#take(Object.fromEntries(moved.by.map(({ cause, amount }) => [cause, new Decimal(amount)])));
    this.#new += moved.newResources;
    this.#gone += moved.goneResources;
    this.#partly = true;
  }

  moved(): Moved {
    const difference = this.#current.minus(this.#former);
    const [unit] = [...this.#units];
    return {
      key: this.#key,
      currency: this.#currency,
      former: exactText(this.#former),
      current: exactText(this.#current),
      difference: exactText(difference),
      percent: this.#former.gt(0) ? difference.times(100).div(this.#former).toFixed(1) : null,
      by: this.#causes(),
      newResources: this.#new,
      goneResources: this.#gone,
      quantity:
        unit === undefined || this.#units.size > 1 || this.#partly || unit[0] === ''
          ? null
          : { unit: unit[0], former: decimalText(unit[1].former), current: decimalText(unit[1].current) },
    };
  }

  #take(parts: Parts): void {
    for (const cause of CAUSES) {
      const amount = parts[cause];
      if (amount !== undefined) this.#parts.set(cause, amount.plus(this.#parts.get(cause) ?? 0));
    }
  }

  #causes(): MovedBy[] {
    return CAUSES.flatMap((cause) => {
      const amount = this.#parts.get(cause);
      return amount === undefined || amount.isZero() ? [] : [{ cause, amount: exactText(amount) }];
    }).toSorted((a, b) => new Decimal(b.amount).abs().comparedTo(new Decimal(a.amount).abs()));
  }
}

/** Base first, then what lies between base and effective cost. */
function ofUse(leaf: Leaf, days: Days): Parts {
  const appeared = new Decimal(leaf.newBase);
  const vanished = new Decimal(leaf.goneBase).negated();
  const kept = minus(leaf.currentBase, leaf.formerBase);
  const commitment = minus(leaf.currentCovered, leaf.formerCovered);
  const discount = minus(leaf.current, leaf.former)
    .minus(appeared)
    .minus(vanished)
    .minus(kept)
    .minus(commitment);
  return { new: appeared, gone: vanished, commitment, discount, ...ofKept(leaf, kept, days) };
}

function ofKept(leaf: Leaf, difference: Decimal, days: Days): Parts {
  const cost = new Decimal(leaf.formerBase);
  const longer = BY_MONTH.test(leaf.unit)
    ? new Decimal(0)
    : rounded(cost.times(days.current).div(days.former).minus(cost));
  if (!isMeasured(leaf)) return { days: longer, unexplained: difference.minus(longer) };
  const used = rounded(cost.times(leaf.currentQuantity).div(leaf.formerQuantity).minus(cost));
  return { days: longer, quantity: used.minus(longer), price: difference.minus(used) };
}

/** Are there quantities by which use and price can be told apart? */
function isMeasured({ formerQuantity, currentQuantity, unmeasured, unit }: Leaf): boolean {
  return (
    unmeasured === 0 &&
    unit !== '' &&
    new Decimal(formerQuantity).gt(0) &&
    !new Decimal(currentQuantity).isNegative()
  );
}

function minus(a: string, b: string): Decimal {
  return new Decimal(a).minus(b);
}

function rounded(value: Decimal): Decimal {
  return value.toDecimalPlaces(SCALE);
}
