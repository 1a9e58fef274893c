import type { VectorGap, VectorSample } from '../model-vectors.ts';
import { Comparison, type VectorKey } from './compare.ts';
import type { Documents } from './documents.ts';
import { Draw } from './draw.ts';
import { listingOf } from './listing.ts';

/** What comparing gave, and what of it is missing. */
export interface Sampled {
  readonly sample: VectorSample | null;
  readonly gaps: readonly VectorGap[];
}

/** The vectors of an index were to be looked at, and could not be; why, in one sentence. */
export function unsampled(why: string): Sampled {
  return { sample: null, gaps: [{ of: 'documents', why, failed: true }] };
}

/** Nobody was to look at the vectors of an index; why, in one sentence. */
export function notSampled(why: string): Sampled {
  return { sample: null, gaps: [{ of: 'documents', why }] };
}

/**
 * Reads the keys of all vectors of an index and compares those that are drawn from them: all, or those with the
 * smallest hashes where they are more than are to be looked at.
 * @param mostRead vectors whose keys are read at most: an index of more is not sampled, as the first of them would
 *   stand for no others
 * @throws what reading the vectors throws
 */
export async function scanned(
  documents: Documents,
  vectors: AsyncIterable<VectorKey>,
  mostRead: number,
): Promise<Sampled> {
  const draw = new Draw(documents.most);
  for await (const vector of vectors) {
    draw.add(vector);
    if (draw.given > mostRead)
      return unsampled(
        `It holds more than the ${mostRead} vectors whose keys are read, so that none was looked at.`,
      );
  }
  const drawn = draw.result();
  return await compared(documents, drawn, draw.given, drawn.length === draw.given ? 'all' : 'by-key-hash');
}

/**
 * Compares vectors with the source that the config names. A source that cannot be read is told as a gap, and the
 * vectors are then looked at without it.
 * @param population vectors that could have been drawn
 * @param drawn how the given ones were drawn from them
 */
export async function compared(
  documents: Documents,
  vectors: Iterable<VectorKey> | AsyncIterable<VectorKey>,
  population: number,
  drawn: VectorSample['drawn'],
): Promise<Sampled> {
  const { listed, gaps } = await listingOf(documents);
  const { tokens } = documents.fields;
  const comparison = new Comparison(listed, {
    skew: documents.skew,
    ...(tokens === null ? {} : { tokensFrom: `metadata ${tokens}` }),
  });
  for await (const vector of vectors) comparison.add(vector);
  return { sample: comparison.result(population, drawn), gaps };
}
