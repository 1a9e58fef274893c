import type { Provider } from './model-provider.ts';

/** Kinds of stores that hold vectors. */
export const STORE_TYPES = [
  'pgvector',
  'opensearch',
  'opensearch-serverless',
  's3-vectors',
  'bedrock-knowledge-base',
  'vertex-vector-search',
  'pinecone',
  'qdrant',
  'milvus',
  'weaviate',
  'lancedb',
] as const;
export type StoreType = (typeof STORE_TYPES)[number];

/** A vector index and what its store counts about it, as of its snapshot. */
export interface VectorIndex {
  /** Config id of the store, or the store's own name where it was found without being named. */
  readonly store: string;
  readonly storeType: StoreType;
  readonly provider: Provider;
  /** AWS account id, GCP project id, database `host:port`. */
  readonly accountId: string;
  /** As in `Resource`; `global` where there is none. */
  readonly region: string;
  /** The dataset that read it: what must be read whole before its absence counts. */
  readonly dataset: string;
  /** Canonical id: an ARN, a full resource name, `postgres://host:port/database/schema.index`. */
  readonly id: string;
  /** The store's own id of this making of the index (UUID, oid), where it has one: another one means made again. */
  readonly incarnation: string | null;
  /** What holds it: the table, collection, namespace; empty where the index is by itself. */
  readonly table: string;
  readonly index: string;
  /** The store's own word: `hnsw`, `ivfflat`, `faiss`; null where it does not say. */
  readonly method: string | null;
  readonly dimension: number | null;
  /** The store's own word: `cosine`, `l2`, `innerproduct`. */
  readonly metric: string | null;
  /** Embedding model that store or config names (`amazon.titan-embed-text-v1`), lower case, no version guessed. */
  readonly model: string | null;
  readonly vectors: number | null;
  readonly bytes: number | null;
  /** ISO-8601 UTC, as all times here. */
  readonly created: string | null;
  readonly lastWrite: string | null;
  readonly lastQuery: string | null;
  /** Queries served since `statsSince`, by a counter that only grows until a reset; null: the store counts none. */
  readonly queries: number | null;
  /** Queries of a store that measures them by time instead of counting for ever; null where it does not. */
  readonly measured: MeasuredQueries | null;
  /** Searches of the table without an index, which no index counter shows; null where that is not counted. */
  readonly tableScans: number | null;
  /** Vectors written since `statsSince`, by a counter that only grows until a reset; null: the store counts none. */
  readonly writes: number | null;
  /** When the store's counters began: another value than in the former snapshot means a reset. */
  readonly statsSince: string | null;
  /** Is this server a replica with counters of its own? */
  readonly replica: boolean;
  /** Replicas whose queries these counters leave out; 0 where they count for all; null where nobody may ask. */
  readonly replicas: number | null;
  /** What the model's provider says of its future (Bedrock: `modelLifecycle` of GetFoundationModel); null: not asked. */
  readonly modelLifecycle: ModelLifecycle | null;
  /** What the store tells of how long a query takes; null where it does not. */
  readonly latency: { readonly milliseconds: number; readonly statistic: string } | null;
  /** Where the vectors came from, as store or config tells: `s3://bucket/prefix`, `postgres:schema.table`. */
  readonly source: string | null;
  /** How it is paid for; null where that is not known. */
  readonly capacity: VectorCapacity | null;
  /** What was learned from looking at some or all of its vectors' keys; null where nobody looked. */
  readonly sample: VectorSample | null;
  /** What this store cannot tell. A gap of `queries` keeps the index from being called unused. */
  readonly gaps: readonly VectorGap[];
}

/** How long a model can still be used, as its provider says. */
export interface ModelLifecycle {
  /** The provider's own word: `ACTIVE`, `LEGACY`. */
  readonly status: string;
  readonly legacySince: string | null;
  readonly endOfLife: string | null;
  /** `bedrock:GetFoundationModel` */
  readonly source: string;
}

/** What a store cannot tell of an index. */
export interface VectorGap {
  readonly of: 'queries' | 'writes' | 'vectors' | 'bytes' | 'model' | 'documents' | 'cost';
  /** One sentence for the owner: `S3 Vectors counts no queries.` */
  readonly why: string;
  /** It was asked for and could have been told: coverage names it, and what it showed before is not called gone. */
  readonly failed?: true;
  /**
   * Another look may tell it: coverage names it among what is not there to be asked, so that what it showed before is
   * not called gone; nobody has to mend it.
   */
  readonly untold?: true;
}

/** What of an index coverage names where it was not read: the part of a scope that findings of it rest on. */
export function vectorPart(of: VectorGap['of'], index: string): string {
  return `${of} of ${index.replaceAll('#', '%23')}`;
}

/** Queries that a metric counted over a time, half-open. */
export interface MeasuredQueries {
  readonly start: string;
  readonly end: string;
  /** Sum of the points that came. */
  readonly queries: number;
  /** Points that came, and those that a source without gaps would have given: silence is no zero. */
  readonly received: number;
  readonly expected: number;
  /** `matching_engine/query/request_count` */
  readonly source: string;
}

/** How an index is paid for. */
export interface VectorCapacity {
  /**
   * `by-bytes`: what is stored is paid by the byte, so that the bill falls with every vector; `by-index`: machines
   * or replicas of its own, which go with the index as a whole; `shared-cluster`: machines that cost the same
   * whatever they hold; `minimum`: by use, but never below a minimum that all share.
   */
  readonly kind: 'by-bytes' | 'by-index' | 'shared-cluster' | 'minimum';
  /** Canonical ids of what the bill charges for the store: the domain, collection, database. Empty: none is known. */
  readonly billed: readonly string[];
  /** Bytes of everything that shares it, this index too; null where not known. */
  readonly bytes: number | null;
  /** Canonical ids of all vector indexes that share it, this one too; null where not known. */
  readonly sharedBy: readonly string[] | null;
}

/**
 * What comparing vectors' keys with their sources gave: counts, and hashes of keys; never a vector, a text or a
 * value of metadata.
 */
export interface VectorSample {
  /** Vectors that could have been drawn, as counted or (where `size` is less) as the store estimates. */
  readonly population: number;
  /** Vectors that were compared: all of them where it is the population. */
  readonly size: number;
  /**
   * `all`; `by-key-hash`: those with the smallest hashes of their keys, so that the same ones are drawn in every look
   * and in every index; `at-random`: evenly, but others each time, so that copies are not drawn together.
   */
  readonly drawn: 'all' | 'by-key-hash' | 'at-random';
  readonly counts: SampleCounts;
  /**
   * How many times the variance of single draws that of a count is, as vectors of one key are drawn together: 1 and
   * more. Left out where each was drawn by itself, or all were.
   */
  readonly effects?: Readonly<Record<'gone' | 'outOfDate' | 'duplicate', number>>;
  /** Compared vectors by the model that their metadata names; '' where they name none. They add up to `size`. */
  readonly models: Readonly<Record<string, number>>;
  /** Tokens of `vectors` of the compared, where metadata or config tell; null: nobody knows. */
  readonly tokens: { readonly sum: number; readonly vectors: number; readonly source: string } | null;
  /** What the vectors were compared with; null: with no source, so that only what is in the store was seen. */
  readonly sources: VectorSources | null;
  /** The compared vectors with the smallest hashes, in their order, at most `SKETCH_SIZE`. */
  readonly sketch: readonly SketchEntry[];
}

/** How many of the compared vectors are so. `outOfDate` is those that are `newer`, or that `differ`, or both. */
export interface SampleCounts {
  /** No source has their key, in no spelling. Always 0 without a source that was listed whole. */
  readonly gone: number;
  /** The source was changed after they were made, by more than the clocks may differ. */
  readonly newer: number;
  /** The hash of the source's content is another than the one they were made of. */
  readonly differs: number;
  readonly outOfDate: number;
  /** Copies: all but one of the vectors that have the same key, without those that are `gone`. */
  readonly duplicate: number;
  /** They have no key by which a source could be found. */
  readonly unkeyed: number;
  /** A source has their key in another spelling (case, Unicode form, percent-encoding) alone: nothing is said of them. */
  readonly respelled: number;
}

/** A listing of the documents that vectors came from. */
export interface VectorSources {
  readonly kind: 's3' | 'gcs' | 'postgres' | 'manifest';
  /** `s3://bucket/prefix`, `postgres:schema.table`, the manifest's name. */
  readonly name: string;
  readonly listedAt: string;
  readonly keys: number;
  /** Was it listed to its end? Else nothing may be called gone. */
  readonly complete: boolean;
  /** Does it tell hashes of the content, by which unchanged content can be told from changed? */
  readonly hashed: boolean;
  /** When the last of them was changed; null where it is empty or does not say. */
  readonly newest: string | null;
}

/** Most sketch entries of one index. */
export const SKETCH_SIZE = 1024;

/** One vector: the hash of its key, that of the content it was made of, and when it was made. */
export interface SketchEntry {
  /** First 64 bits of SHA-256 of the key, 16 hexadecimal digits. */
  readonly key: string;
  /** First 64 bits of SHA-256 of what metadata tells of the content (its hash); null where it tells none. */
  readonly content: string | null;
  /** Milliseconds since 1970; null where metadata do not tell. */
  readonly embedded: number | null;
}
