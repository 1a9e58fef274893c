import type { Dialect } from '../dialect/model.ts';
import { inWindow, type NamedQuery, textIn, textOrNull } from './query.ts';

/** A commitment as the bill tells it. */
export interface CommitmentHeld {
  readonly id: string;
  readonly currency: string;
  /** CommitmentDiscountName, CommitmentDiscountType, and `Spend` or `Usage`; null where the bill has none. */
  readonly name: string | null;
  readonly type: string | null;
  readonly category: string | null;
  readonly provider: string;
  /** ServiceName of what it covered; that of its fees where it covered nothing. */
  readonly service: string | null;
  /** EffectiveCost in the window of what was used, and of what was not. Decimal text. */
  readonly used: string;
  readonly unused: string;
  /** ContractedCost in the window of what was used, and EffectiveCost of what of it has none. Decimal text. */
  readonly onDemand: string;
  readonly unpriced: string;
}

const KEYS = ['id', 'currency'];
const TEXTS = ['name', 'type', 'category', 'provider'];
const SUMS = ['used', 'unused', 'on_demand', 'unpriced'];

const status = (d: Dialect, is: string) => `${d.name('CommitmentDiscountStatus')} = '${is}'`;

/** ServiceName of what it covered, and of any of its charges. */
const covered = (d: Dialect) => `MAX(CASE WHEN ${status(d, 'Used')} THEN ${d.name('ServiceName')} END)`;
const charged = (d: Dialect) => `MAX(${d.name('ServiceName')})`;

function held(d: Dialect, services: string): string {
  const effective = d.name('EffectiveCost');
  const contracted = d.name('ContractedCost');
  const isUsed = status(d, 'Used');
  return `
    SELECT ${d.name('CommitmentDiscountId')} AS id, ${d.name('BillingCurrency')} AS currency,
           MAX(${d.name('CommitmentDiscountName')}) AS name, MAX(${d.name('CommitmentDiscountType')}) AS type,
           MAX(${d.name('CommitmentDiscountCategory')}) AS category, MAX(${d.name('ProviderName')}) AS provider,
           ${services},
           COALESCE(${d.sumIf(effective, isUsed)}, 0) AS used,
           COALESCE(${d.sumIf(effective, status(d, 'Unused'))}, 0) AS unused,
           COALESCE(${d.sumIf(contracted, isUsed)}, 0) AS on_demand,
           COALESCE(${d.sumIf(effective, `${isUsed} AND COALESCE(${contracted}, 0) = 0`)}, 0) AS unpriced
    FROM costs WHERE ${inWindow(d)} AND ${d.name('CommitmentDiscountId')} IS NOT NULL
    GROUP BY 1, 2 ORDER BY 1, 2`;
}

/** Every commitment that had a charge in a window, with what of it was used (FOCUS 1.2, CommitmentDiscountStatus). */
export const commitmentsHeld: NamedQuery<CommitmentHeld> = {
  name: 'commitments-held',
  params: ['start', 'end'],
  sql: (d) => held(d, `COALESCE(${covered(d)}, ${charged(d)}) AS service`),
  merge: {
    keys: KEYS,
    max: [...TEXTS, 'covered', 'charged'],
    sum: SUMS,
    // Whether it covered anything is known once every engine has answered.
    partial: (d) => held(d, `${covered(d)} AS covered, ${charged(d)} AS charged`),
    next: {
      row: ({ covered: first, charged: other, ...rest }) => ({ ...rest, service: first ?? other }),
      merge: { keys: KEYS, max: [...TEXTS, 'service'], sum: SUMS },
    },
  },
  row: (raw) => ({
    id: textIn(raw, 'id'),
    currency: textIn(raw, 'currency'),
    name: textOrNull(raw, 'name'),
    type: textOrNull(raw, 'type'),
    category: textOrNull(raw, 'category'),
    provider: textOrNull(raw, 'provider') ?? '',
    service: textOrNull(raw, 'service'),
    used: textIn(raw, 'used'),
    unused: textIn(raw, 'unused'),
    onDemand: textIn(raw, 'on_demand'),
    unpriced: textIn(raw, 'unpriced'),
  }),
};

/** When a commitment ends, where its purchase is on the bill. */
export interface CommitmentEnd {
  readonly id: string;
  /** ISO-8601 UTC, exclusive. */
  readonly end: string;
}

/**
 * Ends of the terms of commitments that were paid at once: the charge period of a one-time purchase is its term (FOCUS
 * 1.2, "Commitment Discount Purchase", scenario 1). What is paid by the month tells no end on the bill.
 */
export const commitmentEnds: NamedQuery<CommitmentEnd> = {
  name: 'commitment-ends',
  params: ['now'],
  sql: (d) => `
    SELECT ${d.name('CommitmentDiscountId')} AS id, MAX(${d.name('ChargePeriodEnd')}) AS end_at
    FROM costs WHERE ${d.name('ChargeCategory')} = 'Purchase' AND ${d.name('ChargeFrequency')} = 'One-Time'
      AND ${d.name('CommitmentDiscountId')} IS NOT NULL
      AND ${d.name('ChargePeriodEnd')} > ${d.timestamp(d.param('now'))}
    GROUP BY 1 ORDER BY 1`,
  merge: { keys: ['id'], max: ['end_at'] },
  row: (raw) => ({ id: textIn(raw, 'id'), end: textIn(raw, 'end_at') }),
};

/** Up to when the usage of a provider is known. */
export interface ProviderEnd {
  readonly provider: string;
  /** Start of the last charge period of usage, ISO-8601 UTC. */
  readonly last: string;
}

/** Last charge period of usage, by provider: after it nothing is known, which is no zero. */
export const providerEnds: NamedQuery<ProviderEnd> = {
  name: 'provider-ends',
  params: ['start', 'end'],
  sql: (d) => `
    SELECT ${d.name('ProviderName')} AS provider, MAX(${d.name('ChargePeriodStart')}) AS last_at
    FROM costs WHERE ${inWindow(d)} AND ${d.name('ChargeCategory')} = 'Usage' AND ${d.name('x_SourceGrain')} = 'resource'
      AND ${d.name('ProviderName')} IS NOT NULL
    GROUP BY 1 ORDER BY 1`,
  merge: { keys: ['provider'], max: ['last_at'] },
  row: (raw) => ({ provider: textIn(raw, 'provider'), last: textIn(raw, 'last_at') }),
};
