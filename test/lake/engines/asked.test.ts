import { expect, test } from 'vitest';
import { QUERIES } from '../../../lib/lake/queries/index.ts';
import { COMPARED } from './compared.ts';
import { QUESTIONS } from './questions.ts';

test('every named query is asked of every engine: by hand, or against the local one', () => {
  const asked = new Set([...QUESTIONS, ...COMPARED].map(({ query }) => query));
  expect([...QUERIES.keys()].filter((name) => !asked.has(name))).toEqual([]);
  // What is named by its axes has one of its kind.
  const kinds = new Set([...asked].map((name) => name.split(':')[0]));
  for (const kind of ['spend-by', 'spend-days', 'daily-series', 'series-days', 'excess', 'movers'])
    expect(kinds).toContain(kind);
});
