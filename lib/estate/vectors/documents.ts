import type { VectorSources } from '../model-vectors.ts';
import type { Sources } from './compare.ts';

/** Which keys of a vector's metadata (columns, fields, payload keys) tell of it. No other key is ever read. */
export interface DocumentFields {
  /** The key of the document that it was made of, as the source lists it. */
  readonly key: string;
  /** Which part of the document; null where it has one vector. */
  readonly part: string | null;
  /** The hash (ETag) of the content that it was made of. */
  readonly content: string | null;
  /** When it was made: ISO-8601 text, seconds or milliseconds since 1970. */
  readonly embedded: string | null;
  readonly model: string | null;
  /** How many tokens it was made of. */
  readonly tokens: string | null;
}

/** What the config tells of the documents of an index. */
export interface Documents {
  readonly fields: DocumentFields;
  /** Vectors to be looked at, at most; an index of no more than so many is looked at whole. */
  readonly most: number;
  /** How far the clocks of store and source may differ, milliseconds. */
  readonly skew: number;
  /**
   * Lists the source, once for all indexes that share it; null where the config names none. It rejects with a
   * BursarError where the source cannot be read: the index is then told with a gap of `documents`, and without what
   * a source would have shown.
   */
  readonly list: (() => Promise<Listed>) | null;
  /** Its address: `s3://bucket/prefix`; null without a source. */
  readonly source: string | null;
}

/** A listing of documents, to compare vectors with. */
export interface Listed {
  readonly sources: Sources;
  readonly told: VectorSources;
  /** Why it was not listed to its end, a clause; left out where it was. */
  readonly why?: string;
}

/** The documents of an index by the name that the store has for it; null: the config says nothing, nobody looks. */
export type DocumentsOf = (index: string) => Documents | null;
