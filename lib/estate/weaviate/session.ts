import type { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import type { Rest } from '../rest.ts';
import { answered } from '../store-answer.ts';
import type { DocumentsOf } from '../vectors/documents.ts';

/** A way into a Weaviate server or cluster. */
export interface WeaviateSession {
  /** Config id of the store. */
  readonly store: string;
  /** `host:port` */
  readonly host: string;
  /** Embedding models by collection, as the config tells. */
  readonly models: Readonly<Record<string, string>>;
  /** Canonical ids of what the bill charges for it, as the config tells. */
  readonly billed: readonly string[];
  readonly documents: DocumentsOf;
  readonly http: Rest;
}

/** What a request gave, as it must look. */
export async function askWeaviate<S extends z.ZodType>(
  { store, http }: WeaviateSession,
  shape: S,
  request: {
    readonly call: string;
    readonly path: string;
    readonly query?: Readonly<Record<string, string>>;
  },
  meter: Meter,
): Promise<z.output<S>> {
  const call = `weaviate.${request.call}`;
  const answer = await http.get(call, `/v1${request.path}`, request.query ?? {}, meter);
  return answered(shape, answer, { call, where: `store:${store}`, of: 'Weaviate' });
}
