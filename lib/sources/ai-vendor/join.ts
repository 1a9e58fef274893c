/**
 * Joins a vendor's usage onto its costs without counting either twice. What is kept to the last digit: the sum of
 * all amounts is that of the charges, and the sum of all quantities of a measure is that of the usage.
 *
 * - Every use goes to the charges of its day, project and measure that fit it best (`misfit`).
 * - A charge that is alone with its uses gets their sum. Where it does not say whose key it was and the uses name
 *   several, it is shared out by quantity, for tokens of one charge have one price; the parts add up to it.
 * - Several charges for the same uses are told apart by the quantities that the vendor billed, where these add up to
 *   the usage. Where they do not, the charges stay without a quantity and the uses become rows without an amount.
 * - A use that no charge fits becomes a row without an amount, and says so.
 */
import { Decimal, parseDecimal } from '../../focus/decimal.ts';
import { Groups } from './groups.ts';
import { misfit } from './misfit.ts';
import type { Charge, Line, Use } from './model.ts';
import { shareOut } from './share.ts';

export function joinUsage(charges: readonly Charge[], uses: readonly Use[]): Line[] {
  const byPlace = Map.groupBy(charges.keys(), (index) => placeOf(charges[index]));
  const groups = new Groups(charges.length);
  const unmatched: Use[] = [];
  const usesOf = new Map<number, Use[]>();
  for (const use of uses) {
    // Only a charge of this key, or one that names none, can be meant.
    const own = byPlace.get(placeOf(use)) ?? [];
    const open = use.apiKey === null ? [] : (byPlace.get(placeOf({ ...use, apiKey: null })) ?? []);
    const [first, ...others] = bestOf(use, [...own, ...open], charges);
    if (first === undefined) {
      unmatched.push(use);
      continue;
    }
    for (const other of others) groups.unite(first, other);
    const found = usesOf.get(first);
    if (found === undefined) usesOf.set(first, [use]);
    else found.push(use);
  }
  const lines: Line[] = [];
  for (const members of groups.all()) {
    const together = members.flatMap((index) => charges[index] ?? []);
    const theirs = members.flatMap((index) => usesOf.get(index) ?? []);
    lines.push(...linesOf(together, theirs));
  }
  return [...lines, ...merged(unmatched).map((use) => usageLine(use, true))];
}

function placeOf(of: Charge | Use | undefined): string {
  return JSON.stringify([of?.day, of?.subAccount, of?.measure, of?.apiKey]);
}

/** Which of the candidates fit a use best, all of them where several do. */
function bestOf(use: Use, candidates: readonly number[], charges: readonly Charge[]): number[] {
  let best = Number.POSITIVE_INFINITY;
  let found: number[] = [];
  for (const index of candidates) {
    const charge = charges[index];
    const distance = charge === undefined ? null : misfit(charge, use);
    if (distance === null || distance > best) continue;
    found = distance === best ? [...found, index] : [index];
    best = distance;
  }
  return found;
}

function linesOf(charges: readonly Charge[], uses: readonly Use[]): Line[] {
  const [only, ...others] = charges;
  if (only === undefined) return [];
  if (uses.length === 0) return charges.map((charge) => chargeLine(charge, null));
  if (others.length === 0) return sharedLines(only, uses);
  const keys = new Set(uses.map(({ apiKey }) => apiKey));
  const inAll = total(charges.map(({ billed }) => billed?.quantity ?? new Decimal(Number.NaN)));
  if (inAll.eq(total(uses.map(({ quantity }) => quantity))) && keys.size === 1)
    return charges.map((charge) => ({
      ...chargeLine(charge, charge.billed?.quantity ?? null),
      apiKey: charge.apiKey ?? uses[0]?.apiKey ?? null,
    }));
  return [
    ...charges.map((charge) => chargeLine(charge, null)),
    ...merged(uses).map((use) => usageLine(use, false)),
  ];
}

/** One charge with its uses, by key. */
function sharedLines(charge: Charge, uses: readonly Use[]): Line[] {
  const quantities = [...Map.groupBy(uses, ({ apiKey }) => apiKey)].map(([apiKey, own]) => ({
    apiKey: charge.apiKey ?? apiKey,
    quantity: total(own.map(({ quantity }) => quantity)),
  }));
  const [first, ...more] = quantities;
  const whole = total(quantities.map(({ quantity }) => quantity));
  const amount = parseDecimal(charge.amount);
  if (first === undefined || more.length === 0 || charge.apiKey !== null || !amount.ok)
    return [
      {
        ...chargeLine(charge, whole),
        apiKey: charge.apiKey ?? (more.length === 0 ? (first?.apiKey ?? null) : null),
      },
    ];
  const weights = quantities.map(({ quantity }) => quantity);
  const amounts = shareOut(amount.value, weights);
  const billed = charge.billed === null ? null : shareOut(charge.billed.quantity, weights);
  return quantities.map(({ apiKey, quantity }, index) => ({
    ...chargeLine(charge, quantity),
    apiKey,
    amount: (amounts[index] ?? new Decimal(0)).toFixed(),
    billed: charge.billed === null ? null : { ...charge.billed, quantity: billed?.[index] ?? new Decimal(0) },
    shared: true,
  }));
}

function chargeLine(charge: Charge, quantity: Decimal | null): Line {
  const { amount, billed } = charge;
  return { ...placeIn(charge), charge, amount, billed, quantity, shared: false, withoutCost: false };
}

function usageLine(use: Use, withoutCost: boolean): Line {
  const { quantity } = use;
  return { ...placeIn(use), charge: null, amount: '0', billed: null, quantity, shared: false, withoutCost };
}

function placeIn({ day, subAccount, apiKey, model, variant, tier, context, measure }: Charge | Use) {
  return { day, subAccount, apiKey, model, variant, tier, context, measure };
}

/** Uses of one place in one. */
function merged(uses: readonly Use[]): Use[] {
  const byPlace = Map.groupBy(uses, (use) => JSON.stringify(Object.values(placeIn(use))));
  return [...byPlace.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [{ ...first, quantity: total([first, ...more].map(({ quantity }) => quantity)) }],
  );
}

function total(quantities: readonly Decimal[]): Decimal {
  return quantities.reduce((sum, quantity) => sum.plus(quantity), new Decimal(0));
}
