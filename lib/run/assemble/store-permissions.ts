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
  return openSearchPermissions(store);
}

/** A search and a point in time are asked by POST, and given back by DELETE: on these paths and on no others. */
function openSearchPermissions({
  domain,
  collection,
  documents,
}: StoreConfig & { type: 'opensearch' }): readonly Permission[] {
  if (collection !== undefined)
    return [
      {
        cloud: 'aws',
        action: 'aoss:APIAccessAll',
        resources: [collection],
        why: 'reads mappings and configured fields of a collection, as far as its data access policy lets it',
      },
    ];
  const paths = (action: string, of: readonly string[], why: string): Permission => ({
    cloud: 'aws',
    action,
    resources: of.map((path) => `${domain ?? ''}/${path}`),
    why,
  });
  return [
    paths('es:ESHttpGet', ['*'], 'reads counters and mappings of an OpenSearch domain'),
    ...(documents.length === 0
      ? []
      : [
          paths(
            'es:ESHttpPost',
            ['_search', '*/_search/point_in_time'],
            'reads the configured fields of documents of an OpenSearch domain',
          ),
          paths(
            'es:ESHttpDelete',
            ['_search/point_in_time'],
            'ends the points in time that it read documents at',
          ),
        ]),
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
