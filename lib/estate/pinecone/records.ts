import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Rest } from '../rest.ts';
import { entriesOf } from '../store-answer.ts';
import type { VectorKey } from '../vectors/compare.ts';
import type { Documents } from '../vectors/documents.ts';
import { hashOf } from '../vectors/keys.ts';
import { keyOfMetadata } from '../vectors/metadata.ts';
import { compared, type Sampled, unsampled } from '../vectors/sampling.ts';
import { askPinecone, type PineconeSession } from './session.ts';

/** Ids of one page, as many as are given (Pinecone API, "List vector IDs", `limit`). */
const PAGE = '100';
/** Ids that are listed at most, a thousand pages: Pinecone charges for each. */
const MOST_IDS = 100_000;
/** Records of one request, and most characters of their ids in its address. */
const AT_ONCE = 100;
const MOST_ADDRESS = 4000;

/** A page without ids still says what it is of (Pinecone API, "List vector IDs", ListResponse). */
const Listed = z
  .object({
    vectors: z.array(z.object({ id: z.string() })).optional(),
    pagination: z.object({ next: z.string().optional() }).nullish(),
    namespace: z.string().optional(),
  })
  .refine(({ vectors, namespace }) => vectors !== undefined || namespace !== undefined, {
    error: 'neither vectors nor namespace',
  });
/** Values come along, as no read by id leaves them out; they are dropped here. */
const Fetched = z.object({ vectors: entriesOf(z.object({ id: z.string(), metadata: z.unknown() })) });

interface RecordId {
  readonly namespace: string;
  readonly id: string;
}

/**
 * Compares the records of a serverless index. Ids are listed, and of those with the smallest hashes the metadata are
 * read, as many as the config allows. Which ones does not hang on their keys, so that copies are not drawn together.
 * @param namespaces of the index, as its statistics name them
 */
export async function sampleRecords(
  session: PineconeSession,
  http: Rest,
  { index, namespaces }: { readonly index: string; readonly namespaces: readonly string[] },
  documents: Documents,
  meter: Meter,
): Promise<Sampled> {
  const ids: (RecordId & { readonly hash: string })[] = [];
  for (const namespace of namespaces)
    for await (const id of idsOf(session, http, namespace, meter)) {
      ids.push({ namespace, id, hash: hashOf(JSON.stringify([namespace, id])) });
      if (ids.length > MOST_IDS)
        return unsampled(
          `It holds more than the ${MOST_IDS} records whose ids are listed, so that none was looked at.`,
        );
    }
  const drawn = ids
    .toSorted((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
    .slice(0, documents.most);
  const vectors: VectorKey[] = [];
  for (const batch of batchesOf(drawn)) {
    const found = await fetched(session, http, batch, meter);
    for (const id of batch.ids) {
      // Deleted since it was listed.
      if (!found.has(id)) continue;
      vectors.push(keyOfMetadata(found.get(id), documents.fields));
    }
  }
  const gone = drawn.length - vectors.length;
  if (gone > drawn.length / 100)
    return unsampled(`${gone} of ${drawn.length} records of ${index} were gone while they were read.`);
  const all = drawn.length === ids.length;
  return await compared(documents, vectors, ids.length - gone, all ? 'all' : 'at-random');
}

/** Every id of a namespace, in order ("Returns up to 100 IDs at a time by default in sorted order"). */
async function* idsOf(
  session: PineconeSession,
  http: Rest,
  namespace: string,
  meter: Meter,
): AsyncGenerator<string> {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const page: z.output<typeof Listed> = await askPinecone(
      session,
      http,
      Listed,
      {
        call: 'list_vectors',
        path: '/vectors/list',
        query: { namespace, limit: PAGE, ...(token === undefined ? {} : { paginationToken: token }) },
      },
      meter,
    );
    for (const { id } of page.vectors ?? []) yield id;
    token = page.pagination?.next === '' ? undefined : page.pagination?.next;
    if (token !== undefined && seen.has(token))
      throw new BursarError('unavailable', 'pinecone.list_vectors gave the same page twice', {
        where: `store:${session.store}`,
        hint: 'Look again later, and report it if it stays.',
      });
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
}

interface Batch {
  readonly namespace: string;
  readonly ids: string[];
}

/** Ids of one namespace that fit into one address. */
function batchesOf(drawn: readonly RecordId[]): Batch[] {
  const batches: Batch[] = [];
  for (const [namespace, records] of Map.groupBy(drawn, (record) => record.namespace)) {
    let length = Number.POSITIVE_INFINITY;
    for (const { id } of records) {
      const own = encodeURIComponent(id).length + '&ids='.length;
      const last = batches.at(-1);
      if (last === undefined || last.ids.length >= AT_ONCE || length + own > MOST_ADDRESS) {
        batches.push({ namespace, ids: [id] });
        length = own;
      } else {
        last.ids.push(id);
        length += own;
      }
    }
  }
  return batches;
}

async function fetched(
  session: PineconeSession,
  http: Rest,
  { namespace, ids }: Batch,
  meter: Meter,
): Promise<ReadonlyMap<string, unknown>> {
  const { vectors } = await askPinecone(
    session,
    http,
    Fetched,
    { call: 'fetch_vectors', path: '/vectors/fetch', query: { ids, namespace } },
    meter,
  );
  return new Map(vectors.map(([id, { metadata }]) => [id, metadata]));
}
