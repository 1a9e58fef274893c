import type { StoreConfig } from '../../config/schema.ts';
import { type PineconeSession, pineconePlanes } from '../../estate/pinecone/session.ts';
import type { DocumentsOf } from '../../estate/vectors/documents.ts';
import { readApiKey } from './store-key.ts';

/** The way into a project of Pinecone. Nothing is asked before its first request. */
export async function enterPinecone(
  id: string,
  { auth, project, models, billed }: StoreConfig & { type: 'pinecone' },
  documents: DocumentsOf,
): Promise<PineconeSession> {
  const key = await readApiKey(auth, id);
  return {
    store: id,
    project: project?.toLowerCase() ?? null,
    models,
    billed,
    documents,
    ...pineconePlanes({ store: id, key }),
  };
}
