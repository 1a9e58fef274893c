import type { ChargeKind, Leaf } from '../../analysis/movers/model.ts';
import type { Dialect } from '../dialect/model.ts';
import type { Row } from '../model.ts';
import { type NamedQuery, numberIn, orEmpty, textIn } from './query.ts';
import { axesIn, axesText, axisSql, type SpendAxes, whereParam } from './spend-by.ts';

const PREFIX = 'movers:';

/** The name under which the lake is asked what moved, by axes: `movers:team,model|environment`. */
export function moversName(axes: SpendAxes): string {
  return `${PREFIX}${axesText(axes)}`;
}

/** The query that such a name means; undefined where the name is another. */
export function moversOf(name: string): NamedQuery<Leaf> | undefined {
  return name.startsWith(PREFIX) ? movers(axesIn(name.slice(PREFIX.length))) : undefined;
}

/** Of a resource at a price, in each window: see `byResource`. */
const RESOURCE_SUMS = [
  'former_effective',
  'current_effective',
  'former_base',
  'current_base',
  'former_quantity',
  'current_quantity',
  'former_covered',
  'current_covered',
  'former_charges',
  'current_charges',
  'unmeasured',
] as const;

const SUMS = [
  'former_cost',
  'current_cost',
  'new_base',
  'gone_base',
  'former_base',
  'current_base',
  'former_quantity',
  'current_quantity',
  'former_covered',
  'current_covered',
  'new_resources',
  'gone_resources',
  'unmeasured',
] as const;

/**
 * Two windows side by side: `$formerStart` to `$formerEnd` and `$start` to `$end`, half-open, by ChargePeriodStart.
 * First by resource, to tell what is new or gone from what is used more or less; then by price. Where several
 * engines answer, each tells its resources, since one that another engine has charges of is not new.
 */
function movers(axes: SpendAxes): NamedQuery<Leaf> {
  const { by, where } = axes;
  const keys = by.map((_, at) => `k${at + 1}`);
  const leaf = [...keys, 'currency', 'kind', 'service', 'sku', 'region', 'unit'];
  return {
    name: moversName(axes),
    params: ['start', 'end', 'formerStart', 'formerEnd', ...where.map(whereParam)],
    windows: [
      ['formerStart', 'formerEnd'],
      ['start', 'end'],
    ],
    sql: (d) => byPrice(d, axes, leaf),
    merge: {
      keys: [...leaf, 'resource'],
      sum: RESOURCE_SUMS,
      partial: (d) => `${byResource(d, axes)} ORDER BY ${numbers(leaf.length + 1)}`,
      next: { row: (merged) => priceOf(merged, leaf), merge: { keys: leaf, sum: SUMS } },
    },
    row: (raw) => ({
      key: keys.map((key) => textIn(raw, key)),
      currency: textIn(raw, 'currency'),
      kind: kindIn(textIn(raw, 'kind')),
      unit: textIn(raw, 'unit'),
      former: textIn(raw, 'former_cost'),
      current: textIn(raw, 'current_cost'),
      newBase: textIn(raw, 'new_base'),
      goneBase: textIn(raw, 'gone_base'),
      newResources: numberIn(raw, 'new_resources'),
      goneResources: numberIn(raw, 'gone_resources'),
      formerBase: textIn(raw, 'former_base'),
      currentBase: textIn(raw, 'current_base'),
      formerQuantity: textIn(raw, 'former_quantity'),
      currentQuantity: textIn(raw, 'current_quantity'),
      unmeasured: numberIn(raw, 'unmeasured'),
      formerCovered: textIn(raw, 'former_covered'),
      currentCovered: textIn(raw, 'current_covered'),
    }),
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1).join(', ');

const all = (column: string, as: string) => `COALESCE(SUM(${column}), 0) AS ${as}`;

function byPrice(d: Dialect, axes: SpendAxes, leaf: readonly string[]): string {
  const kept = 'former_charges > 0 AND current_charges > 0';
  const sum = (column: string, when: string, as: string) => `COALESCE(${d.sumIf(column, when)}, 0) AS ${as}`;
  return `
    SELECT ${leaf.join(', ')}, ${all('former_effective', 'former_cost')}, ${all('current_effective', 'current_cost')},
           ${sum('resources.current_base', 'former_charges = 0', 'new_base')},
           ${sum('resources.former_base', 'current_charges = 0', 'gone_base')},
           ${sum('resources.former_base', kept, 'former_base')}, ${sum('resources.current_base', kept, 'current_base')},
           ${sum('resources.former_quantity', kept, 'former_quantity')},
           ${sum('resources.current_quantity', kept, 'current_quantity')},
           ${all('resources.former_covered', 'former_covered')}, ${all('resources.current_covered', 'current_covered')},
           ${d.countIf(`former_charges = 0 AND resource <> ''`)} AS new_resources,
           ${d.countIf(`current_charges = 0 AND resource <> ''`)} AS gone_resources,
           COALESCE(SUM(CASE WHEN ${kept} THEN resources.unmeasured ELSE 0 END), 0) AS unmeasured
    FROM (${byResource(d, axes)}) AS resources
    GROUP BY ${numbers(leaf.length)} ORDER BY ${numbers(leaf.length)}`;
}

function byResource(d: Dialect, { by, where }: SpendAxes): string {
  const former = between(d, 'formerStart', 'formerEnd');
  const current = between(d, 'start', 'end');
  const effective = `COALESCE(${d.name('EffectiveCost')}, 0)`;
  const covered = `CASE WHEN ${d.name('CommitmentDiscountId')} IS NULL THEN ${d.decimal(d.text('0'))} ELSE ${effective} - ${base(d)} END`;
  const both = (amount: string, as: string) =>
    `COALESCE(${d.sumIf(amount, former)}, 0) AS former_${as}, COALESCE(${d.sumIf(amount, current)}, 0) AS current_${as}`;
  const narrowed = where.map((axis) => ` AND ${d.inJsonArray(axisSql(d, axis), whereParam(axis))}`);
  return `
    SELECT ${by.map((axis, at) => `${axisSql(d, axis)} AS k${at + 1}, `).join('')}
           ${d.name('BillingCurrency')} AS currency, ${kind(d)} AS kind, ${orEmpty(d, 'ServiceName')} AS service,
           COALESCE(${d.name('SkuId')}, ${d.name('SkuMeter')}, '') AS sku, ${orEmpty(d, 'RegionId')} AS region,
           ${unit(d)} AS unit, ${orEmpty(d, 'ResourceId')} AS resource,
           ${both(effective, 'effective')}, ${both(base(d), 'base')},
           ${both(`COALESCE(${quantity(d)}, 0)`, 'quantity')}, ${both(covered, 'covered')},
           ${d.countIf(former)} AS former_charges, ${d.countIf(current)} AS current_charges,
           ${d.countIf(`${quantity(d)} IS NULL`)} AS unmeasured
    FROM costs WHERE (${former} OR ${current})${narrowed.join('')}
    GROUP BY ${numbers(by.length + 7)}`;
}

/** What a resource gives to its price: as `byPrice` has it. */
function priceOf(row: Row, leaf: readonly string[]): Row {
  const [before, now] = [numberIn(row, 'former_charges'), numberIn(row, 'current_charges')];
  const isNew = before === 0;
  const isGone = now === 0;
  const isKept = !isNew && !isGone;
  const named = textIn(row, 'resource') !== '';
  const when = (condition: boolean, column: string) => (condition ? textIn(row, column) : '0');
  return {
    ...Object.fromEntries(leaf.map((column) => [column, row[column]])),
    former_cost: textIn(row, 'former_effective'),
    current_cost: textIn(row, 'current_effective'),
    new_base: when(isNew, 'current_base'),
    gone_base: when(isGone, 'former_base'),
    former_base: when(isKept, 'former_base'),
    current_base: when(isKept, 'current_base'),
    former_quantity: when(isKept, 'former_quantity'),
    current_quantity: when(isKept, 'current_quantity'),
    former_covered: textIn(row, 'former_covered'),
    current_covered: textIn(row, 'current_covered'),
    new_resources: isNew && named ? 1 : 0,
    gone_resources: isGone && named ? 1 : 0,
    unmeasured: isKept ? numberIn(row, 'unmeasured') : 0,
  };
}

function between(d: Dialect, start: string, end: string): string {
  const column = d.name('ChargePeriodStart');
  return `(${column} >= ${d.timestamp(d.param(start))} AND ${column} < ${d.timestamp(d.param(end))})`;
}

/** A contracted cost of zero beside a charge is a bill that does not know it. */
function base(d: Dialect): string {
  const effective = d.name('EffectiveCost');
  const contracted = d.name('ContractedCost');
  return `CASE WHEN ${contracted} IS NULL OR (${contracted} = 0 AND ${effective} <> 0) THEN COALESCE(${effective}, 0) ELSE ${contracted} END`;
}

/** What the price is for, else what was consumed where a bill tells that alone. */
function quantity(d: Dialect): string {
  return `COALESCE(${d.name('PricingQuantity')}, ${d.name('ConsumedQuantity')})`;
}

/** In lower case: a biller that writes `Hrs` one month and `hrs` the next means the same. */
function unit(d: Dialect): string {
  return `LOWER(COALESCE(CASE WHEN ${d.name('PricingQuantity')} IS NULL THEN ${d.name('ConsumedUnit')} ELSE ${d.name('PricingUnit')} END, ''))`;
}

/**
 * FOCUS 1.2: ChargeClass `Correction` is of a period that was invoiced; a commitment's own charges are its purchase
 * and what of it goes unused; ChargeFrequency tells a fee that comes again from one that does not.
 */
function kind(d: Dialect): string {
  const category = d.name('ChargeCategory');
  const committed = `${d.name('CommitmentDiscountId')} IS NOT NULL`;
  return `CASE
    WHEN ${d.name('ChargeClass')} = 'Correction' OR ${category} = 'Adjustment' THEN 'correction'
    WHEN ${category} = 'Tax' THEN 'tax'
    WHEN ${category} = 'Credit' THEN 'credit'
    WHEN ${d.name('CommitmentDiscountStatus')} = 'Unused' OR (${category} = 'Purchase' AND ${committed}) THEN 'commitment'
    WHEN ${category} = 'Purchase' AND COALESCE(${d.name('ChargeFrequency')}, '') = 'Recurring' THEN 'recurring'
    WHEN ${category} = 'Purchase' THEN 'one-off'
    ELSE 'usage' END`;
}

const KINDS: readonly ChargeKind[] = [
  'usage',
  'commitment',
  'credit',
  'one-off',
  'recurring',
  'tax',
  'correction',
];

function kindIn(text: string): ChargeKind {
  const found = KINDS.find((each) => each === text);
  if (found === undefined) throw new TypeError(`${text} is no kind of charge`);
  return found;
}
