import type * as Milvus from '@zilliz/milvus2-sdk-node';
import type { StoreConfig } from '../../config/schema.ts';
import type { MilvusSession } from '../../estate/milvus/calls.ts';
import { rest } from '../../estate/rest.ts';
import type { DocumentsOf } from '../../estate/vectors/documents.ts';
import { BursarError } from '../../platform/errors.ts';
import { readSecret } from './secrets.ts';
import { hostOf } from './store-address.ts';
import { loginOf } from './store-opensearch.ts';

/** Milliseconds that one call may take. */
const TIMEOUT = 15_000;

/**
 * The library of Milvus, which is installed by those alone who have such a store: what it brings with it is under the
 * LGPL in part, which not everyone may have.
 */
export async function loadMilvus(
  load: () => Promise<typeof Milvus> = async () => await import('@zilliz/milvus2-sdk-node'),
): Promise<typeof Milvus> {
  try {
    return await load();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BursarError('config', `the library of Milvus is not there: ${message.split('\n')[0] ?? ''}`, {
      where: 'estate.stores',
      hint: 'Install it beside Bursar: npm install @zilliz/milvus2-sdk-node@3.0.6',
      cause: error,
    });
  }
}

/** The way into Milvus. */
export async function enterMilvus(
  id: string,
  { url, auth, databases, metrics, models, billed }: StoreConfig & { type: 'milvus' },
  documents: DocumentsOf,
): Promise<MilvusSession & { close(): Promise<void> }> {
  const token = auth === 'none' ? null : tokenOf(await readSecret(auth, `estate.stores.${id}.auth`), id);
  const { MilvusClient } = await loadMilvus();
  const client: Milvus.MilvusClient = new MilvusClient({
    address: new URL(url).origin,
    ...(token === null ? {} : { token }),
    timeout: TIMEOUT,
    // The library's own log: what fails is thrown, and what it asks is nobody's business.
    logLevel: 'error',
    telemetry: { enabled: false },
  });
  // Whatever is asked waits for it and tells what went wrong.
  client.connectPromise.catch(() => undefined);
  return {
    store: id,
    host: hostOf(url),
    client,
    databases: databases ?? null,
    proxies: metrics.map((address) => ({
      host: hostOf(address),
      http: rest({
        where: `store:${id}`,
        address: new URL(address).origin,
        headers: async () => ({}),
        hint: `See that estate.stores.${id}.metrics names the metrics of Milvus (docs/stores.md).`,
      }),
    })),
    models,
    billed,
    documents,
    close: async () => {
      await client.closeConnection();
    },
  };
}

/** A token, `user:password`, or the JSON that Secrets Manager keeps of a login. */
function tokenOf(text: string, id: string): string {
  return text.trimStart().startsWith('{') ? loginOf(text, `estate.stores.${id}.auth`) : text.trim();
}
