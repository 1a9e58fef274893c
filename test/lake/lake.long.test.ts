import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LakeOptions, openLake } from '../../lib/lake/lake.ts';
import { manifestKey } from '../../lib/lake/layout.ts';
import { MANIFEST_VERSION } from '../../lib/lake/manifest.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { type Bench, bench, delivery, inMonth, row } from './bills.ts';

let bills: Bench;
let count = 0;
beforeAll(async () => {
  bills = await bench();
});
afterAll(async () => {
  await bills[Symbol.asyncDispose]();
});

const NOW = new Date('2026-11-22T10:00:00Z');
const fresh = () => join(bills.folder, `state [${count++}]`);
const open = (state: string, more: Partial<LakeOptions> = {}) =>
  openLake({
    store: folderStore(join(state, 'lake')),
    workDir: join(state, 'work'),
    memoryMiB: 256,
    ...more,
  });

describe('ingest', () => {
  test('adds up the files of one delivery, period by period, and reports exact totals', async () => {
    await using lake = await open(fresh());
    const files = [
      await bills.file([row({ BilledCost: '0.1' }), inMonth('2026-10', { BilledCost: '7' })]),
      await bills.file([row({ BilledCost: '0.2' }), row({ BillingCurrency: 'EUR', BilledCost: '-5' })]),
    ];
    const report = await lake.ingest(delivery('acme', files), NOW, silent);
    expect(report).toMatchObject({
      sourceId: 'acme',
      rowsIn: 4,
      rowsKept: 4,
      rowsRejected: 0,
      rejectsFile: null,
    });
    expect(report.periods).toMatchObject([
      {
        period: '2026-10',
        rows: 1,
        totals: [{ provider: 'AWS', currency: 'USD', billed: '7', effective: '1.25' }],
        former: null,
      },
      {
        period: '2026-11',
        rows: 3,
        totals: [
          { provider: 'AWS', currency: 'EUR', billed: '-5', effective: '1.25' },
          { provider: 'AWS', currency: 'USD', billed: '0.3', effective: '2.5' },
        ],
        former: null,
      },
    ]);
    expect(await lake.sources()).toMatchObject([
      {
        sourceId: 'acme',
        sourceType: 'focus-file',
        grain: 'resource',
        asOf: '2026-11-06T00:00:00.000Z',
        ingestedAt: '2026-11-22T10:00:00.000Z',
        periods: report.periods,
      },
    ]);
  });

  test('a later delivery replaces its periods, keeps the others and says what they were', async () => {
    await using lake = await open(fresh());
    const before = [await bills.file([row(), inMonth('2026-10', { BilledCost: '7' })])];
    await lake.ingest(delivery('acme', before), NOW, silent);
    const report = await lake.ingest(
      delivery('acme', [await bills.file([inMonth('2026-10', { BilledCost: '6.5' })])]),
      NOW,
      silent,
    );
    expect(report.periods).toMatchObject([
      {
        period: '2026-10',
        totals: [{ billed: '6.5' }],
        former: [{ provider: 'AWS', currency: 'USD', billed: '7', effective: '1.25' }],
      },
    ]);
    expect(await lake.ask('spend-total', {}, null)).toMatchObject([{ currency: 'USD', billed: '8' }]);
  });

  test('a period that the delivery names and has no rows for is emptied', async () => {
    await using lake = await open(fresh());
    await lake.ingest(delivery('acme', [await bills.file([row(), inMonth('2026-10')])]), NOW, silent);
    const report = await lake.ingest(
      delivery('acme', [await bills.file([row()])], { periods: ['2026-10', '2026-11'] }),
      NOW,
      silent,
    );
    expect(report.periods).toMatchObject([
      { period: '2026-10', rows: 0, totals: [], former: [{ billed: '1.5' }] },
      { period: '2026-11', rows: 1 },
    ]);
    expect(await lake.ask('data-end', {}, null)).toEqual([
      { source: 'acme', start: '2026-11-05T00:00:00.000Z', end: '2026-11-06T00:00:00.000Z', daily: true },
    ]);
  });

  test('sources with awkward ids stay apart, and can be asked alone', async () => {
    await using lake = await open(fresh());
    const ids = ['a/b', 'a_b', '..', 'ä ~', 'A'];
    for (const [at, id] of ids.entries())
      await lake.ingest(
        delivery(id, [await bills.file([row({ EffectiveCost: String(10 ** at) })])]),
        NOW,
        silent,
      );
    expect((await lake.sources()).map(({ sourceId }) => sourceId)).toEqual(ids.toSorted());
    expect(await lake.ask('spend-total', {}, ['a_b', 'A'])).toMatchObject([{ effective: '10010' }]);
    await expect(lake.ask('spend-total', {}, ['A', 'no'])).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('no source no'),
      hint: expect.stringContaining('a_b'),
    });
  });

  test('rejected rows are kept for a person after the scratch files are gone', async () => {
    const state = fresh();
    await using lake = await open(state);
    const file = await bills.file([row(), row({ BilledCost: 'twelve' })]);
    const report = await lake.ingest(delivery('acme', [file]), NOW, silent);
    expect(report).toMatchObject({ rowsIn: 2, rowsKept: 1, rowsRejected: 1 });
    const rejects = join(state, 'lake', 'rejects', 'acme');
    expect(await readdir(rejects)).toHaveLength(1);
    expect(report.rejectsFile).toContain(rejects);
  });

  test('a delivery that cannot be read leaves the lake as it was, and no scratch files', async () => {
    const state = fresh();
    await using lake = await open(state);
    await lake.ingest(delivery('acme', [await bills.file([row()])]), NOW, silent);
    const before = await lake.sources();
    const missing = { path: join(bills.folder, 'none.csv'), shownAs: 'none.csv', format: 'csv' as const };
    await expect(lake.ingest(delivery('acme', [missing]), NOW, silent)).rejects.toThrow(/none\.csv/);
    expect(await lake.sources()).toEqual(before);
    const [scratch] = (await readdir(join(state, 'work'))).filter((name) => name.startsWith('lake-'));
    expect(await readdir(join(state, 'work', scratch ?? ''))).toEqual([]);
  });

  test('parts that nothing names go when they are old, not when they are young', async () => {
    const state = fresh();
    const store = folderStore(join(state, 'lake'));
    await using lake = await open(state);
    const files = [await bills.file([row()])];
    await lake.ingest(delivery('acme', files), NOW, silent);
    for (const name of ['old', 'young'])
      await store.put(`sources/acme/2026-11/${name}/0.parquet`, new Uint8Array(3));
    const longAgo = new Date(Date.now() - 7 * 3_600_000);
    await utimes(join(state, 'lake/sources/acme/2026-11/old/0.parquet'), longAgo, longAgo);
    await lake.ingest(delivery('acme', files), new Date(), silent);
    const parts = (await store.list('sources/acme/')).filter(({ key }) => key.endsWith('.parquet'));
    expect(parts.map(({ key }) => key.split('/')[3])).toEqual(expect.arrayContaining(['young']));
    expect(parts.map(({ key }) => key.split('/')[3])).not.toContain('old');
    expect(parts).toHaveLength(3);
  });

  test('a lake of a newer version is left as it is and reported', async () => {
    const state = fresh();
    const store = folderStore(join(state, 'lake'));
    await using lake = await open(state);
    const newer = new TextEncoder().encode(
      JSON.stringify({ schemaVersion: MANIFEST_VERSION + 1, wonders: [] }),
    );
    await store.putIf(manifestKey('acme'), newer, null);
    const refused = { code: 'conflict', message: expect.stringContaining('newer version') };
    await expect(
      lake.ingest(delivery('acme', [await bills.file([row()])]), NOW, silent),
    ).rejects.toMatchObject(refused);
    await expect(lake.ask('spend-total', {}, null)).rejects.toMatchObject(refused);
    await expect(lake.sources()).rejects.toMatchObject(refused);
    expect((await store.get(manifestKey('acme')))?.body).toEqual(Buffer.from(newer));
    expect((await store.list('sources/')).filter(({ key }) => key.endsWith('.parquet'))).toEqual([]);
  });

  test('a damaged manifest and a missing part are told with their place', async () => {
    const state = fresh();
    const store = folderStore(join(state, 'lake'));
    await using lake = await open(state);
    await lake.ingest(delivery('acme', [await bills.file([row()])]), NOW, silent);
    const [part] = (await store.list('sources/acme/')).filter(({ key }) => key.endsWith('.parquet'));
    await store.delete([part?.key ?? '']);
    await expect(lake.ask('spend-total', {}, null)).rejects.toMatchObject({
      code: 'unavailable',
      where: expect.stringContaining('0.parquet'),
    });
    await store.putIf(manifestKey('torn'), new TextEncoder().encode('{"schemaVersion": 1, '), null);
    await expect(lake.sources()).rejects.toMatchObject({
      code: 'unavailable',
      where: expect.stringContaining('torn/manifest.json'),
    });
  });

  test('warns where two sources hold the same account and days, and only there', async () => {
    await using lake = await open(fresh());
    await lake.ingest(delivery('export', [await bills.file([row()])]), NOW, silent);
    const other = [
      row({ SubAccountId: '444455556666' }),
      row({ ProviderName: 'Google Cloud' }),
      inMonth('2026-10'),
      row({ ChargePeriodStart: '2026-11-06T00:00:00Z', ChargePeriodEnd: '2026-11-07T00:00:00Z' }),
    ];
    const apart = await lake.ingest(delivery('apart', [await bills.file(other)]), NOW, silent);
    expect(apart.warnings.filter((line) => line.includes('twice'))).toEqual([]);
    const same = [row({ ProviderName: 'Amazon Web Services', BillingAccountId: '888800002222' })];
    const twice = await lake.ingest(delivery('copy', [await bills.file(same)]), NOW, silent);
    expect(twice.warnings.filter((line) => line.includes('twice'))).toEqual([
      'copy and export both hold AWS charges of account 111122223333 in period 2026-11: ' +
        'their cost is counted twice unless one of them is removed',
    ]);
    // And whenever it is asked, not only by the run that reads it.
    expect(await lake.overlaps(null)).toEqual([
      'copy and export both hold AWS charges of account 111122223333 in period 2026-11: ' +
        'their cost is counted twice unless one of them is removed',
    ]);
    expect(await lake.overlaps(['apart', 'export'])).toEqual([]);
    expect(await lake.overlaps(['copy'])).toEqual([]);
  });

  test('two lakes over one folder ingest at once: both deliveries are held', async () => {
    const state = fresh();
    await using one = await open(state);
    await using two = await open(state);
    await Promise.all([
      one.ingest(delivery('acme', [await bills.file([row()])]), NOW, silent),
      two.ingest(delivery('acme', [await bills.file([inMonth('2026-10')])]), NOW, silent),
    ]);
    expect((await one.sources()).flatMap(({ periods }) => periods.map(({ period }) => period))).toEqual([
      '2026-10',
      '2026-11',
    ]);
  });
});

describe('costs', () => {
  test('an empty lake has the view, with FOCUS names, our columns and the dimensions', async () => {
    await using lake = await open(fresh(), { dimensions: { team: [{ tag: 'team' }] } });
    const { rows } = await lake.query('SELECT * FROM (DESCRIBE costs)', null);
    const types = new Map(rows.map((each) => [each['column_name'], each['column_type']]));
    expect(Object.fromEntries(types)).toMatchObject({
      BilledCost: 'DECIMAL(38,18)',
      ChargePeriodStart: 'TIMESTAMP',
      Tags: 'VARCHAR',
      x_Source: 'VARCHAR',
      x_Estimated: 'BOOLEAN',
      x_team: 'VARCHAR',
    });
    expect(await lake.ask('spend-total', {}, null)).toEqual([]);
    expect(await lake.ask('tag-spend', { start: '2026-01-01', end: '2027-01-01' }, null)).toEqual([]);
    expect((await lake.query('SELECT COUNT(*) AS n FROM costs', null)).rows).toEqual([{ n: 0 }]);
  });

  test('own columns of different bills stand beside each other, in whatever case', async () => {
    await using lake = await open(fresh());
    await lake.ingest(delivery('a', [await bills.file([row({ x_One: 'a1', x_Shared: 'a2' })])]), NOW, silent);
    await lake.ingest(delivery('b', [await bills.file([row({ x_Two: 'b1', x_shared: 'b2' })])]), NOW, silent);
    const { rows } = await lake.query('SELECT x_Source, x_One, x_Two, x_Shared FROM costs ORDER BY 1', null);
    expect(rows).toEqual([
      { x_Source: 'a', x_One: 'a1', x_Two: null, x_Shared: 'a2' },
      { x_Source: 'b', x_One: null, x_Two: 'b1', x_Shared: 'b2' },
    ]);
  });

  test('many parts of many periods', async () => {
    await using lake = await open(fresh());
    const months = Array.from(
      { length: 36 },
      (_, at) => `${2023 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`,
    );
    await lake.ingest(
      delivery('acme', [await bills.file(months.map((month) => inMonth(month)))]),
      NOW,
      silent,
    );
    expect(await lake.ask('spend-total', {}, null)).toMatchObject([{ billed: '54', effective: '45' }]);
  });
});
