/**
 * Rows of the lake as the pools that the optimiser knows: which programmes cover what, at which rates, what is
 * committed already, and until when.
 */
import type { Expiring, Offer, Pool, Rate, Slice } from '../analysis/commitments/model.ts';
import { observedDiscount } from '../analysis/commitments/observed.ts';
import { Decimal, decimal, decimalText } from '../focus/decimal.ts';
import type { CommitmentUsage } from '../lake/queries/commitment-usage.ts';
import type { CommitmentHeld } from '../lake/queries/commitments-held.ts';
import type { EligibleUsage } from '../lake/queries/eligible-usage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Kind = EligibleUsage['kind'];

/** Programmes of each kind of usage: the one that covers all of it, and those of one slice alone. */
const PROGRAMMES: Readonly<
  Record<Kind, { readonly shared: string; readonly own: (slice: string) => string[] }>
> = {
  'aws-compute': {
    shared: 'aws-compute-savings-plan',
    own: (slice) => [`aws-ec2-reservation ${slice}`, `aws-ec2-instance-savings-plan ${slice}`],
  },
  'aws-sagemaker': { shared: 'aws-sagemaker-savings-plan', own: () => [] },
  'aws-database': {
    shared: 'aws-database-savings-plan',
    own(slice) {
      const [service = '', ...place] = slice.split(' ');
      return RESERVED.has(service) ? [`aws-${service}-reservation ${place.join(' ')}`] : [];
    },
  },
  'gcp-compute': { shared: 'gcp-compute-flexible-cud', own: (slice) => [`gcp-resource-cud ${slice}`] },
};
/** Databases with reservations of one region and family. */
const RESERVED = new Set(['rds', 'elasticache', 'opensearch']);

/**
 * Does the shared programme of its kind cover the slice? Database Savings Plans cover instances from the seventh
 * generation on, of ElastiCache only Valkey, which a bill does not always tell, and no OpenSearch ("Database Savings
 * Plans pricing", December 2025): what is uncertain is left out. Compute flexible commitments give no discount on M1 to
 * M4, and of the machines with GPUs cover G2 and G4 alone (programme-sql.ts). The rest of each kind is covered whole.
 */
function isShared(kind: Kind, slice: string): boolean {
  if (kind === 'gcp-compute') return !/ (?:m[1-4]|a[2-9]x?)$/.test(slice);
  if (kind !== 'aws-database' || slice === '') return true;
  if (slice.startsWith('elasticache ') || slice.startsWith('opensearch ')) return false;
  const generation = /([0-9]+)[a-z0-9-]*$/.exec(slice.split(' ').at(-1) ?? '')?.[1];
  return generation !== undefined && Number(generation) >= 7;
}

/** What the bill and the config know besides usage. */
export interface PoolFacts {
  readonly held: readonly CommitmentHeld[];
  /** Ends of commitments by id, ISO-8601 UTC. */
  readonly ends: ReadonlyMap<string, string>;
  /** Up to when usage of `aws` and `gcp` is known, milliseconds. */
  readonly until: Readonly<Record<string, number>>;
  readonly wasteLeftOut: number;
  readonly discounts: Readonly<Record<string, string>>;
  readonly rates: Readonly<Record<string, readonly Omit<Rate, 'source'>[]>>;
}

/** One pool for each kind of usage and currency, and apart what the shared programme of its kind does not cover. */
export function poolsOf(
  usage: readonly EligibleUsage[],
  covered: readonly CommitmentUsage[],
  facts: PoolFacts,
): Pool[] {
  const observed = observedDiscounts(covered, facts.held);
  const programmes = new Map(facts.held.map((each) => [each.id, programmeOf(each)]));
  const groups = Map.groupBy(usage, ({ kind, slice, currency }) =>
    JSON.stringify([kind, currency, isShared(kind, slice)]),
  );
  return [...groups].flatMap(([key, rows]) => {
    const [first] = rows;
    if (first === undefined) return [];
    const { kind, currency } = first;
    const own = covered.filter(
      (each) =>
        each.currency === currency &&
        JSON.stringify([each.kind, currency, isShared(each.kind, each.slice)]) === key,
    );
    const provider = kind.slice(0, 3);
    const grid = gridOf([...rows, ...own], facts.until[provider] ?? 0);
    if (grid === null) return [];
    const offer = (programme: string): Offer => ({ programme, rates: ratesOf(programme, facts, observed) });
    const slices = slicesOf(rows, own, grid).map(
      ({ name, amounts }): Slice => ({
        name,
        amounts,
        own:
          name === ''
            ? []
            : PROGRAMMES[kind]
                .own(name)
                .map(offer)
                .filter(({ rates }) => rates.length > 0),
      }),
    );
    return [
      {
        provider,
        currency,
        shared: isShared(kind, first.slice) ? offer(PROGRAMMES[kind].shared) : null,
        start: new Date(grid.start).toISOString(),
        stepHours: grid.step / HOUR_MS,
        slices,
        wasteLeftOut: facts.wasteLeftOut,
        expiring: expiringOf(own, facts.ends, programmes, grid),
      },
    ];
  });
}

/** Equal steps from a midnight to where usage is known. */
interface Grid {
  readonly start: number;
  readonly step: number;
  readonly steps: number;
}

interface Span {
  readonly start: string;
  readonly end: string;
}

/** By the hour where (nearly) all spend is told by the hour, else by the day; null: nothing is known. */
function gridOf(
  rows: readonly (Span & ({ amount: string } | { onDemand: string }))[],
  until: number,
): Grid | null {
  let coarse = 0;
  let all = 0;
  let start = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const amount = Math.abs(Number('amount' in row ? row.amount : row.onDemand));
    all += amount;
    if (Date.parse(row.end) - Date.parse(row.start) > HOUR_MS) coarse += amount;
    start = Math.min(start, Math.floor(Date.parse(row.start) / DAY_MS) * DAY_MS);
  }
  const step = coarse > all / 100 ? DAY_MS : HOUR_MS;
  const steps = Math.floor((until - start) / step);
  return steps > 0 ? { start, step, steps } : null;
}

/** Adds a charge to the steps over which it runs, evenly; what lies outside the grid is left out. */
function spread(
  sums: (Decimal | undefined)[],
  { start, step, steps }: Grid,
  span: Span,
  amount: Decimal,
): void {
  const first = Math.floor((Date.parse(span.start) - start) / step);
  const last = Math.max(Math.ceil((Date.parse(span.end) - start) / step) - 1, first);
  const each = last === first ? amount : amount.div(last - first + 1);
  for (let at = Math.max(first, 0); at <= Math.min(last, steps - 1); at++)
    sums[at] = sums[at]?.plus(each) ?? each;
}

/** Steps without a charge had no use: the bill is known there. */
function texts(sums: readonly (Decimal | undefined)[], { steps }: Grid): string[] {
  return Array.from({ length: steps }, (_, at) => {
    const sum = sums[at];
    return sum === undefined ? '0' : decimalText(sum);
  });
}

/** On-demand spend of each slice; what commitments spend on waste now will cover some of it: first of its slice. */
function slicesOf(
  rows: readonly EligibleUsage[],
  covered: readonly CommitmentUsage[],
  grid: Grid,
): { readonly name: string; readonly amounts: readonly string[] }[] {
  const slices = [...Map.groupBy(rows, ({ slice }) => slice)].map(([name, own]) => {
    const sums: (Decimal | undefined)[] = [];
    for (const row of own) spread(sums, grid, row, decimal(row.amount));
    return { name, sums };
  });
  const wasted = covered.filter((each) => each.wasted);
  const freed = [...Map.groupBy(wasted, ({ slice }) => slice)].map(([name, own]) => {
    const sums: (Decimal | undefined)[] = [];
    for (const row of own) spread(sums, grid, row, decimal(row.onDemand));
    return { name, sums };
  });
  for (const { name, sums } of freed)
    for (const [at, amount] of sums.entries()) {
      let rest = amount ?? new Decimal(0);
      for (const slice of slices.toSorted((a, b) => Number(b.name === name) - Number(a.name === name))) {
        const spent = slice.sums[at];
        if (spent === undefined || !spent.gt(0)) continue;
        const taken = Decimal.min(spent, rest);
        slice.sums[at] = spent.minus(taken);
        rest = rest.minus(taken);
      }
    }
  return slices.map(({ name, sums }) => ({ name, amounts: texts(sums, grid) }));
}

function expiringOf(
  covered: readonly CommitmentUsage[],
  ends: ReadonlyMap<string, string>,
  programmes: ReadonlyMap<string, string | null>,
  grid: Grid,
): Expiring[] {
  const lasting = covered.filter(({ wasted }) => !wasted);
  return [...Map.groupBy(lasting, ({ id }) => id)].flatMap(([id, rows]) => {
    const at = ends.get(id);
    const base = programmes.get(id) ?? null;
    if (at === undefined || base === null) return [];
    const slices = [...new Set(rows.map(({ slice }) => slice))];
    const shared = Object.values(PROGRAMMES).some(({ shared: programme }) => programme === base);
    const [only] = slices;
    const place = only === undefined ? '' : only.replace(/^(rds|elasticache|opensearch) /, '');
    const sums: (Decimal | undefined)[] = [];
    for (const row of rows) spread(sums, grid, row, decimal(row.onDemand));
    return [{ id, programme: shared ? base : `${base} ${place}`, at, covered: texts(sums, grid) }];
  });
}

/** What a discount without more is taken for: the least that can be committed to. */
function unpaid(discount: string, source: string, term: Rate['term'] = '1y'): Rate {
  return { term, payment: 'none', discount, source };
}

/** Names of commitments may tell their term: `Compute Flexible CUDs 3 Year`. */
function termOf({ name }: CommitmentHeld): Rate['term'] {
  return /\b3[ -]?y(ea)?rs?\b/i.test(name ?? '') ? '3y' : '1y';
}

function ratesOf(
  programme: string,
  { discounts, rates }: PoolFacts,
  observed: ReadonlyMap<string, string>,
): Rate[] {
  const [base = programme] = programme.split(' ');
  const given = rates[programme] ?? rates[base];
  if (given !== undefined) return given.map((rate) => ({ ...rate, source: 'from the config' }));
  const configured = discounts[programme] ?? discounts[base];
  if (configured !== undefined) return [unpaid(configured, 'from the config')];
  return (['1y', '3y'] as const).flatMap((term) => {
    const seen = observed.get(`${base} ${term}`);
    return seen === undefined ? [] : [unpaid(seen, 'observed on covered usage of the bill', term)];
  });
}

/** The discount that commitments of each programme and term really gave, by the bill: `aws-rds-reservation 1y`. */
function observedDiscounts(
  covered: readonly CommitmentUsage[],
  held: readonly CommitmentHeld[],
): ReadonlyMap<string, string> {
  const programmes = new Map(
    held.map((each) => {
      const programme = programmeOf(each);
      return [each.id, programme === null ? null : `${programme} ${termOf(each)}`];
    }),
  );
  const priced = covered.filter(({ onDemand }) => decimal(onDemand).gt(0));
  const observed = new Map<string, string>();
  for (const [programme, rows] of Map.groupBy(priced, ({ id }) => programmes.get(id) ?? null)) {
    const discount = observedDiscount(rows);
    if (programme !== null && discount !== null) observed.set(programme, discount);
  }
  return observed;
}

/**
 * Spend-based commitments of Google by their name (a consumption model `Compute Flexible CUDs 1 Year`, a fee `Compute
 * Flexible Committed Use Discounts - 3 Year`, `Commitment - dollar based v1: GCE for 1 year`): those of other services
 * (`Cloud SQL CUD - 1 Year`) cover nothing of Compute Engine. Where no name tells, by what they cover.
 */
function flexibleOf(words: string): string | null {
  if (/flexible|dollar based v1: gce\b/.test(words)) return 'gcp-compute-flexible-cud';
  if (/\bcuds?\b|committed use discounts?\b.*year|dollar based/.test(words)) return null;
  return /cloud sql|spanner|alloydb|memorystore|bigquery|bigtable|dataflow|firestore/.test(words)
    ? null
    : 'gcp-compute-flexible-cud';
}

/** The programme of a commitment, by what the bill says of it; null where it is none that is known here. */
export function programmeOf({ name, type, category, provider, service }: CommitmentHeld): string | null {
  const words = `${name ?? ''} ${type ?? ''} ${service ?? ''}`.toLowerCase();
  const isAws = /\baws\b|amazon/.test(provider.toLowerCase());
  if (!isAws)
    return !/google|gcp/.test(provider.toLowerCase())
      ? null
      : category === 'Spend'
        ? flexibleOf(words)
        : 'gcp-resource-cud';
  if (category === 'Spend' || /savings ?plan/.test(words)) {
    if (/sagemaker|machine ?learning/.test(words)) return 'aws-sagemaker-savings-plan';
    if (/database ?savings/.test(words)) return 'aws-database-savings-plan';
    return /ec2 ?instance ?savings/.test(words)
      ? 'aws-ec2-instance-savings-plan'
      : 'aws-compute-savings-plan';
  }
  if (/relational database|rds|aurora/.test(words)) return 'aws-rds-reservation';
  if (/elasticache/.test(words)) return 'aws-elasticache-reservation';
  if (/opensearch|elasticsearch/.test(words)) return 'aws-opensearch-reservation';
  return /elastic compute cloud|ec2/.test(words) ? 'aws-ec2-reservation' : null;
}
