import { allLines } from '../digest/figures.ts';
import { digestFormat } from '../digest/format.ts';
import type { Finding } from '../ledger/model.ts';
import { assembleCli } from '../run/assemble/cli.ts';
import { listFindings } from '../run/findings.ts';
import { type CommonOptions, nowOf, print, terminalProgress } from './io.ts';
import { table } from './table.ts';

/**
 * `bursar findings`: what the ledger holds, as the report orders it: the largest saving first, then the largest cost;
 * resolved ones after those, unless `--state-is` says otherwise. As JSON in order of id.
 */
export async function findings(
  options: CommonOptions & { stateIs?: string; check?: string; wide?: true },
): Promise<void> {
  const now = nowOf(options);
  await using assembled = await assembleCli(options, now, terminalProgress());
  const found = await listFindings(assembled.auditor, {
    state: options.stateIs ?? null,
    check: options.check ?? null,
  });
  if (options.format === 'json') return print(JSON.stringify(found, null, 2), options);
  const { timezone, currency } = assembled.auditor.organisation;
  const format = digestFormat(timezone);
  const rows = dearestFirst(found, now.toISOString(), currency).map(
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
      resourceName,
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
      // What has no name of its own is known by its id alone.
      name: resourceName ?? resourceId,
      resource: resourceId,
    }),
  );
  await print(
    table(
      ['id', 'check', 'verdict', 'state', 'severity', 'cost', 'saving', 'since', 'owner', 'name', 'resource'],
      rows,
      'table',
      // What is asked for wide is for a pager or a copy: the terminal may break its lines.
      options.wide === true ? Number.MAX_SAFE_INTEGER : undefined,
      // By name or id `explain` tells where a thing is.
      ['since', 'resource', 'severity', 'owner', 'state', 'verdict'],
      // Half an ARN can be neither copied nor looked up.
      ['resource'],
    ),
    options,
  );
}

/** As a report orders them; what is resolved after all that is not. */
export function dearestFirst(found: readonly Finding[], now: string, main: string): Finding[] {
  const place = new Map(allLines(found, now, main).map(({ findingId }, at) => [findingId, at]));
  return found.toSorted(
    (a, b) => Number(isOver(a)) - Number(isOver(b)) || (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0),
  );
}

function isOver({ state }: Finding): boolean {
  return state === 'RESOLVED';
}
