import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Decimal } from '../../lib/focus/decimal.ts';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { anomalyReport } from '../../lib/run/anomalies.ts';
import { tryAnomaliesOfBills, tryForecastOfBills } from '../../lib/run/backtest.ts';
import { forecastReport } from '../../lib/run/forecast.ts';
import { SCHEMAS } from '../../lib/run/schemas.ts';
import { type Bench, type BillRow, bench, delivery, row } from '../lake/bills.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const DAY = 86_400_000;
const START = Date.parse('2026-06-01T00:00:00Z');
const DAYS = 170;

let bills: Bench;
let lake: Lake;
const dayOf = (at: number) => new Date(START + at * DAY).toISOString().slice(0, 10);
const SPIKE = 155;
/** One resource jumps while another of the same service falls as far; a third service begins late. */
function charges(): BillRow[] {
  return Array.from({ length: DAYS }, (_, at): BillRow[] => {
    const day = dayOf(at);
    const charge = (amount: string, more: BillRow): BillRow =>
      row({
        BilledCost: amount,
        EffectiveCost: amount,
        BillingPeriodStart: `${day.slice(0, 7)}-01T00:00:00Z`,
        BillingPeriodEnd: new Date(
          Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 1),
        ).toISOString(),
        ChargePeriodStart: `${day}T00:00:00Z`,
        ChargePeriodEnd: new Date(Date.parse(day) + DAY).toISOString(),
        ...more,
      });
    const wave = 3 * Math.sin(at * 1.7) + (at % 7 > 4 ? -20 : 0);
    const up = at >= SPIKE ? 90 : 0;
    return [
      charge((100.01 + wave + up).toFixed(2), {
        ServiceName: 'Search',
        SubAccountId: '1',
        ResourceId: 'i-up',
        RegionId: 'eu-central-1',
        Tags: '{"team":"a","app":"crawl"}',
      }),
      charge((200 + wave).toFixed(2), {
        ServiceName: 'Search',
        SubAccountId: '1',
        ResourceId: 'i-same',
        Tags: '{"team":"a"}',
      }),
      charge((300 - wave - up).toFixed(2), {
        ServiceName: 'Search',
        SubAccountId: '2',
        ResourceId: 'i-down',
        Tags: '{"team":"b"}',
      }),
      ...(at >= 160
        ? [
            charge('40.5', {
              ServiceName: 'Vectors',
              SubAccountId: '2',
              ResourceId: 'v-1',
              Tags: '{"team":"b"}',
            }),
          ]
        : []),
      ...(at === 150
        ? [charge('-90000', { ServiceName: 'Search', SubAccountId: '1', ChargeCategory: 'Credit' })]
        : []),
    ];
  }).flat();
}

beforeAll(async () => {
  bills = await bench();
  lake = await openLake({
    store: folderStore(join(bills.folder, 'lake')),
    workDir: join(bills.folder, 'work'),
    memoryMiB: 256,
    dimensions: { team: [{ tag: 'team' }] },
  });
  await lake.ingest(delivery('acme', [await bills.file(charges())]), NOW, silent);
});
afterAll(async () => {
  await lake[Symbol.asyncDispose]();
  await bills[Symbol.asyncDispose]();
});

const ownerOf = ({ accountId }: { accountId: string }) =>
  ({ id: `${accountId}@acme.example`, source: 'account', confidence: 'medium' }) as const;

describe('anomalies of bills', () => {
  test('of the dearest services and accounts alone, where so asked, and it says so', async () => {
    const asked = { days: 30, minimum: 10, sources: null };
    const { rows, notes } = await anomalyReport({ lake, ownerOf }, { ...asked, widest: 1 }, NOW);
    expect(notes[0]).toMatch(
      /^Looked at here: the 1 dearest of \d+ services and the 1 dearest of 2 accounts; /,
    );
    expect(new Set(rows.map(({ key }) => key['account'])).size).toBeLessThanOrEqual(1);
    const whole = await anomalyReport({ lake, ownerOf }, asked, NOW);
    const wide = await anomalyReport({ lake, ownerOf }, { ...asked, widest: 20, most: 100 }, NOW);
    expect(wide).toEqual(whole);
  });

  test('opposing moves are both told, each once, with the resource that moved and the exact split', async () => {
    const report = await anomalyReport({ lake, ownerOf }, { days: 30, minimum: 10, sources: null }, NOW);
    const told = report.rows.map(({ kind, key, first }) => [kind, key['service'], key['account'], first]);
    expect(told).toContainEqual(['step up', 'Search', '1', dayOf(SPIKE)]);
    expect(told).toContainEqual(['step down', 'Search', '2', dayOf(SPIKE)]);
    expect(told).toContainEqual(['new', 'Vectors', '2', dayOf(160)]);
    expect(told.length).toBe(3);
    const up = report.rows.find(({ kind }) => kind === 'step up');
    expect(up?.causes).toContainEqual(
      expect.objectContaining({ kind: 'resource', value: 'i-up', share: expect.closeTo(1, 1) }),
    );
    expect(up?.causes).toContainEqual(expect.objectContaining({ kind: 'tag', value: 'app=crawl' }));
    expect(up?.owner?.id).toBe('1@acme.example');
    // The difference of the windows, from the rows themselves.
    const from = Date.parse(up?.first ?? '');
    const length = (Date.parse(up?.last ?? '') - from) / DAY + 1;
    const sum = (start: number) =>
      charges()
        .filter(
          ({ ChargePeriodStart, SubAccountId, ChargeCategory }) =>
            SubAccountId === '1' &&
            ChargeCategory !== 'Credit' &&
            Date.parse(ChargePeriodStart ?? '') >= start &&
            Date.parse(ChargePeriodStart ?? '') < start + length * DAY,
        )
        .reduce((all, { EffectiveCost }) => all.plus(EffectiveCost ?? '0'), new Decimal(0));
    const before = Date.parse(up?.against?.start ?? '');
    expect(up?.against?.difference.amount).toBe(sum(from).minus(sum(before)).toString());
    expect(up?.actual.amount).toBe(sum(from).toString());
    const valid = new Ajv2020().compile(SCHEMAS['anomalies']?.() ?? false);
    valid(JSON.parse(JSON.stringify(report)));
    expect(valid.errors ?? []).toEqual([]);
  });
});

describe('forecasts of bills', () => {
  test('what was charged so far is exact and without credits; the total lies beyond it, within its ranges', async () => {
    const report = await forecastReport({ lake }, { by: ['account'], sources: null }, {}, NOW);
    const [total] = report.totals;
    const month = total?.periods.find(({ period }) => period === 'month');
    const until = Date.parse(total?.until ?? '');
    const actual = charges()
      .filter(
        ({ ChargePeriodStart, ChargeCategory }) =>
          ChargeCategory !== 'Credit' &&
          (ChargePeriodStart ?? '') >= '2026-11-01' &&
          Date.parse(ChargePeriodStart ?? '') < until,
      )
      .reduce((all, { EffectiveCost }) => all.plus(EffectiveCost ?? '0'), new Decimal(0));
    expect(month?.actual.amount).toBe(actual.toString());
    for (const { low, high } of month?.ranges ?? []) {
      expect(Number(low.amount)).toBeLessThanOrEqual(Number(month?.total.amount));
      expect(Number(high.amount)).toBeGreaterThanOrEqual(Number(month?.total.amount));
      expect(Number(low.amount)).toBeGreaterThanOrEqual(Number(month?.actual.amount));
    }
    expect(total?.periods.find(({ period }) => period === 'year')?.unknownDays).toBe(151);
    expect(report.rows.map(({ key }) => key['account'] ?? '').toSorted()).toEqual(['1', '2']);
    const valid = new Ajv2020().compile(SCHEMAS['forecast']?.() ?? false);
    valid(JSON.parse(JSON.stringify(report)));
    expect(valid.errors ?? []).toEqual([]);
  });

  test('bills that ended long ago say so instead of a forecast', async () => {
    const report = await forecastReport(
      { lake },
      { by: [], sources: null },
      {},
      new Date('2027-03-01T00:00:00Z'),
    );
    expect(report.totals[0]?.notEnough).toMatch(/settled up to 2026-11-1/);
  });
});

test('back-tests run on the bills held', async () => {
  const forecasts = await tryForecastOfBills(lake, null, NOW);
  expect(forecasts.tried.length).toBe(3);
  expect(forecasts.tried.some(({ result }) => 'scores' in result && result.scores.steps > 50)).toBe(true);
  const alarms = await tryAnomaliesOfBills(lake, 10, NOW);
  expect(
    alarms.tried.flatMap(({ result }) => ('flagged' in result ? result.flagged : [])).length,
  ).toBeGreaterThan(1);
});
