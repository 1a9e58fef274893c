import type { MetricValue } from '@aws-sdk/client-cost-explorer';
import { Decimal, decimalText, parseDecimal } from '../../focus/decimal.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Chunk } from './periods.ts';

/** Both costs of something. */
export interface Costs {
  billed: Decimal;
  effective: Decimal;
  /** How many amounts were added up. */
  parts: number;
}

/** Costs by key, a day or a day and group of record types. */
export type Sums = Map<string, Costs>;

/** What Cost Explorer says that the days of a chunk came to, nothing filtered out. */
export interface Totals {
  readonly chunk: Chunk;
  readonly byDay: Sums;
}

/** Cost Explorer writes amounts with ten places ("39.1603300457", API reference), each rounded for itself. */
const HALF_OF_THE_LAST_PLACE = new Decimal('0.00000000005');

export function add(
  sums: Sums,
  key: string,
  metrics: Readonly<Record<string, MetricValue>> | undefined,
  where: string,
): void {
  const held = sums.get(key) ?? { billed: new Decimal(0), effective: new Decimal(0), parts: 0 };
  sums.set(key, {
    billed: held.billed.plus(amount(metrics, 'UnblendedCost', key, where)),
    effective: held.effective.plus(amount(metrics, 'AmortizedCost', key, where)),
    parts: held.parts + 1,
  });
}

/**
 * Holds the parts against the whole. They may differ by what each amount was rounded by, and by nothing else; a
 * bill that does not add up is not taken.
 */
export function mustEqual(parts: Sums, whole: Sums, what: string, where: string): void {
  for (const key of new Set([...parts.keys(), ...whole.keys()])) {
    const nothing: Costs = { billed: new Decimal(0), effective: new Decimal(0), parts: 0 };
    const own = parts.get(key) ?? nothing;
    const all = whole.get(key) ?? nothing;
    const room = HALF_OF_THE_LAST_PLACE.times(own.parts + all.parts);
    for (const cost of ['billed', 'effective'] as const)
      if (own[cost].minus(all[cost]).abs().gt(room))
        throw new BursarError(
          'unavailable',
          `Cost Explorer does not add up for ${key}: ${what} come to ${decimalText(own[cost])} ${cost}, the total is ${decimalText(all[cost])}`,
          {
            where,
            hint: 'Nothing of this run was kept. Cost Explorer may have been updated between two queries: run again, and report it if it stays.',
          },
        );
  }
}

/** A missing amount is never taken for zero, except on a day that has none at all. */
function amount(
  metrics: Readonly<Record<string, MetricValue>> | undefined,
  name: string,
  key: string,
  where: string,
): Decimal {
  if (metrics === undefined || Object.keys(metrics).length === 0) return new Decimal(0);
  const text = metrics[name]?.Amount;
  const parsed = text === undefined ? null : parseDecimal(text);
  if (parsed?.ok === true) return parsed.value;
  throw new BursarError(
    'unavailable',
    `Cost Explorer answered for ${key} ${parsed === null ? `without ${name}` : `with a ${name} that is ${parsed.reason}`}`,
    { where, hint: 'Nothing of this run was kept; run again, and report it if it stays.' },
  );
}
