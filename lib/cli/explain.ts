import { digestFormat, type Format } from '../digest/format.ts';
import { plain } from '../digest/names.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { type Explained, explained } from '../run/trail.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';

const WIDEST = 400;

/** `bursar explain ID|RESOURCE`: the policy that applies, the evidence, the arithmetic, and what has happened. */
export async function explain(name: string, options: CommonOptions): Promise<void> {
  await using assembled = await assembleCli(options, nowOf(options), terminalProgress());
  const found = await explained(assembled.auditor.ledger, name);
  if (options.format === 'json') return print(JSON.stringify(found, null, 2), options);
  const format = digestFormat(assembled.auditor.organisation.timezone);
  await print(found.map((each) => textOf(each, format)).join('\n\n'), options);
}

function textOf({ record, trail }: Explained, format: Format): string {
  const { finding, life } = record;
  const { monthlyCost, monthlySaving, costBasis, evidence, blindSpots, dueAt } = finding;
  const amount = (money: typeof monthlyCost) => (money === null ? 'not known' : format.exact(money));
  const lines = [
    `${finding.id}  ${finding.check} ${finding.verdict}, ${finding.state}`,
    `  resource    ${finding.resourceName ?? ''} ${finding.resourceId}`,
    `  owner       ${finding.owner === null ? 'nobody' : `${finding.owner.id} (${finding.owner.source})`}`,
    `  why         ${finding.reason}`,
    `  cost        ${amount(monthlyCost)} a month (${costBasis}); stopping saves ${amount(monthlySaving)}`,
    `  policy      ${life === null ? 'none was applied yet' : life.policy.rule}`,
    ...(life?.policy.grace ? [`  grace       ${life.policy.grace}`] : []),
    ...(dueAt === null ? [] : [`  due         ${dueAt}, unless somebody answers`]),
    ...(life?.blocked ? [`  held back   ${life.blocked}`] : []),
    ...(life?.hold ? [`  kept        until ${life.hold.until}: ${life.hold.reason}`] : []),
    '  evidence',
    ...evidence.map(
      ({ name, value, unit, window, source }) =>
        `    ${name}: ${value} ${unit}${window === '' ? '' : `, ${window}`}${source === '' ? '' : ` (${source})`}`,
    ),
    ...(blindSpots.length === 0 ? [] : ['  cannot see', ...blindSpots.map((each) => `    ${each}`)]),
    '  history',
    ...trail.map(
      ({ at, actor, from, to, reason }) => `    ${at} ${actor}: ${from ?? 'new'} -> ${to}: ${reason}`,
    ),
  ];
  return lines.map((line) => `${/^ */.exec(line)?.[0] ?? ''}${plain(line.trimStart(), WIDEST)}`).join('\n');
}
