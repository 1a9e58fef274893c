import type { SampleCounts, SketchEntry, VectorSample, VectorSources } from '../model.ts';
import { SKETCH_SIZE } from '../model-vectors.ts';
import { areComparable, contentTag } from './contents.ts';
import { HashSet } from './hash-set.ts';
import { HashTable } from './hash-table.ts';
import { hashOf, spelledAlike } from './keys.ts';
import { Together } from './together.ts';

/** A document as its source lists it. */
export interface SourceKey {
  /** As the vectors' metadata name it. */
  readonly key: string;
  /** Milliseconds since 1970 of its last change; null where the source does not tell. */
  readonly modified: number | null;
  /** What the source tells of its content (an ETag, a hash); null where it tells none. */
  readonly content: string | null;
}

/** A vector as its metadata tell of it: no component of it, and only the configured keys. */
export interface VectorKey {
  /** The key of the document that it was made of; null where metadata name none. */
  readonly source: string | null;
  /** Which part of the document; null where a document has one vector, or parts are told by content alone. */
  readonly part: string | null;
  /** What metadata tell of the content that it was made of, in the words of the source; null where they tell none. */
  readonly content: string | null;
  /** Milliseconds since 1970; null where metadata do not tell. */
  readonly embedded: number | null;
  readonly model: string | null;
  /** Tokens that it was made of; null where metadata do not tell. */
  readonly tokens: number | null;
}

/** The documents of a source by the hashes of their keys. */
export class Sources {
  readonly #kind: VectorSources['kind'];
  readonly #name: string;
  readonly #exact = new HashTable();
  /** Other spellings of the keys, where they are any. */
  readonly #alike = new HashSet();
  #hashed = false;
  #newest: number | null = null;

  constructor(kind: VectorSources['kind'], name: string) {
    this.#kind = kind;
    this.#name = name;
  }

  /** A key that comes again (rows of several versions) is as it was changed last. */
  add({ key, modified, content }: SourceKey): void {
    const hashed = hashOf(key);
    const known = this.#exact.get(hashed);
    if (known === null || (modified ?? 0) >= (known.time ?? 0))
      this.#exact.set(hashed, { time: modified, content: content === null ? null : contentTag(content) });
    const alike = spelledAlike(key);
    if (alike !== key) this.#alike.add(hashOf(alike));
    if (content !== null) this.#hashed = true;
    if (modified !== null) this.#newest = Math.max(this.#newest ?? modified, modified);
  }

  /** What the source tells of a key as it is spelled; `respelled` where another spelling alone is listed. */
  find(key: string): ReturnType<HashTable['get']> | 'respelled' {
    const found = this.#exact.get(hashOf(key));
    if (found !== null) return found;
    const alike = hashOf(spelledAlike(key));
    return this.#exact.get(alike) !== null || this.#alike.has(alike) ? 'respelled' : null;
  }

  /** @param complete was it listed to its end? @param listedAt ISO-8601 UTC */
  summary(listedAt: string, complete: boolean): VectorSources {
    return {
      kind: this.#kind,
      name: this.#name,
      listedAt,
      keys: this.#exact.size,
      complete,
      hashed: this.#hashed,
      newest: this.#newest === null ? null : new Date(this.#newest).toISOString(),
    };
  }
}

export interface CompareOptions {
  /** How far the clocks of store and source may differ, milliseconds. */
  readonly skew?: number;
  /** Where numbers of tokens are from: `metadata field tokens`. */
  readonly tokensFrom?: string;
  /** Were they drawn by their keys? Those of one key then come one after the other. */
  readonly byKey?: boolean;
}

/**
 * Compares vectors' keys with their source, one after the other: what stays in memory is the hash of each key and
 * what has the smallest hashes. Give every vector of the index, or those that were drawn.
 * @param against the documents and what is told of their listing; null without a source
 */
export class Comparison {
  readonly #against: { readonly sources: Sources; readonly told: VectorSources } | null;
  readonly #skew: number;
  readonly #tokensFrom: string;
  readonly #seen = new HashSet();
  readonly #sketch = new Smallest(SKETCH_SIZE);
  readonly #models = new Map<string, number>();
  readonly #counts = { gone: 0, newer: 0, differs: 0, outOfDate: 0, duplicate: 0, unkeyed: 0, respelled: 0 };
  readonly #together: Together | null;
  #size = 0;
  #tokens = 0;
  #tokensOf = 0;

  constructor(
    against: { readonly sources: Sources; readonly told: VectorSources } | null,
    { skew = 5 * 60_000, tokensFrom = 'metadata of the vectors', byKey = false }: CompareOptions = {},
  ) {
    this.#against = against;
    this.#skew = skew;
    this.#tokensFrom = tokensFrom;
    this.#together = byKey ? new Together() : null;
  }

  add(vector: VectorKey): void {
    this.#size += 1;
    const model = vector.model?.trim() ?? '';
    this.#models.set(model, (this.#models.get(model) ?? 0) + 1);
    if (vector.tokens !== null) {
      this.#tokens += vector.tokens;
      this.#tokensOf += 1;
    }
    if (vector.source === null || vector.source === '') {
      this.#together?.add(null, this.#counts);
      this.#counts.unkeyed += 1;
      return;
    }
    const content = vector.content === null ? null : hashOf(vector.content);
    const identity = keyHash(vector.source, vector.part, content);
    this.#together?.add(identity, this.#counts);
    const known = this.#seen.has(identity);
    const copy = known && (vector.part !== null || content !== null);
    if (!known) {
      this.#seen.add(identity);
      this.#sketch.add({ key: identity, content, embedded: vector.embedded });
    }
    const gone = this.#compare(vector, content);
    if (copy && !gone) this.#counts.duplicate += 1;
  }

  /** @param hashed the hash of what is told of its content @returns is its document gone? */
  #compare({ source, embedded, content: told }: VectorKey, hashed: string | null): boolean {
    if (this.#against === null || source === null) return false;
    const { sources } = this.#against;
    const found = sources.find(source);
    if (found === 'respelled') this.#counts.respelled += 1;
    if (found === null) {
      const gone = isGone(this.#against, { source, embedded }, this.#skew);
      if (gone) this.#counts.gone += 1;
      return gone;
    }
    if (found === 'respelled') return false;
    const content = told === null ? null : contentTag(told, hashed ?? undefined);
    const same = content !== null && content === found.content;
    const differs =
      content !== null && found.content !== null && !same && areComparable(content, found.content);
    // What has the same content was only touched.
    const newer = !same && embedded !== null && found.time !== null && found.time > embedded + this.#skew;
    if (newer) this.#counts.newer += 1;
    if (differs) this.#counts.differs += 1;
    if (newer || differs) this.#counts.outOfDate += 1;
    return false;
  }

  /**
   * @param population vectors that could have been given, as the store counts or estimates them
   * @param drawn how those that were given were drawn
   */
  result(population: number, drawn: VectorSample['drawn']): VectorSample {
    const counts: SampleCounts = { ...this.#counts };
    return {
      population: drawn === 'all' ? this.#size : Math.max(population, this.#size),
      size: this.#size,
      drawn,
      ...(this.#together === null ? {} : { effects: this.#together.effects(this.#size, counts) }),
      counts,
      models: Object.fromEntries([...this.#models].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      tokens:
        this.#tokensOf === 0
          ? null
          : { sum: this.#tokens, vectors: this.#tokensOf, source: this.#tokensFrom },
      sources: this.#against?.told ?? null,
      sketch: this.#sketch.sorted(),
    };
  }
}

/**
 * Is the document of a vector gone from a listing, which was whole? In no spelling is it there; and what was made since
 * the listing began may be of a document that came since.
 * @param skew milliseconds
 */
export function isGone(
  { sources, told }: { readonly sources: Sources; readonly told: VectorSources },
  { source, embedded }: Pick<VectorKey, 'source' | 'embedded'>,
  skew: number,
): boolean {
  if (source === null || source === '' || !told.complete || sources.find(source) !== null) return false;
  return embedded === null || embedded + skew < Date.parse(told.listedAt);
}

/** The hash by which a vector is told from others, and by which it is drawn; null without a key. */
export function identityOf({ source, part, content }: VectorKey): string | null {
  if (source === null || source === '') return null;
  // Beside a part, the content tells nothing apart.
  return keyHash(source, part, part !== null || content === null ? null : hashOf(content));
}

/** A document of several vectors without parts: they are no copies of one another unless their content is told. */
function keyHash(source: string, part: string | null, content: string | null): string {
  const key = hashOf(JSON.stringify([source, part]));
  return part === null && content !== null ? hashOf(JSON.stringify([key, content])) : key;
}

/** The entries with the smallest hashes, at most `most` of them. */
class Smallest {
  readonly #most: number;
  #entries: SketchEntry[] = [];
  #bound: string | null = null;

  constructor(most: number) {
    this.#most = most;
  }

  add(entry: SketchEntry): void {
    if (this.#bound !== null && entry.key >= this.#bound) return;
    this.#entries.push(entry);
    if (this.#entries.length >= this.#most * 2) this.#cut();
  }

  sorted(): readonly SketchEntry[] {
    this.#cut();
    return this.#entries;
  }

  #cut(): void {
    this.#entries = this.#entries
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .slice(0, this.#most);
    if (this.#entries.length === this.#most) this.#bound = this.#entries.at(-1)?.key ?? null;
  }
}
