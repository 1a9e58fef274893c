import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { pathPart } from '../rest.ts';
import { answered } from '../store-answer.ts';
import type { VectorKey } from '../vectors/compare.ts';
import type { Documents } from '../vectors/documents.ts';
import { fieldNames } from '../vectors/fields.ts';
import { keyOfMetadata } from '../vectors/metadata.ts';
import type { QdrantSession } from './session.ts';

/** Points of one page: of each, only the payload's keys that the config names are sent. */
const PAGE = 1000;
/** Points whose keys are read at most: a thousand pages of one collection. */
export const MOST_POINTS = 1_000_000;

const pointId = z.union([z.string(), z.number(), z.bigint()]);
const Scroll = z.object({
  result: z.object({
    points: z.array(z.object({ payload: z.unknown() })),
    next_page_offset: pointId.nullish(),
  }),
});

/**
 * What the payload of every point tells of it, page by page in the order of ids (Qdrant API, "Scroll points"). No
 * vector is asked for.
 */
export async function* pointKeys(
  session: QdrantSession,
  collection: string,
  { fields }: Documents,
  meter: Meter,
): AsyncGenerator<VectorKey> {
  const [{ http }] = session.peers;
  const call = 'qdrant.scroll';
  const where = `store:${session.store}`;
  const seen = new Set<string>();
  let offset: z.output<typeof pointId> | null = null;
  do {
    const answer: z.output<typeof Scroll> = answered(
      Scroll,
      await http.post(
        call,
        `/collections/${pathPart(collection)}/points/scroll`,
        {
          limit: PAGE,
          with_payload: fieldNames(fields).flatMap(pathsOf),
          with_vector: false,
          ...(offset === null ? {} : { offset }),
        },
        meter,
      ),
      { call, where, of: 'Qdrant' },
    );
    for (const { payload } of answer.result.points) yield keyOfMetadata(payload, fields);
    offset = answer.result.next_page_offset ?? null;
    if (offset !== null && seen.has(String(offset)))
      throw new BursarError('unavailable', `${call} gave the same page twice`, {
        where,
        hint: 'Look again later, and report it if it stays.',
      });
    seen.add(String(offset));
  } while (offset !== null);
}

/**
 * A field as the paths of Qdrant that may mean it: a key is written bare where it has letters, digits, `_` and `-`
 * alone, else in quotes (Qdrant, lib/segment/src/json_path/parse.rs); one with dots may be a path or a key.
 */
function pathsOf(field: string): string[] {
  // A quoted key holds no quote: it cannot be asked for.
  if (field.includes('"')) return [];
  const parts = field.split('.');
  return parts.length === 1 || parts.includes('')
    ? [written(field)]
    : [parts.map(written).join('.'), `"${field}"`];
}

function written(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : `"${key}"`;
}
