import { array, assert, constantFrom, dictionary, integer, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { problemsAgainst, type Schema } from './gcp.discovery.ts';
import { pageOf } from './gcp.paging.ts';
import { isObject } from './json.ts';

const schemas: Record<string, Schema> = {
  Thing: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      size: { type: 'string', format: 'int64' },
      state: { type: 'string', enum: ['ON', 'OFF'] },
      born: { type: 'string', format: 'google-datetime' },
      tags: { type: 'object', additionalProperties: { type: 'string' } },
      isBig: { type: 'boolean' },
      count: { type: 'integer' },
      share: { type: 'number' },
      more: { type: 'any' },
    },
  },
  Scope: { type: 'object', properties: { things: { type: 'array', items: { $ref: 'Thing' } } } },
  Aggregated: {
    type: 'object',
    properties: {
      items: { type: 'object', additionalProperties: { $ref: 'Scope' } },
      nextPageToken: { type: 'string' },
      unreachables: { type: 'array', items: { type: 'string' } },
    },
  },
  List: {
    type: 'object',
    properties: {
      unreachable: { type: 'array', items: { type: 'string' } },
      things: { type: 'array', items: { $ref: 'Thing' } },
      nextPageToken: { type: 'string' },
    },
  },
};

const named = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index}` }));

function pages(name: string, whole: Record<string, unknown>, size: number) {
  const bodies: Record<string, unknown>[] = [];
  let isLast = false;
  while (!isLast) {
    const page = pageOf({ schemas }, name, whole, bodies.length * size, size);
    bodies.push(page.body);
    isLast = page.isLast;
  }
  return bodies;
}

const thingsOf = (body: unknown): unknown[] => {
  const things = isObject(body) ? body['things'] : undefined;
  return Array.isArray(things) ? things : [];
};

test('the pages of a list hold every entry once, in order, and none is over its size', () => {
  assert(
    property(integer({ min: 0, max: 30 }), integer({ min: 1, max: 7 }), (count, size) => {
      const cut = pages('List', { things: named('t', count) }, size).map(thingsOf);
      expect(cut.flat()).toEqual(named('t', count));
      expect(Math.max(...cut.map((page) => page.length))).toBeLessThanOrEqual(size);
    }),
  );
});

test('the pages of an aggregated list hold every entry once, in its own scope', () => {
  const scopes = dictionary(constantFrom('zones/a', 'zones/b', 'zones/c'), integer({ min: 0, max: 6 }));
  assert(
    property(scopes, integer({ min: 1, max: 5 }), (counts, size) => {
      const items = Object.fromEntries(
        Object.entries(counts).map(([scope, count]) => [scope, { things: named(scope, count) }]),
      );
      const together = new Map<string, unknown[]>();
      for (const body of pages('Aggregated', { items }, size)) {
        for (const [scope, content] of Object.entries(isObject(body['items']) ? body['items'] : {})) {
          together.set(scope, [...(together.get(scope) ?? []), ...thingsOf(content)]);
        }
      }
      for (const [scope, count] of Object.entries(counts)) {
        expect(together.get(scope) ?? []).toEqual(named(scope, count));
      }
    }),
  );
});

test('a schema takes what it describes', () => {
  const thing = { size: '12', state: 'ON', born: '2026-01-01T00:00:00Z', tags: { a: 'b' }, isBig: true };
  const rest = { count: 3, share: 0.5, more: [null, { x: 1 }], name: 'n' };
  expect(problemsAgainst(schemas, { $ref: 'Thing' }, { ...thing, ...rest })).toEqual([]);
});

test.each([
  [{ nick: 'n' }, '/nick: the discovery document has no such field'],
  [{ name: 3 }, '/name: string expected, not 3'],
  [{ size: '1.5' }, '/size: a 64-bit integer as text expected, not "1.5"'],
  [{ size: 12 }, '/size: string expected, not 12'],
  [{ state: 'on' }, '/state: one of ON, OFF expected, not "on"'],
  [{ born: 'yesterday' }, '/born: a time expected, not "yesterday"'],
  [{ tags: { a: 1 } }, '/tags/a: string expected, not 1'],
  [{ isBig: 'yes' }, '/isBig: boolean expected, not "yes"'],
  [{ count: 1.5 }, '/count: integer expected, not 1.5'],
  [{ share: '1' }, '/share: number expected, not "1"'],
  [[], '/: object expected, not []'],
  [{ name: null }, '/name: string expected, not null'],
])('a schema refuses %j', (value, problem) => {
  expect(problemsAgainst(schemas, { $ref: 'Thing' }, value)).toEqual([problem]);
});

test('a field that no schema has is found wherever it lies', () => {
  assert(
    property(array(string(), { minLength: 1, maxLength: 4 }), (path) => {
      const inner = path.reduce<unknown>((value, key) => ({ [`_${key}`]: value }), 1);
      expect(problemsAgainst(schemas, { $ref: 'Scope' }, { things: [inner] })).toHaveLength(1);
    }),
  );
});
