import type { StoreConfig } from '../../config/schema.ts';
import type { QdrantPeer, QdrantSession } from '../../estate/qdrant/session.ts';
import { rest } from '../../estate/rest.ts';
import type { DocumentsOf } from '../../estate/vectors/documents.ts';
import { hostOf } from './store-address.ts';
import { readApiKey } from './store-key.ts';

/** The way into a Qdrant server or cluster. Nothing is asked before its first request. */
export async function enterQdrant(
  id: string,
  { url, peers, auth, models, billed }: StoreConfig & { type: 'qdrant' },
  documents: DocumentsOf,
): Promise<QdrantSession> {
  const key = auth === 'none' ? null : await readApiKey(auth, id);
  const peer = (address: string): QdrantPeer => ({
    host: hostOf(address),
    http: rest({
      where: `store:${id}`,
      address: new URL(address).origin,
      headers: async (): Promise<Record<string, string>> => (key === null ? {} : { 'api-key': key }),
      hint: `See that estate.stores.${id}.auth is a key of Qdrant that may read all of it (docs/stores.md).`,
      // Ids of points have 64 bits.
      wideIntegers: true,
    }),
  });
  return { store: id, peers: [peer(url), ...peers.map(peer)], models, billed, documents };
}
