import { parseDuration } from '../../config/duration.ts';
import type { DocumentsConfig, ListingConfig, StoreConfig } from '../../config/schema.ts';
import type { Documents, DocumentsOf, Listed } from '../../estate/vectors/documents.ts';
import { listingName } from '../../estate/vectors/sources/name.ts';

/** Lists a source; rejects with a BursarError where it cannot be read. */
export type ListSource = (source: ListingConfig) => Promise<Listed>;

/**
 * What the config tells of the documents of a store's indexes. A source is listed when the first index asks for it,
 * and once however many share it; what failed is not tried again in the same look.
 */
export function documentsOf({ documents }: Pick<StoreConfig, 'documents'>, list: ListSource): DocumentsOf {
  const listed = new Map<string, Promise<Listed>>();
  const once = (source: ListingConfig) => {
    const key = JSON.stringify(source);
    const known = listed.get(key) ?? list(source);
    listed.set(key, known);
    return known;
  };
  return (index) => {
    const entry = documents.find((each) => fits(each.index, index));
    return entry === undefined ? null : documentsBy(entry, once);
  };
}

function documentsBy(
  { key, part, content, embedded, model, tokens, most, skew, source }: DocumentsConfig,
  list: ListSource,
): Documents {
  return {
    fields: {
      key,
      part: part ?? null,
      content: content ?? null,
      embedded: embedded ?? null,
      model: model ?? null,
      tokens: tokens ?? null,
    },
    most,
    skew: milliseconds(skew),
    list: source === undefined ? null : () => list(source),
    source: source === undefined ? null : listingName(source),
  };
}

function milliseconds(text: string): number {
  const length = parseDuration(text);
  if (!('minutes' in length)) throw new RangeError('a skew is no business days');
  return length.minutes * 60_000;
}

/** How an entry of the config is called: `store:docs documents[0]`. */
export function documentsName(id: string, at: number): string {
  return `store:${id} documents[${at}]`;
}

/** Is it the name, in which `*` stands for any text? */
export function fits(wanted: string, index: string): boolean {
  const [first = '', ...rest] = wanted.split('*');
  if (rest.length === 0) return index === wanted;
  const last = rest.pop() ?? '';
  if (!index.startsWith(first) || !index.endsWith(last) || index.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = index.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= index.length - last.length;
}
