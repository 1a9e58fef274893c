import { expect, test } from 'vitest';
import { costExplorerPages } from '../../bench/cost-explorer.ts';

test('a daily audit of 100 accounts asks at most 10 pages of 5,000 groups', async () => {
  const { pages, rows } = await costExplorerPages({ accounts: 100 });
  expect(rows).toBe(29 * 100 * 9);
  expect(pages).toBe(8);
});
