/**
 * What the clouds' own tools recommend, beside what was found: one row a thing, whatever tools speak of it, and
 * totals that are never added to those of findings. Pure.
 */
import { isOpen } from '../digest/content.ts';
import { wastedResources } from '../digest/waste.ts';
import type { Advice, Resource } from '../estate/model.ts';
import { decimal } from '../focus/decimal.ts';
import { compareMoney, type Money, sumByCurrency } from '../focus/money.ts';
import type { Finding } from '../ledger/model.ts';

/** A finding as it stands beside advice. */
export type OwnFinding = Pick<
  Finding,
  'id' | 'check' | 'verdict' | 'state' | 'costBasis' | 'monthlyCost' | 'monthlySaving'
>;

/** One thing that tools of its provider speak of. */
export interface AdviceRow {
  readonly provider: Advice['provider'];
  readonly accountId: string;
  readonly region: string;
  readonly resourceId: string;
  readonly resourceName: string | null;
  /** Null: the inventory does not hold it. */
  readonly resourceType: string | null;
  /** All that is said of it: what is counted first, a tool before those that repeat it. */
  readonly says: readonly Advice[];
  /**
   * The largest saving that a tool tells, counted once however many tell it: a machine that is stopped is not made
   * smaller as well. Null where none is told, or in several currencies.
   */
  readonly theirs: Money | null;
  /** Findings of the same thing that are not resolved; none: `[]`. */
  readonly ours: readonly OwnFinding[];
  /** What ours save, as totals count it: once, of what is certain and not stopped yet; null where that is nothing known. */
  readonly oursSaving: Money | null;
  /** Why the two differ, as far as that is known: one plain sentence each. */
  readonly why: readonly string[];
}

/** What is known of the thing besides. */
export interface KnownThing {
  readonly resource: Resource | null;
  /** Why the look at it was not whole; null where it was. */
  readonly gap: string | null;
  /** Checks that rest on the dataset which holds it, and whether each is on. */
  readonly checks: readonly { readonly id: string; readonly on: boolean }[];
}

/**
 * One row a thing, the largest saving of each currency first, those without one last.
 * @param findings every finding of the ledger, resolved ones too
 * @param canonical gives the id by which the inventory and findings know the thing
 * @param currency which currency findings are counted in where several meet
 */
export function adviceRows(
  advice: readonly Advice[],
  findings: readonly Finding[],
  canonical: (advice: Advice) => string,
  known: (resourceId: string, said: Advice) => KnownThing,
  currency: string,
): AdviceRow[] {
  const own = Map.groupBy(findings, ({ provider, resourceId }) => JSON.stringify([provider, resourceId]));
  const things = Map.groupBy(advice, (one) => JSON.stringify([one.provider, canonical(one)]));
  return [...things]
    .map(([key, said]) => oneRow(said, own.get(key) ?? [], canonical, known, currency))
    .toSorted(bySaving);
}

function oneRow(
  said: readonly Advice[],
  findings: readonly Finding[],
  canonical: (advice: Advice) => string,
  known: (resourceId: string, said: Advice) => KnownThing,
  currency: string,
): AdviceRow {
  const says = onceEach(said).toSorted(byWeight);
  const [lead] = says;
  if (lead === undefined) throw new RangeError('a thing of which nothing is said');
  const resourceId = canonical(lead);
  const thing = known(resourceId, lead);
  const ours = findings.filter(({ state }) => state !== 'RESOLVED');
  const theirs = largest(says);
  const [wasted] = wastedResources(ours.filter(isOpen), currency);
  const row = {
    provider: lead.provider,
    accountId: lead.accountId,
    region: lead.region,
    resourceId,
    resourceName: thing.resource?.name ?? null,
    resourceType: thing.resource?.type ?? null,
    says,
    theirs,
    ours: ours.map(({ id, check, verdict, state, costBasis, monthlyCost, monthlySaving }) => ({
      id,
      check,
      verdict,
      state,
      costBasis,
      monthlyCost,
      monthlySaving,
    })),
    oursSaving: wasted?.certainty === 'waste' ? wasted.saving : null,
  };
  return { ...row, why: ours.length > 0 ? whyDifferent(row) : whyNone(lead, findings, thing) };
}

/** A tool that says the same in the answers of two regions says it once. */
function onceEach(said: readonly Advice[]): Advice[] {
  return [...new Map(said.map((one) => [JSON.stringify(one), one])).values()];
}

/** The largest amount first, none last; at equal amounts the tool itself before the one that repeats it. */
function byWeight(a: Advice, b: Advice): number {
  const order = byAmount(a.monthlySaving, b.monthlySaving);
  if (order !== 0) return order;
  if ((a.repeats === null) !== (b.repeats === null)) return a.repeats === null ? -1 : 1;
  return ordered(a) < ordered(b) ? -1 : 1;
}

/** Any order will do, as long as it is the same in every run. */
function ordered(said: Advice): string {
  return `${said.adviser} ${said.kind} ${said.action} ${JSON.stringify(said)}`;
}

/** The largest amount of each currency first, none last. */
function byAmount(a: Money | null, b: Money | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (a.currency !== b.currency) return a.currency < b.currency ? -1 : 1;
  return compareMoney(b, a);
}

/** Null where no tool tells an amount above zero, or two tell it in two currencies, which cannot be compared. */
function largest(says: readonly Advice[]): Money | null {
  const amounts = says
    .map(({ monthlySaving }) => monthlySaving)
    .filter((saving) => saving !== null)
    .filter(({ amount }) => decimal(amount).gt(0));
  if (new Set(amounts.map(({ currency }) => currency)).size !== 1) return null;
  return amounts.reduce((most, each) => (compareMoney(each, most) > 0 ? each : most));
}

function whyDifferent({
  says,
  theirs,
  ours,
  oursSaving,
}: Pick<AdviceRow, 'says' | 'theirs' | 'ours' | 'oursSaving'>): string[] {
  const why: string[] = [];
  if (!ours.some(isOpen))
    why.push(`Ours was acted on already: ${ours.map(({ state }) => state).join(', ')}.`);
  else if (oursSaving === null)
    why.push(
      'Ours counts no saving: what the bill would fall by is not known, or the verdict is not certain.',
    );
  else if (theirs !== null && theirs.currency !== oursSaving.currency)
    why.push('The two are in different currencies, and are not compared.');
  else if (theirs !== null && compareMoney(theirs, oursSaving) !== 0)
    why.push(basisOfOurs(ours), basisOfTheirs(says, theirs));
  if (says.every(({ kind }) => kind === 'size' || kind === 'generation'))
    why.push('They would change its size or type; what ours asks for stands in the finding.');
  return why;
}

function basisOfOurs(ours: AdviceRow['ours']): string {
  return ours.some(({ costBasis }) => costBasis === 'billed')
    ? 'Ours is what the bill of the last 30 days would have fallen by, without what commitments cover and what goes on being billed.'
    : 'Ours is an estimate at list prices, since no bill names the thing.';
}

function basisOfTheirs(says: AdviceRow['says'], theirs: Money): string {
  const said = says.find(
    ({ monthlySaving }) =>
      monthlySaving?.currency === theirs.currency && compareMoney(monthlySaving, theirs) === 0,
  );
  const over = said?.lookbackDays == null ? '' : ` over ${said.lookbackDays} days`;
  const discounts = {
    counted: 'after discounts',
    'not counted': 'at On-Demand prices, before discounts',
    'not told': 'and whether discounts are counted is not told',
  }[said?.discounts ?? 'not told'];
  return `Theirs is an estimate of ${said?.adviser ?? 'the provider'} from use${over}, ${discounts}.`;
}

function whyNone(
  lead: Advice,
  findings: readonly Finding[],
  { resource, gap, checks }: KnownThing,
): string[] {
  const resolved = findings.map(
    ({ check, lastSeen, reason }) => `${check} was resolved, last seen ${lastSeen.slice(0, 10)}: ${reason}`,
  );
  if (gap !== null) return [...resolved, `The last look at it was not whole: ${gap}`];
  if (resource === null)
    return [
      ...resolved,
      'The last look at its account did not see it: it is gone, or of a kind not looked at.',
    ];
  const why = [...resolved];
  const [on, off] = [checks.filter((each) => each.on), checks.filter((each) => !each.on)];
  if (on.length > 0)
    why.push(`Checks that read ${resource.dataset ?? 'it'} found nothing to say of it: ${names(on)}.`);
  else why.push('No check that is on reads such things.');
  if (off.length > 0) why.push(`Checks that read them and are off: ${names(off)}.`);
  if (lead.kind === 'size') why.push('Nothing here judges the size of processors, memory or disks.');
  if (lead.kind === 'idle' && isMachine(resource) && resource.accelerators.length === 0)
    why.push('Nothing here judges how busy a machine without accelerators is.');
  return why;
}

function isMachine({ type }: Resource): boolean {
  return type === 'aws:ec2:instance' || type === 'gcp:compute:instance';
}

function names(checks: KnownThing['checks']): string {
  return checks.map(({ id }) => id).join(', ');
}

function bySaving(a: AdviceRow, b: AdviceRow): number {
  const order = byAmount(a.theirs, b.theirs);
  if (order !== 0) return order;
  return `${a.provider} ${a.resourceId}` < `${b.provider} ${b.resourceId}` ? -1 : 1;
}

/** What both say, beside each other: neither is ever added to the other. */
export interface AdviceTotals {
  readonly things: number;
  /** Of these, how many have a finding that is not resolved. */
  readonly found: number;
  /** By currency, each thing once. */
  readonly theirs: readonly Money[];
  /** What ours save of these same things. */
  readonly ours: readonly Money[];
}

export function adviceTotals(rows: readonly AdviceRow[]): AdviceTotals {
  return {
    things: rows.length,
    found: rows.filter(({ ours }) => ours.length > 0).length,
    theirs: sumByCurrency(rows.map(({ theirs }) => theirs).filter((each) => each !== null)),
    ours: sumByCurrency(rows.map(({ oursSaving }) => oursSaving).filter((each) => each !== null)),
  };
}
