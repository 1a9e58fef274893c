import { digestFormat } from '../digest/format.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { listFindings } from '../run/findings.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

/** `bursar findings`: what the ledger holds, newest look first; resolved ones too unless `--state-is` says otherwise. */
export async function findings(
  options: CommonOptions & { stateIs?: string; check?: string; wide?: true },
): Promise<void> {
  await using assembled = await assembleCli(options, nowOf(options), terminalProgress());
  const found = await listFindings(assembled.auditor, {
    state: options.stateIs ?? null,
    check: options.check ?? null,
  });
  if (options.format === 'json') return print(JSON.stringify(found, null, 2), options);
  const format = digestFormat(assembled.auditor.organisation.timezone);
  const rows = found.map(
    ({
      id,
      check,
      verdict,
      state,
      severity,
      monthlyCost,
      monthlySaving,
      costBasis,
      resourceId,
      owner,
      firstSeen,
    }) => ({
      id,
      check,
      verdict,
      state,
      severity,
      cost:
        monthlyCost === null
          ? ''
          : `${costBasis === 'list-estimate' ? 'about ' : ''}${format.exact(monthlyCost)}`,
      saving: monthlySaving === null ? '' : format.exact(monthlySaving),
      since: firstSeen.slice(0, 10),
      owner: owner?.id ?? '',
      resource: resourceId,
    }),
  );
  await print(
    table(
      ['id', 'check', 'verdict', 'state', 'severity', 'cost', 'saving', 'since', 'owner', 'resource'],
      rows,
      'table',
      // What is asked for wide is for a pager or a copy: the terminal may break its lines.
      options.wide === true ? Number.MAX_SAFE_INTEGER : undefined,
      ['since', 'severity', 'owner', 'state', 'verdict'],
      // Half an ARN can be neither copied nor looked up.
      ['resource'],
    ),
    options,
  );
}
