import { z } from 'zod';
import { BursarError } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Rest } from '../rest.ts';
import type { DocumentsOf } from '../vectors/documents.ts';

/** How many shards answered. */
export const Shards = z.object({ total: z.int().nonnegative(), failed: z.int().nonnegative() });

/** One OpenSearch cluster, or one collection of OpenSearch Serverless. */
export interface OpenSearchSession {
  /** Config id of the store. */
  readonly store: string;
  /** `host:port` */
  readonly host: string;
  /** ARN, account and region of the domain; null where it is none of OpenSearch Service. */
  readonly domain: { readonly arn: string; readonly accountId: string; readonly region: string } | null;
  /** ARN, account and region of the collection of OpenSearch Serverless; null where it is none. */
  readonly collection: { readonly arn: string; readonly accountId: string; readonly region: string } | null;
  /** Embedding models by index, as the config tells. */
  readonly models: Readonly<Record<string, string>>;
  /** What the vectors of an index were made of, as the config tells. */
  readonly documents: DocumentsOf;
  readonly http: Rest;
}

/**
 * The answer to a request, as it must look.
 * @param post the JSON of a read that is sent as a POST; left out for a GET
 * @throws what `Rest` throws; BursarError (unavailable) where the answer is none of OpenSearch
 */
export async function ask<T>(
  { http, store }: OpenSearchSession,
  shape: z.ZodType<T>,
  {
    call,
    path,
    query = {},
    post,
  }: {
    readonly call: string;
    readonly path: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly post?: unknown;
  },
  meter: Meter,
): Promise<T> {
  const name = `opensearch.${call}`;
  const answer =
    post === undefined
      ? await http.get(name, path, query, meter)
      : await http.post(name, `${path}?${new URLSearchParams(query).toString()}`, post, meter);
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  throw new BursarError(
    'unavailable',
    `${name} gave an answer that is none of OpenSearch: ${z.prettifyError(read.error).split('\n')[0] ?? ''}`,
    {
      where: `store:${store}`,
      hint: 'See that the address is that of an OpenSearch cluster.',
    },
  );
}
