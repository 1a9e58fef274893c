import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { findSecrets } from './secrets.ts';

/** One thing that is wrong with a config: where in the text, and what, fit to be shown. */
export interface Problem {
  /** 1-based; 0 where there is no place. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type Path = readonly PropertyKey[];

/** A text that was read as YAML, with the places of everything in it. */
export interface Read {
  /** What the text says, as plain data; undefined where it cannot be read at all. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Line and column of a value, or of the key itself; of what encloses it where it is missing. */
  place(path: Path, part: 'key' | 'value'): { line: number; column: number };
  /** A scalar as it is written, without quotes; null for anything else. */
  written(path: Path): string | null;
}

/** More than enough for a config, and far from what makes an alias bomb. */
const MOST_ALIASES = 100;

/** Reads one document of YAML 1.2 (JSON is such a document). Never throws for what the text says. */
export function readYaml(text: string): Read {
  const lines = new LineCounter();
  const doc = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems: Problem[] = [...doc.errors, ...doc.warnings].map(({ pos, code, message }) => ({
    ...at(pos[0]),
    message: SYNTAX[code] ?? `not YAML: ${message}`,
  }));
  for (const secret of findSecrets(text))
    problems.push({
      ...at(secret.at),
      message: `this looks like ${secret.what}: a config never holds secrets, only where they lie, { env: NAME } or { secret: arn:aws:secretsmanager:... }`,
    });
  const tagged = tagProblems(doc, at);
  problems.push(...tagged);
  let value: unknown;
  // Behind a syntax error or a tag the text may mean anything: nothing further is said of it.
  if (doc.errors.length === 0 && tagged.length === 0) {
    problems.push(...keyProblems(doc, at));
    try {
      value = doc.toJS({ maxAliasCount: MOST_ALIASES });
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      problems.push({ line: 1, column: 1, message: `more than ${MOST_ALIASES} uses of aliases (*name)` });
    }
  }
  return {
    value,
    problems,
    place: (path, part) => at(offsetOf(doc, path, part)),
    written(path) {
      const node = nodeAt(doc, path);
      return isScalar(node) ? (node.source ?? String(node.value)) : null;
    },
  };
}

const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is written twice in one mapping: only one can count',
  MULTIPLE_DOCS: 'a second document begins here (---): a config is one document',
  TAB_AS_INDENT: 'a tab cannot indent YAML: use spaces',
  MISSING_CHAR: 'a quote or bracket is not closed, or a colon or comma is missing before this place',
};

/** Tags (`!!binary`, `!!set`) make other things than text, numbers, lists and mappings. */
function tagProblems(doc: Document, at: (offset: number) => { line: number; column: number }): Problem[] {
  const problems: Problem[] = [];
  visit(doc, {
    Node(_key, node) {
      if (!isAlias(node) && node.tag !== undefined)
        problems.push({ ...at(node.range?.[0] ?? 0), message: TAGGED });
    },
  });
  return problems;
}

const TAGGED = 'tags (!name) have no meaning here: remove it';

/** Keys that are no text lose digits or meaning (012 becomes 12, true a truth value): they are refused. */
function keyProblems(doc: Document, at: (offset: number) => { line: number; column: number }): Problem[] {
  const problems: Problem[] = [];
  const walk = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) walk(item);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      const place = at(isNode(key) ? (key.range?.[0] ?? 0) : 0);
      if (!isScalar(key)) problems.push({ ...place, message: 'a key must be text' });
      else if (key.value === '__proto__') problems.push({ ...place, message: '__proto__ cannot be a key' });
      else if (key.value === '<<')
        problems.push({ ...place, message: 'merge keys (<<) are not part of YAML 1.2: write the keys out' });
      else if (typeof key.value !== 'string')
        problems.push({
          ...place,
          message: `this key must be text: write it in quotes: "${key.source ?? ''}"`,
        });
      walk(value);
    }
  };
  walk(doc.contents);
  return problems;
}

function pairAt(node: unknown, key: PropertyKey) {
  if (!isMap(node)) return null;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key)) ?? null;
}

function nodeAt(doc: Document, path: Path): unknown {
  let node: unknown = doc.contents;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(doc);
    node = isSeq(node) ? node.items[Number(key)] : (pairAt(node, key)?.value ?? null);
  }
  return isAlias(node) ? node.resolve(doc) : node;
}

function offsetOf(doc: Document, path: Path, part: 'key' | 'value'): number {
  const last = path.at(-1);
  const pair = last === undefined ? null : pairAt(nodeAt(doc, path.slice(0, -1)), last);
  if (part === 'key' && isNode(pair?.key)) return pair.key.range?.[0] ?? 0;
  const node = nodeAt(doc, path);
  if (isNode(node) && node.range) return node.range[0];
  if (isNode(pair?.key)) return pair.key.range?.[0] ?? 0;
  return path.length === 0 ? 0 : offsetOf(doc, path.slice(0, -1), 'key');
}
