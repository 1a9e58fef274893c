import { Decimal, decimalText } from '../../focus/decimal.ts';
import { BursarError } from '../../platform/errors.ts';
import type { BesideTable } from '../model.ts';
import { type AskContext, costPages } from './pages.ts';
import { byTag } from './queries.ts';
import { add, mustEqual, type Sums, type Totals } from './sums.ts';

/**
 * Cost by account and value of one tag, a month: what the bill by account and service cannot tell, since one query
 * groups by two dimensions. It is the same money as the bill and is held against it, period by period. A charge
 * without the tag has the value null. Tags are told from the day on that the payer has activated their key.
 */
export async function tagRows(
  context: AskContext,
  key: string,
  totals: readonly Totals[],
): Promise<BesideTable['rows']> {
  const rows: Record<string, string | null>[] = [];
  for (const { chunk, byDay } of totals) {
    const sums: Sums = new Map();
    for await (const page of costPages(context, chunk, byTag(key), 'MONTHLY'))
      for (const { TimePeriod, Groups } of page.ResultsByTime ?? [])
        for (const { Keys, Metrics } of Groups ?? []) {
          const period = (TimePeriod?.Start ?? '').slice(0, 7);
          const [account, tag] = Keys ?? [];
          // Cost Explorer writes `key$value`, and `key$` for what has no such tag.
          if (account === undefined || tag === undefined || !tag.startsWith(`${key}$`))
            throw new BursarError(
              'unavailable',
              `Cost Explorer answered with a group of ${JSON.stringify(Keys ?? null)} where an account and a value of ${key} were asked for`,
              { where: context.where },
            );
          add(sums, period, Metrics, context.where);
          rows.push({
            period,
            account,
            key,
            value: tag.slice(key.length + 1) || null,
            billed: Metrics?.['UnblendedCost']?.Amount ?? null,
            effective: Metrics?.['AmortizedCost']?.Amount ?? null,
            currency: Metrics?.['UnblendedCost']?.Unit ?? null,
          });
        }
    mustEqual(sums, byMonth(byDay), `values of the tag ${key}`, context.where);
  }
  return rows;
}

function byMonth(byDay: Sums): Sums {
  const months: Sums = new Map();
  for (const [day, costs] of byDay) {
    const period = day.slice(0, 7);
    const held = months.get(period) ?? { billed: new Decimal(0), effective: new Decimal(0), parts: 0 };
    months.set(period, {
      billed: held.billed.plus(decimalText(costs.billed)),
      effective: held.effective.plus(decimalText(costs.effective)),
      parts: held.parts + costs.parts,
    });
  }
  return months;
}
