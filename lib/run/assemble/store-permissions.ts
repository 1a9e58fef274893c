import type { SecretRef, StoreConfig } from '../../config/schema.ts';
import { rolePermissions } from '../../platform/aws-sessions.ts';
import type { Permission } from '../../platform/permissions.ts';
import { secretPermissions } from './secrets.ts';

/** Secrets that the config of a store names, each with its key under `estate.stores.ID`. */
export function storeSecrets(store: StoreConfig): { readonly key: string; readonly reference: SecretRef }[] {
  const documents = store.documents.flatMap(({ source }, at) =>
    source?.type === 'postgres' ? [{ key: `documents[${at}].source.url`, reference: source.url }] : [],
  );
  switch (store.type) {
    case 'pgvector':
      return [...(store.url === undefined ? [] : [{ key: 'url', reference: store.url }]), ...documents];
    case 'opensearch':
      return [
        ...(typeof store.auth === 'string' ? [] : [{ key: 'auth', reference: store.auth }]),
        ...documents,
      ];
  }
}

/** What reading this store needs besides what its datasets declare. */
export function storePermissions(store: StoreConfig): readonly Permission[] {
  const secrets = storeSecrets(store).flatMap(({ reference }) =>
    secretPermissions([reference], 'reads the login of a vector store or of its documents'),
  );
  return [...loginPermissions(store), ...secrets];
}

/** What a login without a secret needs. */
function loginPermissions(store: StoreConfig): readonly Permission[] {
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
