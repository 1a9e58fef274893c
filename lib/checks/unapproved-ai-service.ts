/**
 * unapproved-ai-service: AI work that is not on the company's list, or that is new.
 *
 * What it means: NONCOMPLIANT is AI work of the bill whose vendor, service, model or region is on none of the
 * patterns that `approved` lists for it: one finding an account and the first of the four that is not approved, so
 * that no two of them tell the same dollar. It is a machine of the inventory, too, whose accelerator or region is
 * on no list; what it costs is part of what the bill tells of its account. SUSPECTED is AI work that is approved, or
 * about which no list speaks, but whose service, else model, was first charged within `newWithin` in any account,
 * where the bills that show it are held for at least as long before that day. The first day, the money of the
 * window and, for a machine, who made it stand in the evidence. It is only ever flagged.
 *
 * What it leaves out: what is not AI by the rules of `ai`, or of unknown class; what nothing was charged for in the
 * window; a list that is left out approves everything, and without `approved` and `newWithin` it says nothing.
 *
 * What it cannot see: vendors whose bill is not read; the publisher behind a marketplace; models that the bill
 * does not name; use before the bills that are held; since when an accelerator is used.
 */
import { z } from 'zod';
import { type Resource, scopeOf } from '../estate/model.ts';
import { decimal } from '../focus/decimal.ts';
import { type Amounts, addAmount, type BilledCost, billedCost, costsOf } from './cost.ts';
import { duration, durationMs } from './duration.ts';
import { hasEnded } from './jobs.ts';
import { machinesUnder, machineUnder } from './machine-under.ts';
import type { AiService, Check, Evidence, Facts, Judgement } from './model.ts';

const patterns = (what: string) =>
  z.array(z.string().min(1)).min(1).optional().describe(`${what}; * stands for anything, whatever its case`);

export const settings = z.strictObject({
  approved: z
    .strictObject({
      vendors: patterns('billers by their names in the bill'),
      services: patterns('services by their names in the bill'),
      models: patterns('models'),
      accelerators: patterns('kinds of accelerators, or machine types'),
      regions: patterns('regions'),
    })
    .prefault({})
    .describe('what may be used; a list that is left out approves everything'),
  newWithin: duration.optional().describe('how long after its first charge AI work is told as new'),
});
export type UnapprovedSettings = z.output<typeof settings>;

/** Do these settings ask for anything? Only then is the bill asked for its AI work. */
export function asksForAiServices(given: unknown): boolean {
  const read = settings.safeParse(given);
  return read.success && (Object.keys(read.data.approved).length > 0 || read.data.newWithin !== undefined);
}

export const unapprovedAiService: Check<UnapprovedSettings> = {
  id: 'unapproved-ai-service',
  title: 'AI work that is not approved, or new',
  needs: ['resources', 'costs', 'ai-spend'],
  datasets: 'all',
  verdicts: { NONCOMPLIANT: { actionable: false }, SUSPECTED: { actionable: false } },
  judge(facts, given, now) {
    const approved = new Approved(given.approved);
    const rows = facts.aiServices?.rows ?? [];
    return [
      ...notApproved(facts, rows, approved),
      ...recent(facts, rows, approved, given.newWithin, now),
      ...machines(facts, approved),
    ];
  },
  wouldChange: (verdict) =>
    verdict === 'SUSPECTED'
      ? ['Once it is older than `newWithin`: no finding.']
      : ['What it uses named in the list of `approved`: no finding.'],
};

/** What a line of the bill is judged by, the broadest first. */
const KINDS = ['vendor', 'service', 'model', 'region'] as const;
type Kind = (typeof KINDS)[number];

/** Values that mean that the bill names none. */
const NONE = new Set(['', 'global']);

class Approved {
  readonly #lists: Readonly<Record<Kind | 'accelerator', readonly RegExp[] | null>>;

  constructor(given: UnapprovedSettings['approved']) {
    this.#lists = {
      vendor: matchers(given.vendors),
      service: matchers(given.services),
      model: matchers(given.models),
      region: matchers(given.regions),
      accelerator: matchers(given.accelerators?.flatMap(spellings)),
    };
  }

  /** Is one of the names on the list of its kind? Yes, too, where there is no list, or no name. */
  allows(kind: Kind | 'accelerator', ...names: readonly string[]): boolean {
    const list = this.#lists[kind];
    const told = names
      .filter((name) => !NONE.has(name))
      .flatMap((name) => (kind === 'accelerator' ? spellings(name) : name));
    return list === null || told.length === 0 || told.some((name) => list.some((each) => each.test(name)));
  }

  /** The first thing of a line that is not approved; null where all is. */
  fault(row: AiService): Kind | null {
    return KINDS.find((kind) => !this.allows(kind, row[kind])) ?? null;
  }
}

/** `nvidia-tesla-t4` and `NVIDIA_TESLA_T4` of Google are the `NVIDIA T4` of AWS; a pattern `nvidia-tesla-*` is no `NVIDIA *`. */
function spellings(accelerator: string): string[] {
  const spaced = accelerator.replaceAll(/[-_\s]+/g, ' ');
  return [...new Set([spaced, spaced.replace(/^nvidia tesla (?!\*)/i, 'nvidia ')])];
}

function matchers(list: readonly string[] | undefined): readonly RegExp[] | null {
  return list?.map(matcher) ?? null;
}

/** A pattern as a whole text: `*` stands for anything. */
function matcher(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}

/** Lines of the bill that make one finding. */
interface Group {
  readonly id: string;
  readonly kind: Kind;
  readonly rows: AiService[];
}

function grouped(of: Iterable<readonly [id: string, kind: Kind, row: AiService]>): Group[] {
  const groups = new Map<string, Group>();
  for (const [id, kind, row] of of) {
    const known = groups.get(`${row.provider}\n${id}`);
    if (known === undefined) groups.set(`${row.provider}\n${id}`, { id, kind, rows: [row] });
    else known.rows.push(row);
  }
  return [...groups.values()];
}

function notApproved(facts: Facts, rows: readonly AiService[], approved: Approved): Judgement[] {
  const found = rows.flatMap((row) => {
    const kind = row.charged ? approved.fault(row) : null;
    if (kind === null) return [];
    const within = `account/${row.accountId}/vendor/${row.vendor}`;
    return [[kind === 'vendor' ? within : `${within}/${kind}/${row[kind]}`, kind, row] as const];
  });
  return grouped(found).map((group) =>
    judgement(
      facts,
      group,
      'NONCOMPLIANT',
      (name) => `The ${group.kind} ${name} is not on the list of what may be used.`,
    ),
  );
}

function recent(
  facts: Facts,
  rows: readonly AiService[],
  approved: Approved,
  newWithin: string | undefined,
  now: Date,
): Judgement[] {
  if (newWithin === undefined) return [];
  const span = durationMs(newWithin);
  const first = firstSeen(rows);
  const isNew = (kind: Kind, row: AiService) => {
    const seen = first.get(nameOf(kind, row));
    if (seen === undefined || NONE.has(row[kind])) return false;
    const since = Date.parse(seen.since);
    return (
      since > now.getTime() - span &&
      [...seen.sources].every((source) => heldBefore(facts, source, since - span))
    );
  };
  const found = rows.flatMap((row) => {
    if (!row.charged || approved.fault(row) !== null) return [];
    const kind = (['service', 'model'] as const).find((each) => isNew(each, row));
    return kind === undefined ? [] : [[`vendor/${row.vendor}/${kind}/${row[kind]}`, kind, row] as const];
  });
  return grouped(found).map((group) =>
    judgement(
      facts,
      group,
      'SUSPECTED',
      (name, day) => `The ${group.kind} ${name} is new: it was first charged on ${day}.`,
    ),
  );
}

function nameOf(kind: Kind, row: AiService): string {
  return `${row.provider}\n${row.vendor}\n${kind}\n${row[kind]}`;
}

/** The first charge of each service and model in any account, and the bills that show it. */
function firstSeen(rows: readonly AiService[]): Map<string, { since: string; sources: Set<string> }> {
  const first = new Map<string, { since: string; sources: Set<string> }>();
  for (const row of rows)
    for (const kind of ['service', 'model'] as const) {
      const name = nameOf(kind, row);
      const known = first.get(name);
      if (known === undefined) first.set(name, { since: row.since, sources: new Set([row.source]) });
      else {
        known.sources.add(row.source);
        if (row.since < known.since) known.since = row.since;
      }
    }
  return first;
}

function heldBefore(facts: Facts, source: string, at: number): boolean {
  const since = facts.aiServices?.heldSince.get(source);
  return since !== undefined && Date.parse(since) <= at;
}

function judgement(
  facts: Facts,
  { id, kind, rows }: Group,
  verdict: Judgement['verdict'],
  reason: (name: string, day: string) => string,
): Judgement {
  const [row] = rows.toSorted((a, b) => order(a) - order(b) || (a.accountId < b.accountId ? -1 : 1));
  if (row === undefined) throw new RangeError('a group has a line');
  const sums = new Map<string, Map<string, Amounts>>();
  for (const { currency, effective } of rows) addAmount(sums, id, currency, decimal(effective));
  const cost = billedCost(sums.get(id), facts.billWindow, 'EffectiveCost of this AI work');
  const day = row.since.slice(0, 10);
  return {
    check: unapprovedAiService.id,
    provider: row.provider,
    accountId: row.accountId,
    region: kind === 'region' ? row.region : 'global',
    resourceType: `ai-${kind}`,
    resourceId: id,
    resourceName: row[kind],
    owner: facts.ownerOf({ accountId: row.accountId, tags: null }),
    verdict,
    confidence: verdict === 'NONCOMPLIANT' ? 'high' : 'medium',
    ...amounts(cost),
    evidence: [
      fact(kind, row[kind], 'bill'),
      fact('first charge', day, 'bill ChargePeriodStart, all that is held'),
      ...['account' as const, ...KINDS.filter((each) => each !== kind)].flatMap((each) =>
        named(rows.map((one) => (each === 'account' ? one.accountId : one[each]))).map((value) =>
          fact(each, value, 'bill'),
        ),
      ),
      ...cost.evidence,
    ],
    blindSpots: cost.blindSpots,
    reason: reason(JSON.stringify(row[kind]), day),
    scopes: [...new Set(rows.map(({ source }) => `bill:${source}`))].toSorted(),
  };
}

const order = ({ since }: AiService) => Date.parse(since);

function named(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => !NONE.has(value)).toSorted();
}

function fact(name: string, value: string, source: string): Evidence {
  return { name, value, unit: 'text', window: '', source };
}

function amounts({ costBasis, monthlyCost }: BilledCost) {
  return { costBasis, monthlyCost, monthlySaving: null };
}

/** Machines with accelerators; of what no longer runs for good, runs of a job that ended too, nothing is said. */
function machines(facts: Facts, approved: Approved): Judgement[] {
  const costs = costsOf(facts);
  const inside = machinesUnder(facts.resources);
  return facts.resources.flatMap((machine): Judgement[] => {
    if (machine.accelerators.length === 0 || isGone(machine) || hasEnded(machine)) return [];
    // A Workbench instance and the machine under it are one thing.
    if (inside.has(machine.id)) return [];
    const kinds = machine.accelerators.filter(
      ({ kind }) => !approved.allows('accelerator', kind, ...(machine.sku === null ? [] : [machine.sku])),
    );
    const place = approved.allows('region', ...places(machine)) ? [] : [machine.region];
    if (kinds.length === 0 && place.length === 0) return [];
    const cost = costs.of(machineUnder(machine) ?? machine.id);
    const made = facts.known?.creations.get(machine.id);
    return [
      {
        check: unapprovedAiService.id,
        provider: machine.provider,
        accountId: machine.accountId,
        region: machine.region,
        resourceType: machine.type,
        resourceId: machine.id,
        resourceName: machine.name,
        owner: facts.ownerOf(machine),
        verdict: 'NONCOMPLIANT',
        confidence: 'high',
        ...amounts(cost),
        evidence: [
          ...kinds.map(({ kind }) => fact('accelerator', kind, 'inventory')),
          ...place.map((region) => fact('region', region, 'inventory')),
          ...(machine.created === null ? [] : [fact('since', machine.created, 'inventory')]),
          ...(made?.principal == null ? [] : [fact('made by', made.principal, made.event ?? 'audit log')]),
          ...cost.evidence,
        ],
        blindSpots: cost.blindSpots,
        reason: `${[...kinds.map(({ kind }) => `The accelerator ${kind}`), ...place.map((region) => `the region ${region}`)].join(' and ')} ${kinds.length + place.length === 1 ? 'is' : 'are'} not on the list of what may be used.`,
        scopes: [scopeOf(machine)],
      },
    ];
  });
}

/** States of what never runs again: EC2; TPU nodes, which Google lists until someone deletes them (tpu v2, Node.state). */
function isGone({ type, state }: Resource): boolean {
  return type === 'gcp:tpu:node' ? state === 'TERMINATED' || state === 'PREEMPTED' : state === 'terminated';
}

/** The region as it is, and that of a zone of Google Cloud (`us-central1-a`). */
function places({ provider, region }: Resource): string[] {
  return provider === 'gcp' ? [region, region.replace(/-[a-z]$/, '')] : [region];
}
