import { Decimal } from '../focus/decimal.ts';
import { type Money, mainFirst } from '../focus/money.ts';
import type { Finding } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { ApiCalls } from '../platform/meter.ts';
import { digestFormat, type Format } from './format.ts';
import { plain } from './names.ts';
import { exact } from './number.ts';
import { shortName } from './short-name.ts';
import { columns, fit, wrap } from './terminal.ts';
import { totalSaving, wastedResources } from './waste.ts';

/** Columns of a text that no terminal reads. */
const WIDTH = 100;
const NARROWEST = 60;
const WIDEST = 140;
/** Findings shown of one check; the ledger lists the rest. */
const SHOWN = 10;
const STATUS = { failed: 'not read', partial: 'read in part', 'not-covered': 'not covered' } as const;

/** What the text of an audit is made from: the audit's result. */
export interface Audited {
  readonly now: string;
  readonly coverage: readonly Coverage[];
  readonly spend: readonly {
    currency: string;
    billed: string;
    effective: string;
    start: string;
    end: string;
    asOf: string | null;
  }[];
  readonly findings: readonly Finding[];
  readonly ownCost: Money & { readonly calls: readonly ApiCalls[] };
}

export interface AuditTextOptions {
  /** The organisation's own currency, told first; USD by default. */
  readonly currency?: string;
  /** IANA zone that times are told in; UTC by default. */
  readonly timezone?: string;
  readonly locale?: string;
  readonly colour?: boolean;
  /** Columns of the terminal, 100 by default. */
  readonly width?: number;
}

/** An audit for a terminal: what was read, what it cost, what was found by check, what could not be seen. */
export function auditText(result: Audited, options: AuditTextOptions = {}): string {
  const format = digestFormat(options.timezone ?? 'UTC', options.locale);
  const main = options.currency ?? 'USD';
  const bold = (text: string) => (options.colour ? `\u001b[1m${text}\u001b[22m` : text);
  const most = Math.min(Math.max(options.width ?? WIDTH, NARROWEST), WIDEST);
  const indented = (text: string, by: number) =>
    wrap(text, most - by).map((line) => `${' '.repeat(by)}${line}`);

  const sections = [
    [bold('Spend'), ...spendLines(result, main, format, most)],
    [
      bold(`Findings (${format.count(result.findings.length)})`),
      ...totalLines(result, main, format, indented),
    ],
    ...checkSections(result.findings, format, bold, most),
    gapLines(result.coverage, bold, indented),
    [ownCostLine(result, format)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function spendLines({ spend }: Audited, main: string, format: Format, most: number): string[] {
  if (spend.length === 0) return ['  no bill was read'];
  return columns(
    mainFirst(spend, main).map(({ currency, billed, effective, start, end, asOf }) => [
      `  ${format.exact({ amount: billed, currency })} billed,`,
      `${format.exact({ amount: effective, currency })} effective`,
      // A fee of the whole month ends after the last day that is told of.
      format.period({ start, end: asOf ?? end }),
    ]),
    ['right', 'right', 'left'],
    most,
  );
}

function totalLines(
  { findings }: Audited,
  main: string,
  format: Format,
  indented: (text: string, by: number) => string[],
): string[] {
  if (findings.length === 0) return ['  none'];
  const total = totalSaving(wastedResources(findings, main));
  const parts = [
    ...(notZero(total.amounts) ? [format.amounts(mainFirst(total.amounts, main))] : []),
    ...(total.estimated !== undefined && notZero(total.estimated)
      ? [`about ${format.amounts(mainFirst(total.estimated, main))} by list prices`]
      : []),
  ];
  if (parts.length === 0) return [];
  return indented(`Stopping what is idle or unused would save ${parts.join(' and ')} a month.`, 2);
}

function notZero(amounts: readonly Money[]): boolean {
  return amounts.some(({ amount }) => !exact(amount).isZero());
}

/** One section a check, the dearest check first, its dearest findings shown. */
function checkSections(
  findings: readonly Finding[],
  format: Format,
  bold: (text: string) => string,
  most: number,
): string[][] {
  const byCheck = [...Map.groupBy(findings, ({ check }) => check)].map(([check, found]) => ({
    check,
    found: found.toSorted((a, b) => stake(b).comparedTo(stake(a)) || (a.id < b.id ? -1 : 1)),
  }));
  return byCheck
    .toSorted((a, b) => stakeOf(b.found).comparedTo(stakeOf(a.found)) || (a.check < b.check ? -1 : 1))
    .map(({ check, found }) => {
      const lines = columns(
        found.slice(0, SHOWN).map((finding) => findingCells(finding, format, most)),
        ['right', 'left', 'left', 'left', 'left'],
        most,
      );
      const left = found.length - SHOWN;
      const more =
        left > 0 ? [`  and ${format.count(left)} more: bursar findings --check ${plain(check, 60)}`] : [];
      return [bold(`${plain(check, 60)} (${format.count(found.length)}), cost a month`), ...lines, ...more];
    });
}

function findingCells(finding: Finding, format: Format, most: number): string[] {
  const { monthlyCost, monthlySaving, costBasis, verdict, region, owner } = finding;
  // What a stop would save is told where it is not simply the cost: a commitment is paid all the same.
  const saves =
    monthlySaving === null || monthlySaving.amount === monthlyCost?.amount
      ? ''
      : `, saves ${format.money(monthlySaving)}`;
  return [
    `  ${monthlyCost === null ? 'unknown' : `${costBasis === 'list-estimate' ? 'about ' : ''}${format.money(monthlyCost)}`}`,
    `${verdict}${saves}`,
    // A wide character takes two columns: the owner must not be what is cut off for them.
    fit(shortName(finding, Math.max(20, most - 66)), Math.max(20, most - 66)),
    plain(region, 16),
    owner === null ? 'no known owner' : plain(owner.id, 40),
  ];
}

/** What is switched off and shown of one scope: a store may name each of its indexes. */
const OFF_SHOWN = 10;

/** What was not read completely, with what to do; scopes that fail alike are told once. */
function gapLines(
  coverage: readonly Coverage[],
  bold: (text: string) => string,
  indented: (text: string, by: number) => string[],
): string[] {
  const open = coverage.filter(({ status }) => status !== 'complete');
  const off = coverage.flatMap(({ scope, switchedOff = [] }) =>
    switchedOff.length === 0
      ? []
      : [
          `${plain(scope, 80)} (${switchedOff.slice(0, OFF_SHOWN).join(', ')}${switchedOff.length > OFF_SHOWN ? ` and ${switchedOff.length - OFF_SHOWN} more` : ''})`,
        ],
  );
  const offLines =
    off.length === 0
      ? []
      : indented(`Not looked at, since it is switched off or not offered: ${off.join('; ')}`, 0);
  if (open.length === 0)
    return coverage.length === 0
      ? []
      : [
          coverage.length === 1
            ? 'All of it was read completely.'
            : `All ${coverage.length} scopes were read completely.`,
          ...offLines,
        ];
  const alike = Map.groupBy(open, ({ status, reason, scope }) =>
    JSON.stringify([status, (reason ?? '').replaceAll(scope, '')]),
  );
  return [
    bold(`Not seen (${open.length} of ${coverage.length} scopes)`),
    ...[...alike.values()].flatMap((gaps) => {
      const [first] = gaps;
      if (first === undefined || first.status === 'complete') return [];
      const scopes = gaps.map(({ scope }) => plain(scope, 80)).join(', ');
      // A reason is what was wrong, then what to do, each on a line of its own.
      const [why = '', ...todo] = (first.reason ?? '').split('\n').map((line) => plain(line, 600));
      return [
        ...indented(`${scopes}: ${STATUS[first.status]}`, 2),
        ...alikeOnce([withoutScope(why, first.scope), ...todo].filter(Boolean)).flatMap((line) =>
          indented(line, 4),
        ),
      ];
    }),
    ...offLines,
  ];
}

/** Datasets of which the same is told stand before it together: one cause, as credentials that are gone, fails them all. */
function alikeOnce(lines: readonly string[]): string[] {
  const byWhy = Map.groupBy(
    lines.map((line) => /^(?<id>[a-z]\w*(?:\.[\w-]+)+): (?<why>.*)$/.exec(line)?.groups ?? { why: line }),
    ({ why }) => why ?? '',
  );
  return [...byWhy].flatMap(([why, all]) => {
    const ids = all.flatMap(({ id }) => id ?? []);
    return ids.length === 0 ? [why] : [`${ids.join(', ')}: ${why}`];
  });
}

/** An error's text begins with where it happened, which stands above it already. */
function withoutScope(text: string, scope: string): string {
  return text.startsWith(`${scope}: `) ? text.slice(scope.length + 2) : text;
}

function ownCostLine({ ownCost }: Audited, format: Format): string {
  const calls = ownCost.calls.reduce((sum, { count }) => sum + count, 0);
  return calls === 0
    ? 'This audit called no API.'
    : `This audit cost ${format.exact(ownCost)} in API fees, ${format.count(calls)} ${calls === 1 ? 'call' : 'calls'}.`;
}

/** What is at stake a month in any currency, for the order of lines only. */
function stake({ monthlySaving, monthlyCost }: Finding): Decimal {
  const money = monthlyCost ?? monthlySaving;
  return money === null ? new Decimal(-1) : exact(money.amount);
}

function stakeOf(findings: readonly Finding[]): Decimal {
  return findings.reduce((most, finding) => Decimal.max(most, stake(finding)), new Decimal(-1));
}
