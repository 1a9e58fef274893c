import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AI_SPEND } from '../../lib/focus/ai/model.ts';
import { NO_ATTRIBUTION } from '../../lib/lake/attribution/derived.ts';
import { duckdb } from '../../lib/lake/dialect/duckdb.ts';
import { type Engine, openEngine } from '../../lib/lake/engine/duckdb.ts';
import { commitmentUsage } from '../../lib/lake/queries/commitment-usage.ts';
import { eligibleUsage } from '../../lib/lake/queries/eligible-usage.ts';
import { excessesAsked } from '../../lib/lake/queries/excess.ts';
import { queryOf } from '../../lib/lake/queries/index.ts';
import { moversName } from '../../lib/lake/queries/movers.ts';
import { mayBeCovered } from '../../lib/lake/queries/programme-sql.ts';
import { eachDay } from '../../lib/lake/queries/series-days.ts';
import { costsSql } from '../../lib/lake/view.ts';
import { type PartCharge, partOf } from './part.ts';

/** What questions leave out before they look closer changes no answer. */

let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-narrowed-'));
  engine = await openEngine({ tempDir: folder, memoryMiB: 128 });
});
afterAll(async () => {
  engine.close();
  await rm(folder, { recursive: true, force: true });
});

const BASE: PartCharge = {
  x_Source: 'acme',
  x_SourceGrain: 'resource',
  BillingCurrency: 'USD',
  ChargeCategory: 'Usage',
  ChargePeriodStart: '2026-11-03 00:00:00',
  ChargePeriodEnd: '2026-11-03 01:00:00',
  SubAccountId: '1',
};

const words = (...all: string[]) => fc.constantFrom(null, ...all);

describe('what no programme could cover', () => {
  const charge = fc
    .record({
      ProviderName: words('AWS', ' amazon web services ', 'Google Cloud', 'GCP', 'Azure'),
      ServiceName: words(
        'Amazon SageMaker',
        'Machine Learning Savings Plans',
        'Amazon Relational Database Service',
        'AMAZON RDS',
        'Amazon Aurora',
        'Amazon ElastiCache',
        'Amazon OpenSearch Service',
        'Amazon Elasticsearch Service',
        'Amazon DocumentDB',
        'Amazon Neptune',
        'Amazon DynamoDB',
        'Amazon Keyspaces',
        'Amazon Timestream',
        'AWS Lambda',
        'Compute Engine',
        'Kubernetes Engine',
        'Cloud Run',
        'Amazon Elastic Container Service',
        'Amazon Simple Storage Service',
      ),
      ServiceCategory: words('Compute', 'COMPUTE', 'Storage', 'Databases'),
      PricingUnit: words('Hrs', 'GB-Mo', 'Requests', 'hour'),
      ResourceType: words('instance', 'Fargate task', 'volume'),
      SkuMeter: words('BoxUsage:m5.large', 'EU-FARGATE-vCPU-Hours:perCPU', 'NatGateway-Hours'),
      ChargeDescription: words('$1 per Hour', 'AWS Fargate - vCPU', 'N2 Instance Core running in Americas'),
      CommitmentDiscountId: words('arn:sp/1'),
      EffectiveCost: fc.integer({ min: 1, max: 999 }).map(String),
    })
    .map((each) => ({
      ...BASE,
      ...each,
      CommitmentDiscountStatus: each.CommitmentDiscountId === null ? null : 'Used',
      ContractedCost: each.EffectiveCost,
    }));

  test('is told of no charge that has a kind', async () => {
    const params = { start: '2026-11-01T00:00:00Z', end: '2026-12-01T00:00:00Z', wasted: '[]' };
    const charges = fc.sample(charge, { numRuns: 3000, seed: 1 });
    const view = costsSql([await partOf(folder, charges)], NO_ATTRIBUTION);
    for (const query of [eligibleUsage, commitmentUsage]) {
      const sql = query.sql(duckdb);
      expect(sql).toContain(mayBeCovered(duckdb));
      // Every charge costs something: one that were left out would make a sum smaller.
      const whole = await engine.ask(view, sql.replace(mayBeCovered(duckdb), 'true'), params);
      expect(await engine.ask(view, sql, params)).toEqual(whole);
      expect(new Set(whole.map(({ kind }) => kind)).size).toBe(4);
    }
    const count = `SELECT COUNT(*) AS charges FROM costs WHERE ${mayBeCovered(duckdb)} IS NOT TRUE`;
    const [out] = await engine.ask(view, count, {});
    expect(Number(out?.['charges'])).toBeGreaterThan(100);
  });
});

describe('charges that begin outside of the windows', () => {
  const windows = { start: '2026-11-08T00:00:00.000Z', end: '2026-11-15T00:00:00.000Z' };
  const AI = JSON.stringify(AI_SPEND);
  const EXCESS = excessesAsked([
    {
      ...windows,
      beforeStart: '2026-11-01T00:00:00.000Z',
      beforeEnd: '2026-11-07T12:00:00.000Z',
      source: 'acme',
      currency: 'USD',
      where: { service: 'Amazon Bedrock', ai_class: 'model API' },
    },
  ]);
  const QUESTIONS = [
    { name: 'model-costs', params: windows },
    { name: 'token-costs', params: windows },
    { name: 'ai-calls', params: { ...windows, services: '["Amazon Bedrock"]' } },
    { name: 'series-days:service|ai_class', params: { ...windows, where_ai_class: AI } },
    {
      name: moversName({ by: ['provider', 'service'], where: [] }),
      params: { ...windows, formerStart: '2026-11-01T00:00:00.000Z', formerEnd: '2026-11-07T12:00:00.000Z' },
    },
    {
      name: moversName({ by: ['service', 'model'], where: ['ai_class'] }),
      params: {
        ...windows,
        formerStart: '2026-11-01T00:00:00.000Z',
        formerEnd: '2026-11-07T12:00:00.000Z',
        where_ai_class: AI,
      },
    },
    { name: EXCESS.query, params: EXCESS.params },
  ] as const;
  /** Minutes around each edge of the windows, and far from them. */
  const at = fc
    .tuple(
      fc.constantFrom(
        '2026-11-01',
        '2026-11-07T12:00',
        '2026-11-08',
        '2026-11-15',
        '2026-10-01',
        '2026-11-11',
      ),
      fc.constantFrom(-1, 0, 1),
    )
    .map(([edge, off]) =>
      new Date(Date.parse(edge.length === 10 ? `${edge}T00:00Z` : `${edge}Z`) + off * 1000).toISOString(),
    );
  const charge = fc
    .record({
      ChargePeriodStart: at,
      ServiceName: fc.constantFrom('Amazon Bedrock', 'Amazon Elastic Compute Cloud'),
      SkuMeter: fc.constantFrom('USE1-Claude-Sonnet-4-5-input-tokens', 'BoxUsage:p5.48xlarge'),
      ChargeDescription: fc.constantFrom('Anthropic Claude Sonnet 4.5', null),
      ResourceId: fc.constantFrom('i-1', 'i-2', null),
      EffectiveCost: fc.integer({ min: 1, max: 999 }).map(String),
    })
    .map((each) => ({ ...BASE, ProviderName: 'AWS', ...each }));

  test.each(QUESTIONS)('$name: the answer is that of all charges', async ({ name, params }) => {
    const query = queryOf(name, params);
    const sql = query.sql(duckdb);
    const within = (query.windows ?? []).map(([start, end]) => ({
      start: String(Reflect.get(params, start)),
      end: String(Reflect.get(params, end)),
    }));
    expect(within.length).toBeGreaterThan(0);
    const charges = fc.sample(charge, { numRuns: 1000, seed: 1 });
    const part = await partOf(folder, charges);
    const narrowed = costsSql([part], NO_ATTRIBUTION, sql, within);
    const whole = await engine.ask(costsSql([part], NO_ATTRIBUTION, sql), sql, params);
    expect(await engine.ask(narrowed, sql, params)).toEqual(whole);
    expect(whole.length).toBeGreaterThan(0);
    const [kept] = await engine.ask(narrowed, 'SELECT COUNT(*) AS charges FROM costs', {});
    expect(Number(kept?.['charges'])).toBeLessThan(charges.length);
  });
});

test('series a row each are those of a row a day', async () => {
  const params = { start: '2026-11-01T00:00:00.000Z', end: '2026-11-29T00:00:00.000Z' };
  const charges = fc.sample(
    fc
      .record({
        ChargePeriodStart: fc
          .nat({ max: 40 })
          .map((at) => new Date(Date.UTC(2026, 9, 25 + at, 7)).toISOString()),
        ServiceName: words('S3', 'a,b', 'c:d', ''),
        BillingCurrency: fc.constantFrom('USD', 'EUR'),
        ChargeCategory: fc.constantFrom('Usage', 'Credit'),
        EffectiveCost: fc.constantFrom('0', '100', '-1.5', '0.000000000000000001', '12345678901234567000'),
      })
      .map((each) => ({ ...BASE, ...each })),
    { numRuns: 500, seed: 1 },
  );
  const part = await partOf(folder, charges);
  const ask = async (kind: string) => {
    const query = queryOf(`${kind}:service|`, params);
    const sql = query.sql(duckdb);
    const rows = await engine.ask(costsSql([part], NO_ATTRIBUTION, sql), sql, params);
    return rows.map((row) => query.row(row));
  };
  const flat = (await ask('series-days')).flatMap((row) =>
    [...eachDay(String(Reflect.get(row, 'days')))].map(([day, effective]) => ({
      ...row,
      days: undefined,
      day,
      effective,
    })),
  );
  const days = await ask('daily-series');
  expect(flat).toEqual(days);
  expect(days.length).toBeGreaterThan(50);
});
