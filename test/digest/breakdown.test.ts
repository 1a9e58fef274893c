import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SpendNode, spendTree } from '../../lib/digest/breakdown.ts';
import type { SpendLeaf } from '../../lib/digest/detail-model.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { leaves } from './details.ts';

const USD = leaves('research').filter(({ currency }) => currency === 'USD');

test('spend is parted by team, then by service, the dearest first', () => {
  const tree = spendTree(USD, ['team', 'service']);
  expect(tree.map(({ name, amount }) => [name, amount])).toEqual([
    ['research', '6500.875'],
    ['', '55.125'],
    ['support', '-20'],
  ]);
  expect(tree[0]?.children.map(({ name, amount }) => [name, amount])).toEqual([
    ['Amazon EC2', '5000.75'],
    ['Amazon Bedrock', '1500.125'],
  ]);
});

test('of more parts than there is room for, the smallest are one rest that says how many it is', () => {
  const [first, rest, ...none] = spendTree(USD, ['resource'], [1]);
  expect(none).toEqual([]);
  expect(first).toMatchObject({ name: 'i-0aaa', amount: '4100.25' });
  expect(rest).toEqual({ name: null, amount: '2435.75', parts: 5, children: [] });
});

const leaf = fc.record({
  team: fc.constantFrom('a', 'b', ''),
  service: fc.constantFrom('x', 'y', 'z'),
  model: fc.constantFrom('', 'm'),
  resource: fc.string({ maxLength: 2 }),
  currency: fc.constant('USD'),
  effective: fc
    .bigInt({ min: -(10n ** 12n), max: 10n ** 12n })
    .map((cents) => new Decimal(`${cents}`).div(10_000).toFixed()),
});

function total(amounts: readonly string[]): string {
  return amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0)).toFixed();
}

test('every part adds up to what is above it, to the last digit, whatever is left out; and never too many are told', () => {
  const most = [2, 3, 4];
  fc.assert(
    fc.property(fc.array(leaf, { maxLength: 30 }), (rows: SpendLeaf[]) => {
      const tree = spendTree(rows, ['team', 'service', 'resource'], most);
      expect(total(tree.map(({ amount }) => amount))).toBe(total(rows.map(({ effective }) => effective)));
      const told = [0, 0, 0];
      const walk = (nodes: readonly SpendNode[], depth: number) => {
        for (const node of nodes) {
          if (node.name !== null) told[depth] = (told[depth] ?? 0) + 1;
          if (node.children.length === 0) continue;
          expect(total(node.children.map(({ amount }) => amount))).toBe(new Decimal(node.amount).toFixed());
          walk(node.children, depth + 1);
        }
      };
      walk(tree, 0);
      for (const [depth, count] of told.entries()) expect(count).toBeLessThanOrEqual(most[depth] ?? 0);
    }),
  );
});
