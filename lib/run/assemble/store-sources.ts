import { STSClient } from '@aws-sdk/client-sts';
import type { ListingConfig } from '../../config/schema.ts';
import { gcpSession } from '../../estate/gcp/session.ts';
import type { Listed } from '../../estate/vectors/documents.ts';
import { GCS_DOCUMENTS_PERMISSION, listGcs } from '../../estate/vectors/sources/gcs.ts';
import { LISTING_LIMITS } from '../../estate/vectors/sources/limits.ts';
import { listManifest } from '../../estate/vectors/sources/manifest.ts';
import { listPostgres } from '../../estate/vectors/sources/postgres.ts';
import { listS3, s3DocumentsPermissions } from '../../estate/vectors/sources/s3.ts';
import { s3Bytes, s3Object, s3ObjectPermissions } from '../../estate/vectors/sources/s3-object.ts';
import { assumedRole, rolePermissions } from '../../platform/aws-sessions.ts';
import { plainBytes } from '../../platform/byte-stream.ts';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Permission } from '../../platform/permissions.ts';
import { awsBase, roleOf, s3Client } from './aws-base.ts';
import { googleAuth } from './google-auth.ts';
import { postgresUrl } from './postgres-address.ts';
import { connectPostgres } from './postgres-client.ts';
import { readSecret } from './secrets.ts';
import type { ListSource } from './store-documents.ts';

type Config<Type extends ListingConfig['type']> = ListingConfig & { type: Type };

/** Lists what the vectors of a store were made of. */
export function sourceLister(id: string, now: Date, meter: Meter): ListSource {
  const how = { now, meter, limits: LISTING_LIMITS };
  return async (source) => {
    switch (source.type) {
      case 's3':
        return await withS3(id, source, meter, (client) => listS3(client, source, how));
      case 'gcs': {
        const { endpoint } = source;
        const auth = googleAuth(endpoint);
        // Buckets belong to no project that a list of their objects would name.
        const session = gcpSession({
          projectId: 'documents',
          auth,
          ...(endpoint === undefined ? {} : { endpoint }),
        });
        return await listGcs(session, source, how);
      }
      case 'postgres':
        return await listTable(id, source, how);
      case 'manifest':
        return await readManifest(id, source, how);
    }
  };
}

/** What listing this source needs. */
export function sourcePermissions(source: ListingConfig): readonly Permission[] {
  switch (source.type) {
    case 's3':
      return source.roleArn === undefined
        ? s3DocumentsPermissions(source, partitionOf(source.region))
        : rolePermissions([source.roleArn], 'enters the role that may list documents');
    case 'gcs':
      return [GCS_DOCUMENTS_PERMISSION];
    case 'postgres':
      // A login by secret, declared with those of the store.
      return [];
    case 'manifest': {
      const object = s3Object(source.path);
      if (object === null) return [];
      return source.roleArn === undefined
        ? s3ObjectPermissions(object, partitionOf(source.region))
        : rolePermissions([source.roleArn], 'enters the role that may read a list of documents');
    }
  }
}

type How = Parameters<typeof listS3>[2];

async function listTable(id: string, source: Config<'postgres'>, how: How): Promise<Listed> {
  const where = `store:${id} postgres:${source.table}`;
  const url = postgresUrl(await readSecret(source.url, `estate.stores.${id}.documents`), where);
  const client = await connectPostgres({ url }, where);
  try {
    const { modified = null, content = null } = source;
    return await listPostgres(client, { ...source, modified, content }, { ...how, where });
  } finally {
    await client.end();
  }
}

async function readManifest(id: string, source: Config<'manifest'>, how: How): Promise<Listed> {
  const { modified = null, content = null } = source;
  const wanted = { ...source, modified, content };
  const object = s3Object(source.path);
  if (object !== null)
    return await withS3(id, source, how.meter, (client) =>
      listManifest(s3Bytes(client, object, how.meter), wanted, how),
    );
  try {
    return await listManifest(plainBytes(source.path), wanted, how);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !/^E[A-Z]+$/.test(String(error.code))) throw error;
    throw new BursarError('input', `the file cannot be read (${String(error.code)})`, {
      where: source.path,
      hint: 'A deployed function has no files: put it into a bucket and write s3://bucket/key.',
      cause: error,
    });
  }
}

/** With a client of the bucket's, entered by a role where the config names one. */
async function withS3<T>(
  id: string,
  { region, endpoint, roleArn }: Pick<Config<'s3'>, 'region' | 'endpoint' | 'roleArn'>,
  meter: Meter,
  work: (client: ReturnType<typeof s3Client>) => Promise<T>,
): Promise<T> {
  const role = roleOf(roleArn);
  const sts =
    role === null ? null : new STSClient({ ...awsBase(), ...(region === undefined ? {} : { region }) });
  const client = s3Client(
    region,
    endpoint,
    role === null || sts === null
      ? undefined
      : assumedRole(sts, { ...role, sessionName: `bursar-${id}` }, meter),
  );
  try {
    return await work(client);
  } finally {
    client.destroy();
    sts?.destroy();
  }
}

/** `aws`, `aws-cn` or `aws-us-gov` by a region's name; where none is named, that of most accounts. */
function partitionOf(region = ''): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
