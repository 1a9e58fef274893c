import type { SecretRef, StoreConfig } from '../../config/schema.ts';
import { rolePermissions } from '../../platform/aws-sessions.ts';
import type { Permission } from '../../platform/permissions.ts';
import { secretPermissions } from './secrets.ts';

/** What reading this store needs besides what its datasets declare. */
export function storePermissions(store: StoreConfig): readonly Permission[] {
  const secrets = (reference: SecretRef, what: string) =>
    secretPermissions([reference], `reads the ${what} of a vector store`);
  if (store.type === 'pgvector') return secrets(store.url, 'address');
  if (store.auth === 'none') return [];
  if (store.auth !== 'sigv4') return secrets(store.auth, 'login');
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
