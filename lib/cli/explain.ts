import { evidenceValue, windowDays } from '../digest/evidence-words.ts';
import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { DATASET_PERMISSIONS } from '../run/assemble/datasets.ts';
import { type AskedFor, type Explained, explain as explainFinding } from '../run/explain.ts';
import { realisedOf } from '../run/units/realised.ts';
import type { SavingEffect } from '../run/units/savings.ts';
import { adviceText } from './advice.ts';
import { changeText } from './history.ts';
import { type CommonOptions, nowOf, print, tellCost, terminalProgress } from './io.ts';
import { plot } from './plot.ts';
import { effectLines } from './saving-effects.ts';

const WIDEST = 400;

/**
 * `bursar explain ID|RESOURCE`: the policy that applies, the evidence and its series, the arithmetic of the saving,
 * what a stop saved and what its units did before and after, what was asked for it, what would change the verdict, and what has happened.
 */
export async function explain(name: string, options: CommonOptions): Promise<void> {
  const now = nowOf(options);
  const progress = terminalProgress();
  await using assembled = await assembleCli(options, now, progress);
  const { auditor, config } = assembled;
  const all = await explainFinding(auditor, DATASET_PERMISSIONS, name);
  const realised = await realisedOf(
    auditor,
    all.map(({ record }) => record),
    config.dimensions,
    now,
  );
  tellCost(auditor, progress);
  const found = all.map((each) => ({
    ...each,
    realised: realised.get(each.record.finding.resourceId) ?? [],
  }));
  if (options.format === 'json') return print(JSON.stringify(found, null, 2), options);
  const format = digestFormat(auditor.organisation.timezone);
  await print(found.map((each) => textOf(each, format)).join('\n\n'), options);
}

function textOf(
  explained: Explained & { readonly realised: readonly SavingEffect[] },
  format: Format,
): string {
  const { record, trail, series, saving, asked, wouldChange, advice, realised } = explained;
  const { finding, life } = record;
  const { monthlyCost, monthlySaving, costBasis, evidence, blindSpots, dueAt } = finding;
  const costs = monthlyCost === null ? 'not known' : `${format.exact(monthlyCost)} a month (${costBasis})`;
  const saves =
    monthlySaving === null ? 'no saving is told' : `stopping saves ${format.exact(monthlySaving)}`;
  return [
    `${finding.id}  ${finding.check} ${finding.verdict}, ${finding.state}`,
    ...field('resource', `${finding.resourceName ?? ''} ${finding.resourceId}`),
    ...field('owner', finding.owner === null ? 'nobody' : `${finding.owner.id} (${finding.owner.source})`),
    ...field('why', finding.reason),
    ...field('cost', `${costs}; ${saves}`),
    ...field('policy', life === null ? 'none was applied yet' : life.policy.rule),
    ...field('grace', life?.policy.grace),
    ...field('due', dueAt === null ? null : `${dueAt}, unless somebody answers`),
    ...field('held back', life?.blocked),
    ...field('kept', life?.hold ? `until ${life.hold.until}: ${life.hold.reason}` : null),
    ...section('evidence', evidence.map(evidenceText)),
    ...section('series', plot(series)),
    ...section('saving', arithmetic(saving, finding.monthlyCost?.currency ?? '', format)),
    ...section(
      'realised, by the bills, and what happened to the units that paid for it (not why)',
      realised.flatMap((each) => effectLines(each, format)),
    ),
    ...section('asked for it', asked.map(askedText)),
    ...section('what would change it', wouldChange),
    ...section('cannot see', blindSpots),
    ...section(
      'what its provider says, never counted here',
      advice.map((said) => adviceText(said, format)),
    ),
    ...section(
      'history',
      trail.map((entry) => `${entry.at} ${entry.actor}: ${changeText(entry)}: ${entry.reason}`),
    ),
  ].join('\n');
}

function field(name: string, value: string | null | undefined): string[] {
  return value ? [`  ${name.padEnd(12)}${plain(value, WIDEST)}`] : [];
}

/** Keeps the layout of a line, and makes its text harmless (a name may hold anything). */
function harmless(line: string): string {
  return (line.match(/\s+|\S+/g) ?? [])
    .map((part) => (/^ +$/.test(part) ? part : plain(part, WIDEST)))
    .join('');
}

function evidenceText({
  name,
  value,
  unit,
  window,
  source,
}: Explained['record']['finding']['evidence'][number]): string {
  return [
    `${name}: ${evidenceValue({ value, unit })}`,
    ...(window === ''
      ? []
      : [`, ${windowDays(window) ?? window.replaceAll(/:\d\d(\.\d+)?Z/g, 'Z').replace('/', ' to ')}`]),
    ...(source === '' ? [] : [` (${source})`]),
  ].join('');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => harmless(`    ${line}`))];
}

/** Amounts under each other, the last one below a rule. */
function arithmetic(saving: Explained['saving'], currency: string, format: Format): string[] {
  const rows = saving.map(({ what, amount, source }) => ({
    what: source === '' ? what : `${what} (${source})`,
    amount: format.exact({ amount, currency }),
  }));
  const width = Math.max(0, ...rows.map(({ amount }) => amount.length));
  return rows.flatMap(({ what, amount }, at) => [
    ...(at === rows.length - 1 ? ['-'.repeat(width)] : []),
    `${amount.padStart(width)}  ${what}`,
  ]);
}

function askedText({ scope, dataset, calls, asOf }: AskedFor): string {
  const what = dataset === null ? scope : `${dataset} of ${scope}`;
  return `${what}${calls.length === 0 ? '' : `: ${calls.join(', ')}`}${asOf === null ? '' : `, as of ${asOf}`}`;
}
