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
/** Share of the best that tells as much. */
const NEARLY = 0.95;

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
  const sums = new Map<string, { sum: Decimal; size: Decimal }>();
  const none = { sum: new Decimal(0), size: new Decimal(0) };
  for (const part of parts)
    for (const value of valuesOf(part)) {
      if (value === '') continue;
      const { sum, size } = sums.get(value) ?? none;
      sums.set(value, { sum: sum.plus(moved(part)), size: size.plus(decimal(part.now).abs()) });
    }
  const ranked = [...sums].map(([value, own]) => ({ value, ...own, share: own.sum.div(whole).toNumber() }));
  const best = Math.max(...ranked.map(({ share }) => share));
  // Of values that tell nearly as much, the one that holds the least besides.
  const [most] = ranked
    .filter(({ share }) => share >= best * NEARLY)
    .toSorted((a, b) => a.size.comparedTo(b.size) || b.share - a.share || (a.value < b.value ? -1 : 1));
  if (most === undefined || most.share < LEAST) return [];
  return [{ kind, value: most.value, difference: most.sum.toString(), share: most.share }];
}

function moved({ now, before }: Part): Decimal {
  return decimal(now).minus(decimal(before));
}
