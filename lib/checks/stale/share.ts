import { Decimal, decimal } from '../../focus/decimal.ts';
import { addMoney, type Money, money, subtractMoney } from '../../focus/money.ts';
import { BY_USE, type Costs } from '../cost.ts';
import type { Evidence, Judgement } from '../model.ts';
import type { Seen } from './watch.ts';

/** What one index costs: its part of what the bill charges for its store. */
export interface Share {
  readonly costBasis: Judgement['costBasis'];
  readonly cost: Money | null;
  /** What of it no commitment covers and no use caused; null where that is not known. */
  readonly uncovered: Money | null;
  /** Was a part of it charged for what went through the store? */
  readonly byUse: boolean;
  readonly evidence: readonly Evidence[];
  readonly blindSpots: readonly string[];
  /** With what the bill falls: with every vector, with the index alone, or not with it. */
  readonly falls: 'vectors' | 'index' | 'never';
}

/** The cost of a part of an index, ready for a judgement. */
export type PartCost = Pick<
  Judgement,
  'costBasis' | 'monthlyCost' | 'monthlySaving' | 'evidence' | 'blindSpots'
>;

const UNKNOWN = { costBasis: 'unknown', cost: null, uncovered: null, byUse: false, evidence: [] } as const;

/** @param unused ids of indexes that nobody asks: where all that share a store are, the store itself could go. */
export function shareOf(index: Seen, costs: Costs, unused: ReadonlySet<string>): Share {
  const { capacity } = index;
  if (capacity === null || capacity.billed.length === 0)
    return {
      ...UNKNOWN,
      blindSpots: [
        'No bill names an index: what it costs is not known.',
        ...(capacity === null ? [] : sharing(index, capacity, unused)),
      ],
      falls: 'never',
    };
  const falls = {
    'by-bytes': 'vectors',
    'by-index': 'index',
    'shared-cluster': 'never',
    minimum: 'never',
  } as const;
  const together = sharing(index, capacity, unused);
  // Requests and transfer are of those who ask, and do not fall with what is kept.
  const told = capacity.billed.map((id) => ({
    id,
    ...(capacity.kind === 'by-bytes' ? costs.storedBy(id) : costs.of(id)),
  }));
  const missing = told.filter(({ monthlyCost }) => monthlyCost === null);
  const sums = told.flatMap(({ monthlyCost }) => monthlyCost ?? []);
  const [first, ...rest] = sums;
  const alone = capacity.sharedBy !== null && capacity.sharedBy.every((id) => id === index.id);
  const part = alone
    ? new Decimal(1)
    : index.bytes !== null && capacity.bytes !== null && capacity.bytes >= index.bytes && capacity.bytes > 0
      ? new Decimal(index.bytes).div(capacity.bytes)
      : null;
  const unknown =
    missing.length > 0 || first === undefined
      ? `No bill tells what ${missing.map(({ id }) => id).join(', ')} costs${capacity.kind === 'by-bytes' ? ' for what is kept there, apart from requests' : ''}.`
      : rest.some(({ currency }) => currency !== first.currency)
        ? 'Its store is billed in several currencies, which are not added.'
        : part === null
          ? 'How much of its store it takes is not known, so that its part of the bill is not either.'
          : null;
  if (unknown !== null || first === undefined || part === null)
    return { ...UNKNOWN, blindSpots: [unknown ?? '', ...together], falls: falls[capacity.kind] };
  const total = rest.reduce(addMoney, first);
  const free = told.reduce<Money | null>(
    (sum, { uncovered }) => (sum === null || uncovered === null ? null : addMoney(sum, uncovered)),
    money('0', first.currency),
  );
  const basis = told.every(({ costBasis }) => costBasis === 'billed') ? 'billed' : 'list-estimate';
  return {
    costBasis: basis,
    cost: times(total, part),
    uncovered: free === null ? null : times(free, part),
    byUse: told.some((one) => one.evidence.some(({ name }) => name.startsWith(BY_USE))),
    evidence: [
      {
        name: 'cost of its store',
        value: total.amount,
        unit: total.currency,
        window: costs.windowOf(basis),
        source: `${basis === 'billed' ? `bill EffectiveCost${capacity.kind === 'by-bytes' ? ' of TimedStorage' : ''}` : 'list prices'} of ${capacity.billed.join(', ')}`,
      },
      ...(alone || index.bytes === null || capacity.bytes === null
        ? []
        : [
            {
              name: 'its part of its store',
              value: `${index.bytes} of ${capacity.bytes}`,
              unit: 'bytes',
              window: '',
              source: 'sizes as the store tells them',
            },
          ]),
    ],
    blindSpots: [...told.flatMap(({ blindSpots }) => blindSpots), ...together],
    falls: falls[capacity.kind],
  };
}

/** What would have to go together, where the bill is the same without this index. */
function sharing(
  index: Seen,
  { kind, billed, sharedBy }: NonNullable<Seen['capacity']>,
  unused: ReadonlySet<string>,
): string[] {
  if (kind === 'by-bytes' || kind === 'by-index') return [];
  const store = billed.length === 0 ? `The store ${index.store}` : billed.join(', ');
  const why =
    kind === 'minimum'
      ? `${store} has a minimum that is paid with and without this index`
      : `${store} costs the same with and without this index`;
  if (sharedBy === null) return [`${why}: what else it holds is not known.`];
  const others = sharedBy.filter((id) => id !== index.id);
  if (others.length === 0) return [`${why}: it would have to go itself, and it holds no other vector index.`];
  const asked = others.filter((id) => !unused.has(id));
  return asked.length === 0
    ? [
        `${why}. Nobody asks any of its ${sharedBy.length} vector indexes: together they could go, and it with them.`,
      ]
    : [`${why}: to save anything, these would have to go or move too: ${some(asked)}.`];
}

function some(ids: readonly string[]): string {
  return ids.length <= 5 ? ids.join(', ') : `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more`;
}

/** The whole index. */
export function wholeCost(share: Share): PartCost {
  return partCost(share, new Decimal(1), new Decimal(1), share.falls !== 'never');
}

/**
 * A part of the vectors.
 * @param likely the part, from 0 to 1. @param certain the least that it is: only that counts as saved.
 */
export function vectorsCost(share: Share, likely: Decimal, certain: Decimal): PartCost {
  const cost = partCost(share, likely, certain, share.falls === 'vectors');
  return share.falls === 'index'
    ? {
        ...cost,
        blindSpots: [
          ...cost.blindSpots,
          'The index costs the same with fewer vectors: nothing is saved until it is made smaller.',
        ],
      }
    : cost;
}

function partCost(share: Share, likely: Decimal, certain: Decimal, falls: boolean): PartCost {
  const { costBasis, blindSpots } = share;
  if (share.cost === null)
    return { costBasis, monthlyCost: null, monthlySaving: null, evidence: share.evidence, blindSpots };
  const cost = times(share.cost, likely);
  const evidence: Evidence[] = [
    ...share.evidence,
    {
      name: 'its cost',
      value: cost.amount,
      unit: cost.currency,
      window: 'P1M',
      source: 'its part of the cost of its store',
    },
  ];
  if (!falls || share.uncovered === null)
    return { costBasis, monthlyCost: cost, monthlySaving: null, evidence, blindSpots };
  const free = times(share.uncovered, likely);
  const saving = times(share.uncovered, certain);
  return {
    costBasis,
    monthlyCost: cost,
    monthlySaving: saving,
    evidence: [
      ...evidence,
      ...line(
        share.byUse ? `covered by commitments, or ${BY_USE} (data, requests)` : 'covered by commitments',
        subtractMoney(cost, free),
        `bill EffectiveCost ${share.byUse ? 'by CommitmentDiscountStatus and PricingUnit' : 'with CommitmentDiscountStatus Used'}`,
      ),
      ...line(
        'goes on billing: not certain at 95%',
        subtractMoney(free, saving),
        'what the sample leaves open',
      ),
    ],
    blindSpots,
  };
}

/** A line that lessens the saving; none where it is nothing. */
function line(name: string, amount: Money, source: string): Evidence[] {
  return decimal(amount.amount).isZero()
    ? []
    : [{ name, value: amount.amount, unit: amount.currency, window: 'P1M', source }];
}

function times(amount: Money, part: Decimal): Money {
  return money(decimal(amount.amount).times(part), amount.currency);
}
