import type { z } from 'zod';
import type { Meter } from '../../platform/meter.ts';
import { type Rest, type RestQuery, type RestSettings, rest } from '../rest.ts';
import { answered } from '../store-answer.ts';
import type { DocumentsOf } from '../vectors/documents.ts';

/** A way into one project of Pinecone. */
export interface PineconeSession {
  /** Config id of the store. */
  readonly store: string;
  /** Id of the project, for its metrics; null: they are not read. */
  readonly project: string | null;
  /** Embedding models by index, as the config tells. */
  readonly models: Readonly<Record<string, string>>;
  /** Canonical ids of what the bill charges for it, as the config tells. */
  readonly billed: readonly string[];
  readonly documents: DocumentsOf;
  /** The control plane, which lists indexes. */
  readonly control: Rest;
  /** The host of an index or of its metrics; null where it is none of Pinecone, which gets no key. */
  readonly at: (host: string) => Rest | null;
}

export interface PineconeSettings extends Pick<RestSettings, 'wait' | 'timeout'> {
  readonly store: string;
  readonly key: string;
  /** The address that a host of Pinecone is reached by; left out: `https://` and the host. */
  readonly addressOf?: (host: string) => string;
}

const CONTROL = 'api.pinecone.io';
/** `info.version` of Pinecone's published interface that the shapes here are of. */
const VERSION = '2026-04';
/** Hosts that Pinecone itself names lie here (its interface, schema IndexModel, `host`). */
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+pinecone\.io$/;

/** The planes of Pinecone for one API key, which goes to hosts under pinecone.io and nowhere else. */
export function pineconePlanes({
  store,
  key,
  addressOf = (host) => `https://${host}`,
  ...more
}: PineconeSettings): Pick<PineconeSession, 'control' | 'at'> {
  const at = (host: string): Rest | null =>
    HOST.test(host)
      ? rest({
          where: `store:${store}`,
          address: addressOf(host),
          // The metrics take the same key as a bearer (Pinecone documentation, "Monitor performance").
          headers: async (url) => ({
            'x-pinecone-api-version': VERSION,
            ...(url.pathname.includes('/metrics/') ? { authorization: `Bearer ${key}` } : { 'api-key': key }),
          }),
          hint: `See that estate.stores.${store}.auth is an API key of the project with the role ProjectViewer.`,
          ...more,
        })
      : null;
  const control = at(CONTROL);
  if (control === null) throw new Error(`${CONTROL} is no host of Pinecone`);
  return { control, at };
}

/** What a request gave, as it must look. */
export async function askPinecone<S extends z.ZodType>(
  { store }: PineconeSession,
  http: Rest,
  shape: S,
  request: {
    readonly call: string;
    readonly path: string;
    readonly query?: RestQuery;
    readonly body?: Readonly<Record<string, unknown>>;
  },
  meter: Meter,
): Promise<z.output<S>> {
  const call = `pinecone.${request.call}`;
  const answer =
    request.body === undefined
      ? await http.get(call, request.path, request.query ?? {}, meter)
      : await http.post(call, request.path, request.body, meter);
  return answered(shape, answer, { call, where: `store:${store}`, of: 'Pinecone' });
}
