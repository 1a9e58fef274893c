import { BursarError } from '../../platform/errors.ts';
import type { VectorGap, VectorSample } from '../model-vectors.ts';
import { Comparison, type VectorKey } from './compare.ts';
import type { Documents, Listed } from './documents.ts';

/** What comparing gave, and what of it is missing. */
export interface Sampled {
  readonly sample: VectorSample | null;
  readonly gaps: readonly VectorGap[];
}

/** Why nobody looked at the vectors of an index. */
export function unsampled(why: string): Sampled {
  return { sample: null, gaps: [{ of: 'documents', why }] };
}

/**
 * Compares vectors with the source that the config names. A source that cannot be read is told as a gap, and the
 * vectors are then looked at without it.
 * @param population vectors that could have been drawn, as the store counts or estimates them
 * @throws what reading the vectors throws
 */
export async function compared(
  documents: Documents,
  vectors: AsyncIterable<VectorKey>,
  population: number,
  drawn: VectorSample['drawn'],
): Promise<Sampled> {
  const gaps: VectorGap[] = [];
  let listed: Listed | null = null;
  try {
    listed = (await documents.list?.()) ?? null;
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    gaps.push({ of: 'documents', why: `Its source could not be read: ${error.message}.` });
  }
  const { tokens } = documents.fields;
  const comparison = new Comparison(listed, {
    skew: documents.skew,
    ...(tokens === null ? {} : { tokensFrom: `metadata ${tokens}` }),
  });
  for await (const vector of vectors) comparison.add(vector);
  return { sample: comparison.result(population, drawn), gaps };
}
