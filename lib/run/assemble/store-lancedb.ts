import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import type * as LanceDb from '@lancedb/lancedb';
import type { StoreConfig } from '../../config/schema.ts';
import { lanceError } from '../../estate/lancedb/errors.ts';
import { localFiles, s3Files } from '../../estate/lancedb/files.ts';
import type { LanceSession } from '../../estate/lancedb/tables.ts';
import type { DocumentsOf } from '../../estate/vectors/documents.ts';
import { awsError } from '../../platform/aws-errors.ts';
import { type AwsCredentialProvider, assumedRole } from '../../platform/aws-sessions.ts';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import { awsBase, roleOf, s3Client } from './aws-base.ts';
import { readSecret } from './secrets.ts';

type LanceConfig = StoreConfig & { type: 'lancedb' };
type Library = typeof LanceDb;

/**
 * Tries of one request and seconds that they take together: the library's own three minutes would be waited for each
 * file of a bucket that nobody can reach (LanceDB documentation, "Configuring cloud storage", general options).
 */
const PATIENCE = {
  client_max_retries: '3',
  client_retry_timeout: '30',
  timeout: '30s',
  connect_timeout: '10s',
};

/** Bucket and folder of an `s3://` path; null for any other. */
export function bucketOf(path: string): { readonly bucket: string; readonly folder: string } | null {
  const [, bucket, folder = ''] = /^s3:\/\/([^/]+)\/*(.*?)\/*$/.exec(path) ?? [];
  return bucket === undefined ? null : { bucket, folder };
}

/** The embedded library, which is installed by those alone who have such a database. */
export async function loadLanceDb(
  load: () => Promise<Library> = async () => await import('@lancedb/lancedb'),
): Promise<Library> {
  // What fails is thrown; its own log of each attempt would stand between a command's answers.
  process.env['LANCEDB_LOG'] ??= 'error';
  try {
    return await load();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BursarError('config', `the library of LanceDB is not there: ${message.split('\n')[0] ?? ''}`, {
      where: 'estate.stores',
      hint: 'Install it beside Bursar: npm install @lancedb/lancedb@0.39.0 apache-arrow@18.1.0. The deployed functions cannot carry it: look at this store from a machine of your own.',
      cause: error,
    });
  }
}

/** Opens a database of LanceDB. Its folder must be there: the library would make it. */
export async function enterLanceDb(
  id: string,
  store: LanceConfig,
  documents: DocumentsOf,
): Promise<LanceSession & { close(): Promise<void> }> {
  const where = `store:${id}`;
  const library = await loadLanceDb();
  const common = { store: id, models: store.models, documents };
  const secrets = await Promise.all(
    Object.entries(store.secrets).map(async ([name, reference]) => [
      name,
      await readSecret(reference, `estate.stores.${id}.secrets.${name}`),
    ]),
  );
  const given: Record<string, string> = { ...PATIENCE, ...store.options, ...Object.fromEntries(secrets) };
  const open = async (path: string, storageOptions: Record<string, string>) => {
    try {
      const connection = await library.connect(path, { storageOptions });
      return { connection, close: async () => connection.close() };
    } catch (error) {
      throw lanceError(error, where, store.path);
    }
  };
  const bucket = bucketOf(store.path);
  if (bucket !== null) {
    const { options, client } = await s3Of(id, store, given);
    const { bucket: name, folder } = bucket;
    const role = roleOf(store.roleArn);
    return {
      ...common,
      ...(await open(store.path, options)),
      address: store.path.replace(/\/+$/, ''),
      place: role === null ? null : { provider: 'aws', accountId: role.accountId },
      region: store.region ?? null,
      files: client === null ? null : (meter) => s3Files(client, name, folder, where, meter),
      kind: 'by-bytes',
      billed: store.billed.length > 0 ? store.billed : [`arn:${role?.partition ?? 'aws'}:s3:::${name}`],
    };
  }
  const remote = store.path.includes('://');
  if (!remote) await assertFolder(store.path, where);
  return {
    ...common,
    ...(await open(remote ? store.path : resolve(store.path), given)),
    address: remote ? store.path.replace(/\/+$/, '') : pathToFileURL(resolve(store.path)).href,
    place: null,
    region: null,
    files: remote ? null : () => localFiles(resolve(store.path)),
    kind: remote ? 'by-bytes' : 'shared-cluster',
    billed: store.billed,
  };
}

async function assertFolder(path: string, where: string): Promise<void> {
  const hint = 'See that estate.stores names the folder that holds NAME.lance.';
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new BursarError('config', `${path} cannot be opened (${String(error.code)})`, {
      where,
      hint,
      cause: error,
    });
  }
  throw new BursarError('config', `${path} is no folder`, { where, hint });
}

const KEY = /^(aws_)?access_key_id$/i;
const ENDPOINT = /^(aws_)?endpoint(_url)?$/i;
const UNSIGNED = /^(aws_)?skip_signature$/i;

/** How LanceDB and the SDK both reach a bucket: with the keys that the config gives, else with those of AWS. */
async function s3Of(
  id: string,
  { roleArn, region }: LanceConfig,
  given: Readonly<Record<string, string>>,
): Promise<{ readonly options: Record<string, string>; readonly client: S3Client | null }> {
  const of = (name: RegExp) => Object.entries(given).find(([key]) => name.test(key))?.[1];
  const endpoint = of(ENDPOINT) ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  const place = {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(endpoint?.startsWith('http://') === true ? { allow_http: 'true' } : {}),
  };
  if (of(UNSIGNED) === 'true') return { options: { ...place, ...given }, client: null };
  const secretAccessKey = of(/^(aws_)?secret_access_key$/i);
  const accessKeyId = of(KEY);
  const sessionToken = of(/^(aws_)?(session_)?token$/i);
  const own = accessKeyId !== undefined && secretAccessKey !== undefined;
  const credentials: AwsCredentialProvider = own
    ? async () => ({ accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) })
    : ambient(id, roleArn, region);
  const client = s3Client(region, endpoint, credentials);
  if (own) return { options: { ...place, ...given }, client };
  try {
    const { accessKeyId: key, secretAccessKey: secret, sessionToken: token } = await credentials();
    return {
      options: {
        ...place,
        ...given,
        aws_access_key_id: key,
        aws_secret_access_key: secret,
        ...(token === undefined ? {} : { aws_session_token: token }),
      },
      client,
    };
  } catch (error) {
    throw awsError(error, { action: 's3:GetObject', where: `store:${id}` }) ?? error;
  }
}

function ambient(id: string, roleArn: string | undefined, region = 'us-east-1'): AwsCredentialProvider {
  const sts = new STSClient({ ...awsBase(), region });
  const role = roleOf(roleArn);
  return role === null
    ? async () => await sts.config.credentials()
    : assumedRole(sts, { ...role, sessionName: `bursar-${id}` }, new Meter());
}
