import type { RecentCost } from '../checks/model.ts';
import { Decimal, decimalText } from '../focus/decimal.ts';
import type { Lake } from '../lake/model.ts';

const DAY_MS = 86_400_000;
/** What a look tells of is the 14 days before it; one that is older than that says nothing of now. */
const OLDEST_MS = 14 * DAY_MS;

/** What Cost Explorer told of single EC2 instances beside its bill, summed over the days of its newest look. */
export async function recentCosts(
  lake: Pick<Lake, 'sources' | 'beside'>,
  sources: readonly string[] | null,
  now: Date,
): Promise<RecentCost[]> {
  const found: RecentCost[] = [];
  for (const { sourceId, sourceType } of await lake.sources()) {
    if (sourceType !== 'aws-cost-explorer' || (sources !== null && !sources.includes(sourceId))) continue;
    const table = await lake.beside(sourceId, 'resources');
    if (table === null || now.getTime() - Date.parse(table.takenAt) > OLDEST_MS) continue;
    const days = table.rows.flatMap((row) =>
      typeof row['start'] === 'string' ? [Date.parse(row['start'])] : [],
    );
    if (days.length === 0) continue;
    const start = new Date(Math.min(...days)).toISOString();
    const end = new Date(Math.max(...days) + DAY_MS).toISOString();
    for (const group of Map.groupBy(table.rows, keyOf).values()) {
      const [first] = group;
      const { account = null, resource = null, currency = null } = first ?? {};
      // What a bill gives to no machine has a word for an id.
      const isMachine = resource !== null && /^i-[0-9a-f]+$/.test(resource);
      if (!isMachine || account === null || currency === null) continue;
      const amounts = group.flatMap(({ effective = null }) => (effective === null ? [] : [effective]));
      if (amounts.length < group.length) continue;
      const effective = decimalText(amounts.reduce((sum, each) => sum.plus(each), new Decimal(0)));
      found.push({
        source: sourceId,
        accountId: account,
        resourceId: resource,
        currency,
        effective,
        start,
        end,
      });
    }
  }
  return found;
}

function keyOf(row: Readonly<Record<string, string | null>>): string {
  return JSON.stringify([row['account'], row['resource'], row['currency']]);
}
