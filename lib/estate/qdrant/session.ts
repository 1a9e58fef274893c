import type { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import type { Rest } from '../rest.ts';
import { answered } from '../store-answer.ts';
import type { DocumentsOf } from '../vectors/documents.ts';

/** One node of Qdrant. */
export interface QdrantPeer {
  /** `host:port` */
  readonly host: string;
  readonly http: Rest;
}

/** A way into a Qdrant server or cluster. */
export interface QdrantSession {
  /** Config id of the store. */
  readonly store: string;
  /** The node that is asked for collections, and every other one whose counters are read: one address each. */
  readonly peers: readonly [QdrantPeer, ...QdrantPeer[]];
  /** Embedding models by collection, as the config tells. */
  readonly models: Readonly<Record<string, string>>;
  /** Canonical ids of what the bill charges for it, as the config tells. */
  readonly billed: readonly string[];
  readonly documents: DocumentsOf;
}

/** What a request gave, as it must look. */
export async function askQdrant<S extends z.ZodType>(
  { store }: QdrantSession,
  { http }: QdrantPeer,
  shape: S,
  request: {
    readonly call: string;
    readonly path: string;
    readonly query?: Readonly<Record<string, string>>;
  },
  meter: Meter,
): Promise<z.output<S>> {
  const call = `qdrant.${request.call}`;
  const answer = await http.get(call, request.path, request.query ?? {}, meter);
  return answered(shape, answer, { call, where: `store:${store}`, of: 'Qdrant' });
}
