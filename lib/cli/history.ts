import { plain } from '../digest/names.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { trailOf } from '../run/trail.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';

/** `bursar history ID|RESOURCE`, of a finding, its resource, an alert or a report: who did what, when and why, oldest first. */
export async function history(name: string, options: CommonOptions): Promise<void> {
  await using assembled = await assembleCli(options, nowOf(options), terminalProgress());
  const trail = await trailOf(assembled.auditor.ledger, name);
  if (options.format === 'json') return print(JSON.stringify(trail, null, 2), options);
  await print(lines(trail).join('\n'), options);
}

/** A line for each step, and below it why; which finding it is of only where there are several. */
function lines(trail: Awaited<ReturnType<typeof trailOf>>): string[] {
  const steps = trail.map((entry) => ({ at: entry.at, who: entry.actor, ...told(entry) }));
  const several = new Set(steps.map(({ of }) => of)).size > 1;
  return [
    ...steps.flatMap(({ at, who, change, why, of }) => [
      plain([at, change, `by ${who}`, ...(several ? [`(${of})`] : [])].join('  '), MOST),
      `    ${plain(why, MOST)}`,
    ]),
    `(${steps.length} ${steps.length === 1 ? 'step' : 'steps'}${several || steps[0] === undefined ? '' : ` of ${steps[0].of}`})`,
  ];
}

/** Characters of a line: no reason in a trail is longer. */
const MOST = 2_000;

/** `WARNED -> STOPPED`; what stays as it was is named once. */
export function changeText({ from, to }: { readonly from: string | null; readonly to: string }): string {
  return from === to ? `still ${to}` : `${from ?? 'new'} -> ${to}`;
}

function told(entry: Awaited<ReturnType<typeof trailOf>>[number]) {
  if ('reportId' in entry)
    return { change: 'opened', why: 'a member of its channel asked for a link', of: entry.reportId };
  return {
    change: changeText(entry),
    why: entry.reason,
    of: 'alertId' in entry ? entry.alertId : entry.findingId,
  };
}
