import type { Resource } from '../estate/model.ts';
import type { Money } from '../focus/money.ts';
import { type BilledCost, costsOf } from './cost.ts';
import type { Evidence, Facts, Judgement } from './model.ts';

/** What a check says of a resource, besides what the resource and the bill say of themselves. */
export interface Said {
  readonly check: string;
  readonly verdict: Judgement['verdict'];
  readonly confidence: Judgement['confidence'];
  /**
   * What the bill falls by: all of it that no commitment covers where the whole thing would be gone, or null where
   * nobody can say.
   */
  readonly saves: 'its whole cost' | null;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
  readonly reason: string;
  readonly scopes: readonly string[];
  /** Of more than the resource itself; left out: what the bill says of it. */
  readonly cost?: BilledCost;
}

/** The judgement of a resource of the inventory, with its owner and what it costs. */
export function judgementOf(facts: Facts, resource: Resource, said: Said): Judgement {
  const cost = said.cost ?? costsOf(facts).of(resource.id);
  const saving: Money | null = said.saves === null ? null : cost.uncovered;
  return {
    check: said.check,
    provider: resource.provider,
    accountId: resource.accountId,
    region: resource.region,
    resourceType: resource.type,
    resourceId: resource.id,
    resourceName: resource.name,
    owner: facts.ownerOf(resource),
    verdict: said.verdict,
    confidence: said.confidence,
    costBasis: cost.costBasis,
    monthlyCost: cost.monthlyCost,
    monthlySaving: saving,
    evidence: [...said.evidence, ...cost.evidence],
    blindSpots: [...said.blindSpots, ...cost.blindSpots],
    reason: said.reason,
    scopes: said.scopes,
  };
}

/** A fact of the inventory as it stands. */
export function state(name: string, value: string, source: string, unit = ''): Evidence {
  return { name, value, unit, window: '', source };
}

/** Whole days between an ISO-8601 instant and `now`; null where there is no such instant. */
export function daysSince(instant: string | null, now: Date): number | null {
  const days = (now.getTime() - Date.parse(instant ?? '')) / 86_400_000;
  return Number.isNaN(days) ? null : Math.floor(days);
}

/** Does a service of AWS keep it, by a tag that only AWS can set? A stack makes a thing and leaves it to its user. */
export function keptByService({ attributes }: Resource): boolean {
  const { systemTags } = attributes;
  return (
    typeof systemTags === 'object' &&
    systemTags !== null &&
    Object.keys(systemTags).some((key) => !key.startsWith('aws:cloudformation:'))
  );
}
