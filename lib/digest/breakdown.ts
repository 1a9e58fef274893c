import { Decimal, decimalText } from '../focus/decimal.ts';
import type { SpendLeaf } from './detail-model.ts';
import { exact } from './number.ts';

/** What spend is parted by, from the outside in. */
export type SpendAxis = Exclude<keyof SpendLeaf, 'currency' | 'effective'>;

/** A part of spend; the children of one add up to it exactly. */
export interface SpendNode {
  /** '' where the bill names none; null for what is left of many. */
  readonly name: string | null;
  /** Decimal text. */
  readonly amount: string;
  /** How many parts a rest stands for; 1 for a part of its own. */
  readonly parts: number;
  readonly children: readonly SpendNode[];
}

/** The most parts that are told of each depth, over all: of more, the smallest become one rest within their part. */
export const MOST_PARTS = [2500, 3000, 3000] as const;

/** Leaves of one currency as a tree of these axes, the dearest first, credits and rests last. */
export function spendTree(
  leaves: readonly SpendLeaf[],
  axes: readonly SpendAxis[],
  most: readonly number[] = MOST_PARTS,
): SpendNode[] {
  const least = axes.map((_, depth) => leastTold(leaves, axes.slice(0, depth + 1), most[depth] ?? 0));
  const level = (own: readonly SpendLeaf[], depth: number): SpendNode[] => {
    const axis = axes[depth];
    if (axis === undefined) return [];
    const groups = [...Map.groupBy(own, (leaf) => leaf[axis])].map(([name, group]) => ({
      name,
      group,
      amount: total(group),
    }));
    const told = groups.filter(({ amount }) => amount.abs().gte(least[depth] ?? 0)).toSorted(dearest);
    const rest = groups.filter(({ amount }) => amount.abs().lt(least[depth] ?? 0));
    return [
      ...told.map(({ name, group, amount }) => ({
        name,
        amount: decimalText(amount),
        parts: 1,
        children: level(group, depth + 1),
      })),
      ...(rest.length === 0
        ? []
        : [
            {
              name: null,
              amount: decimalText(total(rest.flatMap(({ group }) => group))),
              parts: rest.length,
              children: [],
            },
          ]),
    ];
  };
  return level(leaves, 0);
}

/** The size from which parts are told, so that no more than `most` are. */
function leastTold(leaves: readonly SpendLeaf[], axes: readonly SpendAxis[], most: number): Decimal {
  const groups = Map.groupBy(leaves, (leaf) => JSON.stringify(axes.map((axis) => leaf[axis])));
  if (groups.size <= most) return new Decimal(0);
  const sizes = [...groups.values()].map((group) => total(group).abs()).toSorted((a, b) => b.comparedTo(a));
  // Where several are as large as the first that has no place, none of them has.
  const first = sizes[most] ?? new Decimal(0);
  return sizes.findLast((size) => size.gt(first)) ?? first.plus(1);
}

function total(leaves: readonly SpendLeaf[]): Decimal {
  return leaves.reduce((sum, { effective }) => sum.plus(exact(effective)), new Decimal(0));
}

function dearest(
  a: { readonly name: string; readonly amount: Decimal },
  b: { readonly name: string; readonly amount: Decimal },
): number {
  return b.amount.comparedTo(a.amount) || (a.name < b.name ? -1 : 1);
}
