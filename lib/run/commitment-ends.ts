import { type CommitmentEnd, commitmentEnds } from '../lake/queries/commitments-held.ts';
import type { Auditor } from './auditor.ts';

/** Tables that tell ends of commitments beside a bill. */
const TABLES = ['savings plans', 'reservations'];

/**
 * When commitments end, by the id that the bill calls them by, ISO-8601 UTC. What is paid at once tells it on the bill;
 * what is paid by the month does not, and Cost Explorer tells it beside the bill, by ARN.
 * @param from ends up to then are left out, where the bill tells them
 */
export async function endsOfCommitments(
  { lake }: Pick<Auditor, 'lake'>,
  sources: readonly string[] | null,
  from: string,
): Promise<ReadonlyMap<string, string>> {
  const ends = new Map<string, string>();
  for (const { sourceId } of await lake.sources())
    for (const table of TABLES)
      for (const { id, ends: end } of (await lake.beside(sourceId, table))?.rows ?? [])
        if (typeof id === 'string' && typeof end === 'string') ends.set(id, new Date(end).toISOString());
  const billed = await lake.ask<CommitmentEnd & Record<string, unknown>>(
    commitmentEnds.name,
    { now: from },
    sources,
  );
  for (const { id, end } of billed) ends.set(id, end);
  return ends;
}
