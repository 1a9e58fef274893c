import type { SecretRef, StoreConfig } from '../../config/schema.ts';
import { rolePermissions } from '../../platform/aws-sessions.ts';
import type { Permission } from '../../platform/permissions.ts';
import { secretPermissions } from './secrets.ts';

/** What reading this store needs besides what its datasets declare. */
export function storePermissions(store: StoreConfig): readonly Permission[] {
  if (store.type === 'pgvector') return secretOf(store.url, 'address');
  if (store.auth === 'none') return [];
  if (store.auth !== 'sigv4') return secretOf(store.auth, 'login');
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

function secretOf(reference: SecretRef, what: string): readonly Permission[] {
  return secretPermissions([reference], `reads the ${what} of a vector store`);
}
