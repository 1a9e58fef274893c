import type { Verdict } from '../checks/model.ts';
import { Decimal } from '../focus/decimal.ts';
import { type Money, sumByCurrency } from '../focus/money.ts';
import type { Finding } from '../ledger/model.ts';
import type { DigestContent, Figure, WasteLine } from './content-model.ts';
import type { DigestInput } from './model.ts';
import { exact } from './number.ts';
import { topByCurrency } from './rank.ts';
import { totalOf, totalSaving, type WastedResource, wastedResources, zeros } from './waste.ts';

const DAY = 86_400_000;

/** The numbers of the brief in the order in which it tells them. */
export function figures(input: DigestInput, resources: readonly WastedResource[]): Figure[] {
  const open = input.findings.filter(({ state }) => state !== 'RESOLVED');
  const of = (check: string, verdicts: readonly Verdict[]) =>
    open.filter((finding) => finding.check === check && verdicts.includes(finding.verdict));
  const certain = resources.filter(({ certainty }) => certainty === 'waste');
  // Untagged spend is told by its own figure; a finding without a saving is no waste found in money.
  const wasteful = certain.filter(({ saving, lead }) => saving !== null || lead.verdict !== 'NONCOMPLIANT');
  return [
    {
      id: 'waste',
      label: 'Waste found',
      unit: 'saving a month',
      ...totalSaving(wasteful),
      source:
        'findings: monthlySaving of verdicts IDLE, UNUSED, EXPIRED, NONCOMPLIANT, INEFFICIENT; a resource once',
    },
    {
      id: 'possible-waste',
      label: 'To be confirmed',
      unit: 'saving a month',
      ...totalSaving(resources.filter(({ certainty }) => certainty === 'possible')),
      source: 'findings: monthlySaving of verdicts SUSPECTED and HELD; a resource once',
    },
    untagged(input, open),
    byAmount('idle-gpu', 'Idle GPUs', 'saving a month', of('idle-gpu', ['IDLE']), 'monthlySaving'),
    byAmount(
      'unobserved-gpu',
      'GPUs nobody measures',
      'cost a month',
      of('idle-gpu', ['UNOBSERVED']),
      'monthlyCost',
    ),
    byAmount(
      'stale-embeddings',
      'Stale embeddings',
      'saving a month',
      of('stale-embeddings', ['UNUSED', 'INEFFICIENT']),
      'monthlySaving',
    ),
    commitments(input),
  ];
}

function untagged(input: DigestInput, open: readonly Finding[]): Figure {
  return {
    id: 'untagged',
    label: 'Untagged spend',
    unit: 'cost in 30 days',
    amounts: sumByCurrency(input.tagging.map((row) => ({ currency: row.currency, amount: row.untagged }))),
    count: open.filter(({ check }) => check === 'untagged').length,
    unpriced: 0,
    source: 'bills: EffectiveCost of the last 30 days that is taggable and lacks a wanted tag',
  };
}

/** Sum over the resources of one check of what they cost or would save; a resource once, the larger amount. */
function byAmount(
  id: Figure['id'],
  label: string,
  unit: string,
  findings: readonly Finding[],
  field: 'monthlyCost' | 'monthlySaving',
): Figure {
  const largest = new Map<string, { money: Money; costBasis: Finding['costBasis'] } | null>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.provider, finding.resourceId]);
    const known = largest.get(key) ?? null;
    const amount = finding[field];
    const told = amount === null ? null : { money: amount, costBasis: finding.costBasis };
    largest.set(key, known === null || (told !== null && larger(told.money, known.money)) ? told : known);
  }
  const priced = [...largest.values()].filter((told) => told !== null);
  return {
    id,
    label,
    unit,
    ...totalOf(priced),
    count: largest.size,
    unpriced: largest.size - priced.length,
    ...zeros(priced),
    source: `findings: ${field} of check ${findings[0]?.check ?? id.replace('unobserved', 'idle')}`,
  };
}

function larger(a: Money, b: Money): boolean {
  return a.currency === b.currency && exact(a.amount).gt(exact(b.amount));
}

/** The best programme of each provider: two programmes over the same spend cannot both be bought in full. */
function commitments(input: DigestInput): Figure {
  const best = new Map<string, Money>();
  for (const { provider, monthlySaving } of input.commitments) {
    if (!exact(monthlySaving.amount).gt(0)) continue;
    const key = JSON.stringify([provider, monthlySaving.currency]);
    const known = best.get(key);
    if (known === undefined || larger(monthlySaving, known)) best.set(key, monthlySaving);
  }
  const spans = new Set(input.commitments.map(({ window }) => `${window.start}/${window.end}`));
  return {
    id: 'commitments',
    label: 'Commitment opportunity',
    unit: 'saving a month',
    amounts: sumByCurrency(best.values()),
    count: best.size,
    unpriced: 0,
    source: `commitment analysis over on-demand spend${spans.size === 0 ? '' : ` of ${[...spans].join(', ')}`}`,
  };
}

/** The five that waste most, a line a resource; places left over go to waste without a price. */
export function topWastes(resources: readonly WastedResource[], now: string, main: string): WasteLine[] {
  const ranked = resources
    .flatMap(({ lead, saving }) =>
      saving === null || !exact(saving.amount).gt(0)
        ? []
        : [{ currency: saving.currency, line: { ...wasteLine(lead, now), monthlySaving: saving } }],
    )
    .toSorted((a, b) => byMoney(a.line, b.line));
  const priced = topByCurrency(ranked, 5, main).map(({ line }) => line);
  const unpriced = resources
    .filter(
      ({ certainty, saving, lead }) =>
        certainty === 'waste' && saving === null && lead.verdict !== 'NONCOMPLIANT',
    )
    .map(({ lead }) => wasteLine(lead, now))
    .toSorted(byMoney);
  return [...priced, ...unpriced].slice(0, 5);
}

/** Every finding as a line: the dearest of the main currency first, those without a price last. */
export function allLines(findings: readonly Finding[], now: string, main: string): WasteLine[] {
  const place = (line: WasteLine) => {
    const currency = (line.monthlySaving ?? line.monthlyCost)?.currency;
    return currency === undefined ? 2 : currency === main ? 0 : 1;
  };
  // What each stands by is read once and not at every comparison: a large estate has tens of thousands.
  return findings
    .map((finding) => {
      const line = wasteLine(finding, now);
      return { line, at: place(line), saving: order(line.monthlySaving), cost: order(line.monthlyCost) };
    })
    .toSorted(
      (a, b) =>
        a.at - b.at ||
        b.saving.comparedTo(a.saving) ||
        b.cost.comparedTo(a.cost) ||
        (a.line.findingId < b.line.findingId ? -1 : 1),
    )
    .map(({ line }) => line);
}

export function resolvedLines(
  findings: readonly Finding[],
  now: string,
  main: string,
): DigestContent['resolved'] {
  const resources = wastedResources(findings, main);
  return {
    count: new Set(findings.map(({ provider, resourceId }) => JSON.stringify([provider, resourceId]))).size,
    amounts: totalSaving(resources).amounts,
    top: allLines(findings, now, main).slice(0, 5),
  };
}

/** Largest saving first, then largest cost, then by id so that the order never wavers. */
function byMoney(a: WasteLine, b: WasteLine): number {
  return (
    order(b.monthlySaving).comparedTo(order(a.monthlySaving)) ||
    order(b.monthlyCost).comparedTo(order(a.monthlyCost)) ||
    (a.findingId < b.findingId ? -1 : 1)
  );
}

/** Where it stands in that order: what has no price comes after a price of nothing. */
function order(value: Money | null): Decimal {
  return value === null ? new Decimal(-1) : exact(value.amount);
}

/** A finding as a digest tells it. */
export function wasteLine(finding: Finding, now: string): WasteLine {
  return {
    findingId: finding.id,
    check: finding.check,
    provider: finding.provider,
    accountId: finding.accountId,
    region: finding.region,
    resourceType: finding.resourceType,
    resourceId: finding.resourceId,
    title: title(finding),
    owner: finding.owner?.id ?? null,
    verdict: finding.verdict,
    confidence: finding.confidence,
    severity: finding.severity,
    state: finding.state,
    ageDays: Math.max(0, Math.floor((Date.parse(now) - Date.parse(finding.firstSeen)) / DAY)),
    costBasis: finding.costBasis,
    monthlyCost: finding.monthlyCost,
    monthlySaving: finding.monthlySaving,
    reason: finding.reason,
    evidence: finding.evidence,
    blindSpots: finding.blindSpots,
    source: `finding ${finding.id}`,
  };
}

/** What people call it: its name, else what an ARN or full resource name ends with, else service and key. */
function title({ resourceName, resourceId }: Finding): string {
  if (resourceName !== null && resourceName.trim() !== '') return resourceName;
  const spend = /^account\/([^/]+)\/service\/(.+)\/tag\/(.+)$/.exec(resourceId);
  if (spend) return `${spend[2] ?? ''} in ${spend[1] ?? ''} (tag ${spend[3] ?? ''})`;
  return resourceId.split(/[/:]/).findLast((part) => part !== '') ?? resourceId;
}
