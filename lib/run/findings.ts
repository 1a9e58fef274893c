import { checks } from '../checks/index.ts';
import { nearest } from '../config/nearest.ts';
import type { Finding } from '../ledger/model.ts';
import { STATES } from '../ledger/schema.ts';
import { BursarError } from '../platform/errors.ts';
import type { Auditor } from './auditor.ts';

/**
 * What the ledger holds, in order of id, narrowed by state and check.
 * @throws BursarError (input) where there is no such state, or neither this version nor the ledger knows the check: a
 *   word that is misspelt is not told as "none"
 */
export async function listFindings(
  { ledger }: Pick<Auditor, 'ledger'>,
  { state, check }: { state: string | null; check: string | null },
): Promise<Finding[]> {
  if (state !== null && !STATES.some((one) => one === state)) throw unknown('state', state, STATES);
  const known = new Set(checks.map(({ id }) => id));
  const found: Finding[] = [];
  for await (const { finding } of ledger.all()) {
    known.add(finding.check);
    if ((state === null || finding.state === state) && (check === null || finding.check === check))
      found.push(finding);
  }
  if (check !== null && !known.has(check)) throw unknown('check', check, [...known].toSorted());
  return found;
}

function unknown(what: string, written: string, known: readonly string[]): BursarError {
  const near = nearest(written, known);
  return new BursarError('input', `there is no ${what} ${JSON.stringify(written)}`, {
    hint: near === null ? `Known: ${known.join(', ')}.` : `Did you mean ${near}?`,
  });
}
