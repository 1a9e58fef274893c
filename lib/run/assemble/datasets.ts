import { AWS_DATASETS } from '../../estate/aws/datasets.ts';
import { GCP_DATASETS } from '../../estate/gcp/datasets.ts';
import { opensearchIndexes } from '../../estate/opensearch/indexes.ts';
import { pgvectorIndexes } from '../../estate/pgvector/indexes.ts';
import type { Permission } from '../../platform/permissions.ts';

/** What every dataset of this version may call, by the dataset's id. */
export const DATASET_PERMISSIONS: ReadonlyMap<string, readonly Permission[]> = new Map(
  [...AWS_DATASETS, ...GCP_DATASETS, pgvectorIndexes, opensearchIndexes].map(({ id, permissions }) => [
    id,
    permissions,
  ]),
);
