import type { Resource } from '../estate/model.ts';
import { Decimal, decimal } from '../focus/decimal.ts';
import { money } from '../focus/money.ts';
import type { BilledCost, Costs } from './cost.ts';
import { machineUnder } from './machine-under.ts';
import type { Evidence } from './model.ts';

const known = new WeakMap<readonly Resource[], ReadonlyMap<string, readonly string[]>>();

/** Canonical ids of the volumes and addresses that a machine keeps while it is stopped, and that have bills of their own. */
export function attachedTo(machine: Resource, resources: readonly Resource[]): readonly string[] {
  let found = known.get(resources);
  if (found === undefined) known.set(resources, (found = byMachine(resources)));
  return [...new Set([...volumesOf(machine), ...(found.get(machineUnder(machine) ?? machine.id) ?? [])])];
}

const counted = new WeakMap<readonly Resource[], ReadonlySet<string>>();

/**
 * Ids of the volumes and disks that more than one machine has attached (Amazon EBS User Guide, "Attach an EBS volume to
 * multiple EC2 instances"): that one of them is stopped says nothing of these.
 */
export function shared(resources: readonly Resource[]): ReadonlySet<string> {
  let found = counted.get(resources);
  if (found === undefined) {
    const seen = new Set<string>();
    const many = new Set<string>();
    const count = (id: string) => (seen.has(id) ? many : seen).add(id);
    for (const resource of resources) {
      for (const id of volumesOf(resource)) count(id);
      if (machinesOf(resource).length > 1) many.add(resource.id);
    }
    counted.set(resources, (found = many));
  }
  return found;
}

/** What a machine's volumes and addresses cost while it is stopped; none where it has none, or nobody knows. */
export function billedOn(machine: Resource, resources: readonly Resource[], costs: Costs): Evidence[] {
  const ids = attachedTo(machine, resources);
  const { monthlyCost, costBasis } = together(ids, costs);
  if (monthlyCost === null) return [];
  const priced = ids.filter((id) => costs.of(id).monthlyCost !== null).length;
  const some = priced === ids.length ? '' : `${priced} of `;
  return [
    {
      name: `billed on after a stop: ${some}${ids.length} ${ids.length === 1 ? 'volume or address' : 'volumes and addresses'}`,
      value: monthlyCost.amount,
      unit: monthlyCost.currency,
      window: costs.windowOf(costBasis),
      source: costBasis === 'billed' ? 'bill EffectiveCost of each' : 'list prices of each',
    },
  ];
}

/** What these cost together: known where the cost of at least one is, in one currency; what is not known is told. */
export function together(ids: readonly string[], costs: Costs): BilledCost {
  const parts = ids.map((id) => ({ id, cost: costs.of(id) }));
  const priced = parts.flatMap(({ cost }) => (cost.monthlyCost === null ? [] : [cost.monthlyCost]));
  const currencies = new Set(priced.map(({ currency }) => currency));
  const [currency] = currencies;
  const one = currency !== undefined && currencies.size === 1;
  const total = priced.reduce((sum, { amount }) => sum.plus(decimal(amount)), new Decimal(0));
  const missing = parts.length - priced.length;
  return {
    costBasis: parts.some(({ cost }) => cost.costBasis === 'list-estimate')
      ? 'list-estimate'
      : priced.length > 0
        ? 'billed'
        : 'unknown',
    monthlyCost: one ? money(total, currency) : null,
    uncovered: null,
    evidence: parts.flatMap(({ id, cost }) =>
      cost.evidence.map((line) => ({ ...line, name: `${line.name}, ${id.slice(id.lastIndexOf('/') + 1)}` })),
    ),
    blindSpots: [
      ...new Set(parts.flatMap(({ cost }) => cost.blindSpots)),
      ...(missing > 0 && priced.length > 0
        ? [`What ${missing} of ${parts.length} of these cost is not known.`]
        : []),
    ],
  };
}

/** Ids of what names its machine itself, by the machine's id. */
function byMachine(resources: readonly Resource[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const resource of resources)
    for (const machine of machinesOf(resource)) {
      const held = found.get(machine);
      if (held === undefined) found.set(machine, [resource.id]);
      else held.push(resource.id);
    }
  return found;
}

/** Machines that a volume or an address says it belongs to. */
function machinesOf({ type, id, attributes }: Resource): string[] {
  const { instanceId, users, machines } = attributes;
  if (type === 'aws:ec2:elastic-ip' && typeof instanceId === 'string')
    return [`${id.slice(0, id.lastIndexOf(':'))}:instance/${instanceId}`];
  // Google names the machines that have a disk attached by their full names (Disk.users).
  if (type === 'gcp:compute:disk' && Array.isArray(users)) return users.map(String);
  if (type === 'gcp:compute:address' && Array.isArray(machines)) return machines.map(String);
  return [];
}

/** ARNs of the volumes that a machine names. */
function volumesOf({ type, id, attributes }: Resource): string[] {
  const { volumeIds } = attributes;
  if (type !== 'aws:ec2:instance' || !Array.isArray(volumeIds)) return [];
  const place = id.slice(0, id.lastIndexOf(':'));
  return volumeIds.map((volume) => `${place}:volume/${String(volume)}`);
}
