import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClassRule } from '../../../lib/focus/ai/model.ts';
import { byKind } from '../../../lib/lake/attribution/kinds.ts';
import { duckdb } from '../../../lib/lake/dialect/duckdb.ts';
import { trino } from '../../../lib/lake/dialect/trino.ts';
import { type Engine, openEngine } from '../../../lib/lake/engine/duckdb.ts';
import { textIn } from '../../../lib/lake/queries/query.ts';
import { cases } from '../../deep.ts';
import { AI_OF_EACH, aws, type Charge, CLASSES, TOKENS, viewOf } from './charges.ts';

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-kinds-'));
  engine = await openEngine({ tempDir: folder, memoryMiB: 128 });
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

const QUESTION = AI_OF_EACH(duckdb);
const LOOKED_UP = 'LEFT JOIN';

/** The answers made for each charge by every rule, and those looked up by its kind, by rules of the billers there are. */
async function bothWays(charges: readonly Charge[], aiRules: readonly ClassRule[] = []) {
  const each = viewOf(duckdb, charges, aiRules);
  const billers = charges.map(({ ProviderName = '' }) => ProviderName);
  const once = viewOf(duckdb, charges, aiRules, QUESTION, billers);
  expect([each.includes(LOOKED_UP), once.includes(LOOKED_UP)]).toEqual([false, true]);
  return [await engine.ask(each, QUESTION, {}), await engine.ask(once, QUESTION, {})] as const;
}

const own = (id: string, rule: Omit<ClassRule, 'id' | 'source'>): ClassRule => ({
  id,
  source: 'wiki, 2026-11-01',
  ...rule,
});
const OWN: readonly ClassRule[] = [
  own('dated', {
    since: '2026-11-02',
    until: '2026-11-05',
    when: { service: 'bedrock|route 53' },
    class: 'evaluation',
  }),
  own('tagged', { when: { tags: { use: '^eval' } }, class: 'evaluation' }),
  own('named', { when: { resource: 'vectors$' }, class: 'vector store' }),
];

test('every charge with a known answer has it by its kind, too', async () => {
  const [each, once] = await bothWays([...TOKENS, ...CLASSES].map(([charge]) => charge));
  expect(once).toEqual(each);
  expect(once.slice(0, TOKENS.length).map((row) => row['x_tokenquantity'])).toEqual(
    TOKENS.map((charge) => charge[4]),
  );
  expect(once.slice(TOKENS.length).map((row) => row['x_aiclass'])).toEqual(CLASSES.map(([, name]) => name));
});

const known = fc.constantFrom(...[...TOKENS, ...CLASSES].map(([charge]) => charge));
const quantity = fc.constantFrom('0', '1', '-3', '0.000000000000000001', '12345678901234.5');
const unit = fc.constantFrom('Tokens', '1K tokens', '1M', 'Units', 'count', 'Hrs', ' tokens ', '');
const day = fc.constantFrom('01 23:59:59', '02 00:00:00', '04 23:59:59.999999', '05 00:00:00');
const oneOf = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
// What a bill stores hides what a rule says.
const stored = (value: string) => fc.option(fc.constant(value), { nil: undefined, freq: 1 });
const changed = fc.record({
  ConsumedQuantity: oneOf(quantity),
  ConsumedUnit: oneOf(unit),
  PricingQuantity: oneOf(quantity),
  PricingUnit: oneOf(unit),
  ChargePeriodStart: oneOf(day.map((text) => `2026-11-${text}`)),
  Tags: oneOf(fc.constantFrom('{"use":"eval-a"}', '{"use":"prod"}', '{}')),
  ResourceId: oneOf(fc.constantFrom('my-vectors', 'i-1')),
  // Lower letters of the last (an I with a dot) are not the same everywhere.
  ProviderName: oneOf(fc.constantFrom(' aws ', 'GOOGLE', 'Anthropic, PBC', 'Other', 'OPENAI', 'OpenA\u0130')),
  x_TokenQuantity: stored('7.5'),
  x_AiClass: stored('notebook'),
  x_AiModel: stored('mine'),
});
const charge = fc.tuple(known, changed).map(
  ([base, more]): Charge =>
    Object.fromEntries(
      Object.entries({ ...base, ...more })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, String(value)]),
    ),
);
// Rules that look at tags or a resource are asked of each charge: alone, that of days is asked of kinds.
const rules = fc.oneof(fc.subarray([...OWN]), fc.constant(OWN.filter(({ id }) => id === 'dated')));

test('whatever the charges and the rules, the kind says what the charge would', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(charge, { minLength: 1, maxLength: 16 }), rules, async (charges, aiRules) => {
      const [each, once] = await bothWays(charges, aiRules);
      expect(once).toEqual(each);
    }),
    { numRuns: cases(8, 15) },
  );
});

test('rules for billers that no charge is of are not asked; a name that engines may read otherwise rules out none', () => {
  const view = (...billers: readonly string[]) =>
    viewOf(duckdb, [aws('Amazon Route 53')], OWN, QUESTION, billers);
  expect(view('AWS', 'Azure')).toMatch(/'amazon web services'[^]*'microsoft'/);
  expect(view('AWS', 'Azure')).not.toMatch(/'google cloud'|'openai'|'anthropic'/);
  expect(view('OpenA\u0130')).toBe(viewOf(duckdb, [aws('Amazon Route 53')], OWN, QUESTION));
  expect(view()).not.toContain('LOWER(TRIM("ProviderName"');
});

test('what looks at the resource is made for each charge, the rest by its kind', () => {
  const asked = `SELECT ${duckdb.name('x_AiClass')} FROM costs`;
  const view = (aiRules: readonly ClassRule[]) => viewOf(duckdb, [aws('Amazon Route 53')], aiRules, asked);
  expect(view([])).toContain(LOOKED_UP);
  for (const rule of OWN.filter(({ id }) => id !== 'dated')) expect(view([rule])).not.toContain(LOOKED_UP);
});

test('the engine holds the kinds in memory, never the charges', async () => {
  const charges = `SELECT 'S' || (i % 3) AS "ServiceName", i AS "x_at" FROM range(3000000) AS r(i)`;
  const derived = [{ name: 'x_kind', sql: `"ServiceName" || '!'` }];
  const view = byKind(duckdb, charges, ['ServiceName', 'x_at'], ['x_at'], derived);
  const plan = JSON.stringify(
    await engine.ask(view, 'EXPLAIN SELECT x_kind, SUM(x_at) FROM costs GROUP BY 1', {}),
  );
  expect(plan).toMatch(/Join Type:\s+LEFT/);
  expect(plan).not.toContain('RIGHT');
});

test('a condition on what is looked up is tried on kinds, never on charges', async () => {
  const charges = `SELECT 'S' || (i % 3) AS "ServiceName", i AS "x_at" FROM range(3000) AS r(i)`;
  const derived = [{ name: 'x_kind', sql: `upper("ServiceName" || '!')` }];
  const view = byKind(duckdb, charges, ['ServiceName', 'x_at'], ['x_at'], derived);
  const asked = `SELECT SUM(x_at) AS total FROM costs WHERE x_kind = 'S1!'`;
  const [told] = await engine.ask(view, `EXPLAIN (FORMAT json) ${asked}`, {});
  const limits: string[] = [];
  JSON.parse(textIn(told ?? {}, 'explain_value'), (_, value: unknown) => {
    const node = JSON.stringify(value);
    if (/^\{"name":"[A-Z_]*LIMIT"/.test(node)) limits.push(node);
    return value;
  });
  expect(limits).toEqual([expect.stringContaining('"name":"RANGE')]);
  expect(limits.join()).not.toContain('upper');
  expect(await engine.ask(view, asked, {})).toEqual([{ total: 1_500_500 - 1000 }]);
});

test('an engine that bills bytes reads each table once', () => {
  expect(viewOf(trino, [aws('Amazon Route 53')], [], AI_OF_EACH(trino))).not.toContain(LOOKED_UP);
});
