import type { Money } from '../focus/money.ts';
import type { AskedQuery, DigestContent, Figure, Phrase, WasteLine } from './content-model.ts';
import type { Format } from './format.ts';
import { budgetName, budgetPercent, isExceeded } from './outlook-words.ts';
import { aiUseName } from './unit-words.ts';
import { executiveValue } from './words.ts';

/** One number of a digest: what it is, as it is kept and as it is shown, and what it rests on. */
export interface Explained {
  readonly name: string;
  /** Decimal text, with a currency, or `%`. */
  readonly value: string;
  readonly shown: string;
  readonly source: string;
  /** Named queries of the lake that it was read by, with the rows of each answer; empty: of the ledger alone. */
  readonly queries: readonly { readonly query: string; readonly rows: number }[];
  /** Up to when the bills behind it speak, or when the ledger was read. */
  readonly asOf: string | null;
  readonly basis: 'billed' | 'list-estimate' | 'forecast' | 'mixed' | 'count' | 'unknown';
}

/** What of the queries that were asked a family of numbers was read by: the beginnings of their names. */
const QUERIES = {
  spend: ['spend-by-service', 'spend-by:provider,service|team', 'spend-total'],
  daily: ['spend-by-day', 'spend-by:day|team'],
  movers: ['spend-by-service', 'spend-by:provider,service|team', 'movers:provider,service|'],
  drivers: ['movers:service,model,team|'],
  series: ['daily-series:|', 'source-ends'],
  tagging: ['tag-spend'],
  // Where an audit kept them, none of these was asked.
  anomalies: ['daily-series:service,account,team,transfer|', 'daily-series:model,account|', 'excess:'],
  commitments: ['eligible-usage', 'commitment-usage', 'commitments-held', 'commitment-ends', 'provider-ends'],
  executive: ['spend-by:team|', 'spend-by:ai_class|', 'daily-series:|', 'eligible-usage', 'commitment-usage'],
  savings: ['resource-days', 'data-end'],
  units: ['daily-series:', 'source-ends'],
  efficiency: ['model-costs', 'source-ends'],
  ledger: [],
} as const;

/** Findings that the thread of the message tells; the others are told nowhere but in the report. */
const FINDINGS = 30;

type Family = keyof typeof QUERIES;
type Row = Omit<Explained, 'queries' | 'asOf'> & { readonly family: Family };

/** Every number that a digest shows, in the order in which it tells them. */
export function explained(content: DigestContent, format: Format): Explained[] {
  return rowsOf(content, format).map(({ family, ...row }) => ({
    ...row,
    queries: queriesOf(content.asked, family),
    asOf: family === 'ledger' ? content.now : content.asOf,
  }));
}

function queriesOf(asked: readonly AskedQuery[], family: Family): Explained['queries'] {
  const names: readonly string[] = QUERIES[family];
  const rows = new Map<string, number>();
  for (const { query, rows: count } of asked)
    if (names.some((name) => query === name || (/[:|]$/.test(name) && query.startsWith(name))))
      rows.set(query, (rows.get(query) ?? 0) + count);
  return [...rows].map(([query, count]) => ({ query, rows: count }));
}

function rowsOf(content: DigestContent, format: Format): Row[] {
  const amount = (name: string, value: Money, rest: Pick<Row, 'source' | 'family'> & Partial<Row>): Row => ({
    name,
    value: `${value.amount} ${value.currency}`,
    shown: format.money(value),
    basis: 'billed',
    ...rest,
  });
  const percent = (
    name: string,
    value: string,
    rest: Pick<Row, 'source' | 'family'> & Partial<Row>,
  ): Row => ({
    name,
    value: `${value} %`,
    shown: format.percent(value),
    basis: 'billed',
    ...rest,
  });
  const count = (name: string, value: number, source: string): Row => ({
    name,
    value: String(value),
    shown: format.count(value),
    source,
    family: 'ledger',
    basis: 'count',
  });
  const figure = (one: Figure): Row[] => {
    const family: Family =
      one.id === 'untagged' ? 'tagging' : one.id === 'commitments' ? 'commitments' : 'ledger';
    return [
      ...one.amounts.map((each) => amount(`${one.label}, ${one.unit}`, each, { source: one.source, family })),
      ...(one.estimated ?? []).map((each) =>
        amount(`${one.label}, ${one.unit}, by list prices`, each, {
          source: one.source,
          family,
          basis: 'list-estimate',
        }),
      ),
      count(`${one.label}, how many`, one.count, one.source),
      count(`${one.label}, with a known amount`, one.count - one.unpriced, one.source),
      count(`${one.label}, with none known`, one.unpriced, one.source),
      ...(one.zero === undefined
        ? []
        : [
            count(`${one.label}, of nothing`, one.zero, one.source),
            count(`${one.label}, of more than nothing`, one.count - one.unpriced - one.zero, one.source),
          ]),
    ];
  };
  /** The numbers within a sentence. */
  const numbersOf = (
    name: string,
    phrase: Phrase,
    rest: Pick<Row, 'source' | 'family'> & Partial<Row>,
  ): Row[] =>
    phrase.flatMap((part) => {
      if (typeof part === 'string') return [];
      if ('money' in part) return [amount(name, part.money, rest)];
      if ('percent' in part) return [percent(name, part.percent, rest)];
      return 'number' in part
        ? [{ basis: 'count', ...rest, name, value: part.number, shown: format.number(part.number) }]
        : [];
    });
  const line = (what: string, at: number, one: WasteLine): Row[] => {
    const { costBasis: basis, monthlySaving, monthlyCost, source } = one;
    const worth = monthlySaving ?? monthlyCost;
    return [
      ...(worth === null
        ? []
        : [
            amount(`${what} ${at + 1}, ${monthlySaving === null ? 'cost' : 'saving'} a month`, worth, {
              source,
              family: 'ledger',
              basis,
            }),
          ]),
      count(`${what} ${at + 1}, days since it was first seen`, one.ageDays, source),
    ];
  };
  return [
    ...(content.ageHours === null
      ? []
      : [
          count('Age of the bills, hours', content.ageHours, 'data-end: the last day that a bill charges'),
          count(
            'Age of the bills, whole days',
            Math.floor(content.ageHours / 24),
            'data-end: the last day that a bill charges',
          ),
        ]),
    ...numbersOf('The story', content.story, {
      source: 'what was spent, movers, findings and coverage, each below',
      family: 'spend',
      basis: 'mixed',
    }),
    ...content.spend.flatMap(({ currency, current, former, difference, percent: share, missing, source }) => [
      amount('Spent', money(current, currency), { source, family: 'spend' }),
      ...(former === null
        ? []
        : [amount('Spent in the period before', money(former, currency), { source, family: 'spend' })]),
      ...(difference === null
        ? []
        : [amount('Change', money(difference, currency), { source, family: 'spend' })]),
      ...(share === null ? [] : [percent('Change', share, { source, family: 'spend' })]),
      ...missing.map(({ bill, days }) => ({
        ...count(`Days of ${bill ?? 'a bill'} without a charge`, days.length, source),
        family: 'series' as const,
      })),
      ...(missing.length === 0
        ? []
        : [
            {
              ...count(
                'Days without a charge of any bill',
                new Set(missing.flatMap(({ days }) => days)).size,
                source,
              ),
              family: 'series' as const,
            },
          ]),
    ]),
    ...content.month.flatMap(({ currency, spent, start, until, unknownDays, budget, source }) => [
      amount(`Month from ${start} before ${until}`, money(spent, currency), { source, family: 'series' }),
      count(`Month from ${start} before ${until}, days in no bill`, unknownDays, source),
      ...(budget === null
        ? []
        : [
            amount('Budget of the month', budget.limit, { source: 'config: budgets', family: 'ledger' }),
            percent('Budget of the month, spent', budget.percent, { source, family: 'series' }),
          ]),
    ]),
    ...content.forecast.flatMap(({ month, budget, source }) => [
      ...(budget === null
        ? []
        : [
            amount(`Budget ${budget.name}, a month`, budget.limit, {
              source: 'config: budgets',
              family: 'ledger',
            }),
            amount(`Budget ${budget.name}, a day`, budget.aDay, {
              source: 'config: budgets',
              family: 'ledger',
            }),
          ]),
      ...(month === null
        ? []
        : [
            amount('Forecast of the month', month.total, { source, family: 'series', basis: 'forecast' }),
            amount('Of it settled', month.actual, { source, family: 'series' }),
            ...roughOf(month).map((each, at, all) => ({
              ...amount('Forecast, as roughly as the message tells it', each, {
                source,
                family: 'series',
                basis: 'forecast',
              }),
              shown: format.roughly(all)[at] ?? '',
            })),
            ...month.ranges.flatMap(({ level, low, high }) => [
              percent('Forecast, probability that it lies in its range', String(level * 100), {
                source,
                family: 'series',
                basis: 'forecast',
              }),
              amount(`Forecast, low of ${level * 100}%`, low, {
                source,
                family: 'series',
                basis: 'forecast',
              }),
              amount(`Forecast, high of ${level * 100}%`, high, {
                source,
                family: 'series',
                basis: 'forecast',
              }),
            ]),
            count('Days of the month in no bill', month.unknownDays, source),
          ]),
    ]),
    ...content.executive.flatMap((each): Row[] => {
      const { label, value, note, source } = each;
      const rest = { source, family: 'executive', basis: 'mixed' } as const;
      const of = numbersOf(`${label}, what it is of`, note, rest);
      if (value === null) return of;
      const row = 'percent' in value ? percent(label, value.percent, rest) : amount(label, value.money, rest);
      return [...of, { ...row, shown: executiveValue(each, format) }];
    }),
    ...content.figures.flatMap(figure),
    ...content.tagging.flatMap(({ coverage, source }) =>
      coverage === null ? [] : [percent('Tag coverage', coverage, { source, family: 'tagging' })],
    ),
    ...content.life.flatMap(({ label, count: many, unpriced, amounts, source }) => [
      count(label, many, source),
      count(`${label}, with no known saving`, unpriced, source),
      ...amounts.map((each) =>
        amount(`${label}, saving a month`, each, { source, family: 'ledger', basis: 'mixed' }),
      ),
    ]),
    ...(content.savings === null
      ? []
      : [
          count('Stops', content.savings.stops, 'ledger: stops that were carried out'),
          count('Stops, not billed yet', content.savings.unbilled, 'ledger: stops that were carried out'),
          ...content.savings.realised.map((each) =>
            amount('Saved by stops, by the bills', each, {
              source: 'bursar explain of each',
              family: 'savings',
            }),
          ),
          ...content.savings.estimated.map((each) =>
            amount('Saved by stops, as estimated', each, {
              source: 'bursar explain of each',
              family: 'ledger',
              basis: 'mixed',
            }),
          ),
        ]),
    ...content.daily.flatMap(({ currency, days, source }) =>
      days.map(({ day, amount: value }) =>
        amount(`Day ${day}`, money(value, currency), { source, family: 'daily' }),
      ),
    ),
    count('Movers told', content.movers.length, 'the largest differences'),
    ...content.movers.flatMap((mover) => {
      const { provider, service, currency, source } = mover;
      const name = `${service} (${provider})`;
      const rest = { source, family: 'movers' } as const;
      return [
        amount(`${name}, change`, money(mover.difference, currency), rest),
        ...(mover.percent === null ? [] : [percent(`${name}, change`, mover.percent, rest)]),
        amount(`${name}, now`, money(mover.current, currency), rest),
        amount(`${name}, before`, money(mover.former, currency), rest),
        ...numbersOf(`${name}, sentence`, mover.sentence, rest),
        ...numbersOf(`${name}, main cause`, mover.cause ?? [], rest),
      ];
    }),
    count('AI drivers told', content.aiDrivers.length, 'the largest differences'),
    ...content.aiDrivers.flatMap(({ change, what, sentence, cause, source }) => {
      const rest = { source, family: 'drivers' } as const;
      const name = format.phrase(what);
      return [
        amount(`${name}, change`, change, rest),
        ...numbersOf(`${name}, sentence`, sentence, rest),
        ...numbersOf(`${name}, main cause`, cause ?? [], rest),
      ];
    }),
    ...content.units.flatMap(({ name, per, currency, total, trend, changes, source }) => {
      const rest = { source, family: 'units', basis: 'mixed' } as const;
      const rated = (what: string, value: string): Row[] =>
        currency === null
          ? []
          : [
              {
                ...amount(what, money(value, currency), rest),
                shown: format.rate({ amount: value, currency }),
              },
            ];
      const number = (what: string, value: string): Row => ({
        ...rest,
        name: what,
        value,
        shown: format.number(value),
      });
      return [
        ...(total === null || currency === null
          ? []
          : [
              ...(total.perUnit === null ? [] : rated(`${name}, cost per ${per}`, total.perUnit)),
              amount(`${name}, cost`, money(total.cost, currency), rest),
              number(`${name}, how many`, total.units),
              count(`${name}, days without units`, total.daysWithoutUnits, source),
              count(`${name}, days without settled cost`, total.daysWithoutCost, source),
            ]),
        ...(trend === null ? [] : [percent(`${name}, four weeks`, trend, rest)]),
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
          : [{ ...rest, name: `${name}, ${what}`, value, shown: format.count(Math.round(Number(value))) }];
      return [
        ...(requests === null
          ? []
          : [{ ...rest, name: `${name}, requests`, value: requests, shown: format.number(requests) }]),
        ...counted('tokens in a request', inputPerRequest),
        ...counted('tokens out of a request', outputPerRequest),
        ...(cost === null || currency === null ? [] : [amount(`${name}, cost`, money(cost, currency), rest)]),
        ...(costPerRequest === null || currency === null
          ? []
          : [
              {
                ...amount(`${name}, cost of a request`, money(costPerRequest, currency), rest),
                shown: format.rate({ amount: costPerRequest, currency }),
              },
            ]),
        ...Object.entries(change).flatMap(([what, moved]) =>
          moved === null ? [] : [percent(`${name}, change of ${what}`, moved, rest)],
        ),
        ...[
          { what: 'from cache', of: cachedShare },
          { what: 'failed', of: errorShare },
        ].flatMap(({ what, of }) =>
          of === null
            ? []
            : [...new Set([of.low, of.high])].map((each) => percent(`${name}, ${what}`, each, rest)),
        ),
      ];
    }),
    ...(content.anomalies === null
      ? []
      : [
          {
            ...count('Anomalies', content.anomalies.lines.length, content.anomalies.source),
            family: 'anomalies' as const,
          },
        ]),
    ...(content.anomalies?.lines ?? []).flatMap(({ kind, what, impact, cause, source }) => {
      const rest = { source, family: 'anomalies', basis: 'mixed' } as const;
      const name = `${kind}, ${what.join(', ')}`;
      return [amount(name, impact, rest), ...numbersOf(`${name}, cause`, cause ?? [], rest)];
    }),
    ...content.budgets.flatMap((budget) => {
      const { limit, spent, notComparable, outlook, source } = budget;
      const name = `Budget ${budgetName(budget, content.budgets, format)}`;
      const share = budgetPercent(budget);
      const rest = { source, family: 'series' } as const;
      return [
        ...[spent, ...notComparable.map(({ amount: each }) => each)].map((each) =>
          amount(`${name}, spent`, each, rest),
        ),
        amount(`${name}, limit`, limit, { source: 'config: budgets', family: 'ledger' }),
        ...(share === null ? [] : [percent(`${name}, spent`, share, rest)]),
        ...(outlook === null
          ? []
          : [amount(`${name}, expected`, outlook.total, { ...rest, basis: 'forecast' })]),
        ...(outlook === null || isExceeded(budget)
          ? []
          : [
              percent(`${name}, likely to be exceeded`, String(Math.round(outlook.probability * 100)), {
                ...rest,
                basis: 'forecast',
              }),
            ]),
      ];
    }),
    count('Wastes told', content.wastes.length, 'the dearest'),
    ...content.wastes.flatMap((one, at) => line('Waste', at, one)),
    count('Findings', content.findings.length, 'findings that are open'),
    ...content.findings.slice(0, FINDINGS).flatMap((one, at) => line('Finding', at, one)),
    count('Decisions needed', content.decisions.length, 'findings that wait for somebody'),
    ...content.decisions.flatMap(({ line: one }, at) => line('Decision', at, one)),
    ...content.resolved.top.flatMap((one, at) => line('Resolved', at, one)),
    count('Resolved', content.resolved.count, 'findings: RESOLVED, last seen within the period or later'),
    ...content.resolved.amounts.map((each) =>
      amount('Resolved, saving a month', each, {
        source: 'findings: RESOLVED, last seen within the period or later',
        family: 'ledger',
        basis: 'mixed',
      }),
    ),
    count('Scopes asked for', content.scopes.all, 'coverage of the last audit'),
    count('Scopes wholly seen', content.scopes.complete, 'coverage of the last audit'),
    count(
      'Scopes not wholly seen',
      content.scopes.all - content.scopes.complete,
      'coverage of the last audit',
    ),
    ...content.gaps.map(({ status, reason, scopes }) =>
      count(`Scopes ${status}: ${reason}`, scopes.length, 'coverage of the last audit'),
    ),
    count('Reasons why scopes were not wholly seen', content.gaps.length, 'coverage of the last audit'),
    {
      ...amount('This audit and digest, API fees', content.ownCost, {
        source: 'meters of the last audit and of this digest, by price lists',
        family: 'ledger',
        basis: 'list-estimate',
      }),
      shown: format.exact(content.ownCost),
    },
    count(
      'This audit and digest, calls',
      content.ownCost.calls.reduce((sum, { count: calls }) => sum + calls, 0),
      'meters of the last audit and of this digest',
    ),
  ];
}

function money(amount: string, currency: string): Money {
  return { amount, currency };
}

/** What the message tells roughly of the month: its total, and the first range. */
function roughOf({ total, ranges }: NonNullable<DigestContent['forecast'][number]['month']>): Money[] {
  return [total, ...ranges.slice(0, 1).flatMap(({ low, high }) => [low, high])];
}
