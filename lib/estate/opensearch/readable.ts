import { z } from 'zod';

/** A field as OpenSearch is asked for it. */
export interface DocValue {
  readonly field: string;
  /** How a time is told; left out for what is no time. */
  readonly format?: 'epoch_millis';
}

/** How a configured field is read of a document. */
export type Readable =
  /** From the column that lies beside the documents: no document is opened. */
  | {
      readonly from: 'doc-values';
      readonly ask: DocValue;
      /** A field that all documents with a value have: where it has one and the column none, the column is not whole. */
      readonly unless: string | null;
    }
  /** From the document itself, which OpenSearch opens and cuts down to the field. */
  | { readonly from: 'source'; readonly path: string }
  /** It cannot be read; why, a clause. */
  | { readonly from: 'nowhere'; readonly why: string };

const Node = z.looseObject({
  type: z.string().optional(),
  path: z.string().optional(),
  doc_values: z.unknown().optional(),
  normalizer: z.unknown().optional(),
  ignore_above: z.unknown().optional(),
  null_value: z.unknown().optional(),
  enabled: z.unknown().optional(),
  dynamic: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
type Node = z.output<typeof Node>;

const Source = z.looseObject({
  enabled: z.unknown().optional(),
  includes: z.array(z.string()).optional(),
  excludes: z.array(z.string()).optional(),
});

/** Their columns hold a number as it was written. */
const WHOLE_NUMBERS = new Set(['long', 'integer', 'short', 'byte', 'unsigned_long', 'double']);
const TIMES = new Set(['date', 'date_nanos']);

/**
 * How a configured field is best read of an index: by its column (`docvalue_fields`) wherever that holds what was
 * written, and else of the document. A column that leaves something out or changes it is no such column: one with a
 * normalizer, a value for none, or a limit of length (OpenSearch documentation, "Keyword", parameters). `text` has no
 * column, but usually a `keyword` beside it, up to a length: whether that leaves documents out has to be asked.
 * @param mapping of the index, as `_mapping` gives it
 * @param time is it read as a time, so that only the moment counts and not how it was written?
 * @param columns may it be read by its column, or of the document alone?
 */
export function readable(
  mapping: unknown,
  field: string,
  { time, columns = true }: { readonly time: boolean; readonly columns?: boolean },
): Readable {
  const root = nodeOf(mapping);
  const found = resolved(root, field);
  if (found === 'nested')
    return {
      from: 'nowhere',
      why: `the field ${field} lies in nested objects, of which a document has several`,
    };
  if (found === 'unmapped')
    return maybeUnmapped(root, field)
      ? ofSource(mapping, field)
      : { from: 'nowhere', why: `the index has no field ${field}` };
  const { path, node } = found;
  const { type = 'object' } = node;
  if (type === 'object' || type === 'flat_object' || type === 'knn_vector')
    return { from: 'nowhere', why: `the field ${field} is no single value` };
  return (columns ? columnOf(node, type, path, time) : null) ?? ofSource(mapping, path);
}

/** Where a name leads: an alias is one of a field, and what lies beside a field (`source.keyword`) is that field. */
function resolved(root: Node, field: string): { path: string; node: Node } | 'unmapped' | 'nested' {
  let path = field;
  for (let hops = 0; hops < 3; hops += 1) {
    const found = find(root, path);
    if (typeof found === 'string') return found;
    if (found.node.type !== 'alias') return { path: found.path, node: found.node };
    path = found.node.path ?? '';
  }
  return 'unmapped';
}

function columnOf(node: Node, type: string, field: string, time: boolean): Readable | null {
  if (type === 'text') {
    const [beside] = Object.entries(node.fields ?? {}).flatMap(([name, given]) => {
      const sub = nodeOf(given);
      return sub.type === 'keyword' && isPlain(sub) ? [{ name, sub }] : [];
    });
    if (beside === undefined) return null;
    return {
      from: 'doc-values',
      ask: { field: `${field}.${beside.name}` },
      unless: beside.sub.ignore_above === undefined ? null : field,
    };
  }
  if (!isPlain(node) || node.ignore_above !== undefined) return null;
  if (type === 'keyword' || WHOLE_NUMBERS.has(type))
    return { from: 'doc-values', ask: { field }, unless: null };
  // Of a key or a hash that is kept as a time, how it was written is what counts.
  if (time && TIMES.has(type))
    return { from: 'doc-values', ask: { field, format: 'epoch_millis' }, unless: null };
  return null;
}

function isPlain({ doc_values, normalizer, null_value }: Node): boolean {
  return (
    doc_values !== false && doc_values !== 'false' && normalizer === undefined && null_value === undefined
  );
}

/** The node at a path, or the one that it lies beside; `nested` where nested objects lie on the way. */
function find(root: Node, field: string): { path: string; node: Node } | 'unmapped' | 'nested' {
  let node = root;
  let rest = field.split('.');
  while (rest.length > 0) {
    const children = node.properties ?? {};
    // A name may have dots of its own in what a template made.
    const taken = rest.findIndex((_, at) => Object.hasOwn(children, rest.slice(0, at + 1).join('.')));
    if (taken < 0) {
      const beside = rest.join('.');
      return Object.hasOwn(node.fields ?? {}, beside)
        ? { path: field.slice(0, -beside.length - 1), node }
        : 'unmapped';
    }
    node = nodeOf(children[rest.slice(0, taken + 1).join('.')]);
    if (node.type === 'nested') return 'nested';
    rest = rest.slice(taken + 1);
  }
  return { path: field, node };
}

/** Does an object on the way hold what is not mapped: one that is not indexed, or takes what it does not know? */
function maybeUnmapped(root: Node, field: string): boolean {
  let node = root;
  for (const part of [...field.split('.'), '']) {
    if ([node.enabled, node.dynamic].some((is) => is === false || is === 'false')) return true;
    if (node.type === 'flat_object') return true;
    const next = node.properties?.[part];
    if (next === undefined) return false;
    node = nodeOf(next);
  }
  return false;
}

/** Of the document, where the index keeps it whole. */
function ofSource(mapping: unknown, field: string): Readable {
  const { _source: given } = z.looseObject({ _source: z.unknown().optional() }).catch({}).parse(mapping);
  const { enabled, includes = [], excludes = [] } = Source.catch({}).parse(given ?? {});
  const left =
    enabled === false ||
    enabled === 'false' ||
    excludes.some((pattern) => covers(pattern, field)) ||
    (includes.length > 0 && !includes.some((pattern) => covers(pattern, field)));
  return left
    ? { from: 'nowhere', why: `the index keeps the field ${field} neither in its documents nor in a column` }
    : { from: 'source', path: field };
}

/** Is it the field, or an object above it? `*` stands for any text. */
function covers(pattern: string, field: string): boolean {
  const written = pattern.replaceAll(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`).replaceAll('*', '.*');
  return new RegExp(`^${written}(\\.|$)`, 's').test(field);
}

function nodeOf(given: unknown): Node {
  return Node.catch({}).parse(given ?? {});
}
