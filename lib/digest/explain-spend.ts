import type { Money } from '../focus/money.ts';
import type { DigestContent } from './content-model.ts';
import { money, type Row, type Rows } from './explain-rows.ts';
import { executiveValue } from './words.ts';

/** What was spent, in the month up to now, what is expected, and what the executive digest tells above all. */
export function spendRows(content: DigestContent, rows: Rows): Row[] {
  return [
    ...(content.ageHours === null
      ? []
      : [
          rows.count(
            'Age of the bills, hours',
            content.ageHours,
            'data-end: the last day that a bill charges',
          ),
          rows.count(
            'Age of the bills, whole days',
            Math.floor(content.ageHours / 24),
            'data-end: the last day that a bill charges',
          ),
        ]),
    ...rows.numbersOf('The story', content.story, {
      source: 'what was spent, movers, findings and coverage, each below',
      family: 'spend',
      basis: 'mixed',
    }),
    ...content.spend.flatMap(({ currency, current, former, difference, percent: share, missing, source }) => [
      rows.amount('Spent', money(current, currency), { source, family: 'spend' }),
      ...(former === null
        ? []
        : [rows.amount('Spent in the period before', money(former, currency), { source, family: 'spend' })]),
      ...(difference === null
        ? []
        : [rows.amount('Change', money(difference, currency), { source, family: 'spend' })]),
      ...(share === null ? [] : [rows.percent('Change', share, { source, family: 'spend' })]),
      ...missing.map(({ bill, days }) => ({
        ...rows.count(`Days of ${bill ?? 'a bill'} without a charge`, days.length, source),
        family: 'series' as const,
      })),
      ...(missing.length === 0
        ? []
        : [
            {
              ...rows.count(
                'Days without a charge of any bill',
                new Set(missing.flatMap(({ days }) => days)).size,
                source,
              ),
              family: 'series' as const,
            },
          ]),
    ]),
    ...content.month.flatMap(({ currency, spent, start, until, unknownDays, budget, source }) => [
      rows.amount(`Month from ${start} before ${until}`, money(spent, currency), {
        source,
        family: 'series',
      }),
      rows.count(`Month from ${start} before ${until}, days in no bill`, unknownDays, source),
      ...(budget === null
        ? []
        : [
            rows.amount('Budget of the month', budget.limit, { source: 'config: budgets', family: 'ledger' }),
            rows.percent('Budget of the month, spent', budget.percent, { source, family: 'series' }),
          ]),
    ]),
    ...content.forecast.flatMap(({ month, budget, source }) => [
      ...(budget === null
        ? []
        : [
            rows.amount(`Budget ${budget.name}, a month`, budget.limit, {
              source: 'config: budgets',
              family: 'ledger',
            }),
            rows.amount(`Budget ${budget.name}, a day`, budget.aDay, {
              source: 'config: budgets',
              family: 'ledger',
            }),
          ]),
      ...(month === null
        ? []
        : [
            rows.amount('Forecast of the month', month.total, {
              source,
              family: 'series',
              basis: 'forecast',
            }),
            rows.amount('Of it settled', month.actual, { source, family: 'series' }),
            ...roughOf(month).map((each, at, all) => ({
              ...rows.amount('Forecast, as roughly as the message tells it', each, {
                source,
                family: 'series',
                basis: 'forecast',
              }),
              shown: rows.format.roughly(all)[at] ?? '',
            })),
            ...month.ranges.flatMap(({ level, low, high }) => [
              rows.percent('Forecast, probability that it lies in its range', String(level * 100), {
                source,
                family: 'series',
                basis: 'forecast',
              }),
              rows.amount(`Forecast, low of ${level * 100}%`, low, {
                source,
                family: 'series',
                basis: 'forecast',
              }),
              rows.amount(`Forecast, high of ${level * 100}%`, high, {
                source,
                family: 'series',
                basis: 'forecast',
              }),
            ]),
            rows.count('Days of the month in no bill', month.unknownDays, source),
          ]),
    ]),
    ...content.executive.flatMap((each): Row[] => {
      const { label, value, note, source } = each;
      const rest = { source, family: 'executive', basis: 'mixed' } as const;
      const of = rows.numbersOf(`${label}, what it is of`, note, rest);
      if (value === null) return of;
      const row =
        'percent' in value ? rows.percent(label, value.percent, rest) : rows.amount(label, value.money, rest);
      return [...of, { ...row, shown: executiveValue(each, rows.format) }];
    }),
  ];
}

/** What the message tells roughly of the month: its total, and the first range. */
function roughOf({ total, ranges }: NonNullable<DigestContent['forecast'][number]['month']>): Money[] {
  return [total, ...ranges.slice(0, 1).flatMap(({ low, high }) => [low, high])];
}
