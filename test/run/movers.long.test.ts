import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DEMO_NOW, DEMO_SEED, writeBills } from '../../lib/demo/company.ts';
import { Decimal } from '../../lib/focus/decimal.ts';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import { AXIS_NAMES } from '../../lib/lake/queries/spend-by.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { type MoversQuestion, movers } from '../../lib/run/movers.ts';
import { spend } from '../../lib/run/spend.ts';
import { formerWindow, lastWindow, type Window } from '../../lib/run/window.ts';
import { type Bench, type BillRow, bench, delivery, inMonth, row } from '../lake/bills.ts';

vi.setConfig({ testTimeout: 120_000 });

const NOW = new Date('2026-12-10T10:00:00Z');
let bills: Bench;
let count = 0;
beforeAll(async () => {
  bills = await bench();
});
afterAll(() => bills[Symbol.asyncDispose]());

async function emptyLake(): Promise<Lake> {
  const state = join(bills.folder, String(count++));
  return await openLake({
    store: folderStore(join(state, 'lake')),
    workDir: join(state, 'work'),
    memoryMiB: 256,
    dimensions: {},
  });
}

async function lakeOf(rows: readonly BillRow[]): Promise<Lake> {
  const lake = await emptyLake();
  await lake.ingest(delivery('acme', [await bills.file(rows)]), NOW, silent);
  return lake;
}

const OCTOBER = { start: '2026-10-01T00:00:00.000Z', end: '2026-11-01T00:00:00.000Z' };
const NOVEMBER = { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' };
const ask = async (lake: Lake, more: Partial<MoversQuestion> = {}) =>
  await movers(
    lake,
    { by: ['service'], where: [], former: OCTOBER, current: NOVEMBER, ai: false, sources: null, ...more },
    {},
  );

const hours = (month: string, quantity: string, cost: string, more: BillRow = {}) =>
  inMonth(month, {
    SkuId: 'SKU1',
    PricingUnit: 'Hrs',
    PricingQuantity: quantity,
    EffectiveCost: cost,
    ContractedCost: cost,
    ...more,
  });
/** A last charge, so that the bills reach over the whole of November. */
const charge = (EffectiveCost: string, more: BillRow) => row({ EffectiveCost, ResourceId: '', ...more });
const daily = (month: string, days: number) =>
  Array.from({ length: days }, (_, at) => {
    const day = `${month}-${String(at + 1).padStart(2, '0')}`;
    return inMonth(month, {
      EffectiveCost: '1',
      ChargePeriodStart: `${day}T00:00:00Z`,
      ChargePeriodEnd: new Date(Date.parse(day) + 86_400_000).toISOString(),
    });
  });
const end = row({
  EffectiveCost: '0',
  ServiceName: 'Nothing',
  ChargePeriodStart: '2026-11-30T00:00:00Z',
  ChargePeriodEnd: '2026-12-01T00:00:00Z',
});
const causes = (by: readonly { cause: string; amount: string }[] = []) =>
  Object.fromEntries(by.map(({ cause, amount }) => [cause, amount]));

describe('what moved in a bill', () => {
  test('a resource that is new, one that is gone, and one that is used more', async () => {
    await using lake = await lakeOf([
      hours('2026-10', '310', '310', { ResourceId: 'i-stays' }),
      hours('2026-11', '600', '600', { ResourceId: 'i-stays' }),
      hours('2026-10', '5', '5', { ResourceId: 'i-gone' }),
      hours('2026-11', '7', '7', { ResourceId: 'i-new' }),
      end,
    ]);
    const { rows, totals } = await ask(lake);
    expect(rows[0]).toMatchObject({
      key: ['Amazon Elastic Compute Cloud'],
      former: '315',
      current: '607',
      difference: '292',
      newResources: 1,
      goneResources: 1,
    });
    expect(causes(rows[0]?.by)).toEqual({ quantity: '300', new: '7', gone: '-5', days: '-10' });
    expect(totals).toMatchObject([{ difference: '292' }]);
  });

  test('a savings plan that begins: no price fell, and what goes unused of it is its own', async () => {
    const plan = { CommitmentDiscountId: 'arn:aws:savingsplans::1:savingsplan/1' };
    await using lake = await lakeOf([
      hours('2026-10', '310', '310', {}),
      hours('2026-11', '300', '210', { ContractedCost: '300', CommitmentDiscountStatus: 'Used', ...plan }),
      row({
        EffectiveCost: '20',
        ServiceName: 'Amazon Elastic Compute Cloud',
        ResourceId: plan.CommitmentDiscountId,
        CommitmentDiscountStatus: 'Unused',
        ...plan,
      }),
      end,
    ]);
    const { rows } = await ask(lake);
    expect(causes(rows[0]?.by)).toEqual({ commitment: '-70', days: '-10' });
  });

  test('purchases, fees, taxes, credits and corrections', async () => {
    await using lake = await lakeOf([
      inMonth('2026-10', { EffectiveCost: '1', ResourceId: '', ChargeCategory: 'Tax' }),
      charge('2', { ChargeCategory: 'Tax' }),
      charge('-3', { ChargeCategory: 'Credit' }),
      charge('40', { ChargeCategory: 'Purchase', ChargeFrequency: 'One-Time' }),
      charge('50', { ChargeCategory: 'Purchase', ChargeFrequency: 'Recurring' }),
      charge('-6', { ChargeClass: 'Correction' }),
      charge('0.5', { ChargeCategory: 'Adjustment' }),
      end,
    ]);
    const { rows } = await ask(lake, { by: [] });
    expect(causes(rows[0]?.by)).toEqual({
      tax: '1',
      credit: '-3',
      'one-off': '40',
      recurring: '50',
      correction: '-5.5',
    });
  });

  test('days that are not billed yet are no savings: the same part of both periods is compared', async () => {
    await using lake = await lakeOf([...daily('2026-10', 31), ...daily('2026-11', 12)]);
    const answer = await ask(lake);
    expect(answer.current).toEqual({ start: NOVEMBER.start, end: '2026-11-13T00:00:00.000Z' });
    expect(answer.former).toEqual({ start: OCTOBER.start, end: '2026-10-13T00:00:00.000Z' });
    expect(answer.totals).toMatchObject([{ former: '12', current: '12', difference: '0', by: [] }]);
    expect(answer.notes.join(' ')).toContain('reach to 2026-11-13');
  });

  test('bills that begin within the former period: it is said', async () => {
    await using lake = await lakeOf([hours('2026-10', '1', '1', {}), hours('2026-11', '1', '1', {}), end]);
    expect((await ask(lake)).notes.join(' ')).toContain('begin on 2026-10-05');
  });

  test('each currency by itself, and an axis that does not exist is refused', async () => {
    await using lake = await lakeOf([
      hours('2026-10', '1', '1', { BillingCurrency: 'EUR' }),
      hours('2026-11', '1', '2', {}),
      end,
    ]);
    const { totals } = await ask(lake);
    expect(Object.fromEntries(totals.map(({ currency, difference }) => [currency, difference]))).toEqual({
      EUR: '-1',
      USD: '2',
    });
    await expect(ask(lake, { by: ['serivce'] })).rejects.toThrow('there is no dimension "serivce"');
  });
});

const add = (amounts: readonly string[]) =>
  amounts.reduce((all, amount) => all.plus(amount), new Decimal(0)).toFixed();

describe('the made-up company', () => {
  test('parts add up to the difference, and rows to what spend says, for any axis and pair of periods', async () => {
    const at = new Date(DEMO_NOW);
    await using lake = await emptyLake();
    const files = await writeBills(join(bills.folder, 'demo'), DEMO_SEED, at, 0);
    for (const { source, path } of files)
      await lake.ingest(delivery(source, [{ path, shownAs: path, format: 'csv' }]), at, silent);
    const spans = ['1 day', '7 days', '1 week', '2 weeks', '1 month', '2 months'];
    const pairs = spans.map((span): [Window, Window] => {
      const current = lastWindow(span, at, 'UTC');
      return [formerWindow(current, span), current];
    });
    const spent = async (window: Window) => {
      const question = {
        by: [],
        where: [],
        window,
        currency: null,
        ai: false,
        sources: null,
        conversion: null,
      };
      const [usd] = (await spend(lake, question, {}, false)).currencies;
      return new Decimal(usd?.effective ?? 0).toFixed();
    };
    let moved = 0;
    for (const [former, current] of pairs) {
      // All axes of the last month, a few of every other pair.
      const axes = current.start === '2026-10-01T00:00:00.000Z' ? AXIS_NAMES.map((axis) => [axis]) : [];
      const [before, now] = [await spent(former), await spent(current)];
      for (const by of [...axes, ['provider', 'region', 'ai_class'], ['resource', 'transfer'], []]) {
        const answer = await ask(lake, { by, former, current });
        for (const each of [...answer.rows, ...answer.totals]) {
          expect(add(each.by.map(({ amount }) => amount))).toBe(new Decimal(each.difference).toFixed());
          moved += each.by.length;
        }
        const [total] = answer.totals;
        expect([total?.former, total?.current]).toEqual([before, now]);
        expect(add(answer.rows.map(({ difference }) => difference))).toBe(
          new Decimal(now).minus(before).toFixed(),
        );
      }
    }
    expect(moved).toBeGreaterThan(500);
  });
});
