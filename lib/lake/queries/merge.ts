import { decimal, decimalText } from '../../focus/decimal.ts';
import type { Dialect } from '../dialect/model.ts';
import type { Row } from '../model.ts';
import type { Merge, NamedQuery } from './query.ts';

/** What to ask an engine: the question, or what stands for it where its answer is a part of several. */
export function askedSql(named: NamedQuery<object>, d: Dialect, isPart: boolean): string {
  const { merge } = named;
  return isPart && merge.partial !== undefined ? merge.partial(d) : named.sql(d);
}

type Value = string | number | boolean | null;

/**
 * Answers of several engines to one question (its `partial`, where it has one), each over sources of its own, as the
 * one answer that a single engine over all of them would give: the same rows in the same order.
 */
export function mergeAnswers(merge: Merge, answers: readonly (readonly Row[])[]): Row[] {
  const combine = combinersOf(merge);
  const found = new Map<string, Map<string, Value>>();
  for (const row of answers.flat()) {
    const key = JSON.stringify(merge.keys.map((name) => valueIn(row, name)));
    const known = found.get(key);
    if (known === undefined)
      found.set(key, new Map(Object.keys(row).map((name) => [name, valueIn(row, name)])));
    else
      for (const [name, value] of known) {
        const one = combine.get(name);
        if (one === undefined && !merge.keys.includes(name))
          throw new TypeError(`nothing says how the column ${name} merges`);
        if (one !== undefined) known.set(name, one(value, valueIn(row, name)));
      }
  }
  const merged = [...found.values()]
    .filter((row) => merge.positive === undefined || isPositive(row.get(merge.positive)))
    .toSorted((a, b) => inOrder(merge.keys, a, b))
    .map((row) => Object.fromEntries([...row].map(([name, value]) => [name, finished(merge, name, value)])));
  return merge.next === undefined ? merged : mergeAnswers(merge.next.merge, [merged.map(merge.next.row)]);
}

/** How two values of a column become one. NULL is no value: it gives way to any. */
type Combine = (a: Value, b: Value) => Value;

function combinersOf(merge: Merge): Map<string, Combine> {
  const of = (names: readonly string[] | undefined, combine: Combine): [string, Combine][] =>
    (names ?? []).map((name) => [name, (a, b) => (a === null ? b : b === null ? a : combine(a, b))]);
  return new Map([
    ...of(merge.sum, sum),
    ...of(merge.min, (a, b) => (compare(a, b) <= 0 ? a : b)),
    ...of(merge.max, (a, b) => (compare(a, b) >= 0 ? a : b)),
    ...of(merge.any, (a, b) => a === true || b === true),
    ...of(merge.joined, (a, b) => `${String(a)},${String(b)}`),
    ...of(merge.distinct, (a, b) => JSON.stringify([...new Set([...textsIn(a), ...textsIn(b)])])),
  ]);
}

function sum(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') {
    const whole = BigInt(a) + BigInt(b);
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole.toString();
  }
  if (typeof a === 'boolean' || typeof b === 'boolean') throw new TypeError('a boolean cannot be summed');
  return decimalText(decimal(String(a)).plus(decimal(String(b))));
}

function isPositive(value: Value | undefined): boolean {
  return value !== undefined && value !== null && decimal(String(value)).gt(0);
}

/** The number of distinct texts, as the engine alone would have counted them. */
function finished(merge: Merge, name: string, value: Value): Value {
  return merge.distinct?.includes(name) === true ? new Set(textsIn(value)).size : value;
}

function textsIn(value: Value): string[] {
  const list: unknown = JSON.parse(String(value));
  if (!Array.isArray(list) || !list.every((text) => typeof text === 'string'))
    throw new TypeError(`no JSON array of texts: ${String(value)}`);
  return list;
}

function inOrder(
  keys: readonly string[],
  a: ReadonlyMap<string, Value>,
  b: ReadonlyMap<string, Value>,
): number {
  for (const key of keys) {
    const order = compare(a.get(key) ?? null, b.get(key) ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers by size; texts by code points, as the engines compare UTF-8; NULL last. */
function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function valueIn(row: Row, name: string): Value {
  const value = row[name];
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  throw new TypeError(`column ${name} is ${value === undefined ? 'missing' : 'no single value'}`);
}
