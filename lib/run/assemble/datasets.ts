import { AWS_DATASETS } from '../../estate/aws/datasets.ts';
import { GCP_DATASETS } from '../../estate/gcp/datasets.ts';
import { lancedbTables } from '../../estate/lancedb/tables.ts';
import { milvusCollections } from '../../estate/milvus/collections.ts';
import { opensearchIndexes } from '../../estate/opensearch/indexes.ts';
import { pgvectorIndexes } from '../../estate/pgvector/indexes.ts';
import { pineconeIndexes } from '../../estate/pinecone/indexes.ts';
import { qdrantCollections } from '../../estate/qdrant/collections.ts';
import { weaviateCollections } from '../../estate/weaviate/collections.ts';
import type { Permission } from '../../platform/permissions.ts';

const STORE_DATASETS = [
  pgvectorIndexes,
  opensearchIndexes,
  qdrantCollections,
  weaviateCollections,
  pineconeIndexes,
  lancedbTables,
  milvusCollections,
];

/** What every dataset of this version may call, by the dataset's id. */
export const DATASET_PERMISSIONS: ReadonlyMap<string, readonly Permission[]> = new Map(
  [...AWS_DATASETS, ...GCP_DATASETS, ...STORE_DATASETS].map(({ id, permissions }) => [id, permissions]),
);
