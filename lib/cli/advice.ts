import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import type { Advice } from '../estate/model.ts';
import type { Money } from '../focus/money.ts';
import { type AdviceReport, adviceReport } from '../run/advice.ts';
import type { AdviceRow } from '../run/advice-rows.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

const WIDEST = 400;

/** `bursar advice`: what the clouds' own tools recommend, each thing once, beside what was found of it. */
export async function adviceCommand(options: CommonOptions): Promise<void> {
  const progress = terminalProgress();
  const now = nowOf(options);
  await using assembled = await assembleCli(options, now, progress);
  const report = await adviceReport(assembled.auditor, now);
  progress.done();
  const json = options.format === 'json';
  const { timezone } = assembled.auditor.organisation;
  await print(json ? JSON.stringify(report, null, 2) : shown(report, digestFormat(timezone)), options);
}

/** One line of advice, as it stands beside a finding. */
export function adviceText(said: Advice, format: Format): string {
  const { adviser, repeats, finding, action, monthlySaving, discounts, at } = said;
  const who = repeats === null ? adviser : `${adviser}, repeating ${repeats}`;
  const amount =
    monthlySaving === null
      ? 'no saving is told'
      : `it estimates ${format.exact(monthlySaving)} a month (discounts ${discounts})`;
  return `${who} says ${finding}: ${action}; ${amount}${at === null ? '' : `, ${at.slice(0, 10)}`}`;
}

/** Things that a reason is told of by name. */
const NAMED = 3;

function shown({ asked, rows, totals }: AdviceReport, format: Format): string {
  if (asked.length === 0)
    return 'No tool of a cloud was asked. Set estate.aws.advice or estate.gcp.advice to true in the config, and run bursar audit.';
  const { things, found, theirs, ours } = totals;
  return [
    ...(rows.length === 0 ? ['They recommend nothing.'] : [beside(rows, format), '', ...whys(rows)]),
    '',
    `They estimate ${sum(theirs, format)}, each of ${format.count(things)} things once.`,
    `Findings here stand beside ${format.count(found)} of these things, and save ${sum(ours, format)}. The two are never added.`,
    '',
    ...asked.map(askedText),
  ].join('\n');
}

function sum(amounts: readonly Money[], format: Format): string {
  return amounts.length === 0 ? 'no sum that is known' : `${format.amounts(amounts)} a month`;
}

function beside(rows: readonly AdviceRow[], format: Format): string {
  const lines = rows.map(({ says, resourceId, resourceName, theirs, ours, oursSaving }) => ({
    resource: resourceName ?? resourceId,
    'who says': [...new Set(says.map(({ adviser }) => adviser))].join(', '),
    what: says[0]?.action ?? '',
    theirs: theirs === null ? '' : format.exact(theirs),
    ours:
      ours.length === 0
        ? 'none'
        : ours.map(({ check, verdict, state }) => `${check} ${verdict} ${state}`).join(', '),
    'ours saves': oursSaving === null ? '' : format.exact(oursSaving),
  }));
  return table(['resource', 'who says', 'what', 'theirs', 'ours', 'ours saves'], lines, 'table');
}

/** Each reason once, with the things that it is of. */
function whys(rows: readonly AdviceRow[]): string[] {
  const things = new Map<string, string[]>();
  for (const { why, resourceName, resourceId } of rows)
    for (const reason of why) things.set(reason, [...(things.get(reason) ?? []), resourceName ?? resourceId]);
  const told = [...things].map(([reason, of]) => {
    const more = of.length > NAMED ? ` and ${of.length - NAMED} more` : '';
    return `  ${plain(reason, WIDEST)} (${plain(of.slice(0, NAMED).join(', '), WIDEST)}${more})`;
  });
  return told.length === 0 ? [] : ['Why they differ', ...told];
}

function askedText({ adviser, scope, status, reason, asOf }: AdviceReport['asked'][number]): string {
  const why = reason === null ? '' : `: ${plain(reason, WIDEST)}`;
  return `${adviser} in ${plain(scope, WIDEST)}: ${status}${why} (as of ${asOf})`;
}
