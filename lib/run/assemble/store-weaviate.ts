import type { StoreConfig } from '../../config/schema.ts';
import { rest } from '../../estate/rest.ts';
import type { DocumentsOf } from '../../estate/vectors/documents.ts';
import type { WeaviateSession } from '../../estate/weaviate/session.ts';
import { hostOf } from './store-address.ts';
import { readApiKey } from './store-key.ts';

/** The way into a Weaviate server or cluster. Nothing is asked before its first request. */
export async function enterWeaviate(
  id: string,
  { url, auth, models, billed }: StoreConfig & { type: 'weaviate' },
  documents: DocumentsOf,
): Promise<WeaviateSession> {
  const key = auth === 'none' ? null : await readApiKey(auth, id);
  return {
    store: id,
    host: hostOf(url),
    models,
    billed,
    documents,
    http: rest({
      where: `store:${id}`,
      address: new URL(url).origin,
      headers: async (): Promise<Record<string, string>> =>
        key === null ? {} : { authorization: `Bearer ${key}` },
      hint: `See that estate.stores.${id}.auth is a key of Weaviate that may read collections, nodes and data (docs/stores.md).`,
    }),
  };
}
