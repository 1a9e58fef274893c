import { digestFormat } from '../digest/format.ts';
import { sumByCurrency } from '../focus/money.ts';
import { BursarError } from '../platform/errors.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { assembleSimulation } from '../run/assemble/simulate.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

const MOST_DAYS = 366;

/** `bursar simulate`: who would be warned when, and what would be stopped when, if nobody answered anything. */
export async function simulateCommand(
  options: CommonOptions & { days: string; policy?: string },
): Promise<void> {
  const days = Number(options.days);
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new BursarError('input', `--days ${JSON.stringify(options.days)} is no number of days`, {
      hint: `Write a whole number from 1 to ${MOST_DAYS}.`,
    });
  const now = nowOf(options);
  await using assembled = await assembleCli(options, now, terminalProgress());
  const { auditor, config } = assembled;
  const foreseen = await assembleSimulation(auditor, config, options.policy ?? null, days, now);
  if (options.format === 'json') return print(JSON.stringify(foreseen, null, 2), options);
  const format = digestFormat(auditor.organisation.timezone);
  const rows = foreseen.map(({ at, what, to, resourceName, resourceId, monthlySaving, why }) => ({
    at,
    what,
    who: to ?? '',
    resource: resourceName ?? resourceId,
    saving: monthlySaving === null ? '' : format.exact(monthlySaving),
    why,
  }));
  const saved = sumByCurrency(
    foreseen.flatMap(({ what, monthlySaving }) =>
      what === 'stop' && monthlySaving !== null ? [monthlySaving] : [],
    ),
  );
  const total = saved.length === 0 ? 'nothing' : saved.map((each) => format.exact(each)).join(', ');
  await print(
    [
      table(['at', 'what', 'who', 'resource', 'saving', 'why'], rows, 'table'),
      `Stopping these would save ${total} a month.`,
    ].join('\n'),
    options,
  );
}
