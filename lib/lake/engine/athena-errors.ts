import type { QueryExecution } from '@aws-sdk/client-athena';
import { BursarError } from '../../platform/errors.ts';
import { usdOf } from './athena-price.ts';

/** AthenaError.ErrorCategory: 1 system, 2 user, 3 other (Athena API Reference, AthenaError). */
const USER = 2;

/** What a query that did not succeed says, as an error that a person can act on; null where it succeeded. */
export function athenaFailure(
  { Status, Statistics, WorkGroup }: QueryExecution,
  where: string,
  bytesLimit: bigint,
): BursarError | null {
  if (Status?.State === 'SUCCEEDED') return null;
  const said = oneLine(Status?.AthenaError?.ErrorMessage ?? Status?.StateChangeReason ?? 'no reason given');
  // A query over the workgroup's limit is cancelled, not failed (Athena User Guide, "Configure per-query data usage
  // controls"); the words are Athena's (quoted in dbt-labs/dbt-adapters, pull request 1221).
  if (/bytes scanned limit/i.test(said)) {
    const scanned = Statistics?.DataScannedInBytes ?? 0;
    return new BursarError(
      'input',
      `the query was cancelled at the limit of the workgroup ${WorkGroup ?? ''}, having scanned ${scanned} bytes`,
      {
        where,
        hint: `Ask for fewer days, or raise the limit of the workgroup and lake.athena.bytesLimit (now ${bytesLimit}, at most $${usdOf(bytesLimit)} a query).`,
      },
    );
  }
  if (Status?.State === 'CANCELLED')
    return new BursarError('unavailable', `the query was cancelled from elsewhere: ${said}`, { where });
  if (/access ?denied|insufficient (?:\w+ )?permission|not authorized|lake ?formation/i.test(said))
    return new BursarError('denied', `Athena may not read what it is asked for: ${said}`, {
      where,
      hint: 'Allow the role the export bucket, its KMS key, the Glue table and the results bucket: bursar doctor lists them.',
    });
  if (Status?.AthenaError?.ErrorCategory === USER || /^[A-Z_]+: line \d+/.test(said))
    return new BursarError('input', `Athena does not accept the query: ${said}`, { where });
  return new BursarError('unavailable', `Athena could not answer: ${said}`, {
    where,
    hint:
      Status?.AthenaError?.Retryable === true
        ? 'Athena says that it may succeed when asked again.'
        : 'Look at the query in the history of the workgroup.',
  });
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 400 ? `${line.slice(0, 397)}...` : line;
}
