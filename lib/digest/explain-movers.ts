import type { DigestContent } from './content-model.ts';
import { money, type Row, type Rows } from './explain-rows.ts';

/** What each day cost, and what moved it. */
export function moverRows(content: DigestContent, rows: Rows): Row[] {
  return [
    ...content.daily.flatMap(({ currency, days, source }) =>
      days.map(({ day, amount: value }) =>
        rows.amount(`Day ${day}`, money(value, currency), { source, family: 'daily' }),
      ),
    ),
    rows.count('Movers told', content.movers.length, 'the largest differences'),
    ...content.movers.flatMap((mover) => {
      const { provider, service, currency, source } = mover;
      const name = `${service} (${provider})`;
      const rest = { source, family: 'movers' } as const;
      return [
        rows.amount(`${name}, change`, money(mover.difference, currency), rest),
        ...(mover.percent === null ? [] : [rows.percent(`${name}, change`, mover.percent, rest)]),
        rows.amount(`${name}, now`, money(mover.current, currency), rest),
        rows.amount(`${name}, before`, money(mover.former, currency), rest),
        ...rows.numbersOf(`${name}, sentence`, mover.sentence, rest),
        ...rows.numbersOf(`${name}, main cause`, mover.cause ?? [], rest),
      ];
    }),
    rows.count('AI drivers told', content.aiDrivers.length, 'the largest differences'),
    ...content.aiDrivers.flatMap(({ change, what, sentence, cause, source }) => {
      const rest = { source, family: 'drivers' } as const;
      const name = rows.format.phrase(what);
      return [
        rows.amount(`${name}, change`, change, rest),
        ...rows.numbersOf(`${name}, sentence`, sentence, rest),
        ...rows.numbersOf(`${name}, main cause`, cause ?? [], rest),
      ];
    }),
  ];
}
