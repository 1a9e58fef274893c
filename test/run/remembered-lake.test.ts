import { expect, test } from 'vitest';
import type { AskedQuery } from '../../lib/digest/content-model.ts';
import { remembered } from '../../lib/run/remembered-lake.ts';
import { wholeAudit } from '../../lib/run/whole.ts';
import { auditorOf, bill, opened } from './auditor.ts';

test('a question is asked once, whatever the order of its parameters, and told once with its rows', async () => {
  const { folder, lake, ledger } = await opened();
  const source = await bill(folder, 'main', [{}, { ServiceName: 'Amazon Bedrock', ResourceId: 'b' }]);
  const now = new Date('2026-11-16T08:00:00Z');
  await wholeAudit(auditorOf({ lake, ledger }, [source]), 'r-1', false, now);
  const heard: AskedQuery[] = [];
  const again = remembered(lake, (each) => heard.push(each));
  const [start, end] = ['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'];
  const ask = (params: Record<string, string>, sources: string[] | null = null) =>
    again.ask<{ service: string }>('spend-by-service', params, sources);
  const [one, two] = await Promise.all([ask({ start, end }), ask({ end, start })]);
  expect(one.map(({ service }) => service).toSorted()).toEqual([
    'Amazon Bedrock',
    'Amazon Elastic Compute Cloud',
  ]);
  expect(two).toEqual(one);
  // Whoever changes an answer changes no other's.
  one.pop();
  expect(await ask({ start, end })).toEqual(two);
  expect(heard).toEqual([{ query: 'spend-by-service', params: { start, end }, rows: 2 }]);
  expect(await ask({ start, end }, ['main'])).toEqual(two);
  expect(await ask({ start, end: '2026-11-03T00:00:00.000Z' })).toEqual([]);
  expect(heard.map(({ rows }) => rows)).toEqual([2, 2, 0]);
  await expect(ask({ start, end }, ['other'])).rejects.toThrow('the lake holds no source other');
  expect(heard).toHaveLength(3);
  expect(await again.sources()).toEqual(await lake.sources());
});
