import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { type CommitmentReport, commitmentReport } from '../run/commitments.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { table } from './table.ts';

const WIDEST = 400;

/** `bursar commitments`: what is committed, what to commit next, and why. Nothing is ever bought. */
export async function commitmentsCommand(options: CommonOptions): Promise<void> {
  const progress = terminalProgress();
  const now = nowOf(options);
  await using assembled = await assembleCli(options, now, progress);
  const { auditor } = assembled;
  const report = await commitmentReport(auditor, now);
  progress.done();
  tellCost(auditor, progress);
  const format = digestFormat(auditor.organisation.timezone);
  await print(options.format === 'json' ? JSON.stringify(report, null, 2) : shown(report, format), options);
}

function shown(report: CommitmentReport, format: Format): string {
  const { window, advice, untold } = report;
  if (window === null) return 'There is no bill yet: name FOCUS files with bursar audit --bills.';
  return [
    `Bills from ${window.start.slice(0, 10)} to ${window.end.slice(0, 10)}. Nothing is bought: what to buy is yours to decide.`,
    ...heldText(report, format),
    ...coverageText(report, format),
    '',
    ...(advice.length === 0
      ? ['Nothing to buy is advised.']
      : advice.flatMap((each) => adviceText(each, format))),
    ...untold.map(
      ({ programme, currency, notEnough, reason }) =>
        `${plain(programme, WIDEST)}, ${currency}: ${notEnough ? 'not enough to tell. ' : ''}${plain(reason, WIDEST)}`,
    ),
    ...providerText(report, format),
  ].join('\n');
}

function providerText({ provider }: CommitmentReport, format: Format): string[] {
  return provider.flatMap(({ programme, what, term, lookbackDays, hourly, monthlySaving, why }, at) => [
    ...(at === 0 ? ['', 'What the provider recommends'] : []),
    `${plain(programme, WIDEST)} (${term}, ${plain(what, WIDEST)}): ${hourly === null ? 'no hourly amount' : `${hourly.amount} ${hourly.currency}/h`}, saves ${monthlySaving === null ? 'what it does not tell' : `${format.exact(monthlySaving)} a month`} by the last ${lookbackDays} days`,
    ...why.map((each) => `  - ${plain(each, 2 * WIDEST)}`),
  ]);
}

function heldText({ held }: CommitmentReport, format: Format): string[] {
  if (held.length === 0) return ['', 'No commitment is on the bill.'];
  const rows = held.map(({ id, name, programme, used, unused, utilisation, hourly, ends }) => ({
    commitment: name ?? id,
    programme: programme ?? '',
    used: format.exact(used),
    unused: format.exact(unused),
    utilisation: percent(utilisation),
    'an hour': hourly === null ? 'not told' : `${hourly.amount} ${hourly.currency}`,
    ends: ends?.slice(0, 10) ?? 'not told',
  }));
  return [
    '',
    'Committed',
    table(['commitment', 'programme', 'used', 'unused', 'utilisation', 'an hour', 'ends'], rows, 'table'),
  ];
}

function coverageText({ coverage }: CommitmentReport, format: Format): string[] {
  if (coverage.length === 0) return [];
  const rows = coverage.map(({ kind, currency, covered, onDemand, share }) => ({
    spend: kind,
    covered: format.exact({ amount: covered, currency }),
    'on demand': format.exact({ amount: onDemand, currency }),
    coverage: percent(share),
  }));
  return ['', 'Coverage', table(['spend', 'covered', 'on demand', 'coverage'], rows, 'table')];
}

function adviceText(advice: CommitmentReport['advice'][number], format: Format): string[] {
  const { programme, rate, schedule, monthlySaving, lossProbability, worst, upfront, breakEven } = advice;
  const buys = schedule.map(
    ({ at, hourly, condition }) =>
      `${hourly.amount} ${hourly.currency}/h ${condition === null ? 'now' : `on ${at} ${plain(condition, WIDEST)}`}`,
  );
  return [
    `${plain(programme, WIDEST)} (${rate.term}, ${{ none: 'no upfront', partial: 'partial upfront', all: 'all upfront' }[rate.payment]}): buy ${buys.join('; ')}`,
    `  saves ${format.exact(monthlySaving)} in 30 days; used ${percent(advice.utilisation)}; P(loss) ${percent(lossProbability)}; worst ${format.exact(worst.saving)} over the term (${worst.scenario})`,
    `  ${format.exact(upfront)} upfront, ${format.exact(advice.obligation)} over the term${breakEven === null ? '' : `; paid for on ${breakEven} at this use`}`,
    ...advice.alternatives.map(
      (other) =>
        `  or ${other.rate.term}, upfront ${other.rate.payment}: ${other.hourly.amount} ${other.hourly.currency}/h saves ${format.exact(other.monthlySaving)}`,
    ),
    `  ${advice.reason}`,
    ...advice.assumptions.map((each) => `  - ${each}`),
    '',
  ];
}

function percent(share: string | null): string {
  return share === null ? 'not told' : `${(Number(share) * 100).toFixed(1)}%`;
}
