import { Decimal, decimal } from '../focus/decimal.ts';
import { type Money, sumByCurrency } from '../focus/money.ts';
import type { Finding } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';
import type { ApiCalls } from '../platform/meter.ts';
import { digestFormat, type Format } from './format.ts';
import { plain } from './names.ts';
import { columns, wrap } from './terminal.ts';
import { totalSaving, wastedResources } from './waste.ts';

const WIDTH = 100;
const SHOWN = 40;

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

/** An audit for a terminal: what was read, what it cost, what was found, what could not be seen. */
export function auditText(
  result: Audited,
  options: { timezone?: string; locale?: string; colour?: boolean } = {},
): string {
  const format = digestFormat(options.timezone ?? 'UTC', options.locale);
  const bold = (text: string) => (options.colour ? `\u001b[1m${text}\u001b[22m` : text);
  const sections = [
    [bold('Spend'), ...spendLines(result, format)],
    [
      bold(`Findings (${result.findings.length})`),
      ...findingLines(result.findings, format),
      ...totalLine(result, format),
    ],
    gaps(result.coverage, bold),
    [
      `This audit: ${format.exact(result.ownCost)} of provider calls, ${result.ownCost.calls.reduce((sum, { count }) => sum + count, 0)} calls.`,
    ],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function spendLines({ spend }: Audited, format: Format): string[] {
  if (spend.length === 0) return ['  no bill was read'];
  return columns(
    spend.map(({ currency, billed, effective, start, end }) => [
      `  ${format.exact({ amount: billed, currency })}`,
      'billed',
      format.exact({ amount: effective, currency }),
      `effective  ${start.slice(0, 10)} to ${end.slice(0, 10)} (end not included)`,
    ]),
    ['right', 'left', 'right', 'left'],
    WIDTH,
  );
}

function findingLines(findings: readonly Finding[], format: Format): string[] {
  const ranked = findings.toSorted((a, b) => stake(b).comparedTo(stake(a)) || (a.id < b.id ? -1 : 1));
  const lines = columns(
    ranked
      .slice(0, SHOWN)
      .map((finding) => [
        `  ${finding.id.slice(0, 10)}`,
        finding.check,
        finding.verdict,
        finding.monthlyCost === null ? 'no price' : format.money(finding.monthlyCost),
        plain(finding.resourceName ?? finding.resourceId, 36),
        plain(finding.owner?.id ?? 'no owner', 30),
      ]),
    ['left', 'left', 'left', 'right', 'left', 'left'],
    WIDTH,
  );
  const left = findings.length - SHOWN;
  return left > 0 ? [...lines, `  and ${left} more: bursar findings`] : lines.length > 0 ? lines : ['  none'];
}

function totalLine({ findings }: Audited, format: Format): string[] {
  const currencies = sumByCurrency(
    findings.flatMap(({ monthlyCost }) => (monthlyCost === null ? [] : [monthlyCost])),
  );
  const { amounts } = totalSaving(wastedResources(findings, currencies[0]?.currency ?? 'USD'));
  return amounts.length === 0
    ? []
    : [`  Stopping what is idle or unused would save ${format.amounts(amounts)} a month.`];
}

function gaps(coverage: readonly Coverage[], bold: (text: string) => string): string[] {
  const open = coverage.filter(({ status }) => status !== 'complete');
  if (open.length === 0)
    return coverage.length === 0 ? [] : [`All ${coverage.length} scopes were read completely.`];
  return [
    bold(`Not seen (${open.length} of ${coverage.length} scopes)`),
    ...open.flatMap(({ scope, status, reason }) =>
      wrap(`${plain(scope, 80)} (${status}): ${plain(reason ?? '', 400)}`, WIDTH - 4).map(
        (line, at) => `${at === 0 ? '  ' : '    '}${line}`,
      ),
    ),
  ];
}

/** What is at stake a month in any currency, for the order of lines only. */
function stake({ monthlySaving, monthlyCost }: Finding): Decimal {
  return monthlySaving !== null
    ? decimal(monthlySaving.amount)
    : monthlyCost !== null
      ? decimal(monthlyCost.amount)
      : new Decimal(-1);
}
