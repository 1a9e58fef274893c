import { z } from 'zod';

/** What the mapping of an index says of its vectors. */
export interface VectorFields {
  /** Paths of the fields: `passage.embedding`. */
  readonly paths: readonly string[];
  /** Does one of them lie in nested objects, of which a document has several? */
  readonly nested: boolean;
  /** Null where the mapping does not say, or several fields differ. */
  readonly dimension: number | null;
  readonly method: string | null;
  readonly metric: string | null;
}

const Field = z.looseObject({
  type: z.string().optional(),
  dimension: z.int().positive().optional(),
  space_type: z.string().optional(),
  method: z.looseObject({ name: z.string().optional(), space_type: z.string().optional() }).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
type Field = z.output<typeof Field>;

/** Deeper than any mapping may be (`index.mapping.depth.limit` is 20 where nobody changed it). */
const MOST_DEPTH = 100;

/**
 * The `knn_vector` fields of a mapping, those of objects and sub-fields too (OpenSearch documentation, "k-NN
 * vector"). A field made by a trained model names the model of the graph, not the one that embeds; its dimension
 * is told elsewhere. `space_type` stands beside the method or, before 2.19, in it.
 * @returns null where there is none
 */
export function vectorFields(mappings: unknown): VectorFields | null {
  const found: { path: string; field: Field; nested: boolean }[] = [];
  const visit = (given: unknown, path: string, depth: number, inside: boolean): void => {
    const read = Field.safeParse(given);
    if (!read.success || depth > MOST_DEPTH) return;
    const nested = inside || read.data.type === 'nested';
    if (read.data.type === 'knn_vector') found.push({ path, field: read.data, nested });
    for (const children of [read.data.properties, read.data.fields])
      for (const [name, child] of Object.entries(children ?? {}))
        visit(child, path === '' ? name : `${path}.${name}`, depth + 1, nested);
  };
  visit(mappings, '', 0, false);
  if (found.length === 0) return null;
  const fields = found.map(({ field }) => field);
  return {
    paths: found.map(({ path }) => path).toSorted(),
    nested: found.some(({ nested }) => nested),
    dimension: same(fields.map(({ dimension }) => dimension)),
    method: same(fields.map(({ method }) => method?.name)),
    metric: same(fields.map(({ space_type, method }) => space_type ?? method?.space_type)),
  };
}

/** What all have in common; null where they differ or one has none. */
function same<T>(values: readonly (T | undefined)[]): T | null {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : null;
}
