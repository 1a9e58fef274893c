import { z } from 'zod';
import { pathPart } from '../estate/rest.ts';
import { BursarError } from '../platform/errors.ts';

/**
 * The data of one collection of OpenSearch Serverless. An answer that is no success is thrown as BursarError:
 * `denied`, `throttled`, `unavailable`, `input` (404) or `conflict`.
 */
export interface CollectionData {
  /** For errors: the endpoint. */
  readonly where: string;
  /** @param lines JSON of one request, or lines of JSON for `_bulk`. @returns the text of the answer */
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, lines?: string): Promise<string>;
}

const Definition = z.record(
  z.string(),
  z.object({
    aliases: z.record(z.string(), z.unknown()).default({}),
    mappings: z.record(z.string(), z.unknown()),
    settings: z.object({ index: z.record(z.string(), z.unknown()) }),
  }),
);
/** As the service describes an index. */
export type Definition = z.output<typeof Definition>[string];

/**
 * Indexes by name, but for those of Dashboards and of the service itself, whose names begin with a point. `documents`: as
 * the service counts them without a search, nested ones among them; null where it does not.
 */
export async function indexesOf(
  data: CollectionData,
): Promise<{ names: string[]; hidden: string[]; documents: number | null }> {
  const text = await data.send('GET', '/_cat/indices?format=json&h=index,docs.count&expand_wildcards=all');
  const row = z.object({ index: z.string(), 'docs.count': z.string().regex(/^\d+$/).nullish() });
  const rows = shaped(data, z.array(row), () => JSON.parse(text));
  const names = rows.map(({ index }) => index).toSorted((a, b) => (a < b ? -1 : 1));
  const counts = rows.flatMap((each) => (each.index.startsWith('.') ? [] : [each['docs.count'] ?? null]));
  return {
    names: names.filter((name) => !name.startsWith('.')),
    hidden: names.filter((name) => name.startsWith('.')),
    documents: counts.every((each) => each !== null)
      ? counts.reduce((sum, each) => sum + Number(each), 0)
      : null,
  };
}

export async function definitionOf(data: CollectionData, index: string): Promise<Definition> {
  const text = await data.send('GET', `/${pathPart(index)}`);
  const found = shaped(data, Definition, () => JSON.parse(text));
  const definition = found[index];
  if (definition === undefined) throw strange(data, `the index ${index} was not described`);
  return definition;
}

const Properties = z.record(z.string(), z.looseObject({ type: z.string().default('object') }));

/**
 * Paths of the fields that hold vectors; or why documents of such an index are not given whole, in words: then its
 * export would lack something.
 */
export function vectorsIn(
  mappings: Definition['mappings'],
): { readonly paths: string[] } | { readonly why: string } {
  const source = z.looseObject({ enabled: z.boolean().default(true) }).safeParse(mappings['_source'] ?? {});
  const { enabled = false, ...kept } = source.success ? source.data : {};
  if (!enabled || Object.keys(kept).length > 0)
    return { why: 'its mapping keeps documents in part or not at all (_source)' };
  const paths: string[] = [];
  const walk = (properties: unknown, before: string): string | null => {
    for (const [name, field] of Object.entries(Properties.catch({}).parse(properties ?? {}))) {
      const path = `${before}${name}`;
      if (field.type === 'knn_vector') paths.push(path);
      const inside = paths.length;
      const why = walk(field['properties'], `${path}.`);
      if (why !== null) return why;
      if (field.type === 'nested' && paths.length > inside)
        return `${path} holds vectors of nested documents, which cannot be counted`;
    }
    return null;
  };
  const why = walk(mappings['properties'], '');
  return why === null ? { paths } : { why };
}

/** Settings that somebody chose; the service sets all others itself. An analysis may not be taken without its bounds. */
const CHOSEN = [
  'knn',
  // Told beside `knn`, which has a value of its own.
  'knn.algo_param',
  'knn.algo_param.ef_search',
  'analysis',
  'max_ngram_diff',
  'max_shingle_diff',
  'mapping',
  'similarity',
  'refresh_interval',
  'max_result_window',
];

/** What comes back of an index beside its documents. */
export function lastingOf({ aliases, mappings, settings }: Definition) {
  const chosen = Object.entries(settings.index).filter(([name]) => CHOSEN.includes(name));
  return { settings: { index: Object.fromEntries(chosen) }, mappings, aliases };
}

export async function createIndex(
  data: CollectionData,
  index: string,
  definition: Definition,
): Promise<void> {
  await data.send('PUT', `/${pathPart(index)}`, JSON.stringify(lastingOf(definition)));
}

/** Deletes an index of a collection that was made for a restore; one that is not there is no error. */
export async function deleteIndex(data: CollectionData, index: string): Promise<void> {
  const { names } = await indexesOf(data);
  if (names.includes(index)) await data.send('DELETE', `/${pathPart(index)}`);
}

/** Bytes of one `_bulk` request: a collection takes 10 MiB (Migration Assistant, "Limits and considerations"). */
const BULK = 5 * 2 ** 20;

/**
 * Writes documents, under ids that the service gives: a collection for vectors takes no others (Migration Assistant for
 * Amazon OpenSearch Service, "Collection types", read November 2026).
 * @throws BursarError (conflict) where one of them was not taken
 */
export async function bulk(data: CollectionData, index: string, sources: readonly string[]): Promise<void> {
  const path = `/${pathPart(index)}/_bulk`;
  const Answer = z.object({
    errors: z.boolean(),
    items: z.array(z.record(z.string(), z.looseObject({ status: z.int(), error: z.unknown().optional() }))),
  });
  const flush = async (lines: readonly string[]) => {
    if (lines.length === 0) return;
    const text = await data.send('POST', path, lines.map((line) => `{"index":{}}\n${line}\n`).join(''));
    const { errors, items } = shaped(data, Answer, () => JSON.parse(text));
    if (!errors && items.length === lines.length) return;
    const refused = items.flatMap((item) => Object.values(item)).find(({ status }) => status >= 300);
    const passes = refused?.status === 429 || (refused?.status ?? 0) >= 500;
    throw new BursarError(
      passes ? 'unavailable' : 'conflict',
      `the index ${index} did not take all documents: ${JSON.stringify(refused?.error ?? items.length).slice(0, 300)}`,
      { where: data.where, hint: 'Nothing is lost: the export holds them.' },
    );
  };
  let lines: string[] = [];
  let bytes = 0;
  for (const source of sources) {
    const more = Buffer.byteLength(source);
    if (lines.length > 0 && bytes + more > BULK) {
      await flush(lines);
      [lines, bytes] = [[], 0];
    }
    lines.push(source);
    bytes += more;
  }
  await flush(lines);
}

/** An answer, as it must look. @throws BursarError (unavailable) where it does not */
export function shaped<S extends z.ZodType>(
  data: CollectionData,
  shape: S,
  read: () => unknown,
): z.output<S> {
  let answer: unknown;
  try {
    answer = read();
  } catch (error) {
    if (error instanceof SyntaxError) throw strange(data, `its answer is no JSON: ${error.message}`);
    throw error;
  }
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw strange(
    data,
    `its answer is none of OpenSearch: ${z.prettifyError(parsed.error).split('\n')[0] ?? ''}`,
  );
}

/** What no answer of a collection should be: it is tried again. */
export function strange({ where }: CollectionData, what: string): BursarError {
  return new BursarError('unavailable', what, { where, hint: 'It is tried again later.' });
}
