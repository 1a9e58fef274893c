import type { Connection, Table } from '@lancedb/lancedb';
import pLimit from 'p-limit';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import { IncompleteError } from '../incomplete.ts';
import type { Dataset, VectorCapacity, VectorGap, VectorIndex } from '../model.ts';
import { modelNamed } from '../store-answer.ts';
import { unknownModel, vectorIndex } from '../vector-index.ts';
import type { DocumentsOf } from '../vectors/documents.ts';
import { notSampled } from '../vectors/sampling.ts';
import { isGone, lanceError } from './errors.ts';
import { type Files, filesOf, type StoredFile } from './files.ts';
import { type Named, namesOf } from './names.ts';
import { sampleOf } from './sample.ts';
import { type VectorColumn, vectorColumns } from './schema.ts';
import { timesOf } from './versions.ts';

/** One LanceDB database, opened by the embedded library: nothing answers but the storage. */
export interface LanceSession {
  /** Config id of the store. */
  readonly store: string;
  /** `s3://bucket/folder`, `file:///srv/vectors`, without a slash at its end. */
  readonly address: string;
  /** The bucket that it lies in, where that is known. */
  readonly place: { readonly provider: VectorIndex['provider']; readonly accountId: string } | null;
  readonly region: string | null;
  /** Embedding models by index or table, as the config tells. */
  readonly models: Readonly<Record<string, string>>;
  readonly documents: DocumentsOf;
  readonly connection: Connection;
  /** Every file of the storage that is billed; null where it cannot be listed. */
  readonly files: ((meter: Meter) => AsyncIterable<StoredFile>) | null;
  /** How it is paid for: by the byte in an object store, as a whole on a disk. */
  readonly kind: VectorCapacity['kind'];
  readonly billed: readonly string[];
}

const ID = 'lancedb.tables';

/** Tables that are opened at most: each takes some reads of small files. */
const MOST_TABLES = 2_000;
/** Tables opened at once. */
const AT_ONCE = 4;
/** Files that are listed at most: 1,000 pages of S3. */
const MOST_FILES = 1_000_000;

const QUERIES: VectorGap = {
  of: 'queries',
  why: 'LanceDB is a library within the programs that read: nothing counts their queries.',
};
const FREED: VectorGap = {
  of: 'cost',
  why: 'Deleted vectors stay in their files, and are billed, until the table is compacted and its old versions are removed.',
};

/**
 * Columns of vectors of all tables of a LanceDB database, from its manifests: rows, bytes, versions, indexes. No column
 * of vectors is read, and nothing is written. Where documents are configured, the configured columns are read.
 *
 * It does not see: queries, which nobody counts; rows whose vector is empty; branches of a table; who reads it.
 */
export const lancedbTables: Dataset<LanceSession> = {
  id: ID,
  // Rights are those of the storage, declared for the buckets that the config names.
  permissions: [],
  async collect(_scope, session, _now, _earlier, meter) {
    const where = `store:${session.store}`;
    const names = await namesOf(session.connection, MOST_TABLES, where, meter);
    if (names.tables.length === 0)
      throw new BursarError('config', `no table of LanceDB is at ${session.address}`, {
        where,
        hint: 'See that the path is that of the database: the folder that holds NAME.lance.',
      });
    const listing = await listed(session, meter);
    const limit = pLimit(AT_ONCE);
    const looks = await Promise.all(
      names.tables.map((name) =>
        limit(async (): Promise<VectorIndex[] | BursarError> => {
          try {
            return await describe(session, name, listing, meter);
          } catch (error) {
            // What is dropped while one looks is not there.
            if (isGone(error) && !(await exists(session, name, meter))) return [];
            return lanceError(error, where, `table ${name.label}`);
          }
        }),
      ),
    );
    const vectorIndexes = looks.flatMap((look) => (look instanceof BursarError ? [] : look));
    const failed = looks.filter((look) => look instanceof BursarError);
    const [first] = failed;
    if (first !== undefined && failed.length === names.tables.length) throw first;
    const faults = [
      ...(first === undefined
        ? []
        : [`${failed.length} of ${names.tables.length} tables were not read: ${first.message}`]),
      ...(names.more ? [`only the first ${MOST_TABLES} tables were looked at`] : []),
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

interface Listing {
  readonly files: Files | null;
  /** Why there are none. */
  readonly why: string;
}

/** The files of the storage. Where they cannot be listed, tables are told by their manifests all the same. */
async function listed({ files }: LanceSession, meter: Meter): Promise<Listing> {
  if (files === null) return { files: null, why: 'Files of this storage are not listed' };
  try {
    return {
      files: await filesOf(files(meter), MOST_FILES),
      why: `Its storage holds more than ${MOST_FILES} files`,
    };
  } catch (error) {
    // The system's own errors have a code: a folder that goes while one looks, one that may not be read.
    if (!(error instanceof BursarError) && !(error instanceof Error && 'code' in error)) throw error;
    return { files: null, why: `Its files could not be listed (${error.message})` };
  }
}

async function exists({ connection, store }: LanceSession, { label }: Named, meter: Meter): Promise<boolean> {
  const { tables } = await namesOf(connection, Number.POSITIVE_INFINITY, `store:${store}`, meter);
  return tables.some((table) => table.label === label);
}

async function describe(
  session: LanceSession,
  name: Named,
  { files, why }: Listing,
  meter: Meter,
): Promise<VectorIndex[]> {
  meter.count('lancedb.openTable');
  const table = await session.connection.openTable(name.name, [...name.path]);
  try {
    const schema = await table.schema();
    const columns = vectorColumns(schema);
    if (columns.length === 0) return [];
    const own = name.path.length === 0 ? (files?.tables.get(name.name) ?? null) : null;
    meter.count('lancedb.stats');
    const { numRows, totalBytes } = await table.stats();
    const times = await timesOf(table, own, meter);
    const indices = await indicesOf(table, columns, meter);
    // Two columns of vectors lie in the same files.
    const bytes = columns.length === 1 ? (own?.bytes ?? totalBytes) : null;
    const { place, region, store, address, kind, billed } = session;
    const found: VectorIndex[] = [];
    for (const column of columns) {
      const index = columns.length === 1 ? name.label : `${name.label}.${column.path}`;
      const model = modelNamed(session.models, index) ?? modelNamed(session.models, name.label);
      const documents = session.documents(index);
      const { sample, gaps } =
        documents === null
          ? notSampled('The config does not tell what they were made of.')
          : await sampleOf(table, documents, { rows: numRows, schema, meter });
      const path = [...name.path, name.name].map(encodeURIComponent).join('/');
      found.push(
        vectorIndex({
          store,
          storeType: 'lancedb',
          provider: place?.provider ?? 'other',
          accountId: place?.accountId ?? address,
          region: region ?? 'global',
          dataset: ID,
          id: `${address}/${path}.lance#${encodeURIComponent(column.path)}`,
          incarnation: times.created,
          table: name.label,
          index,
          method: indices.get(column.path)?.method ?? null,
          dimension: column.dimension,
          metric: indices.get(column.path)?.metric ?? null,
          model,
          vectors: numRows,
          bytes,
          created: times.created,
          lastWrite: times.lastWrite,
          replicas: 0,
          source: documents?.source ?? null,
          capacity: {
            kind,
            billed,
            bytes: kind === 'by-bytes' ? (files?.bytes ?? null) : null,
            sharedBy: null,
          },
          sample,
          gaps: [
            QUERIES,
            {
              of: 'vectors',
              why: `LanceDB counts rows; how many of them have a vector in ${column.path} it does not tell.`,
            },
            ...bytesGap(bytes, own === null ? why : null, columns.length),
            ...(kind === 'by-bytes' ? [FREED] : []),
            ...(model === null && !namesModel(sample) ? [unknownModel('LanceDB')] : []),
            ...gaps,
          ],
        }),
      );
    }
    return found;
  } finally {
    table.close();
  }
}

function bytesGap(bytes: number | null, why: string | null, columns: number): VectorGap[] {
  if (bytes === null)
    return [
      {
        of: 'bytes',
        why: `The table has ${columns} columns of vectors; what each of them takes is not told.`,
      },
    ];
  return why === null
    ? []
    : [
        {
          of: 'bytes',
          why: `${why}: what old versions of the table take is not counted.`,
        },
      ];
}

function namesModel(sample: VectorIndex['sample']): boolean {
  return Object.keys(sample?.models ?? {}).some((name) => name !== '');
}

/** The index of each column of vectors, where it has one: else every search reads all of it. */
async function indicesOf(
  table: Table,
  columns: readonly VectorColumn[],
  meter: Meter,
): Promise<Map<string, { method: string; metric: string | null }>> {
  meter.count('lancedb.listIndices');
  const found = new Map<string, { method: string; metric: string | null }>();
  for (const { name, columns: of } of await table.listIndices()) {
    const [path] = of;
    if (path === undefined || !columns.some((column) => column.path === path)) continue;
    meter.count('lancedb.indexStats');
    const stats = await table.indexStats(name);
    if (stats !== undefined)
      found.set(path, { method: stats.indexType.toLowerCase(), metric: stats.distanceType ?? null });
  }
  return found;
}
