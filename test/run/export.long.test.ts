import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLake } from '../../lib/lake/lake.ts';
import type { Lake } from '../../lib/lake/model.ts';
import type { SpendTotal } from '../../lib/lake/queries/spend-total.ts';
import { folderStore } from '../../lib/lake/store/folder.ts';
import { silent } from '../../lib/platform/progress.ts';
import { type ExportQuestion, exportFocus } from '../../lib/run/export.ts';
import { validate } from '../../lib/run/validate.ts';
import type { FocusFile } from '../../lib/sources/model.ts';
import { askedHere } from '../lake/asked-here.ts';
import { type Bench, type BillRow, bench, delivery, inMonth, row } from '../lake/bills.ts';
import { sql } from '../lake/ingest/fixtures.ts';

const NOW = new Date('2026-11-22T10:00:00Z');

let bills: Bench;
let count = 0;
beforeAll(async () => {
  bills = await bench();
});
afterAll(() => bills[Symbol.asyncDispose]());

async function lakeOf(
  files: readonly FocusFile[],
  state = join(bills.folder, String(count++)),
): Promise<Lake> {
  const lake = await openLake({
    store: folderStore(join(state, 'lake')),
    workDir: join(state, 'work'),
    memoryMiB: 128,
    dimensions: { team: [{ tag: 'team' }] },
  });
  await lake.ingest(delivery('acme', files), NOW, silent);
  return lake;
}

const order = (more: Partial<ExportQuestion> = {}): ExportQuestion => ({
  out: join(bills.folder, `out-${count++}`),
  source: null,
  period: null,
  format: 'csv',
  attributed: false,
  overwrite: false,
  ...more,
});

/** Amounts, ids and tags that a careless writer spoils. */
const AWKWARD: readonly BillRow[] = [
  row({ SubAccountId: '000012345678', BilledCost: '0.000000000000000001', EffectiveCost: '-0.00' }),
  row({ BilledCost: '99999999999999999999.999999999999999999', EffectiveCost: '1e-7' }),
  row({ BilledCost: '-12345678901234567890.1', Tags: '{"__proto__":"a, \\\\"b\\\\"","ü":"line\\\\nbreak"}' }),
  row({ ResourceName: 'a "quoted", name', x_CostCenter: '007', BillingCurrency: 'EUR', x_Estimated: 'true' }),
  inMonth('2026-10', { BilledCost: '100', EffectiveCost: '0.10' }),
];

async function headerOf(path: string): Promise<string[]> {
  if (path.endsWith('.csv')) return ((await readFile(path, 'utf8')).split('\n')[0] ?? '').split(',');
  const rows = await sql(`SELECT name FROM parquet_schema('${path}') WHERE num_children IS NULL`);
  return rows.map(({ name }) => String(name));
}

const totals = async (lake: Lake) => await lake.ask<SpendTotal>('spend-total', {}, null);

const rowsOf = async (lake: Lake) =>
  (
    await lake.query(
      `SELECT SubAccountId, ResourceName, BilledCost, EffectiveCost, Tags, x_Estimated, x_CostCenter,
              ChargePeriodStart FROM costs ORDER BY ALL`,
      null,
    )
  ).rows;

describe('exported FOCUS files', () => {
  test.each(['csv', 'parquet'] as const)(
    'as %s, read again, are the same rows and totals',
    async (format) => {
      await using lake = await lakeOf([await bills.file(AWKWARD)]);
      const files = await exportFocus(lake, order({ format }), silent);
      expect(files.map(({ source, period, rows }) => [source, period, rows])).toEqual([
        ['acme', '2026-10', 1],
        ['acme', '2026-11', 4],
      ]);
      await using back = await lakeOf(files.map(({ path }) => ({ path, shownAs: path, format })));
      expect(await totals(back)).toEqual(await totals(lake));
      expect(await rowsOf(back)).toEqual(await rowsOf(lake));
    },
  );

  test('CSV holds plain decimals, FOCUS times and every mandatory column', async () => {
    await using lake = await lakeOf([await bills.file([row({ BilledCost: '1e2', EffectiveCost: '0.50' })])]);
    const [file] = await exportFocus(lake, order(), silent);
    const [header = '', line = ''] = (await readFile(file?.path ?? '', 'utf8')).split('\n');
    const values = new Map(header.split(',').map((name, at) => [name, line.split(',')[at]]));
    expect(values.get('BilledCost')).toBe('100');
    expect(values.get('EffectiveCost')).toBe('0.5');
    expect(values.get('ChargePeriodStart')).toBe('2026-11-05T00:00:00Z');
    expect(values.get('ListCost')).toBe('');
    expect(values.get('x_Source')).toBe('acme');
    expect(values.has('CommitmentDiscountId')).toBe(false);
    expect(values.has('x_team')).toBe(false);
  });

  test('with attribution they hold AI classes and dimensions', async () => {
    const tagged = row({ ServiceName: 'Amazon Bedrock', Tags: '{"team":"search"}' });
    await using lake = await lakeOf([await bills.file([tagged])]);
    const [file] = await exportFocus(lake, order({ attributed: true }), silent);
    const [header = '', line = ''] = (await readFile(file?.path ?? '', 'utf8')).split('\n');
    expect(header).toContain('x_AiClass');
    expect(header).toContain('x_team');
    expect(line).toContain('model API');
    expect(line).toContain('search');
  });

  test.each(['csv', 'parquet'] as const)(
    'as %s, all files of an export have the same columns',
    async (format) => {
      await using lake = await lakeOf([
        await bills.file([
          row({ x_Squad: 'a', CommitmentDiscountId: 'sp-1' }),
          inMonth('2026-10', { x_Other: 'b', BilledCost: '7' }),
        ]),
      ]);
      const vendor = await bills.file([row({ x_TokenQuantity: '12.50', x_squad: 'c' }), inMonth('2026-10')]);
      await lake.ingest(delivery('vendor', [vendor]), NOW, silent);
      const files = await exportFocus(lake, order({ format }), silent);
      expect(files).toHaveLength(4);
      await using back = await lakeOf(files.map(({ path }) => ({ path, shownAs: path, format })));
      const headers = await Promise.all(files.map(({ path }) => headerOf(path)));
      const [first = []] = headers;
      for (const header of headers) expect(header).toEqual(first);
      expect(first.slice(0, 2)).toEqual(['AvailabilityZone', 'BilledCost']);
      expect(first).toContain('CommitmentDiscountId');
      expect(first.filter((name) => /^x_(squad|other|tokenquantity)$/i.test(name)).toSorted()).toEqual([
        'x_Other',
        'x_Squad',
        'x_TokenQuantity',
      ]);
      expect(await totals(back)).toEqual(await totals(lake));
      const { rows } = await back.query(
        'SELECT x_Squad, x_Other, CAST(x_TokenQuantity AS VARCHAR) AS tokens FROM costs ORDER BY ALL',
        null,
      );
      expect(rows).toEqual([
        { x_Squad: 'a', x_Other: null, tokens: null },
        { x_Squad: 'c', x_Other: null, tokens: '12.500000000000000000' },
        { x_Squad: null, x_Other: 'b', tokens: null },
        { x_Squad: null, x_Other: null, tokens: null },
      ]);
    },
  );

  test('nothing is overwritten unasked, and nothing is left half', async () => {
    await using lake = await lakeOf([await bills.file([row(), inMonth('2026-10')])]);
    const asked = order();
    await mkdir(join(asked.out, 'acme'), { recursive: true });
    await writeFile(join(asked.out, 'acme', '2026-11.csv'), 'mine');
    await expect(exportFocus(lake, asked, silent)).rejects.toThrow('1 file is there already');
    expect(await readdir(join(asked.out, 'acme'))).toEqual(['2026-11.csv']);
    expect(await readFile(join(asked.out, 'acme', '2026-11.csv'), 'utf8')).toBe('mine');
    await exportFocus(lake, { ...asked, overwrite: true }, silent);
    expect((await readdir(join(asked.out, 'acme'))).toSorted()).toEqual(['2026-10.csv', '2026-11.csv']);
    expect(await readFile(join(asked.out, 'acme', '2026-11.csv'), 'utf8')).toContain('BilledCost');
  });

  test('a write that fails leaves the former file and no rest', async () => {
    await using lake = await lakeOf([await bills.file([row()])]);
    const asked = order({ overwrite: true });
    await exportFocus(lake, asked, silent);
    const path = join(asked.out, 'acme', '2026-11.csv');
    const before = await readFile(path, 'utf8');
    const failing: Pick<Lake, 'sources' | 'history' | 'exportColumns' | 'exportPeriod'> = {
      sources: () => lake.sources(),
      history: (id) => lake.history(id),
      exportColumns: (what) => lake.exportColumns(what),
      exportPeriod: async (to) => {
        await writeFile(to.path, 'half');
        throw new Error('the disk is full');
      },
    };
    await expect(exportFocus({ ...lake, ...failing }, asked, silent)).rejects.toThrow('the disk is full');
    expect(await readdir(join(asked.out, 'acme'))).toEqual(['2026-11.csv']);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test('a period or source that is not held is told', async () => {
    await using lake = await lakeOf([await bills.file([row()])]);
    await expect(exportFocus(lake, order({ period: '2020-01' }), silent)).rejects.toThrow(
      'nothing to export',
    );
    await expect(exportFocus(lake, order({ source: 'other' }), silent)).rejects.toThrow('no source other');
  });
});

async function sums(rows: readonly BillRow[]) {
  await using lake = await lakeOf([await bills.file(rows)]);
  const { sources } = await validate(lake, null, new Map());
  return sources[0]?.commitments.map((each) => [each.rule, each.difference]);
}

describe('validation', () => {
  test('names the official rule, how many rows break it, and the first of them', async () => {
    const broken = row({ ServiceCategory: 'Sundries', ResourceId: 'r-1' });
    await using lake = await lakeOf([await bills.file([row(), broken, { ...broken, ResourceId: 'r-2' }])]);
    const { sources } = await validate(lake, null, new Map());
    const rule = sources[0]?.broken.find(({ rule: id }) => id === 'ServiceCategory-C-003-M');
    expect(rule).toMatchObject({
      count: 2,
      rows: [
        { resource: 'r-1', account: '111122223333', values: { ServiceCategory: 'Sundries' } },
        { resource: 'r-2' },
      ],
    });
    expect(rule?.rows[0]?.file).toContain('.csv');
  });

  test('gives a query for each broken rule that lists exactly the rows that it counts', async () => {
    const rows = [
      row(),
      row({ ServiceCategory: 'Sundries', ResourceId: 'größe' }),
      row({ BillingCurrency: 'QQQ', ConsumedQuantity: '3', SubAccountName: 'x', SubAccountId: '' }),
      row({ ChargeCategory: 'Tax', SkuId: 's', ListUnitPrice: '-1', Tags: '[1]' }),
      row({ CommitmentDiscountId: 'c', CommitmentDiscountStatus: 'Used', ContractedCost: '7' }),
    ];
    const state = join(bills.folder, String(count++));
    await using lake = await lakeOf([await bills.file(rows)], state);
    // What another source breaks is none of this one's.
    await lake.ingest(delivery('other', [await bills.file(rows)]), NOW, silent);
    const [source] = (await validate(lake, ['acme'], new Map())).sources;
    expect(source?.broken.length).toBeGreaterThan(12);
    for (const { rule, must, count: broken, query } of source?.broken ?? []) {
      const listed = (await askedHere(join(state, 'lake'), ['acme', 'other'], query ?? '')).rows;
      const [, a = ''] = /^(\S+) MUST have one and only one/.exec(must) ?? [];
      const counted = a === '' ? listed.length : new Set(listed.map((each) => each[a])).size;
      expect([rule, counted]).toEqual([rule, broken]);
      expect(query).not.toMatch(/["`!\n]/);
      expect(query).not.toMatch(/\$[\w({]/);
      expect(listed.every(({ x_SourceFile: file }) => String(file).endsWith('.csv'))).toBe(true);
    }
  });

  test('a null ChargeClass is no correction, and no other value than null is needed to say so', async () => {
    await using lake = await lakeOf([await bills.file([row({ ListUnitPrice: '2', ContractedCost: '1' })])]);
    const ids = (await validate(lake, null, new Map())).sources[0]?.broken.map(({ rule }) => rule);
    expect(ids).toContain('PricingQuantity-C-005-C');
  });

  test('commitments: what was used and unused must equal what was bought, exactly', async () => {
    const plan = { CommitmentDiscountId: 'sp-1', CommitmentDiscountCategory: 'Spend' };
    const bought = row({ ...plan, ChargeCategory: 'Purchase', BilledCost: '1', EffectiveCost: '0' });
    const used = row({ ...plan, CommitmentDiscountStatus: 'Used', BilledCost: '0', EffectiveCost: '0.7' });
    const unused = row({
      ...plan,
      CommitmentDiscountStatus: 'Unused',
      BilledCost: '0',
      EffectiveCost: '0.3',
    });
    expect(await sums([bought, used, unused])).toEqual([]);
    expect(await sums([bought, used])).toEqual([['EffectiveCost-C-012-C', '-0.3']]);
    expect(await sums([bought, used, { ...unused, CommitmentDiscountStatus: '' }])).toEqual([
      ['EffectiveCost-C-013-C', '0.3'],
      ['EffectiveCost-C-012-C', '-0.3'],
    ]);
  });
});
