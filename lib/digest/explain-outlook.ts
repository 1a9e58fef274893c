import type { DigestContent } from './content-model.ts';
import type { Row, Rows } from './explain-rows.ts';
import { budgetName, budgetPercent, isExceeded } from './outlook-words.ts';

/** Anomalies and budgets. */
export function outlookRows(content: DigestContent, rows: Rows): Row[] {
  return [
    ...(content.anomalies === null
      ? []
      : [
          {
            ...rows.count('Anomalies', content.anomalies.lines.length, content.anomalies.source),
            family: 'anomalies' as const,
          },
        ]),
    ...(content.anomalies?.lines ?? []).flatMap(({ kind, what, impact, cause, source }) => {
      const rest = { source, family: 'anomalies', basis: 'mixed' } as const;
      const name = `${kind}, ${what.join(', ')}`;
      return [rows.amount(name, impact, rest), ...rows.numbersOf(`${name}, cause`, cause ?? [], rest)];
    }),
    ...content.budgets.flatMap((budget) => {
      const { limit, spent, notComparable, outlook, source } = budget;
      const name = `Budget ${budgetName(budget, content.budgets, rows.format)}`;
      const share = budgetPercent(budget);
      const rest = { source, family: 'series' } as const;
      return [
        ...[spent, ...notComparable.map(({ amount: each }) => each)].map((each) =>
          rows.amount(`${name}, spent`, each, rest),
        ),
        rows.amount(`${name}, limit`, limit, { source: 'config: budgets', family: 'ledger' }),
        ...(share === null ? [] : [rows.percent(`${name}, spent`, share, rest)]),
        ...(outlook === null
          ? []
          : [rows.amount(`${name}, expected`, outlook.total, { ...rest, basis: 'forecast' })]),
        ...(outlook === null || isExceeded(budget)
          ? []
          : [
              rows.percent(`${name}, likely to be exceeded`, String(Math.round(outlook.probability * 100)), {
                ...rest,
                basis: 'forecast',
              }),
            ]),
      ];
    }),
  ];
}
