import pLimit from 'p-limit';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { IncompleteError } from '../incomplete.ts';
import type { Dataset, VectorGap, VectorIndex } from '../model.ts';
import { modelNamed } from '../store-answer.ts';
import { unknownModel, vectorIndex } from '../vector-index.ts';
import { notSampled } from '../vectors/sampling.ts';
import { call, GoneError, type MilvusSession } from './calls.ts';
import { type Counters, countersOf } from './counters.ts';
import { sampleOf } from './entities.ts';
import { vectorFields } from './schema.ts';

const ID = 'milvus.collections';

/** Collections that are described at most, with four calls each. */
const MOST_COLLECTIONS = 2_000;
const AT_ONCE = 4;

interface Named {
  readonly database: string;
  readonly collection: string;
}

/**
 * Fields of vectors of all collections of a Milvus server or cluster: their dimension and index, entities, and what
 * the proxies' metrics count of searches and writes. No vector is read, no search is made, nothing is loaded.
 *
 * It does not see: bytes; when a collection was last written or asked; searches under an alias that is no more;
 * searches that failed; reads by id or filter, which are no searches; collections that the login may not describe.
 */
export const milvusCollections: Dataset<MilvusSession> = {
  id: ID,
  // The login of the store is what allows it.
  permissions: [],
  async collect(_scope, session, _now, _earlier, meter) {
    const where = `store:${session.store}`;
    const { names, more } = await namesOf(session, meter);
    const counters = names.length === 0 ? { why: '' } : await countersOf(session, meter);
    const limit = pLimit(AT_ONCE);
    const looks = await Promise.all(
      names.map((name) =>
        limit(async (): Promise<VectorIndex[] | BursarError> => {
          try {
            return await describe(session, name, counters, meter);
          } catch (error) {
            if (error instanceof GoneError) return [];
            if (error instanceof BursarError) return error;
            throw error;
          }
        }),
      ),
    );
    const found = looks.flatMap((look) => (look instanceof BursarError ? [] : look));
    const failed = looks.filter((look) => look instanceof BursarError);
    const [first] = failed;
    if (first !== undefined && failed.length === names.length) throw first;
    const sharedBy = found.map(({ id }) => id);
    const vectorIndexes = found.map((index) => ({
      ...index,
      capacity: {
        kind: 'shared-cluster' as const,
        billed: session.billed,
        bytes: null,
        sharedBy: failed.length > 0 || more ? null : sharedBy,
      },
    }));
    const faults = [
      ...(first === undefined
        ? []
        : [`${failed.length} of ${names.length} collections were not read: ${first.message}`]),
      ...(more ? [`only the first ${MOST_COLLECTIONS} collections were looked at`] : []),
    ];
    if (faults.length > 0)
      throw new IncompleteError(
        first?.code ?? 'unavailable',
        faults.join('; '),
        { vectorIndexes },
        { where },
      );
    return { vectorIndexes };
  },
};

async function namesOf(session: MilvusSession, meter: Meter): Promise<{ names: Named[]; more: boolean }> {
  const { client } = session;
  const databases =
    session.databases ?? (await call(session, 'listDatabases', meter, () => client.listDatabases())).db_names;
  const names: Named[] = [];
  for (const database of databases) {
    const { data } = await call(session, 'showCollections', meter, () =>
      client.showCollections({ db_name: database }),
    );
    names.push(...data.map(({ name: collection }) => ({ database, collection })));
  }
  return { names: names.slice(0, MOST_COLLECTIONS), more: names.length > MOST_COLLECTIONS };
}

async function describe(
  session: MilvusSession,
  { database, collection }: Named,
  counters: Counters | { readonly why: string },
  meter: Meter,
): Promise<VectorIndex[]> {
  const { client, store, host } = session;
  const of = { collection_name: collection, db_name: database };
  const described = await call(session, 'describeCollection', meter, () => client.describeCollection(of));
  const fields = vectorFields(described.schema.fields);
  if (fields.length === 0) return [];
  const stats = await call(session, 'getCollectionStatistics', meter, () =>
    client.getCollectionStatistics(of),
  );
  const rows = Number(stats.stats.find(({ key }) => key === 'row_count')?.value ?? Number.NaN);
  const vectors = Number.isSafeInteger(rows) && rows >= 0 ? rows : null;
  const indexes = await indexesOf(session, of, meter);
  const label = database === 'default' ? collection : `${database}.${collection}`;
  const told = 'why' in counters ? null : counters;
  const aliases =
    told === null ? [] : (await call(session, 'listAliases', meter, () => client.listAliases(of))).aliases;
  const counted = told?.of(database, [collection, ...aliases]) ?? null;
  const made = Number(described.created_utc_timestamp);
  const found: VectorIndex[] = [];
  for (const { name, dimension } of fields) {
    const index = fields.length === 1 ? label : `${label}.${name}`;
    const model = modelNamed(session.models, index) ?? modelNamed(session.models, label);
    const documents = session.documents(index);
    const { sample, gaps } =
      documents === null
        ? notSampled('The config does not tell what they were made of.')
        : await sampleOf(session, documents, { database, collection, described, rows: vectors ?? 0 }, meter);
    const path = [database, collection].map(encodeURIComponent).join('/');
    found.push(
      vectorIndex({
        store,
        storeType: 'milvus',
        provider: 'other',
        accountId: host,
        region: 'global',
        dataset: ID,
        id: `milvus://${host}/${path}#${encodeURIComponent(name)}`,
        incarnation: idOf(described.collectionID),
        table: label,
        index,
        method: indexes.get(name)?.method ?? null,
        dimension,
        metric: indexes.get(name)?.metric ?? null,
        model,
        vectors,
        created: made > 0 ? new Date(made).toISOString() : null,
        queries: counted?.searches ?? null,
        writes: counted?.writes ?? null,
        // Searches count for the collection, by whatever index they were answered.
        tableScans: counted === null || counted.searches === null ? null : 0,
        statsSince: told?.since ?? null,
        replicas: 0,
        source: documents?.source ?? null,
        sample,
        gaps: [
          ...queriesGap(counters, counted?.searches ?? null, fields.length),
          DELETED,
          BYTES,
          ...(model === null && Object.keys(sample?.models ?? {}).every((named) => named === '')
            ? [unknownModel('Milvus')]
            : []),
          ...gaps,
        ],
      }),
    );
  }
  return found;
}

const DELETED: VectorGap = {
  of: 'vectors',
  why: 'Milvus counts entities; those that were deleted and not yet compacted are among them.',
};
const BYTES: VectorGap = {
  of: 'bytes',
  why: 'Milvus does not tell clients how many bytes a collection takes.',
};

function queriesGap(
  counters: Counters | { readonly why: string },
  searches: number | null,
  fields: number,
): VectorGap[] {
  if ('why' in counters) return [{ of: 'queries', why: counters.why, untold: true }];
  if (searches === null)
    return [{ of: 'queries', why: 'Its searches are more than can be counted exactly.', untold: true }];
  return fields === 1
    ? []
    : [
        {
          of: 'queries',
          why: 'Searches count for the collection, and not for each of its fields of vectors.',
        },
      ];
}

/** Milvus, pkg/util/merr/errors.go: an index that is not there. */
const NO_INDEX: ReadonlySet<number> = new Set([700]);

/** The index of each field that has one. A collection without any answers with an error of its own, which is none. */
async function indexesOf(
  session: MilvusSession,
  of: { readonly collection_name: string; readonly db_name: string },
  meter: Meter,
): Promise<Map<string, { method: string | null; metric: string | null }>> {
  const { index_descriptions: found } = await call(
    session,
    'describeIndex',
    meter,
    () => session.client.describeIndex({ ...of }),
    NO_INDEX,
  );
  return new Map(
    found.map(({ field_name: field, params }) => {
      const valueOf = (name: string) => params.find(({ key }) => key === name)?.value;
      const text = (name: string) => String(valueOf(name) ?? '').toLowerCase() || null;
      return [field, { method: text('index_type'), metric: text('metric_type') }];
    }),
  );
}

/** Milvus Lite knows no ids of collections and says 0. */
function idOf(id: string | undefined): string | null {
  return id === undefined || id === '' || id === '0' ? null : id;
}
