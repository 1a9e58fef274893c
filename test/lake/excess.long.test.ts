import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DEMO_NOW, DEMO_SEED, writeBills } from '../../lib/demo/company.ts';
import { duckdb } from '../../lib/lake/dialect/duckdb.ts';
import { UNALLOCATED } from '../../lib/lake/dimensions.ts';
import { type Engine, openEngine, type Params } from '../../lib/lake/engine/duckdb.ts';
import { openLake } from '../../lib/lake/lake.ts';
import {
  type ExcessPart,
  type ExcessQuestion,
  excessesAsked,
  MOST_EXCESSES,
} from '../../lib/lake/queries/excess.ts';
import { queryOf } from '../../lib/lake/queries/index.ts';
import { axisSql } from '../../lib/lake/queries/spend-by.ts';
import { sqlText } from '../../lib/lake/sql.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { costsSql } from '../../lib/lake/view.ts';
import { silent } from '../../lib/platform/progress.ts';
import { anomalyReport } from '../../lib/run/anomalies.ts';
import { partsHeld } from './asked-here.ts';
import { delivery } from './bills.ts';
import { type PartCharge, partOf } from './part.ts';

/** Questions asked at once are answered as each is that is asked alone, in words that say one question and no more. */

const ATTRIBUTION = { dimensions: { team: [{ tag: 'team' }] }, aiRules: [] };

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-excess-'));
  engine = await openEngine({ tempDir: folder, memoryMiB: 256 });
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true });
});

const DAY = 86_400_000;
const FIRST = Date.parse('2026-10-01T00:00:00Z');
const iso = (days: number) => new Date(FIRST + days * DAY).toISOString();
const time = (text: string) => `CAST(${sqlText(text)} AS TIMESTAMP)`;
const within = (start: string, end: string) =>
  `("ChargePeriodStart" >= ${time(start)} AND "ChargePeriodStart" < ${time(end)})`;
const sum = (window: string) => `COALESCE(SUM("EffectiveCost") FILTER (WHERE ${window}), 0)`;

/** One question by itself, over all charges: each condition a plain filter. */
function alone({ where, source, currency, ...windows }: ExcessQuestion): string {
  const now = within(windows.start, windows.end);
  const before = within(windows.beforeStart, windows.beforeEnd);
  const conditions = [
    `(${now} OR ${before})`,
    `("ChargeCategory" IS NULL OR "ChargeCategory" NOT IN ('Credit', 'Adjustment'))`,
    `COALESCE("x_Source", '') = ${sqlText(source)}`,
    `"BillingCurrency" = ${sqlText(currency)}`,
    ...Object.entries(where).map(([axis, value]) => `${axisSql(duckdb, axis)} = ${sqlText(value)}`),
  ];
  return `SELECT COALESCE("ResourceId", '') AS resource_id,
            COALESCE("SkuMeter", "ChargeDescription", '') AS usage_name, COALESCE("RegionId", '') AS region,
            MAX(NULLIF("Tags", '{}')) AS tags, ${sum(now)} AS now_effective, ${sum(before)} AS before_effective
     FROM costs WHERE ${conditions.join(' AND ')} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
}

const from = fc.constantFrom;

const service = from('Amazon Elastic Compute Cloud', 'Amazon Bedrock', "it's", '');
const account = from('1', '2');
const team = from('a', 'b', UNALLOCATED);
const transfer = from('no transfer', 'internet');
const model = from('Claude4.6Sonnet', UNALLOCATED);

const question: fc.Arbitrary<ExcessQuestion> = fc
  .record({
    start: fc.integer({ min: 7, max: 40 }),
    length: fc.integer({ min: 0, max: 20 }),
    weeks: fc.integer({ min: 1, max: 4 }),
    source: from('acme', 'acme', 'other', ''),
    currency: from('USD', 'USD', 'EUR'),
    where: fc.oneof(
      fc.constant({}),
      fc.record({ service }),
      fc.record({ team }),
      fc.record({ service, account }),
      fc.record({ service, account, team, transfer }),
      fc.record({ model, account }),
    ),
  })
  .map(({ start, length, weeks, ...more }) => {
    const days = Math.min(length, weeks * 7);
    const before = start - weeks * 7;
    return {
      start: iso(start),
      end: iso(start + days),
      beforeStart: iso(before),
      beforeEnd: iso(before + days),
      ...more,
    };
  });

const charge: fc.Arbitrary<PartCharge> = fc
  .record({
    at: fc.integer({ min: -25 * 24, max: 65 * 24 }),
    off: from(0, -1, 1),
    EffectiveCost: from('0', '0.1', '0.000000000000000001', '-3.25', '12345678901234567.5', '7', null),
    BillingCurrency: from('USD', 'USD', 'EUR', 'JPY', null),
    x_Source: from('acme', 'acme', 'other', null),
    ProviderName: from('AWS', 'AWS', null),
    ServiceName: from('Amazon Elastic Compute Cloud', 'Amazon Bedrock', "it's", null),
    SubAccountId: from('1', '2', null),
    ResourceId: from('i-1', 'i-2', '', '\u{1F600}', null),
    SkuMeter: from('USE1-Claude4.6Sonnet-input-tokens', 'USE1-DataTransfer-Out-Bytes', null),
    ChargeDescription: from('Anthropic Claude Sonnet 4.5', 'data transfer out', null),
    RegionId: from('us-east-1', 'eu-west-1', null),
    ChargeCategory: from('Usage', 'Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment', null),
    Tags: from('{"team":"a"}', '{"team":"b","app":"x"}', '{}', null),
  })
  .map(({ at, off, ...more }) => {
    const begins = new Date(FIRST + at * 3_600_000 + off).toISOString();
    return { ...more, ChargePeriodStart: begins, ChargePeriodEnd: begins };
  });

describe('what made the difference of many windows', () => {
  test('is for each what it is asked alone: windows that overlap, several currencies, columns without a value', async () => {
    const part = await partOf(folder, fc.sample(charge, { numRuns: 6000, seed: 1 }));
    const asked = fc.sample(question, { numRuns: 2 * MOST_EXCESSES + 1, seed: 2 });
    const answered = new Set<string>();
    for (const [first, last] of [
      [0, MOST_EXCESSES],
      [MOST_EXCESSES, -1],
      [-1, asked.length],
    ]) {
      const questions = asked.slice(first, last);
      const { query, params } = excessesAsked(questions);
      const sql = queryOf(query, params).sql(duckdb);
      const reach = [{ start: String(params['start']), end: String(params['end']) }];
      const rows = await engine.ask(costsSql([part], ATTRIBUTION, sql, reach), sql, params);
      const one = [];
      for (const [at, each] of questions.entries()) {
        const own = alone(each);
        const answer = await engine.ask(costsSql([part], ATTRIBUTION, own), own, {});
        one.push(...answer.map((row) => ({ question: at, ...row })));
        if (answer.length > 0) for (const axis of Object.entries(each.where)) answered.add(axis.join(' '));
        if (answer.length > 0) answered.add(each.currency).add(each.source);
      }
      expect(JSON.stringify(rows)).toBe(JSON.stringify(one));
    }
    // Nothing is equal for want of an answer.
    expect([...answered].toSorted()).toEqual([
      '',
      'EUR',
      'USD',
      'account 1',
      'account 2',
      'acme',
      'model Claude4.6Sonnet',
      'model unallocated',
      'other',
      'service ',
      'service Amazon Bedrock',
      'service Amazon Elastic Compute Cloud',
      "service it's",
      'team a',
      'team b',
      'team unallocated',
      'transfer internet',
      'transfer no transfer',
    ]);
  });

  test('is asked of no more windows than bits can tell, and of none that overlaps the one before it', () => {
    const [any] = fc.sample(question, { numRuns: 1, seed: 3 });
    if (any === undefined) throw new TypeError('no question');
    expect(excessesAsked(Array.from({ length: MOST_EXCESSES }, () => any)).query.split(';')).toHaveLength(31);
    expect(() => excessesAsked([])).toThrow('1 to 31 questions');
    expect(() => excessesAsked(Array.from({ length: MOST_EXCESSES + 1 }, () => any))).toThrow('not 32');
    expect(() => excessesAsked([{ ...any, beforeEnd: iso(60) }])).toThrow('overlap');
  });

  test("is so for the demo's anomalies, which are asked about in as few questions as can be", async () => {
    const now = new Date(DEMO_NOW);
    await using lake = await openLake({
      store: folderStore(join(folder, 'lake')),
      workDir: join(folder, 'work'),
      memoryMiB: 256,
      dimensions: ATTRIBUTION.dimensions,
    });
    for (const { source, path } of await writeBills(join(folder, 'demo'), DEMO_SEED, now, 0))
      await lake.ingest(delivery(source, [{ path, shownAs: path, format: 'csv' }]), now, silent);
    const sources = (await lake.sources()).map(({ sourceId }) => sourceId);
    const held = await partsHeld(join(folder, 'lake'), sources);
    const ask = vi.spyOn(lake, 'ask');
    const asked = { days: 60, minimum: 5, sources: null };
    const { rows } = await anomalyReport({ lake, ownerOf: () => null }, asked, now);
    const calls = ask.mock.calls.filter(([query]) => query.startsWith('excess:'));
    ask.mockRestore();
    expect(calls).toHaveLength(Math.ceil(rows.length / MOST_EXCESSES));
    expect(rows.length).toBeGreaterThan(3);
    for (const [query, params] of calls) {
      const parts = await lake.ask<ExcessPart>(query, params, null);
      const one = [];
      for (const [at, each] of questionsIn(query, params).entries()) {
        const own = alone(each);
        const answer = await engine.ask(costsSql(held, ATTRIBUTION, own), own, {});
        expect(answer.length).toBeGreaterThan(0);
        one.push(...answer.map((row) => queryOf(query, params).row({ question: at, ...row })));
      }
      expect(JSON.stringify(parts)).toBe(JSON.stringify(one));
    }
  });
});

/** The questions that such a name and its parameters ask. */
function questionsIn(query: string, params: Params): ExcessQuestion[] {
  return query
    .slice('excess:'.length)
    .split(';')
    .map((axes, at) => {
      const of = (name: string) => String(params[`q${at}_${name}`]);
      return {
        start: of('start'),
        end: of('end'),
        beforeStart: of('beforeStart'),
        beforeEnd: of('beforeEnd'),
        source: of('source'),
        currency: of('currency'),
        where: Object.fromEntries(
          axes
            .split(',')
            .filter(Boolean)
            .map((axis) => [axis, of(`where_${axis}`)]),
        ),
      };
    });
}
