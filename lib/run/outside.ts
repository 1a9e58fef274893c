import { type Resource, scopeName } from '../estate/model.ts';
import type { LedgerStore, Observation } from '../ledger/model.ts';
import type { Coverage } from '../platform/coverage.ts';

/** Types that a complete look at their scope always names: only of these does absence mean deleted. */
const LISTED: ReadonlySet<string> = new Set(['aws:ec2:instance', 'aws:ec2:volume', 'gcp:compute:instance']);
/** What a provider calls a machine that works (EC2 API Reference, InstanceState; Compute Engine, instance life cycle). */
const RUNNING: ReadonlySet<string> = new Set(['running', 'RUNNING']);

/**
 * What of our own stops others have ended, as a look after the stop shows it: deleted, or started again. A look
 * before the stop proves nothing, nor does a scope that was not read completely.
 */
export async function endedOutside(
  ledger: Pick<LedgerStore, 'all'>,
  resources: readonly Resource[],
  coverage: readonly Coverage[],
): Promise<NonNullable<Observation['outside']>> {
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const looked = new Map(
    coverage.filter(({ status }) => status === 'complete').map(({ scope, asOf }) => [scope, asOf]),
  );
  const ended: { resourceId: string; what: 'deleted' | 'started' }[] = [];
  for await (const { finding, life } of ledger.all()) {
    const stopped = life?.stopped ?? null;
    if (stopped === null) continue;
    const { resourceId, provider, accountId, region, resourceType } = finding;
    const asOf = looked.get(scopeName({ provider, accountId, region })) ?? null;
    if (asOf === null || asOf <= stopped.at) continue;
    const resource = byId.get(resourceId);
    if (resource === undefined) {
      if (LISTED.has(resourceType)) ended.push({ resourceId, what: 'deleted' });
    } else if (RUNNING.has(resource.state) && resource.created !== null && resource.created > stopped.at)
      ended.push({ resourceId, what: 'started' });
  }
  return ended;
}
