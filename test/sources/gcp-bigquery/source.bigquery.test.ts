import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { parseConfig } from '../../../lib/config/load.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { gcpBigQuery } from '../../../lib/run/assemble/gcp-bigquery.ts';
import { type Front, openFront } from '../../counterparts/bigquery.front.ts';
import { clientOf, collect, costs, lakeOf, NOW, sourceOf } from './deliver.ts';
import { DETAILED, FOCUS, focusRow, OLD, type Row, STANDARD, usage } from './export.ts';
import { addRows, renewBigQuery, tableOf } from './tables.ts';

let front: Front;
beforeAll(renewBigQuery);
beforeEach(async () => {
  front = await openFront(inject('bigqueryUrl'));
});
afterEach(() => front.close());

const emulator = () => inject('bigqueryUrl');
const detailed = (name: string, rows: readonly Row[]) => tableOf(emulator(), name, DETAILED, rows);

/** Usage of August, invoiced in August. */
const august = (more: Row = {}) =>
  usage({
    invoice: { month: '202608' },
    usage_start_time: '2026-08-02T05:00:00Z',
    usage_end_time: '2026-08-02T06:00:00Z',
    export_time: '2026-08-02T09:00:00Z',
    ...more,
  });

const sql = () =>
  front.calls.flatMap(({ method, body }) => {
    if (method !== 'bigquery.jobs.insert') return [];
    const { dryRun, query } = JSON.parse(JSON.stringify(body)).configuration;
    return dryRun === true ? [] : [String(query.query)];
  });

/** Partitioned by day, and no query without naming partitions. */
const day = (field?: string) => ({
  timePartitioning: { type: 'DAY', ...(field === undefined ? {} : { field }) },
  requirePartitionFilter: true,
});

describe('the detailed export', () => {
  test('becomes rows by invoice month, net of credits, to the last decimal', async () => {
    const table = await detailed('net', [
      usage({ cost: 0.1 }),
      usage({ cost: 0.2, credits: [{ name: 'Free', amount: -0.05, type: 'FREE_TIER', id: 'free' }] }),
      usage({ cost: 1e-7, sku: { id: 'AAAA', description: 'Storage' } }),
      // Usage of 1 August (UTC) that Google invoices in July, and a day that is August's.
      usage({
        cost: 7,
        usage_start_time: '2026-08-01T05:00:00Z',
        usage_end_time: '2026-08-01T06:00:00Z',
        export_time: '2026-08-01T09:00:00Z',
      }),
      august({ cost: 3.25 }),
    ]);
    const lake = await lakeOf();
    const run = await collect(sourceOf(front.url, table), lake);
    expect(run.coverage).toEqual([
      { scope: 'bill:gcp', status: 'complete', reason: null, asOf: '2026-08-02T09:00:00.000000Z' },
    ]);
    expect(
      run.reports.flatMap(({ periods }) => periods.map(({ period, totals }) => [period, totals])),
    ).toEqual([
      ['2026-08', [{ provider: 'Google Cloud', currency: 'USD', billed: '3.25', effective: '3.25' }]],
      [
        '2026-07',
        [{ provider: 'Google Cloud', currency: 'USD', billed: '7.2500001', effective: '7.2500001' }],
      ],
    ]);
    // The two hours of the machine are one row of their day; the credit belongs to it.
    expect(
      await costs(
        lake,
        'BilledCost, x_CostBeforeCredits, x_Credits, ChargePeriodStart, ChargePeriodEnd, x_Estimated',
        "WHERE SkuId = '2E27-4F75-95CD' AND BilledCost < 1",
      ),
    ).toEqual([
      {
        BilledCost: '0.25',
        x_CostBeforeCredits: '0.3',
        x_Credits: '-0.05',
        ChargePeriodStart: '2026-07-02T00:00:00.000Z',
        ChargePeriodEnd: '2026-07-03T00:00:00.000Z',
        x_Estimated: false,
      },
    ]);
    expect(await costs(lake, 'x_Estimated', 'WHERE BilledCost = 3.25')).toEqual([{ x_Estimated: true }]);
    // What Google bills for two queries of 10 MiB and one look: each counted, none as a number that lost digits.
    expect(run.meter.total().amount).toBe('0.00018');
  });

  test('by the hour, every row of the export is a row', async () => {
    const table = await detailed('hours', [usage({ cost: 0.1 }), usage({ cost: 0.2 })]);
    const lake = await lakeOf();
    await collect(sourceOf(front.url, table, { grain: 'hour' }), lake);
    expect(await costs(lake, 'BilledCost, ChargePeriodEnd', 'ORDER BY 1')).toEqual([
      { BilledCost: '0.1', ChargePeriodEnd: '2026-07-02T11:00:00.000Z' },
      { BilledCost: '0.2', ChargePeriodEnd: '2026-07-02T11:00:00.000Z' },
    ]);
  });

  test('many pages are one answer', async () => {
    const rows = Array.from({ length: 23 }, (_, at) =>
      usage({ cost: 0.1, sku: { id: `S-${at}`, description: 'x' } }),
    );
    const table = await detailed('pages', rows);
    const client = clientOf(front.url);
    const small = {
      ...client,
      run: (...[what, how]: Parameters<typeof client.run>) => client.run(what, { ...how, pageRows: 4 }),
    };
    const lake = await lakeOf();
    const { coverage } = await collect(sourceOf(front.url, table, { client: small }), lake);
    expect(coverage[0]?.status).toBe('complete');
    expect(await costs(lake, 'COUNT(*) AS n, SUM(BilledCost) AS billed')).toEqual([{ n: 23, billed: '2.3' }]);
    const tokens = front.calls.flatMap(({ query }) =>
      query['pageToken'] === undefined ? [] : [query['pageToken']],
    );
    expect(tokens).toEqual(['4', '8', '12', '16', '20']);
  });
});

const one = (id: string, cost: string) => usage({ cost, sku: { id, description: id } });

describe('amounts that cannot be kept', () => {
  test('are rejected by name, one by one, and the rest of the month is there', async () => {
    const table = await detailed('amounts', [
      one('fits', '99999999999999.25'),
      one('small', '1e-18'),
      one('tie', '2.5e-18'),
      one('below', '4e-19'),
      one('nothing', '-0.00'),
      // 21 digits before the point are one more than DECIMAL(38,18) holds.
      one('huge', '1e20'),
    ]);
    const lake = await lakeOf();
    const { reports } = await collect(sourceOf(front.url, table), lake);
    expect(reports.map(({ rowsIn, rowsKept, rowsRejected }) => [rowsIn, rowsKept, rowsRejected])).toEqual([
      [6, 5, 1],
    ]);
    expect(await costs(lake, 'SkuId, BilledCost', 'ORDER BY SkuId')).toEqual([
      { SkuId: 'below', BilledCost: '0' },
      { SkuId: 'fits', BilledCost: '99999999999999.25' },
      { SkuId: 'nothing', BilledCost: '0' },
      { SkuId: 'small', BilledCost: '0.000000000000000001' },
      { SkuId: 'tie', BilledCost: '0.000000000000000002' },
    ]);
  });
});

describe('what has changed is read, and nothing else', () => {
  test('an unchanged table costs one look; a late row brings its month again, whole', async () => {
    const table = await detailed('late', [usage({ cost: 1 }), august({ cost: 2 })]);
    const lake = await lakeOf();
    await collect(sourceOf(front.url, table), lake);
    front.calls.length = 0;
    const again = await collect(sourceOf(front.url, table), lake);
    expect(again.reports).toEqual([]);
    expect(again.coverage[0]).toMatchObject({ status: 'complete', asOf: '2026-08-02T09:00:00.000000Z' });
    expect(sql()).toHaveLength(1);

    // An adjustment of July that Google exports two weeks into August, in a partition of its own.
    const late = usage({ cost: 0.5, cost_type: 'adjustment', export_time: '2026-08-14T09:00:00Z' });
    await addRows(emulator(), table, DETAILED, [late]);
    front.calls.length = 0;
    const third = await collect(sourceOf(front.url, table), lake);
    expect(
      third.reports.flatMap(({ periods }) =>
        periods.map(({ period, former, totals }) => [period, former?.[0]?.billed, totals[0]?.billed]),
      ),
    ).toEqual([['2026-07', '1', '1.5']]);
    expect(sql()).toHaveLength(2);
    expect(await costs(lake, 'SUM(BilledCost) AS billed')).toEqual([{ billed: '3.5' }]);
  });

  test('a month whose invoice has closed is read once more, and is provisional no longer', async () => {
    const table = await detailed('closing', [august({ cost: 2 })]);
    const lake = await lakeOf();
    await collect(sourceOf(front.url, table), lake);
    expect(await costs(lake, 'x_Estimated')).toEqual([{ x_Estimated: true }]);
    // Midnight in Los Angeles has not come yet.
    expect(
      (await collect(sourceOf(front.url, table), lake, new Date('2026-09-01T06:59:59Z'))).reports,
    ).toEqual([]);
    await collect(sourceOf(front.url, table), lake, new Date('2026-09-01T07:00:00Z'));
    expect(await costs(lake, 'x_Estimated')).toEqual([{ x_Estimated: false }]);
  });

  test('only the months asked for; one that is gone keeps its rows, and is told', async () => {
    const table = await detailed('gone', [
      usage({ cost: 9, invoice: { month: '202604' } }),
      usage({ cost: 1, invoice: { month: '202605' } }),
    ]);
    const lake = await lakeOf();
    await collect(sourceOf(front.url, table), lake);
    expect(await costs(lake, 'SUM(BilledCost) AS billed')).toEqual([{ billed: '1' }]);
    const other = await detailed('gone', [august({ cost: 2 })]);
    const { coverage } = await collect(sourceOf(front.url, other), lake);
    expect(coverage[0]).toMatchObject({
      status: 'partial',
      reason: `${table} no longer holds 2026-05; their former rows stay in force`,
    });
    expect(await costs(lake, 'SUM(BilledCost) AS billed')).toEqual([{ billed: '3' }]);
  });

  test('an empty table is no bill of zero', async () => {
    const table = await detailed('empty', []);
    const lake = await lakeOf();
    const { coverage, reports } = await collect(sourceOf(front.url, table), lake);
    expect(reports).toEqual([]);
    expect(coverage[0]).toMatchObject({ status: 'partial', asOf: null });
    expect(coverage[0]?.reason).toContain('holds no row of the invoice months asked for');
  });

  test('a table that changes while it is read is not taken', async () => {
    const table = await detailed('moving', [usage({ cost: 1 })]);
    const lake = await lakeOf();
    // A row that was exported before the survey looked, and was not there yet.
    let looks = 0;
    front.change = (method, answer) => {
      if (
        method === 'bigquery.jobs.getQueryResults' &&
        Array.isArray(answer['rows']) &&
        answer['rows'].length > 0
      )
        looks += 1;
      return looks === 1 && Array.isArray(answer['rows'])
        ? JSON.parse(JSON.stringify(answer).replace('"v":"1"', '"v":"2"'))
        : answer;
    };
    const run = await collect(sourceOf(front.url, table), lake);
    expect(run.reports).toEqual([]);
    expect(run.coverage[0]).toMatchObject({ status: 'failed' });
    expect(run.coverage[0]?.reason).toContain(
      'was read as 1 rows that add up to 1, and the table holds 2 rows',
    );
    expect(run.failed?.code).toBe('unavailable');
  });
});

describe('partitions', () => {
  test('a month is read from the partitions that hold it, the latest row among them', async () => {
    const table = await detailed('parts', [
      usage({ cost: 1, export_time: '2026-07-03T01:00:00Z' }),
      usage({ cost: 2, cost_type: 'adjustment', export_time: '2026-08-11T01:00:00Z' }),
      august({ cost: 4 }),
    ]);
    front.table = day('export_time');
    const lake = await lakeOf();
    await collect(sourceOf(front.url, table), lake);
    const [look, newest, july] = sql();
    expect(look).toContain("`export_time` >= TIMESTAMP '1970-01-01 00:00:00+00'");
    expect(newest).toContain(
      "`export_time` >= TIMESTAMP '2026-08-02T09:00:00.000000Z' AND `export_time` <= TIMESTAMP '2026-08-02T09:00:00.000000Z'",
    );
    expect(july).toContain(
      "`export_time` >= TIMESTAMP '2026-07-03T01:00:00.000000Z' AND `export_time` <= TIMESTAMP '2026-08-11T01:00:00.000000Z'",
    );
    expect(await costs(lake, 'SUM(BilledCost) AS billed')).toEqual([{ billed: '7' }]);
  });

  test('partitions by time of ingestion go by their pseudo column (the emulator has none: a column stands for it)', async () => {
    const table = await detailed('ingested', [usage({ cost: 1 }), august({ cost: 4 })]);
    front.table = { timePartitioning: { type: 'DAY' } };
    front.rewrite = (text) => text.replaceAll('_PARTITIONTIME', 'TIMESTAMP_TRUNC(export_time, DAY)');
    const lake = await lakeOf();
    await collect(sourceOf(front.url, table), lake);
    expect(sql()[2]).toContain(
      "_PARTITIONTIME >= TIMESTAMP '2026-07-03T00:00:00.000000Z' AND _PARTITIONTIME <= TIMESTAMP '2026-07-03T00:00:00.000000Z'",
    );
    expect(await costs(lake, 'SUM(BilledCost) AS billed')).toEqual([{ billed: '5' }]);
  });
});

describe('the ceiling', () => {
  const TERABYTE = 10n ** 12n;

  test('a table of 1 TB is not read: bytes and dollars are told, the other month is taken', async () => {
    const table = await detailed('huge', [usage({ cost: 1 }), august({ cost: 4 })]);
    front.bytes = (text) => (text.includes("= '202607'") ? TERABYTE : 10n * 2n ** 20n);
    const lake = await lakeOf();
    const run = await collect(sourceOf(front.url, table), lake);
    expect(run.coverage[0]).toMatchObject({ status: 'partial' });
    expect(run.coverage[0]?.reason).toBe(
      '2026-07: bill:gcp: to read 2026-07 BigQuery would read 1000000000000 bytes ($5.684342 at list price), and 214727393280 are left of the ceiling of this run Raise maximumBytesBilled of the source, or lower its months.',
    );
    expect(await costs(lake, 'SUM(BilledCost) AS billed')).toEqual([{ billed: '4' }]);
    expect(sql().some((text) => text.includes("= '202607'"))).toBe(false);
  });

  test('BigQuery itself holds every query to what is left of it', async () => {
    const table = await detailed('held', [usage({ cost: 1 })]);
    let asked = 0;
    // The dry run is an estimate: the query turns out to read more.
    front.bytes = (text) => {
      if (!text.includes("= '202607'")) return 10n * 2n ** 20n;
      asked += 1;
      return asked === 1 ? 10n : TERABYTE;
    };
    const lake = await lakeOf();
    const run = await collect(sourceOf(front.url, table), lake);
    expect(run.failed?.code).toBe('input');
    expect(run.coverage[0]?.reason).toContain('Query exceeded limit for bytes billed: 214737879040.');
    expect(run.reports).toEqual([]);
  });
});

describe('tables', () => {
  test('the standard export has no resources, and an old one no kinds of credits', async () => {
    for (const [name, fields] of [
      ['standard', STANDARD],
      ['old', OLD],
    ] as const) {
      const row = usage({ cost: 0.7, credits: [{ name: 'Sustained Usage Discount', amount: -0.2 }] });
      const table = await tableOf(emulator(), name, fields, [row]);
      const lake = await lakeOf();
      const { coverage } = await collect(sourceOf(front.url, table), lake);
      expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
      expect(await costs(lake, 'BilledCost, x_Credits, ResourceId, Tags')).toEqual([
        {
          BilledCost: '0.5',
          x_Credits: '-0.2',
          ResourceId: null,
          Tags: '{"cost-center":"cc-7","team":"vision"}',
        },
      ]);
    }
  });

  test('the FOCUS export is taken as it is, with what it lacks', async () => {
    const table = await tableOf(emulator(), 'focus', FOCUS, [
      focusRow(),
      focusRow({
        BilledCost: '0.000000001',
        EffectiveCost: '0.000000001',
        ChargePeriodStart: '2026-07-02T11:00:00Z',
        ChargePeriodEnd: '2026-07-02T12:00:00Z',
      }),
    ]);
    const lake = await lakeOf();
    const { coverage } = await collect(sourceOf(front.url, table), lake);
    expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
    expect(
      await costs(
        lake,
        'BilledCost, ListCost, ContractedCost, ChargeCategory, ServiceCategory, SubAccountId, SubAccountName, InvoiceIssuerName, Tags, x_ProjectAncestry, x_Credits, x_CreditsPromotion, BillingCurrency',
      ),
    ).toEqual([
      {
        BilledCost: '0.12345679',
        ListCost: '0.4',
        ContractedCost: '0.12345679',
        ChargeCategory: 'Usage',
        ServiceCategory: 'AI and Machine Learning',
        SubAccountId: 'acme-vision',
        SubAccountName: 'Acme Vision',
        InvoiceIssuerName: 'Google Cloud',
        Tags: '{"__proto__":"p","team":"tag"}',
        x_ProjectAncestry: '/1/2/',
        x_Credits: '-0.2',
        x_CreditsPromotion: '-0.2',
        BillingCurrency: 'EUR',
      },
    ]);
  });

  test('a table that is no export, and one that is not there, are told', async () => {
    const table = await tableOf(
      emulator(),
      'other',
      [{ name: 'x', type: 'STRING', mode: 'NULLABLE', fields: [] }],
      [],
    );
    const lake = await lakeOf();
    await expect(collect(sourceOf(front.url, table), lake)).rejects.toMatchObject({
      code: 'config',
      message: `${table} is no billing export`,
    });
    await expect(collect(sourceOf(front.url, 'bursar-test.billing.absent'), lake)).rejects.toMatchObject({
      code: 'input',
      where: 'bigquery:bursar-test.billing.absent',
    });
  });

  test('examine tries the calls and tells what a look costs', async () => {
    const table = await detailed('examined', [usage()]);
    const said = await sourceOf(front.url, table).examine?.({ meter: new Meter(), now: NOW });
    expect(said).toBe(
      `detailed export ${table} in EU; looking for changes reads 10485760 bytes ($0.000060 at list price)`,
    );
    expect(sql()).toEqual([]);
  });
});

test('a config makes the source, with what it leaves out', async () => {
  const table = await detailed('configured', [usage({ cost: 0.1 })]);
  const { sources } = parseConfig(
    `schemaVersion: 1\nsources:\n  gcp: { type: gcp-bigquery, table: ${table}, endpoint: "${front.url}" }\n`,
    'bursar.yaml',
  );
  const config = sources['gcp'];
  if (config?.type !== 'gcp-bigquery') throw new Error('no such source');
  const lake = await lakeOf();
  const { coverage } = await collect(gcpBigQuery('gcp', config), lake, new Date('2026-07-20T00:00:00Z'));
  expect(coverage[0]).toMatchObject({ scope: 'bill:gcp', status: 'complete' });
  expect(await costs(lake, 'BilledCost, x_Estimated')).toEqual([{ BilledCost: '0.1', x_Estimated: true }]);
  const { body } = front.calls.findLast(({ method }) => method === 'bigquery.jobs.insert') ?? {};
  expect(JSON.parse(JSON.stringify(body))).toMatchObject({
    jobReference: { projectId: 'bursar-test', location: 'EU' },
    configuration: { query: { useLegacySql: false, maximumBytesBilled: '214737879040' } },
  });
});
