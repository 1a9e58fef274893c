import { Decimal, decimal } from '../../focus/decimal.ts';

/** What one resource and usage cost in the days of an anomaly, and in as many days before. */
export interface Part {
  readonly resourceId: string;
  readonly usage: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Decimal text. */
  readonly now: string;
  readonly before: string;
}

/** What most of a difference lies in. */
export interface Cause {
  readonly kind: 'resource' | 'usage' | 'region' | 'tag';
  /** Id, usage type, region, or `key=value`. */
  readonly value: string;
  /** What it costs more, or less, than before, decimal text: part of the difference. */
  readonly difference: string;
  /** Of the whole difference; above 1 where other things moved the other way. */
  readonly share: number;
}

/** The difference of two windows, split. */
export interface Split {
  /** Decimal text: the sum of all parts, exactly. */
  readonly difference: string;
  /** The one of each kind that moved most, where it makes up half or more. */
  readonly causes: readonly Cause[];
}

/** Share of the difference that a cause has to make up to be told. */
const LEAST = 0.5;

/** Splits a difference by resource, usage, region and tag; within a kind, all values add up to it. */
export function splitOf(parts: readonly Part[]): Split {
  const difference = parts.reduce((sum, part) => sum.plus(moved(part)), new Decimal(0));
  const kinds: readonly [Cause['kind'], (part: Part) => readonly string[]][] = [
    ['resource', ({ resourceId }) => [resourceId]],
    ['usage', ({ usage }) => [usage]],
    ['region', ({ region }) => [region]],
    ['tag', ({ tags }) => Object.entries(tags).map(([key, value]) => `${key}=${value}`)],
  ];
  return {
    difference: difference.toString(),
    causes: difference.isZero()
      ? []
      : kinds.flatMap(([kind, valuesOf]) => causeOf(kind, valuesOf, parts, difference)),
  };
}

function causeOf(
  kind: Cause['kind'],
  valuesOf: (part: Part) => readonly string[],
  parts: readonly Part[],
  whole: Decimal,
): Cause[] {
  const sums = new Map<string, Decimal>();
  for (const part of parts)
    for (const value of valuesOf(part))
      if (value !== '') sums.set(value, (sums.get(value) ?? new Decimal(0)).plus(moved(part)));
  const [most] = [...sums].toSorted(
    ([a, x], [b, y]) => y.div(whole).comparedTo(x.div(whole)) || (a < b ? -1 : 1),
  );
  if (most === undefined) return [];
  const [value, sum] = most;
  const share = sum.div(whole).toNumber();
  return share < LEAST ? [] : [{ kind, value, difference: sum.toString(), share }];
}

function moved({ now, before }: Part): Decimal {
  return decimal(now).minus(decimal(before));
}
