import type { DigestContent } from './content-model.ts';
import { money, type Row, type Rows } from './explain-rows.ts';
import { aiUseName } from './unit-words.ts';

/** What a unit of the business costs, and how models were used. */
export function unitRows(content: DigestContent, rows: Rows): Row[] {
  return [
    ...content.units.flatMap(({ name, per, currency, total, trend, changes, source }) => {
      const rest = { source, family: 'units', basis: 'mixed' } as const;
      const rated = (what: string, value: string): Row[] =>
        currency === null
          ? []
          : [
              {
                ...rows.amount(what, money(value, currency), rest),
                shown: rows.format.rate({ amount: value, currency }),
              },
            ];
      const number = (what: string, value: string): Row => ({
        ...rest,
        name: what,
        value,
        shown: rows.format.number(value),
      });
      return [
        ...(total === null || currency === null
          ? []
          : [
              ...(total.perUnit === null ? [] : rated(`${name}, cost per ${per}`, total.perUnit)),
              rows.amount(`${name}, cost`, money(total.cost, currency), rest),
              number(`${name}, how many`, total.units),
              rows.count(`${name}, days without units`, total.daysWithoutUnits, source),
              rows.count(`${name}, days without settled cost`, total.daysWithoutCost, source),
            ]),
        ...(trend === null ? [] : [rows.percent(`${name}, four weeks`, trend, rest)]),
        ...changes.flatMap(({ of, kind, first, actual, expected }) => {
          const what = `${name}, ${kind} of ${of} on ${first}`;
          return of === 'cost'
            ? [...rated(what, String(actual)), ...rated(`${what}, expected`, String(expected))]
            : [number(what, String(actual)), number(`${what}, expected`, String(expected))];
        }),
      ];
    }),
    ...content.aiUse.flatMap((use) => {
      const { current, change, currency, source } = use;
      const rest = { source, family: 'efficiency', basis: 'mixed' } as const;
      const name = aiUseName(use);
      const { requests, inputPerRequest, outputPerRequest, cachedShare, errorShare, cost, costPerRequest } =
        current;
      const counted = (what: string, value: string | null): Row[] =>
        value === null
          ? []
          : [
              {
                ...rest,
                name: `${name}, ${what}`,
                value,
                shown: rows.format.count(Math.round(Number(value))),
              },
            ];
      return [
        ...(requests === null
          ? []
          : [{ ...rest, name: `${name}, requests`, value: requests, shown: rows.format.number(requests) }]),
        ...counted('tokens in a request', inputPerRequest),
        ...counted('tokens out of a request', outputPerRequest),
        ...(cost === null || currency === null
          ? []
          : [rows.amount(`${name}, cost`, money(cost, currency), rest)]),
        ...(costPerRequest === null || currency === null
          ? []
          : [
              {
                ...rows.amount(`${name}, cost of a request`, money(costPerRequest, currency), rest),
                shown: rows.format.rate({ amount: costPerRequest, currency }),
              },
            ]),
        ...Object.entries(change).flatMap(([what, moved]) =>
          moved === null ? [] : [rows.percent(`${name}, change of ${what}`, moved, rest)],
        ),
        ...[
          { what: 'from cache', of: cachedShare },
          { what: 'failed', of: errorShare },
        ].flatMap(({ what, of }) =>
          of === null
            ? []
            : [...new Set([of.low, of.high])].map((each) => rows.percent(`${name}, ${what}`, each, rest)),
        ),
      ];
    }),
  ];
}
