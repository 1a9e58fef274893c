import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Decimal, decimal, decimalText } from '../../lib/focus/decimal.ts';
import { ratesOf } from '../../lib/focus/rates.ts';
import type { Dimensions } from '../../lib/lake/dimensions.ts';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { changes } from '../../lib/run/changes.ts';
import { type SpendQuestion, spend } from '../../lib/run/spend.ts';
import { ALL_TIME, dayWindow, lastWindow } from '../../lib/run/window.ts';
import { cases } from '../deep.ts';
import { type Bench, type BillRow, bench, delivery, inMonth, row } from '../lake/bills.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const DIMENSIONS: Dimensions = {
  team: [{ tag: 'team' }, { account: { '111122223333': 'platform' } }, { key: { key_1: 'apps' } }],
  tier: [{ column: 'x_team', values: { search: 'front', platform: 'back' } }],
  centre: [{ column: 'x_CostCenter' }],
};

let bills: Bench;
let count = 0;
beforeAll(async () => {
  bills = await bench();
});
afterAll(() => bills[Symbol.asyncDispose]());

async function lakeOf(rows: readonly BillRow[], now = NOW): Promise<Lake> {
  const state = join(bills.folder, String(count++));
  const lake = await openLake({
    store: folderStore(join(state, 'lake')),
    workDir: join(state, 'work'),
    memoryMiB: 128,
    dimensions: DIMENSIONS,
  });
  await lake.ingest(delivery('acme', [await bills.file(rows)]), now, silent);
  return lake;
}

const ask = (lake: Lake, more: Partial<SpendQuestion>) =>
  spend(
    lake,
    {
      by: ['team'],
      where: [],
      window: ALL_TIME,
      currency: null,
      ai: false,
      sources: null,
      conversion: null,
      ...more,
    },
    DIMENSIONS,
    more.window === undefined,
  );

const day = (date: string, more: BillRow = {}) =>
  row({
    ChargePeriodStart: `${date}T00:00:00Z`,
    ChargePeriodEnd: `${date}T23:59:59Z`,
    ...more,
  });

describe('spend', () => {
  test('parts by any axes add up to the total of each currency, and tell since when', async () => {
    await using lake = await lakeOf([
      row({ Tags: '{"team":"search"}', BilledCost: '0.1', EffectiveCost: '0.000000000000000001' }),
      row({
        Tags: '{"team":"search"}',
        BilledCost: '0.2',
        EffectiveCost: '0.2',
        ChargePeriodStart: '2026-11-03T00:00:00Z',
      }),
      row({ BilledCost: '-0.05', EffectiveCost: '-0.05' }),
      row({
        SubAccountId: '9',
        BilledCost: '7',
        EffectiveCost: '7',
        BillingCurrency: 'EUR',
        x_ApiKeyId: 'key_1',
      }),
      row({ SubAccountId: '9', BilledCost: '1', EffectiveCost: '1' }),
    ]);
    const { currencies } = await ask(lake, { by: ['team', 'tier'] });
    expect(currencies.map(({ currency, billed, effective }) => [currency, billed, effective])).toEqual([
      ['EUR', '7', '7'],
      ['USD', '1.25', '1.150000000000000001'],
    ]);
    expect(
      currencies[1]?.rows.map(({ key, effective, share, since }) => [key, effective, share, since]),
    ).toEqual([
      [{ team: 'unallocated', tier: 'unallocated' }, '1', '87.0', '2026-11-05'],
      [{ team: 'search', tier: 'front' }, '0.200000000000000001', '17.4', '2026-11-03'],
      [{ team: 'platform', tier: 'back' }, '-0.05', '-4.3', '2026-11-05'],
    ]);
    expect(currencies[0]?.rows[0]?.key).toEqual({ team: 'apps', tier: 'unallocated' });
  });

  test('a window counts charges that begin in it, and still knows the first of all', async () => {
    await using lake = await lakeOf([
      inMonth('2026-08', { BilledCost: '1', EffectiveCost: '1' }),
      inMonth('2026-10', { BilledCost: '2', EffectiveCost: '2' }),
      inMonth('2026-11', { BilledCost: '4', EffectiveCost: '4' }),
      inMonth('2026-08', { BilledCost: '8', EffectiveCost: '8', SubAccountId: '9' }),
    ]);
    const window = lastWindow('1 month', NOW, 'Europe/Berlin');
    expect(window).toEqual({ start: '2026-10-01T00:00:00.000Z', end: '2026-11-01T00:00:00.000Z' });
    const { currencies } = await ask(lake, { window });
    expect(currencies).toMatchObject([
      { effective: '2', rows: [{ key: { team: 'platform' }, since: '2026-08-05' }] },
    ]);
    expect(
      (await ask(lake, { window: dayWindow('2026-08-05', '2026-08-05') })).currencies[0]?.effective,
    ).toBe('9');
    expect((await ask(lake, { window: dayWindow('2025-01-01', '2025-12-31') })).currencies).toEqual([]);
    expect((await ask(lake, { by: ['month'] })).currencies[0]?.rows.map(({ key }) => key['month'])).toEqual([
      '2026-08',
      '2026-10',
      '2026-11',
    ]);
  });

  test('a narrowed question holds one of the values of each axis, whatever their characters', async () => {
    await using lake = await lakeOf([
      row({ Tags: '{"team":"o\'clock \\" ü"}', EffectiveCost: '1' }),
      row({ Tags: '{"team":"b"}', EffectiveCost: '2', RegionId: 'eu-central-1' }),
      row({ Tags: '{"team":"c"}', EffectiveCost: '4' }),
    ]);
    const narrow = async (...where: { name: string; value: string }[]) =>
      (await ask(lake, { where })).currencies[0]?.effective;
    expect(await narrow({ name: 'Team', value: `o'clock " ü` })).toBe('1');
    expect(await narrow({ name: 'team', value: 'b' }, { name: 'team', value: 'c' })).toBe('6');
    expect(
      await narrow({ name: 'team', value: 'b' }, { name: 'region', value: 'us-east-1' }),
    ).toBeUndefined();
  });

  test('charges that lie in two of the sources asked about are named', async () => {
    await using lake = await lakeOf([row()]);
    await lake.ingest(delivery('copy', [await bills.file([row()])]), NOW, silent);
    const { notes } = await ask(lake, { by: ['service'] });
    expect(notes).toEqual([
      'acme and copy both hold AWS charges of account 111122223333 in period 2026-11: their cost is counted twice unless one of them is removed',
    ]);
    expect((await ask(lake, { by: ['service'], sources: ['acme'] })).notes).toEqual([]);
  });

  test('AI spend is summed in total and by class, and can be asked alone', async () => {
    const bedrock = { ServiceName: 'Amazon Bedrock', x_UsageType: 'USE1-Claude4.6Sonnet-input-tokens' };
    await using lake = await lakeOf([
      row({ ...bedrock, EffectiveCost: '0.3', ConsumedQuantity: '1.5', ConsumedUnit: '1K tokens' }),
      row({ ServiceName: 'Amazon SageMaker', x_UsageType: 'USE1-Host:ml.g5.xlarge', EffectiveCost: '0.6' }),
      row({ ServiceName: 'Amazon Route 53', EffectiveCost: '5' }),
      row({ EffectiveCost: '9' }),
    ]);
    const by = await ask(lake, { by: ['ai-class'] });
    expect(by.currencies[0]?.effective).toBe('14.9');
    expect(by.currencies[0]?.ai).toMatchObject({ effective: '0.9' });
    const alone = await ask(lake, { by: ['model', 'token kind'], ai: true });
    expect(alone.currencies[0]).toMatchObject({ effective: '0.9', ai: { effective: '0.9' } });
    expect(alone.currencies[0]?.rows).toMatchObject([
      { key: { model: 'unallocated', token_kind: '' }, effective: '0.6', tokens: null },
      { key: { model: 'Claude4.6Sonnet', token_kind: 'input' }, effective: '0.3', tokens: '1500' },
    ]);
  });

  test('names that are no dimension are refused with the nearest ones; rules that give nothing are told', async () => {
    await using lake = await lakeOf([row({ x_CostCenter: 'cc-1' })]);
    await expect(ask(lake, { by: ['taem'] })).rejects.toThrow('there is no dimension "taem"');
    await expect(ask(lake, { by: ['envronment'] })).rejects.toMatchObject({
      hint: expect.stringContaining('Did you mean environment?'),
    });
    await expect(ask(lake, { where: [{ name: 'ai-class', value: 'GPUs' }] })).rejects.toThrow('no AI class');
    const { notes, currencies } = await ask(lake, { by: ['customer', 'centre'] });
    expect(notes).toEqual(['The config has no rules for customer: add dimensions.customer to it.']);
    expect(currencies[0]?.rows[0]?.key).toEqual({ customer: 'unallocated', centre: 'cc-1' });
  });

  test('days that have not settled when the bill was read are told, and what the biller calls provisional', async () => {
    await using old = await lakeOf([day('2026-11-05')]);
    expect((await ask(old, {})).freshness).toMatchObject([{ source: 'acme', unsettledFrom: null }]);
    await using recent = await lakeOf([day('2026-11-05'), day('2026-11-21')]);
    // Read on the 22nd at 10:00: days up to the 19th had ended two days before.
    expect((await ask(recent, {})).freshness).toMatchObject([{ unsettledFrom: '2026-11-20' }]);
    await using told = await lakeOf([day('2026-11-05', { x_Estimated: 'true' }), day('2026-11-21')]);
    const answer = await ask(told, {});
    expect(answer.freshness).toMatchObject([{ unsettledFrom: '2026-11-05' }]);
    expect(answer.currencies[0]?.rows[0]?.estimated).toBe(true);
  });

  test('whatever the rows, parts of every axis add up to the total to the last decimal', async () => {
    const amount = fc
      .tuple(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }), fc.integer({ min: 0, max: 18 }))
      .map(([digits, places]) =>
        decimalText(new Decimal(String(digits)).dividedBy(new Decimal(10).pow(places))),
      );
    const charge = fc.record({
      Tags: fc.constantFrom('', '{"team":"a"}', '{"team":"b","__proto__":"c"}', '{"team":" "}'),
      BilledCost: amount,
      EffectiveCost: amount,
      SubAccountId: fc.constantFrom('111122223333', '9', ''),
      ServiceName: fc.constantFrom('Amazon Bedrock', 'Amazon Route 53', 'x'),
      BillingCurrency: fc.constantFrom('USD', 'EUR'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(charge, { minLength: 1, maxLength: 12 }), async (charges) => {
        await using lake = await lakeOf(charges.map((each) => row(each)));
        const total = (currency: string, column: 'BilledCost' | 'EffectiveCost') =>
          decimalText(
            charges
              .filter((each) => each.BillingCurrency === currency)
              .reduce((sum, each) => sum.plus(decimal(each[column])), new Decimal(0)),
          );
        for (const by of [['team'], ['tier', 'account'], ['ai-class', 'model', 'service'], ['customer']])
          for (const { currency, billed, effective, rows } of (await ask(lake, { by })).currencies) {
            expect([billed, effective]).toEqual([
              total(currency, 'BilledCost'),
              total(currency, 'EffectiveCost'),
            ]);
            const parts = rows.reduce((sum, each) => sum.plus(decimal(each.effective)), new Decimal(0));
            expect(decimalText(parts)).toBe(effective);
          }
      }),
      { numRuns: cases(4, 8), endOnFailure: true },
    );
  });
});

describe('spans of time', () => {
  test.each([
    ['3 months', '2026-08-01', '2026-11-01'],
    ['Month', '2026-10-01', '2026-11-01'],
    ['2 weeks', '2026-11-02', '2026-11-16'],
    ['7days', '2026-11-15', '2026-11-22'],
    ['1 quarter', '2026-07-01', '2026-10-01'],
    ['1 year', '2025-01-01', '2026-01-01'],
  ])('the last %s, asked on 22 November 2026', (text, start, end) => {
    expect(lastWindow(text, NOW, 'UTC')).toEqual({
      start: `${start}T00:00:00.000Z`,
      end: `${end}T00:00:00.000Z`,
    });
  });

  test('today is that of the organisation', () => {
    const late = new Date('2026-10-31T23:30:00Z');
    expect(lastWindow('1 month', late, 'Europe/Berlin').start).toBe('2026-10-01T00:00:00.000Z');
    expect(lastWindow('1 month', late, 'UTC').start).toBe('2026-09-01T00:00:00.000Z');
  });

  test.each(['', '0 days', 'three months', '-1 month', '3 moons', '99999 days'])('%j is none', (text) => {
    expect(() => lastWindow(text, NOW, 'UTC')).toThrow('is no span of time');
  });

  test('none reaches beyond what any bill holds', () => {
    expect(lastWindow('9999 years', NOW, 'UTC')).toEqual({
      start: ALL_TIME.start,
      end: '2026-01-01T00:00:00.000Z',
    });
    expect(dayWindow('0000-01-01', '9999-12-31')).toEqual(ALL_TIME);
  });

  test('a day that the calendar does not have is refused', () => {
    expect(() => dayWindow('2026-02-30', undefined)).toThrow('--from "2026-02-30" is not a day');
    expect(() => dayWindow(undefined, '1 May')).toThrow('--to');
  });
});

describe('changes', () => {
  test('a period that was delivered again is told by account and service, exactly', async () => {
    const before = [
      row({ ServiceName: 'A', BilledCost: '0.1', EffectiveCost: '0.1' }),
      row({ ServiceName: 'A', BilledCost: '0.2', EffectiveCost: '0.2' }),
      row({ ServiceName: 'Same', BilledCost: '5', EffectiveCost: '5' }),
      row({ ServiceName: 'Gone', BilledCost: '1', EffectiveCost: '2' }),
      inMonth('2026-10', { ServiceName: 'A' }),
    ];
    await using lake = await lakeOf(before);
    const again = [
      row({ ServiceName: 'A', BilledCost: '0.4', EffectiveCost: '0.2' }),
      row({ ServiceName: 'Same', BilledCost: '5', EffectiveCost: '5' }),
      row({ ServiceName: 'New', SubAccountId: '9', BilledCost: '-3', EffectiveCost: '-3' }),
    ];
    const later = new Date('2026-11-23T10:00:00Z');
    await lake.ingest(delivery('acme', [await bills.file(again)]), later, silent);
    const { compared, once } = await changes(lake, null, null, null);
    expect(once).toEqual([{ source: 'acme', period: '2026-10' }]);
    expect(compared).toMatchObject([
      {
        source: 'acme',
        period: '2026-11',
        before: NOW.toISOString(),
        after: later.toISOString(),
        rowsBefore: 4,
        rowsAfter: 3,
        totals: [{ currency: 'USD', billed: '-3.9', effective: '-5.1' }],
      },
    ]);
    expect(
      compared[0]?.changes.map((each) => [
        each.kind,
        each.account,
        each.service,
        each.billedChange,
        each.effectiveChange,
      ]),
    ).toEqual([
      ['added', '9', 'New', '-3', '-3'],
      ['removed', '111122223333', 'Gone', '-1', '-2'],
      ['changed', '111122223333', 'A', '0.1', '-0.1'],
    ]);
    expect((await changes(lake, 'acme', '2026-10', null)).compared).toEqual([]);
    await expect(changes(lake, 'acme', '2025-01', null)).rejects.toThrow('no source holds');
    await expect(changes(lake, 'other', null, null)).rejects.toThrow('the lake holds no source other');
  });

  test('a period that was emptied is told as removed', async () => {
    await using lake = await lakeOf([row({ BilledCost: '2' })]);
    await lake.ingest(
      delivery('acme', [], { periods: ['2026-11'] }),
      new Date('2026-11-23T10:00:00Z'),
      silent,
    );
    expect(await changes(lake, 'acme', null, null)).toMatchObject({
      compared: [{ after: null, rowsAfter: 0, changes: [{ kind: 'removed', billedChange: '-2' }] }],
    });
  });
});

const conversion = (...lines: string[]) => ({
  into: 'EUR',
  rates: ratesOf(['date,from,to,rate', ...lines].join('\n'), 'rates.csv'),
  mostDays: 7,
});
const charge = (date: string, currency: string, billed: string, more: BillRow = {}) =>
  day(date, { BillingCurrency: currency, BilledCost: billed, EffectiveCost: billed, ...more });

describe('spend in one currency', () => {
  test('each charge by the rate of its day, exactly, beside the figures as billed', async () => {
    await using lake = await lakeOf([
      charge('2026-11-02', 'USD', '0.1'),
      charge('2026-11-02', 'USD', '0.000000000000000001'),
      charge('2026-11-04', 'USD', '3'),
      charge('2026-11-04', 'USD', '-1', { ServiceName: 'Credits' }),
      charge('2026-11-01', 'GBP', '10'),
      charge('2026-11-01', 'EUR', '5.000000000000000003'),
    ]);
    const { currencies, converted } = await ask(lake, {
      by: ['service'],
      conversion: conversion(
        '2026-11-01,USD,EUR,0.9',
        '2026-11-03,USD,EUR,0.123456789012345678',
        '2026-11,GBP,EUR,1.2',
      ),
    });
    expect(currencies.map(({ currency, billed }) => [currency, billed])).toEqual([
      ['EUR', '5.000000000000000003'],
      ['GBP', '10'],
      ['USD', '2.100000000000000001'],
    ]);
    // 0.100000000000000001 * 0.9 + 2 * 0.123456789012345678 + 12 + 5.000000000000000003
    expect(converted).toMatchObject({
      currency: 'EUR',
      billed: '17.3369135780246913599',
      effective: '17.3369135780246913599',
      basis: {
        rates: 'rates.csv',
        mostDays: 7,
        used: [
          { currency: 'GBP', first: '2026-11', last: '2026-11' },
          { currency: 'USD', first: '2026-11-01', last: '2026-11-03' },
        ],
      },
      apart: [],
    });
    expect(converted?.rows.map(({ key, billed, since }) => [key['service'], billed, since])).toEqual([
      ['Amazon Elastic Compute Cloud', '17.4603703670370370379', '2026-11-01'],
      ['Credits', '-0.123456789012345678', '2026-11-04'],
    ]);
    expect(
      converted?.rows[0]?.of.map(({ currency, billed, converted: to }) => [currency, billed, to.billed]),
    ).toEqual([
      ['EUR', '5.000000000000000003', '5.000000000000000003'],
      ['GBP', '10', '12'],
      ['USD', '3.100000000000000001', '0.4603703670370370349'],
    ]);
  });

  test('what has no rate is left apart by name, and what is nothing needs none', async () => {
    await using lake = await lakeOf([
      charge('2026-11-02', 'USD', '1'),
      charge('2026-11-20', 'USD', '2', { EffectiveCost: '4' }),
      charge('2026-11-21', 'USD', '8'),
      charge('2026-11-02', 'JPY', '100'),
      charge('2026-11-02', 'CHF', '0'),
      charge('2026-11-02', 'EUR', '16'),
    ]);
    const { converted } = await ask(lake, {
      by: ['service'],
      conversion: conversion('2026-11-01,USD,EUR,0.5'),
    });
    expect(converted?.billed).toBe('16.5');
    expect(converted?.apart).toEqual([
      {
        currency: 'JPY',
        billed: '100',
        effective: '100',
        why: 'no rate of JPY to EUR',
        days: 1,
        firstDay: '2026-11-02',
        lastDay: '2026-11-02',
      },
      {
        currency: 'USD',
        billed: '10',
        effective: '12',
        why: 'the last rate before is of 2026-11-01, more than 7 days older',
        days: 2,
        firstDay: '2026-11-20',
        lastDay: '2026-11-21',
      },
    ]);
    expect(converted?.rows[0]?.of.find(({ currency }) => currency === 'USD')).toEqual({
      currency: 'USD',
      billed: '11',
      effective: '13',
      converted: { billed: '0.5', effective: '0.5' },
      apart: { billed: '10', effective: '12' },
    });
  });

  test('AI spend, windows and narrowing hold for converted sums, too', async () => {
    const bedrock = { ServiceName: 'Amazon Bedrock', x_UsageType: 'USE1-Claude4.6Sonnet-input-tokens' };
    await using lake = await lakeOf([
      charge('2026-11-02', 'USD', '1', bedrock),
      charge('2026-11-03', 'USD', '2', bedrock),
      charge('2026-11-03', 'EUR', '4', bedrock),
      charge('2026-11-03', 'EUR', '8'),
    ]);
    const { converted } = await ask(lake, {
      by: ['model'],
      ai: true,
      window: dayWindow('2026-11-03', '2026-11-30'),
      conversion: conversion('2026-11,USD,EUR,0.5'),
    });
    expect(converted).toMatchObject({
      billed: '5',
      ai: { billed: '5', classes: [{ class: 'model API', billed: '5' }] },
      rows: [{ key: { model: 'Claude4.6Sonnet' }, billed: '5', share: '100.0' }],
    });
  });

  test('one currency alone is converted where it alone is asked for', async () => {
    await using lake = await lakeOf([charge('2026-11-02', 'USD', '1'), charge('2026-11-02', 'EUR', '2')]);
    const { converted } = await ask(lake, { currency: 'USD', conversion: conversion('2026-11,USD,EUR,0.5') });
    expect(converted?.billed).toBe('0.5');
  });

  test('converted parts add up to the same total whatever they are parts by', async () => {
    const amount = fc
      .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 18 }))
      .map(([digits, places]) =>
        decimalText(new Decimal(digits.toString()).times(new Decimal(10).pow(-places))),
      );
    const bill = fc.array(
      fc.record({
        BilledCost: amount,
        EffectiveCost: amount,
        BillingCurrency: fc.constantFrom('USD', 'EUR', 'GBP', 'JPY'),
        RegionId: fc.constantFrom('', 'a', 'b'),
        SubAccountId: fc.constantFrom('1', '2'),
        date: fc.constantFrom('2026-11-01', '2026-11-09', '2026-11-10', '2026-12-31'),
      }),
      { minLength: 1, maxLength: 12 },
    );
    const rates = conversion(
      '2026-11-01,USD,EUR,0.123456789012345678',
      '2026-11-10,USD,EUR,0.9',
      '2026-11,GBP,EUR,1.17',
    );
    const rateOf: Record<string, Record<string, string>> = {
      EUR: { '2026-11-01': '1', '2026-11-09': '1', '2026-11-10': '1', '2026-12-31': '1' },
      USD: { '2026-11-01': '0.123456789012345678', '2026-11-10': '0.9' },
      GBP: { '2026-11-01': '1.17', '2026-11-09': '1.17', '2026-11-10': '1.17' },
      JPY: {},
    };
    await fc.assert(
      fc.asyncProperty(bill, async (rows) => {
        await using lake = await lakeOf(rows.map(({ date, ...more }) => day(date, more)));
        let total = new Decimal(0);
        let apart = new Decimal(0);
        for (const each of rows) {
          const rate = rateOf[each.BillingCurrency]?.[each.date];
          if (rate === undefined) apart = apart.plus(each.BilledCost);
          else total = total.plus(new Decimal(each.BilledCost).times(rate));
        }
        for (const by of [['region'], ['account', 'service'], ['day'], ['team']]) {
          const { converted } = await ask(lake, { by, conversion: rates });
          const added = (converted?.rows ?? []).reduce((sum, each) => sum.plus(each.billed), new Decimal(0));
          expect(new Decimal(converted?.billed ?? 'NaN').equals(total)).toBe(true);
          expect(added.equals(total)).toBe(true);
          const left = (converted?.apart ?? []).reduce((sum, each) => sum.plus(each.billed), new Decimal(0));
          expect(left.equals(apart)).toBe(true);
        }
      }),
      { numRuns: cases(6, 12), endOnFailure: true },
    );
  });

  test('changes of a delivery add up over currencies by the rates of their days', async () => {
    await using lake = await lakeOf([charge('2026-11-02', 'USD', '1'), charge('2026-11-03', 'EUR', '2')]);
    const second = [
      charge('2026-11-02', 'USD', '5'),
      charge('2026-11-03', 'EUR', '1'),
      charge('2026-11-04', 'JPY', '7'),
    ];
    await lake.ingest(delivery('acme', [await bills.file(second)]), NOW, silent);
    const { compared } = await changes(lake, null, null, conversion('2026-11-01,USD,EUR,0.5'));
    expect(compared[0]).toMatchObject({
      totals: [
        { currency: 'EUR', billed: '-1' },
        { currency: 'JPY', billed: '7' },
        { currency: 'USD', billed: '4' },
      ],
      converted: {
        currency: 'EUR',
        billed: '1',
        effective: '1',
        basis: { used: [{ currency: 'USD', first: '2026-11-01', last: '2026-11-01' }] },
        apart: [{ currency: 'JPY', billed: '7', days: 1 }],
      },
    });
    expect((await changes(lake, null, null, null)).compared[0]?.converted).toBeNull();
  });
});
