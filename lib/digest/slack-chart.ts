import { Decimal } from '../focus/decimal.ts';
import { type ChartBlock, chart, type SlackBlock, table } from '../notices/blocks.ts';
import type { DailySeries } from './content-model.ts';
import type { Format } from './format.ts';
import { plain } from './names.ts';
import { exact } from './number.ts';

/** Slack takes two charts a message at most. */
const CHARTS = 2;
/** Days of the table that stands for the charts, and the currencies beside each other in it. */
const TABLE_DAYS = 7;
const TABLE_CURRENCIES = 4;

/** Cost a day of the first currencies, one below the other: what cannot be added is not drawn into one. */
export function spendCharts(daily: readonly DailySeries[], format: Format): ChartBlock[] {
  return daily.flatMap((series) => spendChart(series, format) ?? []).slice(0, CHARTS);
}

/** The last 20 days: Slack's chart takes no more points. Its values are JSON numbers of whole cents, to look at. */
function spendChart({ currency, days }: DailySeries, format: Format): ChartBlock | null {
  if (days.length < 2) return null;
  const name = plain(currency, 20);
  return chart(
    `Effective cost a day, ${name}`,
    days.map(({ day, amount }) => ({ label: format.day(day), values: [cents(amount)] })),
    [name],
    { x: 'Day', y: name },
  );
}

/** The last week of it, for workspaces that refuse charts. */
export function spendTable(daily: readonly DailySeries[], format: Format): SlackBlock {
  const shown = daily.slice(0, TABLE_CURRENCIES).map(({ currency, days }) => ({
    currency,
    amounts: new Map(days.map(({ day, amount }) => [day, amount])),
  }));
  const days = [...new Set(daily.flatMap((series) => series.days.map(({ day }) => day)))].toSorted();
  return table(
    [
      ['Day', ...shown.map(({ currency }) => `Effective cost, ${plain(currency, 20)}`)],
      ...days.slice(-TABLE_DAYS).map((day) => [
        format.day(day),
        ...shown.map(({ currency, amounts }) => {
          const amount = amounts.get(day);
          return amount === undefined ? '-' : format.money({ amount, currency });
        }),
      ]),
    ],
    ['left', ...shown.map(() => 'right' as const)],
  );
}

function cents(amount: string): number {
  return exact(amount).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN).toNumber();
}
