import type { SecretRef, StoreConfig } from '../../config/schema.ts';
import { rolePermissions } from '../../platform/aws-sessions.ts';
import type { Permission } from '../../platform/permissions.ts';
import { rdsPermissions } from './rds-login.ts';
import { secretPermissions } from './secrets.ts';
import { bucketOf } from './store-lancedb.ts';
import { sourcePermissions } from './store-sources.ts';

/** Secrets that the config of a store names, each with its key under `estate.stores.ID`. */
export function storeSecrets(store: StoreConfig): { readonly key: string; readonly reference: SecretRef }[] {
  const documents = store.documents.flatMap(({ source }, at) =>
    source?.type === 'postgres' ? [{ key: `documents[${at}].source.url`, reference: source.url }] : [],
  );
  switch (store.type) {
    case 'pgvector':
      return [...(store.url === undefined ? [] : [{ key: 'url', reference: store.url }]), ...documents];
    case 'opensearch':
    case 'milvus':
    case 'qdrant':
    case 'weaviate':
    case 'pinecone':
      return [
        ...(typeof store.auth === 'string' ? [] : [{ key: 'auth', reference: store.auth }]),
        ...documents,
      ];
    case 'lancedb':
      return [
        ...Object.entries(store.secrets).map(([name, reference]) => ({ key: `secrets.${name}`, reference })),
        ...documents,
      ];
  }
}

/** What reading this store needs besides what its datasets declare. */
export function storePermissions(store: StoreConfig): readonly Permission[] {
  const secrets = storeSecrets(store).flatMap(({ reference }) =>
    secretPermissions([reference], 'reads the login of a vector store or of its documents'),
  );
  const sources = store.documents.flatMap(({ source }) =>
    source === undefined ? [] : sourcePermissions(source),
  );
  return [...loginPermissions(store), ...secrets, ...sources];
}

/** What a login without a secret needs. */
function loginPermissions(store: StoreConfig): readonly Permission[] {
  if (store.type === 'pgvector' && store.auth !== undefined) return rdsPermissions(store.auth);
  if (store.type === 'lancedb') return lancePermissions(store);
  if (store.type !== 'opensearch' || store.auth !== 'sigv4') return [];
  if (store.roleArn !== undefined)
    return rolePermissions([store.roleArn], 'enters the role that may read a vector store');
  return [
    {
      cloud: 'aws',
      action: 'es:ESHttpGet',
      resources: [`${store.domain ?? ''}/*`],
      why: 'reads counters and mappings of an OpenSearch domain',
    },
  ];
}

/** Storage options of their own are a login of their own. */
function lancePermissions({
  path,
  roleArn,
  secrets,
}: StoreConfig & { type: 'lancedb' }): readonly Permission[] {
  const bucket = bucketOf(path);
  if (bucket === null || Object.keys(secrets).length > 0) return [];
  if (roleArn !== undefined)
    return rolePermissions([roleArn], 'enters the role that may read a database of LanceDB');
  const arn = `arn:aws:s3:::${bucket.bucket}`;
  return [
    {
      cloud: 'aws',
      action: 's3:ListBucket',
      resources: [arn],
      why: 'lists the bucket of a database of LanceDB',
    },
    {
      cloud: 'aws',
      action: 's3:GetObject',
      resources: [`${arn}/${bucket.folder === '' ? '' : `${bucket.folder}/`}*`],
      why: 'reads manifests and configured columns of a database of LanceDB',
    },
  ];
}
