import type { z } from 'zod';
import { nearest } from './nearest.ts';
import { redact } from './secrets.ts';
import { SECRET_EXPECTED } from './values.ts';
import type { Path, Problem, Read } from './yaml.ts';

type Issue = z.core.$ZodIssue;

/** Words that follow "expected" for issues that say none of their own. */
export function expectedWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  if (issue.code === 'too_small')
    return bound(issue.origin, 'at least', issue.minimum, issue.inclusive ?? true, 'more than');
  if (issue.code === 'too_big')
    return bound(issue.origin, 'at most', issue.maximum, issue.inclusive ?? true, 'less than');
  return undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function oneOf(values: readonly unknown[]): string {
  const words = values.map(String);
  return words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function bound(origin: string, words: string, limit: unknown, inclusive: boolean, strict: string): string {
  const what = { array: 'a list of ', string: 'text of ' }[origin] ?? '';
  const unit = { array: ' entries', string: ' characters' }[origin] ?? '';
  return `${what}${inclusive ? words : strict} ${String(limit)}${unit}`;
}

/** The JSON Schema that holds at a path, to know which keys are known there. */
export type KeysAt = (path: Path) => readonly string[];

/** One issue of the schema as problems of the text: where, what was found, what is allowed. */
export function problemsOf(issue: Issue, read: Read, keysAt: KeysAt): Problem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue.path, key));
  if (issue.code === 'invalid_key')
    return [
      {
        ...read.place(issue.path, 'key'),
        message: `${shownPath(issue.path)}: the key ${quoted(issue.path.at(-1))} is not allowed, expected ${issue.issues[0]?.message ?? 'another'}`,
      },
    ];
  if (issue.code === 'invalid_union') {
    const branch = chosenBranch(issue.errors);
    if (branch !== null)
      return branch.flatMap((inner) =>
        problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, read, keysAt),
      );
  }
  return [{ ...read.place(issue.path, 'value'), message: mismatch(issue, read) }];

  function unknownKey(path: Path, key: string): Problem {
    const known = keysAt(path);
    const near = nearest(key, known);
    const hint =
      near === null
        ? known.length === 0
          ? ''
          : `; known here: ${known.join(', ')}`
        : `; did you mean ${quoted(near)}?`;
    const where = path.length === 0 ? '' : `${shownPath(path)}: `;
    return {
      ...read.place([...path, key], 'key'),
      message: `${where}unknown key ${quoted(key)}${hint}`,
    };
  }
}

/** The only branch of a union whose shape fits and whose parts do not: its errors say more than the union's. */
function chosenBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const fitting = branches.filter(
    (issues) => issues.length > 0 && issues.every(({ path }) => path.length > 0),
  );
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

function mismatch(issue: Issue, read: Read): string {
  const expected =
    issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)
      ? oneOf(issue.options)
      : issue.message;
  const { path } = issue;
  const value = valueAt(read.value, path);
  const where = shownPath(path);
  if (value === undefined) return `${where} is missing, expected ${expected}`;
  // What stands in the place of a reference may be the secret itself.
  if (expected === SECRET_EXPECTED || (typeof value === 'string' && expected.includes('{ secret: ARN }')))
    return `${where}: expected ${expected}`;
  const written = read.written(path);
  const quote =
    (typeof value === 'number' || typeof value === 'boolean') && wantsText(issue) && written !== null
      ? `: write it in quotes: "${written}"`
      : '';
  const near = typeof value === 'string' ? nearestOption(issue, value) : '';
  return `${where}: found ${shown(value, written)}, expected ${expected}${quote}${near}`;
}

function wantsText(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.expected === 'string';
}

function nearestOption(issue: Issue, value: string): string {
  const options: readonly unknown[] =
    issue.code === 'invalid_value'
      ? issue.values
      : issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)
        ? issue.options
        : [];
  const near = nearest(value, options.map(String));
  return near === null ? '' : `; did you mean ${near}?`;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Reflect.get(at, key);
  }
  return at;
}

function shown(value: unknown, written: string | null): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? quoted(value) : redact(written ?? JSON.stringify(value));
}

/** A text in quotes, at most 60 characters of it, and nothing in it that looks like a secret. */
export function quoted(text: PropertyKey | undefined): string {
  const clean = redact(String(text));
  return JSON.stringify(clean.length > 60 ? `${clean.slice(0, 57)}...` : clean);
}

/** `policies[0].where.tags`, keys with other characters in brackets and quotes. */
export function shownPath(path: Path): string {
  if (path.length === 0) return 'the config';
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = redact(String(key));
    const plain = /^[\w-]+$/.test(name);
    return plain ? (text === '' ? name : `${text}.${name}`) : `${text}[${JSON.stringify(name)}]`;
  }, '');
}
