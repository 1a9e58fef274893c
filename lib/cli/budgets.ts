import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { budgetAlerts, budgetPercent, isExceeded } from '../digest/outlook-words.ts';
import { BursarError } from '../platform/errors.ts';
import { statesOf } from '../run/alerts/states.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import type { BudgetReport, BudgetRow } from '../run/budget-model.ts';
import { budgetReport } from '../run/budgets.ts';
import { ingestNamed } from '../run/whole.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { table } from './table.ts';

const WIDEST = 240;

/** `bursar budgets`: how each budget of the config stands, what is to come, and which alerts are open. */
export async function budgetsCommand(options: CommonOptions & { bills?: string[] }): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const { auditor, config, named } = assembled;
  const { alerts } = auditor;
  if (alerts === undefined || alerts.budgets.length === 0)
    throw new BursarError('input', 'the config names no budget', {
      hint: 'Add one: budgets: [{ name: research, amount: { USD: "20000" }, where: { team: research } }].',
    });
  const sources = named ? await ingestNamed(auditor, now, progress) : null;
  if (sources === null && (await auditor.lake.sources()).length === 0)
    throw new BursarError('input', 'there is no bill yet', {
      where: options.state,
      hint: 'Name FOCUS files with --bills, or run bursar audit first.',
    });
  const report = await statesOf(auditor.ledger, await budgetReport(auditor, alerts, sources, now));
  progress.done();
  tellCost(auditor, progress);
  const format = digestFormat(config.organisation.timezone);
  await print(options.format === 'json' ? JSON.stringify(report, null, 2) : shown(report, format), options);
}

function shown({ rows }: BudgetReport, format: Format): string {
  return [
    table(
      ['budget', 'period', 'spent', 'limit', 'reached', 'forecast', 'to exceed', 'alerts'],
      rows.map((row) => lineOf(row, format)),
      'table',
    ),
    '',
    ...rows.flatMap((row) => notesOf(row, format)).map((note) => plain(note, WIDEST)),
    'Spent: effective cost of settled days, UTC, without credits and corrections.',
  ].join('\n');
}

function lineOf(row: BudgetRow, format: Format): Record<string, string> {
  const { outlook, spent, limit } = row;
  const percent = budgetPercent(row);
  return {
    budget: plain(row.name, 40),
    period: format.period(row),
    spent: `${[spent, ...row.notComparable.map(({ amount }) => amount)].map((each) => format.exact(each)).join(' + ')}${percent === null ? '' : ` (${percent}%)`}`,
    limit: format.exact(limit),
    reached: row.reached.length === 0 ? '-' : `${row.reached.at(-1) ?? ''}%`,
    forecast: outlook === null ? '-' : `${outlook.extended ? '~' : ''}${format.exact(outlook.total)}`,
    'to exceed': isExceeded(row)
      ? 'exceeded'
      : outlook === null
        ? '-'
        : `${Math.round(outlook.probability * 100)}%`,
    alerts: row.alerts.length === 0 ? '-' : budgetAlerts(row.alerts).join('; '),
  };
}

function notesOf({ name, notEnough, throttle, experiment, ...row }: BudgetRow, format: Format): string[] {
  return [
    ...(row.until < row.end ? [`settled up to ${row.until}.`] : []),
    ...(notEnough === null ? [] : [`not enough to foresee. ${notEnough}`]),
    ...(throttle === null
      ? []
      : [
          `to keep the limit, use would have to fall by ${throttle.percent}%, from ${format.exact(throttle.recent)} a day lately to ${format.exact(throttle.allowed)}; Bursar throttles nothing.`,
        ]),
    ...(experiment === null
      ? []
      : [
          `an experiment until ${experiment.until}; charged from then on: ${format.exact(experiment.since)}.`,
        ]),
    ...row.notComparable.map(
      ({ amount, why }) => `NOT COMPARABLE and in no figure: ${format.exact(amount)}: ${why}.`,
    ),
    ...row.notes,
  ].map((note) => `${name}: ${note}`);
}
