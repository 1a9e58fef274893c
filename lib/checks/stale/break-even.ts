import { S3_VECTORS } from '../../focus/data/s3-vectors.ts';
import { Decimal } from '../../focus/decimal.ts';
import type { Evidence } from '../model.ts';
import type { Share } from './share.ts';
import type { Seen } from './watch.ts';

const GB = 2 ** 30;
const TB = 2 ** 40;
const BYTES_A_DIMENSION = 4;
const MILLION = 1_000_000;

/** What S3 Vectors charges for vectors of one index, in US dollars. */
export interface S3VectorsCost {
  /** A month. */
  readonly stored: Decimal;
  readonly aQuery: Decimal;
  /** Once, to write them there. */
  readonly written: Decimal;
}

/**
 * @param vectors in one index
 * @param bytes of a vector with its key and its filterable metadata @param kept bytes of it with all metadata
 */
export function s3VectorsCost(vectors: number, bytes: number, kept = bytes): S3VectorsCost {
  const { stored, written, queries, processed } = S3_VECTORS;
  const gigabytes = new Decimal(kept).times(vectors).div(GB);
  let from = 0;
  let data = new Decimal(0);
  for (const { upTo, usd } of processed) {
    const to = Math.min(vectors, upTo ?? vectors);
    if (to > from)
      data = data.plus(
        new Decimal(bytes)
          .times(to - from)
          .times(usd)
          .div(TB),
      );
    from = Math.max(from, to);
  }
  return {
    stored: gigabytes.times(stored),
    aQuery: new Decimal(queries).div(MILLION).plus(data),
    written: gigabytes.times(written),
  };
}

/**
 * Up to how many queries a month S3 Vectors would cost less than what goes with this index, by list prices. Told only
 * where the bill falls with the index, in regions whose prices are known here, and in the currency of the list.
 */
export function breakEvenOf(
  { vectors, dimension, metric, region, capacity }: Seen,
  { cost, falls }: Share,
): { readonly evidence: readonly Evidence[]; readonly blindSpots: readonly string[] } {
  const alone = capacity?.sharedBy?.length === 1;
  if (cost === null || cost.currency !== 'USD' || (falls !== 'index' && !alone)) return NONE;
  if (vectors === null || vectors === 0 || dimension === null || dimension > S3_VECTORS.mostDimensions)
    return NONE;
  if (!(['global', ...S3_VECTORS.regions] as string[]).includes(region) || !isComparable(metric)) return NONE;
  const there = s3VectorsCost(vectors, dimension * BYTES_A_DIMENSION);
  const queries = new Decimal(cost.amount).minus(there.stored).div(there.aQuery).floor();
  if (queries.lte(0)) return NONE;
  return {
    evidence: [
      {
        name: 'S3 Vectors costs less up to',
        value: queries.toFixed(),
        unit: `queries a month, against ${cost.amount} ${cost.currency} that go with this index`,
        window: '',
        source: S3_VECTORS.source,
      },
      dollars('S3 Vectors without a query', there.stored, 'P1M'),
      dollars('S3 Vectors for a million queries', there.aQuery.times(MILLION), ''),
      dollars('writing these vectors to S3 Vectors', there.written, 'once'),
    ],
    blindSpots: [
      // Amazon S3 User Guide, "S3 Vectors best practices".
      'S3 Vectors answers in about 100 ms where it is asked often, else in up to a second; keys and metadata of the vectors come on top of its price here.',
    ],
  };
}

function dollars(name: string, value: Decimal, window: string): Evidence {
  return {
    name,
    value: value.toDecimalPlaces(2, Decimal.ROUND_UP).toFixed(),
    unit: 'USD',
    window,
    source: S3_VECTORS.source,
  };
}

const NONE = { evidence: [], blindSpots: [] } as const;

/** S3 Vectors compares by cosine and by Euclidean distance alone (its API reference, CreateIndex, distanceMetric). */
function isComparable(metric: string | null): boolean {
  return metric === null || /cosine|l2|euclid/i.test(metric);
}
