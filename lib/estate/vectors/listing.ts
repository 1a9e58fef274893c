import { BursarError } from '../../platform/errors.ts';
import type { VectorGap } from '../model.ts';
import type { Documents, Listed } from './documents.ts';

/**
 * The listing of an index's documents, or why there is none. A source that cannot be read is a gap of the index, and
 * the look at the store goes on; so is one that was not listed to its end, by which nothing is called gone.
 */
export async function listingOf(
  documents: Documents,
): Promise<{ readonly listed: Listed | null; readonly gaps: readonly VectorGap[] }> {
  if (documents.list === null) return { listed: null, gaps: [] };
  try {
    const listed = await documents.list();
    return {
      listed,
      gaps: listed.told.complete ? [] : [gap(listed.told.name, listed.why ?? 'it is too large')],
    };
  } catch (error) {
    if (!(error instanceof BursarError)) throw error;
    return {
      listed: null,
      gaps: [
        {
          of: 'documents',
          why: `Its source ${documents.source ?? ''} could not be read: ${error.message.replace(/\.$/, '')}.`,
          failed: true,
        },
      ],
    };
  }
}

function gap(name: string, why: string): VectorGap {
  return {
    of: 'documents',
    why: `Its source ${name} was not listed to its end (${why}): nothing is called gone.`,
    failed: true,
  };
}
