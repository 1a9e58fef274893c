/**
 * List prices of Amazon S3 Vectors in US East (N. Virginia) and US West (Oregon), which are the same: Amazon S3
 * pricing, "S3 Vectors", prices published 2026-09-28. For advice alone. Of other regions nothing is kept here.
 *
 * A GB is 2^30 bytes and a TB 2^40 there, as its worked examples reckon. A vector takes 4 bytes a dimension, its key
 * and its metadata; what a query processes is all vectors of its index.
 */
export const S3_VECTORS = {
  regions: ['us-east-1', 'us-west-2'],
  source: 'Amazon S3 pricing, S3 Vectors, US East (N. Virginia), of 2026-09-28',
  /** USD for a GB a month. */
  stored: '0.06',
  /** USD for a GB that is written. */
  written: '0.20',
  /** USD for a million queries. */
  queries: '2.50',
  /** USD for a TB that queries process, by the vectors of the index: up to so many, the lowest first. */
  processed: [
    { upTo: 100_000, usd: '0.004' },
    { upTo: 10_000_000, usd: '0.002' },
    { upTo: null, usd: '0.0004' },
  ],
  /** Amazon S3 User Guide, "Limitations and restrictions" of S3 Vectors. */
  mostDimensions: 4096,
} as const;
