import { expect, test } from 'vitest';
import type { BudgetRow } from '../../lib/run/budget-model.ts';
import { outgrown } from '../../lib/run/guardrails-budgets.ts';

const MONTHS = ['2026-10', '2026-09', '2026-08'] as const;
const ENDS = ['2026-11-01', '2026-10-01', '2026-09-01'] as const;

function row(at: number, percent: string, more: Partial<BudgetRow> = {}): BudgetRow {
  const end = ENDS[at] ?? '';
  return {
    name: 'research',
    period: 'month',
    start: `${MONTHS[at]}-01T00:00:00.000Z`,
    end: `${end}T00:00:00.000Z`,
    limit: { amount: '20000', currency: 'USD' },
    spent: { amount: '0', currency: 'USD' },
    percent,
    reached: [],
    until: end,
    exceededOn: null,
    outlook: null,
    notEnough: null,
    throttle: null,
    experiment: null,
    notComparable: [],
    notes: [],
    alerts: [],
    ...more,
  };
}

function judged(percents: readonly string[], more: Partial<BudgetRow> = {}) {
  return outgrown(percents.map((percent, at) => [row(at, percent, at === 1 ? more : {})]));
}

test('a budget that is exceeded each month, or never half used, has drifted', () => {
  expect(judged(['140.2', '120', '100.1'])).toEqual({
    judged: 1,
    drifts: [
      {
        what: 'budget research (20000 USD)',
        told: 'exceeded in each of the last 3 months: 2026-08 100.1 %, 2026-09 120 %, 2026-10 140.2 %',
        todo: expect.stringContaining('a limit that holds'),
      },
    ],
  });
  expect(judged(['10', '20', '49.9']).drifts).toHaveLength(1);
});

test.each([[['140.2', '120', '100']], [['10', '20', '50']], [['120', '20', '120']]])(
  '%j of the limit is what a budget is for',
  (percents) => {
    expect(judged(percents)).toEqual({ judged: 1, drifts: [] });
  },
);

test.each<[string, Partial<BudgetRow>]>([
  ['is not settled', { until: '2026-09-29' }],
  [
    'has charges in another currency',
    { notComparable: [{ amount: { amount: '1', currency: 'EUR' }, why: 'no rate' }] },
  ],
  ['matched no charge', { notes: ['No charge in any bill matches it.'] }],
  ['had another currency', { limit: { amount: '20000', currency: 'EUR' } }],
  ['had another name', { name: 'trial' }],
])('where a month %s nobody can tell', (_why, more) => {
  expect(judged(['10', '20', '30'], more)).toEqual({ judged: 0, drifts: [] });
});

test('without months there is nothing to judge', () => {
  expect(outgrown([])).toEqual({ judged: 0, drifts: [] });
});
