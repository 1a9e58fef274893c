import { decimal } from '../focus/decimal.ts';
import type { Auditor } from './auditor.ts';
import type { BudgetQuestion, BudgetRow } from './budget-model.ts';
import { budgetReport } from './budgets.ts';
import type { Drift } from './guardrails.ts';

/** Whole months that are looked at. */
const MONTHS = 3;
/** Percent of its limit below which a budget would not notice that spend doubles. */
const HALF = 50;

/** What was found of the budgets, and how many of them could be judged. */
export interface BudgetDrifts {
  readonly judged: number;
  readonly drifts: readonly Drift[];
}

/**
 * Monthly budgets whose limit has stayed while spend moved away from it: exceeded in each of the last three whole
 * months, or not half used in any. One whose months are not all settled, or not all in its currency, is not judged.
 */
export async function outgrownBudgets(
  auditor: Pick<Auditor, 'lake' | 'ledger'>,
  question: BudgetQuestion,
  now: Date,
): Promise<BudgetDrifts> {
  const budgets = question.budgets
    .filter(({ period }) => period === 'month')
    .map((budget) => ({ ...budget, forecast: false }));
  const months: (readonly BudgetRow[])[] = [];
  if (budgets.length > 0)
    for (let back = 0; back < MONTHS; back += 1) {
      // Just after its end, when a month is the one before that still settles.
      const end = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
      const { rows } = await budgetReport(auditor, { ...question, budgets }, null, end);
      months.push(rows.filter((row) => row.end === end.toISOString()));
    }
  return outgrown(months);
}

/** @param months rows of each whole month, the newest first */
export function outgrown(months: readonly (readonly BudgetRow[])[]): BudgetDrifts {
  const [newest = []] = months;
  const judged = newest.flatMap((row) => {
    const same = months.flatMap((rows) =>
      rows.filter(({ name, limit }) => name === row.name && limit.currency === row.limit.currency),
    );
    return same.length === months.length && same.every(isWhole) ? [same] : [];
  });
  return { judged: judged.length, drifts: judged.flatMap(driftOf) };
}

function isWhole({ until, end, notComparable, notes }: BudgetRow): boolean {
  return until >= end.slice(0, 10) && notComparable.length === 0 && notes.length === 0;
}

function driftOf(rows: readonly BudgetRow[]): Drift[] {
  const [row] = rows;
  if (row === undefined) return [];
  const used = rows.map(({ percent }) => decimal(percent));
  const over = used.every((percent) => percent.gt(100));
  if (!over && !used.every((percent) => percent.lt(HALF))) return [];
  const { name, limit } = row;
  const months = rows
    .map(({ start, percent }) => `${start.slice(0, 7)} ${percent} %`)
    .toReversed()
    .join(', ');
  return [
    {
      what: `budget ${name} (${limit.amount} ${limit.currency})`,
      told: `${over ? 'exceeded in each' : 'not half used in any'} of the last ${rows.length} months: ${months}`,
      todo: over
        ? 'Agree on a limit that holds, or on what is to cost less: an alert that always comes is not read.'
        : 'Lower its limit to what is spent: it would not notice that spend doubles.',
    },
  ];
}
