import type { VectorGap, VectorSample } from '../model-vectors.ts';
import { Comparison, identityOf, type VectorKey } from './compare.ts';
import type { Documents } from './documents.ts';
import { Draw } from './draw.ts';
import { HashSet } from './hash-set.ts';
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
 * smallest hashes of their keys where they are more than are to be looked at. Where vectors of one document cannot be
 * told apart, that would draw them together, and a range of what is drawn one by one would be too narrow: they are
 * then drawn by where they stand, as they are where the vectors of one key are more than may be looked at.
 * @param mostRead vectors whose keys are read at most: an index of more is not sampled, as the first of them would
 *   stand for no others
 * @throws what reading the vectors throws
 */
export async function scanned(
  documents: Documents,
  vectors: AsyncIterable<VectorKey>,
  mostRead: number,
): Promise<Sampled> {
  const { part, content } = documents.fields;
  const byKey = new Draw(documents.most);
  const oneByOne = new Draw(documents.most, 'place');
  const keys = new HashSet();
  let together = false;
  for await (const vector of vectors) {
    oneByOne.add(vector);
    if (oneByOne.given > mostRead)
      return unsampled(
        `It holds more than the ${mostRead} vectors whose keys are read, so that none was looked at.`,
      );
    if (together) continue;
    byKey.add(vector);
    const key = part === null && content === null ? identityOf(vector) : null;
    if (key === null) continue;
    together = keys.has(key);
    keys.add(key);
  }
  const { given } = oneByOne;
  const drawn = together ? [] : byKey.result();
  if (drawn.length > 0)
    return await compared(documents, drawn, given, drawn.length === given ? 'all' : 'by-key-hash');
  const some = oneByOne.result();
  return await compared(documents, some, given, some.length === given ? 'all' : 'at-random');
}

/**
 * Compares vectors with the source that the config names. A source that cannot be read is told as a gap, and the
 * vectors are then looked at without it.
 * @param population vectors that could have been drawn
 * @param drawn how the given ones were drawn from them; `by-key-hash`: those of one key come one after the other
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
    byKey: drawn === 'by-key-hash',
    ...(tokens === null ? {} : { tokensFrom: `metadata ${tokens}` }),
  });
  for await (const vector of vectors) comparison.add(vector);
  return { sample: comparison.result(population, drawn), gaps };
}
