import type { Resource } from '../estate/model.ts';
import { costsOf } from './cost.ts';
import type { Facts, Judgement } from './model.ts';

/** What a check itself says of a resource; where it stands, whose it is and what it costs follow from the facts. */
export type Said = Pick<
  Judgement,
  'verdict' | 'confidence' | 'monthlySaving' | 'evidence' | 'blindSpots' | 'reason' | 'scopes'
>;

/** A judgement of one resource: the evidence and blind spots of its bill come after the check's own. */
export function judged(check: string, resource: Resource, facts: Facts, said: Said): Judgement {
  const cost = costsOf(facts).of(resource.id);
  return {
    check,
    provider: resource.provider,
    accountId: resource.accountId,
    region: resource.region,
    resourceType: resource.type,
    resourceId: resource.id,
    resourceName: resource.name,
    owner: facts.ownerOf(resource),
    costBasis: cost.costBasis,
    monthlyCost: cost.monthlyCost,
    ...said,
    evidence: [...said.evidence, ...cost.evidence],
    blindSpots: [...said.blindSpots, ...cost.blindSpots],
  };
}

/** An attribute that is a number; null where it is none. */
export function numberOf({ attributes }: Resource, name: string): number | null {
  const value = attributes[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** An attribute that is a text; null where it is none. */
export function textOf({ attributes }: Resource, name: string): string | null {
  const value = attributes[name];
  return typeof value === 'string' ? value : null;
}

/** An attribute that is a time, in milliseconds since 1970; null where it is none. */
export function timeOf(resource: Resource, name: string): number | null {
  const at = Date.parse(textOf(resource, name) ?? '');
  return Number.isNaN(at) ? null : at;
}
