import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Decimal, decimalText } from '../../../lib/focus/decimal.ts';
import { athenaEngine } from '../../../lib/lake/engine/athena.ts';
import type { RemoteEngine } from '../../../lib/lake/engine/remote.ts';
import { exportInPlace } from '../../../lib/lake/inplace/aws-focus.ts';
import { type LakeOptions, openLake } from '../../../lib/lake/lake.ts';
import type { Lake } from '../../../lib/lake/model.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { sqliteLedger } from '../../../lib/ledger/sqlite.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { silent } from '../../../lib/platform/progress.ts';
import { audit } from '../../../lib/run/audit.ts';
import type { Auditor } from '../../../lib/run/auditor.ts';
import { collect } from '../../../lib/run/collect.ts';
import { digestInput } from '../../../lib/run/digest.ts';
import type { TaskReport } from '../../../lib/run/tasks.ts';
import { dataExportSource } from '../../../lib/sources/aws-data-export/source.ts';
import { type Moto, startMoto } from '../../counterparts/moto.ts';
import { auditorOf } from '../../run/auditor.ts';
import { bucketIn, type DeliveryOptions, Payer, s3At } from '../../sources/aws-data-export/payer.ts';
import { delivery } from '../bills.ts';
import { breaking } from '../breaking.ts';
import { AthenaServer } from './athena-server.ts';
import { comparable, QUESTIONS } from './questions.ts';
import { type Charge, charge, exportColumns, ROWS, writeParquet } from './rows.ts';
import { ask, trinoOf } from './trino-tables.ts';

const trino = inject('trino');
const LAYOUT = { money: 'double', version: '1.2' } as const;
/** moto dates what it stores by the clock. */
const NOW = new Date();
let moto: Moto;
let s3: S3Client;
let root: string;
let made = 0;
const open: (() => Promise<void>)[] = [];

beforeAll(async () => {
  moto = await startMoto();
  s3 = s3At(moto.url);
  root = await mkdtemp(join(tmpdir(), 'bursar-periods-'));
  await ask(trino, 'CREATE SCHEMA IF NOT EXISTS bills.default');
});
afterAll(async () => {
  await Promise.all(open.map((close) => close()));
  s3.destroy();
  await moto.stop();
  await rm(root, { recursive: true });
});

/** An export in S3, and a table over a copy of its files with a folder a billing period, as AWS lays them out. */
class Exported {
  readonly table = `export_${made++}`;
  readonly payer: Payer;

  constructor(bucket: string) {
    this.payer = new Payer(s3, bucket);
  }

  static async make(): Promise<Exported> {
    const one = new Exported(await bucketIn(s3, `acme-periods-${made}`));
    await mkdir(join(trino.folder, one.table), { recursive: true });
    const columns = exportColumns(LAYOUT).map(({ name, type }) => `"${name}" ${type}`);
    await ask(
      trino,
      `CREATE TABLE bills.default.${one.table} (${columns.join(', ')}, billing_period varchar)
       WITH (format = 'PARQUET', external_location = 'local:///${one.table}', partitioned_by = ARRAY['billing_period'])`,
    );
    return one;
  }

  /** A delivery of a period: S3 has it, and the table after `look`. */
  async deliver(
    period: string,
    files: readonly (readonly Charge[])[],
    { inTable = true, ...how }: DeliveryOptions & { inTable?: boolean } = {},
  ): Promise<void> {
    const { data } = this.payer.keys(period, files.length, how, 'snappy.parquet');
    const folder = join(trino.folder, this.table, `billing_period=${period}`);
    if (inTable && how.execution === undefined) await rm(folder, { recursive: true, force: true });
    const bodies: Uint8Array[] = [];
    for (const [at, rows] of files.entries()) {
      const path = join(root, `${made++}.parquet`);
      await writeParquet(path, rows, LAYOUT);
      bodies.push(await readFile(path));
      const to = join(folder, ...(data[at] ?? '').split(`BILLING_PERIOD=${period}/`).slice(1));
      if (inTable) await cp(path, to, { recursive: true });
    }
    if (inTable) await this.look();
    await this.payer.deliver(period, bodies, how);
  }

  async look(): Promise<void> {
    await ask(trino, `CALL bills.system.sync_partition_metadata('default', '${this.table}', 'FULL')`);
  }
}

interface World {
  readonly lake: Lake;
  readonly folder: string;
  readonly auditor: Auditor;
  readonly run: () => Promise<TaskReport>;
}

/** A lake that collects this export; periods in `large` do not fit on its disk. */
async function world(
  { payer, table }: Exported,
  large: ReadonlySet<string>,
  {
    engine = trinoOf(trino),
    named = true,
    store,
    ...more
  }: Partial<Omit<LakeOptions, 'engine'>> & {
    engine?: RemoteEngine;
    named?: boolean;
    setting?: LakeOptions['engine'];
    asking?: Meter;
  } = {},
): Promise<World> {
  const folder = join(root, `world-${made++}`);
  await mkdir(folder);
  const ledger = sqliteLedger(join(folder, 'ledger.sqlite'));
  const inPlace = named
    ? [exportInPlace(engine, { sourceId: 'aws', sourceType: 'aws-focus-export', table })]
    : [];
  const lake = await openLake({
    store: store ?? folderStore(join(folder, 'lake')),
    workDir: join(folder, 'work'),
    memoryMiB: 128,
    inPlace,
    ...(more.setting === undefined ? {} : { engine: more.setting }),
  });
  open.push(async () => {
    await lake[Symbol.asyncDispose]();
    await ledger.close();
  });
  const source = dataExportSource({
    id: 'aws',
    type: 'aws-focus-export',
    client: s3,
    bucket: payer.bucket,
    prefix: payer.prefix,
    free: async (at) => (large.has(basename(at)) ? 100 : 1e12),
  });
  const auditor = { ...auditorOf({ lake, ledger }, [source]), asking: more.asking ?? new Meter() };
  const task = { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: 'aws' } as const;
  return { lake, folder, auditor, run: () => collect(auditor, task, NOW) };
}

const of = (period: string, billed: string, more: Charge = {}): Charge => {
  const [year = '', month = ''] = period.split('-');
  return charge({
    BilledCost: billed,
    EffectiveCost: billed,
    BillingPeriodStart: `${period}-01T00:00:00.000Z`,
    BillingPeriodEnd: new Date(Date.UTC(Number(year), Number(month), 1)).toISOString(),
    ChargePeriodStart: `${period}-05T00:00:00.000Z`,
    ChargePeriodEnd: `${period}-06T00:00:00.000Z`,
    ...more,
  });
};

/** Billed cost by the month of the charge, wherever it is asked. */
async function totals(lake: Lake): Promise<Record<string, string>> {
  const rows = await lake.ask<{ day: string; effective: string }>(
    'spend-by-day',
    { start: '2026-01-01T00:00:00Z', end: '2027-01-01T00:00:00Z' },
    null,
  );
  return Object.fromEntries(rows.map(({ day, effective }) => [day.slice(0, 7), effective]));
}

const byEngine = async (lake: Lake) =>
  (await lake.engines()).map(({ periods, engine }) => [engine, periods] as const);

describe('a period that does not fit, beside others that do', () => {
  let whole: World;
  beforeAll(async () => {
    const acme = await Exported.make();
    const periods = Map.groupBy(ROWS, (row) => String(row.BillingPeriodStart).slice(0, 7));
    for (const [period, rows] of periods) {
      const half = Math.ceil(rows.length / 2);
      await acme.deliver(
        period,
        [rows.slice(0, half), rows.slice(half)].filter(({ length }) => length > 0),
      );
    }
    whole = await world(acme, new Set(['2026-11']));
    await whole.run();
  });

  test.each(QUESTIONS)(
    '$query: the answer of the whole bill in one place',
    async ({ query, params, answer }) => {
      const rows = await whole.lake.ask<object>(query, params, null);
      expect(comparable(rows)).toEqual(comparable(answer));
    },
  );

  test('is told: by which engine, which table, why, and what is rounded', async () => {
    expect(await byEngine(whole.lake)).toEqual([
      ['duckdb', null],
      ['trino', ['2026-11']],
    ]);
    const { coverage } = await whole.run();
    expect(coverage[0]).toMatchObject({ status: 'complete' });
    // The eight ties and 5.684341886080802e-14 are billed and effective: 2 x 9.
    expect(coverage[0]?.reason).toMatch(
      /^2026-11 is asked by trino where it lies \(trino:.*, table export_\d+\), for it is .* KiB in 2 files and needs .* of disk while it is read; 100 B are free; 18 of its costs are rounded to 18 places$/,
    );
  });

  test('is a period of the source with its totals, and cannot be exported from the lake', async () => {
    const [held] = await whole.lake.sources();
    const period = held?.periods.find((each) => each.period === '2026-11');
    expect(period?.inPlace).toMatchObject({ engine: 'trino' });
    expect(period?.rows).toBe(ROWS.filter((row) => row.BillingPeriodStart?.startsWith('2026-11')).length);
    await expect(
      whole.lake.exportPeriod({
        sourceId: 'aws',
        period: '2026-11',
        path: join(root, 'never.csv'),
        format: 'csv',
        attributed: false,
        columns: [],
      }),
    ).rejects.toMatchObject({ code: 'input', message: expect.stringContaining('is not in the lake') });
  });
});

describe('as its size changes', () => {
  test('a period goes to the table and comes back, and is counted once each time', async () => {
    const acme = await Exported.make();
    await acme.deliver('2026-09', [[of('2026-09', '9')]]);
    await acme.deliver('2026-10', [[of('2026-10', '10')]]);
    const large = new Set<string>();
    const acmes = await world(acme, large);
    await acmes.run();
    expect(await totals(acmes.lake)).toEqual({ '2026-09': '9', '2026-10': '10' });
    expect(await byEngine(acmes.lake)).toEqual([['duckdb', null]]);

    large.add('2026-10');
    await acme.deliver('2026-10', [[of('2026-10', '11')], [of('2026-10', '0.5')]]);
    await acmes.run();
    expect(await totals(acmes.lake)).toEqual({ '2026-09': '9', '2026-10': '11.5' });
    expect(await byEngine(acmes.lake)).toEqual([
      ['duckdb', null],
      ['trino', ['2026-10']],
    ]);
    // Nothing was kept of it, so nothing is compared.
    expect((await acmes.lake.history('aws')).map(({ former }) => former)).toEqual([null, null]);

    large.delete('2026-10');
    const { coverage } = await acmes.run();
    expect(coverage[0]).toMatchObject({ status: 'complete', reason: null });
    expect(await totals(acmes.lake)).toEqual({ '2026-09': '9', '2026-10': '11.5' });
    expect(await byEngine(acmes.lake)).toEqual([['duckdb', null]]);
  });

  const HERE = '[["duckdb",null]]';
  const THERE = '[["duckdb",null],["trino",["2026-10"]]]';
  const LARGE: ReadonlySet<string> = new Set(['2026-10']);
  const SMALL: ReadonlySet<string> = new Set();

  test.each([
    { way: 'to the table', before: SMALL, now: LARGE, after: false, states: [HERE, THERE] },
    // It is one write: once it is done, the period is there.
    { way: 'to the table', before: SMALL, now: LARGE, after: true, states: [THERE] },
    { way: 'back from the table', before: LARGE, now: SMALL, after: false, states: [HERE, THERE] },
    { way: 'back from the table', before: LARGE, now: SMALL, after: true, states: [HERE, THERE] },
  ])('$way: whichever write is the last (done: $after), it is asked in one place, whole', async (given) => {
    const acme = await Exported.make();
    const twice = [[of('2026-10', '10')], [of('2026-10', '1')]];
    await acme.deliver('2026-10', twice);
    const base = await world(acme, given.before);
    await base.run();
    await acme.deliver('2026-10', twice);
    const seen = new Set<string>();
    const amounts = new Set<string>();
    const failures = new Set<string>();
    for (let failing = 0; ; failing++) {
      const at = join(root, String(made++));
      await cp(join(base.folder, 'lake'), at, { recursive: true });
      const store = breaking(folderStore(at), failing, given.after);
      const broken = await world(acme, given.now, { store });
      await broken.run().catch((error: unknown) => failures.add(String(error)));
      const anew = await world(acme, given.now, { store: folderStore(at) });
      amounts.add(JSON.stringify(await totals(anew.lake)));
      seen.add(JSON.stringify(await byEngine(anew.lake)));
      if (store.writes() <= failing) break;
    }
    expect([...amounts]).toEqual(['{"2026-10":"11"}']);
    expect([...seen].toSorted()).toEqual(given.states.toSorted());
    expect([...failures]).toEqual(['Error: the power is gone']);
  });
});

describe('what is not as it should be', () => {
  test('no table is named: the coverage says what to write, and the former rows stay', async () => {
    const acme = await Exported.make();
    await acme.deliver('2026-10', [[of('2026-10', '10')]]);
    const large = new Set<string>();
    const acmes = await world(acme, large, { named: false });
    await acmes.run();
    large.add('2026-10');
    await acme.deliver('2026-10', [[of('2026-10', '11')]]);
    const { coverage } = await acmes.run();
    expect(coverage[0]?.status).not.toBe('complete');
    expect(coverage[0]?.reason).toContain('tables: { aws: TABLE }');
    expect(coverage[0]?.reason).toContain('lake.athena');
    expect(await totals(acmes.lake)).toEqual({ '2026-10': '10' });
  });

  test.each([
    {
      what: 'a table without the folder of the period',
      deliver: (acme: Exported) => acme.deliver('2026-10', [[of('2026-10', '11')]], { inTable: false }),
      prepare: (acme: Exported) =>
        rm(join(trino.folder, acme.table, 'billing_period=2026-10'), { recursive: true }),
      told: /has no row of 1 of the 1 files, such as BILLING_PERIOD=2026-10\/daily-00001/i,
    },
    {
      what: 'a table that has a file more',
      deliver: async (acme: Exported) => {
        await acme.deliver('2026-10', [[of('2026-10', '11')], [of('2026-10', '11')]]);
        await acme.deliver('2026-10', [[of('2026-10', '11')]], { inTable: false });
      },
      prepare: async () => undefined,
      told: /has 1 files that the manifest does not name/,
    },
    {
      what: 'an export that keeps every delivery',
      deliver: (acme: Exported) => acme.deliver('2026-10', [[of('2026-10', '11')]], { execution: 'one' }),
      // Such an export has no manifest above those of its deliveries; of two of the same second that one would count.
      prepare: (acme: Exported) => acme.payer.remove(acme.payer.keys('2026-10', 1).manifest),
      told: /keeps every delivery/,
    },
  ])('$what is told, and the former rows stay', async ({ deliver, prepare, told }) => {
    const acme = await Exported.make();
    await acme.deliver('2026-10', [[of('2026-10', '10')]]);
    const large = new Set<string>();
    const acmes = await world(acme, large);
    await acmes.run();
    large.add('2026-10');
    await prepare(acme);
    await deliver(acme);
    await acme.look();
    const { coverage } = await acmes.run();
    expect(coverage[0]?.status).not.toBe('complete');
    expect(coverage[0]?.reason).toMatch(told);
    expect(await totals(acmes.lake)).toEqual({ '2026-10': '10' });
  });

  test('a table that the config no longer names: no answer without it, until a run takes the period back', async () => {
    const acme = await Exported.make();
    await acme.deliver('2026-09', [[of('2026-09', '9')]]);
    await acme.deliver('2026-10', [[of('2026-10', '10')]]);
    const large = new Set<string>();
    const acmes = await world(acme, large);
    await acmes.run();
    large.add('2026-10');
    await acme.deliver('2026-10', [[of('2026-10', '11')]]);
    await acmes.run();
    const store = folderStore(join(acmes.folder, 'lake'));
    const without = await world(acme, large, { named: false, store });
    await expect(totals(without.lake)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/^aws 2026-10 cannot be asked: .*lake names no table of it/),
    });
    const { coverage } = await without.run();
    expect(coverage[0]).toMatchObject({ status: 'partial', reason: expect.stringContaining('lake.athena') });
    // The lake's own rows of before are in force again, and the coverage said that they are old.
    expect(await totals(without.lake)).toEqual({ '2026-09': '9', '2026-10': '10' });
  });

  test('Cost Explorer of the same payer is left out of a period that the table has', async () => {
    const acme = await Exported.make();
    await acme.deliver('2026-10', [[of('2026-10', '10')]]);
    const { lake, run, folder } = await world(acme, new Set(['2026-10']));
    await run();
    const path = join(folder, 'api.parquet');
    const api = (account: string, cost: string) =>
      of('2026-10', cost, { SubAccountId: account, ResourceId: null });
    await writeParquet(path, [api('111122223333', '12'), api('444455556666', '40')], LAYOUT);
    await lake.ingest(
      delivery('api', [{ path, shownAs: path, format: 'parquet' }], {
        sourceType: 'aws-cost-explorer',
        grain: 'account-service',
      }),
      NOW,
      silent,
    );
    expect(await totals(lake)).toEqual({ '2026-10': '50' });
  });
});

// 25 MB are 24 MiB begun, of $5 a TiB.
const scans = (count: number) => ({
  amount: decimalText(new Decimal('0.00011444091796875').times(count)),
  calls: expect.arrayContaining([{ api: 'athena:scan', count }]),
});

test('Athena is asked for the folder of the period alone, an unchanged period is not looked at again, and every scan is in the own cost', async () => {
  await using server = new AthenaServer(trino);
  const endpoint = await server.listen();
  const client = new AthenaClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const meter = new Meter();
  const engine = athenaEngine({
    client,
    meter,
    region: 'eu-central-1',
    workgroup: 'bursar',
    database: 'default',
    bytesLimit: 1_000_000_000n,
    exports: [],
    pollMs: 1,
  });
  const acme = await Exported.make();
  await acme.deliver('2026-09', [[of('2026-09', '9')]]);
  await acme.deliver('2026-10', [[of('2026-10', '10')]]);
  const acmes = await world(acme, new Set(['2026-10']), { engine, asking: meter });
  const first = await acmes.run();
  expect(server.started).toBe(2);
  expect(first.ownCost).toMatchObject(scans(2));
  const second = await acmes.run();
  expect(server.started).toBe(2);
  expect(second.ownCost.amount).toBe('0');
  expect(await totals(acmes.lake)).toEqual({ '2026-09': '9', '2026-10': '10' });
  expect(server.started).toBe(3);

  const all = { sources: null, scopes: null };
  const { result } = await audit(acmes.auditor, 'r', [first], all, NOW);
  expect(result.ownCost).toMatchObject(scans(server.started));
  const before = server.started;
  const { ownCost } = await digestInput(acmes.auditor, 'week', all, NOW);
  expect(server.started).toBeGreaterThan(before);
  expect(ownCost).toMatchObject(scans(server.started));
  expect(meter.total().amount).toBe('0');
  const asked = server.requests.filter(({ action }) => action === 'StartQueryExecution');
  for (const { input } of asked)
    expect(String(input['QueryString'])).toContain(`"billing_period" IN ('2026-10')`);
});
