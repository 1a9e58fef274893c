import type { AskedQuery } from '../digest/content-model.ts';
import type { Lake } from '../lake/model.ts';

/**
 * The same lake, which answers a question asked a second time from memory: the parts of a digest ask the same of
 * the bills, each for itself. For one use case alone: what changes in the lake meanwhile is not seen.
 * @param heard is told of each question that the lake was asked, once
 */
export function remembered(lake: Lake, heard: (asked: AskedQuery) => void): Lake {
  const answers = new Map<string, Promise<readonly object[]>>();
  const ask = async (...[query, params, sources]: Parameters<Lake['ask']>): Promise<object[]> => {
    const key = JSON.stringify([
      query,
      Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      sources,
    ]);
    const known = answers.get(key);
    const answer = known ?? lake.ask(query, params, sources);
    answers.set(key, answer);
    const rows = await answer;
    if (known === undefined) heard({ query, params, rows: rows.length });
    return [...rows];
  };
  return new Proxy(lake, {
    get(whole, name) {
      if (name === 'ask') return ask;
      const value: unknown = Reflect.get(whole, name, whole);
      return typeof value === 'function' ? value.bind(whole) : value;
    },
  });
}
