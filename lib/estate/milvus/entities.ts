import type { DescribeCollectionResponse } from '@zilliz/milvus2-sdk-node';
import type { Meter } from '../../platform/meter.ts';
import type { VectorKey } from '../vectors/compare.ts';
import type { Documents } from '../vectors/documents.ts';
import { fieldNames } from '../vectors/fields.ts';
import { keyOfMetadata } from '../vectors/metadata.ts';
import { type Sampled, scanned, unsampled } from '../vectors/sampling.ts';
import { call, type MilvusSession } from './calls.ts';
import { primaryKey, rootOf, unreadable } from './schema.ts';

/** Entities of a page: a query gives 16,384 at most (Milvus documentation, "Milvus Limits"). */
const PAGE = 4_096;
/** Entities whose keys are read; a larger collection is not sampled. */
const MOST_ENTITIES = 2_000_000;

/** Of Milvus' states of a collection the one in which it can be read. */
const LOADED = /^LoadStateLoaded$/;

interface Collection {
  readonly database: string;
  readonly collection: string;
  readonly described: DescribeCollectionResponse;
  readonly rows: number;
}

/**
 * Compares the entities of a collection with their documents, by the configured fields and no vector. Entities of a
 * collection that is not loaded cannot be read, and loading it would cost memory: it is left as it is.
 */
export async function sampleOf(
  session: MilvusSession,
  documents: Documents,
  of: Collection,
  meter: Meter,
): Promise<Sampled> {
  const { database, collection, described, rows } = of;
  const { fields, enable_dynamic_field: dynamic } = described.schema;
  const names = fieldNames(documents.fields);
  const wrong = names.flatMap((name) => unreadable(fields, dynamic, name) ?? []);
  const key = primaryKey(fields);
  if (key === null) wrong.push('the collection has no primary key');
  if (wrong.length > 0 || key === null) return unsampled(`Its documents are not known: ${wrong.join(', ')}.`);
  if (rows > MOST_ENTITIES)
    return unsampled(`It holds ${rows} entities, more than the ${MOST_ENTITIES} whose keys are read.`);
  const { state } = await call(session, 'getLoadState', meter, () =>
    session.client.getLoadState({ collection_name: collection, db_name: database }),
  );
  if (!LOADED.test(state))
    return unsampled(
      'The collection is not loaded, so that nobody can search it and its entities cannot be read.',
    );
  const wanted = [...new Set([key.name, ...names.map((name) => rootOf(fields, name))])];
  return await scanned(documents, entities(session, of, { key, wanted, documents }, meter), MOST_ENTITIES);
}

/**
 * Page after page in the order of the primary key, as the iterators of Milvus' own clients do it: a page may be short
 * where parts of the collection are, and only an empty one is the end.
 */
async function* entities(
  session: MilvusSession,
  { database, collection }: Collection,
  {
    key,
    wanted,
    documents,
  }: {
    readonly key: { readonly name: string; readonly text: boolean };
    readonly wanted: readonly string[];
    readonly documents: Documents;
  },
  meter: Meter,
): AsyncGenerator<VectorKey> {
  let last: string | null = null;
  for (;;) {
    const filter: string = last === null ? '' : `${key.name} > ${last}`;
    const { data } = await call(session, 'query', meter, () =>
      session.client.query({
        collection_name: collection,
        db_name: database,
        filter,
        output_fields: [...wanted],
        limit: PAGE,
        params: { iterator: 'True', reduce_stop_for_best: 'True' },
      }),
    );
    if (data.length === 0) return;
    for (const entity of data) yield keyOfMetadata(flat(entity), documents.fields);
    const at: unknown = data.at(-1)?.[key.name];
    const next: string = key.text ? JSON.stringify(String(at)) : String(at);
    if (next === last) return;
    last = next;
  }
}

/** What the schema does not name comes in a field of its own. */
function flat(entity: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const dynamic = entity['$meta'];
  return typeof dynamic === 'object' && dynamic !== null ? { ...dynamic, ...entity } : { ...entity };
}
