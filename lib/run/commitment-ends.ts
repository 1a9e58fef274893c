import type { Resource, Snapshot } from '../estate/model.ts';
import { parseDecimal } from '../focus/decimal.ts';
import { type CommitmentEnd, commitmentEnds } from '../lake/queries/commitments-held.ts';
import { SPEND_COMMITMENTS } from '../sources/gcp-bigquery/commitments.ts';
import type { Auditor } from './auditor.ts';

/** Tables that tell ends of commitments beside a bill. */
const TABLES = ['savings plans', 'reservations', SPEND_COMMITMENTS];

/**
 * When commitments end, by the id that the bill calls them by, ISO-8601 UTC. What is paid at once tells it on the bill;
 * what is paid by the month does not: Cost Explorer tells it beside the bill, by ARN, and Compute Engine of commitments
 * for machines; of spend-based ones of Google, their export.
 * @param from ends up to then are left out, where the bill tells them
 */
export async function endsOfCommitments(
  { lake }: Pick<Auditor, 'lake'>,
  sources: readonly string[] | null,
  from: string,
): Promise<ReadonlyMap<string, string>> {
  const ends = new Map<string, string>(await endsOfGcp(lake));
  for (const { sourceId } of await lake.sources())
    for (const table of TABLES)
      for (const { id, ends: end } of (await lake.beside(sourceId, table))?.rows ?? [])
        if (typeof id === 'string' && typeof end === 'string')
          for (const name of spellings(table, id)) ends.set(name, new Date(end).toISOString());
  const billed = await lake.ask<CommitmentEnd & Record<string, unknown>>(
    commitmentEnds.name,
    { now: from },
    sources,
  );
  for (const { id, end } of billed) ends.set(id, end);
  return ends;
}

/** What commitments are worth an hour, by the same ids, where a table beside a bill tells it. */
export async function amountsOfCommitments({
  lake,
}: Pick<Auditor, 'lake'>): Promise<
  ReadonlyMap<string, { readonly amount: string; readonly currency: string | null }>
> {
  const amounts = new Map<string, { amount: string; currency: string | null }>();
  for (const { sourceId } of await lake.sources())
    for (const table of TABLES)
      for (const { id, hourly, currency } of (await lake.beside(sourceId, table))?.rows ?? [])
        if (typeof id === 'string' && typeof hourly === 'string' && parseDecimal(hourly).ok)
          for (const name of spellings(table, id))
            amounts.set(name, { amount: hourly, currency: currency ?? null });
  return amounts;
}

/** Bills of Google write `subscriptions/<id>` ("Spend-based CUDs data model updates"), the export the id alone. */
function spellings(table: string, id: string): string[] {
  return table === SPEND_COMMITMENTS && !id.includes('/') ? [id, `subscriptions/${id}`] : [id];
}

/**
 * Ends of Google's commitments as the newest look at each project has them, by full name, number, and name. By which
 * of these a bill calls a commitment Google does not say, so that each is tried, and one that several have is none.
 * What renews itself has no end.
 */
async function endsOfGcp(lake: Auditor['lake']): Promise<[id: string, end: string][]> {
  const told = (await googleLooks(lake))
    .flatMap(({ resources }) => resources)
    .filter(({ type, state }) => type === 'gcp:compute:commitment' && state === 'ACTIVE')
    .flatMap((resource) => namesOf(resource).map((name) => ({ name, resource })));
  return [...Map.groupBy(told, ({ name }) => name)].flatMap(([name, all]): [string, string][] => {
    const { ends, autoRenew } = all[0]?.resource.attributes ?? {};
    return all.length === 1 && typeof ends === 'string' && autoRenew === false ? [[name, ends]] : [];
  });
}

function namesOf({ id, name, attributes }: Resource): string[] {
  const number = attributes['numericId'];
  return [id, ...(name === null ? [] : [name]), ...(typeof number === 'string' ? [number] : [])];
}

/** The newest look at each project of Google; those at other clouds are not read. */
export async function googleLooks(lake: Auditor['lake']): Promise<Snapshot[]> {
  const scopes = (await lake.scopes()).filter((scope) => scope.startsWith('gcp:'));
  return (await Promise.all(scopes.map(async (scope) => await lake.snapshots(scope, 1)))).flat();
}
