import type { Permission } from '../../platform/permissions.ts';

/** An object as the store holds it; `version` is opaque and changes whenever the content is replaced. */
export interface Stored {
  readonly body: Uint8Array;
  readonly version: string;
}

export interface Listed {
  readonly key: string;
  readonly bytes: number;
  readonly modified: Date;
}

/**
 * Where the lake keeps its objects. Keys are relative, `/`-separated, made of `[A-Za-z0-9._~-]` segments.
 * An object is whole or absent: no reader ever sees a part of one. Objects written by `put` and `fromLocal` are
 * never changed afterwards; only `putIf` replaces, and only what the writer has seen.
 */
export interface Store {
  /** How to name the store to a person: a folder or `s3://bucket/prefix`. */
  readonly shownAs: string;
  readonly permissions: readonly Permission[];
  /** The current content; null where there is none. */
  get(key: string): Promise<Stored | null>;
  put(key: string, body: Uint8Array): Promise<void>;
  /**
   * Replaces the content where its version is still `version` (null: where there is none yet) and returns the new
   * version; BursarError `conflict` where another writer was first. Read back with `get` only.
   */
  putIf(key: string, body: Uint8Array, version: string | null): Promise<string>;
  /** Objects under a prefix that ends with `/`, in order of key. */
  list(prefix: string): Promise<Listed[]>;
  /** Names of the folders right under a prefix that ends with `/`, in order. */
  folders(prefix: string): Promise<string[]>;
  /** Deletes what is there; a key that is gone already is no error. */
  delete(keys: readonly string[]): Promise<void>;
  /** A local path with the content of an object of known size; it must not be changed. */
  toLocal(key: string, bytes: number): Promise<string>;
  /** Stores a local file, which may be moved away by this. */
  fromLocal(path: string, key: string): Promise<void>;
}
