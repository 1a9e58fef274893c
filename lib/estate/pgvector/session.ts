import type { DocumentsOf } from '../vectors/documents.ts';

/** A connection to one Postgres server: what `pg`'s Client offers, and no more than is needed of it. */
export interface PgClient {
  query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
}

/** One database of vectors, with a connection that is open. The scope's account is the server's `host:port`. */
export interface PgSession {
  /** Config id of the store. */
  readonly store: string;
  readonly host: string;
  readonly port: number;
  readonly client: PgClient;
  /** By the index's name as `schema.index`. */
  readonly documents: DocumentsOf;
  /** Canonical ids of what the bill charges for the server. */
  readonly billed: readonly string[];
}

/** Sends one statement; every one is counted. */
export type Ask = (sql: string) => Promise<Record<string, unknown>[]>;
