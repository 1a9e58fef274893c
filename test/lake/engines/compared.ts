import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLake } from '../../../lib/lake/lake.ts';
import { excessesAsked } from '../../../lib/lake/queries/excess.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { delivery } from '../bills.ts';
import { NOVEMBER, type Question } from './questions.ts';
import { type Charge, charge, ROWS, writeParquet } from './rows.ts';

const at = (start: string) => ({
  BillingPeriodStart: `${start.slice(0, 7)}-01T00:00:00.000Z`,
  ChargePeriodStart: start,
  ChargePeriodEnd: null,
});

const bedrock = (start: string, kind: 'input' | 'output', thousands: string, cost: string) =>
  charge({
    ServiceName: 'Amazon Bedrock',
    ServiceCategory: 'AI and Machine Learning',
    ResourceId: null,
    SkuMeter: `USE1-Claude4.6Sonnet-${kind}-tokens`,
    PricingUnit: '1K tokens',
    PricingQuantity: thousands,
    ConsumedUnit: '1K tokens',
    ConsumedQuantity: thousands,
    BilledCost: cost,
    EffectiveCost: cost,
    ListCost: cost,
    ...at(start),
  });

const machine = (id: string, start: string, hours: string, cost: string, more: Charge = {}) =>
  charge({
    ResourceId: id,
    SkuId: 'SKU-P5',
    SkuMeter: 'BoxUsage:p5.48xlarge',
    PricingUnit: 'Hrs',
    PricingQuantity: hours,
    ConsumedUnit: 'Hrs',
    ConsumedQuantity: hours,
    BilledCost: cost,
    EffectiveCost: cost,
    ContractedCost: cost,
    ListCost: cost,
    ...at(start),
    ...more,
  });

/** Charges of rows.ts, and what has quantities, tokens and prices in two months. */
export const COMPARED_ROWS: readonly Charge[] = [
  ...ROWS,
  bedrock('2026-10-07T00:00:00.000Z', 'input', '1000', '3'),
  bedrock('2026-11-07T00:00:00.000Z', 'input', '3000', '8.1'),
  bedrock('2026-11-08T00:00:00.000Z', 'output', '12.5', '0.1875'),
  machine('i-kept', '2026-10-03T00:00:00.000Z', '10', '983.2'),
  machine('i-kept', '2026-11-03T00:00:00.000Z', '7.25', '356.41'),
  machine('i-gone', '2026-10-03T05:00:00.000Z', '1', '98.32'),
  machine('i-new', '2026-11-03T05:00:00.000Z', '3', '147.48', { ListCost: '294.96' }),
  machine('i-saved', '2026-11-04T00:00:00.000Z', '2', '60', {
    BilledCost: '0',
    ContractedCost: '98.32',
    CommitmentDiscountId: 'sp-2',
    CommitmentDiscountStatus: 'Used',
    PricingCategory: 'Committed',
  }),
  charge({ ChargeCategory: 'Tax', ResourceId: null, EffectiveCost: '19', ...at('2026-11-01T00:00:00.000Z') }),
  ...['Nvidia L4 GPU running in Americas', 'G2 Instance Core running in Americas'].map((meter) =>
    machine('g2', '2026-11-06T00:00:00.000Z', '3.5', '1.75', {
      ProviderName: 'Google Cloud',
      ServiceName: 'Compute Engine',
      SkuMeter: meter,
      PricingUnit: 'hour',
    }),
  ),
];

const OCTOBER = { start: '2026-10-01T00:00:00.000Z', end: '2026-11-01T00:00:00.000Z' };
const FORMER = { formerStart: OCTOBER.start, formerEnd: OCTOBER.end };
const MONTHS = {
  ...NOVEMBER,
  beforeStart: OCTOBER.start,
  beforeEnd: OCTOBER.end,
  source: 'aws',
  currency: 'USD',
};
const WEEKS = {
  start: '2026-11-08T00:00:00.000Z',
  end: '2026-11-15T00:00:00.000Z',
  beforeStart: '2026-11-01T00:00:00.000Z',
  beforeEnd: '2026-11-08T00:00:00.000Z',
};

/** Questions whose answers are long: what the local engine says, which has its own tests, every other must say. */
export const COMPARED: readonly Pick<Question, 'query' | 'params'>[] = [
  { query: 'movers:|', params: { ...NOVEMBER, ...FORMER } },
  {
    query: 'movers:service,ai_class|region',
    params: { ...NOVEMBER, ...FORMER, where_region: '["us-east-1", "it\'s"]' },
  },
  ...['token-costs', 'model-costs', 'machine-hours', 'gce-gpu-hours', 'savings-rates'].map((query) => ({
    query,
    params: NOVEMBER,
  })),
  { query: 'daily-series:service,account|', params: NOVEMBER },
  { query: 'daily-series:ai_class|service', params: { ...NOVEMBER, where_service: '["Amazon Bedrock"]' } },
  { query: 'series-days:service,account|', params: NOVEMBER },
  excessesAsked([
    { ...MONTHS, where: { service: 'Amazon Elastic Compute Cloud' } },
    { ...MONTHS, where: { service: 'Amazon Elastic Compute Cloud', account: '111122223333' } },
    { ...MONTHS, where: { service: 'Amazon Bedrock', ai_class: 'model API' } },
    // A week of it against the week before, and what nothing was charged for.
    { ...MONTHS, ...WEEKS, where: { service: 'Amazon Bedrock' } },
    { ...MONTHS, ...WEEKS, where: { service: "it's" } },
    { ...MONTHS, currency: 'CHF', where: {} },
    // Bits beyond 32.
    ...Array.from({ length: 11 }, () => ({ ...MONTHS, ...WEEKS, where: { region: 'us-east-1' } })),
    { ...MONTHS, where: { region: 'us-east-1' } },
  ]),
];

/** What the local engine answers to each of them, over the same charges that were ingested from an export. */
export async function localAnswers(): Promise<ReadonlyMap<Pick<Question, 'query'>, readonly object[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'bursar-compared-'));
  try {
    const path = join(folder, 'export.parquet');
    await writeParquet(path, COMPARED_ROWS, { money: 'decimal', version: '1.2' });
    await using lake = await openLake({
      store: folderStore(join(folder, 'lake')),
      workDir: join(folder, 'work'),
    });
    const file = { path, shownAs: path, format: 'parquet' } as const;
    await lake.ingest(delivery('aws', [file]), new Date('2026-12-05T00:00:00Z'), silent);
    const answers = new Map<Pick<Question, 'query'>, readonly object[]>();
    for (const question of COMPARED)
      answers.set(question, await lake.ask(question.query, question.params, null));
    return answers;
  } finally {
    await rm(folder, { recursive: true });
  }
}
