import { counted } from '../digest/counted.ts';
import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { significant } from '../digest/significant.ts';
import { BursarError } from '../platform/errors.ts';
import { unitStates } from '../run/alerts/states.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import type { SavingEffect } from '../run/units/savings.ts';
import { type Grain, type UnitAnomaly, type UnitReport, type UnitRow, unitReport } from '../run/units.ts';
import { ingestNamed } from '../run/whole.ts';
import { dayWindow, lastWindow } from '../run/window.ts';
import { standingOf } from './alert-standing.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { tableWidth } from './manners.ts';
import { effectLines, indented, signed } from './saving-effects.ts';
import { fitted } from './table.ts';

export interface UnitsOptions extends CommonOptions {
  readonly by: Grain;
  readonly last?: string;
  readonly from?: string;
  readonly to?: string;
  readonly savings?: true;
  readonly bills?: string[];
}

const WIDEST = 160;
const ENOUGH = 12;
/** Columns that tables stand to the right. */
const INDENT = 2;
const LAST: Readonly<Record<Grain, string>> = { day: '14 days', week: '8 weeks', month: '6 months' };

/** `bursar units`: what a request, a customer, a million tokens, an hour of a GPU cost. */
export async function unitsCommand(options: UnitsOptions): Promise<void> {
  const now = nowOf(options);
  const { last, from, to, by } = options;
  if (last !== undefined && (from !== undefined || to !== undefined))
    throw new BursarError('input', '--last and --from or --to at once', { hint: 'Give one of them.' });
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const { auditor, config, named } = assembled;
  const sources = named ? await ingestNamed(auditor, now, progress) : null;
  if (sources === null && (await auditor.lake.sources()).length === 0)
    throw new BursarError('input', 'there is no bill yet', {
      where: options.state,
      hint: 'Name FOCUS files with --bills, or run bursar audit first.',
    });
  const window =
    from === undefined && to === undefined
      ? lastWindow(last ?? LAST[by], now, config.organisation.timezone)
      : dayWindow(from, to);
  const told = await unitReport(
    auditor,
    {
      units: auditor.units?.(sources) ?? [],
      dimensions: config.dimensions,
      grain: by,
      window,
      savings: options.savings === true,
      sources,
    },
    now,
    auditor.asking,
  );
  const report = { ...told, units: await unitStates(auditor.ledger, told.units) };
  progress.done();
  tellCost(auditor, progress);
  const format = digestFormat(config.organisation.timezone);
  await print(options.format === 'json' ? JSON.stringify(report, null, 2) : shown(report, format), options);
}

function shown(report: UnitReport, format: Format): string {
  const { units, builtIn, savings, window, freshness } = report;
  return [
    `${window.start} to ${window.end} (UTC days, the last not included), effective cost without credits and corrections`,
    '',
    ...(units.length === 0
      ? ['No unit is in the config: see units in docs/config.md.', '']
      : units.flatMap((unit) => [...unitLines(unit, format), ''])),
    ...tokenLines(builtIn, format),
    ...rateLines(builtIn),
    ...gpuLines(builtIn, format),
    ...(savings === null ? [] : savingLines(savings, format)),
    ...freshness.map(
      ({ source, unsettledFrom }) =>
        `${source}: ${unsettledFrom === null ? 'all days have settled' : `days from ${unsettledFrom} on have not settled, and are in no unit of yours`}.`,
    ),
  ].join('\n');
}

function unitLines(unit: UnitRow, format: Format): string[] {
  const { name, per, currency, periods, total, perSuccess, trend } = unit;
  const head = plain(
    `${name}: cost per ${per}${currency === null ? '' : ` (${currency})`}, ${unit.metric}`,
    WIDEST,
  );
  const rows = [...periods, ...(total === null ? [] : [total])].map((period, at) => [
    at === periods.length ? 'all' : period.start,
    currency === null ? '' : format.exact({ amount: period.cost, currency }),
    count(period.units),
    period.perUnit === null || currency === null ? '-' : `${significant(period.perUnit)} ${currency}`,
    [
      ...(period.daysWithoutUnits === 0 ? [] : [`${counted(period.daysWithoutUnits, 'day')} without units`]),
      ...(period.daysWithoutCost === 0
        ? []
        : [`${counted(period.daysWithoutCost, 'day')} without settled cost`]),
    ].join(', '),
  ]);
  const table =
    rows.length === 0
      ? []
      : fitted(
          [['from', 'cost', `${plain(per, 40)}s`, `per ${plain(per, 40)}`, 'gaps'], ...rows],
          ['left', 'right', 'right', 'right', 'left'],
          tableWidth() - INDENT,
        );
  return [
    head,
    ...table.map((line) => `  ${line}`),
    ...(perSuccess === null || currency === null
      ? []
      : [`  per ${per} that succeeded: ${significant(perSuccess)} ${currency}`]),
    ...(trend === null
      ? []
      : [
          `  four weeks to ${trend.current.end}: ${significant(trend.current.perUnit)} ${currency ?? ''}, ${signed(trend.percent)} % against the four before (${significant(trend.former.perUnit)})`,
        ]),
    ...(unit.notEnough === null
      ? []
      : [`  ups and downs of cost per ${per}: not enough to tell: ${unit.notEnough}`]),
    ...unit.sides.map(
      ({ of, recent, days, notEnough }) =>
        `  ${of}: ${recent === null ? 'no day' : `${significant(String(recent))} on average of the last ${days < 7 ? counted(days, 'day') : `7 of ${days} days`}`}${notEnough === null ? '' : `; its band: not enough to tell: ${notEnough}`}`,
    ),
    ...unit.anomalies.flatMap((each) => [
      `  ${anomalyLine(each, per)}`,
      ...(each.alert === null ? [] : [`    ${standingOf(each.alert)}`]),
    ]),
    ...unit.problems.map((problem) => `  MISSING: ${plain(problem, WIDEST)}`),
    ...unit.notes.map((note) => `  ${plain(note, WIDEST)}`),
    ...(unit.zone === null ? [] : [`  ${unit.zone}`]),
  ];
}

function anomalyLine(
  { of, kind, first, last, actual, expected, low, high, worse, open, owner }: UnitAnomaly,
  per: string,
) {
  const what = of === 'cost' ? `cost per ${per}` : of;
  const span = first === last ? first : `${first} to ${last}`;
  return plain(
    `${kind} of ${what}, ${worse ? 'for the worse' : 'for the better'}: ${span}${open ? ', still' : ''}: ${significant(String(actual))} a day, expected ${significant(String(expected))} (${significant(String(low))} to ${significant(String(high))})${owner === null ? '' : `; owner ${owner.id}`}`,
    WIDEST,
  );
}

function tokenLines({ tokens }: UnitReport['builtIn'], format: Format): string[] {
  if (tokens.length === 0) return ['No charge tells tokens.', ''];
  const rows = tokens
    .slice(0, ENOUGH)
    .map((row) => [
      plain(row.model, WIDEST),
      plain(row.kind, WIDEST),
      format.exact({ amount: row.cost, currency: row.currency }),
      count(row.tokens),
      row.perMillion === null ? '-' : `${significant(row.perMillion)} ${plain(row.currency, 20)}`,
      row.trend === null ? '' : `${signed(row.trend.percent)} %`,
    ]);
  const without = tokens.filter(({ costWithoutTokens }) => costWithoutTokens !== '0').length;
  const free = tokens.filter(({ tokensWithoutCost }) => tokensWithoutCost !== '0').length;
  return [
    'Cost per million tokens:',
    ...fitted(
      [['model', 'kind', 'cost', 'tokens', 'per million', '4 weeks'], ...rows],
      ['left', 'left', 'right', 'right', 'right', 'right'],
      tableWidth() - INDENT,
    ).map((line) => `  ${line}`),
    ...(tokens.length > ENOUGH ? [`  ${tokens.length - ENOUGH} more in --format json.`] : []),
    ...(without > 0
      ? [
          `  ${without} of them ${without === 1 ? 'has' : 'have'} charges that tell no tokens: that cost is left out.`,
        ]
      : []),
    ...(free > 0
      ? [
          `  ${free} of them ${free === 1 ? 'has' : 'have'} tokens whose cost the vendor does not tell: they are left out.`,
        ]
      : []),
    '',
  ];
}

function rateLines({ savingsRates }: UnitReport['builtIn']): string[] {
  if (savingsRates.length === 0) return [];
  return [
    'Effective savings rate, (price - effective cost) / price:',
    ...savingsRates.map(({ source, provider, currency, overContracted, overList, why }) =>
      indented(
        `${source}, ${provider}, ${currency}: ${why ?? `${share(overContracted.percent)} of contracted prices, ${share(overList.percent)} of list prices`}`,
        2,
      ),
    ),
    '',
  ];
}

function gpuLines({ gpu }: UnitReport['builtIn'], format: Format): string[] {
  if (gpu.window === null) return [`Hours of GPUs: ${gpu.why ?? 'none'}`, ''];
  const money = (amount: string, currency: string) => format.exact({ amount, currency });
  return [
    `Hours of GPUs, ${gpu.window.start} to ${gpu.window.end} (the last not included):`,
    ...gpu.totals.map(
      ({
        currency,
        machines,
        paid,
        used,
        idle,
        unobserved,
        cost,
        unobservedCost,
        perPaidHour,
        perUsedHour,
      }) =>
        `  ${counted(machines, 'machine')}, ${money(cost, currency)}: ${hours(paid)} paid, at most ${hours(used)} used, ${hours(idle)} idle, ${hours(unobserved)} not observed (${money(unobservedCost, currency)}); an hour paid ${perPaidHour === null ? '-' : money(perPaidHour, currency)}, an hour used ${perUsedHour === null ? '-' : `at least ${money(perUsedHour, currency)}`}`,
    ),
    ...(gpu.totals.length === 0 ? ['  No machine with accelerators is billed by the hour.'] : []),
    ...(gpu.leftOut.length === 0 ? [] : [`  ${gpu.leftOut.length} left out: see --format json.`]),
    '',
  ];
}

function share(percent: string | null): string {
  return percent === null ? 'unknown' : `${percent} %`;
}

function hours(text: string): string {
  return `${count(text)} h`;
}

/** A count with its thousands apart and at most two places. */
function count(text: string): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 }).format(Number(text));
}

function savingLines(savings: readonly SavingEffect[], format: Format): string[] {
  if (savings.length === 0) return ['Nothing was stopped.', ''];
  return [
    'What was stopped, and what happened to the units that paid for it (days before and after; not why):',
    ...savings.flatMap((effect) => [
      indented(effect.resourceName ?? effect.resourceId, 2),
      ...effectLines(effect, format).map((line) => indented(line, 4)),
    ]),
    '',
  ];
}
