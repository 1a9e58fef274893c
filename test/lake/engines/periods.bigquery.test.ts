import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { bigQueryEngine } from '../../../lib/lake/engine/bigquery.ts';
import { gcpInPlace } from '../../../lib/lake/inplace/gcp-source.ts';
import { openLake } from '../../../lib/lake/lake.ts';
import { folderStore } from '../../../lib/lake/store/folder.ts';
import { tableName } from '../../../lib/platform/bigquery/name.ts';
import { Meter } from '../../../lib/platform/meter.ts';
import { collect } from '../../../lib/run/collect.ts';
import { type Front, openFront } from '../../counterparts/bigquery.front.ts';
import { auditorOf, opened } from '../../run/auditor.ts';
import { clientOf, NOW, sourceOf } from '../../sources/gcp-bigquery/deliver.ts';
import { DETAILED, usage } from '../../sources/gcp-bigquery/export.ts';
import { renewBigQuery, tableOf } from '../../sources/gcp-bigquery/tables.ts';

let front: Front;
beforeAll(renewBigQuery);
beforeEach(async () => {
  front = await openFront(inject('bigqueryUrl'));
});
afterEach(() => front.close());

const july = Array.from({ length: 40 }, (_, at) =>
  usage({ cost: 0.1, resource: { name: `vm-${at}`, global_name: `//vm/${at}` } }),
);
const august = usage({
  cost: 4,
  invoice: { month: '202608' },
  usage_start_time: '2026-08-02T05:00:00Z',
  usage_end_time: '2026-08-02T06:00:00Z',
});

async function world(name: string, named: boolean) {
  const table = await tableOf(inject('bigqueryUrl'), name, DETAILED, [...july, august]);
  const folder = await mkdtemp(join(tmpdir(), 'bursar-gcp-periods-'));
  const client = clientOf(front.url);
  const asking = new Meter();
  const engine = bigQueryEngine({ client, location: 'EU', meter: asking, maximumBytesBilled: 2n ** 30n });
  const bill = gcpInPlace({
    sourceId: 'gcp',
    engine,
    client,
    table: tableName(table),
    meter: asking,
    now: () => NOW,
  });
  const lake = await openLake({
    store: folderStore(join(folder, 'lake')),
    workDir: join(folder, 'work'),
    memoryMiB: 128,
    inPlace: named ? [bill] : [],
  });
  onTestFinished(async () => {
    await lake[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const room = { free: 1e12 };
  const source = sourceOf(front.url, table, { free: async () => room.free });
  const { ledger } = await opened();
  const auditor = { ...auditorOf({ lake, ledger }, [source]), asking };
  const run = () => collect(auditor, { schemaVersion: 1, runId: 'r', kind: 'bill', sourceId: 'gcp' }, NOW);
  const months = async () =>
    (await lake.ask<{ month: string; billed: string }>('spend-by-provider-month', {}, null)).map(
      ({ month, billed }) => [month, billed],
    );
  const engines = async () => (await lake.engines()).map(({ periods, engine: id }) => [periods, id]);
  return { lake, run, months, engines, room };
}

/** How many jobs were begun. */
const jobs = () => front.calls.filter((call) => call.method === 'bigquery.jobs.insert').length;

test('a month that does not fit is left to BigQuery after its first page; what has not changed costs no query; it comes back', async () => {
  const { run, months, engines, room } = await world('periods_left', true);
  const whole = [
    ['2026-07', '4'],
    ['2026-08', '4'],
  ];
  // The one row of August fits, the forty of July do not.
  room.free = 12_000;
  const { coverage } = await run();
  expect(coverage[0]).toMatchObject({ status: 'complete' });
  expect(coverage[0]?.reason).toMatch(
    /^2026-07 is asked by bigquery where it lies \(.*\), for it is .* KiB and needs .* of disk/,
  );
  expect(await engines()).toEqual([
    [null, 'duckdb'],
    [['2026-07'], 'bigquery'],
  ]);
  expect(await months()).toEqual(whole);

  front.calls.length = 0;
  expect((await run()).coverage[0]).toMatchObject({ status: 'complete' });
  const unchanged = jobs();
  // The look for changes, tried and run.
  expect(unchanged).toBe(2);
  front.calls.length = 0;
  room.free = 1e12;
  expect((await run()).coverage[0]).toMatchObject({ status: 'complete', reason: null });
  expect(jobs()).toBeGreaterThan(unchanged);
  expect(await engines()).toEqual([[null, 'duckdb']]);
  expect(await months()).toEqual(whole);
});

test('without BigQuery in the config the coverage says what to write, and the other month is taken', async () => {
  const { run, months, room } = await world('periods_nowhere', false);
  room.free = 12_000;
  const { coverage } = await run();
  expect(coverage[0]).toMatchObject({ status: 'partial' });
  expect(coverage[0]?.reason).toContain('lake.bigquery (sources: [gcp])');
  expect(await months()).toEqual([['2026-08', '4']]);
});
