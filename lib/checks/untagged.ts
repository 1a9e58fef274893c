/**
 * untagged: what lacks the tags that say whose it is, and how much money that is.
 *
 * What it means: one finding for each resource that lacks a required key (an empty value is a missing one);
 * one for each account, service and key where the bill names no resource; one for each account and key where
 * the inventory has the tag and the bill never shows its key (not activated as a cost allocation tag). With no
 * key required, a resource must carry at least one tag of its user's own. Amounts are the bill's EffectiveCost;
 * tagging saves nothing, so no saving is told.
 *
 * What it leaves out: taxes, credits and purchases without a resource, support and data transfer of an account
 * (nothing can carry a tag: tagging.ts); lines that sum to zero; sources that tell no tags at their grain;
 * instances and volumes that are gone from a region which was read whole; resources that some line of the bill
 * shows with the key, since they were tagged within the window; keys that the account or project carries, whose
 * tags count for all that lies in it (`inherit`).
 *
 * What it cannot see: resources that cost nothing and are of a kind that the inventory does not list; tags of
 * accounts where the organisation is not looked at; whether a value is true.
 */
import { z } from 'zod';
import { type Resource, scopeOf } from '../estate/model.ts';
import { decimalText } from '../focus/decimal.ts';
import { datasetOf } from '../platform/coverage.ts';
import { billedCost, type Costs, costsOf } from './cost.ts';
import { ec2Arn, identitiesOf } from './identity.ts';
import { hasEnded } from './jobs.ts';
import type { Check, Evidence, Facts, Judgement } from './model.ts';
import { Scopes } from './scopes.ts';
import { isTaggable, missingHere, type RequiredKeys, requiredKeys } from './tagging.ts';
import { ANY_TAG, fold, ownTags } from './tags.ts';
import { type Billed, type BilledResource, lackingSums, untaggedInBill } from './untagged-bill.ts';

export const settings = z.strictObject({
  required: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('keys that every resource must carry; without it those that dimensions and owners name'),
  inherit: z.boolean().default(true).describe('tags of an account or project count for all that lies in it'),
});
export type UntaggedSettings = RequiredKeys;

export const untagged: Check<UntaggedSettings> = {
  id: 'untagged',
  title: 'Untagged spend and resources',
  needs: ['resources', 'costs', 'tag-spend'],
  datasets: 'all',
  // Which value is the right one nobody but the owner knows: never acted on.
  verdicts: { NONCOMPLIANT: { actionable: false } },
  judge(facts, given) {
    const identities = identitiesOf(facts.resources);
    const costs = costsOf(facts);
    const billed = untaggedInBill(facts, given, identities);
    const wantings: Wantings = new Map();
    return [
      ...fromInventory(facts, wantings, given, costs, billed),
      ...fromBill(facts, wantings, costs, billed),
      ...fromLines(facts, wantings, billed),
      ...notActivated(facts, billed),
    ];
  },
  wouldChange(_verdict, given) {
    const keys = requiredKeys(given);
    return [
      keys.length === 0
        ? 'One tag of the user’s own with a value: no finding.'
        : `A value for each of ${keys.join(', ')}: no finding.`,
      'A required key that is taken off the list `required`: no longer asked for.',
    ];
  },
};

/** The inventory is the truth of what is tagged now; the bill says what it costs. */
function fromInventory(
  facts: Facts,
  wantings: Wantings,
  given: RequiredKeys,
  costs: Costs,
  billed: Billed,
): Judgement[] {
  // A run of a job that has ended is told where the bill names it without its tags: that is money of somebody.
  const asked = facts.resources.filter(
    (one) => isTaggable(one) || (hasEnded(one) && billed.resources.has(one.id)),
  );
  return asked.flatMap((resource) => {
    const missing = missingHere(facts.known, resource, given);
    if (missing.length === 0) return [];
    return [
      judgement(facts, wantings, {
        provider: resource.provider,
        accountId: resource.accountId,
        region: resource.region,
        resourceType: resource.type,
        resourceId: resource.id,
        resourceName: resource.name,
        tags: resource.tags,
        missing,
        source: 'inventory',
        cost: costs.of(resource.id),
        lacking: billed.resources.get(resource.id),
        confidence: 'high',
        scopes: [scopeOf(resource)],
      }),
    ];
  });
}

/** Resources that only the bill knows. */
function fromBill(facts: Facts, wantings: Wantings, costs: Costs, billed: Billed): Judgement[] {
  const scopes = new Scopes(facts.coverage);
  return [...billed.resources.values()].flatMap((found) => {
    if (found.inInventory || found.missing.length === 0 || isGone(found.id, scopes)) return [];
    const { row } = found;
    return [
      judgement(facts, wantings, {
        provider: row.provider,
        accountId: row.accountId,
        region: row.region ?? 'global',
        resourceType: row.resourceType ?? row.service,
        resourceId: found.id,
        resourceName: row.resourceName,
        tags: row.tags,
        missing: found.missing,
        source: 'bill Tags',
        // Every line of it lacks the key: these are all of them.
        cost: costs.ofBilledAlone(found.id, lackingSums(found)),
        lacking: found,
        confidence: 'medium',
        blindSpots: [
          'Only the bill knows this resource: it may be gone, or tagged with keys that are not activated.',
        ],
        scopes: found.sources.toSorted(),
      }),
    ];
  });
}

/** Spend that the bill gives to no resource. */
function fromLines(facts: Facts, wantings: Wantings, billed: Billed): Judgement[] {
  return [...billed.lines].flatMap(([id, { row, key, sources }]) => {
    const sums = billed.sums.get(id);
    if (sums === undefined || [...sums.values()].every(({ effective }) => effective.isZero())) return [];
    return [
      judgement(facts, wantings, {
        provider: row.provider,
        accountId: row.accountId,
        region: 'global',
        resourceType: 'service',
        resourceId: id.slice(id.indexOf('\n') + 1),
        resourceName: row.service,
        tags: null,
        missing: [key],
        source: 'bill Tags of lines without ResourceId',
        cost: billedCost(sums, facts.billWindow, 'EffectiveCost of these lines'),
        lacking: undefined,
        confidence: 'low',
        blindSpots: ['The bill names no resource for these charges: some of them may not be taggable.'],
        scopes: [...sources].toSorted(),
      }),
    ];
  });
}

function notActivated(facts: Facts, billed: Billed): Judgement[] {
  const activation = facts.known?.activation ?? null;
  return [...billed.unactivated].flatMap(([id, { row, key, sources, ids }]): Judgement[] => {
    const status = activation?.get(key) ?? null;
    // Activated after the usage, or tagged after it: the bills to come will show it.
    if (status === 'Active') return [];
    const cost = billedCost(billed.sums.get(id), facts.billWindow, 'EffectiveCost without the key');
    const found: Judgement = {
      check: untagged.id,
      provider: row.provider,
      accountId: row.accountId,
      region: 'global',
      resourceType: 'cost-allocation-tag',
      resourceId: id.slice(id.indexOf('\n') + 1),
      resourceName: key,
      owner: facts.ownerOf({ accountId: row.accountId, tags: null }),
      verdict: 'NONCOMPLIANT',
      confidence: status === null ? 'medium' : 'high',
      costBasis: cost.costBasis,
      monthlyCost: cost.monthlyCost,
      monthlySaving: null,
      evidence: [
        {
          name: 'key not in the bill',
          value: key,
          unit: 'tag key',
          window: '',
          source: 'bill Tags and inventory',
        },
        {
          name: 'resources that carry it',
          value: String(ids.size),
          unit: 'resources',
          window: '',
          source: 'inventory',
        },
        ...(activation === null ? [] : [activationEvidence(status)]),
        ...cost.evidence,
      ],
      blindSpots: [
        ...(status === null
          ? ['A key that was activated or set after the usage looks the same: activation is not retroactive.']
          : []),
        ...cost.blindSpots,
      ],
      reason: `Resources carry the tag ${JSON.stringify(key)}, but no line of the bill shows the key: activate it as a cost allocation tag.`,
      scopes: [...sources].toSorted(),
    };
    return [found];
  });
}

/** What the payer's list says; a key that it does not hold was perhaps first used within the last day. */
function activationEvidence(status: string | null): Evidence {
  return {
    name: 'status as cost allocation tag',
    value: status ?? 'not listed',
    unit: 'status',
    window: '',
    source: 'ce:ListCostAllocationTags',
  };
}

interface Lacking {
  readonly provider: Resource['provider'];
  readonly accountId: string;
  readonly region: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly resourceName: string | null;
  readonly tags: Readonly<Record<string, string>> | null;
  readonly missing: readonly string[];
  readonly source: string;
  readonly cost: ReturnType<Costs['of']>;
  readonly lacking: BilledResource | undefined;
  readonly confidence: Judgement['confidence'];
  readonly blindSpots?: readonly string[];
  readonly scopes: readonly string[];
}

/** What is said of one set of missing keys, the same of tens of thousands of resources. */
interface Wanting {
  readonly evidence: readonly Evidence[];
  readonly reason: string;
}

function wantingOf(missing: readonly string[], source: string): Wanting {
  const any = missing.includes(ANY_TAG);
  const named = missing.map((key) => JSON.stringify(key)).join(', ');
  return {
    evidence: missing.map((key) => ({
      name: 'missing tag',
      value: any ? 'any tag of your own' : key,
      unit: 'tag key',
      window: '',
      source,
    })),
    reason: any
      ? 'It carries no tag of your own, so nobody can say whose it is.'
      : `It lacks the required ${missing.length === 1 ? 'tag' : 'tags'} ${named}.`,
  };
}

/** By what is missing and who says so. */
type Wantings = Map<string, Wanting>;

function judgement(facts: Facts, wantings: Wantings, of: Lacking): Judgement {
  const { accountId, tags, missing, cost } = of;
  const window = facts.billWindow === null ? '' : `${facts.billWindow.start}/${facts.billWindow.end}`;
  const key = [of.source, ...missing].join('\n');
  let wanting = wantings.get(key);
  if (wanting === undefined) wantings.set(key, (wanting = wantingOf(missing, of.source)));
  return {
    check: untagged.id,
    provider: of.provider,
    accountId,
    region: of.region,
    resourceType: of.resourceType,
    resourceId: of.resourceId,
    resourceName: of.resourceName,
    owner: facts.ownerOf({ accountId, tags, id: of.resourceId }),
    verdict: 'NONCOMPLIANT',
    confidence: of.confidence,
    costBasis: cost.costBasis,
    monthlyCost: cost.monthlyCost,
    monthlySaving: null,
    evidence: [
      ...wanting.evidence,
      ...variants(of.provider, tags, missing).map(
        (similar): Evidence => ({
          name: 'similar key present',
          value: similar,
          unit: 'tag key',
          window: '',
          source: of.source,
        }),
      ),
      ...cost.evidence,
      ...[...(of.lacking === undefined ? [] : lackingSums(of.lacking))].map(
        ([currency, amount]): Evidence => ({
          name: 'spend without the tag',
          value: decimalText(amount),
          unit: currency,
          window,
          source: 'bill EffectiveCost of lines without the key',
        }),
      ),
    ],
    blindSpots: [...(of.blindSpots ?? []), ...cost.blindSpots],
    reason: wanting.reason,
    scopes: of.scopes,
  };
}

/** Keys that look like a missing one but are not it: a variant never counts as the key. */
function variants(
  provider: Resource['provider'],
  tags: Readonly<Record<string, string>> | null,
  missing: readonly string[],
): string[] {
  if (tags === null) return [];
  const wanted = missing.map(fold);
  return [...ownTags(provider, tags).keys()].filter(
    (key) => !missing.includes(key) && wanted.includes(fold(key)),
  );
}

/** An instance or volume that a region, read whole, no longer holds: nothing is left to tag. */
function isGone(id: string, scopes: Scopes): boolean {
  const arn = ec2Arn(id);
  return (
    arn !== null &&
    (arn.type === 'instance' || arn.type === 'volume') &&
    scopes.complete(datasetOf(`aws:${arn.accountId}:${arn.region}`, `aws.ec2.${arn.type}s`))
  );
}
