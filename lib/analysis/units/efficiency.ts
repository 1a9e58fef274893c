import { Decimal, decimalText } from '../../focus/decimal.ts';
import { dayPlus } from './days.ts';

/** Days that are looked at, and the four weeks before them that they are set against. */
export const CURRENT = 7;
const FORMER = 28;

/** What was asked of one model on one day. Null: whoever counts does not tell it, which is no zero. */
export interface AskedDay {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** Null: not told. */
  readonly batch: boolean | null;
  readonly requests: Decimal | null;
  readonly input: Decimal | null;
  readonly cachedInput: Decimal | null;
  readonly cacheWrite: Decimal | null;
  readonly output: Decimal | null;
  readonly errors: Decimal | null;
  readonly throttles: Decimal | null;
}

/** How whoever counts defines its numbers, where that changes what they mean. */
export interface Counting {
  /** Are tokens of the cache part of `input`? Null: it is not told. */
  readonly inputHoldsCache: boolean | null;
  /** Are requests that failed part of `requests`? Null: it is not told, or told both ways. */
  readonly requestsHoldErrors: boolean | null;
}

/** A share in percent, one decimal: one number, or two where the definitions of what is counted leave it open. */
export interface Share {
  readonly low: string;
  readonly high: string;
}

/** One stretch of days. Counts and amounts are decimal text; null: not told, or nothing to divide by. */
export interface Efficiency {
  /** UTC days, half-open. */
  readonly start: string;
  readonly end: string;
  /** Days on which anything was asked. */
  readonly days: number;
  readonly requests: string | null;
  readonly inputPerRequest: string | null;
  readonly outputPerRequest: string | null;
  /** Of all input tokens, those read from the cache. */
  readonly cachedShare: Share | null;
  /** Of requests, else of tokens, those asked for in batches. */
  readonly batchShare: Share | null;
  readonly errorShare: Share | null;
  readonly throttleShare: Share | null;
  /** Effective cost; null where the bill does not tell it of this. */
  readonly cost: string | null;
  readonly costPerRequest: string | null;
}

/** The last seven days beside the four weeks before them. */
export interface Compared {
  readonly current: Efficiency;
  readonly former: Efficiency;
  /** Percent by which each number per request moved, one decimal; null where either is not known. */
  readonly change: Readonly<
    Record<'requestsPerDay' | 'inputPerRequest' | 'outputPerRequest' | 'costPerRequest', string | null>
  >;
}

/**
 * How a model was used in the seven days before `end`, against its own four weeks before. A number that not every row
 * of a stretch tells is null: what is left out would make it look better or worse.
 * @param cost effective cost by day; null: the bill does not tell it
 * @param from first day that is known whole; of a stretch that begins before it nothing is told. Null: all are
 */
export function efficiency(
  asked: readonly AskedDay[],
  cost: ReadonlyMap<string, Decimal> | null,
  end: string,
  counting: Counting,
  from: string | null = null,
): Compared {
  const middle = dayPlus(end, -CURRENT);
  const start = dayPlus(middle, -FORMER);
  const told = (first: string, last: string) =>
    from !== null && first < from
      ? stretch([], null, first, last, counting)
      : stretch(asked, cost, first, last, counting);
  const [current, former] = [told(middle, end), told(start, middle)];
  return {
    current,
    former,
    change: {
      requestsPerDay: moved(perDay(former.requests, FORMER), perDay(current.requests, CURRENT)),
      inputPerRequest: moved(former.inputPerRequest, current.inputPerRequest),
      outputPerRequest: moved(former.outputPerRequest, current.outputPerRequest),
      costPerRequest: moved(former.costPerRequest, current.costPerRequest),
    },
  };
}

function perDay(requests: string | null, days: number): string | null {
  return requests === null ? null : decimalText(new Decimal(requests).div(days));
}

function stretch(
  all: readonly AskedDay[],
  cost: ReadonlyMap<string, Decimal> | null,
  start: string,
  end: string,
  { inputHoldsCache, requestsHoldErrors }: Counting,
): Efficiency {
  const asked = all.filter(({ day }) => day >= start && day < end);
  const sum = (key: Count) => summed(asked, key);
  const [requests, input, output] = [sum('requests'), sum('input'), sum('output')];
  const [cached, written] = [sum('cachedInput'), sum('cacheWrite')];
  const [errors, throttles] = [sum('errors'), sum('throttles')];
  const spent =
    cost === null
      ? null
      : [...cost].reduce(
          (total, [day, amount]) => (day >= start && day < end ? total.plus(amount) : total),
          new Decimal(0),
        );
  const whole =
    input === null || cached === null || written === null ? null : input.plus(cached).plus(written);
  return {
    start,
    end,
    days: new Set(asked.map(({ day }) => day)).size,
    requests: requests === null ? null : decimalText(requests),
    // Where nobody counts a cache (embeddings have none), input is all of it.
    inputPerRequest: each(inputHoldsCache === false && !isUncached(asked) ? whole : input, requests),
    outputPerRequest: each(output, requests),
    cachedShare: shareOf(cached, [
      ...(inputHoldsCache === true ? [] : [whole]),
      ...(inputHoldsCache === false ? [] : [input]),
    ]),
    batchShare: batchShare(asked),
    errorShare: shareOf(errors, [
      ...(requestsHoldErrors === true ? [] : [plus(requests, errors)]),
      ...(requestsHoldErrors === false ? [] : [requests]),
    ]),
    throttleShare: shareOf(throttles, [
      ...(requestsHoldErrors === true ? [] : [plus(plus(requests, errors), throttles)]),
      ...(requestsHoldErrors === false ? [] : [plus(requests, throttles)]),
    ]),
    cost: spent === null ? null : decimalText(spent),
    costPerRequest: each(spent, requests),
  };
}

function isUncached(asked: readonly AskedDay[]): boolean {
  return asked.every(({ cachedInput, cacheWrite }) => cachedInput === null && cacheWrite === null);
}

type Count = Exclude<keyof AskedDay, 'day' | 'batch'>;

/** Null where any row does not tell it, and where there is no row. */
function summed(asked: readonly AskedDay[], key: Count): Decimal | null {
  if (asked.length === 0) return null;
  let total = new Decimal(0);
  for (const { [key]: value } of asked) {
    if (value === null) return null;
    total = total.plus(value);
  }
  return total;
}

function plus(a: Decimal | null, b: Decimal | null): Decimal | null {
  return a === null || b === null ? null : a.plus(b);
}

function each(what: Decimal | null, requests: Decimal | null): string | null {
  return what === null || requests === null || !requests.gt(0) ? null : decimalText(what.div(requests));
}

/** By each whole that it may be a part of; never above all of it. */
function shareOf(part: Decimal | null, wholes: readonly (Decimal | null)[]): Share | null {
  if (part === null) return null;
  const shares: Decimal[] = [];
  for (const whole of wholes) {
    if (whole === null || !whole.gt(0)) return null;
    shares.push(Decimal.min(part.div(whole), 1).times(100));
  }
  if (shares.length === 0) return null;
  return { low: Decimal.min(...shares).toFixed(1), high: Decimal.max(...shares).toFixed(1) };
}

function batchShare(asked: readonly AskedDay[]): Share | null {
  if (asked.some(({ batch }) => batch === null)) return null;
  const inBatches = asked.filter(({ batch }) => batch === true);
  const requests = summed(asked, 'requests');
  if (requests !== null) return shareOf(summed(inBatches, 'requests') ?? new Decimal(0), [requests]);
  const tokens = (rows: readonly AskedDay[]) =>
    rows.length === 0
      ? new Decimal(0)
      : (['input', 'cachedInput', 'cacheWrite', 'output'] as const)
          .map((key) => summed(rows, key))
          .reduce(plus);
  return shareOf(tokens(inBatches), [tokens(asked)]);
}

function moved(before: string | null, now: string | null): string | null {
  if (before === null || now === null) return null;
  const base = new Decimal(before);
  return base.gt(0) ? new Decimal(now).div(base).minus(1).times(100).toFixed(1) : null;
}
