import type { Json, Resource } from '../../estate/model.ts';
import { Decimal, decimalText } from '../decimal.ts';
import { HOURS_A_MONTH, type PriceAsk, type Priced } from './model.ts';

/** Which SKUs of Compute Engine a resource is charged by, as far as they can be told from its kind alone. */
export function gcpAsks(resource: Resource): Priced {
  switch (resource.type) {
    case 'gcp:compute:instance':
      return instance(resource);
    case 'gcp:compute:disk':
      return disk(resource);
    default:
      return { unpriced: `the list price of ${resource.type} is not asked for` };
  }
}

/** The service of the SKUs in Google's catalogue: its id there, and its name. */
export const COMPUTE_ENGINE = { id: 'services/6F81-5844-456A', name: 'Compute Engine' } as const;

/** Types of disks, and how their SKUs are described. */
const DISKS: Readonly<Record<string, string>> = {
  'pd-standard': 'Storage PD Capacity',
  'pd-balanced': 'Balanced PD Capacity',
  'pd-ssd': 'SSD backed PD Capacity',
};

/** `Nvidia Tesla T4 GPU running in Americas`; those of spot machines are `attached to` them. */
const GPU = /^Nvidia (?:Tesla )?(.+) GPU running in /;

/**
 * Types whose cores and memory have SKUs of their own by the name of their family, which custom types, types of a part
 * of a core and later sub-families (`A3 Mega`) do not share: no other is priced by its name alone.
 */
const TYPE = /^(n1|n2|e2|g2)-(?:standard|highmem|highcpu)-\d+$/;
const FAMILIES: Readonly<Record<string, string>> = { n1: 'N1 Predefined', n2: 'N2', e2: 'E2', g2: 'G2' };
/** `N1 Predefined Instance Core running in Americas`, `G2 Instance Ram running in Belgium`. */
const PART = /^(.+) Instance (Core|Ram) running in /;

/**
 * What a SKU sells, in words that `gcpAsks` uses, by the text that describes it: the catalogue has no other name of a
 * type. Null for what is not asked for.
 */
export function gcpUsage(description: string): string | null {
  const gpu = GPU.exec(description)?.[1];
  if (gpu !== undefined) return gpuUsage(gpu);
  const [, named, part] = PART.exec(description) ?? [];
  if (part !== undefined) {
    const family = Object.keys(FAMILIES).find((each) => FAMILIES[each] === named);
    return family === undefined ? null : partUsage(family, part);
  }
  const head = description.replace(/ in .*$/, '');
  const regional = head.startsWith('Regional ');
  const told = regional ? head.slice('Regional '.length) : head;
  const type = Object.keys(DISKS).find((each) => DISKS[each] === told);
  return type === undefined ? null : diskUsage(type, regional);
}

/** `nvidia-tesla-t4` and `Nvidia Tesla T4` are `gpu t4`; the memory of an `a100-80gb` is a part of its name. */
function gpuUsage(kind: string): string {
  return `gpu ${kind
    .toLowerCase()
    .replace(/^nvidia-/, '')
    .replace(/^tesla-/, '')
    .replaceAll(' ', '-')}`;
}

function partUsage(family: string, part: string): string {
  return `${family} ${part.toLowerCase()}`;
}

function diskUsage(type: string, regional: boolean): string {
  return `${regional ? 'regional ' : ''}disk ${type}`;
}

function instance(resource: Resource): Priced {
  const { accelerators, state, attributes } = resource;
  if (state !== 'RUNNING') return { unpriced: `a machine that is ${state} is not charged for by the hour` };
  const model = attributes['provisioningModel'];
  const standard = model === undefined || model === null || model === 'STANDARD';
  if (!standard || attributes['preemptible'] === true)
    return { unpriced: 'what a spot or reserved machine costs is in no price list' };
  if (attributes['soleTenant'] === true)
    return { unpriced: 'a machine on a node of its own is not priced by its type' };
  if (typeof attributes['endsAt'] === 'string')
    return { unpriced: 'a machine that ends by itself may run no whole month' };
  const gpus = accelerators.filter(({ kind }) => kind.startsWith('nvidia-'));
  if (gpus.length < accelerators.length)
    return { unpriced: 'the list price of its accelerators is not asked for' };
  const parts = partsOf(resource);
  if (parts.length === 0 && gpus.length === 0)
    return { unpriced: 'the list price of its type is not asked for, or its cores are not known' };
  return {
    asks: [
      ...gpus.map(({ kind, count }) =>
        ask(resource, gpuUsage(kind), 'hour', new Decimal(HOURS_A_MONTH).times(count)),
      ),
      ...parts,
    ],
    leavesOut: [
      parts.length === 0
        ? 'its cores, memory, disks, addresses and traffic'
        : 'its disks, addresses and traffic',
    ],
  };
}

/** The cores and the memory of a machine; none where its type is not priced by them, or nobody knows how many it has. */
function partsOf(resource: Resource): PriceAsk[] {
  const family = TYPE.exec(resource.sku ?? '')?.[1];
  const cores = numberOf(resource.attributes['cores']);
  const memory = numberOf(resource.attributes['memoryMiB']);
  // Where its accelerators are not known, the rest of it would be told as if it were all.
  if (family === undefined || cores === null || memory === null) return [];
  if (numberOf(resource.attributes['acceleratorDevices']) === null) return [];
  const hours = new Decimal(HOURS_A_MONTH);
  return [
    ask(resource, partUsage(family, 'core'), 'hour', hours.times(cores)),
    ask(resource, partUsage(family, 'ram'), 'gibibyte-hour', hours.times(memory).div(1024)),
  ];
}

function disk(resource: Resource): Priced {
  const { sku, region, attributes } = resource;
  const size = numberOf(attributes['sizeGb']);
  if (sku === null || DISKS[sku] === undefined || size === null)
    return { unpriced: 'the list price of its type is not asked for, or its size is not known' };
  const regional = regionOf(region) === region;
  return {
    asks: [ask(resource, diskUsage(sku, regional), 'gibibyte-month', new Decimal(size))],
    leavesOut: [],
  };
}

function ask({ region }: Resource, usage: string, unit: PriceAsk['unit'], quantity: Decimal): PriceAsk {
  return {
    provider: 'gcp',
    region: regionOf(region),
    service: COMPUTE_ENGINE.name,
    usage,
    operation: null,
    unit,
    quantity: decimalText(quantity),
  };
}

/** The region of a zone: `us-central1` of `us-central1-a`. */
function regionOf(place: string): string {
  return place.replace(/-[a-z]$/, '');
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
