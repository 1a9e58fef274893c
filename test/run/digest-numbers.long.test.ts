import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_NOW, DEMO_SEED } from '../../lib/demo/company.ts';
import type { DigestContent } from '../../lib/digest/content-model.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { silent } from '../../lib/platform/progress.ts';
import { assembleDemo } from '../../lib/run/assemble/demo.ts';
import { demo } from '../../lib/run/demo.ts';

let folder: string;
let content: DigestContent;
let rows: Record<string, string>[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bursar-numbers-'));
  const now = new Date(DEMO_NOW);
  ({ content } = await demo(assembleDemo(folder, DEMO_SEED, now, silent), silent));
  const bills = join(folder, 'bills');
  rows = [];
  for (const name of await readdir(bills))
    rows.push(...parse(await readFile(join(bills, name)), { columns: true, skip_empty_lines: true }));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const dayOf = (row: Record<string, string>) => (row['ChargePeriodStart'] ?? '').slice(0, 10);

/** EffectiveCost of the files themselves, in USD, of days from `start` before `end`. */
function cost(start: string, end: string, when: (row: Record<string, string>) => boolean = () => true) {
  return rows
    .filter(
      (row) =>
        row['BillingCurrency'] === 'USD' &&
        dayOf(row) >= start.slice(0, 10) &&
        dayOf(row) < end.slice(0, 10) &&
        when(row),
    )
    .reduce((sum, row) => sum.plus(row['EffectiveCost'] ?? '0'), new Decimal(0))
    .toFixed();
}

test('what was spent, and before', () => {
  const { spend, period, former } = content;
  expect(spend).toHaveLength(1);
  expect(spend[0]?.current).toBe(cost(period.start, period.end));
  expect(spend[0]?.former).toBe(cost(former.start, former.end));
  expect(spend[0]?.difference).toBe(
    new Decimal(cost(period.start, period.end)).minus(cost(former.start, former.end)).toFixed(),
  );
});

test('each day of the chart', () => {
  const [series] = content.daily;
  expect(series?.days).toHaveLength(28);
  for (const { day, amount } of series?.days ?? []) {
    const next = new Date(Date.parse(day) + 86_400_000).toISOString();
    expect([day, amount]).toEqual([day, cost(day, next)]);
  }
});

test('each mover', () => {
  const { movers, period, former } = content;
  expect(movers).toHaveLength(5);
  for (const { service, current, former: before } of movers) {
    const of = (row: Record<string, string>) => row['ServiceName'] === service;
    expect([service, current, before]).toEqual([
      service,
      cost(period.start, period.end, of),
      cost(former.start, former.end, of),
    ]);
  }
});

test('the month, without credits and corrections', () => {
  const [month] = content.month;
  if (month === undefined) throw new Error('no month');
  const usual = (row: Record<string, string>) =>
    row['ChargeCategory'] !== 'Credit' && row['ChargeCategory'] !== 'Adjustment';
  expect(month.spent).toBe(cost(month.start, month.until, usual));
});

test('the forecast is what has settled and what is expected of the rest', () => {
  const [figure] = content.forecast;
  if (figure?.month === undefined || figure.month === null) throw new Error('no forecast');
  expect(figure.month.actual.amount).toBe(content.month[0]?.spent);
});

test('waste is the dearest finding of each resource, never above its cost', () => {
  const waste = content.figures.find(({ id }) => id === 'waste');
  const certain = content.findings.filter(
    ({ verdict, monthlySaving }) =>
      ['IDLE', 'UNUSED', 'EXPIRED', 'NONCOMPLIANT', 'INEFFICIENT'].includes(verdict) &&
      monthlySaving !== null,
  );
  const most = new Map<string, Decimal>();
  for (const { provider, resourceId, monthlySaving, monthlyCost } of certain) {
    const key = `${provider} ${resourceId}`;
    const saving = Decimal.min(monthlySaving?.amount ?? '0', monthlyCost?.amount ?? '1e30');
    most.set(key, Decimal.max(saving, most.get(key) ?? 0));
  }
  const sum = [...most.values()].reduce((total, each) => total.plus(each), new Decimal(0));
  const told = [...(waste?.amounts ?? []), ...(waste?.estimated ?? [])].reduce(
    (total, { amount }) => total.plus(amount),
    new Decimal(0),
  );
  expect(told.toFixed()).toBe(sum.toFixed());
});
