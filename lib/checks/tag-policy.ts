/**
 * tag-policy: tags that are there and wrong.
 *
 * What it means: NONCOMPLIANT is a value outside the allowed list of its key, or a key or value that is an
 * allowed one spelt with other case, white space, `-`, `_` or `.`; the exact fix stands in the evidence where
 * only one is possible, and an action may apply nothing but a fix that stands there. SUSPECTED is a key one
 * slip from a known one that the resource lacks. One finding a resource. Nothing is merged silently: until it
 * is fixed, a variant is another key.
 *
 * What it leaves out: missing keys (check `untagged`); keys that nobody named in the config; lines of the bill
 * without a resource; the providers' own keys.
 *
 * What it cannot see: keys that are not activated in the bill, for resources that only the bill knows; which
 * of two different values is true.
 */
import { z } from 'zod';
import { type Provider, scopeOf } from '../estate/model.ts';
import { type BilledCost, costsOf } from './cost.ts';
import { type Identities, identitiesOf } from './identity.ts';
import type { Check, Evidence, Facts, Judgement, TagSpend } from './model.ts';
import { type TagFault, TagRules } from './tag-faults.ts';
import { isTaggable } from './tagging.ts';
import { effectiveSums } from './untagged-bill.ts';

export const settings = z.strictObject({
  allowed: z
    .record(z.string().min(1), z.array(z.string().min(1)).min(1))
    .default({})
    .describe('allowed values by tag key'),
});
export type TagPolicySettings = z.output<typeof settings> & {
  /** Keys whose spelling matters besides those of `allowed`: what `untagged` requires. Not a config key. */
  readonly defaultRequired?: readonly string[] | undefined;
};

export const tagPolicy: Check<TagPolicySettings> = {
  id: 'tag-policy',
  title: 'Wrong tag values and spellings',
  needs: ['resources', 'costs', 'tag-spend'],
  datasets: 'all',
  verdicts: { NONCOMPLIANT: { actionable: true }, SUSPECTED: { actionable: false } },
  judge(facts, given) {
    const rules = new TagRules(given.defaultRequired ?? [], given.allowed);
    const identities = identitiesOf(facts.resources);
    const costs = costsOf(facts);
    return [
      ...facts.resources.filter(isTaggable).flatMap((resource) => {
        const faults = rules.faults(resource.provider, resource.tags);
        const said = { source: 'inventory', scopes: [scopeOf(resource)] };
        return faults.length === 0
          ? []
          : [judgement(facts, { ...resource, ...said }, faults, costs.of(resource.id))];
      }),
      ...billedAlone(facts, identities).flatMap(({ subject, lines }) => {
        const faults = rules.faults(subject.provider, subject.tags);
        if (faults.length === 0) return [];
        return [judgement(facts, subject, faults, costs.ofBilledAlone(subject.id, effectiveSums(lines)))];
      }),
    ];
  },
  wouldChange: (verdict) =>
    verdict === 'SUSPECTED'
      ? [
          'The key written as the policy writes it, or the key that was meant added to the policy: no finding.',
        ]
      : ['A key and value that the policy allows, or the value added to `allowed`: no finding.'],
};

/** A resource with the tags that are judged: the inventory's, or where it holds none, the bill's. */
interface Subject {
  readonly provider: Provider;
  readonly accountId: string;
  readonly region: string;
  readonly type: string;
  readonly id: string;
  readonly name: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: string;
  readonly scopes: readonly string[];
}

/** A resource that only the bill knows, with all its lines. */
interface BilledAlone {
  readonly subject: Subject;
  readonly lines: readonly TagSpend[];
}

function billedAlone(facts: Facts, identities: Identities): BilledAlone[] {
  const behind = identities.behind(facts.tagSpend);
  const billed = new Map<
    string,
    { row: TagSpend; tags: TagSpend['tags'] & object; sources: Set<string>; lines: TagSpend[] }
  >();
  for (const [at, row] of facts.tagSpend.entries()) {
    if (row.resourceId === null || row.tags === null || (behind[at] ?? null) !== null) continue;
    const id = identities.canonical({ ...row, resourceId: row.resourceId }, null);
    let found = billed.get(id);
    if (found === undefined) billed.set(id, (found = { row, tags: row.tags, sources: new Set(), lines: [] }));
    else found.tags = { ...found.tags, ...row.tags };
    found.sources.add(`bill:${row.source}`);
    found.lines.push(row);
  }
  return [...billed].map(([id, { row, tags, sources, lines }]) => ({
    lines,
    subject: {
      provider: row.provider,
      accountId: row.accountId,
      region: row.region ?? 'global',
      type: row.resourceType ?? row.service,
      id,
      name: row.resourceName,
      tags,
      source: 'bill Tags',
      scopes: [...sources].toSorted(),
    },
  }));
}

function judgement(facts: Facts, subject: Subject, faults: readonly TagFault[], cost: BilledCost): Judgement {
  const certain = faults.filter(({ kind }) => kind !== 'key typo');
  const fixable = certain.filter(({ fix }) => fix !== null).length;
  return {
    check: tagPolicy.id,
    provider: subject.provider,
    accountId: subject.accountId,
    region: subject.region,
    resourceType: subject.type,
    resourceId: subject.id,
    resourceName: subject.name,
    owner: facts.ownerOf(subject),
    verdict: certain.length > 0 ? 'NONCOMPLIANT' : 'SUSPECTED',
    confidence: certain.length > 0 ? 'high' : 'low',
    costBasis: cost.costBasis,
    monthlyCost: cost.monthlyCost,
    monthlySaving: null,
    evidence: [...faults.flatMap((fault) => evidence(fault, subject.source)), ...cost.evidence],
    blindSpots: [
      ...(subject.source === 'inventory' ? [] : ['Only the bill knows this resource: it may be gone.']),
      ...cost.blindSpots,
    ],
    reason:
      certain.length === 0
        ? `A tag key looks like a slip: ${faults.map(({ found }) => found).join(', ')}.`
        : `${count(certain.length, 'tag')} against the policy, ${fixable === 0 ? 'none' : fixable} with a certain fix: ${certain.map(({ found }) => found).join(', ')}.`,
    scopes: subject.scopes,
  };
}

function evidence({ kind, found, fix, hint }: TagFault, source: string): Evidence[] {
  return [
    { name: kind, value: found, unit: 'tag', window: '', source },
    ...(fix === null
      ? []
      : [{ name: `fix of ${found}`, value: fix, unit: 'change', window: '', source: 'tag policy' }]),
    ...(hint === null
      ? []
      : [{ name: `hint for ${found}`, value: hint, unit: 'text', window: '', source: 'tag policy' }]),
  ];
}

function count(many: number, word: string): string {
  return `${many} ${word}${many === 1 ? '' : 's'}`;
}
