import { costsOf } from '../checks/cost.ts';
import { identitiesOf } from '../checks/identity.ts';
import { hasEnded } from '../checks/jobs.ts';
import { machinesUnder, machineUnder } from '../checks/machine-under.ts';
import type { Facts, Owner } from '../checks/model.ts';
import type { Accelerator, Resource } from '../estate/model.ts';
import { AI_SPEND } from '../focus/ai/model.ts';
import { resourceClass } from '../focus/ai/resource-class.ts';
import { decimal } from '../focus/decimal.ts';
import { type Money, money } from '../focus/money.ts';
import { providerOf } from '../focus/provider.ts';
import { UNALLOCATED } from '../lake/dimensions.ts';
import { type SpendPart, spendByName, whereParam } from '../lake/queries/spend-by.ts';
import type { Coverage } from '../platform/coverage.ts';
import { lastAudit } from './audit.ts';
import type { Auditor } from './auditor.ts';
import { gatherFacts } from './facts.ts';
import { dimensionsOf } from './terms.ts';
import { VectorStores } from './vector-stores.ts';

/** One thing that exists, or that the bill alone knows. */
export interface InventoryItem {
  /** `bill`: no collector sees it; one line a provider, account, service, class, model and environment. */
  readonly kind: 'resource' | 'vector-index' | 'bill';
  readonly provider: string;
  readonly accountId: string;
  readonly region: string;
  readonly type: string;
  readonly id: string;
  /** Of `bill`: the model, else whether the bill names resources for these charges: `charges without a resource`. */
  readonly name: string | null;
  /** The machine under it that the cloud lists, too, and that its bill names: not a thing of its own; else null. */
  readonly machine: string | null;
  readonly state: string;
  /** `2 x NVIDIA T4` */
  readonly accelerators: string;
  readonly aiClass: string | null;
  readonly model: string | null;
  readonly owner: Owner | null;
  /** The dimension `environment`, where a rule gives a value. */
  readonly environment: string | null;
  /** Effective cost of the window; null where the bill does not hold it, or in several currencies. */
  readonly cost: Money | null;
}

/** `bursar inventory --format json` */
export interface Inventory {
  readonly schemaVersion: 1;
  readonly now: string;
  /** Days that the costs are of; null without a bill. */
  readonly window: { readonly start: string; readonly end: string } | null;
  readonly items: readonly InventoryItem[];
  readonly coverage: readonly Coverage[];
}

const AXES = ['provider', 'account', 'service', 'ai_class', 'model', 'environment', 'resource'] as const;

/**
 * What the newest look at each scope held, the dearest first. With `ai`, only AI work: machines with accelerators,
 * what SageMaker and Bedrock hold, vector stores, and what only the bill knows of models and vendors.
 */
export async function inventory(auditor: Auditor, ai: boolean, now: Date): Promise<Inventory> {
  const coverage = (await lastAudit(auditor.ledger))?.coverage ?? [];
  const everything = { sources: null, scopes: null };
  const facts = await gatherFacts(auditor.lake, everything, coverage, auditor.ownerOf, now);
  const parts = facts.billWindow === null ? [] : await aiSpend(auditor, facts.billWindow);
  const { classes, rest } = parted(parts, facts);
  const inside = machinesUnder(facts.resources);
  const stores = new VectorStores(facts);
  const resources = facts.resources
    .filter(({ id }) => !inside.has(id))
    // A run of a job that has ended exists no more: it is listed while the bill of the window has it.
    .filter((resource) => !hasEnded(resource) || costsOf(facts).of(resource.id).costBasis === 'billed')
    .map((resource) =>
      ofResource(
        resource,
        facts,
        auditor,
        stores.holds(resource)
          ? 'vector store'
          : (classes.get(machineUnder(resource) ?? resource.id) ?? classes.get(resource.id) ?? null),
      ),
    )
    .filter((item) => !ai || item.aiClass !== null);
  const { billWindow } = facts;
  return {
    schemaVersion: 1,
    now: now.toISOString(),
    window: billWindow === null ? null : { start: billWindow.start, end: billWindow.end },
    items: [...resources, ...ofIndexes(facts, auditor, stores), ...rest].toSorted(dearest),
    coverage: facts.coverage,
  };
}

async function aiSpend(
  { lake }: Auditor,
  { start, end }: NonNullable<Facts['billWindow']>,
): Promise<SpendPart[]> {
  const name = spendByName({ by: [...AXES], where: ['ai_class'] });
  return await lake.ask<SpendPart>(
    name,
    { start, end, [whereParam('ai_class')]: JSON.stringify(AI_SPEND) },
    null,
  );
}

/** One line that only the bill knows, while its parts are summed. */
interface Rest {
  readonly item: InventoryItem;
  readonly cost: ReturnType<typeof decimal>;
  readonly currency: string;
  /** Ids that the bill names for it; '' where it names none. */
  readonly resources: Set<string>;
}

/** AI classes of the inventory's own resources, and the lines that belong to none. */
function parted(
  parts: readonly SpendPart[],
  facts: Facts,
): { classes: Map<string, string>; rest: InventoryItem[] } {
  const identities = identitiesOf(facts.resources);
  const classes = new Map<string, string>();
  const rest = new Map<string, Rest>();
  for (const { key, currency, effective } of parts) {
    const [providerName = '', accountId = '', service = '', aiClass = '', ...more] = key;
    const [model, environment, resourceId = ''] = [named(more[0]), named(more[1]), more[2]];
    const provider = providerOf(providerName);
    const found =
      resourceId === '' ? null : identities.find({ provider, accountId, region: null, resourceId });
    if (found !== null) {
      classes.set(found.id, aiClass);
      continue;
    }
    const id = [provider, accountId, service, aiClass, model, environment].filter(Boolean).join('/');
    const before = rest.get(`${id} ${currency}`);
    const cost = before === undefined ? decimal(effective) : before.cost.plus(effective);
    const item: InventoryItem = {
      kind: 'bill',
      provider,
      accountId,
      region: 'global',
      type: service,
      id,
      name: model,
      machine: null,
      state: 'billed',
      accelerators: '',
      aiClass,
      model,
      owner: facts.ownerOf({ accountId, tags: null }),
      environment,
      cost: null,
    };
    const resources = before?.resources ?? new Set<string>();
    resources.add(resourceId);
    rest.set(`${id} ${currency}`, { item, cost, currency, resources });
  }
  return {
    classes,
    rest: [...rest.values()].map(({ item, cost, currency, resources }) => ({
      ...item,
      name: item.name ?? billedFor(resources),
      cost: money(cost, currency),
    })),
  };
}

/** What charges without a model are for; the service stands in `type`. */
function billedFor(resources: ReadonlySet<string>): string {
  const without = resources.has('');
  const count = without ? resources.size - 1 : resources.size;
  if (count === 0) return 'charges without a resource';
  const counted = `${count} ${count === 1 ? 'resource' : 'resources'} that only the bill names`;
  return without ? `${counted}, and charges without a resource` : counted;
}

function named(value: string | undefined): string | null {
  return value === undefined || value === '' || value === UNALLOCATED ? null : value;
}

function ofResource(
  resource: Resource,
  facts: Facts,
  { terms }: Auditor,
  billed: string | null,
): InventoryItem {
  const { provider, accountId, region, type, id, name, state, tags } = resource;
  const machine = machineUnder(resource);
  const under = machine === null ? undefined : facts.resources.find((one) => one.id === machine);
  const accelerators = resource.accelerators.length > 0 ? resource.accelerators : (under?.accelerators ?? []);
  const dimensions = dimensionsOf(accountId, tags, terms.dimensions);
  return {
    kind: 'resource',
    provider,
    accountId,
    region,
    type,
    id,
    name,
    machine,
    state,
    accelerators:
      accelerators.map(shown).join(', ') + (accelerators.length === 0 ? '' : (OF_OTHERS.get(type) ?? '')),
    aiClass:
      billed ?? resourceClass(accelerators.length > 0 ? 'idle-gpu' : '', type) ?? searchClass(resource),
    model: null,
    owner: facts.ownerOf(resource),
    environment: dimensions['environment'] ?? null,
    cost: costOfBoth(facts, id, machine),
  };
}

/** The bill names the machine under a thing, or the thing, or each for a part. */
function costOfBoth(facts: Facts, id: string, machine: string | null): Money | null {
  const own = billedCostOf(facts, id);
  const under = machine === null ? null : billedCostOf(facts, machine);
  if (own === null || under === null) return own ?? under;
  return own.currency === under.currency ? money(decimal(own.amount).plus(under.amount), own.currency) : null;
}

/** What the bill says; an estimate at list prices is told in findings alone, where it is marked. */
function billedCostOf(facts: Facts, id: string): Money | null {
  const { costBasis, monthlyCost } = costsOf(facts).of(id);
  return costBasis === 'billed' ? monthlyCost : null;
}

/** What OpenSearch is for: a collection says so itself; a domain may hold vectors, and nothing tells. */
function searchClass({ type, sku }: Resource): string | null {
  if (type === 'aws:opensearchserverless:collection') return sku === 'VECTORSEARCH' ? 'vector store' : null;
  return type === 'aws:opensearch:domain' ? 'unknown' : null;
}

/** Of these the accelerators are those of machines that are listed themselves, or of none. */
const OF_OTHERS: ReadonlyMap<string, string> = new Map([
  ['gcp:container:node-pool', ' a node'],
  ['gcp:compute:reservation', ' reserved'],
  ['aws:ec2:capacity-reservation', ' reserved'],
]);

function shown({ kind, count }: Accelerator): string {
  return `${count} x ${kind}`;
}

/**
 * An index shares the bill of its store, so that none of its own is told: the store has a line of its own, where an
 * inventory holds it, and whoever owns that owns what is in it.
 */
function ofIndexes(facts: Facts, { terms }: Auditor, stores: VectorStores): InventoryItem[] {
  return facts.vectorIndexes.current.map((seen) => {
    const { id, provider, accountId, region, store, storeType, table, index, vectors } = seen;
    const held = stores.of(seen);
    return {
      kind: 'vector-index' as const,
      provider,
      // A server of one's own is known by the name that the config gives it.
      accountId: provider === 'aws' || provider === 'gcp' ? accountId : store,
      region,
      type: `${storeType}:index`,
      id,
      name: table === '' ? index : `${table}.${index}`,
      machine: null,
      state: vectors === null ? 'vectors not told' : `${vectors} vectors`,
      accelerators: '',
      aiClass: 'vector store',
      model: seen.model,
      owner: facts.ownerOf(held ?? { accountId, tags: null }),
      environment:
        held === null
          ? null
          : (dimensionsOf(held.accountId, held.tags, terms.dimensions)['environment'] ?? null),
      cost: null,
    };
  });
}

function dearest(a: InventoryItem, b: InventoryItem): number {
  const [x, y] = [a.cost, b.cost];
  if (x !== null && y !== null && x.currency === y.currency) {
    const order = decimal(y.amount).comparedTo(decimal(x.amount));
    if (order !== 0) return order;
  }
  if ((x === null) !== (y === null)) return x === null ? 1 : -1;
  if (x !== null && y !== null && x.currency !== y.currency) return x.currency < y.currency ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
