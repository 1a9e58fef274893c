import { STSClient } from '@aws-sdk/client-sts';
import type { StoreConfig } from '../../config/schema.ts';
import type { OpenSearchSession } from '../../estate/opensearch/session.ts';
import { type RestSettings, rest } from '../../estate/rest.ts';
import type { DocumentsOf } from '../../estate/vectors/documents.ts';
import { awsError } from '../../platform/aws-errors.ts';
import { assumedRole } from '../../platform/aws-sessions.ts';
import { BursarError } from '../../platform/errors.ts';
import { Meter } from '../../platform/meter.ts';
import { sigv4Headers } from '../../platform/sigv4.ts';
import { awsBase, roleOf } from './aws-base.ts';
import { readSecret } from './secrets.ts';

type OpenSearchConfig = StoreConfig & { type: 'opensearch' };

/** The way into an OpenSearch cluster or collection. Nothing is asked before its first request. */
export async function enterOpenSearch(
  id: string,
  store: OpenSearchConfig,
  documents: DocumentsOf,
): Promise<OpenSearchSession> {
  const url = new URL(store.url);
  return {
    store: id,
    host: `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`,
    domain: placeOf(store.domain),
    collection: placeOf(store.collection),
    models: store.models,
    documents,
    http: rest({
      where: `store:${id}`,
      address: url.origin,
      headers: await headersOf(id, store),
      hint: hintOf(id, store),
      // Ids of 64 bits among the keys.
      wideIntegers: true,
    }),
  };
}

function hintOf(id: string, { auth, collection }: OpenSearchConfig): string {
  if (auth !== 'sigv4')
    return `See that estate.stores.${id}.auth is a user who may monitor the cluster (docs/stores.md).`;
  return collection === undefined
    ? 'Allow es:ESHttpGet on the domain to the role that reads, and map it to a role of the domain that may monitor; documents ask for more (docs/stores.md).'
    : 'Allow aoss:APIAccessAll on the collection to the role that reads, and aoss:DescribeIndex and aoss:ReadDocument on its indexes by a data access policy (docs/stores.md).';
}

async function headersOf(
  id: string,
  { auth, roleArn, domain, collection }: OpenSearchConfig,
): Promise<RestSettings['headers']> {
  if (auth === 'none') return async () => ({});
  if (auth === 'sigv4') {
    const { region } = placeOf(domain ?? collection) ?? { region: 'us-east-1' };
    const [service, action] =
      collection === undefined ? ['es', 'es:ESHttpGet'] : ['aoss', 'aoss:APIAccessAll'];
    const sts = new STSClient({ ...awsBase(), region });
    const role = roleOf(roleArn);
    const own = async () => await sts.config.credentials();
    const credentials =
      role === null ? own : assumedRole(sts, { ...role, sessionName: `bursar-${id}` }, new Meter());
    const sign = sigv4Headers(service, region, credentials);
    return async (address, sent) => {
      try {
        return await sign(address, sent);
      } catch (error) {
        throw awsError(error, { action, where: `store:${id}` }) ?? error;
      }
    };
  }
  const where = `estate.stores.${id}.auth`;
  const login = loginOf(await readSecret(auth, where), where);
  return async () => ({ authorization: `Basic ${Buffer.from(login).toString('base64')}` });
}

/** `user:password`, also from the JSON that Secrets Manager keeps of a login. Never shown: it holds a password. */
export function loginOf(text: string, where: string): string {
  const wrong = (cause?: unknown) =>
    new BursarError('config', 'the login is neither user:password nor {"username": ..., "password": ...}', {
      where,
      ...(cause === undefined ? {} : { cause }),
    });
  if (!text.trimStart().startsWith('{')) {
    if (!/^[^:\s]+:.+$/.test(text)) throw wrong();
    return text;
  }
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    // Without the cause: what JSON.parse says of a text quotes it.
    throw wrong();
  }
  if (typeof kept !== 'object' || kept === null || !('username' in kept) || !('password' in kept))
    throw wrong();
  const { username, password } = kept;
  if (typeof username !== 'string' || typeof password !== 'string') throw wrong();
  return `${username}:${password}`;
}

function placeOf(arn: string | undefined): OpenSearchSession['domain'] {
  if (arn === undefined) return null;
  const [, , , region = '', accountId = ''] = arn.split(':');
  return { arn, region, accountId };
}
