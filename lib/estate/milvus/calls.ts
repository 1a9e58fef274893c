import type { MilvusClient, ResStatus } from '@zilliz/milvus2-sdk-node';
import { BursarError, type ErrorCode } from '../../platform/errors.ts';
import type { Meter } from '../../platform/meter.ts';
import type { Rest } from '../rest.ts';
import type { DocumentsOf } from '../vectors/documents.ts';

/** One Milvus server or cluster, or a cluster of Zilliz Cloud. */
export interface MilvusSession {
  /** Config id of the store. */
  readonly store: string;
  /** `host:port` */
  readonly host: string;
  readonly client: MilvusClient;
  /** Databases to look at; null: all that the login may list. */
  readonly databases: readonly string[] | null;
  /** The metrics of every proxy, each by its `host:port`; none: nothing tells searches. */
  readonly proxies: readonly { readonly host: string; readonly http: Rest }[];
  /** Embedding models by collection, as the config tells. */
  readonly models: Readonly<Record<string, string>>;
  readonly billed: readonly string[];
  readonly documents: DocumentsOf;
}

/** What the server says of a collection that is not there (Milvus, pkg/util/merr/errors.go, ErrCollectionNotFound). */
const NOT_THERE = 100;

/** What a collection is called that was dropped while one looks. */
export class GoneError extends BursarError {}

/**
 * One call: counted, and its status read. The library gives an empty answer where the server does not know the call.
 * @param fine numbers of errors that are an answer too
 * @throws BursarError; GoneError where the collection is not there
 */
export async function call<T extends { readonly status?: ResStatus }>(
  { store }: MilvusSession,
  name: string,
  meter: Meter,
  ask: () => Promise<T>,
  fine: ReadonlySet<number> = new Set(),
): Promise<T> {
  const where = `store:${store}`;
  const api = `milvus.${name}`;
  meter.count(api);
  let answer: T;
  try {
    answer = await ask();
  } catch (error) {
    throw milvusError(error, api, where);
  }
  const { status } = answer;
  if (status === undefined)
    throw new BursarError('unavailable', `${api} gave an answer that is none of Milvus`, {
      where,
      hint: 'See that the address is that of Milvus 2.3 or newer.',
    });
  const { error_code: code, reason, code: number = 0 } = status;
  if ((code === 'Success' && number === 0) || fine.has(number)) return answer;
  if (number === NOT_THERE) throw new GoneError('unavailable', `${api}: ${reason}`, { where });
  throw refused(
    api,
    where,
    reason,
    /privilege|permission/i.test(`${code} ${reason}`) ? 'denied' : 'unavailable',
  );
}

/** gRPC's numbers of errors (gRPC documentation, "Status codes and their use in gRPC"). */
const KINDS: ReadonlyMap<unknown, ErrorCode> = new Map([
  [7, 'denied'],
  [8, 'throttled'],
  [16, 'credentials'],
]);

function milvusError(error: unknown, api: string, where: string): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : null;
  // What has no number of gRPC comes from the library itself, and is a defect.
  if (typeof code !== 'number') return error;
  return refused(
    api,
    where,
    error.message.replace(/ Resolution note:.*$/s, ''),
    KINDS.get(code) ?? 'unavailable',
    error,
  );
}

function refused(api: string, where: string, why: string, code: ErrorCode, cause?: Error): BursarError {
  const hints: Partial<Record<ErrorCode, string>> = {
    credentials: 'See that the login is right: user:password, or a token.',
    denied:
      'Grant the login the privilege groups ClusterReadOnly, DatabaseReadOnly and CollectionReadOnly (docs/stores.md).',
    unavailable: 'Check its address and that this network may reach it.',
  };
  const hint = hints[code];
  return new BursarError(code, `${api}: ${why.slice(0, 300)}`, {
    where,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
